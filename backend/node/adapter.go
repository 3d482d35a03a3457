package node

import (
	"context"
	"fmt"
	"time"

	"hoox/backend/exchange/binance"
	"hoox/backend/exchange/bybit"
	"hoox/backend/exchange/mexc"
	"hoox/backend/execution"
	"hoox/backend/trading"
)

// sink takes the news of an account; an alias, as in the rooms of the exchanges.
type sink = interface {
	Record(ctx context.Context, r trading.Report) error
	BookCash(ctx context.Context, c trading.Cash) error
}

// liver is what lives: Serve runs the account until ctx ends.
type liver interface {
	Serve(ctx context.Context, s sink) error
	Close()
	Lamp() trading.Lamp
	Ping(ctx context.Context) (time.Duration, error)
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

// newAdapter makes the account and starts nothing.
func (n *Node) newAdapter(a trading.Account) (adapter, error) {
	e := n.Config.Exchange.of(a.ID.Exchange())
	key, secret := n.secretOf(a.ID, keyName), n.secretOf(a.ID, secretName)
	log := n.Log.With("account", string(a.ID))
	switch a.ID.Exchange() {
	case trading.Bybit:
		return bybit.New(bybit.Config{
			Account: a.ID, RestURL: e.RestURL, PublicURL: e.PublicWSURL, PrivateURL: e.PrivateWSURL, Key: key, Secret: secret,
			Now: n.Now, Log: log, Since: a.CompleteUntil, BannedUntil: a.BannedUntil, Settle: n.Config.Settle,
		})
	case trading.Binance:
		return binance.New(binance.Config{
			Account: a.ID, RestURL: e.RestURL, PublicURL: e.PublicWSURL, PrivateURL: e.PrivateWSURL, SpotRestURL: e.SpotRestURL,
			SpotPublicURL: e.SpotPublicWSURL, SpotPrivateURL: e.SpotPrivateWSURL, Key: key, Secret: secret,
			Now: n.Now, Log: log, Since: a.CompleteUntil, BannedUntil: a.BannedUntil, Settle: n.Config.Settle,
		})
	case trading.MEXC:
		return mexc.New(mexc.Config{
			Account: a.ID, RestURL: e.RestURL, PublicURL: e.PublicWSURL, PrivateURL: e.PrivateWSURL, SpotRestURL: e.SpotRestURL,
			SpotPublicURL: e.SpotPublicWSURL, SpotPrivateURL: e.SpotPrivateWSURL, Key: key, Secret: secret,
			Now: n.Now, Log: log, Since: a.CompleteUntil, BannedUntil: a.BannedUntil, Settle: n.Config.Settle,
		})
	case trading.Paper:
	}
	return nil, fmt.Errorf("%s is no account at a real exchange", a.ID)
}

// newFeed makes a source of the public prices of an exchange and starts nothing.
func (n *Node) newFeed(name trading.Exchange, m trading.Mode) (feed, error) {
	e := n.Config.Exchange.of(name)
	log := n.Log.With("prices", string(name), "mode", string(m))
	switch name {
	case trading.Bybit:
		return bybit.NewPrices(bybit.PriceConfig{Mode: m, RestURL: e.RestURL, PublicURL: e.PublicWSURL, Now: n.Now, Log: log})
	case trading.Binance:
		return binance.NewPrices(binance.PriceConfig{
			Mode: m, RestURL: e.RestURL, PublicURL: e.PublicWSURL, SpotRestURL: e.SpotRestURL, SpotPublicURL: e.SpotPublicWSURL, Now: n.Now, Log: log,
		})
	case trading.MEXC:
		return mexc.NewPrices(mexc.PriceConfig{
			Mode: m, RestURL: e.RestURL, PublicURL: e.PublicWSURL, SpotRestURL: e.SpotRestURL, SpotPublicURL: e.SpotPublicWSURL, Now: n.Now, Log: log,
		})
	case trading.Paper:
	}
	return nil, fmt.Errorf("%s has no prices of its own", name)
}
