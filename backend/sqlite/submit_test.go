package sqlite_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"hoox/backend/queue"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

// enqueue admits one order into the queue.
func (h *house) enqueue(key string, side trading.Side, reduceOnly bool) trading.Order {
	h.t.Helper()
	in := alert(key)
	in.Queue = true
	o := leg(in, 0, side, "1")
	o.ReduceOnly = reduceOnly
	r, err := h.Admit(context.Background(), in, yes(in, o))
	if err != nil || len(r.Armed) != 0 || !r.Created {
		h.t.Fatalf("enqueue %s: want it waiting, had %+v %v", key, r, err)
	}
	return o
}

func (h *house) due(now time.Time) []queue.Job {
	h.t.Helper()
	jobs, err := h.Due(context.Background(), now, 100)
	if err != nil {
		h.t.Fatal(err)
	}
	return jobs
}

func TestBeginSubmitArmsAndTakesTheJob(t *testing.T) {
	h := newHouse(t)
	o := h.enqueue("a", trading.Buy, false)

	armed, err := h.BeginSubmit(context.Background(), o.ID, noon.Add(time.Second), free)

	if err != nil || armed.Status != trading.OrderSubmitted || armed.Attempts != 1 || armed.Version != 2 || !armed.ArmedAt.Equal(noon.Add(time.Second)) {
		t.Fatalf("want it submitted, had %+v %v", armed, err)
	}
	if jobs := h.due(noon.Add(time.Hour)); len(jobs) != 0 {
		t.Fatalf("want no job left, had %+v", jobs)
	}
	if s := h.status("sig-a"); s != trading.SignalExecuting {
		t.Fatalf("want executing, had %s", s)
	}
	if _, err := h.BeginSubmit(context.Background(), o.ID, noon, free); trading.KindOf(err) != trading.Conflict {
		t.Fatalf("second time: want Conflict, had %v: an order is armed once", err)
	}
}

func TestLaneTakesOneOrderAtATime(t *testing.T) {
	h := newHouse(t)
	first, second := h.enqueue("a", trading.Buy, false), h.enqueue("b", trading.Buy, false)
	closing := h.enqueue("c", trading.Sell, true)
	if jobs := h.due(noon); len(jobs) != 1 || jobs[0].OrderID != first.ID {
		t.Fatalf("want only the oldest of the lane due, had %+v", jobs)
	}
	if _, err := h.BeginSubmit(context.Background(), first.ID, noon, free); err != nil {
		t.Fatal(err)
	}
	if _, err := h.BeginSubmit(context.Background(), second.ID, noon, free); trading.KindOf(err) != trading.Conflict {
		t.Fatalf("want Conflict while the first is in flight, had %v", err)
	}
	if err := h.Postpone(context.Background(), h.due(noon)[0].ID, noon.Add(time.Minute), "lane"); err != nil {
		t.Fatal(err)
	}
	if at, ok, err := h.NextDue(context.Background(), noon); err != nil || !ok || !at.Equal(noon.Add(time.Minute)) {
		t.Fatalf("want the next due in a minute, had %v %v %v: a job behind it must not wake the runner for nothing", at, ok, err)
	}

	if _, err := h.Doubt(context.Background(), first.ID, "silence", noon, noon.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.BeginSubmit(context.Background(), second.ID, noon, free); trading.KindOf(err) != trading.Conflict {
		t.Fatalf("want no new entry while one is unknown, had %v", err)
	}
	if _, err := h.BeginSubmit(context.Background(), closing.ID, noon, free); err != nil {
		t.Fatalf("a reduce-only close need not wait for a doubt, had %v", err)
	}
	h.record(filled(closing, "100", "0"))
	h.record(filled(first, "100", "0"))

	if jobs := h.due(noon.Add(2 * time.Second)); len(jobs) != 1 || jobs[0].OrderID != second.ID {
		t.Fatalf("want the next order due as soon as the lane is free, had %+v", jobs)
	}
}

func TestSecondLegWaitsForTheFirst(t *testing.T) {
	for _, c := range []struct {
		name  string
		first trading.OrderStatus
		want  trading.OrderStatus
		kind  trading.Kind
		ends  trading.SignalStatus
	}{
		{"filled", trading.OrderFilled, trading.OrderSubmitted, "", trading.SignalExecuting},
		{"canceled", trading.OrderCanceled, trading.OrderCanceled, trading.Refused, trading.SignalNoOp},
		{"rejected", trading.OrderRejected, trading.OrderCanceled, trading.Refused, trading.SignalRejected},
		{"not placed", trading.OrderNotPlaced, trading.OrderCanceled, trading.Refused, trading.SignalNotPlaced},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t)
			in := alert("flip")
			one, two := leg(in, 0, trading.Sell, "1"), leg(in, 1, trading.Sell, "1")
			one.ReduceOnly = true
			r, err := h.Admit(context.Background(), in, yes(in, one, two))
			if err != nil || len(r.Armed) != 1 || !r.Created {
				t.Fatalf("want the close armed and the entry waiting, had %+v %v", r, err)
			}
			if _, err := h.BeginSubmit(context.Background(), two.ID, noon, free); trading.KindOf(err) != trading.Conflict {
				t.Fatalf("want Conflict while the first leg is open, had %v", err)
			}
			if c.first == trading.OrderFilled {
				h.record(filled(r.Armed[0], "100", "0"))
			} else if c.first == trading.OrderCanceled {
				h.record(trading.Report{OrderID: one.ID, Status: trading.OrderCanceled, At: noon})
			} else if _, err := h.Settle(context.Background(), one.ID, c.first, "test", noon); err != nil {
				t.Fatal(err)
			}

			o, err := h.BeginSubmit(context.Background(), two.ID, noon, free)

			if o.Status != c.want || trading.KindOf(err) != c.kind {
				t.Fatalf("want %s and %q, had %s and %v", c.want, c.kind, o.Status, err)
			}
			if s := h.status("sig-flip"); s != c.ends {
				t.Fatalf("signal: want %s, had %s", c.ends, s)
			}
		})
	}
}

