package mexc

import (
	"context"
	"slices"
	"strconv"
	"time"

	"hoox/backend/tape"
	"hoox/backend/trading"
)

// childOf is the order when MEXC made it itself, from a protection or by liquidation; nil for one that a person made.
// Whether a closing order came from a protection is asked once.
func (x *Exchange) childOf(ctx context.Context, r futuresOrder, row tape.Row) (*trading.Order, error) {
	kind := childType(r.Link, r.Category)
	from, known := x.book.maker(row.ExchangeID)
	if !known && kind != trading.Liquidation && (closes(r.Side) || r.ReduceOnly || kind != "") && x.book.first(row.ExchangeID) {
		if err := x.learnStops(ctx, r.Symbol, r.CreatedAt.Add(-stopLife), row.ExchangeID); err != nil {
			x.book.again(row.ExchangeID)
			return nil, err
		}
		from, known = x.book.maker(row.ExchangeID)
	}
	if !known {
		from.parent, _ = x.book.parent(stopID(r.Link))
	}
	if known && kind != trading.Liquidation {
		kind = from.kind
	}
	if kind == "" {
		return nil, nil
	}
	mode, err := x.positionMode(ctx)
	if err != nil {
		return nil, err
	}
	qty := row.Qty
	if !qty.IsPositive() {
		qty = row.Filled
	}
	return &trading.Order{
		ID: trading.OrderID(row.ExchangeID), Account: x.cfg.Account, Product: trading.Linear, Symbol: r.Symbol,
		Slot: slot(modeOf(r.Mode, mode), kindOfSide(r.Side)), Side: side(r.Side), Type: kind, ReduceOnly: true, Qty: qty, Price: r.Price.price(),
		Status: trading.OrderAccepted, ExchangeID: row.ExchangeID, Parent: from.parent, CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
	}, nil
}

// takeStop takes a record of what watches over a position. One that triggered names the order that it became, which is
// asked for: its own news may have come before this, when nobody knew what it was.
func (x *Exchange) takeStop(ctx context.Context, r stopRow) error {
	made := r.MadeID.id()
	if made == "" {
		return nil
	}
	if _, had := x.book.maker(made); had {
		return nil
	}
	if err := x.learnStop(ctx, r); err != nil {
		return err
	}
	row, err := x.futuresByID(ctx, made, "read a triggered protection")
	if err != nil || row == nil {
		return err
	}
	return x.takeOrder(ctx, *row)
}

// learnStop notes which order a record became, and whose it was.
func (x *Exchange) learnStop(ctx context.Context, r stopRow) error {
	if r.MadeID.id() == "" {
		return nil
	}
	if _, err := x.isOurs(ctx, r); err != nil {
		return err
	}
	kind := trading.StopOrder
	if r.Triggered == 1 || r.Triggered == 0 && !r.StopLoss.IsPositive() {
		kind = trading.TargetOrder
	}
	parent, _ := x.book.parent(r.ID.id())
	x.book.became(r.MadeID.id(), kind, parent)
	return nil
}

// stopLife is how long a protection is expected to stand before it triggers; MEXC lists them by when they were set.
const stopLife = 89 * 24 * time.Hour

// learnStops reads which orders protections became, of those that were set since a time, on a contract or on all; no
// further than to the one that became a certain order.
func (x *Exchange) learnStops(ctx context.Context, symbol string, since time.Time, made string) error {
	v := values{"symbol", symbol, "is_finished", "1", "start_time", strconv.FormatInt(since.UnixMilli(), 10),
		"end_time", strconv.FormatInt(x.futures.skew.Now().Add(time.Minute).UnixMilli(), 10)}
	list, err := futuresPages(ctx, x, listing, "read triggered protections", allStopsPath, v, func(page []stopRow) bool {
		return slices.ContainsFunc(page, func(r stopRow) bool { return made != "" && r.MadeID.id() == made })
	})
	if err != nil {
		return err
	}
	for _, r := range list {
		if err := x.learnStop(ctx, r); err != nil {
			return err
		}
	}
	if symbol == "" || !x.book.trails(symbol) {
		return nil
	}
	trails, err := x.trailRows(ctx, symbol, triggeredTrails)
	if err != nil {
		return err
	}
	for _, r := range trails {
		if parent, ours := x.book.parent(trailKey(r.ID)); ours && r.OrderID.id() != "" {
			x.book.became(r.OrderID.id(), trading.StopOrder, parent)
		}
	}
	return nil
}
