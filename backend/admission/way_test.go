package admission_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"hoox/backend/risk"
	"hoox/backend/strategy"
	"hoox/backend/trading"
)

// stored gives the desk a strategy on some accounts.
func (d *desk) stored(edit func(*strategy.Strategy), accounts ...trading.AccountID) {
	s := strategy.Strategy{Name: "ema", Enabled: true}
	for _, id := range accounts {
		s.Routes = append(s.Routes, strategy.Route{Account: id, Enabled: true})
	}
	if edit != nil {
		edit(&s)
	}
	if err := s.Check(); err != nil {
		d.t.Fatalf("this strategy could not be stored: %v", err)
	}
	d.strategies = map[string]strategy.Strategy{"ema": s}
}

func follows(s trading.Signal) trading.Signal {
	s.Strategy = "ema"
	return s
}

func long(qty string) trading.Signal { return follows(alert(trading.ActLong, trading.SizeBase, qty)) }

// outcomes tells what was written down, signal by signal, as "account status side qty".
func (d *desk) outcomes() string {
	var words []string
	for _, e := range d.all {
		w := string(e.in.Account) + " " + string(e.decision.Status)
		for _, a := range e.decision.Approved {
			w += " " + string(a.Order().Side) + " " + a.Order().Qty.String()
		}
		words = append(words, w)
	}
	return strings.Join(words, "; ")
}

func TestStrategyTakesAnAlertToEveryAccountUnderItsOwnKey(t *testing.T) {
	d := newDesk(t)
	d.stored(func(s *strategy.Strategy) { s.Routes[1].Multiplier = trading.MustRatio("2") }, "binance:paper", "bybit:paper", "mexc:paper:swing")
	s := long("0.01")
	s.Notify = &trading.Notify{ChatID: "1", Message: "hello"}

	receipt, err := d.Desk.Admit(t.Context(), s)

	if err != nil {
		t.Fatal(err)
	}
	if want := "binance:paper executing buy 0.01; bybit:paper executing buy 0.02; mexc:paper:swing executing buy 0.01"; d.outcomes() != want {
		t.Errorf("had %s, want %s", d.outcomes(), want)
	}
	if receipt.Signal != s.ID || len(receipt.Children) != 2 || receipt.Children[0].Account != "bybit:paper" || receipt.Children[0].Parent != s.ID {
		t.Errorf("receipt is %+v, want the first account's with the others as children", receipt)
	}
	keys := map[string]bool{}
	for n, e := range d.all {
		keys[e.in.Scope+" "+e.in.Key] = true
		if first := n == 0; first != (e.in.Signal.Parent == "") || first != (e.in.Signal.ID == s.ID) || first != (e.in.Signal.Notify != nil) {
			t.Errorf("signal %d is %+v: want one first that notifies, and children of their own", n, e.in.Signal)
		}
	}
	if len(keys) != 3 || !keys["webhook|k|paper k:key"] || !keys["webhook|k|bybit:paper k:key|bybit:paper"] {
		t.Errorf("keys are %v, want the alert's own for the first and one that names the account for each other", keys)
	}
	ids := map[trading.OrderID]bool{}
	for _, e := range d.all {
		ids[e.decision.Approved[0].Order().ID] = true
	}
	if len(ids) != 3 {
		t.Errorf("order ids %v: want a different one on each account", ids)
	}
}

func TestAlertWithoutStoredStrategyKeepsItsKeyAndSaysSo(t *testing.T) {
	d := newDesk(t)
	if got := d.legs(long("0.01")); got != "buy 0.01" || d.intake.Scope != "webhook|k|paper" || d.intake.Key != "k:key" || d.intake.Strategy != "" {
		t.Fatalf("had %s under %s %s", got, d.intake.Scope, d.intake.Key)
	}
	if w := strings.Join(d.intake.Signal.Warnings, " "); !strings.Contains(w, "no strategy ema") {
		t.Errorf("warnings %q, want that the strategy is not known: a typing mistake must be seen", w)
	}
	named := long("0.01")
	named.Account = "bybit:testnet:swing"
	d.stored(nil, "binance:paper")
	if d.legs(named); d.intake.Account != "bybit:testnet:swing" || d.intake.Scope != "webhook|k|testnet:swing" {
		t.Errorf("had %s in %s, want the account that was named, with keys of its own", d.intake.Account, d.intake.Scope)
	}
}

