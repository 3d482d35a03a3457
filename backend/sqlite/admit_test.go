package sqlite_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"hoox/backend/risk"
	"hoox/backend/trading"
)

func TestAdmittedMarketSignalIsArmedAndFilled(t *testing.T) {
	h := newHouse(t)
	o := h.admit("a", trading.Buy, "1")
	if o.Status != trading.OrderSubmitted || o.Attempts != 1 || o.Version != 1 || !o.ArmedAt.Equal(noon) {
		t.Fatalf("want a submitted first attempt armed at noon, had %+v", o)
	}
	stored, err := h.Order(context.Background(), o.ID)
	if err != nil || stored.Status != o.Status || !stored.Qty.Equal(o.Qty) || !stored.CreatedAt.Equal(o.CreatedAt) || stored.SignalID != "sig-a" {
		t.Fatalf("want the armed order as stored, had %+v, %v", stored, err)
	}

	done := h.record(filled(o, "100", "0.05"))

	if done.Status != trading.OrderFilled || done.AveragePrice().String() != "100" {
		t.Fatalf("want filled at 100, had %+v", done)
	}
	if s := h.status("sig-a"); s != trading.SignalFilled {
		t.Fatalf("signal: want filled, had %s", s)
	}
	if p := h.position(); p.Qty.String() != "1" || p.Entry().String() != "100" || p.Leverage != 5 {
		t.Fatalf("position: want 1 at 100 with 5x, had %+v", p)
	}
	if b := h.balance("USDT"); b != "-0.05" {
		t.Fatalf("balance: want the fee paid, had %s", b)
	}
	if n := h.touches("sig-a"); n != 1 {
		t.Fatalf("want one touch for the one change of status, had %d", n)
	}
}

func TestConcurrentAdmitsOfOneKeyGiveOneSignal(t *testing.T) {
	h := newHouse(t)
	const clients = 200
	before := h.Flushes()
	var wg sync.WaitGroup
	receipts := make([]trading.Receipt, clients)
	for i := range clients {
		wg.Go(func() {
			in := alert("same")
			in.Signal.ID = trading.NewSignalID()
			o := leg(in, 0, trading.Buy, "1")
			r, err := h.Admit(context.Background(), in, yes(in, o))
			if err != nil {
				t.Errorf("admit: %v", err)
			}
			receipts[i] = r
		})
	}
	wg.Wait()

	firsts := 0
	for _, r := range receipts {
		if r.Signal != receipts[0].Signal {
			t.Fatalf("want one signal for all, had %s and %s", r.Signal, receipts[0].Signal)
		}
		if !r.Duplicate {
			firsts++
		}
	}
	if firsts != 1 {
		t.Fatalf("want one first, had %d: each further one is a doubled order", firsts)
	}
	if n := h.Flushes() - before; n != 1 {
		t.Fatalf("want one flush, had %d: duplicates must not touch the disk", n)
	}
	orders, _, _ := h.Orders(context.Background(), trading.Page{})
	if len(orders) != 1 {
		t.Fatalf("want one order, had %d", len(orders))
	}
}

func TestDuplicateCostsNoFlush(t *testing.T) {
	h := newHouse(t)
	in := alert("d")
	h.admit("d", trading.Buy, "1")
	before := h.Flushes()

	r, known, err := h.Seen(context.Background(), in)
	again, admitErr := h.Admit(context.Background(), in, yes(in, leg(in, 0, trading.Buy, "1")))

	if err != nil || !known || !r.Duplicate || r.Status != trading.SignalExecuting {
		t.Fatalf("seen: want the first receipt, had %+v %v %v", r, known, err)
	}
	if admitErr != nil || !again.Duplicate || again.Signal != r.Signal || len(again.Armed) != 0 {
		t.Fatalf("admit: want the first receipt and nothing armed, had %+v %v", again, admitErr)
	}
	if n := h.Flushes() - before; n != 0 {
		t.Fatalf("want no flush for a duplicate, had %d", n)
	}
}

func TestSameKeyWithOtherContentIsAConflict(t *testing.T) {
	h := newHouse(t)
	h.admit("c", trading.Buy, "1")
	in := alert("c")
	in.Signal.ID, in.Fingerprint = "sig-other", "fp-other"

	r, err := h.Admit(context.Background(), in, yes(in, leg(in, 0, trading.Buy, "1")))

	if err != nil || !r.Conflict || r.Signal != "sig-c" || r.Duplicate {
		t.Fatalf("want a conflict with the first signal, had %+v %v", r, err)
	}
	if r, known, err := h.Seen(context.Background(), in); err != nil || !known || !r.Conflict {
		t.Fatalf("seen: want the same conflict, had %+v %v %v", r, known, err)
	}
}

