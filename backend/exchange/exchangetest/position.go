package exchangetest

import (
	"slices"
	"testing"
	"time"

	"hoox/backend/trading"
)

func reduceOnly(t *testing.T, w *World) {
	w.wantRejected(t, w.closer(t, "flat", w.Unit), "there is nothing to reduce")
	w.wantHeld(t, trading.SlotBoth, trading.Qty{}, "reduce-only opened a position")

	w.submit(t, w.order("open"))
	same := w.order("same")
	same.ReduceOnly = true
	w.wantRejected(t, same, "a buy does not reduce a long")
	w.wantHeld(t, trading.SlotBoth, w.Unit, "reduce-only increased a position")

	double := w.closer(t, "double", w.Unit)
	double.Qty = w.Unit.Add(w.Unit)
	w.settle()
	if r, err := w.Adapter.Submit(t.Context(), double); err == nil {
		checkReport(t, double, r)
	} else if trading.KindOf(err) != trading.Rejected {
		t.Errorf("reduce-only of twice the position: %v; want it capped, or Rejected", err)
	}
	if had := w.held(t, trading.SlotBoth).Qty; had.IsNegative() {
		t.Errorf("position is %s: reduce-only went through zero", had)
	}
}

func reduceOnlySwept(t *testing.T, w *World) {
	w.submit(t, w.order("open"))
	resting := w.limit("rest", trading.Sell, w.off(20))
	resting.ReduceOnly = true
	wantStatus(t, w.submit(t, resting), trading.OrderAccepted, "a sell above the market rests")

	w.submit(t, w.closer(t, "close", w.Unit))
	w.Pass(time.Second)

	gone := func() bool { return w.lookup(t, resting).Status.Final() }
	if !w.lacks(Sweep) && !w.await(gone) {
		t.Errorf("%s rests on; want it canceled: a reduce-only order without a position must not wait for the next one", resting.ID)
	}
	w.Price(w.off(30))
	w.await(gone)
	wantStatus(t, w.lookup(t, resting), trading.OrderCanceled, "there is nothing to reduce")
	w.wantHeld(t, trading.SlotBoth, trading.Qty{}, "reduce-only opened a position")
}

func stopLoss(t *testing.T, w *World) {
	o := w.order("a")
	o.Protection.StopLoss = w.off(-10)
	w.submit(t, o)
	if had := w.held(t, trading.SlotBoth).Protection.StopLoss; !w.lacks(Shown) && !had.Equal(o.Protection.StopLoss) {
		t.Errorf("position shows a stop at %s, want %s", had, o.Protection.StopLoss)
	}

	w.Price(w.off(-9))
	w.wantHeld(t, trading.SlotBoth, w.Unit, "the stop is not reached")
	w.Price(w.off(-10))

	w.wantHeld(t, trading.SlotBoth, trading.Qty{}, "the stop is reached")
	r := w.child(t, o.ID, trading.StopOrder)
	wantStatus(t, r, trading.OrderFilled, "a stop leaves no rest")
	if len(r.Fills) == 0 || !w.spot() && !r.Fills[0].RealizedPnL.IsNegative() {
		t.Errorf("fills of the stop are %+v, want a loss", r.Fills)
	}
}

func takeProfits(t *testing.T, w *World) {
	o := w.order("a")
	o.Qty = w.Unit.Add(w.Unit)
	o.Protection.TakeProfit = []trading.TakeProfitAt{{Price: w.off(10), Qty: w.Unit}, {Price: w.off(20), Qty: w.Unit}}
	o.Protection.StopLoss = w.off(-10)
	w.submit(t, o)

	w.Price(w.off(9))
	w.wantHeld(t, trading.SlotBoth, o.Qty, "no target is reached")
	w.Price(w.off(11))
	w.wantHeld(t, trading.SlotBoth, w.Unit, "the first target closes its share and no more")
	first := w.child(t, o.ID, trading.TargetOrder)
	if !first.Filled.Equal(w.Unit) || !w.spot() && !first.Fills[0].RealizedPnL.IsPositive() {
		t.Errorf("first target filled %s with profit %s, want %s with a profit", first.Filled, first.Fills[0].RealizedPnL, w.Unit)
	}
	// Whoever keeps the books sees the fill and says what should stand now.
	w.protect(t, o.ID, o.Slot, trading.Protection{StopLoss: o.Protection.StopLoss, TakeProfit: o.Protection.TakeProfit[1:]})
	w.Price(w.off(9))
	w.Price(w.off(11))
	w.wantHeld(t, trading.SlotBoth, w.Unit, "a target closes once")
	w.Price(w.off(21))

	w.wantHeld(t, trading.SlotBoth, trading.Qty{}, "the second target closes the rest")
	w.Price(w.off(-20))
	w.wantHeld(t, trading.SlotBoth, trading.Qty{}, "the stop went with the position")
}

