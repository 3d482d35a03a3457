package node

import (
	"context"
	"time"

	"hoox/backend/market"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// openPaperMarket puts the paper venues on the board: on the synthetic market at once, on live prices as soon as they come.
func (n *Node) openPaperMarket() {
	standard := market.Standard()
	if n.Config.Paper.Market != "live" {
		n.synthetic = market.New(n.Config.Paper.Seed, n.Now, standard)
		for _, e := range trading.Exchanges() {
			n.Market.Open(market.Venue{Exchange: e, Mode: trading.ModePaper}, market.NewCatalogue(standard), n.synthetic, e)
		}
	}
}

// lender is the exchange whose prices the general paper account borrows when it trades on live ones.
const lender = trading.Bybit

// startPaperFeeds gives the paper twins the live public prices of their exchanges. The caller is the start.
func (n *Node) startPaperFeeds(ctx context.Context) {
	n.links.mu.Lock()
	defer n.links.mu.Unlock()
	for _, e := range realExchanges() {
		live := market.Venue{Exchange: e, Mode: trading.ModeLive}
		if err := n.openVenue(ctx, live); err != nil {
			n.Log.Error("open live prices for paper", "exchange", e, "error", err)
			continue
		}
		f := n.links.feeds[live]
		kept := n.Market.Instruments(live)
		n.Market.Open(market.Venue{Exchange: e, Mode: trading.ModePaper}, market.NewCatalogue(kept), f, e)
		if e == lender {
			n.Market.Open(market.Venue{Exchange: trading.Paper, Mode: trading.ModePaper}, market.NewCatalogue(asPaper(kept)), f, e)
		}
		n.links.tree.Add(lister{n, f, e})
	}
}

// asPaper lists instruments as the general paper account's.
func asPaper(list []trading.Instrument) []trading.Instrument {
	out := make([]trading.Instrument, len(list))
	for i, x := range list {
		x.Exchange = trading.Paper
		out[i] = x
	}
	return out
}

// lister keeps the instruments of a paper twin on live prices fresh; no key is needed for them.
type lister struct {
	n    *Node
	feed feed
	name trading.Exchange
}

// String names the service in the log.
func (l lister) String() string { return "instruments of " + string(l.name) }

// Serve reads the instruments every hour until ctx ends.
func (l lister) Serve(ctx context.Context) error {
	for {
		wait := listingAge
		if list, err := l.feed.Instruments(ctx); err != nil {
			l.n.Log.Warn("list instruments", "exchange", l.name, "error", err)
			wait = againPause
		} else if err := l.take(ctx, list); err != nil {
			l.n.Log.Error("keep instruments", "exchange", l.name, "error", err)
		}
		if err := wire.Pause(ctx, wait); err != nil {
			return err
		}
	}
}

func (l lister) take(ctx context.Context, list []trading.Instrument) error {
	if err := l.n.keepInstruments(ctx, market.Venue{Exchange: l.name, Mode: trading.ModeLive}, list); err != nil {
		return err
	}
	if l.name == lender {
		l.n.Market.List(market.Venue{Exchange: trading.Paper, Mode: trading.ModePaper}, market.NewCatalogue(asPaper(list)))
	}
	l.n.Market.List(market.Venue{Exchange: l.name, Mode: trading.ModePaper}, market.NewCatalogue(list))
	return nil
}

const (
	// rememberedTrades is how far back instruments count as traded, so that their prices come from the start.
	rememberedTrades = 30 * 24 * time.Hour
)

// watchTraded has prices come of what is open or was traded lately.
func (n *Node) watchTraded(ctx context.Context) error {
	keys, err := n.Store.Traded(ctx, n.Now().Add(-rememberedTrades))
	if err != nil {
		return err
	}
	for account, list := range keys {
		n.Market.Watch(market.VenueOf(account), list...)
	}
	return nil
}

// prices is the board as admission reads it.
type prices struct{ n *Node }

// Resolve reads a symbol on the venue that mode gives for its exchange.
func (p prices) Resolve(exchange trading.Exchange, written string, fallback trading.Product, mode func(trading.Exchange) trading.Mode) (trading.Instrument, []string, error) {
	return p.n.Market.Resolve(exchange, written, fallback, mode)
}

// Quote is the top of the market that an account trades on.
func (p prices) Quote(a trading.AccountID, key trading.InstrumentKey) (trading.Quote, bool) {
	return p.n.Market.Quote(market.VenueOf(a), key)
}

// Await has a price come of what nobody has listened to yet.
func (p prices) Await(ctx context.Context, a trading.AccountID, key trading.InstrumentKey, since time.Time) bool {
	return p.n.Market.Await(ctx, market.VenueOf(a), key, since)
}
