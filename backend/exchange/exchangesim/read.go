package exchangesim

import (
	"cmp"
	"maps"
	"slices"

	"hoox/backend/trading"
)

// sorted is the keys of a map in order: nothing here may depend on how a map is walked.
func sorted[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }

func (o *Order) copy() Order {
	c := *o
	c.Fees = maps.Clone(o.Fees)
	return c
}

func (c *Core) instrument(product trading.Product, symbol string) (trading.Instrument, bool) {
	for _, i := range c.instruments {
		if i.Product == product && i.Symbol == symbol {
			return i, true
		}
	}
	return trading.Instrument{}, false
}

// Instrument is one instrument with its filters as they are now.
func (c *Core) Instrument(product trading.Product, symbol string) (trading.Instrument, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.instrument(product, symbol)
}

// Instruments is every instrument of a product in the order of the config.
func (c *Core) Instruments(product trading.Product) []trading.Instrument {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []trading.Instrument
	for _, i := range c.instruments {
		if i.Product == product {
			list = append(list, i)
		}
	}
	return list
}

// Quote is the top of the market: the bid at the mark or the tick below it, the ask one tick above that. It is not ok
// before a price was set.
func (c *Core) Quote(product trading.Product, symbol string) (bid, ask, mark trading.Price, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i, known := c.instrument(product, symbol)
	mark = c.marks[symbol]
	if !known || !mark.IsPositive() {
		return trading.Price{}, trading.Price{}, trading.Price{}, false
	}
	bid = mark.Floor(i.TickSize)
	return bid, bid.Add(i.TickSize), mark, true
}

// Orders is every order there ever was, oldest first, hidden ones too: the truth.
func (c *Core) Orders() []Order {
	c.mu.Lock()
	defer c.mu.Unlock()
	list := make([]Order, 0, len(c.orders))
	for _, o := range c.orders {
		list = append(list, o.copy())
	}
	return list
}

// Shown is every order of a product that lists show now, oldest first; an empty symbol is all of them.
func (c *Core) Shown(product trading.Product, symbol string) []Order {
	return c.list(product, symbol, func(*Order) bool { return true })
}

// OpenOrders is every open order that lists show now, conditional ones too, oldest first.
func (c *Core) OpenOrders(product trading.Product, symbol string) []Order {
	return c.list(product, symbol, func(o *Order) bool { return o.Status.Open() })
}

func (c *Core) list(product trading.Product, symbol string, want func(*Order) bool) []Order {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.cfg.Now()
	var list []Order
	for _, o := range c.orders {
		if o.Product == product && (symbol == "" || o.Symbol == symbol) && !now.Before(o.Shown) && want(o) {
			list = append(list, o.copy())
		}
	}
	return list
}

// Find is the order with this id, or else the newest with this client id, if lists show it. An empty symbol is any.
func (c *Core) Find(product trading.Product, symbol, id, link string) (Order, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.find(product, symbol, id, link, func(*Order) bool { return true })
	if o == nil {
		return Order{}, false
	}
	return o.copy(), true
}

// FindAlgo is Find in the algo book only, FindPlain everywhere else.
func (c *Core) FindAlgo(product trading.Product, symbol, id, link string) (Order, bool) {
	return c.findIn(true, product, symbol, id, link)
}

// FindPlain is Find outside the algo book.
func (c *Core) FindPlain(product trading.Product, symbol, id, link string) (Order, bool) {
	return c.findIn(false, product, symbol, id, link)
}

func (c *Core) findIn(algo bool, product trading.Product, symbol, id, link string) (Order, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.find(product, symbol, id, link, func(o *Order) bool { return o.Algo == algo })
	if o == nil {
		return Order{}, false
	}
	return o.copy(), true
}

// find looks an order up as lists would: by id, or else the newest of a client id.
func (c *Core) find(product trading.Product, symbol, id, link string, want func(*Order) bool) *Order {
	fits := func(o *Order) bool {
		return o.Product == product && (symbol == "" || o.Symbol == symbol) && !c.cfg.Now().Before(o.Shown) && want(o)
	}
	if id != "" {
		if o := c.byID[id]; o != nil && fits(o) && (link == "" || o.Link == link) {
			return o
		}
		return nil
	}
	if link == "" {
		return nil
	}
	same := c.byLink[link]
	for n := len(same) - 1; n >= 0; n-- {
		if fits(same[n]) {
			return same[n]
		}
	}
	return nil
}

