package mexc

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

// planRow is a trigger order: one that becomes an order at a price. It lives for seven days at most.
type planRow struct {
	ID        text            `json:"id"`
	Symbol    string          `json:"symbol"`
	Side      int             `json:"side"`
	Trigger   amount          `json:"triggerPrice"`
	Vol       amount          `json:"vol"`
	Above     int             `json:"triggerType"`
	Mode      int             `json:"positionMode"`
	Reduce    bool            `json:"reduceOnly"`
	CreatedAt exchange.Millis `json:"createTime"`
}

const (
	plansPath = "/api/v1/private/planorder/list/orders"
	planLife  = 7*24*time.Hour + time.Hour
	above     = 1
)

// Open lists everything that rests or waits at MEXC, whoever made it: orders, trigger orders, and what watches over
// positions. ID is our client order id or ""; Parent is told for protections that are known to be ours.
func (x *Exchange) Open(ctx context.Context) ([]trading.Order, error) {
	var list []trading.Order
	add := func(reads ...func(context.Context) ([]trading.Order, error)) func() error {
		return func() error {
			for _, read := range reads {
				part, err := exchange.Patient(ctx, func() ([]trading.Order, error) { return read(ctx) })
				if err != nil {
					return err
				}
				list = append(list, part...)
			}
			return nil
		}
	}
	if err := x.readBoth(add(x.openFutures, x.openStops, x.openPlans, x.openTrails), add(x.openSpot)); err != nil {
		return nil, err
	}
	return list, nil
}

// blank is an order of futures that is not filled in yet.
func (x *Exchange) blank(ctx context.Context, symbol string, code, mode int, exchangeID string, at time.Time) (trading.Order, contract, error) {
	c, err := x.contract(ctx, symbol)
	if err != nil {
		return trading.Order{}, c, trading.Errorf(trading.Unavailable, "%s", err.Error())
	}
	is, err := x.positionMode(ctx)
	return trading.Order{
		Account: x.cfg.Account, Product: trading.Linear, Symbol: symbol, Slot: slot(modeOf(mode, is), kindOfSide(code)), Side: side(code),
		ReduceOnly: closes(code), ExchangeID: exchangeID, Status: trading.OrderAccepted, CreatedAt: at, UpdatedAt: at,
	}, c, err
}

func (x *Exchange) openFutures(ctx context.Context) ([]trading.Order, error) {
	found, err := futuresPages[futuresOrder](ctx, x, listing, "list open orders", openPath, nil, nil)
	if err != nil {
		return nil, err
	}
	var list []trading.Order
	for _, r := range found {
		o, c, err := x.blank(ctx, r.Symbol, r.Side, r.Mode, r.ID.id(), r.CreatedAt.Time)
		if err != nil {
			return nil, err
		}
		status, known := r.status()
		if !known {
			status = trading.OrderUnknown
		}
		o.ID, o.Type, o.Status, o.Price, o.UpdatedAt = ourID(r.Link), trading.Limit, status, r.Price.price(), r.UpdatedAt.Time
		if o.ID == "" {
			o.ID = x.book.owner(o.ExchangeID)
		}
		if r.Type == marketType {
			o.Type = trading.Market
		}
		o.ReduceOnly = o.ReduceOnly || r.ReduceOnly
		o.Qty, o.Filled = c.base(r.Vol), c.base(r.Filled)
		list = append(list, o)
	}
	return list, nil
}

// openStops lists a record with a stop-loss and a target as two orders of one id.
func (x *Exchange) openStops(ctx context.Context) ([]trading.Order, error) {
	found, err := x.stopRows(ctx, "")
	if err != nil {
		return nil, err
	}
	var list []trading.Order
	for _, r := range found {
		code := closeLong
		if r.Type == shortType {
			code = closeShort
		}
		o, c, err := x.blank(ctx, r.Symbol, code, 0, r.ID.id(), r.CreatedAt.Time)
		if err != nil {
			return nil, err
		}
		if _, err := x.isOurs(ctx, r); err != nil {
			return nil, err
		}
		o.Parent, _ = x.book.parent(r.ID.id())
		o.Qty = c.base(r.Vol)
		for _, l := range r.legs(trading.Qty{}) {
			o.Price, o.Type = l.price, trading.StopOrder
			if l.target {
				o.Type = trading.TargetOrder
			}
			list = append(list, o)
		}
	}
	return list, nil
}

