package node_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/binancesim"
	"hoox/backend/exchange/exchangesim/bybitsim"
	"hoox/backend/exchange/exchangesim/mexcsim"
	"hoox/backend/market"
	"hoox/backend/node"
	"hoox/backend/trading"
)

// elsewhere is a real exchange as the program meets it: an address that speaks its wire, with an account behind it.
type elsewhere struct {
	exchange trading.Exchange
	mode     trading.Mode
	// linear and spot are the accounts behind the façades; Bybit has one for both.
	linear, spot *exchangesim.Core
	config       node.ExchangeConfig
	drop         func()
	close        func()
	// permit changes what the key may do; nil where it cannot be changed.
	permit func(binancesim.Permissions)
	// forget starts the limits of the exchange anew; nil where requests are not counted.
	forget func()
}

// cores are the accounts of an exchange, each once.
func (e *elsewhere) cores() []*exchangesim.Core {
	if e.linear == e.spot {
		return []*exchangesim.Core{e.linear}
	}
	return []*exchangesim.Core{e.linear, e.spot}
}

func (e *elsewhere) core(p trading.Product) *exchangesim.Core {
	if p == trading.Spot {
		return e.spot
	}
	return e.linear
}

func (e *elsewhere) account() trading.AccountID { return trading.MakeAccountID(e.exchange, e.mode) }

// price moves a symbol of a product.
func (e *elsewhere) price(p trading.Product, symbol, mark string) {
	e.core(p).SetPrice(symbol, trading.MustPrice(mark))
}

// listed are the instruments of an exchange that its simulator trades.
func listed(e trading.Exchange, products ...trading.Product) []trading.Instrument {
	var list []trading.Instrument
	for _, i := range market.Standard() {
		if i.Exchange == e && slices.Contains(products, i.Product) && i.Quote == "USDT" {
			list = append(list, i)
		}
	}
	return list
}

func openCore(t testing.TB, dir, name string, c exchangesim.Config) *exchangesim.Core {
	t.Helper()
	c.Key, c.Secret, c.Now, c.Log = "key-of-a-test", "secret-of-a-test", time.Now, filepath.Join(dir, name+".log")
	c.Deposit = map[string]trading.Money{"USDT": trading.MustMoney("1000000")}
	core, err := exchangesim.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, i := range c.Instruments {
		core.SetPrice(i.Symbol, startPrice(i))
	}
	t.Cleanup(func() {
		if err := core.Close(); err != nil {
			t.Errorf("close the exchange: %v", err)
		}
	})
	return core
}

// startPrice is a price at which an ordinary order is worth something.
func startPrice(i trading.Instrument) trading.Price {
	if i.Base == "BTC" {
		return trading.MustPrice("60000")
	}
	return trading.MustPrice("100")
}

// openExchange starts an exchange of our own on this computer, with its keys in the environment. more is what it lists
// besides; only Bybit's takes any.
func openExchange(t testing.TB, e trading.Exchange, more ...trading.Instrument) *elsewhere {
	t.Helper()
	x := serveExchange(t, e, more...)
	for name, value := range x.secrets() {
		setenv(t, "HOOX_SECRET_"+name, value)
	}
	return x
}

// secrets are both halves of the key by their names in the vault.
func (e *elsewhere) secrets() map[string]string {
	key, secret := node.KeyNames(e.account())
	return map[string]string{key: "key-of-a-test", secret: "secret-of-a-test"}
}

// serveExchange starts an exchange of our own on this computer to which nobody has the keys yet.
func serveExchange(t testing.TB, e trading.Exchange, more ...trading.Instrument) *elsewhere {
	t.Helper()
	x, servers := raiseExchange(t, e, t.TempDir(), more...)
	x.config = node.ExchangeConfig{Mode: string(x.mode)}
	x.config.RestURL, x.config.PublicWSURL = serve(t, servers[0])
	x.config.PrivateWSURL = x.config.PublicWSURL
	if len(servers) > 1 {
		x.config.SpotRestURL, x.config.SpotPublicWSURL = serve(t, servers[1])
		x.config.SpotPrivateWSURL = x.config.SpotPublicWSURL
	}
	t.Cleanup(x.close)
	return x
}

