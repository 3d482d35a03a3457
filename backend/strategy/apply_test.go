package strategy_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hoox/backend/strategy"
	"hoox/backend/trading"
)

func entry() trading.Signal {
	return trading.Signal{ID: "s", Symbol: "BTCUSDT", Exchange: trading.MEXC, Action: trading.ActLong, Strategy: "a",
		Size: trading.Size{Mode: trading.SizeBase, Value: trading.MustRatio("0.02")}, Leverage: 5}
}

func on(accounts ...trading.AccountID) strategy.Strategy {
	s := strategy.Strategy{Name: "a", Enabled: true}
	for _, id := range accounts {
		s.Routes = append(s.Routes, strategy.Route{Account: id, Enabled: true})
	}
	return s
}

func apply(t *testing.T, s strategy.Strategy, a trading.Signal) []strategy.Course {
	t.Helper()
	if err := s.Check(); err != nil {
		t.Fatalf("this strategy could not be stored: %v", err)
	}
	courses, err := strategy.Apply(s, a)
	if err != nil {
		t.Fatal(err)
	}
	return courses
}

func TestAlertRunsOnEveryRouteAndItsTwinOnce(t *testing.T) {
	s := on("bybit:live", "bybit:live:swing", "binance:paper", "mexc:testnet")
	s.Routes[3].Enabled = false
	s.PaperTwin = true
	var had []string
	for _, c := range apply(t, s, entry()) {
		had = append(had, fmt.Sprintf("%s/%s", c.Account, c.Signal.Exchange))
		if c.Signal.Account != c.Account {
			t.Errorf("course %s carries a signal for %q", c.Account, c.Signal.Account)
		}
	}
	want := "bybit:live/bybit bybit:paper/bybit bybit:live:swing/bybit binance:paper/binance"
	if got := strings.Join(had, " "); got != want {
		t.Errorf("had %s, want %s: never two courses on one account", got, want)
	}
}

func TestStrategyThatIsOffTakesNothing(t *testing.T) {
	off := on("bybit:live")
	off.Enabled = false
	none := on("bybit:live")
	none.Routes[0].Enabled = false
	for _, s := range []strategy.Strategy{off, none} {
		if _, err := strategy.Apply(s, entry()); trading.KindOf(err) != trading.Refused {
			t.Errorf("had %v, want Refused", err)
		}
	}
}

func TestStrategyWithoutRoutesLeavesTheAccountToTheAlert(t *testing.T) {
	courses := apply(t, on(), entry())
	if away := apply(t, on("bybit:paper"), entry())[0]; len(away.Notes) != 1 || away.Notes[0].Asked != "mexc" || away.Notes[0].Allowed != "bybit:paper" {
		t.Errorf("notes %+v, want that the alert goes elsewhere than it says", away.Notes)
	}
	if len(courses) != 1 || courses[0].Account != "" || courses[0].Signal.Exchange != trading.MEXC {
		t.Fatalf("had %+v, want the alert's own way", courses)
	}
}

