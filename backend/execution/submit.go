package execution

import (
	"context"
	"time"

	"hoox/backend/queue"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

// maxAttempts bounds how often an order that provably never left is tried.
const maxAttempts = 5

// retryPauses are the waits before an order that provably never left is tried again.
var retryPauses = []time.Duration{time.Second, 5 * time.Second, 30 * time.Second, time.Minute, 5 * time.Minute}

// send makes the one network call an armed order is owed and writes down its outcome.
func (e *Engine) send(ctx context.Context, o trading.Order) {
	if stop, reason := e.lastLook(o); stop != "" {
		e.insist(ctx, "settle", o.ID, func() error {
			_, err := e.Orders.Settle(ctx, o.ID, stop, reason, e.Now())
			return err
		})
		e.wake()
		return
	}
	venue, err := e.venue(o.Account)
	if err != nil {
		e.outcome(ctx, o, trading.Report{}, err)
		return
	}
	wire, cancel := context.WithTimeout(ctx, wireBudget)
	report, err := venue.Submit(wire, o)
	cancel()
	e.outcome(ctx, o, report, err)
}

// lastLook reads the switch in memory and the clock between the commit and the wire; no byte has left yet.
func (e *Engine) lastLook(o trading.Order) (trading.OrderStatus, string) {
	if status, reason, ok := risk.Second(e.Limits(o.Account), e.Switch.Standing(), o); !ok {
		return toBlocked(status), reason
	}
	if !o.Deadline.After(e.Now()) {
		return trading.OrderExpired, "its time ended before it could be sent"
	}
	return "", ""
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
	e.insist(ctx, "record outcome", o.ID, func() error {
		switch trading.KindOf(err) {
		case "":
			_, stored := e.Orders.Record(ctx, report)
			return stored
		case trading.Rejected:
			_, stored := e.Orders.Settle(ctx, o.ID, trading.OrderRejected, err.Error(), now)
			return stored
		case trading.Unavailable, trading.Limited:
			return e.notSent(ctx, o, err.Error(), now)
		case trading.Unknown, trading.Internal, trading.Invalid, trading.Unauthorized, trading.Duplicate, trading.Refused,
			trading.Halted, trading.NotFound, trading.Conflict:
		}
		_, stored := e.Orders.Doubt(ctx, o.ID, err.Error(), now, now.Add(ladder(0)))
		return stored
	})
	if trading.KindOf(err) == trading.Unknown {
		e.countDoubt(ctx, o.Account)
	}
	e.wake()
}

func (e *Engine) notSent(ctx context.Context, o trading.Order, reason string, now time.Time) error {
	again := now.Add(retryPauses[min(max(o.Attempts-1, 0), len(retryPauses)-1)])
	if o.Attempts >= maxAttempts || !again.Before(o.Deadline) {
		_, err := e.Orders.Settle(ctx, o.ID, trading.OrderExpired, "never sent: "+reason, now)
		return err
	}
	_, err := e.Orders.Return(ctx, o.ID, reason, now, again)
	return err
}

// insist repeats a write until it is stored or the process ends: what is known about money in flight must reach the
// ledger. A process that ends before leaves the order in doubt, and the next start asks the exchange.
func (e *Engine) insist(ctx context.Context, what string, id trading.OrderID, write func() error) {
	wait := 50 * time.Millisecond
	for {
		err := write()
		switch trading.KindOf(err) {
		case "":
			return
		case trading.Unavailable:
			e.Log.Error(what, "order", id, "error", err, "again", wait)
		default:
			// Another path was faster, or the store is damaged: repeating cannot help, the order stays in doubt.
			e.Log.Error(what, "order", id, "error", err)
			return
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
		wait = min(2*wait, 5*time.Second)
		if e.Switch.Damaged() {
			return
		}
	}
}

// submitJob sends an order that waited in the queue.
func (e *Engine) submitJob(ctx context.Context, j queue.Job) (time.Time, error) {
	o, err := e.Orders.BeginSubmit(ctx, j.OrderID, e.Now(), func(b risk.Book, o trading.Order) (trading.OrderStatus, string, bool) {
		standing := b.Standing
		if mem := e.Switch.Standing(); risk.Stricter(standing.State, mem.State) != standing.State {
			standing = mem
		}
		return risk.Second(e.Limits(o.Account), standing, o)
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
		return time.Time{}, err
	}
}
