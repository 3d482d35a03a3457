package admission

import (
	"hoox/backend/risk"
	"hoox/backend/settings"
	"hoox/backend/strategy"
	"hoox/backend/trading"
)

// planner turns one intake into legs against one book. It is pure: the same book gives the same legs, so the store may
// run it again.
type planner struct {
	in trading.Intake
	// follow is the strategy the signal follows, zero for none.
	follow strategy.Strategy
	book   risk.Book
	set    settings.Snapshot
	quote  trading.Quote
	fresh  bool
	mark   func(trading.InstrumentKey) (trading.Price, bool)
	key    []byte
	// nets is how the account nets positions while nothing is open, "" when the setting tells.
	nets  trading.PositionMode
	notes []trading.Check
	legs  []trading.Order
	// shut leaves only what closes, because the strategy is switched off.
	shut bool
	// why says why there is nothing to do, when it is not that nothing is open.
	why string
	// doubt is an entry whose outcome decides what would have to be done, and is not known.
	doubt *trading.Order
}

// plan lists the legs in the order they must happen, closes before entries, and the notes on how sizes came about. No
// legs and no error means that there is nothing to do.
func (p *planner) plan() ([]trading.Order, []trading.Check, error) {
	if p.book.Before != "" {
		p.notes = append(p.notes, trading.Check{Rule: "idempotency key", Asked: "was in use before", Allowed: "its time had ended (idempotency:retention_days): a new alert", OK: true})
	}
	var err error
	switch s := p.in.Signal; s.Action {
	case trading.ActLong:
		err = p.enter(trading.Long)
	case trading.ActShort:
		err = p.enter(trading.Short)
	case trading.ActTarget:
		err = p.reach(*s.Target)
	case trading.ActCloseLong:
		err = p.closeSome(trading.Long)
	case trading.ActCloseShort:
		err = p.closeSome(trading.Short)
	case trading.ActClose, trading.ActFlat:
		// What is held goes first: a leg waits for the one before it, and what is only on its way may never come.
		first := trading.Long
		if !p.held(trading.Short).Qty.IsZero() {
			first = trading.Short
		}
		if err = p.closeSome(first); err == nil {
			err = p.closeSome(opposite(first))
		}
	case trading.ActNone:
	}
	if err == nil && p.shut {
		err = p.closesOnly()
	}
	if err == nil {
		err = p.doubted()
	}
	return p.legs, p.notes, err
}

// mode is how the account keeps the positions of the instrument. Spot has no sides. What is open tells for perpetuals: the
// setting takes effect while nothing is, and a position must be found where it was opened.
func (p *planner) mode() trading.PositionMode {
	if p.in.Instrument.Product == trading.Spot {
		return trading.OneWay
	}
	for _, pos := range p.book.Positions {
		if pos.Product == trading.Linear && !pos.Qty.IsZero() {
			return modeOf(pos.Slot)
		}
	}
	for _, o := range p.book.Open {
		if o.Product == trading.Linear {
			return modeOf(o.Slot)
		}
	}
	if p.nets != "" {
		return p.nets
	}
	return trading.PositionMode(p.set.Text("exchange:" + string(p.in.Account.Exchange()) + ":position_mode"))
}

func modeOf(s trading.Slot) trading.PositionMode {
	if s == trading.SlotLong || s == trading.SlotShort {
		return trading.Hedge
	}
	return trading.OneWay
}

// held is the open position in a direction; flat when there is none. Nobody is short of a coin: less than nothing is there
// for as long as a sale is known and the purchase before it is not.
func (p *planner) held(d trading.Direction) trading.Position {
	pos := p.book.Position(p.in.Instrument.Key(), p.mode().SlotFor(d))
	if pos.Direction() != d || p.in.Instrument.Product == trading.Spot && d == trading.Short {
		return trading.Position{Slot: pos.Slot}
	}
	return pos
}

// expected is what will be held in a direction once the entries that are on the wire, or wait before this alert, have
// filled, and those at the market that the exchange has taken in: they fill in a moment. A close that looked only at what is
// held would find nothing and leave open what they become.
func (p *planner) expected(d trading.Direction) trading.Position {
	pos := p.held(d)
	pos.Symbol = p.in.Instrument.Symbol
	for _, o := range p.book.Open {
		onItsWay := o.Status == trading.OrderSubmitted || o.Status == trading.OrderCreated && !p.supersedes(o)
		filling := o.Status.Resting() && o.Type == trading.Market
		if !onItsWay && !filling || !p.enters(o, d) {
			continue
		}
		qty := o.Open()
		if d == trading.Short {
			qty = qty.Neg()
		}
		pos.Qty, pos.Leverage = pos.Qty.Add(qty), max(pos.Leverage, o.Leverage)
	}
	return pos
}

// enters tells whether an order is an entry of the instrument in a direction.
func (p *planner) enters(o trading.Order, d trading.Direction) bool {
	return !o.ReduceOnly && o.Product == p.in.Instrument.Product && o.Symbol == p.in.Instrument.Symbol &&
		o.Side == d.Entry() && o.Slot == p.mode().SlotFor(d)
}

func opposite(d trading.Direction) trading.Direction {
	if d == trading.Long {
		return trading.Short
	}
	return trading.Long
}

