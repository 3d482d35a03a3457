package exchangesim

import (
	"strconv"

	"hoox/backend/trading"
)

// Protect sets what guards a position: the guard of the whole position becomes exactly g, or with g.Partial one more
// pair of orders guards a part of it. It refuses with NothingToReduce without a position, with WouldTrigger on the wrong
// side of the mark and with NotModified when nothing would change.
func (c *Core) Protect(symbol string, slot trading.Slot, g Guard) (no *Refusal) {
	c.change(func() {
		key := slotKey{symbol, slot}
		if no = c.checkGuard(key, g); no != nil {
			return
		}
		if g.Partial {
			c.pair(key, g)
		} else if !c.guard(key, g) {
			no = refuse(NotModified, "nothing would change")
		}
		c.watch(symbol)
	})
	return no
}

func (c *Core) checkGuard(key slotKey, g Guard) *Refusal {
	i, known := c.instrument(trading.Linear, key.symbol)
	l, mark := c.lots[key], c.marks[key.symbol]
	switch {
	case !known:
		return refuse(UnknownSymbol, "no such symbol: "+key.symbol)
	case c.hedge != (key.slot != trading.SlotBoth):
		return refuse(WrongSlot, "slot "+string(key.slot)+" does not fit the position mode")
	case l == nil || l.Qty.IsZero():
		return refuse(NothingToReduce, "there is no position to protect")
	}
	for _, p := range []trading.Price{g.StopLoss, g.TakeProfit, g.StopLimit, g.TargetLimit, g.Trailing, g.Activate} {
		if p.IsNegative() || !p.Floor(i.TickSize).Equal(p) {
			return refuse(OffTick, "price "+p.String()+" is no multiple of "+i.TickSize.String())
		}
	}
	for _, r := range c.guardRequests(key, g) {
		if r.Trigger.IsPositive() && mark.IsPositive() && hit(Order{Request: r.Request}, mark) {
			return refuse(WouldTrigger, r.StopType+" is on the wrong side of "+mark.String())
		}
	}
	return nil
}

// guardRequests is the orders that a guard is made of.
func (c *Core) guardRequests(key slotKey, g Guard) []Order {
	side := c.direction(key).Entry().Opposite()
	prefix := ""
	if g.Partial {
		prefix = "Partial"
	}
	base := Request{
		Product: trading.Linear, Symbol: key.symbol, Slot: key.slot, Side: side, TIF: GTC, ReduceOnly: true, ClosePosition: !g.Partial,
		Qty: g.Qty, Parent: g.Parent,
	}
	var list []Order
	add := func(stopType string, kind, limited Kind, trigger, limit trading.Price) {
		r := base
		r.Kind, r.Trigger, r.Price = kind, trigger, limit
		if limit.IsPositive() {
			r.Kind = limited
		}
		if trigger.IsPositive() {
			list = append(list, Order{StopType: stopType, Request: r})
		}
	}
	add(prefix+"StopLoss", StopMarket, StopLimit, g.StopLoss, g.StopLimit)
	add(prefix+"TakeProfit", TargetMarket, TargetLimit, g.TakeProfit, g.TargetLimit)
	if g.Trailing.IsPositive() || g.Callback.IsPositive() {
		r := base
		r.Kind, r.Distance, r.Callback, r.Activate = Trailing, g.Trailing, g.Callback, g.Activate
		list = append(list, Order{StopType: "TrailingStop", Request: r})
	}
	return list
}

