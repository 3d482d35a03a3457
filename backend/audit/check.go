package audit

import "time"

// Check is what a walk along the chain found.
type Check struct {
	// Lines is how many lines follow from each other, up to the first that does not, and Since when the first of them was
	// written; zero without any.
	Lines int64
	Since time.Time
	// Wrong is the first thing that is wrong, "" when nothing is, and Line the line that does not follow; 0 when it is the end
	// that is gone.
	Wrong string
	Line  int64
}
