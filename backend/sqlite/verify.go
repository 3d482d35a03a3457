package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"math"

	"hoox/backend/ledger"
	"hoox/backend/trading"
)

// Finding is what one check of Verify says.
type Finding struct {
	// Check names it: "file", "references", "journal", "orders as decided", "settings and history", "fills and orders",
	// "fills and positions", "cash and balances", "keys", "audit".
	Check string
	OK    bool
	// Detail is the first thing that is wrong, "" when nothing is.
	Detail string
}

// Verify checks the whole ledger against itself on a reader: the file's structure, its references, the chain of the journal,
// and that orders, positions and balances follow from the fills and the cash. It takes seconds for a million rows and holds
// nobody up. An error means that a check could not be made; what a check found is in the findings.
func (db *DB) Verify(ctx context.Context) ([]Finding, error) { return db.verify(ctx, true) }

// Check is Verify without what a crash may leave and only the exchange can complete, an order that is filled further than its
// fills that are here, and without the audit, which says nothing about money.
func (db *DB) Check(ctx context.Context) ([]Finding, error) { return db.verify(ctx, false) }

func (db *DB) verify(ctx context.Context, complete bool) ([]Finding, error) {
	type check struct {
		name string
		run  func(context.Context) (string, error)
	}
	checks := []check{
		{"file", db.checkFile},
		{"references", db.checkReferences},
		{"journal", db.checkJournal},
		{"orders as decided", db.checkSeals},
		{"settings and history", db.checkCurrent},
		{"fills and orders", func(ctx context.Context) (string, error) { return db.checkOrders(ctx, complete) }},
		{"fills and positions", db.checkPositions},
		{"cash and balances", db.checkBalances},
		{"keys", db.checkKeys},
	}
	if complete {
		checks = append(checks, check{"audit", func(ctx context.Context) (string, error) {
			found, err := db.checkAudit(ctx, 0)
			return found.Wrong, err
		}})
	}
	findings := make([]Finding, 0, len(checks))
	for _, c := range checks {
		wrong, err := c.run(ctx)
		if err != nil {
			return findings, db.fault(err, "check "+c.name)
		}
		findings = append(findings, Finding{Check: c.name, OK: wrong == "", Detail: wrong})
	}
	return findings, nil
}

func (db *DB) checkFile(ctx context.Context) (string, error) {
	var word string
	if err := db.queryRow(ctx, `PRAGMA integrity_check(1)`).Scan(&word); err != nil {
		return "", err
	}
	if word == "ok" {
		return "", nil
	}
	return word, nil
}

func (db *DB) checkReferences(ctx context.Context) (string, error) {
	wrong := ""
	rows, err := db.query(ctx, `PRAGMA foreign_key_check`)
	err = each(rows, err, func(r *sql.Rows) error {
		var table, parent string
		var rowid, key sql.NullInt64
		err := r.Scan(&table, &rowid, &parent, &key)
		if wrong == "" {
			wrong = fmt.Sprintf("row %d of %s names a row of %s that is not there", rowid.Int64, table, parent)
		}
		return err
	})
	return wrong, err
}

// allFills calls take for every fill in the order in which it was booked, with the currency of its profit.
func (db *DB) allFills(ctx context.Context, take func(f trading.Fill, seq int64, quote string) error) error {
	rows, err := db.query(ctx, `
SELECT f.seq, f.account, f.id, f.order_id, f.product, f.symbol, f.slot, f.side, f.qty, f.price, f.fee, f.fee_asset, f.realized, f.quote, f.at
FROM fills AS f
ORDER BY f.seq`)
	return each(rows, err, func(r *sql.Rows) error {
		var f trading.Fill
		var quote string
		var seq, at int64
		err := r.Scan(&seq, &f.Account, &f.ID, &f.OrderID, &f.Product, &f.Symbol, &f.Slot, &f.Side, &f.Qty, &f.Price, &f.Fee, &f.FeeAsset, &f.RealizedPnL, &quote, &at)
		if err != nil {
			return err
		}
		f.At = fromMillis(at)
		return take(f, seq, quote)
	})
}

// orderSum adds up the fills of one order while the rows of the join go by.
type orderSum struct {
	id             trading.OrderID
	filled, booked trading.Qty
	cost           trading.Money
	qty            trading.Qty
	paid           trading.Money
}

func (s orderSum) wrong(complete bool) string {
	switch {
	case !s.qty.Equal(s.booked) || !s.paid.Equal(s.cost):
		return fmt.Sprintf("order %s has fills of %s for %s and says %s for %s", s.id, s.qty, s.paid, s.booked, s.cost)
	case complete && !s.filled.Equal(s.booked):
		return fmt.Sprintf("order %s is filled with %s and only fills of %s are here: ask the exchange for the rest", s.id, s.filled, s.booked)
	default:
		return ""
	}
}

