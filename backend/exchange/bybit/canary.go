package bybit

import (
	"context"
	"slices"
	"time"

	"hoox/backend/trading"
)

const (
	// early is how far before a moment executions are asked for.
	early = 5 * time.Second
	// stillSung is how long a canary that was shown speaks for the lists: many questions at once share one.
	stillSung = time.Second
	// retained is how long an order without fills stays in the history, less an hour.
	retained = 23 * time.Hour
)

// canary is an order of ours that a list has shown: if the same lists do not show it any more, their empty answers about
// another order prove nothing.
type canary struct {
	order  trading.Order
	filled bool
	at     time.Time
	// shown is when the lists were last seen to have it, by our clock.
	shown time.Time
}

// noteSeen remembers what a list has shown of an order.
func (x *Exchange) noteSeen(o trading.Order, r orderRow) {
	if !ours(string(o.ID)) {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if had := x.seen[o.Product]; had.order.ID == o.ID || !r.CreatedAt.Before(had.at) {
		x.seen[o.Product] = canary{order: o, filled: r.Filled.IsPositive(), at: r.CreatedAt.Time, shown: x.cfg.Now()}
	}
	if o.Product == trading.Linear && !o.ReduceOnly && !o.Protection.IsZero() && r.Filled.IsPositive() {
		at := place{o.Symbol, idxOf(o.Slot)}
		if had := x.parents[at]; r.UpdatedAt.After(had.at) {
			x.parents[at] = reading[trading.OrderID]{o.ID, r.UpdatedAt.Time}
		}
	}
}

// sing asks for the newest order that is known to be there, if there is one, and fails when the lists do not show it.
func (x *Exchange) sing(ctx context.Context, o trading.Order) error {
	x.mu.Lock()
	c, known := x.seen[o.Product]
	x.mu.Unlock()
	if !known || c.order.ID == o.ID || !c.filled && x.skew.Now().Sub(c.at) > retained {
		return nil
	}
	asked := x.cfg.Now()
	if since := asked.Sub(c.shown); since >= 0 && since < stillSung {
		return nil
	}
	what := "look up order " + string(o.ID)
	row, err := x.findRow(ctx, c.order, what, "/v5/order/realtime")
	if err == nil && row == nil {
		row, err = x.findRow(ctx, c.order, what, "/v5/order/history")
	}
	if err != nil {
		return err
	}
	var fills []trading.Fill
	if row != nil && c.filled {
		if fills, err = x.fillsOf(ctx, c.order, row, what); err != nil {
			return err
		}
	}
	if row == nil || c.filled && len(fills) == 0 {
		return trading.Errorf(trading.Unknown, "bybit: order %s is not to be found, but neither is order %s, which was there: the lists are not complete", o.ID, c.order.ID)
	}
	x.mu.Lock()
	if now := x.seen[o.Product]; now.order.ID == c.order.ID && now.shown.Before(asked) {
		now.shown = asked
		x.seen[o.Product] = now
	}
	x.mu.Unlock()
	return nil
}

// explained fails when the position of the symbol is not what it was before the order was sent and what was executed
// since. It says nothing when that was not read.
func (x *Exchange) explained(ctx context.Context, o trading.Order) error {
	x.mu.Lock()
	before, known := x.before[o.ID]
	x.mu.Unlock()
	if !known {
		return nil
	}
	what := "look up order " + string(o.ID)
	rows, err := x.positionRows(ctx, values{"category", "linear", "symbol", o.Symbol})
	if err != nil {
		return err
	}
	var now trading.Qty
	for _, r := range rows {
		now = now.Add(r.signed())
	}
	executions, err := x.executionsSince(ctx, o, before.at, what)
	if err != nil {
		return err
	}
	// Whether an execution close to the reading was in it is not known, so each of those may count or not; the newest first.
	sum := before.value
	offset, _, _ := x.skew.Offset()
	slices.SortStableFunc(executions, func(a, b executionRow) int { return b.At.Compare(a.At.Time) })
	doubtful := []trading.Qty{}
	for _, r := range executions {
		if !trades(r.Type) {
			continue
		}
		qty := r.Qty
		if sideOf(r.Side) == trading.Sell {
			qty = qty.Neg()
		}
		if r.At.After(before.at.Add(offset + early)) {
			sum = sum.Add(qty)
		} else {
			doubtful = append(doubtful, qty)
		}
	}
	for n := 0; ; n++ {
		if sum.Equal(now) {
			return nil
		}
		if n == len(doubtful) {
			return trading.Errorf(trading.Unknown, "bybit: order %s is not to be found, but the position of %s is %s, which the executions do not explain: something was executed that the lists do not show yet", o.ID, o.Symbol, now)
		}
		sum = sum.Add(doubtful[n])
	}
}
