package market

import (
	"strconv"
	"time"

	"hoox/backend/trading"
)

// Synthetic is a market that nobody trades on: every price is a pure function of the seed, the instrument and the time.
// It has no state that changes and is safe for concurrent use.
type Synthetic struct {
	*Catalogue
	seed  int64
	now   func() time.Time
	feeds map[listing]feed
}

// feed is what is needed to price one instrument, computed once.
type feed struct {
	instrument trading.Instrument
	// base is the base price in ticks.
	base int64
	// path is shared by everything that trades the same asset, own by this listing alone.
	path, own uint64
}

// basePrices are the prices around which the synthetic market wanders, in US dollars.
var basePrices = map[string]string{
	"BTC": "60000", "ETH": "3000", "SOL": "150", "XRP": "0.6", "DOGE": "0.15", "BNB": "600", "ADA": "0.45",
	"LINK": "15", "PEPE": "0.00001", "1000PEPE": "0.01",
}

// fallbackPrice prices an asset the table does not know.
const fallbackPrice = "10"

// New makes the synthetic market of a seed over instruments; Standard lists ours. now is asked by Quote and Candles.
func New(seed int64, now func() time.Time, instruments []trading.Instrument) *Synthetic {
	s := &Synthetic{Catalogue: NewCatalogue(instruments), seed: seed, now: now, feeds: map[listing]feed{}}
	for _, i := range instruments {
		s.feeds[listingOf(i)] = feed{
			instrument: i,
			base:       baseTicks(i),
			path:       seedOf(seed, "path", i.Base),
			own:        seedOf(seed, "own", string(i.Exchange), string(i.Product), i.Symbol),
		}
	}
	return s
}

// Quote is the top of the market now; false for an instrument that is not listed.
func (s *Synthetic) Quote(e trading.Exchange, key trading.InstrumentKey) (trading.Quote, bool) {
	return s.QuoteAt(e, key, s.now())
}

// QuoteAt is the top of the market at any time, past or future; false for an instrument that is not listed. Bid and Ask
// are one or two ticks apart and Mark is not outside them.
func (s *Synthetic) QuoteAt(e trading.Exchange, key trading.InstrumentKey, at time.Time) (trading.Quote, bool) {
	f, ok := s.feeds[listing{e, key}]
	if !ok {
		return trading.Quote{}, false
	}
	mid, spread := f.mid(at), f.spread(at)
	bid := mid - spread/2
	return trading.Quote{
		Exchange: e, Product: key.Product, Symbol: key.Symbol,
		Bid: f.price(bid), Ask: f.price(bid + spread), Mark: f.price(mid),
		At: at.UTC(),
	}, true
}

// leastTicks keeps bid and ask above zero whatever the noise says.
const leastTicks = 3

// ownPeriod is how fast a listing drifts against the others, in milliseconds; ownTicks how far.
const (
	ownPeriod = 20_000
	ownTicks  = 2
)

// mid is the fair price in ticks.
func (f feed) mid(at time.Time) int64 {
	ms := at.UnixMilli()
	ticks := f.base + f.base*wander(f.path, ms)/1_000_000_000
	ticks += (2*ownTicks*noise(f.own, 0, ownPeriod, ms) + one) / (2 * one)
	return max(ticks, leastTicks)
}

// spread is 1 tick, sometimes 2.
func (f feed) spread(at time.Time) int64 {
	if lattice(f.own, 1, at.Unix()) > one/2 {
		return 2
	}
	return 1
}

func (f feed) price(ticks int64) trading.Price {
	return f.instrument.TickSize.Times(trading.RatioUnits(ticks, 0))
}

func baseTicks(i trading.Instrument) int64 {
	text, ok := basePrices[i.Base]
	if !ok {
		text = fallbackPrice
	}
	base := trading.MustPrice(text)
	if i.TickSize.IsZero() {
		return leastTicks
	}
	whole := base.Floor(i.TickSize).Part(i.TickSize)
	n, err := strconv.ParseInt(whole.String(), 10, 64)
	if err != nil || n < leastTicks {
		return leastTicks
	}
	return n
}
