package node_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"hoox/backend/trading"
)

func TestTwoPeopleWhoRequeueAnAlertAtOnceTradeItOnce(t *testing.T) {
	h := start(t, t.TempDir())
	if err := h.ChangeSetting(t.Context(), "trade:max_order_size", "1", "test"); err != nil {
		t.Fatal(err)
	}
	r := h.post(marketAlert)
	if r.status != 422 {
		t.Fatalf("had %d %s, want the alert refused, so that it may be requeued", r.status, r.body)
	}
	if err := h.ChangeSetting(t.Context(), "trade:max_order_size", "0", "test"); err != nil {
		t.Fatal(err)
	}
	old := trading.SignalID(r.json["requestId"].(string))

	var people sync.WaitGroup
	var traded atomic.Int64
	begin := make(chan struct{})
	for n := range 8 {
		people.Go(func() {
			<-begin
			receipt, err := h.Requeue(t.Context(), old, trading.FromCLI, fmt.Sprint("token ", n))
			switch trading.KindOf(err) {
			case "":
				if !receipt.Duplicate {
					traded.Add(1)
				}
			case trading.Refused:
			default:
				t.Errorf("person %d: had %v, want it requeued, or told who was faster", n, err)
			}
		})
	}
	close(begin)
	people.Wait()

	if n := traded.Load(); n != 1 {
		t.Errorf("the alert was traded %d times, want once: each person saw it as one that led to nothing", n)
	}
}
