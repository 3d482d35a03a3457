package bybit

import (
	"cmp"
	"context"
	"encoding/json"
	"time"

	"hoox/backend/trading"
	"hoox/backend/wire"
)

// createBody is an order as it is sent. Its fields are signed as they are written.
type createBody struct {
	Category    string `json:"category"`
	Symbol      string `json:"symbol"`
	Side        string `json:"side"`
	OrderType   string `json:"orderType"`
	Qty         string `json:"qty"`
	Price       string `json:"price,omitempty"`
	MarketUnit  string `json:"marketUnit,omitempty"`
	TimeInForce string `json:"timeInForce,omitempty"`
	PositionIdx *int   `json:"positionIdx,omitempty"`
	LinkID      string `json:"orderLinkId"`
	ReduceOnly  bool   `json:"reduceOnly,omitempty"`
	TakeProfit  string `json:"takeProfit,omitempty"`
	StopLoss    string `json:"stopLoss,omitempty"`
	TPTriggerBy string `json:"tpTriggerBy,omitempty"`
	SLTriggerBy string `json:"slTriggerBy,omitempty"`
	TPSLMode    string `json:"tpslMode,omitempty"`
	// The next two make a conditional order for a coin.
	OrderFilter  string `json:"orderFilter,omitempty"`
	TriggerPrice string `json:"triggerPrice,omitempty"`
}

// bodyOf writes an order in Bybit's words. It fails with Rejected for what Bybit cannot keep.
func bodyOf(o trading.Order) (createBody, error) {
	b := createBody{
		Category: string(o.Product), Symbol: o.Symbol, Side: sideWord(o.Side), Qty: o.Qty.String(), LinkID: string(o.ID),
	}
	switch o.Type {
	case trading.Market:
		b.OrderType = "Market"
		if o.Product == trading.Spot {
			b.MarketUnit = "baseCoin"
		}
	case trading.Limit:
		b.OrderType, b.Price, b.TimeInForce = "Limit", o.Price.String(), "GTC"
	default:
		return b, trading.Errorf(trading.Rejected, "bybit: an order of type %q is not sent", string(o.Type))
	}
	if o.Product == trading.Linear {
		idx := idxOf(o.Slot)
		b.PositionIdx, b.ReduceOnly = &idx, o.ReduceOnly
	}
	return b, b.attach(o)
}

// attach writes what Bybit keeps with an entry: of a perpetual the stop-loss, and the target when there is one for all of
// it. The rest comes through Protect, once there is a position. It fails with Rejected for what Bybit cannot keep.
func (b *createBody) attach(o trading.Order) error {
	p := o.Protection
	if p.IsZero() {
		return nil
	}
	if o.ReduceOnly {
		return trading.Errorf(trading.Rejected, "bybit: a reduce-only order cannot carry a take-profit or a stop")
	}
	if o.Product == trading.Spot {
		if p.TrailingStop.IsPositive() {
			return trading.Errorf(trading.Rejected, "bybit: there is no trailing stop for a coin: use a stop-loss")
		}
		return nil
	}
	full, _ := split(p, o.Qty)
	if full.stop.IsPositive() {
		b.TPSLMode, b.StopLoss, b.SLTriggerBy = "Full", full.stop.String(), markPrice
	}
	if full.target.IsPositive() {
		b.TPSLMode, b.TakeProfit, b.TPTriggerBy = "Full", full.target.String(), markPrice
	}
	return nil
}

