package sqlite_test

import (
	"context"
	"testing"
	"time"

	"hoox/backend/risk"
	"hoox/backend/trading"
)

func TestRecordTwiceChangesNothingTheSecondTime(t *testing.T) {
	h := newHouse(t)
	o := h.admit("a", trading.Buy, "1")
	first := h.record(filled(o, "100", "0.05"))
	flushes := h.Flushes()

	again := h.record(filled(o, "100", "0.05"))

	if again.Version != first.Version || h.Flushes() != flushes {
		t.Fatalf("want nothing written, had version %d after %d and %d flushes", again.Version, first.Version, h.Flushes()-flushes)
	}
	if b, p := h.balance("USDT"), h.position().Qty.String(); b != "-0.05" || p != "1" {
		t.Fatalf("want the fill counted once, had balance %s position %s", b, p)
	}
}

func TestReportsOutOfOrderEndWithTheFacts(t *testing.T) {
	h := newHouse(t)
	o := h.admit("a", trading.Buy, "1")
	part := trading.Report{OrderID: o.ID, Status: trading.OrderPartiallyFilled, Filled: trading.MustQty("0.4"), Fills: []trading.Fill{fill("f1", "0.4", "100", "0")}, At: noon}
	full := trading.Report{OrderID: o.ID, Status: trading.OrderFilled, Filled: trading.MustQty("1"), Fills: []trading.Fill{fill("f2", "0.6", "110", "0")}, At: noon}

	// The word "filled" comes with the second fill only; then an old acceptance; then the first fill.
	h.record(full)
	h.record(trading.Report{OrderID: o.ID, Status: trading.OrderAccepted, At: noon})
	late := h.record(part)

	if late.Status != trading.OrderFilled || late.Filled.String() != "1" || late.FilledCost.String() != "106" {
		t.Fatalf("want filled with 1 for 106, had %s %s %s", late.Status, late.Filled, late.FilledCost)
	}
	if p := h.position(); p.Qty.String() != "1" || p.Cost.String() != "106" {
		t.Fatalf("position: want 1 for 106, had %s for %s", p.Qty, p.Cost)
	}
	h.sound()
}

func TestWhatIsFilledNeverShrinks(t *testing.T) {
	h := newHouse(t)
	o := h.admit("a", trading.Buy, "1")
	h.record(trading.Report{OrderID: o.ID, Status: trading.OrderPartiallyFilled, Filled: trading.MustQty("0.5"), Fills: []trading.Fill{fill("f1", "0.5", "100", "0")}, At: noon})

	after := h.record(trading.Report{OrderID: o.ID, Status: trading.OrderPartiallyFilled, Filled: trading.MustQty("0.2"), At: noon})

	if after.Filled.String() != "0.5" || after.Status != trading.OrderPartiallyFilled {
		t.Fatalf("want 0.5 still, had %s %s", after.Filled, after.Status)
	}
}

func TestWhatIsSaidToBeFilledNeverShrinks(t *testing.T) {
	h := newHouse(t)
	o := h.admit("a", trading.Buy, "1")
	// The word comes before the fills that it is about, and an older word after it.
	h.record(trading.Report{OrderID: o.ID, Status: trading.OrderPartiallyFilled, Filled: trading.MustQty("0.5"), At: noon})

	after := h.record(trading.Report{OrderID: o.ID, Status: trading.OrderPartiallyFilled, Filled: trading.MustQty("0.2"), At: noon})

	if after.Filled.String() != "0.5" {
		t.Fatalf("want 0.5 still, had %s: an older word undoes no newer one", after.Filled)
	}
}

