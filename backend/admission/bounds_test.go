package admission_test

import (
	"strings"
	"testing"

	"hoox/backend/strategy"
	"hoox/backend/trading"
)

// tried admits a signal with bounds and tells what became of it: its legs, its status, or what it was outside of.
func (d *desk) tried(s trading.Signal, b trading.Bounds) string {
	d.t.Helper()
	s.Bounds = b
	before := len(d.all)
	_, err := d.Desk.Admit(d.t.Context(), s)
	if err == nil {
		return d.outcomes()
	}
	if trading.KindOf(err) != trading.Unauthorized {
		d.t.Fatalf("had %v, want Unauthorized or none", err)
	}
	if len(d.all) != before {
		d.t.Errorf("%d signals were written down: want none of an alert that its key may not send", len(d.all)-before)
	}
	return strings.Split(err.Error(), ": ")[1]
}

func spot(s trading.Signal) trading.Signal {
	s.Symbol = "BYBIT:BTCUSDT"
	s.Leverage = 0
	return s
}

func reduceOnly(s trading.Signal) trading.Signal {
	s.ReduceOnly = true
	return s
}

func onExchange(e trading.Exchange, s trading.Signal) trading.Signal {
	s.Exchange = e
	return s
}

func TestA4_AlertOutsideTheScopeOfItsKeyIsRefusedAndNotWrittenDown(t *testing.T) {
	entry := func(a trading.Action) trading.Signal { return alert(a, trading.SizeBase, "0.01") }
	only := func(list ...trading.AccountID) trading.Bounds { return trading.Bounds{Accounts: list} }
	symbols := func(list ...string) trading.Bounds { return trading.Bounds{Symbols: list} }
	opens := func(e trading.Entries) trading.Bounds { return trading.Bounds{Entries: e} }
	const bought, sold = "bybit:paper executing buy 0.01", "bybit:paper executing sell 0.01"
	for name, c := range map[string]struct {
		signal trading.Signal
		bounds trading.Bounds
		held   string
		want   string
	}{
		"no bounds":                      {signal: entry(trading.ActLong), want: bought},
		"its account":                    {signal: entry(trading.ActLong), bounds: only("bybit:paper", "mexc:paper"), want: bought},
		"another account":                {signal: onExchange(trading.Binance, entry(trading.ActLong)), bounds: only("bybit:paper"), want: "account"},
		"an account of the same start":   {signal: entry(trading.ActLong), bounds: only("bybit:paper:swing"), want: "account"},
		"a close on another account":     {signal: onExchange(trading.Binance, alert(trading.ActFlat, trading.SizeNone, "")), bounds: only("bybit:paper"), want: "account"},
		"its symbol":                     {signal: entry(trading.ActLong), bounds: symbols("BTCUSDT"), want: bought},
		"its symbol, the perpetual":      {signal: entry(trading.ActLong), bounds: symbols("BTCUSDT.P"), want: bought},
		"its symbol, but spot":           {signal: entry(trading.ActLong), bounds: symbols("BYBIT:BTCUSDT"), want: "symbol"},
		"its symbol elsewhere":           {signal: entry(trading.ActLong), bounds: symbols("BINANCE:BTCUSDT.P"), want: "symbol"},
		"another symbol":                 {signal: entry(trading.ActLong), bounds: symbols("ETHUSDT", "SOLUSDT"), want: "symbol"},
		"a close of another symbol":      {signal: alert(trading.ActClose, trading.SizeNone, ""), bounds: symbols("ETHUSDT"), held: "0.01", want: "symbol"},
		"long may open long":             {signal: entry(trading.ActLong), bounds: opens(trading.EntriesLong), want: bought},
		"long may not open short":        {signal: entry(trading.ActShort), bounds: opens(trading.EntriesLong), want: "action"},
		"short may open short":           {signal: entry(trading.ActShort), bounds: opens(trading.EntriesShort), want: sold},
		"short may not open long":        {signal: entry(trading.ActLong), bounds: opens(trading.EntriesShort), want: "action"},
		"both may":                       {signal: entry(trading.ActShort), bounds: opens(trading.EntriesBoth), want: sold},
		"none opens long":                {signal: entry(trading.ActLong), bounds: opens(trading.EntriesNone), want: "action"},
		"none opens short":               {signal: entry(trading.ActShort), bounds: opens(trading.EntriesNone), want: "action"},
		"none reaches a long":            {signal: target(trading.Long, "0.01"), bounds: opens(trading.EntriesNone), want: "action"},
		"long reaches a short":           {signal: target(trading.Short, "0.01"), bounds: opens(trading.EntriesLong), want: "action"},
		"short reaches a short":          {signal: target(trading.Short, "0.01"), bounds: opens(trading.EntriesShort), want: sold},
		"a word that is none":            {signal: entry(trading.ActLong), bounds: opens("any"), want: "action"},
		"none closes":                    {signal: alert(trading.ActClose, trading.SizeNone, ""), bounds: opens(trading.EntriesNone), held: "0.01", want: sold},
		"none reduces":                   {signal: reduceOnly(entry(trading.ActShort)), bounds: opens(trading.EntriesNone), held: "0.01", want: sold},
		"none reaches flat":              {signal: target(trading.Flat, "0"), bounds: opens(trading.EntriesNone), held: "0.01", want: sold},
		"long sells its spot":            {signal: spot(alert(trading.ActShort, trading.SizeBase, "0.01")), bounds: opens(trading.EntriesLong), want: "bybit:paper refused"},
		"long buys spot":                 {signal: spot(entry(trading.ActLong)), bounds: opens(trading.EntriesLong), want: bought},
		"only a notification goes":       {signal: alert(trading.ActNone, trading.SizeNone, ""), bounds: trading.Bounds{Accounts: []trading.AccountID{"bybit:live"}, Symbols: []string{"X1"}, Entries: trading.EntriesNone}, want: "paper:paper no_op"},
		"bound, and another is named":    {signal: long("0.01"), bounds: trading.Bounds{Strategy: "rsi"}, want: "strategy"},
		"bound to one that is not there": {signal: entry(trading.ActLong), bounds: trading.Bounds{Strategy: "ema"}, want: "strategy"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			if c.held != "" {
				d.hold(trading.SlotBoth, c.held)
			}
			if had := d.tried(c.signal, c.bounds); had != c.want {
				t.Errorf("had %q, want %q", had, c.want)
			}
		})
	}
}

