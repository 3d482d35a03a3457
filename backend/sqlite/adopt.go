package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"hoox/backend/events"
	"hoox/backend/trading"
)

// AdoptPosition sets a position to what the exchange has and ends the drift, in one transaction, without a fill: size and
// entry are the exchange's, the money stays as it is. A drift that has ended needs nothing, so it may be asked for again.
// Conflict, changing nothing, when the ledger's position is not what the drift says any more, or while the outcome of one of
// its orders is not known: what comes of that would count twice.
func (db *DB) AdoptPosition(ctx context.Context, d trading.Drift, theirs trading.Position, actor string, at time.Time) error {
	return db.do(ctx, "adopt "+d.ID, func(t *tx) error {
		row, known, err := t.driftOf(d.ID)
		if err != nil || !known || row.ended != 0 {
			return err
		}
		a, err := t.account(d.Account, at)
		if err != nil {
			return err
		}
		key := trading.InstrumentKey{Product: d.Product, Symbol: d.Symbol}
		held, place := a.position(key, d.Slot)
		if !held.Qty.Equal(d.Ours) {
			return trading.Errorf(trading.Conflict, "the position of %s on %s is %s by now: look again", d.Symbol, d.Account, held.Qty)
		}
		for _, o := range a.orders {
			if o.Product != d.Product || o.Symbol != d.Symbol {
				continue
			}
			if o.Status.InDoubt() {
				return trading.Errorf(trading.Conflict, "order %s of %s is on its way: look again when its outcome is known", o.ID, d.Symbol)
			}
			if o.Status == trading.OrderNeedsReview {
				return trading.Errorf(trading.Conflict, "order %s of %s waits for review: settle it first", o.ID, d.Symbol)
			}
		}
		held.Account = d.Account
		after := adopted(held, theirs, at)
		if err := t.putAdoption(held, after, actor, at); err != nil {
			return err
		}
		if err := t.putHolding(a, after, place); err != nil {
			return err
		}
		if err := t.endDrift(d.ID, "position adopted", fmt.Sprintf("%s (entry %s)", actor, after.Entry()), at); err != nil {
			return err
		}
		t.changed(events.Positions)
		g, watched, err := t.guardAt(d.Account, key, d.Slot)
		if err != nil || !watched {
			return err
		}
		return t.rearm(g, after, after.Size().More(held.Size()), at)
	})
}

// adopted is a position after it was set to the exchange's. What protects it stays while its direction does.
func adopted(held, theirs trading.Position, at time.Time) trading.Position {
	after := held
	after.Qty, after.Cost, after.Liquidation = theirs.Qty, theirs.Cost, theirs.Liquidation
	after.UpdatedAt, after.ReconciledAt = stamp(at), stamp(at)
	if theirs.Leverage > 0 {
		after.Leverage = theirs.Leverage
	}
	if theirs.Qty.Sign() != held.Qty.Sign() {
		after.Protection, after.Realized, after.OpenedAt = trading.Protection{}, trading.Money{}, stamp(at)
		if !theirs.OpenedAt.IsZero() {
			after.OpenedAt = stamp(theirs.OpenedAt)
		}
	}
	if theirs.Qty.IsZero() {
		after.Cost, after.Leverage, after.Liquidation = trading.Money{}, 0, trading.Price{}
	}
	return after
}

func (t *tx) putAdoption(from, to trading.Position, actor string, at time.Time) error {
	_, err := t.exec(`
INSERT INTO adoptions (account, product, symbol, slot, from_qty, from_cost, qty, cost, after_fill, actor, at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, (SELECT COALESCE(MAX(seq), 0) FROM fills), ?, ?)`, string(to.Account), string(to.Product), to.Symbol, string(to.Slot),
		from.Qty.String(), from.Cost.String(), to.Qty.String(), to.Cost.String(), actor, millis(at))
	return err
}

// adoption is a position that was set without a fill.
type adoption struct {
	at        placeKey
	qty       trading.Qty
	cost      trading.Money
	afterFill int64
}

// adoptions lists what was adopted, oldest first.
func (db *DB) adoptions(ctx context.Context) ([]adoption, error) {
	var list []adoption
	rows, err := db.query(ctx, `SELECT account, product, symbol, slot, qty, cost, after_fill FROM adoptions ORDER BY seq`)
	err = each(rows, err, func(r *sql.Rows) error {
		var a adoption
		err := r.Scan(&a.at.account, &a.at.key.Product, &a.at.key.Symbol, &a.at.slot, &a.qty, &a.cost, &a.afterFill)
		list = append(list, a)
		return err
	})
	return list, err
}

// adopt applies what was adopted before the next fill and returns what is left.
func adopt(list []adoption, held map[placeKey]trading.Position, beforeFill int64) []adoption {
	for len(list) > 0 && list[0].afterFill < beforeFill {
		p := held[list[0].at]
		p.Qty, p.Cost = list[0].qty, list[0].cost
		held[list[0].at] = p
		list = list[1:]
	}
	return list
}
