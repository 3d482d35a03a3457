package sqlite

import (
	"context"
	"slices"
	"time"

	"hoox/backend/events"
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

// holdsUp tells whether what queues behind an order may wait for long.
func holdsUp(o *orderRow) bool {
	return o.Status.InLongDoubt() || o.Status == trading.OrderCreated && (o.Attempts > 0 || o.held) && !o.ReduceOnly
}

// heldUp tells whether an order that was put in line may wait there for long.
func (a *account) heldUp(o *orderRow) bool {
	lane := o.Lane()
	return !onlyCloses(o) && slices.ContainsFunc(a.orders, func(other *orderRow) bool {
		return other.ID != o.ID && other.Lane() == lane && holdsUp(other)
	})
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

// goesFirst puts what was written after an order behind it in the queue in which it waits. Its job is new, and by its age it
// would wait behind legs of its own signal that wait for it.
func (t *tx) goesFirst(a *account, o *orderRow) error {
	queued, at := a.queueOf(o), slices.Index(a.orders, o)
	for _, other := range a.orders[at+1:] {
		if other.Status != trading.OrderCreated || other.Lane() != o.Lane() {
			continue
		}
		_, err := t.exec(`UPDATE jobs SET seq = (SELECT MAX(seq) + 1 FROM jobs) WHERE order_id = ? AND kind = ? AND lane = ?`,
			string(other.ID), string(queue.Submit), queued)
		if err != nil {
			return err
		}
	}
	return nil
}

// Hold writes down why an order that waits does not go now, for a person to read, and lets closes out from behind it. An order
// that does not wait any more is left alone.
func (db *DB) Hold(ctx context.Context, id trading.OrderID, reason string, at time.Time) error {
	_, err := db.change(ctx, "hold order", id, at, func(t *tx, a *account, o *orderRow) error {
		if o.Status != trading.OrderCreated {
			return nil
		}
		o.held = true
		if o.Reason != reason {
			s := step{stage: "held", from: o.Status, detail: reason, at: at}
			o.Reason = reason
			if err := t.store(a, o, s); err != nil {
				return err
			}
		}
		return t.overtake(a, o)
	})
	return err
}

// releaseJobs makes everything due that an account waits to ask of its exchange.
const releaseJobs = `UPDATE jobs SET run_at = ? WHERE state = 'ready' AND run_at > ? AND substr(lane, 1, length(?)) = ?`

// Release makes all jobs of an account due at once: its exchange answers again. Each lane keeps its order.
func (db *DB) Release(ctx context.Context, account trading.AccountID, at time.Time) error {
	return db.do(ctx, "release "+string(account), func(t *tx) error {
		a, err := t.account(account, at)
		if err != nil {
			return err
		}
		for _, o := range a.orders {
			o.held = false
		}
		lanes := string(account) + "/"
		n, err := t.exec(releaseJobs, millis(at), millis(at), lanes, lanes)
		if n > 0 {
			t.changed(events.Queue)
		}
		return err
	})
}

// Hasten makes due at a time every job that is due only beyond another: a clock that was ahead put it there.
func (db *DB) Hasten(ctx context.Context, beyond, at time.Time) error {
	return db.do(ctx, "make due what a wrong clock put off", func(t *tx) error {
		n, err := t.exec(`UPDATE jobs SET run_at = ? WHERE state = 'ready' AND run_at > ?`, millis(at), millis(beyond))
		if n > 0 {
			t.changed(events.Queue)
		}
		return err
	})
}
