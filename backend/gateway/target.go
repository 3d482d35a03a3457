package gateway

import (
	"strings"

	"hoox/backend/trading"
)

// target reads the position that the strategy has after its order. It is the truth of the alert: whatever the action
// says, the signal then asks for that position.
func (a *alert) target() error {
	v, ok := a.root.find("marketPosition")
	if !ok {
		for _, name := range []string{"prevMarketPosition", "marketPositionSize"} {
			if _, alone := a.root.find(name); alone {
				return trading.FieldError("marketPosition", "missing: %s says nothing without it, add {{strategy.market_position}}", name)
			}
		}
		return nil
	}
	direction, err := a.direction("marketPosition", v)
	if err != nil {
		return err
	}
	t := trading.Target{Direction: direction}
	if v, ok := a.root.find("prevMarketPosition"); ok {
		if t.Previous, err = a.direction("prevMarketPosition", v); err != nil {
			return err
		}
	}
	if err := a.targetSize(&t); err != nil {
		return err
	}
	a.contradiction(t)
	a.out.Target, a.out.Action = &t, trading.ActTarget
	return nil
}

func (a *alert) direction(name string, v value) (trading.Direction, error) {
	word, err := a.oneOf(name, v, string(trading.Long), string(trading.Short), string(trading.Flat))
	return trading.Direction(word), err
}

func (a *alert) targetSize(t *trading.Target) error {
	v, given := a.root.find("marketPositionSize")
	if !given {
		if t.Direction == trading.Flat || a.sizesItself() {
			return nil
		}
		return trading.FieldError("marketPositionSize", "missing: add {{strategy.market_position_size}}, or size with quoteQuantity, percent or riskPercent")
	}
	n, err := exact("marketPositionSize", v, trading.ParseQty)
	if err != nil {
		return err
	}
	// {{strategy.position_size}} is signed where {{strategy.market_position_size}} is not; both are in use.
	if n.IsNegative() && t.Direction == trading.Short {
		n = n.Abs()
	}
	switch {
	case n.IsNegative():
		return trading.FieldError("marketPositionSize", "must not be negative for a %s position", t.Direction)
	case t.Direction == trading.Flat && n.IsPositive():
		a.warn("marketPosition is flat but marketPositionSize is " + n.String() + ": the position is closed")
		return nil
	case t.Direction != trading.Flat && n.IsZero() && !a.sizesItself():
		return trading.FieldError("marketPositionSize", "must be above 0 for a %s position", t.Direction)
	}
	t.Quantity = n
	return nil
}

// sizesItself tells whether the alert sizes the target in its own way.
func (a *alert) sizesItself() bool {
	for _, name := range []string{"quoteQuantity", "percent", "riskPercent"} {
		if _, ok := a.root.find(name); ok {
			return true
		}
	}
	return false
}

// contradiction warns of an action that cannot have led to the target.
func (a *alert) contradiction(t trading.Target) {
	v, ok := a.root.find("action")
	if !ok {
		return
	}
	word := strings.ToUpper(v.text)
	if fits(word, t) {
		return
	}
	a.warn("action " + word + " does not fit marketPosition " + string(t.Direction) + ": the position counts, not the action")
}

func fits(word string, t trading.Target) bool {
	rank := map[trading.Direction]int{trading.Short: -1, trading.Flat: 0, trading.Long: 1}
	switch actions[word] {
	case trading.ActLong:
		if word == "LONG" {
			return t.Direction == trading.Long
		}
		if t.Previous == "" {
			return t.Direction != trading.Short
		}
		return rank[t.Direction] >= rank[t.Previous]
	case trading.ActShort:
		if word == "SHORT" {
			return t.Direction == trading.Short
		}
		if t.Previous == "" {
			return t.Direction != trading.Long
		}
		return rank[t.Direction] <= rank[t.Previous]
	case trading.ActCloseLong:
		return t.Direction != trading.Long
	case trading.ActCloseShort:
		return t.Direction != trading.Short
	case trading.ActClose, trading.ActFlat:
		return t.Direction == trading.Flat
	case trading.ActTarget, trading.ActNone:
	}
	return true
}
