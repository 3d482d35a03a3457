package bybit

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"hoox/backend/trading"
	"hoox/backend/wire"
)

// PriceConfig says which prices to listen to. Mode, Keys, Now and Log are needed.
type PriceConfig struct {
	// Mode is testnet or live; "" for a PublicURL of one's own.
	Mode trading.Mode
	// PublicURL is an origin; "" is the documented host of the mode.
	PublicURL string
	Proxy     string
	Keys      []trading.InstrumentKey
	Now       func() time.Time
	Log       *slog.Logger
	// Stream tunes the streams; URL, Open, Message and Ping are set here.
	Stream wire.StreamConfig
}

// Prices is a source of quotes from the public streams: the best bid and ask, and the mark of a perpetual or the last
// price of a coin. It needs no key. It is safe for concurrent use; Serve must run.
type Prices struct {
	cfg     PriceConfig
	streams []*wire.Stream

	mu     sync.RWMutex
	quotes map[trading.InstrumentKey]trading.Quote
}

// NewPrices makes the source and starts nothing.
func NewPrices(c PriceConfig) (*Prices, error) {
	standard := livePublic
	if c.Mode == trading.ModeTestnet {
		standard = testnetPublic
	}
	c.PublicURL = strings.TrimRight(or(c.PublicURL, standard), "/")
	p := &Prices{cfg: c, quotes: map[trading.InstrumentKey]trading.Quote{}}
	for product, path := range map[trading.Product]string{trading.Linear: publicLinear, trading.Spot: publicSpot} {
		var topics []string
		for _, k := range c.Keys {
			if k.Product == product {
				topics = append(topics, "tickers."+k.Symbol, "orderbook.1."+k.Symbol)
			}
		}
		if len(topics) == 0 {
			continue
		}
		s := c.Stream
		s.URL, s.Proxy, s.Ping = c.PublicURL+path, c.Proxy, []byte(`{"op":"ping"}`)
		s.Open = func(_ context.Context, conn *wire.Conn) error { return subscribe(conn, topics) }
		s.Message = func(_ context.Context, data []byte) error { return p.message(product, data) }
		s.Broke = func(err error) { c.Log.Warn("bybit price stream broke", "product", product, "error", err) }
		stream, err := wire.NewStream(s)
		if err != nil {
			return nil, trading.Errorf(trading.Invalid, "public address of bybit: %w", err)
		}
		p.streams = append(p.streams, stream)
	}
	return p, nil
}

// subscribe asks for topics, ten at a time, the most that spot takes.
func subscribe(c *wire.Conn, topics []string) error {
	for len(topics) > 0 {
		n := min(10, len(topics))
		if err := ask(c, "subscribe", map[string]any{"op": "subscribe", "args": topics[:n]}); err != nil {
			return err
		}
		topics = topics[n:]
	}
	return nil
}

// Serve listens until ctx ends.
func (p *Prices) Serve(ctx context.Context) error {
	var work sync.WaitGroup
	defer work.Wait()
	for _, s := range p.streams {
		// A stream ends only with ctx.
		work.Go(func() { _ = s.Serve(ctx) })
	}
	<-ctx.Done()
	return ctx.Err()
}

// Quote is the last known top of the market; false until bid, ask and mark are all known. Quote.At is when Bybit said so
// last, never later than now: whoever trades decides how old is too old.
func (p *Prices) Quote(e trading.Exchange, key trading.InstrumentKey) (trading.Quote, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	q, ok := p.quotes[key]
	if e != trading.Bybit || !ok || !q.Bid.IsPositive() || !q.Ask.IsPositive() || !q.Mark.IsPositive() {
		return trading.Quote{}, false
	}
	return q, true
}

// ticker holds only what changed; what is absent stays as it was.
type ticker struct {
	Symbol string        `json:"symbol"`
	Mark   trading.Price `json:"markPrice"`
	Last   trading.Price `json:"lastPrice"`
}

// top is the first level of the book, as pairs of price and size; a side that did not change is empty.
type top struct {
	Symbol string             `json:"s"`
	Bids   [][2]trading.Price `json:"b"`
	Asks   [][2]trading.Price `json:"a"`
}

func (p *Prices) message(product trading.Product, data []byte) error {
	var m struct {
		Topic string          `json:"topic"`
		Time  int64           `json:"ts"`
		Data  json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return fmt.Errorf("read a message: %w", err)
	}
	at := time.UnixMilli(m.Time).UTC()
	switch kind, _, _ := strings.Cut(m.Topic, "."); kind {
	case "tickers":
		var t ticker
		if err := json.Unmarshal(m.Data, &t); err != nil {
			return fmt.Errorf("read a ticker: %w", err)
		}
		mark := t.Mark
		if product == trading.Spot {
			mark = t.Last
		}
		p.change(product, t.Symbol, at, func(q *trading.Quote) { replace(&q.Mark, mark) })
	case "orderbook":
		var t top
		if err := json.Unmarshal(m.Data, &t); err != nil {
			return fmt.Errorf("read the book: %w", err)
		}
		p.change(product, t.Symbol, at, func(q *trading.Quote) {
			replace(&q.Bid, best(t.Bids))
			replace(&q.Ask, best(t.Asks))
		})
	}
	return nil
}

// best is the price of the level that has something on offer; a level of size zero is one that went.
func best(levels [][2]trading.Price) trading.Price {
	for _, l := range levels {
		if l[1].IsPositive() {
			return l[0]
		}
	}
	return trading.Price{}
}

func replace(old *trading.Price, now trading.Price) {
	if now.IsPositive() {
		*old = now
	}
}

func (p *Prices) change(product trading.Product, symbol string, at time.Time, set func(*trading.Quote)) {
	if now := p.cfg.Now().UTC(); at.After(now) {
		at = now
	}
	key := trading.InstrumentKey{Product: product, Symbol: symbol}
	p.mu.Lock()
	defer p.mu.Unlock()
	q := p.quotes[key]
	q.Exchange, q.Product, q.Symbol = trading.Bybit, product, symbol
	if at.After(q.At) {
		q.At = at
	}
	set(&q)
	p.quotes[key] = q
}
