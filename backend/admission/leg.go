package admission

import (
	"strconv"

	"hoox/backend/trading"
)

// reduce adds a reduce-only market leg, in whole steps: a fee that was taken in the coin leaves a part of a step, which no
// exchange sells. Limit closes keep their price.
func (p *planner) reduce(pos trading.Position, qty trading.Qty) {
	all := qty.Equal(pos.Size())
	if qty = p.step(qty); qty.IsZero() {
		p.why = pos.Size().String() + " " + p.in.Instrument.Base + " are held, less than one step (" + p.in.Instrument.StepSize.String() + "): they cannot be sold"
		return
	}
	o := p.leg(pos.Slot, pos.Direction().Entry().Opposite(), qty)
	o.ReduceOnly = true
	o.ClosesAll = all
	o.Leverage = pos.Leverage
	if p.in.Signal.Type == trading.Limit && p.in.Signal.Action.Closes() {
		o.Type, o.Price = trading.Limit, p.in.Instrument.RoundPrice(p.in.Signal.Price, o.Side)
	}
	p.legs = append(p.legs, o)
}

// entry adds the entry leg with its protections.
func (p *planner) entry(d trading.Direction, qty trading.Qty) error {
	price, err := p.reference(d)
	if err != nil {
		return err
	}
	if err := p.in.Instrument.CheckQty(qty, price, false); err != nil {
		return err
	}
	o := p.leg(p.mode().SlotFor(d), d.Entry(), qty)
	if p.in.Signal.Type == trading.Limit {
		o.Type, o.Price = trading.Limit, price
		p.noteLimit(price)
	}
	p.noteMargin()
	if o.Leverage, err = p.leverage(); err != nil {
		return err
	}
	if o.Protection, err = p.protect(d, qty, price); err != nil {
		return err
	}
	p.legs = append(p.legs, o)
	return nil
}

func (p *planner) leg(slot trading.Slot, side trading.Side, qty trading.Qty) trading.Order {
	s, index := p.in.Signal, len(p.legs)
	margin := s.MarginMode
	// A paper account keeps each position's margin apart. A real one is left as its owner set it up, unless the alert asks.
	if margin == "" && p.in.Account.Mode() == trading.ModePaper {
		margin = trading.Isolated
	}
	return trading.Order{
		ID:       trading.NewOrderID(p.key, p.seed(), index, p.in.Account),
		SignalID: s.ID, Leg: index, Account: p.in.Account,
		Product: p.in.Instrument.Product, Symbol: p.in.Instrument.Symbol, Slot: slot,
		Side: side, Type: trading.Market, Qty: qty, MarginMode: margin,
		Deadline: p.in.Deadline, Status: trading.OrderCreated, CreatedAt: s.ReceivedAt, UpdatedAt: s.ReceivedAt,
	}
}

// seed makes the client order id of a redelivered alert the same, even after the ledger was lost; an alert that is only
// known by a time window has nothing lasting but its request id. A key that is in use again after its time gives other ids
// than before: the exchange has the old orders, and would refuse the new ones or answer with the old.
func (p *planner) seed() string {
	switch {
	case p.in.Key == "":
		return string(p.in.Signal.ID)
	case p.book.Before != "":
		return p.in.Scope + "|" + p.book.Before
	}
	return p.in.Scope + "|" + p.in.Key
}

func (p *planner) noteLimit(price trading.Price) {
	if asked := p.in.Signal.Price; !asked.Equal(price) {
		p.notes = append(p.notes, trading.Check{Rule: "price tick", Asked: asked.String(),
			Allowed: price.String() + " (ticks of " + p.in.Instrument.TickSize.String() + ")", OK: true})
	}
}

// noteMargin says so when an alert asks for shared collateral where there is none.
func (p *planner) noteMargin() {
	if p.in.Signal.MarginMode == trading.Cross && p.in.Account.Mode() == trading.ModePaper {
		p.notes = append(p.notes, trading.Check{Rule: "margin mode", Asked: string(trading.Cross), Allowed: "isolated: paper accounts keep margin apart for each position", OK: true})
	}
}

func (p *planner) leverage() (int, error) {
	asked := p.in.Signal.Leverage
	if p.in.Instrument.Product == trading.Spot {
		if asked > 1 {
			return 0, trading.FieldError("leverage", "%s is spot, which has no leverage; leave it out", p.in.Instrument.Symbol)
		}
		return 1, nil
	}
	if asked == 0 {
		asked = min(p.set.Int("trade:default_leverage"), p.in.Instrument.MaxLeverage)
		p.notes = append(p.notes, trading.Check{Rule: "leverage", Asked: "not given", Allowed: strconv.Itoa(asked) + "x (trade:default_leverage)", OK: true})
	}
	return asked, nil
}

// protect turns the alert's levels into absolute prices and refuses a stop or target on the wrong side of the entry.
func (p *planner) protect(d trading.Direction, qty trading.Qty, entry trading.Price) (trading.Protection, error) {
	var out trading.Protection
	s, i := p.in.Signal, p.in.Instrument
	if !s.StopLoss.IsZero() {
		out.StopLoss = i.RoundTrigger(s.StopLoss.At(entry, d, true))
		if losing := out.StopLoss.Less(entry) == (d == trading.Long); !losing || !out.StopLoss.IsPositive() {
			return out, trading.FieldError("stopLoss", "%s is not on the losing side of a %s entry at %s", out.StopLoss, d, entry)
		}
	}
	if !s.TrailingStop.IsZero() {
		distance := s.TrailingStop.Price
		if distance.IsZero() {
			distance = entry.Times(s.TrailingStop.Percent).Over(hundred)
		}
		out.TrailingStop = i.RoundTrigger(distance)
		if !out.TrailingStop.IsPositive() || !out.TrailingStop.Less(entry) {
			return out, trading.FieldError("trailingStop", "a distance of %s does not fit an entry at %s", distance, entry)
		}
	}
	targets, err := p.targets(d, qty, entry)
	out.TakeProfit = targets
	return out, err
}

// targets shares the quantity out over the targets, in whole steps; the last one gets what rounding left when the shares
// make up the whole.
func (p *planner) targets(d trading.Direction, qty trading.Qty, entry trading.Price) ([]trading.TakeProfitAt, error) {
	one := trading.RatioUnits(1, 0)
	var out []trading.TakeProfitAt
	var given trading.Qty
	var shares trading.Ratio
	for n, t := range p.in.Signal.TakeProfit {
		price := p.in.Instrument.RoundTrigger(t.At(entry, d, false))
		if price.IsZero() || price.More(entry) != (d == trading.Long) || price.Equal(entry) {
			return nil, trading.FieldError("takeProfit", "%s is not on the winning side of a %s entry at %s", price, d, entry)
		}
		share := t.Share
		if share.IsZero() {
			share = one
		}
		shares = shares.Add(share)
		part := p.in.Instrument.RoundQty(qty.Times(share))
		if n == len(p.in.Signal.TakeProfit)-1 && !shares.Less(one) {
			part = qty.Sub(given)
		}
		if !part.IsPositive() {
			return nil, trading.FieldError("takeProfit", "a share of %s of %s is below one step of %s", share, qty, p.in.Instrument.Symbol)
		}
		given = given.Add(part)
		out = append(out, trading.TakeProfitAt{Price: price, Qty: part})
	}
	if given.More(qty) {
		return nil, trading.FieldError("takeProfit", "the shares add up to more than the whole")
	}
	return out, nil
}
