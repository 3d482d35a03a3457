package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"hoox/backend/ledger"
	"hoox/backend/trading"
)

const signalFrom = `
SELECT s.seq, s.id, s.source, s.received_at, s.deadline, s.status, s.reason, s.deliveries, s.account, s.product, s.symbol,
  s.action, s.quantity, s.strategy, s.comment, s.warnings, s.raw, s.checks, s.answered, s.answer, s.notify, s.parent, s.scope
FROM signals AS s`

func (db *DB) scanSignal(s scanner) (trading.SignalRecord, int64, error) {
	var r trading.SignalRecord
	var seq, received, deadline int64
	var warnings, checks, notify, scope string
	err := s.Scan(&seq, &r.ID, &r.Source, &received, &deadline, &r.Status, &r.Reason, &r.Deliveries, &r.Account, &r.Product, &r.Symbol,
		&r.Action, &r.Quantity, &r.Strategy, &r.Comment, &warnings, &r.Raw, &checks, &r.Answered, &r.Answer, &notify, &r.Parent, &scope)
	if err != nil {
		return r, 0, err
	}
	r.Credential = credentialOf(scope, r.Source)
	r.ReceivedAt, r.Deadline = fromMillis(received), fromMillis(deadline)
	deliveries, answered, answer := db.riding(r.ID)
	r.Deliveries += deliveries
	if r.Answered == 0 {
		r.Answered, r.Answer = answered, answer
	}
	for _, field := range []struct {
		text string
		into any
	}{{warnings, &r.Warnings}, {checks, &r.Checks}, {notify, &r.Notify}} {
		if err := decode(field.text, field.into); err != nil {
			return r, 0, err
		}
	}
	return r, seq, nil
}

// credentialOf is who asked, which stands between the door and the place in the scope of a signal's key.
func credentialOf(scope string, door trading.Source) string {
	rest := strings.TrimPrefix(scope, string(door)+"|")
	if end := strings.LastIndexByte(rest, '|'); end >= 0 {
		return rest[:end]
	}
	return ""
}

// Signals lists signals, newest first, each with its orders and its journal but without fills. Invalid for an unknown status
// or cursor.
func (db *DB) Signals(ctx context.Context, p trading.Page) ([]trading.SignalRecord, string, error) {
	l, err := list("signals", "s", p)
	if err != nil {
		return nil, "", err
	}
	l.exchange("s.account", p.Exchange)
	if p.Symbol != "" {
		l.where("s.symbol = ?", p.Symbol)
	}
	if p.SignalID != "" {
		l.where("s.id = ?", string(p.SignalID))
	}
	if !p.SinceTime.IsZero() {
		l.walk("s.received_at >= ?", millis(p.SinceTime))
	}
	if p.Source != "" {
		l.walk("s.source = ?", string(p.Source))
	}
	if p.Side != "" {
		l.walk("EXISTS (SELECT 1 FROM orders AS o WHERE o.signal_id = s.id AND o.side = ?)", string(p.Side))
	}
	if p.OpenOnly {
		l.where("s.id IN (SELECT o.signal_id FROM orders AS o INDEXED BY orders_open WHERE " + openOrders + ")")
	}
	if p.Status != "" {
		word, err := statusWord(p.Status, trading.SignalStatuses())
		if err != nil {
			return nil, "", err
		}
		if p.Status == string(trading.SignalExecuting) || p.Status == string(trading.SignalFilled) {
			l.walk("s.status = " + word)
		} else {
			l.where("s.seq IN (SELECT s.seq FROM signals AS s INDEXED BY signals_rare WHERE " + rareSignals + " AND s.status = " + word + ")")
		}
	}
	records := []trading.SignalRecord{}
	next, err := db.collect(ctx, l, signalFrom, func(r *sql.Rows) (int64, error) {
		s, seq, err := db.scanSignal(r)
		records = append(records, s)
		return seq, err
	}, func(n int) { records = records[:n] })
	if err == nil {
		err = db.fillIn(ctx, records)
	}
	return records, next, db.fault(err, "list signals")
}

// rareSignals is the predicate of the index signals_rare, word for word.
const rareSignals = `s.status NOT IN ('executing', 'filled')`

