package sqlite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"hoox/backend/audit"
	"hoox/backend/events"
	"hoox/backend/trading"
)

const auditColumns = `seq, at, actor, origin, action, subject, decision, before, after, detail, prev_hash, hash`

// lineHash chains a line of the audit to the one before, as entryHash does for the journal.
func lineHash(prev []byte, e audit.Entry) []byte {
	l := startLink(prev)
	l.number(e.Seq)
	l.number(millis(e.At))
	for _, s := range []string{e.Actor, e.Origin, string(e.Action), e.Subject, string(e.Decision), e.Before, e.After, e.Detail} {
		l.text(s)
	}
	return l.sum()
}

// Audit writes a line that stands alone. Facts of the ledger write theirs in their own transaction; see tx.audit. Internal for
// an act or a decision that is none.
func (db *DB) Audit(ctx context.Context, e audit.Entry) error {
	return db.do(ctx, "write the audit", func(t *tx) error { return t.append(e) })
}

// audit writes the line of a fact that this transaction stores. Who asked comes from the act in the context; what belongs to no
// act happened by itself, in the part of the program that the line has as its actor.
func (t *tx) audit(ctx context.Context, e audit.Entry) error {
	e.Decision = audit.Done
	if act := audit.Of(ctx); act != nil {
		return t.append(act.Sign(e))
	}
	e.Actor, e.Origin = audit.Automatic(e.Actor), "this computer"
	return t.append(e)
}

func (t *tx) append(e audit.Entry) error {
	if !e.Action.Known() || !e.Decision.Known() {
		return trading.Errorf(trading.Internal, "the audit has no act %q that is %q", e.Action, e.Decision)
	}
	if e.At.IsZero() {
		e.At = t.w.db.o.Now()
	}
	e = e.Clean()
	e.Seq, e.Prev = t.head.auditSeq+1, t.head.auditHash
	e.Hash = lineHash(e.Prev, e)
	_, err := t.exec(`INSERT INTO audit (`+auditColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, e.Seq, millis(e.At), e.Actor, e.Origin,
		string(e.Action), e.Subject, string(e.Decision), e.Before, e.After, e.Detail, e.Prev, e.Hash)
	if err != nil {
		return err
	}
	t.head.auditSeq, t.head.auditHash = e.Seq, e.Hash
	t.changed(events.Audit)
	return nil
}

// recallAudit reads the end of the audit.
func (w *writer) recallAudit() error {
	err := w.conn.QueryRowContext(w.ctx, `SELECT hash FROM audit WHERE seq = (SELECT MAX(seq) FROM audit)`).Scan(&w.head.auditHash)
	if errors.Is(err, sql.ErrNoRows) {
		w.head.auditHash, err = make([]byte, sha256.Size), nil
	}
	if err == nil {
		// Where lines were cut off at the end, the next one leaves the gap that shows it.
		err = w.conn.QueryRowContext(w.ctx, lastAudit).Scan(&w.head.auditSeq)
	}
	if err != nil {
		return fmt.Errorf("read end of audit: %w", err)
	}
	return nil
}

func scanAudit(s scanner) (audit.Entry, error) {
	var e audit.Entry
	var at int64
	err := s.Scan(&e.Seq, &at, &e.Actor, &e.Origin, &e.Action, &e.Subject, &e.Decision, &e.Before, &e.After, &e.Detail, &e.Prev, &e.Hash)
	e.At = fromMillis(at)
	return e, err
}

// narrow keeps the lines that a page asks for.
func narrow(l *listing, p audit.Page) {
	if p.Actor != "" {
		l.walk("substr(a.actor, 1, ?) = ?", len([]rune(p.Actor)), p.Actor)
	}
	if p.Action != "" {
		l.where("a.action = ?", string(p.Action))
	}
	if p.Decision != "" {
		l.walk("a.decision = ?", string(p.Decision))
	}
	if !p.From.IsZero() {
		l.walk("a.at >= ?", millis(p.From))
	}
	if !p.To.IsZero() {
		l.walk("a.at < ?", millis(p.To))
	}
}

