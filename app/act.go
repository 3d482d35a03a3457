package app

import (
	"context"
	"errors"
	"time"

	"hoox/backend/audit"
	"hoox/backend/trading"
)

// noteBudget bounds the writing of one line of the audit.
const noteBudget = 2 * time.Second

// deed is a command as the audit will have it. A command may fill in while it runs what it did not know before.
type deed struct {
	// what is the command in the words of the log.
	what   string
	action audit.Action
	// subject is what it is about; before, after and detail as in a line of the audit. None of them holds a secret.
	subject, before, after, detail string
	// decision is what came of it where no error tells; "" is done.
	decision audit.Decision
}

// act runs a command that changes something, for somebody, and leaves its line in the audit, whatever came of it. Every method
// that is more than a look goes through here. The store may have written the line already, with the change itself.
func act[A any](h *house, who actor, d *deed, do func(ctx context.Context) (A, error)) (A, error) {
	return answer(h, d.what, func(ctx context.Context) (A, error) {
		ctx, running := audit.Begin(ctx, who.who(), d.action)
		broke := errors.New("it broke off in the middle: the log says where")
		defer func() {
			if broke != nil {
				h.note(running, d, broke)
			}
		}()
		a, err := do(ctx)
		broke = nil
		h.note(running, d, err)
		return a, err
	})
}

// note writes the line of a command that has ended. What happened has happened: an audit that cannot be written is told in the
// log, and changes no answer.
func (h *house) note(running *audit.Act, d *deed, err error) {
	if err == nil && running.Noted() {
		return
	}
	e := audit.Entry{
		Actor: running.Who.Actor, Origin: running.Who.Origin, Action: d.action, Subject: h.clean(d.subject), Decision: d.decision,
		Before: h.clean(d.before), After: h.clean(d.after), Detail: h.clean(d.detail),
	}
	switch {
	case err != nil && decisionOf(err) == audit.Refused:
		e.Decision, e.Detail = audit.Refused, h.clean(faultOf(err, "").Message)
	case err != nil:
		e.Decision, e.Detail = audit.Failed, h.clean(err.Error())
	case e.Decision == "":
		e.Decision = audit.Done
	}
	h.write(e)
}

// write writes a line of the audit.
func (h *house) write(e audit.Entry) {
	e.At = h.now()
	// The program may be stopping; the ledger closes last.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(h.base), noteBudget)
	defer cancel()
	if err := h.auditor.Audit(ctx, e); err != nil {
		h.log.Error("write the audit", "actor", e.Actor, "action", e.Action, "subject", e.Subject, "decision", e.Decision, "error", err)
	}
}

// decisionOf tells a command that was not allowed or made no sense from one that did not work out.
func decisionOf(err error) audit.Decision {
	switch trading.Kind(faultOf(err, "").Kind) {
	case trading.Invalid, trading.Unauthorized, trading.Duplicate, trading.Refused, trading.Halted, trading.Limited, trading.NotFound,
		trading.Conflict, trading.Rejected:
		return audit.Refused
	case trading.Unknown, trading.Unavailable, trading.Internal:
		return audit.Failed
	}
	return audit.Failed
}

// became fills in what became of the signal of a command.
func (d *deed) became(status, reason string) {
	d.after, d.detail = status, reason
	switch trading.SignalStatus(status) {
	case trading.SignalRefused, trading.SignalBlocked, trading.SignalRejected, trading.SignalExpired:
		d.decision = audit.Refused
	case trading.SignalNotPlaced, trading.SignalNeedsReview:
		d.decision = audit.Failed
	case trading.SignalAccepted, trading.SignalEnqueued, trading.SignalExecuting, trading.SignalFilled, trading.SignalPartial, trading.SignalNoOp:
		d.decision = audit.Done
	}
}

// ended fills in whether every line of a test was in order.
func (d *deed) ended(c AccountChecks) AccountChecks {
	d.decision = audit.Done
	if !c.OK {
		d.decision = audit.Failed
	}
	for _, line := range c.Items {
		if !line.OK {
			d.detail = line.Name + ": " + line.Detail
		}
	}
	return c
}
