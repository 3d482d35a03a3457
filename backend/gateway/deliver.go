package gateway

import (
	"context"
	"runtime/debug"
	"time"

	"hoox/backend/trading"
)

// admitted is what the desk said.
type admitted struct {
	receipt trading.Receipt
	err     error
	// panicked is set when the desk broke instead of answering.
	panicked any
}

// deliver hands a signal to the desk and waits for its outcome, never longer than the budget once it is stored. A client
// that hangs up ends the waiting, not the admission.
func (g *Gateway) deliver(ctx context.Context, s trading.Signal) reply {
	lasting := context.WithoutCancel(ctx)
	hard, stop := context.WithTimeout(lasting, g.limits.answer)
	defer stop()
	budget, enough := context.WithTimeout(ctx, g.config.AnswerBudget)
	defer enough()

	// Asked before the admission: the outcome may be there before the admission returns.
	w := watch{outcomes: g.parts.Outcomes, id: s.ID}
	w.renew()
	defer func() { w.cancel() }()

	said := make(chan admitted, 1)
	g.admitting.Go(func() { said <- g.admit(lasting, s) })
	select {
	case a := <-said:
		return g.conclude(hard, budget, &w, s, a)
	case <-hard.Done():
	}
	return g.late(lasting, s)
}

// admit calls the desk; its panic must not end the process, because nobody above this goroutine would catch it.
func (g *Gateway) admit(ctx context.Context, s trading.Signal) (out admitted) {
	defer func() {
		if p := recover(); p != nil {
			g.parts.Log.Error("panic while admitting", "request", s.ID, "panic", p, "stack", string(debug.Stack()))
			out = admitted{panicked: p, err: trading.Errorf(trading.Internal, "admit %s: panic", s.ID)}
		}
	}()
	receipt, err := g.parts.Desk.Admit(ctx, s)
	return admitted{receipt: receipt, err: err}
}

func (g *Gateway) conclude(hard, budget context.Context, w *watch, s trading.Signal, a admitted) reply {
	switch {
	case a.err != nil:
		return g.failed(hard, s, a)
	case a.receipt.Conflict:
		return g.conflict(s, a.receipt)
	case a.receipt.Duplicate:
		return g.repeat(hard, s, a.receipt)
	}
	return g.first(s, g.outcome(hard, budget, w, s, a.receipt))
}

// first is the first answer to a signal; it is kept for repeats.
func (g *Gateway) first(s trading.Signal, r trading.SignalRecord) reply {
	status, body := answer(r)
	g.parts.Outcomes.Answered(s.ID, status, body)
	return reply{status: status, body: body}
}

// outcome waits until the signal has ended or rests on every account it went to, or the budget is used up, and returns it
// as it stands then. When the store does not answer, it is what the receipt and the alert say: the signal is stored, so
// this is no failure.
func (g *Gateway) outcome(hard, budget context.Context, w *watch, s trading.Signal, receipt trading.Receipt) trading.SignalRecord {
	known := stands(s, receipt)
	all := party{first: w, held: receipt.Held}
	for _, c := range receipt.Children {
		// Nobody knows for how long a held one waits.
		if !c.Held {
			all.others = append(all.others, watch{outcomes: g.parts.Outcomes, id: c.Signal})
		}
	}
	defer all.cancel()
	if receipt.Status == trading.SignalExecuting || receipt.Status == trading.SignalEnqueued && !receipt.Held {
		w.wait(budget)
	}
	for {
		// Renewed before the look, so that no change falls between the two.
		all.renew()
		record, err := g.parts.Outcomes.Signal(hard, s.ID)
		if err != nil {
			g.parts.Log.Warn("read the outcome of an alert", "request", s.ID, "error", err)
			return known
		}
		known = record
		still := all.open(record)
		if still == nil || budget.Err() != nil {
			return known
		}
		still.wait(budget)
	}
}

// failed answers when the desk returned an error. An error that came after the signal was stored is no reason to ask for
// it again.
func (g *Gateway) failed(hard context.Context, s trading.Signal, a admitted) reply {
	switch trading.KindOf(a.err) {
	case trading.Unknown, trading.Unavailable, trading.Internal:
		g.parts.Log.Error("admit an alert", "request", s.ID, "error", a.err)
		if record, err := g.parts.Outcomes.Signal(hard, s.ID); err == nil {
			return g.first(s, record)
		}
	}
	if a.panicked != nil {
		return g.broken(s.ID, a.panicked)
	}
	if trading.KindOf(a.err) == trading.Unauthorized {
		g.outside(s, a.err)
	}
	return refuseErr(s.ID, a.err)
}

// outside tells the log of a key that asked for what it may not. Nothing of it is stored, so nobody sees it elsewhere: it is
// a mistake in an alert's text, or somebody else has the key.
func (g *Gateway) outside(s trading.Signal, why error) {
	if silent, ok := g.outsiders.allow(s.ReceivedAt); ok {
		g.parts.Log.Warn("refused an alert outside the scope of its key", "request", s.ID, "credential", s.Credential, "why", why, "unlogged", silent)
	}
}

// lateLook is how long a late answer may look for the signal in the store.
const lateLook = 100 * time.Millisecond

// late answers when the desk did not return in time: 202 when the signal is stored already. Else the client is asked to
// come again, and the idempotency key keeps that harmless whatever the desk does meanwhile.
func (g *Gateway) late(lasting context.Context, s trading.Signal) reply {
	ctx, cancel := context.WithTimeout(lasting, lateLook)
	defer cancel()
	if record, err := g.parts.Outcomes.Signal(ctx, s.ID); err == nil {
		return g.first(s, record)
	}
	g.parts.Log.Error("the store did not take an alert in time", "request", s.ID)
	return refuseErr(s.ID, trading.Errorf(trading.Unavailable, "admit %s: no answer in %s", s.ID, g.limits.answer))
}

// stands is what a receipt tells about a signal whose record cannot be read.
func stands(s trading.Signal, receipt trading.Receipt) trading.SignalRecord {
	r := trading.SignalRecord{
		ID: s.ID, Status: receipt.Status, Reason: receipt.Reason, Symbol: s.Symbol, Action: s.Action,
		Raw: s.Raw, Warnings: s.Warnings, Notify: s.Notify, Answered: receipt.Answered, Children: receipt.Children,
	}
	if receipt.Signal != "" {
		r.ID = receipt.Signal
	}
	switch {
	case receipt.Account != "":
		r.Account = receipt.Account
	case s.Exchange != "":
		r.Account = trading.AccountID(s.Exchange)
	}
	// Final without its orders is not enough for a result; only what ends in words can be told from a receipt.
	switch r.Status {
	case trading.SignalFilled, trading.SignalPartial, trading.SignalAccepted:
		r.Status = trading.SignalExecuting
	case trading.SignalNoOp, trading.SignalEnqueued, trading.SignalExecuting, trading.SignalRejected, trading.SignalRefused,
		trading.SignalBlocked, trading.SignalExpired, trading.SignalNotPlaced, trading.SignalNeedsReview:
	}
	return r
}

// watch waits for changes of one signal.
type watch struct {
	outcomes outcomes
	id       trading.SignalID
	touched  <-chan struct{}
	stop     func()
}

func (w *watch) renew() {
	w.cancel()
	w.touched, w.stop = w.outcomes.Await(w.id)
}

func (w *watch) cancel() {
	if w.stop != nil {
		w.stop()
		w.stop = nil
	}
}

func (w *watch) wait(budget context.Context) {
	select {
	case <-w.touched:
	case <-budget.Done():
	}
}
