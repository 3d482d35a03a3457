package exchangesim

import (
	"strconv"

	"hoox/backend/trading"
)

// SetLeverage sets the leverage of a linear symbol. It refuses with UnknownSymbol, LeverageTooHigh and NotModified.
func (c *Core) SetLeverage(symbol string, n int) (no *Refusal) {
	c.change(func() {
		i, known := c.instrument(trading.Linear, symbol)
		switch {
		case !known:
			no = refuse(UnknownSymbol, "no such symbol: "+symbol)
		case n < 1 || n > i.MaxLeverage:
			no = refuse(LeverageTooHigh, "leverage "+strconv.Itoa(n)+" is above "+strconv.Itoa(i.MaxLeverage))
		case c.leverage[symbol] == n:
			no = refuse(NotModified, "leverage is "+strconv.Itoa(n)+" already")
		default:
			c.happen(Event{Set: &Setting{Name: "leverage", Symbol: symbol, Number: n}})
		}
	})
	return no
}

// Leverage is the leverage of a symbol, 1 until it was set.
func (c *Core) Leverage(symbol string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lever(symbol)
}

// SetHedge switches the position mode. It refuses with ModeBlocked while there are positions (Text "position") or open
// orders (Text "orders"), and with NotModified.
func (c *Core) SetHedge(hedge bool) (no *Refusal) {
	c.change(func() {
		if no = c.blocked("", c.hedge == hedge); no == nil {
			c.happen(Event{Set: &Setting{Name: "hedge", On: hedge}})
		}
	})
	return no
}

// Hedge tells whether each direction has its own slot.
func (c *Core) Hedge() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hedge
}

// blocked tells why a mode may not change now; an empty symbol is all of them.
func (c *Core) blocked(symbol string, same bool) *Refusal {
	if same {
		return refuse(NotModified, "the mode is that already")
	}
	for _, key := range c.slots() {
		if (symbol == "" || key.symbol == symbol) && !c.lots[key].Qty.IsZero() {
			return refuse(ModeBlocked, "position")
		}
	}
	for _, o := range c.live {
		if o.Product == trading.Linear && (symbol == "" || o.Symbol == symbol) && o.Status.Open() {
			return refuse(ModeBlocked, "orders")
		}
	}
	return nil
}

// SetIsolated switches the margin mode of the whole account. It refuses with ModeBlocked while there are positions, and
// with NotModified.
func (c *Core) SetIsolated(isolated bool) (no *Refusal) {
	c.change(func() {
		if no = c.blocked("", c.isolated == isolated); no == nil {
			c.happen(Event{Set: &Setting{Name: "isolated", On: isolated}})
		}
	})
	return no
}

// Isolated tells the margin mode of the whole account.
func (c *Core) Isolated() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.isolated
}

// SetMargin switches the margin mode of one symbol; it refuses as SetIsolated does.
func (c *Core) SetMargin(symbol string, isolated bool) (no *Refusal) {
	c.change(func() {
		if _, known := c.instrument(trading.Linear, symbol); !known {
			no = refuse(UnknownSymbol, "no such symbol: "+symbol)
			return
		}
		if no = c.blocked(symbol, c.isolatedMargin(symbol) == isolated); no == nil {
			c.happen(Event{Set: &Setting{Name: "margin", Symbol: symbol, On: isolated}})
		}
	})
	return no
}

// Margin tells whether a symbol has isolated margin.
func (c *Core) Margin(symbol string) (isolated bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.isolatedMargin(symbol)
}

// SetHalted stops or resumes trading of a symbol.
func (c *Core) SetHalted(symbol string, halted bool) {
	c.change(func() { c.happen(Event{Set: &Setting{Name: "halted", Symbol: symbol, On: halted}}) })
}

// Halted tells whether trading of a symbol is stopped.
func (c *Core) Halted(symbol string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.halted[symbol]
}

// SetInstrument changes the filters of an instrument that exists.
func (c *Core) SetInstrument(i trading.Instrument) {
	c.change(func() {
		c.happen(Event{Set: &Setting{Name: "instrument", Symbol: i.Symbol, Of: &SettingOfSymbol{i}}})
	})
}

// Transfer moves money to the account, or from it when the amount is negative.
func (c *Core) Transfer(asset string, amount trading.Money) {
	c.change(func() { c.happen(Event{Cash: &Cash{Asset: asset, Kind: "transfer", Amount: amount}}) })
}

// Funding books a payment on every position of a symbol: at a positive rate longs pay and shorts receive.
func (c *Core) Funding(symbol string, rate trading.Ratio) {
	c.change(func() {
		for _, key := range c.slots() {
			l := c.lots[key]
			if key.symbol != symbol || l.Qty.IsZero() {
				continue
			}
			mark := c.marks[symbol]
			now := c.cfg.Now()
			c.happen(Event{At: now, Funding: &Funding{
				ID: c.cfg.newID("funding", len(c.fundings)+1), Symbol: symbol, Slot: key.slot, Asset: c.settles(symbol), Qty: l.Qty, Mark: mark,
				Rate: rate, Amount: trading.Notional(mark, l.Qty).Times(rate).Neg(), At: now,
			}})
		}
	})
}

// Liquidate lets the exchange take a position over at the mark, whatever the margin is.
func (c *Core) Liquidate(symbol string, slot trading.Slot) {
	c.change(func() { c.takeOver(slotKey{symbol, slot}, "Liquidation", "Bust", trading.Qty{}) })
}

// ADL lets the exchange close a quantity of a position at the mark for somebody else's sake; zero is all of it.
func (c *Core) ADL(symbol string, slot trading.Slot, qty trading.Qty) {
	c.change(func() { c.takeOver(slotKey{symbol, slot}, "ADL", "ADL", qty) })
}
