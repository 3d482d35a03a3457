package execution

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"hoox/backend/queue"
	"hoox/backend/trading"
)

// protector is a venue that has to be told, after a fill, what protects the position. Protect makes what stands at the
// exchange for the position exactly that, and returns nil only after it was read back; Rejected is a certain no, anything
// else is asked again.
type protector interface {
	Protect(ctx context.Context, parent trading.OrderID, want trading.Position) error
}

// guards are the rows of what protects positions. SettleGuard fails with Conflict when what is to be protected changed. Rearm
// has the exchange asked again, Leftover also about an entry whose watch has ended.
type guards interface {
	Guard(ctx context.Context, order trading.OrderID) (trading.Guard, trading.Position, error)
	Guards(ctx context.Context, account trading.AccountID) ([]trading.Guard, error)
	SettleGuard(ctx context.Context, g trading.Guard, at time.Time) error
	Rearm(ctx context.Context, order trading.OrderID, at time.Time) error
	Leftover(ctx context.Context, order trading.OrderID, at time.Time) error
}

// Policy is what is done about a position that cannot be protected in time.
type Policy string

// The policies. Close asks for its close, retry goes on trying, alert tells and tries now and then.
const (
	PolicyClose Policy = "close"
	PolicyRetry Policy = "retry"
	PolicyAlert Policy = "alert"
)

// Guarding is how long a position may be without what protects it, and what is done then. The zero Guarding is 10 s and
// close.
type Guarding struct {
	Within time.Duration
	Policy Policy
}

const (
	// protectBudget bounds one try: it lists, places and reads back.
	protectBudget = 10 * time.Second
	// failedPause is the wait between two tries after the policy was carried out, alertPause under the policy alert.
	failedPause = 10 * time.Second
	alertPause  = time.Minute
	// closePause is how long a protective close has before another is asked for; it grows with each.
	closePause = time.Minute
)

// protectPauses are the waits between tries while there is time.
var protectPauses = []time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second}

func (e *Engine) guarding() Guarding {
	g := Guarding{}
	if e.Guarding != nil {
		g = e.Guarding()
	}
	if g.Within <= 0 {
		g.Within = 10 * time.Second
	}
	if g.Policy == "" {
		g.Policy = PolicyClose
	}
	return g
}

// recoverGuards has the exchange asked about every position whose protection was not confirmed, should the job be lost.
func (e *Engine) recoverGuards(ctx context.Context) error {
	if e.Guards == nil {
		return nil
	}
	list, err := e.Guards.Guards(ctx, "")
	if err != nil {
		return fmt.Errorf("list what protects positions: %w", err)
	}
	for _, g := range list {
		if g.State == trading.GuardStanding {
			continue
		}
		if err := e.Guards.Rearm(ctx, g.Order, e.Now()); err != nil {
			return fmt.Errorf("ask about the protection of %s: %w", g.Order, err)
		}
	}
	return nil
}

// protectJob makes what stands at the exchange what should protect the position as the ledger has it now.
func (e *Engine) protectJob(ctx context.Context, j queue.Job) (time.Time, error) {
	if e.Guards == nil {
		return e.Now().Add(alertPause), trading.Errorf(trading.Internal, "nobody keeps what protects positions")
	}
	g, p, err := e.Guards.Guard(ctx, j.OrderID)
	switch {
	case trading.KindOf(err) == trading.NotFound:
		return time.Time{}, nil
	case err != nil:
		return e.Now().Add(time.Second), err
	case g.State == trading.GuardGone:
		return time.Time{}, nil
	}
	venue, err := e.venue(g.Account)
	if err == nil {
		err = e.Ready(g.Account)
	}
	if err != nil {
		// Neither a stop nor a close could go; the account asks again when it is open.
		return e.Now().Add(protectPauses[len(protectPauses)-1]), err
	}
	detail := "the account keeps what protects its positions itself"
	want := p
	want.Protection = sized(p)
	if x, ok := venue.(protector); ok {
		asked, cancel := context.WithTimeout(context.WithoutCancel(ctx), protectBudget)
		err = x.Protect(asked, g.Order, want)
		cancel()
		detail = protectionInWords(want)
	}
	if err == nil {
		return e.protected(ctx, g, want, detail)
	}
	return e.notProtected(ctx, g, want, j, err)
}

// protected writes down that the exchange showed what should stand.
func (e *Engine) protected(ctx context.Context, g trading.Guard, p trading.Position, detail string) (time.Time, error) {
	g.State, g.Detail, g.ConfirmedAt, g.Covers = trading.GuardStanding, detail, e.Now(), p.Qty
	if p.Qty.IsZero() || p.Protection.IsZero() {
		g.State, g.Covers = trading.GuardGone, trading.Qty{}
		if p.Qty.IsZero() {
			g.Detail = "the position is closed"
		}
	}
	err := e.Guards.SettleGuard(ctx, g, e.Now())
	switch trading.KindOf(err) {
	case "":
		return time.Time{}, nil
	case trading.Conflict:
		// The position changed meanwhile.
		return e.Now(), nil
	default:
		return e.Now().Add(time.Second), err
	}
}

