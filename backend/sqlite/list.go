package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"hoox/backend/trading"
)

// statusWord is a status as a literal: only a literal lets the engine see that a partial index serves. Invalid for a word
// that is no status.
func statusWord[T ~string](asked string, known []T) (string, error) {
	if !slices.Contains(known, T(asked)) {
		return "", trading.FieldError("status", "no such status %q", asked)
	}
	return "'" + asked + "'", nil
}

const orderFrom = "SELECT " + orderColumns + ", 0\nFROM orders AS o"

// Orders lists orders, newest first. Invalid for an unknown status or cursor.
func (db *DB) Orders(ctx context.Context, p trading.Page) ([]trading.Order, string, error) {
	l, err := list("orders", "o", p)
	if err != nil {
		return nil, "", err
	}
	l.exchange("o.account", p.Exchange)
	if p.Symbol != "" {
		l.where("o.symbol = ?", p.Symbol)
	}
	if p.SignalID != "" {
		l.where("o.signal_id = ?", string(p.SignalID))
	}
	if p.Side != "" {
		l.walk("o.side = ?", string(p.Side))
	}
	if !p.SinceTime.IsZero() {
		l.walk("o.created_at >= ?", millis(p.SinceTime))
	}
	if p.OpenOnly {
		l.where("o.seq IN (SELECT o.seq FROM orders AS o INDEXED BY orders_open WHERE " + openOrders + ")")
	}
	if p.Status != "" {
		word, err := statusWord(p.Status, trading.OrderStatuses())
		if err != nil {
			return nil, "", err
		}
		if trading.OrderStatus(p.Status).Final() {
			l.walk("o.status = " + word)
		} else {
			l.where("o.seq IN (SELECT o.seq FROM orders AS o INDEXED BY orders_open WHERE " + openOrders + " AND o.status = " + word + ")")
		}
	}
	orders := []trading.Order{}
	next, err := db.collect(ctx, l, orderFrom, func(r *sql.Rows) (int64, error) {
		o, err := scanOrder(r)
		if err != nil {
			return 0, err
		}
		orders = append(orders, o.Order)
		return o.seq, nil
	}, func(n int) { orders = orders[:n] })
	return orders, next, db.fault(err, "list orders")
}

