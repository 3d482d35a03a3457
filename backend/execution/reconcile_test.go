package execution_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hoox/backend/risk"
	"hoox/backend/trading"
)

// theirs is a position as the exchange tells it.
func theirs(qty, cost string) trading.Position {
	return trading.Position{Account: testnet, Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth, Qty: trading.MustQty(qty), Cost: trading.MustMoney(cost), Leverage: 3}
}

func (y *yard) compare() {
	y.t.Helper()
	y.now = y.now.Add(time.Minute)
	if err := y.Compare(y.t.Context(), testnet); err != nil {
		y.t.Fatal(err)
	}
	y.work()
}

// drifts tells what stands, in words.
func (y *yard) drifts() string {
	y.t.Helper()
	list, err := y.Drift(y.t.Context())
	if err != nil {
		y.t.Fatal(err)
	}
	var words []string
	for _, d := range list {
		w := string(d.Kind) + " " + d.Ours.String() + "/" + d.Theirs.String()
		if d.Ignored {
			w += " ignored"
		}
		words = append(words, w)
	}
	return strings.Join(words, ", ")
}

func (y *yard) fix(what trading.Fix) error {
	y.t.Helper()
	list, err := y.db.Drifts(y.t.Context())
	if err != nil || len(list) == 0 {
		y.t.Fatalf("had %v %v, want something to fix", list, err)
	}
	return y.Fix(y.t.Context(), list[0].ID, what, "me")
}

func TestDifferenceCountsFromItsSecondRoundAndKeepsEntriesOut(t *testing.T) {
	for name, c := range map[string]struct{ ours, theirs, want string }{
		"size":     {"1", "0.7", "size 1/0.7"},
		"external": {"", "-0.5", "external 0/-0.5"},
		"missing":  {"1", "", "missing 1/0"},
	} {
		t.Run(name, func(t *testing.T) {
			y := newYard(t)
			if c.ours != "" {
				y.order(trading.Buy, c.ours, false, trading.Protection{})
			}
			if c.theirs != "" {
				y.wire.theirs = []trading.Position{theirs(c.theirs, "50")}
			}
			y.compare()
			if had := y.drifts(); had != "" || y.Admits(testnet, btc) != nil {
				t.Errorf("after one round: %q, %v; want nothing yet, it may be a matter of timing", had, y.Admits(testnet, btc))
			}
			y.compare()
			err := y.Admits(testnet, btc)
			if had := y.drifts(); had != c.want || trading.KindOf(err) != trading.Refused || !strings.Contains(err.Error(), "BTCUSDT") {
				t.Errorf("had %q, %v; want %q and entries refused in words", had, err, c.want)
			}
			if err := y.Admits(testnet, trading.InstrumentKey{Product: trading.Linear, Symbol: "ETHUSDT"}); err != nil {
				t.Errorf("another instrument is refused too: %v", err)
			}
			y.restart()
			if y.Admits(testnet, btc) == nil {
				t.Error("entries flow again after a restart although nothing was settled")
			}
			if had := y.position(); c.ours != "" && had.Qty.String() != c.ours {
				t.Errorf("the ledger's position became %s by looking", had.Qty)
			}
			y.verify()
		})
	}
}

func TestEntryThatWaitedIsDeniedAndCloseGoesWhileSidesDisagree(t *testing.T) {
	y := newYard(t)
	y.order(trading.Buy, "1", false, trading.Protection{})
	y.wire.theirs = []trading.Position{theirs("3", "300")}
	y.compare()
	y.compare()
	if o := y.order(trading.Buy, "1", false, trading.Protection{}); o.Status != trading.OrderDenied || !strings.Contains(o.Reason, "the exchange holds 3") {
		t.Errorf("entry is %s (%s), want it denied in words", o.Status, o.Reason)
	}
	if o := y.order(trading.Sell, "1", true, trading.Protection{}); o.Status != trading.OrderFilled {
		t.Errorf("close is %s (%s), want it filled: closes always go", o.Status, o.Reason)
	}
}

