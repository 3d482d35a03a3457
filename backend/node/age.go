package node

import "time"

// markEvery is how much time lies between two marks at least.
const markEvery = 12 * time.Hour

// mark is a moment by which certain signals had come.
type mark struct {
	// Watched is how long the program had run by then, over all its starts. It is time that passed: no clock that somebody sets
	// can move it.
	Watched time.Duration `json:"watched"`
	// Told is the time that an exchange confirmed, in milliseconds, 0 when none did.
	Told int64 `json:"told,omitempty"`
	// Signal is the newest signal of that moment.
	Signal int64 `json:"signal"`
}

// ages remembers marks, and tells from them which signals are older than a span, whatever the clock of this computer says or
// said. A span is proven when the program has run for so long since, or when an exchange confirmed the time at both its ends.
// What is not proven counts as young.
type ages struct {
	Watched time.Duration `json:"watched"`
	Marks   []mark        `json:"marks"`
	// Last is when keys were last collected, Freed how many went then.
	Last  time.Time `json:"last"`
	Freed int       `json:"freed"`
}

// older is the newest signal that is older than a span, 0 when none is known to be.
func (a *ages) older(span time.Duration, now mark) int64 {
	newest := int64(0)
	for _, m := range a.Marks {
		watched := now.Watched-m.Watched >= span
		told := m.Told != 0 && now.Told-m.Told >= span.Milliseconds()
		if watched || told {
			newest = max(newest, m.Signal)
		}
	}
	return newest
}

// add remembers a mark, unless it says nothing that the one before does not.
func (a *ages) add(now mark) {
	if n := len(a.Marks); n > 0 {
		last := a.Marks[n-1]
		nothingCame := now.Signal == last.Signal && (last.Told != 0 || now.Told == 0)
		soon := now.Watched-last.Watched < markEvery && (now.Told == 0 || last.Told != 0 && now.Told-last.Told < markEvery.Milliseconds())
		if nothingCame || soon {
			return
		}
	}
	a.Marks = append(a.Marks, now)
}

// prune forgets marks of signals before the newest that is old enough for everything.
func (a *ages) prune(newest int64) {
	kept := make([]mark, 0, len(a.Marks))
	for _, m := range a.Marks {
		if m.Signal >= newest {
			kept = append(kept, m)
		}
	}
	a.Marks = kept
}
