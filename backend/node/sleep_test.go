package node

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestAStandstillIsToldByTheWallAlone(t *testing.T) {
	s := newSleeper()
	for _, at := range []time.Duration{0, time.Second, 2 * time.Second, 16 * time.Second} {
		if s.tick(day.Add(at)) {
			t.Fatalf("at %s: had a standstill, want none: a busy machine is not one that slept", at)
		}
	}
	waking := s.waking()

	if !s.tick(day.Add(3 * time.Hour)) {
		t.Fatal("had none after three hours, want a standstill: its connections are dead")
	}
	select {
	case <-waking:
	default:
		t.Error("nobody was told, want who waits for it to connect anew")
	}
	if had := s.words(); had != "stood still (asleep, stopped, or its clock was set) from 2026-05-20 12:00:16 to 15:00:00 UTC, 0 alerts expired meanwhile" {
		t.Errorf("had %q", had)
	}
	if s.tick(day.Add(3*time.Hour + time.Second)) {
		t.Error("had another standstill a second later, want one for each")
	}
}

func TestTheSystemsWordMakesASleepCertain(t *testing.T) {
	n := &Node{sleeper: newSleeper()}
	n.sleeper.tick(day)
	n.Sleeps(true)
	n.Sleeps(false)

	select {
	case <-n.sleeper.nudge:
	default:
		t.Error("the clock's service was not nudged, want it to look at once")
	}
	n.sleeper.tick(day.Add(time.Hour))
	if had := n.sleeper.words(); !strings.HasPrefix(had, "slept from 2026-05-20 12:00:00 to 13:00:00 UTC") {
		t.Errorf("had %q, want it called a sleep", had)
	}
	n.sleeper.tick(day.Add(2 * time.Hour))
	if had := n.sleeper.words(); !strings.HasPrefix(had, "stood still") {
		t.Errorf("had %q, want the word of the system used once: this one may be a clock that was set", had)
	}
}

func TestWhatIsConnectedConnectsAnewAfterAStandstill(t *testing.T) {
	s := newSleeper()
	s.tick(day)
	ctx, stop := context.WithCancel(t.Context())
	began, ended := make(chan int), make(chan error, 1)
	go func() {
		round := 0
		ended <- s.untilAwake(ctx, func(ctx context.Context) error {
			round++
			began <- round
			<-ctx.Done()
			return ctx.Err()
		})
	}()

	if first := <-began; first != 1 {
		t.Fatalf("had round %d", first)
	}
	s.tick(day.Add(time.Minute))
	if second := <-began; second != 2 {
		t.Fatalf("had round %d, want a second after the standstill", second)
	}
	stop()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("had %v, want the end of its context", err)
	}
	gone := errors.New("gone")
	if err := s.untilAwake(t.Context(), func(context.Context) error { return gone }); !errors.Is(err, gone) {
		t.Errorf("had %v, want a failure told: the supervisor starts it again", err)
	}
}
