package sqlite_test

import (
	"context"
	"testing"
	"time"

	"hoox/backend/queue"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

const silent = "the exchange does not answer"

// hold admits an order while its exchange does not answer.
func (h *house) hold(key string, side trading.Side, reduceOnly bool) (trading.Order, trading.Receipt) {
	h.t.Helper()
	in := alert(key)
	in.Held = silent
	o := leg(in, 0, side, "1")
	o.ReduceOnly = reduceOnly
	receipt, err := h.Admit(context.Background(), in, yes(in, o))
	if err != nil {
		h.t.Fatal(err)
	}
	return o, receipt
}

func TestWhatIsHeldWaitsWithTheReasonAndSaysSo(t *testing.T) {
	h := newHouse(t)
	o, receipt := h.hold("a", trading.Buy, false)
	after, err := h.Order(context.Background(), o.ID)
	if err != nil || after.Status != trading.OrderCreated || after.Reason != silent {
		t.Fatalf("had %s %q (%v), want it waiting with the reason", after.Status, after.Reason, err)
	}
	if !receipt.Held || !receipt.Created || len(receipt.Armed) != 0 || receipt.Status != trading.SignalEnqueued {
		t.Fatalf("had %+v, want enqueued and held", receipt)
	}
	if jobs := h.due(noon); len(jobs) != 1 || jobs[0].LastError != silent {
		t.Fatalf("had %+v, want one job with the reason", jobs)
	}
	h.sound()
}

func TestACloseGoesPastAnEntryThatIsHeld(t *testing.T) {
	h, ctx := newHouse(t), context.Background()
	first := h.enqueue("a", trading.Buy, false)
	h.enqueue("b", trading.Sell, true)
	if jobs := h.due(noon); len(jobs) != 1 {
		t.Fatalf("had %+v, want the close behind the entry while both go in a moment", jobs)
	}
	if err := h.Hold(ctx, first.ID, silent, noon); err != nil {
		t.Fatal(err)
	}
	if err := h.Hold(ctx, first.ID, silent, noon); err != nil {
		t.Fatal(err)
	}
	if jobs := h.due(noon); len(jobs) != 2 {
		t.Fatalf("had %+v, want the close in its turn beside the entry", jobs)
	}
	h.sound()
}

func TestACloseGoesPastAHeldEntryAlsoAfterTheWriterForgotWhatItKnew(t *testing.T) {
	h, ctx := newHouse(t), context.Background()
	h.hold("a", trading.Buy, false)
	in := alert("breaks")
	// A panic undoes the whole commit, and with it what the writer had in memory.
	if _, err := h.Admit(ctx, in, func(risk.Book) risk.Decision { panic("a bug") }); err == nil {
		t.Fatal("had no error, want the commit undone")
	}
	h.enqueue("b", trading.Sell, true)
	if jobs := h.due(noon); len(jobs) != 2 {
		t.Fatalf("had %+v, want the close beside the entry: it would wait until an entry goes that cannot", jobs)
	}
	h.sound()
}

func TestReleaseMakesWhatWaitedDueInItsOrder(t *testing.T) {
	h, ctx := newHouse(t), context.Background()
	first, _ := h.hold("a", trading.Buy, false)
	h.hold("b", trading.Buy, false)
	if err := h.Postpone(ctx, h.due(noon)[0].ID, noon.Add(time.Minute), silent); err != nil {
		t.Fatal(err)
	}
	if jobs := h.due(noon); len(jobs) != 0 {
		t.Fatalf("had %+v, want nothing due: the lane keeps its order", jobs)
	}
	if err := h.Release(ctx, "other:paper", noon); err != nil || len(h.due(noon)) != 0 {
		t.Fatalf("had %+v (%v), want the jobs of another account left alone", h.due(noon), err)
	}
	if err := h.Release(ctx, first.Account, noon); err != nil {
		t.Fatal(err)
	}
	if jobs := h.due(noon); len(jobs) != 1 || jobs[0].OrderID != first.ID {
		t.Fatalf("had %+v, want the oldest of the lane due", jobs)
	}
}

func TestAnOverdueJobEndsOutOfTurn(t *testing.T) {
	h, ctx := newHouse(t), context.Background()
	first := h.enqueue("a", trading.Buy, false)
	second := h.enqueue("b", trading.Buy, false)
	if err := h.Postpone(ctx, h.due(noon)[0].ID, noon.Add(time.Hour), silent); err != nil {
		t.Fatal(err)
	}
	late := second.Deadline.Add(time.Second)
	jobs := h.due(late)
	if len(jobs) != 1 || jobs[0].OrderID != second.ID || jobs[0].Kind != queue.Submit {
		t.Fatalf("had %+v, want the order whose time is over listed before %s: nothing waits past its deadline in silence", jobs, first.ID)
	}
}
