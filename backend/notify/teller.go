package notify

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"hoox/backend/chat"
	"hoox/backend/events"
	"hoox/backend/settings"
	"hoox/backend/trading"
)

const (
	// markName is how far the journal was told: the number of the next line to tell, so that 0 is "never looked".
	markName = "journal"
	// batch is how many lines of the journal are told at a time.
	batch = 200
	// lookPause is how often the journal is looked at when no hint comes: hints may be lost.
	lookPause = 15 * time.Second
	// failPause is how long to wait after a look that failed.
	failPause = 5 * time.Second
)

// facts are what happened.
type facts interface {
	JournalAfter(ctx context.Context, seq int64, limit int) ([]trading.Entry, error)
	JournalEnd(ctx context.Context) (int64, error)
	Signal(ctx context.Context, id trading.SignalID) (trading.SignalRecord, error)
}

// outbox takes messages.
type outbox interface {
	NoticeMark(ctx context.Context, name string) (int64, error)
	PostNotices(ctx context.Context, name string, mark int64, list []chat.Message, at time.Time) error
	PostMessages(ctx context.Context, list []chat.Message, at time.Time) error
}

// roster is who is told.
type roster interface {
	People(ctx context.Context) ([]chat.Person, error)
}

// Parts are what the teller works with.
type Parts struct {
	Facts    facts
	Outbox   outbox
	Roster   roster
	Settings *settings.Live
	Hub      *events.Hub
	Now      func() time.Time
	Log      *slog.Logger
	// Zone is where the computer is.
	Zone *time.Location
	// Draw makes the picture of an order that filled, a PNG; nil for none. A picture that fails is left out.
	Draw func(ctx context.Context, o trading.Order, fills []trading.Fill) ([]byte, error)
	// Summary is the day in words, for the digest.
	Summary func(ctx context.Context) (string, error)
	// Clean cuts secrets out of what the outside wrote, such as the last words of a program that ended; nil for nothing to cut.
	Clean func(string) string
	// Posted hears that there is something to send.
	Posted func()
}

// Teller makes messages of facts.
type Teller struct {
	parts Parts
	// heard tells that somebody would hear of an alarm.
	heard atomic.Bool
}

// New makes a teller.
func New(p Parts) *Teller {
	if p.Zone == nil {
		p.Zone = time.Local
	}
	if p.Clean == nil {
		p.Clean = func(text string) string { return text }
	}
	if p.Posted == nil {
		p.Posted = func() {}
	}
	return &Teller{parts: p}
}

// String names the service in the log.
func (t *Teller) String() string { return "notices" }

// Begin puts the mark where the journal ends, when there is none yet or the journal is an older one than it was: what was there
// before is told to nobody, and everything after is, however late the first look comes. Call it before anything can happen.
func (t *Teller) Begin(ctx context.Context) error {
	mark, err := t.parts.Outbox.NoticeMark(ctx, markName)
	if err != nil {
		return err
	}
	end, err := t.parts.Facts.JournalEnd(ctx)
	if err != nil || !strange(mark, end) {
		return err
	}
	return t.skip(ctx, mark, end)
}

// strange tells whether a mark is none of this journal's. One beyond the end is that of a journal which an older one took the
// place of: a backup was restored.
func strange(mark, end int64) bool { return mark == 0 || mark > end+1 }

// Serve tells what happens until ctx ends.
func (t *Teller) Serve(ctx context.Context) error {
	hints := t.parts.Hub.Subscribe()
	defer hints.Close()
	for {
		wait := lookPause
		if err := t.Tell(ctx); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			t.parts.Log.Warn("make messages of what happened", "error", err, "again", failPause)
			wait = failPause
		}
		timer := time.NewTimer(wait)
		for waiting := true; waiting; {
			select {
			case <-ctx.Done():
				timer.Stop()
				return ctx.Err()
			case <-timer.C:
				waiting = false
			case h := <-hints.C:
				switch h.Topic {
				case events.Signals, events.Orders, events.Fills, events.Kill, events.Settings:
					waiting = false
				}
			}
		}
		timer.Stop()
	}
}

// Tell makes messages of everything that happened since it last did.
func (t *Teller) Tell(ctx context.Context) error {
	mark, err := t.parts.Outbox.NoticeMark(ctx, markName)
	if err != nil {
		return err
	}
	people, err := t.parts.Roster.People(ctx)
	if err != nil {
		return err
	}
	t.heard.Store(len(people) > 0 && t.parts.Settings.Now().Bool("telegram:enabled"))
	end, err := t.parts.Facts.JournalEnd(ctx)
	if err != nil {
		return err
	}
	// Only now: what comes after that it was switched on is not passed over.
	set := t.parts.Settings.Now()
	if strange(mark, end) || !set.Bool("telegram:enabled") {
		return t.skip(ctx, mark, end)
	}
	// A day that cannot be summed up is tried again, and holds up nothing that happened in it.
	return errors.Join(t.tell(ctx, mark), t.digest(ctx, people, set))
}

// tell makes messages of the lines of the journal from a mark on.
func (t *Teller) tell(ctx context.Context, mark int64) error {
	for {
		lines, err := t.parts.Facts.JournalAfter(ctx, mark-1, batch)
		if err != nil || len(lines) == 0 {
			return err
		}
		// Who is told and how loud is asked after what happened was read: a chat that was allowed, and then written to by an
		// alert, must not be looked for in the settings of before.
		people, err := t.parts.Roster.People(ctx)
		if err != nil {
			return err
		}
		set := t.parts.Settings.Now()
		next := lines[len(lines)-1].Seq + 1
		messages, err := t.compose(ctx, lines, people, set)
		if err != nil {
			return err
		}
		if err := t.parts.Outbox.PostNotices(ctx, markName, next, messages, t.parts.Now()); err != nil {
			return err
		}
		if len(messages) > 0 {
			t.parts.Posted()
		}
		mark = next
	}
}

// skip moves to the end, past what nobody is told.
func (t *Teller) skip(ctx context.Context, mark, end int64) error {
	if end+1 == mark {
		return nil
	}
	return t.parts.Outbox.PostNotices(ctx, markName, end+1, nil, t.parts.Now())
}
