package sqlite_test

import (
	"context"
	"testing"
	"time"

	"hoox/backend/queue"
	"hoox/backend/trading"
)

const testnet = trading.AccountID("bybit:testnet")

// entry admits an entry with a stop at a real exchange and fills it.
func (h *house) entry(key, qty string) trading.Order {
	h.t.Helper()
	in := alert(key)
	in.Account = testnet
	o := leg(in, 0, trading.Buy, qty)
	o.Protection.StopLoss = trading.MustPrice("90")
	if _, err := h.Admit(context.Background(), in, yes(in, o)); err != nil {
		h.t.Fatal(err)
	}
	return h.record(filled(o, "100", "0"))
}

// protects lists the jobs about protections.
func (h *house) protects() []queue.Job {
	h.t.Helper()
	jobs, _, _, _, err := h.JobList(context.Background(), trading.Page{})
	if err != nil {
		h.t.Fatal(err)
	}
	var list []queue.Job
	for _, j := range jobs {
		if j.Kind == queue.Protect {
			list = append(list, j)
		}
	}
	return list
}

func (h *house) guard(id trading.OrderID) trading.Guard {
	h.t.Helper()
	g, _, err := h.Guard(context.Background(), id)
	if err != nil {
		h.t.Fatal(err)
	}
	return g
}

func (h *house) settle(g trading.Guard, s trading.GuardState, covers string) error {
	g.State, g.Covers, g.ConfirmedAt = s, trading.MustQty(covers), noon
	return h.SettleGuard(context.Background(), g, noon)
}

func TestFillOfAProtectedEntryWritesItsJobInTheSameTransaction(t *testing.T) {
	h := newHouse(t)
	o := h.entry("a", "2")
	h.reopen()
	jobs := h.protects()
	if len(jobs) != 1 || jobs[0].OrderID != o.ID || jobs[0].SignalID != o.SignalID {
		t.Fatalf("had %+v, want one job for the entry: it must survive the end of the program", jobs)
	}
	g, p, err := h.Guard(context.Background(), o.ID)
	if err != nil || g.State != trading.GuardAsked || !g.Since.Equal(noon) || p.Qty.String() != "2" || p.Protection.StopLoss.String() != "90" {
		t.Errorf("had %+v, %+v, %v; want it asked for 2 with a stop at 90", g, p, err)
	}
}

func TestPaperAndUnprotectedEntriesHaveNoJob(t *testing.T) {
	h := newHouse(t)
	in := alert("p")
	o := leg(in, 0, trading.Buy, "1")
	o.Protection.StopLoss = trading.MustPrice("90")
	if _, err := h.Admit(context.Background(), in, yes(in, o)); err != nil {
		t.Fatal(err)
	}
	h.record(filled(o, "100", "0"))
	if jobs := h.protects(); len(jobs) != 0 {
		t.Errorf("had %+v, want none: the paper exchange protects in the step that fills", jobs)
	}
	if _, _, err := h.Guard(context.Background(), o.ID); trading.KindOf(err) != trading.NotFound {
		t.Errorf("had %v, want NotFound", err)
	}
}

func TestResultForAnOlderPositionIsAConflict(t *testing.T) {
	h := newHouse(t)
	o := h.entry("a", "2")
	old := h.guard(o.ID)
	in := alert("b")
	in.Account = testnet
	part := leg(in, 0, trading.Sell, "1")
	part.ReduceOnly = true
	if _, err := h.Admit(context.Background(), in, yes(in, part)); err != nil {
		t.Fatal(err)
	}
	h.record(filled(part, "100", "0"))
	if err := h.settle(old, trading.GuardStanding, "2"); trading.KindOf(err) != trading.Conflict {
		t.Fatalf("had %v, want a Conflict: half of the position was closed while the stop for all of it was placed", err)
	}
	if len(h.protects()) != 1 {
		t.Error("the job is gone although the new size was never told")
	}
}

