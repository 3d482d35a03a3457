package execution_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"hoox/backend/execution"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

// lineTo is an exchange that can go away and come back, and a yard that trades on it.
type lineTo struct {
	*yard
	*stall
	// gone is what every call fails with, nil while the exchange is there; deafPing what the cheap question fails with.
	gone, deafPing error
	pings, submits []time.Time
	opened         int
}

func (l *lineTo) Submit(ctx context.Context, o trading.Order) (trading.Report, error) {
	l.submits = append(l.submits, l.now)
	if l.gone != nil {
		return trading.Report{}, l.gone
	}
	return l.stall.Submit(ctx, o)
}

func (l *lineTo) Ping(context.Context) (time.Duration, error) {
	l.pings = append(l.pings, l.now)
	return 0, l.deafPing
}

var refused = trading.Errorf(trading.Unavailable, "connection refused")

func newLine(t *testing.T) *lineTo {
	t.Helper()
	l := &lineTo{stall: &stall{}}
	l.yard = &yard{t: t, dir: t.TempDir(), wire: l.stall, now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
	l.spoil = func(p *execution.Parts) {
		p.Venues[testnet] = l
		p.Changed = func(trading.AccountID) { l.opened++ }
	}
	l.start()
	t.Cleanup(func() {
		if err := l.db.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// go makes the exchange go away, and come back.
func (l *lineTo) away(err error) { l.gone, l.deafPing = err, err }
func (l *lineTo) back()          { l.gone, l.deafPing = nil, nil }

// pass lets time pass in steps of half a second, doing what is due and asking who is silent.
func (l *lineTo) pass(d time.Duration) {
	l.t.Helper()
	for end := l.now.Add(d); l.now.Before(end); {
		l.now = l.now.Add(500 * time.Millisecond)
		l.Probe(l.t.Context())
		l.work()
	}
}

// silence makes the circuit open and returns the order that found out.
func (l *lineTo) silence() trading.Order {
	l.t.Helper()
	l.away(refused)
	o := l.order(trading.Buy, "1", false, trading.Protection{})
	l.pass(2 * time.Second)
	if open, _, _, _ := l.Circuit(testnet); !open || len(l.submits) != 3 {
		l.t.Fatalf("had open %v after %d submits, want the circuit open after 3 without an answer", open, len(l.submits))
	}
	return l.read(o.ID)
}

func TestThreeCallsWithoutAnAnswerOpenTheCircuitAndNothingIsSentUntilOneIsAnswered(t *testing.T) {
	l := newLine(t)
	o := l.silence()
	if o.Status != trading.OrderCreated {
		t.Fatalf("had %s, want it back in the line: it never left", o.Status)
	}
	late := l.order(trading.Buy, "1", false, trading.Protection{})
	if late.Status != trading.OrderCreated {
		t.Errorf("had %s, want the next order in the line", late.Status)
	}
	l.pass(3 * time.Second)
	if o = l.read(o.ID); !strings.Contains(o.Reason, "connection refused") || !strings.Contains(o.Reason, "not answered since 12:00:01") {
		t.Errorf("had reason %q, want since when and why it waits", o.Reason)
	}
	if len(l.submits) != 3 || len(l.pings) != 0 {
		t.Errorf("%d submits and %d pings within 5 s, want 3 and none: the circuit is open", len(l.submits), len(l.pings))
	}
	l.back()
	l.pass(2 * time.Second)
	for _, id := range []trading.OrderID{o.ID, late.ID} {
		if o := l.read(id); o.Status != trading.OrderFilled {
			t.Errorf("had %s (%s), want it filled as soon as the exchange answered", o.Status, o.Reason)
		}
	}
	if len(l.submits) != 5 || len(l.pings) != 1 || l.opened != 2 {
		t.Errorf("%d submits, %d pings, %d changes: want each order once more after one question, and a hint for open and closed", len(l.submits), len(l.pings), l.opened)
	}
	if open, since, next, why := l.Circuit(testnet); open || !since.IsZero() || !next.IsZero() || why != "" {
		t.Errorf("had %v %v %v %q, want nothing of a closed circuit", open, since, next, why)
	}
	l.verify()
}

func TestProbesOfASilentExchangeGrowRareUpToTwoMinutes(t *testing.T) {
	l := newLine(t)
	l.silence()
	_, since, next, why := l.Circuit(testnet)
	if next.Sub(since) != 5*time.Second || why != "connection refused" {
		t.Errorf("asked again after %s because of %q, want 5s and the cause", next.Sub(since), why)
	}
	l.pass(10 * time.Minute)
	want := []time.Duration{5, 15, 35, 75, 155, 275, 395, 515}
	for i, at := range l.pings {
		if i < len(want) && at.Sub(since) != want[i]*time.Second {
			t.Errorf("probe %d came after %s, want %ds", i, at.Sub(since), want[i])
		}
	}
	if len(l.pings) != len(want) {
		t.Errorf("%d probes in 10 minutes, want %d", len(l.pings), len(want))
	}
}

func TestRejectedAndLimitedAreAnswers(t *testing.T) {
	for _, kind := range []trading.Kind{trading.Rejected, trading.Limited} {
		l := newLine(t)
		l.away(refused)
		l.order(trading.Buy, "1", false, trading.Protection{})
		l.pass(500 * time.Millisecond)
		l.gone = trading.Errorf(kind, "no")
		l.pass(time.Second)
		l.gone = refused
		l.order(trading.Buy, "1", false, trading.Protection{})
		l.pass(500 * time.Millisecond)
		if open, _, _, _ := l.Circuit(testnet); open {
			t.Errorf("%s after two calls without an answer, then another: the circuit is open, want it closed: the exchange is there", kind)
		}
	}
}

func TestLookUpsThatProveNothingDoNotOpenTheCircuitOfAnExchangeThatAnswers(t *testing.T) {
	l := newLine(t)
	l.gone = trading.Errorf(trading.Unknown, "timeout")
	o := l.order(trading.Buy, "1", false, trading.Protection{})
	l.pass(3 * time.Second)
	if open, _, _, _ := l.Circuit(testnet); open || len(l.asked) < 3 {
		t.Fatalf("open %v after %d look-ups, want it closed: the cheap question was answered", open, len(l.asked))
	}
	l.deafPing = refused
	l.pass(15 * time.Second)
	if open, _, _, _ := l.Circuit(testnet); !open {
		t.Fatal("the circuit is closed, want it open: nothing is answered any more")
	}
	asked := len(l.asked)
	l.pass(8 * time.Second)
	if len(l.asked) != asked || l.read(o.ID).Status != trading.OrderUnknown {
		t.Errorf("%d look-ups while open, want none; the order is %s, want unknown", len(l.asked)-asked, l.read(o.ID).Status)
	}
	l.deafPing = nil
	l.found = map[trading.OrderID]trading.Report{o.ID: at100(o, o.Qty, "1")}
	l.pass(2 * time.Minute)
	if o := l.read(o.ID); o.Status != trading.OrderFilled {
		t.Errorf("had %s, want it found once the exchange answers again", o.Status)
	}
}

func TestACloseAsksAnExchangeWhoseCircuitIsOpenFirst(t *testing.T) {
	l := newLine(t)
	l.order(trading.Buy, "2", false, trading.Protection{})
	l.submits = nil
	entry := l.silence()
	stop := l.order(trading.Sell, "1", true, trading.Protection{})
	if len(l.pings) == 0 && stop.Status == trading.OrderCreated {
		l.pass(time.Second)
	}
	if len(l.pings) == 0 || len(l.submits) != 3 {
		t.Fatalf("%d pings and %d submits, want the exchange asked for the close, and nothing sent", len(l.pings), len(l.submits))
	}
	_, since, next, _ := l.Circuit(testnet)
	if next.Sub(since) != 5*time.Second {
		t.Errorf("the next probe is %s after the circuit opened, want 5s still: asking for a close must not put the others off", next.Sub(since))
	}
	l.back()
	l.pass(time.Second)
	if stop, entry := l.read(stop.ID), l.read(entry.ID); stop.Status != trading.OrderFilled || entry.Status != trading.OrderFilled {
		t.Errorf("the close is %s, the entry before it %s: want both filled by the answer that the close asked for", stop.Status, entry.Status)
	}
	if !l.position().Qty.Equal(trading.MustQty("2")) {
		t.Errorf("holds %s, want 2 + 1 - 1", l.position().Qty)
	}
}

func TestAnOrderThatIsHeldPastItsDeadlineEndsExpiredAndNeverLeaves(t *testing.T) {
	l := newLine(t)
	o := l.silence()
	l.pass(time.Second)
	behind := l.order(trading.Buy, "1", false, trading.Protection{})
	l.pass(3 * time.Minute)
	l.back()
	l.pass(3 * time.Minute)
	for _, id := range []trading.OrderID{o.ID, behind.ID} {
		if o := l.read(id); o.Status != trading.OrderExpired || o.UpdatedAt.Sub(o.Deadline) > time.Second {
			t.Errorf("had %s at %s, want expired when its time ended at %s", o.Status, o.UpdatedAt, o.Deadline)
		}
	}
	if len(l.submits) != 3 {
		t.Errorf("%d submits, want the 3 before the circuit opened", len(l.submits))
	}
	l.verify()
}

func TestAHaltBlocksWhatIsHeldForEver(t *testing.T) {
	l := newLine(t)
	o := l.silence()
	behind := l.order(trading.Buy, "1", false, trading.Protection{})
	for _, state := range []risk.State{risk.Halted, risk.Active} {
		if err := l.kill.Set(t.Context(), risk.Standing{State: state, Reason: "test", Actor: "test"}); err != nil {
			t.Fatal(err)
		}
		l.pass(time.Second)
		l.back()
	}
	l.pass(20 * time.Second)
	for _, id := range []trading.OrderID{o.ID, behind.ID} {
		if o := l.read(id); o.Status != trading.OrderBlocked {
			t.Errorf("had %s, want blocked for ever: it was in the line at the halt", o.Status)
		}
	}
	if len(l.submits) != 3 {
		t.Errorf("%d submits, want 3: nothing may leave after the halt", len(l.submits))
	}
}

func TestAnOrderThatNeverLeftIsTriedQuicklyThenRarelyUntilItsDeadline(t *testing.T) {
	l := newLine(t)
	l.gone = trading.Errorf(trading.Limited, "too many")
	began := l.now
	o := l.order(trading.Buy, "1", false, trading.Protection{})
	l.pass(70 * time.Second)
	var at []string
	for _, s := range l.submits {
		at = append(at, s.Sub(began).String())
	}
	// 0.5, 1, 2, 5 and 15 s after each other, then half of what is left of the minute as long as that is worth it.
	if have := strings.Join(at, " "); !strings.HasPrefix(have, "0s 500ms 1.5s 3.5s 8.5s 23.5s 53.5s 57s") {
		t.Errorf("tried at %s, want quick steps, then slower ones, all before the deadline", have)
	}
	for _, s := range l.submits {
		if s.After(o.Deadline) {
			t.Errorf("tried at %s, after its deadline %s", s, o.Deadline)
		}
	}
	if o := l.read(o.ID); o.Status != trading.OrderExpired || !strings.Contains(o.Reason, "too many") {
		t.Errorf("had %s %q, want expired with the last reason", o.Status, o.Reason)
	}
}

func TestTheExchangesOwnWaitIsHonoured(t *testing.T) {
	l := newLine(t)
	l.gone = &trading.Error{Kind: trading.Limited, Message: "too many", Wait: 20 * time.Second}
	o := l.order(trading.Buy, "1", false, trading.Protection{})
	l.pass(19 * time.Second)
	if len(l.submits) != 1 {
		t.Fatalf("%d submits in 19 s, want 1: the exchange wanted 20 s of silence", len(l.submits))
	}
	l.back()
	l.pass(2 * time.Second)
	if o := l.read(o.ID); o.Status != trading.OrderFilled || len(l.submits) != 2 {
		t.Errorf("had %s after %d submits, want filled by the second", o.Status, len(l.submits))
	}
}
