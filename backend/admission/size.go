package admission

import (
	"hoox/backend/trading"
)

var hundred = trading.RatioUnits(100, 0)

// reference is the price an entry is sized at: its limit, or where a market order would meet the market.
func (p *planner) reference(d trading.Direction) (trading.Price, error) {
	if !p.in.Signal.Price.IsZero() && p.in.Signal.Type == trading.Limit {
		return p.in.Instrument.RoundPrice(p.in.Signal.Price, d.Entry()), nil
	}
	if !p.fresh {
		return trading.Price{}, trading.Errorf(trading.Refused, "there is no fresh price of %s on %s to size the order with", p.in.Instrument.Symbol, p.in.Instrument.Exchange)
	}
	return p.quote.Touch(d.Entry()), nil
}

// size is the entry quantity in whole steps.
func (p *planner) size(d trading.Direction) (trading.Qty, error) {
	price, err := p.reference(d)
	if err != nil {
		return trading.Qty{}, err
	}
	size := p.in.Signal.Size
	var exact trading.Qty
	switch size.Mode {
	case trading.SizeBase:
		exact = trading.AsQty(size.Value)
	case trading.SizeQuote:
		exact = trading.QtyFor(trading.AsMoney(size.Value), price)
	case trading.SizePercent:
		exact = trading.QtyFor(p.equity().Times(size.Value).Over(hundred), price)
	case trading.SizeRisk:
		exact, err = p.riskSize(d, price)
	case trading.SizeNone:
		err = trading.FieldError("quantity", "an entry needs a size: quantity, quoteQuantity, percent, or riskPercent with stopLoss")
	}
	if err != nil {
		return trading.Qty{}, err
	}
	return p.step(exact), nil
}

// riskSize is the quantity that loses the asked percent of equity when the stop is hit.
func (p *planner) riskSize(d trading.Direction, price trading.Price) (trading.Qty, error) {
	stop := p.in.Signal.StopLoss.At(price, d, true)
	distance := price.Sub(stop)
	if d == trading.Short {
		distance = stop.Sub(price)
	}
	if stop.IsZero() || !distance.IsPositive() {
		return trading.Qty{}, trading.FieldError("stopLoss", "riskPercent needs a stop on the losing side of the entry at %s", price)
	}
	return trading.QtyFor(p.equity().Times(p.in.Signal.Size.Value).Over(hundred), distance), nil
}

// equity is the account's balance and what is open at fresh marks.
func (p *planner) equity() trading.Money {
	sum := p.book.Balance
	for _, pos := range p.book.Positions {
		if mark, ok := p.mark(trading.InstrumentKey{Product: pos.Product, Symbol: pos.Symbol}); ok {
			sum = sum.Add(pos.Unrealized(mark))
		}
	}
	return sum
}

// closeSize is how much of a position to close. Percent is of the position; more than there is closes all of it.
func (p *planner) closeSize(pos trading.Position) (trading.Qty, error) {
	size := p.in.Signal.Size
	var exact trading.Qty
	switch size.Mode {
	case trading.SizeNone:
		return pos.Size(), nil
	case trading.SizeBase:
		exact = trading.AsQty(size.Value)
	case trading.SizePercent:
		exact = pos.Size().Times(size.Value).Over(hundred)
	case trading.SizeQuote:
		if !p.fresh {
			return trading.Qty{}, trading.Errorf(trading.Refused, "there is no fresh price of %s to turn quoteQuantity into a quantity", pos.Symbol)
		}
		exact = trading.QtyFor(trading.AsMoney(size.Value), p.quote.Mark)
	case trading.SizeRisk:
		return trading.Qty{}, trading.FieldError("riskPercent", "sizes an entry; a close takes quantity, quoteQuantity or percent")
	}
	if held := pos.Size(); !exact.Less(held) {
		if held.Less(exact) {
			base := p.in.Instrument.Base
			p.notes = append(p.notes, trading.Check{Rule: "close size", Asked: "close " + exact.String() + " " + base, Allowed: "all that is held: " + held.String() + " " + base, OK: true})
		}
		return held, nil
	}
	qty := p.step(exact)
	if qty.IsZero() {
		return qty, trading.Errorf(trading.Refused, "quantity %s is below one step (%s) of %s", exact, p.in.Instrument.StepSize, pos.Symbol)
	}
	return qty, nil
}

// step rounds down to whole steps and notes it when that changed something.
func (p *planner) step(exact trading.Qty) trading.Qty {
	qty := p.in.Instrument.RoundQty(exact)
	if !qty.Equal(exact) {
		p.notes = append(p.notes, trading.Check{Rule: "quantity step", Asked: exact.String() + " " + p.in.Instrument.Base,
			Allowed: qty.String() + " " + p.in.Instrument.Base + " (steps of " + p.in.Instrument.StepSize.String() + ")", OK: true})
	}
	return qty
}
