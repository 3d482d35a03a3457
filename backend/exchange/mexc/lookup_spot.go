package mexc

import (
	"context"
	"strconv"

	"hoox/backend/tape"
	"hoox/backend/trading"
)

// spotPage is the most rows that a spot list answers with.
const spotPage = 1000

// findSpot reads the row and the executions of a spot order; nil for a clean "not there".
func (x *Exchange) findSpot(ctx context.Context, o trading.Order, all bool) (*tape.Row, []trading.Fill, error) {
	what := "look up order " + string(o.ID)
	var found spotOrder
	err := x.spotRead(ctx, finding, what, spotOrderPath, values{"symbol", o.Symbol, "origClientOrderId", string(o.ID)}, true, &found)
	if err == nil && found.ID.id() == "" {
		err = trading.Errorf(trading.Unavailable, "mexc: %s: an answer without the order", what)
	}
	if err == nil && !found.is(o) {
		err = anotherOrder(what, found.ID, found.Link)
	}
	here := err == nil
	if kind := trading.KindOf(err); err != nil && kind != trading.NotFound {
		if kind == trading.Invalid && x.unlisted(ctx, o.Symbol) {
			return nil, nil, nil
		}
		return nil, nil, err
	}
	if !here && all {
		if found, here, err = x.spotInLists(ctx, o, what); err != nil {
			return nil, nil, err
		}
	}
	if !here {
		if !all {
			return nil, nil, nil
		}
		fills, err := x.spotFills(ctx, o, "", what)
		return nil, fills, err
	}
	found.Link = string(o.ID)
	row, known := found.row()
	if !known {
		return nil, nil, trading.Errorf(trading.Unavailable, "mexc: %s: the status %q is not known", what, found.Status)
	}
	if !row.Qty.IsPositive() {
		row.Qty = o.Qty
	}
	if !found.Filled.IsPositive() {
		return &row, nil, nil
	}
	fills, err := x.spotFills(ctx, o, row.ExchangeID, what)
	return &row, fills, err
}

// unlisted tells for certain that there is no such symbol, and so no order of it.
func (x *Exchange) unlisted(ctx context.Context, symbol string) bool {
	_, err := x.coin(ctx, symbol)
	return trading.KindOf(err) == trading.Rejected
}

// spotInLists looks through the open orders and the history.
func (x *Exchange) spotInLists(ctx context.Context, o trading.Order, what string) (spotOrder, bool, error) {
	var open, past []spotOrder
	if err := x.spotRead(ctx, listing, what+": open orders", "/api/v3/openOrders", values{"symbol", o.Symbol}, true, &open); err != nil {
		return spotOrder{}, false, err
	}
	from := strconv.FormatInt(x.since(o).UnixMilli(), 10)
	v := values{"symbol", o.Symbol, "startTime", from, "limit", strconv.Itoa(spotPage)}
	if err := x.spotRead(ctx, recalling, what+": history", "/api/v3/allOrders", v, true, &past); err != nil {
		return spotOrder{}, false, err
	}
	for _, r := range append(open, past...) {
		if r.Link == string(o.ID) {
			return r, true, nil
		}
	}
	if len(past) >= spotPage {
		return spotOrder{}, false, trading.Errorf(trading.Unavailable, "mexc: %s: the history is longer than one answer", what)
	}
	return spotOrder{}, false, nil
}

// spotFills reads the executions of an order; without MEXC's id everything of the symbol since just before the order was
// armed is read, so that an index that lags cannot hide a fill.
func (x *Exchange) spotFills(ctx context.Context, o trading.Order, exchangeID, what string) ([]trading.Fill, error) {
	v := values{"symbol", o.Symbol, "orderId", exchangeID, "limit", strconv.Itoa(pageSize)}
	if exchangeID == "" {
		v = append(v, "startTime", strconv.FormatInt(x.since(o).UnixMilli(), 10))
	}
	var list []trade
	if err := x.spotRead(ctx, filling, what+": executions", "/api/v3/myTrades", v, true, &list); err != nil {
		return nil, err
	}
	if len(list) >= pageSize && exchangeID == "" {
		return nil, trading.Errorf(trading.Unavailable, "mexc: %s: more executions than one answer holds", what)
	}
	var fills []trading.Fill
	seen := map[text]bool{}
	for _, t := range list {
		mine := t.Link == string(o.ID) || exchangeID != "" && t.OrderID.id() == exchangeID
		if !mine || seen[t.ID] {
			continue
		}
		seen[t.ID] = true
		t.Symbol = o.Symbol
		owner := o.ID
		if exchangeID == "" {
			// The only trace of MEXC's id there is; look puts ours back.
			owner = trading.OrderID(t.OrderID.id())
		}
		if f, ok := t.fill(x.cfg.Account, owner); ok {
			fills = append(fills, f)
		}
	}
	return fills, nil
}

// cancelSpot sends the cancel; nil when it was taken, or when there is nothing to cancel any more.
func (x *Exchange) cancelSpot(ctx context.Context, o trading.Order, what string) error {
	var gone spotOrder
	v := values{"symbol", o.Symbol, "origClientOrderId", string(o.ID)}
	e, err := x.spotWrite(ctx, canceling, what, "DELETE", spotOrderPath, v, longestWindow, true, &gone)
	if err != nil {
		return err
	}
	if c := spotClass(e); c != done && c != missing {
		return failure(kindOf(c), what, e)
	}
	return nil
}
