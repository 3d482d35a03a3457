package telegram

import (
	"sync"
	"time"
)

// How many messages Telegram takes.
// Source: core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this.
const (
	allLimit, allSpan     = 30, time.Second
	chatLimit, chatSpan   = 1, time.Second
	groupLimit, groupSpan = 20, time.Minute
)

// window lets so many through in any span of time.
type window struct {
	span time.Duration
	// past are the last moments, the oldest at next.
	past []time.Time
	next int
}

func newWindow(limit int, span time.Duration) *window {
	return &window{span: span, past: make([]time.Time, limit)}
}

// free is from when on another one may pass.
func (w *window) free() time.Time { return w.past[w.next].Add(w.span) }

func (w *window) take(at time.Time) {
	w.past[w.next] = at
	w.next = (w.next + 1) % len(w.past)
}

// pace keeps the postman below Telegram's limits, and quiet where Telegram asked for silence. Safe for concurrent use.
type pace struct {
	mu    sync.Mutex
	all   *window
	chats map[int64][]*window
	// silent is how long a chat is to be left alone, quiet how long all are.
	silent map[int64]time.Time
	quiet  time.Time
}

func newPace() *pace {
	return &pace{all: newWindow(allLimit, allSpan), chats: map[int64][]*window{}, silent: map[int64]time.Time{}}
}

// take lets a message to a chat pass; false, with the moment to ask again, when it may not yet.
func (p *pace) take(id int64, now time.Time) (time.Time, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	windows, known := p.chats[id]
	if !known {
		windows = []*window{p.all, newWindow(chatLimit, chatSpan)}
		// Groups and channels have numbers below zero.
		if id < 0 {
			windows = append(windows, newWindow(groupLimit, groupSpan))
		}
		p.chats[id] = windows
	}
	at := p.quiet
	if until := p.silent[id]; until.After(at) {
		at = until
	}
	for _, w := range windows {
		if free := w.free(); free.After(at) {
			at = free
		}
	}
	if at.After(now) {
		return at, false
	}
	for _, w := range windows {
		w.take(now)
	}
	return time.Time{}, true
}

// silence leaves a chat alone until then. When another chat is silent already it is the bot that Telegram finds too loud: all are.
func (p *pace) silence(id int64, now, until time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for other, end := range p.silent {
		switch {
		case !end.After(now):
			delete(p.silent, other)
		case other != id && until.After(p.quiet):
			p.quiet = until
		}
	}
	p.silent[id] = until
}
