package sqlite

import (
	"context"
	"database/sql"
	"time"

	"hoox/backend/alarm"
	"hoox/backend/events"
	"hoox/backend/queue"
	"hoox/backend/trading"
)

const putJob = `
INSERT INTO jobs (id, kind, lane, signal_id, order_id, state, attempts, run_at, deadline, last_error, created_at)
VALUES (?, ?, ?, ?, ?, 'ready', 0, ?, ?, ?, ?)
ON CONFLICT (order_id, kind) DO UPDATE
SET state = 'ready', run_at = excluded.run_at, last_error = excluded.last_error`

// putJob writes the job of an order, or moves the one there is.
func (t *tx) putJob(kind queue.Kind, a *account, o *orderRow, runAt, now time.Time) error {
	var deadline int64
	lane := o.Lane()
	if kind == queue.Submit {
		deadline, lane = millis(o.Deadline), a.queueOf(o)
	}
	_, err := t.exec(putJob, string(trading.NewJobID()), string(kind), lane, string(o.SignalID), string(o.ID), millis(runAt),
		deadline, o.Reason, millis(now))
	o.jobless = false
	t.changed(events.Queue)
	return err
}

// dropJobs removes the jobs of an order: one kind, or "" for all that end with it. What protects its position outlives it.
func (t *tx) dropJobs(kind queue.Kind, o *orderRow) error {
	if o.jobless {
		return nil
	}
	n, err := t.exec(`DELETE FROM jobs WHERE order_id = ? AND (kind = ? OR ? = '' AND kind <> 'protect')`, string(o.ID), string(kind), string(kind))
	if n > 0 {
		t.changed(events.Queue)
	}
	o.jobless = o.jobless || kind == ""
	return err
}

// wakeLane makes the waiting orders of a lane due now, because what they waited for has ended.
func (t *tx) wakeLane(a *account, o *orderRow, now time.Time) error {
	waiting := false
	for _, other := range a.orders {
		waiting = waiting || (other.Status == trading.OrderCreated && other.Lane() == o.Lane())
	}
	if !waiting {
		return nil
	}
	_, err := t.exec(`UPDATE jobs SET run_at = ? WHERE lane = ? AND kind = 'submit' AND state = 'ready' AND run_at > ?`, millis(now), o.Lane(), millis(now))
	t.changed(events.Queue)
	return err
}

// inTurn keeps the order of a lane: a submit job counts only when no older one of its lane waits.
const inTurn = `
  AND (j.kind <> 'submit' OR NOT EXISTS (
    SELECT 1
    FROM jobs AS older
    WHERE older.lane = j.lane AND older.kind = 'submit' AND older.state = 'ready' AND older.seq < j.seq)`

// overdue lets a job end whose deadline is past, in its turn or not.
const overdue = `
  OR j.deadline > 0 AND j.deadline < ?`

const jobColumns = `
j.seq, j.id, j.kind, j.lane, j.signal_id, j.order_id, j.state, j.attempts, j.run_at, j.deadline, j.last_error, j.created_at`

func scanJob(s scanner) (queue.Job, int64, error) {
	var j queue.Job
	var seq, run, deadline, created int64
	err := s.Scan(&seq, &j.ID, &j.Kind, &j.Lane, &j.SignalID, &j.OrderID, &j.State, &j.Attempts, &run, &deadline, &j.LastError, &created)
	j.RunAt, j.Deadline, j.CreatedAt = fromMillis(run), fromMillis(deadline), fromMillis(created)
	return j, seq, err
}

const dueJobs = `
SELECT ` + jobColumns + `
FROM jobs AS j INDEXED BY jobs_ready
WHERE j.state = 'ready' AND j.run_at <= ?` + inTurn + overdue + `)
ORDER BY j.run_at, j.seq
LIMIT ?`

