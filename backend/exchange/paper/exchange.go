package paper

import (
	"context"
	"slices"
	"sync"
	"time"

	"hoox/backend/trading"
)

// Exchange is one paper account. It is safe for concurrent use.
type Exchange struct {
	cfg  Config
	wake chan struct{}
	// watching lets one watch run at a time, so that the sink hears news in order.
	watching sync.Mutex

	mu    sync.Mutex
	state *state
	seen  *memory
}

// New makes the account; it reads the book at first use and starts nothing.
func New(c Config) *Exchange {
	return &Exchange{cfg: c.filled(), wake: make(chan struct{}, 1), seen: newMemory()}
}

// Submit places one order, once: an id that was seen before is answered with its first order, whatever else the order
// says. The kinds of error: Rejected (a certain no, in words), Unavailable (it never arrived), Limited (not processed),
// Unknown (it may live; ask Lookup).
func (x *Exchange) Submit(ctx context.Context, o trading.Order) (trading.Report, error) {
	set := x.cfg.Settings()
	if err := x.travel(ctx, set); err != nil {
		return trading.Report{}, err
	}
	switch set.Fault {
	case Busy:
		return trading.Report{}, trading.Errorf(trading.Limited, "%s: too many requests, try again", x.cfg.Account)
	case LoseRequest:
		return trading.Report{}, trading.Errorf(trading.Unknown, "%s: no answer", x.cfg.Account)
	case NoFault, LoseAnswer, Down:
	}
	report, err := x.place(ctx, o, set)
	if err == nil && set.Fault == LoseAnswer {
		return trading.Report{}, trading.Errorf(trading.Unknown, "%s: no answer", x.cfg.Account)
	}
	return report, err
}

func (x *Exchange) place(ctx context.Context, o trading.Order, set Settings) (trading.Report, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.load(ctx); err != nil {
		return trading.Report{}, err
	}
	first, ok, err := x.find(ctx, o.ID)
	if err != nil {
		return trading.Report{}, err
	}
	if ok {
		return first.report(), nil
	}
	if why := set.rejects(o); why != "" {
		return trading.Report{}, rejected("%s", why)
	}
	next := x.state.clone()
	next.switchMode(x.cfg.Mode())
	r, err := x.accept(next, o, set)
	if err != nil {
		return trading.Report{}, err
	}
	x.adopt(next)
	x.stir()
	return r.report(), nil
}

// Lookup is what became of an order, by its client order id. false with a nil error is a proof: the exchange never
// accepted it. An error is no answer.
func (x *Exchange) Lookup(ctx context.Context, o trading.Order) (trading.Report, bool, error) {
	if err := x.travel(ctx, x.cfg.Settings()); err != nil {
		return trading.Report{}, false, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.load(ctx); err != nil {
		return trading.Report{}, false, err
	}
	r, ok, err := x.find(ctx, o.ID)
	if err != nil || !ok {
		return trading.Report{}, false, err
	}
	return r.report(), true, nil
}

// Cancel takes a resting order out of the book and answers with its final state; a finished order answers with the state
// it ended in, however often it is asked. It fails with NotFound for an order that was never accepted.
func (x *Exchange) Cancel(ctx context.Context, o trading.Order) (trading.Report, error) {
	if err := x.travel(ctx, x.cfg.Settings()); err != nil {
		return trading.Report{}, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.load(ctx); err != nil {
		return trading.Report{}, err
	}
	r, ok, err := x.find(ctx, o.ID)
	if err != nil {
		return trading.Report{}, err
	}
	if !ok {
		return trading.Report{}, trading.Errorf(trading.NotFound, "cancel order %s on %s: no such order", o.ID, x.cfg.Account)
	}
	if r.Order.Status.Final() {
		return r.report(), nil
	}
	next := x.state.clone()
	r.end(trading.OrderCanceled, "canceled on request", x.cfg.Now().UTC())
	next.keep(r)
	x.adopt(next)
	return r.report(), nil
}

// Positions is what the account holds, the exchange's own view, in an order that is always the same. Flat positions are
// not listed. Spot holdings are long positions of leverage 1 without a liquidation price.
func (x *Exchange) Positions(ctx context.Context) ([]trading.Position, error) {
	if err := x.travel(ctx, x.cfg.Settings()); err != nil {
		return nil, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.load(ctx); err != nil {
		return nil, err
	}
	list := []trading.Position{}
	for _, p := range x.state.places() {
		h := x.state.holdings[p]
		view := h.Position
		view.Protection = h.protection()
		if i, ok := x.instrument(p); ok {
			view.Liquidation = liquidationPrice(i, view)
		}
		view.ReconciledAt = x.cfg.Now().UTC()
		list = append(list, view)
	}
	return list, nil
}

// Balance is the account's money without open profit, and its currency.
func (x *Exchange) Balance(ctx context.Context) (trading.Money, string, error) {
	if err := x.travel(ctx, x.cfg.Settings()); err != nil {
		return trading.Money{}, "", err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.load(ctx); err != nil {
		return trading.Money{}, "", err
	}
	return x.state.cash.Balance, x.cfg.Asset, nil
}

// travel is the way of a request to the exchange: the delay of the setting, or no way at all.
func (x *Exchange) travel(ctx context.Context, set Settings) error {
	if set.Latency > 0 {
		select {
		case <-ctx.Done():
		case <-x.cfg.After(set.Latency):
		}
	}
	if ctx.Err() != nil {
		return trading.Errorf(trading.Unavailable, "%s: the request was given up before it left", x.cfg.Account)
	}
	if set.Fault == Down {
		return trading.Errorf(trading.Unavailable, "%s: connection refused", x.cfg.Account)
	}
	return nil
}

// stir wakes Serve.
func (x *Exchange) stir() {
	select {
	case x.wake <- struct{}{}:
	default:
	}
}

func (x *Exchange) instrument(p place) (trading.Instrument, bool) {
	return x.cfg.Instruments.Instrument(x.cfg.Account.Exchange(), p.key())
}

// fresh is how old a price may be for anything to happen at it.
const fresh = 30 * time.Second

func (x *Exchange) quote(p place) (trading.Quote, bool) {
	q, ok := x.cfg.Market.Quote(x.cfg.Account.Exchange(), p.key())
	if !ok || !q.Bid.IsPositive() || !q.Ask.IsPositive() || x.cfg.Now().Sub(q.At) > fresh {
		return trading.Quote{}, false
	}
	return q, true
}

// switchMode follows the setting when nothing is open; real exchanges refuse to switch otherwise.
func (s *state) switchMode(asked trading.PositionMode) {
	if s.cash.Mode == asked {
		return
	}
	linear := func(p place) bool { return p.product == trading.Linear }
	if slices.ContainsFunc(s.places(), linear) ||
		slices.ContainsFunc(s.resting, func(r record) bool { return linear(placeOf(r.Order)) }) {
		return
	}
	s.cash.Mode = asked
	s.dirty[walletKey] = true
}