// Submit sends one order, once, and answers with what became of it as far as Bybit says within Config.Patience. The kinds
// of error: Rejected, a certain no, in words; Unavailable, it never left; Limited, not processed; Unknown, it may live:
// ask Lookup.
func (x *Exchange) Submit(ctx context.Context, o trading.Order) (trading.Report, error) {
	if o.Account != x.cfg.Account {
		return trading.Report{}, trading.Errorf(trading.Rejected, "bybit: order %s is for account %s, this is %s", o.ID, o.Account, x.cfg.Account)
	}
	body, err := bodyOf(o)
	if err != nil {
		return trading.Report{}, err
	}
	if err := x.onTime(ctx); err != nil {
		return trading.Report{}, trading.Errorf(trading.Unavailable, "bybit: not sent: %w", err)
	}
	if err := x.prepare(ctx, o); err != nil {
		return trading.Report{}, err
	}
	window := longestWindow
	if !o.Deadline.IsZero() {
		window = min(window, o.Deadline.Sub(x.cfg.Now()))
	}
	if window < shortestWindow {
		return trading.Report{}, trading.Errorf(trading.Unavailable, "bybit: not sent: the order's time is over")
	}
	x.noteSend(o)
	what := "place order " + string(o.ID)
	// A connection that comes later would carry an order whose time is over.
	connect, cancel := context.WithTimeout(ctx, window)
	defer cancel()
	e, err := x.write(connect, creating, what, "/v5/order/create", body, window, o.ReduceOnly)
	if err != nil {
		x.noteOutcome(o, err)
		return trading.Report{}, err
	}
	r, err := x.acknowledged(ctx, o, what, e)
	x.noteOutcome(o, err)
	return r, err
}

// noteSend remembers what a later look-up holds against the exchange's word.
func (x *Exchange) noteSend(o trading.Order) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if o.Product == trading.Spot {
		x.listed[baseOf(o.Symbol)] = o.Symbol
		return
	}
	if had := x.held[o.Symbol]; had.fresh(x.cfg.Now(), seatTrusted) {
		x.before[o.ID] = had
	}
}

// noteOutcome forgets what only a look-up would need, unless there will be one.
func (x *Exchange) noteOutcome(o trading.Order, err error) {
	if trading.KindOf(err) == trading.Unknown {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	delete(x.before, o.ID)
}

// acknowledged reads the answer to a submit.
func (x *Exchange) acknowledged(ctx context.Context, o trading.Order, what string, e envelope) (trading.Report, error) {
	switch c := e.class(); c {
	case done:
	case repeated:
		return trading.Report{}, failure(trading.Unknown, what+": the id was sent before", e)
	default:
		return trading.Report{}, failure(kindOf(c), what, e)
	}
	var ack struct {
		OrderID string `json:"orderId"`
		LinkID  string `json:"orderLinkId"`
	}
	if json.Unmarshal(e.Result, &ack) != nil || ack.OrderID == "" || (ack.LinkID != "" && ack.LinkID != string(o.ID)) {
		return trading.Report{}, trading.Errorf(trading.Unknown, "bybit: %s: acknowledged without its ids", what)
	}
	return x.outcome(ctx, o, ack.OrderID)
}

// outcome asks what became of an acknowledged order. Bybit decides after it acknowledged, so "accepted" may be all that
// can be said; the stream tells the rest.
func (x *Exchange) outcome(ctx context.Context, o trading.Order, exchangeID string) (trading.Report, error) {
	accepted := trading.Report{OrderID: o.ID, ExchangeID: exchangeID, Status: trading.OrderAccepted, At: x.cfg.Now().UTC()}
	ctx, cancel := context.WithTimeout(ctx, x.cfg.Patience)
	defer cancel()
	for wait := 25 * time.Millisecond; ; wait = min(2*wait, 400*time.Millisecond) {
		r, settled, err := x.look(ctx, o, false)
		if err == nil && r.ExchangeID != "" {
			accepted = r
		}
		if err == nil && settled {
			if r.Status == trading.OrderRejected {
				return trading.Report{}, trading.Errorf(trading.Rejected, "bybit: order %s was rejected after it was received: %s", o.ID, cmp.Or(r.Reason, "no reason given"))
			}
			return r, nil
		}
		if wire.Pause(ctx, wait) != nil {
			return accepted, nil
		}
	}
}
