package app

import (
	"context"

	"hoox/backend/trading"
)

// Signals tells what became of each alert.
type Signals struct{ in *house }

// List is one page of signals, newest first. It fails with Invalid for a bad limit, cursor or status.
func (s *Signals) List(req PageRequest) (SignalPage, error) {
	return answer(s.in, "list signals", func(ctx context.Context) (SignalPage, error) {
		page, err := pageOf(req, statusWords(trading.SignalStatuses()))
		if err != nil {
			return SignalPage{}, err
		}
		list, next, err := s.in.book.Signals(ctx, page)
		return SignalPage{Items: each(list, s.in.signalRow), Next: next}, err
	})
}

// Get is one signal with everything known about it. It fails with NotFound.
func (s *Signals) Get(req GetSignal) (SignalStory, error) {
	return answer(s.in, "read signal", func(ctx context.Context) (SignalStory, error) {
		if req.RequestID == "" {
			return SignalStory{}, trading.FieldError("requestId", "name the signal to show")
		}
		record, err := s.in.book.Signal(ctx, trading.SignalID(req.RequestID))
		if err != nil {
			return SignalStory{}, err
		}
		return s.in.story(record), nil
	})
}