func TestSizesAreReplacedOrScaledForEntriesOnly(t *testing.T) {
	size := func(mode trading.SizeMode, v string) trading.Size {
		return trading.Size{Mode: mode, Value: trading.MustRatio(v)}
	}
	override, half := strategy.Route{Size: size(trading.SizePercent, "3")}, strategy.Route{Multiplier: trading.MustRatio("0.5")}
	whole := strategy.Route{Size: size(trading.SizeBase, "0.1")}
	target := func(d trading.Direction, qty string) trading.Signal {
		a := entry()
		a.Action, a.Size = trading.ActTarget, trading.Size{}
		a.Target = &trading.Target{Direction: d, Quantity: trading.MustQty(qty)}
		return a
	}
	closing := func(s trading.Size) trading.Signal {
		a := entry()
		a.Action, a.Size = trading.ActClose, s
		return a
	}
	for name, c := range map[string]struct {
		route strategy.Route
		alert trading.Signal
		want  string
	}{
		"entry, other size":           {override, entry(), "percent 3 -"},
		"entry, half":                 {half, entry(), "quantity 0.01 -"},
		"close of all stays":          {override, closing(trading.Size{}), " 0 -"},
		"close in percent stays":      {half, closing(size(trading.SizePercent, "50")), "percent 50 -"},
		"close in units is halved":    {half, closing(size(trading.SizeBase, "0.02")), "quantity 0.01 -"},
		"close in units keeps":        {override, closing(size(trading.SizeBase, "0.02")), "quantity 0.02 -"},
		"position, half":              {half, target(trading.Long, "0.04"), " 0 0.02"},
		"position, other size":        {override, target(trading.Long, "0.04"), "percent 3 0.04"},
		"position, other quantity":    {whole, target(trading.Long, "0.04"), "quantity 0.1 0.1"},
		"flat stays flat":             {whole, target(trading.Flat, "0"), " 0 0"},
		"flat stays flat when halved": {half, target(trading.Flat, "0"), " 0 0"},
	} {
		s := on("bybit:paper")
		c.route.Account, c.route.Enabled = "bybit:paper", true
		s.Routes[0] = c.route
		a := apply(t, s, c.alert)[0].Signal
		aim := "-"
		if a.Target != nil {
			aim = a.Target.Quantity.String()
		}
		if had := fmt.Sprintf("%s %s %s", a.Size.Mode, a.Size.Value, aim); had != c.want {
			t.Errorf("%s: had %q, want %q", name, had, c.want)
		}
	}
	a := target(trading.Long, "0.04")
	s := on("bybit:paper")
	s.Routes[0].Multiplier = trading.MustRatio("3")
	apply(t, s, a)
	if a.Target.Quantity.String() != "0.04" {
		t.Error("the alert itself was changed: its other courses would be scaled again")
	}
}

func TestDefaultsFillOnlyWhatTheAlertLeftOpen(t *testing.T) {
	s := on("bybit:paper")
	s.StopLoss, s.TrailingStop = trading.Level{Percent: trading.MustRatio("2")}, trading.Level{Price: trading.MustPrice("100")}
	s.TakeProfit = []trading.TakeProfit{{Level: trading.Level{Percent: trading.MustRatio("3")}}}
	s.MaxAge = 20 * time.Second
	bare := apply(t, s, entry())[0]
	if a := bare.Signal; a.StopLoss != s.StopLoss || a.TrailingStop != s.TrailingStop || len(a.TakeProfit) != 1 || a.MaxAge != s.MaxAge || len(bare.Notes) != 5 {
		t.Errorf("had %+v with %d notes, want all defaults, each with a note", a, len(bare.Notes))
	}
	own := entry()
	own.StopLoss, own.MaxAge = trading.Level{Price: trading.MustPrice("1")}, time.Second
	own.TakeProfit = []trading.TakeProfit{{Level: trading.Level{Price: trading.MustPrice("9")}}}
	if a := apply(t, s, own)[0].Signal; a.StopLoss != own.StopLoss || a.TakeProfit[0].Price.String() != "9" || a.MaxAge != time.Second {
		t.Errorf("had %+v, want the alert's own levels kept", a)
	}
	closing := entry()
	closing.Action, closing.Size = trading.ActClose, trading.Size{}
	if c := apply(t, s, closing)[0]; !c.Signal.StopLoss.IsZero() || c.Signal.MaxAge != 0 || len(c.Notes) != 1 {
		t.Errorf("had %+v, want a close left alone: a short life could keep a position open", c)
	}
}

