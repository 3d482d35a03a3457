package admission_test

import (
	"slices"
	"strings"
	"testing"

	"hoox/backend/trading"
)

// Nobody knows whether an entry in doubt filled. What would depend on it is not decided as if it had not.
func TestNothingIsDecidedOverAnEntryInDoubt(t *testing.T) {
	const refused = "refused"
	for name, c := range map[string]struct {
		held   string
		side   trading.Side
		status trading.OrderStatus
		signal trading.Signal
		want   string
		noted  bool
	}{
		"a close of it":                        {"", trading.Buy, trading.OrderUnknown, alert(trading.ActCloseLong, trading.SizeNone, ""), refused, false},
		"a close of it that waits for review":  {"", trading.Buy, trading.OrderNeedsReview, alert(trading.ActClose, trading.SizeNone, ""), refused, false},
		"everything flat":                      {"", trading.Sell, trading.OrderUnknown, alert(trading.ActFlat, trading.SizeNone, ""), "no_op", true},
		"a strategy that went flat":            {"", trading.Buy, trading.OrderUnknown, target(trading.Flat, "0"), "no_op", true},
		"a strategy that is where it would be": {"", trading.Buy, trading.OrderUnknown, target(trading.Long, "0.01"), refused, false},
		"a strategy that turned":               {"0.02", trading.Sell, trading.OrderUnknown, target(trading.Short, "0.01"), "sell 0.02 reduce", true},
		"a close beside it":                    {"0.02", trading.Buy, trading.OrderUnknown, alert(trading.ActClose, trading.SizeNone, ""), "sell 0.02 reduce", true},
		"a close of the other side":            {"", trading.Buy, trading.OrderUnknown, alert(trading.ActCloseShort, trading.SizeNone, ""), "no_op", false},
		"a close after it was settled":         {"", trading.Buy, trading.OrderNotPlaced, alert(trading.ActClose, trading.SizeNone, ""), "no_op", false},
		"another entry":                        {"", trading.Buy, trading.OrderUnknown, alert(trading.ActLong, trading.SizeBase, "0.01"), "buy 0.01", false},
	} {
		d := newDesk(t)
		if c.held != "" {
			d.hold(trading.SlotBoth, c.held)
		}
		d.book.Open = []trading.Order{{ID: "doubtful", Account: "bybit:paper", Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth, Side: c.side,
			Type: trading.Market, Qty: trading.MustQty("0.01"), Status: c.status}}
		if had := d.legs(c.signal); had != c.want {
			t.Errorf("%s: had %q, want %q: what is in doubt may have filled", name, had, c.want)
		}
		nothing := c.want == refused || c.noted && c.want == "no_op" // which asks for the cancel of what is in doubt
		if nothing && !strings.Contains(d.decision.Reason, "order doubtful (") {
			t.Errorf("%s: had the reason %q, want the order that is in doubt", name, d.decision.Reason)
		}
		if noted := slices.ContainsFunc(d.decision.Checks, func(one trading.Check) bool { return one.Rule == "in doubt" }); noted != c.noted {
			t.Errorf("%s: had the checks %+v, want a line about the doubt: %t", name, d.decision.Checks, c.noted)
		}
	}
}
