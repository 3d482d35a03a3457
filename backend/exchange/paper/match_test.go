package paper_test

import (
	"fmt"
	"strings"
	"testing"

	"hoox/backend/exchange/paper"
	"hoox/backend/trading"
)

func TestMarketOrderWalksTheBookInSeparateFills(t *testing.T) {
	s := newStage()
	s.level = trading.MustQty("0.04")

	r := s.place(t, buy("a"))

	want := []struct{ id, qty, price, fee string }{
		{"a-1", "0.04", "60000.1", "1.3200022"},
		{"a-2", "0.04", "60000.2", "1.3200044"},
		{"a-3", "0.02", "60000.3", "0.6600033"},
	}
	if len(r.Fills) != len(want) || r.Status != trading.OrderFilled {
		t.Fatalf("report is %s with %d fills, want filled with %d", r.Status, len(r.Fills), len(want))
	}
	for n, w := range want {
		f := r.Fills[n]
		if string(f.ID) != w.id || f.Qty.String() != w.qty || f.Price.String() != w.price || f.Fee.String() != w.fee {
			t.Errorf("fill %d is %s: %s at %s, fee %s; want %s: %s at %s, fee %s", n, f.ID, f.Qty, f.Price, f.Fee, w.id, w.qty, w.price, w.fee)
		}
	}
	// 10000 - 1.3200022 - 1.3200044 - 0.6600033
	s.wantBalance(t, "9996.6999901", "fees are paid at once")
}

func TestRestOfAMarketOrderIsCanceled(t *testing.T) {
	s := newStage()
	s.level = trading.MustQty("0.002")

	r := s.place(t, buy("a"))

	if r.Status != trading.OrderCanceled || r.Filled.String() != "0.05" || !strings.Contains(r.Reason, "no more on offer") {
		t.Errorf("order is %s with %s filled (%s); want canceled with 0.05, 25 levels of 0.002", r.Status, r.Filled, r.Reason)
	}
	s.at(t, "59000")
	if r, _, _ := s.Lookup(t.Context(), buy("a")); r.Filled.String() != "0.05" {
		t.Errorf("order has %s filled later, want 0.05: a market order does not rest", r.Filled)
	}
}

func TestLimitOrderTakesWhatCrossesAndRestsWithTheRemainder(t *testing.T) {
	s := newStage()
	s.level = trading.MustQty("0.03")

	r := s.place(t, limited(buy("a"), "60000.2"))

	if r.Status != trading.OrderPartiallyFilled || r.Filled.String() != "0.06" {
		t.Fatalf("order is %s with %s filled, want partially_filled with two levels", r.Status, r.Filled)
	}
	s.at(t, "60000.1")
	r, _, _ = s.Lookup(t.Context(), buy("a"))
	if r.Status != trading.OrderPartiallyFilled || r.Filled.String() != "0.09" {
		t.Fatalf("order is %s with %s filled, want partially_filled: one more level came within reach", r.Status, r.Filled)
	}
	s.at(t, "60000.0")
	r, _, _ = s.Lookup(t.Context(), buy("a"))
	if last := r.Fills[len(r.Fills)-1]; r.Status != trading.OrderFilled || last.Qty.String() != "0.01" || last.Price.String() != "60000.2" || !last.Maker {
		t.Errorf("order is %s, last fill %+v; want filled with the last 0.01 at its own price as maker", r.Status, last)
	}
	if n := len(s.desk.reports); n != 2 {
		t.Errorf("told %d reports, want 2: one for each look that filled something", n)
	}
}

func TestSlippageWorsensTakersButNeverPastTheirLimit(t *testing.T) {
	s := newStage()
	s.settings.SlippageTicks = 5

	if p := s.place(t, buy("a")).Fills[0].Price; p.String() != "60000.6" {
		t.Errorf("buy filled at %s, want 60000.6: the ask and five ticks", p)
	}
	if p := s.place(t, sell("b")).Fills[0].Price; p.String() != "59999.5" {
		t.Errorf("sell filled at %s, want 59999.5: the bid less five ticks", p)
	}
	if p := s.place(t, limited(buy("c"), "60000.3")).Fills[0].Price; p.String() != "60000.3" {
		t.Errorf("limit buy filled at %s, want 60000.3: its limit", p)
	}
}