// guard makes the protection of the whole position exactly g; it tells whether anything changed.
func (c *Core) guard(key slotKey, g Guard) bool {
	changed := false
	wanted := map[string]Order{}
	list := c.guardRequests(key, g)
	for _, o := range list {
		wanted[o.StopType] = o
	}
	kept := map[string]bool{}
	for _, o := range c.openOf(key.symbol) {
		if !o.Guarding() || !o.ClosePosition || o.Slot != key.slot || o.Product != trading.Linear {
			continue
		}
		want, ok := wanted[o.StopType]
		switch {
		case !ok || want.Side != o.Side:
			c.end(o, Canceled, ReasonCanceled)
			changed = true
			continue
		case !want.Trigger.Equal(o.Trigger) || !want.Price.Equal(o.Price) || !want.Distance.Equal(o.Distance) || !want.Callback.Equal(o.Callback) || !want.Activate.Equal(o.Activate):
			c.alter(o, func(next *Order) { c.reguard(next, want) })
			changed = true
		}
		kept[o.StopType] = true
	}
	for _, o := range list {
		if !kept[o.StopType] {
			c.accept(o)
			changed = true
		}
	}
	return changed
}

func (c *Core) reguard(o *Order, want Order) {
	o.Kind, o.Trigger, o.Price, o.Distance, o.Callback, o.Activate = want.Kind, want.Trigger, want.Price, want.Distance, want.Callback, want.Activate
	o.Parent = want.Parent
	if o.Kind == Trailing {
		o.Best = trading.Price{}
		o.Best = o.watch(c.marks[o.Symbol])
	}
}

// pair adds protection for a part of a position, of which one side cancels the other.
func (c *Core) pair(key slotKey, g Guard) {
	group := "guard-" + strconv.Itoa(len(c.orders)+1)
	for _, o := range c.guardRequests(key, g) {
		o.Group = group
		c.accept(o)
	}
}

// guardWhole puts what an order brought along on the whole position; what it does not name stays.
func (c *Core) guardWhole(o *Order) {
	if o.StopLoss.IsZero() && o.TakeProfit.IsZero() {
		return
	}
	key := slotKey{o.Symbol, o.Slot}
	g := c.position(key).Guard
	g.Parent = o.Link
	if o.StopLoss.IsPositive() {
		g.StopLoss, g.StopLimit = o.StopLoss, o.StopLossLimit
	}
	if o.TakeProfit.IsPositive() {
		g.TakeProfit, g.TargetLimit = o.TakeProfit, o.TakeProfitLimit
	}
	c.guard(key, g)
}

// guardPart guards what one order has bought, and nothing else.
func (c *Core) guardPart(o *Order) {
	g := Guard{
		StopLoss: o.StopLoss, StopLimit: o.StopLossLimit, TakeProfit: o.TakeProfit, TargetLimit: o.TakeProfitLimit, Partial: true, Qty: o.Filled,
		Parent: o.Link,
	}
	if o.Product == trading.Linear {
		c.pair(slotKey{o.Symbol, o.Slot}, g)
		return
	}
	i, _ := c.instrument(o.Product, o.Symbol)
	_, free := trading.Money{}, c.free(i.Base)
	qty := i.RoundQty(o.Filled.Min(trading.AsQty(free)))
	if o.Side == trading.Sell || !qty.IsPositive() {
		return
	}
	group := "guard-" + strconv.Itoa(len(c.orders)+1)
	base := Request{Product: o.Product, Symbol: o.Symbol, Slot: o.Slot, Side: trading.Sell, TIF: GTC, Qty: qty, Parent: o.Link, Group: group}
	for _, leg := range []struct {
		stopType       string
		kind, limited  Kind
		trigger, limit trading.Price
	}{{"StopLoss", StopMarket, StopLimit, g.StopLoss, g.StopLimit}, {"TakeProfit", TargetMarket, TargetLimit, g.TakeProfit, g.TargetLimit}} {
		if !leg.trigger.IsPositive() {
			continue
		}
		r := base
		r.Kind, r.Trigger, r.Price = leg.kind, leg.trigger, leg.limit
		if leg.limit.IsPositive() {
			r.Kind = leg.limited
		}
		c.accept(Order{StopType: leg.stopType, Request: r})
	}
}

// dropGuards cancels what protected a position that is gone.
func (c *Core) dropGuards(key slotKey) {
	for _, o := range c.openOf(key.symbol) {
		if o.Product == trading.Linear && o.Slot == key.slot && o.Guarding() && o.Status == Untriggered {
			c.end(o, Canceled, ReasonFlat)
		}
	}
}
