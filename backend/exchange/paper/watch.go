package paper

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

// pace is how often the market is looked at while something depends on it.
const pace = 250 * time.Millisecond

// Serve runs the account until ctx ends: it tells news that waited, then watches resting orders, protections, margin and
// funding against the market, a few times a second while there are any, and rests while there are none. It fails when
// the sink does; what was not taken is told again by the next Serve.
func (x *Exchange) Serve(ctx context.Context, sink exchange.Sink) error {
	if err := x.Watch(ctx, sink); err != nil {
		return err
	}
	var tick <-chan time.Time
	for {
		if tick == nil && x.busy() {
			tick = x.cfg.After(pace)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-x.wake:
			// An order came in. Its own report goes back to whoever placed it; what it set off is told here.
			if err := x.deliver(ctx, sink); err != nil {
				return err
			}
		case <-tick:
			tick = nil
			if err := x.Watch(ctx, sink); err != nil {
				return err
			}
		}
	}
}

// Watch looks at the market once, lets happen what is due, and hands all news to the sink. Serve calls it in a loop; a
// test or a replay may call it in its stead.
func (x *Exchange) Watch(ctx context.Context, sink exchange.Sink) error {
	if err := x.look(ctx); err != nil {
		return err
	}
	return x.deliver(ctx, sink)
}

func (x *Exchange) look(ctx context.Context) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if err := x.load(ctx); err != nil {
		return err
	}
	next, set, now := x.state.clone(), x.cfg.Settings(), x.cfg.Now().UTC()
	x.fund(next, set.FundingRate, now)
	for _, r := range slices.Clone(next.resting) {
		if current, ok := next.open(r.Order.ID); ok {
			x.meet(next, current, now)
		}
	}
	for _, at := range next.places() {
		if _, held := next.holdings[at]; held {
			x.guard(next, at, set, now)
		}
	}
	x.adopt(next)
	return nil
}

// deliver hands the news to the sink, oldest first, and forgets each once it is taken.
func (x *Exchange) deliver(ctx context.Context, sink exchange.Sink) error {
	x.watching.Lock()
	defer x.watching.Unlock()
	for {
		n, ok := x.oldest()
		if !ok {
			return nil
		}
		if err := hand(ctx, sink, n); err != nil {
			return fmt.Errorf("tell news %d of %s: %w", n.Seq, x.cfg.Account, err)
		}
		x.forget(n)
	}
}

func hand(ctx context.Context, sink exchange.Sink, n news) error {
	if n.Cash != nil {
		return sink.BookCash(ctx, *n.Cash)
	}
	if n.Report == nil {
		return trading.Errorf(trading.Internal, "news without content")
	}
	return sink.Record(ctx, *n.Report)
}

func (x *Exchange) oldest() (news, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.state == nil || len(x.state.news) == 0 {
		return news{}, false
	}
	return x.state.news[0], true
}

func (x *Exchange) forget(told news) {
	x.mu.Lock()
	defer x.mu.Unlock()
	next := x.state.clone()
	next.news = slices.DeleteFunc(next.news, func(n news) bool { return n.Seq == told.Seq })
	next.dirty[newsKey(told.Seq)] = true
	x.adopt(next)
}

// busy tells whether the market can do anything to the account.
func (x *Exchange) busy() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	s := x.state
	if s == nil {
		return false
	}
	if len(s.resting) > 0 || s.heldLinear() {
		return true
	}
	for _, h := range s.holdings {
		if h.Stop != nil || h.Trail != nil || len(h.Targets) > 0 {
			return true
		}
	}
	return false
}
