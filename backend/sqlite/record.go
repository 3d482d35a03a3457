package sqlite

import (
	"context"
	"slices"
	"time"

	"hoox/backend/events"
	"hoox/backend/ledger"
	"hoox/backend/trading"
)

// Record writes down what an exchange says about an order, in one transaction: fills that are not known yet, the position
// and the money they move, the order, its signal and the journal. It may be called any number of times and out of order: a
// report that says nothing new writes nothing, fills count once, and what is filled never shrinks. NotFound when there is
// no such order and the report brings none; Invalid when the report itself cannot be; Conflict when it contradicts what is known
// for certain, such as fills of an order that was never sent, and will do so again. Any other kind says that the ledger could
// not be written: the report is not known yet. Returned is the order as it stands after it.
func (db *DB) Record(ctx context.Context, r trading.Report) (trading.Order, error) {
	var after trading.Order
	if r.At.IsZero() {
		r.At = db.o.Now()
	}
	if !reportable(r.Status) {
		return after, trading.Errorf(trading.Invalid, "record report on order %s: no exchange says %q", r.OrderID, r.Status)
	}
	r.Fills = slices.Clone(r.Fills)
	slices.SortStableFunc(r.Fills, func(a, b trading.Fill) int { return a.At.Compare(b.At) })
	err := db.do(ctx, "record report on order "+string(r.OrderID), func(t *tx) error {
		o, err := t.record(r)
		if err == nil {
			after = o.Order
		}
		return err
	})
	return after, err
}

func (t *tx) record(r trading.Report) (*orderRow, error) {
	o, a, err := t.order(r.OrderID, r.At)
	if notFound(err) && r.Child != nil {
		o, a, err = t.insertChild(*r.Child, r)
	}
	if notFound(err) {
		return nil, trading.Errorf(trading.NotFound, "no order %s", r.OrderID)
	}
	if err != nil {
		return nil, err
	}
	known := *o
	before := known.Order
	fresh, err := t.bookFills(a, o, r)
	if err != nil {
		return nil, err
	}
	if r.ExchangeID != "" && o.ExchangeID == "" {
		o.ExchangeID = r.ExchangeID
	}
	o.Filled = o.Filled.Max(r.Filled).Max(o.booked)
	to, err := verdict(before, o, r, fresh)
	if err != nil {
		*o = known
		return nil, err
	}
	o.Status = to
	if to != before.Status || r.Reason != "" && to == r.Status {
		o.Reason = r.Reason
	}
	if fresh == 0 && same(before, o.Order) {
		return o, nil
	}
	s := step{stage: string(to), from: before.Status, detail: r.Reason, at: r.At}
	if to == before.Status {
		s.stage = "report"
		if fresh > 0 {
			s.stage = "fill"
		}
	}
	if err := t.store(a, o, s); err != nil || fresh == 0 {
		return o, err
	}
	return o, t.guard(a, o)
}

// same tells whether a report left nothing to write.
func same(a, b trading.Order) bool {
	return a.Status == b.Status && a.ExchangeID == b.ExchangeID && a.Reason == b.Reason && a.Filled.Equal(b.Filled)
}

// verdict is the status after a report. The exchange's facts win: a quantity that is filled is filled whatever word came
// with it. A word that is older than what is known is passed over; one that contradicts it is an error.
func verdict(before trading.Order, o *orderRow, r trading.Report, fresh int) (trading.OrderStatus, error) {
	from, to := before.Status, r.Status
	full := o.Filled.IsPositive() && !o.Filled.Less(o.Qty)
	switch {
	case full:
		to = trading.OrderFilled
	case o.Filled.IsPositive() && (to == "" || to == trading.OrderAccepted):
		to = trading.OrderPartiallyFilled
	case to == "":
		to = from
	}
	switch {
	case to == from || from.May(to):
		return to, nil
	case neverSent(from):
		return "", trading.Errorf(trading.Conflict, "report says %s of order %s, which is %s and was never sent", to, o.ID, from)
	case fresh > 0 && (from == trading.OrderFilled || from == trading.OrderCanceled || from == trading.OrderExpired):
		return from, nil
	case fresh > 0 || o.Filled.More(before.Filled):
		return "", trading.Errorf(trading.Conflict, "report fills order %s, which is %s", o.ID, from)
	case !to.Final():
		return from, nil
	case from == trading.OrderFilled && before.Filled.Less(before.Qty):
		return "", trading.Errorf(trading.Conflict, "report says %s of order %s, which is %s", to, o.ID, from)
	case from.Final():
		return from, nil
	default:
		return "", trading.Errorf(trading.Conflict, "report says %s of order %s, which is %s", to, o.ID, from)
	}
}

