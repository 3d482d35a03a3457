package queue_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sort"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hoox/backend/queue"
	"hoox/backend/trading"
)

// shelf keeps jobs in memory as the ledger does on disk.
type shelf struct {
	mu   sync.Mutex
	jobs map[trading.JobID]queue.Job
}

func (s *shelf) put(jobs ...queue.Job) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, j := range jobs {
		s.jobs[j.ID] = j
	}
}

// left is a copy of what is on the shelf.
func (s *shelf) left() []queue.Job {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Collect(maps.Values(s.jobs))
}

func (s *shelf) Due(_ context.Context, now time.Time, limit int) ([]queue.Job, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var due []queue.Job
	for _, j := range s.jobs {
		if j.State != queue.Dead && !j.RunAt.After(now) {
			due = append(due, j)
		}
	}
	sort.Slice(due, func(a, b int) bool { return due[a].ID < due[b].ID })
	return due[:min(limit, len(due))], nil
}

func (s *shelf) NextDue(_ context.Context, after time.Time) (time.Time, bool, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var next time.Time
	for _, j := range s.jobs {
		if j.State != queue.Dead && j.RunAt.After(after) && (next.IsZero() || j.RunAt.Before(next)) {
			next = j.RunAt
		}
	}
	return next, !next.IsZero(), nil
}

func (s *shelf) change(id trading.JobID, edit func(*queue.Job)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs[id]
	edit(&j)
	s.jobs[id] = j
	return nil
}

func (s *shelf) Postpone(_ context.Context, id trading.JobID, at time.Time, why string) error {
	return s.change(id, func(j *queue.Job) { j.RunAt, j.LastError, j.Attempts = at, why, j.Attempts+1 })
}

func (s *shelf) Bury(_ context.Context, id trading.JobID, why string) error {
	return s.change(id, func(j *queue.Job) { j.State, j.LastError = queue.Dead, why })
}

func (s *shelf) Finish(_ context.Context, id trading.JobID) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.jobs, id)
	return nil
}

// work runs a queue in simulated time until body returns.
func work(t *testing.T, handlers map[queue.Kind]queue.Handler, body func(*shelf, *queue.Runner)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{jobs: map[trading.JobID]queue.Job{}}
		r := queue.NewRunner(s, handlers, time.Now, slog.New(slog.DiscardHandler))
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- r.Serve(ctx) }()
		body(s, r)
		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("stopped with %v, want the context's end", err)
		}
	})
}

func wait(d time.Duration) { <-time.After(d) }

func TestJobsOfALaneRunOneAfterTheOther(t *testing.T) {
	var mu sync.Mutex
	var order []trading.JobID
	running, most := 0, 0
	work(t, map[queue.Kind]queue.Handler{queue.Submit: func(_ context.Context, j queue.Job) (time.Time, error) {
		mu.Lock()
		running++
		most = max(most, running)
		mu.Unlock()
		wait(time.Second)
		mu.Lock()
		running--
		order = append(order, j.ID)
		mu.Unlock()
		return time.Time{}, nil
	}}, func(s *shelf, r *queue.Runner) {
		s.put(queue.Job{ID: "1", Kind: queue.Submit, Lane: "a"}, queue.Job{ID: "2", Kind: queue.Submit, Lane: "a"}, queue.Job{ID: "3", Kind: queue.Submit, Lane: "a"})
		r.Wake()
		wait(10 * time.Second)
	})
	if most != 1 || len(order) != 3 || order[0] != "1" || order[2] != "3" {
		t.Fatalf("ran %v with %d at once, want 1 2 3 one after the other: a lane keeps order", order, most)
	}
}

func TestBusyLaneIsTriedAgainAtTheNextWakeAndNeverSpins(t *testing.T) {
	var mu sync.Mutex
	tries, free := 0, false
	work(t, map[queue.Kind]queue.Handler{queue.Submit: func(context.Context, queue.Job) (time.Time, error) {
		mu.Lock()
		defer mu.Unlock()
		tries++
		if !free {
			return time.Time{}, queue.ErrBusy
		}
		return time.Time{}, nil
	}}, func(s *shelf, r *queue.Runner) {
		s.put(queue.Job{ID: "1", Kind: queue.Submit, Lane: "a"})
		r.Wake()
		wait(10 * time.Second)
		mu.Lock()
		seen := tries
		free = true
		mu.Unlock()
		if seen < 5 || seen > 15 {
			t.Errorf("tried %d times in 10 s, want about one a second: a busy lane must neither be forgotten nor burn the processor", seen)
		}
		r.Wake()
		synctest.Wait()
		if len(s.left()) != 0 {
			t.Error("the job is still there after its lane became free and somebody woke the queue")
		}
	})
}

