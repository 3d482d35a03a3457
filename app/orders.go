package app

import (
	"context"
	"fmt"
	"time"

	"hoox/backend/audit"
	"hoox/backend/trading"
)

// Orders is what rests, what filled and what did not.
type Orders struct {
	in  *house
	who actor
}

// enter asks for an entry by the same desk as every alert, and waits a little for the outcome. A repeat under the same key is the
// same entry.
func (s *Orders) enter(signal trading.Signal) (Receipt, error) {
	d := &deed{what: "enter", action: audit.SendAlert, subject: fmt.Sprintf("%s %s %s", signal.Action, signal.Symbol, signal.Size.Value)}
	return act(s.in, s.who, d, func(ctx context.Context) (Receipt, error) { return s.in.admit(ctx, d, signal) })
}

// List is one page of orders, newest first. It fails with Invalid for a bad limit, cursor or status.
func (s *Orders) List(req PageRequest) (OrderPage, error) {
	return answer(s.in, "list orders", func(ctx context.Context) (OrderPage, error) {
		page, err := pageOf(req, statusWords(trading.OrderStatuses()))
		if err != nil {
			return OrderPage{}, err
		}
		list, next, err := s.in.book.Orders(ctx, page)
		return OrderPage{Items: each(list, s.in.orderRow), Next: next}, err
	})
}

// Cancel asks for the cancel of an order and waits a little for the exchange to confirm it. The request itself is on
// disk when this returns. It fails with NotFound, or with Conflict when the order has ended already.
func (s *Orders) Cancel(req CancelOrder) (Receipt, error) {
	d := &deed{what: "cancel order", action: audit.CancelOrder, subject: req.ID}
	return act(s.in, s.who, d, func(ctx context.Context) (Receipt, error) {
		if req.ID == "" {
			return Receipt{}, trading.FieldError("id", "name the order to cancel")
		}
		asked, err := s.in.line.Cancel(ctx, trading.OrderID(req.ID), s.who.name)
		if err != nil {
			return Receipt{}, err
		}
		done, err := s.ended(ctx, asked)
		if err != nil {
			return Receipt{}, err
		}
		reason := done.Reason
		if !done.Status.Final() {
			reason = "the cancel is asked for; the exchange has not confirmed it yet"
		}
		d.after, d.detail = string(done.Status), reason
		return Receipt{RequestID: string(done.SignalID), Status: string(done.Status), Reason: reason}, nil
	})
}

// Settle ends an order that needs review, by the word of the person who asks. The exchange is asked first, and its own word is
// taken where it has one. It fails with Invalid for a missing reason or a word that is none, with NotFound, and with Conflict
// when the order waits for nobody or the exchange says something else.
func (s *Orders) Settle(req SettleOrder) (Receipt, error) {
	d := &deed{what: "settle order", action: audit.SettleOrder, subject: req.ID, before: string(trading.OrderNeedsReview), after: req.As, detail: req.Reason}
	return act(s.in, s.who, d, func(ctx context.Context) (Receipt, error) {
		if req.ID == "" {
			return Receipt{}, trading.FieldError("id", "name the order to settle")
		}
		done, err := s.in.line.Settle(ctx, trading.OrderID(req.ID), trading.OrderStatus(req.As), req.Reason, s.who.name)
		if err != nil {
			return Receipt{}, err
		}
		return Receipt{RequestID: string(done.SignalID), Status: string(done.Status), Reason: done.Reason}, nil
	})
}

// ended waits a little for an order to end. An order may be cancelled without its signal changing, so it is looked at
// every now and then as well.
func (s *Orders) ended(ctx context.Context, o trading.Order) (trading.Order, error) {
	limit := time.NewTimer(outcomeBudget)
	defer limit.Stop()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		now, err := s.in.line.Order(ctx, o.ID)
		if err != nil || now.Status.Final() {
			return now, err
		}
		select {
		case <-look.C:
		case <-limit.C:
			return now, nil
		case <-ctx.Done():
			return now, nil
		}
	}
}
