package sqlite

import (
	"encoding/json"
	"fmt"
	"time"

	"hoox/backend/trading"
)

// millis is a time as stored: unix milliseconds, 0 for none.
func millis(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

func fromMillis(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}

// stamp is a time as it will be read back.
func stamp(t time.Time) time.Time { return fromMillis(millis(t)) }

// encode writes a structured field as JSON text, "" for nothing.
func encode(v any, none bool) (string, error) {
	if none {
		return "", nil
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("write field: %w", err)
	}
	return string(text), nil
}

func decode(text string, v any) error {
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), v); err != nil {
		return fmt.Errorf("stored field: %w", err)
	}
	return nil
}

// encodeNames is a list for json_each, so that a statement has one parameter however long the list is.
func encodeNames[T ~string](names []T) (string, error) { return encode(names, false) }

const orderColumns = `
o.seq, o.id, COALESCE(o.signal_id, ''), o.leg, o.account, o.product, o.symbol, o.slot, o.side, o.type, o.reduce_only,
o.closes_all, o.qty, o.price, o.leverage, o.margin_mode, o.protection, o.deadline, o.quote, o.child, o.parent, o.status,
o.reason, o.exchange_id, o.filled, o.booked, o.filled_cost, o.attempts, o.version, o.created_at, o.updated_at, o.armed_at, o.seal`

// orderRow is an order with what only the store keeps about it.
type orderRow struct {
	trading.Order
	seq int64
	// quote is the asset in which profit and fees are booked when the fill names none.
	quote string
	// booked is the part of Filled whose fills are in the ledger.
	booked trading.Qty
	// child marks an order that the exchange made; its fate says nothing about its signal.
	child bool
	// received is when its signal came, zero when there is none.
	received time.Time
	// held marks a waiting order whose exchange does not answer. Read from the file, one that waits with a reason counts as such.
	held bool
	// alone tells for certain that the signal has no other order of ours, jobless that no job names the order.
	alone   bool
	jobless bool
}

// scanOrder reads orderColumns, and after them the time its signal was received. It fails with Internal for an order that was
// harmed on disk.
func scanOrder(s scanner) (*orderRow, error) {
	o := &orderRow{}
	var protection, seal string
	var deadline, created, updated, armed, received int64
	err := s.Scan(&o.seq, &o.ID, &o.SignalID, &o.Leg, &o.Account, &o.Product, &o.Symbol, &o.Slot, &o.Side, &o.Type, &o.ReduceOnly,
		&o.ClosesAll, &o.Qty, &o.Price, &o.Leverage, &o.MarginMode, &protection, &deadline, &o.quote, &o.child, &o.Parent, &o.Status,
		&o.Reason, &o.ExchangeID, &o.Filled, &o.booked, &o.FilledCost, &o.Attempts, &o.Version, &created, &updated, &armed, &seal, &received)
	if err != nil {
		return nil, err
	}
	o.Deadline, o.CreatedAt, o.UpdatedAt = fromMillis(deadline), fromMillis(created), fromMillis(updated)
	o.ArmedAt, o.received = fromMillis(armed), fromMillis(received)
	if err := decode(protection, &o.Protection); err != nil {
		return nil, err
	}
	return o, o.fits(seal)
}

const fillColumns = `
f.seq, f.account, f.id, f.order_id, f.signal_id, f.product, f.symbol, f.slot, f.side, f.qty, f.price, f.fee, f.fee_asset,
f.maker, f.realized, f.at`

func scanFill(s scanner) (trading.Fill, int64, error) {
	var f trading.Fill
	var seq, at int64
	err := s.Scan(&seq, &f.Account, &f.ID, &f.OrderID, &f.SignalID, &f.Product, &f.Symbol, &f.Slot, &f.Side, &f.Qty, &f.Price, &f.Fee,
		&f.FeeAsset, &f.Maker, &f.RealizedPnL, &at)
	f.At = fromMillis(at)
	return f, seq, err
}

const positionColumns = `
account, product, symbol, slot, qty, cost, realized, leverage, protection, liquidation, opened_at, updated_at, reconciled_at`

func scanPosition(s scanner) (trading.Position, error) {
	var p trading.Position
	var protection string
	var opened, updated, reconciled int64
	err := s.Scan(&p.Account, &p.Product, &p.Symbol, &p.Slot, &p.Qty, &p.Cost, &p.Realized, &p.Leverage, &protection, &p.Liquidation,
		&opened, &updated, &reconciled)
	if err != nil {
		return p, err
	}
	p.OpenedAt, p.UpdatedAt, p.ReconciledAt = fromMillis(opened), fromMillis(updated), fromMillis(reconciled)
	return p, decode(protection, &p.Protection)
}