func TestA4_AKeyOfOneStrategyCannotTradeAnothersAccount(t *testing.T) {
	d := newDesk(t)
	d.stored(nil, "bybit:paper")
	d.strategies["rsi"] = strategy.Strategy{Name: "rsi", Enabled: true, Routes: []strategy.Route{{Account: "binance:paper", Enabled: true}}}
	ofEMA := trading.Bounds{Strategy: "ema"}
	toRSI := alert(trading.ActLong, trading.SizeBase, "0.01")
	toRSI.Strategy = "rsi"

	if had := d.tried(toRSI, ofEMA); had != "strategy" {
		t.Errorf("the name of the other strategy: had %q, want it refused", had)
	}
	if had := d.tried(toRSI, trading.Bounds{Accounts: []trading.AccountID{"bybit:paper"}}); had != "account" {
		t.Errorf("a key of one account and the name of a strategy on another: had %q, want it refused", had)
	}
	asks := onExchange(trading.Binance, alert(trading.ActLong, trading.SizeBase, "0.01"))
	if had := d.tried(asks, ofEMA); had != "bybit:paper executing buy 0.01" {
		t.Errorf("the other's exchange: had %q, want the account of the key's own strategy whatever the alert asks for", had)
	}
}

func TestAlertThatNamesNoStrategyFollowsTheOneOfItsKey(t *testing.T) {
	d := newDesk(t)
	d.stored(nil, "binance:paper", "mexc:paper")
	unnamed := alert(trading.ActLong, trading.SizeBase, "0.01")
	if had := d.tried(unnamed, trading.Bounds{Strategy: "ema"}); had != "binance:paper executing buy 0.01; mexc:paper executing buy 0.01" {
		t.Fatalf("had %q, want the accounts of the strategy", had)
	}
	if s := d.all[0].in; s.Strategy != "ema" || s.Signal.Strategy != "ema" {
		t.Errorf("the signal is of strategy %q %q, want ema: its statistics and its adds are counted there", s.Strategy, s.Signal.Strategy)
	}
}

