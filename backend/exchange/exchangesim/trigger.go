package exchangesim

import "hoox/backend/trading"

// hit tells whether a mark has reached the trigger of an order.
func hit(o Order, mark trading.Price) bool {
	at := o.TriggerAt()
	if !at.IsPositive() {
		return false
	}
	if (o.Side == trading.Sell) != o.Kind.target() {
		return !mark.More(at)
	}
	return !mark.Less(at)
}

// watch lets conditional orders of a symbol work whose trigger is reached. What they do may reach further triggers only
// by a new mark, so once over the list is enough.
func (c *Core) watch(symbol string) {
	mark := c.marks[symbol]
	if !mark.IsPositive() {
		return
	}
	for _, o := range c.openOf(symbol) {
		if o.Status == Untriggered && hit(*o, mark) {
			c.trigger(o)
		}
	}
}

// trigger turns a conditional order into one that works, or into another one if it is of the algo book.
func (c *Core) trigger(o *Order) {
	qty := o.Qty
	if o.ClosePosition {
		qty = c.reducible(o.Request)
	} else if o.Product == trading.Linear && c.reduces(o.Request) {
		qty = qty.Min(c.reducible(o.Request))
	}
	if !qty.IsPositive() {
		c.end(o, Canceled, ReasonReduceOnly)
		return
	}
	price := o.Price
	if !o.Kind.Priced() {
		price = c.touch(o.Request)
	}
	held := o.Product == trading.Spot && !o.Algo && !o.LockLater
	if !held && !c.afford(o.Request, qty, price) {
		c.end(o, Rejected, ReasonNoMoney)
		return
	}
	c.closeGroup(o)
	if o.Algo {
		c.spawn(o, qty)
		return
	}
	now := c.cfg.Now()
	c.alter(o, func(next *Order) { next.Status, next.TriggeredAt, next.Qty = Triggered, now, qty })
	c.alter(o, func(next *Order) { next.Status = New })
	c.work(o)
}

// spawn places the order that a conditional one of the algo book stands for.
func (c *Core) spawn(o *Order, qty trading.Qty) {
	r := o.Request
	r.Algo, r.Kind, r.Qty, r.Trigger, r.Activate, r.ClosePosition = false, Market, qty, trading.Price{}, trading.Price{}, false
	r.ReduceOnly = r.ReduceOnly || o.ClosePosition
	if o.Kind.Priced() {
		r.Kind = Limit
	}
	id, now := c.cfg.newID("order", len(c.orders)+1), c.cfg.Now()
	c.alter(o, func(next *Order) { next.Status, next.TriggeredAt, next.Actual = Triggered, now, id })
	c.work(c.accept(Order{Request: r, StopType: o.StopType}))
}
