package ledger

import "hoox/backend/trading"

// Apply is the position after a fill and the profit the fill realized, before fees. Positions use average cost: adding
// moves the average, reducing realizes against it and leaves it. A fill through zero closes what there is and opens the
// rest at the fill's price.
func Apply(p trading.Position, f trading.Fill) (trading.Position, trading.Money) {
	signed := f.Qty
	if f.Side == trading.Sell {
		signed = signed.Neg()
	}
	if p.Qty.IsZero() {
		return open(p, signed, f), trading.Money{}
	}
	if p.Qty.Sign() == signed.Sign() {
		p.Qty = p.Qty.Add(signed)
		p.Cost = p.Cost.Add(trading.Notional(f.Price, f.Qty))
		p.UpdatedAt = f.At
		return p, trading.Money{}
	}
	closed := p.Size().Min(f.Qty)
	rest := f.Qty.Sub(closed)
	p, realized := reduce(p, closed, f)
	if rest.IsZero() {
		return p, realized
	}
	if f.Side == trading.Sell {
		rest = rest.Neg()
	}
	f.Qty = rest.Abs()
	return open(p, rest, f), realized
}

func open(p trading.Position, signed trading.Qty, f trading.Fill) trading.Position {
	p.Account, p.Product, p.Symbol, p.Slot = f.Account, f.Product, f.Symbol, f.Slot
	p.Qty = signed
	p.Cost = trading.Notional(f.Price, f.Qty)
	p.Realized = trading.Money{}
	p.OpenedAt, p.UpdatedAt = f.At, f.At
	return p
}

func reduce(p trading.Position, closed trading.Qty, f trading.Fill) (trading.Position, trading.Money) {
	// The cost of the part that closes; all of it when all of it closes, so that no rounding is left behind.
	cost := p.Cost
	if closed.Less(p.Size()) {
		// Divided last, so that the cost keeps 18 digits however often a position is reduced.
		cost = p.Cost.Times(closed.AsRatio()).Over(p.Size().AsRatio())
	}
	value := trading.Notional(f.Price, closed)
	realized := value.Sub(cost)
	if p.Qty.IsNegative() {
		realized = realized.Neg()
		p.Qty = p.Qty.Add(closed)
	} else {
		p.Qty = p.Qty.Sub(closed)
	}
	p.Cost = p.Cost.Sub(cost)
	p.Realized = p.Realized.Add(realized)
	p.UpdatedAt = f.At
	return p, realized
}
