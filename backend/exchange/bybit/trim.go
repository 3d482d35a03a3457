package bybit

import (
	"context"
	"maps"
	"slices"

	"hoox/backend/trading"
)

// noteGuard remembers what should stand for a coin, each target with its quantity; nothing for none.
func (x *Exchange) noteGuard(parent trading.OrderID, want trading.Position, wanted []wish) {
	want.Protection.TakeProfit = nil
	for _, w := range wanted {
		if w.mark == targetMark {
			want.Protection.TakeProfit = append(want.Protection.TakeProfit, trading.TakeProfitAt{Price: w.trigger, Qty: w.qty})
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for id, g := range x.guards {
		if g.want.Symbol == want.Symbol && id != parent {
			delete(x.guards, id)
			delete(x.sold, id)
		}
	}
	if want.Protection.IsZero() {
		delete(x.guards, parent)
		return
	}
	g := guard{want: want, sold: map[string]trading.Qty{}}
	maps.Copy(g.sold, x.guards[parent].sold)
	x.guards[parent] = g
}

// noteSold takes the news that a protection of a coin has sold: its siblings stand for less now. Bybit does not know that
// they belong together.
func (x *Exchange) noteSold(r trading.Report) {
	if r.Child == nil || r.Child.Product != trading.Spot || !r.Filled.IsPositive() {
		return
	}
	x.mu.Lock()
	g, known := x.guards[r.Child.Parent]
	more := r.Filled.Sub(g.sold[r.ExchangeID])
	if !known || !more.IsPositive() {
		x.mu.Unlock()
		return
	}
	g.sold[r.ExchangeID] = r.Filled
	g.want.Qty = g.want.Qty.Sub(more)
	targets := slices.Clone(g.want.Protection.TakeProfit)
	for i := range targets {
		if r.Child.Type == trading.TargetOrder && targets[i].Price.Equal(r.Child.Price) {
			targets[i].Qty = targets[i].Qty.Sub(more)
		}
	}
	g.want.Protection.TakeProfit = slices.DeleteFunc(targets, func(t trading.TakeProfitAt) bool { return !t.Qty.IsPositive() })
	if r.Child.Type == trading.StopOrder || !g.want.Qty.IsPositive() {
		// A stop sells all of it; a rest that the market did not take is for whoever keeps the books.
		g.want.Qty, g.want.Protection = trading.Qty{}, trading.Protection{}
	}
	x.guards[r.Child.Parent], x.sold[r.Child.Parent] = g, true
	x.mu.Unlock()
	x.ring()
}

// ring wakes trimAll; it never waits.
func (x *Exchange) ring() {
	select {
	case x.trim <- struct{}{}:
	default:
	}
}

// trimAll cuts the siblings of protections that have sold, as soon as they have, until ctx ends.
func (x *Exchange) trimAll(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-x.trim:
		}
		x.mu.Lock()
		due := slices.Sorted(maps.Keys(x.sold))
		x.mu.Unlock()
		for _, parent := range due {
			x.cut(ctx, parent)
		}
	}
}

// cut makes what stands for a coin what should stand now. What that is is read only once nobody else is changing it: a word
// that came in between counts.
func (x *Exchange) cut(ctx context.Context, parent trading.OrderID) {
	select {
	case x.protecting <- struct{}{}:
		defer func() { <-x.protecting }()
	case <-ctx.Done():
		return
	}
	x.mu.Lock()
	g, known := x.guards[parent]
	delete(x.sold, parent)
	x.mu.Unlock()
	if !known {
		return
	}
	if err := x.protect(ctx, parent, g.want); err != nil && ctx.Err() == nil {
		x.cfg.Log.Warn("bybit: cut the protection of a coin to what is left", "symbol", g.want.Symbol, "error", err)
		if trading.KindOf(err) != trading.Rejected {
			x.mu.Lock()
			x.sold[parent] = true
			x.mu.Unlock()
		}
	}
}
