package bybit

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"

	"hoox/backend/trading"
	"hoox/backend/wire"
)

// The documented hosts.
const (
	liveRest        = "https://api.bybit.com"
	livePublic      = "wss://stream.bybit.com"
	livePrivate     = "wss://stream.bybit.com"
	testnetRest     = "https://api-testnet.bybit.com"
	testnetPublic   = "wss://stream-testnet.bybit.com"
	testnetPrivate  = "wss://stream-testnet.bybit.com"
	publicLinear    = "/v5/public/linear"
	publicSpot      = "/v5/public/spot"
	privatePath     = "/v5/private"
	standardSettle  = 60 * time.Second
	longestWindow   = 3 * time.Second
	freshClock      = 2 * time.Minute
	standardBehind  = 24 * time.Hour
	clockMargin     = 50 * time.Millisecond
	shortestWindow  = 100 * time.Millisecond
	leverageTrusted = time.Minute
)

// Sink takes the news of an account; see the paper exchange. Record of an order that the ledger does not know answers
// NotFound, which is no failure: somebody else's order.
type Sink = interface {
	Record(ctx context.Context, r trading.Report) error
	BookCash(ctx context.Context, c trading.Cash) error
}

// Config is what an account is made of. Account, Key, Secret, Now and Log are needed.
type Config struct {
	// Account is "bybit:testnet" or "bybit:live".
	Account trading.AccountID
	// RestURL, PublicURL and PrivateURL are origins; "" is the documented host of the account's mode.
	RestURL, PublicURL, PrivateURL string
	Proxy                          string
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
	// BannedUntil is BannedUntil of a former run.
	BannedUntil time.Time
	// Patience is how long Submit waits for the outcome of an acknowledged order; 2 s when zero.
	Patience time.Duration
	// Stream tunes the private stream; its URL, Open, Gap, Message and Ping are set here.
	Stream wire.StreamConfig
}

// Exchange is one account at Bybit. It is safe for concurrent use. Serve must run for news to come.
type Exchange struct {
	cfg     Config
	client  *wire.Client
	skew    *wire.Skew
	budgets map[group]*wire.Budget
	book    *orders
	private *wire.Stream

	mu sync.Mutex
	// absent counts the clean empty answers about an order.
	absent map[trading.OrderID]int
	// leverage is what was last read back, and when.
	leverage map[string]setting
	last     time.Time
}

type setting struct {
	value int
	at    time.Time
}

// New makes the account and starts nothing. It fails for an account that is neither testnet nor live, and for addresses
// that are none.
func New(c Config) (*Exchange, error) {
	if c.Account.Exchange() != trading.Bybit || (c.Account.Mode() != trading.ModeTestnet && c.Account.Mode() != trading.ModeLive) {
		return nil, trading.FieldError("account", "%q is neither bybit:testnet nor bybit:live", string(c.Account))
	}
	c = c.filled()
	client, err := wire.NewClient(wire.ClientConfig{Origin: c.RestURL, Proxy: c.Proxy, Deadline: c.Deadline})
	if err != nil {
		return nil, trading.Errorf(trading.Invalid, "rest address of %s: %w", c.Account, err)
	}
	x := &Exchange{
		cfg: c, client: client, skew: wire.NewSkew(c.Now), budgets: newBudgets(c.Now), book: newOrders(c.Account),
		absent: map[trading.OrderID]int{}, leverage: map[string]setting{}, last: c.Since,
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

// BannedUntil is until when Bybit wants to hear nothing from this address; zero when it never said so. Kept, it goes
// into Config.BannedUntil after a restart.
func (x *Exchange) BannedUntil() time.Time { return x.budgets[perAddress].BannedUntil() }

// Live tells whether the private stream is up and its gap is closed.
func (x *Exchange) Live() bool { return x.private.Live() }

// Clock is how far Bybit's clock is from ours and when that was last measured; false when it never was.
func (x *Exchange) Clock() (offset, age time.Duration, known bool) { return x.skew.Offset() }
