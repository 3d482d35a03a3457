package trading

// Instrument is one tradable thing of one exchange with the exchange's own filters.
type Instrument struct {
	Exchange Exchange
	Product  Product
	// Symbol is the exchange's own spelling ("BTCUSDT", MEXC futures "BTC_USDT").
	Symbol string
	Base   string
	Quote  string
	// TickSize is the smallest price step, StepSize the smallest quantity step.
	TickSize    Price
	StepSize    Qty
	MinQty      Qty
	MaxQty      Qty
	MinNotional Money
	// MaxLeverage is 1 for spot.
	MaxLeverage int
	MakerFee    Ratio
	TakerFee    Ratio
	// Maintenance is the maintenance margin rate of the lowest tier.
	Maintenance Ratio
}

// InDollars tells whether its prices are in dollars, whatever they are called there.
func (i Instrument) InDollars() bool {
	return i.Quote == "USDT" || i.Quote == "USDC" || i.Quote == "FDUSD" || i.Quote == "USD"
}

// Key is what tells the instrument from every other of its account.
func (i Instrument) Key() InstrumentKey { return InstrumentKey{Product: i.Product, Symbol: i.Symbol} }

// InstrumentKey names an instrument within an account; spot and perpetual of one symbol never share it.
type InstrumentKey struct {
	Product Product
	Symbol  string
}

// RoundQty rounds a quantity down to the step; the exchange's rule, and never more than was asked.
func (i Instrument) RoundQty(q Qty) Qty { return q.Floor(i.StepSize) }

// RoundPrice rounds a limit price to the passive side: down for a buy, up for a sell.
func (i Instrument) RoundPrice(p Price, side Side) Price {
	if side == Buy {
		return p.Floor(i.TickSize)
	}
	return p.Ceil(i.TickSize)
}

// RoundTrigger rounds a trigger price to the nearest tick below; triggers have no passive side.
func (i Instrument) RoundTrigger(p Price) Price { return p.Floor(i.TickSize) }

// CheckQty tells in words why a rounded quantity cannot be traded at a price, or nil. A reduce-only order may be below
// the smallest notional: a rest must always be closable.
func (i Instrument) CheckQty(q Qty, at Price, reduceOnly bool) error {
	if !q.IsPositive() || q.Less(i.MinQty) {
		return Errorf(Refused, "quantity %s %s is below the smallest %s of %s on %s", q, i.Base, i.MinQty, i.Symbol, i.Exchange)
	}
	if i.MaxQty.IsPositive() && q.More(i.MaxQty) {
		return Errorf(Refused, "quantity %s %s is above the largest %s of %s on %s", q, i.Base, i.MaxQty, i.Symbol, i.Exchange)
	}
	if worth := Notional(at, q); !reduceOnly && worth.Less(i.MinNotional) {
		return Errorf(Refused, "order value %s %s is below the smallest %s of %s on %s", worth, i.Quote, i.MinNotional, i.Symbol, i.Exchange)
	}
	return nil
}
