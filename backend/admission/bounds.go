package admission

import (
	"fmt"
	"strings"

	"hoox/backend/trading"
)

// outside refuses what a credential may not ask for, before anything of it is stored. What the caller hears names the thing
// alone: whoever holds a stolen key learns nothing about accounts and strategies. why is for the log.
func outside(thing, why string, args ...any) error {
	return &trading.Error{Kind: trading.Unauthorized, Field: thing, Message: "outside what this key may do: " + thing, Cause: fmt.Errorf(why, args...)}
}

// bind gives a signal the strategy that its credential is bound to. It fails with Unauthorized when it names another.
func bind(s *trading.Signal) error {
	bound, named := s.Bounds.Strategy, strings.TrimSpace(s.Strategy)
	switch {
	case bound == "":
		return nil
	case named != "" && named != bound:
		return outside("strategy", "the key is bound to strategy %q and the alert names %q", bound, named)
	}
	s.Strategy = bound
	return nil
}

// within fails with Unauthorized unless everything that an alert leads to is what its credential may ask for: an alert that
// is half allowed is not allowed.
func within(f family) error {
	for _, w := range f.ways {
		if w.in.Signal.Action == trading.ActNone {
			continue
		}
		if err := w.within(); err != nil {
			return err
		}
	}
	return nil
}

func (w way) within() error {
	b, i := w.in.Signal.Bounds, w.in.Instrument
	if w.in.Account != "" && !w.course.Twin && !b.Trades(w.in.Account) {
		return outside("account", "the key does not trade on %s", w.in.Account)
	}
	// Where the symbol is not listed nothing is traded.
	if i.Symbol != "" && !b.Holds(i) {
		return outside("symbol", "the key does not trade %s %s on %s", i.Product, i.Symbol, i.Exchange)
	}
	if d, enters := w.enters(); enters && !b.Entries.Allow(d) {
		return outside("action", "the key may open %s, and the alert opens %s", b.Entries, d)
	}
	return nil
}

// enters is the direction in which a signal may open or add to something. Nobody can be short on spot: there it sells what
// is held.
func (w way) enters() (trading.Direction, bool) {
	s := w.in.Signal
	switch {
	case !opens(s):
		return "", false
	case s.Action == trading.ActLong, s.Action == trading.ActTarget && s.Target.Direction == trading.Long:
		return trading.Long, true
	}
	return trading.Short, w.in.Instrument.Product != trading.Spot
}