func TestAdoptMakesTheLedgerWhatTheExchangeIs(t *testing.T) {
	for name, c := range map[string]struct{ ours, theirs, cost string }{
		"less":            {"1", "0.7", "77"},
		"more":            {"1", "1.5", "160"},
		"turned":          {"1", "-2", "190"},
		"external":        {"", "2", "210"},
		"closed by hand":  {"1", "0", "0"},
		"closed somewhat": {"1", "0.1", "10"},
	} {
		t.Run(name, func(t *testing.T) {
			y := newYard(t)
			if c.ours != "" {
				y.order(trading.Buy, c.ours, false, trading.Protection{})
			}
			cash, _ := y.db.Balances(t.Context())
			y.wire.theirs = []trading.Position{theirs(c.theirs, c.cost)}
			y.compare()
			y.compare()
			for range 2 { // asking twice is asking once
				list, _ := y.db.Drifts(t.Context())
				if len(list) == 0 {
					break
				}
				if err := y.fix(trading.FixAdopt); err != nil {
					t.Fatal(err)
				}
			}
			p := y.position()
			if p.Qty.String() != c.theirs || !p.Cost.Equal(trading.MustMoney(c.cost)) {
				t.Errorf("the ledger has %s for %s, want %s for %s", p.Qty, p.Cost, c.theirs, c.cost)
			}
			if after, _ := y.db.Balances(t.Context()); !after[testnet]["USDT"].Equal(cash[testnet]["USDT"]) {
				t.Errorf("cash went from %s to %s, want it untouched", cash[testnet]["USDT"], after[testnet]["USDT"])
			}
			if err := y.Admits(testnet, btc); err != nil {
				t.Errorf("entries are still refused: %v", err)
			}
			y.compare()
			y.compare()
			if had := y.drifts(); had != "" {
				t.Errorf("had %q after it was adopted", had)
			}
			if o := y.order(trading.Buy, "0.5", false, trading.Protection{}); o.Status != trading.OrderFilled {
				t.Errorf("the next entry is %s (%s), want it filled", o.Status, o.Reason)
			}
			y.verify()
			y.restart()
			y.verify()
		})
	}
}

