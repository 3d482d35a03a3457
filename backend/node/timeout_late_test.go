package node_test

import (
	"testing"
	"testing/synctest"
	"time"

	"hoox/backend/trading"
)

// TestAnOrderWhoseConnectionComesAfterItsDeadlineNeverLeaves lets an alert be two seconds old before the network brings the
// connection that its order waits for. Not every exchange refuses what comes late.
func TestAnOrderWhoseConnectionComesAfterItsDeadlineNeverLeaves(t *testing.T) {
	ledger := freshLedger(t)
	for _, e := range realExchanges() {
		t.Run(string(e), func(t *testing.T) {
			dir := memoryDir(t)
			synctest.Test(t, func(t *testing.T) {
				c := openCrossing(t, e, dir, ledger, 1)
				c.still.Store(true)
				h := c.shores[trading.NamedAccountID(e, c.mode(e), "")]
				i := listed(e, trading.Linear)[0]
				lane := trading.Position{Account: h.id, Product: i.Product, Symbol: i.Symbol}
				// The first one brings all that an order needs to be known.
				first := c.alert(lane, i, "first")
				first.Action, first.Size, first.MaxAge = trading.ActLong, trading.Size{Mode: trading.SizeBase, Value: trading.MustRatio("0.01")}, time.Minute
				second := first
				second.ID, second.Key, second.MaxAge = "s second", "second", 2*time.Second
				second.Type, second.Price = trading.Limit, trading.MustPrice("61000")
				c.await(c.post(first), time.Minute)

				h.slowCalls.Store(int64(2300 * time.Millisecond))
				h.venue.Close()
				second.ReceivedAt = c.now()
				c.await(c.post(second), time.Minute)

				story, err := c.db.Signal(t.Context(), c.said["second"])
				if err != nil || story.Status != trading.SignalExpired {
					t.Errorf("the second alert is %s (%s, %v), want it expired", story.Status, story.Reason, err)
				}
				for _, o := range story.Orders {
					if n := h.core(i.Product).Creates(string(o.ID)); n != 0 {
						t.Errorf("the exchange was asked %d times for an order whose time was over: an entry at a price that nobody meant", n)
					}
				}
				c.rest()
				c.judge()
				c.end()
				for _, wrong := range c.wrong {
					t.Error(wrong)
				}
			})
		})
	}
}
