package risk_test

import (
	"strings"
	"testing"

	"hoox/backend/risk"
	"hoox/backend/trading"
)

var btc = trading.Instrument{Exchange: trading.Bybit, Product: trading.Linear, Symbol: "BTCUSDT", Base: "BTC", Quote: "USDT", MaxLeverage: 100}

func limits() risk.Limits {
	return risk.Limits{Enabled: true, MaxOrder: trading.MustMoney("5000"), MaxPosition: trading.MustMoney("10000"),
		MaxExposure: trading.MustMoney("15000"), MaxLeverage: 20, OrdersPerMinute: 3}
}

func active() risk.Book { return risk.Book{Standing: risk.Standing{State: risk.Active}} }

func leg(side trading.Side, qty string, reduceOnly bool) trading.Order {
	return trading.Order{Account: "bybit:paper", Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth, Side: side,
		Type: trading.Market, Qty: trading.MustQty(qty), ReduceOnly: reduceOnly, Leverage: 10}
}

func ask(legs ...trading.Order) risk.Ask {
	return risk.Ask{Instrument: btc, Legs: legs, Mark: func(trading.InstrumentKey) (trading.Price, bool) { return trading.MustPrice("50000"), true }}
}

func TestGateAllowsWhatIsWithinEveryCap(t *testing.T) {
	d := risk.Decide(limits(), active(), ask(leg(trading.Buy, "0.1", false)))
	if len(d.Approved) != 1 || d.Status != trading.SignalExecuting {
		t.Fatalf("had %+v, want one approved leg: exactly at the cap is allowed", d)
	}
}

func TestGateNamesTheRuleAndTheNumbers(t *testing.T) {
	held := trading.Position{Account: "bybit:paper", Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth, Qty: trading.MustQty("0.15")}
	other := trading.Position{Account: "bybit:paper", Product: trading.Linear, Symbol: "ETHUSDT", Slot: trading.SlotBoth, Qty: trading.MustQty("-0.29")}
	cases := map[string]struct {
		book   risk.Book
		limits func(*risk.Limits)
		leg    trading.Order
		want   string
	}{
		"order":    {active(), nil, leg(trading.Buy, "0.101", false), "max order: asked 5050.00 USDT, allowed 5000 USDT"},
		"key":      {active(), func(l *risk.Limits) { l.KeyMaxOrder = trading.MustMoney("100") }, leg(trading.Buy, "0.01", false), "max order of the key: asked 500.00 USDT, allowed 100 USDT"},
		"position": {risk.Book{Standing: risk.Standing{State: risk.Active}, Positions: []trading.Position{held}}, nil, leg(trading.Buy, "0.06", false), "max position: asked 10500.00 USDT, allowed 10000 USDT"},
		"exposure": {risk.Book{Standing: risk.Standing{State: risk.Active}, Positions: []trading.Position{other}}, nil, leg(trading.Buy, "0.02", false), "max exposure: asked 15500.00 USDT, allowed 15000 USDT"},
		"leverage": {active(), func(l *risk.Limits) { l.MaxLeverage = 5 }, leg(trading.Buy, "0.01", false), "max leverage: asked 10x, allowed 5x"},
		"rate":     {risk.Book{Standing: risk.Standing{State: risk.Active}, Recent: 3}, nil, leg(trading.Buy, "0.01", false), "orders per minute: asked 4, allowed 3"},
		"exchange": {active(), func(l *risk.Limits) { l.Enabled = false }, leg(trading.Buy, "0.01", false), "exchange bybit is switched off"},
	}
	for name, c := range cases {
		l := limits()
		if c.limits != nil {
			c.limits(&l)
		}
		d := risk.Decide(l, c.book, ask(c.leg))
		if len(d.Approved) != 0 || d.Status != trading.SignalRefused || !strings.Contains(d.Reason, c.want) {
			t.Errorf("%s: had %s %q, want refused with %q", name, d.Status, d.Reason, c.want)
		}
	}
}

func TestKeyCapInDollarsLetsNothingThroughThatIsPricedInSomethingElse(t *testing.T) {
	l := limits()
	l.MaxOrder, l.KeyMaxOrder = trading.Money{}, trading.MustMoney("100")
	a := ask(leg(trading.Buy, "0.001", false))
	if d := risk.Decide(l, active(), a); len(d.Approved) != 1 || d.Checks[1].Rule != "max order of the key" || !d.Checks[1].OK {
		t.Fatalf("had %q %+v, want 50 of 100 dollars to pass with its line", d.Reason, d.Checks)
	}
	a.Instrument.Symbol, a.Instrument.Quote = "ETHBTC", "BTC"
	a.Mark = func(trading.InstrumentKey) (trading.Price, bool) { return trading.MustPrice("0.05"), true }
	a.Legs[0].Symbol, a.Legs[0].Qty = "ETHBTC", trading.MustQty("1000")
	d := risk.Decide(l, active(), a)
	if want := "max order of the key: asked 50.00 BTC, allowed 100 dollars, and ETHBTC is priced in BTC"; len(d.Approved) != 0 || d.Reason != want {
		t.Fatalf("had %q, want %q: 50 BTC are no 50 dollars", d.Reason, want)
	}
	a.Legs[0].ReduceOnly = true
	if d := risk.Decide(l, active(), a); len(d.Approved) != 1 {
		t.Fatalf("had %q: a key that may not open must still be able to close", d.Reason)
	}
}

