package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"

	"hoox/backend/trading"
)

// seal is a sum over everything of an order that never changes once it was decided. An order that no longer fits its seal was
// harmed on disk and must not be sent.
func (o *orderRow) seal() (string, error) {
	protection, err := encode(o.Protection, o.Protection.IsZero())
	if err != nil {
		return "", err
	}
	text := fmt.Sprintf("%q %q %d %q %q %q %q %q %q %t %t %q %q %d %q %q %d %q %t %q", o.ID, o.SignalID, o.Leg, o.Account, o.Product, o.Symbol,
		o.Slot, o.Side, o.Type, o.ReduceOnly, o.ClosesAll, o.Qty.String(), o.Price.String(), o.Leverage, o.MarginMode, protection,
		millis(o.Deadline), o.quote, o.child, o.Parent)
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8]), nil
}

// fits compares an order with the seal that is stored with it; "" is that of an order from before there were seals.
func (o *orderRow) fits(stored string) error {
	if stored == "" {
		return nil
	}
	seal, err := o.seal()
	if err == nil && seal != stored {
		err = trading.Errorf(trading.Internal, "order %s is not as it was decided: the ledger is damaged", o.ID)
	}
	return err
}

// checkSeals reads every order and tells the first that was harmed, or "".
func (db *DB) checkSeals(ctx context.Context) (string, error) {
	rows, err := db.query(ctx, orderFrom+` ORDER BY o.seq`)
	err = each(rows, err, func(r *sql.Rows) error { _, err := scanOrder(r); return err })
	var known *trading.Error
	if errors.As(err, &known) {
		return known.Message, nil
	}
	return "", err
}

// checkCurrent tells the first setting or strategy that is not what its own history says, or "".
func (db *DB) checkCurrent(ctx context.Context) (string, error) {
	for _, c := range []struct{ what, query string }{
		{"setting", `
SELECT s.key
FROM settings AS s
WHERE s.value IS NOT (SELECT h.value FROM settings_history AS h WHERE h.key = s.key ORDER BY h.seq DESC LIMIT 1)
LIMIT 1`},
		{"strategy", `
SELECT s.name
FROM strategies AS s
WHERE s.body IS NOT (SELECT h.body FROM strategies_history AS h WHERE h.name = s.name ORDER BY h.seq DESC LIMIT 1)
LIMIT 1`},
	} {
		var name string
		err := db.queryRow(ctx, c.query).Scan(&name)
		if err == nil {
			return fmt.Sprintf("%s %s is not what it was last set to", c.what, name), nil
		}
		if !notFound(err) {
			return "", err
		}
	}
	return "", nil
}