func (x *Exchange) plans(ctx context.Context, symbol string) ([]planRow, error) {
	now := x.futures.skew.Now()
	v := values{"symbol", symbol, "states", "1", "start_time", strconv.FormatInt(now.Add(-planLife).UnixMilli(), 10),
		"end_time", strconv.FormatInt(now.Add(time.Minute).UnixMilli(), 10)}
	return futuresPages[planRow](ctx, x, listing, "list trigger orders", plansPath, v, nil)
}

func (x *Exchange) openPlans(ctx context.Context) ([]trading.Order, error) {
	found, err := x.plans(ctx, "")
	if err != nil {
		return nil, err
	}
	var list []trading.Order
	for _, r := range found {
		o, c, err := x.blank(ctx, r.Symbol, r.Side, r.Mode, r.ID.id(), r.CreatedAt.Time)
		if err != nil {
			return nil, err
		}
		o.Type, o.Qty, o.Price, o.ReduceOnly = trading.TargetOrder, c.base(r.Vol), r.Trigger.price(), o.ReduceOnly || r.Reduce
		if (r.Above == above) == (o.Side == trading.Buy) {
			o.Type = trading.StopOrder
		}
		list = append(list, o)
	}
	return list, nil
}

// openTrails lists trailing stops. One that this process does not know may still be ours, of a former run, where there is
// a position for it; where there is none it would close the next one, and is shown.
func (x *Exchange) openTrails(ctx context.Context) ([]trading.Order, error) {
	found, err := x.trailRows(ctx, "", waitingTrails)
	if err != nil || len(found) == 0 {
		return nil, err
	}
	held, err := x.positionRows(ctx, "")
	if err != nil {
		return nil, err
	}
	var list []trading.Order
	for _, r := range found {
		o, c, err := x.blank(ctx, r.Symbol, r.Side, 0, r.ID.id(), r.CreatedAt.Time)
		if err != nil {
			return nil, err
		}
		var known bool
		o.Parent, known = x.book.parent(trailKey(r.ID))
		if !known && slices.ContainsFunc(held, func(p position) bool { return p.Symbol == r.Symbol && p.Type == kindOfSide(r.Side) }) {
			continue
		}
		o.Type, o.Qty, o.Price = trading.StopOrder, c.base(r.Vol), r.Trigger.price()
		list = append(list, o)
	}
	return list, nil
}

func (x *Exchange) openSpot(ctx context.Context) ([]trading.Order, error) {
	var found []spotOrder
	if err := x.spotRead(ctx, listing, "list open orders", "/api/v3/openOrders", nil, true, &found); err != nil {
		return nil, err
	}
	var list []trading.Order
	for _, r := range found {
		status, known := spotStatus(r.Status, r.Filled)
		if !known {
			status = trading.OrderUnknown
		}
		o := trading.Order{
			ID: ourID(r.Link), Account: x.cfg.Account, Product: trading.Spot, Symbol: r.Symbol, Slot: trading.SlotBoth, Side: spotSide(r.Side),
			Type: trading.Limit, Qty: r.asked().qty(), Filled: r.Filled.qty(), Price: r.Price.price(), Status: status, ExchangeID: r.ID.id(),
			CreatedAt: r.CreatedAt.Time, UpdatedAt: r.UpdatedAt.Time,
		}
		if r.Type == "MARKET" {
			o.Type = trading.Market
		}
		list = append(list, o)
	}
	return list, nil
}