func trailing(t *testing.T, w *World) {
	o := w.order("a")
	o.Protection.TrailingStop = w.off(10).Sub(w.Start)
	w.submit(t, o)

	w.Price(w.off(30))
	w.Price(w.off(21))
	w.wantHeld(t, trading.SlotBoth, w.Unit, "the price is not the distance below the best")
	w.Price(w.off(20))

	w.wantHeld(t, trading.SlotBoth, trading.Qty{}, "the price fell the distance from the best")
	r := w.child(t, o.ID, trading.StopOrder)
	if len(r.Fills) == 0 || !w.spot() && !r.Fills[0].RealizedPnL.IsPositive() {
		t.Errorf("fills of the trailing stop are %+v, want a profit: it followed the price up", r.Fills)
	}
}

func protectionGoes(t *testing.T, w *World) {
	o := w.order("a")
	o.Qty = w.Unit.Add(w.Unit)
	o.Protection = trading.Protection{
		StopLoss:   w.off(-10),
		TakeProfit: []trading.TakeProfitAt{{Price: w.off(10), Qty: w.Unit}, {Price: w.off(20), Qty: w.Unit}},
	}
	w.submit(t, o)

	w.submit(t, w.closer(t, "part", w.Unit))
	w.protect(t, o.ID, o.Slot, o.Protection)
	had := w.held(t, trading.SlotBoth).Protection
	if !w.lacks(Shown) && (len(had.TakeProfit) != 1 || !had.TakeProfit[0].Price.Equal(w.off(10)) || !w.same(had.TakeProfit[0].Qty, w.Unit)) {
		t.Errorf("targets after closing half are %+v, want the nearest one for what is left", had.TakeProfit)
	}
	w.submit(t, w.closer(t, "rest", w.Unit))
	w.protect(t, o.ID, o.Slot, trading.Protection{})
	before := len(w.Reports())
	next := w.order("next")
	w.submit(t, next)
	w.Price(w.off(-15))

	w.wantHeld(t, trading.SlotBoth, w.Unit, "the stop of a closed position closed the next one")
	for _, r := range w.Reports()[before:] {
		if r.Child != nil {
			t.Errorf("the exchange told %+v, want nothing of a protection that went", r)
		}
	}
}

func hedgeSlots(t *testing.T, w *World) {
	w.Hedge()
	long, short := w.order("long"), w.order("short")
	long.Slot = trading.SlotLong
	short.Slot, short.Side, short.Qty = trading.SlotShort, trading.Sell, w.Unit.Add(w.Unit)
	w.submit(t, long)
	w.submit(t, short)
	w.wantHeld(t, trading.SlotLong, w.Unit, "a short must not net with a long")
	w.wantHeld(t, trading.SlotShort, short.Qty.Neg(), "a long must not net with a short")

	w.wantRejected(t, w.order("both"), "an account in hedge mode has no net slot")
	cover := w.closer(t, "cover", short.Qty)
	cover.Slot, cover.Side = trading.SlotShort, trading.Buy
	w.submit(t, cover)

	w.wantHeld(t, trading.SlotLong, w.Unit, "closing the short touched the long")
	w.wantHeld(t, trading.SlotShort, trading.Qty{}, "the short is closed")
}

func restart(t *testing.T, w *World) {
	entry := w.order("entry")
	entry.Protection.StopLoss = w.off(-10)
	resting := w.limit("rest", trading.Buy, w.off(-5))
	w.submit(t, entry)
	w.submit(t, resting)
	w.Pass(time.Second)
	position := w.held(t, trading.SlotBoth)
	balance, _, err := w.Adapter.Balance(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	told := map[trading.FillID]bool{}
	for _, r := range slices.Concat(w.Reports(), []trading.Report{w.lookup(t, entry)}) {
		for _, f := range r.Fills {
			told[f.ID] = true
		}
	}
	before := len(w.Reports())

	w.Adapter = w.Restart()

	again := w.held(t, trading.SlotBoth)
	if !again.Qty.Equal(position.Qty) || !again.Cost.Equal(position.Cost) || again.Leverage != position.Leverage || !again.Liquidation.Equal(position.Liquidation) {
		t.Errorf("position after the restart is %+v, want %+v", again, position)
	}
	if had, _, err := w.Adapter.Balance(t.Context()); err != nil || !had.Equal(balance) {
		t.Errorf("balance after the restart is %s (%v), want %s", had, err, balance)
	}
	wantStatus(t, w.lookup(t, entry), trading.OrderFilled, "an order does not vanish with a restart")
	wantStatus(t, w.lookup(t, resting), trading.OrderAccepted, "a resting order rests on")
	w.settle()
	if _, err := w.Adapter.Submit(t.Context(), entry); err != nil && trading.KindOf(err) == trading.Rejected {
		t.Errorf("second submit after the restart: %v; want the first order", err)
	}
	w.wantHeld(t, trading.SlotBoth, w.Unit, "one id is one order, after a restart too")
	for _, r := range w.Reports()[before:] {
		for _, f := range r.Fills {
			if !told[f.ID] {
				t.Errorf("after a restart fill %+v is told, which nobody knew: what is told again has the id it had", f)
			}
		}
	}

	w.Price(w.off(-6))
	wantStatus(t, w.lookup(t, resting), trading.OrderFilled, "it fills after the restart")
	w.protect(t, entry.ID, entry.Slot, entry.Protection)
	w.Price(w.off(-11))
	w.wantHeld(t, trading.SlotBoth, trading.Qty{}, "the stop triggers after the restart and closes all of it")
	w.child(t, entry.ID, trading.StopOrder)
}
