package mexc_test

import (
	"strings"
	"testing"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/mexc"
	"hoox/backend/trading"
)

func TestNothingIsSentAfterTheDeadline(t *testing.T) {
	for _, p := range []trading.Product{trading.Linear, trading.Spot} {
		s := newStage(t, "100000", "100000")
		o := s.order("late", p)
		o.Deadline = s.clock.Now()
		_, err := s.Submit(t.Context(), o)
		wantKind(t, err, trading.Unavailable, "its time is over")
		if n := s.perps.Creates("hx1late") + s.holdings.Creates("hx1late"); n != 0 {
			t.Errorf("%s: %d requests, want none", p, n)
		}
	}
}

// Futures take no window from us, see the room's description.
func TestARequestThatIsHeldUpPastItsDeadlineIsNotTaken(t *testing.T) {
	s := newStage(t, "0", "100000")
	s.submit(t, s.order("first", trading.Spot)) // what has to be known is known
	s.holdings.SetFaults(func(path, link string) exchangesim.Fault {
		if path == "/api/v3/order" && link == "hx1held" {
			s.clock.Pass(2500 * time.Millisecond)
		}
		return exchangesim.Fault{}
	})
	o := s.order("held", trading.Spot)
	o.Deadline = s.clock.Now().Add(2 * time.Second)
	_, err := s.Submit(t.Context(), o)
	if n := len(s.holdings.Orders()); err == nil || n != 1 {
		t.Errorf("%v and %d orders; want the first one only: the exchange's clock was past the deadline when the second came", err, n)
	}
}

func TestNothingIsSentWhileTheClocksDisagree(t *testing.T) {
	for _, p := range []trading.Product{trading.Linear, trading.Spot} {
		s := newStage(t, "100000", "100000")
		c := s.config()
		c.Now = func() time.Time { return s.clock.Now().Add(-1500 * time.Millisecond) }
		x, err := mexc.New(c)
		if err != nil {
			t.Fatal(err)
		}
		_, err = x.Submit(t.Context(), s.order("a", p))
		x.Close()
		wantKind(t, err, trading.Unavailable, "nobody knows when the deadline is at the exchange")
		if n := s.perps.Creates("hx1a") + s.holdings.Creates("hx1a"); n != 0 {
			t.Errorf("%s: %d requests, want none", p, n)
		}
	}
}

func TestAnIDThatMayHaveBeenSentBeforeIsAskedForFirst(t *testing.T) {
	for _, p := range []trading.Product{trading.Linear, trading.Spot} {
		s := newStage(t, "100000", "100000")
		o := s.order("a", p)
		s.submit(t, o)
		s.Close()
		s.clock.Pass(3 * time.Second)
		s.connect(t)
		_, err := s.Submit(t.Context(), o)
		wantKind(t, err, trading.Unknown, "a former run sent it, and MEXC promises nothing about an id that comes twice")
		if n := len(s.perps.Orders()) + len(s.holdings.Orders()); n != 1 {
			t.Errorf("%s: there are %d orders, want one", p, n)
		}
	}
}

func TestAFailedQuestionProvesNothing(t *testing.T) {
	s := newStage(t, "100000", "0")
	o := s.order("alive", trading.Linear)
	s.submit(t, o)
	// Nothing that a former run knew helps, and what else could tell of the order lags behind.
	s.Close()
	s.connect(t)
	none := `{"success":true,"code":0,"data":[]}`
	s.perps.SetFaults(func(path, _ string) exchangesim.Fault {
		switch {
		case strings.Contains(path, "/order/external/"):
			return exchangesim.Fault{Status: 503}
		case strings.Contains(path, "/order/list/"):
			return exchangesim.Fault{Body: &none}
		}
		return exchangesim.Fault{}
	})
	s.clock.Pass(5 * time.Minute)
	for range 4 {
		_, found, err := s.Lookup(t.Context(), o)
		if found || trading.KindOf(err) != trading.Unknown {
			t.Fatalf("found %v, %v; want unknown: a question without an answer is no \"not found\", and the order lives", found, err)
		}
		s.clock.Pass(time.Minute)
	}
}
