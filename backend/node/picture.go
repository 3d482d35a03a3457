package node

import (
	"context"
	"time"

	"hoox/backend/chart"
	"hoox/backend/trading"
)

// before is how much of the past the picture of a fill shows.
const before = time.Hour

// DrawFill makes a PNG of an order that filled: its price, stop and targets, over the candles of the hour before it and of what
// came since, where those are kept. Nothing is asked of an exchange for it. It fails with Invalid for an order that cannot be
// drawn, such as one without fills.
func (n *Node) DrawFill(ctx context.Context, o trading.Order, fills []trading.Fill) ([]byte, error) {
	if len(fills) == 0 || !o.Filled.IsPositive() {
		return nil, trading.FieldError("fills", "order %s has no fill to draw", o.ID)
	}
	c := chart.Card{Symbol: o.Symbol, Account: o.Account, Side: o.Side, Zone: time.Local, Interval: time.Minute}
	digits := 0
	for _, f := range fills {
		digits = max(digits, f.Price.Places())
		if f.At.After(c.At) {
			c.At = f.At
		}
	}
	// An average is two digits finer than what it is made of, as in the words beside the picture.
	average, err := trading.ParsePrice(o.AveragePrice().Fixed(int32(digits) + 2))
	if err != nil {
		return nil, trading.Wrap(trading.Invalid, err, "read the average price of order "+string(o.ID))
	}
	c.Levels = levelsOf(o, average)
	if c.Candles, err = n.candles(ctx, o, c.At); err != nil {
		return nil, err
	}
	return chart.Draw(c)
}

func levelsOf(o trading.Order, average trading.Price) []chart.Level {
	list := []chart.Level{{Kind: chart.Entry, Price: average}}
	if o.ReduceOnly {
		list[0].Kind = chart.Exit
	}
	if !o.Protection.StopLoss.IsZero() {
		list = append(list, chart.Level{Kind: chart.Stop, Price: o.Protection.StopLoss})
	}
	for _, t := range o.Protection.TakeProfit {
		list = append(list, chart.Level{Kind: chart.Target, Price: t.Price})
	}
	return list
}

// candles are those around a fill by the minute, none where the market of the account keeps none: live prices are not.
func (n *Node) candles(ctx context.Context, o trading.Order, at time.Time) ([]trading.Candle, error) {
	if n.synthetic == nil || o.Account.Mode() != trading.ModePaper {
		return nil, nil
	}
	from, to := at.Add(-before), n.Now()
	if last := from.Add(chart.MaxCandles * time.Minute); last.Before(to) {
		to = last
	}
	key := trading.InstrumentKey{Product: o.Product, Symbol: o.Symbol}
	list, err := n.synthetic.Candles(ctx, o.Exchange(), key, time.Minute, from, to)
	if trading.KindOf(err) == trading.NotFound {
		return nil, nil
	}
	return list, err
}