func TestEntryOfAFlipWaitsWhileItsCloseRests(t *testing.T) {
	h := newHouse(t)
	in := alert("flip")
	one, two := leg(in, 0, trading.Sell, "1"), leg(in, 1, trading.Sell, "1")
	one.ReduceOnly, one.Type, one.Price = true, trading.Limit, trading.MustPrice("110")
	r, err := h.Admit(context.Background(), in, yes(in, one, two))
	if err != nil || len(r.Armed) != 1 {
		t.Fatalf("want the close armed, had %+v %v", r, err)
	}
	h.record(trading.Report{OrderID: one.ID, Status: trading.OrderAccepted, At: noon})

	// A resting order does not hold up its lane, so nothing but the leg before it keeps the entry back.
	o, err := h.BeginSubmit(context.Background(), two.ID, noon, free)

	if trading.KindOf(err) != trading.Conflict || o.Status != trading.OrderCreated {
		t.Fatalf("want Conflict and the entry waiting, had %v and %s: on top of what is not closed it would be twice the risk", err, o.Status)
	}
}

func TestLateOrderExpiresInsteadOfFiring(t *testing.T) {
	h := newHouse(t)
	o := h.enqueue("a", trading.Buy, false)

	after, err := h.BeginSubmit(context.Background(), o.ID, noon.Add(31*time.Second), free)

	if trading.KindOf(err) != trading.Refused || after.Status != trading.OrderExpired {
		t.Fatalf("want Refused and expired, had %v %s", err, after.Status)
	}
	if s, _ := h.Signal(context.Background(), "sig-a"); s.Status != trading.SignalExpired || s.Reason == "" || len(h.due(noon.Add(time.Hour))) != 0 {
		t.Fatalf("want the signal expired with a reason and no job, had %+v", s)
	}
}

