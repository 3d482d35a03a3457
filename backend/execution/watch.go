package execution

import (
	"context"
	"time"

	"hoox/backend/trading"
)

// freshQuote is how old a price may be to say anything about a stop.
const freshQuote = 10 * time.Second

// watchStops looks whether the price has been past a stop that stands for too long while the position is still open: a stop
// that triggered and did not fill protects nothing. It tells whether the price is past one now.
func (e *Engine) watchStops(ctx context.Context, account trading.AccountID, s *seat) bool {
	if e.Guards == nil || e.Quote == nil {
		return false
	}
	list, err := e.Guards.Guards(ctx, account)
	if err != nil {
		e.Log.Error("list what protects positions", "account", account, "error", err)
		return false
	}
	now, still := e.Now(), map[trading.OrderID]time.Time{}
	for _, g := range list {
		if g.State == trading.GuardAsked {
			continue
		}
		g, p, err := e.Guards.Guard(ctx, g.Order)
		if err != nil || !e.past(p) {
			continue
		}
		e.mu.Lock()
		since, known := s.beyond[g.Order]
		e.mu.Unlock()
		if !known {
			since = now
		}
		still[g.Order] = since
		if now.Sub(since) <= e.guarding().Within {
			continue
		}
		cause := "the price has been past the stop at " + p.Protection.StopLoss.String() + " for " + now.Sub(since).String() + " and the position is still open"
		if err := e.giveUp(ctx, g, p, cause); err != nil {
			e.Log.Error("carry out the policy for a stop that did not fill", "order", g.Order, "error", err)
		}
	}
	e.mu.Lock()
	s.beyond = still
	e.mu.Unlock()
	return len(still) > 0
}

// past tells whether the price is beyond the stop of an open position.
func (e *Engine) past(p trading.Position) bool {
	stop := p.Protection.StopLoss
	if p.Qty.IsZero() || !stop.IsPositive() {
		return false
	}
	q, ok := e.Quote(p.Account, trading.InstrumentKey{Product: p.Product, Symbol: p.Symbol})
	if !ok || !q.Mark.IsPositive() || e.Now().Sub(q.At) > freshQuote {
		return false
	}
	if p.Direction() == trading.Short {
		return q.Mark.More(stop)
	}
	return q.Mark.Less(stop)
}
