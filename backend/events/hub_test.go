package events_test

import (
	"testing"

	"hoox/backend/events"
)

func TestSlowReaderSeesTheGap(t *testing.T) {
	hub := events.New()
	slow := hub.Subscribe()
	defer slow.Close()
	for range 100 {
		hub.Publish(events.Fills)
	}
	var last uint64
	for range 64 {
		last = (<-slow.C).Seq
	}
	hub.Publish(events.Kill)
	if next := <-slow.C; next.Seq == last+1 || next.Topic != events.Kill {
		t.Fatalf("had %+v after %d: want a visible gap, so that the reader reads the ledger again", next, last)
	}
}

func TestClosedReaderHearsNothing(t *testing.T) {
	hub := events.New()
	r := hub.Subscribe()
	r.Close()
	hub.Publish(events.Orders)
	select {
	case h := <-r.C:
		t.Fatalf("heard %+v after Close", h)
	default:
	}
}

func TestTouchWakesEverybodyWhoAwaitsAndNobodyElse(t *testing.T) {
	hub := events.New()
	first, drop1 := hub.Await("a")
	second, drop2 := hub.Await("a")
	other, drop3 := hub.Await("b")
	defer drop1()
	defer drop2()
	defer drop3()
	hub.Touch("a")
	<-first
	<-second
	select {
	case <-other:
		t.Fatal("the wait for another key ended")
	default:
	}
	hub.Touch("a") // nobody waits any more; must not close twice
}