func TestAlertThatIsHalfOutsideTheScopeGoesNowhere(t *testing.T) {
	d := newDesk(t)
	d.stored(nil, "bybit:paper", "binance:paper")
	if had := d.tried(long("0.01"), trading.Bounds{Accounts: []trading.AccountID{"bybit:paper"}}); had != "account" {
		t.Errorf("had %q, want all of it refused: a strategy that runs on half of its accounts is another strategy", had)
	}
	d.stored(func(s *strategy.Strategy) { s.Symbols = []strategy.Mapping{{Pattern: "BTCUSDT", To: "ETHUSDT"}} }, "bybit:paper")
	if had := d.tried(long("0.01"), trading.Bounds{Symbols: []string{"BTCUSDT"}}); had != "symbol" {
		t.Errorf("had %q, want what would be traded to count, not what is written", had)
	}
}

func TestPaperTwinNeedsNoPlaceInTheScope(t *testing.T) {
	d := newDesk(t)
	d.Parts.Mode = func(trading.Exchange, bool) trading.Mode { return trading.ModeLive }
	d.stored(func(s *strategy.Strategy) { s.PaperTwin = true }, "bybit:live")
	had := d.tried(long("0.01"), trading.Bounds{Accounts: []trading.AccountID{"bybit:live"}})
	if had != "bybit:live executing buy 0.01; bybit:paper executing buy 0.01" {
		t.Errorf("had %q, want the account and its twin", had)
	}
}

func TestA4_OrderLargerThanTheKeyMayAskForIsRefusedOnRecordWithTheNumbers(t *testing.T) {
	d := newDesk(t)
	small := trading.Bounds{MaxOrder: trading.MustMoney("100")}
	if had := d.tried(alert(trading.ActLong, trading.SizeBase, "0.01"), small); had != "bybit:paper refused" {
		t.Fatalf("had %q, want it refused and written down", had)
	}
	if want := "max order of the key: asked 600.00 USDT, allowed 100 USDT"; d.decision.Reason != want {
		t.Errorf("had %q, want %q", d.decision.Reason, want)
	}
	d = newDesk(t)
	d.stored(func(s *strategy.Strategy) {
		s.Routes[0].Size = trading.Size{Mode: trading.SizeQuote, Value: trading.MustRatio("600")}
	}, "bybit:paper")
	if had := d.tried(long("0.001"), small); had != "bybit:paper refused" {
		t.Errorf("had %q, want the size that would be sent to count, whoever chose it", had)
	}
	d = newDesk(t)
	d.hold(trading.SlotBoth, "0.5")
	if had := d.tried(alert(trading.ActClose, trading.SizeNone, ""), small); had != "bybit:paper executing sell 0.5" {
		t.Errorf("had %q, want the close to go whatever its size", had)
	}
}

func TestWhatACallerHearsOfAScopeNamesNoAccount(t *testing.T) {
	d := newDesk(t)
	d.stored(nil, "bybit:paper:secret")
	s := long("0.01")
	s.Bounds = trading.Bounds{Accounts: []trading.AccountID{"bybit:paper"}}
	_, err := d.Desk.Admit(t.Context(), s)
	known, ok := err.(*trading.Error)
	if !ok || known.Message != "outside what this key may do: account" || !strings.Contains(known.Error(), "bybit:paper:secret") {
		t.Errorf("had %v, want the bare word for the caller and the account for the log", err)
	}
}
