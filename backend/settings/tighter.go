package settings

import "hoox/backend/trading"

// Tighter says which way a value lowers the risk; "" where no way does for certain.
type Tighter string

// The ways.
const (
	// Lower numbers are stricter.
	Lower Tighter = "lower"
	// LowerCap is Lower where 0 is no cap at all, the loosest of all.
	LowerCap Tighter = "lower cap"
	// ToTrue and ToFalse are switches.
	ToTrue  Tighter = "to true"
	ToFalse Tighter = "to false"
)

// Tightens tells whether a change from one canonical value to another can only lower the risk. The same value is no change.
func (s Setting) Tightens(from, to string) bool {
	if from == to || s.ReadOnly {
		return false
	}
	switch s.Tighter {
	case ToTrue:
		return to == "true"
	case ToFalse:
		return to == "false"
	case Lower, LowerCap:
		a, err := trading.ParseRatio(from)
		b, bad := trading.ParseRatio(to)
		switch {
		case err != nil || bad != nil:
			return false
		case s.Tighter == LowerCap && b.IsZero():
			return false
		case s.Tighter == LowerCap && a.IsZero():
			return true
		}
		return b.Less(a)
	}
	return false
}
