package exchangesim

import "hoox/backend/trading"

// Place accepts an order and lets it meet the market, or tells why not; then nothing was booked. The answer is how the
// order is afterwards.
func (c *Core) Place(r Request) (o Order, no *Refusal) {
	c.change(func() { o, no = c.place(Order{Request: r}) })
	return o, no
}

// External places an order that did not come by the API, as a person on the website would. It counts for nobody.
func (c *Core) External(r Request) (o Order, no *Refusal) {
	c.change(func() { o, no = c.place(Order{Request: r, External: true}) })
	return o, no
}

// Check tells whether Place would refuse a request, and changes nothing.
func (c *Core) Check(r Request) *Refusal {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.check(c.normal(r))
}

func (c *Core) place(o Order) (Order, *Refusal) {
	o.Request = c.normal(o.Request)
	if first := c.byLink[o.Link]; c.cfg.IDs == ReturnsFirst && o.Link != "" && len(first) > 0 {
		return first[0].copy(), nil
	}
	if no := c.check(o.Request); no != nil {
		return Order{}, no
	}
	placed := c.accept(o)
	c.work(placed)
	c.watch(placed.Symbol)
	return placed.copy(), nil
}

// accept books an order as it is.
func (c *Core) accept(o Order) *Order {
	now := c.cfg.Now()
	kind := "order"
	if o.Algo {
		kind = "algo"
	}
	o.Seq = len(c.orders) + 1
	o.ID, o.Status, o.CreatedAt, o.UpdatedAt, o.Shown = c.cfg.newID(kind, o.Seq), New, now, now, now.Add(o.Hide)
	if o.Kind.Conditional() {
		o.Status = Untriggered
	}
	if o.Kind == Trailing && c.marks[o.Symbol].IsPositive() {
		o.Best = (&o).watch(c.marks[o.Symbol])
	}
	c.happen(Event{At: now, Placed: &o})
	return c.byID[o.ID]
}

// alter writes an order down as it is after f.
func (c *Core) alter(o *Order, f func(next *Order)) {
	next := o.copy()
	f(&next)
	next.UpdatedAt = c.cfg.Now()
	c.happen(Event{At: next.UpdatedAt, Changed: &next})
}

// end ends an order that was not filled.
func (c *Core) end(o *Order, status Status, reason string) {
	if !o.Status.Open() {
		return
	}
	c.alter(o, func(next *Order) { next.Status, next.Reason = status, reason })
	c.ended(o)
}

// ended is what follows when an order is over: protection for a part that was bought, for one.
func (c *Core) ended(o *Order) {
	if o.Filled.IsPositive() && (o.TakeProfit.IsPositive() || o.StopLoss.IsPositive()) && (o.PartialGuard || o.Product == trading.Spot) {
		c.guardPart(o)
	}
}

// Cancel ends an open order. It refuses with NotFound what lists do not show and with AlreadyEnded what is over.
func (c *Core) Cancel(product trading.Product, symbol, id, link string) (o Order, no *Refusal) {
	c.change(func() {
		p := c.find(product, symbol, id, link, func(o *Order) bool { return o.Status.Open() })
		if p == nil {
			p = c.find(product, symbol, id, link, func(*Order) bool { return true })
		}
		switch {
		case p == nil:
			no = refuse(NotFound, "no such order")
		case !p.Status.Open():
			o, no = p.copy(), refuse(AlreadyEnded, "the order is "+string(p.Status))
		default:
			c.end(p, Canceled, ReasonCanceled)
			o = p.copy()
		}
	})
	return o, no
}

// CancelAll ends every open order of a product; an empty symbol is all of them.
func (c *Core) CancelAll(product trading.Product, symbol string) []Order {
	return c.CancelWhere(func(o Order) bool { return o.Product == product && (symbol == "" || o.Symbol == symbol) })
}

// CancelWhere ends every open order that lists show and that fits.
func (c *Core) CancelWhere(fits func(Order) bool) []Order {
	var list []Order
	c.change(func() {
		now := c.cfg.Now()
		for _, o := range append([]*Order(nil), c.live...) {
			if o.Status.Open() && !now.Before(o.Shown) && fits(o.copy()) {
				c.end(o, Canceled, ReasonCanceled)
				list = append(list, o.copy())
			}
		}
	})
	return list
}

// Amendment is what of an order is to be another; zero leaves it.
type Amendment struct {
	Qty                  trading.Qty
	Price, Trigger       trading.Price
	TakeProfit, StopLoss trading.Price
}

// Amend changes quantity and limit of an open order; see AmendTo.
func (c *Core) Amend(id string, qty trading.Qty, price trading.Price) (Order, *Refusal) {
	return c.AmendTo(id, Amendment{Qty: qty, Price: price})
}

// AmendTo changes an open order, or tells why not. A quantity at or below what is filled ends the order.
func (c *Core) AmendTo(id string, a Amendment) (o Order, no *Refusal) {
	c.change(func() { o, no = c.amend(id, a) })
	return o, no
}

func (c *Core) amend(id string, a Amendment) (Order, *Refusal) {
	o := c.byID[id]
	switch {
	case o == nil || c.cfg.Now().Before(o.Shown):
		return Order{}, refuse(NotFound, "no such order")
	case !o.Status.Open():
		return o.copy(), refuse(AlreadyEnded, "the order is "+string(o.Status))
	}
	next := o.copy()
	set(&next.Qty, a.Qty)
	set(&next.Price, a.Price)
	set(&next.Trigger, a.Trigger)
	set(&next.TakeProfit, a.TakeProfit)
	set(&next.StopLoss, a.StopLoss)
	if next.Qty.Equal(o.Qty) && next.Price.Equal(o.Price) && next.Trigger.Equal(o.Trigger) && next.TakeProfit.Equal(o.TakeProfit) && next.StopLoss.Equal(o.StopLoss) {
		return o.copy(), refuse(NotModified, "nothing would change")
	}
	i, _ := c.instrument(o.Product, o.Symbol)
	for _, no := range []*Refusal{checkPrices(i, next.Request), c.checkQty(i, next.Request), c.checkBand(next.Request), c.checkTriggersOf(next)} {
		if no != nil {
			return o.copy(), no
		}
	}
	if o.Working() && next.Qty.More(o.Qty) && !c.afford(next.Request, next.Qty.Sub(o.Qty), c.reference(next.Request)) {
		return o.copy(), refuse(NoMoney, "not enough money")
	}
	c.alter(o, func(to *Order) { to.Request = next.Request })
	if o.Working() && !o.Filled.Less(o.Qty) {
		c.end(o, Canceled, ReasonCanceled)
	} else if o.Working() && !o.Hold && c.crosses(o.Request) {
		c.take(o)
	}
	return o.copy(), nil
}

// checkTriggersOf is checkTriggers for an order that may have triggered already.
func (c *Core) checkTriggersOf(o Order) *Refusal {
	if o.Status != Untriggered {
		return nil
	}
	return c.checkTriggers(o.Request)
}

func set[T interface{ IsZero() bool }](field *T, to T) {
	if !to.IsZero() {
		*field = to
	}
}
