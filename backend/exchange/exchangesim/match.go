package exchangesim

import (
	"hoox/backend/ledger"
	"hoox/backend/trading"
)

// SetPrice moves the mark of a symbol, with the bid at it and the ask one tick above, and lets happen what that leads to:
// fills of resting orders, triggers, liquidations.
func (c *Core) SetPrice(symbol string, mark trading.Price) {
	c.change(func() {
		c.happen(Event{Priced: &Priced{symbol, mark}})
		for _, o := range c.openOf(symbol) {
			if o.Working() && !o.Hold && o.Kind.Priced() && c.crosses(o.Request) {
				c.fill(o, o.Price, o.Open(), true, "Trade")
			}
		}
		c.watch(symbol)
		if asset := c.settles(symbol); asset != "" {
			c.liquidations(asset)
		}
	})
}

// openOf is the open orders of a symbol as they are now.
func (c *Core) openOf(symbol string) []*Order {
	var list []*Order
	for _, o := range c.live {
		if o.Symbol == symbol && o.Status.Open() {
			list = append(list, o)
		}
	}
	return list
}

// touch is the price at which a request meets the market, zero when there is none.
func (c *Core) touch(r Request) trading.Price {
	i, _ := c.instrument(r.Product, r.Symbol)
	// A mark may lie between two ticks; nothing trades there.
	bid := c.marks[r.Symbol].Floor(i.TickSize)
	if r.Side == trading.Buy && bid.IsPositive() {
		return bid.Add(i.TickSize)
	}
	return bid
}

// crosses tells whether a request would meet the market now.
func (c *Core) crosses(r Request) bool {
	at := c.touch(r)
	switch {
	case at.IsZero():
		return false
	case !r.Kind.Priced():
		return true
	case r.Side == trading.Buy:
		return !at.More(r.Price)
	default:
		return !at.Less(r.Price)
	}
}

// work lets an order that was accepted, or has triggered, meet the market.
func (c *Core) work(o *Order) {
	crosses := c.crosses(o.Request)
	switch {
	case o.Hold:
		// It waits for a test.
	case o.RejectLater:
		c.end(o, Rejected, ReasonRejected)
	case !o.Working():
		// It waits for its trigger.
	case o.TIF == PostOnly && crosses:
		c.end(o, Canceled, ReasonWouldTake)
	case crosses:
		c.take(o)
	case o.TIF == IOC || o.TIF == FOK:
		c.end(o, Expired, ReasonNoMatch)
	}
}

// take fills an order at the market, in as many executions as its script says.
func (c *Core) take(o *Order) {
	part := o.Open()
	if o.Slices > 1 {
		i, _ := c.instrument(o.Product, o.Symbol)
		part = i.RoundQty(part.Over(times(o.Slices))).Max(i.StepSize)
	}
	for o.Working() {
		c.fill(o, c.touch(o.Request), part.Min(o.Open()), false, "Trade")
		if o.FillOnly {
			c.end(o, Expired, ReasonNoMatch)
		}
	}
}

// Execute fills a part of an open order at its limit, or where it meets the market, whatever the book says; zero is all
// that is left. It tells whether anything happened.
func (c *Core) Execute(id string, qty trading.Qty) (done bool) {
	c.change(func() {
		o := c.byID[id]
		if o == nil || !o.Working() {
			return
		}
		if qty.IsZero() {
			qty = o.Open()
		}
		price := c.touch(o.Request)
		if o.Kind.Priced() {
			price = o.Price
		}
		c.fill(o, price, qty.Min(o.Open()), o.Kind.Priced(), "Trade")
		done = true
	})
	return done
}

// fill executes a part of an order and what follows from that.
func (c *Core) fill(o *Order, price trading.Price, qty trading.Qty, maker bool, kind string) {
	if o.Product == trading.Linear && c.reduces(o.Request) {
		qty = qty.Min(c.reducible(o.Request))
	}
	if !qty.IsPositive() {
		c.end(o, Canceled, ReasonReduceOnly)
		return
	}
	key := slotKey{o.Symbol, o.Slot}
	before := c.direction(key)
	x := c.execution(o, price, qty, maker, kind)
	c.happen(Event{At: x.At, Filled: &x})
	c.closeGroup(o)
	if o.Product == trading.Linear {
		if now := c.direction(key); now != before && before != trading.Flat {
			c.dropGuards(key)
		}
		if c.reduces(o.Request) && o.Working() && c.reducible(o.Request).IsZero() {
			c.end(o, Canceled, ReasonReduceOnly)
		}
		if !c.reduces(o.Request) && !o.PartialGuard {
			c.guardWhole(o)
		}
	}
	if o.Status == Filled {
		c.ended(o)
	}
}

func (c *Core) direction(key slotKey) trading.Direction {
	if l := c.lots[key]; l != nil {
		return l.Direction()
	}
	return trading.Flat
}

// execution is what a fill will have been.
func (c *Core) execution(o *Order, price trading.Price, qty trading.Qty, maker bool, kind string) Execution {
	i, _ := c.instrument(o.Product, o.Symbol)
	rate := i.TakerFee
	if maker {
		rate = i.MakerFee
	}
	n := len(c.fills) + 1
	x := Execution{
		ID: c.cfg.newID("fill", n), Seq: n, OrderID: o.ID, Link: o.Link, Symbol: o.Symbol, Product: o.Product, Side: o.Side, Slot: o.Slot,
		Price: price, Qty: qty, Fee: trading.Notional(price, qty).Times(rate), FeeAsset: i.Quote, Maker: maker, Kind: kind, At: c.cfg.Now(),
	}
	if o.Product == trading.Spot {
		if c.cfg.OwnSpotFee && o.Side == trading.Buy {
			x.Fee, x.FeeAsset = trading.AsMoney(qty).Times(rate), i.Base
		}
		return x
	}
	if l := c.lots[slotKey{o.Symbol, o.Slot}]; l != nil {
		x.Closed = c.reducible(o.Request).Min(qty)
		_, x.PnL = ledger.Apply(l.Position, x.fill())
	}
	return x
}

// closeGroup cancels the others of a group of which one has filled or triggered.
func (c *Core) closeGroup(o *Order) {
	if o.Group == "" {
		return
	}
	for _, other := range append([]*Order(nil), c.live...) {
		if other != o && other.Group == o.Group && other.Product == o.Product {
			c.end(other, Canceled, ReasonGroup)
		}
	}
}

// Release lets an order that was held meet the market: what an exchange does after it has acknowledged an order.
func (c *Core) Release(id string) {
	c.change(func() {
		o := c.byID[id]
		if o == nil || !o.Hold || !o.Status.Open() {
			return
		}
		c.alter(o, func(next *Order) { next.Hold = false })
		c.work(o)
		c.watch(o.Symbol)
	})
}
