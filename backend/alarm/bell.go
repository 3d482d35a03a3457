package alarm

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"hoox/backend/trading"
)

const (
	// foldSpan is the least time between two notices of one alarm on one channel; what happens meanwhile is counted into the next.
	foldSpan = 30 * time.Second
	// lookPause is how often the bell looks for what was folded when nothing wakes it.
	lookPause = 15 * time.Second
	// ringBudget bounds one notice; a channel that hangs counts as down.
	ringBudget = 10 * time.Second
	// firstPause and lastPause bound how long the bell waits before it tries a channel again that is down.
	firstPause = 5 * time.Second
	lastPause  = 10 * time.Minute
)

// store keeps alarms and what each channel was told.
type store interface {
	// DueAlarms lists the open alarms of which a channel knows less than happened, oldest first, without those of which it was
	// told after a moment.
	DueAlarms(ctx context.Context, channel string, after time.Time) ([]Due, error)
	// AlarmTold writes down that a channel was told of an alarm.
	AlarmTold(ctx context.Context, channel string, d Due, at time.Time) error
}

// Bell tells every channel of every alarm, at least once. A channel that is down holds up no other.
type Bell struct {
	store store
	now   func() time.Time
	log   *slog.Logger

	mu    sync.Mutex
	lines []*line
}

// line is one channel and how it is doing.
type line struct {
	channel Channel
	wake    chan struct{}

	// The fields below are under the bell's mutex.
	failed error
	since  time.Time
	told   time.Time
}

// State is how a channel is doing.
type State struct {
	Channel string
	// Failed is why the channel could not be reached, nil when it could, and Since from when.
	Failed error
	Since  time.Time
	// Told is when it last took an alarm in this run; zero for never.
	Told time.Time
}

// NewBell makes a bell without channels.
func NewBell(s store, now func() time.Time, log *slog.Logger) *Bell {
	return &Bell{store: s, now: now, log: log}
}

// Add gives the bell a channel. Call it before Serve.
func (b *Bell) Add(c Channel) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines = append(b.lines, &line{channel: c, wake: make(chan struct{}, 1)})
}

// Wake has the bell look now. It never waits.
func (b *Bell) Wake() {
	for _, l := range b.all() {
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}

// States tells how every channel is doing, in the order they were given.
func (b *Bell) States() []State {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := make([]State, 0, len(b.lines))
	for _, l := range b.lines {
		if rests(l.channel) {
			continue
		}
		list = append(list, State{Channel: l.channel.Name(), Failed: l.failed, Since: l.since, Told: l.told})
	}
	return list
}

// String names the service in the log.
func (b *Bell) String() string { return "alarms" }

// Serve rings until ctx ends.
func (b *Bell) Serve(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	for _, l := range b.all() {
		group.Go(func() error { return b.attend(ctx, l) })
	}
	<-ctx.Done()
	return group.Wait()
}

func (b *Bell) all() []*line {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]*line(nil), b.lines...)
}

// attend looks after one channel. A channel that failed is left alone for a while, whatever wakes the bell.
func (b *Bell) attend(ctx context.Context, l *line) error {
	pause := firstPause
	for {
		wait, wake := lookPause, l.wake
		if b.round(ctx, l) {
			pause = firstPause
		} else {
			wait, wake = pause, nil
			pause = min(2*pause, lastPause)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-wake:
		case <-timer.C:
		}
		timer.Stop()
	}
}

// round tells a channel everything that is due; false when the channel or the store failed.
func (b *Bell) round(ctx context.Context, l *line) bool {
	if rests(l.channel) {
		return true
	}
	due, err := b.store.DueAlarms(ctx, l.channel.Name(), b.now().Add(-foldSpan))
	if err != nil {
		b.fail(ctx, l, err)
		return false
	}
	for _, d := range due {
		if err := ring(ctx, l.channel, d); err != nil {
			b.fail(ctx, l, err)
			return false
		}
		at := b.now()
		if err := b.store.AlarmTold(ctx, l.channel.Name(), d, at); err != nil {
			b.fail(ctx, l, err)
			return false
		}
		b.mu.Lock()
		l.told = at
		b.mu.Unlock()
	}
	// Nothing waits for it, also when somebody acknowledged elsewhere what it did not take.
	b.mu.Lock()
	l.failed, l.since = nil, time.Time{}
	b.mu.Unlock()
	return true
}

func (b *Bell) fail(ctx context.Context, l *line, err error) {
	if ctx.Err() != nil {
		return
	}
	b.mu.Lock()
	fresh := l.failed == nil
	l.failed = err
	if fresh {
		l.since = b.now()
	}
	b.mu.Unlock()
	if fresh {
		b.log.Warn("alarms do not reach a channel; it is tried again", "channel", l.channel.Name(), "error", err)
	}
}

// Shout tells every channel of an alarm at once, when there is no store to keep it. Nobody comes back to a channel that fails.
func (b *Bell) Shout(ctx context.Context, a Alarm) {
	a.Count = max(a.Count, 1)
	for _, l := range b.all() {
		if err := ring(ctx, l.channel, Due{Alarm: a, Fresh: a.Count}); err != nil {
			b.fail(ctx, l, err)
		}
	}
}

// ring tells one channel; one that hangs or panics has failed.
func ring(ctx context.Context, c Channel, d Due) (err error) {
	ctx, cancel := context.WithTimeout(ctx, ringBudget)
	defer cancel()
	defer func() {
		if p := recover(); p != nil {
			err = trading.Errorf(trading.Internal, "channel %s panicked: %v", c.Name(), p)
		}
	}()
	if err := c.Ring(ctx, d); err != nil {
		return fmt.Errorf("tell %s of an alarm: %w", c.Name(), err)
	}
	return nil
}
