package execution

import "context"

// turn is held by one at a time. Unlike a mutex, whoever waits for it stops waiting when its context ends: what is done in a
// turn takes as long as an exchange does.
type turn chan struct{}

func newTurn() turn { return make(turn, 1) }

// take waits for the turn and tells whether it came before ctx ended.
func (t turn) take(ctx context.Context) bool {
	select {
	case t <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// pass gives the turn to the next one.
func (t turn) pass() { <-t }
