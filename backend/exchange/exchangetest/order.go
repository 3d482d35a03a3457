package exchangetest

import (
	"strings"
	"testing"
	"time"

	"hoox/backend/trading"
)

func marketFills(t *testing.T, w *World) {
	o := w.order("a")

	r := w.submit(t, o)

	wantStatus(t, r, trading.OrderFilled, "the market has enough for an ordinary order")
	want := w.Start.Add(w.Instrument.TickSize)
	for _, f := range r.Fills {
		if !f.Price.Equal(want) || f.Maker {
			t.Errorf("filled at %s as maker %v, want %s as taker: a buy meets the ask", f.Price, f.Maker, want)
		}
		fee := trading.Notional(f.Price, f.Qty).Times(w.Instrument.TakerFee)
		if f.FeeAsset == w.Instrument.Base {
			fee = trading.AsMoney(f.Qty.Times(w.Instrument.TakerFee))
		}
		if !f.Fee.Equal(fee) {
			t.Errorf("fee is %s %s, want %s at the taker's rate", f.Fee, f.FeeAsset, fee)
		}
	}
	w.wantHeld(t, trading.SlotBoth, o.Qty, "a position is the sum of its fills")
}

func limitFills(t *testing.T, w *World) {
	o := w.limit("a", trading.Buy, w.off(-5))

	wantStatus(t, w.submit(t, o), trading.OrderAccepted, "a limit below the market rests")
	w.wantHeld(t, trading.SlotBoth, trading.Qty{}, "a resting order holds nothing yet")
	w.Price(w.off(-4))
	wantStatus(t, w.lookup(t, o), trading.OrderAccepted, "the market has not come to it")
	w.Price(w.off(-6))

	r := w.lookup(t, o)
	wantStatus(t, r, trading.OrderFilled, "the market went through it")
	for _, f := range r.Fills {
		if !f.Price.Equal(o.Price) || !f.Maker {
			t.Errorf("filled at %s as maker %v, want %s as maker", f.Price, f.Maker, o.Price)
		}
	}
	var told []trading.Report
	if !w.await(func() bool {
		told = w.Reports()
		return len(told) > 0 && told[len(told)-1].OrderID == o.ID && told[len(told)-1].Status == trading.OrderFilled
	}) {
		t.Errorf("the exchange told %+v; want the fill of %s, nobody asks for it", told, o.ID)
	}
	w.wantHeld(t, trading.SlotBoth, o.Qty, "a filled limit order is a position")
}

func limitCrosses(t *testing.T, w *World) {
	o := w.limit("a", trading.Sell, w.off(-5))
	if w.spot() {
		// There is nothing to sell yet.
		o = w.limit("a", trading.Buy, w.off(5))
	}

	r := w.submit(t, o)

	wantStatus(t, r, trading.OrderFilled, "a sell below the bid is met at once")
	for _, f := range r.Fills {
		if worse := o.Side == trading.Sell && f.Price.Less(o.Price) || o.Side == trading.Buy && f.Price.More(o.Price); worse || f.Maker {
			t.Errorf("filled at %s as maker %v, want %s or better as taker", f.Price, f.Maker, o.Price)
		}
	}
}

func cancelRepeats(t *testing.T, w *World) {
	o := w.limit("a", trading.Buy, w.off(-5))
	w.submit(t, o)

	for range 3 {
		w.settle()
		r, err := w.Adapter.Cancel(t.Context(), o)
		if err != nil {
			t.Fatalf("cancel: %v; want the final state however often it is asked", err)
		}
		checkReport(t, o, r)
		wantStatus(t, r, trading.OrderCanceled, "it rested and was canceled")
	}
	w.Price(w.off(-10))
	wantStatus(t, w.lookup(t, o), trading.OrderCanceled, "a canceled order does not fill later")
	w.wantHeld(t, trading.SlotBoth, trading.Qty{}, "a canceled order does not fill later")

	never := w.order("never")
	w.settle()
	if r, err := w.Adapter.Cancel(t.Context(), never); err == nil {
		t.Errorf("cancel of an order that never was answers %s; want an error", r.Status)
	}
}

