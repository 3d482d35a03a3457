package execution

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"hoox/backend/trading"
)

// reviewed are the ends that a person may give an order whose exchange says nothing.
var reviewed = []trading.OrderStatus{trading.OrderFilled, trading.OrderCanceled, trading.OrderNotPlaced, trading.OrderRejected}

// reviews end an order by a person's word.
type reviews interface {
	Review(ctx context.Context, id trading.OrderID, to trading.OrderStatus, reason string, at time.Time) (trading.Order, error)
}

// Settle ends an order that waits for review, by a person's word, and writes down whose. The exchange is asked first: its own
// word is taken where it has one, and the call fails with Conflict, in words, when that is another than the person's. Filled
// moves no position: what was filled is booked when its fills come, or taken over from the comparison. It fails with Invalid
// for a word that is none or a missing reason, and with Conflict for an order that waits for nobody.
func (e *Engine) Settle(ctx context.Context, id trading.OrderID, as trading.OrderStatus, reason, actor string) (trading.Order, error) {
	reason = strings.TrimSpace(reason)
	switch {
	case !slices.Contains(reviewed, as):
		return trading.Order{}, trading.FieldError("as", "%q is not one of filled, canceled, not_placed, rejected", as)
	case reason == "":
		return trading.Order{}, trading.FieldError("reason", "say how you know; it is kept with the order")
	}
	o, err := e.Book.Order(ctx, id)
	if err != nil {
		return o, err
	}
	if o.Status != trading.OrderNeedsReview {
		return o, trading.Errorf(trading.Conflict, "order %s is %s: only an order that needs review can be settled by hand", id, o.Status)
	}
	silence := "the exchange was not asked: the account is not connected"
	if s, err := e.seat(o.Account); err == nil {
		report, found, err := e.lookUp(ctx, s, o)
		if err == nil {
			return e.theirWord(ctx, o, report, found, as, actor)
		}
		silence = "the exchange gave no answer: " + err.Error()
	}
	if e.Reviews == nil {
		return o, trading.Errorf(trading.Unavailable, "nobody writes down what a person decides about order %s", id)
	}
	said := fmt.Sprintf("settled as %s by %s: %s (%s)", as, actor, reason, silence)
	after, err := e.Reviews.Review(ctx, id, as, said, e.Now())
	if err != nil {
		return after, err
	}
	e.answered(id)
	e.Log.Warn("order settled by hand", "order", id, "account", o.Account, "as", as, "actor", actor, "reason", reason)
	e.wake()
	return after, nil
}

// theirWord takes what the exchange says about an order that a person was about to settle.
func (e *Engine) theirWord(ctx context.Context, o trading.Order, report trading.Report, found bool, as trading.OrderStatus, actor string) (trading.Order, error) {
	var after trading.Order
	var err error
	if found {
		after, err = e.Orders.Record(ctx, report)
	} else {
		after, err = e.Orders.Settle(ctx, o.ID, trading.OrderNotPlaced, "the exchange has no such order: it was never placed", e.Now())
	}
	if err != nil {
		return after, err
	}
	e.cancelLate(ctx, after)
	e.wake()
	if after.Status != as {
		return after, trading.Errorf(trading.Conflict, "the exchange says %s of order %s, not %s: its word was taken", after.Status, o.ID, as)
	}
	e.Log.Info("the exchange agrees with a person", "order", o.ID, "as", as, "actor", actor)
	return after, nil
}