func (db *DB) checkOrders(ctx context.Context, complete bool) (string, error) {
	var sum orderSum
	wrong := ""
	rows, err := db.query(ctx, `
SELECT o.id, o.filled, o.booked, o.filled_cost, COALESCE(f.qty, '0'), COALESCE(f.price, '0')
FROM orders AS o
LEFT JOIN fills AS f ON f.order_id = o.id
ORDER BY o.seq`)
	err = each(rows, err, func(r *sql.Rows) error {
		var next orderSum
		var price trading.Price
		if err := r.Scan(&next.id, &next.filled, &next.booked, &next.cost, &next.qty, &price); err != nil {
			return err
		}
		next.paid = trading.Notional(price, next.qty)
		if next.id == sum.id {
			sum.qty, sum.paid = sum.qty.Add(next.qty), sum.paid.Add(next.paid)
			return nil
		}
		if wrong == "" {
			wrong = sum.wrong(complete)
		}
		sum = next
		return nil
	})
	if wrong == "" {
		wrong = sum.wrong(complete)
	}
	return wrong, err
}

// placeKey names where a position is kept.
type placeKey struct {
	account trading.AccountID
	key     trading.InstrumentKey
	slot    trading.Slot
}

func (db *DB) checkPositions(ctx context.Context) (string, error) {
	held, wrong := map[placeKey]trading.Position{}, ""
	adopted, err := db.adoptions(ctx)
	if err != nil {
		return "", err
	}
	err = db.allFills(ctx, func(f trading.Fill, seq int64, quote string) error {
		adopted = adopt(adopted, held, seq)
		at := placeKey{f.Account, trading.InstrumentKey{Product: f.Product, Symbol: f.Symbol}, f.Slot}
		after, realized := ledger.Apply(held[at], ledger.Settled(f, quote))
		held[at] = after
		if wrong == "" && !realized.Equal(f.RealizedPnL) {
			wrong = fmt.Sprintf("fill %s realized %s and says %s", f.ID, realized, f.RealizedPnL)
		}
		return nil
	})
	if err != nil || wrong != "" {
		return wrong, err
	}
	adopt(adopted, held, math.MaxInt64)
	rows, err := db.query(ctx, `SELECT `+positionColumns+` FROM positions`)
	err = each(rows, err, func(r *sql.Rows) error {
		p, err := scanPosition(r)
		if err != nil {
			return err
		}
		at := placeKey{p.Account, trading.InstrumentKey{Product: p.Product, Symbol: p.Symbol}, p.Slot}
		want := held[at]
		delete(held, at)
		if wrong == "" && (!want.Qty.Equal(p.Qty) || !want.Cost.Equal(p.Cost)) {
			wrong = fmt.Sprintf("the fills of %s on %s make a position of %s for %s, the ledger says %s for %s", p.Symbol, p.Account, want.Qty, want.Cost, p.Qty, p.Cost)
		}
		return nil
	})
	if err == nil && wrong == "" && len(held) > 0 {
		wrong = fmt.Sprintf("%d positions that fills made are missing", len(held))
	}
	return wrong, err
}

func (db *DB) checkBalances(ctx context.Context) (string, error) {
	type purse struct {
		account trading.AccountID
		asset   string
	}
	sums := map[purse]trading.Money{}
	add := func(id trading.AccountID, asset string, m trading.Money) {
		sums[purse{id, asset}] = sums[purse{id, asset}].Add(m)
	}
	err := db.allFills(ctx, func(f trading.Fill, _ int64, quote string) error {
		add(f.Account, quote, f.RealizedPnL)
		f = ledger.Settled(f, quote)
		if f.FeeAsset == "" {
			f.FeeAsset = quote
		}
		add(f.Account, f.FeeAsset, f.Fee.Neg())
		return nil
	})
	if err != nil {
		return "", err
	}
	rows, err := db.query(ctx, `SELECT account, asset, amount FROM cash`)
	err = each(rows, err, func(r *sql.Rows) error {
		var id trading.AccountID
		var asset string
		var amount trading.Money
		err := r.Scan(&id, &asset, &amount)
		add(id, asset, amount)
		return err
	})
	if err != nil {
		return "", err
	}
	all, err := db.Balances(ctx)
	if err != nil {
		return "", err
	}
	for at, want := range sums {
		if had := all[at.account][at.asset]; !had.Equal(want) {
			return fmt.Sprintf("%s of %s should be %s, the ledger says %s", at.asset, at.account, want, had), nil
		}
	}
	for id, assets := range all {
		for asset, had := range assets {
			if _, moved := sums[purse{id, asset}]; !moved && !had.IsZero() {
				return fmt.Sprintf("%s of %s is %s and nothing ever moved it", asset, id, had), nil
			}
		}
	}
	return "", nil
}
