package mexc

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// Prices is a source of quotes from the public streams: the best bid and ask, and the fair price of a perpetual or the
// last price of a coin. It needs no key. It is safe for concurrent use; Serve must run for quotes to come.
type Prices struct {
	cfg           exchange.PriceConfig
	futures, spot *door
	futuresURL    string
	spotURL       string

	mu     sync.RWMutex
	keys   []trading.InstrumentKey
	quotes map[trading.InstrumentKey]trading.Quote
	// changed is closed when there are other keys than those that are listened to.
	changed chan struct{}
	// streams are those that run now.
	streams []*wire.Stream
	sizes   map[string]contract
}

// NewPrices makes the source and starts nothing.
func NewPrices(c exchange.PriceConfig) (*Prices, error) {
	full := exchange.Config{Addresses: c.Addresses, Proxy: c.Proxy, Now: c.Now}.Filled(hosts())
	p := &Prices{
		cfg: c, futuresURL: full.PublicURL + futuresStream, spotURL: full.SpotPublicURL + spotStream,
		quotes: map[trading.InstrumentKey]trading.Quote{}, changed: make(chan struct{}), sizes: map[string]contract{},
	}
	var err error
	if p.futures, err = newDoor(full.RestURL, full, futuresLimits); err != nil {
		return nil, trading.Errorf(trading.Invalid, "rest address of mexc: %w", err)
	}
	if p.spot, err = newDoor(full.SpotRestURL, full, spotLimits); err != nil {
		return nil, trading.Errorf(trading.Invalid, "spot rest address of mexc: %w", err)
	}
	p.Watch(c.Keys...)
	return p, nil
}

// Watch adds instruments to those that are listened to. It never blocks.
func (p *Prices) Watch(keys ...trading.InstrumentKey) {
	p.mu.Lock()
	defer p.mu.Unlock()
	added := false
	for _, k := range keys {
		if _, had := p.quotes[k]; had || k.Product != trading.Linear && k.Product != trading.Spot {
			continue
		}
		p.quotes[k] = trading.Quote{Exchange: trading.MEXC, Product: k.Product, Symbol: k.Symbol}
		p.keys = append(p.keys, k)
		added = true
	}
	if added {
		close(p.changed)
		p.changed = make(chan struct{})
	}
}

