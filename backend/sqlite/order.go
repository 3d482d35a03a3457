package sqlite

import (
	"database/sql"
	"fmt"
	"time"

	"hoox/backend/alarm"
	"hoox/backend/events"
	"hoox/backend/trading"
)

// step is a change of an order on its way to the file: where it came from, and what the journal should say.
type step struct {
	stage  string
	from   trading.OrderStatus
	detail string
	at     time.Time
}

// move takes an order to another status without fills. It fails with Conflict when the order may not go there from where
// it is: somebody was faster.
func (t *tx) move(a *account, o *orderRow, to trading.OrderStatus, reason string, at time.Time) error {
	if !o.Status.May(to) {
		return trading.Errorf(trading.Conflict, "order %s is %s and cannot become %s", o.ID, o.Status, to)
	}
	s := step{stage: string(to), from: o.Status, detail: reason, at: at}
	o.Status, o.Reason = to, reason
	if to == trading.OrderExpired && o.ReduceOnly {
		if err := t.unsentAlarm(o, s); err != nil {
			return err
		}
	}
	return t.store(a, o, s)
}

const updateOrder = `
UPDATE orders
SET status = ?, reason = ?, exchange_id = ?, filled = ?, booked = ?, filled_cost = ?, version = ?, updated_at = ?
WHERE id = ? AND version = ?`

// store writes a changed order and everything that follows from the change: journal, signal, jobs, lane.
func (t *tx) store(a *account, o *orderRow, s step) error {
	old := o.Version
	o.Version, o.UpdatedAt = old+1, stamp(s.at)
	n, err := t.exec(updateOrder, string(o.Status), o.Reason, o.ExchangeID, o.Filled.String(), o.booked.String(), o.FilledCost.String(),
		o.Version, millis(o.UpdatedAt), string(o.ID), old)
	if err != nil {
		return err
	}
	return t.follow(a, o, s, n)
}

const armOrder = `
UPDATE orders
SET status = ?, reason = ?, attempts = ?, version = ?, updated_at = ?, armed_at = ?
WHERE id = ? AND version = ?`

// arm writes the intent of a waiting order: from the commit on bytes may have left.
func (t *tx) arm(a *account, o *orderRow, at time.Time) error {
	s := step{stage: string(trading.OrderSubmitted), from: o.Status, at: at}
	old := o.Version
	o.Status, o.Reason, o.Attempts, o.Version = trading.OrderSubmitted, "", o.Attempts+1, old+1
	o.UpdatedAt, o.ArmedAt, o.held = stamp(at), stamp(at), false
	n, err := t.exec(armOrder, string(o.Status), o.Reason, o.Attempts, o.Version, millis(o.UpdatedAt), millis(o.ArmedAt), string(o.ID), old)
	if err != nil {
		return err
	}
	if !o.ReduceOnly {
		a.arm(o.ArmedAt)
	}
	return t.follow(a, o, s, n)
}

func (t *tx) follow(a *account, o *orderRow, s step, changed int64) error {
	if changed != 1 {
		// Only this writer changes orders, so a version that does not fit is damage of memory or file.
		t.dirty = true
		return trading.Errorf(trading.Internal, "order %s changed under its version %d", o.ID, o.Version-1)
	}
	t.place(a, o)
	t.note(trading.Entry{SignalID: o.SignalID, OrderID: o.ID, Stage: s.stage, From: s.from, To: o.Status, Detail: s.detail, At: s.at, Since: since(o, s.at)})
	t.changed(events.Orders)
	if o.Status != s.from {
		if err := t.restate(o); err != nil {
			return err
		}
		if err := t.orderAlarm(o, s); err != nil {
			return err
		}
	}
	if !o.Status.Final() {
		return nil
	}
	if err := t.dropJobs("", o); err != nil {
		return err
	}
	return t.wakeLane(a, o, s.at)
}

// orderAlarm alarms about a status that a person must know of.
func (t *tx) orderAlarm(o *orderRow, s step) error {
	switch {
	case o.Status == trading.OrderNeedsReview:
		return t.raise(alarm.Alarm{
			Kind: alarm.Review, Subject: string(o.ID), Text: "nobody knows what became of " + named(o) + ": " + s.detail,
			Fix: "look it up at the exchange and settle it under Orders",
		}, s.at)
	case s.from == trading.OrderNotPlaced:
		return t.raise(alarm.Alarm{
			Kind: alarm.Reappeared, Subject: string(o.ID), Text: named(o) + " had been proven absent and is at its exchange after all: " + string(o.Status),
			Fix: "compare positions and orders with the exchange",
		}, s.at)
	}
	return nil
}

// unsentAlarm alarms about a close whose time ended here: what it was to close is still open.
func (t *tx) unsentAlarm(o *orderRow, s step) error {
	return t.raise(alarm.Alarm{
		Kind: alarm.Unsent, Subject: string(o.ID), Text: "a close was never sent: " + named(o) + ": " + s.detail,
		Fix: "close again, or by hand at the exchange",
	}, s.at)
}

// named is an order in the words of an alarm.
func named(o *orderRow) string {
	return fmt.Sprintf("order %s (%s %s %s on %s)", o.ID, o.Side, o.Qty, o.Symbol, o.Account)
}

func since(o *orderRow, at time.Time) time.Duration {
	if o.received.IsZero() {
		return 0
	}
	return at.Sub(o.received)
}

const updateSignal = `
UPDATE signals
SET status = ?, reason = CASE WHEN ? = '' THEN reason ELSE ? END
WHERE id = ? AND status <> ?`

// restate works out anew what became of the signal of an order. Orders that the exchange made do not count: a stop that
// triggered days later changes nothing about the alert.
func (t *tx) restate(o *orderRow) error {
	if o.child || o.SignalID == "" {
		return nil
	}
	orders := []trading.Order{o.Order}
	if !o.alone {
		var err error
		if orders, err = t.siblings(o.SignalID); err != nil {
			return err
		}
	}
	status := trading.SignalStatusOf(orders)
	n, err := t.exec(updateSignal, string(status), o.Reason, o.Reason, string(o.SignalID), string(status))
	if err != nil {
		return err
	}
	if n > 0 {
		t.changed(events.Signals)
		t.touched = append(t.touched, o.SignalID)
	}
	return nil
}

// siblings are the orders that a signal planned, with the fields that its status and the order of legs depend on.
func (t *tx) siblings(id trading.SignalID) ([]trading.Order, error) {
	rows, err := t.rows(`SELECT o.id, o.leg, o.status, o.filled FROM orders AS o WHERE o.signal_id = ? AND o.child = 0 ORDER BY o.leg, o.seq`, string(id))
	var orders []trading.Order
	err = each(rows, err, func(r *sql.Rows) error {
		var o trading.Order
		err := r.Scan(&o.ID, &o.Leg, &o.Status, &o.Filled)
		orders = append(orders, o)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read orders of signal %s: %w", id, err)
	}
	return orders, nil
}
