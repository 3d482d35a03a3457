package exchangesim

import "hoox/backend/trading"

// lever is the leverage of a symbol, 1 until it is set.
func (c *Core) lever(symbol string) int { return max(c.leverage[symbol], 1) }

func (c *Core) isolatedMargin(symbol string) bool {
	if own, set := c.margin[symbol]; set {
		return own
	}
	return c.isolated
}

func times(n int) trading.Ratio { return trading.RatioUnits(int64(n), 0) }

// initialMargin is what a position binds.
func (c *Core) initialMargin(l *lot) trading.Money { return l.Cost.Over(times(c.lever(l.Symbol))) }

// maintenance is what must be left of it.
func (c *Core) maintenance(l *lot) trading.Money {
	i, _ := c.instrument(trading.Linear, l.Symbol)
	return trading.Notional(c.marks[l.Symbol], l.Size()).Times(i.Maintenance)
}

func (c *Core) settles(symbol string) string {
	i, _ := c.instrument(trading.Linear, symbol)
	return i.Quote
}

// free is what of an asset is bound neither by positions nor by orders; in cross margin open profit and loss count.
func (c *Core) free(asset string) trading.Money { return c.freeBut(asset, "") }

// freeBut is what is free for an order of a group: what the others of the group keep is kept for it as well.
func (c *Core) freeBut(asset, group string) trading.Money {
	left := c.balances[asset]
	for _, key := range c.slots() {
		l := c.lots[key]
		if l.Qty.IsZero() || c.settles(l.Symbol) != asset {
			continue
		}
		left = left.Sub(c.initialMargin(l))
		if !c.isolatedMargin(l.Symbol) {
			left = left.Add(l.Unrealized(c.marks[l.Symbol]))
		}
	}
	groups := map[string]bool{}
	for _, o := range c.live {
		if o.Group != "" && (groups[o.Group] || o.Group == group) {
			continue
		}
		if bound, of := c.bound(o); of == asset {
			left = left.Sub(bound)
			groups[o.Group] = true
		}
	}
	return left.Max(trading.Money{})
}

// bound is how much of which asset an open order keeps.
func (c *Core) bound(o *Order) (trading.Money, string) {
	i, _ := c.instrument(o.Product, o.Symbol)
	price := o.Price
	if !o.Kind.Priced() {
		price = o.Trigger.Max(c.marks[o.Symbol])
	}
	switch {
	case o.Status == Untriggered && (o.Product == trading.Linear || o.Algo || o.LockLater):
		return trading.Money{}, i.Quote
	case o.Product == trading.Spot && o.Side == trading.Sell:
		return trading.AsMoney(o.Open()), i.Base
	case o.Product == trading.Spot:
		return trading.Notional(price, o.Open()), i.Quote
	}
	grows := c.growth(o.Request, o.Open())
	return trading.Notional(price, grows).Over(times(c.lever(o.Symbol))), i.Quote
}

// reduces tells whether a linear order can only reduce.
func (c *Core) reduces(r Request) bool {
	return r.ReduceOnly || r.ClosePosition || r.Slot == trading.SlotLong && r.Side == trading.Sell || r.Slot == trading.SlotShort && r.Side == trading.Buy
}

// reducible is how much there is for an order to reduce.
func (c *Core) reducible(r Request) trading.Qty {
	l := c.lots[slotKey{r.Symbol, r.Slot}]
	if l == nil || l.Qty.IsZero() || l.Direction().Entry() == r.Side {
		return trading.Qty{}
	}
	return l.Size()
}

// growth is how much of a quantity would make the position larger.
func (c *Core) growth(r Request, qty trading.Qty) trading.Qty {
	if c.reduces(r) {
		return trading.Qty{}
	}
	return qty.Sub(c.reducible(r)).Max(trading.Qty{})
}

// afford tells whether the account can pay for a quantity at a price.
func (c *Core) afford(r Request, qty trading.Qty, price trading.Price) bool {
	i, _ := c.instrument(r.Product, r.Symbol)
	switch {
	case r.Product == trading.Spot && r.Side == trading.Sell:
		return !trading.AsMoney(qty).More(c.freeBut(i.Base, r.Group))
	case r.Product == trading.Spot:
		return !trading.Notional(price, qty).More(c.freeBut(i.Quote, r.Group))
	}
	worth := trading.Notional(price, c.growth(r, qty))
	if worth.IsZero() {
		return true
	}
	need := worth.Over(times(c.lever(r.Symbol))).Add(worth.Times(i.TakerFee.Max(trading.Ratio{})))
	return !need.More(c.free(i.Quote))
}

