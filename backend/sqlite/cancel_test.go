package sqlite_test

import (
	"context"
	"testing"
	"time"

	"hoox/backend/queue"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

func TestOnlyTheExchangeCancelsWhatHasLeft(t *testing.T) {
	h := newHouse(t)
	o := h.enqueue("a", trading.Buy, false)
	if _, err := h.BeginSubmit(context.Background(), o.ID, noon, free); err != nil {
		t.Fatal(err)
	}
	// Somebody who saw it waiting a moment ago takes it for canceled.
	after, err := h.Settle(context.Background(), o.ID, trading.OrderCanceled, "cancelled before it was sent", noon)
	if trading.KindOf(err) != trading.Conflict {
		t.Fatalf("had %s %v, want Conflict: it may rest at the exchange, and nobody would look for it there", after.Status, err)
	}
	h.record(trading.Report{OrderID: o.ID, Status: trading.OrderAccepted, At: noon})
	if o, _ := h.Order(context.Background(), o.ID); o.Status != trading.OrderAccepted {
		t.Fatalf("had %s, want it accepted as the exchange says", o.Status)
	}
}

func TestCancelOfAWaitingOrderEndsItAtOnce(t *testing.T) {
	h := newHouse(t)
	o := h.enqueue("a", trading.Buy, false)
	if err := h.AskCancel(context.Background(), o.ID, "me", noon); err != nil {
		t.Fatal(err)
	}
	if _, err := h.BeginSubmit(context.Background(), o.ID, noon, free); trading.KindOf(err) != trading.Conflict {
		t.Fatalf("had %v, want Conflict: it was canceled before it left", err)
	}
	if o, _ := h.Order(context.Background(), o.ID); o.Status != trading.OrderCanceled || len(h.due(noon.Add(time.Hour))) != 0 {
		t.Fatalf("had %s and jobs %+v, want it canceled without a job", o.Status, h.due(noon.Add(time.Hour)))
	}
}

func TestReturnedOrderWhoseCancelWasAskedNeverGoesAgain(t *testing.T) {
	h := newHouse(t)
	o := h.admit("a", trading.Buy, "1")
	if err := h.AskCancel(context.Background(), o.ID, "me", noon); err != nil {
		t.Fatal(err)
	}
	after, err := h.Return(context.Background(), o.ID, "no route", noon, noon.Add(time.Second))
	if err != nil || after.Status != trading.OrderCanceled || len(h.due(noon.Add(time.Hour))) != 0 {
		t.Fatalf("had %s %v and jobs %+v, want it canceled: it provably never left and somebody wants it gone", after.Status, err, h.due(noon.Add(time.Hour)))
	}
}

func TestReturnUnderAHaltBlocksAnEntryAndKeepsAClose(t *testing.T) {
	for reduceOnly, want := range map[bool]trading.OrderStatus{false: trading.OrderBlocked, true: trading.OrderCreated} {
		h := newHouse(t)
		o := h.enqueue("a", trading.Buy, reduceOnly)
		if _, err := h.BeginSubmit(context.Background(), o.ID, noon, free); err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.SetStanding(context.Background(), risk.Standing{State: risk.Halted, Reason: "test", Actor: "me", Since: noon}); err != nil {
			t.Fatal(err)
		}
		after, err := h.Return(context.Background(), o.ID, "no route", noon, noon.Add(time.Second))
		if err != nil || after.Status != want {
			t.Errorf("reduce only %v: had %s %v, want %s", reduceOnly, after.Status, err, want)
		}
	}
}

// lanes lists the due submit jobs by order.
func (h *house) lanes(now time.Time) map[trading.OrderID]string {
	lanes := map[trading.OrderID]string{}
	for _, j := range h.due(now) {
		if j.Kind == queue.Submit {
			lanes[j.OrderID] = j.Lane
		}
	}
	return lanes
}

func TestCloseDoesNotQueueBehindEntriesThatMayNotGo(t *testing.T) {
	for name, stop := range map[string]func(h *house, first trading.Order) error{
		"behind a doubt": func(h *house, first trading.Order) error {
			_, err := h.Doubt(context.Background(), first.ID, "silence", noon, noon.Add(time.Hour))
			return err
		},
		"behind a retry": func(h *house, first trading.Order) error {
			_, err := h.Return(context.Background(), first.ID, "no route", noon, noon.Add(25*time.Second))
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t)
			first := h.admit("a", trading.Buy, "1")
			waiting, early := h.enqueue("b", trading.Buy, false), h.enqueue("c", trading.Sell, true)
			if err := stop(h, first); err != nil {
				t.Fatal(err)
			}
			late := h.enqueue("d", trading.Sell, true)
			lanes := h.lanes(noon)
			if lanes[early.ID] == "" || lanes[early.ID] == first.Lane() {
				t.Fatalf("due are %v, want the close %s in a lane of its own: it must not wait for an entry that waits", lanes, early.ID)
			}
			if _, err := h.BeginSubmit(context.Background(), early.ID, noon, free); err != nil {
				t.Fatal(err)
			}
			h.record(filled(early, "100", "0"))
			if lanes = h.lanes(noon); lanes[late.ID] == "" {
				t.Fatalf("due are %v, want the next close %s", lanes, late.ID)
			}
			if _, err := h.BeginSubmit(context.Background(), waiting.ID, noon.Add(time.Minute), free); trading.KindOf(err) != trading.Refused {
				t.Fatalf("had %v, want the entry that waited expired", err)
			}
		})
	}
}