func TestFlipInOneOrderClosesAndOpens(t *testing.T) {
	s := newStage()
	s.place(t, buy("a"))
	flip := sell("b")
	flip.Qty = trading.MustQty("0.25")

	r := s.place(t, flip)

	if p := s.only(t); p.Qty.String() != "-0.15" || p.Entry().String() != "60000" {
		t.Errorf("position is %s at %s, want -0.15 at 60000", p.Qty, p.Entry())
	}
	if pnl := r.Fills[0].RealizedPnL.String(); pnl != "-0.01" {
		t.Errorf("realized %s, want -0.01: one tick on 0.1", pnl)
	}
}

func TestProtectionDoesNotSurviveAFlip(t *testing.T) {
	s := newStage()
	o := buy("a")
	o.Protection = trading.Protection{
		StopLoss: trading.MustPrice("59000"), TrailingStop: trading.MustPrice("500"),
		TakeProfit: []trading.TakeProfitAt{{Price: trading.MustPrice("61000"), Qty: o.Qty}},
	}
	s.place(t, o)
	flip := sell("b")
	flip.Qty = trading.MustQty("0.2")
	s.place(t, flip)

	if p := s.only(t); !p.Protection.IsZero() {
		t.Errorf("short is watched by %+v, which was the long's", p.Protection)
	}
	s.at(t, "58000")
	s.at(t, "62000")
	if p := s.only(t); p.Qty.String() != "-0.1" || len(s.desk.reports) != 0 {
		t.Errorf("position is %s after %d exits, want -0.1 and none", p.Qty, len(s.desk.reports))
	}
}

func TestEntryBeyondTheMoneyIsRejectedWithNumbers(t *testing.T) {
	s := newStage()
	o := buy("a")
	o.Qty, o.Leverage = trading.MustQty("1"), 5

	_, err := s.Submit(t.Context(), o)

	// 60000.1 / 5 + 60000.1 × 0.00055 = 12000.02 + 33.000055
	want := "insufficient balance: order needs 12033.02 USDT, 10000.00 USDT is free"
	if trading.KindOf(err) != trading.Rejected || err.Error() != want {
		t.Errorf("submit: %v (%s), want Rejected: %s", err, trading.KindOf(err), want)
	}
	if _, ok, _ := s.Lookup(t.Context(), o); ok {
		t.Error("a rejected order is on record, want it absent: its id proves nothing was placed")
	}
}

