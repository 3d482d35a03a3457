package mexc

import (
	"context"

	"hoox/backend/trading"
)

// guard is how far above the best offer a market buy may be filled: one percent.
var guard = trading.RatioUnits(101, -2)

const (
	spotOrderPath = "/api/v3/order"
	// atOnce is the type of an order that fills at once or not.
	atOnce = "IMMEDIATE_OR_CANCEL"
)

func (x *Exchange) submitSpot(ctx context.Context, o trading.Order) (trading.Report, error) {
	c, err := x.coin(ctx, o.Symbol)
	if err != nil {
		return trading.Report{}, err
	}
	if why := c.closed(o.Side); why != "" {
		return trading.Report{}, trading.Errorf(trading.Rejected, "mexc: %s cannot be traded: %s", o.Symbol, why)
	}
	v, err := x.spotBody(ctx, o, c)
	if err != nil {
		return trading.Report{}, err
	}
	if err := x.onTime(ctx, trading.Spot); err != nil {
		return trading.Report{}, trading.Errorf(trading.Unavailable, "mexc: not sent: %w", err)
	}
	x.book.visit(o.Symbol)
	return x.once(ctx, o, func() (trading.Report, error) { return x.sendSpot(ctx, o, v) })
}

// sendSpot sends a spot order and reads the answer.
func (x *Exchange) sendSpot(ctx context.Context, o trading.Order, v values) (trading.Report, error) {
	what := "place order " + string(o.ID)
	if err := x.spot.take(ctx, creating, o.ReduceOnly, what); err != nil {
		return trading.Report{}, err
	}
	window, err := x.window(o)
	if err != nil {
		return trading.Report{}, err
	}
	// A connection that comes later would carry an order whose time is over.
	connect, cancel := context.WithTimeout(ctx, window)
	defer cancel()
	var ack spotOrder
	e, err := x.spotSend(connect, what, "POST", spotOrderPath, v, window, &ack)
	if err != nil {
		return trading.Report{}, err
	}
	switch k := spotClass(e); {
	case k != done:
		return trading.Report{}, failure(kindOf(k), what, e)
	case ack.ID.id() == "" || ack.Link != "" && ack.Link != string(o.ID):
		return trading.Report{}, trading.Errorf(trading.Unknown, "mexc: %s: acknowledged without its id", what)
	}
	x.book.own(ack.ID.id(), o.ID)
	return x.outcome(ctx, o, ack.ID.id())
}

// spotBody writes an order in MEXC's words. A market buy becomes a limit order that fills at once or not: see the room's
// description.
func (x *Exchange) spotBody(ctx context.Context, o trading.Order, c coin) (values, error) {
	i := c.instrument()
	price := o.Price
	if o.Type == trading.Market {
		quote, err := x.offer(ctx, o.Symbol)
		if err != nil {
			return nil, trading.Errorf(trading.Unavailable, "mexc: not sent: the price of %s is not known: %w", o.Symbol, err)
		}
		price = quote.Bid.price()
		if o.Side == trading.Buy {
			price = quote.Ask.price().Times(guard).Floor(i.TickSize).Max(quote.Ask.price())
		}
		if !price.IsPositive() {
			return nil, trading.Errorf(trading.Rejected, "mexc: nobody offers %s now", o.Symbol)
		}
	}
	if !o.Price.Floor(i.TickSize).Equal(o.Price) {
		return nil, trading.Errorf(trading.Rejected, "mexc: price %s is no multiple of the tick %s", o.Price, i.TickSize)
	}
	if !i.RoundQty(o.Qty).Equal(o.Qty) {
		return nil, trading.Errorf(trading.Rejected, "mexc: %s %s is no multiple of the step %s", o.Qty, c.Base, i.StepSize)
	}
	if err := i.CheckQty(o.Qty, price, o.ReduceOnly); err != nil {
		return nil, trading.Errorf(trading.Rejected, "mexc: %s", err.Error())
	}
	v := values{"symbol", o.Symbol, "side", "BUY", "type", "LIMIT", "quantity", o.Qty.String(), "price", price.String(), "newClientOrderId", string(o.ID)}
	if o.Side == trading.Sell {
		v[3] = "SELL"
	}
	switch {
	case o.Type == trading.Market && o.Side == trading.Sell:
		v[5], v[9] = "MARKET", ""
	case o.Type == trading.Market:
		v[5] = atOnce
	}
	return v, nil
}

// bookTicker is the top of a spot market.
type bookTicker struct {
	Symbol string `json:"symbol"`
	Bid    amount `json:"bidPrice"`
	Ask    amount `json:"askPrice"`
}

// offer reads the top of a spot market.
func (x *Exchange) offer(ctx context.Context, symbol string) (bookTicker, error) {
	var t bookTicker
	err := x.spotRead(ctx, finding, "read the price", "/api/v3/ticker/bookTicker", values{"symbol", symbol}, false, &t)
	return t, err
}
