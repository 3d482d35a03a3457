package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"hoox/backend/alarm"
	"hoox/backend/events"
	"hoox/backend/queue"
	"hoox/backend/trading"
)

const guardColumns = `
order_id, signal_id, account, product, symbol, slot, state, since, confirmed_at, covers, closes, closed_at, detail, version`

// atWatch is the predicate of the index protections_place, word for word.
const atWatch = `state IN ('asked', 'standing', 'failed')`

func scanGuard(s scanner) (trading.Guard, error) {
	var g trading.Guard
	var since, confirmed, closed int64
	err := s.Scan(&g.Order, &g.Signal, &g.Account, &g.Product, &g.Symbol, &g.Slot, &g.State, &since, &confirmed, &g.Covers, &g.Closes,
		&closed, &g.Detail, &g.Version)
	g.Since, g.ConfirmedAt, g.ClosedAt = fromMillis(since), fromMillis(confirmed), fromMillis(closed)
	return g, err
}

// Guard is the watch over one protected entry with the position it is about, a flat one when there is none. NotFound when
// the entry has no watch.
func (db *DB) Guard(ctx context.Context, order trading.OrderID) (trading.Guard, trading.Position, error) {
	// The watch first: a fill in between makes its version old, and then nothing that follows from it is stored.
	g, err := scanGuard(db.queryRow(ctx, `SELECT `+guardColumns+` FROM protections WHERE order_id = ?`, string(order)))
	if err != nil {
		return g, trading.Position{}, db.fault(err, "read protection of "+string(order))
	}
	p, err := scanPosition(db.queryRow(ctx, `
SELECT `+positionColumns+`
FROM positions
WHERE account = ? AND product = ? AND symbol = ? AND slot = ?`, string(g.Account), string(g.Product), g.Symbol, string(g.Slot)))
	if notFound(err) {
		p, err = trading.Position{}, nil
	}
	p.Account, p.Product, p.Symbol, p.Slot = g.Account, g.Product, g.Symbol, g.Slot
	return g, p, db.fault(err, "read position of "+string(order))
}

// Guards lists the watches of an account ("" for all) that are not gone.
func (db *DB) Guards(ctx context.Context, account trading.AccountID) ([]trading.Guard, error) {
	list := []trading.Guard{}
	rows, err := db.query(ctx, `
SELECT `+guardColumns+`
FROM protections INDEXED BY protections_place
WHERE `+atWatch+` AND (account = ? OR ? = '')
ORDER BY account, product, symbol, slot`, string(account), string(account))
	err = each(rows, err, func(r *sql.Rows) error {
		g, err := scanGuard(r)
		list = append(list, g)
		return err
	})
	return list, db.fault(err, "list protections")
}

// SettleGuard writes down what came of a watch, with a line in the journal of its signal when something changed. The job of
// one that stands or is gone is done. Conflict, changing nothing, when what is to be protected changed after g was read.
func (db *DB) SettleGuard(ctx context.Context, g trading.Guard, at time.Time) error {
	return db.do(ctx, "settle protection of "+string(g.Order), func(t *tx) error {
		before, err := t.guardOf(g.Order)
		if notFound(err) || err == nil && before.Version != g.Version {
			return trading.Errorf(trading.Conflict, "what protects %s changed meanwhile", g.Order)
		}
		if err != nil {
			return err
		}
		if g.State == trading.GuardStanding || g.State == trading.GuardGone {
			if err := t.dropGuardJob(g.Order); err != nil {
				return err
			}
		}
		stage := "protection " + string(g.State)
		if g.Closes > before.Closes {
			stage = "protective close"
		}
		if g.State == before.State && g.Closes == before.Closes && g.Covers.Equal(before.Covers) && g.Detail == before.Detail {
			return nil
		}
		g.Version++
		if err := t.putGuard(g); err != nil {
			return err
		}
		if err := t.guardAlarm(before, g, at); err != nil {
			return err
		}
		return t.noteGuard(g, stage, at)
	})
}