func TestJobThatIsWrittenAfterAResultIsAnotherOne(t *testing.T) {
	h := newHouse(t)
	o := h.entry("a", "2")
	first := h.protects()[0]
	if err := h.settle(h.guard(o.ID), trading.GuardStanding, "2"); err != nil {
		t.Fatal(err)
	}
	if err := h.Rearm(context.Background(), o.ID, noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	// The runner finishes what it did only now.
	if err := h.Finish(context.Background(), first.ID); err != nil {
		t.Fatal(err)
	}
	if jobs := h.protects(); len(jobs) != 1 || jobs[0].ID == first.ID {
		t.Errorf("had %+v, want the new job to stay: nobody did it yet", jobs)
	}
	if g := h.guard(o.ID); g.State != trading.GuardAsked || !g.Covers.IsZero() || !g.Since.Equal(noon.Add(time.Minute)) {
		t.Errorf("had %+v, want it not taken to stand any more", g)
	}
}

func TestNewestEntryTakesTheProtectionOver(t *testing.T) {
	h := newHouse(t)
	a := h.entry("a", "2")
	if err := h.settle(h.guard(a.ID), trading.GuardStanding, "2"); err != nil {
		t.Fatal(err)
	}
	b := h.entry("b", "1")
	if g := h.guard(a.ID); g.State != trading.GuardGone {
		t.Errorf("had %+v, want the older watch gone", g)
	}
	list, err := h.Guards(context.Background(), testnet)
	if err != nil || len(list) != 1 || list[0].Order != b.ID || len(h.protects()) != 1 {
		t.Errorf("had %+v, %+v, %v; want one watch of one position", list, h.protects(), err)
	}
	if err := h.Leftover(context.Background(), a.ID, noon); err != nil || h.guard(a.ID).State != trading.GuardGone {
		t.Errorf("had %v, %+v; want the older entry left alone: another one protects the position", err, h.guard(a.ID))
	}
	if err := h.Leftover(context.Background(), "hx1nobody", noon); trading.KindOf(err) != trading.NotFound {
		t.Errorf("had %v, want NotFound", err)
	}
}

func TestOutcomesOfAProtectionStandInTheJournalOfItsSignal(t *testing.T) {
	h := newHouse(t)
	o := h.entry("a", "2")
	if err := h.settle(h.guard(o.ID), trading.GuardStanding, "2"); err != nil {
		t.Fatal(err)
	}
	if err := h.settle(h.guard(o.ID), trading.GuardStanding, "2"); err != nil {
		t.Fatal(err)
	}
	g := h.guard(o.ID)
	g.Closes, g.Detail = 1, "close"
	if err := h.settle(g, trading.GuardFailed, "2"); err != nil {
		t.Fatal(err)
	}
	s, err := h.Signal(context.Background(), o.SignalID)
	if err != nil {
		t.Fatal(err)
	}
	var had []string
	for _, e := range s.Journal[len(s.Journal)-2:] {
		had = append(had, e.Stage)
	}
	if had[0] != "protection standing" || had[1] != "protective close" {
		t.Errorf("journal ends with %v, want each outcome once", had)
	}
}

func TestDriftCountsOnOnlyWhileBothSidesSayTheSame(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	see := func(theirs string) trading.Drift {
		t.Helper()
		d := trading.Drift{ID: "d", Account: testnet, Kind: trading.DriftSize, Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth,
			Ours: trading.MustQty("1"), Theirs: trading.MustQty(theirs)}
		list, err := h.Reconciled(ctx, trading.Comparison{Account: testnet, At: noon, Seen: []trading.Drift{d}})
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		return list[0]
	}
	if see("2").Counts() || see("3").Counts() {
		t.Error("counts although the exchange said something else each time: it is filling")
	}
	if d := see("3"); !d.Counts() || !d.Bars() {
		t.Errorf("had %+v, want it to count when it was the same twice", d)
	}
	if d := see("4"); !d.Counts() {
		t.Errorf("had %+v, want what counted to go on counting", d)
	}
	if err := h.IgnoreDrift(ctx, "d", "me", noon); err != nil {
		t.Fatal(err)
	}
	if see("4").Bars() || !see("5").Bars() {
		t.Error("want it ignored for as long as it stays what it is, and no longer")
	}
	if _, err := h.Reconciled(ctx, trading.Comparison{Account: testnet, At: noon, Ended: []string{"d"}}); err != nil {
		t.Fatal(err)
	}
	if list, err := h.Drifts(ctx); err != nil || len(list) != 0 {
		t.Errorf("had %+v %v, want none", list, err)
	}
	if _, stands, err := h.Drift(ctx, "d"); err != nil || stands {
		t.Errorf("stands %v, %v; want it known and ended", stands, err)
	}
	if d := see("5"); d.Counts() {
		t.Errorf("had %+v, want a new beginning", d)
	}
}

func TestAdoptionIsRefusedWhenTheLedgerMovedOrAnOrderIsOnItsWay(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	h.entry("a", "2")
	d := trading.Drift{ID: "d", Account: testnet, Kind: trading.DriftSize, Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth,
		Ours: trading.MustQty("1"), Theirs: trading.MustQty("3")}
	if _, err := h.Reconciled(ctx, trading.Comparison{Account: testnet, At: noon, Seen: []trading.Drift{d}}); err != nil {
		t.Fatal(err)
	}
	theirs := trading.Position{Qty: trading.MustQty("3"), Cost: trading.MustMoney("300")}
	if err := h.AdoptPosition(ctx, d, theirs, "me", noon); trading.KindOf(err) != trading.Conflict {
		t.Errorf("had %v, want a Conflict: the ledger has 2 by now", err)
	}
	d.Ours = trading.MustQty("2")
	in := alert("b")
	in.Account = testnet
	if _, err := h.Admit(ctx, in, yes(in, leg(in, 0, trading.Buy, "1"))); err != nil {
		t.Fatal(err)
	}
	if err := h.AdoptPosition(ctx, d, theirs, "me", noon); trading.KindOf(err) != trading.Conflict {
		t.Errorf("had %v, want a Conflict: what comes of the order would count twice", err)
	}
	lost := leg(in, 0, trading.Buy, "1").ID
	if _, err := h.Doubt(ctx, lost, "silence", noon, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Settle(ctx, lost, trading.OrderNeedsReview, "ten minutes of silence", noon); err != nil {
		t.Fatal(err)
	}
	if err := h.AdoptPosition(ctx, d, theirs, "me", noon); trading.KindOf(err) != trading.Conflict {
		t.Errorf("had %v, want a Conflict: the exchange is still asked about the order, and its fills would count twice", err)
	}
	h.record(trading.Report{OrderID: lost, Status: trading.OrderRejected, At: noon})
	if err := h.AdoptPosition(ctx, d, theirs, "me", noon); err != nil {
		t.Fatal(err)
	}
	after := h.entry("c", "1")
	if p := h.position(); p.Qty.String() != "4" || p.Cost.String() != "400" || after.Status != trading.OrderFilled {
		t.Errorf("had %s for %s, want fills to go on from what was adopted", p.Qty, p.Cost)
	}
	h.reopen()
	list, err := h.Verify(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if !f.OK {
			t.Errorf("%s: %s", f.Check, f.Detail)
		}
	}
}
