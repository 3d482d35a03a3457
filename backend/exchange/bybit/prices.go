package bybit

import (
	"context"
	"sync"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// Prices is what Bybit tells everybody: quotes from the public streams, the best bid and ask and the mark of a perpetual or
// the last price of a coin; candles and instruments by question. It needs no key. It is safe for concurrent use; Serve
// must run for quotes to come.
type Prices struct {
	*line
	cfg   exchange.PriceConfig
	feeds map[trading.Product]*feed

	mu     sync.RWMutex
	quotes map[trading.InstrumentKey]trading.Quote
}

// NewPrices makes the source and starts nothing. It fails for addresses that are none.
func NewPrices(c exchange.PriceConfig) (*Prices, error) {
	c.Addresses = c.Addresses.Or(hosts(c.Mode))
	none := func() string { return "" }
	way, err := newLine(wire.ClientConfig{Origin: c.RestURL, Proxy: c.Proxy}, c.Now, none, none)
	if err != nil {
		return nil, trading.Errorf(trading.Invalid, "rest address of bybit: %w", err)
	}
	p := &Prices{line: way, cfg: c, feeds: map[trading.Product]*feed{}, quotes: map[trading.InstrumentKey]trading.Quote{}}
	for product, path := range map[trading.Product]string{trading.Linear: publicLinear, trading.Spot: publicSpot} {
		f := newFeed()
		s := c.Stream
		s.URL, s.Proxy, s.Ping = c.PublicURL+path, c.Proxy, []byte(`{"op":"ping"}`)
		s.Open = func(_ context.Context, c *wire.Conn) error { return p.reopen(product, c) }
		s.Message = func(_ context.Context, data []byte) error { return p.message(product, data) }
		s.Broke = func(err error) { c.Log.Warn("bybit price stream broke", "product", product, "error", err) }
		if f.stream, err = wire.NewStream(s); err != nil {
			return nil, trading.Errorf(trading.Invalid, "public address of bybit: %w", err)
		}
		p.feeds[product] = f
	}
	p.Watch(c.Keys...)
	return p, nil
}

// justSaid is how old a quote may be to outlive a new connection: it was asked for a moment ago.
const justSaid = 2 * time.Second

// reopen asks a new connection for everything. What was known is forgotten: the parts of a quote come one by one, and the
// first of them must not make the others look new.
func (p *Prices) reopen(product trading.Product, c *wire.Conn) error {
	old := p.cfg.Now().Add(-justSaid)
	p.mu.Lock()
	for key, q := range p.quotes {
		if key.Product == product && q.At.Before(old) {
			delete(p.quotes, key)
		}
	}
	p.mu.Unlock()
	return p.feeds[product].open(c)
}

// Watch adds instruments to what is listened to, now or when Serve runs. It never waits; a key that is watched already
// changes nothing.
func (p *Prices) Watch(keys ...trading.InstrumentKey) {
	for _, k := range keys {
		if f, known := p.feeds[k.Product]; known && k.Symbol != "" {
			f.add(k.Symbol)
		}
	}
}

// Live tells whether every stream that has something to listen to is up.
func (p *Prices) Live() bool {
	some := false
	for _, f := range p.feeds {
		watched := f.watched()
		if watched && !f.stream.Live() {
			return false
		}
		some = some || watched
	}
	return some
}

// Serve listens until ctx ends.
func (p *Prices) Serve(ctx context.Context) error {
	var work sync.WaitGroup
	defer work.Wait()
	for _, f := range p.feeds {
		work.Go(func() { f.serve(ctx) })
	}
	<-ctx.Done()
	return ctx.Err()
}

// Close drops idle connections.
func (p *Prices) Close() { p.client.Close() }