// Due lists jobs whose time has come, the longest due first. Of the orders that wait in one lane only the oldest is listed:
// the next comes when its job is gone. One whose deadline is past does not wait for that: it only ends.
func (db *DB) Due(ctx context.Context, now time.Time, limit int) ([]queue.Job, error) {
	db.count(dueJobs)
	rows, err := db.due.QueryContext(ctx, millis(now), millis(now), limit)
	var jobs []queue.Job
	err = each(rows, err, func(r *sql.Rows) error {
		j, _, err := scanJob(r)
		jobs = append(jobs, j)
		return err
	})
	return jobs, db.fault(err, "list due jobs")
}

const nextJob = `
SELECT j.run_at
FROM jobs AS j INDEXED BY jobs_ready
WHERE j.state = 'ready' AND j.run_at > ?` + inTurn + `)
ORDER BY j.run_at
LIMIT 1`

// NextDue is when the next job that Due would list comes due after a moment; false when none does.
func (db *DB) NextDue(ctx context.Context, after time.Time) (time.Time, bool, error) {
	db.count(nextJob)
	var at int64
	err := db.next.QueryRowContext(ctx, millis(after)).Scan(&at)
	if notFound(err) {
		return time.Time{}, false, nil
	}
	return fromMillis(at), err == nil, db.fault(err, "find next job")
}

// changeJob runs a statement on one job; one that is gone costs nothing.
func (db *DB) changeJob(ctx context.Context, operation string, query string, args ...any) error {
	return db.do(ctx, operation, func(t *tx) error {
		n, err := t.exec(query, args...)
		if err != nil {
			return err
		}
		if n > 0 {
			t.changed(events.Queue)
		}
		return nil
	})
}

// Postpone gives a job another time, counts the attempt and keeps its error. A job that is gone stays gone.
func (db *DB) Postpone(ctx context.Context, id trading.JobID, runAt time.Time, lastError string) error {
	return db.changeJob(ctx, "postpone job "+string(id),
		`UPDATE jobs SET run_at = ?, attempts = attempts + 1, last_error = ? WHERE id = ? AND state = 'ready'`, millis(runAt), lastError, string(id))
}

// Bury gives a job up; it stays listed until somebody retries or discards it.
func (db *DB) Bury(ctx context.Context, id trading.JobID, lastError string) error {
	return db.do(ctx, "bury job "+string(id), func(t *tx) error {
		n, err := t.exec(`UPDATE jobs SET state = 'dead', attempts = attempts + 1, last_error = ? WHERE id = ?`, lastError, string(id))
		if err != nil || n == 0 {
			return err
		}
		t.changed(events.Queue, events.Health)
		var kind, lane string
		if err := t.row(`SELECT kind, lane FROM jobs WHERE id = ?`, string(id)).Scan(&kind, &lane); err != nil {
			return err
		}
		return t.raise(alarm.Alarm{
			Kind: alarm.DeadLetter, Subject: kind + " " + lane, Text: "work was given up: " + kind + " of " + lane + ": " + lastError,
			Fix: "look at Queue, or hoox status: retry or discard it",
		}, db.o.Now())
	})
}

// Finish removes a job that is done; one that is gone already costs nothing.
func (db *DB) Finish(ctx context.Context, id trading.JobID) error {
	return db.changeJob(ctx, "finish job "+string(id), `DELETE FROM jobs WHERE id = ?`, string(id))
}

// deadJob finds the order of a dead job. NotFound when there is no such dead job.
func (t *tx) deadJob(id trading.JobID, at time.Time) (kind queue.Kind, o *orderRow, a *account, err error) {
	var order trading.OrderID
	err = t.row(`SELECT kind, order_id FROM jobs WHERE id = ? AND state = 'dead'`, string(id)).Scan(&kind, &order)
	if notFound(err) {
		return "", nil, nil, trading.Errorf(trading.NotFound, "no dead job %s", id)
	}
	if err == nil {
		o, a, err = t.order(order, at)
	}
	if notFound(err) {
		return kind, nil, nil, nil
	}
	return kind, o, a, err
}

