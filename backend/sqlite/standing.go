package sqlite

import (
	"context"
	"database/sql"
	"fmt"

	"hoox/backend/alarm"
	"hoox/backend/audit"
	"hoox/backend/events"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

const latestStanding = `
SELECT epoch, state, reason, actor, since
FROM standing
WHERE epoch = (SELECT MAX(epoch) FROM standing)`

func scanStanding(s scanner) (risk.Standing, error) {
	var r risk.Standing
	var since int64
	err := s.Scan(&r.Epoch, &r.State, &r.Reason, &r.Actor, &since)
	r.Since = fromMillis(since)
	return r, err
}

// Standing is the trading state as stored.
func (db *DB) Standing(ctx context.Context) (risk.Standing, error) {
	s, err := scanStanding(db.queryRow(ctx, latestStanding))
	return s, db.fault(err, "read trading state")
}

// SetStanding changes the trading state under the next epoch and keeps the old ones as history. Halted also blocks, in the
// same transaction, every entry that waits to be sent: such an order never fires later. It returns how many were blocked
// and the entries that rest at an exchange, which the caller has to cancel there.
func (db *DB) SetStanding(ctx context.Context, s risk.Standing) (blocked int, resting []trading.Order, err error) {
	if !s.State.Known() {
		return 0, nil, trading.FieldError("state", "want active, reducing or halted, had %q", s.State)
	}
	if s.Since.IsZero() {
		s.Since = db.o.Now()
	}
	err = db.do(ctx, "set trading state "+string(s.State), func(t *tx) error {
		blocked, resting = 0, nil
		s.Epoch = t.head.standing.Epoch + 1
		err := t.audit(ctx, audit.Entry{
			At: s.Since, Actor: s.Actor, Action: audit.SetKill, Subject: "trading", Before: string(t.head.standing.State), After: string(s.State), Detail: s.Reason,
		})
		if err != nil {
			return err
		}
		_, err = t.exec(`INSERT INTO standing (epoch, state, reason, actor, since) VALUES (?, ?, ?, ?, ?)`, s.Epoch, string(s.State), s.Reason, s.Actor, millis(s.Since))
		if err != nil {
			return err
		}
		s.Since = stamp(s.Since)
		t.head.standing = s
		t.note(trading.Entry{Stage: "trading " + string(s.State), Detail: s.Actor + ": " + s.Reason, At: s.Since})
		t.changed(events.Kill)
		if s.State != risk.Halted {
			return nil
		}
		if err := t.haltAlarm(ctx, s); err != nil {
			return err
		}
		blocked, resting, err = t.halt(s)
		return err
	})
	return blocked, resting, err
}

// haltAlarm alarms unless a person asked for the halt and so knows of it.
func (t *tx) haltAlarm(ctx context.Context, s risk.Standing) error {
	if audit.Of(ctx) != nil {
		return nil
	}
	return t.raise(alarm.Alarm{
		Kind: alarm.Halted, Subject: "trading", Text: fmt.Sprintf("trading was halted by itself (%s): %s. Entries are refused, closes go", s.Actor, s.Reason),
		Fix: "find out why, go through the checklist, then resume",
	}, s.Since)
}

func (t *tx) halt(s risk.Standing) (blocked int, resting []trading.Order, err error) {
	var ids []trading.OrderID
	rows, err := t.rows(`SELECT o.id FROM orders AS o INDEXED BY orders_open WHERE ` + openOrders + ` AND o.reduce_only = 0 ORDER BY o.seq`)
	err = each(rows, err, func(r *sql.Rows) error {
		var id trading.OrderID
		err := r.Scan(&id)
		ids = append(ids, id)
		return err
	})
	if err != nil {
		return 0, nil, err
	}
	reason := "trading is halted"
	if s.Reason != "" {
		reason += ": " + s.Reason
	}
	for _, id := range ids {
		o, a, err := t.order(id, s.Since)
		if err != nil {
			return 0, nil, err
		}
		switch {
		case o.Status == trading.OrderCreated:
			if err := t.move(a, o, trading.OrderBlocked, reason, s.Since); err != nil {
				return 0, nil, err
			}
			blocked++
		case o.Status.Resting():
			resting = append(resting, o.Order)
		}
	}
	return blocked, resting, nil
}
