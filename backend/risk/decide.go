package risk

import (
	"strconv"

	"hoox/backend/trading"
)

// Ask is what a signal plans: its legs in order, closes before entries.
type Ask struct {
	Instrument trading.Instrument
	Legs       []trading.Order
	// Mark values the account's instruments; false when there is no fresh price.
	Mark func(trading.InstrumentKey) (trading.Price, bool)
}

// Approved is an order that passed the gate. Only Decide makes one, so skipping the gate does not compile.
type Approved struct{ order trading.Order }

// Order is the order that was approved.
func (a Approved) Order() trading.Order { return a.order }

// Decision is the verdict on a signal with its numbers.
type Decision struct {
	// Status is executing when legs were approved; else what the signal ends as.
	Status trading.SignalStatus
	Reason string
	// Approved are the legs that may go, in order.
	Approved []Approved
	// Denied are the legs that may not, with status and reason set; they are written down too.
	Denied []trading.Order
	// Cancel are open entries that the signal wants gone, whatever became of its own legs.
	Cancel []trading.OrderID
	Checks []trading.Check
}

// End is the decision of a signal that ends without orders, such as a close of nothing.
func End(status trading.SignalStatus, reason string) Decision {
	return Decision{Status: status, Reason: reason}
}

// Decide says yes to all legs of a signal or to none: half an alert is an outcome nobody asked for.
func Decide(l Limits, b Book, ask Ask) Decision {
	if len(ask.Legs) == 0 {
		return End(trading.SignalNoOp, "nothing to do")
	}
	var checks []trading.Check
	for _, leg := range ask.Legs {
		lines, no := judge(l, b, ask, leg)
		checks = append(checks, lines...)
		if no != nil {
			return refuse(ask.Legs, checks, *no)
		}
	}
	approved := make([]Approved, 0, len(ask.Legs))
	for _, leg := range ask.Legs {
		approved = append(approved, Approved{leg})
	}
	return Decision{Status: trading.SignalExecuting, Approved: approved, Checks: checks}
}

// refusal is a no with its word for order and signal.
type refusal struct {
	order  trading.OrderStatus
	signal trading.SignalStatus
	reason string
}

func refuse(legs []trading.Order, checks []trading.Check, no refusal) Decision {
	denied := make([]trading.Order, 0, len(legs))
	for _, leg := range legs {
		leg.Status, leg.Reason = no.order, no.reason
		denied = append(denied, leg)
	}
	return Decision{Status: no.signal, Reason: no.reason, Denied: denied, Checks: checks}
}

func denied(reason string) *refusal {
	return &refusal{trading.OrderDenied, trading.SignalRefused, reason}
}

// judge holds one leg against state and caps, cheapest first.
func judge(l Limits, b Book, ask Ask, leg trading.Order) ([]trading.Check, *refusal) {
	if no := stateAllows(l, b.Standing, leg.ReduceOnly); no != nil {
		return []trading.Check{{Rule: "trading state", Asked: entryWord(leg), Allowed: string(b.Standing.State)}}, no
	}
	checks := []trading.Check{{Rule: "trading state", Asked: entryWord(leg), Allowed: string(b.Standing.State), OK: true}}
	if leg.ReduceOnly {
		return checks, nil
	}
	if !l.Enabled {
		checks = append(checks, trading.Check{Rule: "exchange enabled", Asked: string(leg.Exchange()), Allowed: "off"})
		return checks, switchedOff(leg.Exchange())
	}
	if no := l.locked(ask.Instrument.Base+ask.Instrument.Quote, ask.Instrument.Symbol); no != nil {
		return append(checks, trading.Check{Rule: "symbol locked", Asked: leg.Symbol, Allowed: "closes only"}), no
	}
	for _, c := range caps(l, b, ask, leg) {
		checks = append(checks, c)
		if !c.OK {
			return checks, denied(c.Rule + ": asked " + c.Asked + ", allowed " + c.Allowed)
		}
	}
	return checks, nil
}

// Second is the second look at one order, in the transaction that puts its intent on disk and just before the wire: the
// trading state again, and whether its exchange and its symbol still take entries. Sizes and rate were decided at admission, which counts
// what waits.
func Second(l Limits, now Standing, order trading.Order) (trading.OrderStatus, string, bool) {
	no := stateAllows(l, now, order.ReduceOnly)
	if no == nil && !order.ReduceOnly && !l.Enabled {
		no = switchedOff(order.Exchange())
	}
	if no == nil && !order.ReduceOnly {
		no = l.locked(order.Symbol)
	}
	if no != nil {
		return no.order, no.reason, false
	}
	return "", "", true
}

func switchedOff(e trading.Exchange) *refusal {
	return denied("exchange " + string(e) + " is switched off: set exchange:" + string(e) + ":enabled to true")
}

func stateAllows(l Limits, s Standing, reduceOnly bool) *refusal {
	switch s.State {
	case Active:
		return nil
	case Reducing:
		if reduceOnly {
			return nil
		}
		return denied("entries are paused: " + orWord(s.Reason, "no reason given"))
	case Halted:
		if reduceOnly && !l.BlockCloses {
			return nil
		}
	}
	return &refusal{trading.OrderBlocked, trading.SignalBlocked, "trading is halted: " + orWord(s.Reason, "no reason given")}
}

