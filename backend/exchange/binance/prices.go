package binance

import (
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

// The paths of the public streams. Futures keep the book and the mark apart; what is subscribed on the wrong path is
// acknowledged and stays silent.
const (
	bookPath = "/public/ws"
	markPath = "/market/ws"
	coinPath = "/ws"
)

const (
	// topicsAtOnce is how many streams one message asks for; sayEvery keeps below the five messages a second of spot.
	topicsAtOnce = 100
	sayEvery     = 250 * time.Millisecond
)

// Prices is a source of quotes from the public streams: the best bid and ask, and the mark of a perpetual or the last
// price of a coin. It needs no key. It is safe for concurrent use; Serve must run for quotes, candles need no Serve.
type Prices struct {
	cfg     exchange.PriceConfig
	clients map[trading.Product]*wire.Client
	// budgets leave half of what an address may ask for to the accounts behind it.
	budgets map[trading.Product]*wire.Budget
	feeds   []*feed

	mu     sync.RWMutex
	quotes map[trading.InstrumentKey]trading.Quote
}

// feed is one public stream with what it should say.
type feed struct {
	product trading.Product
	kinds   []string
	stream  *wire.Stream
	// stir tells that there may be something to subscribe to.
	stir chan struct{}

	mu     sync.Mutex
	conn   *wire.Conn
	topics []string
	// asked is how many of the topics were subscribed to on this connection.
	asked int
	seq   int
}

// NewPrices makes the source and starts nothing. It fails for addresses that are none.
func NewPrices(c exchange.PriceConfig) (*Prices, error) {
	c.Addresses = c.Addresses.Or(hosts(c.Mode))
	p := &Prices{cfg: c, clients: map[trading.Product]*wire.Client{}, quotes: map[trading.InstrumentKey]trading.Quote{}, budgets: map[trading.Product]*wire.Budget{
		trading.Linear: wire.NewBudget(c.Now, time.Minute, futuresWeight, futuresWeight/2), trading.Spot: wire.NewBudget(c.Now, time.Minute, spotWeight, spotWeight/2),
	}}
	for product, origin := range map[trading.Product]string{trading.Linear: c.RestURL, trading.Spot: c.SpotRestURL} {
		client, err := wire.NewClient(wire.ClientConfig{Origin: origin, Proxy: c.Proxy, Deadline: largeDeadline})
		if err != nil {
			return nil, trading.Errorf(trading.Invalid, "rest address of binance: %w", err)
		}
		p.clients[product] = client
	}
	for _, f := range []*feed{
		{product: trading.Linear, kinds: []string{"@bookTicker"}},
		{product: trading.Linear, kinds: []string{"@markPrice@1s"}},
		{product: trading.Spot, kinds: []string{"@bookTicker", "@miniTicker"}},
	} {
		path := c.PublicURL + pick(f.kinds[0] == "@bookTicker", bookPath, markPath)
		if f.product == trading.Spot {
			path = c.SpotPublicURL + coinPath
		}
		if err := p.open(f, path); err != nil {
			return nil, err
		}
		p.feeds = append(p.feeds, f)
	}
	p.Watch(c.Keys...)
	return p, nil
}

func (p *Prices) open(f *feed, url string) error {
	s := p.cfg.Stream
	s.URL, s.Proxy = url, p.cfg.Proxy
	// The answer is a sign of life where nothing is traded.
	s.Ping = []byte(`{"method":"LIST_SUBSCRIPTIONS","id":0}`)
	s.Open = func(_ context.Context, c *wire.Conn) error {
		f.mu.Lock()
		f.conn, f.asked = c, 0
		f.mu.Unlock()
		f.wake()
		return nil
	}
	s.Gap = nil
	s.Message = func(_ context.Context, data []byte) error { return p.message(f.product, data) }
	s.Broke = func(err error) {
		p.forget(f)
		p.cfg.Log.Warn("binance price stream broke", "product", f.product, "error", err)
	}
	f.stir = make(chan struct{}, 1)
	var err error
	if f.stream, err = wire.NewStream(s); err != nil {
		return trading.Errorf(trading.Invalid, "public address of binance: %w", err)
	}
	return nil
}

// forget drops what a stream said that broke: another stream must not make it look fresh.
func (p *Prices) forget(f *feed) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for key, q := range p.quotes {
		if key.Product != f.product {
			continue
		}
		if f.kinds[0] == "@bookTicker" {
			q.Bid, q.Ask = trading.Price{}, trading.Price{}
		}
		if f.product == trading.Spot || f.kinds[0] != "@bookTicker" {
			q.Mark = trading.Price{}
		}
		p.quotes[key] = q
	}
}

func (f *feed) wake() {
	select {
	case f.stir <- struct{}{}:
	default:
	}
}

