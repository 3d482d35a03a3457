package sqlite

import (
	"database/sql"
	"fmt"
	"slices"

	"hoox/backend/events"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

// head is what the writer knows by heart because nobody else changes it: the ends of journal and audit, the trading state, and
// whether any key was ever set free.
type head struct {
	seq       int64
	hash      []byte
	auditSeq  int64
	auditHash []byte
	standing  risk.Standing
	freed     bool
}

// tx is one transaction of the writer, shared by the units of a batch.
type tx struct {
	w    *writer
	head head
	// wrote counts changed rows of the transaction; dirty tells whether the unit that runs has begun to change something,
	// or a statement failed and may have undone all.
	wrote   int64
	dirty   bool
	journal []trading.Entry
	topics  []events.Topic
	touched []trading.SignalID
}

// attempt runs one unit. What it noted for the journal and the hub stays only if it succeeds. A panic in a unit is an error
// of that unit: the gate that it calls is pure, so nothing is left half done once the transaction is rolled back.
func (t *tx) attempt(u *unit) (err error) {
	t.dirty = false
	entries, topics, touched := len(t.journal), len(t.topics), len(t.touched)
	defer func() {
		if p := recover(); p != nil {
			t.dirty = true
			err = trading.Errorf(trading.Internal, "%s: panic: %v", u.operation, p)
		}
		if err != nil {
			t.journal, t.topics, t.touched = t.journal[:entries], t.topics[:topics], t.touched[:touched]
		}
	}()
	return u.run(t)
}

// exec changes rows and tells how many.
func (t *tx) exec(query string, args ...any) (int64, error) {
	t.w.db.count(query)
	result, err := t.w.statement(query, args...)
	if err != nil {
		t.dirty = true
		return 0, err
	}
	n, err := result.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("count changed rows: %w", err)
	}
	if n > 0 {
		t.wrote += n
		t.dirty = true
	}
	return n, nil
}

// row reads one row, rows several; a statement that cannot be prepared shows at Scan or as the error.
func (t *tx) row(query string, args ...any) scanner {
	t.w.db.count(query)
	s, err := t.w.prepare(query)
	if err != nil {
		return failedRow{err}
	}
	return s.QueryRowContext(t.w.ctx, args...)
}

func (t *tx) rows(query string, args ...any) (*sql.Rows, error) {
	t.w.db.count(query)
	s, err := t.w.prepare(query)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(t.w.ctx, args...)
}

// scanner is a row, or the one row of a query.
type scanner interface{ Scan(dest ...any) error }

type failedRow struct{ err error }

func (r failedRow) Scan(...any) error { return r.err }

// changed names subjects for the hub.
func (t *tx) changed(topics ...events.Topic) {
	for _, topic := range topics {
		if !slices.Contains(t.topics, topic) {
			t.topics = append(t.topics, topic)
		}
	}
}

// note adds a line to the journal; it is written once for the whole transaction.
func (t *tx) note(e trading.Entry) { t.journal = append(t.journal, e) }

// announce tells the hub, after the commit.
func (t *tx) announce() {
	if len(t.topics) > 0 {
		t.w.db.o.Publish(t.topics...)
	}
	for _, id := range t.touched {
		t.w.db.o.Touch(string(id))
	}
}
