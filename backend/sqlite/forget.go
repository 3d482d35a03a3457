package sqlite

import (
	"context"
	"strconv"
	"time"

	"hoox/backend/trading"
)

const (
	// metaForgotten is the note until when the texts of alerts are forgotten.
	metaForgotten = "texts_forgotten"
	// forgetBatch is how many are forgotten in one commit: alerts must not wait behind it.
	forgetBatch = 500
)

const forgetTexts = `
UPDATE signals
SET raw = ''
WHERE seq IN (
  SELECT s.seq
  FROM signals AS s INDEXED BY signals_received
  WHERE s.received_at >= ? AND s.received_at < ? AND s.raw <> ''
  ORDER BY s.received_at
  LIMIT ?
)`

// ForgetTexts empties the texts of alerts that were received before a moment; what was decided and done about them stays. It
// returns how many it emptied, and goes on where it ended the time before.
func (db *DB) ForgetTexts(ctx context.Context, before time.Time) (int, error) {
	const operation = "forget the texts of old alerts"
	from := int64(0)
	text, ok, err := db.Meta(ctx, metaForgotten)
	if err == nil && ok {
		if from, err = strconv.ParseInt(text, 10, 64); err != nil {
			err = trading.Errorf(trading.Internal, "note %s of the ledger is %q", metaForgotten, text)
		}
	}
	if err != nil {
		return 0, err
	}
	ahead := from > millis(before)
	if ahead {
		// The clock was ahead the time before, or texts are kept for longer now.
		from = 0
	}
	total := 0
	for {
		n := int64(0)
		err := db.do(ctx, operation, func(t *tx) (err error) {
			n, err = t.exec(forgetTexts, from, millis(before), forgetBatch)
			return err
		})
		if err != nil {
			return total, err
		}
		if total += int(n); n < forgetBatch {
			break
		}
	}
	if total == 0 && !ahead {
		return 0, nil
	}
	return total, db.SetMeta(ctx, metaForgotten, strconv.FormatInt(millis(before), 10))
}