// Fills is every execution, oldest first.
func (c *Core) Fills() []Execution {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.fills)
}

// ShownFills is every execution of orders that lists show now.
func (c *Core) ShownFills(product trading.Product) []Execution {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := c.cfg.Now()
	var list []Execution
	for _, x := range c.fills {
		if x.Product == product && !now.Before(c.byID[x.OrderID].Shown) {
			list = append(list, x)
		}
	}
	return list
}

// Seq is the number of the latest event.
func (c *Core) Seq() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.seq
}

// Fundings is every funding payment, oldest first.
func (c *Core) Fundings() []Funding {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.fundings)
}

// Positions is every linear position that is not flat, by symbol and slot.
func (c *Core) Positions() []Position {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []Position
	for _, key := range c.slots() {
		if !c.lots[key].Qty.IsZero() {
			list = append(list, c.position(key))
		}
	}
	return list
}

// Position is what is held in one slot, flat or not.
func (c *Core) Position(symbol string, slot trading.Slot) Position {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.position(slotKey{symbol, slot})
}

func (c *Core) slots() []slotKey {
	return slices.SortedFunc(maps.Keys(c.lots), func(a, b slotKey) int {
		return cmp.Or(cmp.Compare(a.symbol, b.symbol), cmp.Compare(a.slot, b.slot))
	})
}

func (c *Core) position(key slotKey) Position {
	p := Position{Mark: c.marks[key.symbol], Isolated: c.isolatedMargin(key.symbol)}
	p.Product, p.Symbol, p.Slot = trading.Linear, key.symbol, key.slot
	if l := c.lots[key]; l != nil {
		p.Position, p.TotalRealized = l.Position, l.total
		p.Margin, p.Maintenance = c.initialMargin(l), c.maintenance(l)
		p.Liquidation = c.liquidationPrice(l)
	}
	p.Leverage = c.lever(key.symbol)
	for _, o := range c.live {
		if o.Symbol != key.symbol || o.Slot != key.slot || o.Product != trading.Linear {
			continue
		}
		switch o.StopType {
		case "StopLoss":
			p.Guard.StopLoss, p.Guard.StopLimit, p.Guard.Parent = o.Trigger, o.Price, o.Parent
		case "TakeProfit":
			p.Guard.TakeProfit, p.Guard.TargetLimit, p.Guard.Parent = o.Trigger, o.Price, o.Parent
		case "TrailingStop":
			p.Guard.Trailing, p.Guard.Callback, p.Guard.Activate = o.Distance, o.Callback, o.Activate
		}
	}
	return p
}

// Balance is what the account has of an asset, and what of it is free to use.
func (c *Core) Balance(asset string) (total, free trading.Money) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.balances[asset], c.free(asset)
}

// Balances is total and free of every asset that the account ever had.
func (c *Core) Balances() map[string][2]trading.Money {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := map[string][2]trading.Money{}
	for asset, total := range c.balances {
		all[asset] = [2]trading.Money{total, c.free(asset)}
	}
	return all
}

// Bound is what of an asset is kept: by positions, by open linear orders, by open spot orders.
func (c *Core) Bound(asset string) (positions, orders, spot trading.Money) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, key := range c.slots() {
		if l := c.lots[key]; !l.Qty.IsZero() && c.settles(l.Symbol) == asset {
			positions = positions.Add(c.initialMargin(l))
		}
	}
	groups := map[string]bool{}
	for _, o := range c.live {
		amount, of := c.bound(o)
		if of != asset || o.Group != "" && groups[o.Group] {
			continue
		}
		groups[o.Group] = true
		if o.Product == trading.Spot {
			spot = spot.Add(amount)
		} else {
			orders = orders.Add(amount)
		}
	}
	return positions, orders, spot
}

// Order is the order with this id, hidden or not.
func (c *Core) Order(id string) (Order, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o := c.byID[id]
	if o == nil {
		return Order{}, false
	}
	return o.copy(), true
}
