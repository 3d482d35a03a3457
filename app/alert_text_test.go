package app

import (
	"encoding/json"
	"strings"
	"testing"

	"hoox/backend/gateway"
	"hoox/backend/trading"
)

// read fills a built alert in as TradingView would and lets the gateway's own decoder read it.
func read(t *testing.T, req BuildAlert) trading.Signal {
	t.Helper()
	built, err := writeAlert(req)
	if err != nil {
		t.Fatalf("%+v: %v", req, err)
	}
	if !json.Valid([]byte(built.JSON)) {
		t.Fatalf("no JSON: %s", built.JSON)
	}
	s, key, err := gateway.Decode([]byte(fillPlaceholders(built.JSON, noon)), "", noon)
	if err != nil {
		t.Fatalf("the gateway refuses its own alert: %v\n%s", err, built.JSON)
	}
	if key != keyMask || !s.SentAt.Equal(noon.Truncate(1e9)) {
		t.Errorf("key %q, time %s, want the mask and {{timenow}}", key, s.SentAt)
	}
	return s
}

func TestBuiltAlertsMeanWhatWasAsked(t *testing.T) {
	long := read(t, BuildAlert{Kind: "indicator", Exchange: "bybit", Symbol: "BTCUSDT", Action: "LONG", SizeMode: "riskPercent", Size: "1.5",
		Leverage: "10", OrderType: "limit", Price: "{{close}}", TakeProfit: "3 %", StopLoss: "63000", TrailingStop: "1.5%", Strategy: "break \"out\" <b>", MaxAge: "30", Test: true})
	if long.Action != trading.ActLong || long.Exchange != trading.Bybit || long.Symbol != "BTCUSDT" || long.Size.Mode != trading.SizeRisk || long.Size.Value.String() != "1.5" ||
		long.Leverage != 10 || long.Type != trading.Limit || long.Price.String() != "64200" || long.TakeProfit[0].Percent.String() != "3" ||
		long.StopLoss.Price.String() != "63000" || long.TrailingStop.Percent.String() != "1.5" || long.Strategy != `break "out" <b>` || long.MaxAge.Seconds() != 30 || !long.Test {
		t.Errorf("signal %+v", long)
	}
	closing := read(t, BuildAlert{Kind: "indicator", Exchange: "paper", Action: "close", SizeMode: "percent", Size: "50", StopLoss: "1%"})
	if closing.Action != trading.ActClose || closing.Symbol != "BTCUSDT.P" || closing.Size.Mode != trading.SizePercent || !closing.StopLoss.IsZero() {
		t.Errorf("signal %+v, want a half close without a stop", closing)
	}
	strategy := read(t, BuildAlert{Kind: "strategy", Exchange: "bybit", SizeMode: "quoteQuantity", Size: "250", Leverage: "3"})
	if strategy.Action != trading.ActTarget || strategy.Target.Direction != trading.Long || strategy.Target.Previous != trading.Flat || strategy.Size.Mode != trading.SizeQuote {
		t.Errorf("signal %+v, want the strategy's position as target", strategy)
	}
	own := read(t, BuildAlert{Kind: "strategy", SizeMode: "quantity", Size: "7"})
	if own.Exchange != "" || own.Symbol != "BYBIT:BTCUSDT.P" || own.Size.Mode != trading.SizeNone || own.Target.Quantity.String() != "0.01" {
		t.Errorf("signal %+v, want the chart's exchange and the strategy's own size", own)
	}
}

