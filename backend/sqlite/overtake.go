package sqlite

import (
	"hoox/backend/queue"
	"hoox/backend/trading"
)

// A lane is a queue, and entries in it may have to wait for long: for the end of a doubt, or for the next try of one that
// could not be sent. What can only make the risk smaller does not wait with them. It takes a queue of its own, beside the
// lane, until it has gone.

// closeQueue is what follows the name of a lane in the name of that queue.
const closeQueue = " close"

// onlyCloses tells whether an order cannot add to anything, in whatever order things happen.
func onlyCloses(o *orderRow) bool { return o.ReduceOnly && o.Product == trading.Linear }

// inLongDoubt tells whether nobody knows when the outcome of an order will be known.
func inLongDoubt(o *orderRow) bool {
	return o.Status == trading.OrderUnknown || o.Status == trading.OrderNeedsReview
}

// holdsUp tells whether what queues behind an order may wait for long.
func holdsUp(o *orderRow) bool {
	return inLongDoubt(o) || o.Status == trading.OrderCreated && o.Attempts > 0 && !o.ReduceOnly
}

// queueOf is the queue in which an order waits to be sent.
func (a *account) queueOf(o *orderRow) string {
	lane := o.Lane()
	if !onlyCloses(o) {
		return lane
	}
	for _, other := range a.orders {
		if other.ID != o.ID && other.Lane() == lane && holdsUp(other) {
			return lane + closeQueue
		}
	}
	return lane
}

// overtake lets the closes that wait in the lane of an order out of it when the order holds it up.
func (t *tx) overtake(a *account, o *orderRow) error {
	if !holdsUp(o) {
		return nil
	}
	lane := o.Lane()
	for _, other := range a.orders {
		if other.ID == o.ID || other.Lane() != lane || other.Status != trading.OrderCreated || !onlyCloses(other) {
			continue
		}
		if _, err := t.exec(`UPDATE jobs SET lane = ? WHERE order_id = ? AND kind = ?`, lane+closeQueue, string(other.ID), string(queue.Submit)); err != nil {
			return err
		}
	}
	return nil
}