func TestStrategyThatIsOffRefusesOnRecord(t *testing.T) {
	for name, edit := range map[string]func(*strategy.Strategy){
		"strategy off": func(s *strategy.Strategy) { s.Enabled = false },
		"routes off":   func(s *strategy.Strategy) { s.Routes[0].Enabled = false },
	} {
		d := newDesk(t)
		d.stored(edit, "binance:paper")
		s := long("0.01")
		s.Symbol = "NOSUCH"
		if got := d.legs(s); got != "refused" || !strings.Contains(d.decision.Reason, "switched o") || d.intake.Account != "binance:paper" {
			t.Errorf("%s: had %s %q on %s, want it stored as refused with the reason", name, got, d.decision.Reason, d.intake.Account)
		}
	}
}

func TestStrategyThatIsOffStillClosesWhatItHolds(t *testing.T) {
	off := func(s *strategy.Strategy) {
		s.Enabled, s.CancelPrevious = false, true
		s.Pyramiding = strategy.Pyramiding{Mode: strategy.PyramidReplace}
	}
	turn := follows(target(trading.Short, "0.02"))
	less, more, same, flat := follows(target(trading.Long, "0.01")), follows(target(trading.Long, "0.05")), follows(target(trading.Long, "0.03")), follows(target(trading.Flat, "0"))
	for name, c := range map[string]struct {
		s    trading.Signal
		want string
	}{
		"close":                 {follows(alert(trading.ActClose, trading.SizeNone, "")), "sell 0.03 reduce"},
		"close a part":          {follows(alert(trading.ActCloseLong, trading.SizeBase, "0.01")), "sell 0.01 reduce"},
		"close the other side":  {follows(alert(trading.ActCloseShort, trading.SizeNone, "")), "no_op"},
		"flat":                  {follows(alert(trading.ActFlat, trading.SizeNone, "")), "sell 0.03 reduce"},
		"target flat":           {flat, "sell 0.03 reduce"},
		"target smaller":        {less, "sell 0.02 reduce"},
		"target reached":        {same, "no_op"},
		"target larger":         {more, "refused"},
		"turn":                  {turn, "sell 0.03 reduce"},
		"opposite, all of it":   {follows(alert(trading.ActShort, trading.SizeBase, "0.04")), "sell 0.03 reduce"},
		"opposite, a part":      {follows(alert(trading.ActShort, trading.SizeBase, "0.01")), "sell 0.01 reduce"},
		"entry replaces itself": {long("0.01"), "refused"},
	} {
		d := newDesk(t)
		d.stored(off, "bybit:paper")
		d.hold(trading.SlotBoth, "0.03")
		d.book.Open = []trading.Order{{ID: "rests", Account: "bybit:paper", Product: trading.Linear, Symbol: "BTCUSDT", Side: trading.Buy, Slot: trading.SlotBoth,
			Type: trading.Limit, Qty: trading.MustQty("0.01"), Price: trading.MustPrice("50000"), Status: trading.OrderAccepted}}
		d.book.Mine = []trading.OrderID{"rests"}
		got := d.legs(c.s)
		if got != c.want {
			t.Errorf("%s: had %s %q, want %s", name, got, d.decision.Reason, c.want)
		}
		if got == "refused" && (!strings.Contains(d.decision.Reason, "switched off") || len(d.cancels) > 0) {
			t.Errorf("%s: refused with %q and cancels %v, want the reason and nothing touched", name, d.decision.Reason, d.cancels)
		}
	}
}

func TestStrategyThatIsOffClosesOnEveryRouteThatIsOn(t *testing.T) {
	d := newDesk(t)
	d.stored(func(s *strategy.Strategy) { s.Enabled, s.Routes[1].Enabled = false, false }, "bybit:paper", "mexc:paper", "binance:paper")
	d.hold(trading.SlotBoth, "0.03")
	if _, err := d.Desk.Admit(t.Context(), follows(alert(trading.ActClose, trading.SizeNone, ""))); err != nil {
		t.Fatal(err)
	}
	if want := "bybit:paper executing sell 0.03; binance:paper executing sell 0.03"; d.outcomes() != want {
		t.Errorf("had %s, want %s", d.outcomes(), want)
	}
}

