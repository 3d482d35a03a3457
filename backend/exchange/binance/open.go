package binance

import (
	"context"
	"encoding/json"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

// Open is everything that rests or waits at Binance, conditional orders too. ID is our client order id, or "" for somebody
// else's and for protections of ours, which name their Parent. Price is the trigger of a conditional order.
func (x *Exchange) Open(ctx context.Context) ([]trading.Order, error) {
	list := []trading.Order{}
	for _, s := range x.sides() {
		rows, err := exchange.Patient(ctx, func() ([]orderRow, error) { return x.openRows(ctx, s, "") })
		if x.leave(s, err) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			list = append(list, x.openOrder(s, r))
		}
		if s.product != trading.Linear {
			continue
		}
		algos, err := exchange.Patient(ctx, func() ([]algoRow, error) { return x.openAlgos(ctx, "") })
		if err != nil {
			return nil, err
		}
		for _, a := range algos {
			list = append(list, a.order(x.cfg.Account))
		}
	}
	return list, nil
}

// openRows lists the open orders of a symbol, or of all when it is "".
func (x *Exchange) openRows(ctx context.Context, s *side, symbol string) ([]orderRow, error) {
	var rows []orderRow
	weight := pick(symbol == "", s.paths.everyWeight, s.paths.openWeight)
	err := x.read(ctx, s, call{path: s.paths.open, v: values{"symbol", symbol}, what: "list open orders", weight: weight, large: true}, &rows)
	return rows, err
}

func (x *Exchange) openOrder(s *side, r orderRow) trading.Order {
	id := exchangeID(s.product, r.Symbol, r.ID)
	f := x.meaning(r.ClientID, id)
	status, _ := statusOf(r.Status)
	o := trading.Order{
		ID: f.order, Account: x.cfg.Account, Product: s.product, Symbol: r.Symbol, Slot: slotOf(r.PositionSide), Side: sideOf(r.Side), Type: trading.Limit,
		ReduceOnly: r.ReduceOnly, Qty: r.Qty, Filled: r.Filled, Price: r.Price, Status: status, ExchangeID: id, Parent: f.parent,
		CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.at(),
	}
	switch {
	case f.kind != "":
		o.Type, o.ReduceOnly = f.kind, true
	case r.Type == "MARKET":
		o.Type = trading.Market
	case r.Type == "STOP_LOSS" || r.Type == "STOP_LOSS_LIMIT":
		o.Type = trading.StopOrder
	case r.Type == "TAKE_PROFIT" || r.Type == "TAKE_PROFIT_LIMIT":
		o.Type = trading.TargetOrder
	}
	if r.Stop.IsPositive() {
		o.Price = r.Stop
	}
	return o
}

// CancelAll cancels everything that rests or waits for one instrument, whoever placed it, conditional orders too. Nothing
// to cancel is success.
func (x *Exchange) CancelAll(ctx context.Context, key trading.InstrumentKey) error {
	ctx = pressed(ctx)
	s, err := x.side(key.Product)
	if err != nil {
		return err
	}
	if err := x.clockRead(ctx, s); err != nil {
		return err
	}
	paths := []string{s.paths.cancelAll}
	if key.Product == trading.Linear {
		paths = append(paths, "/fapi/v1/algoOpenOrders")
	}
	for _, path := range paths {
		c := call{method: "DELETE", path: path, v: values{"symbol", key.Symbol}, what: "cancel all orders of " + key.Symbol, weight: 1, urgent: true}
		r, err := x.write(ctx, s, c)
		if err != nil {
			return err
		}
		if r.class != done && r.class != absent {
			return failure(kindOf(r.class), c.what, r)
		}
	}
	return nil
}

// CancelForeign cancels one order by Binance's id, whoever placed it; only a person may ask for it. An order that has
// ended is success.
func (x *Exchange) CancelForeign(ctx context.Context, o trading.Order) error {
	s, err := x.side(o.Product)
	if err != nil {
		return err
	}
	ctx = pressed(ctx)
	n, algo := numberIn(o.ExchangeID)
	if n == "" {
		return trading.Errorf(trading.Invalid, "binance: %q is no order of Binance", o.ExchangeID)
	}
	if err := x.clockRead(ctx, s); err != nil {
		return err
	}
	if algo {
		return x.cancelAlgo(ctx, algoRow{ID: n, Symbol: o.Symbol})
	}
	return x.cancelRow(ctx, s, orderRow{ID: n, Symbol: o.Symbol})
}

// cancelRow cancels one order by Binance's id, and the list that it belongs to; one that has ended is success.
func (x *Exchange) cancelRow(ctx context.Context, s *side, r orderRow) error {
	what := "cancel order " + exchangeID(s.product, r.Symbol, r.ID)
	c := call{method: "DELETE", path: s.paths.order, v: values{"symbol", r.Symbol, "orderId", string(r.ID)}, what: what, weight: 1, urgent: true}
	if s.product == trading.Spot && r.ListID != "" && r.ListID != "-1" {
		c.path, c.v = "/api/v3/orderList", values{"symbol", r.Symbol, "orderListId", string(r.ListID)}
	}
	answer, err := x.write(ctx, s, c)
	if err != nil {
		return err
	}
	if answer.class != done && answer.class != absent {
		return failure(kindOf(answer.class), what, answer)
	}
	return nil
}

// Amend changes quantity and price of a resting limit order; a zero leaves one as it is. On spot Binance only lets the
// quantity shrink: anything else is Rejected in words. The order keeps its ids. The kinds of error are those of Submit.
func (x *Exchange) Amend(ctx context.Context, o trading.Order, qty trading.Qty, price trading.Price) (trading.Report, error) {
	s, err := x.side(o.Product)
	if err != nil {
		return trading.Report{}, err
	}
	if qty.IsZero() {
		qty = o.Qty
	}
	if price.IsZero() {
		price = o.Price
	}
	what := "amend order " + string(o.ID)
	c := call{method: "PUT", path: s.paths.order, what: what, weight: 1, places: true, v: values{
		"symbol", o.Symbol, "origClientOrderId", string(o.ID), "side", sideWord(o.Side), "quantity", qty.String(), "price", price.String(),
	}}
	if o.Product == trading.Spot {
		if !price.Equal(o.Price) || !qty.Less(o.Qty) {
			return trading.Report{}, trading.Errorf(trading.Rejected, "binance: %s: on spot an order can only be made smaller: cancel it and place another", what)
		}
		// Without the id Binance would give the order another one.
		c.path, c.weight = "/api/v3/order/amend/keepPriority", 4
		c.v = values{"symbol", o.Symbol, "origClientOrderId", string(o.ID), "newQty", qty.String(), "newClientOrderId", string(o.ID)}
	}
	if err := x.onTime(ctx, s); err != nil {
		return trading.Report{}, trading.Errorf(trading.Unavailable, "binance: %s: %w", what, err)
	}
	answer, err := x.write(ctx, s, c)
	if err != nil {
		return trading.Report{}, err
	}
	if answer.class != done && answer.class != already {
		return trading.Report{}, failure(pick(answer.class == absent, trading.Rejected, kindOf(answer.class)), what, answer)
	}
	if !json.Valid(answer.body) {
		return trading.Report{}, trading.Errorf(trading.Unknown, "binance: %s: acknowledged without an answer", what)
	}
	o.Qty, o.Price = qty, price
	r, _, err := x.look(ctx, s, o, true)
	if err != nil {
		return trading.Report{}, trading.Errorf(trading.Unknown, "%s", err.Error())
	}
	return r, nil
}