func caps(l Limits, b Book, ask Ask, leg trading.Order) []trading.Check {
	key, quote := ask.Instrument.Key(), ask.Instrument.Quote
	// A sell below the market fills at the market: its limit says nothing about what it is worth.
	price := leg.Price
	if mark, _ := ask.Mark(key); price.IsZero() || leg.Side == trading.Sell && mark.More(price) {
		price = mark
	}
	if price.IsZero() {
		return []trading.Check{{Rule: "fresh price", Asked: leg.Symbol, Allowed: "none at hand"}}
	}
	worth := trading.Notional(price, leg.Qty)
	after := worth.Add(held(b, ask, leg, price)).Add(coming(b, key, leg.Side, price))
	total := worth.Add(exposure(b, ask))
	return append(ofKey(l, ask.Instrument, worth),
		atMost("max order", worth, l.MaxOrder, quote),
		atMost("max position", after, l.MaxPosition, quote),
		atMost("max exposure", total, l.MaxExposure, quote),
		leverage(l.MaxLeverage, ask.Instrument.MaxLeverage, leg.Leverage),
		rate(l.OrdersPerMinute, b.Recent+waiting(b)+1),
	)
}

// ofKey is the cap of the key that the signal came with, none without one. A number of dollars says nothing about an order
// that is priced in something else, so such an order does not pass.
func ofKey(l Limits, i trading.Instrument, worth trading.Money) []trading.Check {
	if l.KeyMaxOrder.IsZero() {
		return nil
	}
	check := atMost("max order of the key", worth, l.KeyMaxOrder, i.Quote)
	if !i.InDollars() {
		check.Allowed, check.OK = l.KeyMaxOrder.String()+" dollars, and "+i.Symbol+" is priced in "+i.Quote, false
	}
	return []trading.Check{check}
}

// held is what the position in the leg's direction is worth once closing legs before this one are done.
func held(b Book, ask Ask, leg trading.Order, price trading.Price) trading.Money {
	p := b.Position(ask.Instrument.Key(), leg.Slot)
	if p.Qty.IsZero() || p.Direction().Entry() != leg.Side {
		return trading.Money{}
	}
	left := p.Size()
	for _, before := range ask.Legs {
		if before.ReduceOnly && before.Slot == leg.Slot && before.Side != leg.Side && before.Leg < leg.Leg {
			left = left.Sub(before.Qty.Min(left))
		}
	}
	return trading.Notional(price, left)
}

// coming is what open entries of the same instrument would add if they filled; a market order among them at the price of
// the one that is asked for.
func coming(b Book, key trading.InstrumentKey, side trading.Side, price trading.Price) trading.Money {
	var sum trading.Money
	for _, o := range b.Open {
		if o.ReduceOnly || o.Product != key.Product || o.Symbol != key.Symbol || o.Side != side {
			continue
		}
		sum = sum.Add(openWorth(o, price))
	}
	return sum
}

// waiting counts the entries that are still to be sent. The rate is not looked at again when they are, so they count when
// they are let in.
func waiting(b Book) int {
	n := 0
	for _, o := range b.Open {
		if o.Status == trading.OrderCreated && !o.ReduceOnly {
			n++
		}
	}
	return n
}

func openWorth(o trading.Order, fallback trading.Price) trading.Money {
	price := o.Price
	if price.IsZero() {
		price = fallback
	}
	return trading.Notional(price, o.Open())
}

// exposure is the worth of every position and every open entry of the account, less what this alert closes first.
func exposure(b Book, ask Ask) trading.Money {
	var sum trading.Money
	for _, p := range b.Positions {
		price, ok := ask.Mark(trading.InstrumentKey{Product: p.Product, Symbol: p.Symbol})
		if !ok {
			price = p.Entry()
		}
		sum = sum.Add(trading.Notional(price, p.Size()))
	}
	for _, leg := range ask.Legs {
		if price, ok := ask.Mark(ask.Instrument.Key()); ok && leg.ReduceOnly {
			sum = sum.Sub(trading.Notional(price, leg.Qty))
		}
	}
	for _, o := range b.Open {
		if o.ReduceOnly {
			continue
		}
		price, _ := ask.Mark(trading.InstrumentKey{Product: o.Product, Symbol: o.Symbol})
		sum = sum.Add(openWorth(o, price))
	}
	return sum
}

func atMost(rule string, asked, allowed trading.Money, unit string) trading.Check {
	if allowed.IsZero() {
		return trading.Check{Rule: rule, Asked: asked.Fixed(2) + " " + unit, Allowed: "no cap", OK: true}
	}
	return trading.Check{Rule: rule, Asked: asked.Fixed(2) + " " + unit, Allowed: allowed.String() + " " + unit, OK: !asked.More(allowed)}
}

func leverage(ours, theirs, asked int) trading.Check {
	allowed := theirs
	if ours > 0 && (allowed == 0 || ours < allowed) {
		allowed = ours
	}
	return trading.Check{Rule: "max leverage", Asked: strconv.Itoa(asked) + "x", Allowed: strconv.Itoa(allowed) + "x", OK: allowed == 0 || asked <= allowed}
}

func rate(allowed, asked int) trading.Check {
	if allowed <= 0 {
		return trading.Check{Rule: "orders per minute", Asked: strconv.Itoa(asked), Allowed: "no cap", OK: true}
	}
	return trading.Check{Rule: "orders per minute", Asked: strconv.Itoa(asked), Allowed: strconv.Itoa(allowed), OK: asked <= allowed}
}

func entryWord(o trading.Order) string {
	if o.ReduceOnly {
		return "close"
	}
	return "entry"
}

func orWord(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
