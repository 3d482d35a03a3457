package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"hoox/backend/alarm"
	"hoox/backend/audit"
	"hoox/backend/events"
	"hoox/backend/trading"
)

const alarmColumns = `a.seq, a.kind, a.subject, a.text, a.fix, a.first_at, a.last_at, a.count, a.acknowledged_at, a.acknowledged_by`

func scanAlarm(s scanner, more ...any) (alarm.Alarm, error) {
	var a alarm.Alarm
	var first, last, seen int64
	err := s.Scan(append([]any{&a.ID, &a.Kind, &a.Subject, &a.Text, &a.Fix, &first, &last, &a.Count, &seen, &a.AcknowledgedBy}, more...)...)
	a.FirstAt, a.LastAt, a.AcknowledgedAt = fromMillis(first), fromMillis(last), fromMillis(seen)
	return a, err
}

// raiseAlarm counts an alarm up that nobody has acknowledged, or makes a new one.
const raiseAlarm = `
INSERT INTO alarms (kind, subject, text, fix, first_at, last_at, count, acknowledged_at, acknowledged_by)
VALUES (?, ?, ?, ?, ?, ?, 1, 0, '')
ON CONFLICT (kind, subject) WHERE acknowledged_at = 0 DO UPDATE
SET text = excluded.text, fix = excluded.fix, last_at = excluded.last_at, count = count + 1`

// The longest texts of an alarm, in bytes.
const (
	longestSubject = 200
	longestAlarm   = 500
)

// raise alarms in the transaction of the fact that alarms, so that neither is there without the other.
func (t *tx) raise(a alarm.Alarm, at time.Time) error {
	_, err := t.exec(raiseAlarm, string(a.Kind), audit.Plain(a.Subject, longestSubject), audit.Plain(a.Text, longestAlarm), audit.Plain(a.Fix, longestAlarm), millis(at), millis(at))
	t.changed(events.Alarms, events.Health)
	return err
}

// RaiseAlarm keeps an alarm of which the ledger knows nothing itself. It does not wait: the alarm is in the next commit.
func (db *DB) RaiseAlarm(a alarm.Alarm, at time.Time) {
	db.later("raise alarm "+string(a.Kind), func(t *tx) error { return t.raise(a, at) })
}

// TestAlarm raises an alarm that somebody asked for, with its line in the audit, and returns it as it is kept.
func (db *DB) TestAlarm(ctx context.Context, a alarm.Alarm, actor string, at time.Time) (alarm.Alarm, error) {
	var kept alarm.Alarm
	err := db.do(ctx, "test the alarms", func(t *tx) error {
		if err := t.raise(a, at); err != nil {
			return err
		}
		const read = `SELECT ` + alarmColumns + ` FROM alarms AS a WHERE a.kind = ? AND a.subject = ? AND a.acknowledged_at = 0`
		var err error
		if kept, err = scanAlarm(t.row(read, string(a.Kind), a.Subject)); err != nil {
			return err
		}
		return t.audit(ctx, audit.Entry{At: at, Actor: actor, Action: audit.TestAlarm, Subject: fmt.Sprintf("%d %s %s", kept.ID, kept.Kind, kept.Subject)})
	})
	return kept, err
}

// Alarms lists alarms, newest first, with what the channels asked for were told of each. Invalid for a cursor that no page gave.
func (db *DB) Alarms(ctx context.Context, p alarm.Page) ([]alarm.Alarm, string, error) {
	l, err := list("alarms", "a", trading.Page{Limit: p.Limit, Cursor: p.Cursor})
	if err != nil {
		return nil, "", err
	}
	if p.OpenOnly {
		l.where("a.acknowledged_at = 0")
	}
	alarms := []alarm.Alarm{}
	next, err := db.collect(ctx, l, "SELECT "+alarmColumns+"\nFROM alarms AS a", func(r *sql.Rows) (int64, error) {
		a, err := scanAlarm(r)
		alarms = append(alarms, a)
		return a.ID, err
	}, func(n int) { alarms = alarms[:n] })
	for _, channel := range p.Channels {
		if err == nil {
			err = db.told(ctx, channel, alarms)
		}
	}
	return alarms, next, db.fault(err, "list alarms")
}

