package bybit

import (
	"context"
	"strconv"
	"time"

	"hoox/backend/tape"
	"hoox/backend/trading"
)

// Lookup is what became of an order, by its client order id. false with a nil error is a proof that Bybit never took it;
// without proof the error is Unknown and nothing is said. A read that failed is no answer.
func (x *Exchange) Lookup(ctx context.Context, o trading.Order) (trading.Report, bool, error) {
	r, _, err := x.look(ctx, o, true)
	if err == nil && r.OrderID == "" {
		err = x.absent(ctx, o)
	}
	if err != nil {
		return trading.Report{}, false, trading.Errorf(trading.Unknown, "%s", err.Error())
	}
	x.mu.Lock()
	delete(x.before, o.ID)
	x.mu.Unlock()
	if r.OrderID == "" {
		return trading.Report{}, false, nil
	}
	x.absence.Found(o.ID)
	return r, true, nil
}

// absent counts a clean empty answer about an order and is nil once that is a proof: the lists show what they must show,
// and the position is what the executions make of it.
func (x *Exchange) absent(ctx context.Context, o trading.Order) error {
	if err := x.sing(ctx, o); err != nil {
		return err
	}
	if err := x.explained(ctx, o); err != nil {
		return err
	}
	return x.absence.Empty("bybit", o, x.cfg.Now(), x.cfg.Settle, x.onTime(ctx))
}

// look asks for an order: the open and latest ones first, then, when all is asked for, the history and the executions.
// settled tells that nothing more has to be waited for. A report without an order id is a clean "not there".
func (x *Exchange) look(ctx context.Context, o trading.Order, all bool) (r trading.Report, settled bool, err error) {
	what := "look up order " + string(o.ID)
	row, err := x.findRow(ctx, o, what, "/v5/order/realtime")
	if err != nil {
		return r, false, err
	}
	if row == nil && all {
		if row, err = x.findRow(ctx, o, what, "/v5/order/history"); err != nil {
			return r, false, err
		}
	}
	if row == nil && !all {
		return r, false, nil
	}
	var fills []trading.Fill
	if row == nil || row.Filled.IsPositive() {
		if fills, err = x.fillsOf(ctx, o, row, what); err != nil {
			return r, false, err
		}
	}
	if row == nil && len(fills) == 0 {
		return r, false, nil
	}
	if row == nil {
		r = tape.Assemble(o.ID, nil, fills)
		r.ExchangeID, r.Status = string(fills[0].OrderID), trading.OrderPartiallyFilled
		if !r.Filled.Less(o.Qty) {
			r.Status = trading.OrderFilled
		}
		return own(r, o), true, nil
	}
	known, ok := x.rowOf(*row)
	if !ok {
		return trading.Report{}, false, trading.Errorf(trading.Unavailable, "bybit: %s: the status %q is not known", what, row.Status)
	}
	x.noteSeen(o, *row)
	r = own(tape.Assemble(o.ID, &known, fills), o)
	whole := r.Filled.Equal(row.Filled)
	if known.Status.Final() && !whole && all {
		return trading.Report{}, false, trading.Errorf(trading.Unavailable, "bybit: %s: %s filled, but the executions add up to %s so far", what, row.Filled, r.Filled)
	}
	resting := row.Status == "New" || row.Status == "PartiallyFilled"
	return r, whole && (known.Status.Final() || resting && o.Type == trading.Limit), nil
}

// own gives the fills of a report to the order that was asked for.
func own(r trading.Report, o trading.Order) trading.Report {
	for i := range r.Fills {
		r.Fills[i].OrderID, r.Fills[i].SignalID, r.Fills[i].Slot = o.ID, o.SignalID, o.Slot
	}
	return r
}

// nameOf is how an order is named in a request: by our id, or by Bybit's for an order that Bybit made.
func nameOf(o trading.Order) (field, id string) {
	if o.ExchangeID == string(o.ID) {
		return "orderId", o.ExchangeID
	}
	return "orderLinkId", string(o.ID)
}

// findRow reads one order; nil for a clean "not there".
func (x *Exchange) findRow(ctx context.Context, o trading.Order, what, path string) (*orderRow, error) {
	field, id := nameOf(o)
	v := values{"category", string(o.Product), "symbol", o.Symbol, field, id}
	rows, err := readAll[orderRow](ctx, x.line, limitOf(path), what, path, v, true)
	if err != nil {
		// Also a question that Bybit calls wrong is no answer, and no verdict on the order.
		return nil, trading.Errorf(trading.Unavailable, "%s", err.Error())
	}
	for _, r := range rows {
		if field == "orderId" && r.OrderID == id || field == "orderLinkId" && r.LinkID == id {
			r.Category = string(o.Product)
			return &r, nil
		}
	}
	return nil, nil
}

// limitOf is the limit of a path that lists orders.
func limitOf(path string) group {
	if path == "/v5/order/history" {
		return remembering
	}
	return asking
}

// executionsSince reads everything of a symbol since just before a moment, so that an index that lags cannot hide a fill.
func (x *Exchange) executionsSince(ctx context.Context, o trading.Order, at time.Time, what string) ([]executionRow, error) {
	v := values{"category", string(o.Product), "symbol", o.Symbol, "limit", "100"}
	if !at.IsZero() {
		offset, _, _ := x.skew.Offset()
		from := at.Add(offset - early)
		// More than a week at once is not answered.
		until := from.Add(7*24*time.Hour - time.Minute)
		v = append(v, "startTime", strconv.FormatInt(from.UnixMilli(), 10), "endTime", strconv.FormatInt(until.UnixMilli(), 10))
	}
	return readAll[executionRow](ctx, x.line, executing, what+": executions", "/v5/execution/list", v, true)
}

// fillsOf reads the executions of an order; without a row those that carry its id.
func (x *Exchange) fillsOf(ctx context.Context, o trading.Order, row *orderRow, what string) ([]trading.Fill, error) {
	var rows []executionRow
	var err error
	if row == nil {
		rows, err = x.executionsSince(ctx, o, o.ArmedAt, what)
	} else {
		v := values{"category", string(o.Product), "symbol", o.Symbol, "limit", "100", "orderId", row.OrderID}
		rows, err = readAll[executionRow](ctx, x.line, executing, what+": executions", "/v5/execution/list", v, true)
	}
	if err != nil {
		return nil, err
	}
	var fills []trading.Fill
	seen := map[string]bool{}
	for _, r := range rows {
		r.Category = string(o.Product)
		mine := r.LinkID == string(o.ID) || r.OrderID == string(o.ID) || row != nil && r.OrderID == row.OrderID
		if !mine || seen[r.ExecID] {
			continue
		}
		seen[r.ExecID] = true
		r.LinkID = ""
		if f, ok := fillOf(x.cfg.Account, r); ok {
			fills = append(fills, f)
		}
	}
	return fills, nil
}
