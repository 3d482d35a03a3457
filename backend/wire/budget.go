package wire

import (
	"context"
	"sync"
	"time"
)

// Budget keeps requests well under an exchange's limit: four fifths of Limit in each Window, of which Reserve are kept for what
// closes or cancels. The exchange counts other windows than we do, and whatever else this computer asks it. It is safe for
// concurrent use.
type Budget struct {
	now    func() time.Time
	window time.Duration

	mu sync.Mutex
	// limit is what is used of the exchange's.
	limit   int
	reserve int
	left    int
	// ends is when the window that left belongs to is over.
	ends   time.Time
	banned time.Time
}

// NewBudget makes a budget of an exchange's limit; reserve is below four fifths of it.
func NewBudget(now func() time.Time, window time.Duration, limit, reserve int) *Budget {
	return &Budget{now: now, window: window, limit: used(limit), reserve: reserve}
}

// used is how much of a limit is used: four fifths, and of a limit of one that one.
func used(limit int) int { return max(limit*4/5, 1) }

// Take takes one request out of the budget; false, with the time until it may be asked again, when there is none left.
// urgent may use the reserve. A ban holds for both.
func (b *Budget) Take(urgent bool) (time.Duration, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	if wait := b.banned.Sub(now); wait > 0 {
		return wait, false
	}
	if !now.Before(b.ends) {
		b.left, b.ends = b.limit, now.Add(b.window)
	}
	floor := b.reserve
	if urgent {
		floor = 0
	}
	if b.left <= floor {
		return b.ends.Sub(now), false
	}
	b.left--
	return 0, true
}

// Await takes one request as soon as the budget allows it, and fails when ctx ends first.
func (b *Budget) Await(ctx context.Context, urgent bool) error {
	for {
		wait, ok := b.Take(urgent)
		if ok {
			return nil
		}
		if err := Pause(ctx, max(wait, time.Millisecond)); err != nil {
			return err
		}
	}
}

// Learn takes the exchange's own word: how many there are in a window, how many of them are left, and when that ends. It
// only ever tightens the window that runs.
func (b *Budget) Learn(limit, left int, ends time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	told := left >= 0
	if used(limit) > b.reserve {
		b.limit = used(limit)
		// What is never used is left over at the exchange.
		left = max(left-(limit-b.limit), 0)
	}
	now := b.now()
	if told && (left < b.left || !now.Before(b.ends)) && ends.After(now) && ends.Sub(now) <= 2*b.window {
		b.left, b.ends = left, ends
	}
}

// Ban lets nothing through until then; an earlier end than the one in force changes nothing.
func (b *Budget) Ban(until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if until.After(b.banned) {
		b.banned = until
	}
}

// BannedUntil is the end of the last ban, zero without one. Kept and given to Ban, it outlives a restart.
func (b *Budget) BannedUntil() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.banned
}

// Left is how many requests the window that runs still allows, of how many. The reserve is among them.
func (b *Budget) Left() (left, limit int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.now().Before(b.ends) {
		return b.limit, b.limit
	}
	return b.left, b.limit
}

// Pause waits, and fails when ctx ends first.
func Pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
