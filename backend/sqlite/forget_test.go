package sqlite_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"hoox/backend/trading"
)

func TestL3_OldTextsOfAlertsAreForgottenAndNothingElse(t *testing.T) {
	h := newHouse(t)
	for n := range 12 {
		in := alert(fmt.Sprint("k", n))
		in.Signal.ReceivedAt = noon.Add(time.Duration(n) * 24 * time.Hour)
		in.Signal.Comment = "why"
		if _, err := h.Admit(context.Background(), in, yes(in, leg(in, 0, trading.Buy, "1"))); err != nil {
			t.Fatal(err)
		}
	}
	kept := func() (texts int) {
		t.Helper()
		for n := range 12 {
			r, err := h.Signal(context.Background(), trading.SignalID(fmt.Sprint("sig-k", n)))
			if err != nil || r.Comment != "why" || len(r.Orders) != 1 || len(r.Journal) == 0 {
				t.Fatalf("signal %d is %+v %v, want everything but its text", n, r, err)
			}
			if r.Raw != "" {
				texts++
			}
		}
		return texts
	}
	for _, step := range []struct{ day, forgets, left int }{{5, 5, 7}, {5, 0, 7}, {4, 0, 7}, {8, 3, 4}, {20, 4, 0}} {
		n, err := h.ForgetTexts(context.Background(), noon.Add(time.Duration(step.day)*24*time.Hour))
		if had := kept(); err != nil || n != step.forgets || had != step.left {
			t.Errorf("before day %d: forgot %d (%v) and %d are left, want %d and %d", step.day, n, err, had, step.forgets, step.left)
		}
	}
	// The clock was a year ahead for a while, and took everything along; now it is right again.
	if _, err := h.ForgetTexts(context.Background(), noon.Add(365*24*time.Hour)); err != nil {
		t.Fatal(err)
	}
	in := alert("later")
	in.Signal.ReceivedAt = noon.Add(13 * 24 * time.Hour)
	if _, err := h.Admit(context.Background(), in, yes(in, leg(in, 0, trading.Buy, "1"))); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ day, forgets int }{{13, 0}, {14, 1}} {
		if n, err := h.ForgetTexts(context.Background(), noon.Add(time.Duration(step.day)*24*time.Hour)); err != nil || n != step.forgets {
			t.Errorf("after the clock was wrong, before day %d: forgot %d (%v), want %d: no text is kept for a year longer than it says", step.day, n, err, step.forgets)
		}
	}
	if r, known, err := h.Seen(context.Background(), alert("k1")); err != nil || !known || r.Signal != "sig-k1" {
		t.Errorf("a repeat: had %+v %v %v, want it known without its text", r, known, err)
	}
	h.sound()
	plan, err := h.Plan(context.Background(), "UPDATE signals SET raw = '' WHERE seq IN (SELECT s.seq FROM signals AS s INDEXED BY signals_received WHERE s.received_at >= ? AND s.received_at < ? AND s.raw <> '' ORDER BY s.received_at LIMIT ?)")
	for _, line := range plan {
		if err != nil || len(line) > 4 && line[:4] == "SCAN" {
			t.Errorf("plan %v %v, want no scan of all signals", plan, err)
		}
	}
}
