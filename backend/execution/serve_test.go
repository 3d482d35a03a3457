package execution_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"hoox/backend/trading"
)

// slow is an exchange that answers about positions when it is let.
type slow struct {
	stall
	asked chan struct{}
	let   chan struct{}
}

func (s *slow) Positions(ctx context.Context) ([]trading.Position, error) {
	select {
	case s.asked <- struct{}{}:
	default:
	}
	select {
	case <-s.let:
		return nil, nil
	case <-ctx.Done():
		return nil, trading.Errorf(trading.Unavailable, "no answer")
	}
}

func TestSlowExchangeDelaysNoOther(t *testing.T) {
	y := newYard(t)
	const second = trading.AccountID("mexc:testnet")
	open := make(chan struct{})
	close(open)
	quick, stuck := &slow{asked: make(chan struct{}, 1), let: open}, &slow{asked: make(chan struct{}, 1), let: make(chan struct{}, 1)}
	stuck.let <- struct{}{} // it answers once, when it joins
	if err := y.Join(t.Context(), testnet, quick); err != nil {
		t.Fatal(err)
	}
	if err := y.Join(t.Context(), second, stuck); err != nil {
		t.Fatal(err)
	}
	<-quick.asked
	<-stuck.asked
	ctx, stop := context.WithCancel(t.Context())
	var served sync.WaitGroup
	served.Go(func() { _ = y.Serve(ctx) })
	defer served.Wait()
	defer stop()
	patience, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, x := range []*slow{stuck, quick, quick} {
		y.Look(testnet)
		y.Look(second)
		select {
		case <-x.asked:
		case <-patience.Done():
			t.Fatal("an account was not compared while another one waited for its exchange")
		}
	}
	y.Leave(second)
	if y.ReconciledAt(second) != (time.Time{}) {
		t.Error("an account that never answered counts as compared")
	}
}