// liquidationPrice is the mark at which the exchange takes a position over, zero when there is none.
func (c *Core) liquidationPrice(l *lot) trading.Price {
	if l.Qty.IsZero() {
		return trading.Price{}
	}
	i, _ := c.instrument(trading.Linear, l.Symbol)
	one, rest := times(1), trading.Money{}
	if c.isolatedMargin(l.Symbol) {
		rest = c.initialMargin(l)
	} else {
		equity, need := c.equity(i.Quote)
		rest = equity.Sub(l.Unrealized(c.marks[l.Symbol])).Sub(need.Sub(c.maintenance(l)))
	}
	size := l.Size().AsRatio()
	at := trading.Money{}
	if l.Qty.IsPositive() {
		at = l.Cost.Sub(rest).Over(size.Times(one.Sub(i.Maintenance)))
	} else {
		at = l.Cost.Add(rest).Over(size.Times(one.Add(i.Maintenance)))
	}
	if !at.IsPositive() {
		return trading.Price{}
	}
	return trading.AsPrice(at)
}

// equity is what cross positions of an asset share, and what must be left of it.
func (c *Core) equity(asset string) (equity, need trading.Money) {
	equity = c.balances[asset]
	for _, key := range c.slots() {
		l := c.lots[key]
		switch {
		case l.Qty.IsZero() || c.settles(l.Symbol) != asset:
		case c.isolatedMargin(l.Symbol):
			equity = equity.Sub(c.initialMargin(l))
		default:
			equity, need = equity.Add(l.Unrealized(c.marks[l.Symbol])), need.Add(c.maintenance(l))
		}
	}
	return equity, need
}

// liquidations takes over what the marks have ruined.
func (c *Core) liquidations(asset string) {
	cross := false
	for _, key := range c.slots() {
		l := c.lots[key]
		if l.Qty.IsZero() || c.settles(l.Symbol) != asset {
			continue
		}
		if !c.isolatedMargin(l.Symbol) {
			cross = true
			continue
		}
		if c.initialMargin(l).Add(l.Unrealized(c.marks[l.Symbol])).Less(c.maintenance(l)) {
			c.takeOver(key, "Liquidation", "Bust", trading.Qty{})
		}
	}
	equity, need := c.equity(asset)
	if !cross || !equity.Less(need) {
		return
	}
	for _, key := range c.slots() {
		if l := c.lots[key]; !l.Qty.IsZero() && c.settles(l.Symbol) == asset && !c.isolatedMargin(l.Symbol) {
			c.takeOver(key, "Liquidation", "Bust", trading.Qty{})
		}
	}
}

// takeOver closes a position by order of the exchange; a zero quantity is all of it.
func (c *Core) takeOver(key slotKey, stopType, kind string, qty trading.Qty) {
	l := c.lots[key]
	if l == nil || l.Qty.IsZero() {
		return
	}
	if kind == "Bust" {
		for _, o := range c.openOf(key.symbol) {
			if o.Product == trading.Linear && o.Slot == key.slot {
				c.end(o, Canceled, ReasonLiquidated)
			}
		}
	}
	if qty.IsZero() {
		qty = l.Size()
	}
	i, _ := c.instrument(trading.Linear, key.symbol)
	price := c.marks[key.symbol].Floor(i.TickSize)
	if c.isolatedMargin(key.symbol) && kind == "Bust" {
		price = c.bankrupt(l, price)
	}
	o := c.accept(Order{StopType: stopType, Request: Request{
		Product: trading.Linear, Symbol: key.symbol, Slot: key.slot, Side: l.Direction().Entry().Opposite(), Kind: Market, TIF: IOC,
		Qty: qty.Min(l.Size()), ReduceOnly: true,
	}})
	c.fill(o, price, o.Qty, false, kind)
	c.insure(c.settles(key.symbol))
}

// bankrupt is the better of the mark and the tick at which the margin is all but gone: what is lost beyond it is the
// exchange's.
func (c *Core) bankrupt(l *lot, mark trading.Price) trading.Price {
	i, _ := c.instrument(trading.Linear, l.Symbol)
	if l.Qty.IsPositive() {
		return mark.Max(trading.UnitPrice(l.Cost.Sub(c.initialMargin(l)), l.Size()).Ceil(i.TickSize))
	}
	return mark.Min(trading.UnitPrice(l.Cost.Add(c.initialMargin(l)), l.Size()).Floor(i.TickSize))
}

// insure brings a balance that a liquidation left below zero back to it.
func (c *Core) insure(asset string) {
	if total := c.balances[asset]; total.IsNegative() {
		c.happen(Event{Cash: &Cash{Asset: asset, Kind: "insurance", Amount: total.Neg()}})
	}
}