// RetryJob makes a dead job due. NotFound when there is no such dead job. What would send an order is Refused when the order
// has ended; one whose time is over ends as expired with it. Such an order never leaves, whoever asks.
func (db *DB) RetryJob(ctx context.Context, id trading.JobID, at time.Time) error {
	var verdict error
	err := db.do(ctx, "retry job "+string(id), func(t *tx) error {
		verdict = nil
		kind, o, a, err := t.deadJob(id, at)
		if err != nil {
			return err
		}
		switch {
		case kind != queue.Submit || o == nil:
		case o.Status != trading.OrderCreated:
			verdict = trading.Errorf(trading.Refused, "order %s is %s and never leaves any more: requeue its alert to trade it anew", o.ID, o.Status)
			return nil
		case !o.Deadline.IsZero() && at.After(o.Deadline):
			verdict = trading.Errorf(trading.Refused, "order %s had to be sent by %s and never leaves any more: requeue its alert to trade it anew", o.ID, o.Deadline.Format(time.RFC3339))
			return t.move(a, o, trading.OrderExpired, "too late: its job was given up, and its time has ended", at)
		}
		t.changed(events.Queue, events.Health)
		_, err = t.exec(`UPDATE jobs SET state = 'ready', run_at = ? WHERE id = ?`, millis(at), string(id))
		return err
	})
	if err != nil {
		return err
	}
	return verdict
}

// DiscardJob removes a dead job. An order that it was to send is canceled, since nobody else would ever send it; any other
// order stays as it is. NotFound when there is no such dead job.
func (db *DB) DiscardJob(ctx context.Context, id trading.JobID) error {
	return db.do(ctx, "discard job "+string(id), func(t *tx) error {
		at := db.o.Now()
		kind, o, a, err := t.deadJob(id, at)
		if err != nil {
			return err
		}
		if kind == queue.Submit && o != nil && o.Status == trading.OrderCreated {
			if err := t.move(a, o, trading.OrderCanceled, "never sent: its job was given up and discarded", at); err != nil {
				return err
			}
		}
		t.changed(events.Queue, events.Health)
		_, err = t.exec(`DELETE FROM jobs WHERE id = ?`, string(id))
		return err
	})
}

// SignalOfJob is the signal that a job belongs to, "" for none. NotFound when there is no such job.
func (db *DB) SignalOfJob(ctx context.Context, id trading.JobID) (trading.SignalID, error) {
	var signal trading.SignalID
	err := db.queryRow(ctx, `SELECT signal_id FROM jobs WHERE id = ?`, string(id)).Scan(&signal)
	return signal, db.fault(err, "find job "+string(id))
}

// JobList lists jobs, newest first, with how many wait and how many were given up.
func (db *DB) JobList(ctx context.Context, p trading.Page) (jobs []queue.Job, next string, waiting, dead int, err error) {
	err = db.queryRow(ctx, `
SELECT
  (SELECT COUNT(*) FROM jobs INDEXED BY jobs_ready WHERE state = 'ready'),
  (SELECT COUNT(*) FROM jobs INDEXED BY jobs_dead WHERE state = 'dead')`).Scan(&waiting, &dead)
	if err != nil {
		return nil, "", 0, 0, db.fault(err, "count jobs")
	}
	l, err := list("jobs", "j", p)
	if err != nil {
		return nil, "", 0, 0, err
	}
	if p.Status != "" {
		l.where("j.state = ?", p.Status)
	}
	next, err = db.collect(ctx, l, "SELECT "+jobColumns+" FROM jobs AS j", func(r *sql.Rows) (int64, error) {
		j, seq, err := scanJob(r)
		jobs = append(jobs, j)
		return seq, err
	}, func(n int) { jobs = jobs[:n] })
	return jobs, next, waiting, dead, db.fault(err, "list jobs")
}
