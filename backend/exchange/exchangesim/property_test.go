package exchangesim_test

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// TestBooksBalanceWhateverHappens drives an account at random and holds after every step that the money is what the
// fills say, that reduce-only never flipped, that what is free is no more than what there is, and in the end that the
// log gives the same account again.
func TestBooksBalanceWhateverHappens(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "exchangesim")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		w := newWorld(t, dir)
		w.SetLeverage("BTCUSDT", rapid.IntRange(1, 50).Draw(t, "leverage"))
		if rapid.Bool().Draw(t, "isolated") {
			w.SetIsolated(true)
		}
		if rapid.Bool().Draw(t, "hedge") {
			w.SetHedge(true)
		}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			step(t, w)
			w.clock.Pass(time.Second)
			balanced(t, w)
		}
		again, err := exchangesim.Open(w.cfg)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(w.Orders(), again.Orders(), exact()) + cmp.Diff(w.Positions(), again.Positions(), exact()) + cmp.Diff(w.Balances(), again.Balances(), exact()); d != "" {
			t.Fatalf("the log gives another account (-before +after):\n%s", d)
		}
		if err := again.Close(); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	})
}

func drawPrice(t *rapid.T, name string) trading.Price {
	return trading.PriceUnits(rapid.Int64Range(400_000, 800_000).Draw(t, name), -1)
}

func drawRequest(t *rapid.T, w *world) exchangesim.Request {
	kinds := []exchangesim.Kind{exchangesim.Market, exchangesim.Limit, exchangesim.StopMarket, exchangesim.TargetLimit, exchangesim.Trailing}
	r := exchangesim.Request{
		Product: rapid.SampledFrom([]trading.Product{trading.Linear, trading.Linear, trading.Spot}).Draw(t, "product"), Symbol: "BTCUSDT",
		Side: rapid.SampledFrom([]trading.Side{trading.Buy, trading.Sell}).Draw(t, "side"), Kind: rapid.SampledFrom(kinds).Draw(t, "kind"),
		TIF: rapid.SampledFrom([]exchangesim.TIF{exchangesim.GTC, exchangesim.IOC, exchangesim.PostOnly}).Draw(t, "tif"),
		Qty: trading.QtyUnits(rapid.Int64Range(1, 2000).Draw(t, "qty"), -3), ReduceOnly: rapid.Bool().Draw(t, "reduce"),
		Link: rapid.SampledFrom([]string{"", "a", "b", "c", "d", "e"}).Draw(t, "link"), Algo: rapid.Bool().Draw(t, "algo"),
		Slices: rapid.IntRange(0, 3).Draw(t, "slices"), Group: rapid.SampledFrom([]string{"", "", "g"}).Draw(t, "group"),
	}
	if r.Kind.Priced() {
		r.Price = drawPrice(t, "limit")
	}
	if r.Kind.Conditional() {
		r.Trigger, r.Distance = drawPrice(t, "trigger"), trading.MustPrice("500")
	}
	if !r.ReduceOnly && rapid.Bool().Draw(t, "guarded") {
		r.StopLoss, r.TakeProfit = drawPrice(t, "stop"), drawPrice(t, "target")
	}
	if w.Hedge() && r.Product == trading.Linear {
		r.Slot = rapid.SampledFrom([]trading.Slot{trading.SlotLong, trading.SlotShort}).Draw(t, "slot")
	}
	return r
}

func step(t *rapid.T, w *world) {
	slot := trading.SlotBoth
	if w.Hedge() {
		slot = trading.SlotLong
	}
	switch rapid.SampledFrom([]string{"place", "place", "place", "price", "price", "cancel", "amend", "funding", "guard", "take over"}).Draw(t, "step") {
	case "place":
		w.Place(drawRequest(t, w))
	case "price":
		w.SetPrice("BTCUSDT", drawPrice(t, "mark"))
	case "cancel":
		w.CancelWhere(func(o exchangesim.Order) bool { return o.Seq%2 == 0 })
	case "amend":
		for _, o := range w.OpenOrders(trading.Linear, "") {
			w.Amend(o.ID, trading.QtyUnits(rapid.Int64Range(1, 2000).Draw(t, "new qty"), -3), trading.Price{})
			break
		}
	case "funding":
		w.Funding("BTCUSDT", trading.RatioUnits(rapid.Int64Range(-50, 50).Draw(t, "rate"), -5))
	case "guard":
		w.Protect("BTCUSDT", slot, exchangesim.Guard{StopLoss: drawPrice(t, "new stop"), Trailing: trading.MustPrice("700")})
	case "take over":
		w.ADL("BTCUSDT", slot, trading.MustQty("0.001"))
	}
}

// balanced holds the account against the sum of everything that happened.
func balanced(t *rapid.T, w *world) {
	usdt, btc := trading.MustMoney("10000"), trading.Money{}
	events, err := exchangesim.ReadLog(w.cfg.Log)
	if err != nil {
		t.Fatal(err)
	}
	qty := map[trading.Slot]trading.Qty{}
	for _, e := range events[1:] {
		switch {
		case e.Cash != nil:
			usdt = usdt.Add(e.Cash.Amount)
		case e.Funding != nil:
			usdt = usdt.Add(e.Funding.Amount)
		case e.Filled != nil:
			x := e.Filled
			signed := x.Qty
			if x.Side == trading.Sell {
				signed = signed.Neg()
			}
			if x.FeeAsset == "BTC" {
				btc = btc.Sub(x.Fee)
			} else {
				usdt = usdt.Sub(x.Fee)
			}
			if x.Product == trading.Spot {
				btc, usdt = btc.Add(trading.AsMoney(signed)), usdt.Sub(trading.Notional(x.Price, signed))
				continue
			}
			was := qty[x.Slot]
			qty[x.Slot] = was.Add(signed)
			usdt = usdt.Add(x.PnL)
			if o := order(w, x.OrderID); (o.ReduceOnly || x.Slot != trading.SlotBoth) && qty[x.Slot].Sign() != was.Sign() && !qty[x.Slot].IsZero() && !was.IsZero() {
				t.Fatalf("order %+v turned %s into %s", o, was, qty[x.Slot])
			}
		}
	}
	for asset, want := range map[string]trading.Money{"USDT": usdt, "BTC": btc} {
		total, free := w.Balance(asset)
		if !total.Equal(want) {
			t.Fatalf("balance is %s %s, what happened makes %s", total, asset, want)
		}
		if free.IsNegative() {
			t.Fatalf("free is %s %s", free, asset)
		}
	}
	if total, _ := w.Balance("BTC"); total.IsNegative() {
		t.Fatalf("sold %s BTC that were not there", total)
	}
	for slot, want := range qty {
		if had := w.Position("BTCUSDT", slot).Qty; !had.Equal(want) {
			t.Fatalf("position %s is %s, the fills make %s", slot, had, want)
		}
	}
}

func order(w *world, id string) exchangesim.Order {
	for _, o := range w.Orders() {
		if o.ID == id {
			return o
		}
	}
	return exchangesim.Order{}
}
