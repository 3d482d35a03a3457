package execution_test

import (
	"strings"
	"testing"
	"time"

	"hoox/backend/trading"
)

// reviewed is an order that waits for a person, at an exchange that says nothing about it.
func reviewed(t *testing.T) (*lineTo, trading.Order) {
	t.Helper()
	l := newLine(t)
	l.gone = trading.Errorf(trading.Unknown, "timeout")
	o := l.order(trading.Buy, "1", false, trading.Protection{})
	l.pass(12 * time.Minute)
	if o = l.read(o.ID); o.Status != trading.OrderNeedsReview {
		t.Fatalf("had %s, want it waiting for a person", o.Status)
	}
	l.back()
	return l, o
}

func TestAPersonMaySettleAnOrderThatItsExchangeSaysNothingAbout(t *testing.T) {
	for _, as := range []trading.OrderStatus{trading.OrderFilled, trading.OrderCanceled, trading.OrderNotPlaced, trading.OrderRejected} {
		l, o := reviewed(t)
		asked := len(l.asked)
		after, err := l.Settle(t.Context(), o.ID, as, " seen on its page ", "cli")
		if err != nil || after.Status != as || !strings.Contains(after.Reason, "by cli: seen on its page (") {
			t.Errorf("as %s: had %s %q %v, want it settled with who and why", as, after.Status, after.Reason, err)
		}
		if len(l.asked) != asked+1 {
			t.Errorf("as %s: the exchange was asked %d times, want once before a person's word counts", as, len(l.asked)-asked)
		}
		if !l.position().Qty.IsZero() {
			t.Errorf("as %s: holds %s, want no position made of words", as, l.position().Qty)
		}
		story, err := l.db.Signal(t.Context(), o.SignalID)
		if last := story.Journal[len(story.Journal)-1]; err != nil || last.To != as || !strings.Contains(last.Detail, "cli") {
			t.Errorf("as %s: journal ends with %+v %v, want the actor in it", as, last, err)
		}
		l.verify()
	}
}

func TestTheExchangesWordGoesBeforeAPersons(t *testing.T) {
	l, o := reviewed(t)
	l.found = map[trading.OrderID]trading.Report{o.ID: at100(o, o.Qty, "1")}
	after, err := l.Settle(t.Context(), o.ID, trading.OrderNotPlaced, "not on its page", "window")
	if trading.KindOf(err) != trading.Conflict || after.Status != trading.OrderFilled || !l.position().Qty.Equal(o.Qty) {
		t.Errorf("had %s %v holding %s, want Conflict and the exchange's fill in the ledger", after.Status, err, l.position().Qty)
	}
	l, o = reviewed(t)
	l.found = map[trading.OrderID]trading.Report{o.ID: at100(o, o.Qty, "1")}
	if after, err := l.Settle(t.Context(), o.ID, trading.OrderFilled, "seen", "window"); err != nil || !after.Filled.Equal(o.Qty) {
		t.Errorf("had %+v %v, want filled with the exchange's own fills", after, err)
	}
	l.verify()
}

func TestOnlyWhatWaitsForAPersonIsSettledAndOnlyWithAReason(t *testing.T) {
	l, o := reviewed(t)
	for _, bad := range []struct {
		as     trading.OrderStatus
		reason string
		want   trading.Kind
	}{{trading.OrderFilled, " ", trading.Invalid}, {trading.OrderExpired, "x", trading.Invalid}, {"", "x", trading.Invalid}} {
		if _, err := l.Settle(t.Context(), o.ID, bad.as, bad.reason, "cli"); trading.KindOf(err) != bad.want {
			t.Errorf("as %q because of %q: had %v, want %s", bad.as, bad.reason, err, bad.want)
		}
	}
	done := l.order(trading.Sell, "1", true, trading.Protection{})
	if _, err := l.Settle(t.Context(), done.ID, trading.OrderCanceled, "x", "cli"); trading.KindOf(err) != trading.Conflict {
		t.Errorf("an order that is %s: had %v, want Conflict", done.Status, err)
	}
	if _, err := l.Settle(t.Context(), "hx1nothing", trading.OrderFilled, "x", "cli"); trading.KindOf(err) != trading.NotFound {
		t.Errorf("had %v, want NotFound", err)
	}
}
