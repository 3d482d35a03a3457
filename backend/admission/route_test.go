package admission_test

import (
	"strings"
	"testing"

	"hoox/backend/market"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

func unnamed(action trading.Action) trading.Signal {
	s := alert(action, trading.SizeNone, "")
	if !action.Closes() {
		s = alert(action, trading.SizeBase, "0.01")
	}
	s.Exchange, s.Leverage = "", 1
	return s
}

// dynamic is a desk that chooses: Bybit takes 0.055 % and has the tightest book, Binance 0.05 %, MEXC 0.08 %.
func dynamic(t *testing.T) *desk {
	d := newDesk(t)
	d.set.Put("routing:dynamic:enabled", "true")
	d.Desk.Market = fixed{Catalogue: market.NewCatalogue(market.Standard()), asks: map[trading.AccountID]string{
		"bybit:paper": "60000.1", "binance:paper": "60003", "mexc:paper": "60000.1"}}
	flat := risk.Book{Standing: d.book.Standing, Balance: d.book.Balance}
	d.books = map[trading.AccountID]risk.Book{"bybit:paper": flat, "binance:paper": flat, "mexc:paper": flat, "bybit:live": flat}
	return d
}

func TestAlertThatNamesNoExchangeGoesWhereTheSettingSays(t *testing.T) {
	for table, want := range map[string]trading.AccountID{
		`{}`: "paper:paper", `{"btcusdt": "bybit"}`: "bybit:paper", `{"*": "mexc"}`: "mexc:paper", `{"BTCUSDT": "binance", "*": "mexc"}`: "binance:paper", `{"ETHUSDT": "mexc"}`: "paper:paper",
	} {
		d := newDesk(t)
		d.set.Put("trade:routing", table)
		if d.legs(unnamed(trading.ActLong)); d.intake.Account != want {
			t.Errorf("%s: had %s, want %s", table, d.intake.Account, want)
		}
	}
}

func TestCheapestExchangeIsChosenAndSaysWhy(t *testing.T) {
	d := dynamic(t)
	if got := d.legs(unnamed(trading.ActLong)); got != "buy 0.01" || d.intake.Account != "binance:paper" {
		t.Fatalf("had %s on %s, want Binance", got, d.intake.Account)
	}
	c := d.decision.Checks[0]
	want := "binance: fee 0.05 % + half spread 0.0025 % = 0.0525 %; bybit: fee 0.055 % + half spread 0.0001 % = 0.0551 %; mexc: fee 0.08 % + half spread 0.0001 % = 0.0801 %"
	if c.Rule != "routed to binance" || c.Allowed != want {
		t.Errorf("had %q: %s\nwant %s", c.Rule, c.Allowed, want)
	}
	d.set.Put("exchange:binance:enabled", "false")
	if d.legs(unnamed(trading.ActLong)); d.intake.Account != "bybit:paper" {
		t.Errorf("had %s, want the next one while Binance is off", d.intake.Account)
	}
	d.Desk.Ready = func(a trading.AccountID, _ trading.InstrumentKey) error {
		if a == "bybit:paper" {
			return trading.Errorf(trading.Unavailable, "not reconciled")
		}
		return nil
	}
	if d.legs(unnamed(trading.ActLong)); d.intake.Account != "mexc:paper" || !strings.Contains(d.decision.Checks[0].Allowed, "bybit: not reconciled") {
		t.Errorf("had %s with %s, want one that takes entries, and why another does not", d.intake.Account, d.decision.Checks[0].Allowed)
	}
	d.set.Put("trade:routing", `{"BTCUSDT": "bybit"}`)
	if d.legs(unnamed(trading.ActClose)); d.intake.Account != "bybit:paper" {
		t.Errorf("had %s, want the setting's row before any choice", d.intake.Account)
	}
}

func TestCloseIsRoutedToWhatIsHeld(t *testing.T) {
	d := dynamic(t)
	b := d.books["mexc:paper"]
	b.Positions = []trading.Position{{Account: "mexc:paper", Product: trading.Linear, Symbol: "BTC_USDT", Slot: trading.SlotBoth, Qty: trading.MustQty("0.02"), Cost: trading.MustMoney("1200")}}
	d.books["mexc:paper"] = b
	d.set.Put("exchange:mexc:enabled", "false")
	if got := d.legs(unnamed(trading.ActClose)); got != "sell 0.02 reduce" || d.intake.Account != "mexc:paper" {
		t.Fatalf("had %s on %s: a close that goes to the cheapest exchange finds nothing", got, d.intake.Account)
	}
	b = d.books["bybit:paper"]
	b.Open = []trading.Order{{ID: "a", Product: trading.Linear, Symbol: "BTCUSDT", Side: trading.Buy, Status: trading.OrderSubmitted}}
	d.books["bybit:paper"] = b
	if _, err := d.Desk.Admit(t.Context(), unnamed(trading.ActClose)); trading.KindOf(err) != trading.Refused || !strings.Contains(err.Error(), "name the exchange") {
		t.Fatalf("had %v, want it asked which one is meant", err)
	}
}

func TestCostIsNoReasonToChooseBetweenPaperAndRealMoney(t *testing.T) {
	d := dynamic(t)
	d.Desk.Mode = func(e trading.Exchange, test bool) trading.Mode {
		if e == trading.Bybit && !test {
			return trading.ModeLive
		}
		return trading.ModePaper
	}
	if _, err := d.Desk.Admit(t.Context(), unnamed(trading.ActLong)); trading.KindOf(err) != trading.Refused || !strings.Contains(err.Error(), "one mode") {
		t.Fatalf("had %v, want a refusal that says what to do", err)
	}
	s := unnamed(trading.ActLong)
	s.Test = true
	if d.legs(s); d.intake.Account != "binance:paper" {
		t.Fatalf("had %s, want the test among paper accounts", d.intake.Account)
	}
}

func TestRoutedAlertIsKnownAgainWhenPricesHaveChanged(t *testing.T) {
	d := dynamic(t)
	s := unnamed(trading.ActLong)
	s.Key, s.SentAt = "", noon
	d.legs(s)
	first := d.intake
	d.Desk.Market = fixed{Catalogue: market.NewCatalogue(market.Standard()), asks: map[trading.AccountID]string{"binance:paper": "61000"}}
	d.legs(s)
	if d.intake.Account == first.Account || d.intake.Key != first.Key || d.intake.Scope != first.Scope {
		t.Fatalf("had %s %s, before %s %s: a redelivery that is routed elsewhere must still be known", d.intake.Account, d.intake.Key, first.Account, first.Key)
	}
}

func TestNoFreshPriceMeansNoChoice(t *testing.T) {
	d := dynamic(t)
	d.Desk.Market = fixed{Catalogue: market.NewCatalogue(market.Standard()), stale: true}
	if _, err := d.Desk.Admit(t.Context(), unnamed(trading.ActLong)); trading.KindOf(err) != trading.Refused || !strings.Contains(err.Error(), "no fresh price") {
		t.Fatalf("had %v, want Refused", err)
	}
}
