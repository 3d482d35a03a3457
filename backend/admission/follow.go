package admission

import (
	"slices"
	"strconv"

	"hoox/backend/risk"
	"hoox/backend/strategy"
	"hoox/backend/trading"
)

// opens tells whether a signal may open or add to something.
func opens(s trading.Signal) bool {
	switch s.Action {
	case trading.ActLong, trading.ActShort:
		return !s.ReduceOnly
	case trading.ActTarget:
		return s.Target.Direction != trading.Flat && !s.ReduceOnly
	case trading.ActClose, trading.ActCloseLong, trading.ActCloseShort, trading.ActFlat, trading.ActNone:
	}
	return false
}

// opening tells whether the signal wants to open or add to something.
func (p *planner) opening() bool { return opens(p.in.Signal) }

// switchedOff is why a strategy opens nothing.
func switchedOff(s strategy.Strategy) error {
	return trading.Errorf(trading.Refused, "strategy %s is switched off: it opens nothing, and only what closes still goes", s.Name)
}

// closesOnly leaves of the plan what makes a position smaller. A turn from long to short becomes the end of the long: the
// strategy has left it, and nobody else would close it. It fails with Refused when the alert only opens.
func (p *planner) closesOnly() error {
	planned := len(p.legs)
	p.legs = slices.DeleteFunc(p.legs, func(o trading.Order) bool { return !o.ReduceOnly })
	switch {
	case len(p.legs) == planned:
		return nil
	case len(p.legs) == 0:
		return switchedOff(p.follow)
	}
	p.notes = append(p.notes, trading.Check{Rule: "strategy: switched off", Asked: "close, then open", Allowed: "only the close goes", OK: true})
	return nil
}

// planned tells whether an entry is among the legs.
func (p *planner) planned() bool {
	return slices.ContainsFunc(p.legs, func(o trading.Order) bool { return !o.ReduceOnly })
}

// doubts tells whether nobody knows what became of an entry of the instrument in a direction, and keeps it for the plan's end.
func (p *planner) doubts(d trading.Direction) bool {
	for _, o := range p.book.Open {
		if p.enters(o, d) && o.Status.InLongDoubt() {
			p.doubt = &o
			return true
		}
	}
	return false
}

// doubted says what an entry in doubt kept from being planned. An alert that leads to nothing because of it is refused: "there is
// nothing to close" would be believed, and the position that the entry may have opened stay open.
func (p *planner) doubted() error {
	if p.doubt == nil {
		return nil
	}
	o := p.doubt
	p.why = "nobody knows yet what became of order " + string(o.ID) + " (" + string(o.Side) + " " + o.Qty.String() + "): requeue this alert when it is settled"
	if len(p.legs) == 0 && len(p.superseded()) == 0 {
		return trading.Errorf(trading.Refused, "%s", p.why)
	}
	p.notes = append(p.notes, trading.Check{Rule: "in doubt", Asked: string(o.Side) + " " + o.Qty.String() + " of order " + string(o.ID), Allowed: "what is known: whether it filled is not", OK: true})
	return nil
}

// replaces tells whether an open entry is one of the strategy's own that its next entry ends.
func (p *planner) replaces(o trading.Order) bool {
	wants := p.follow.CancelPrevious || p.follow.Pyramiding.Mode == strategy.PyramidReplace
	return wants && p.opening() && slices.Contains(p.book.Mine, o.ID)
}

// pending counts the strategy's own entries in a direction that are open, have not filled at all, and stay.
func (p *planner) pending(d trading.Direction) int {
	n := 0
	for _, o := range p.book.Open {
		if slices.Contains(p.book.Mine, o.ID) && p.enters(o, d) && o.Filled.IsZero() && !p.supersedes(o) {
			n++
		}
	}
	return n
}

// pyramid plans what an entry does to a position that is there in its direction already. Dropped tells that nothing is to
// follow.
func (p *planner) pyramid(d trading.Direction) (dropped bool, err error) {
	have := p.expected(d)
	dropped, err = p.add(d, have)
	if err == nil && !dropped && p.follow.Pyramiding.Mode == strategy.PyramidReplace {
		p.closeAll(d)
	}
	return dropped, err
}

// add tells whether the strategy wants more of what is held or on its way.
func (p *planner) add(d trading.Direction, have trading.Position) (dropped bool, err error) {
	rule := p.follow.Pyramiding
	pending := p.pending(d)
	if p.follow.Name == "" || have.Qty.IsZero() && pending == 0 {
		return false, nil
	}
	switch rule.Mode {
	case strategy.PyramidIgnore:
		p.why = "strategy " + p.follow.Name + " ignores further entries: " + string(d) + " " + have.Size().String() + " " + p.in.Instrument.Base + " is held"
		if have.Qty.IsZero() {
			p.why = "strategy " + p.follow.Name + " ignores further entries: one is open"
		}
		return true, nil
	case strategy.PyramidAdd, "":
		made := p.book.Entries + pending
		if rule.MaxAdds == 0 || made == 0 {
			return false, nil
		}
		check := trading.Check{Rule: "strategy: adds", Asked: strconv.Itoa(made), Allowed: strconv.Itoa(rule.MaxAdds), OK: made <= rule.MaxAdds}
		p.notes = append(p.notes, check)
		if !check.OK {
			return false, trading.Errorf(trading.Refused, "strategy %s adds at most %d times to a position, and this would be time %d", p.follow.Name, rule.MaxAdds, made)
		}
	case strategy.PyramidReplace:
	}
	return false, nil
}

// sweep closes all of a position when the strategy wants no dust and the part that would be left is too small to trade.
func (p *planner) sweep(pos trading.Position, qty trading.Qty) trading.Qty {
	rest := pos.Size().Sub(qty)
	if !p.follow.Dust || !rest.IsPositive() {
		return qty
	}
	i, price := p.in.Instrument, p.quote.Mark
	small := rest.Less(i.MinQty) || price.IsPositive() && trading.Notional(price, rest).Less(i.MinNotional)
	if !small {
		return qty
	}
	p.notes = append(p.notes, trading.Check{Rule: "strategy: dust", Asked: "close " + qty.String() + " of " + pos.Size().String() + " " + i.Base,
		Allowed: "all of it: " + rest.String() + " " + i.Base + " could not be traded any more", OK: true})
	return pos.Size()
}

// judged is the book that the gate looks at: without the entries that wait to be sent and end with this signal, because
// they are gone in the same moment. One that rests at its exchange still counts: it may fill before its cancel arrives.
func (p *planner) judged() risk.Book {
	if !p.opening() || !p.planned() {
		return p.book
	}
	b := p.book
	b.Open = slices.DeleteFunc(slices.Clone(b.Open), func(o trading.Order) bool {
		return o.Status == trading.OrderCreated && p.supersedes(o)
	})
	return b
}
