package trading_test

import (
	"slices"
	"strings"
	"testing"

	"hoox/backend/trading"
)

func TestSymbolOfBoundsMeansExactlyWhatItSays(t *testing.T) {
	perp := func(e trading.Exchange, symbol string) trading.Instrument {
		return trading.Instrument{Exchange: e, Product: trading.Linear, Symbol: symbol}
	}
	spot := func(e trading.Exchange, symbol string) trading.Instrument {
		return trading.Instrument{Exchange: e, Product: trading.Spot, Symbol: symbol}
	}
	all := map[string]trading.Instrument{
		"bybit perp": perp(trading.Bybit, "BTCUSDT"), "bybit spot": spot(trading.Bybit, "BTCUSDT"), "mexc perp": perp(trading.MEXC, "BTC_USDT"),
		"mexc spot": spot(trading.MEXC, "BTCUSDT"), "bybit eth": perp(trading.Bybit, "ETHUSDT"), "longer": perp(trading.Bybit, "BTCUSDTX"), "usdc": perp(trading.Bybit, "BTCPERP"),
	}
	for symbol, want := range map[string]string{
		"BTCUSDT": "bybit perp, bybit spot, mexc perp, mexc spot", "btc/usdt": "bybit perp, bybit spot, mexc perp, mexc spot",
		"BTC_USDT": "bybit perp, bybit spot, mexc perp, mexc spot", "BTCUSDT.P": "bybit perp, mexc perp", "BYBIT:BTCUSDT.P": "bybit perp",
		"bybit:BTCUSDT": "bybit spot", "MEXC:BTC_USDT.P": "mexc perp", "BTCPERP": "usdc", "SOLUSDT": "",
	} {
		b, err := trading.Bounds{Symbols: []string{symbol}}.Checked()
		if err != nil {
			t.Errorf("%s: %v", symbol, err)
			continue
		}
		var had []string
		for name, i := range all {
			if b.Holds(i) {
				had = append(had, name)
			}
		}
		slices.Sort(had)
		if got := strings.Join(had, ", "); got != want {
			t.Errorf("%s means %q, want %q: a key trades nothing that was not meant", symbol, got, want)
		}
	}
	for _, symbol := range []string{"", "*", "BTC*", "BTCUSDT.P.P", "KRAKEN:BTCUSDT", "BYBIT:", ":BTCUSDT", "BTC USDT", "B", "BTC/USDT:USDT", "BYBIT:BYBIT:BTCUSDT"} {
		if had, ok := keptSymbol(symbol); ok {
			t.Errorf("%q is taken as %q, want it refused: a bound that means nothing binds nothing", symbol, had)
		}
	}
}

func TestBoundsAreKeptInOneForm(t *testing.T) {
	b, err := trading.Bounds{Symbols: []string{"btcusdt", "BTC/USDT", "ETHUSDT"}, Accounts: []trading.AccountID{"bybit:paper", "bybit:paper"}}.Checked()
	if err != nil || !slices.Equal(b.Symbols, []string{"BTCUSDT", "ETHUSDT"}) || len(b.Accounts) != 1 || b.Entries != trading.EntriesBoth {
		t.Errorf("had %+v %v, want each thing once and the entries said", b, err)
	}
	many := make([]string, 101)
	if _, err := (trading.Bounds{Symbols: many}).Checked(); trading.KindOf(err) != trading.Invalid {
		t.Errorf("101 symbols: had %v, want Invalid", err)
	}
	if _, err := (trading.Bounds{Accounts: make([]trading.AccountID, 101)}).Checked(); trading.KindOf(err) != trading.Invalid {
		t.Errorf("101 accounts: had %v, want Invalid", err)
	}
}

func TestZeroBoundsForbidNothing(t *testing.T) {
	var b trading.Bounds
	if !b.Trades("bybit:live") || !b.Holds(trading.Instrument{Symbol: "X"}) || !b.Entries.Allow(trading.Long) || !b.Entries.Allow(trading.Short) {
		t.Error("something is forbidden: signals of other doors have no bounds")
	}
}
