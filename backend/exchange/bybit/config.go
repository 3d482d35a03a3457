package bybit

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"hoox/backend/tape"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// The documented hosts.
const (
	liveRest       = "https://api.bybit.com"
	livePublic     = "wss://stream.bybit.com"
	livePrivate    = "wss://stream.bybit.com"
	testnetRest    = "https://api-testnet.bybit.com"
	testnetPublic  = "wss://stream-testnet.bybit.com"
	testnetPrivate = "wss://stream-testnet.bybit.com"
	publicLinear   = "/v5/public/linear"
	publicSpot     = "/v5/public/spot"
	privatePath    = "/v5/private"
	standardSettle = 60 * time.Second
	longestWindow  = 3 * time.Second
	freshClock     = 2 * time.Minute
	standardBehind = 24 * time.Hour
	clockMargin    = 50 * time.Millisecond
	shortestWindow = 100 * time.Millisecond
	seatTrusted    = time.Minute
	coinsTrusted   = time.Hour
)

// Sink takes the news of an account; see the paper exchange. Record of an order that the ledger does not know answers
// NotFound, which is no failure: somebody else's order.
type Sink = interface {
	Record(ctx context.Context, r trading.Report) error
	BookCash(ctx context.Context, c trading.Cash) error
}

// Config is what an account is made of. Account, Key, Secret, Now and Log are needed.
type Config struct {
	// Account is "bybit:testnet" or "bybit:live", with a name or without.
	Account trading.AccountID
	// RestURL, PublicURL and PrivateURL are origins; "" is the documented host of the account's mode.
	RestURL, PublicURL, PrivateURL string
	// The spot addresses are not used: Bybit serves both products from one host.
	SpotRestURL, SpotPublicURL, SpotPrivateURL string
	Proxy                                      string
	// Key and Secret are asked at every use and never logged.
	Key, Secret func() string
	Now         func() time.Time
	Log         *slog.Logger
	// Asset is the currency that Balance tells, "USDT" when "".
	Asset string
	// Settle is how long after an order was armed its absence may count; 60 s when zero.
	Settle time.Duration
	// Deadline bounds one request; 5 s when zero.
	Deadline time.Duration
	// Since is the last moment of which the ledger is known to have everything; 24 hours ago when zero.
	Since time.Time
	// BannedUntil is Lamp.BannedUntil of a former run.
	BannedUntil time.Time
	// Patience is how long Submit waits for the outcome of an acknowledged order; 2 s when zero.
	Patience time.Duration
	// Stream tunes the private stream; its URL, Open, Gap, Message and Ping are set here.
	Stream wire.StreamConfig
}

// Exchange is one account at Bybit. It is safe for concurrent use. Serve must run for news to come.
type Exchange struct {
	*line
	cfg     Config
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
func New(c Config) (*Exchange, error) {
	if c.Account.Exchange() != trading.Bybit || (c.Account.Mode() != trading.ModeTestnet && c.Account.Mode() != trading.ModeLive) {
		return nil, trading.FieldError("account", "%q is neither bybit:testnet nor bybit:live", string(c.Account))
	}
	c = c.filled()
	way, err := newLine(wire.ClientConfig{Origin: c.RestURL, Proxy: c.Proxy, Deadline: c.Deadline}, c.Now, c.Key, c.Secret)
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

func (c Config) filled() Config {
	rest, public, private := liveRest, livePublic, livePrivate
	if c.Account.Mode() == trading.ModeTestnet {
		rest, public, private = testnetRest, testnetPublic, testnetPrivate
	}
	c.RestURL, c.PublicURL, c.PrivateURL = or(c.RestURL, rest), or(c.PublicURL, public), or(c.PrivateURL, private)
	c.PublicURL, c.PrivateURL = strings.TrimRight(c.PublicURL, "/"), strings.TrimRight(c.PrivateURL, "/")
	c.Asset = or(c.Asset, "USDT")
	if c.Settle == 0 {
		c.Settle = standardSettle
	}
	if c.Patience == 0 {
		c.Patience = 2 * time.Second
	}
	if c.Since.IsZero() {
		c.Since = c.Now().Add(-standardBehind)
	}
	return c
}

func or(given, standard string) string {
	if given == "" {
		return standard
	}
	return given
}

// Close drops idle connections.
func (x *Exchange) Close() { x.client.Close() }
