package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"hoox/backend/alarm"
	"hoox/backend/events"
	"hoox/backend/trading"
)

// endedSpan is how long a drift that ended is still known, so that a fix that is asked for twice is not a mistake.
const endedSpan = 7 * 24 * time.Hour

const driftColumns = `
id, account, kind, product, symbol, slot, order_id, exchange_id, side, type, price, ours, theirs, first_seen, last_seen, rounds,
ignored, ended_at`

// driftRow is a drift with what only the store keeps about it.
type driftRow struct {
	trading.Drift
	// ignored is what the two sides were when somebody said to ignore it.
	ignored string
	ended   int64
}

// sides is what both say, to be compared with later.
func sides(d trading.Drift) string { return d.Ours.String() + "|" + d.Theirs.String() }

func scanDrift(s scanner) (driftRow, error) {
	var d driftRow
	var first, last int64
	err := s.Scan(&d.ID, &d.Account, &d.Kind, &d.Product, &d.Symbol, &d.Slot, &d.OrderID, &d.ExchangeID, &d.Side, &d.Type, &d.Price,
		&d.Ours, &d.Theirs, &first, &last, &d.Rounds, &d.ignored, &d.ended)
	d.FirstSeen, d.LastSeen = fromMillis(first), fromMillis(last)
	d.Ignored = d.ignored != "" && d.ignored == sides(d.Drift)
	return d, err
}

// Drifts lists in what the ledger and the exchanges do not agree, also what was seen only once.
func (db *DB) Drifts(ctx context.Context) ([]trading.Drift, error) {
	list := []trading.Drift{}
	rows, err := db.query(ctx, `SELECT `+driftColumns+` FROM drifts WHERE ended_at = 0 ORDER BY account, first_seen, id`)
	err = each(rows, err, func(r *sql.Rows) error {
		d, err := scanDrift(r)
		list = append(list, d.Drift)
		return err
	})
	return list, db.fault(err, "list drifts")
}

// Drift is one drift, whether it still stands or has ended lately. NotFound when there is none.
func (db *DB) Drift(ctx context.Context, id string) (d trading.Drift, stands bool, err error) {
	row, err := scanDrift(db.queryRow(ctx, `SELECT `+driftColumns+` FROM drifts WHERE id = ?`, id))
	return row.Drift, err == nil && row.ended == 0, db.fault(err, "read drift "+id)
}

// Reconciled writes down what one comparison found, in one transaction: drifts that were seen once more, drifts that ended,
// and when the exchange last agreed on a position. It returns the drifts of the account that stand after it, with their
// rounds. One that was seen before counts on only if both sides say what they said; one that counted goes on counting.
func (db *DB) Reconciled(ctx context.Context, c trading.Comparison) ([]trading.Drift, error) {
	var stand []trading.Drift
	err := db.do(ctx, "compare "+string(c.Account), func(t *tx) error {
		stand = []trading.Drift{}
		for _, d := range c.Seen {
			after, err := t.seeDrift(d, c.At)
			if err != nil {
				return err
			}
			stand = append(stand, after)
		}
		for _, id := range c.Ended {
			if err := t.endDrift(id, "drift ended", "", c.At); err != nil {
				return err
			}
		}
		if len(c.Seen)+len(c.Ended) > 0 {
			if _, err := t.exec(`DELETE FROM drifts WHERE ended_at > 0 AND ended_at < ?`, millis(c.At.Add(-endedSpan))); err != nil {
				return err
			}
		}
		return t.agree(c)
	})
	return stand, err
}

func (t *tx) driftOf(id string) (driftRow, bool, error) {
	d, err := scanDrift(t.row(`SELECT `+driftColumns+` FROM drifts WHERE id = ?`, id))
	if notFound(err) {
		return d, false, nil
	}
	return d, err == nil, err
}

const putDrift = `
INSERT INTO drifts (` + driftColumns + `)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE
SET kind = excluded.kind, order_id = excluded.order_id, exchange_id = excluded.exchange_id, side = excluded.side,
  type = excluded.type, price = excluded.price, ours = excluded.ours, theirs = excluded.theirs,
  first_seen = excluded.first_seen, last_seen = excluded.last_seen, rounds = excluded.rounds, ignored = excluded.ignored,
  ended_at = excluded.ended_at`

func (t *tx) putDrift(d driftRow) error {
	_, err := t.exec(putDrift, d.ID, string(d.Account), string(d.Kind), string(d.Product), d.Symbol, string(d.Slot), string(d.OrderID),
		d.ExchangeID, string(d.Side), string(d.Type), d.Price.String(), d.Ours.String(), d.Theirs.String(), millis(d.FirstSeen),
		millis(d.LastSeen), d.Rounds, d.ignored, d.ended)
	return err
}

