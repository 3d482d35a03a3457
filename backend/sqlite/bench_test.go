package sqlite_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"hoox/backend/trading"
)

// round admits the n-th market order of a client, each of whom has a lane of its own, and records its fill: what one signal
// costs the ledger.
func (h *house) round(client, n int64) error {
	in := alert(fmt.Sprintf("%d-%d", client, n))
	in.Signal.ID = trading.NewSignalID()
	in.Instrument.Symbol = fmt.Sprintf("C%dUSDT", client)
	side := trading.Buy
	if n%2 == 1 {
		side = trading.Sell
	}
	r, err := h.Admit(context.Background(), in, yes(in, leg(in, 0, side, "1")))
	if err != nil {
		return err
	}
	if len(r.Armed) != 1 {
		return fmt.Errorf("want one armed order, had %+v", r)
	}
	_, err = h.Record(context.Background(), filled(r.Armed[0], "100", "0.05"))
	return err
}

func BenchmarkAdmit(b *testing.B) {
	h := newHouse(b)
	b.ReportAllocs()
	var n int64
	for b.Loop() {
		n++
		if err := h.round(0, n); err != nil {
			b.Fatal(err)
		}
	}
	b.Logf("%d flushes for %d signals", h.Flushes(), b.N)
}

func BenchmarkAdmit64(b *testing.B) {
	h := newHouse(b)
	b.ReportAllocs()
	b.SetParallelism(32) // times the processors
	var clients atomic.Int64
	b.RunParallel(func(pb *testing.PB) {
		client := clients.Add(1)
		for n := int64(0); pb.Next(); n++ {
			if err := h.round(client, n); err != nil {
				b.Error(err)
			}
		}
	})
	b.Logf("%d flushes for %d signals", h.Flushes(), b.N)
}

func BenchmarkSignalsPage(b *testing.B) {
	h := newHouse(b)
	for n := range int64(1000) {
		if err := h.round(0, n); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if page, _, err := h.Signals(context.Background(), trading.Page{Limit: 100}); err != nil || len(page) != 100 {
			b.Fatalf("%d %v", len(page), err)
		}
	}
}