// enter plans an entry: in one-way mode an opposite position is reduced first, and only the rest is an entry.
func (p *planner) enter(d trading.Direction) error {
	s := p.in.Signal
	against := p.held(opposite(d))
	if s.ReduceOnly {
		return p.closeSome(opposite(d))
	}
	if p.in.Instrument.Product == trading.Spot && d == trading.Short {
		return p.sellSpot()
	}
	if dropped, err := p.pyramid(d); err != nil || dropped {
		return err
	}
	qty, err := p.size(d)
	if err != nil {
		return err
	}
	if p.mode() == trading.Hedge || against.Qty.IsZero() {
		return p.entry(d, qty)
	}
	reduce := qty.Min(against.Size())
	p.reduce(against, reduce)
	if rest := p.in.Instrument.RoundQty(qty.Sub(reduce)); rest.IsPositive() {
		return p.entry(d, rest)
	}
	return nil
}

// sellSpot reads SHORT on a spot instrument as selling what is held; nobody can be short there.
func (p *planner) sellSpot() error {
	if p.held(trading.Long).Qty.IsZero() {
		return trading.Errorf(trading.Refused, "%s is spot and none is held: there is nothing to sell, and spot cannot be short", p.in.Instrument.Symbol)
	}
	return p.closeSome(trading.Long)
}

// reach plans the difference between the strategy's position and ours.
func (p *planner) reach(t trading.Target) error {
	if t.Direction == trading.Flat {
		p.closeAll(trading.Long)
		p.closeAll(trading.Short)
		return nil
	}
	if p.in.Instrument.Product == trading.Spot && t.Direction == trading.Short {
		p.notes = append(p.notes, trading.Check{Rule: "spot", Asked: "a short position", Allowed: "flat: spot cannot be short", OK: true})
		p.closeAll(trading.Long)
		return nil
	}
	p.closeAll(opposite(t.Direction))
	have := p.expected(t.Direction)
	want, err := p.targetSize(t)
	if err != nil {
		return err
	}
	switch more := want.Sub(have.Size()); {
	case more.IsPositive() && p.in.Signal.ReduceOnly:
		return nil
	case more.IsPositive() && p.doubts(t.Direction):
		return nil
	case more.IsPositive():
		more = p.in.Instrument.RoundQty(more)
		if more.IsZero() {
			return nil
		}
		if dropped, err := p.add(t.Direction, have); err != nil || dropped {
			return err
		}
		return p.entry(t.Direction, more)
	case more.IsNegative():
		if less := p.in.Instrument.RoundQty(more.Abs()); less.IsPositive() {
			p.reduce(have, p.sweep(have, less))
		}
	}
	return nil
}

// targetSize is how much of the target direction to hold: the alert's own sizing when it has one, else the strategy's
// position.
func (p *planner) targetSize(t trading.Target) (trading.Qty, error) {
	switch p.in.Signal.Size.Mode {
	case trading.SizeQuote, trading.SizePercent, trading.SizeRisk:
		return p.size(t.Direction)
	case trading.SizeNone, trading.SizeBase:
	}
	return p.in.Instrument.RoundQty(t.Quantity), nil
}

// closeSome plans the asked part of what is held in a direction, all of it without a size.
func (p *planner) closeSome(d trading.Direction) error {
	p.doubts(d)
	pos := p.expected(d)
	if pos.Qty.IsZero() {
		return nil
	}
	qty, err := p.closeSize(pos)
	if err != nil {
		return err
	}
	p.reduce(pos, p.sweep(pos, qty))
	return nil
}

func (p *planner) closeAll(d trading.Direction) {
	p.doubts(d)
	if pos := p.expected(d); !pos.Qty.IsZero() {
		p.reduce(pos, pos.Size())
	}
}

// nothing says why there are no legs.
func (p *planner) nothing() string {
	if p.why != "" {
		return p.why
	}
	if p.in.Signal.Action == trading.ActTarget {
		return "the position is already what the strategy has"
	}
	return "there is no open position of " + p.in.Instrument.Symbol + " to close"
}

// superseded are the open entries that the alert cancels. One that opens something replaces others only when it goes.
func (p *planner) superseded() []trading.OrderID {
	if p.opening() && !p.planned() {
		return nil
	}
	var ids []trading.OrderID
	for _, o := range p.book.Open {
		if p.supersedes(o) {
			ids = append(ids, o.ID)
		}
	}
	return ids
}

// supersedes tells whether an open entry ends with the alert: every entry of the symbol with FLAT and with a strategy that
// went flat, those that have not been sent yet with a close of everything in their direction, and the strategy's own where
// it wants its next entry to replace them.
func (p *planner) supersedes(o trading.Order) bool {
	s, i := p.in.Signal, p.in.Instrument
	if o.ReduceOnly || o.Product != i.Product || o.Symbol != i.Symbol {
		return false
	}
	unsent := o.Status == trading.OrderCreated && s.Size.Mode == trading.SizeNone
	switch s.Action {
	case trading.ActFlat:
		return true
	case trading.ActTarget:
		return s.Target.Direction == trading.Flat || p.replaces(o)
	case trading.ActClose:
		return unsent
	case trading.ActCloseLong:
		return unsent && o.Side == trading.Buy
	case trading.ActCloseShort:
		return unsent && o.Side == trading.Sell
	case trading.ActLong, trading.ActShort:
		return p.replaces(o)
	case trading.ActNone:
	}
	return false
}
