package bybit

import (
	"context"
	"slices"
	"strings"

	"hoox/backend/trading"
)

// Cancel asks for an order to end and answers with how it ended, or with how it rests when Bybit has not decided yet; it
// may be repeated. It fails with NotFound for an order of which there is no trace, which alone is no proof of absence,
// and with the kinds of Submit otherwise.
func (x *Exchange) Cancel(ctx context.Context, o trading.Order) (trading.Report, error) {
	what := "cancel order " + string(o.ID)
	if err := x.clockRead(ctx); err != nil {
		return trading.Report{}, trading.Errorf(trading.Unavailable, "bybit: %s: %w", what, err)
	}
	field, id := nameOf(o)
	body := map[string]string{"category": string(o.Product), "symbol": o.Symbol, field: id}
	e, err := x.write(ctx, canceling, what, "/v5/order/cancel", body, longestWindow, true)
	if err != nil {
		return trading.Report{}, err
	}
	if c := e.class(); c != done && c != already {
		return trading.Report{}, failure(kindOf(c), what, e)
	}
	last := trading.Report{}
	for range 4 {
		r, _, err := x.look(ctx, o, true)
		if err != nil {
			return trading.Report{}, trading.Errorf(trading.Unknown, "%s", err.Error())
		}
		last = r
		if r.Status.Final() || r.OrderID == "" || ctx.Err() != nil {
			break
		}
		if err := pause(ctx); err != nil {
			break
		}
	}
	if last.OrderID == "" {
		return last, trading.Errorf(trading.NotFound, "bybit: %s: no such order", what)
	}
	return last, nil
}

// Amend changes quantity and price of a resting order; zero leaves one as it is. It answers with where the order stands,
// and with the kinds of Submit when it fails: Rejected, it rests as it was or has ended.
func (x *Exchange) Amend(ctx context.Context, o trading.Order, qty trading.Qty, price trading.Price) (trading.Report, error) {
	what := "amend order " + string(o.ID)
	if err := x.onTime(ctx); err != nil {
		return trading.Report{}, trading.Errorf(trading.Unavailable, "bybit: %s: %w", what, err)
	}
	field, id := nameOf(o)
	body := map[string]string{"category": string(o.Product), "symbol": o.Symbol, field: id}
	if qty.IsPositive() {
		body["qty"], o.Qty = qty.String(), qty
	}
	if price.IsPositive() {
		body["price"], o.Price = price.String(), price
	}
	e, err := x.write(ctx, creating, what, "/v5/order/amend", body, longestWindow, false)
	if err != nil {
		return trading.Report{}, err
	}
	switch c := e.class(); c {
	case done:
	case already:
		return trading.Report{}, failure(trading.Rejected, what, e)
	default:
		return trading.Report{}, failure(kindOf(c), what, e)
	}
	r, _, err := x.look(ctx, o, true)
	if err != nil || r.OrderID == "" {
		return trading.Report{}, trading.Errorf(trading.Unknown, "bybit: %s: it was taken, but the order cannot be read back: %v", what, err)
	}
	return r, nil
}

// conditionalFilters are the books of conditional orders of a coin, which are named apart.
var conditionalFilters = []string{"StopOrder", "tpslOrder"}

// CancelAll ends everything that rests or waits on an instrument: orders, conditional orders and protections, whoever
// made them. It holds when it returns nil: nothing is listed any more.
func (x *Exchange) CancelAll(ctx context.Context, key trading.InstrumentKey) error {
	what := "cancel everything of " + key.Symbol
	if err := x.clockRead(ctx); err != nil {
		return trading.Errorf(trading.Unavailable, "bybit: %s: %w", what, err)
	}
	filters := []string{""}
	if key.Product == trading.Spot {
		filters = append(filters, conditionalFilters...)
	}
	for _, filter := range filters {
		body := map[string]string{"category": string(key.Product), "symbol": key.Symbol}
		if filter != "" {
			body["orderFilter"] = filter
		}
		e, err := x.write(ctx, canceling, what, "/v5/order/cancel-all", body, longestWindow, true)
		if err != nil {
			return err
		}
		if c := e.class(); c != done && c != already {
			return failure(kindOf(c), what, e)
		}
	}
	return x.confirm(ctx, what, func() (bool, error) {
		rows, err := x.waiting(ctx, values{"category", string(key.Product), "symbol", key.Symbol})
		return len(rows) == 0, err
	})
}