// guardAlarm alarms when a position could not be protected, and when it is closed because of that.
func (t *tx) guardAlarm(before, g trading.Guard, at time.Time) error {
	text := ""
	switch {
	case g.Closes > before.Closes:
		text = "a position without protection is being closed"
	case g.State == trading.GuardFailed && before.State != trading.GuardFailed:
		text = "a position is without its stop and targets"
	default:
		return nil
	}
	return t.raise(alarm.Alarm{
		Kind: alarm.Unprotected, Subject: fmt.Sprintf("%s %s %s", g.Account, g.Symbol, g.Slot), Text: fmt.Sprintf("%s: %s on %s: %s", text, g.Symbol, g.Account, g.Detail),
		Fix: "set a stop at the exchange, or close the position",
	}, at)
}

// Rearm makes the exchange be asked about a watch again. One that stood is not taken to stand any more.
func (db *DB) Rearm(ctx context.Context, order trading.OrderID, at time.Time) error {
	return db.do(ctx, "ask about protection of "+string(order), func(t *tx) error {
		g, err := t.guardOf(order)
		if notFound(err) || err == nil && g.State == trading.GuardGone {
			return nil
		}
		if err != nil {
			return err
		}
		if g.State == trading.GuardStanding {
			g.State, g.Since, g.Covers, g.Closes, g.Version = trading.GuardAsked, at, trading.Qty{}, 0, g.Version+1
			if err := t.putGuard(g); err != nil {
				return err
			}
		}
		return t.putGuardJob(g, at)
	})
}

// Leftover has what protects an entry looked at again although its watch has ended, because something of it still stands at
// the exchange. NotFound when the entry never had a watch; one whose position another entry protects by now needs nothing.
func (db *DB) Leftover(ctx context.Context, order trading.OrderID, at time.Time) error {
	return db.do(ctx, "take away protection of "+string(order), func(t *tx) error {
		g, err := t.guardOf(order)
		if notFound(err) {
			return trading.Errorf(trading.NotFound, "nothing is known to protect order %s", order)
		}
		if err != nil {
			return err
		}
		if g.State != trading.GuardGone {
			return t.putGuardJob(g, at)
		}
		_, other, err := t.guardAt(g.Account, trading.InstrumentKey{Product: g.Product, Symbol: g.Symbol}, g.Slot)
		if err != nil || other {
			return err
		}
		g.State, g.Since, g.Covers, g.Closes, g.Version = trading.GuardAsked, at, trading.Qty{}, 0, g.Version+1
		if err := t.putGuard(g); err != nil {
			return err
		}
		return t.putGuardJob(g, at)
	})
}

func (t *tx) guardOf(order trading.OrderID) (trading.Guard, error) {
	return scanGuard(t.row(`SELECT `+guardColumns+` FROM protections WHERE order_id = ?`, string(order)))
}

// guardAt is the watch over a place; false when there is none.
func (t *tx) guardAt(account trading.AccountID, key trading.InstrumentKey, slot trading.Slot) (trading.Guard, bool, error) {
	g, err := scanGuard(t.row(`
SELECT `+guardColumns+`
FROM protections INDEXED BY protections_place
WHERE `+atWatch+` AND account = ? AND product = ? AND symbol = ? AND slot = ?`, string(account), string(key.Product), key.Symbol, string(slot)))
	if notFound(err) {
		return g, false, nil
	}
	return g, err == nil, err
}

const putGuard = `
INSERT INTO protections (` + guardColumns + `)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (order_id) DO UPDATE
SET state = excluded.state, since = excluded.since, confirmed_at = excluded.confirmed_at, covers = excluded.covers,
  closes = excluded.closes, closed_at = excluded.closed_at, detail = excluded.detail, version = excluded.version`

func (t *tx) putGuard(g trading.Guard) error {
	_, err := t.exec(putGuard, string(g.Order), string(g.Signal), string(g.Account), string(g.Product), g.Symbol, string(g.Slot),
		string(g.State), millis(g.Since), millis(g.ConfirmedAt), g.Covers.String(), g.Closes, millis(g.ClosedAt), g.Detail, g.Version)
	t.changed(events.Positions)
	return err
}

func (t *tx) putGuardJob(g trading.Guard, at time.Time) error {
	lane := trading.Position{Account: g.Account, Product: g.Product, Symbol: g.Symbol}.Lane()
	_, err := t.exec(putJob, string(trading.NewJobID()), string(queue.Protect), lane, string(g.Signal), string(g.Order), millis(at), 0, "", millis(at))
	t.changed(events.Queue)
	return err
}

