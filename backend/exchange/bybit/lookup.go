package bybit

import (
	"context"
	"strconv"
	"time"

	"hoox/backend/trading"
)

// cleanAnswers is how many empty answers in a row make an absence.
const cleanAnswers = 3

// Lookup is what became of an order, by its client order id. false with a nil error is a proof that Bybit never took it;
// without proof the error is Unknown and nothing is said. A read that failed is no answer.
func (x *Exchange) Lookup(ctx context.Context, o trading.Order) (trading.Report, bool, error) {
	r, _, err := x.look(ctx, o, true)
	if err != nil {
		return trading.Report{}, false, trading.Errorf(trading.Unknown, "%s", err.Error())
	}
	if r.OrderID != "" {
		x.forgetAbsence(o.ID)
		return r, true, nil
	}
	armed := o.ArmedAt
	if armed.IsZero() {
		armed = o.CreatedAt
	}
	x.mu.Lock()
	x.absent[o.ID]++
	clean := x.absent[o.ID]
	x.mu.Unlock()
	since := x.cfg.Now().Sub(armed)
	switch {
	case x.onTime(ctx) != nil:
		return trading.Report{}, false, trading.Errorf(trading.Unknown, "bybit: order %s is not to be found, and the clocks do not agree", o.ID)
	case since < x.cfg.Settle:
		return trading.Report{}, false, trading.Errorf(trading.Unknown, "bybit: order %s is not to be found %s after it was sent, which proves nothing before %s", o.ID, since.Round(time.Millisecond), x.cfg.Settle)
	case clean < cleanAnswers:
		return trading.Report{}, false, trading.Errorf(trading.Unknown, "bybit: order %s is not to be found, asked %d of %d times", o.ID, clean, cleanAnswers)
	}
	x.forgetAbsence(o.ID)
	return trading.Report{}, false, nil
}

func (x *Exchange) forgetAbsence(id trading.OrderID) {
	x.mu.Lock()
	delete(x.absent, id)
	x.mu.Unlock()
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
	r = assemble(o.ID, row, fills)
	for i := range r.Fills {
		r.Fills[i].SignalID, r.Fills[i].Slot = o.SignalID, o.Slot
	}
	if row == nil {
		r.ExchangeID, r.Status = o.ExchangeID, trading.OrderPartiallyFilled
		if !r.Filled.Less(o.Qty) {
			r.Status = trading.OrderFilled
		}
		return r, true, nil
	}
	status, known := statusOf(row.Status, row.Filled)
	if !known {
		return trading.Report{}, false, trading.Errorf(trading.Unavailable, "bybit: %s: the status %q is not known", what, row.Status)
	}
	whole := r.Filled.Equal(row.Filled)
	if status.Final() && !whole && all {
		return trading.Report{}, false, trading.Errorf(trading.Unavailable, "bybit: %s: %s filled, but the executions add up to %s so far", what, row.Filled, r.Filled)
	}
	resting := row.Status == "New" || row.Status == "PartiallyFilled"
	return r, whole && (status.Final() || resting && o.Type == trading.Limit), nil
}

// findRow reads one order by our id; nil for a clean "not there".
func (x *Exchange) findRow(ctx context.Context, o trading.Order, what, path string) (*orderRow, error) {
	v := values{"category", string(o.Product), "symbol", o.Symbol, "orderLinkId", string(o.ID)}
	rows, err := readAll[orderRow](ctx, x, asking, what, path, v, true)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		if r.LinkID == string(o.ID) {
			r.Category = string(o.Product)
			return &r, nil
		}
	}
	return nil, nil
}

// fillsOf reads the executions of an order. Without a row everything of the symbol since just before the order was armed
// is read, so that an index that lags cannot hide a fill.
func (x *Exchange) fillsOf(ctx context.Context, o trading.Order, row *orderRow, what string) ([]trading.Fill, error) {
	v := values{"category", string(o.Product), "symbol", o.Symbol, "limit", "100"}
	if row != nil {
		v = append(v, "orderId", row.OrderID)
	} else if !o.ArmedAt.IsZero() {
		offset, _, _ := x.skew.Offset()
		from := o.ArmedAt.Add(offset - 5*time.Second)
		// More than a week at once is not answered.
		until := from.Add(7*24*time.Hour - time.Minute)
		v = append(v, "startTime", strconv.FormatInt(from.UnixMilli(), 10), "endTime", strconv.FormatInt(until.UnixMilli(), 10))
	}
	rows, err := readAll[executionRow](ctx, x, asking, what+": executions", "/v5/execution/list", v, true)
	if err != nil {
		return nil, err
	}
	var fills []trading.Fill
	seen := map[string]bool{}
	for _, r := range rows {
		r.Category = string(o.Product)
		mine := r.LinkID == string(o.ID) || row != nil && r.OrderID == row.OrderID
		if !mine || seen[r.ExecID] || !trades(r.Type) {
			continue
		}
		seen[r.ExecID] = true
		r.LinkID = string(o.ID)
		if f, ok := fillOf(x.cfg.Account, r); ok {
			fills = append(fills, f)
		}
	}
	return fills, nil
}

// Cancel asks for an order to end and answers with how it ended, or with how it rests when Bybit has not decided yet; it
// may be repeated. It fails with NotFound for an order of which there is no trace, which alone is no proof of absence,
// and with the kinds of Submit otherwise.
func (x *Exchange) Cancel(ctx context.Context, o trading.Order) (trading.Report, error) {
	what := "cancel order " + string(o.ID)
	if err := x.onTime(ctx); err != nil {
		return trading.Report{}, trading.Errorf(trading.Unavailable, "bybit: %s: %w", what, err)
	}
	body := map[string]string{"category": string(o.Product), "symbol": o.Symbol, "orderLinkId": string(o.ID)}
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