// CancelAll cancels every order of an instrument that rests or waits, whoever made it; what watches over a position stays,
// because it can only close. It may be repeated.
func (x *Exchange) CancelAll(ctx context.Context, key trading.InstrumentKey) error {
	what := "cancel all orders of " + key.Symbol
	if key.Product == trading.Spot {
		if err := x.clockRead(ctx, trading.Spot); err != nil {
			return err
		}
		var gone json.RawMessage
		e, err := x.spotWrite(ctx, canceling, what, "DELETE", "/api/v3/openOrders", values{"symbol", key.Symbol}, longestWindow, true, &gone)
		if err != nil {
			return err
		}
		if c := spotClass(e); c != done && c != missing {
			return failure(kindOf(c), what, e)
		}
		return nil
	}
	e, err := x.adjust(ctx, canceling, what, "/api/v1/private/order/cancel_all", map[string]string{"symbol": key.Symbol}, true)
	if err != nil {
		return err
	}
	if e = itemCode(e); futuresClass(e) != done && futuresClass(e) != already {
		return failure(kindOf(futuresClass(e)), what, e)
	}
	plans, err := x.plans(ctx, key.Symbol)
	if err != nil {
		return err
	}
	for _, r := range plans {
		if err := x.cancelPlan(ctx, key.Symbol, r.ID.id()); err != nil {
			return err
		}
	}
	return nil
}

func (x *Exchange) cancelPlan(ctx context.Context, symbol, id string) error {
	_, err := x.adjust(ctx, canceling, "cancel a trigger order", "/api/v1/private/planorder/cancel", []map[string]string{{"symbol": symbol, "orderId": id}}, true)
	return err
}

// CancelForeign cancels one thing that Open showed, by MEXC's id, because a person asks. Something that has ended already
// is success.
func (x *Exchange) CancelForeign(ctx context.Context, o trading.Order) error {
	what := "cancel order " + o.ExchangeID
	switch {
	case o.ExchangeID == "":
		return trading.FieldError("exchangeId", "the order has no id of MEXC")
	case o.Product == trading.Spot:
		if err := x.clockRead(ctx, trading.Spot); err != nil {
			return err
		}
		var gone spotOrder
		e, err := x.spotWrite(ctx, canceling, what, "DELETE", spotOrderPath, values{"symbol", o.Symbol, "orderId", o.ExchangeID}, longestWindow, true, &gone)
		if err == nil && spotClass(e) != done && spotClass(e) != missing {
			err = failure(kindOf(spotClass(e)), what, e)
		}
		return err
	case o.Type == trading.Market || o.Type == trading.Limit:
		e, err := x.adjust(ctx, canceling, what, "/api/v1/private/order/cancel", []string{o.ExchangeID}, true)
		if err != nil {
			return err
		}
		if e = itemCode(e); futuresClass(e) != done && futuresClass(e) != already {
			return failure(kindOf(futuresClass(e)), what, e)
		}
		return nil
	}
	return x.cancelWaiting(ctx, o)
}

// cancelWaiting cancels a protection, a trigger order or a trailing stop, whichever the id is of.
func (x *Exchange) cancelWaiting(ctx context.Context, o trading.Order) error {
	stops, err := x.stopRows(ctx, o.Symbol)
	if err != nil {
		return err
	}
	for _, r := range stops {
		if r.ID.id() == o.ExchangeID {
			return x.cancelStops(ctx, []stopRow{r})
		}
	}
	plans, err := x.plans(ctx, o.Symbol)
	if err != nil {
		return err
	}
	for _, r := range plans {
		if r.ID.id() == o.ExchangeID {
			return x.cancelPlan(ctx, o.Symbol, r.ID.id())
		}
	}
	trails, err := x.trailRows(ctx, o.Symbol, waitingTrails)
	if err != nil {
		return err
	}
	for _, r := range trails {
		if r.ID.id() == o.ExchangeID {
			return x.cancelTrails(ctx, []trailRow{r})
		}
	}
	return nil
}

// Amend is rejected: MEXC gives a changed futures order a new id that does not carry ours, so it could not be found again,
// and spot orders cannot be changed at all.
func (x *Exchange) Amend(_ context.Context, o trading.Order, _ trading.Qty, _ trading.Price) (trading.Report, error) {
	return trading.Report{}, trading.Errorf(trading.Rejected, "mexc: order %s cannot be changed without losing its id: cancel it and place another", o.ID)
}

// Ping is how long one small public read takes, there and back.
func (x *Exchange) Ping(ctx context.Context) (time.Duration, error) {
	sent := x.cfg.Now()
	if err := x.syncClock(ctx, trading.Linear); err != nil {
		return 0, err
	}
	return x.cfg.Now().Sub(sent), nil
}