// AuditLines lists lines, newest first. Invalid for a cursor that no page gave.
func (db *DB) AuditLines(ctx context.Context, p audit.Page) ([]audit.Entry, string, error) {
	l, err := list("audit", "a", trading.Page{Limit: p.Limit, Cursor: p.Cursor})
	if err != nil {
		return nil, "", err
	}
	narrow(l, p)
	lines := []audit.Entry{}
	next, err := db.collect(ctx, l, "SELECT "+auditColumns+"\nFROM audit AS a", func(r *sql.Rows) (int64, error) {
		e, err := scanAudit(r)
		lines = append(lines, e)
		return e.Seq, err
	}, func(n int) { lines = lines[:n] })
	return lines, next, db.fault(err, "list the audit")
}

// AuditAfter lists the lines after one, oldest first, at most so many as a page asks for; its cursor does not count. It is how
// all of them are read without holding them all.
func (db *DB) AuditAfter(ctx context.Context, seq int64, p audit.Page) ([]audit.Entry, error) {
	l, err := list("audit", "a", trading.Page{Limit: p.Limit})
	if err != nil {
		return nil, err
	}
	l.where("a.seq > ?", seq)
	narrow(l, p)
	lines := []audit.Entry{}
	rows, err := db.query(ctx, "SELECT "+auditColumns+"\nFROM audit AS a\nWHERE "+strings.Join(l.conds, " AND ")+"\nORDER BY a.seq\nLIMIT ?", append(l.args, l.limit)...)
	err = each(rows, err, func(r *sql.Rows) error {
		e, err := scanAudit(r)
		lines = append(lines, e)
		return err
	})
	return lines, db.fault(err, "read the audit")
}

// AuditLine is one line. NotFound when there is none.
func (db *DB) AuditLine(ctx context.Context, seq int64) (audit.Entry, error) {
	e, err := scanAudit(db.queryRow(ctx, `SELECT `+auditColumns+` FROM audit WHERE seq = ?`, seq))
	return e, db.fault(err, fmt.Sprintf("read line %d of the audit", seq))
}

// lastAudit is the number of the newest line there ever was.
const lastAudit = `SELECT COALESCE((SELECT seq FROM sqlite_sequence WHERE name = 'audit'), 0)`

// CheckAudit walks the chain over the newest lines (0 for all of them) and tells whether each follows from the one before.
func (db *DB) CheckAudit(ctx context.Context, newest int64) (audit.Check, error) {
	found, err := db.checkAudit(ctx, newest)
	return found, db.fault(err, "check the audit")
}

func (db *DB) checkAudit(ctx context.Context, newest int64) (found audit.Check, err error) {
	var last int64
	if err := db.queryRow(ctx, lastAudit).Scan(&last); err != nil {
		return found, err
	}
	prev, next := make([]byte, sha256.Size), int64(1)
	if newest > 0 && last > newest {
		next = last - newest + 1
		if err := db.queryRow(ctx, `SELECT hash FROM audit WHERE seq = ?`, next-1).Scan(&prev); err != nil && !notFound(err) {
			return found, err
		}
	}
	rows, err := db.query(ctx, `SELECT `+auditColumns+` FROM audit WHERE seq >= ? ORDER BY seq`, next)
	err = each(rows, err, func(r *sql.Rows) error {
		e, err := scanAudit(r)
		if err != nil || found.Wrong != "" {
			return err
		}
		if e.Seq != next || !bytes.Equal(e.Prev, prev) || !bytes.Equal(e.Hash, lineHash(prev, e)) {
			found.Wrong, found.Line = fmt.Sprintf("line %d of the audit does not follow from the line before", e.Seq), e.Seq
			return nil
		}
		if found.Lines == 0 {
			found.Since = e.At
		}
		prev, next, found.Lines = e.Hash, e.Seq+1, found.Lines+1
		return nil
	})
	// A line may have been written between the two looks.
	if err == nil && found.Wrong == "" && next <= last {
		found.Wrong = fmt.Sprintf("the audit ends with line %d and had %d", next-1, last)
	}
	return found, err
}
