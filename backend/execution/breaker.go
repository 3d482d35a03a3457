package execution

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"hoox/backend/queue"
	"hoox/backend/trading"
)

// pinger is a venue with a cheaper question than the one for its positions.
type pinger interface {
	Ping(ctx context.Context) (time.Duration, error)
}

// lines are the rows of what waits to be sent. Hold writes down why one order does, Release makes all jobs of an account due.
type lines interface {
	Hold(ctx context.Context, id trading.OrderID, reason string, at time.Time) error
	Release(ctx context.Context, account trading.AccountID, at time.Time) error
	// Hasten makes due at a time what is due only beyond another.
	Hasten(ctx context.Context, beyond, at time.Time) error
}

const (
	// opensAfter is how many calls in a row without an answer, within opensWithin, open a circuit.
	opensAfter  = 3
	opensWithin = 30 * time.Second
	// firstProbe is how long an open circuit stays quiet; it doubles up to lastProbe while nothing answers.
	firstProbe = 5 * time.Second
	lastProbe  = 2 * time.Minute
	// closeProbe is how often what closes a position may ask all the same.
	closeProbe = time.Second
	// probeLook is how often the engine looks whether an open circuit's time has come.
	probeLook = 500 * time.Millisecond
)

// breaker is whether the exchange of an account answers. The engine's lock guards it.
type breaker struct {
	// silent are the calls without an answer since the last one with an answer; vague tells that one of them may have had one.
	silent []time.Time
	vague  bool

	open  bool
	since time.Time
	// next is when the exchange is asked again, asked when it was asked last.
	next, asked time.Time
	pause       time.Duration
	why         string
	// probing tells that somebody asks by the clock at this moment.
	probing bool
}

// hearing is what the end of a call says about whether the exchange answers.
type hearing int

const (
	// neither: the call says nothing about the exchange.
	neither hearing = iota
	answered
	unanswered
	// vague: an adapter says Unknown of a look-up that brought no answer, and of one that brought none that proves anything.
	vague
)

// hear reads the end of a submit, a cancel or a probe.
func hear(err error) hearing {
	switch trading.KindOf(err) {
	case trading.Unavailable, trading.Unknown:
		return unanswered
	case trading.Internal:
		if errors.Is(err, context.DeadlineExceeded) {
			return unanswered
		}
		return neither
	default:
		return answered
	}
}

// Circuit tells whether nothing is sent to the exchange of an account because it does not answer: since when, when it is
// asked again, and what happened. Closed, everything else is zero; so it is for an account that is not connected.
func (e *Engine) Circuit(account trading.AccountID) (open bool, since, next time.Time, why string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s, ok := e.accounts[account]
	if !ok || !s.circuit.open {
		return false, time.Time{}, time.Time{}, ""
	}
	return true, s.circuit.since, s.circuit.next, s.circuit.why
}

// Held tells why nothing is sent to an account at this moment, "" when it is. The words stay the same until it answers again.
func (e *Engine) Held(account trading.AccountID) string {
	open, since, _, why := e.Circuit(account)
	if !open {
		return ""
	}
	return fmt.Sprintf("%s has not answered since %s UTC (%s): it waits until the exchange answers again", account, since.UTC().Format("15:04:05"), why)
}

// note takes the end of a call to the exchange of an account into the circuit.
func (e *Engine) note(ctx context.Context, account trading.AccountID, s *seat, what hearing, cause error) {
	switch what {
	case answered:
		e.heard(ctx, account, s)
	case unanswered, vague:
		e.unheard(ctx, account, s, what, cause)
	case neither:
	}
}

// heard closes the circuit, if it is open, and has everything that waited looked at.
func (e *Engine) heard(ctx context.Context, account trading.AccountID, s *seat) {
	e.mu.Lock()
	was := s.circuit
	s.circuit = breaker{}
	e.mu.Unlock()
	if !was.open {
		return
	}
	e.Log.Warn("the exchange answers again", "account", account, "after", e.Now().Sub(was.since))
	if e.Lines != nil {
		if err := e.Lines.Release(ctx, account, e.Now()); err != nil {
			e.Log.Error("make what waited for an exchange due", "account", account, "error", err)
		}
	}
	e.circuitChanged(account)
	e.wake()
}

// unheard counts a call without an answer and opens the circuit when there were too many. Before a vague one opens it, the
// exchange is asked whether it is there.
func (e *Engine) unheard(ctx context.Context, account trading.AccountID, s *seat, what hearing, cause error) {
	now := e.Now()
	e.mu.Lock()
	c := &s.circuit
	recent := []time.Time{now}
	for _, at := range c.silent {
		if now.Sub(at) <= opensWithin {
			recent = append(recent, at)
		}
	}
	c.silent, c.vague = recent, c.vague && len(recent) > 1 || what == vague
	opens, ask := !c.open && len(recent) >= opensAfter, c.vague
	e.mu.Unlock()
	if !opens {
		return
	}
	if ask {
		if err := e.ask(ctx, s); hear(err) == answered {
			e.heard(ctx, account, s)
			return
		}
	}
	e.mu.Lock()
	opens = !s.circuit.open
	if opens {
		now = e.Now()
		s.circuit = breaker{open: true, since: now, asked: now, pause: firstProbe, next: now.Add(firstProbe), why: cause.Error()}
	}
	e.mu.Unlock()
	if opens {
		e.Log.Error("THE EXCHANGE DOES NOT ANSWER: nothing is sent to it until it does", "account", account, "error", cause, "again", firstProbe)
		e.circuitChanged(account)
	}
}