// notProtected carries the policy out when there is no more time, or no use in waiting. What covers more than there is left
// harms nothing, so it is only told about.
func (e *Engine) notProtected(ctx context.Context, g trading.Guard, p trading.Position, j queue.Job, cause error) (time.Time, error) {
	now, rule := e.Now(), e.guarding()
	certain := trading.KindOf(cause) == trading.Rejected
	if !certain && now.Sub(g.Since) < rule.Within {
		return now.Add(protectPauses[min(j.Attempts, len(protectPauses)-1)]), cause
	}
	again := now.Add(failedPause)
	if rule.Policy == PolicyAlert {
		again = now.Add(alertPause)
	}
	if !bare(g, p) {
		e.Log.Error("what protects a position could not be changed", "account", g.Account, "symbol", g.Symbol, "order", g.Order, "error", cause)
		return again, cause
	}
	if err := e.giveUp(ctx, g, p, "not protected: "+cause.Error()); err != nil {
		e.Log.Error("carry out the policy for a position without protection", "order", g.Order, "error", err)
		return now.Add(protectPauses[len(protectPauses)-1]), err
	}
	if rule.Policy == PolicyRetry && !certain {
		again = now.Add(protectPauses[len(protectPauses)-1])
	}
	return again, cause
}

// bare tells whether part of a position is without the protection that it should have.
func bare(g trading.Guard, p trading.Position) bool {
	if p.Qty.IsZero() || p.Protection.IsZero() {
		return false
	}
	return p.Qty.Sign() != g.Covers.Sign() || p.Size().More(g.Covers.Abs())
}

// giveUp carries out the policy for a position that is not protected, and writes down on its signal what was done. A close is
// asked for once; again only when the one before has had its time and the position is still there.
func (e *Engine) giveUp(ctx context.Context, g trading.Guard, p trading.Position, cause string) error {
	now, rule := e.Now(), e.guarding()
	next := g
	next.State, next.Detail = trading.GuardFailed, cause
	if rule.Policy != PolicyClose || e.desk == nil {
		if g.State == trading.GuardFailed {
			return nil
		}
		next.Detail += "; policy " + string(rule.Policy)
		e.Log.Error("POSITION WITHOUT PROTECTION", "account", g.Account, "symbol", g.Symbol, "size", p.Qty, "order", g.Order, "cause", cause, "policy", rule.Policy)
		return e.settleGuard(ctx, next)
	}
	if g.Closes > 0 && now.Sub(g.ClosedAt) < closePause*time.Duration(min(g.Closes, 10)) {
		return nil
	}
	e.stopEntry(ctx, g.Order)
	key := fmt.Sprintf("protect %s %d %d", g.Order, g.Since.UnixMilli(), g.Closes+1)
	receipt, err := e.desk.Admit(ctx, closing(p, trading.FromAgent, "protection", key, "not protected in time", now))
	if err != nil {
		return fmt.Errorf("close %s on %s: %w", p.Symbol, p.Account, err)
	}
	next.Closes, next.ClosedAt = g.Closes+1, now
	next.Detail += fmt.Sprintf("; close %s: %s %s", receipt.Signal, receipt.Status, receipt.Reason)
	next.Detail = strings.TrimSpace(next.Detail)
	e.Log.Error("POSITION WITHOUT PROTECTION IS CLOSED", "account", g.Account, "symbol", g.Symbol, "size", p.Qty, "order", g.Order,
		"cause", cause, "close", receipt.Signal, "status", receipt.Status)
	e.wake()
	return e.settleGuard(ctx, next)
}

// settleGuard writes a result down; one that came too late is decided anew by the job that is due.
func (e *Engine) settleGuard(ctx context.Context, g trading.Guard) error {
	err := e.Guards.SettleGuard(ctx, g, e.Now())
	if trading.KindOf(err) == trading.Conflict {
		return nil
	}
	return err
}

// stopEntry cancels what is left of an entry, so that it adds nothing to a position that is being closed.
func (e *Engine) stopEntry(ctx context.Context, id trading.OrderID) {
	if _, err := e.Cancel(ctx, id, "protection"); err != nil && trading.KindOf(err) != trading.Conflict {
		e.Log.Error("cancel the rest of an entry without protection", "order", id, "error", err)
	}
}

// sized is what protects a position, cut to what there is of it: the nearest targets first.
func sized(p trading.Position) trading.Protection {
	out := p.Protection
	if p.Qty.IsZero() {
		return trading.Protection{}
	}
	targets := slices.Clone(out.TakeProfit)
	slices.SortStableFunc(targets, func(a, b trading.TakeProfitAt) int {
		if p.Direction() == trading.Short {
			return b.Price.Cmp(a.Price)
		}
		return a.Price.Cmp(b.Price)
	})
	left := p.Size()
	out.TakeProfit = nil
	for _, t := range targets {
		if t.Qty.IsZero() || t.Qty.More(left) {
			t.Qty = left
		}
		if !t.Qty.IsPositive() {
			break
		}
		left = left.Sub(t.Qty)
		out.TakeProfit = append(out.TakeProfit, t)
	}
	return out
}

// protectionInWords is what stands for a position, for the journal.
func protectionInWords(p trading.Position) string {
	var parts []string
	if p.Protection.StopLoss.IsPositive() {
		parts = append(parts, "stop at "+p.Protection.StopLoss.String())
	}
	if p.Protection.TrailingStop.IsPositive() {
		parts = append(parts, "trailing stop "+p.Protection.TrailingStop.String()+" behind")
	}
	for _, t := range p.Protection.TakeProfit {
		parts = append(parts, t.Qty.String()+" at "+t.Price.String())
	}
	if len(parts) == 0 {
		return "nothing is to protect the position"
	}
	return strings.Join(parts, ", ") + " for " + p.Size().String()
}
