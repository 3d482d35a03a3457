package exchangetest

import (
	"fmt"
	"testing"
	"time"

	"hoox/backend/trading"
)

// order is a market buy of the unit; the caller changes what the test is about.
func (w *World) order(id string) trading.Order {
	o := trading.Order{
		ID: trading.OrderID("hx1" + id), SignalID: trading.SignalID("signal-" + id),
		Account: w.Account, Product: w.Instrument.Product, Symbol: w.Instrument.Symbol, Slot: trading.SlotBoth,
		Side: trading.Buy, Type: trading.Market, Qty: w.Unit, Leverage: 10, MarginMode: trading.Isolated,
		Status: trading.OrderSubmitted, CreatedAt: w.Now(), UpdatedAt: w.Now(), ArmedAt: w.Now(),
	}
	if w.spot() {
		o.Leverage, o.MarginMode = 0, ""
	}
	return o
}

func (w *World) limit(id string, side trading.Side, price trading.Price) trading.Order {
	o := w.order(id)
	o.Type, o.Side, o.Price = trading.Limit, side, price
	return o
}

// closer sells with reduce-only; a coin whose buyer paid the fee in it has a little less to sell.
func (w *World) closer(t testing.TB, id string, qty trading.Qty) trading.Order {
	t.Helper()
	o := w.order(id)
	o.Side, o.ReduceOnly, o.Qty, o.Leverage = trading.Sell, true, qty, 0
	if held := w.held(t, trading.SlotBoth).Qty.Floor(w.Instrument.StepSize); w.spot() && held.IsPositive() && held.Less(qty) {
		o.Qty = held
	}
	return o
}

// off is the start price moved by parts in a thousand, on the tick.
func (w *World) off(thousandths int64) trading.Price {
	return w.Start.Times(trading.RatioUnits(1000+thousandths, -3)).Floor(w.Instrument.TickSize)
}

// submit sends an order that the exchange has to take, and answers with where it stands once its acknowledgement is
// through. What it carries for protection is then handed to an adapter that has to be told.
func (w *World) submit(t testing.TB, o trading.Order) trading.Report {
	t.Helper()
	w.settle()
	r, err := w.Adapter.Submit(t.Context(), o)
	if err != nil {
		t.Fatalf("submit %s %s %s %s: %v", o.ID, o.Type, o.Side, o.Qty, err)
	}
	checkReport(t, o, r)
	if o.Type == trading.Market && !r.Status.Final() {
		w.await(func() bool { w.settle(); r = w.lookup(t, o); return r.Status.Final() })
	}
	if !o.ReduceOnly && r.Filled.IsPositive() {
		w.protect(t, o.ID, o.Slot, o.Protection)
	}
	return r
}

// protect tells an adapter that has to be told what should stand for the position now, twice: the second time changes
// nothing.
func (w *World) protect(t testing.TB, parent trading.OrderID, slot trading.Slot, p trading.Protection) {
	t.Helper()
	x, told := w.Adapter.(protector)
	if !told {
		return
	}
	want := w.held(t, slot)
	if want.Qty.IsZero() && p.IsZero() {
		want = trading.Position{Account: w.Account, Product: w.Instrument.Product, Symbol: w.Instrument.Symbol, Slot: slot}
	}
	want.Protection = p
	for range 2 {
		var err error
		if !w.await(func() bool { w.settle(); err = x.Protect(t.Context(), parent, want); return err == nil }) {
			t.Fatalf("protect %s of %s with %+v: %v", want.Qty, parent, p, err)
		}
	}
}

func (w *World) lookup(t testing.TB, o trading.Order) trading.Report {
	t.Helper()
	w.settle()
	r, ok, err := w.Adapter.Lookup(t.Context(), o)
	if err != nil || !ok {
		t.Fatalf("look up %s: found %v, error %v; want the order, or an order in doubt is never settled", o.ID, ok, err)
	}
	checkReport(t, o, r)
	return r
}

// absent wants a proof that there is no such order, which may take time and more than one question.
func (w *World) absent(t testing.TB, o trading.Order) {
	t.Helper()
	var r trading.Report
	var ok bool
	var err error
	for range 12 {
		w.settle()
		if r, ok, err = w.Adapter.Lookup(t.Context(), o); trading.KindOf(err) != trading.Unknown {
			break
		}
		w.Pass(15 * time.Second)
	}
	if err != nil || ok {
		t.Errorf("look up %s: found %v (%s), error %v; want proof that it does not exist", o.ID, ok, r.Status, err)
	}
}

// held is the position in a slot.
func (w *World) held(t testing.TB, slot trading.Slot) trading.Position {
	t.Helper()
	list, err := w.Adapter.Positions(t.Context())
	if err != nil {
		t.Fatalf("positions: %v", err)
	}
	for _, p := range list {
		if p.Qty.IsZero() {
			t.Errorf("positions list a flat one of %s; want only what is held", p.Symbol)
		}
		if p.Symbol == w.Instrument.Symbol && p.Product == w.Instrument.Product && p.Slot == slot {
			return p
		}
	}
	return trading.Position{}
}

