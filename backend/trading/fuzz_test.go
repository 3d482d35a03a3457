package trading_test

import (
	"encoding/json"
	"math/big"
	"regexp"
	"strings"
	"testing"

	"hoox/backend/trading"
)

var plainDecimal = regexp.MustCompile(`^-?([0-9]+\.?[0-9]*|\.[0-9]+)$`)

// pointFirst finds the point of a number that gets a zero before it when it is written.
var pointFirst = regexp.MustCompile(`^(\.|-\.)`)

// FuzzNumberIsReadBackAsWritten holds what is read against exact fractions, and every way in and out against each other.
func FuzzNumberIsReadBackAsWritten(f *testing.F) {
	for _, text := range []string{"0.01", "64000.5", "-0", "1e3", "NaN", "Infinity", "+1", "1,5", "007", ".5", "5.", "-.0", "12345678901.12345678", "0x1F",
		".0000000000000000000000000000000000000001", "-.000000000000000000000000000000000000001", ".000000000000000000000000000000000000001",
		"99999999999999999999.9999999999999999999", "٣", "1_0", " 1", "1\x00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := trading.ParseMoney(text)
		if want := plainDecimal.MatchString(text) && (len(text) < 40 || len(text) == 40 && !pointFirst.MatchString(text)); (err == nil) != want {
			t.Fatalf("%q: had %s %v, want it read only when it is plain decimal", text, n, err)
		}
		if err != nil {
			return
		}
		want, ok := new(big.Rat).SetString(text)
		had, _ := new(big.Rat).SetString(n.String())
		if !ok || had == nil || want.Cmp(had) != 0 {
			t.Fatalf("%q was read as %s: money was made or lost", text, n)
		}
		again, err := trading.ParseMoney(n.String())
		if err != nil || again.String() != n.String() {
			t.Fatalf("%q is written as %s and read back as %s %v", text, n, again, err)
		}
		data, err := json.Marshal(n)
		if err != nil {
			t.Fatal(err)
		}
		var stored trading.Money
		if err := stored.Scan(n.String()); err != nil || !stored.Equal(n) {
			t.Fatalf("%s is stored and comes back as %s %v", n, stored, err)
		}
		var crossed trading.Money
		if err := json.Unmarshal(data, &crossed); err != nil || !crossed.Equal(n) {
			t.Fatalf("%s crosses JSON as %s and comes back as %s %v", n, data, crossed, err)
		}
	})
}

// FuzzNumberInJSON reads what an exchange or an alert may write where a number belongs.
func FuzzNumberInJSON(f *testing.F) {
	for _, text := range []string{`"0.01"`, `0.01`, `null`, `""`, `"1e-7"`, `1E3`, `true`, `[]`, `{}`, `"NaN"`, `" 1"`, `"1"2"`, `-0.0`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var row struct{ Price trading.Price }
		if json.Unmarshal(append(append([]byte(`{"Price":`), data...), '}'), &row) != nil {
			return
		}
		var n trading.Price
		if err := n.UnmarshalJSON(data); err == nil && !n.IsZero() && !plainDecimal.MatchString(n.String()) {
			t.Fatalf("%s was read as %s, which is no plain decimal", data, n)
		}
	})
}

// keptSymbol is a symbol as bounds keep it, false for one that they refuse.
func keptSymbol(written string) (string, bool) {
	b, err := trading.Bounds{Symbols: []string{written}}.Checked()
	if err != nil {
		return "", false
	}
	return b.Symbols[0], true
}

// FuzzSymbolBoundIsKeptAsItIs writes any symbol into the bounds of a key: what is kept is kept the same again, and a bound of one
// exchange or product holds no instrument of another.
func FuzzSymbolBoundIsKeptAsItIs(f *testing.F) {
	for _, text := range []string{"BTCUSDT", "btc_usdt", "BYBIT:BTCUSDT.P", "binance:ETH/USDT", "MEXC:BTC-USDT", "BTCUSDT.P", "X:Y:Z", ".P", "KRAKEN:BTCUSD", " ", "ſTCUSDT", "BTCUSDT.P.P"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, written string) {
		symbol, ok := keptSymbol(written)
		if !ok {
			return
		}
		if again, ok := keptSymbol(symbol); !ok || again != symbol {
			t.Fatalf("%q is kept as %q and then as %q", written, symbol, again)
		}
		exchange, _, prefixed := strings.Cut(symbol, ":")
		body, perpetual := strings.CutSuffix(symbol[strings.IndexByte(symbol, ':')+1:], ".P")
		for _, e := range trading.Exchanges() {
			for _, p := range []trading.Product{trading.Spot, trading.Linear} {
				holds := trading.Bounds{Symbols: []string{symbol}}.Holds(trading.Instrument{Exchange: e, Product: p, Symbol: body})
				wrongPlace := prefixed && !strings.EqualFold(exchange, string(e))
				wrongKind := perpetual && p == trading.Spot || prefixed && !perpetual && p == trading.Linear
				if holds == (wrongPlace || wrongKind) {
					t.Fatalf("%q holds %s %s %s: %t", symbol, e, p, body, holds)
				}
			}
		}
	})
}