func TestFillCrossingACancelIsAFact(t *testing.T) {
	h := newHouse(t)
	o := h.admit("a", trading.Buy, "1")
	h.record(trading.Report{OrderID: o.ID, Status: trading.OrderAccepted, ExchangeID: "e", At: noon})
	h.record(trading.Report{OrderID: o.ID, Status: trading.OrderCanceled, At: noon})
	if s := h.status("sig-a"); s != trading.SignalNoOp {
		t.Fatalf("want no_op after the cancel, had %s", s)
	}

	some := h.record(trading.Report{OrderID: o.ID, Status: trading.OrderPartiallyFilled, Fills: []trading.Fill{fill("f1", "0.5", "100", "0")}, At: noon})
	all := h.record(trading.Report{OrderID: o.ID, Status: trading.OrderFilled, Fills: []trading.Fill{fill("f2", "0.5", "100", "0")}, At: noon})

	if some.Status != trading.OrderCanceled || some.Filled.String() != "0.5" || all.Status != trading.OrderFilled || all.ExchangeID != "e" {
		t.Fatalf("want canceled with 0.5 and then filled, had %s %s, %s", some.Status, some.Filled, all.Status)
	}
	if s := h.status("sig-a"); s != trading.SignalFilled {
		t.Fatalf("want the signal filled, had %s", s)
	}
	h.sound()
}

func TestFillOfAnOrderNeverSentIsRefusedWhole(t *testing.T) {
	h := newHouse(t)
	h.admit("a", trading.Buy, "1")
	in := alert("b")
	if _, err := h.Admit(context.Background(), in, yes(in, leg(in, 0, trading.Buy, "1"))); err != nil {
		t.Fatal(err)
	}

	_, err := h.Record(context.Background(), filled(leg(in, 0, trading.Buy, "1"), "100", "0.05"))

	if trading.KindOf(err) != trading.Conflict {
		t.Fatalf("want Conflict, had %v: an account's news goes on over a contradiction, and ends over a ledger that fails", err)
	}
	if p := h.position(); !p.Qty.IsZero() {
		t.Fatalf("want nothing booked, had a position of %s", p.Qty)
	}
	if o, _ := h.Order(context.Background(), "hx1-sig-b-0"); o.Status != trading.OrderCreated || !o.Filled.IsZero() {
		t.Fatalf("want the order as it was, had %+v", o)
	}
}

func TestReportOfAnUnknownOrderIsNotFound(t *testing.T) {
	h := newHouse(t)
	if _, err := h.Record(context.Background(), trading.Report{OrderID: "nobody", Status: trading.OrderFilled}); trading.KindOf(err) != trading.NotFound {
		t.Fatalf("want NotFound, had %v", err)
	}
}

func TestFlipRealizesAndTurnsRound(t *testing.T) {
	h := newHouse(t)
	if err := h.BookCash(context.Background(), trading.Cash{ID: "d1", Account: paper, Kind: trading.CashDeposit, Asset: "USDT", Amount: trading.MustMoney("1000"), At: noon}); err != nil {
		t.Fatal(err)
	}
	h.record(filled(h.admit("long", trading.Buy, "2"), "100", "0.1"))

	// One sell of 3 through zero: closes 2 with a profit of 10 each, opens 1 short at 110.
	h.record(filled(h.admit("short", trading.Sell, "3"), "110", "0.2"))

	p := h.position()
	if p.Qty.String() != "-1" || p.Entry().String() != "110" || !p.Realized.IsZero() {
		t.Fatalf("want 1 short at 110, had %+v", p)
	}
	if b := h.balance("USDT"); b != "1019.7" {
		t.Fatalf("balance: want 1000 + 20 - 0.3 = 1019.7, had %s", b)
	}
	fills, _, err := h.Fills(context.Background(), trading.Page{})
	if err != nil || len(fills) != 2 || fills[0].RealizedPnL.String() != "20" {
		t.Fatalf("want the profit on the newest fill, had %+v %v", fills, err)
	}
	day, err := h.Day(context.Background(), noon)
	if d := day[paper]; err != nil || d.Realized.String() != "20" || d.Fees.String() != "0.3" || d.Fills != 2 || d.Signals != 2 {
		t.Fatalf("day: want 20 realized, 0.3 fees, 2 fills of 2 signals, had %+v %v", d, err)
	}
	h.sound()
}

