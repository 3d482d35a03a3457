package binance_test

import (
	"net/http"
	"testing"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

func TestNothingIsSentAfterTheDeadline(t *testing.T) {
	for _, product := range []trading.Product{trading.Linear, trading.Spot} {
		s := newStage(t)
		o := s.order("late")
		o.Product, o.Deadline = product, s.clock.Now()
		_, err := s.Submit(t.Context(), o)
		if n := s.futures.Creates("hx1late") + s.spot.Creates("hx1late"); trading.KindOf(err) != trading.Unavailable || n != 0 {
			t.Errorf("%s: %v (%s) and %d requests, want unavailable and none", product, err, trading.KindOf(err), n)
		}
	}
}

func TestARequestThatIsHeldUpPastItsDeadlineIsNotTaken(t *testing.T) {
	s := newStage(t)
	s.between(t, func(r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == "/fapi/v1/order" {
			s.simTime.Pass(1500 * time.Millisecond)
		}
	})
	o := s.order("held")
	o.Deadline = s.clock.Now().Add(time.Second)
	_, err := s.Submit(t.Context(), o)
	if trading.KindOf(err) != trading.Limited || s.futures.Creates("hx1held") != 1 || orders(s.futures) != 0 {
		t.Errorf("%v (%s), %d requests and %d orders; want it refused by the exchange, whose clock is half a second past the deadline",
			err, trading.KindOf(err), s.futures.Creates("hx1held"), orders(s.futures))
	}
}

func TestNothingIsSentWhileTheClocksDisagree(t *testing.T) {
	s := newStage(t)
	s.simTime.Pass(1500 * time.Millisecond)
	_, err := s.Submit(t.Context(), s.order("a"))
	if trading.KindOf(err) != trading.Unavailable || s.futures.Creates("hx1a") != 0 {
		t.Errorf("%v (%s) and %d requests, want unavailable and none: nobody knows when the deadline is at the exchange",
			err, trading.KindOf(err), s.futures.Creates("hx1a"))
	}
}

func TestAFailedQuestionProvesNothing(t *testing.T) {
	s := newStage(t)
	o := s.order("alive")
	if _, err := s.Submit(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	// Nothing that a former run knew helps, and what else could tell of the order lags behind.
	s.open(t)
	none := "[]"
	s.futures.SetFaults(func(path, _ string) exchangesim.Fault {
		switch path {
		case "/fapi/v1/order":
			return exchangesim.Fault{Status: http.StatusServiceUnavailable}
		case "/fapi/v1/allOrders", "/fapi/v1/userTrades":
			return exchangesim.Fault{Body: &none}
		}
		return exchangesim.Fault{}
	})
	s.pass(2 * time.Minute)
	for range 4 {
		if _, found, err := s.Lookup(t.Context(), o); found || trading.KindOf(err) != trading.Unknown {
			t.Fatalf("found %v, %v; want unknown: a question without an answer is no \"not found\", and the order lives", found, err)
		}
	}
}