// told fills in what a channel was told of alarms that are listed newest first.
func (db *DB) told(ctx context.Context, channel string, alarms []alarm.Alarm) error {
	if len(alarms) == 0 {
		return nil
	}
	places := make(map[int64]int, len(alarms))
	for i, a := range alarms {
		places[a.ID] = i
	}
	rows, err := db.query(ctx, `
SELECT a.seq, s.count, s.at
FROM alarms AS a
JOIN alarms_told AS s ON s.channel = ? AND s.kind = a.kind AND s.subject = a.subject AND s.alarm = a.seq
WHERE a.seq BETWEEN ? AND ?`, channel, alarms[len(alarms)-1].ID, alarms[0].ID)
	return each(rows, err, func(r *sql.Rows) error {
		var id, at int64
		told := alarm.Told{Channel: channel}
		err := r.Scan(&id, &told.Count, &at)
		told.At = fromMillis(at)
		if i, listed := places[id]; listed {
			alarms[i].Told = append(alarms[i].Told, told)
		}
		return err
	})
}

// OpenAlarms counts the alarms that nobody has acknowledged, without those of one kind.
func (db *DB) OpenAlarms(ctx context.Context, without alarm.Kind) (int, error) {
	var n int
	err := db.queryRow(ctx, `SELECT COUNT(*) FROM alarms WHERE acknowledged_at = 0 AND kind <> ?`, string(without)).Scan(&n)
	return n, db.fault(err, "count alarms")
}

// LastAlarm is when an alarm of a kind was last raised; zero for never.
func (db *DB) LastAlarm(ctx context.Context, kind alarm.Kind) (time.Time, error) {
	var at int64
	err := db.queryRow(ctx, `SELECT COALESCE(MAX(last_at), 0) FROM alarms WHERE kind = ?`, string(kind)).Scan(&at)
	return fromMillis(at), db.fault(err, "find the last alarm")
}

// AcknowledgeAlarm writes down that somebody has seen an alarm, in the audit too. One that was acknowledged before stays as it
// is. NotFound when there is none.
func (db *DB) AcknowledgeAlarm(ctx context.Context, id int64, actor string, at time.Time) (alarm.Alarm, error) {
	var after alarm.Alarm
	err := db.do(ctx, "acknowledge alarm", func(t *tx) error {
		const read = `SELECT ` + alarmColumns + ` FROM alarms AS a WHERE a.seq = ?`
		a, err := scanAlarm(t.row(read, id))
		if notFound(err) {
			return trading.Errorf(trading.NotFound, "there is no alarm %d", id)
		}
		after = a
		if err != nil || !a.AcknowledgedAt.IsZero() {
			return err
		}
		if _, err := t.exec(`UPDATE alarms SET acknowledged_at = ?, acknowledged_by = ? WHERE seq = ?`, millis(at), actor, id); err != nil {
			return err
		}
		t.changed(events.Alarms, events.Health)
		after.AcknowledgedAt, after.AcknowledgedBy = stamp(at), actor
		return t.audit(ctx, audit.Entry{
			At: at, Actor: actor, Action: audit.AcknowledgeAlarm, Subject: fmt.Sprintf("%d %s %s", id, a.Kind, a.Subject),
			Detail: fmt.Sprintf("happened %d times: %s", a.Count, a.Text),
		})
	})
	return after, err
}

// DueAlarms lists the open alarms of which a channel was told less often than they happened, oldest first. One of which the
// channel was told after a moment waits, also when it was another of the same kind and subject.
func (db *DB) DueAlarms(ctx context.Context, channel string, after time.Time) ([]alarm.Due, error) {
	var due []alarm.Due
	rows, err := db.query(ctx, `
SELECT `+alarmColumns+`, a.count - CASE WHEN s.alarm = a.seq THEN s.count ELSE 0 END
FROM alarms AS a
LEFT JOIN alarms_told AS s ON s.channel = ? AND s.kind = a.kind AND s.subject = a.subject
WHERE a.acknowledged_at = 0
  AND (s.alarm IS NULL OR s.alarm <> a.seq OR s.count < a.count)
  AND (s.at IS NULL OR s.at <= ?)
ORDER BY a.seq
LIMIT ?`, channel, millis(after), pageLimit)
	err = each(rows, err, func(r *sql.Rows) error {
		var d alarm.Due
		var err error
		d.Alarm, err = scanAlarm(r, &d.Fresh)
		due = append(due, d)
		return err
	})
	return due, db.fault(err, "list alarms that are due")
}

// AlarmTold writes down that a channel was told of an alarm as often as it had happened.
func (db *DB) AlarmTold(ctx context.Context, channel string, d alarm.Due, at time.Time) error {
	return db.do(ctx, "note that "+channel+" was told of an alarm", func(t *tx) error {
		// Who looks at the alarm sees on which channels it arrived.
		t.changed(events.Alarms)
		_, err := t.exec(`
INSERT INTO alarms_told (channel, kind, subject, alarm, count, at)
VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (channel, kind, subject) DO UPDATE
SET alarm = excluded.alarm, count = excluded.count, at = excluded.at`, channel, string(d.Kind), d.Subject, d.ID, d.Count, millis(at))
		return err
	})
}
