package node

import (
	"context"
	"slices"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/exchange/paper"
	"hoox/backend/execution"
	"hoox/backend/market"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

// paperAccounts makes the general paper account and the paper twin of each exchange.
func (n *Node) paperAccounts() map[trading.AccountID]*paper.Exchange {
	accounts := map[trading.AccountID]*paper.Exchange{}
	for _, e := range trading.Exchanges() {
		id := trading.MakeAccountID(e, trading.ModePaper)
		accounts[id] = paper.New(paper.Config{
			Account: id, Instruments: n.Market.Twin(), Market: n.Market.Twin(), Book: n.Store, Now: n.Now,
			Mode: func() trading.PositionMode {
				return trading.PositionMode(n.Settings.Now().Text("exchange:" + string(e) + ":position_mode"))
			},
			Settings: n.paperSettings,
		})
	}
	return accounts
}

// paperSettings reads how the paper exchange behaves, at every use.
func (n *Node) paperSettings() paper.Settings {
	set := n.Settings.Now()
	percent := trading.RatioUnits(100, 0)
	return paper.Settings{
		Latency:       time.Duration(set.Int("paper:latency")) * time.Millisecond,
		SlippageTicks: set.Int("paper:slippage_ticks"),
		FundingRate:   set.Ratio("paper:funding_rate").Over(percent),
		RejectShare:   set.Ratio("paper:reject_percent").Over(percent),
	}
}

func (n *Node) wires() map[trading.AccountID]execution.Venue {
	wires := map[trading.AccountID]execution.Venue{}
	for id, x := range n.twins {
		wires[id] = x
	}
	return wires
}

// limits are the caps that the second look needs; sizes were decided at admission.
func (n *Node) limits(a trading.AccountID) risk.Limits {
	set := n.Settings.Now()
	now := n.Now()
	return risk.Limits{
		Enabled: set.Bool("exchange:" + string(a.Exchange()) + ":enabled"), BlockCloses: set.Bool("kill.block_closes"),
		Locks: n.spelled(set.Locks("trade:locked_symbols"), a, now), At: now,
	}
}

// spelled are the locks that hold now, and those of the same instruments as the exchange of an account spells them: "BTCPERP" for
// BTCUSDC. The second look knows no more of an order than that.
func (n *Node) spelled(locks []trading.Lock, a trading.AccountID, now time.Time) []trading.Lock {
	locks = slices.DeleteFunc(locks, func(l trading.Lock) bool { return !l.Holds(now) })
	if len(locks) == 0 {
		return nil
	}
	for _, i := range n.Market.Instruments(market.VenueOf(a)) {
		pair, spelt := trading.PlainSymbol(i.Base+i.Quote), trading.PlainSymbol(i.Symbol)
		if pair == spelt {
			continue
		}
		if at := slices.IndexFunc(locks, func(l trading.Lock) bool { return l.Symbol == pair }); at >= 0 {
			locks = append(locks, trading.Lock{Symbol: spelt, Until: locks[at].Until})
		}
	}
	return locks
}

// guarding is how long a position may be without its protection, and what is done then.
func (n *Node) guarding() execution.Guarding {
	set := n.Settings.Now()
	return execution.Guarding{Within: time.Duration(set.Int("protect:within")) * time.Second, Policy: execution.Policy(set.Text("protect:policy"))}
}

// account runs one exchange account under the supervisor.
type account struct {
	venue interface {
		Serve(ctx context.Context, sink exchange.Sink) error
	}
	sink exchange.Sink
	id   trading.AccountID
}

// Serve runs the account until ctx ends.
func (a account) Serve(ctx context.Context) error { return a.venue.Serve(ctx, a.sink) }

// String names the service in the log.
func (a account) String() string { return "account " + string(a.id) }

// venue is the account's own side, wherever it is; NotFound for an account that is not connected.
func (n *Node) venue(id trading.AccountID) (execution.Venue, error) {
	if x, ok := n.twins[id]; ok {
		return x, nil
	}
	if l, ok := n.linkOf(id); ok {
		return l.adapter, nil
	}
	return nil, trading.Errorf(trading.NotFound, "account %s is not connected", id)
}

// Positions is the exchange's own view of an account; NotFound for an account that is not connected.
func (n *Node) Positions(ctx context.Context, id trading.AccountID) ([]trading.Position, error) {
	x, err := n.venue(id)
	if err != nil {
		return nil, err
	}
	return x.Positions(ctx)
}

// Held lists the open positions of the ledger, each with what only its exchange knows: where it would be liquidated, what
// still protects it at which leverage, and when the exchange last agreed on its size. A position the exchange does not agree
// on keeps an old time, which is shown.
func (n *Node) Held(ctx context.Context) ([]trading.Position, error) {
	positions, err := n.Store.Positions(ctx)
	if err != nil {
		return nil, err
	}
	theirs := map[trading.AccountID][]trading.Position{}
	for i, p := range positions {
		list, asked := theirs[p.Account]
		if !asked {
			if list, err = n.Positions(ctx, p.Account); err != nil {
				n.Log.Warn("ask for positions", "account", p.Account, "error", err)
			}
			theirs[p.Account] = list
		}
		for _, x := range list {
			if x.Product == p.Product && x.Symbol == p.Symbol && x.Slot == p.Slot && x.Qty.Equal(p.Qty) {
				positions[i].Liquidation, positions[i].ReconciledAt = x.Liquidation, n.Now()
				positions[i].Protection, positions[i].Leverage = x.Protection, x.Leverage
			}
		}
	}
	return positions, nil
}