func TestWindowSlidesFromTheFirstAcceptance(t *testing.T) {
	h := newHouse(t)
	at := func(id string, after time.Duration) (trading.Receipt, error) {
		in := alert("w")
		in.Key, in.Window, in.Signal.ID, in.Signal.ReceivedAt = "", time.Minute, trading.SignalID(id), noon.Add(after)
		return h.Admit(context.Background(), in, func(risk.Book) risk.Decision { return risk.End(trading.SignalNoOp, "flat") })
	}
	for _, c := range []struct {
		id    string
		after time.Duration
		want  trading.SignalID
	}{
		{"w1", 0, "w1"}, {"w2", 59 * time.Second, "w1"}, {"w3", 60 * time.Second, "w3"}, {"w4", 119 * time.Second, "w3"},
		{"w5", -time.Hour, "w3"}, // the clock was set back: old alerts do not become new again
		{"w6", 120 * time.Second, "w6"},
	} {
		r, err := at(c.id, c.after)
		if err != nil || r.Signal != c.want || r.Duplicate != (string(c.want) != c.id) {
			t.Fatalf("%s after %v: want signal %s, had %+v %v", c.id, c.after, c.want, r, err)
		}
	}
}

func TestAnswerAndDeliveriesAreKept(t *testing.T) {
	h := newHouse(t)
	h.admit("n", trading.Buy, "1")
	h.Answered("sig-n", 200, []byte(`{"first":1}`))
	h.Answered("sig-n", 500, []byte(`{"second":2}`))
	h.Delivered("sig-n")
	h.Delivered("sig-n")
	before, err := h.Signal(context.Background(), "sig-n")
	if err != nil || before.Answered != 200 || before.Answer != `{"first":1}` || before.Deliveries != 3 {
		t.Fatalf("before the commit: want 200, the first body and 3 deliveries, had %d %q %d %v", before.Answered, before.Answer, before.Deliveries, err)
	}

	h.reopen()

	after, err := h.Signal(context.Background(), "sig-n")
	if err != nil || after.Answered != 200 || after.Answer != `{"first":1}` || after.Deliveries != 3 {
		t.Fatalf("after reopening: want 200, the first body and 3 deliveries, had %d %q %d %v", after.Answered, after.Answer, after.Deliveries, err)
	}
	if r, _, _ := h.Seen(context.Background(), alert("n")); r.Answered != 200 {
		t.Fatalf("want the first answer in the receipt, had %d", r.Answered)
	}
}

func TestBusyLaneQueuesTheNextOrder(t *testing.T) {
	h := newHouse(t)
	h.admit("one", trading.Buy, "1")
	in := alert("two")

	r, err := h.Admit(context.Background(), in, yes(in, leg(in, 0, trading.Buy, "1")))

	if err != nil || len(r.Armed) != 0 || !r.Created || r.Status != trading.SignalEnqueued {
		t.Fatalf("want it waiting behind the first, had %+v %v", r, err)
	}
	jobs, err := h.Due(context.Background(), noon, 10)
	if err != nil || len(jobs) != 1 || jobs[0].OrderID != "hx1-sig-two-0" || !jobs[0].Deadline.Equal(noon.Add(30*time.Second)) {
		t.Fatalf("want its submit job, had %+v %v", jobs, err)
	}
}

func TestRefusedSignalIsWrittenWithItsNumbers(t *testing.T) {
	h := newHouse(t)
	in := alert("r")
	r, err := h.Admit(context.Background(), in, func(b risk.Book) risk.Decision {
		return risk.Decide(risk.Limits{Enabled: true, OrdersPerMinute: 1}, b, risk.Ask{Instrument: btc, Legs: []trading.Order{leg(in, 0, trading.Buy, "1")}, Mark: func(trading.InstrumentKey) (trading.Price, bool) { return trading.Price{}, false }})
	})
	if err != nil || r.Status != trading.SignalRefused || len(r.Armed) != 0 {
		t.Fatalf("want refused, had %+v %v", r, err)
	}
	s, err := h.Signal(context.Background(), "sig-r")
	if err != nil || len(s.Checks) == 0 || len(s.Orders) != 1 || s.Orders[0].Status != trading.OrderDenied || s.Quantity != "1 BTC" {
		t.Fatalf("want checks and the denied order on record, had %+v %v", s, err)
	}
	if len(s.Journal) != 2 || s.Journal[0].Stage != "refused" {
		t.Fatalf("want the refusal in the journal, had %+v", s.Journal)
	}
}

func TestRateCountsEntriesOfTheLastMinuteAlsoAfterRestart(t *testing.T) {
	h := newHouse(t)
	for _, key := range []string{"x", "y"} {
		h.record(filled(h.admit(key, trading.Buy, "1"), "100", "0"))
	}
	recent := func(after time.Duration) int {
		in := alert("probe" + after.String())
		in.Signal.ReceivedAt = noon.Add(after)
		var had int
		if _, err := h.Admit(context.Background(), in, func(b risk.Book) risk.Decision {
			had = b.Recent
			return risk.End(trading.SignalNoOp, "")
		}); err != nil {
			t.Fatal(err)
		}
		return had
	}
	if n := recent(59 * time.Second); n != 2 {
		t.Fatalf("want 2 entries in the minute, had %d", n)
	}
	h.reopen()
	if n := recent(58 * time.Second); n != 2 {
		t.Fatalf("after restart: want 2 entries in the minute, had %d", n)
	}
	if n := recent(60 * time.Second); n != 0 {
		t.Fatalf("want none after the minute, had %d", n)
	}
}
