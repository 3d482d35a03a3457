package market

import (
	"context"
	"iter"
	"maps"
	"slices"
	"sync"
	"time"

	"hoox/backend/trading"
)

// Venue is one exchange in one mode: what is listed there and what it costs there is nobody else's.
type Venue struct {
	Exchange trading.Exchange
	Mode     trading.Mode
}

// VenueOf is where an account trades.
func VenueOf(a trading.AccountID) Venue { return Venue{a.Exchange(), a.Mode()} }

// source is where the prices of one venue come from.
type source interface {
	Quote(e trading.Exchange, key trading.InstrumentKey) (trading.Quote, bool)
}

// watcher is a source that must be told what to listen to.
type watcher interface {
	Watch(keys ...trading.InstrumentKey)
}

// asker is a source whose stream tells changes only, so that a quiet market must be asked for.
type asker interface {
	Refresh(ctx context.Context, key trading.InstrumentKey) error
}

// deep is a source that knows what rests behind the touch.
type deep interface {
	Depth(q trading.Quote, side trading.Side, levels int) iter.Seq2[trading.Price, trading.Qty]
}

// stall is what the board knows about one venue.
type stall struct {
	catalogue *Catalogue
	source    source
	// name is the exchange that the source answers for, which is another one for the general paper account.
	name trading.Exchange
}

// Board keeps the instruments and prices of every venue. Venues come and go while the program runs. It is safe for
// concurrent use.
type Board struct {
	mu     sync.RWMutex
	stalls map[Venue]stall
	// wanted are the instruments whose prices somebody needs.
	wanted map[Venue]map[trading.InstrumentKey]bool
}

// NewBoard makes an empty board.
func NewBoard() *Board {
	return &Board{stalls: map[Venue]stall{}, wanted: map[Venue]map[trading.InstrumentKey]bool{}}
}

// Open puts a venue up with prices from a source that answers for exchange name.
func (b *Board) Open(v Venue, c *Catalogue, s source, name trading.Exchange) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.stalls[v] = stall{c, s, name}
}

// List replaces the instruments of a venue that is up.
func (b *Board) List(v Venue, c *Catalogue) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s, ok := b.stalls[v]; ok {
		s.catalogue = c
		b.stalls[v] = s
	}
}

func (b *Board) at(v Venue) (stall, bool) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	s, ok := b.stalls[v]
	return s, ok
}

// Quote is the top of a market as far as it is known; Quote.At says when that was.
func (b *Board) Quote(v Venue, key trading.InstrumentKey) (trading.Quote, bool) {
	s, ok := b.at(v)
	if !ok {
		return trading.Quote{}, false
	}
	q, ok := s.source.Quote(s.name, key)
	q.Exchange = v.Exchange
	return q, ok
}

// Watch has prices of an instrument come, if its source must be told.
func (b *Board) Watch(v Venue, keys ...trading.InstrumentKey) {
	b.mu.Lock()
	if b.wanted[v] == nil {
		b.wanted[v] = map[trading.InstrumentKey]bool{}
	}
	for _, key := range keys {
		b.wanted[v][key] = true
	}
	b.mu.Unlock()
	s, ok := b.at(v)
	if w, must := s.source.(watcher); ok && must {
		w.Watch(keys...)
	}
}

// Refresh asks for the price of every instrument that is watched and whose quote is older than before. It returns when all
// have been asked for, or ctx ends; what cannot be asked for stays old.
func (b *Board) Refresh(ctx context.Context, v Venue, before time.Time) {
	s, ok := b.at(v)
	a, can := s.source.(asker)
	if !ok || !can {
		return
	}
	b.mu.RLock()
	keys := slices.Collect(maps.Keys(b.wanted[v]))
	b.mu.RUnlock()
	for _, key := range keys {
		if q, known := b.Quote(v, key); known && q.At.After(before) {
			continue
		}
		if err := a.Refresh(ctx, key); err != nil && ctx.Err() != nil {
			return
		}
	}
}

