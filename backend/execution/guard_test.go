package execution_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"hoox/backend/execution"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

var stopAt90 = trading.Protection{StopLoss: trading.MustPrice("90")}

var silent = trading.Errorf(trading.Unknown, "no answer")

// closes counts the distinct closes that were asked for.
func (y *yard) closes() int {
	seen := map[string]bool{}
	for _, k := range y.keys {
		seen[k] = true
	}
	return len(seen)
}

func TestFilledEntryIsProtectedAtItsExchange(t *testing.T) {
	y := newYard(t)
	o := y.order(trading.Buy, "1", false, stopAt90)

	if had := y.wire.want(); had != "1 stop 90" {
		t.Errorf("the exchange was told %q, want 1 stop 90", had)
	}
	if g := y.guard(o.ID); g.State != trading.GuardStanding || !g.ConfirmedAt.Equal(y.now) || g.Covers.String() != "1" {
		t.Errorf("had %+v, want it standing for 1", g)
	}
	if had := y.stages(o.SignalID); had != "protection standing" {
		t.Errorf("journal says %q, want what was confirmed", had)
	}
	y.pass(time.Minute)
	if len(y.wire.wants) != 1 || y.closes() != 0 {
		t.Errorf("%d tries, %d closes, want 1 and none: it stands", len(y.wire.wants), y.closes())
	}
}

func TestEntryWithoutProtectionIsLeftAlone(t *testing.T) {
	y := newYard(t)
	y.order(trading.Buy, "1", false, trading.Protection{})
	if len(y.wire.wants) != 0 {
		t.Fatalf("the exchange was told %s, want nothing: there is nothing to protect with", y.wire.want())
	}
}

func TestWhatProtectsFollowsTheSizeOfThePosition(t *testing.T) {
	y := newYard(t)
	y.wire.submit = accepted
	o := y.order(trading.Buy, "1", false, stopAt90)
	if had := y.wire.want(); had != "nothing" {
		t.Fatalf("the exchange was told %q before anything filled", had)
	}
	step := func(r trading.Report, want string) {
		t.Helper()
		y.record(r)
		if had := y.wire.want(); had != want {
			t.Errorf("the exchange was told %q, want %q", had, want)
		}
	}
	step(at100(o, trading.MustQty("0.4"), "1"), "0.4 stop 90")
	y.now = y.now.Add(time.Second)
	step(at100(y.read(o.ID), trading.MustQty("0.6"), "2"), "1 stop 90")

	part := y.order(trading.Sell, "0.3", true, trading.Protection{})
	step(at100(part, part.Qty, "1"), "0.7 stop 90")
	rest := y.order(trading.Sell, "0.7", true, trading.Protection{})
	step(at100(rest, rest.Qty, "1"), "0 stop 0")
	if g := y.guard(o.ID); g.State != trading.GuardGone {
		t.Errorf("had %+v, want it gone with the position", g)
	}
}

func TestRestOfAnEntryThatIsCanceledLeavesTheFilledPartProtected(t *testing.T) {
	y := newYard(t)
	y.wire.submit = accepted
	y.wire.refuse = silent
	o := y.order(trading.Buy, "1", false, stopAt90)
	y.record(at100(o, trading.MustQty("0.4"), "1"))
	y.record(trading.Report{OrderID: o.ID, Status: trading.OrderCanceled})
	y.wire.refuse = nil
	y.pass(time.Second)
	if g := y.guard(o.ID); g.State != trading.GuardStanding || y.wire.want() != "0.4 stop 90" {
		t.Errorf("had %+v (%s), want the part that filled protected although its order has ended", g, y.wire.want())
	}
}

func TestTargetThatWasMetIsNotSetAgain(t *testing.T) {
	y := newYard(t)
	half := trading.MustQty("0.5")
	o := y.order(trading.Buy, "1", false, trading.Protection{StopLoss: trading.MustPrice("90"),
		TakeProfit: []trading.TakeProfitAt{{Price: trading.MustPrice("110"), Qty: half}, {Price: trading.MustPrice("120"), Qty: half}}})
	if had := y.wire.want(); had != "1 stop 90 0.5@110 0.5@120" {
		t.Fatalf("the exchange was told %q", had)
	}
	child := trading.Order{ID: "t1", Account: testnet, Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth, Side: trading.Sell, Type: trading.TargetOrder,
		ReduceOnly: true, Qty: half, Price: trading.MustPrice("110"), Parent: o.ID, CreatedAt: y.now}
	r := at100(child, half, "1")
	r.Child = &child
	y.record(r)
	if had := y.wire.want(); had != "0.5 stop 90 0.5@120" {
		t.Errorf("the exchange was told %q, want only the target that is left: the other would close at once", had)
	}
}