func TestOneAccountThatCannotDoesNotHoldUpTheOthers(t *testing.T) {
	d := newDesk(t)
	d.stored(nil, "mexc:paper", "bybit:paper")
	s := long("0.01")
	s.Symbol = "BTCPERP" // Bybit's USDC perpetual, which MEXC does not list
	receipt, err := d.Desk.Admit(t.Context(), s)
	if err != nil || receipt.Signal != s.ID {
		t.Fatalf("had %+v %v", receipt, err)
	}
	if want := "bybit:paper executing buy 0.01; mexc:paper refused"; d.outcomes() != want {
		t.Errorf("had %s, want %s: the account that can answers the door", d.outcomes(), want)
	}
	s.Symbol = "NOSUCH"
	if _, err := d.Desk.Admit(t.Context(), s); trading.KindOf(err) != trading.Invalid {
		t.Errorf("had %v, want Invalid when no account knows the symbol", err)
	}
}

func TestRedeliveryIsKnownAlthoughTheStrategyChanged(t *testing.T) {
	first := newDesk(t)
	first.stored(nil, "bybit:paper", "binance:paper:swing")
	if _, err := first.Desk.Admit(t.Context(), long("0.01")); err != nil {
		t.Fatal(err)
	}
	for name, accounts := range map[string][]trading.AccountID{
		"first route gone":  {"binance:paper:swing"},
		"second route gone": {"bybit:paper"},
		"turned round":      {"binance:paper:swing", "bybit:paper"},
		"one more":          {"bybit:paper", "binance:paper:swing", "mexc:paper"},
		"one more in front": {"mexc:testnet", "bybit:paper", "binance:paper:swing"},
	} {
		d := newDesk(t)
		d.stored(func(s *strategy.Strategy) { s.Symbols = []strategy.Mapping{{Pattern: "*", To: "ETHUSDT"}} }, accounts...)
		d.known = map[string]trading.Receipt{}
		for _, e := range first.all {
			d.known[e.in.Scope+" "+e.in.Key] = trading.Receipt{Signal: e.in.Signal.ID, Parent: e.in.Signal.Parent, Status: trading.SignalFilled}
		}
		receipt, err := d.Desk.Admit(t.Context(), long("0.01"))
		if err != nil || !receipt.Duplicate || receipt.Signal != first.all[0].in.Signal.ID || len(d.all) != 0 {
			t.Errorf("%s: had %+v %v and %s, want the first receipt and nothing written: it would trade twice", name, receipt, err, d.outcomes())
		}
	}
	other := newDesk(t)
	other.stored(func(s *strategy.Strategy) { s.Symbols = []strategy.Mapping{{Pattern: "*", To: "ETHUSDT"}} }, "bybit:paper")
	other.legs(long("0.01"))
	if had, want := other.intake.Fingerprint, first.all[0].in.Fingerprint; had != want {
		t.Error("the same alert has another fingerprint since the strategy changed: its time alone would not make it known")
	}
}

func TestMappingMayNotTurnAPerpetualIntoSpotUnsaid(t *testing.T) {
	d := newDesk(t)
	d.set.Put("exchange:mexc:product", "spot")
	d.stored(func(s *strategy.Strategy) { s.Symbols = []strategy.Mapping{{Pattern: "BTC_USDT", To: "ETHUSDT"}} }, "mexc:paper")
	s := long("0.01")
	s.Symbol = "BTC_USDT"
	if _, err := d.Desk.Admit(t.Context(), s); trading.KindOf(err) != trading.Invalid || !strings.Contains(err.Error(), "write the product out") {
		t.Fatalf("had %v, want the mapping refused", err)
	}
	d.stored(func(s *strategy.Strategy) { s.Symbols = []strategy.Mapping{{Pattern: "BTC_USDT", To: "MEXC:ETHUSDT"}} }, "mexc:paper")
	s.Leverage = 0
	if got := d.legs(s); got != "buy 0.01" || d.intake.Instrument.Product != trading.Spot {
		t.Fatalf("had %s on %s, want spot as written out", got, d.intake.Instrument.Product)
	}
}

