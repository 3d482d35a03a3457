package sqlite

import (
	"context"
	"time"

	"hoox/backend/queue"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

// change runs a unit on one order and returns the order as it stands after it.
func (db *DB) change(ctx context.Context, operation string, id trading.OrderID, at time.Time, run func(*tx, *account, *orderRow) error) (trading.Order, error) {
	var after trading.Order
	err := db.do(ctx, operation+" "+string(id), func(t *tx) error {
		o, a, err := t.order(id, at)
		if notFound(err) {
			return trading.Errorf(trading.NotFound, "no order %s", id)
		}
		if err != nil {
			return err
		}
		err = run(t, a, o)
		after = o.Order
		return err
	})
	return after, err
}

// BeginSubmit puts the intent to send a waiting order on disk and returns it as submitted: from then on bytes may have
// left, and the outcome is unknown until a report is recorded. Look is the second look at the trading state; it must be
// pure. It fails with Conflict, changing nothing, when the order does not wait any more, when another order of its lane is
// in flight or an earlier leg is not done; with Refused when the deadline is past (the order is expired then), when an
// earlier leg failed (canceled) or look said no; and with Halted when look said blocked.
func (db *DB) BeginSubmit(ctx context.Context, id trading.OrderID, at time.Time, look func(risk.Book, trading.Order) (trading.OrderStatus, string, bool)) (trading.Order, error) {
	var verdict error
	o, err := db.change(ctx, "submit order", id, at, func(t *tx, a *account, o *orderRow) error {
		to, reason, err := t.maySubmit(a, o, at, look)
		verdict = nil
		if err != nil {
			return err
		}
		if to == "" {
			if err := t.dropJobs(queue.Submit, o); err != nil {
				return err
			}
			return t.arm(a, o, at)
		}
		kind := trading.Refused
		if to == trading.OrderBlocked {
			kind = trading.Halted
		}
		verdict = trading.Errorf(kind, "order %s: %s", o.ID, reason)
		return t.move(a, o, to, reason, at)
	})
	if err != nil {
		return o, err
	}
	return o, verdict
}

// maySubmit answers "" when the order may go, else what it ends as and why. An error means: not now.
func (t *tx) maySubmit(a *account, o *orderRow, at time.Time, look func(risk.Book, trading.Order) (trading.OrderStatus, string, bool)) (trading.OrderStatus, string, error) {
	if o.Status != trading.OrderCreated {
		return "", "", trading.Errorf(trading.Conflict, "order %s is %s already", o.ID, o.Status)
	}
	waits, reason, err := t.earlierLegs(o)
	switch {
	case err != nil:
		return "", "", err
	case reason != "":
		return trading.OrderCanceled, reason, nil
	case !o.Deadline.IsZero() && at.After(o.Deadline):
		return trading.OrderExpired, "too late: it had to be sent by " + o.Deadline.Format(time.RFC3339), nil
	case waits:
		return "", "", trading.Errorf(trading.Conflict, "order %s waits for the leg before it", o.ID)
	case a.inFlight(o):
		return "", "", trading.Errorf(trading.Conflict, "order %s waits: another order of %s is in flight", o.ID, o.Lane())
	}
	if to, reason, ok := look(t.book(a, o.quote, at), o.Order); !ok {
		return to, reason, nil
	}
	return "", "", nil
}

// earlierLegs tells whether a leg before this one is still open, or why one that failed ends this one.
func (t *tx) earlierLegs(o *orderRow) (waits bool, reason string, err error) {
	if o.alone || o.Leg == 0 || o.SignalID == "" {
		return false, "", nil
	}
	orders, err := t.siblings(o.SignalID)
	if err != nil {
		return false, "", err
	}
	for _, before := range orders {
		switch {
		case before.Leg >= o.Leg || before.ID == o.ID:
		case !before.Status.Final():
			waits = true
		case before.Status != trading.OrderFilled:
			// Part of the old position may still be there; an entry on top of it is not what was decided. Flat is the safe side.
			return false, "the leg before it ended " + string(before.Status) + " and not filled", nil
		}
	}
	return waits, "", nil
}

// Doubt marks a submitted order as unknown and sets the time at which the exchange is asked about it. For an order that is
// unknown already, or waits for a person, it only moves that time. Conflict, changing nothing, when the order is past doubt.
func (db *DB) Doubt(ctx context.Context, id trading.OrderID, reason string, at, resolveAt time.Time) (trading.Order, error) {
	return db.change(ctx, "doubt order", id, at, func(t *tx, a *account, o *orderRow) error {
		if o.Status != trading.OrderUnknown && o.Status != trading.OrderNeedsReview {
			if err := t.move(a, o, trading.OrderUnknown, reason, at); err != nil {
				return err
			}
		}
		if err := t.overtake(a, o); err != nil {
			return err
		}
		return t.putJob(queue.Resolve, a, o, resolveAt, at)
	})
}

// Return puts a submitted order whose bytes provably did not leave back to wait until runAt, in its old place. One that was to be canceled
// is canceled instead, and an entry is blocked when trading was halted meanwhile: it was in the line and may not fire later.
// Conflict when it is not submitted.
func (db *DB) Return(ctx context.Context, id trading.OrderID, reason string, at, runAt time.Time) (trading.Order, error) {
	return db.change(ctx, "return order", id, at, func(t *tx, a *account, o *orderRow) error {
		unwanted, err := t.cancelAsked(o)
		if err != nil {
			return err
		}
		switch {
		case unwanted:
			return t.move(a, o, trading.OrderCanceled, "cancelled before it was sent: "+reason, at)
		case o.Status == trading.OrderSubmitted && t.head.standing.State == risk.Halted && !o.ReduceOnly:
			return t.move(a, o, trading.OrderBlocked, "trading was halted before it was sent: "+reason, at)
		}
		if err := t.move(a, o, trading.OrderCreated, reason, at); err != nil {
			return err
		}
		if err := t.overtake(a, o); err != nil {
			return err
		}
		if err := t.putJob(queue.Submit, a, o, runAt, at); err != nil {
			return err
		}
		return t.goesFirst(a, o)
	})
}

// cancelAsked tells whether somebody asked for the cancel of a submitted order.
func (t *tx) cancelAsked(o *orderRow) (bool, error) {
	if o.jobless || o.Status != trading.OrderSubmitted {
		return false, nil
	}
	var n int
	err := t.row(`SELECT COUNT(*) FROM jobs WHERE order_id = ? AND kind = ?`, string(o.ID), string(queue.Cancel)).Scan(&n)
	return n > 0, err
}

// Settle takes an order to a status without fills (not placed, blocked, expired, canceled, needs review). An order that is
// there already is returned as it is. Conflict when it may not go there from where it is, and for the cancel of an order that
// has left: it may rest at its exchange, which alone can say that it does not.
func (db *DB) Settle(ctx context.Context, id trading.OrderID, to trading.OrderStatus, reason string, at time.Time) (trading.Order, error) {
	return db.change(ctx, "settle order", id, at, func(t *tx, a *account, o *orderRow) error {
		switch {
		case o.Status == to:
			return nil
		case to == trading.OrderCanceled && o.Status != trading.OrderCreated:
			return trading.Errorf(trading.Conflict, "order %s is %s: only its exchange can say that it is canceled", o.ID, o.Status)
		}
		return t.move(a, o, to, reason, at)
	})
}

// Review ends an order that waits for a person, by that person's word. Filled moves no position: what was filled is booked
// when its fills come, or taken over from what the exchange holds. Conflict when the order does not wait for a person, or may
// not go there.
func (db *DB) Review(ctx context.Context, id trading.OrderID, to trading.OrderStatus, reason string, at time.Time) (trading.Order, error) {
	return db.change(ctx, "review order", id, at, func(t *tx, a *account, o *orderRow) error {
		if o.Status != trading.OrderNeedsReview {
			return trading.Errorf(trading.Conflict, "order %s is %s and waits for nobody's word", o.ID, o.Status)
		}
		return t.move(a, o, to, reason, at)
	})
}

// AskCancel writes down that somebody wants an order canceled. One that waits to be sent is canceled at once; for any other
// there is a job to do it, and asking again makes the job due again. Conflict when the order has ended.
func (db *DB) AskCancel(ctx context.Context, id trading.OrderID, actor string, at time.Time) error {
	_, err := db.change(ctx, "cancel order", id, at, func(t *tx, a *account, o *orderRow) error {
		return t.askCancel(a, o, actor, at)
	})
	return err
}

func (t *tx) askCancel(a *account, o *orderRow, actor string, at time.Time) error {
	if o.Status.Final() {
		return trading.Errorf(trading.Conflict, "order %s has ended: it is %s", o.ID, o.Status)
	}
	t.note(trading.Entry{SignalID: o.SignalID, OrderID: o.ID, Stage: "cancel asked", From: o.Status, To: o.Status, Detail: actor, At: at, Since: since(o, at)})
	if o.Status == trading.OrderCreated {
		return t.move(a, o, trading.OrderCanceled, "cancelled before it was sent", at)
	}
	return t.putJob(queue.Cancel, a, o, at, at)
}