// Serve listens until ctx ends. Other keys are listened to on streams of their own, so that those that run go on.
func (p *Prices) Serve(ctx context.Context) error {
	var work sync.WaitGroup
	defer work.Wait()
	defer p.hush()
	from := 0
	for {
		p.mu.RLock()
		keys, changed := p.keys[from:], p.changed
		p.mu.RUnlock()
		from += len(keys)
		for _, s := range p.open(keys) {
			// A stream ends only with ctx.
			work.Go(func() { _ = s.Serve(ctx) })
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}

func (p *Prices) hush() {
	p.mu.Lock()
	p.streams = nil
	p.mu.Unlock()
}

// mostTopics is how many symbols one connection listens to; spot allows 30 subscriptions, two for each symbol.
const mostTopics = 15

// open makes the streams for some keys.
func (p *Prices) open(keys []trading.InstrumentKey) []*wire.Stream {
	symbols := map[trading.Product][]string{}
	for _, k := range keys {
		symbols[k.Product] = append(symbols[k.Product], k.Symbol)
	}
	var list []*wire.Stream
	for product, all := range symbols {
		for len(all) > 0 {
			n := min(mostTopics, len(all))
			s, err := p.stream(product, all[:n])
			all = all[n:]
			if err != nil {
				p.cfg.Log.Warn("mexc price stream", "product", product, "error", err)
				continue
			}
			list = append(list, s)
		}
	}
	p.mu.Lock()
	p.streams = append(p.streams, list...)
	p.mu.Unlock()
	return list
}

func (p *Prices) stream(product trading.Product, symbols []string) (*wire.Stream, error) {
	s := p.cfg.Stream
	s.URL, s.Proxy, s.Ping, s.Message = p.futuresURL, p.cfg.Proxy, []byte(`{"method":"ping"}`), p.message
	s.PingEvery = beat(s.PingEvery)
	s.Open = func(_ context.Context, c *wire.Conn) error { return listenTickers(c, symbols) }
	if product == trading.Spot {
		s.URL, s.Ping, s.Message = p.spotURL, []byte(`{"method":"PING"}`), p.spotMessage
		s.Open = func(_ context.Context, c *wire.Conn) error {
			p.forget(symbols)
			return listenBooks(c, symbols)
		}
	}
	s.Broke = func(err error) { p.cfg.Log.Warn("mexc price stream broke", "product", product, "error", err) }
	return wire.NewStream(s)
}

// forget drops the offers of coins: what changed while nobody listened is not told again, and the last price, which comes
// by itself, would make them look like those of now.
func (p *Prices) forget(symbols []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, symbol := range symbols {
		key := trading.InstrumentKey{Product: trading.Spot, Symbol: symbol}
		q := p.quotes[key]
		if q.At.After(p.cfg.Now().Add(-justSaid)) {
			continue
		}
		q.Bid, q.Ask = trading.Price{}, trading.Price{}
		p.quotes[key] = q
	}
}

// justSaid is how old a quote may be to outlive a new connection: it was asked for a moment ago.
const justSaid = 2 * time.Second

// listenTickers subscribes to futures. A symbol that there is not is refused by itself and disturbs no other, so the
// answers are not waited for.
func listenTickers(c *wire.Conn, symbols []string) error {
	for _, symbol := range symbols {
		raw, err := json.Marshal(map[string]any{"method": "sub.ticker", "param": map[string]string{"symbol": symbol}})
		if err != nil {
			return fmt.Errorf("write the subscription: %w", err)
		}
		if err := c.Send(raw); err != nil {
			return fmt.Errorf("send the subscription: %w", err)
		}
	}
	return nil
}

// listenBooks subscribes to spot; see listenTickers.
func listenBooks(c *wire.Conn, symbols []string) error {
	var channels []string
	for _, symbol := range symbols {
		channels = append(channels, "spot@public.aggre.bookTicker.v3.api.pb@100ms@"+symbol, "spot@public.miniTicker.v3.api.pb@"+symbol+"@UTC+0")
	}
	raw, err := json.Marshal(map[string]any{"method": "SUBSCRIPTION", "params": channels})
	if err != nil {
		return fmt.Errorf("write the subscription: %w", err)
	}
	return c.Send(raw)
}

// Live tells whether every stream that is needed is up; false when none is.
func (p *Prices) Live() bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, s := range p.streams {
		if !s.Live() {
			return false
		}
	}
	return len(p.streams) > 0
}

// Quote is the last known top of the market; false until bid, ask and mark are all known. Quote.At is when MEXC said so
// last, never later than now: whoever trades decides how old is too old.
func (p *Prices) Quote(e trading.Exchange, key trading.InstrumentKey) (trading.Quote, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	q, ok := p.quotes[key]
	if e != trading.MEXC || !ok || !q.Known() {
		return trading.Quote{}, false
	}
	return q, true
}

// ticker is a row of futures prices.
type ticker struct {
	Symbol string          `json:"symbol"`
	Bid    amount          `json:"bid1"`
	Ask    amount          `json:"ask1"`
	Fair   amount          `json:"fairPrice"`
	At     exchange.Millis `json:"timestamp"`
}

func (p *Prices) message(_ context.Context, data []byte) error {
	var m pushed
	if err := json.Unmarshal(data, &m); err != nil {
		return fmt.Errorf("read a message: %w", err)
	}
	if m.Channel != "push.ticker" {
		return nil
	}
	var t ticker
	if err := json.Unmarshal(m.Data, &t); err != nil {
		return fmt.Errorf("read a ticker: %w", err)
	}
	at := t.At.Time
	if at.IsZero() {
		at = m.At.Time
	}
	p.change(trading.Linear, cmp.Or(t.Symbol, m.Symbol), at, func(q *trading.Quote) {
		replace(&q.Bid, t.Bid.price())
		replace(&q.Ask, t.Ask.price())
		replace(&q.Mark, t.Fair.price())
	})
	return nil
}

func (p *Prices) spotMessage(_ context.Context, data []byte) error {
	if a, words := spotWord(data); words {
		if strings.HasPrefix(a.Message, "Not Subscribed") {
			p.cfg.Log.Warn("mexc spot prices", "said", a.Message)
		}
		return nil
	}
	f, err := openFrame(data)
	if err != nil {
		return err
	}
	switch f.kind {
	case bodyBook:
		bid, ask, err := f.bestOf()
		if err != nil {
			return err
		}
		p.change(trading.Spot, f.symbol, f.at, func(q *trading.Quote) {
			replace(&q.Bid, bid)
			replace(&q.Ask, ask)
		})
	case bodyTicker:
		last, err := f.lastOf()
		if err != nil {
			return err
		}
		p.change(trading.Spot, f.symbol, f.at, func(q *trading.Quote) { replace(&q.Mark, last) })
	}
	return nil
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
	q, watched := p.quotes[key]
	if !watched {
		return
	}
	if at.After(q.At) {
		q.At = at
	}
	set(&q)
	p.quotes[key] = q
}

// Close drops idle connections.
func (p *Prices) Close() {
	p.futures.client.Close()
	p.spot.client.Close()
}
