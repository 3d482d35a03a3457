package binance

import (
	"sync"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/tape"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

const (
	longestWindow   = 3 * time.Second
	shortestWindow  = 100 * time.Millisecond
	readWindow      = 5 * time.Second
	clockMargin     = 50 * time.Millisecond
	settingsTrusted = time.Minute
	modeTrusted     = time.Minute
	listingTrusted  = time.Hour
	// spotWeight and futuresWeight are how much an address may ask for in a minute.
	spotWeight, futuresWeight = 6000, 2400
)

// Exchange is one account at Binance. It is safe for concurrent use. Serve must run for news to come.
type Exchange struct {
	cfg     exchange.Config
	spot    *side
	futures *side
	absence *tape.Absence
	started time.Time
	// wake asks for tending before its time.
	wake chan struct{}

	mu sync.Mutex
	// sent are the client order ids that this process has sent, the oldest first in line.
	sent map[trading.OrderID]bool
	line []trading.OrderID
	// settings are what was last read back about a futures symbol.
	settings map[string]setting
	mode     trading.PositionMode
	modeAt   time.Time
	// algos are the conditional orders of ours by the order that they became.
	algos map[string]algoRow
	// fundingDue is until when funding is asked for again and again, fundingAt the last moment of which it is known.
	fundingDue, fundingAt time.Time
	suffix                int
	// login is when the spot stream was last subscribed to.
	login time.Time
	// debts are protections of coins that were withdrawn and are to be placed again, by symbol.
	debts map[string][]guard

	// selling is held while coins are freed, sold or protected, so that none of it takes the coins of another; it holds one.
	selling chan struct{}
}

type setting struct {
	leverage int
	margin   trading.MarginMode
	at       time.Time
}

// side is one of the two products with all that is its own.
type side struct {
	product trading.Product
	paths   paths
	client  *wire.Client
	// bulk has the time for long answers.
	bulk   *wire.Client
	skew   *wire.Skew
	weight *wire.Budget
	orders *wire.Budget
	// limit and orderLimit are the most of both.
	limit, orderLimit int
	tape              *tape.Tape

	mu     sync.Mutex
	stream *wire.Stream
	// last is the last moment of which everything is known.
	last time.Time
	// used is the weight that was used at usedAt.
	used   int
	usedAt time.Time
	// opened tells that the key was accepted here once, shut that it was refused and when.
	opened bool
	shut   time.Time
	// symbols are those that were traded or asked about; true once they have been caught up on.
	symbols map[string]bool
	// marks are orders of ours that the exchange has shown, the newest last.
	marks   []mark
	listing map[string]trading.Instrument
	listed  time.Time
	// former are symbols that were listed once.
	former map[string]bool
}

// mark is an order that the exchange once showed.
type mark struct {
	id     trading.OrderID
	symbol string
	at     time.Time
}

// paths are where one product keeps its things.
type paths struct {
	time, ping, info, order, open, all, trades, cancelAll    string
	askWeight, openWeight, everyWeight, allWeight, tradeCost int
	// span is the most that one question about the past may cover.
	span time.Duration
}

var (
	spotPaths = paths{
		time: "/api/v3/time", ping: "/api/v3/ping", info: "/api/v3/exchangeInfo", order: "/api/v3/order", open: "/api/v3/openOrders",
		all: "/api/v3/allOrders", trades: "/api/v3/myTrades", cancelAll: "/api/v3/openOrders",
		askWeight: 4, openWeight: 6, everyWeight: 80, allWeight: 20, tradeCost: 20, span: 24*time.Hour - time.Minute,
	}
	futuresPaths = paths{
		time: "/fapi/v1/time", ping: "/fapi/v1/ping", info: "/fapi/v1/exchangeInfo", order: "/fapi/v1/order", open: "/fapi/v1/openOrders",
		all: "/fapi/v1/allOrders", trades: "/fapi/v1/userTrades", cancelAll: "/fapi/v1/allOpenOrders",
		askWeight: 1, openWeight: 1, everyWeight: 40, allWeight: 5, tradeCost: 5, span: 7*24*time.Hour - time.Minute,
	}
)

// New makes the account and starts nothing. It fails for an account that is neither testnet nor live, and for addresses
// that are none.
func New(c exchange.Config) (*Exchange, error) {
	if c.Account.Exchange() != trading.Binance || (c.Account.Mode() != trading.ModeTestnet && c.Account.Mode() != trading.ModeLive) {
		return nil, trading.FieldError("account", "%q is neither binance:testnet nor binance:live", string(c.Account))
	}
	c = c.Filled(hosts(c.Account.Mode()))
	x := &Exchange{
		cfg: c, absence: tape.NewAbsence(), started: c.Now(), wake: make(chan struct{}, 1), selling: make(chan struct{}, 1), sent: map[trading.OrderID]bool{},
		settings: map[string]setting{}, algos: map[string]algoRow{}, debts: map[string][]guard{}, fundingAt: c.Since, suffix: int(c.Now().UnixMilli() % 1e6),
	}
	var err error
	if x.spot, err = newSide(c, trading.Spot, c.SpotRestURL, spotPaths, spotWeight, 50); err != nil {
		return nil, err
	}
	if x.futures, err = newSide(c, trading.Linear, c.RestURL, futuresPaths, futuresWeight, 300); err != nil {
		return nil, err
	}
	if x.spot.stream, err = x.spotStream(); err != nil {
		return nil, trading.Errorf(trading.Invalid, "private address of %s: %w", c.Account, err)
	}
	return x, nil
}

func newSide(c exchange.Config, product trading.Product, origin string, p paths, weight, orders int) (*side, error) {
	client, err := wire.NewClient(wire.ClientConfig{Origin: origin, Proxy: c.Proxy, Deadline: c.Deadline, Dial: c.Dial, Hide: c.Key})
	if err != nil {
		return nil, trading.Errorf(trading.Invalid, "%s rest address of %s: %w", product, c.Account, err)
	}
	bulk, err := wire.NewClient(wire.ClientConfig{Origin: origin, Proxy: c.Proxy, Deadline: max(c.Deadline, largeDeadline), Dial: c.Dial, Hide: c.Key})
	if err != nil {
		return nil, trading.Errorf(trading.Invalid, "%s rest address of %s: %w", product, c.Account, err)
	}
	s := &side{
		former: map[string]bool{}, product: product, paths: p, client: client, bulk: bulk, skew: wire.NewSkew(c.Now), tape: tape.New(), last: c.Since, symbols: map[string]bool{},
		limit: weight, orderLimit: orders, weight: wire.NewBudget(c.Now, time.Minute, weight, weight/10),
		orders: wire.NewBudget(c.Now, 10*time.Second, orders, orders/5),
	}
	s.weight.Ban(c.BannedUntil)
	return s, nil
}

// hosts are the documented ones of a mode. Testnet is demo trading, because there one key opens spot and futures; spot's own
// testnet has keys of its own.
func hosts(m trading.Mode) exchange.Addresses {
	if m == trading.ModeTestnet {
		return exchange.Addresses{
			RestURL: "https://demo-fapi.binance.com", PublicURL: "wss://demo-fstream.binance.com", PrivateURL: "wss://demo-fstream.binance.com",
			SpotRestURL: "https://demo-api.binance.com", SpotPublicURL: "wss://demo-stream.binance.com", SpotPrivateURL: "wss://demo-ws-api.binance.com",
		}
	}
	return exchange.Addresses{
		RestURL: "https://fapi.binance.com", PublicURL: "wss://fstream.binance.com", PrivateURL: "wss://fstream.binance.com",
		SpotRestURL: "https://api.binance.com", SpotPublicURL: "wss://stream.binance.com:9443", SpotPrivateURL: "wss://ws-api.binance.com:443",
	}
}

func pick[T any](first bool, a, b T) T {
	if first {
		return a
	}
	return b
}

// Close drops idle connections.
func (x *Exchange) Close() {
	for _, s := range x.sides() {
		s.client.Close()
		s.bulk.Close()
	}
}

func (x *Exchange) sides() []*side { return []*side{x.futures, x.spot} }

// side is the one of a product; Rejected for a product that there is not.
func (x *Exchange) side(p trading.Product) (*side, error) {
	switch p {
	case trading.Spot:
		return x.spot, nil
	case trading.Linear:
		return x.futures, nil
	}
	return nil, trading.Errorf(trading.Rejected, "binance: there is no product %q", string(p))
}

// Lamp is how the way to Binance is doing, the worse of both products; it asks nobody.
func (x *Exchange) Lamp() trading.Lamp {
	l := trading.Lamp{Live: true, SkewKnown: true, Limit: x.futures.limit, Left: x.futures.limit}
	now, open := x.cfg.Now(), 0
	for _, s := range x.sides() {
		if until := s.weight.BannedUntil(); until.After(l.BannedUntil) && until.After(now) {
			l.BannedUntil = until
		}
		if x.left(s) {
			continue
		}
		open++
		l.Live = l.Live && s.live()
		offset, age, known := s.skew.Offset()
		l.SkewKnown = l.SkewKnown && known
		if offset.Abs() >= l.Skew.Abs() {
			l.Skew = offset
		}
		l.SkewAge = max(l.SkewAge, age)
		if left := s.leftNow(now); left*l.Limit <= l.Left*s.limit {
			l.Left, l.Limit = left, s.limit
		}
	}
	l.Live = l.Live && open > 0
	return l
}

func (s *side) live() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stream != nil && s.stream.Live()
}

