package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

// heard is what a bell delivered.
type heard struct{ list []string }

func (h *heard) deliver(title, text string) error {
	h.list = append(h.list, title+": "+text)
	return errors.New("the system shows none")
}

func TestABurstOfNoticesIsHeardAtOnceAndThenTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, stop := context.WithCancel(t.Context())
		h := &heard{}
		b := newBell(h.deliver, slog.New(slog.DiscardHandler))
		done := make(chan struct{})
		go func() { b.serve(ctx); close(done) }()

		for n := range 5 {
			b.ring(notice{"fill", "Filled", fmt.Sprint("fill ", n)})
		}
		b.ring(notice{"kill", "Halted", "by you"})
		synctest.Wait()
		if want := []string{"Filled: fill 0", "Halted: by you"}; !slices.Equal(h.list, want) {
			t.Fatalf("had %q, want %q: the first of each kind at once", h.list, want)
		}
		<-time.After(bellPause)
		synctest.Wait()
		if had := h.list[len(h.list)-1]; len(h.list) != 3 || had != "Filled: 4 in the last half minute; the newest: fill 4" {
			t.Fatalf("had %q, want the other four in one", h.list)
		}
		<-time.After(2 * bellPause)
		b.ring(notice{"fill", "Filled", "fill 5"})
		synctest.Wait()
		if had := h.list[len(h.list)-1]; len(h.list) != 4 || had != "Filled: fill 5" {
			t.Errorf("had %q, want one after a quiet time heard at once", h.list)
		}
		stop()
		<-done
	})
}

func TestABellThatIsFullHoldsNobodyUp(t *testing.T) {
	stderr := &lockedBuffer{}
	b := newBell((&heard{}).deliver, slog.New(slog.NewTextHandler(stderr, nil)))
	for range bellDepth + 1 {
		b.ring(notice{"fill", "Filled", "x"})
	}
	if len(b.notices) != bellDepth || stderr.String() == "" {
		t.Errorf("%d wait and the log says %q, want %d and a line: nothing is dropped in silence", len(b.notices), stderr, bellDepth)
	}
}