// raiseExchange makes an exchange of our own, whose logs are in dir, and what is to be served of it: the façade of the
// perpetuals, or of both products, and then that of spot where it has one.
func raiseExchange(t testing.TB, e trading.Exchange, dir string, more ...trading.Instrument) (x *elsewhere, servers []http.Handler) {
	t.Helper()
	x = &elsewhere{exchange: e, mode: trading.ModeTestnet}
	switch e {
	case trading.Bybit:
		x.linear = openCore(t, dir, "bybit", bybitsim.Account(exchangesim.Config{Instruments: append(listed(e, trading.Linear, trading.Spot), more...)}))
		x.spot = x.linear
		s := bybitsim.New(x.linear, bybitsim.Options{Async: true})
		servers, x.drop, x.close = []http.Handler{s}, s.DropStreams, s.Close
	case trading.Binance:
		x.linear = openCore(t, dir, "futures", exchangesim.Config{Instruments: listed(e, trading.Linear), IDs: exchangesim.UniqueWhileOpen})
		x.spot = openCore(t, dir, "spot", exchangesim.Config{Instruments: listed(e, trading.Spot), IDs: exchangesim.UniqueWhileOpen, OwnSpotFee: true})
		f, s := binancesim.NewFutures(x.linear, binancesim.Options{Testnet: true}), binancesim.NewSpot(x.spot, binancesim.Options{Testnet: true})
		servers = []http.Handler{f, s}
		x.drop, x.close = func() { f.DropStreams(); s.DropStreams() }, func() { f.Close(); s.Close() }
		x.permit = func(p binancesim.Permissions) { f.SetPermissions(p); s.SetPermissions(p) }
		x.forget = func() { f.ForgetUse(); s.ForgetUse() }
	case trading.MEXC:
		// MEXC has no testnet.
		x.mode = trading.ModeLive
		sizes := map[string]trading.Qty{}
		for _, i := range listed(e, trading.Linear) {
			sizes[i.Symbol] = i.StepSize
		}
		x.linear = openCore(t, dir, "futures", exchangesim.Config{Instruments: listed(e, trading.Linear), IDs: exchangesim.ReturnsFirst, NewID: mexcsim.FuturesID})
		x.spot = openCore(t, dir, "spot", exchangesim.Config{Instruments: listed(e, trading.Spot), IDs: exchangesim.Free, NewID: mexcsim.SpotID})
		f, s := mexcsim.NewFutures(x.linear, mexcsim.Options{ContractSize: sizes}), mexcsim.NewSpot(x.spot, mexcsim.Options{})
		servers = []http.Handler{f, s}
		x.drop, x.close = func() { f.DropStreams(); s.DropStreams() }, func() { f.Close(); s.Close() }
	}
	return x, servers
}

func setenv(t testing.TB, name, value string) {
	t.Helper()
	if s, ok := t.(interface{ Setenv(string, string) }); ok {
		s.Setenv(name, value)
	}
}

// serve puts a handler on a port of this computer and returns its two origins.
func serve(t testing.TB, h http.Handler) (rest, stream string) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL, "ws" + strings.TrimPrefix(server.URL, "http")
}

// startOn runs a node that trades on an exchange of our own, and wants its account open.
func startOn(t testing.TB, x *elsewhere, dir string, change ...func(*node.Config)) *house {
	t.Helper()
	h := runOn(t, x, dir, change...)
	if err := h.Engine.Ready(x.account()); err != nil {
		t.Fatalf("account %s takes no entries after the start: %v", x.account(), err)
	}
	return h
}

// runOn runs a node that is to trade on an exchange of our own.
func runOn(t testing.TB, x *elsewhere, dir string, change ...func(*node.Config)) *house {
	t.Helper()
	c, err := node.Load(node.Flags{DataDir: dir, GatewayListen: "127.0.0.1:0"}, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	switch x.exchange {
	case trading.Bybit:
		c.Exchange.Bybit = x.config
	case trading.Binance:
		c.Exchange.Binance = x.config
	case trading.MEXC:
		c.Exchange.MEXC = x.config
	}
	for _, f := range change {
		f(&c)
	}
	h := run(t, c)
	for key, value := range map[string]string{"trade:max_position_size": "0", "trade:max_exposure": "0", "trade:max_order_size": "0", "kill.trip.unknowns": "0"} {
		if err := h.ChangeSetting(t.Context(), key, value, "test"); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

// until waits until something is so, looking whenever the ledger changed and a few times a second.
func (h *house) until(what string, is func() bool) {
	h.t.Helper()
	h.untilIn(time.Minute, what, is)
}

// untilIn is until with a patience of its own.
func (h *house) untilIn(patience time.Duration, what string, is func() bool) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), patience)
	defer cancel()
	hints := h.Hub.Subscribe()
	defer hints.Close()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-hints.C:
		case <-tick.C:
		case <-ctx.Done():
			h.t.Fatalf("waited in vain: %s", what)
		}
	}
}

// holds is the signed quantity that the ledger has of an instrument.
func (h *house) holds(a trading.AccountID, p trading.Product, symbol string) trading.Qty {
	h.t.Helper()
	list, err := h.Store.Positions(h.t.Context())
	if err != nil {
		h.t.Fatal(err)
	}
	var q trading.Qty
	for _, pos := range list {
		if pos.Account == a && pos.Product == p && pos.Symbol == symbol {
			q = q.Add(pos.Qty)
		}
	}
	return q
}
