package telegram

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// PostmanParts are what a postman works with. Client, Outbox and Now are needed.
type PostmanParts struct {
	Client *Client
	Outbox outbox
	// Keep is how old a message may be to be worth sending; a day when nil.
	Keep func() time.Duration
	// Changed hears that State has something new to say. It must not wait.
	Changed func()
	// Jitter picks a pause in [0, most); a random one when nil.
	Jitter func(most time.Duration) time.Duration
	Now    func() time.Time
	Log    *slog.Logger
}

const (
	// idlePause is how often the outbox is looked at when nothing wakes the postman.
	idlePause = 15 * time.Second
	// maxLetters is how many chats are looked at in one round.
	maxLetters = 64
	// farthest is the longest pause before a message is tried again.
	farthest = 10 * time.Minute
	// defaultKeep is how old a message may be.
	defaultKeep = 24 * time.Hour
)

// Postman brings what is in the outbox to its chats. Serve must run for anything to happen. Safe for concurrent use.
type Postman struct {
	parts PostmanParts
	pace  *pace
	wake  chan struct{}

	mu sync.Mutex
	// busy are the chats to which something is under way.
	busy map[int64]struct{}
	// arrived counts the parts that Telegram has of messages that wait, by message: what is tried again goes on behind them.
	arrived map[int64]int
	// held is until when nothing is sent at all, because Telegram cannot be reached or does not know the token; misses counts how often
	// that was found in a row.
	held   time.Time
	misses int
	// putOff tells that a message was put off because of the way and not because of itself; eager that such ones are tried now.
	putOff, eager bool
	// soon is when a message is due that was put off, zero for none that we know of.
	soon    time.Time
	waiting int
	oldest  time.Time
	stuck   string
}

// NewPostman makes a postman and starts nothing.
func NewPostman(p PostmanParts) *Postman {
	if p.Keep == nil {
		p.Keep = func() time.Duration { return defaultKeep }
	}
	if p.Changed == nil {
		p.Changed = func() {}
	}
	if p.Jitter == nil {
		p.Jitter = chance
	}
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	return &Postman{parts: p, pace: newPace(), wake: make(chan struct{}, 1), busy: map[int64]struct{}{}, arrived: map[int64]int{}}
}

// Wake tells that something was posted. It never waits.
func (p *Postman) Wake() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// reached tells that Telegram answers: there is no reason to send nothing.
func (p *Postman) reached() {
	p.mu.Lock()
	held := !p.held.IsZero()
	p.held, p.misses = time.Time{}, 0
	p.mu.Unlock()
	if held {
		p.Wake()
	}
}

// back tells that Telegram answers again: what was put off because it did not is tried now.
func (p *Postman) back() {
	p.mu.Lock()
	p.eager, p.putOff = p.eager || p.putOff, false
	p.mu.Unlock()
	p.reached()
	p.Wake()
}

// backlog is what waits, and why the last message that failed did.
func (p *Postman) backlog() (waiting int, oldest time.Time, stuck string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.waiting, p.oldest, p.stuck
}

// Serve sends until ctx ends; it returns nil after such a stop, when what was under way has come to an end.
func (p *Postman) Serve(ctx context.Context) error {
	var work sync.WaitGroup
	defer work.Wait()
	for ctx.Err() == nil {
		next := p.round(ctx, &work)
		p.count(ctx)
		timer := time.NewTimer(max(next.Sub(p.parts.Now()), 0))
		select {
		case <-ctx.Done():
		case <-timer.C:
		case <-p.wake:
		}
		timer.Stop()
	}
	return nil
}

// round sends what may be sent now, each chat's beside the others, and returns when to look again.
func (p *Postman) round(ctx context.Context, work *sync.WaitGroup) time.Time {
	now := p.parts.Now()
	due, next := p.horizon(now)
	if due.IsZero() {
		return next
	}
	list, err := p.parts.Outbox.DueMessages(ctx, due, maxLetters)
	if err != nil {
		p.stumble("the messages that wait cannot be read", err)
		return next
	}
	for _, m := range list {
		if !p.occupy(m.Chat) {
			continue
		}
		if at, free := p.pace.take(m.Chat, now); !free {
			p.vacate(m.Chat)
			if at.Before(next) {
				next = at
			}
			continue
		}
		work.Go(func() {
			defer p.Wake()
			defer p.vacate(m.Chat)
			p.guarded(ctx, m)
		})
	}
	return next
}

// horizon is up to which due time messages are sent now, zero for none, and when to look again at the latest.
func (p *Postman) horizon(now time.Time) (due, next time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	next = now.Add(idlePause)
	if p.held.After(now) {
		return time.Time{}, p.held
	}
	due = now
	if p.eager {
		p.eager, due = false, now.Add(farthest)
	}
	if p.soon.After(now) && p.soon.Before(next) {
		next = p.soon
	} else if !p.soon.After(now) {
		p.soon = time.Time{}
	}
	return due, next
}

// occupy makes a chat busy; false when it is already.
func (p *Postman) occupy(id int64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, busy := p.busy[id]
	p.busy[id] = struct{}{}
	return !busy
}

func (p *Postman) vacate(id int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.busy, id)
}

// count looks at how much waits.
func (p *Postman) count(ctx context.Context) {
	waiting, oldest, err := p.parts.Outbox.Undelivered(ctx)
	if err != nil {
		p.stumble("the messages that wait cannot be counted", err)
		return
	}
	p.mu.Lock()
	changed := p.waiting != waiting || !p.oldest.Equal(oldest)
	p.waiting, p.oldest = waiting, oldest
	p.mu.Unlock()
	if changed {
		p.parts.Changed()
	}
}

// stumble shows why messages do not get on.
func (p *Postman) stumble(what string, err error) {
	why := what
	if err != nil {
		why += ": " + err.Error()
	}
	p.mu.Lock()
	changed := p.stuck != why
	p.stuck = why
	p.mu.Unlock()
	if changed {
		p.parts.Log.Warn("telegram messages", "stuck", why)
		p.parts.Changed()
	}
}
