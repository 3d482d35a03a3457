package app

import (
	"context"
	"fmt"
	"log/slog"
	"time"
)

const (
	// gatherPause is how long after a notice others of its kind are gathered into one.
	gatherPause = 30 * time.Second
	// gatherDepth is how many notices may wait to be gathered.
	gatherDepth = 256
	// longestNotice bounds the text of one: no system shows more.
	longestNotice = 240
)

// notice is one thing to tell somebody who is not looking.
type notice struct {
	// kind is what it is gathered by: fill, signal, kill.
	kind  string
	title string
	text  string
}

// gatherer shows notices and folds a burst: the first of a kind is heard at once, those within the next half minute
// together.
type gatherer struct {
	deliver func(title, text string) error
	log     *slog.Logger
	notices chan notice
}

func newGatherer(deliver func(title, text string) error, log *slog.Logger) *gatherer {
	return &gatherer{deliver: deliver, log: log, notices: make(chan notice, gatherDepth)}
}

// take never waits.
func (g *gatherer) take(n notice) {
	select {
	case g.notices <- n:
	default:
		g.log.Warn("too many notices at once: one was not shown", "kind", n.kind, "title", n.title)
	}
}

// serve shows notices until ctx ends.
func (g *gatherer) serve(ctx context.Context) {
	gathered := map[string][]notice{}
	over := make(chan string)
	rest := func(kind string) {
		gathered[kind] = []notice{}
		time.AfterFunc(gatherPause, func() {
			select {
			case over <- kind:
			case <-ctx.Done():
			}
		})
	}
	for {
		select {
		case <-ctx.Done():
			return
		case n := <-g.notices:
			if waiting, quiet := gathered[n.kind]; quiet {
				gathered[n.kind] = append(waiting, n)
				continue
			}
			g.tell(n)
			rest(n.kind)
		case kind := <-over:
			if waiting := gathered[kind]; len(waiting) > 0 {
				g.tell(folded(waiting))
				rest(kind)
				continue
			}
			delete(gathered, kind)
		}
	}
}

func (g *gatherer) tell(n notice) {
	if err := g.deliver(n.title, n.text); err != nil {
		g.log.Debug("notification not shown", "title", n.title, "error", err)
	}
}

// folded is several notices of a kind in one, the newest in full.
func folded(list []notice) notice {
	newest := list[len(list)-1]
	if len(list) == 1 {
		return newest
	}
	return notice{newest.kind, newest.title, fmt.Sprintf("%d in the last half minute; the newest: %s", len(list), newest.text)}
}
