package bybit

import (
	"context"
	"encoding/json"
	"strconv"
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
	TPOrderType string `json:"tpOrderType,omitempty"`
	SLOrderType string `json:"slOrderType,omitempty"`
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
	return b, b.protect(o)
}

// protect attaches a stop-loss and one target for all of it.
func (b *createBody) protect(o trading.Order) error {
	p := o.Protection
	if p.IsZero() {
		return nil
	}
	whole := len(p.TakeProfit) == 0 || len(p.TakeProfit) == 1 && (p.TakeProfit[0].Qty.IsZero() || p.TakeProfit[0].Qty.Equal(o.Qty))
	switch {
	case o.ReduceOnly:
		return trading.Errorf(trading.Rejected, "bybit: a reduce-only order cannot carry a take-profit or a stop")
	case p.TrailingStop.IsPositive():
		return trading.Errorf(trading.Rejected, "bybit: an order cannot carry a trailing stop: use a stop-loss")
	case !whole:
		return trading.Errorf(trading.Rejected, "bybit: an order can carry one take-profit for all of it, not %d", len(p.TakeProfit))
	case o.Product == trading.Spot && o.Type == trading.Market:
		return trading.Errorf(trading.Rejected, "bybit: a spot market order cannot carry a take-profit or a stop: use a limit order")
	}
	if p.StopLoss.IsPositive() {
		b.StopLoss = p.StopLoss.String()
	}
	if len(p.TakeProfit) == 1 {
		b.TakeProfit = p.TakeProfit[0].Price.String()
	}
	if o.Product == trading.Spot {
		if b.TakeProfit != "" {
			b.TPOrderType = "Market"
		}
		if b.StopLoss != "" {
			b.SLOrderType = "Market"
		}
		return nil
	}
	b.TPSLMode = "Full"
	if b.TakeProfit != "" {
		b.TPTriggerBy = "MarkPrice"
	}
	if b.StopLoss != "" {
		b.SLTriggerBy = "MarkPrice"
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
	what := "place order " + string(o.ID)
	e, err := x.write(ctx, creating, what, "/v5/order/create", body, window, o.ReduceOnly)
	if err != nil {
		return trading.Report{}, err
	}
	return x.acknowledged(ctx, o, what, e)
}

// acknowledged reads the answer to a submit.
func (x *Exchange) acknowledged(ctx context.Context, o trading.Order, what string, e envelope) (trading.Report, error) {
	switch c := e.class(); c {
	case done:
	case repeated:
		return trading.Report{}, failure(trading.Unknown, what+": the id was sent before", e)
	case clock:
		// The next attempt reads the clock anew, whatever was known.
		x.skew.Forget()
		return trading.Report{}, failure(trading.Limited, what, e)
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
				return trading.Report{}, trading.Errorf(trading.Rejected, "bybit: order %s was rejected after it was received: %s", o.ID, or(r.Reason, "no reason given"))
			}
			return r, nil
		}
		if wire.Pause(ctx, wait) != nil {
			return accepted, nil
		}
	}
}

// prepare sets what the order needs to be as meant. It sends no order, so that every failure is one before the wire.
func (x *Exchange) prepare(ctx context.Context, o trading.Order) error {
	if o.Product != trading.Linear || o.ReduceOnly {
		return nil
	}
	if o.MarginMode != "" {
		mode, err := x.MarginMode(ctx)
		if err != nil {
			return trading.Errorf(trading.Unavailable, "bybit: not sent: %w", err)
		}
		if mode != o.MarginMode {
			return trading.Errorf(trading.Rejected, "bybit: the account is in %s margin, the order asks for %s: the mode is the whole account's, change it there or in the alert", mode, o.MarginMode)
		}
	}
	if o.Leverage <= 0 {
		return nil
	}
	return x.setLeverage(ctx, o.Symbol, o.Leverage)
}

// setLeverage sets the leverage of a symbol for both sides and reads it back.
func (x *Exchange) setLeverage(ctx context.Context, symbol string, leverage int) error {
	x.mu.Lock()
	had, ok := x.leverage[symbol]
	x.mu.Unlock()
	if ok && had.value == leverage && x.cfg.Now().Sub(had.at) < leverageTrusted {
		return nil
	}
	what, text := "set the leverage of "+symbol, strconv.Itoa(leverage)
	e, err := x.write(ctx, adjusting, what, "/v5/position/set-leverage",
		map[string]string{"category": "linear", "symbol": symbol, "buyLeverage": text, "sellLeverage": text}, longestWindow, false)
	if err != nil {
		return trading.Errorf(trading.Unavailable, "bybit: not sent: %w", err)
	}
	if c := e.class(); c != done && c != already {
		kind := kindOf(c)
		if kind == trading.Unknown {
			kind = trading.Unavailable
		}
		return failure(kind, what, e)
	}
	rows, err := x.positionRows(ctx, values{"category", "linear", "symbol", symbol})
	if err != nil {
		return trading.Errorf(trading.Unavailable, "bybit: not sent: %w", err)
	}
	for _, r := range rows {
		if r.Symbol == symbol && whole(r.Leverage) != leverage {
			return trading.Errorf(trading.Unavailable, "bybit: not sent: leverage of %s is %s after it was set to %d", symbol, r.Leverage, leverage)
		}
	}
	x.mu.Lock()
	x.leverage[symbol] = setting{leverage, x.cfg.Now()}
	x.mu.Unlock()
	return nil
}
