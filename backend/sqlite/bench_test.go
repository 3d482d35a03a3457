package sqlite_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"hoox/backend/trading"
)

// round admits a market order and records its fill, which is what one signal costs the ledger.
func (h *house) round(n int64) error {
	in := alert(fmt.Sprint(n))
	in.Signal.ID = trading.NewSignalID()
	in.Instrument.Symbol = fmt.Sprintf("C%dUSDT", n%64)
	side := trading.Buy
	if n/64%2 == 1 {
		side = trading.Sell
	}
	r, err := h.Admit(context.Background(), in, yes(in, leg(in, 0, side, "1")))
	if err != nil {
		return err
	}
	for _, o := range r.Armed {
		if _, err := h.Record(context.Background(), filled(o, "100", "0.05")); err != nil {
			return err
		}
	}
	return nil
}

func BenchmarkAdmit(b *testing.B) {
	h := newHouse(b)
	b.ReportAllocs()
	var n int64
	for b.Loop() {
		n++
		if err := h.round(n); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("%d flushes for %d signals", h.Flushes(), b.N)
}

func BenchmarkAdmit64(b *testing.B) {
	h := newHouse(b)
	b.ReportAllocs()
	b.SetParallelism(32) // times the processors
	var n atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := h.round(n.Add(1)); err != nil {
				b.Error(err)
			}
		}
	})
	b.Logf("%d flushes for %d signals", h.Flushes(), b.N)
}
