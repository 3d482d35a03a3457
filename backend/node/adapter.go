package node

import (
	"context"
	"fmt"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/exchange/binance"
	"hoox/backend/exchange/bybit"
	"hoox/backend/exchange/mexc"
	"hoox/backend/execution"
	"hoox/backend/trading"
)

// liver is what lives: Serve runs the account until ctx ends.
type liver interface {
	Serve(ctx context.Context, s exchange.Sink) error
	Close()
	Lamp() trading.Lamp
	Ping(ctx context.Context) (time.Duration, error)
	SyncClock(ctx context.Context) error
}

// teller answers what an account is and may.
type teller interface {
	Balance(ctx context.Context) (trading.Money, string, error)
	Instruments(ctx context.Context) ([]trading.Instrument, error)
	Rights(ctx context.Context) (trading.KeyRights, error)
	Setup(ctx context.Context) (trading.AccountSetup, error)
}

// keeper looks after what rests at the exchange.
type keeper interface {
	Open(ctx context.Context) ([]trading.Order, error)
	CancelAll(ctx context.Context, key trading.InstrumentKey) error
	CancelForeign(ctx context.Context, o trading.Order) error
	Amend(ctx context.Context, o trading.Order, qty trading.Qty, price trading.Price) (trading.Report, error)
}

// shaper changes what an account is; only a person asks for it.
type shaper interface {
	SetPositionMode(ctx context.Context, mode trading.PositionMode) error
	SetMarginMode(ctx context.Context, mode trading.MarginMode) error
	Protect(ctx context.Context, parent trading.OrderID, want trading.Position) error
}

// adapter is an account at a real exchange.
type adapter interface {
	execution.Venue
	liver
	teller
	keeper
	shaper
}

// feed is a source of public prices.
type feed interface {
	Serve(ctx context.Context) error
	Live() bool
	Quote(e trading.Exchange, key trading.InstrumentKey) (trading.Quote, bool)
	Watch(keys ...trading.InstrumentKey)
	Instruments(ctx context.Context) ([]trading.Instrument, error)
}

// realExchanges are those that are somewhere else.
func realExchanges() []trading.Exchange {
	return []trading.Exchange{trading.Bybit, trading.Binance, trading.MEXC}
}

// addresses are where an exchange is, as far as the configuration says.
func (e ExchangeConfig) addresses() exchange.Addresses {
	return exchange.Addresses{
		RestURL: e.RestURL, PublicURL: e.PublicWSURL, PrivateURL: e.PrivateWSURL,
		SpotRestURL: e.SpotRestURL, SpotPublicURL: e.SpotPublicWSURL, SpotPrivateURL: e.SpotPrivateWSURL,
	}
}

// newAdapter makes the account and starts nothing.
func (n *Node) newAdapter(a trading.Account) (adapter, error) {
	c := exchange.Config{
		Account: a.ID, Addresses: n.Config.Exchange.of(a.ID.Exchange()).addresses(), Key: n.secretOf(a.ID, keyName), Secret: n.secretOf(a.ID, secretName),
		Now: n.Now, Log: n.Log.With("account", string(a.ID)), Settle: n.Config.Settle, Since: a.CompleteUntil, BannedUntil: a.BannedUntil,
	}
	switch a.ID.Exchange() {
	case trading.Bybit:
		return bybit.New(c)
	case trading.Binance:
		return binance.New(c)
	case trading.MEXC:
		return mexc.New(c)
	case trading.Paper:
	}
	return nil, fmt.Errorf("%s is no account at a real exchange", a.ID)
}

// newFeed makes a source of the public prices of an exchange and starts nothing.
func (n *Node) newFeed(name trading.Exchange, m trading.Mode) (feed, error) {
	c := exchange.PriceConfig{
		Mode: m, Addresses: n.Config.Exchange.of(name).addresses(), Now: n.Now, Log: n.Log.With("prices", string(name), "mode", string(m)),
	}
	switch name {
	case trading.Bybit:
		return bybit.NewPrices(c)
	case trading.Binance:
		return binance.NewPrices(c)
	case trading.MEXC:
		return mexc.NewPrices(c)
	case trading.Paper:
	}
	return nil, fmt.Errorf("%s has no prices of its own", name)
}
