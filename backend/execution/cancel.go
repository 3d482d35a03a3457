package execution

import (
	"context"
	"fmt"
	"time"

	"hoox/backend/queue"
	"hoox/backend/trading"
)

// Cancel asks for an order to be cancelled. The cancel is a durable job, so it happens even if the program ends now.
// It fails with NotFound, or with Conflict when the order has ended already.
func (e *Engine) Cancel(ctx context.Context, id trading.OrderID, actor string) (trading.Order, error) {
	o, err := e.Book.Order(ctx, id)
	if err != nil {
		return o, err
	}
	if o.Status.Final() {
		return o, trading.Errorf(trading.Conflict, "order %s has ended already: %s", id, o.Status)
	}
	if err := e.Book.AskCancel(ctx, id, actor, e.Now()); err != nil {
		return o, err
	}
	e.wake()
	return o, nil
}

// cancelJob cancels at the exchange until the exchange says how the order ended.
func (e *Engine) cancelJob(ctx context.Context, j queue.Job) (time.Time, error) {
	o, err := e.Book.Order(ctx, j.OrderID)
	if err != nil {
		return e.Now().Add(time.Second), err
	}
	switch {
	case o.Status.Final():
		return time.Time{}, nil
	case o.Status == trading.OrderCreated:
		// Asked again, the ledger ends it in one step: it may be leaving at this moment.
		if err := e.Book.AskCancel(ctx, o.ID, "cancel job", e.Now()); err != nil && trading.KindOf(err) != trading.Conflict {
			return e.Now().Add(ladder(j.Attempts)), err
		}
		return e.Now().Add(ladder(j.Attempts)), nil
	case o.Status.InDoubt(), o.Status == trading.OrderNeedsReview:
		// Its outcome is being asked for; once it is known to rest it can be cancelled.
		return e.Now().Add(ladder(j.Attempts)), trading.Errorf(trading.Unknown, "waiting for the outcome of %s", o.ID)
	}
	s, err := e.seat(o.Account)
	if why := e.Held(o.Account); err == nil && why != "" {
		err = trading.Errorf(trading.Unavailable, "%s", why)
	}
	if err != nil {
		return e.Now().Add(ladder(j.Attempts)), err
	}
	wire, cancel := context.WithTimeout(ctx, wireBudget)
	report, err := s.venue.Cancel(wire, o)
	cancel()
	if hear(err) == answered {
		e.heard(ctx, o.Account, s)
	}
	if err != nil {
		return e.Now().Add(ladder(j.Attempts)), err
	}
	done, err := e.Orders.Record(ctx, report)
	if err != nil || !done.Status.Final() {
		return e.Now().Add(ladder(j.Attempts)), err
	}
	e.wake()
	return time.Time{}, nil
}

// Record takes a report that an exchange sends by itself: a resting order that filled, a stop that triggered. An order that
// shows up after it was proven absent halts everything: whatever was decided on such proofs may be wrong.
func (e *Engine) Record(ctx context.Context, r trading.Report) error {
	before, unknown := e.Book.Order(ctx, r.OrderID)
	after, err := e.Orders.Record(ctx, r)
	if err != nil {
		return err
	}
	if unknown == nil && before.Status == trading.OrderNotPlaced && after.Status != before.Status {
		e.trip(ctx, fmt.Sprintf("order %s on %s shows up as %s after it was proven absent", after.ID, after.Account, after.Status))
	}
	if !after.Status.InDoubt() {
		e.answered(after.ID)
	}
	e.cancelLate(ctx, after)
	e.wake()
	return nil
}

// BookCash takes money that moved without a fill: a deposit, funding.
func (e *Engine) BookCash(ctx context.Context, c trading.Cash) error { return e.Book.BookCash(ctx, c) }
