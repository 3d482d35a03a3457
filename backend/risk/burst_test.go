package risk_test

import (
	"strings"
	"testing"

	"hoox/backend/risk"
	"hoox/backend/trading"
)

func TestWaitingMarketEntriesCountAgainstThePosition(t *testing.T) {
	for _, status := range []trading.OrderStatus{trading.OrderCreated, trading.OrderSubmitted, trading.OrderUnknown} {
		waiting := leg(trading.Buy, "0.09", false)
		waiting.Status = status
		book := active()
		book.Open = []trading.Order{waiting, waiting}
		l := limits()
		l.MaxExposure = trading.Money{}
		d := risk.Decide(l, book, ask(leg(trading.Buy, "0.09", false)))
		if len(d.Approved) != 0 || !strings.Contains(d.Reason, "max position: asked 13500.00 USDT") {
			t.Errorf("%s: had %d approved, %q; want refused: three market entries of 4500 make a position of 13500, the cap is 10000", status, len(d.Approved), d.Reason)
		}
	}
}

func TestWaitingEntriesCountAgainstTheRate(t *testing.T) {
	waiting := leg(trading.Buy, "0.001", false)
	waiting.Status = trading.OrderCreated
	closing := leg(trading.Sell, "0.001", true)
	closing.Status = trading.OrderCreated
	book := active()
	book.Open, book.Recent = []trading.Order{waiting, waiting, closing}, 1
	d := risk.Decide(limits(), book, ask(leg(trading.Buy, "0.001", false)))
	if len(d.Approved) != 0 || !strings.Contains(d.Reason, "orders per minute: asked 4, allowed 3") {
		t.Fatalf("had %d approved, %q; want refused: what waits will be sent too, and nobody counts it again then", len(d.Approved), d.Reason)
	}
	book.Open = book.Open[1:]
	if d := risk.Decide(limits(), book, ask(leg(trading.Buy, "0.001", false))); len(d.Approved) != 1 {
		t.Fatalf("had %q, want approved: one sent, one waiting and this one are three", d.Reason)
	}
}

func TestExchangeSwitchedOffStopsAnEntryThatWaits(t *testing.T) {
	now := risk.Standing{State: risk.Active}
	if status, reason, ok := risk.Second(risk.Limits{}, now, leg(trading.Buy, "0.01", false)); ok || status != trading.OrderDenied || !strings.Contains(reason, "switched off") {
		t.Errorf("entry: had %s %q %v, want denied: the exchange was switched off while it waited", status, reason, ok)
	}
	if _, reason, ok := risk.Second(risk.Limits{}, now, leg(trading.Sell, "0.01", true)); !ok {
		t.Errorf("close: had %q, want it let through: closes always go", reason)
	}
}
