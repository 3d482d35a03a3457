package exchangesim_test

import (
	"path/filepath"
	"testing"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangetest"
	"hoox/backend/trading"
)

// world is one account whose market a test moves.
type world struct {
	*exchangesim.Core
	clock *exchangetest.Clock
	cfg   exchangesim.Config
}

func instruments() []trading.Instrument {
	return []trading.Instrument{{
		Exchange: trading.Bybit, Product: trading.Linear, Symbol: "BTCUSDT", Base: "BTC", Quote: "USDT", TickSize: trading.MustPrice("0.1"),
		StepSize: trading.MustQty("0.001"), MinQty: trading.MustQty("0.001"), MaxQty: trading.MustQty("100"), MinNotional: trading.MustMoney("5"),
		MaxLeverage: 100, MakerFee: trading.MustRatio("0.0002"), TakerFee: trading.MustRatio("0.0005"), Maintenance: trading.MustRatio("0.005"),
	}, {
		Exchange: trading.Bybit, Product: trading.Spot, Symbol: "BTCUSDT", Base: "BTC", Quote: "USDT", TickSize: trading.MustPrice("0.1"),
		StepSize: trading.MustQty("0.00001"), MinQty: trading.MustQty("0.00001"), MaxQty: trading.MustQty("50"), MinNotional: trading.MustMoney("5"),
		MaxLeverage: 1, MakerFee: trading.MustRatio("0.001"), TakerFee: trading.MustRatio("0.001"),
	}}
}

func newWorld(t interface {
	Helper()
	Fatal(...any)
}, dir string, change ...func(*exchangesim.Config)) *world {
	t.Helper()
	w := &world{clock: exchangetest.NewClock(time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC))}
	w.cfg = exchangesim.Config{
		Key: "key", Secret: "secret", Log: filepath.Join(dir, "exchange.log"), Now: w.clock.Now, Instruments: instruments(),
		Deposit: map[string]trading.Money{"USDT": trading.MustMoney("10000")}, IDs: exchangesim.UniqueForever, OwnSpotFee: true,
	}
	for _, f := range change {
		f(&w.cfg)
	}
	core, err := exchangesim.Open(w.cfg)
	if err != nil {
		t.Fatal(err)
	}
	w.Core = core
	w.price("60000")
	return w
}

func simple(t *testing.T, change ...func(*exchangesim.Config)) *world {
	t.Helper()
	w := newWorld(t, t.TempDir(), change...)
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

func (w *world) price(text string) { w.SetPrice("BTCUSDT", trading.MustPrice(text)) }

// linear is a market order on the perpetual.
func linear(side trading.Side, qty string) exchangesim.Request {
	return exchangesim.Request{Product: trading.Linear, Symbol: "BTCUSDT", Side: side, Qty: trading.MustQty(qty)}
}

func (w *world) must(t *testing.T, r exchangesim.Request) exchangesim.Order {
	t.Helper()
	o, no := w.Place(r)
	if no != nil {
		t.Fatalf("place %+v: refused with %s (%s)", r, no.Why, no.Text)
	}
	return o
}

func (w *world) wants(t *testing.T, r exchangesim.Request, why exchangesim.Why) {
	t.Helper()
	before := len(w.Orders())
	o, no := w.Place(r)
	if no == nil || no.Why != why {
		t.Errorf("place %+v: had %+v and order %+v, want the refusal %s", r, no, o, why)
	}
	if n := len(w.Orders()); n != before {
		t.Errorf("a refused order was booked: %d orders, want %d", n, before)
	}
}

// held is the signed quantity of the one-way position.
func (w *world) held() string { return w.Position("BTCUSDT", trading.SlotBoth).Qty.String() }

func (w *world) total(asset string) string {
	total, _ := w.Balance(asset)
	return total.String()
}

func (w *world) status(t *testing.T, id string) exchangesim.Order {
	t.Helper()
	for _, o := range w.Orders() {
		if o.ID == id {
			return o
		}
	}
	t.Fatalf("order %s is gone", id)
	return exchangesim.Order{}
}
