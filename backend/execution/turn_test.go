package execution_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"hoox/backend/execution"
	"hoox/backend/trading"
)

// held is an exchange whose answer about positions waits for the test.
type held struct {
	*stall
	asked  chan struct{}
	answer chan struct{}
}

func (h *held) Positions(context.Context) ([]trading.Position, error) {
	h.asked <- struct{}{}
	<-h.answer
	return nil, nil
}

func TestAComparisonThatWaitsForAnotherGivesUpWithItsContext(t *testing.T) {
	h := &held{stall: &stall{}, asked: make(chan struct{}, 3), answer: make(chan struct{}, 3)}
	y := &yard{t: t, dir: t.TempDir(), wire: h.stall, now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC),
		spoil: func(p *execution.Parts) { p.Venues[testnet] = h }}
	h.answer <- struct{}{}
	y.start()
	t.Cleanup(func() {
		if err := y.db.Close(); err != nil {
			t.Error(err)
		}
	})
	<-h.asked
	first := make(chan error, 1)
	go func() { first <- y.Compare(t.Context(), testnet) }()
	<-h.asked

	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	second := make(chan error, 1)
	go func() { second <- y.Compare(short, testnet) }()

	select {
	case err := <-second:
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("had %v, want the end of its context", err)
		}
	case <-time.After(time.Minute):
		t.Error("it still waits after its time was over: a person who looks would wait as long as an exchange is silent")
		h.answer <- struct{}{}
	}
	h.answer <- struct{}{}
	if err := <-first; err != nil {
		t.Errorf("the first comparison: %v", err)
	}
}
