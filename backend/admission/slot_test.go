package admission_test

import (
	"fmt"
	"strings"
	"testing"

	"hoox/backend/trading"
)

func TestSpotHasNoSidesInHedgeMode(t *testing.T) {
	d := newDesk(t)
	d.set.Put("exchange:bybit:position_mode", "hedge")
	s := alert(trading.ActLong, trading.SizeBase, "0.01")
	s.Symbol, s.Leverage = "BYBIT:BTCUSDT", 0
	if got := d.legs(s); got != "buy 0.01" {
		t.Fatalf("had %q, want buy 0.01 without a side: every exchange rejects a side on spot", got)
	}
	d.hold(trading.SlotBoth, "0.02")
	d.book.Positions[0].Product = trading.Spot
	s = alert(trading.ActClose, trading.SizeNone, "")
	s.Symbol = "BYBIT:BTCUSDT"
	if got := d.legs(s); got != "sell 0.02 reduce" {
		t.Fatalf("had %q, want the holding sold: a close that finds nothing leaves the money at risk", got)
	}
}

// coin is an alert for bitcoin on spot.
func coin(action trading.Action, size trading.SizeMode, value string) trading.Signal {
	s := alert(action, size, value)
	s.Symbol, s.Leverage = "BYBIT:BTCUSDT", 0
	return s
}

func TestCloseOfACoinSellsWholeStepsAndLeavesTheRestOfAFee(t *testing.T) {
	for held, want := range map[string]string{
		// The buyer's fee was taken in the coin; a step is 0.000001.
		"0.0149854": "sell 0.014985 reduce",
		"0.0000009": "no_op",
	} {
		for _, s := range []trading.Signal{coin(trading.ActClose, trading.SizeNone, ""), coin(trading.ActShort, trading.SizeNone, ""), coin(trading.ActClose, trading.SizeBase, "1")} {
			d := newDesk(t)
			d.hold(trading.SlotBoth, held)
			d.book.Positions[0].Product = trading.Spot
			if got := d.legs(s); got != want {
				t.Errorf("%s of %s: had %q, want %q: an exchange refuses a part of a step, and the holding could not be closed at all", s.Action, held, got, want)
			}
			if want == "no_op" && !strings.Contains(d.decision.Reason, "less than one step") {
				t.Errorf("had the reason %q, want it to say that what is left is less than one step", d.decision.Reason)
			}
		}
	}
}

func TestCoinsThatWereSoldBeforeTheirPurchaseIsKnownAreNoShortPosition(t *testing.T) {
	for name, c := range map[string]struct {
		signal trading.Signal
		want   string
	}{
		"a purchase":    {coin(trading.ActLong, trading.SizeBase, "0.03"), "buy 0.03"},
		"a close":       {coin(trading.ActClose, trading.SizeNone, ""), "no_op"},
		"a short close": {coin(trading.ActCloseShort, trading.SizeNone, ""), "no_op"},
	} {
		d := newDesk(t)
		d.hold(trading.SlotBoth, "-0.02")
		d.book.Positions[0].Product = trading.Spot
		if got := d.legs(c.signal); got != c.want {
			t.Errorf("%s: had %q, want %q: a purchase of a coin reduces nothing, and every exchange refuses it", name, got, c.want)
		}
	}
}

func TestChangedPositionModeDoesNotHideWhatIsOpen(t *testing.T) {
	for name, c := range map[string]struct {
		slot       trading.Slot
		mode, held string
		action     trading.Action
		want       string
	}{
		"one-way position, hedge asked": {trading.SlotBoth, "hedge", "0.02", trading.ActClose, "sell 0.02 reduce"},
		"hedge position, one-way asked": {trading.SlotShort, "one_way", "-0.02", trading.ActFlat, "buy 0.02 reduce short"},
		"entry follows what is open":    {trading.SlotLong, "one_way", "0.02", trading.ActLong, "buy 0.01 long"},
	} {
		d := newDesk(t)
		d.set.Put("exchange:bybit:position_mode", c.mode)
		d.hold(c.slot, c.held)
		s := alert(c.action, trading.SizeNone, "")
		if !c.action.Closes() {
			s = alert(c.action, trading.SizeBase, "0.01")
		}
		if got := d.legs(s); got != c.want {
			t.Errorf("%s: had %q, want %q: the setting takes effect while nothing is open", name, got, c.want)
		}
	}
}

func TestOpenOrderKeepsThePositionMode(t *testing.T) {
	d := newDesk(t)
	d.set.Put("exchange:bybit:position_mode", "hedge")
	d.book.Open = []trading.Order{{ID: "a", Account: "bybit:paper", Product: trading.Linear, Symbol: "ETHUSDT", Slot: trading.SlotBoth, Side: trading.Buy,
		Qty: trading.MustQty("0.1"), Price: trading.MustPrice("3000"), Status: trading.OrderAccepted}}
	if got := d.legs(alert(trading.ActLong, trading.SizeBase, "0.01")); got != "buy 0.01" {
		t.Fatalf("had %q, want buy 0.01 without a side: the exchange switches when no order rests", got)
	}
}

