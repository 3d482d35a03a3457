package execution

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"hoox/backend/queue"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

// maxAttempts bounds how often an order that provably never left is tried; what ends the tries is its deadline.
const maxAttempts = 50

// retryPauses are the waits before an order that provably never left is tried again. Near its deadline they are shorter, until
// what is left is not worth a try.
var retryPauses = []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 15 * time.Second, 30 * time.Second,
	time.Minute, 5 * time.Minute, 15 * time.Minute, 30 * time.Minute}

// lastTry is the shortest time before a deadline in which another try is worth it.
const lastTry = time.Second

// silencer is a venue that knows until when its exchange wants to hear nothing.
type silencer interface{ Lamp() trading.Lamp }

// send makes the one network call an armed order is owed and writes down its outcome. What breaks in the middle may have
// sent: the outcome is unknown then, like any other that nobody knows.
func (e *Engine) send(ctx context.Context, o trading.Order) {
	defer func() {
		if p := recover(); p != nil {
			e.Log.Error("submit panicked", "order", o.ID, "panic", p, "stack", string(debug.Stack()))
			e.doubt(ctx, o, fmt.Sprintf("the program failed while it sent the order: %v", p), e.Now())
			e.wake()
		}
	}()
	s, err := e.seat(o.Account)
	if err == nil {
		err = e.gate(ctx, s, o)
	}
	leash, cancel := context.WithCancel(ctx)
	defer cancel()
	// An adapter may have to ask something before it sends. What stops the order meanwhile ends that; once a byte of the
	// order may have left, nothing does, see wire.Client.
	defer e.Switch.Heed(func() {
		if stop, _ := e.lastLook(o); stop != "" {
			cancel()
		}
	})()
	report, there := trading.Report{}, false
	if err == nil {
		report, there, err = e.askFirst(leash, s, o)
	}
	if there {
		e.outcome(ctx, o, report, nil)
		return
	}
	// After whatever takes time: the exchange may have been asked for seconds.
	if stop, reason := e.lastLook(o); stop != "" {
		e.insist(ctx, "settle", o.ID, func() error {
			_, err := e.Orders.Settle(ctx, o.ID, stop, reason, e.Now())
			return err
		})
		e.wake()
		return
	}
	if err != nil {
		e.outcome(ctx, o, trading.Report{}, err)
		return
	}
	wire, done := context.WithTimeout(leash, wireBudget)
	defer done()
	report, err = s.venue.Submit(wire, o)
	e.outcome(ctx, o, report, err)
	if stopped := leash.Err() != nil; !stopped {
		e.note(ctx, o.Account, s, hear(err), err)
	}
}

// lastLook reads the switch in memory and the clock between the commit and the wire; no byte has left yet.
func (e *Engine) lastLook(o trading.Order) (trading.OrderStatus, string) {
	if status, reason, ok := risk.Second(e.Limits(o.Account), e.Switch.Standing(), o); !ok {
		return toBlocked(status), reason
	}
	if e.haltedSince(o) {
		return trading.OrderBlocked, "trading was halted before it was sent"
	}
	if !o.Deadline.After(e.Now()) {
		return trading.OrderExpired, "its time ended before it could be sent"
	}
	return "", ""
}

// haltedSince tells whether trading was halted after an entry was armed, even if it has been released again: what was in
// the line at a halt never fires later.
func (e *Engine) haltedSince(o trading.Order) bool {
	return !o.ReduceOnly && e.Switch.HaltedSince(o.ArmedAt)
}

// toBlocked maps a pause that came after arming to the status an armed order can take.
func toBlocked(s trading.OrderStatus) trading.OrderStatus {
	if s == trading.OrderDenied {
		return trading.OrderBlocked
	}
	return s
}

// outcome writes down what one submit led to. The default is unknown.
func (e *Engine) outcome(ctx context.Context, o trading.Order, report trading.Report, err error) {
	now := e.Now()
	switch trading.KindOf(err) {
	case "":
		e.taken(ctx, o, report, now)
	case trading.Rejected:
		e.insist(ctx, "record rejection", o.ID, func() error {
			_, stored := e.Orders.Settle(ctx, o.ID, trading.OrderRejected, err.Error(), now)
			return stored
		})
	case trading.Unavailable, trading.Limited:
		e.insist(ctx, "record that it was not sent", o.ID, func() error { return e.notSent(ctx, o, err.Error(), trading.WaitOf(err), now) })
	case trading.Unknown, trading.Internal, trading.Invalid, trading.Unauthorized, trading.Duplicate, trading.Refused,
		trading.Halted, trading.NotFound, trading.Conflict:
		e.doubt(ctx, o, err.Error(), now)
	}
	e.wake()
}

// taken writes down what the exchange said about an order it took. What the ledger will not believe leaves the order in
// doubt, so that somebody goes on asking.
func (e *Engine) taken(ctx context.Context, o trading.Order, report trading.Report, now time.Time) {
	var after trading.Order
	stored := e.insist(ctx, "record outcome", o.ID, func() (err error) {
		after, err = e.Orders.Record(ctx, report)
		return err
	})
	if stored != nil {
		e.doubt(ctx, o, "the exchange's report could not be written down: "+stored.Error(), now)
		return
	}
	e.cancelLate(ctx, after)
}

