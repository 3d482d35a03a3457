package sqlite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"

	"hoox/backend/events"
	"hoox/backend/trading"
)

// journalBatch bounds the rows of one INSERT; it is a power of two, see writeJournal.
const journalBatch = 16

// link is the sum that chains one line to the one before: SHA-256 over the hash before and the fields, each with its length
// before it, so that no text can be moved from one field to the next.
type link struct{ b bytes.Buffer }

func startLink(prev []byte) *link {
	l := &link{}
	l.b.Grow(256)
	l.b.Write(prev)
	return l
}

func (l *link) number(n int64) {
	l.b.Write(binary.BigEndian.AppendUint64(l.b.AvailableBuffer(), uint64(n)))
}

func (l *link) text(s string) {
	l.number(int64(len(s)))
	l.b.WriteString(s)
}

func (l *link) sum() []byte {
	sum := sha256.Sum256(l.b.Bytes())
	return sum[:]
}

// entryHash chains a line of the journal to the one before.
func entryHash(prev []byte, e trading.Entry) []byte {
	l := startLink(prev)
	l.number(e.Seq)
	l.text(string(e.SignalID))
	l.text(string(e.OrderID))
	l.text(e.Stage)
	l.text(string(e.From))
	l.text(string(e.To))
	l.text(e.Detail)
	l.number(millis(e.At))
	l.number(e.Since.Microseconds())
	return l.sum()
}

const journalColumns = `signal_id, order_id, stage, from_status, to_status, detail, at, since_micros`

// insertJournal is the text for a number of rows, so that there are few different texts to prepare.
func insertJournal(rows int) string {
	one := ", (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
	return "INSERT INTO journal (seq, " + journalColumns + ", prev_hash, hash) VALUES" + strings.Repeat(one, rows)[1:]
}

// writeJournal writes the lines of the whole transaction, in pieces of 16, 8, 4, 2 and 1.
func (t *tx) writeJournal() error {
	size := journalBatch
	for left := t.journal; len(left) > 0; left = left[size:] {
		for size > len(left) {
			size /= 2
		}
		args := make([]any, 0, 11*size)
		for _, e := range left[:size] {
			e.Seq = t.head.seq + 1
			hash := entryHash(t.head.hash, e)
			args = append(args, e.Seq, string(e.SignalID), string(e.OrderID), e.Stage, string(e.From), string(e.To), e.Detail,
				millis(e.At), e.Since.Microseconds(), t.head.hash, hash)
			t.head.seq, t.head.hash = e.Seq, hash
		}
		if _, err := t.exec(insertJournal(size), args...); err != nil {
			return err
		}
	}
	return nil
}

// recall reads what the writer knows by heart.
func (w *writer) recall() error {
	err := w.conn.QueryRowContext(w.ctx, `SELECT seq, hash FROM journal WHERE seq = (SELECT MAX(seq) FROM journal)`).Scan(&w.head.seq, &w.head.hash)
	if errors.Is(err, sql.ErrNoRows) {
		w.head.seq, w.head.hash, err = 0, make([]byte, sha256.Size), nil
	}
	if err != nil {
		return fmt.Errorf("read end of journal: %w", err)
	}
	if w.head.standing, err = scanStanding(w.conn.QueryRowContext(w.ctx, latestStanding)); err != nil {
		return fmt.Errorf("read trading state: %w", err)
	}
	if err := w.conn.QueryRowContext(w.ctx, `SELECT EXISTS (SELECT 1 FROM meta WHERE key = ?)`, metaFreed).Scan(&w.head.freed); err != nil {
		return fmt.Errorf("read whether a key was set free: %w", err)
	}
	return w.recallAudit()
}

// scanEntry reads seq and journalColumns, and after them what more is asked for.
func scanEntry(s scanner, more ...any) (trading.Entry, error) {
	var e trading.Entry
	var at, since int64
	err := s.Scan(append([]any{&e.Seq, &e.SignalID, &e.OrderID, &e.Stage, &e.From, &e.To, &e.Detail, &at, &since}, more...)...)
	e.At, e.Since = fromMillis(at), time.Duration(since)*time.Microsecond
	return e, err
}

// checkJournal walks the chain from its beginning and tells the first line that does not fit, or "".
func (db *DB) checkJournal(ctx context.Context) (string, error) {
	prev, next, wrong := make([]byte, sha256.Size), int64(1), ""
	rows, err := db.query(ctx, `SELECT seq, `+journalColumns+`, prev_hash, hash FROM journal ORDER BY seq`)
	err = each(rows, err, func(r *sql.Rows) error {
		var before, hash []byte
		e, err := scanEntry(r, &before, &hash)
		if err != nil || wrong != "" {
			return err
		}
		if e.Seq != next || !bytes.Equal(before, prev) || !bytes.Equal(hash, entryHash(prev, e)) {
			wrong = fmt.Sprintf("line %d of the journal does not follow from the line before", e.Seq)
		}
		prev, next = hash, e.Seq+1
		return nil
	})
	return wrong, err
}

// Conflicted adds a line about a key that came again with other content to the journal of its signal, once for each signal.
// It does not wait: the line is in the next commit.
func (db *DB) Conflicted(id trading.SignalID) {
	db.later("note a key conflict of "+string(id), func(t *tx) error {
		var known bool
		if err := t.row(`SELECT EXISTS (SELECT 1 FROM journal WHERE signal_id = ? AND stage = ?)`, string(id), conflicted).Scan(&known); err != nil || known {
			return err
		}
		t.note(trading.Entry{SignalID: id, Stage: conflicted, Detail: "its key came again with other content, which was not executed", At: db.o.Now()})
		t.changed(events.Signals)
		return nil
	})
}

// conflicted is the word of the journal for a key that came with other content.
const conflicted = "key_conflict"

// NoteSignal adds a line about a signal to the journal. NotFound when there is no such signal.
func (db *DB) NoteSignal(ctx context.Context, id trading.SignalID, stage, detail string, at time.Time) error {
	return db.do(ctx, "note "+stage+" on signal "+string(id), func(t *tx) error {
		received, err := t.receivedAt(id)
		if err != nil {
			return err
		}
		t.note(trading.Entry{SignalID: id, Stage: stage, Detail: detail, At: at, Since: at.Sub(received)})
		t.changed(events.Signals)
		return nil
	})
}

// JournalAfter is what happened after a line of the journal, oldest first, at most so many lines.
func (db *DB) JournalAfter(ctx context.Context, seq int64, limit int) ([]trading.Entry, error) {
	list := []trading.Entry{}
	rows, err := db.query(ctx, `SELECT seq, `+journalColumns+` FROM journal WHERE seq > ? ORDER BY seq LIMIT ?`, seq, limit)
	err = each(rows, err, func(r *sql.Rows) error {
		e, err := scanEntry(r)
		list = append(list, e)
		return err
	})
	return list, db.fault(err, "read the journal")
}

// JournalEnd is the number of the newest line of the journal, 0 when there is none.
func (db *DB) JournalEnd(ctx context.Context) (int64, error) {
	var seq int64
	err := db.queryRow(ctx, `SELECT COALESCE(MAX(seq), 0) FROM journal`).Scan(&seq)
	return seq, db.fault(err, "read the end of the journal")
}
