package sqlite_test

import (
	"context"
	"fmt"
	"testing"

	"hoox/backend/trading"
)

func TestK4_TooManyOpenOrdersRefuseEntriesAndLoseNone(t *testing.T) {
	h := newHouse(t)
	h.SetMost(50)
	flushes := uint64(0)
	for n := range 60 {
		in := alert(fmt.Sprint("k", n))
		r, err := h.Admit(context.Background(), in, yes(in, leg(in, 0, trading.Buy, "1")))
		if n < 50 && err != nil {
			t.Fatalf("order %d: had %v, want it taken", n, err)
		}
		if n >= 50 && trading.KindOf(err) != trading.Limited {
			t.Errorf("order %d: had %+v %v, want Limited: it would wait behind 50", n, r, err)
		}
		if n == 50 {
			flushes = h.Flushes()
		}
	}
	if had := h.Flushes(); had != flushes {
		t.Errorf("%d commits for refused entries, want none: a flood must cost nothing", had-flushes)
	}
	open, err := h.OpenOrders(context.Background(), paper)
	if err != nil || len(open) != 50 {
		t.Errorf("%d orders are open (%v), want the 50 that were taken", len(open), err)
	}
	if r, known, err := h.Seen(context.Background(), alert("k3")); err != nil || !known || r.Signal != "sig-k3" {
		t.Errorf("a repeat of one of them: had %+v %v %v, want its first receipt", r, known, err)
	}
	out := alert("out")
	closing := leg(out, 0, trading.Sell, "1")
	closing.ReduceOnly = true
	if _, err := h.Admit(context.Background(), out, yes(out, closing)); err != nil {
		t.Errorf("a close: had %v, want it taken whatever waits", err)
	}
	h.reopen()
	h.SetMost(50)
	in := alert("later")
	if _, err := h.Admit(context.Background(), in, yes(in, leg(in, 0, trading.Buy, "1"))); trading.KindOf(err) != trading.Limited {
		t.Errorf("after a restart: had %v, want Limited still", err)
	}
	h.sound()
}

func TestTheBoundOnOpenOrdersIsTenThousand(t *testing.T) {
	if had := newHouse(t).Most(); had != 10_000 {
		t.Errorf("%d orders may be open, want 10,000", had)
	}
}
