package app

import (
	"context"
	"time"

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

// Retry makes a dead letter due again. An order past its deadline still never leaves. It fails with NotFound.
func (s *Queue) Retry(req JobID) (Receipt, error) {
	return answer(s.in, "retry job", func(ctx context.Context) (Receipt, error) {
		if err := s.in.jobs.RetryJob(ctx, trading.JobID(req.ID), s.in.now()); err != nil {
			return Receipt{}, err
		}
		s.in.log.Info("dead letter retried", "job", req.ID, "actor", s.who.name)
		s.in.jobs.Wake()
		return Receipt{Status: "enqueued", Reason: "it is tried again now"}, nil
	})
}

// Discard removes a dead letter; its order stays as it is. It fails with NotFound.
func (s *Queue) Discard(req JobID) (Receipt, error) {
	return answer(s.in, "discard job", func(ctx context.Context) (Receipt, error) {
		if err := s.in.jobs.DiscardJob(ctx, trading.JobID(req.ID)); err != nil {
			return Receipt{}, err
		}
		s.in.log.Info("dead letter discarded", "job", req.ID, "actor", s.who.name)
		return Receipt{Status: "no_op", Reason: "the dead letter is gone; its order stays as it is"}, nil
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