func TestStopThatCannotBePlacedClosesThePositionOnce(t *testing.T) {
	for name, when := range map[string]time.Duration{"no restart": 0, "restart before the time is over": 5 * time.Second, "restart after the close": 20 * time.Second} {
		t.Run(name, func(t *testing.T) {
			y := newYard(t)
			y.wire.refuse = silent
			o := y.order(trading.Buy, "1", false, stopAt90)
			y.pass(9500 * time.Millisecond)
			if y.closes() != 0 {
				t.Fatalf("closed after 9.5 s, want 10 s of trying first")
			}
			if when > 0 {
				y.pass(when - 5*time.Second)
				y.restart()
			}
			y.pass(50 * time.Second)
			if y.closes() != 1 || !y.position().Qty.IsZero() {
				t.Errorf("%d closes, position %s, want one close and flat", y.closes(), y.position().Qty)
			}
			y.wire.refuse = nil
			y.pass(20 * time.Second)
			if had := y.stages(o.SignalID); had != "protective close, protection gone" {
				t.Errorf("journal says %q, want the close and the end", had)
			}
			y.verify()
		})
	}
}

func TestTriesComeFastAtFirst(t *testing.T) {
	y := newYard(t)
	y.wire.refuse = silent
	y.order(trading.Buy, "1", false, stopAt90)
	for _, c := range []struct {
		pass time.Duration
		want int
	}{{0, 1}, {500 * time.Millisecond, 2}, {time.Second, 3}, {2 * time.Second, 4}, {2 * time.Second, 5}} {
		y.pass(c.pass)
		if len(y.wire.wants) != c.want {
			t.Errorf("%d tries after another %s, want %d", len(y.wire.wants), c.pass, c.want)
		}
	}
}

func TestCertainNoEndsTheWaitingAtOnceAlsoWhileHalted(t *testing.T) {
	y := newYard(t)
	y.wire.submit = accepted
	y.wire.refuse = trading.Errorf(trading.Rejected, "the stop would trigger at once")
	o := y.order(trading.Buy, "1", false, stopAt90)
	if err := y.kill.Set(t.Context(), risk.Standing{State: risk.Halted, Reason: "test", Actor: "test"}); err != nil {
		t.Fatal(err)
	}
	y.wire.submit = nil
	y.record(at100(o, trading.MustQty("1"), "1"))
	if y.closes() != 1 || !y.position().Qty.IsZero() {
		t.Fatalf("%d closes, position %s, want it closed at once: a close goes while halted", y.closes(), y.position().Qty)
	}
}

func TestRestOfAnEntryIsCanceledWithThePolicy(t *testing.T) {
	y := newYard(t)
	y.wire.submit = accepted
	o := y.order(trading.Buy, "1", false, stopAt90)
	y.wire.submit = nil
	y.wire.refuse = trading.Errorf(trading.Rejected, "no such symbol")
	y.record(at100(o, trading.MustQty("0.4"), "1"))
	if had := y.read(o.ID); had.Status != trading.OrderCanceled || !y.position().Qty.IsZero() {
		t.Fatalf("entry is %s, position %s, want the rest canceled: it would open what cannot be protected", had.Status, y.position().Qty)
	}
}

func TestOtherPoliciesTellAndCloseNothing(t *testing.T) {
	for _, policy := range []execution.Policy{execution.PolicyRetry, execution.PolicyAlert} {
		t.Run(string(policy), func(t *testing.T) {
			y := newYard(t)
			y.rule = execution.Guarding{Within: 5 * time.Second, Policy: policy}
			y.wire.refuse = silent
			o := y.order(trading.Buy, "1", false, stopAt90)
			y.pass(30 * time.Second)
			if y.closes() != 0 || y.guard(o.ID).State != trading.GuardFailed || y.stages(o.SignalID) != "protection failed" {
				t.Errorf("%d closes, %+v, %q: want it told once and nothing closed", y.closes(), y.guard(o.ID), y.stages(o.SignalID))
			}
			y.wire.refuse = nil
			y.pass(time.Minute)
			if g := y.guard(o.ID); g.State != trading.GuardStanding {
				t.Errorf("had %s, want it tried on until it stands", g.State)
			}
		})
	}
}

func TestStopThatIsTooLargeClosesNothing(t *testing.T) {
	y := newYard(t)
	y.order(trading.Buy, "1", false, stopAt90)
	y.wire.refuse = silent
	y.order(trading.Sell, "0.4", true, trading.Protection{})
	y.pass(time.Minute)
	if y.closes() != 0 {
		t.Fatal("the rest of a position was closed because its stop, which covers it, could not be made smaller")
	}
}