// Order is one order. NotFound when there is none.
func (db *DB) Order(ctx context.Context, id trading.OrderID) (trading.Order, error) {
	o, err := scanOrder(db.queryRow(ctx, orderFrom+" WHERE o.id = ?", string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return trading.Order{}, trading.Errorf(trading.NotFound, "there is no order %s", id)
	}
	if err != nil {
		return trading.Order{}, db.fault(err, "read order "+string(id))
	}
	return o.Order, nil
}

func (db *DB) allOrders(ctx context.Context, operation, query string, args ...any) ([]trading.Order, error) {
	orders := []trading.Order{}
	rows, err := db.query(ctx, query, args...)
	err = each(rows, err, func(r *sql.Rows) error {
		o, err := scanOrder(r)
		if err == nil {
			orders = append(orders, o.Order)
		}
		return err
	})
	return orders, db.fault(err, operation)
}

// InDoubt lists the orders of which bytes may have left without an answer on record, oldest first. It costs the same
// however long the ledger is.
func (db *DB) InDoubt(ctx context.Context) ([]trading.Order, error) {
	return db.allOrders(ctx, "list orders in doubt",
		"SELECT "+orderColumns+", 0\nFROM orders AS o INDEXED BY orders_open WHERE "+openOrders+" AND o.status IN ('submitted', 'unknown')\nORDER BY o.seq")
}

// OpenOrders lists the orders of an account ("" for all) that are not final, oldest first.
func (db *DB) OpenOrders(ctx context.Context, account trading.AccountID) ([]trading.Order, error) {
	return db.allOrders(ctx, "list open orders",
		"SELECT "+orderColumns+", 0\nFROM orders AS o INDEXED BY orders_open WHERE "+openOrders+" AND (o.account = ? OR ? = '')\nORDER BY o.seq", string(account), string(account))
}

// Fills lists fills, newest first as they were booked.
func (db *DB) Fills(ctx context.Context, p trading.Page) ([]trading.Fill, string, error) {
	l, err := list("fills", "f", p)
	if err != nil {
		return nil, "", err
	}
	l.exchange("f.account", p.Exchange)
	if p.Symbol != "" {
		l.walk("f.symbol = ?", p.Symbol)
	}
	if p.Side != "" {
		l.walk("f.side = ?", string(p.Side))
	}
	if p.SignalID != "" {
		l.where("f.order_id IN (SELECT o.id FROM orders AS o WHERE o.signal_id = ?)", string(p.SignalID))
	}
	if !p.SinceTime.IsZero() {
		l.walk("f.at >= ?", millis(p.SinceTime))
	}
	fills := []trading.Fill{}
	next, err := db.collect(ctx, l, "SELECT "+fillColumns+"\nFROM fills AS f", func(r *sql.Rows) (int64, error) {
		f, seq, err := scanFill(r)
		fills = append(fills, f)
		return seq, err
	}, func(n int) { fills = fills[:n] })
	return fills, next, db.fault(err, "list fills")
}

// Positions lists the open positions of all accounts.
func (db *DB) Positions(ctx context.Context) ([]trading.Position, error) {
	positions := []trading.Position{}
	rows, err := db.query(ctx, `SELECT `+positionColumns+` FROM positions WHERE qty <> '0' ORDER BY account, product, symbol, slot`)
	err = each(rows, err, func(r *sql.Rows) error {
		p, err := scanPosition(r)
		positions = append(positions, p)
		return err
	})
	return positions, db.fault(err, "list positions")
}

// Balances are the amounts of every asset of every account.
func (db *DB) Balances(ctx context.Context) (map[trading.AccountID]map[string]trading.Money, error) {
	all := map[trading.AccountID]map[string]trading.Money{}
	rows, err := db.query(ctx, `SELECT account, asset, amount FROM balances`)
	err = each(rows, err, func(r *sql.Rows) error {
		var id trading.AccountID
		var asset string
		var amount trading.Money
		err := r.Scan(&id, &asset, &amount)
		if all[id] == nil {
			all[id] = map[string]trading.Money{}
		}
		all[id][asset] = amount
		return err
	})
	return all, db.fault(err, "read balances")
}

// Equity is the curve since a moment, oldest first, thinned evenly for each account so that at most max points remain.
func (db *DB) Equity(ctx context.Context, since time.Time, max int) ([]trading.EquityPoint, error) {
	all := []trading.EquityPoint{}
	rows, err := db.query(ctx, `SELECT at, account, equity, balance FROM equity WHERE at >= ? ORDER BY at, account`, millis(since))
	err = each(rows, err, func(r *sql.Rows) error {
		var p trading.EquityPoint
		var at int64
		err := r.Scan(&at, &p.Account, &p.Equity, &p.Balance)
		p.At = fromMillis(at)
		all = append(all, p)
		return err
	})
	return thin(all, max), db.fault(err, "read equity")
}

// thin keeps every n-th point of each account and always its last.
func thin(all []trading.EquityPoint, limit int) []trading.EquityPoint {
	if limit <= 0 || len(all) <= limit {
		return all
	}
	total, seen := map[trading.AccountID]int{}, map[trading.AccountID]int{}
	for _, p := range all {
		total[p.Account]++
	}
	kept := []trading.EquityPoint{}
	room := max(1, limit/len(total))
	for _, p := range all {
		seen[p.Account]++
		every := (total[p.Account] + room - 1) / room
		if (total[p.Account]-seen[p.Account])%every == 0 {
			kept = append(kept, p)
		}
	}
	return kept
}

// LastSignalAt is when the newest signal was received; false when there is none.
func (db *DB) LastSignalAt(ctx context.Context) (time.Time, bool, error) {
	var at int64
	err := db.queryRow(ctx, `SELECT received_at FROM signals WHERE seq = (SELECT MAX(seq) FROM signals)`).Scan(&at)
	if notFound(err) {
		return time.Time{}, false, nil
	}
	return fromMillis(at), err == nil, db.fault(err, "find last signal")
}
