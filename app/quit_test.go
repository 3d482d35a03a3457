package app

import (
	"context"
	"slices"
	"strings"
	"testing"

	"hoox/backend/trading"
)

// openThings is a ledger with something open.
type openThings struct {
	positions []trading.Position
	orders    []trading.Order
	guards    []trading.Guard
	err       error
}

func (o openThings) Positions(context.Context) ([]trading.Position, error) { return o.positions, o.err }

func (o openThings) OpenOrders(context.Context, trading.AccountID) ([]trading.Order, error) {
	return o.orders, nil
}

func (o openThings) Guards(context.Context, trading.AccountID) ([]trading.Guard, error) {
	return o.guards, nil
}

func bitcoin(account trading.AccountID, qty, stop string) trading.Position {
	return trading.Position{
		Account: account, Product: trading.Linear, Symbol: "BTCUSDT", Qty: trading.MustQty(qty),
		Protection: trading.Protection{StopLoss: trading.MustPrice(stop)},
	}
}

func watch(p trading.Position, state trading.GuardState, covers string) trading.Guard {
	return trading.Guard{Account: p.Account, Product: p.Product, Symbol: p.Symbol, Slot: p.Slot, State: state, Covers: trading.MustQty(covers)}
}

func TestQuittingSaysWhatStaysAtTheExchange(t *testing.T) {
	live := trading.AccountID("bybit:live")
	long, short := bitcoin(live, "0.02", "63000"), bitcoin(live, "-0.02", "67000")
	bare := bitcoin(live, "0.02", "0")
	order := trading.Order{Account: live, Product: trading.Linear, Symbol: "BTCUSDT", Side: trading.Buy, Type: trading.Limit,
		Qty: trading.MustQty("0.01"), Price: trading.MustPrice("60000"), Deadline: noon, Protection: trading.Protection{StopLoss: trading.MustPrice("59000")}}
	as := func(s trading.OrderStatus) openThings {
		o := order
		o.Status = s
		return openThings{orders: []trading.Order{o}}
	}
	paper := bitcoin("bybit:paper", "0.02", "63000")
	tests := []struct {
		name         string
		open         openThings
		kind, stands string
		after        string
	}{
		{"a stop that the exchange showed", openThings{positions: []trading.Position{long}, guards: []trading.Guard{watch(long, trading.GuardStanding, "0.02")}},
			"position", "exchange", "stays open; stop 63000 stands at bybit"},
		{"a stop that is still being set", openThings{positions: []trading.Position{long}, guards: []trading.Guard{watch(long, trading.GuardAsked, "0")}},
			"position", "program", "stays open; stop 63000 not confirmed at bybit, and nobody asks again until the next start"},
		{"a stop for half of it", openThings{positions: []trading.Position{long}, guards: []trading.Guard{watch(long, trading.GuardStanding, "0.01")}},
			"position", "program", "stays open; stop 63000 not confirmed at bybit, and nobody asks again until the next start"},
		{"a stop of the other side", openThings{positions: []trading.Position{short}, guards: []trading.Guard{watch(long, trading.GuardStanding, "0.02")}},
			"position", "program", "stays open; stop 67000 not confirmed at bybit, and nobody asks again until the next start"},
		{"no stop at all", openThings{positions: []trading.Position{bare}}, "position", "none", "stays open without a stop or a target"},
		{"paper", openThings{positions: []trading.Position{paper}}, "position", "program", "paper lives in this program: nothing happens to it until the next start"},
		{"a resting entry", as(trading.OrderAccepted), "order", "exchange", "rests at bybit and may fill; whether stop 59000 then stands is looked at by the next start"},
		{"an order not sent", as(trading.OrderCreated), "waiting", "program", "not sent yet; the next start sends it only before 12:00:00 UTC"},
		{"an order in doubt", as(trading.OrderUnknown), "doubt", "program", "it is not known whether bybit has it; the next start asks"},
		{"an order a person decides", as(trading.OrderNeedsReview), "doubt", "program", "its outcome waits for you under Orders"},
	}
	for _, test := range tests {
		had, err := whatStays(t.Context(), test.open)
		if err != nil || len(had) != 1 {
			t.Fatalf("%s: had %+v %v, want one line", test.name, had, err)
		}
		if l := had[0]; l.Kind != test.kind || l.Stands != test.stands || l.After != test.after {
			t.Errorf("%s: had %s, %s, %q\nwant %s, %s, %q: who quits believes it", test.name, l.Kind, l.Stands, l.After, test.kind, test.stands, test.after)
		}
	}
}

