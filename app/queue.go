package app

import (
	"context"
	"time"

	"hoox/backend/admission"
	"hoox/backend/audit"
	"hoox/backend/queue"
	"hoox/backend/trading"
)

// jobs is the durable work.
type jobs interface {
	JobList(ctx context.Context, p trading.Page) (list []queue.Job, next string, waiting, dead int, err error)
	RetryJob(ctx context.Context, id trading.JobID, at time.Time) error
	DiscardJob(ctx context.Context, id trading.JobID) error
	Wake()
}

// requeues makes new signals of old alerts, by a person.
type requeues interface {
	Requeue(ctx context.Context, id trading.SignalID, source trading.Source, actor string) (trading.Receipt, error)
	PreviewRequeue(ctx context.Context, id trading.SignalID, source trading.Source, actor string) (admission.Preview, error)
}

// Queue is the work that waits and the dead letters.
type Queue struct {
	in  *house
	who actor
}

// List is one page of jobs, newest first, with how many there are of each kind.
func (s *Queue) List(req PageRequest) (JobPage, error) {
	return answer(s.in, "list jobs", func(ctx context.Context) (JobPage, error) {
		page, err := pageOf(req, map[string]bool{string(queue.Ready): true, string(queue.Dead): true})
		if err != nil {
			return JobPage{}, err
		}
		list, next, waiting, dead, err := s.in.jobs.JobList(ctx, page)
		return JobPage{Items: each(list, jobRow), Next: next, Waiting: waiting, Dead: dead}, err
	})
}

// Retry makes a dead letter due again. It fails with NotFound, and with Refused when the order has ended, is blocked, or is past
// its deadline: such an order never leaves; Requeue makes a new one.
func (s *Queue) Retry(req JobID) (Receipt, error) {
	d := &deed{what: "retry job", action: audit.RetryJob, subject: req.ID}
	return act(s.in, s.who, d, func(ctx context.Context) (Receipt, error) {
		if req.ID == "" {
			return Receipt{}, trading.FieldError("id", "name the dead letter")
		}
		if err := s.in.jobs.RetryJob(ctx, trading.JobID(req.ID), s.in.now()); err != nil {
			return Receipt{}, err
		}
		s.in.log.Info("dead letter retried", "job", req.ID, "actor", s.who.name)
		s.in.jobs.Wake()
		return Receipt{Status: "enqueued", Reason: "it is tried again now"}, nil
	})
}

// Discard removes a dead letter. An order that it was to send is canceled; any other stays as it is. It fails with NotFound.
func (s *Queue) Discard(req JobID) (Receipt, error) {
	d := &deed{what: "discard job", action: audit.DiscardJob, subject: req.ID}
	return act(s.in, s.who, d, func(ctx context.Context) (Receipt, error) {
		if req.ID == "" {
			return Receipt{}, trading.FieldError("id", "name the dead letter")
		}
		if err := s.in.jobs.DiscardJob(ctx, trading.JobID(req.ID)); err != nil {
			return Receipt{}, err
		}
		s.in.log.Info("dead letter discarded", "job", req.ID, "actor", s.who.name)
		return Receipt{Status: "no_op", Reason: "the dead letter is gone; an order that it was to send is canceled, any other stays as it is"}, nil
	})
}

// Requeue trades an alert anew that led to nothing: a new signal of the person who asks, with a new id and a new deadline. With
// Preview it only tells what that would do at this moment. ID is the request, or a job of it. It fails with NotFound, and with
// Refused in words when the old alert still waits, traded, was requeued already, or has no text. A repeat is the first one.
func (s *Queue) Requeue(req RequeueAlert) (Requeued, error) {
	d := &deed{what: "requeue alert", action: audit.RequeueAlert, subject: req.ID}
	return act(s.in, s.who, d, func(ctx context.Context) (Requeued, error) {
		if req.ID == "" {
			return Requeued{}, trading.FieldError("id", "name the alert to requeue")
		}
		id, out := trading.SignalID(req.ID), Requeued{Preview: req.Preview, Items: []PreviewCourse{}}
		if req.Preview {
			p, err := s.in.requeues.PreviewRequeue(ctx, id, s.who.source, s.who.name)
			d.detail = "a preview only"
			out.RequestID, out.Items = string(p.Known), each(p.Accounts, s.in.forecast)
			return out, err
		}
		receipt, err := s.in.requeues.Requeue(ctx, id, s.who.source, s.who.name)
		if err != nil {
			return Requeued{}, err
		}
		if receipt.Conflict {
			return Requeued{}, trading.Errorf(trading.Conflict, "this alert was requeued with other content")
		}
		out.RequestID, out.Status, out.Reason = string(receipt.Signal), string(receipt.Status), receipt.Reason
		if receipt.Held {
			d.became(out.Status, "request "+out.RequestID)
			return out, nil
		}
		if record, err := s.in.outcome(ctx, receipt.Signal); err == nil {
			out.Status, out.Reason = string(record.Status), record.Reason
		}
		d.became(out.Status, "request "+out.RequestID)
		return out, nil
	})
}

// depth counts what waits and what was given up.
func (h *house) depth(ctx context.Context) (waiting, dead int, err error) {
	_, _, waiting, dead, err = h.jobs.JobList(ctx, trading.Page{Limit: 1})
	return waiting, dead, err
}

func jobRow(j queue.Job) JobRow {
	return JobRow{
		ID: string(j.ID), Kind: string(j.Kind), Lane: j.Lane, RequestID: string(j.SignalID), OrderID: string(j.OrderID),
		State: string(j.State), Attempts: j.Attempts, RunAt: when(j.RunAt), Deadline: when(j.Deadline), LastError: j.LastError,
		CreatedAt: when(j.CreatedAt),
	}
}