func (e *Engine) circuitChanged(account trading.AccountID) {
	if e.Changed != nil {
		e.Changed(account)
	}
}

// ask puts the cheapest question that there is.
func (e *Engine) ask(ctx context.Context, s *seat) (err error) {
	defer func() {
		if p := recover(); p != nil {
			e.Log.Error("probe panicked", "panic", p, "stack", string(debug.Stack()))
			err = trading.Errorf(trading.Internal, "the probe failed: %v", p)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, wireBudget)
	defer cancel()
	if x, ok := s.venue.(pinger); ok {
		_, err = x.Ping(ctx)
		return err
	}
	_, err = s.venue.Positions(ctx)
	return err
}

// Probe asks each exchange whose circuit is open, and whose time has come, whether it answers again.
func (e *Engine) Probe(ctx context.Context) {
	now := e.Now()
	e.atSeats(ctx, func(s *seat) bool {
		e.mu.Lock()
		defer e.mu.Unlock()
		return s.circuit.open && !s.circuit.next.After(now)
	}, func(ctx context.Context, id trading.AccountID, s *seat) { e.probe(ctx, id, s) })
}

// keepProbing asks until ctx ends. Each exchange is asked by itself, so that a silent one delays no other.
func (e *Engine) keepProbing(ctx context.Context) {
	var work sync.WaitGroup
	defer work.Wait()
	again := time.NewTicker(probeLook)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
		now := e.Now()
		for id, s := range e.seats() {
			e.mu.Lock()
			due := s.circuit.open && !s.circuit.probing && !s.circuit.next.After(now)
			s.circuit.probing = s.circuit.probing || due
			e.mu.Unlock()
			if due {
				work.Go(func() {
					e.probe(ctx, id, s)
					e.mu.Lock()
					s.circuit.probing = false
					e.mu.Unlock()
				})
			}
		}
	}
}

// probe asks one exchange and tells whether its circuit is closed now. One asks at a time; who comes meanwhile takes the same
// answer.
func (e *Engine) probe(ctx context.Context, account trading.AccountID, s *seat) bool {
	if !s.asking.take(ctx) {
		return false
	}
	defer s.asking.pass()
	began := e.Now()
	e.mu.Lock()
	c := s.circuit
	e.mu.Unlock()
	if !c.open {
		return true
	}
	due := !c.next.After(began)
	if !due && began.Sub(c.asked) < closeProbe {
		return false
	}
	err := e.ask(ctx, s)
	if hear(err) == answered {
		e.heard(ctx, account, s)
		return true
	}
	now := e.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	if s.circuit.open {
		s.circuit.asked = now
		if due && ctx.Err() == nil {
			s.circuit.pause = min(2*s.circuit.pause, lastProbe)
			s.circuit.next = now.Add(s.circuit.pause)
		}
	}
	return !s.circuit.open
}

// gate tells why an order may not go on the wire, nil when it may. What closes a position asks the exchange first.
func (e *Engine) gate(ctx context.Context, s *seat, o trading.Order) error {
	why := e.Held(o.Account)
	if why == "" || o.ReduceOnly && e.probe(ctx, o.Account, s) {
		return nil
	}
	return trading.Errorf(trading.Unavailable, "%s", why)
}

// anyHeld tells whether any circuit is open.
func (e *Engine) anyHeld() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.accounts {
		if s.circuit.open {
			return true
		}
	}
	return false
}

// holdBack tells why an order does not leave the queue now, and when it is looked at again; nil when it may. One that can only
// end is let through: it ends without the wire.
func (e *Engine) holdBack(ctx context.Context, j queue.Job) (time.Time, error) {
	if !e.anyHeld() {
		return time.Time{}, nil
	}
	o, err := e.Book.Order(ctx, j.OrderID)
	if err != nil {
		return e.Now().Add(time.Second), err
	}
	s, err := e.seat(o.Account)
	past := !o.Deadline.IsZero() && e.Now().After(o.Deadline)
	if err != nil || past || o.Status != trading.OrderCreated {
		return time.Time{}, nil
	}
	why := e.gate(ctx, s, o)
	if why == nil {
		return time.Time{}, nil
	}
	now := e.Now()
	_, _, next, _ := e.Circuit(o.Account)
	if o.ReduceOnly {
		next = now.Add(closeProbe)
	}
	if end := o.Deadline.Add(time.Millisecond); !o.Deadline.IsZero() && end.Before(next) {
		next = end
	}
	if least := now.Add(probeLook); next.Before(least) {
		next = least
	}
	if e.Lines != nil && j.LastError != why.Error() {
		if err := e.Lines.Hold(ctx, o.ID, why.Error(), now); err != nil {
			return next, err
		}
	}
	return next, why
}
