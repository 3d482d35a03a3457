package alarm

import (
	"context"
	"log/slog"
)

// Channel is a way to a person.
type Channel interface {
	// Name tells channels apart, for good: what a channel was told is remembered under it.
	Name() string
	// Ring tells of an alarm. It may be called again with an alarm that was told before when it could not be written down that
	// it was. An error means that nobody was reached, and the bell comes back with it.
	Ring(ctx context.Context, d Due) error
}

// resting is a channel that may be none for a while, because nobody is at its other end: it is told nothing then, counts as neither up
// nor down, and is told of what is open once somebody is there.
type resting interface{ Resting() bool }

// rests tells whether a channel is none at this moment.
func rests(c Channel) bool {
	r, ok := c.(resting)
	return ok && r.Resting()
}

// LogChannel is the channel that is always there: the log, at the level of an error.
type LogChannel struct{ Log *slog.Logger }

// Name is "log".
func (LogChannel) Name() string { return "log" }

// Ring writes the alarm into the log.
func (c LogChannel) Ring(ctx context.Context, d Due) error {
	c.Log.ErrorContext(ctx, "ALARM", "kind", d.Kind, "subject", d.Subject, "text", d.Text, "fix", d.Fix, "times", d.Count, "new", d.Fresh, "first", d.FirstAt)
	return nil
}
