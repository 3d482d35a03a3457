package execution

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sync/errgroup"

	"hoox/backend/queue"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

// rungs are the pauses of the ladder: how long after one question the next is asked.
var rungs = []time.Duration{500 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 4 * time.Second,
	7 * time.Second, 15 * time.Second, 30 * time.Second}

const (
	// reviewAfter is how long an exchange may stay silent about an order before a person is asked as well.
	reviewAfter = 10 * time.Minute
	// doubtWindow is the time in which unknown outcomes are counted against the trip.
	doubtWindow = 5 * time.Minute
	// recoverBudget bounds the wait for one account at start; a slow exchange must not hold up the others.
	recoverBudget = 5 * time.Second
	// atOnce is about how many orders of an account an exchange is asked at the same time; its limits are the adapter's care.
	atOnce = 8
	// reconcilePause is how often an account that was silent at start is asked again.
	reconcilePause = 10 * time.Second
)

// ladder is the pause after question n.
func ladder(n int) time.Duration {
	if n < len(rungs) {
		return rungs[n]
	}
	return time.Minute
}

// resolveJob asks the exchange what became of an order in doubt.
func (e *Engine) resolveJob(ctx context.Context, j queue.Job) (time.Time, error) {
	o, err := e.Book.Order(ctx, j.OrderID)
	if err != nil {
		return e.Now().Add(time.Second), err
	}
	if !o.Status.InDoubt() && o.Status != trading.OrderNeedsReview {
		e.answered(o.ID)
		return time.Time{}, nil
	}
	if e.joining(o.Account) {
		return e.Now().Add(ladder(0)), trading.Errorf(trading.Unavailable, "all orders of %s that are in doubt are being asked about", o.Account)
	}
	if err := e.resolve(ctx, o); err != nil {
		return e.stillUnknown(ctx, o, err), err
	}
	e.wake()
	return time.Time{}, nil
}

// unanswered counts the questions of this run about an order that nobody answered, this one too.
func (e *Engine) unanswered(id trading.OrderID) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked[id]++
	return e.asked[id]
}

func (e *Engine) answered(id trading.OrderID) {
	e.mu.Lock()
	delete(e.asked, id)
	e.mu.Unlock()
}

// stillUnknown keeps asking the exchange, and asks a person too once it has been silent for long. The ladder is climbed anew
// after a start, because what a former run heard proves nothing to this one: its lane would be closed for minutes else. For
// the same reason a person is asked only after this run has asked a few times.
func (e *Engine) stillUnknown(ctx context.Context, o trading.Order, cause error) time.Time {
	now, n := e.Now(), e.unanswered(o.ID)
	// Abs: it may have been armed by a clock that was ahead, and was set right since.
	silent := now.Sub(o.ArmedAt).Abs()
	if silent < reviewAfter || n < len(rungs) {
		return now.Add(ladder(n))
	}
	if o.Status == trading.OrderUnknown {
		reason := fmt.Sprintf("the exchange gave no answer for %s: %v", silent.Round(time.Second), cause)
		if _, err := e.Orders.Settle(ctx, o.ID, trading.OrderNeedsReview, reason, now); err != nil {
			e.Log.Error("ask for review", "order", o.ID, "error", err)
		}
	}
	return now.Add(reviewAfter)
}

// resolve settles one order in doubt from the exchange's own word, or returns why it could not.
func (e *Engine) resolve(ctx context.Context, o trading.Order) error {
	s, err := e.seat(o.Account)
	if err != nil {
		return err
	}
	if why := e.Held(o.Account); why != "" {
		return trading.Errorf(trading.Unavailable, "%s", why)
	}
	report, found, err := e.lookUp(ctx, s, o)
	if err != nil {
		return fmt.Errorf("look up %s: %w", o.ID, err)
	}
	if found {
		after, err := e.Orders.Record(ctx, report)
		if err == nil {
			e.answered(o.ID)
			e.cancelLate(ctx, after)
		}
		return err
	}
	_, err = e.Orders.Settle(ctx, o.ID, trading.OrderNotPlaced, "the exchange has no such order: it was never placed", e.Now())
	if err == nil {
		e.answered(o.ID)
	}
	return err
}

// lookUp asks the exchange for one order. That there is none is believed only while the clock is: on one that was set ahead, the
// time after which absence counts is over at once.
func (e *Engine) lookUp(ctx context.Context, s *seat, o trading.Order) (trading.Report, bool, error) {
	asked, cancel := context.WithTimeout(ctx, wireBudget)
	defer cancel()
	report, found, err := s.venue.Lookup(asked, o)
	what := hear(err)
	if trading.KindOf(err) == trading.Unknown && asked.Err() == nil {
		what = vague
	}
	if ctx.Err() == nil {
		e.note(ctx, o.Account, s, what, err)
	}
	if err == nil && !found && e.Believed != nil {
		if why := e.Believed(); why != nil {
			err = trading.Wrap(trading.Unknown, why, "not to be found, which proves nothing now")
		}
	}
	return report, found, err
}

// Recover puts every order that a former run left in flight in doubt and asks about each, then opens the accounts that
// answered. An account whose exchange does not answer stays closed for entries; its jobs go on asking.
func (e *Engine) Recover(ctx context.Context) error {
	open, err := e.Book.InDoubt(ctx)
	if err != nil {
		return fmt.Errorf("list orders in doubt: %w", err)
	}
	for _, o := range open {
		// One that is in doubt already gets its job back, should it have been given up.
		now := e.Now()
		if _, err = e.Orders.Doubt(ctx, o.ID, "the program ended before the answer came", now, now.Add(ladder(0))); err != nil {
			return fmt.Errorf("put %s in doubt: %w", o.ID, err)
		}
	}
	if err := e.recoverGuards(ctx); err != nil {
		return err
	}
	if err := e.recoverTimes(ctx); err != nil {
		return err
	}
	e.atSeats(ctx, func(*seat) bool { return true }, e.join)
	return nil
}