// dropGuardJob removes the job itself, so that one that is written after it is another one, which nobody takes for done.
func (t *tx) dropGuardJob(order trading.OrderID) error {
	_, err := t.exec(`DELETE FROM jobs WHERE order_id = ? AND kind = ?`, string(order), string(queue.Protect))
	t.changed(events.Queue)
	return err
}

func (t *tx) noteGuard(g trading.Guard, stage string, at time.Time) error {
	e := trading.Entry{SignalID: g.Signal, OrderID: g.Order, Stage: stage, Detail: g.Detail, At: at}
	if g.Signal != "" {
		received, err := t.receivedAt(g.Signal)
		if err != nil {
			return err
		}
		e.Since = at.Sub(received)
	}
	t.note(e)
	return nil
}

// guard keeps the watch over a place in step with its position after an order filled. Paper exchanges keep what protects a
// position themselves, in the step that fills.
func (t *tx) guard(a *account, o *orderRow) error {
	if a.paper {
		return nil
	}
	key, now := trading.InstrumentKey{Product: o.Product, Symbol: o.Symbol}, t.w.db.o.Now()
	p, _ := a.position(key, o.Slot)
	g, known, err := t.guardAt(o.Account, key, o.Slot)
	if err != nil {
		return err
	}
	adds := !o.child && !o.ReduceOnly && !p.Qty.IsZero() && p.Direction().Entry() == o.Side
	if !adds || o.Protection.IsZero() || known && g.Order == o.ID {
		if !known {
			return nil
		}
		return t.rearm(g, p, adds, now)
	}
	next := trading.Guard{Order: o.ID, Signal: o.SignalID, Account: o.Account, Product: o.Product, Symbol: o.Symbol, Slot: o.Slot}
	if old, err := t.guardOf(o.ID); err == nil {
		next.Version = old.Version
	} else if !notFound(err) {
		return err
	}
	if known {
		// What protects the position comes from the newest entry; the one before has nothing left of its own.
		g.State, g.Detail, g.Version = trading.GuardGone, "order "+string(o.ID)+" protects the position now", g.Version+1
		if err := t.dropGuardJob(g.Order); err != nil {
			return err
		}
		if err := t.putGuard(g); err != nil {
			return err
		}
		if err := t.noteGuard(g, "protection gone", now); err != nil {
			return err
		}
	}
	next.State, next.Since, next.Version = trading.GuardAsked, now, next.Version+1
	if err := t.putGuard(next); err != nil {
		return err
	}
	return t.putGuardJob(next, now)
}

// rearm has a watch looked at again because its position changed. The time without protection begins with the first fill
// that is not covered; what was closed by policy begins anew only when something is added to it.
func (t *tx) rearm(g trading.Guard, p trading.Position, adds bool, now time.Time) error {
	if g.State == trading.GuardStanding || g.State == trading.GuardFailed && adds {
		g.Since, g.Closes, g.State = now, 0, trading.GuardAsked
	}
	if p.Qty.Sign() != g.Covers.Sign() {
		g.Covers = trading.Qty{}
	}
	g.Version++
	if err := t.putGuard(g); err != nil {
		return err
	}
	return t.putGuardJob(g, now)
}

// met is a protection after one of its targets filled: a target that was met must not be set again.
func met(p trading.Protection, d trading.Direction, at trading.Price, qty trading.Qty) trading.Protection {
	if len(p.TakeProfit) == 0 {
		return p
	}
	place := slices.IndexFunc(p.TakeProfit, func(t trading.TakeProfitAt) bool { return t.Price.Equal(at) })
	if place < 0 {
		// The exchange moved it to a tick of its own: the nearest one is met first.
		place = 0
		for i, t := range p.TakeProfit {
			if t.Price.Less(p.TakeProfit[place].Price) == (d == trading.Long) && !t.Price.Equal(p.TakeProfit[place].Price) {
				place = i
			}
		}
	}
	if p.TakeProfit[place].Qty.IsZero() {
		return p
	}
	p.TakeProfit = slices.Clone(p.TakeProfit)
	if left := p.TakeProfit[place].Qty.Sub(qty); left.IsPositive() {
		p.TakeProfit[place].Qty = left
		return p
	}
	p.TakeProfit = slices.Delete(p.TakeProfit, place, place+1)
	return p
}