func TestReduceOnlyStrategyNeverAdds(t *testing.T) {
	d := newDesk(t)
	d.hold(trading.SlotBoth, "0.02")
	s := target(trading.Long, "0.05")
	s.ReduceOnly = true
	if got := d.legs(s); got != "no_op" {
		t.Errorf("had %q, want no_op: the alert says that it only reduces", got)
	}
	s = target(trading.Short, "0.05")
	s.ReduceOnly = true
	if got := d.legs(s); got != "sell 0.02 reduce" {
		t.Errorf("had %q, want the close without the entry", got)
	}
}

// pending is an entry of ours that has not ended.
func pending(status trading.OrderStatus, side trading.Side, qty string) trading.Order {
	return trading.Order{ID: trading.OrderID(status), Account: "bybit:paper", Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth,
		Side: side, Type: trading.Market, Qty: trading.MustQty(qty), Status: status}
}

func TestCloseOfEverythingSupersedesEntriesThatHaveNotLeft(t *testing.T) {
	for name, c := range map[string]struct {
		signal  trading.Signal
		want    string
		cancels string
	}{
		"all of it":        {alert(trading.ActClose, trading.SizeNone, ""), "no_op", "[created]"},
		"its side":         {alert(trading.ActCloseLong, trading.SizeNone, ""), "no_op", "[created]"},
		"the other side":   {alert(trading.ActCloseShort, trading.SizeNone, ""), "no_op", "[]"},
		"a part of it":     {alert(trading.ActCloseLong, trading.SizeBase, "0.01"), "sell 0.01 reduce", "[]"},
		"the strategy out": {target(trading.Flat, "0"), "no_op", "[created]"},
		"an entry":         {alert(trading.ActLong, trading.SizeBase, "0.01"), "buy 0.01", "[]"},
	} {
		d := newDesk(t)
		d.book.Open = []trading.Order{pending(trading.OrderCreated, trading.Buy, "0.02")}
		if got := d.legs(c.signal); got != c.want || fmt.Sprint(d.cancels) != c.cancels {
			t.Errorf("%s: had %q and cancels %v, want %q and %s", name, got, d.cancels, c.want, c.cancels)
		}
	}
}

func TestStrategyCountsTheEntryThatIsOnItsWay(t *testing.T) {
	d := newDesk(t)
	d.book.Open = []trading.Order{pending(trading.OrderSubmitted, trading.Buy, "0.02")}
	if got := d.legs(target(trading.Long, "0.03")); got != "buy 0.01" {
		t.Fatalf("had %q, want buy 0.01: with what is on the wire it would hold 0.05", got)
	}
	d.book.Open = []trading.Order{pending(trading.OrderAccepted, trading.Buy, "0.02")}
	if got := d.legs(target(trading.Long, "0.03")); got != "buy 0.01" {
		t.Fatalf("had %q, want buy 0.01: with what the exchange has taken in and fills in a moment it would hold 0.05", got)
	}
}

// rests is an entry with a price of its own, which may never fill.
func rests(o trading.Order) trading.Order {
	o.Type, o.Price = trading.Limit, trading.MustPrice("50000")
	return o
}

// inPart is an entry of which a part has filled.
func inPart(o trading.Order, filled string) trading.Order {
	o.Filled = trading.MustQty(filled)
	return o
}

func TestCloseCoversTheEntryThatIsStillOnItsWay(t *testing.T) {
	for name, c := range map[string]struct {
		held   string
		open   trading.Order
		action trading.Action
		want   string
	}{
		"on the wire":          {"", pending(trading.OrderSubmitted, trading.Buy, "0.02"), trading.ActClose, "sell 0.02 reduce"},
		"on top of a position": {"0.01", pending(trading.OrderSubmitted, trading.Buy, "0.02"), trading.ActClose, "sell 0.03 reduce"},
		"of the other side":    {"", pending(trading.OrderSubmitted, trading.Buy, "0.02"), trading.ActCloseShort, "no_op"},
		"taken in":             {"", pending(trading.OrderAccepted, trading.Buy, "0.02"), trading.ActClose, "sell 0.02 reduce"},
		"filled in part":       {"0.01", inPart(pending(trading.OrderPartiallyFilled, trading.Buy, "0.03"), "0.01"), trading.ActClose, "sell 0.03 reduce"},
		"it only rests":        {"", rests(pending(trading.OrderAccepted, trading.Buy, "0.02")), trading.ActClose, "no_op"},
	} {
		d := newDesk(t)
		if c.held != "" {
			d.hold(trading.SlotBoth, c.held)
		}
		d.book.Open = []trading.Order{c.open}
		if got := d.legs(alert(c.action, trading.SizeNone, "")); got != c.want {
			t.Errorf("%s: had %q, want %q: the position that the entry becomes would stay open for good", name, got, c.want)
		}
	}
}