func TestSellBelowTheMarketIsWorthWhatTheMarketPays(t *testing.T) {
	cheap := leg(trading.Sell, "1", false)
	cheap.Type, cheap.Price = trading.Limit, trading.MustPrice("1")
	d := risk.Decide(limits(), active(), ask(cheap))
	if want := "max order: asked 50000.00 USDT, allowed 5000 USDT"; len(d.Approved) != 0 || d.Reason != want {
		t.Fatalf("had %q, want %q: a limit of 1 would carry any size past the caps", d.Reason, want)
	}
	dear := leg(trading.Sell, "0.1", false)
	dear.Type, dear.Price = trading.Limit, trading.MustPrice("60000")
	if d := risk.Decide(limits(), active(), ask(dear)); d.Reason != "max order: asked 6000.00 USDT, allowed 5000 USDT" {
		t.Fatalf("had %q, want it valued at its limit above the market", d.Reason)
	}
}

func TestRestingEntriesCountAgainstThePosition(t *testing.T) {
	resting := leg(trading.Buy, "0.15", false)
	resting.Status, resting.Type, resting.Price = trading.OrderAccepted, trading.Limit, trading.MustPrice("50000")
	book := active()
	book.Open = []trading.Order{resting}
	if d := risk.Decide(limits(), book, ask(leg(trading.Buy, "0.06", false))); len(d.Approved) != 0 {
		t.Fatal("two entries that would fill to above the cap were both let through")
	}
}

func TestClosesPassWhereEntriesDoNot(t *testing.T) {
	for state, want := range map[risk.State]map[bool]trading.SignalStatus{
		risk.Active:   {true: trading.SignalExecuting, false: trading.SignalExecuting},
		risk.Reducing: {true: trading.SignalExecuting, false: trading.SignalRefused},
		risk.Halted:   {true: trading.SignalExecuting, false: trading.SignalBlocked},
		"garbage":     {true: trading.SignalBlocked, false: trading.SignalBlocked},
	} {
		for reduceOnly, status := range want {
			book := risk.Book{Standing: risk.Standing{State: state}, Recent: 0}
			if d := risk.Decide(limits(), book, ask(leg(trading.Sell, "0.01", reduceOnly))); d.Status != status {
				t.Errorf("%s, reduce only %v: had %s, want %s", state, reduceOnly, d.Status, status)
			}
		}
	}
}

func TestFullFreezeBlocksClosesToo(t *testing.T) {
	l := limits()
	l.BlockCloses = true
	if d := risk.Decide(l, risk.Book{Standing: risk.Standing{State: risk.Halted}}, ask(leg(trading.Sell, "1", true))); d.Status != trading.SignalBlocked {
		t.Fatalf("had %s, want blocked: the trader asked for a full freeze", d.Status)
	}
}

func TestCapsNeverHoldBackAClose(t *testing.T) {
	book := active()
	book.Recent = 1000
	if d := risk.Decide(limits(), book, ask(leg(trading.Sell, "100", true))); len(d.Approved) != 1 {
		t.Fatalf("had %q: a close must always go", d.Reason)
	}
}

func TestOneRefusedLegRefusesTheWholeAlert(t *testing.T) {
	d := risk.Decide(limits(), active(), ask(leg(trading.Sell, "0.1", true), leg(trading.Sell, "9", false)))
	if len(d.Approved) != 0 || len(d.Denied) != 2 {
		t.Fatalf("had %d approved %d denied, want all legs denied: half an alert is nobody's wish", len(d.Approved), len(d.Denied))
	}
	for _, o := range d.Denied {
		if o.Status != trading.OrderDenied || o.Reason == "" {
			t.Errorf("leg has %s %q, want denied with its reason", o.Status, o.Reason)
		}
	}
}

func TestFlipIsMeasuredByWhatIsLeftAfterItsClose(t *testing.T) {
	book := active()
	book.Positions = []trading.Position{{Account: "bybit:paper", Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth, Qty: trading.MustQty("0.29")}}
	d := risk.Decide(limits(), book, ask(leg(trading.Sell, "0.29", true), leg(trading.Sell, "0.1", false)))
	if len(d.Approved) != 2 {
		t.Fatalf("had %q, want both legs: the long of 14500 is gone before the short of 5000 opens", d.Reason)
	}
}

func TestStricterStateWinsAndNonsenseIsStrictest(t *testing.T) {
	if s := risk.Stricter(risk.Active, risk.Halted); s != risk.Halted {
		t.Errorf("had %s", s)
	}
	if s := risk.Stricter("?", risk.Halted); s != "?" {
		t.Errorf("had %s: what cannot be read must allow nothing", s)
	}
}