// leftNow is the weight that may still be used in this minute, by the exchange's last word.
func (s *side) leftNow(now time.Time) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !now.Truncate(time.Minute).Equal(s.usedAt.Truncate(time.Minute)) {
		return s.limit
	}
	return max(s.limit-s.used, 0)
}

// left tells whether a product is left out: its key was never accepted and was refused, while the other one's is good.
func (x *Exchange) left(s *side) bool {
	other := pick(s == x.spot, x.futures, x.spot)
	s.mu.Lock()
	refused := !s.opened && !s.shut.IsZero()
	s.mu.Unlock()
	if !refused {
		return false
	}
	other.mu.Lock()
	defer other.mu.Unlock()
	return other.opened
}

// note remembers that a symbol is of interest, so that what happened there is asked for.
func (x *Exchange) note(s *side, symbol string) {
	s.mu.Lock()
	_, known := s.symbols[symbol]
	if !known && symbol != "" {
		s.symbols[symbol] = false
	}
	s.mu.Unlock()
	if !known {
		x.stir()
	}
}

// stir asks for tending soon.
func (x *Exchange) stir() {
	select {
	case x.wake <- struct{}{}:
	default:
	}
}

// remember keeps an order that the exchange showed, for the canary.
func (s *side) remember(id trading.OrderID, symbol string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.marks {
		if m.id == id {
			return
		}
	}
	s.marks = append(s.marks, mark{id, symbol, at})
	if len(s.marks) > 64 {
		s.marks = s.marks[1:]
	}
}

func (s *side) noteTime(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at.After(s.last) {
		s.last = at
	}
}
