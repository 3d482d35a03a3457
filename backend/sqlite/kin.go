package sqlite

import (
	"context"
	"database/sql"

	"hoox/backend/risk"
	"hoox/backend/trading"
)

// asker reads, on the writer or on a reader.
type asker interface {
	row(query string, args ...any) scanner
	rows(query string, args ...any) (*sql.Rows, error)
}

// snapshot reads one moment of the ledger on a reader.
type snapshot struct {
	ctx context.Context
	db  *DB
	tx  *sql.Tx
}

func (s snapshot) row(query string, args ...any) scanner {
	s.db.count(query)
	return s.tx.QueryRowContext(s.ctx, query, args...)
}

func (s snapshot) rows(query string, args ...any) (*sql.Rows, error) {
	s.db.count(query)
	return s.tx.QueryContext(s.ctx, query, args...)
}

// Book is what the gate would look at if the intake were admitted now: the same as Admit hands to its decide. It reads
// only, and what it read may be old by the time the caller looks.
func (db *DB) Book(ctx context.Context, in trading.Intake) (risk.Book, error) {
	b, err := db.bookNow(ctx, in)
	return b, db.fault(err, "read the book of "+string(in.Account))
}

func (db *DB) bookNow(ctx context.Context, in trading.Intake) (risk.Book, error) {
	t, err := db.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return risk.Book{}, err
	}
	defer func() { _ = t.Rollback() }()
	now := snapshot{ctx, db, t}
	standing, err := scanStanding(now.row(latestStanding))
	if err != nil {
		return risk.Book{}, err
	}
	a, err := loadAccount(now, in.Account, in.Signal.ReceivedAt)
	if err != nil {
		return risk.Book{}, err
	}
	b := a.book(standing, in.Instrument.Quote, in.Signal.ReceivedAt)
	if err := before(now, in, &b); err != nil {
		return risk.Book{}, err
	}
	return b, kin(now, in, &b)
}

const openEntries = `
SELECT o.id
FROM orders AS o INDEXED BY orders_open
JOIN signals AS s ON s.id = o.signal_id
WHERE ` + openOrders + ` AND o.account = ? AND o.product = ? AND o.symbol = ? AND o.reduce_only = 0 AND s.strategy = ?
ORDER BY o.seq`

// filledOrders walks back from the newest, so that a reader who stops early has paid for what it read.
const filledOrders = `
SELECT o.side, o.slot, o.reduce_only, o.filled, COALESCE((SELECT s.strategy FROM signals AS s WHERE s.id = o.signal_id), '')
FROM orders AS o INDEXED BY orders_symbol
WHERE o.symbol = ? AND o.account = ? AND o.product = ? AND o.filled <> '0'
ORDER BY o.seq DESC
LIMIT 1000`

// kin tells the book what in the intake's instrument is its strategy's own.
func kin(from asker, in trading.Intake, b *risk.Book) error {
	i := in.Instrument
	if in.Strategy == "" || i.Symbol == "" {
		return nil
	}
	rows, err := from.rows(openEntries, string(in.Account), string(i.Product), i.Symbol, in.Strategy)
	err = each(rows, err, func(r *sql.Rows) error {
		var id trading.OrderID
		err := r.Scan(&id)
		b.Mine = append(b.Mine, id)
		return err
	})
	if err != nil {
		return err
	}
	left := map[trading.Slot]trading.Qty{}
	for _, p := range b.Positions {
		if p.Product == i.Product && p.Symbol == i.Symbol {
			left[p.Slot] = p.Qty
		}
	}
	if len(left) == 0 {
		return nil
	}
	return countEntries(from, in, left, &b.Entries)
}

// countEntries undoes the filled orders one after the other until the position was not there yet, and counts the
// strategy's entries among them. Times cannot tell: an exchange's clock is not ours.
func countEntries(from asker, in trading.Intake, left map[trading.Slot]trading.Qty, entries *int) error {
	rows, err := from.rows(filledOrders, in.Instrument.Symbol, string(in.Account), string(in.Instrument.Product))
	if err != nil {
		return err
	}
	defer rows.Close()
	for len(left) > 0 && rows.Next() {
		var side trading.Side
		var slot trading.Slot
		var reduces bool
		var filled trading.Qty
		var of string
		if err := rows.Scan(&side, &slot, &reduces, &filled, &of); err != nil {
			return err
		}
		now, held := left[slot]
		if !held {
			continue
		}
		if !reduces && of == in.Strategy {
			*entries++
		}
		if side == trading.Buy {
			filled = filled.Neg()
		}
		before := now.Add(filled)
		if before.Sign() != now.Sign() {
			delete(left, slot)
			continue
		}
		left[slot] = before
	}
	return rows.Err()
}