// Watch listens to more instruments from now on; one that is listened to already changes nothing. It never blocks.
func (p *Prices) Watch(keys ...trading.InstrumentKey) {
	for _, f := range p.feeds {
		f.mu.Lock()
		known := map[string]bool{}
		for _, t := range f.topics {
			known[t] = true
		}
		for _, k := range keys {
			for _, kind := range f.kinds {
				t := strings.ToLower(k.Symbol) + kind
				if k.Product == f.product && k.Symbol != "" && !known[t] {
					known[t] = true
					f.topics = append(f.topics, t)
				}
			}
		}
		f.mu.Unlock()
		f.wake()
	}
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

// serve connects once there is something to listen to, and subscribes to what is new.
func (f *feed) serve(ctx context.Context) {
	var work sync.WaitGroup
	defer work.Wait()
	connected := false
	for {
		if !connected && f.wanted() {
			connected = true
			// A stream ends only with ctx.
			work.Go(func() { _ = f.stream.Serve(ctx) })
		}
		if f.subscribe() {
			if wire.Pause(ctx, sayEvery) != nil {
				return
			}
			continue
		}
		select {
		case <-ctx.Done():
			return
		case <-f.stir:
		}
	}
}

func (f *feed) wanted() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.topics) > 0
}

// subscribe asks for the next topics of this connection; false when there is nothing to ask for.
func (f *feed) subscribe() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.conn == nil || f.asked >= len(f.topics) {
		return false
	}
	next := f.topics[f.asked:min(f.asked+topicsAtOnce, len(f.topics))]
	f.seq++
	raw, err := json.Marshal(map[string]any{"method": "SUBSCRIBE", "params": next, "id": f.seq})
	if err != nil || f.conn.Send(raw) != nil {
		// The reader sees the same broken connection; the next one begins anew.
		f.conn = nil
		return false
	}
	f.asked += len(next)
	return true
}

// Live tells whether every stream that is needed is connected.
func (p *Prices) Live() bool {
	needed := 0
	for _, f := range p.feeds {
		if !f.wanted() {
			continue
		}
		needed++
		if !f.stream.Live() {
			return false
		}
	}
	return needed > 0
}

// Quote is the last known top of the market; false until bid, ask and mark are all known. Quote.At is when Binance said so
// last, never later than now: whoever trades decides how old is too old.
func (p *Prices) Quote(e trading.Exchange, key trading.InstrumentKey) (trading.Quote, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	q, ok := p.quotes[key]
	if e != trading.Binance || !ok || !q.Known() {
		return trading.Quote{}, false
	}
	return q, true
}

// priceEvent is a message of any of the streams. The book of spot has neither a kind nor a time.
type priceEvent struct {
	Kind   string          `json:"e"`
	Time   exchange.Millis `json:"E"`
	Symbol string          `json:"s"`
	Bid    trading.Price   `json:"b"`
	Ask    trading.Price   `json:"a"`
	Update number          `json:"u"`
}

// UnmarshalJSON tells keys apart that differ in case only.
func (e *priceEvent) UnmarshalJSON(data []byte) error {
	type plain priceEvent
	return exactly(data, (*plain)(e))
}

func (p *Prices) message(product trading.Product, data []byte) error {
	var answer struct {
		Error json.RawMessage `json:"error"`
	}
	if json.Unmarshal(data, &answer) == nil && len(answer.Error) > 0 {
		return fmt.Errorf("the subscription was refused: %s", answer.Error)
	}
	var kind struct {
		Kind string        `json:"e"`
		Mark trading.Price `json:"p"`
		Last trading.Price `json:"c"`
	}
	if err := exactly(data, &kind); err != nil {
		return fmt.Errorf("read a message: %w", err)
	}
	var e priceEvent
	switch kind.Kind {
	case "bookTicker", "", "markPriceUpdate", "24hrMiniTicker":
		if err := json.Unmarshal(data, &e); err != nil {
			return fmt.Errorf("read a price: %w", err)
		}
	default:
		return nil
	}
	at := e.Time.Time
	switch {
	case e.Symbol == "":
		return nil
	case kind.Kind == "markPriceUpdate":
		p.change(product, e.Symbol, at, func(q *trading.Quote) { replace(&q.Mark, kind.Mark) })
	case kind.Kind == "24hrMiniTicker":
		p.change(product, e.Symbol, at, func(q *trading.Quote) { replace(&q.Mark, kind.Last) })
	default:
		if at.IsZero() {
			// Only what has just been said comes on a stream.
			at = p.cfg.Now()
		}
		p.change(product, e.Symbol, at, func(q *trading.Quote) {
			replace(&q.Bid, e.Bid)
			replace(&q.Ask, e.Ask)
		})
	}
	return nil
}

func replace(old *trading.Price, now trading.Price) {
	if now.IsPositive() {
		*old = now
	}
}

func (p *Prices) change(product trading.Product, symbol string, at time.Time, set func(*trading.Quote)) {
	if now := p.cfg.Now(); at.After(now) {
		at = now
	}
	key := trading.InstrumentKey{Product: product, Symbol: symbol}
	p.mu.Lock()
	defer p.mu.Unlock()
	q := p.quotes[key]
	q.Exchange, q.Product, q.Symbol = trading.Binance, product, symbol
	if at.After(q.At) {
		q.At = at.UTC()
	}
	set(&q)
	p.quotes[key] = q
}
