package strategy_test

import (
	"strings"
	"testing"

	"hoox/backend/strategy"
	"hoox/backend/trading"
)

// FuzzStrategyIsReadBackAsWritten reads any text as a strategy: what is let through is allowed, and its canonical text is read
// back as the same.
func FuzzStrategyIsReadBackAsWritten(f *testing.F) {
	for _, text := range []string{whole, `{"name":"a","routes":[null]}`, `{"name":"a","enabled":true}`, `{"name":"a","name":"b"}`, `{"Name":"a"}`, `{"name":"a","stopLoss":"-1%"}`,
		`{"name":"a","takeProfit":[{"at":"1%","share":"0.4"},{"at":"2%","share":"0.7"}]}`, `{"name":"a","routes":[{"account":"bybit:live","size":{"mode":"percent","value":"1e3"}}]}`,
		`{"name":"a","symbols":[{"pattern":"**","to":"*"}]}`, `{"name":"a","maxAge":1.5}`, `{"name":"a","maxAge":9223372036854775807}`, `{"name":"a"}{}`, `null`, "\ufeff{}"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := strategy.Decode(text)
		if err != nil {
			if trading.KindOf(err) != trading.Invalid {
				t.Fatalf("%s: had %v, want Invalid", text, err)
			}
			return
		}
		if err := s.Check(); err != nil {
			t.Fatalf("%s was let through and is wrong: %v", text, err)
		}
		written := words(t, s)
		again, err := strategy.Decode([]byte(written))
		if err != nil || words(t, again) != written {
			t.Fatalf("%s is written as %s and read back as %s (%v)", text, written, words(t, again), err)
		}
	})
}

// FuzzMappingKeepsTheProduct gives any symbol another name: one that does not name a product itself must not turn a perpetual
// into a coin, or a coin into a perpetual.
func FuzzMappingKeepsTheProduct(f *testing.F) {
	for _, c := range [][3]string{
		{"*USD", "*USDT", "BYBIT:BTCUSD.P"}, {"BTC*", "ETHUSDT", "BINANCE:BTCUSDT"}, {"BYBIT:BTC*", "BYBIT:BTCUSDT.P", "bybit:btcusdt"}, {"*", "*", "BTC/USDT:USDT"},
		{"*.P", "*", "BTCUSDT.P"}, {"MES1!", "BTCUSDT", "CME_DL:MES1!"}, {"*PERP", "*", "BTCPERP"}, {"A*A*A*B", "X", "AAAAAAAAAAAAAAAAAAAAAAAA"},
	} {
		f.Add(c[0], c[1], c[2], "bybit:paper")
		f.Add(c[0], c[1], c[2], "")
	}
	f.Fuzz(func(t *testing.T, pattern, to, written, account string) {
		s := strategy.Strategy{Name: "a", Enabled: true, Symbols: []strategy.Mapping{{Pattern: pattern, To: to}}}
		if account != "" {
			s.Routes = []strategy.Route{{Account: trading.AccountID(account), Enabled: true}}
		}
		if s.Check() != nil || len(written) > 64 {
			return
		}
		courses, err := strategy.Apply(s, trading.Signal{Symbol: written, Action: trading.ActLong})
		if err != nil || len(courses) != 1 {
			t.Fatalf("had %+v %v, want one course", courses, err)
		}
		c := courses[0]
		if c.KeepsProductOf == "" {
			return // the mapping did not meet it, or names a product itself
		}
		for _, fallback := range []trading.Product{trading.Spot, trading.Linear} {
			if had, want := strategy.ProductOf(c.Signal.Symbol, fallback), strategy.ProductOf(written, fallback); had != want {
				t.Fatalf("%q → %q makes %q (%s) of %q (%s)", pattern, to, c.Signal.Symbol, had, written, want)
			}
		}
	})
}

func TestAPatternOfManyStarsIsComparedAtOnce(t *testing.T) {
	s := strategy.Strategy{Name: "a", Enabled: true, Symbols: []strategy.Mapping{{Pattern: strings.Repeat("*A", 31) + "*B", To: "BTCUSDT"}}}
	if err := s.Check(); err != nil {
		t.Fatal(err)
	}
	for written, want := range map[string]string{strings.Repeat("A", 64): strings.Repeat("A", 64), strings.Repeat("XA", 31) + "B": "BTCUSDT"} {
		courses, err := strategy.Apply(s, trading.Signal{Symbol: written, Action: trading.ActLong})
		if err != nil || courses[0].Signal.Symbol != want {
			t.Errorf("%s: had %+v %v, want %s: every alert waits for the comparison", written, courses, err, want)
		}
	}
}
