package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// heard is what was delivered.
type heard struct {
	mu   sync.Mutex
	list []string
}

func (h *heard) all() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.list)
}

func (h *heard) deliver(title, text string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.list = append(h.list, title+": "+text)
	return errors.New("the system shows none")
}

func TestABurstOfNoticesIsHeardAtOnceAndThenTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		h := &heard{}
		g := newGatherer(h.deliver, slog.New(slog.DiscardHandler))
		done := make(chan struct{})
		go func() { g.serve(ctx); close(done) }()

		for n := range 5 {
			g.take(notice{"fill", "Filled", fmt.Sprint("fill ", n)})
		}
		g.take(notice{"kill", "Halted", "by you"})
		synctest.Wait()
		if want := []string{"Filled: fill 0", "Halted: by you"}; !slices.Equal(h.all(), want) {
			t.Fatalf("had %q, want %q: the first of each kind at once", h.all(), want)
		}
		<-time.After(gatherPause)
		synctest.Wait()
		if had := h.all(); len(had) != 3 || had[2] != "Filled: 4 in the last half minute; the newest: fill 4" {
			t.Fatalf("had %q, want the other four in one", had)
		}
		<-time.After(2 * gatherPause)
		g.take(notice{"fill", "Filled", "fill 5"})
		synctest.Wait()
		if had := h.all(); len(had) != 4 || had[3] != "Filled: fill 5" {
			t.Errorf("had %q, want one after a quiet time heard at once", had)
		}
		stop()
		<-done
	})
}

func TestAGathererThatIsFullHoldsNobodyUp(t *testing.T) {
	stderr := &lockedBuffer{}
	g := newGatherer((&heard{}).deliver, slog.New(slog.NewTextHandler(stderr, nil)))
	for range gatherDepth + 1 {
		g.take(notice{"fill", "Filled", "x"})
	}
	if len(g.notices) != gatherDepth || stderr.String() == "" {
		t.Errorf("%d wait and the log says %q, want %d and a line: nothing is dropped in silence", len(g.notices), stderr, gatherDepth)
	}
}