func TestTestAlertNeverTouchesRealMoney(t *testing.T) {
	modes := func(e trading.Exchange, test bool) trading.Mode {
		if test && e == trading.Bybit {
			return trading.ModeTestnet
		}
		return trading.ModeLive // a wiring mistake for tests of other exchanges
	}
	d := newDesk(t)
	d.Desk.Mode = modes
	d.stored(func(s *strategy.Strategy) { s.PaperTwin = true }, "bybit:live", "bybit:live:swing", "binance:live", "mexc:testnet:a")
	s := long("0.01")
	s.Test = true
	if _, err := d.Desk.Admit(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	var had []string
	for _, e := range d.all {
		had = append(had, string(e.in.Account))
	}
	slices.Sort(had)
	if got := strings.Join(had, " "); got != "binance:paper bybit:paper bybit:testnet mexc:paper mexc:testnet:a" {
		t.Errorf("had %s", got)
	}
	plain := alert(trading.ActLong, trading.SizeBase, "0.01")
	plain.Test, plain.Account = true, "binance:live:swing"
	if d.legs(plain); d.intake.Account != "binance:paper" {
		t.Errorf("had %s, want a test off real money whatever was named", d.intake.Account)
	}
}

func TestRouteCapsAreTighterOrNothing(t *testing.T) {
	d := newDesk(t)
	d.stored(func(s *strategy.Strategy) {
		s.Routes[0].MaxOrder = trading.MustMoney("500")
		s.Routes[1].MaxOrder = trading.MustMoney("1000000")
	}, "bybit:paper", "binance:paper")
	s := long("0.01") // 600 USDT
	s.Key = "a"
	if _, err := d.Desk.Admit(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	s = long("0.09") // 5400 USDT, above the setting's 5000
	s.Key = "b"
	if _, err := d.Desk.Admit(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	if want := "bybit:paper refused; binance:paper executing buy 0.01; bybit:paper refused; binance:paper refused"; d.outcomes() != want {
		t.Errorf("had %s, want %s: a route can only tighten", d.outcomes(), want)
	}
	if !strings.Contains(d.all[0].decision.Reason, "allowed 500 USDT") {
		t.Errorf("reason %q, want the route's cap", d.all[0].decision.Reason)
	}
}

func TestSpotIgnoresTheRoutesLeverage(t *testing.T) {
	d := newDesk(t)
	d.stored(func(s *strategy.Strategy) { s.Routes[0].Leverage = 5 }, "bybit:paper")
	s := long("0.01")
	s.Symbol, s.Leverage = "BYBIT:BTCUSDT", 0
	if got := d.legs(s); got != "buy 0.01" {
		t.Fatalf("had %s %q, want the spot entry: the leverage is for perpetuals", got, d.decision.Reason)
	}
}

func TestPreviewTellsEveryAccountAndWritesNothing(t *testing.T) {
	d := newDesk(t)
	d.stored(func(s *strategy.Strategy) {
		s.StopLoss = trading.Level{Percent: trading.MustRatio("2")}
		s.Routes[1].MaxOrder = trading.MustMoney("10")
	}, "bybit:paper", "binance:paper")
	p, err := d.Preview(t.Context(), long("0.01"))
	if err != nil || len(d.all) != 0 {
		t.Fatalf("had %v and %s", err, d.outcomes())
	}
	if p.Strategy != "ema" || len(p.Accounts) != 2 || p.Known != "" {
		t.Fatalf("had %+v", p)
	}
	one, two := p.Accounts[0], p.Accounts[1]
	if one.Status != trading.SignalExecuting || len(one.Legs) != 1 || one.Legs[0].Protection.StopLoss.String() != "58800.9" || one.Instrument.Symbol != "BTCUSDT" {
		t.Errorf("first account %+v, want the leg with its stop", one)
	}
	if !slices.ContainsFunc(one.Checks, func(c trading.Check) bool { return c.Rule == "strategy: stop loss" }) {
		t.Errorf("checks %v, want what the strategy changed", one.Checks)
	}
	if two.Status != trading.SignalRefused || !strings.Contains(two.Reason, "max order") {
		t.Errorf("second account %+v, want it refused by its cap", two)
	}
	if fmt.Sprint(d.book) != fmt.Sprint(risk.Book{Standing: risk.Standing{State: risk.Active}, Balance: trading.MustMoney("10000")}) {
		t.Error("the book was changed")
	}
}