// reportable tells whether an exchange can say the word; "" is a report of fills alone. The other statuses are ours.
func reportable(s trading.OrderStatus) bool {
	switch s {
	case "", trading.OrderAccepted, trading.OrderPartiallyFilled, trading.OrderFilled, trading.OrderCanceled, trading.OrderRejected, trading.OrderExpired:
		return true
	case trading.OrderCreated, trading.OrderSubmitted, trading.OrderDenied, trading.OrderBlocked, trading.OrderUnknown, trading.OrderNotPlaced, trading.OrderNeedsReview:
		return false
	}
	return false
}

func neverSent(s trading.OrderStatus) bool {
	return s == trading.OrderCreated || s == trading.OrderDenied || s == trading.OrderBlocked
}

const insertFill = `
INSERT INTO fills (account, id, order_id, signal_id, product, symbol, slot, side, qty, price, fee, fee_asset, maker, realized, quote, at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (account, id) DO NOTHING`

// bookFills books the fills of one report that are not known yet and tells how many there were.
func (t *tx) bookFills(a *account, o *orderRow, r trading.Report) (int, error) {
	fresh := 0
	for _, f := range r.Fills {
		f.OrderID, f.SignalID, f.Account = o.ID, o.SignalID, o.Account
		f.Product, f.Symbol, f.Slot, f.Side = o.Product, o.Symbol, o.Slot, o.Side
		if f.At.IsZero() {
			f.At = r.At
		}
		f.At = stamp(f.At)
		if f.ID == "" || !f.Qty.IsPositive() || !f.Price.IsPositive() {
			return fresh, trading.Errorf(trading.Invalid, "fill %q of order %s: want an id, a quantity and a price", f.ID, o.ID)
		}
		held, place := a.position(trading.InstrumentKey{Product: f.Product, Symbol: f.Symbol}, f.Slot)
		felt := ledger.Settled(f, o.quote)
		after, realized := ledger.Apply(held, felt)
		f.RealizedPnL, felt.RealizedPnL = realized, realized
		n, err := t.exec(insertFill, string(f.Account), string(f.ID), string(f.OrderID), string(f.SignalID), string(f.Product), f.Symbol,
			string(f.Slot), string(f.Side), f.Qty.String(), f.Price.String(), f.Fee.String(), f.FeeAsset, f.Maker, f.RealizedPnL.String(), o.quote, millis(f.At))
		if err != nil {
			return fresh, err
		}
		if n == 0 {
			continue
		}
		fresh++
		o.booked = o.booked.Add(f.Qty)
		o.FilledCost = o.FilledCost.Add(trading.Notional(f.Price, f.Qty))
		if err := t.holdPosition(a, after, held, place, o); err != nil {
			return fresh, err
		}
		if err := t.postFill(a, o, felt); err != nil {
			return fresh, err
		}
	}
	if fresh > 0 {
		t.changed(events.Fills, events.Positions)
	}
	return fresh, nil
}

const putPosition = `
INSERT INTO positions (` + positionColumns + `)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (account, product, symbol, slot) DO UPDATE
SET qty = excluded.qty, cost = excluded.cost, realized = excluded.realized, leverage = excluded.leverage,
  protection = excluded.protection, liquidation = excluded.liquidation, opened_at = excluded.opened_at,
  updated_at = excluded.updated_at, reconciled_at = excluded.reconciled_at`

