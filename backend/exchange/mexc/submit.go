package mexc

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"hoox/backend/tape"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// The margin modes and order types of futures, and the price that protections look at.
const (
	isolated    = 1
	cross       = 2
	limitType   = 1
	marketType  = 5
	fairPrice   = 2
	createPath  = "/api/v1/private/order/create"
	hedgeMode   = 1
	oneWayMode  = 2
	firstLookIn = 25 * time.Millisecond
)

// createBody is a futures order as it is sent, numbers as their digits. It is signed as it is written.
type createBody struct {
	Symbol       string      `json:"symbol"`
	Price        json.Number `json:"price,omitempty"`
	Vol          json.Number `json:"vol"`
	Leverage     int         `json:"leverage,omitempty"`
	Side         int         `json:"side"`
	Type         int         `json:"type"`
	OpenType     int         `json:"openType"`
	PositionID   json.Number `json:"positionId,omitempty"`
	Link         string      `json:"externalOid"`
	StopLoss     json.Number `json:"stopLossPrice,omitempty"`
	TakeProfit   json.Number `json:"takeProfitPrice,omitempty"`
	LossTrend    int         `json:"lossTrend,omitempty"`
	ProfitTrend  int         `json:"profitTrend,omitempty"`
	PositionMode int         `json:"positionMode"`
	ReduceOnly   bool        `json:"reduceOnly,omitempty"`
}

// digits is a number as JSON.
func digits[U any](n trading.Num[U]) json.Number { return json.Number(n.String()) }

func openTypeOf(m trading.MarginMode) int {
	if m == trading.Cross {
		return cross
	}
	return isolated
}

func modeCode(m trading.PositionMode) int {
	if m == trading.Hedge {
		return hedgeMode
	}
	return oneWayMode
}

// Submit sends one order, once, and answers with what became of it as far as MEXC says within Config.Patience. The kinds
// of error: Rejected, a certain no, in words; Unavailable, it never left; Limited, not processed; Unknown, it may live:
// ask Lookup.
func (x *Exchange) Submit(ctx context.Context, o trading.Order) (trading.Report, error) {
	if o.Account != x.cfg.Account {
		return trading.Report{}, trading.Errorf(trading.Rejected, "mexc: order %s is for account %s, this is %s", o.ID, o.Account, x.cfg.Account)
	}
	if err := checkOrder(o); err != nil {
		return trading.Report{}, err
	}
	submit := x.submitFutures
	if o.Product == trading.Spot {
		submit = x.submitSpot
	}
	return submit(ctx, o)
}

// checkOrder rejects what MEXC cannot keep, before anything is asked.
func checkOrder(o trading.Order) error {
	switch {
	case o.Product != trading.Linear && o.Product != trading.Spot:
		return trading.Errorf(trading.Rejected, "mexc: there is no product %q", string(o.Product))
	case o.Type != trading.Market && o.Type != trading.Limit:
		return trading.Errorf(trading.Rejected, "mexc: an order of type %q is not sent", string(o.Type))
	case len(o.ID) == 0 || len(o.ID) > 32:
		return trading.Errorf(trading.Rejected, "mexc: the order id %q must have 1 to 32 characters", string(o.ID))
	case !o.Qty.IsPositive():
		return trading.Errorf(trading.Rejected, "mexc: the quantity is %s: it must be more than zero", o.Qty)
	case o.Type == trading.Limit && !o.Price.IsPositive():
		return trading.Errorf(trading.Rejected, "mexc: a limit order needs a price")
	case o.ReduceOnly && !o.Protection.IsZero():
		return trading.Errorf(trading.Rejected, "mexc: a reduce-only order cannot carry a take-profit or a stop")
	case o.Product == trading.Spot && !o.Protection.IsZero():
		return trading.Errorf(trading.Rejected, "mexc: spot at MEXC keeps no take-profit and no stop, so nothing would protect the entry: send it without, or trade the perpetual")
	case o.Product == trading.Spot && o.Slot != trading.SlotBoth && o.Slot != "":
		return trading.Errorf(trading.Rejected, "mexc: spot has no %s side", o.Slot)
	case o.Product == trading.Spot && o.ReduceOnly && o.Side == trading.Buy:
		return trading.Errorf(trading.Rejected, "mexc: a spot buy cannot reduce anything")
	}
	return nil
}