// ahead is how far an order may have been written down ahead of the clock: clocks are set right by less all the time.
const ahead = 2 * time.Second

// longestPause is longer than anything that the engine puts off, so that what is due later was put off by a wrong clock.
const longestPause = time.Hour

// recoverTimes mends what a former run wrote down by a clock that was ahead, and was set right before this one. An order that
// waits, and was made at a time that has not come yet, ends: how old it is cannot be known, and its deadline would keep it
// fresh until then. What was put off until then is due now.
func (e *Engine) recoverTimes(ctx context.Context) error {
	if e.Holdings == nil || e.Lines == nil {
		return nil
	}
	open, err := e.Holdings.OpenOrders(ctx, "")
	if err != nil {
		return fmt.Errorf("list open orders: %w", err)
	}
	now := e.Now()
	for _, o := range open {
		if o.Status != trading.OrderCreated || !o.CreatedAt.After(now.Add(ahead)) {
			continue
		}
		_, err := e.Orders.Settle(ctx, o.ID, trading.OrderExpired, "never sent: the clock of this computer was ahead when it came, so its age is not known", now)
		if err != nil && trading.KindOf(err) != trading.Conflict { // somebody canceled it meanwhile
			return fmt.Errorf("end %s: %w", o.ID, err)
		}
	}
	if err := e.Lines.Hasten(ctx, now.Add(longestPause), now); err != nil {
		return fmt.Errorf("make due what a wrong clock put off: %w", err)
	}
	return nil
}

// Reconcile asks every account that is not open yet once more, and opens those that answer. Their orders in doubt have jobs
// of their own.
func (e *Engine) Reconcile(ctx context.Context) {
	e.atSeats(ctx, func(s *seat) bool { return e.shut(s) != nil }, e.open)
}

func (e *Engine) keepReconciling(ctx context.Context) {
	again := time.NewTicker(reconcilePause)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
			e.Reconcile(ctx)
		}
	}
}

// join asks about the orders of an account that are in doubt, then opens it.
func (e *Engine) join(ctx context.Context, account trading.AccountID, s *seat) {
	e.settleDoubts(ctx, account)
	e.open(ctx, account, s)
}

// settleDoubts asks about the orders of an account in doubt, for a few seconds; their jobs go on asking.
func (e *Engine) settleDoubts(ctx context.Context, account trading.AccountID) {
	ctx, cancel := context.WithTimeout(ctx, recoverBudget)
	defer cancel()
	e.setJoining(account, 1)
	defer e.setJoining(account, -1)
	open, err := e.Book.InDoubt(ctx)
	if err != nil {
		e.Log.Error("list orders in doubt", "account", account, "error", err)
	}
	var asking errgroup.Group
	asking.SetLimit(atOnce)
	for _, o := range open {
		// One that is submitted is on the wire at this moment, and its sender writes down what comes of it.
		if o.Account != account || o.Status != trading.OrderUnknown {
			continue
		}
		asking.Go(func() error {
			if err := e.resolve(ctx, o); err != nil {
				e.Log.Warn("order stays in doubt", "order", o.ID, "error", err)
			}
			return nil
		})
	}
	_ = asking.Wait() // none of them fails: each says so itself
}

// setJoining notes that the orders of an account are asked about together, so that their jobs do not ask as well.
func (e *Engine) setJoining(account trading.AccountID, by int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.joins[account] += by
}

func (e *Engine) joining(account trading.AccountID) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.joins[account] > 0
}

// open asks the exchange of an account for its positions and opens the account for entries when it answers.
func (e *Engine) open(ctx context.Context, account trading.AccountID, s *seat) {
	ctx, cancel := context.WithTimeout(ctx, recoverBudget)
	defer cancel()
	_, err := s.venue.Positions(ctx)
	if err == nil {
		err = e.loadBars(ctx, account, s)
	}
	e.setReady(s, trading.Wrap(trading.Unavailable, err, "account "+string(account)+" could not be reconciled"))
}

// countDoubt halts everything when outcomes turn unknown too often: something is wrong that money should not find out.
func (e *Engine) countDoubt(ctx context.Context, account trading.AccountID) {
	limit := e.TripUnknowns()
	if limit == 0 {
		return
	}
	now := e.Now()
	e.mu.Lock()
	recent := []time.Time{now}
	for _, at := range e.doubts[account] {
		if now.Sub(at) < doubtWindow {
			recent = append(recent, at)
		}
	}
	e.doubts[account] = recent
	e.mu.Unlock()
	if len(recent) <= limit {
		return
	}
	e.trip(ctx, fmt.Sprintf("%d orders on %s had an unknown outcome within 5 minutes", len(recent), account))
}

// trip halts everything without being asked.
func (e *Engine) trip(ctx context.Context, reason string) {
	if e.Switch.Standing().State == risk.Halted {
		return
	}
	if err := e.Switch.Set(ctx, risk.Standing{State: risk.Halted, Reason: reason, Actor: "automatic trip", Since: e.Now()}); err != nil {
		e.Log.Error("halt by itself", "reason", reason, "error", err)
	}
}
