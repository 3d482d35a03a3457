package exchangesim

import "hoox/backend/trading"

// normal fills in what a request may leave out.
func (c *Core) normal(r Request) Request {
	if r.Slot == "" {
		r.Slot = trading.SlotBoth
	}
	if r.Kind == "" {
		r.Kind = Market
	}
	if r.TIF == "" {
		r.TIF = GTC
	}
	if !r.Kind.Priced() {
		r.TIF, r.Price = IOC, trading.Price{}
	}
	if r.Product == trading.Spot {
		r.Slot, r.ReduceOnly, r.ClosePosition = trading.SlotBoth, false, false
	}
	if r.QuoteQty.IsPositive() && r.Qty.IsZero() {
		i, _ := c.instrument(r.Product, r.Symbol)
		r.Qty = i.RoundQty(trading.QtyFor(r.QuoteQty, c.reference(r)))
	}
	return r
}

// reference is the price by which a request is judged: its limit, its trigger, or where it meets the market.
func (c *Core) reference(r Request) trading.Price {
	switch {
	case r.Kind.Priced():
		return r.Price
	case r.Kind.Conditional() && r.Trigger.IsPositive():
		return r.Trigger
	default:
		return c.touch(r)
	}
}

// check holds a request against the rules in the order in which exchanges do: what it names, what it says, what the
// account has.
func (c *Core) check(r Request) *Refusal {
	i, known := c.instrument(r.Product, r.Symbol)
	switch {
	case !known:
		return refuse(UnknownSymbol, "no such symbol: "+r.Symbol)
	case c.halted[r.Symbol]:
		return refuse(Halted, r.Symbol+" is halted")
	case c.taken(r):
		return refuse(DuplicateID, "client order id "+r.Link+" was used before")
	case r.Product == trading.Linear && c.hedge != (r.Slot != trading.SlotBoth):
		return refuse(WrongSlot, "slot "+string(r.Slot)+" does not fit the position mode")
	}
	for _, no := range []*Refusal{checkPrices(i, r), c.checkQty(i, r), c.checkBand(r), c.checkTriggers(r), c.checkCount(r), c.checkAccount(i, r)} {
		if no != nil {
			return no
		}
	}
	return nil
}

func (c *Core) taken(r Request) bool {
	if r.Link == "" || c.cfg.IDs == Free || c.cfg.IDs == ReturnsFirst {
		return false
	}
	for _, o := range c.byLink[r.Link] {
		if c.cfg.IDs != UniqueWhileOpen || o.Product == r.Product && o.Algo == r.Algo && o.Status.Open() {
			return true
		}
	}
	return false
}

func checkPrices(i trading.Instrument, r Request) *Refusal {
	if r.Kind.Priced() && !r.Price.IsPositive() {
		return refuse(OffTick, "a limit order needs a price")
	}
	for _, p := range []trading.Price{r.Price, r.Trigger, r.Activate, r.TakeProfit, r.StopLoss, r.TakeProfitLimit, r.StopLossLimit} {
		if p.IsNegative() || !p.Floor(i.TickSize).Equal(p) {
			return refuse(OffTick, "price "+p.String()+" is no multiple of "+i.TickSize.String())
		}
	}
	return nil
}

func (c *Core) checkQty(i trading.Instrument, r Request) *Refusal {
	if r.ClosePosition {
		return nil
	}
	worth := trading.Notional(c.reference(r), r.Qty)
	switch {
	case !r.Qty.IsPositive() || r.Qty.Less(i.MinQty):
		return refuse(BelowMinQty, "quantity "+r.Qty.String()+" is below "+i.MinQty.String())
	case !i.RoundQty(r.Qty).Equal(r.Qty):
		return refuse(OffStep, "quantity "+r.Qty.String()+" is no multiple of "+i.StepSize.String())
	case i.MaxQty.IsPositive() && r.Qty.More(i.MaxQty):
		return refuse(AboveMaxQty, "quantity "+r.Qty.String()+" is above "+i.MaxQty.String())
	case !r.ReduceOnly && worth.Less(i.MinNotional):
		return refuse(BelowNotional, "value "+worth.String()+" is below "+i.MinNotional.String())
	}
	return nil
}

func (c *Core) checkBand(r Request) *Refusal {
	mark := c.marks[r.Symbol]
	if c.cfg.Band.IsZero() || !r.Kind.Priced() || mark.IsZero() {
		return nil
	}
	if r.Price.Sub(mark).Abs().More(mark.Times(c.cfg.Band)) {
		return refuse(PriceBand, "price "+r.Price.String()+" is too far from "+mark.String())
	}
	return nil
}

// checkTriggers refuses what would trigger at once, and protection on the wrong side.
func (c *Core) checkTriggers(r Request) *Refusal {
	mark := c.marks[r.Symbol]
	if r.Kind.Conditional() && mark.IsPositive() && hit(Order{Request: r}, mark) {
		return refuse(WouldTrigger, "trigger "+r.Trigger.String()+" is reached already")
	}
	at := c.reference(r)
	if at.IsZero() || r.Kind.Conditional() {
		return nil
	}
	loss, gain := at.Sub(r.StopLoss), r.TakeProfit.Sub(at)
	if r.Side == trading.Sell {
		loss, gain = loss.Neg(), gain.Neg()
	}
	if r.StopLoss.IsPositive() && !loss.IsPositive() || r.TakeProfit.IsPositive() && !gain.IsPositive() {
		return refuse(WouldTrigger, "protection is on the wrong side of "+at.String())
	}
	return nil
}

func (c *Core) checkCount(r Request) *Refusal {
	open, conditional := 0, 0
	for _, o := range c.live {
		if o.Product != r.Product || o.Symbol != r.Symbol {
			continue
		}
		if o.Status == Untriggered {
			conditional++
		} else {
			open++
		}
		if r.ClosePosition && o.ClosePosition && o.Side == r.Side && o.Slot == r.Slot && o.Kind.target() == r.Kind.target() && o.Status == Untriggered {
			return refuse(Exists, "an order that closes the position exists")
		}
	}
	if r.Kind.Conditional() && c.cfg.MaxConditional > 0 && conditional >= c.cfg.MaxConditional {
		return refuse(TooManyOrders, "too many conditional orders")
	}
	if !r.Kind.Conditional() && c.cfg.MaxOpen > 0 && open >= c.cfg.MaxOpen {
		return refuse(TooManyOrders, "too many open orders")
	}
	return nil
}

// checkAccount holds a request against what the account has. Conditional linear orders are judged at their trigger.
func (c *Core) checkAccount(i trading.Instrument, r Request) *Refusal {
	if r.Kind.Conditional() && (r.Product == trading.Linear || r.Algo || r.LockLater) {
		return nil
	}
	switch {
	case r.Product == trading.Linear && c.reduces(r) && c.reducible(r).IsZero():
		return refuse(NothingToReduce, "there is no position to reduce")
	case r.TIF == PostOnly && !c.cfg.CancelPostOnly && c.crosses(r):
		return refuse(WouldTake, "the order would take")
	case r.Product == trading.Linear && c.lever(r.Symbol) > max(i.MaxLeverage, 1):
		return refuse(LeverageTooHigh, "leverage is above what the symbol allows")
	case !c.afford(r, r.Qty, c.reference(r)):
		return refuse(NoMoney, "not enough money")
	}
	return nil
}