func TestProtectionComesFromTheEntryAndEndsWithThePosition(t *testing.T) {
	h := newHouse(t)
	in := alert("a")
	o := leg(in, 0, trading.Buy, "1")
	o.Protection = trading.Protection{StopLoss: trading.MustPrice("90"), TakeProfit: []trading.TakeProfitAt{{Price: trading.MustPrice("120"), Qty: trading.MustQty("1")}}}
	r, err := h.Admit(context.Background(), in, yes(in, o))
	if err != nil {
		t.Fatal(err)
	}
	h.record(filled(r.Armed[0], "100", "0"))
	if p := h.position(); p.Protection.StopLoss.String() != "90" || len(p.Protection.TakeProfit) != 1 {
		t.Fatalf("want the entry's protection, had %+v", p.Protection)
	}
	h.reopen()

	// The exchange's own stop closes it: an order of which nobody told us.
	child := trading.Order{Account: paper, Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth, Side: trading.Sell, Type: trading.StopOrder, ReduceOnly: true, Qty: trading.MustQty("1"), Parent: o.ID}
	report := trading.Report{OrderID: "ex-stop-1", ExchangeID: "ex-stop-1", Status: trading.OrderFilled, At: noon.Add(time.Hour), Fills: []trading.Fill{fill("fs", "1", "90", "0")}, Child: &child}
	h.record(report)
	h.record(report)

	s, err := h.Signal(context.Background(), "sig-a")
	if err != nil || len(s.Orders) != 2 || s.Orders[1].Type != trading.StopOrder || s.Orders[1].Parent != o.ID || s.Status != trading.SignalFilled {
		t.Fatalf("want the stop once under the parent's signal, which stays filled, had %+v %v", s, err)
	}
	if open, _ := h.Positions(context.Background()); len(open) != 0 {
		t.Fatalf("want flat, had %+v", open)
	}
	if b := h.balance("USDT"); b != "-10" {
		t.Fatalf("want the loss of 10 booked, had %s", b)
	}
	h.sound()
}

func TestLiquidationBelongsToTheLastSignalOfItsLane(t *testing.T) {
	h := newHouse(t)
	h.record(filled(h.admit("a", trading.Buy, "1"), "100", "0"))
	child := trading.Order{Account: paper, Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth, Side: trading.Sell, Type: trading.Liquidation, ReduceOnly: true, Qty: trading.MustQty("1")}

	h.record(trading.Report{OrderID: "liq-1", Status: trading.OrderFilled, At: noon, Fills: []trading.Fill{fill("fl", "1", "80", "1")}, Child: &child})

	if o, err := h.Order(context.Background(), "liq-1"); err != nil || o.SignalID != "sig-a" || o.Status != trading.OrderFilled {
		t.Fatalf("want it under the last signal, had %+v %v", o, err)
	}
	h.sound()
}

func TestCashIsBookedOnce(t *testing.T) {
	h := newHouse(t)
	c := trading.Cash{ID: "funding:1", Account: paper, Kind: trading.CashFunding, Asset: "USDT", Amount: trading.MustMoney("-0.25"), Symbol: "BTCUSDT", At: noon}
	for range 3 {
		if err := h.BookCash(context.Background(), c); err != nil {
			t.Fatal(err)
		}
	}
	if b := h.balance("USDT"); b != "-0.25" {
		t.Fatalf("want it once, had %s", b)
	}
	if day, _ := h.Day(context.Background(), noon); day[paper].Funding.String() != "-0.25" {
		t.Fatalf("want the funding in the day, had %+v", day[paper])
	}
}

func TestOrderInAnotherFeeAssetMovesTwoBalances(t *testing.T) {
	h := newHouse(t)
	r := filled(h.admit("a", trading.Buy, "1"), "100", "0.001")
	r.Fills[0].FeeAsset = "BNB"
	h.record(r)
	if u, b := h.balance("USDT"), h.balance("BNB"); u != "0" || b != "-0.001" {
		t.Fatalf("want 0 USDT and -0.001 BNB, had %s and %s", u, b)
	}
	h.sound()
}

// sound fails the test when the ledger does not agree with itself.
func (h *house) sound() {
	h.t.Helper()
	findings, err := h.Verify(context.Background())
	if err != nil || len(findings) != 10 {
		h.t.Fatalf("verify: want 10 findings, had %+v %v", findings, err)
	}
	for _, f := range findings {
		if !f.OK {
			h.t.Errorf("%s: %s", f.Check, f.Detail)
		}
	}
}

// free is a second look that lets everything through.
func free(risk.Book, trading.Order) (trading.OrderStatus, string, bool) { return "", "", true }
