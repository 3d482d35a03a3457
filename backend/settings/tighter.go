package settings

import (
	"encoding/json"
	"slices"

	"hoox/backend/trading"
)

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
	// MoreLocked lists of locked symbols are stricter: none is missing, and none ends sooner.
	MoreLocked Tighter = "more locked"
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
	case MoreLocked:
		return covered(from, to)
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

// covered tells whether each of some locks is still there among others, for as long or longer. Of a lock that has ended nothing is
// known here: what it is worth depends on the time.
func covered(from, to string) bool {
	before, err := locksIn(from)
	after, bad := locksIn(to)
	if err != nil || bad != nil {
		return false
	}
	for _, l := range before {
		if !slices.ContainsFunc(after, func(other trading.Lock) bool { return other.Covers(l) }) {
			return false
		}
	}
	return true
}

func locksIn(canonical string) ([]trading.Lock, error) {
	var items []string
	if err := json.Unmarshal([]byte(canonical), &items); err != nil {
		return nil, err
	}
	locks := make([]trading.Lock, 0, len(items))
	for _, item := range items {
		l, err := trading.ParseLock(item)
		if err != nil {
			return nil, err
		}
		locks = append(locks, l)
	}
	return locks, nil
}