func TestRestingEntriesHoldTheirMargin(t *testing.T) {
	s := newStage()
	first := limited(buy("a"), "50000")
	first.Qty = trading.MustQty("1.5") // 7500 of margin
	s.place(t, first)

	second := limited(buy("b"), "50000")
	second.Qty = trading.MustQty("1.5")
	if _, err := s.Submit(t.Context(), second); trading.KindOf(err) != trading.Rejected {
		t.Errorf("second entry: %v, want Rejected: the first one holds the money", err)
	}
	if _, err := s.Cancel(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	s.place(t, second)
}

func TestSpotHasNoLeverageAndCannotBeShort(t *testing.T) {
	s := newStage()
	o := buy("a")
	o.Product, o.Leverage = trading.Spot, 10
	if _, err := s.Submit(t.Context(), o); trading.KindOf(err) != trading.Rejected || !strings.Contains(err.Error(), "leverage") {
		t.Errorf("spot with leverage: %v, want Rejected for the leverage", err)
	}
	o.Leverage = 1
	short := o
	short.ID, short.Side = "short", trading.Sell
	if _, err := s.Submit(t.Context(), short); trading.KindOf(err) != trading.Rejected || !strings.Contains(err.Error(), "insufficient BTC") {
		t.Errorf("selling what is not held: %v, want Rejected: insufficient BTC", err)
	}

	s.place(t, o)
	p := s.only(t)
	if p.Qty.String() != "0.1" || !p.Liquidation.IsZero() || p.Leverage != 1 {
		t.Errorf("holding is %+v, want 0.1 with leverage 1 and no liquidation", p)
	}
	s.at(t, "70000")
	out := short
	out.ID = "out"
	r := s.place(t, out)
	// Bought at 60000.01, sold at 70000.
	if pnl := r.Fills[0].RealizedPnL.String(); pnl != "999.999" {
		t.Errorf("realized %s, want 999.999", pnl)
	}
	// 10000 - 60000.01×0.1×0.001 + 999.999 - 70000×0.1×0.001
	s.wantBalance(t, "10986.998999", "profit less both fees, in the quote currency")
	s.wantFlat(t, "all of it is sold")

	large := o
	large.ID, large.Qty = "large", trading.MustQty("0.2")
	if _, err := s.Submit(t.Context(), large); trading.KindOf(err) != trading.Rejected {
		t.Errorf("buying for 14000: %v, want Rejected: spot is paid in full", err)
	}
}

func TestSpotSellsHoldWhatTheySell(t *testing.T) {
	s := newStage()
	o := buy("a")
	o.Product, o.Leverage = trading.Spot, 1
	s.place(t, o)
	rest := limited(o, "65000")
	rest.ID, rest.Side = "rest", trading.Sell
	s.place(t, rest)

	again := o
	again.ID, again.Side = "again", trading.Sell
	if _, err := s.Submit(t.Context(), again); trading.KindOf(err) != trading.Rejected {
		t.Errorf("selling twice: %v, want Rejected: a resting order sells it already", err)
	}
}

func TestFaultsSayWhatIsProven(t *testing.T) {
	for _, test := range []struct {
		fault paper.Fault
		kind  trading.Kind
		lives bool
	}{
		{paper.LoseRequest, trading.Unknown, false},
		{paper.LoseAnswer, trading.Unknown, true},
		{paper.Busy, trading.Limited, false},
		{paper.Down, trading.Unavailable, false},
	} {
		s := newStage()
		s.settings.Fault = test.fault

		_, err := s.Submit(t.Context(), buy("a"))

		if trading.KindOf(err) != test.kind {
			t.Errorf("%s: %v (%s), want %s", test.fault, err, trading.KindOf(err), test.kind)
		}
		s.settings.Fault = paper.NoFault
		if _, ok, err := s.Lookup(t.Context(), buy("a")); ok != test.lives || err != nil {
			t.Errorf("%s: look-up finds %v (%v), want %v", test.fault, ok, err, test.lives)
		}
	}
}

func TestRejectSettingStopsEntriesOnly(t *testing.T) {
	s := newStage()
	s.place(t, buy("a"))
	s.settings.Reject = "trading is suspended for this account"

	if _, err := s.Submit(t.Context(), buy("b")); trading.KindOf(err) != trading.Rejected || err.Error() != s.settings.Reject {
		t.Errorf("entry: %v, want Rejected in the words of the setting", err)
	}
	out := sell("c")
	out.ReduceOnly = true
	s.place(t, out)
	s.wantFlat(t, "a close goes through")
}

func TestRejectShareIsAboutThatManyAndAlwaysTheSame(t *testing.T) {
	s := newStage()
	s.settings.RejectShare = trading.MustRatio("0.1")
	no := func(n int) bool {
		o := limited(buy(fmt.Sprintf("hx1order%d", n)), "50000")
		o.Qty = trading.MustQty("0.001")
		_, err := s.Submit(t.Context(), o)
		return trading.KindOf(err) == trading.Rejected
	}
	count := 0
	for n := range 500 {
		first := no(n)
		if first {
			count++
		}
		if again := no(n); again != first {
			t.Fatalf("order %d is rejected %v, then %v; want the same word for the same order", n, first, again)
		}
	}
	if count < 30 || count > 70 {
		t.Errorf("%d of 500 are rejected, want about 50", count)
	}
}

func TestRequestsThatNoExchangeTakesAreRejected(t *testing.T) {
	for _, test := range []struct {
		reason string
		change func(*trading.Order)
	}{
		{"client order id", func(o *trading.Order) { o.ID = "" }},
		{"client order id", func(o *trading.Order) { o.ID = "hx1_with/slash" }},
		{"client order id", func(o *trading.Order) { o.ID = "hx1aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" }},
		{"account", func(o *trading.Order) { o.Account = "bybit:live" }},
		{"side", func(o *trading.Order) { o.Side = "hold" }},
		{"order type", func(o *trading.Order) { o.Type = trading.StopOrder }},
		{"without a price", func(o *trading.Order) { o.Type = trading.Limit }},
		{"position side", func(o *trading.Order) { o.Slot = trading.SlotLong }},
		{"position side", func(o *trading.Order) { o.Slot = "" }},
		{"leverage 101x", func(o *trading.Order) { o.Leverage = 101 }},
		{"above the largest", func(o *trading.Order) { o.Qty = trading.MustQty("2000") }},
		{"below the smallest", func(o *trading.Order) { *o = limited(*o, "1000"); o.Qty = trading.MustQty("0.004") }},
		{"stop-loss 60001 is on the wrong side", func(o *trading.Order) { o.Protection.StopLoss = trading.MustPrice("60001") }},
		{"wrong side", func(o *trading.Order) { o.Protection.TrailingStop = trading.MustPrice("-1") }},
		{"take-profit 59000 is on the wrong side", func(o *trading.Order) {
			o.Protection.TakeProfit = []trading.TakeProfitAt{{Price: trading.MustPrice("59000")}}
		}},
		{"cannot carry", func(o *trading.Order) {
			o.Side, o.ReduceOnly, o.Qty = trading.Sell, true, trading.MustQty("0.01")
			o.Protection.StopLoss = trading.MustPrice("61000")
		}},
	} {
		s := newStage()
		s.place(t, buy("held"))
		o := buy("a")
		test.change(&o)

		_, err := s.Submit(t.Context(), o)

		if trading.KindOf(err) != trading.Rejected || !strings.Contains(err.Error(), test.reason) {
			t.Errorf("%+v: %v (%s), want Rejected with %q", o, err, trading.KindOf(err), test.reason)
		}
	}
}

func TestWithoutAFreshPriceNothingIsSent(t *testing.T) {
	s := newStage()
	s.stopped = true
	if _, err := s.Submit(t.Context(), buy("a")); trading.KindOf(err) != trading.Unavailable {
		t.Errorf("submit without a price: %v (%s), want Unavailable: it can be tried again", err, trading.KindOf(err))
	}
}

func TestPositionModeSwitchesOnlyWhenFlat(t *testing.T) {
	s := newStage()
	s.place(t, buy("a"))
	s.mode = trading.Hedge
	long := buy("b")
	long.Slot = trading.SlotLong
	if _, err := s.Submit(t.Context(), long); trading.KindOf(err) != trading.Rejected {
		t.Errorf("hedge order on a one-way position: %v, want Rejected", err)
	}
	out := sell("c")
	out.ReduceOnly = true
	s.place(t, out)
	s.place(t, long)
	if p := s.only(t); p.Slot != trading.SlotLong {
		t.Errorf("position is in %s, want long: the account is flat and switches", p.Slot)
	}
}

func TestDustMayAlwaysBeClosed(t *testing.T) {
	s := newStage()
	i := perpetual
	s.place(t, buy("a"))
	i.MinQty = trading.MustQty("0.5")
	s.instruments[i.Key()] = i

	out := sell("b")
	out.ReduceOnly = true
	s.place(t, out)

	s.wantFlat(t, "what is left may be closed whatever the smallest quantity has become")
}