func TestAdoptingTwiceChangesNothing(t *testing.T) {
	y := newYard(t)
	y.wire.theirs = []trading.Position{theirs("2", "210")}
	y.compare()
	y.compare()
	list, err := y.db.Drifts(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	for range 3 {
		if err := y.Fix(t.Context(), list[0].ID, trading.FixAdopt, "me"); err != nil {
			t.Fatal(err)
		}
	}
	if p := y.position(); p.Qty.String() != "2" {
		t.Errorf("the ledger has %s, want 2", p.Qty)
	}
	if err := y.Fix(t.Context(), "position/nothing", trading.FixAdopt, "me"); trading.KindOf(err) != trading.NotFound {
		t.Errorf("had %v, want NotFound for what never was", err)
	}
}

func TestAdoptTakesOnlyWhatThePersonSaw(t *testing.T) {
	y := newYard(t)
	y.wire.theirs = []trading.Position{theirs("2", "210")}
	y.compare()
	y.compare()
	y.wire.theirs = []trading.Position{theirs("5", "500")}
	if err := y.fix(trading.FixAdopt); trading.KindOf(err) != trading.Conflict {
		t.Errorf("had %v, want a Conflict: it is another position by now", err)
	}
	y.wire.deaf = errors.New("silent")
	if err := y.fix(trading.FixAdopt); err == nil || !y.position().Qty.IsZero() {
		t.Errorf("had %v and %s, want nothing adopted on no answer", err, y.position().Qty)
	}
}

func TestAdoptedSizeIsProtected(t *testing.T) {
	y := newYard(t)
	y.order(trading.Buy, "1", false, stopAt90)
	y.wire.theirs = []trading.Position{theirs("0.6", "60")}
	y.compare()
	y.compare()
	if err := y.fix(trading.FixAdopt); err != nil {
		t.Fatal(err)
	}
	y.work()
	if had := y.wire.want(); had != "0.6 stop 90" {
		t.Errorf("the exchange was told %q, want the stop cut to what is left", had)
	}
}

func TestIgnoredDifferenceBarsNothingUntilItChanges(t *testing.T) {
	y := newYard(t)
	y.wire.theirs = []trading.Position{theirs("2", "210")}
	y.compare()
	y.compare()
	if err := y.fix(trading.FixIgnore); err != nil {
		t.Fatal(err)
	}
	y.compare()
	if had := y.drifts(); had != "external 0/2 ignored" || y.Admits(testnet, btc) != nil {
		t.Errorf("had %q, %v; want it shown as ignored and entries let in", had, y.Admits(testnet, btc))
	}
	y.wire.theirs = []trading.Position{theirs("3", "310")}
	y.compare()
	if had := y.drifts(); had != "external 0/3" || y.Admits(testnet, btc) == nil {
		t.Errorf("had %q, want it to count again: it is not what was ignored", had)
	}
	y.wire.theirs = nil
	y.compare()
	if had := y.drifts(); had != "" || y.Admits(testnet, btc) != nil {
		t.Errorf("had %q, want it over when both agree", had)
	}
}

func TestFailedQuestionFindsAndEndsNothing(t *testing.T) {
	y := newYard(t)
	y.order(trading.Buy, "1", false, trading.Protection{})
	y.wire.deaf = errors.New("silent")
	for range 3 {
		if err := y.Compare(t.Context(), testnet); err == nil {
			t.Fatal("want the failure told")
		}
	}
	if had := y.drifts(); had != "" || y.position().Qty.String() != "1" {
		t.Errorf("had %q and %s, want nothing found: missing is not flat", had, y.position().Qty)
	}
	y.wire.deaf = nil
	y.compare()
	y.compare()
	y.wire.deaf = errors.New("silent")
	_ = y.Compare(t.Context(), testnet)
	if had := y.drifts(); had != "missing 1/0" || y.Admits(testnet, btc) == nil {
		t.Errorf("had %q, want the finding to stay while nobody answers", had)
	}
}

func TestOrderOnItsWayKeepsItsLaneUnjudged(t *testing.T) {
	y := newYard(t)
	y.wire.submit = func(trading.Order) (trading.Report, error) {
		return trading.Report{}, trading.Errorf(trading.Unknown, "timeout")
	}
	o := y.order(trading.Buy, "1", false, trading.Protection{})
	y.wire.theirs = []trading.Position{theirs("1", "100")}
	y.compare()
	y.compare()
	if had := y.drifts(); had != "" {
		t.Fatalf("had %q while order %s is %s, want nothing: it is why", had, o.ID, y.read(o.ID).Status)
	}
	y.record(at100(o, trading.MustQty("1"), "1"))
	y.compare()
	p := y.position()
	if !p.ReconciledAt.Equal(y.now) || !y.ReconciledAt(testnet).Equal(y.now) {
		t.Errorf("agreed at %s and %s, want %s", p.ReconciledAt, y.ReconciledAt(testnet), y.now)
	}
}

func TestOrderThatIsNotListedIsLookedUpAndNeverSettledByThat(t *testing.T) {
	y := newYard(t)
	y.wire.submit = accepted
	o := y.order(trading.Buy, "1", false, trading.Protection{})
	y.compare()
	y.compare()
	if had := y.drifts(); had != "lost_order 1/0" || y.read(o.ID).Status != trading.OrderAccepted || len(y.wire.asked) != 2 {
		t.Fatalf("had %q, order %s, %d look-ups; want it shown, asked about, and as it was", had, y.read(o.ID).Status, len(y.wire.asked))
	}
	if err := y.Admits(testnet, btc); err != nil {
		t.Errorf("a lost order keeps entries out: %v", err)
	}
	y.wire.deafTo = errors.New("silent")
	y.compare()
	if had := y.drifts(); had != "lost_order 1/0" {
		t.Errorf("had %q, want it to stay while the list cannot be read", had)
	}
	y.wire.deafTo = nil
	y.wire.found = map[trading.OrderID]trading.Report{o.ID: {OrderID: o.ID, Status: trading.OrderCanceled}}
	y.compare()
	if had := y.drifts(); had != "" || y.read(o.ID).Status != trading.OrderCanceled {
		t.Errorf("had %q, order %s; want the exchange's own word to settle it", had, y.read(o.ID).Status)
	}
}

func TestForeignOrderIsShownAndTouchedOnlyByAPerson(t *testing.T) {
	y := newYard(t)
	y.wire.open = []trading.Order{{ExchangeID: "e7", Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth, Side: trading.Buy, Type: trading.Limit,
		Qty: trading.MustQty("2"), Price: trading.MustPrice("80"), Status: trading.OrderAccepted}}
	for range 5 {
		y.compare()
	}
	if had := y.drifts(); had != "foreign_order 0/2" || len(y.wire.touched) != 0 || y.Admits(testnet, btc) != nil {
		t.Fatalf("had %q, touched %v; want it shown, left alone, and no bar", had, y.wire.touched)
	}
	if err := y.fix(trading.FixAdopt); trading.KindOf(err) != trading.Refused {
		t.Errorf("had %v, want it refused: it is not ours", err)
	}
	if err := y.fix(trading.FixCancel); err != nil || len(y.wire.touched) != 1 || y.wire.touched[0] != "e7" {
		t.Errorf("touched %v, %v; want e7 canceled because a person said so", y.wire.touched, err)
	}
	y.wire.open = nil
	y.compare()
	if had := y.drifts(); had != "" {
		t.Errorf("had %q, want it over", had)
	}
}

func TestOrderWithOurMarkAndNoRowIsShownAndCanBeAdopted(t *testing.T) {
	y := newYard(t)
	x := trading.Order{ID: "hx1fromabackup", ExchangeID: "e8", Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth, Side: trading.Buy,
		Type: trading.Limit, Qty: trading.MustQty("2"), Price: trading.MustPrice("80"), Status: trading.OrderAccepted}
	y.wire.open = []trading.Order{x}
	y.compare()
	y.compare()
	if had := y.drifts(); had != "recovered_order 0/2" {
		t.Fatalf("had %q, want it shown", had)
	}
	y.wire.found = map[trading.OrderID]trading.Report{x.ID: {OrderID: x.ID, ExchangeID: "e8", Status: trading.OrderAccepted}}
	if err := y.fix(trading.FixAdopt); err != nil {
		t.Fatal(err)
	}
	if o := y.read(x.ID); o.Status != trading.OrderAccepted || o.Qty.String() != "2" {
		t.Errorf("had %+v, want it in the ledger", o)
	}
	y.compare()
	if had := y.drifts(); had != "" {
		t.Errorf("had %q after it was adopted", had)
	}
	y.verify()
}

func TestOrderThatRestsAfterItWasProvenAbsentHaltsEverything(t *testing.T) {
	y := newYard(t)
	y.wire.submit = func(trading.Order) (trading.Report, error) {
		return trading.Report{}, trading.Errorf(trading.Unknown, "timeout")
	}
	o := y.order(trading.Buy, "1", false, trading.Protection{})
	if _, err := y.db.Settle(t.Context(), o.ID, trading.OrderNotPlaced, "proven absent", y.now); err != nil {
		t.Fatal(err)
	}
	x := o
	x.Status, x.ExchangeID = trading.OrderAccepted, "e1"
	y.wire.open = []trading.Order{x}
	y.wire.found = map[trading.OrderID]trading.Report{o.ID: {OrderID: o.ID, ExchangeID: "e1", Status: trading.OrderAccepted}}
	if err := y.Compare(t.Context(), testnet); err != nil {
		t.Fatal(err)
	}
	if s := y.kill.Standing(); s.State != risk.Halted || !strings.Contains(s.Reason, "proven absent") {
		t.Errorf("had %+v, want everything halted: what was decided on such proofs may be wrong", s)
	}
}

func TestProtectionLeftBehindIsTakenAway(t *testing.T) {
	y := newYard(t)
	o := y.order(trading.Buy, "1", false, stopAt90)
	y.order(trading.Sell, "1", true, trading.Protection{})
	tries := len(y.wire.wants)
	y.wire.open = []trading.Order{{ID: "s1", ExchangeID: "s1", Parent: o.ID, Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth, Side: trading.Sell,
		Type: trading.StopOrder, ReduceOnly: true, Qty: trading.MustQty("1"), Price: trading.MustPrice("90"), Status: trading.OrderAccepted}}
	y.compare()
	if len(y.wire.wants) != tries+1 || y.wire.want() != "0 stop 0" || y.drifts() != "" {
		t.Errorf("told %s after %d tries, had %q; want the exchange told once more to take it away", y.wire.want(), len(y.wire.wants)-tries, y.drifts())
	}
}

func TestAccountsComeAndGo(t *testing.T) {
	y := newYard(t)
	const second = trading.AccountID("bybit:testnet:swing")
	if err := y.Admits(second, btc); trading.KindOf(err) != trading.Refused {
		t.Errorf("had %v, want an account that is not there refused", err)
	}
	other := &stall{deaf: errors.New("silent")}
	if err := y.Join(t.Context(), second, other); trading.KindOf(err) != trading.Unavailable {
		t.Errorf("had %v, want it closed until its exchange answers", err)
	}
	if y.Admits(testnet, btc) != nil {
		t.Error("the other account was closed too")
	}
	other.deaf = nil
	y.Reconcile(t.Context())
	if err := y.Admits(second, btc); err != nil {
		t.Errorf("had %v, want it open once its exchange answered", err)
	}
	y.Leave(second)
	if trading.KindOf(y.Admits(second, btc)) != trading.Refused {
		t.Error("it takes entries after it left")
	}
}
