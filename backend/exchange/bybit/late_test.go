package bybit_test

import (
	"testing"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

func TestARequestThatIsHeldUpPastItsDeadlineIsNotTaken(t *testing.T) {
	s := newStage(t)
	s.sim.SetFaults(func(path, _ string) exchangesim.Fault {
		if path == "/v5/order/create" {
			s.simTime.Pass(1500 * time.Millisecond)
		}
		return exchangesim.Fault{}
	})
	o := s.order("held")
	o.Deadline = s.clock.Now().Add(time.Second)
	_, err := s.Submit(t.Context(), o)
	if n := len(s.sim.Orders()); trading.KindOf(err) != trading.Limited || s.sim.Creates("hx1held") != 1 || n != 0 {
		t.Errorf("%v (%s), %d requests and %d orders; want it refused by the exchange, whose clock is half a second past the deadline",
			err, trading.KindOf(err), s.sim.Creates("hx1held"), n)
	}
}