func cancelFilled(t *testing.T, w *World) {
	o := w.order("a")
	w.submit(t, o)

	w.settle()
	r, err := w.Adapter.Cancel(t.Context(), o)

	if err != nil {
		t.Fatalf("cancel: %v; want the final state", err)
	}
	checkReport(t, o, r)
	wantStatus(t, r, trading.OrderFilled, "the fill came before the cancel")
	w.wantHeld(t, trading.SlotBoth, o.Qty, "a cancel undoes nothing")
}

func sameID(t *testing.T, w *World) {
	o := w.order("a")
	first := w.submit(t, o)
	w.Pass(time.Minute)
	w.settle()

	again, err := w.Adapter.Submit(t.Context(), o)

	if kind := trading.KindOf(err); err != nil && kind != trading.Unknown && kind != trading.Duplicate {
		t.Errorf("second submit: %v (%s); want the first order's report, or a kind that makes the caller ask", err, kind)
	}
	if err == nil && (again.ExchangeID != first.ExchangeID || !again.Filled.Equal(first.Filled) || len(again.Fills) != len(first.Fills)) {
		t.Errorf("second submit answers %+v, want the first order's %+v", again, first)
	}
	w.wantHeld(t, trading.SlotBoth, o.Qty, "one id is one order: a doubled order is lost money")
}

func lookup(t *testing.T, w *World) {
	o := w.order("a")
	w.absent(t, o)

	sent := w.submit(t, o)

	found := w.lookup(t, o)
	if found.ExchangeID != sent.ExchangeID || found.Status != sent.Status || len(found.Fills) != len(sent.Fills) {
		t.Errorf("look-up says %+v, the submit said %+v: both are the same order", found, sent)
	}
}

func filters(t *testing.T, w *World) {
	i := w.Instrument
	half := trading.RatioUnits(5, -1)

	offStep := w.order("step")
	offStep.Qty = w.Unit.Add(i.StepSize.Times(half))
	w.wantRejected(t, offStep, "a quantity between two steps")

	tiny := w.order("tiny")
	tiny.Qty = i.MinQty.Times(half)
	w.wantRejected(t, tiny, "a quantity below the smallest")

	none := w.order("none")
	none.Qty = trading.Qty{}
	w.wantRejected(t, none, "no quantity")

	offTick := w.limit("tick", trading.Buy, w.off(-5).Add(i.TickSize.Times(half)))
	w.wantRejected(t, offTick, "a price between two ticks")

	stranger := w.order("symbol")
	stranger.Symbol = "NOSUCHCOIN"
	w.wantRejected(t, stranger, "a symbol that is not listed")

	for _, o := range []trading.Order{offStep, tiny, none, offTick, stranger} {
		w.absent(t, o)
	}
	w.wantHeld(t, trading.SlotBoth, trading.Qty{}, "a rejected order books nothing")
	if had, _, err := w.Adapter.Balance(t.Context()); err != nil || !had.Equal(w.Deposit) {
		t.Errorf("balance is %s (%v), want %s: a rejected order costs nothing", had, err, w.Deposit)
	}
}

func tooLarge(t *testing.T, w *World) {
	o := w.order("a")
	// The margin would be ten times the deposit, and of a coin the price a hundred times.
	o.Qty = trading.QtyFor(w.Deposit.Times(trading.RatioUnits(100, 0)), w.Start).Floor(w.Instrument.StepSize)

	err := w.wantRejected(t, o, "there is no money for it")

	if err != nil && !strings.ContainsAny(err.Error(), "0123456789") {
		t.Errorf("rejected as %q; want the numbers, so that a person knows how much is missing", err)
	}
	w.wantHeld(t, trading.SlotBoth, trading.Qty{}, "a rejected order books nothing")
}