func (x *Exchange) submitFutures(ctx context.Context, o trading.Order) (trading.Report, error) {
	c, err := x.contract(ctx, o.Symbol)
	if err != nil {
		return trading.Report{}, err
	}
	body, err := bodyOf(o, c)
	if err != nil {
		return trading.Report{}, err
	}
	if err := x.onTime(ctx, trading.Linear); err != nil {
		return trading.Report{}, trading.Errorf(trading.Unavailable, "mexc: not sent: %w", err)
	}
	if err := x.prepare(ctx, o, &body); err != nil {
		return trading.Report{}, err
	}
	return x.once(ctx, o, func() (trading.Report, error) {
		what := "place order " + string(o.ID)
		if err := x.futures.take(ctx, creating, o.ReduceOnly, what); err != nil {
			return trading.Report{}, err
		}
		window, err := x.window(o)
		if err != nil {
			return trading.Report{}, err
		}
		// A connection that comes later would carry an order whose time is over, and MEXC would take it.
		connect, cancel := context.WithTimeout(ctx, window)
		defer cancel()
		e, err := x.futuresSend(connect, what, createPath, body)
		if err != nil {
			return trading.Report{}, err
		}
		return x.acknowledged(ctx, o, what, e)
	})
}

// once calls send unless the order may have left before, which is Unknown: MEXC promises nothing about an id that comes
// twice. Of an order that is older than this process it is asked first. An order that provably was not taken may leave
// again.
func (x *Exchange) once(ctx context.Context, o trading.Order, send func() (trading.Report, error)) (trading.Report, error) {
	if o.CreatedAt.Before(x.started) {
		r, _, err := x.look(ctx, o, false)
		if err != nil {
			return trading.Report{}, trading.Errorf(trading.Unavailable, "mexc: not sent: whether order %s was sent before is not known: %w", o.ID, err)
		}
		if r.OrderID != "" {
			return trading.Report{}, trading.Errorf(trading.Unknown, "mexc: order %s is there already: look it up", o.ID)
		}
	}
	if !x.book.send(o.ID) {
		return trading.Report{}, trading.Errorf(trading.Unknown, "mexc: order %s was sent before: look it up", o.ID)
	}
	r, err := send()
	if kind := trading.KindOf(err); kind == trading.Unavailable || kind == trading.Limited {
		x.book.back(o.ID)
	}
	return r, err
}

// window is how long the exchange may still take the order; Unavailable when its time is over.
func (x *Exchange) window(o trading.Order) (time.Duration, error) {
	window := longestWindow
	if !o.Deadline.IsZero() {
		window = min(window, o.Deadline.Sub(x.cfg.Now()))
	}
	if window < shortestWindow {
		return 0, trading.Errorf(trading.Unavailable, "mexc: not sent: the order's time is over")
	}
	return window, nil
}

// bodyOf writes an order in MEXC's words. It fails with Rejected for what cannot be written exactly.
func bodyOf(o trading.Order, c contract) (createBody, error) {
	if why := c.closed(); why != "" {
		return createBody{}, trading.Errorf(trading.Rejected, "mexc: %s cannot be traded: %s", o.Symbol, why)
	}
	vol, ok := c.vol(o.Qty)
	if !ok {
		return createBody{}, trading.Errorf(trading.Rejected, "mexc: %s %s is no whole number of contracts of %s", o.Qty, c.Base, c.unit().Times(c.Size.Ratio))
	}
	if err := checkSize(o, c); err != nil {
		return createBody{}, err
	}
	b := createBody{
		Symbol: o.Symbol, Vol: digits(vol), Side: sideCode(o.Side, o.ReduceOnly), Type: marketType, OpenType: openTypeOf(o.MarginMode), Link: string(o.ID),
	}
	if o.Type == trading.Limit {
		b.Type, b.Price = limitType, digits(o.Price)
	}
	p := o.Protection
	if p.StopLoss.IsPositive() {
		b.StopLoss, b.LossTrend = digits(p.StopLoss), fairPrice
	}
	if len(p.TakeProfit) == 1 && (p.TakeProfit[0].Qty.IsZero() || p.TakeProfit[0].Qty.Equal(o.Qty)) {
		b.TakeProfit, b.ProfitTrend = digits(p.TakeProfit[0].Price), fairPrice
	}
	return b, nil
}