func TestSecondLookCanBlock(t *testing.T) {
	h := newHouse(t)
	o := h.enqueue("a", trading.Buy, false)

	after, err := h.BeginSubmit(context.Background(), o.ID, noon, func(b risk.Book, o trading.Order) (trading.OrderStatus, string, bool) {
		b.Standing.State = risk.Halted
		return risk.Second(risk.Limits{}, b.Standing, o)
	})

	if trading.KindOf(err) != trading.Halted || after.Status != trading.OrderBlocked {
		t.Fatalf("want Halted and blocked, had %v %s", err, after.Status)
	}
}

func TestHaltBlocksWaitingEntriesAndListsRestingOnes(t *testing.T) {
	h := newHouse(t)
	resting := h.admit("rest", trading.Buy, "1")
	h.record(trading.Report{OrderID: resting.ID, Status: trading.OrderAccepted, At: noon})
	entry, closing := h.enqueue("entry", trading.Buy, false), h.enqueue("close", trading.Sell, true)

	blocked, orders, err := h.SetStanding(context.Background(), risk.Standing{State: risk.Halted, Reason: "test", Actor: "me", Since: noon})

	if err != nil || blocked != 1 || len(orders) != 1 || orders[0].ID != resting.ID {
		t.Fatalf("want 1 blocked and the resting entry, had %d %+v %v", blocked, orders, err)
	}
	if o, _ := h.Order(context.Background(), entry.ID); o.Status != trading.OrderBlocked || h.status("sig-entry") != trading.SignalBlocked {
		t.Fatalf("want the entry blocked, had %s: it must never fire later", o.Status)
	}
	if jobs := h.due(noon); len(jobs) != 1 || jobs[0].OrderID != closing.ID {
		t.Fatalf("want only the close still waiting, had %+v", jobs)
	}
	h.reopen()
	if s, err := h.Standing(context.Background()); err != nil || s.State != risk.Halted || s.Epoch != 2 || s.Reason != "test" {
		t.Fatalf("want it halted after a restart, had %+v %v", s, err)
	}
	in := alert("later")
	r, err := h.Admit(context.Background(), in, yes(in, leg(in, 0, trading.Buy, "1")))
	if err != nil || r.Status != trading.SignalBlocked {
		t.Fatalf("want new entries blocked, had %+v %v", r, err)
	}
}

func TestDoubtReturnAndSettleKeepTheJobsRight(t *testing.T) {
	h := newHouse(t)
	o := h.admit("a", trading.Buy, "1")
	returned, err := h.Return(context.Background(), o.ID, "no route", noon, noon.Add(time.Second))
	if err != nil || returned.Status != trading.OrderCreated || h.status("sig-a") != trading.SignalEnqueued {
		t.Fatalf("want it waiting again, had %+v %v", returned, err)
	}
	again, err := h.BeginSubmit(context.Background(), o.ID, noon.Add(time.Second), free)
	if err != nil || again.Attempts != 2 {
		t.Fatalf("want the second attempt, had %+v %v", again, err)
	}
	for _, after := range []time.Duration{time.Second, time.Minute} {
		if _, err := h.Doubt(context.Background(), o.ID, "silence", noon, noon.Add(after)); err != nil {
			t.Fatal(err)
		}
	}
	open, err := h.InDoubt(context.Background())
	if err != nil || len(open) != 1 || open[0].Status != trading.OrderUnknown {
		t.Fatalf("want it in doubt, had %+v %v", open, err)
	}
	if jobs := h.due(noon.Add(time.Minute)); len(jobs) != 1 || jobs[0].Kind != queue.Resolve || !jobs[0].RunAt.Equal(noon.Add(time.Minute)) {
		t.Fatalf("want one resolve job, moved, had %+v", jobs)
	}
	if _, err := h.Settle(context.Background(), o.ID, trading.OrderNotPlaced, "absent", noon); err != nil {
		t.Fatal(err)
	}
	if jobs := h.due(noon.Add(time.Hour)); len(jobs) != 0 || h.status("sig-a") != trading.SignalNotPlaced {
		t.Fatalf("want no job and not_placed, had %+v", jobs)
	}
	if _, err := h.Doubt(context.Background(), o.ID, "", noon, noon); trading.KindOf(err) != trading.Conflict {
		t.Fatalf("want Conflict past the end, had %v", err)
	}
	// The exchange shows it after all: the one legal way back.
	if o := h.record(filled(o, "100", "0")); o.Status != trading.OrderFilled {
		t.Fatalf("want the late find on record, had %s", o.Status)
	}
	h.sound()
}

