package bybit

import (
	"sync"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/tape"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// The paths of the streams.
const (
	publicLinear = "/v5/public/linear"
	publicSpot   = "/v5/public/spot"
	privatePath  = "/v5/private"
)

const (
	longestWindow  = 3 * time.Second
	clockMargin    = 50 * time.Millisecond
	shortestWindow = 100 * time.Millisecond
	seatTrusted    = time.Minute
	coinsTrusted   = time.Hour
)

// Exchange is one account at Bybit. It is safe for concurrent use. Serve must run for news to come.
type Exchange struct {
	*line
	cfg     exchange.Config
	tape    *tape.Tape
	absence *tape.Absence
	private *wire.Stream

	// protecting is held by whoever changes what stands for a position; it holds one.
	protecting chan struct{}
	// trim is rung when a protection of a coin has sold, so that its siblings are cut to what is left.
	trim chan struct{}

	mu sync.Mutex
	// seats is how symbols are set up, as last read back, and margin the mode of the account.
	seats  map[string]seat
	margin reading[trading.MarginMode]
	// held is the net quantity of each perpetual as last read, and before what it was when an order was sent.
	held   map[string]reading[trading.Qty]
	before map[trading.OrderID]reading[trading.Qty]
	// parents is the order that the protection of a position belongs to.
	parents map[place]reading[trading.OrderID]
	// guards is what should stand for a coin, by the order that bought it; sold are those whose siblings are to be cut.
	guards map[trading.OrderID]guard
	sold   map[trading.OrderID]bool
	// seen is our newest order of each product that a list has shown.
	seen  map[trading.Product]canary
	coins reading[map[string]coin]
	// slots is where orders belong that are not held net, by Bybit's id.
	slots map[string]trading.Slot
	// listed is the symbol under which a coin was traded last.
	listed map[string]string
	last   time.Time
}

// reading is something that was read, and when.
type reading[T any] struct {
	value T
	at    time.Time
}

// fresh tells whether it was read less than age ago.
func (r reading[T]) fresh(now time.Time, age time.Duration) bool {
	return !r.at.IsZero() && now.Sub(r.at) < age
}

// place is where a perpetual is held.
type place struct {
	symbol string
	idx    int
}

// New makes the account and starts nothing. It fails for an account that is neither testnet nor live, and for addresses
// that are none.
func New(c exchange.Config) (*Exchange, error) {
	if c.Account.Exchange() != trading.Bybit || (c.Account.Mode() != trading.ModeTestnet && c.Account.Mode() != trading.ModeLive) {
		return nil, trading.FieldError("account", "%q is neither bybit:testnet nor bybit:live", string(c.Account))
	}
	c = c.Filled(hosts(c.Account.Mode()))
	way, err := newLine(wire.ClientConfig{Origin: c.RestURL, Proxy: c.Proxy, Deadline: c.Deadline, Dial: c.Dial, Hide: c.Key}, c.Now, c.Key, c.Secret)
	if err != nil {
		return nil, trading.Errorf(trading.Invalid, "rest address of %s: %w", c.Account, err)
	}
	x := &Exchange{
		line: way, cfg: c, tape: tape.New(), absence: tape.NewAbsence(), last: c.Since,
		protecting: make(chan struct{}, 1), trim: make(chan struct{}, 1),
		seats: map[string]seat{}, held: map[string]reading[trading.Qty]{}, before: map[trading.OrderID]reading[trading.Qty]{},
		parents: map[place]reading[trading.OrderID]{}, guards: map[trading.OrderID]guard{}, sold: map[trading.OrderID]bool{},
		seen: map[trading.Product]canary{}, listed: map[string]string{},
		slots: map[string]trading.Slot{},
	}
	x.budgets[perAddress].Ban(c.BannedUntil)
	if x.private, err = x.privateStream(); err != nil {
		return nil, trading.Errorf(trading.Invalid, "private address of %s: %w", c.Account, err)
	}
	return x, nil
}

// hosts are the documented ones of a mode. Both products are served from one.
func hosts(m trading.Mode) exchange.Addresses {
	if m == trading.ModeTestnet {
		return exchange.Addresses{RestURL: "https://api-testnet.bybit.com", PublicURL: "wss://stream-testnet.bybit.com", PrivateURL: "wss://stream-testnet.bybit.com"}
	}
	return exchange.Addresses{RestURL: "https://api.bybit.com", PublicURL: "wss://stream.bybit.com", PrivateURL: "wss://stream.bybit.com"}
}

// Close drops idle connections.
func (x *Exchange) Close() { x.client.Close() }