func checkSize(o trading.Order, c contract) error {
	i := c.instrument()
	tick := i.TickSize
	switch {
	case o.Qty.Less(i.MinQty):
		return trading.Errorf(trading.Rejected, "mexc: %s %s is less than the smallest order, %s", o.Qty, c.Base, i.MinQty)
	case i.MaxQty.IsPositive() && o.Qty.More(i.MaxQty):
		return trading.Errorf(trading.Rejected, "mexc: %s %s is more than the largest order, %s", o.Qty, c.Base, i.MaxQty)
	case o.Type == trading.Limit && !o.Price.Floor(tick).Equal(o.Price):
		return trading.Errorf(trading.Rejected, "mexc: price %s is no multiple of the tick %s", o.Price, tick)
	}
	return nil
}

// acknowledged reads the answer to a submit.
func (x *Exchange) acknowledged(ctx context.Context, o trading.Order, what string, e envelope) (trading.Report, error) {
	switch c := futuresClass(e); c {
	case done:
	case repeated:
		return trading.Report{}, failure(trading.Unknown, what+": the id was sent before", e)
	default:
		if e.number >= 6001 && e.number <= 6005 {
			x.forgetMode()
		}
		return trading.Report{}, failure(kindOf(c), what, e)
	}
	exchangeID, code := createdID(e.Data)
	if code != 0 && exchangeID != "" {
		return trading.Report{}, trading.Errorf(trading.Unknown, "mexc: %s: acknowledged with an id and with error %d", what, code)
	}
	if code != 0 {
		e.number = code
		return trading.Report{}, failure(kindOf(futuresClass(e)), what, e)
	}
	if exchangeID == "" {
		return trading.Report{}, trading.Errorf(trading.Unknown, "mexc: %s: acknowledged without an order id", what)
	}
	x.book.own(exchangeID, o.ID)
	return x.outcome(ctx, o, exchangeID)
}

// createdID reads both shapes of an acknowledgement: an object with the id, or the id alone. An object may carry the code
// of a refusal in spite of the success around it.
func createdID(data json.RawMessage) (exchangeID string, code int) {
	var object struct {
		ID    text `json:"orderId"`
		Error int  `json:"errorCode"`
	}
	if json.Unmarshal(data, &object) == nil {
		return object.ID.id(), object.Error
	}
	var bare text
	if len(data) > 0 && data[0] != '[' && data[0] != '{' && json.Unmarshal(data, &bare) == nil {
		return bare.id(), 0
	}
	return "", 0
}

// outcome asks what became of an acknowledged order. "Accepted" may be all that can be said; the stream tells the rest.
func (x *Exchange) outcome(ctx context.Context, o trading.Order, exchangeID string) (trading.Report, error) {
	accepted := trading.Report{OrderID: o.ID, ExchangeID: exchangeID, Status: trading.OrderAccepted, At: x.cfg.Now().UTC()}
	o.ExchangeID = exchangeID
	x.book.heard(tape.Row{ExchangeID: exchangeID, OrderID: o.ID, Product: o.Product, Symbol: o.Symbol, Status: trading.OrderAccepted})
	ctx, cancel := context.WithTimeout(ctx, x.cfg.Patience)
	defer cancel()
	for wait := firstLookIn; ; wait = min(2*wait, 400*time.Millisecond) {
		r, settled, err := x.look(ctx, o, false)
		if err == nil && r.ExchangeID != "" {
			accepted = r
			x.remember(o, r)
		}
		if err == nil && settled {
			if r.Status == trading.OrderRejected {
				return trading.Report{}, trading.Errorf(trading.Rejected, "mexc: order %s was rejected after it was received: %s", o.ID, cmp.Or(r.Reason, "no reason given"))
			}
			return r, nil
		}
		if wire.Pause(ctx, wait) != nil {
			return accepted, nil
		}
	}
}
