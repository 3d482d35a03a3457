package strategy

import (
	"fmt"
	"slices"
	"strconv"

	"hoox/backend/trading"
)

// Course is an alert on its way to one account.
type Course struct {
	// Account is "" when the strategy leaves it to the alert. With Twin it then is the paper twin of wherever the alert goes.
	Account trading.AccountID
	Twin    bool
	// Signal is the alert as the strategy wants it there. Its id, key and time are still the alert's.
	Signal trading.Signal
	// Notes say what the strategy changed.
	Notes []trading.Check
	// MaxOrder and MaxPosition are the route's caps, zero for none.
	MaxOrder    trading.Money
	MaxPosition trading.Money
	// KeepsProductOf is the alert's own symbol when a mapping replaced it without naming a product: what the new symbol
	// means must be of the product that this one means. "" when nothing is to be compared.
	KeepsProductOf string
	// AskedLeverage and AskedMarginMode are the alert's own, for an instrument that has no use for the route's.
	AskedLeverage   int
	AskedMarginMode trading.MarginMode
}

// Apply makes the courses of an alert, in the order of the routes and each followed by its paper twin, one for each account.
// It fails with Refused when the strategy is off or none of its routes is on.
func Apply(s Strategy, alert trading.Signal) ([]Course, error) {
	if !s.Enabled {
		return nil, trading.Errorf(trading.Refused, "strategy %s is switched off", s.Name)
	}
	routes := enabled(s.Routes)
	if len(routes) == 0 {
		return nil, trading.Errorf(trading.Refused, "strategy %s has no route that is switched on", s.Name)
	}
	var courses []Course
	taken := map[trading.AccountID]bool{}
	for _, r := range routes {
		taken[r.Account] = true
	}
	for _, r := range routes {
		courses = append(courses, s.course(r, alert))
		if !s.PaperTwin {
			continue
		}
		r.Account = twinOf(r.Account)
		if r.Account != "" && taken[r.Account] {
			continue
		}
		taken[r.Account] = true
		twin := s.course(r, alert)
		twin.Twin = true
		courses = append(courses, twin)
	}
	return courses, nil
}

// enabled are the routes that are on; a strategy without any routes has one that leaves the account open.
func enabled(all []Route) []Route {
	if len(all) == 0 {
		return []Route{{Enabled: true}}
	}
	return slices.DeleteFunc(slices.Clone(all), func(r Route) bool { return !r.Enabled })
}

func twinOf(id trading.AccountID) trading.AccountID {
	if id == "" {
		return ""
	}
	return trading.MakeAccountID(id.Exchange(), trading.ModePaper)
}

// course is the alert for one route.
func (s Strategy) course(r Route, alert trading.Signal) Course {
	c := Course{Account: r.Account, Signal: alert, MaxOrder: r.MaxOrder, MaxPosition: r.MaxPosition,
		AskedLeverage: alert.Leverage, AskedMarginMode: alert.MarginMode}
	c.Signal.Warnings, c.Signal.TakeProfit = slices.Clone(alert.Warnings), slices.Clone(alert.TakeProfit)
	c.Signal.Account = r.Account
	if r.Account != "" {
		c.Signal.Exchange = r.Account.Exchange()
		if alert.Exchange != "" && alert.Exchange != c.Signal.Exchange {
			c.note("exchange", string(alert.Exchange), string(r.Account))
		}
	}
	s.name(&c)
	if alert.Action == trading.ActNone {
		return c
	}
	c.size(r)
	if enters(c.Signal) {
		c.lever(r)
		s.protect(&c)
		s.age(&c)
		c.limit("max order", r.MaxOrder)
		c.limit("max position", r.MaxPosition)
	}
	return c
}

// name gives the symbol its name on the course's account.
func (s Strategy) name(c *Course) {
	written := c.Signal.Symbol
	for _, m := range s.Symbols {
		if m.Account != "" && m.Account != c.Account {
			continue
		}
		met, ok := m.meets(written)
		if !ok {
			continue
		}
		to, explicit := m.to(met)
		if !explicit {
			c.KeepsProductOf = written
			to = dressed(to, written)
		}
		c.Signal.Symbol = home(to, c.Account.Exchange())
		c.note("symbol", written, c.Signal.Symbol)
		return
	}
	c.Signal.Symbol = moved(written, c.Account.Exchange())
}

