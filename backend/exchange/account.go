package exchange

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"hoox/backend/trading"
	"hoox/backend/wire"
)

// Sink takes the news of an account: what happened to orders without anybody asking, and money that moved without a fill.
// Both are durable when the call returns; both may be told twice. Record of an order that the ledger does not know answers
// NotFound, which is no failure: somebody else's order. Conflict and Invalid say that the report will never be taken; any
// other kind that it was not written down and has to be told again. It is an alias of an unnamed interface, so that an interface
// elsewhere with the same methods is the same type.
type Sink = interface {
	Record(ctx context.Context, r trading.Report) error
	BookCash(ctx context.Context, c trading.Cash) error
}

// Addresses are the origins of an exchange: scheme, host and port. Those of spot are used where spot has hosts of its own.
type Addresses struct {
	RestURL, PublicURL, PrivateURL             string
	SpotRestURL, SpotPublicURL, SpotPrivateURL string
}

// Or fills in what was not given. A spot address that was not given is the other product's when that one was.
func (a Addresses) Or(standard Addresses) Addresses {
	pick := func(options ...string) string {
		for _, o := range options {
			if o != "" {
				return strings.TrimRight(o, "/")
			}
		}
		return ""
	}
	return Addresses{
		RestURL: pick(a.RestURL, standard.RestURL), PublicURL: pick(a.PublicURL, standard.PublicURL), PrivateURL: pick(a.PrivateURL, standard.PrivateURL),
		SpotRestURL:    pick(a.SpotRestURL, a.RestURL, standard.SpotRestURL),
		SpotPublicURL:  pick(a.SpotPublicURL, a.PublicURL, standard.SpotPublicURL),
		SpotPrivateURL: pick(a.SpotPrivateURL, a.PrivateURL, standard.SpotPrivateURL),
	}
}

// Config is what an account at a real exchange is made of. Account, Key, Secret, Now and Log are needed.
type Config struct {
	// Account is exchange and mode, testnet or live, with a name or without.
	Account trading.AccountID
	// Addresses that are "" are the documented hosts of the account's mode.
	Addresses
	Proxy string
	// Dial makes the connections of requests, and of streams unless Stream.Dial does; over TCP when nil.
	Dial wire.Dial
	// Key and Secret are asked at every use and never logged.
	Key, Secret func() string
	Now         func() time.Time
	// Log is told with the account in it already.
	Log *slog.Logger
	// Asset is the currency that Balance tells, "USDT" when "".
	Asset string
	// Settle is how long after an order was armed its absence may count; 60 s when zero. An exchange that takes requests for
	// longer has a bound of its own.
	Settle time.Duration
	// Deadline bounds one request; 5 s when zero.
	Deadline time.Duration
	// Since is the last moment of which the ledger is known to have everything; 24 hours ago when zero.
	Since time.Time
	// BannedUntil is Lamp.BannedUntil of a former run.
	BannedUntil time.Time
	// Patience is how long Submit waits for the outcome of an acknowledged order; 2 s when zero.
	Patience time.Duration
	// Stream tunes the private streams; what the exchange itself decides about them is set by its room.
	Stream wire.StreamConfig
}

const (
	standardSettle   = 60 * time.Second
	standardPatience = 2 * time.Second
	standardBehind   = 24 * time.Hour
)

// Filled is the config with everything that was left out, on the documented hosts of the mode.
func (c Config) Filled(hosts Addresses) Config {
	c.Addresses = c.Addresses.Or(hosts)
	if c.Asset == "" {
		c.Asset = "USDT"
	}
	if c.Settle == 0 {
		c.Settle = standardSettle
	}
	if c.Patience == 0 {
		c.Patience = standardPatience
	}
	if c.Since.IsZero() {
		c.Since = c.Now().Add(-standardBehind)
	}
	if c.Stream.Dial == nil {
		c.Stream.Dial = c.Dial
	}
	return c
}

// PriceConfig says which public prices of an exchange to listen to. Now and Log are needed, no key is.
type PriceConfig struct {
	// Mode is testnet or live; anything else is live.
	Mode trading.Mode
	// Addresses that are "" are the documented hosts of the mode; the private ones are not used.
	Addresses
	Proxy string
	// Keys are watched from the start; Watch adds to them.
	Keys []trading.InstrumentKey
	Now  func() time.Time
	Log  *slog.Logger
	// Stream tunes the streams; what the exchange itself decides about them is set by its room.
	Stream wire.StreamConfig
}