func TestAWakeWhileABusyLaneIsLookedAtIsNotLost(t *testing.T) {
	var mu sync.Mutex
	var at []time.Duration
	began := time.Time{}
	work(t, map[queue.Kind]queue.Handler{queue.Submit: func(context.Context, queue.Job) (time.Time, error) {
		mu.Lock()
		at = append(at, time.Since(began))
		first := len(at) == 1
		mu.Unlock()
		if first {
			// The lane is in use when it is looked at, and free before that is told.
			wait(300 * time.Millisecond)
			return time.Time{}, queue.ErrBusy
		}
		return time.Time{}, nil
	}}, func(s *shelf, r *queue.Runner) {
		began = time.Now()
		s.put(queue.Job{ID: "1", Kind: queue.Submit, Lane: "a"})
		r.Wake()
		wait(200 * time.Millisecond)
		r.Wake()
		wait(5 * time.Second)
	})
	if len(at) != 2 || at[1] != 300*time.Millisecond {
		t.Fatalf("looked at %v, want it looked at again as soon as it was told busy: whoever freed the lane has said so already", at)
	}
}

func TestAJobIsNotLateBecauseAnotherLaneIsBusy(t *testing.T) {
	var mu sync.Mutex
	var late time.Duration
	work(t, map[queue.Kind]queue.Handler{
		queue.Submit: func(context.Context, queue.Job) (time.Time, error) { return time.Time{}, queue.ErrBusy },
		queue.Resolve: func(_ context.Context, j queue.Job) (time.Time, error) {
			mu.Lock()
			defer mu.Unlock()
			late = time.Since(j.RunAt)
			return time.Time{}, nil
		},
	}, func(s *shelf, r *queue.Runner) {
		s.put(queue.Job{ID: "1", Kind: queue.Submit, Lane: "a"}, queue.Job{ID: "2", Kind: queue.Resolve, Lane: "b", RunAt: time.Now().Add(2345 * time.Millisecond)})
		r.Wake()
		wait(5 * time.Second)
		if len(s.left()) != 1 || late != 0 {
			t.Errorf("%d jobs are left, and it ran %s late; want the one of the busy lane left, and the other done at its time", len(s.left()), late)
		}
	})
}

func TestAJobIsNotLateBecauseHundredsWaitInOtherLanes(t *testing.T) {
	var mu sync.Mutex
	ran := map[trading.JobID]time.Duration{}
	began := time.Time{}
	work(t, map[queue.Kind]queue.Handler{
		queue.Cancel: func(context.Context, queue.Job) (time.Time, error) {
			wait(5 * time.Second) // the exchange is silent
			return time.Now().Add(time.Hour), errors.New("silent")
		},
		queue.Submit: func(_ context.Context, j queue.Job) (time.Time, error) {
			mu.Lock()
			defer mu.Unlock()
			ran[j.ID] = time.Since(began)
			return time.Time{}, nil
		},
	}, func(s *shelf, r *queue.Runner) {
		began = time.Now()
		for n := range 300 {
			s.put(queue.Job{ID: trading.JobID(fmt.Sprintf("a%03d", n)), Kind: queue.Cancel, Lane: "grid"})
		}
		s.put(queue.Job{ID: "b close", Kind: queue.Submit, Lane: "b"})
		r.Wake()
		wait(time.Minute)
	})
	if late, ok := ran["b close"]; !ok || late != 0 {
		t.Fatalf("a close ran after %s (%v), want it at once: it has nothing to do with the cancels of another exchange", late, ok)
	}
}

func TestPostponedJobRunsAtItsTime(t *testing.T) {
	var at []time.Duration
	var mu sync.Mutex
	work(t, map[queue.Kind]queue.Handler{queue.Resolve: func(_ context.Context, j queue.Job) (time.Time, error) {
		mu.Lock()
		defer mu.Unlock()
		at = append(at, time.Since(j.CreatedAt))
		if len(at) < 3 {
			return time.Now().Add(30 * time.Second), errors.New("silent")
		}
		return time.Time{}, nil
	}}, func(s *shelf, r *queue.Runner) {
		s.put(queue.Job{ID: "1", Kind: queue.Resolve, Lane: "a", CreatedAt: time.Now()})
		r.Wake()
		wait(5 * time.Minute)
	})
	if len(at) != 3 || at[1] != 30*time.Second || at[2] != time.Minute {
		t.Fatalf("ran at %v, want 0s 30s 1m", at)
	}
}

func TestHopelessAndPanickingJobsBecomeDeadLetters(t *testing.T) {
	work(t, map[queue.Kind]queue.Handler{
		queue.Submit: func(context.Context, queue.Job) (time.Time, error) { return time.Time{}, errors.New("never") },
		queue.Cancel: func(context.Context, queue.Job) (time.Time, error) { panic("bug") },
	}, func(s *shelf, r *queue.Runner) {
		s.put(queue.Job{ID: "1", Kind: queue.Submit, Lane: "a"}, queue.Job{ID: "2", Kind: queue.Cancel, Lane: "a"}, queue.Job{ID: "3", Kind: "strange", Lane: "a"})
		r.Wake()
		wait(time.Minute)
		left := s.left()
		for _, j := range left {
			if j.State != queue.Dead || j.LastError == "" {
				t.Errorf("job %s is %s (%q), want dead with a reason: nothing is dropped in silence", j.ID, j.State, j.LastError)
			}
		}
		if len(left) != 3 {
			t.Errorf("%d jobs left, want all 3 kept as dead letters", len(left))
		}
	})
}
