package exchangesim

import (
	"slices"

	"hoox/backend/ledger"
	"hoox/backend/trading"
)

// apply is the effect of an event, now or when the log is read. It decides nothing.
func (c *Core) apply(e Event) {
	switch {
	case e.Placed != nil:
		c.applyPlaced(e.Placed.copy())
	case e.Changed != nil:
		c.applyChanged(e.Changed)
	case e.Filled != nil:
		c.applyFill(*e.Filled)
	case e.Funding != nil:
		c.fundings = append(c.fundings, *e.Funding)
		c.credit(e.Funding.Asset, e.Funding.Amount)
	case e.Cash != nil:
		c.credit(e.Cash.Asset, e.Cash.Amount)
	case e.Priced != nil:
		c.applyPrice(*e.Priced)
	case e.Set != nil:
		c.applySetting(*e.Set)
	}
}

func (c *Core) credit(asset string, amount trading.Money) {
	c.balances[asset] = c.balances[asset].Add(amount)
}

func (c *Core) applyPlaced(o Order) {
	c.orders = append(c.orders, &o)
	c.byID[o.ID] = &o
	if o.Link != "" {
		c.byLink[o.Link] = append(c.byLink[o.Link], &o)
	}
	if o.Status.Open() {
		c.live = append(c.live, &o)
	}
}

func (c *Core) applyChanged(next *Order) {
	o := c.byID[next.ID]
	*o = next.copy()
	c.settleLive(o)
}

// settleLive keeps the list of live orders to those that may still change.
func (c *Core) settleLive(o *Order) {
	if !o.Status.Open() && o.Status != Triggered || o.Actual != "" {
		c.live = slices.DeleteFunc(c.live, func(l *Order) bool { return l == o })
	}
}

func (c *Core) applyFill(x Execution) {
	o := c.byID[x.OrderID]
	o.Filled, o.Cost, o.UpdatedAt = o.Filled.Add(x.Qty), o.Cost.Add(trading.Notional(x.Price, x.Qty)), x.At
	fees := map[string]trading.Money{x.FeeAsset: x.Fee}
	for asset, paid := range o.Fees {
		fees[asset] = fees[asset].Add(paid)
	}
	o.Fees, o.Status = fees, PartiallyFilled
	if !o.Filled.Less(o.Qty) {
		o.Status = Filled
	}
	c.settleLive(o)
	c.fills = append(c.fills, x)
	c.credit(x.FeeAsset, x.Fee.Neg())
	if x.Product == trading.Spot {
		i, _ := c.instrument(x.Product, x.Symbol)
		base, quote := trading.AsMoney(x.Qty), trading.Notional(x.Price, x.Qty)
		if x.Side == trading.Buy {
			quote = quote.Neg()
		} else {
			base = base.Neg()
		}
		c.credit(i.Base, base)
		c.credit(i.Quote, quote)
		return
	}
	key := slotKey{x.Symbol, x.Slot}
	if c.lots[key] == nil {
		c.lots[key] = &lot{}
	}
	l := c.lots[key]
	l.Position, _ = ledger.Apply(l.Position, x.fill())
	l.total = l.total.Add(x.PnL)
	c.credit(c.settles(x.Symbol), x.PnL)
}

func (x Execution) fill() trading.Fill {
	return trading.Fill{Product: x.Product, Symbol: x.Symbol, Slot: x.Slot, Side: x.Side, Qty: x.Qty, Price: x.Price, At: x.At}
}

// applyPrice moves the mark and what trailing orders have seen of it.
func (c *Core) applyPrice(p Priced) {
	c.marks[p.Symbol] = p.Mark
	for _, o := range c.live {
		if o.Symbol == p.Symbol && o.Kind == Trailing && o.Status == Untriggered {
			o.Best = o.watch(p.Mark)
		}
	}
}

// watch is the best mark after one more of them.
func (o *Order) watch(mark trading.Price) trading.Price {
	sell := o.Side == trading.Sell
	switch {
	case o.Best.IsZero() && o.Activate.IsPositive() && (sell && mark.Less(o.Activate) || !sell && mark.More(o.Activate)):
		return trading.Price{}
	case o.Best.IsZero():
		return mark
	case sell:
		return o.Best.Max(mark)
	default:
		return o.Best.Min(mark)
	}
}

func (c *Core) applySetting(s Setting) {
	switch s.Name {
	case "leverage":
		c.leverage[s.Symbol] = s.Number
	case "hedge":
		c.hedge = s.On
	case "isolated":
		c.isolated = s.On
	case "margin":
		c.margin[s.Symbol] = s.On
	case "halted":
		c.halted[s.Symbol] = s.On
	case "instrument":
		for n, i := range c.instruments {
			if i.Key() == s.Of.Instrument.Key() {
				c.instruments[n] = s.Of.Instrument
			}
		}
	}
}