// fillIn reads the orders, the journal and the children of a page of signals, three queries for all of them.
func (db *DB) fillIn(ctx context.Context, records []trading.SignalRecord) error {
	ids := make([]trading.SignalID, 0, len(records))
	at := make(map[trading.SignalID]*trading.SignalRecord, len(records))
	for i := range records {
		ids = append(ids, records[i].ID)
		at[records[i].ID] = &records[i]
	}
	names, err := encodeNames(ids)
	if err != nil {
		return err
	}
	rows, err := db.query(ctx, orderFrom+`
WHERE o.signal_id IN (SELECT value FROM json_each(?))
ORDER BY o.seq`, names)
	err = each(rows, err, func(r *sql.Rows) error {
		o, err := scanOrder(r)
		if err == nil {
			record := at[o.SignalID]
			record.Orders = append(record.Orders, o.Order)
		}
		return err
	})
	if err != nil {
		return err
	}
	if err := db.addChildren(ctx, names, at); err != nil {
		return err
	}
	rows, err = db.query(ctx, `
SELECT seq, `+journalColumns+`
FROM journal
WHERE signal_id IN (SELECT value FROM json_each(?))
ORDER BY seq`, names)
	return each(rows, err, func(r *sql.Rows) error {
		e, err := scanEntry(r)
		if err == nil {
			record := at[e.SignalID]
			record.Journal = append(record.Journal, e)
		}
		return err
	})
}

// Signal is one signal with its orders, its journal and its fills. NotFound when there is none.
func (db *DB) Signal(ctx context.Context, id trading.SignalID) (trading.SignalRecord, error) {
	record, _, err := db.scanSignal(db.queryRow(ctx, signalFrom+" WHERE s.id = ?", string(id)))
	if errors.Is(err, sql.ErrNoRows) {
		return trading.SignalRecord{}, trading.Errorf(trading.NotFound, "there is no signal %s", id)
	}
	if err != nil {
		return trading.SignalRecord{}, db.fault(err, "read signal "+string(id))
	}
	one := []trading.SignalRecord{record}
	if err := db.fillIn(ctx, one); err != nil {
		return trading.SignalRecord{}, db.fault(err, "read signal "+string(id))
	}
	rows, err := db.query(ctx, `
SELECT `+fillColumns+`
FROM fills AS f
WHERE f.order_id IN (SELECT o.id FROM orders AS o WHERE o.signal_id = ?)
ORDER BY f.seq`, string(id))
	err = each(rows, err, func(r *sql.Rows) error {
		f, _, err := scanFill(r)
		one[0].Fills = append(one[0].Fills, f)
		return err
	})
	return one[0], db.fault(err, "read fills of signal "+string(id))
}

// Day is what every account did since a moment. Money is added up here, never in SQL.
func (db *DB) Day(ctx context.Context, since time.Time) (map[trading.AccountID]trading.DayTotals, error) {
	days := map[trading.AccountID]trading.DayTotals{}
	rows, err := db.query(ctx, `SELECT account, product, symbol, side, qty, price, fee, fee_asset, realized, quote FROM fills WHERE at >= ?`, millis(since))
	err = each(rows, err, func(r *sql.Rows) error {
		var f trading.Fill
		var quote string
		err := r.Scan(&f.Account, &f.Product, &f.Symbol, &f.Side, &f.Qty, &f.Price, &f.Fee, &f.FeeAsset, &f.RealizedPnL, &quote)
		d := days[f.Account]
		f = ledger.Settled(f, quote)
		// A fee in a third coin is in the balances of that coin; adding it to others would be adding apples to pears.
		if f.FeeAsset == "" || f.FeeAsset == quote {
			d.Fees = d.Fees.Add(f.Fee)
		}
		d.Realized, d.Fills = d.Realized.Add(f.RealizedPnL), d.Fills+1
		days[f.Account] = d
		return err
	})
	if err != nil {
		return nil, db.fault(err, "read fills of the day")
	}
	rows, err = db.query(ctx, `SELECT account, kind, amount FROM cash WHERE at >= ?`, millis(since))
	err = each(rows, err, func(r *sql.Rows) error {
		var id trading.AccountID
		var kind trading.CashKind
		var amount trading.Money
		err := r.Scan(&id, &kind, &amount)
		d := days[id]
		switch kind {
		case trading.CashFunding:
			d.Funding = d.Funding.Add(amount)
		case trading.CashFee:
			d.Fees = d.Fees.Sub(amount)
		case trading.CashPnL:
			d.Realized = d.Realized.Add(amount)
		case trading.CashDeposit:
		}
		days[id] = d
		return err
	})
	if err != nil {
		return nil, db.fault(err, "read cash of the day")
	}
	rows, err = db.query(ctx, `
SELECT account, COUNT(*), SUM(status IN ('refused', 'blocked'))
FROM signals
WHERE received_at >= ?
GROUP BY account`, millis(since))
	err = each(rows, err, func(r *sql.Rows) error {
		var id trading.AccountID
		var signals, refused int
		err := r.Scan(&id, &signals, &refused)
		d := days[id]
		d.Signals, d.Refused = signals, refused
		days[id] = d
		return err
	})
	return days, db.fault(err, "count signals of the day")
}