// holdPosition writes a position after a fill. What protects it comes from the entry: an entry without protection that adds
// to a position leaves what is there, and nothing outlives a position that is closed or turned round.
func (t *tx) holdPosition(a *account, p, before trading.Position, place int, o *orderRow) error {
	if p.Qty.IsZero() || p.Qty.Sign() != before.Qty.Sign() {
		p.Protection, p.Liquidation, p.Leverage = trading.Protection{}, trading.Price{}, 0
	}
	if !p.Qty.IsZero() && !o.ReduceOnly && p.Direction().Entry() == o.Side {
		p.Leverage = max(o.Leverage, 1)
		if !o.Protection.IsZero() {
			p.Protection = o.Protection
		}
	}
	if o.child && o.Type == trading.TargetOrder && !p.Qty.IsZero() {
		p.Protection = met(p.Protection, p.Direction(), o.Price, before.Size().Sub(p.Size()))
	}
	return t.putHolding(a, p, place)
}

// putHolding writes a position, in the file and in memory.
func (t *tx) putHolding(a *account, p trading.Position, place int) error {
	protection, err := encode(p.Protection, p.Protection.IsZero())
	if err != nil {
		return err
	}
	_, err = t.exec(putPosition, string(p.Account), string(p.Product), p.Symbol, string(p.Slot), p.Qty.String(), p.Cost.String(),
		p.Realized.String(), p.Leverage, protection, p.Liquidation.String(), millis(p.OpenedAt), millis(p.UpdatedAt), millis(p.ReconciledAt))
	if err != nil {
		return err
	}
	a.hold(p, place)
	return nil
}

// lastOfLane finds the signal that an order of the exchange's own making belongs to when nothing else tells.
const lastOfLane = `
SELECT o.signal_id
FROM orders AS o INDEXED BY orders_symbol
WHERE o.symbol = ? AND o.account = ? AND o.product = ? AND o.signal_id IS NOT NULL
ORDER BY o.seq DESC
LIMIT 1`

// insertChild writes an order that the exchange made itself. It belongs to the signal of its parent, else to the last signal
// of its lane, else to none.
func (t *tx) insertChild(c trading.Order, r trading.Report) (*orderRow, *account, error) {
	a, err := t.account(c.Account, r.At)
	if err != nil {
		return nil, nil, err
	}
	o := &orderRow{Order: c, child: true, jobless: true, quote: quoteOf(c.Symbol)}
	o.ID, o.Status, o.Version, o.Filled, o.FilledCost = r.OrderID, trading.OrderAccepted, 1, trading.Qty{}, trading.Money{}
	if c.Parent != "" {
		parent, _, err := t.order(c.Parent, r.At)
		if err != nil && !notFound(err) {
			return nil, nil, err
		}
		if err == nil {
			o.SignalID, o.quote = parent.SignalID, parent.quote
		}
	}
	if o.SignalID == "" {
		err := t.row(lastOfLane, c.Symbol, string(c.Account), string(c.Product)).Scan(&o.SignalID)
		if err != nil && !notFound(err) {
			return nil, nil, err
		}
	}
	if o.SignalID != "" {
		o.received, err = t.receivedAt(o.SignalID)
		if err != nil {
			return nil, nil, err
		}
	}
	if o.CreatedAt.IsZero() {
		o.CreatedAt = r.At
	}
	o.CreatedAt, o.UpdatedAt, o.Deadline, o.ArmedAt = stamp(o.CreatedAt), stamp(r.At), time.Time{}, time.Time{}
	return o, a, t.admitOrder(a, o, r.At)
}

func (t *tx) receivedAt(id trading.SignalID) (time.Time, error) {
	var at int64
	err := t.row(`SELECT received_at FROM signals WHERE id = ?`, string(id)).Scan(&at)
	if notFound(err) {
		return time.Time{}, trading.Errorf(trading.NotFound, "no signal %s", id)
	}
	return fromMillis(at), err
}
