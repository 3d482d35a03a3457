package wire_test

import (
	"testing"
	"testing/synctest"
	"time"

	"hoox/backend/wire"
)

// spans waits n times and returns how long each took.
func spans(t *testing.T, p *wire.Pauses, n int) []time.Duration {
	t.Helper()
	var list []time.Duration
	for range n {
		began := time.Now()
		if err := p.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
		list = append(list, time.Since(began))
	}
	return list
}

func TestPausesDoubleUpToTheirBoundAndBeginAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := wire.StreamConfig{LeastWait: time.Second, MostWait: 4 * time.Second, Jitter: func(time.Duration) time.Duration { return 0 }}.Pauses()
		for round := range 2 {
			for n, had := range spans(t, p, 4) {
				if want := []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 2 * time.Second}[n]; had != want {
					t.Errorf("round %d: pause %d took %s, want %s", round, n, had, want)
				}
			}
			p.Anew()
		}
	})
}

func TestPausesDifferFromOneAnotherWithinTheirBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := map[time.Duration]bool{}
		for _, had := range spans(t, wire.StreamConfig{LeastWait: 30 * time.Second}.Pauses(), 50) {
			if had < 15*time.Second || had > 30*time.Second {
				t.Errorf("a pause took %s, want 15 s to 30 s", had)
			}
			seen[had] = true
		}
		if len(seen) < 40 {
			t.Errorf("50 pauses had %d lengths: everybody who lost an exchange comes back at the same moment", len(seen))
		}
	})
}

func TestChanceStaysBelowItsBound(t *testing.T) {
	for _, most := range []time.Duration{-1, 0, 1, 2, time.Minute} {
		for range 100 {
			if had := wire.Chance(most); had < 0 || had >= max(most, 1) {
				t.Fatalf("chance(%d) is %d, want at least 0 and less than %d", most, had, max(most, 1))
			}
		}
	}
}