// cancelLate asks for the cancel of an entry that was on its way when trading was halted, and rests now: the halt could not
// see it.
func (e *Engine) cancelLate(ctx context.Context, o trading.Order) {
	if o.Status.Resting() && e.haltedSince(o) {
		e.insist(ctx, "cancel an entry that came to rest after the halt", o.ID, func() error { return e.Switch.CancelLate(ctx, o) })
	}
}

// doubt marks an order as unknown, has the exchange asked about it, and counts it against the trip. An order whose outcome
// came by another way meanwhile, the account's stream for one, is in no doubt.
func (e *Engine) doubt(ctx context.Context, o trading.Order, reason string, now time.Time) {
	known := false
	e.insist(ctx, "record doubt", o.ID, func() error {
		_, stored := e.Orders.Doubt(ctx, o.ID, reason, now, now.Add(ladder(0)))
		if trading.KindOf(stored) == trading.Conflict {
			known = true
			return nil
		}
		return stored
	})
	if known {
		e.Log.Info("no doubt: the outcome came by another way", "order", o.ID, "reason", reason)
		return
	}
	e.countDoubt(ctx, o.Account)
}

// nextTry is when an order that provably never left is tried again, zero when its time is over before that. wait is how long
// the exchange wants to hear nothing.
func (e *Engine) nextTry(o trading.Order, now time.Time, wait time.Duration) time.Time {
	pause := retryPauses[min(max(o.Attempts-1, 0), len(retryPauses)-1)]
	left := o.Deadline.Sub(now)
	if pause >= left && left >= lastTry {
		pause = left / 2
	}
	if s, err := e.seat(o.Account); err == nil {
		if x, ok := s.venue.(silencer); ok {
			wait = max(wait, x.Lamp().BannedUntil.Sub(now))
		}
	}
	if pause = max(pause, wait); pause >= left {
		return time.Time{}
	}
	return now.Add(pause)
}

func (e *Engine) notSent(ctx context.Context, o trading.Order, reason string, wait time.Duration, now time.Time) error {
	if e.haltedSince(o) {
		_, err := e.Orders.Settle(ctx, o.ID, trading.OrderBlocked, "trading was halted before it was sent: "+reason, now)
		return err
	}
	again := e.nextTry(o, now, wait)
	if o.Attempts >= maxAttempts || again.IsZero() {
		_, err := e.Orders.Settle(ctx, o.ID, trading.OrderExpired, "never sent: "+reason, now)
		return err
	}
	_, err := e.Orders.Return(ctx, o.ID, reason, now, again)
	return err
}

// insist repeats a write until it is stored or the process ends: what is known about money in flight must reach the
// ledger. A process that ends before leaves the order in doubt, and the next start asks the exchange. Returned is the error
// of a write that repeating cannot help.
func (e *Engine) insist(ctx context.Context, what string, id trading.OrderID, write func() error) error {
	wait := 50 * time.Millisecond
	for {
		err := write()
		switch trading.KindOf(err) {
		case "":
			return nil
		case trading.Unavailable:
			e.Log.Error(what, "order", id, "error", err, "again", wait)
		default:
			// Another path was faster, the report contradicts what is known, or the store is damaged.
			e.Log.Error(what, "order", id, "error", err)
			return err
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return err
		case <-timer.C:
		}
		wait = min(2*wait, 5*time.Second)
		if e.Switch.Damaged() {
			return err
		}
	}
}

// submitJob sends an order that waited in the queue.
func (e *Engine) submitJob(ctx context.Context, j queue.Job) (time.Time, error) {
	if again, err := e.holdBack(ctx, j); err != nil {
		return again, err
	}
	o, err := e.Orders.BeginSubmit(ctx, j.OrderID, e.Now(), func(b risk.Book, o trading.Order) (trading.OrderStatus, string, bool) {
		standing := b.Standing
		if mem := e.Switch.Standing(); risk.Stricter(standing.State, mem.State) != standing.State {
			standing = mem
		}
		if to, reason, ok := risk.Second(e.Limits(o.Account), standing, o); !ok {
			return to, reason, false
		}
		if why := e.bar(o); why != "" {
			return trading.OrderDenied, why, false
		}
		return "", "", true
	})
	switch trading.KindOf(err) {
	case "":
		e.send(context.WithoutCancel(ctx), o)
		return time.Time{}, nil
	case trading.Conflict:
		return time.Time{}, queue.ErrBusy
	case trading.Unavailable:
		return e.Now().Add(time.Second), err
	case trading.Halted, trading.Refused, trading.NotFound:
		// The order ended in the same transaction; its row says why.
		e.wake()
		return time.Time{}, nil
	default:
		// Looked at again until its deadline: given up, it would stay in the line for ever.
		return e.Now().Add(ladder(j.Attempts)), err
	}
}
