package exchangesim_test

import (
	"testing"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

func TestAttachedProtectionClosesThePosition(t *testing.T) {
	for name, c := range map[string]struct{ price, stopType, other string }{
		"stop":   {"57900", "StopLoss", "TakeProfit"},
		"target": {"63100", "TakeProfit", "StopLoss"},
	} {
		t.Run(name, func(t *testing.T) {
			w := simple(t)
			r := linear(trading.Buy, "0.1")
			r.Link, r.StopLoss, r.TakeProfit = "hx1a", trading.MustPrice("58000"), trading.MustPrice("63000")
			w.must(t, r)
			if g := w.Position("BTCUSDT", trading.SlotBoth).Guard; g.StopLoss.String() != "58000" || g.TakeProfit.String() != "63000" || g.Parent != "hx1a" {
				t.Errorf("guard is %+v", g)
			}

			w.price(c.price)

			if w.held() != "0" {
				t.Fatalf("position is %s at %s, want flat", w.held(), c.price)
			}
			for _, o := range w.Orders() {
				if o.StopType == c.stopType && (o.Status != exchangesim.Filled || o.Parent != "hx1a" || o.Average().String() != c.price) {
					t.Errorf("the %s is %+v", c.stopType, o)
				}
				if o.StopType == c.other && o.Status != exchangesim.Canceled {
					t.Errorf("the %s is %s, want canceled: there is nothing left to protect", c.other, o.Status)
				}
			}
		})
	}
}

func TestProtectReplacesRefusesAndRemoves(t *testing.T) {
	w := simple(t)
	level := func(text string) exchangesim.Guard { return exchangesim.Guard{StopLoss: trading.MustPrice(text)} }
	want := func(g exchangesim.Guard, why exchangesim.Why) {
		t.Helper()
		if no := w.Protect("BTCUSDT", trading.SlotBoth, g); no == nil && why != "" || no != nil && no.Why != why {
			t.Errorf("protect %+v: had %+v, want %q", g, no, why)
		}
	}
	want(level("58000"), exchangesim.NothingToReduce)
	w.must(t, linear(trading.Buy, "0.1"))
	want(level("60500"), exchangesim.WouldTrigger)
	want(level("58000.05"), exchangesim.OffTick)
	want(level("58000"), "")
	want(level("58000"), exchangesim.NotModified)
	want(level("58100"), "")
	if n := len(w.OpenOrders(trading.Linear, "")); n != 1 {
		t.Errorf("%d protecting orders, want 1: it is replaced", n)
	}
	want(exchangesim.Guard{}, "")
	w.price("50000")
	if w.held() != "0.1" {
		t.Errorf("position is %s: a protection that was removed closed it", w.held())
	}
}

func TestTrailingStopFollowsTheBestPrice(t *testing.T) {
	w := simple(t)
	w.must(t, linear(trading.Buy, "0.1"))
	g := exchangesim.Guard{Trailing: trading.MustPrice("500"), Activate: trading.MustPrice("61000")}
	if no := w.Protect("BTCUSDT", trading.SlotBoth, g); no != nil {
		t.Fatal(no)
	}
	for _, p := range []string{"59000", "60900", "61000", "62000", "61501"} {
		w.price(p)
		if w.held() != "0.1" {
			t.Fatalf("closed at %s, 500 below a best of 62000 was not reached", p)
		}
	}
	w.price("61500")
	if w.held() != "0" {
		t.Errorf("position is %s at 500 below the best", w.held())
	}
}

func TestPairsCancelEachOther(t *testing.T) {
	w := simple(t)
	w.must(t, exchangesim.Request{Product: trading.Spot, Symbol: "BTCUSDT", Side: trading.Buy, Qty: trading.MustQty("0.1")})
	leg := exchangesim.Request{Product: trading.Spot, Symbol: "BTCUSDT", Side: trading.Sell, Qty: trading.MustQty("0.09"), Group: "pair"}
	target, stop := leg, leg
	target.Kind, target.Price = exchangesim.Limit, trading.MustPrice("63000")
	stop.Kind, stop.Trigger = exchangesim.StopMarket, trading.MustPrice("58000")
	a := w.must(t, target)
	// The fee of a tenth of a percent was taken from what was bought.
	if _, free := w.Balance("BTC"); free.String() != "0.0099" {
		t.Errorf("free is %s BTC, want 0.0099", free)
	}
	// Only one of the two can ever sell, so the second keeps nothing more.
	b := w.must(t, stop)
	if _, free := w.Balance("BTC"); free.String() != "0.0099" {
		t.Errorf("free is %s BTC with both legs, want 0.0099", free)
	}
	w.price("57000")
	if o, other := w.status(t, b.ID), w.status(t, a.ID); o.Status != exchangesim.Filled || other.Reason != exchangesim.ReasonGroup || w.total("BTC") != "0.0099" {
		t.Errorf("the stop is %s, the target %s, with %s BTC left", o.Status, other.Status, w.total("BTC"))
	}
	w.price("60000")
	w.must(t, exchangesim.Request{Product: trading.Spot, Symbol: "BTCUSDT", Side: trading.Buy, Qty: trading.MustQty("0.1")})
	target.Group, stop.Group = "again", "again"
	w.must(t, target)
	b = w.must(t, stop)
	w.price("63000")
	if o := w.status(t, b.ID); o.Status != exchangesim.Canceled || o.Reason != exchangesim.ReasonGroup {
		t.Errorf("the target sold and the stop is %s (%s): it would sell a second time", o.Status, o.Reason)
	}

	w.price("60000")
	limit := exchangesim.Request{Product: trading.Spot, Symbol: "BTCUSDT", Side: trading.Buy, Kind: exchangesim.Limit, Price: trading.MustPrice("59000"), Qty: trading.MustQty("0.1"),
		StopLoss: trading.MustPrice("58000"), TakeProfit: trading.MustPrice("63000")}
	w.must(t, limit)
	w.price("58900")
	if n := len(w.OpenOrders(trading.Spot, "")); n != 2 {
		t.Fatalf("%d orders protect what was bought, want a pair", n)
	}
	w.price("63100")
	if n := len(w.OpenOrders(trading.Spot, "")); n != 0 {
		t.Errorf("%d orders are open after the target sold: its sibling must go", n)
	}
}

func TestAlgoOrdersBecomeOtherOrders(t *testing.T) {
	w := simple(t, func(c *exchangesim.Config) { c.IDs = exchangesim.UniqueWhileOpen })
	w.must(t, linear(trading.Buy, "0.1"))
	stop := exchangesim.Request{Product: trading.Linear, Symbol: "BTCUSDT", Side: trading.Sell, Kind: exchangesim.StopMarket, Trigger: trading.MustPrice("59000"),
		ClosePosition: true, Algo: true, Link: "hx1stop"}
	algo := w.must(t, stop)
	second := stop
	second.Link = "hx1other"
	w.wants(t, second, exchangesim.Exists)
	second.Trigger = trading.MustPrice("60500")
	w.wants(t, second, exchangesim.WouldTrigger)
	if _, ok := w.FindPlain(trading.Linear, "BTCUSDT", "", "hx1stop"); ok {
		t.Error("a conditional order of the algo book is found among the others")
	}

	w.price("58900")

	algo = w.status(t, algo.ID)
	spawned, ok := w.FindPlain(trading.Linear, "BTCUSDT", "", "hx1stop")
	if algo.Status != exchangesim.Triggered || !ok || algo.Actual != spawned.ID || spawned.Status != exchangesim.Filled || w.held() != "0" {
		t.Errorf("algo %+v, spawned %+v, position %s", algo, spawned, w.held())
	}
}

func TestLiquidationTakesNoMoreThanTheMargin(t *testing.T) {
	w := simple(t)
	w.SetIsolated(true)
	w.SetLeverage("BTCUSDT", 10)
	w.must(t, linear(trading.Buy, "0.1"))
	before := w.Position("BTCUSDT", trading.SlotBoth)
	if at := before.Liquidation; at.Less(trading.MustPrice("54000")) || at.More(trading.MustPrice("54400")) {
		t.Errorf("liquidation at %s, want a tenth below entry and a little more", at)
	}

	w.price("40000")

	x := w.Fills()[1]
	// 54000.09 takes all of the margin of 600.001; the tick above it leaves a tenth of a cent.
	if w.held() != "0" || x.Kind != "Bust" || x.Price.String() != "54000.1" || x.PnL.String() != "-600" || before.Margin.String() != "600.001" {
		t.Errorf("position %s with margin %s, closed by %+v; want a loss of 600", w.held(), before.Margin, x)
	}

	cross := simple(t)
	cross.SetLeverage("BTCUSDT", 10)
	cross.must(t, linear(trading.Buy, "1"))
	cross.price("50500")
	if cross.held() != "1" {
		t.Fatal("cross margin did not carry the loss")
	}
	cross.price("45000")
	if cross.held() != "0" || cross.total("USDT") != "0" {
		t.Errorf("position %s, balance %s: want all lost and no debt", cross.held(), cross.total("USDT"))
	}
}

func TestTheExchangeMayCloseForOthers(t *testing.T) {
	w := simple(t)
	w.must(t, linear(trading.Buy, "0.1"))
	w.ADL("BTCUSDT", trading.SlotBoth, trading.MustQty("0.04"))
	if x := w.Fills()[1]; w.held() != "0.06" || x.Kind != "ADL" || x.Link != "" {
		t.Errorf("position %s after %+v", w.held(), x)
	}
	if o, no := w.External(linear(trading.Sell, "0.06")); no != nil || !o.External || w.held() != "0" {
		t.Errorf("from the website: %+v %+v, position %s", o, no, w.held())
	}
}