// confirm asks until something is so, a few times; it fails with Unknown when it was not seen.
func (x *Exchange) confirm(ctx context.Context, what string, is func() (bool, error)) error {
	for range 10 {
		so, err := is()
		if err != nil {
			return trading.Errorf(trading.Unknown, "bybit: %s: it was sent, but cannot be read back: %w", what, err)
		}
		if so {
			return nil
		}
		if pause(ctx) != nil {
			break
		}
	}
	return trading.Errorf(trading.Unknown, "bybit: %s: it was sent, and is not to be seen yet", what)
}

// CancelForeign ends an order that is not ours, by the exchange's id; only a person may ask for it. It holds when it
// returns nil.
func (x *Exchange) CancelForeign(ctx context.Context, o trading.Order) error {
	filter := ""
	if o.Product == trading.Spot && (o.Type == trading.StopOrder || o.Type == trading.TargetOrder) {
		filter = conditionalFilters[0]
	}
	if err := x.cancelRow(ctx, orderRow{Category: string(o.Product), Symbol: o.Symbol, OrderID: o.ExchangeID}, filter); err != nil {
		return err
	}
	return x.confirm(ctx, "cancel order "+o.ExchangeID, func() (bool, error) {
		rows, err := x.waiting(ctx, values{"category", string(o.Product), "symbol", o.Symbol})
		return !slices.ContainsFunc(rows, func(r orderRow) bool { return r.OrderID == o.ExchangeID }), err
	})
}

// cancelRow asks for an order to end by the exchange's id; one that has ended is as good.
func (x *Exchange) cancelRow(ctx context.Context, r orderRow, filter string) error {
	what := "cancel order " + r.OrderID
	if err := x.clockRead(ctx); err != nil {
		return trading.Errorf(trading.Unavailable, "bybit: %s: %w", what, err)
	}
	body := map[string]string{"category": r.Category, "symbol": r.Symbol, "orderId": r.OrderID}
	if filter != "" {
		body["orderFilter"] = filter
	}
	e, err := x.write(ctx, canceling, what, "/v5/order/cancel", body, longestWindow, true)
	if err != nil {
		return err
	}
	if c := e.class(); c != done && c != already {
		return failure(kindOf(c), what, e)
	}
	return nil
}

// Open is everything that rests or waits for a trigger, whoever made it, by symbol. Parent is set on protections: of a coin
// always, of a perpetual when this process knows it.
func (x *Exchange) Open(ctx context.Context) ([]trading.Order, error) {
	list := []trading.Order{}
	questions := []values{{"category", "spot"}}
	for _, coin := range settled {
		questions = append(questions, values{"category", "linear", "settleCoin", coin})
	}
	for _, v := range questions {
		rows, err := x.waiting(ctx, v)
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			list = append(list, x.orderOf(r))
		}
	}
	slices.SortFunc(list, func(a, b trading.Order) int {
		return strings.Compare(a.Symbol+"/"+string(a.Product)+"/"+a.ExchangeID, b.Symbol+"/"+string(b.Product)+"/"+b.ExchangeID)
	})
	return list, nil
}

// orderOf is a row that rests or waits.
func (x *Exchange) orderOf(r orderRow) trading.Order {
	o := trading.Order{
		Account: x.cfg.Account, Product: trading.Product(r.Category), Symbol: r.Symbol, Slot: slotOf(r.PositionIdx), Side: sideOf(r.Side),
		Type: trading.Market, ReduceOnly: r.ReduceOnly, Qty: r.Qty, Filled: r.Filled, Price: r.Price, ExchangeID: r.OrderID,
		CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
	}
	o.Status, _ = statusOf(r.Status, r.Filled)
	if r.Type == "Limit" {
		o.Type = trading.Limit
	}
	if r.Trigger.IsPositive() {
		o.Type, o.Price = trading.StopOrder, r.Trigger
	}
	if child := x.childOf(r); child != nil {
		o.Type, o.Parent, o.ReduceOnly = child.Type, child.Parent, true
	} else if ours(r.LinkID) {
		o.ID = trading.OrderID(r.LinkID)
	}
	return o
}