func TestAnAlertThatCannotWorkIsRefusedByItsField(t *testing.T) {
	fine := BuildAlert{Kind: "indicator", Exchange: "bybit", Symbol: "BTCUSDT", Action: "LONG", SizeMode: "quantity", Size: "0.01"}
	for _, c := range []struct {
		change func(*BuildAlert)
		field  string
	}{
		{func(r *BuildAlert) { r.Kind = "price" }, "kind"}, {func(r *BuildAlert) { r.Exchange = "nyse" }, "exchange"},
		{func(r *BuildAlert) { r.Action = "HOLD" }, "action"}, {func(r *BuildAlert) { r.Size = "" }, "size"},
		{func(r *BuildAlert) { r.Size = "1e3" }, "size"}, {func(r *BuildAlert) { r.Size = "-1" }, "size"},
		{func(r *BuildAlert) { r.SizeMode = "lots" }, "sizeMode"}, {func(r *BuildAlert) { r.SizeMode = "riskPercent" }, "stopLoss"},
		{func(r *BuildAlert) { r.SizeMode, r.Action = "riskPercent", "CLOSE" }, "sizeMode"},
		{func(r *BuildAlert) { r.OrderType = "stop" }, "orderType"}, {func(r *BuildAlert) { r.OrderType = "limit" }, "price"},
		{func(r *BuildAlert) { r.StopLoss = "below" }, "stopLoss"}, {func(r *BuildAlert) { r.TakeProfit = "x%" }, "takeProfit"},
		{func(r *BuildAlert) { r.Leverage = "ten" }, "leverage"}, {func(r *BuildAlert) { r.MaxAge = "soon" }, "maxAge"},
	} {
		req := fine
		c.change(&req)
		_, err := writeAlert(req)
		if fault := faultOf(err, ""); err == nil || fault.Kind != "invalid" || fault.Field != c.field {
			t.Errorf("%+v: had %v, want invalid about %s", req, err, c.field)
		}
	}
}

func TestTheKeyGoesWhereItsMaskIs(t *testing.T) {
	for body, want := range map[string]string{
		`{"apiKey":"<apiKey>","a":1}`: `{"apiKey":"k\"1","a":1}`,
		`{"a":1}`:                     `{"apiKey":"k\"1","a":1}`,
		`{"apiKey":"own","a":1}`:      `{"apiKey":"own","a":1}`,
		`plain`:                       `plain`,
	} {
		if had := string(withKey([]byte(body), `k"1`)); had != want {
			t.Errorf("%s became %s, want %s", body, had, want)
		}
	}
}

func TestTablesAlignAndOutsideTextStaysOnItsLine(t *testing.T) {
	table := columns("what", "size>", "note")
	table.add("a", "1.5", "x\r\nforged\x1b[31m")
	table.add("long name", "10", "")
	var b strings.Builder
	table.print(&b)
	want := "WHAT       SIZE  NOTE\na           1.5  x  forged [31m\nlong name    10  –\n"
	if b.String() != want {
		t.Errorf("had\n%s\nwant\n%s", b.String(), want)
	}
}

func TestTheBuilderRefusesWhatTheGatewayWould(t *testing.T) {
	good := BuildAlert{Kind: "indicator", Exchange: "bybit", Symbol: "BTCUSDT", Action: "LONG", Size: "{{plot_0}}", StopLoss: "{{plot_1}}"}
	if _, err := writeAlert(good); err != nil {
		t.Errorf("had %v, want placeholders taken that only the chart can fill", err)
	}
	for field, spoil := range map[string]func(*BuildAlert){
		"symbol": func(b *BuildAlert) { b.Symbol = "BTC USDT" },
		// Quoted, TradingView does not know it for a placeholder.
		"stopLoss": func(b *BuildAlert) { b.StopLoss = `{{plot("stop")}}` },
		"strategy": func(b *BuildAlert) { b.Strategy = "a\x00" },
		"maxAge":   func(b *BuildAlert) { b.MaxAge = "0.5" },
		"leverage": func(b *BuildAlert) { b.Leverage = "1000" },
	} {
		bad := good
		spoil(&bad)
		if built, err := writeAlert(bad); trading.KindOf(err) != trading.Invalid || !strings.Contains(err.Error(), field) {
			t.Errorf("%s: had %s %v, want it refused here: TradingView would send it in vain", field, built.JSON, err)
		}
	}
}
