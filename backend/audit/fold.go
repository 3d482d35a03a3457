package audit

import (
	"fmt"
	"sync"
	"time"
)

const (
	// firstSpan is how long like refusals are counted after the first; while they go on, each span is twice the one before.
	firstSpan = time.Minute
	lastSpan  = time.Hour
	// mostFolds bounds the kinds that are counted apart; what comes on top is counted together.
	mostFolds = 64
)

// Fold makes few lines of many refusals, so that a flood cannot fill the disk: the first of a kind is a line, those that follow
// are counted, and each span that had any ends with one line that tells how many. Nothing is left uncounted. Kinds differ by
// action, subject and actor, of which callers use few. The zero Fold is ready. Safe for concurrent use.
type Fold struct {
	mu   sync.Mutex
	open map[kind]*span
	due  []Entry
}

type kind struct {
	action         Action
	subject, actor string
}

// span is the time in which refusals of one kind are counted.
type span struct {
	long  time.Duration
	until time.Time
	count int
	last  Entry
}

// Add takes a refusal.
func (f *Fold) Add(e Entry) {
	f.mu.Lock()
	defer f.mu.Unlock()
	k := kind{e.Action, e.Subject, e.Actor}
	if _, known := f.open[k]; !known && len(f.open) >= mostFolds {
		e.Subject, e.Actor = "of many kinds", ""
		k = kind{e.Action, e.Subject, e.Actor}
	}
	if s, known := f.open[k]; known {
		s.count++
		s.last = e
		return
	}
	if f.open == nil {
		f.open = map[kind]*span{}
	}
	f.open[k] = &span{long: firstSpan, until: e.At.Add(firstSpan)}
	f.due = append(f.due, e)
}

// Due hands over the lines that are to be written by now.
func (f *Fold) Due(now time.Time) []Entry {
	return f.take(now, func(s *span) bool { return !now.Before(s.until) })
}

// Rest hands over everything that was counted, because nothing more will be.
func (f *Fold) Rest() []Entry { return f.take(time.Time{}, func(*span) bool { return true }) }

func (f *Fold) take(now time.Time, ends func(*span) bool) []Entry {
	f.mu.Lock()
	defer f.mu.Unlock()
	due := f.due
	f.due = nil
	for k, s := range f.open {
		if !ends(s) {
			continue
		}
		if s.count == 0 {
			delete(f.open, k)
			continue
		}
		e := s.last
		e.Detail = fmt.Sprintf("%d more like it within %s; the last: %s", s.count, s.long, e.Detail)
		due = append(due, e)
		s.long = min(2*s.long, lastSpan)
		s.until, s.count = now.Add(s.long), 0
	}
	return due
}