func TestSymbolsAreMappedAndKeepTheirProduct(t *testing.T) {
	for _, c := range []struct{ pattern, to, on, written, want, keeps string }{
		{"BTCUSD", "BTCUSDT", "bybit:paper", "BTCUSD", "BTCUSDT", "BTCUSD"},
		{"BTCUSD", "BTCUSDT", "bybit:paper", "btcusd.p", "BTCUSDT.P", "btcusd.p"},
		{"BTCUSD", "BTCUSDT", "bybit:paper", "COINBASE:BTCUSD", "BYBIT:BTCUSDT", "COINBASE:BTCUSD"},
		{"BTCUSD", "BTCUSDT.P", "bybit:paper", "COINBASE:BTCUSD", "BTCUSDT.P", ""},
		{"COINBASE:*USD", "BYBIT:*USDT.P", "binance:paper", "COINBASE:ETHUSD", "BINANCE:ETHUSDT.P", ""},
		{"*USD", "*USDT", "bybit:paper", "BYBIT:ETHUSD.P", "BYBIT:ETHUSDT.P", "BYBIT:ETHUSD.P"},
		{"*", "PAPER:BTCUSDT.P", "paper:paper", "NASDAQ:AAPL", "PAPER:BTCUSDT.P", ""},
		{"ETH*", "BTCUSDT", "bybit:paper", "BTCUSD", "BTCUSD", ""},
		{"X", "Y", "binance:paper", "BYBIT:BTCUSDT.P", "BINANCE:BTCUSDT.P", ""},
		{"X", "Y", "binance:paper", "BYBIT:BTCUSDT", "BINANCE:BTCUSDT", ""},
		{"X", "Y", "bybit:paper", "BYBIT_DLY:BTCUSDT.P", "BYBIT_DLY:BTCUSDT.P", ""},
		{"X", "Y", "paper:paper", "BYBIT:BTCUSDT.P", "BYBIT:BTCUSDT.P", ""},
	} {
		s := on(trading.AccountID(c.on))
		s.Symbols = []strategy.Mapping{{Pattern: c.pattern, To: c.to, Account: "mexc:live"}, {Pattern: c.pattern, To: c.to}}
		a := entry()
		a.Symbol = c.written
		if had := apply(t, s, a)[0]; had.Signal.Symbol != c.want || had.KeepsProductOf != c.keeps {
			t.Errorf("%s with %s → %s on %s: had %q keeping %q, want %q keeping %q", c.written, c.pattern, c.to, c.on, had.Signal.Symbol, had.KeepsProductOf, c.want, c.keeps)
		}
	}
}

func TestMappingNeverChangesTheProductUnsaid(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		coin := rapid.SampledFrom([]string{"BTCUSD", "ETHUSDT", "XRPUSDC"})
		written := rapid.SampledFrom([]string{"", "BYBIT:", "BINANCE:"}).Draw(t, "prefix") + coin.Draw(t, "coin") + rapid.SampledFrom([]string{"", ".P"}).Draw(t, "suffix")
		s := on(rapid.SampledFrom([]trading.AccountID{"bybit:live", "mexc:paper", "paper:paper"}).Draw(t, "account"))
		s.Symbols = []strategy.Mapping{{Pattern: rapid.SampledFrom([]string{"*", "BTC*", "*USDT", "BYBIT:*"}).Draw(t, "pattern"), To: coin.Draw(t, "to")}}
		a := entry()
		a.Symbol = written
		courses, err := strategy.Apply(s, a)
		if err != nil {
			t.Fatal(err)
		}
		for _, fallback := range []trading.Product{trading.Linear, trading.Spot} {
			if had, want := strategy.ProductOf(courses[0].Signal.Symbol, fallback), strategy.ProductOf(written, fallback); had != want {
				t.Fatalf("%s became %s: %s, want %s", written, courses[0].Signal.Symbol, had, want)
			}
		}
	})
}

func TestRouteSetsLeverageAndMarginAndSaysSo(t *testing.T) {
	s := on("bybit:paper")
	s.Routes[0].Leverage, s.Routes[0].MarginMode = 2, trading.Cross
	s.Routes[0].MaxOrder = trading.MustMoney("100")
	c := apply(t, s, entry())[0]
	if c.Signal.Leverage != 2 || c.AskedLeverage != 5 || c.Signal.MarginMode != trading.Cross || c.MaxOrder.String() != "100" || len(c.Notes) != 4 {
		t.Errorf("had %+v", c)
	}
}