// Await returns once there is a quote of an instrument that is newer than since, and false when ctx ends before: the first
// alert of a symbol must not fail because nobody has listened to it yet.
func (b *Board) Await(ctx context.Context, v Venue, key trading.InstrumentKey, since time.Time) bool {
	fresh := func() bool {
		q, ok := b.Quote(v, key)
		return ok && q.At.After(since)
	}
	if fresh() {
		return true
	}
	b.Watch(v, key)
	if s, ok := b.at(v); ok {
		// What comes of it shows in the quote; a stream may be faster.
		if a, can := s.source.(asker); can && a.Refresh(ctx, key) == nil && fresh() {
			return true
		}
	}
	look := time.NewTicker(10 * time.Millisecond)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return false
		case <-look.C:
			if fresh() {
				return true
			}
		}
	}
}

// Instrument finds an instrument of a venue by the exchange's own spelling.
func (b *Board) Instrument(v Venue, key trading.InstrumentKey) (trading.Instrument, bool) {
	s, ok := b.at(v)
	if !ok {
		return trading.Instrument{}, false
	}
	return s.catalogue.Instrument(v.Exchange, key)
}

// Instruments lists what a venue trades.
func (b *Board) Instruments(v Venue) []trading.Instrument {
	s, ok := b.at(v)
	if !ok {
		return []trading.Instrument{}
	}
	return s.catalogue.Instruments(v.Exchange)
}

// Resolve reads a symbol as an alert writes it, on the venue that mode gives for its exchange; see Catalogue.Resolve. It
// fails with Unavailable while the instruments of that venue are not known.
func (b *Board) Resolve(exchange trading.Exchange, written string, fallback trading.Product, mode func(trading.Exchange) trading.Mode) (trading.Instrument, []string, error) {
	t := ticker{product: fallback}
	t.read(written)
	on, warnings, err := t.exchange(exchange)
	if err != nil {
		return trading.Instrument{}, warnings, err
	}
	v := Venue{on, mode(on)}
	s, ok := b.at(v)
	if !ok || len(s.catalogue.all) == 0 {
		return trading.Instrument{}, warnings, trading.Errorf(trading.Unavailable, "the instruments of %s (%s) are not known yet: its connection has to come up first", v.Exchange, v.Mode)
	}
	return s.catalogue.Resolve(exchange, written, fallback)
}

// Twin is the market of a paper account: the instruments of a venue with its prices and what rests behind them.
type Twin struct {
	board *Board
	mode  trading.Mode
}

// Twin is the view for paper accounts.
func (b *Board) Twin() Twin { return Twin{b, trading.ModePaper} }

// Instrument finds an instrument.
func (t Twin) Instrument(e trading.Exchange, key trading.InstrumentKey) (trading.Instrument, bool) {
	return t.board.Instrument(Venue{e, t.mode}, key)
}

// Quote is the top of the market.
func (t Twin) Quote(e trading.Exchange, key trading.InstrumentKey) (trading.Quote, bool) {
	return t.board.Quote(Venue{e, t.mode}, key)
}

// levelWorth is what a level of a book is taken to hold, in quote currency, where only the touch is known. It is little, so
// that a paper fill is worse rather than better than a real one.
const levelWorth = 25_000

// Depth is what rests on the other side of a quote for a taker of a side, best price first. Where the source tells the
// touch only, every tick behind it is taken to hold the same small worth.
func (t Twin) Depth(q trading.Quote, side trading.Side, levels int) iter.Seq2[trading.Price, trading.Qty] {
	v := Venue{q.Exchange, t.mode}
	s, ok := t.board.at(v)
	if d, knows := s.source.(deep); ok && knows {
		q.Exchange = s.name
		return d.Depth(q, side, levels)
	}
	return func(yield func(trading.Price, trading.Qty) bool) {
		i, ok := t.Instrument(q.Exchange, trading.InstrumentKey{Product: q.Product, Symbol: q.Symbol})
		if !ok {
			return
		}
		price := q.Touch(side)
		for range levels {
			qty := i.RoundQty(trading.QtyFor(trading.MoneyUnits(levelWorth, 0), price)).Max(i.StepSize)
			if !price.IsPositive() || !yield(price, qty) {
				return
			}
			if side == trading.Buy {
				price = price.Add(i.TickSize)
			} else {
				price = price.Sub(i.TickSize)
			}
		}
	}
}
