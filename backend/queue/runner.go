package queue

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"hoox/backend/trading"
)

// store keeps the jobs. Finish of a job that is gone already is no error: the effect may have removed it.
type store interface {
	Due(ctx context.Context, now time.Time, limit int) ([]Job, error)
	NextDue(ctx context.Context, after time.Time) (time.Time, bool, error)
	Postpone(ctx context.Context, id trading.JobID, runAt time.Time, lastError string) error
	Bury(ctx context.Context, id trading.JobID, lastError string) error
	Finish(ctx context.Context, id trading.JobID) error
}

// Handler does one job. It returns
//
//	zero, nil       the job is done
//	zero, ErrBusy   its lane is in use; it is tried again at the next Wake
//	when, err       not now: it is tried again at that time, err is shown
//	zero, err       it will never work: it becomes a dead letter
type Handler func(ctx context.Context, j Job) (again time.Time, err error)

// ErrBusy tells the runner that the lane of a job is in use.
var ErrBusy = errors.New("lane is in use")

const (
	// batch is how many due jobs are looked at first; more only where there are more.
	batch = 64
	// recheck is how long something that is due and held by its lane waits at most; Wake, and the end of a job, are what
	// normally ends the wait.
	recheck = time.Second
	// longest is how long the runner sleeps at most. A timer stands still while the machine is suspended, so after a lid was
	// opened the clock has to be looked at again soon.
	longest = 5 * time.Second
	// pause is the wait after the store failed, so that a broken disk is not hammered.
	pause = time.Second
)

// Runner works the queue off. Jobs of one kind and lane run one after the other, oldest first.
type Runner struct {
	store    store
	handlers map[Kind]Handler
	now      func() time.Time
	log      *slog.Logger
	wake     chan struct{}

	mu     sync.Mutex
	busy   map[string]bool
	parked map[string]bool
	// wakes counts the calls of Wake: a lane is not parked over one that came while its job was looked at.
	wakes int
}

// NewRunner makes a runner; Serve works.
func NewRunner(s store, handlers map[Kind]Handler, now func() time.Time, log *slog.Logger) *Runner {
	return &Runner{store: s, handlers: handlers, now: now, log: log, wake: make(chan struct{}, 1),
		busy: map[string]bool{}, parked: map[string]bool{}}
}

// Wake makes the runner look now. It never blocks, and many calls are one.
func (r *Runner) Wake() {
	r.mu.Lock()
	clear(r.parked)
	r.wakes++
	r.mu.Unlock()
	r.poke()
}

func (r *Runner) poke() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Serve works until ctx ends, then waits for the jobs under way.
func (r *Runner) Serve(ctx context.Context) error {
	var work sync.WaitGroup
	defer work.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		wait := r.round(ctx, &work)
		timer.Reset(wait)
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-r.wake:
		case <-timer.C:
			r.unpark()
		}
	}
}

func (r *Runner) unpark() {
	r.mu.Lock()
	clear(r.parked)
	r.mu.Unlock()
}

// round starts what is due and free, and tells how long to sleep.
func (r *Runner) round(ctx context.Context, work *sync.WaitGroup) time.Duration {
	now := r.now()
	most := longest
	// What waits in a lane that is in use stays due: hundreds of it must not keep what is due in other lanes out of sight.
	for limit, full := batch, true; full; limit *= 4 {
		jobs, err := r.store.Due(ctx, now, limit)
		if err != nil {
			if ctx.Err() == nil {
				r.log.Error("read due jobs", "error", err)
			}
			return pause
		}
		for _, j := range jobs {
			if wakes, mine := r.take(j); mine {
				work.Go(func() { r.run(ctx, j, wakes) })
			}
		}
		if len(jobs) > 0 {
			most = recheck
		}
		full = len(jobs) == limit
	}
	return min(r.untilNext(ctx, now), most)
}

// untilNext is how long it takes until something comes due that was not at now. What was is running, or held by its lane: it
// must not make the loop spin, and what frees a lane wakes the runner anyway.
func (r *Runner) untilNext(ctx context.Context, now time.Time) time.Duration {
	next, some, err := r.store.NextDue(ctx, now)
	switch {
	case err != nil:
		return pause
	case !some:
		return longest
	}
	return max(next.Sub(r.now()), 0)
}

func laneKey(j Job) string { return string(j.Kind) + " " + j.Lane }

// take takes a job, unless its lane is in use, and tells how often the runner had been woken by then.
func (r *Runner) take(j Job) (wakes int, mine bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	key := laneKey(j)
	if r.busy[key] || r.parked[key] {
		return 0, false
	}
	r.busy[key] = true
	return r.wakes, true
}

func (r *Runner) run(ctx context.Context, j Job, wakes int) {
	again, err := r.handle(ctx, j)
	busy := errors.Is(err, ErrBusy)
	if !busy {
		r.settle(ctx, j, again, err)
	}
	r.mu.Lock()
	delete(r.busy, laneKey(j))
	parked := busy && r.wakes == wakes
	if parked {
		r.parked[laneKey(j)] = true
	}
	r.mu.Unlock()
	if !parked {
		r.poke()
	}
}

// handle runs the handler; a panic in it is this job's failure, not the end of the queue.
func (r *Runner) handle(ctx context.Context, j Job) (again time.Time, err error) {
	defer func() {
		if p := recover(); p != nil {
			r.log.Error("job panicked", "kind", j.Kind, "job", j.ID, "panic", p)
			again, err = time.Time{}, trading.Errorf(trading.Internal, "the handler failed: %v", p)
		}
	}()
	h, ok := r.handlers[j.Kind]
	if !ok {
		return time.Time{}, trading.Errorf(trading.Internal, "nobody handles jobs of kind %s", j.Kind)
	}
	return h(ctx, j)
}

// settle writes down how a job ended. A job whose row cannot be changed stays due and is done again, which every handler
// must bear.
func (r *Runner) settle(ctx context.Context, j Job, again time.Time, err error) {
	if ctx.Err() != nil {
		return
	}
	var stored error
	switch {
	case !again.IsZero():
		stored = r.store.Postpone(ctx, j.ID, again, text(err))
	case err != nil:
		r.log.Error("JOB GIVEN UP: a person must look at it", "kind", j.Kind, "job", j.ID, "lane", j.Lane, "order", j.OrderID, "signal", j.SignalID, "error", err)
		stored = r.store.Bury(ctx, j.ID, text(err))
	default:
		stored = r.store.Finish(ctx, j.ID)
	}
	if stored != nil && trading.KindOf(stored) != trading.NotFound {
		r.log.Error("settle job", "kind", j.Kind, "job", j.ID, "error", stored)
	}
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