func TestPositionThatGrowsBeyondItsStopIsExposed(t *testing.T) {
	y := newYard(t)
	y.order(trading.Buy, "1", false, stopAt90)
	y.wire.refuse = silent
	y.order(trading.Buy, "1", false, trading.Protection{})
	y.pass(time.Minute)
	if y.closes() != 1 || !y.position().Qty.IsZero() {
		t.Fatalf("%d closes, position %s, want it closed: half of it had no stop", y.closes(), y.position().Qty)
	}
}

func TestAccountThatIsAwayIsWaitedFor(t *testing.T) {
	y := newYard(t)
	y.wire.refuse = silent
	o := y.order(trading.Buy, "1", false, stopAt90)
	y.Leave(testnet)
	y.pass(time.Minute)
	if y.closes() != 0 {
		t.Fatal("closed while neither a stop nor a close could go")
	}
	y.wire.refuse = nil
	if err := y.Join(t.Context(), testnet, y.wire); err != nil {
		t.Fatal(err)
	}
	y.pass(5 * time.Second)
	if g := y.guard(o.ID); g.State != trading.GuardStanding || y.closes() != 0 {
		t.Errorf("had %+v, %d closes, want it protected as soon as it is back", g, y.closes())
	}
}

// forgetful is a ledger that loses the note about a close, as if the program had ended before it.
type forgetful struct {
	execGuards
	lost bool
}

type execGuards interface {
	Guard(ctx context.Context, order trading.OrderID) (trading.Guard, trading.Position, error)
	Guards(ctx context.Context, account trading.AccountID) ([]trading.Guard, error)
	SettleGuard(ctx context.Context, g trading.Guard, at time.Time) error
	Rearm(ctx context.Context, order trading.OrderID, at time.Time) error
	Leftover(ctx context.Context, order trading.OrderID, at time.Time) error
}

func (f *forgetful) SettleGuard(ctx context.Context, g trading.Guard, at time.Time) error {
	if g.State == trading.GuardFailed && !f.lost {
		f.lost = true
		return errors.New("the program ended here")
	}
	return f.execGuards.SettleGuard(ctx, g, at)
}

func TestCloseWhoseNoteWasLostIsNotAskedForTwice(t *testing.T) {
	y := newYard(t)
	f := &forgetful{}
	y.spoil = func(p *execution.Parts) { f.execGuards, p.Guards = y.db, f }
	y.restart()
	y.wire.submit = accepted
	o := y.order(trading.Buy, "1", false, stopAt90)
	y.wire.refuse = trading.Errorf(trading.Rejected, "no")
	y.record(at100(o, trading.MustQty("1"), "1"))
	y.restart()
	y.pass(20 * time.Second)
	if !f.lost || y.closes() != 1 || len(y.keys) < 2 {
		t.Fatalf("lost %v, %d closes, asked %d times: want the same close asked for again and known", f.lost, y.closes(), len(y.keys))
	}
}

func TestStopThatTriggeredAndDidNotFillIsNoProtection(t *testing.T) {
	y := newYard(t)
	y.order(trading.Buy, "1", false, stopAt90)
	y.wire.theirs = []trading.Position{{Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth, Qty: trading.MustQty("1")}}
	look := func(mark string) {
		t.Helper()
		y.mark = trading.MustPrice(mark)
		if err := y.Compare(t.Context(), testnet); err != nil {
			t.Fatal(err)
		}
		y.work()
	}
	look("89")
	y.pass(8 * time.Second)
	look("91") // it came back: the time begins anew
	y.pass(4 * time.Second)
	look("89")
	y.pass(9 * time.Second)
	look("89")
	if y.closes() != 0 {
		t.Fatal("closed before the stop had its time to fill")
	}
	y.pass(2 * time.Second)
	look("88")
	look("88")
	if y.closes() != 1 || !y.position().Qty.IsZero() {
		t.Fatalf("%d closes, position %s, want it closed once", y.closes(), y.position().Qty)
	}
}

func TestTargetsAreCutToWhatIsLeftNearestFirst(t *testing.T) {
	half := trading.MustQty("0.5")
	for side, want := range map[trading.Side]string{trading.Buy: "0.7 stop 0 0.5@110 0.2@120", trading.Sell: "-0.7 stop 0 0.5@120 0.2@110"} {
		y := newYard(t)
		y.order(side, "1", false, trading.Protection{
			TakeProfit: []trading.TakeProfitAt{{Price: trading.MustPrice("120"), Qty: half}, {Price: trading.MustPrice("110"), Qty: half}}})
		y.order(side.Opposite(), "0.3", true, trading.Protection{})
		if had := y.wire.want(); had != want {
			t.Errorf("the exchange was told %q, want %q", had, want)
		}
	}
}