func (t *tx) seeDrift(d trading.Drift, at time.Time) (trading.Drift, error) {
	before, known, err := t.driftOf(d.ID)
	if err != nil {
		return d, err
	}
	next := driftRow{Drift: d}
	next.FirstSeen, next.LastSeen, next.Rounds = stamp(at), stamp(at), 1
	if known && before.ended == 0 {
		next.FirstSeen, next.ignored = before.FirstSeen, before.ignored
		if before.Counts() || sides(before.Drift) == sides(d) && before.Kind == d.Kind {
			next.Rounds = before.Rounds + 1
		}
	}
	next.Ignored = next.ignored != "" && next.ignored == sides(d)
	if err := t.putDrift(next); err != nil {
		return d, err
	}
	if next.Counts() && !before.Counts() {
		t.note(trading.Entry{OrderID: d.OrderID, Stage: "drift", Detail: inWords(d), At: at})
		t.changed(events.Positions, events.Health)
		if err := t.driftAlarm(d, at); err != nil {
			return d, err
		}
	}
	return next.Drift, nil
}

// driftAlarm alarms about a difference that counts, unless it is somebody else's order, which is nothing to us.
func (t *tx) driftAlarm(d trading.Drift, at time.Time) error {
	if d.Kind == trading.DriftForeign {
		return nil
	}
	return t.raise(alarm.Alarm{
		Kind: alarm.Drift, Subject: d.ID, Text: "ledger and exchange disagree: " + inWords(d),
		Fix: "look at Drift on the Accounts page, or hoox drift: take over, ignore or ask again",
	}, at)
}

// inWords is a drift for the journal.
func inWords(d trading.Drift) string {
	name := d.ID
	if d.Symbol != "" {
		name = d.Symbol + " on " + string(d.Account)
	}
	return fmt.Sprintf("%s: %s, the ledger has %s, the exchange %s", d.Kind, name, d.Ours, d.Theirs)
}

// endDrift ends a drift that stands; what counted leaves a line in the journal.
func (t *tx) endDrift(id, stage, actor string, at time.Time) error {
	d, known, err := t.driftOf(id)
	if err != nil || !known || d.ended != 0 {
		return err
	}
	if _, err := t.exec(`UPDATE drifts SET ended_at = ? WHERE id = ?`, millis(at), id); err != nil {
		return err
	}
	if d.Counts() {
		t.noteDrift(d.Drift, stage, actor, at)
	}
	return nil
}

func (t *tx) noteDrift(d trading.Drift, stage, actor string, at time.Time) {
	detail := inWords(d)
	if actor != "" {
		detail = actor + ": " + detail
	}
	t.note(trading.Entry{OrderID: d.OrderID, Stage: stage, Detail: detail, At: at})
	t.changed(events.Positions, events.Health)
}

// agree notes when the exchange agreed on positions, unless they changed meanwhile.
func (t *tx) agree(c trading.Comparison) error {
	if len(c.Agreed) == 0 {
		return nil
	}
	a, err := t.account(c.Account, c.At)
	if err != nil {
		return err
	}
	for _, x := range c.Agreed {
		p, place := a.position(trading.InstrumentKey{Product: x.Product, Symbol: x.Symbol}, x.Slot)
		if place < 0 || !p.Qty.Equal(x.Qty) {
			continue
		}
		p.ReconciledAt = stamp(c.At)
		_, err := t.exec(`UPDATE positions SET reconciled_at = ? WHERE account = ? AND product = ? AND symbol = ? AND slot = ?`,
			millis(c.At), string(p.Account), string(p.Product), p.Symbol, string(p.Slot))
		if err != nil {
			return err
		}
		a.hold(p, place)
	}
	return nil
}

// IgnoreDrift leaves a drift alone for as long as both sides say what they say now. One that has ended needs nothing.
func (db *DB) IgnoreDrift(ctx context.Context, id, actor string, at time.Time) error {
	return db.do(ctx, "ignore drift "+id, func(t *tx) error {
		d, known, err := t.driftOf(id)
		if err != nil || !known || d.ended != 0 || d.Ignored {
			return err
		}
		d.ignored = sides(d.Drift)
		if err := t.putDrift(d); err != nil {
			return err
		}
		t.noteDrift(d.Drift, "drift ignored", actor, at)
		return nil
	})
}

// NoteDrift writes down what somebody asked for about a drift.
func (db *DB) NoteDrift(ctx context.Context, d trading.Drift, stage, actor string, at time.Time) error {
	return db.do(ctx, "note drift "+d.ID, func(t *tx) error {
		t.noteDrift(d, stage, actor, at)
		// The journal alone makes no commit.
		_, err := t.exec(`UPDATE drifts SET last_seen = last_seen WHERE id = ?`, d.ID)
		return err
	})
}