func TestRealMoneyIsNamedFirstAndTheNotesFollowIt(t *testing.T) {
	long := bitcoin("bybit:live", "0.02", "63000")
	open := openThings{
		positions: []trading.Position{bitcoin("binance:paper", "1", "0"), bitcoin("binance:testnet", "1", "0"), long},
		guards:    []trading.Guard{watch(long, trading.GuardStanding, "0.02")},
	}
	lines, err := whatStays(t.Context(), open)
	if err != nil {
		t.Fatal(err)
	}
	var modes []string
	for _, l := range lines {
		modes = append(modes, l.Mode)
	}
	if !slices.Equal(modes, []string{"live", "testnet", "paper"}) {
		t.Errorf("had %v, want what moves real money first", modes)
	}
	if notes := notesOf(lines); len(notes) != 2 || !strings.Contains(notes[1], "does not fill") {
		t.Errorf("had %q, want told that a stop which does not fill is watched by nobody then", notes)
	}
	if notes := notesOf(nil); len(notes) != 1 || !strings.HasPrefix(notes[0], "Alerts") {
		t.Errorf("had %q, want only what is true with nothing open", notes)
	}
	if had := inShort(lines); had != "3 positions" {
		t.Errorf("had %q", had)
	}
	if _, err := whatStays(t.Context(), openThings{err: trading.Errorf(trading.Unavailable, "locked")}); err == nil {
		t.Error("had no error, want one: an unreadable ledger is not an empty one")
	}
}

func TestClosingAsksOnceAndHoldsNobodyIn(t *testing.T) {
	page := facts{page: true}
	with := func(change func(*facts)) facts {
		f := page
		f.onClose, f.tray = "ask", true
		change(&f)
		return f
	}
	tests := []struct {
		name string
		wish wish
		f    facts
		want move
	}{
		{"the first close", wishClose, with(func(*facts) {}), doAsk},
		{"remembered: hide", wishClose, with(func(f *facts) { f.onClose = "hide" }), doHide},
		{"remembered: hide, and no tray", wishClose, with(func(f *facts) { f.onClose, f.tray = "hide", false }), doMinimise},
		{"remembered: quit, nothing open", wishClose, with(func(f *facts) { f.onClose = "quit" }), doQuit},
		{"remembered: quit, something open", wishClose, with(func(f *facts) { f.onClose, f.stays = "quit", true }), doAsk},
		{"Ctrl+Q, nothing open", wishQuit, with(func(*facts) {}), doQuit},
		{"Ctrl+Q, something open", wishQuit, with(func(f *facts) { f.stays = true }), doAsk},
		{"Ctrl+Q while closing hides", wishQuit, with(func(f *facts) { f.onClose = "hide" }), doQuit},
		{"no page to ask", wishClose, with(func(f *facts) { f.page = false }), doQuit},
	}
	for _, test := range tests {
		var c closing
		if had := c.judge(test.wish, test.f); had != test.want {
			t.Errorf("%s: had %s, want %s", test.name, had, test.want)
		}
	}

	var c closing
	ask := with(func(f *facts) { f.stays = true })
	if first, second := c.judge(wishClose, ask), c.judge(wishClose, ask); first != doAsk || second != doQuit {
		t.Errorf("had %s then %s, want ask then quit: a page that hangs answers nothing", first, second)
	}
	if !c.left() {
		t.Error("want the program known as ending")
	}
	var d closing
	d.judge(wishClose, ask)
	d.stay()
	if had := d.judge(wishClose, ask); had != doAsk || d.left() {
		t.Errorf("had %s, want asked anew after somebody stayed", had)
	}
	var e closing
	e.leave()
	if had := e.judge(wishClose, ask); had != doQuit {
		t.Errorf("had %s, want no question while the program ends: the engine stopped, or a signal came", had)
	}
}
