package sqlite

import (
	"context"
	"strconv"
	"time"
)

// metaHighWater is the latest time that the ledger has seen, in milliseconds.
const metaHighWater = "wall_hwm"

// sawEvery is how much later a time must be to be written again.
const sawEvery = time.Second

const putHighWater = `
INSERT INTO meta (key, value)
VALUES ('` + metaHighWater + `', ?)
ON CONFLICT (key) DO UPDATE
SET value = excluded.value
WHERE CAST(meta.value AS INTEGER) < CAST(excluded.value AS INTEGER)`

// Saw tells the ledger a time that is believed. The latest one is written along with commits, at most once a second of it,
// and causes none. It never goes back.
func (db *DB) Saw(at time.Time) {
	for n := millis(at); ; {
		old := db.saw.Load()
		if n <= old || db.saw.CompareAndSwap(old, n) {
			return
		}
	}
}

// HighWater is the latest time that was seen, zero when there was none: a clock that shows less was set back.
func (db *DB) HighWater(ctx context.Context) (time.Time, error) {
	text, ok, err := db.Meta(ctx, metaHighWater)
	if err != nil || !ok {
		return time.Time{}, err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, db.fault(err, "read the latest time seen")
	}
	return fromMillis(n), nil
}

// ForgetHighWater lets a clock that was wrong in the future be right again. Only while nothing waits to be sent: what it kept
// shut may open.
func (db *DB) ForgetHighWater(ctx context.Context) error {
	return db.do(ctx, "forget the latest time seen", func(t *tx) error {
		db.saw.Store(0)
		t.w.noted = 0
		_, err := t.exec(`DELETE FROM meta WHERE key = ?`, metaHighWater)
		return err
	})
}

// writeSaw lets the latest time ride along with a commit; it tells what the writer has noted once the commit is through.
func (t *tx) writeSaw() (noted int64, err error) {
	saw := t.w.db.saw.Load()
	if saw-t.w.noted < sawEvery.Milliseconds() {
		return t.w.noted, nil
	}
	_, err = t.w.statement(putHighWater, strconv.FormatInt(saw, 10))
	return saw, err
}