func (w *World) wantHeld(t testing.TB, slot trading.Slot, want trading.Qty, why string) {
	t.Helper()
	var had trading.Qty
	if !w.await(func() bool { had = w.held(t, slot).Qty; return w.same(had, want) }) {
		t.Errorf("position in %s is %s, want %s: %s", slot, had, want, why)
	}
}

// same tells whether a holding is what was bought; the fee for a coin may be taken out of it.
func (w *World) same(had, want trading.Qty) bool {
	if !w.spot() || want.IsZero() {
		return had.Equal(want)
	}
	fee := want.Times(w.Instrument.TakerFee).Times(trading.RatioUnits(2, 0)).Max(w.Instrument.StepSize)
	return !had.More(want) && !had.Less(want.Sub(fee))
}

// wantRejected wants a certain no, in words.
func (w *World) wantRejected(t testing.TB, o trading.Order, why string) error {
	t.Helper()
	w.settle()
	r, err := w.Adapter.Submit(t.Context(), o)
	if trading.KindOf(err) != trading.Rejected {
		t.Errorf("submit %s: status %q, error %v (%s); want Rejected: %s", o.ID, r.Status, err, trading.KindOf(err), why)
		return err
	}
	if len(err.Error()) < 10 {
		t.Errorf("submit %s: rejected as %q; want words that tell a person what is wrong", o.ID, err.Error())
	}
	return err
}

// child is the order that the exchange made from parent, as it was told last.
func (w *World) child(t testing.TB, parent trading.OrderID, kind trading.OrderType) trading.Report {
	t.Helper()
	var found trading.Report
	if w.await(func() bool {
		for _, r := range w.Reports() {
			if r.Child != nil && r.Child.Parent == parent && r.Child.Type == kind && found.Status != trading.OrderFilled {
				found = r
			}
		}
		return found.Status == trading.OrderFilled
	}); found.Child != nil {
		checkChild(t, found)
		return found
	}
	t.Fatalf("no report of a %s order made from %s; want one, or the ledger misses the close", kind, parent)
	return trading.Report{}
}

func checkChild(t testing.TB, r trading.Report) {
	t.Helper()
	c := r.Child
	if c.ID != r.OrderID || len(c.ID) > 36 || !c.ReduceOnly || c.Account == "" || c.Symbol == "" || !c.Qty.IsPositive() {
		t.Errorf("child order %+v is not complete: it is all that the ledger will know", *c)
	}
	if !c.Filled.IsZero() || c.Status != trading.OrderAccepted {
		t.Errorf("child order %s comes as %s with %s filled; want accepted with nothing, the report says the rest", c.ID, c.Status, c.Filled)
	}
}

// teller is the part of a test that is needed to complain; rapid's has no more.
type teller interface {
	Helper()
	Errorf(format string, args ...any)
}

// checkReport holds what is true of every report.
func checkReport(t teller, o trading.Order, r trading.Report) {
	t.Helper()
	if r.OrderID != o.ID {
		t.Errorf("report of %s names order %s", o.ID, r.OrderID)
	}
	if r.ExchangeID == "" {
		t.Errorf("report of %s has no exchange id: there is no evidence that the exchange has it", o.ID)
	}
	var sum trading.Qty
	seen := map[trading.FillID]bool{}
	for _, f := range r.Fills {
		if seen[f.ID] {
			t.Errorf("fill %s comes twice in one report", f.ID)
		}
		seen[f.ID] = true
		if f.OrderID != o.ID || f.Account != o.Account || f.Symbol != o.Symbol || f.Slot != o.Slot || f.Side != o.Side {
			t.Errorf("fill %+v does not belong to order %s", f, o.ID)
		}
		if !f.Qty.IsPositive() || !f.Price.IsPositive() || f.FeeAsset == "" || f.At.IsZero() {
			t.Errorf("fill %+v is not complete", f)
		}
		sum = sum.Add(f.Qty)
	}
	if !sum.Equal(r.Filled) {
		t.Errorf("report of %s says %s filled, its fills add up to %s", o.ID, r.Filled, sum)
	}
	if r.Filled.More(o.Qty) {
		t.Errorf("report of %s says %s filled of %s", o.ID, r.Filled, o.Qty)
	}
	if (r.Status == trading.OrderFilled) != r.Filled.Equal(o.Qty) {
		t.Errorf("report of %s is %s with %s of %s filled", o.ID, r.Status, r.Filled, o.Qty)
	}
}

func wantStatus(t testing.TB, r trading.Report, want trading.OrderStatus, why string) {
	t.Helper()
	if r.Status != want {
		t.Errorf("order %s is %s (%s), want %s: %s", r.OrderID, r.Status, r.Reason, want, why)
	}
}

func number(n int) string { return fmt.Sprintf("%04d", n) }
