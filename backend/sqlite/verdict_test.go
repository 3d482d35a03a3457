package sqlite_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"hoox/backend/trading"
)

// What an exchange says meets what is known already: a later fact wins, an older word is passed over, a contradiction is
// an error and changes nothing.
func TestReportMeetsWhatIsKnown(t *testing.T) {
	const half, rest = "0.5", "0.5"
	for _, c := range []struct {
		known trading.OrderStatus
		says  trading.OrderStatus
		fills string
		want  trading.OrderStatus
		kind  trading.Kind
	}{
		{trading.OrderSubmitted, trading.OrderAccepted, "", trading.OrderAccepted, ""},
		{trading.OrderSubmitted, trading.OrderAccepted, half, trading.OrderPartiallyFilled, ""},
		{trading.OrderSubmitted, "", half, trading.OrderPartiallyFilled, ""},
		{trading.OrderSubmitted, trading.OrderAccepted, "1", trading.OrderFilled, ""},
		{trading.OrderSubmitted, trading.OrderRejected, "", trading.OrderRejected, ""},
		{trading.OrderSubmitted, trading.OrderCanceled, half, trading.OrderCanceled, ""},
		{trading.OrderSubmitted, trading.OrderCreated, "", trading.OrderSubmitted, trading.Invalid},
		{trading.OrderUnknown, trading.OrderFilled, "1", trading.OrderFilled, ""},
		{trading.OrderNeedsReview, trading.OrderExpired, "", trading.OrderExpired, ""},
		{trading.OrderPartiallyFilled, trading.OrderAccepted, "", trading.OrderPartiallyFilled, ""},
		{trading.OrderPartiallyFilled, trading.OrderCanceled, rest, trading.OrderFilled, ""},
		{trading.OrderPartiallyFilled, trading.OrderRejected, "", trading.OrderPartiallyFilled, trading.Conflict},
		{trading.OrderFilled, trading.OrderAccepted, "", trading.OrderFilled, ""},
		{trading.OrderFilled, trading.OrderCanceled, "", trading.OrderFilled, ""},
		{trading.OrderFilled, trading.OrderFilled, rest, trading.OrderFilled, ""},
		{trading.OrderCanceled, trading.OrderExpired, "", trading.OrderCanceled, ""},
		{trading.OrderRejected, trading.OrderAccepted, "", trading.OrderRejected, ""},
		{trading.OrderExpired, trading.OrderPartiallyFilled, half, trading.OrderExpired, ""},
		{trading.OrderRejected, trading.OrderFilled, "1", trading.OrderRejected, trading.Conflict},
		{trading.OrderNotPlaced, trading.OrderAccepted, "", trading.OrderAccepted, ""},
		{trading.OrderNotPlaced, trading.OrderRejected, "", trading.OrderNotPlaced, ""},
		{trading.OrderBlocked, trading.OrderAccepted, "", trading.OrderBlocked, trading.Conflict},
		{trading.OrderBlocked, trading.OrderCanceled, "", trading.OrderBlocked, trading.Conflict},
	} {
		t.Run(fmt.Sprintf("%s then %q with %q", c.known, c.says, c.fills), func(t *testing.T) {
			h := newHouse(t)
			o := h.known(c.known)
			before, err := h.Order(context.Background(), o.ID)
			if err != nil || before.Status != c.known {
				t.Fatalf("prepare: had %s %v", before.Status, err)
			}
			r := trading.Report{OrderID: o.ID, Status: c.says, At: noon}
			if c.fills != "" {
				r.Fills = []trading.Fill{fill("said", c.fills, "100", "0")}
			}

			_, err = h.Record(context.Background(), r)

			if trading.KindOf(err) != c.kind {
				t.Fatalf("want kind %q, had %v", c.kind, err)
			}
			after, _ := h.Order(context.Background(), o.ID)
			if after.Status != c.want || (c.kind != "" && after.Version != before.Version) {
				t.Fatalf("want %s, had %s (version %d after %d)", c.want, after.Status, after.Version, before.Version)
			}
			h.compareBooks()
			h.sound()
		})
	}
}

// known is an order that has come to a status.
func (h *house) known(s trading.OrderStatus) trading.Order {
	h.t.Helper()
	o := h.admit("a", trading.Buy, "1")
	ctx := context.Background()
	var err error
	switch s {
	case trading.OrderSubmitted:
	case trading.OrderUnknown, trading.OrderNeedsReview:
		_, err = h.Doubt(ctx, o.ID, "silence", noon, noon)
		if s == trading.OrderNeedsReview && err == nil {
			_, err = h.Settle(ctx, o.ID, s, "test", noon)
		}
	case trading.OrderPartiallyFilled:
		h.record(trading.Report{OrderID: o.ID, Status: s, At: noon, Fills: []trading.Fill{fill("known", "0.5", "100", "0")}})
	case trading.OrderFilled:
		h.record(filled(o, "100", "0"))
	case trading.OrderCanceled:
		h.record(trading.Report{OrderID: o.ID, Status: s, At: noon})
	default:
		_, err = h.Settle(ctx, o.ID, s, "test", noon)
	}
	if err != nil {
		h.t.Fatal(err)
	}
	return o
}

func TestOrderThatExistsIsNotAdmittedAgain(t *testing.T) {
	h := newHouse(t)
	h.admit("a", trading.Buy, "1")
	in := alert("b")
	o := leg(alert("a"), 0, trading.Buy, "1")

	_, err := h.Admit(context.Background(), in, yes(in, o))

	if trading.KindOf(err) != trading.Conflict {
		t.Fatalf("want Conflict: the same client order id would be sent twice; had %v", err)
	}
	if _, known, _ := h.Seen(context.Background(), in); known {
		t.Fatal("want nothing of the second signal stored")
	}
	h.compareBooks()
}

func TestDeferredWorkSurvivesAFullDisk(t *testing.T) {
	h := newHouse(t)
	h.noRoom()
	h.SaveBook(paper, map[string]string{"k": strings.Repeat("x", 100_000)}, nil)
	_ = h.Ping(context.Background())
	if _, ok, _ := h.BookValue(context.Background(), paper, "k"); ok {
		t.Fatal("want no room for it yet")
	}
	h.room()

	if err := h.SetMeta(context.Background(), "any", "unit"); err != nil {
		t.Fatal(err)
	}

	if _, ok, err := h.BookValue(context.Background(), paper, "k"); !ok || err != nil {
		t.Fatalf("want it with the next commit, had %v %v", ok, err)
	}
}

func TestSizeIsKeptInWords(t *testing.T) {
	h := newHouse(t)
	for i, c := range []struct {
		mode trading.SizeMode
		want string
	}{{trading.SizeBase, "2 BTC"}, {trading.SizeQuote, "2 USDT"}, {trading.SizePercent, "2 %"}, {trading.SizeRisk, "2 % risk"}, {trading.SizeNone, ""}} {
		in := alert(fmt.Sprint(i))
		in.Signal.Size = trading.Size{Mode: c.mode, Value: trading.MustRatio("2")}
		if _, err := h.Admit(context.Background(), in, yes(in)); err != nil {
			t.Fatal(err)
		}
		if s, err := h.Signal(context.Background(), in.Signal.ID); err != nil || s.Quantity != c.want || s.Status != trading.SignalNoOp {
			t.Errorf("%q: want %q, had %q %v", c.mode, c.want, s.Quantity, err)
		}
	}
}