func TestAskCancelMakesOneJob(t *testing.T) {
	h := newHouse(t)
	o := h.admit("a", trading.Buy, "1")
	h.record(trading.Report{OrderID: o.ID, Status: trading.OrderAccepted, At: noon})
	for range 2 {
		if err := h.AskCancel(context.Background(), o.ID, "me", noon); err != nil {
			t.Fatal(err)
		}
	}
	if jobs := h.due(noon); len(jobs) != 1 || jobs[0].Kind != queue.Cancel {
		t.Fatalf("want one cancel job, had %+v", jobs)
	}
	h.record(trading.Report{OrderID: o.ID, Status: trading.OrderCanceled, At: noon})
	if jobs := h.due(noon); len(jobs) != 0 {
		t.Fatalf("want the job gone with the order, had %+v", jobs)
	}
	if err := h.AskCancel(context.Background(), o.ID, "me", noon); trading.KindOf(err) != trading.Conflict {
		t.Fatalf("want Conflict for an order that has ended, had %v", err)
	}
}

func TestDeadJobsAreListedRetriedAndDiscarded(t *testing.T) {
	h := newHouse(t)
	h.enqueue("a", trading.Buy, false)
	id := h.due(noon)[0].ID
	if err := h.Bury(context.Background(), id, "gave up"); err != nil {
		t.Fatal(err)
	}
	jobs, next, waiting, dead, err := h.JobList(context.Background(), trading.Page{})
	if err != nil || len(jobs) != 1 || next != "" || waiting != 0 || dead != 1 || jobs[0].State != queue.Dead || jobs[0].LastError != "gave up" {
		t.Fatalf("want one dead job, had %+v %d %d %v", jobs, waiting, dead, err)
	}
	if err := h.RetryJob(context.Background(), id, noon); err != nil || len(h.due(noon)) != 1 {
		t.Fatalf("want it due again, had %v", err)
	}
	if err := h.DiscardJob(context.Background(), id); trading.KindOf(err) != trading.NotFound {
		t.Fatalf("want only dead jobs discarded, had %v", err)
	}
	flushes := h.Flushes()
	if err := h.Finish(context.Background(), id); err != nil || len(h.due(noon)) != 0 {
		t.Fatalf("want it gone, had %v", err)
	}
	if err := h.Finish(context.Background(), id); err != nil || h.Flushes() != flushes+1 {
		t.Fatalf("want a second finish free, had %v and %d flushes", err, h.Flushes()-flushes)
	}
}

func TestADeadSubmitOfAnOrderThatMayNotLeaveIsNotRetried(t *testing.T) {
	h := newHouse(t)
	ctx := context.Background()
	o := h.enqueue("a", trading.Buy, false)
	id := h.due(noon)[0].ID
	if err := h.Bury(ctx, id, "gave up"); err != nil {
		t.Fatal(err)
	}
	late := o.Deadline.Add(time.Second)
	if err := h.RetryJob(ctx, id, late); trading.KindOf(err) != trading.Refused || !strings.Contains(err.Error(), "never leaves") {
		t.Fatalf("want Refused in words, had %v", err)
	}
	if after, err := h.Order(ctx, o.ID); err != nil || after.Status != trading.OrderExpired || len(h.due(late)) != 0 {
		t.Fatalf("want it expired and nothing due, had %s and %+v", after.Status, h.due(late))
	}

	o = h.enqueue("b", trading.Buy, false)
	id = h.due(noon)[0].ID
	if err := h.Bury(ctx, id, "gave up"); err != nil {
		t.Fatal(err)
	}
	if err := h.DiscardJob(ctx, id); err != nil {
		t.Fatal(err)
	}
	if after, err := h.Order(ctx, o.ID); err != nil || after.Status != trading.OrderCanceled {
		t.Fatalf("want the order of a discarded submit canceled, had %s: nobody would ever send or end it", after.Status)
	}
}
