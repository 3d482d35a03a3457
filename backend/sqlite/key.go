package sqlite

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"hoox/backend/risk"
	"hoox/backend/trading"
)

// A key is stored with its kind before it, so that no explicit key can be taken for a derived one: "=" and the key, or "~",
// the fingerprint, "@" and the time of the first acceptance with leading zeros, which makes the newest one the last. A key
// that was set free (see FreeKeys) has "!", its length, ":", what it was, "@", the signal's number and the time at which it
// was set free: no alert can have such a key, none is equal to another, and the newest of one key is the last.

func storedKey(in trading.Intake) string {
	if in.Window > 0 {
		return fmt.Sprintf("~%s@%015d", in.Fingerprint, millis(in.Signal.ReceivedAt))
	}
	return "=" + in.Key
}

// freedKey is what a key becomes when it is set free.
func freedKey(key string, seq int64, at time.Time) string {
	return fmt.Sprintf("%s%019d.%015d", freedHead(key), seq, millis(at))
}

// freedHead is what all signals begin with that once had a key. The length keeps a key apart from a longer one that begins
// with it.
func freedHead(key string) string { return "!" + strconv.Itoa(len(key)) + ":" + key + "@" }

const lastFreed = `
SELECT key
FROM signals
WHERE scope = ? AND key >= ? AND key <= ?
ORDER BY key DESC
LIMIT 1`

// before tells the book that an exact key was in use before and has been set free. What the signal then leads to must not be
// taken for what the earlier one did.
func before(from asker, in trading.Intake, b *risk.Book) error {
	if in.Window > 0 {
		return nil
	}
	head := freedHead(storedKey(in))
	err := from.row(lastFreed, in.Scope, head, head+"~").Scan(&b.Before)
	if notFound(err) {
		return nil
	}
	return err
}

// findSignal finds the newest signal in a range of keys, which for an exact key is that key alone.
const findSignal = `
SELECT id, status, reason, fingerprint, received_at, answered, account, parent
FROM signals
WHERE scope = ? AND key >= ? AND key <= ?
ORDER BY key DESC
LIMIT 1`

func findArgs(in trading.Intake) []any {
	if in.Window > 0 {
		return []any{in.Scope, "~" + in.Fingerprint + "@", "~" + in.Fingerprint + "@~"}
	}
	return []any{in.Scope, storedKey(in), storedKey(in)}
}

// first reads a row of findSignal and judges it. The window slides: it runs from the first acceptance, never from a clock
// mark, so that a resend a few seconds later is always inside.
func (db *DB) first(row scanner, in trading.Intake) (trading.Receipt, bool, error) {
	var r trading.Receipt
	var fingerprint string
	var received int64
	err := row.Scan(&r.Signal, &r.Status, &r.Reason, &fingerprint, &received, &r.Answered, &r.Account, &r.Parent)
	if notFound(err) {
		return trading.Receipt{}, false, nil
	}
	if err != nil {
		return trading.Receipt{}, false, err
	}
	if in.Window > 0 && time.Duration(millis(in.Signal.ReceivedAt)-received)*time.Millisecond >= in.Window {
		return trading.Receipt{}, false, nil
	}
	if fingerprint != in.Fingerprint {
		return trading.Receipt{Signal: r.Signal, Status: r.Status, Account: r.Account, Parent: r.Parent, Conflict: true}, true, nil
	}
	if _, answered, _ := db.riding(r.Signal); r.Answered == 0 {
		r.Answered = answered
	}
	r.Duplicate = true
	return r, true, nil
}

// Seen looks for the signal's key on a reader: no write, no flush. It answers as Admit would for a known key, and false for
// one that is not known yet.
func (db *DB) Seen(ctx context.Context, in trading.Intake) (trading.Receipt, bool, error) {
	db.count(findSignal)
	r, known, err := db.first(db.seen.QueryRowContext(ctx, findArgs(in)...), in)
	if err == nil && known && in.Strategy != "" && !r.Conflict {
		r.Children, err = db.children(ctx, r.Signal)
	}
	return r, known, db.fault(err, "look for signal")
}