func TestLaneStaysShutForEntriesWhileAPersonIsAsked(t *testing.T) {
	h := newHouse(t)
	first := h.admit("a", trading.Buy, "1")
	if _, err := h.Doubt(context.Background(), first.ID, "silence", noon, noon); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Settle(context.Background(), first.ID, trading.OrderNeedsReview, "ten minutes of silence", noon); err != nil {
		t.Fatal(err)
	}
	in := alert("b")
	r, err := h.Admit(context.Background(), in, yes(in, leg(in, 0, trading.Buy, "1")))
	if err != nil || len(r.Armed) != 0 || !r.Created {
		t.Fatalf("had %+v %v, want the next entry to wait: the first may be alive at the exchange", r, err)
	}
	if _, err := h.BeginSubmit(context.Background(), leg(in, 0, trading.Buy, "1").ID, noon, free); trading.KindOf(err) != trading.Conflict {
		t.Fatalf("had %v, want Conflict", err)
	}
	closing := h.enqueue("c", trading.Sell, true)
	if _, err := h.BeginSubmit(context.Background(), closing.ID, noon, free); err != nil {
		t.Fatalf("had %v, want the close to go", err)
	}
}

func TestSignalCancelsEntriesInItsOwnCommit(t *testing.T) {
	h := newHouse(t)
	resting := h.admit("rest", trading.Buy, "1")
	h.record(trading.Report{OrderID: resting.ID, Status: trading.OrderAccepted, At: noon})
	waiting := h.enqueue("wait", trading.Buy, false)
	in := alert("flat")
	flushes := h.Flushes()
	r, err := h.Admit(context.Background(), in, func(risk.Book) risk.Decision {
		d := risk.End(trading.SignalNoOp, "nothing to close")
		d.Cancel = []trading.OrderID{resting.ID, waiting.ID, "gone"}
		return d
	})
	if err != nil || r.Status != trading.SignalNoOp || h.Flushes() != flushes+1 {
		t.Fatalf("had %+v %v in %d commits, want one", r, err, h.Flushes()-flushes)
	}
	if jobs := h.due(noon); len(jobs) != 1 || jobs[0].Kind != queue.Cancel || jobs[0].OrderID != resting.ID {
		t.Fatalf("had %+v, want the cancel of the resting entry on disk with the signal", jobs)
	}
	if o, _ := h.Order(context.Background(), waiting.ID); o.Status != trading.OrderCanceled {
		t.Fatalf("had %s, want the waiting entry canceled", o.Status)
	}
	if again, err := h.Admit(context.Background(), in, yes(in)); err != nil || !again.Duplicate {
		t.Fatalf("had %+v %v, want a duplicate", again, err)
	}
}