// enters tells whether an alert can open or add to anything.
func enters(a trading.Signal) bool {
	switch a.Action {
	case trading.ActLong, trading.ActShort:
		return !a.ReduceOnly
	case trading.ActTarget:
		return a.Target != nil && a.Target.Direction != trading.Flat && !a.ReduceOnly
	case trading.ActClose, trading.ActCloseLong, trading.ActCloseShort, trading.ActFlat, trading.ActNone:
	}
	return false
}

// size gives entries the route's size, and scales what the alert counts in units or money. A close in percent is of the
// position that is there and stays.
func (c *Course) size(r Route) {
	a := &c.Signal
	before := sizeWords(*a)
	switch {
	case r.Size.Mode != trading.SizeNone && enters(*a):
		a.Size = r.Size
		if a.Action == trading.ActTarget && r.Size.Mode == trading.SizeBase {
			c.aim(trading.AsQty(r.Size.Value))
		}
	case r.Size.Mode != trading.SizeNone && !a.Size.Value.IsZero() && a.Size.Mode != trading.SizePercent:
		c.note("close", before, before+": the alert's own count; a close in percent or without a size fits the route's size")
		return
	case !r.Multiplier.IsZero():
		if a.Size.Mode != trading.SizeNone && (enters(*a) || a.Size.Mode != trading.SizePercent) {
			a.Size.Value = a.Size.Value.Times(r.Multiplier)
		}
		if a.Action == trading.ActTarget {
			c.aim(a.Target.Quantity.Times(r.Multiplier))
		}
	}
	if after := sizeWords(*a); after != before {
		c.note("size", before, after)
	}
}

// aim changes the position to reach, in a copy: the alert's other courses share the first.
func (c *Course) aim(qty trading.Qty) {
	t := *c.Signal.Target
	t.Quantity = qty
	c.Signal.Target = &t
}

func (c *Course) lever(r Route) {
	a := &c.Signal
	if r.Leverage != 0 && r.Leverage != a.Leverage {
		c.note("leverage", leverWords(a.Leverage), leverWords(r.Leverage))
		a.Leverage = r.Leverage
	}
	if r.MarginMode != "" && r.MarginMode != a.MarginMode {
		c.note("margin mode", orNotGiven(string(a.MarginMode)), string(r.MarginMode))
		a.MarginMode = r.MarginMode
	}
}

// protect gives an entry the strategy's levels of the kinds that its alert has none of.
func (s Strategy) protect(c *Course) {
	a := &c.Signal
	if a.StopLoss.IsZero() && !s.StopLoss.IsZero() {
		a.StopLoss = s.StopLoss
		c.note("stop loss", "not given", levelText(s.StopLoss))
	}
	if a.TrailingStop.IsZero() && !s.TrailingStop.IsZero() {
		a.TrailingStop = s.TrailingStop
		c.note("trailing stop", "not given", levelText(s.TrailingStop))
	}
	if len(a.TakeProfit) == 0 && len(s.TakeProfit) > 0 {
		a.TakeProfit = slices.Clone(s.TakeProfit)
		words := ""
		for _, t := range s.TakeProfit {
			words += ", " + levelText(t.Level)
		}
		c.note("take profit", "not given", words[2:])
	}
}

func (s Strategy) age(c *Course) {
	if c.Signal.MaxAge == 0 && s.MaxAge != 0 {
		c.Signal.MaxAge = s.MaxAge
		c.note("max age", "not given", s.MaxAge.String())
	}
}

func (c *Course) limit(rule string, most trading.Money) {
	if !most.IsZero() {
		c.note(rule, "the settings' cap", "at most "+most.String()+" on "+string(c.Account))
	}
}

func (c *Course) note(rule, asked, allowed string) {
	c.Notes = append(c.Notes, trading.Check{Rule: "strategy: " + rule, Asked: asked, Allowed: allowed, OK: true})
}

func sizeWords(a trading.Signal) string {
	switch {
	case a.Size.Mode != trading.SizeNone:
		return fmt.Sprintf("%s %s", a.Size.Mode, a.Size.Value)
	case a.Action == trading.ActTarget && a.Target != nil:
		return "position " + a.Target.Quantity.String()
	}
	return "not given"
}

func leverWords(n int) string {
	if n == 0 {
		return "not given"
	}
	return strconv.Itoa(n) + "x"
}

func orNotGiven(s string) string {
	if s == "" {
		return "not given"
	}
	return s
}
