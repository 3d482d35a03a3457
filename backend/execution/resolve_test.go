package execution_test

import (
	"context"
	"testing"
	"time"

	"hoox/backend/execution"
	"hoox/backend/trading"
)

// doubtful is an order whose exchange says nothing for certain about it.
func doubtful(t *testing.T) (*yard, trading.Order) {
	t.Helper()
	y := newYard(t)
	y.wire.submit = func(trading.Order) (trading.Report, error) {
		return trading.Report{}, trading.Errorf(trading.Unknown, "timeout")
	}
	o := y.order(trading.Buy, "1", false, trading.Protection{})
	if o.Status != trading.OrderUnknown {
		t.Fatalf("had %s, want it in doubt", o.Status)
	}
	return y, o
}

func TestAfterARestartAnOrderInDoubtIsAskedAboutFromTheFirstRungOn(t *testing.T) {
	y, _ := doubtful(t)
	y.pass(5 * time.Minute)
	y.restart()
	before := len(y.wire.asked)

	y.pass(2 * time.Second)

	if had := len(y.wire.asked) - before; had < 3 {
		t.Errorf("asked %d times in the two seconds after the start, want 3: absence is proven by three answers to this run, and until then the lane takes no entry", had)
	}
}

func TestAnOrderInDoubtOverALongSleepIsAskedAboutBeforeAPersonIs(t *testing.T) {
	for name, wake := range map[string]func(*yard){"the machine slept": (*yard).work, "the program was away": (*yard).restart} {
		y, o := doubtful(t)
		y.now = y.now.Add(time.Hour)
		wake(y)
		before := len(y.wire.asked)
		y.pass(10 * time.Second)
		if o = y.read(o.ID); o.Status != trading.OrderUnknown || len(y.wire.asked)-before < 3 {
			t.Errorf("%s: had %s after %d questions, want the exchange asked three times before a person is", name, o.Status, len(y.wire.asked)-before)
		}
		y.pass(5 * time.Minute)
		if o = y.read(o.ID); o.Status != trading.OrderNeedsReview {
			t.Errorf("%s: had %s, want a person asked once the exchange had its chance", name, o.Status)
		}
	}
}

// absent is an exchange that proves every order absent.
type absent struct{ *stall }

func (a absent) Lookup(context.Context, trading.Order) (trading.Report, bool, error) {
	return trading.Report{}, false, nil
}

func TestNoOrderIsProvenAbsentWhileTheClockIsNotBelieved(t *testing.T) {
	y, o := doubtful(t)
	clock := trading.Errorf(trading.Unavailable, "the clock leapt")
	y.spoil = func(p *execution.Parts) {
		p.Venues = map[trading.AccountID]execution.Venue{testnet: absent{y.wire}}
		p.Believed = func() error { return clock }
	}
	y.restart()

	y.pass(time.Minute)

	if had := y.read(o.ID).Status; had != trading.OrderUnknown {
		t.Errorf("had %s, want it in doubt: on a clock that was set ahead the time of proof is over at once, and its bytes may still be on their way", had)
	}
	clock = nil
	y.pass(time.Minute)
	if had := y.read(o.ID).Status; had != trading.OrderNotPlaced {
		t.Errorf("had %s, want it settled once the clock is right", had)
	}
}

func TestWhatAClockThatWasAheadWroteDownEndsOnceItIsRight(t *testing.T) {
	const month = 30 * 24 * time.Hour
	y := newYard(t)
	y.now = y.now.Add(month) // somebody set the clock to next month
	left := 0
	y.wire.submit = func(o trading.Order) (trading.Report, error) {
		left++
		return trading.Report{}, trading.Errorf(trading.Unavailable, "the clocks differ")
	}
	o := y.order(trading.Buy, "1", false, trading.Protection{})
	if o.Status != trading.OrderCreated {
		t.Fatalf("had %s, want it waiting for another try", o.Status)
	}
	left, y.now = 0, y.now.Add(-month)
	y.restart()

	y.pass(10 * time.Minute)

	if o = y.read(o.ID); o.Status != trading.OrderExpired || left != 0 {
		t.Errorf("had %s (%s) after %d tries, want it ended: its own deadline keeps it fresh for a month", o.Status, o.Reason, left)
	}
}

func TestAnOrderInDoubtThatWasArmedInWhatIsToComeIsShownToAPerson(t *testing.T) {
	const year = 365 * 24 * time.Hour
	y := newYard(t)
	y.now = y.now.Add(year)
	y.wire.submit = func(trading.Order) (trading.Report, error) {
		return trading.Report{}, trading.Errorf(trading.Unknown, "timeout")
	}
	o := y.order(trading.Buy, "1", false, trading.Protection{})
	y.now = y.now.Add(-year)
	y.restart()

	y.pass(15 * time.Minute)

	if o = y.read(o.ID); o.Status != trading.OrderNeedsReview {
		t.Errorf("had %s, want a person asked: by its own time it would be in doubt for a year", o.Status)
	}
}

func TestAStartLeavesPausesThatNoClockPutThere(t *testing.T) {
	y := newYard(t)
	tries := 0
	y.wire.submit = func(trading.Order) (trading.Report, error) {
		tries++
		return trading.Report{}, &trading.Error{Kind: trading.Limited, Message: "the exchange wants silence", Wait: 20 * time.Second}
	}
	y.order(trading.Buy, "1", false, trading.Protection{})
	tries = 0
	y.restart()

	y.pass(5 * time.Second)

	if tries != 0 {
		t.Errorf("tried %d times within the silence that the exchange asked for, want none: a start is no reason to speak", tries)
	}
}
