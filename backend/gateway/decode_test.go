package gateway_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hoox/backend/gateway"
	"hoox/backend/trading"
)

func decode(t *testing.T, fields string) trading.Signal {
	t.Helper()
	s, had, err := gateway.Decode([]byte(with(fields)), "", clock)
	if err != nil {
		t.Fatalf("%s: want a signal, had %v", fields, err)
	}
	if had != key {
		t.Fatalf("want the key handed back, had %q", had)
	}
	return s
}

func TestDecodeReadsEveryField(t *testing.T) {
	s := decode(t, `"exchange":"BYBIT","action":"buy","symbol":"BYBIT:BTCUSDT.P","riskPercent":"1.5%","orderType":"LIMIT",
		"price":"67450.10","takeProfit":[{"price":70000,"share":50},{"percent":"5","share":50}],"stopLoss":"2%",
		"trailingStop":250.5,"leverage":"10","marginMode":"Isolated","reduceOnly":false,"test":"true","strategy":"ema 9/21",
		"comment":"entry\n1","time":"2026-05-20T07:10:49Z","maxAge":90,"idempotencyKey":"k-1",
		"notify":{"chatId":-100123,"message":"hi"},"notifyTelegram":true`)

	want := trading.Signal{
		Source: trading.FromWebhook, Key: "k-1", ReceivedAt: clock, SentAt: clock.Add(-time.Second), MaxAge: 90 * time.Second,
		Exchange: trading.Bybit, Symbol: "BYBIT:BTCUSDT.P", Action: trading.ActLong,
		Size: trading.Size{Mode: trading.SizeRisk, Value: trading.MustRatio("1.5")},
		Type: trading.Limit, Price: trading.MustPrice("67450.1"),
		TakeProfit: []trading.TakeProfit{
			{Level: trading.Level{Price: trading.MustPrice("70000")}, Share: trading.MustRatio("0.5")},
			{Level: trading.Level{Percent: trading.MustRatio("5")}, Share: trading.MustRatio("0.5")},
		},
		StopLoss: trading.Level{Percent: trading.MustRatio("2")}, TrailingStop: trading.Level{Price: trading.MustPrice("250.5")},
		Leverage: 10, MarginMode: trading.Isolated, Test: true, Strategy: "ema 9/21", Comment: "entry\n1",
		Notify:   &trading.Notify{ChatID: "-100123", Message: "hi"},
		Warnings: []string{`unknown field "notifyTelegram" was ignored`},
	}
	s.Raw = ""
	if text(s) != text(want) {
		t.Errorf("want %s\nhad  %s", text(want), text(s))
	}
}

// text prints a signal with its numbers as decimal text.
func text(s trading.Signal) string {
	n, target := s.Notify, s.Target
	s.Notify, s.Target = nil, nil
	return fmt.Sprintf("%+v notify=%+v target=%+v", s, n, target)
}

func TestDecodeKnowsEveryAction(t *testing.T) {
	for word, action := range map[string]trading.Action{
		"LONG": trading.ActLong, "long": trading.ActLong, "Buy": trading.ActLong, "SHORT": trading.ActShort, "sell": trading.ActShort,
		"close_long": trading.ActCloseLong, "CLOSE_SHORT": trading.ActCloseShort, "close": trading.ActClose, "FLAT": trading.ActFlat,
	} {
		if s := decode(t, `"action":"`+word+`","symbol":"BTC/USDT","quantity":1`); s.Action != action {
			t.Errorf("%s: want %s, had %s", word, action, s.Action)
		}
	}
	if s := decode(t, `"action":"CLOSE","symbol":"BTCUSDT"`); s.Size.Mode != trading.SizeNone {
		t.Errorf("want a close without a size to mean all, had %v", s.Size)
	}
}

func TestReduceOnlyOrderMayDoWithoutASize(t *testing.T) {
	if s := decode(t, `"action":"SELL","symbol":"BTCUSDT","reduceOnly":true`); !s.ReduceOnly || s.Size.Mode != trading.SizeNone {
		t.Errorf("want a close of all, had %+v", s)
	}
}

func TestStrategyAlertsAskForATargetPosition(t *testing.T) {
	tests := map[string]struct {
		fields  string
		target  trading.Target
		size    trading.SizeMode
		warning string
	}{
		"entry": {fields: `"action":"buy","contracts":"2","marketPosition":"long","prevMarketPosition":"flat","marketPositionSize":"2"`,
			target: trading.Target{Direction: trading.Long, Quantity: trading.MustQty("2"), Previous: trading.Flat}},
		"flip sizes from the position, not from contracts": {fields: `"action":"sell","contracts":"5","quantity":"5","marketPosition":"short","prevMarketPosition":"long","marketPositionSize":"2"`,
			target: trading.Target{Direction: trading.Short, Quantity: trading.MustQty("2"), Previous: trading.Long}},
		"partial exit": {fields: `"action":"sell","marketPosition":"long","prevMarketPosition":"long","marketPositionSize":1`,
			target: trading.Target{Direction: trading.Long, Quantity: trading.MustQty("1"), Previous: trading.Long}},
		"exit": {fields: `"action":"sell","marketPosition":"flat","prevMarketPosition":"long","marketPositionSize":0`,
			target: trading.Target{Direction: trading.Flat, Previous: trading.Long}},
		"without action":   {fields: `"marketPosition":"FLAT"`, target: trading.Target{Direction: trading.Flat}},
		"signed size":      {fields: `"marketPosition":"short","marketPositionSize":-3`, target: trading.Target{Direction: trading.Short, Quantity: trading.MustQty("3")}},
		"sizes itself":     {fields: `"marketPosition":"long","percent":"10%"`, target: trading.Target{Direction: trading.Long}, size: trading.SizePercent},
		"flat with a size": {fields: `"marketPosition":"flat","marketPositionSize":3`, target: trading.Target{Direction: trading.Flat}, warning: "the position is closed"},
		"contradiction": {fields: `"action":"LONG","marketPosition":"short","marketPositionSize":3`,
			target: trading.Target{Direction: trading.Short, Quantity: trading.MustQty("3")}, warning: "does not fit marketPosition short"},
		"contradiction by what was before": {fields: `"action":"buy","marketPosition":"flat","prevMarketPosition":"long"`,
			target: trading.Target{Direction: trading.Flat, Previous: trading.Long}, warning: "does not fit marketPosition flat"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			s := decode(t, `"symbol":"BTCUSDT",`+test.fields)
			if s.Action != trading.ActTarget || s.Target == nil || fmt.Sprint(*s.Target) != fmt.Sprint(test.target) || s.Size.Mode != test.size {
				t.Errorf("want target %v sized %q, had %s %v sized %q", test.target, test.size, s.Action, s.Target, s.Size.Mode)
			}
			if warned := strings.Join(s.Warnings, "; "); (test.warning == "") != (warned == "") || !strings.Contains(warned, test.warning) {
				t.Errorf("want warning %q, had %q", test.warning, warned)
			}
		})
	}
}

func TestDecodeNamesTheFieldThatIsWrong(t *testing.T) {
	const entry = `"action":"LONG","symbol":"BTCUSDT",`
	tests := map[string]struct{ fields, field string }{
		"nothing to do":               {`"strategy":"x"`, ""},
		"no action":                   {`"symbol":"BTCUSDT","quantity":1`, "action"},
		"only a quantity":             {`"quantity":1`, "action"},
		"unknown action":              {`"action":"HOLD","symbol":"BTCUSDT"`, "action"},
		"action is a number":          {`"action":1,"symbol":"BTCUSDT"`, "action"},
		"no symbol":                   {`"action":"CLOSE"`, "symbol"},
		"empty symbol":                {`"action":"CLOSE","symbol":""`, "symbol"},
		"unknown exchange":            {entry + `"quantity":1,"exchange":"kraken"`, "exchange"},
		"entry without size":          {`"action":"LONG","symbol":"BTCUSDT"`, "quantity"},
		"null is absent":              {entry + `"quantity":null`, "quantity"},
		"two sizes":                   {entry + `"quantity":1,"percent":5`, "percent"},
		"quantity and contracts":      {entry + `"quantity":1,"contracts":1`, "contracts"},
		"quantity is an object":       {entry + `"quantity":{}`, "quantity"},
		"risk without stop":           {entry + `"riskPercent":1`, "stopLoss"},
		"risk above all":              {entry + `"riskPercent":101,"stopLoss":1`, "riskPercent"},
		"close by risk":               {`"action":"CLOSE","symbol":"BTCUSDT","riskPercent":1,"stopLoss":1`, "riskPercent"},
		"limit without price":         {entry + `"quantity":1,"orderType":"limit"`, "price"},
		"stop order type":             {entry + `"quantity":1,"orderType":"stop"`, "orderType"},
		"leverage 126":                {entry + `"quantity":1,"leverage":126`, "leverage"},
		"leverage 0":                  {entry + `"quantity":1,"leverage":0`, "leverage"},
		"leverage 1.5":                {entry + `"quantity":1,"leverage":1.5`, "leverage"},
		"margin mode":                 {entry + `"quantity":1,"marginMode":"portfolio"`, "marginMode"},
		"reduceOnly is a number":      {entry + `"quantity":1,"reduceOnly":1`, "reduceOnly"},
		"test is a word":              {entry + `"quantity":1,"test":"yes"`, "test"},
		"stop is a list":              {entry + `"quantity":1,"stopLoss":[1]`, "stopLoss"},
		"stop of 100 %":               {entry + `"quantity":1,"stopLoss":"100%"`, "stopLoss"},
		"targets promise too much":    {entry + `"quantity":1,"takeProfit":[{"price":1,"share":"60%"},{"price":2,"share":0.5}]`, "takeProfit"},
		"targets without share":       {entry + `"quantity":1,"takeProfit":[{"price":1},{"price":2}]`, "takeProfit[0].share"},
		"target without level":        {entry + `"quantity":1,"takeProfit":[{"share":1}]`, "takeProfit[0]"},
		"target with two levels":      {entry + `"quantity":1,"takeProfit":[{"price":1,"percent":1}]`, "takeProfit[0]"},
		"no targets":                  {entry + `"quantity":1,"takeProfit":[]`, "takeProfit"},
		"time ahead":                  {entry + `"quantity":1,"time":"2026-05-20T07:12:51Z"`, "time"},
		"time of nowhere":             {entry + `"quantity":1,"time":"yesterday"`, "time"},
		"time of five digits":         {entry + `"quantity":1,"time":12345`, "time"},
		"maxAge 4":                    {entry + `"quantity":1,"maxAge":4`, "maxAge"},
		"maxAge too long":             {entry + `"quantity":1,"maxAge":86401`, "maxAge"},
		"empty key":                   {entry + `"quantity":1,"idempotencyKey":""`, "idempotencyKey"},
		"long key":                    {entry + `"quantity":1,"idempotencyKey":"` + strings.Repeat("a", 129) + `"`, "idempotencyKey"},
		"key beyond ASCII":            {entry + `"quantity":1,"idempotencyKey":"ключ"`, "idempotencyKey"},
		"notify is a text":            {`"notify":"hi"`, "notify"},
		"notify without chat":         {`"notify":{"message":"hi"}`, "notify.chatId"},
		"chat is a name":              {`"notify":{"chatId":"@me"}`, "notify.chatId"},
		"field inside in other case":  {`"notify":{"chatid":"1"}`, "notify.chatId"},
		"target without size":         {`"symbol":"BTCUSDT","marketPosition":"long"`, "marketPositionSize"},
		"target of zero":              {`"symbol":"BTCUSDT","marketPosition":"long","marketPositionSize":0`, "marketPositionSize"},
		"negative long":               {`"symbol":"BTCUSDT","marketPosition":"long","marketPositionSize":-1`, "marketPositionSize"},
		"size of no position":         {entry + `"quantity":1,"marketPositionSize":1`, "marketPosition"},
		"target word":                 {`"symbol":"BTCUSDT","marketPosition":"up"`, "marketPosition"},
		"price is a thousand-grouped": {entry + `"quantity":1,"orderType":"limit","price":"67,450.1"`, "price"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, had, err := gateway.Decode([]byte(with(test.fields)), "", clock)
			if trading.KindOf(err) != trading.Invalid || had != key {
				t.Fatalf("want Invalid and the key, had %v and %q", err, had)
			}
			if e := err.(*trading.Error); e.Field != test.field {
				t.Errorf("want field %q, had %q: %v", test.field, e.Field, err)
			}
		})
	}
}

func TestAlertThatOnlyNotifiesTradesNothing(t *testing.T) {
	s := decode(t, `"notify":{"chatId":"42","message":"up\n5 %"},"action":null`)
	if s.Action != trading.ActNone || s.Notify.Message != "up\n5 %" {
		t.Errorf("want a notification only, had %s %+v", s.Action, s.Notify)
	}
}

func TestTimesAreReadAsTextSecondsOrMilliseconds(t *testing.T) {
	for _, written := range []string{`"2026-05-20T07:10:40Z"`, `"2026-05-20T09:10:40+02:00"`, `1779261040`, `"1779261040"`, `1779261040000`} {
		s := decode(t, long+`,"time":`+written)
		if !s.SentAt.Equal(clock.Add(-10*time.Second)) || s.SentAt.Location() != time.UTC {
			t.Errorf("%s: want %s, had %s", written, clock.Add(-10*time.Second), s.SentAt)
		}
	}
	if s := decode(t, long+`,"time":"2026-05-20T07:12:50Z"`); s.SentAt.IsZero() {
		t.Error("want 120 s ahead accepted")
	}
}

func TestIdempotencyKeyOfTheBodyWinsOverTheHeader(t *testing.T) {
	s, _, err := gateway.Decode([]byte(with(long)), "from-header", clock)
	if err != nil || s.Key != "from-header" {
		t.Errorf("want the header's key, had %q %v", s.Key, err)
	}
	s, _, err = gateway.Decode([]byte(with(long+`,"idempotencyKey":"from-body"`)), "from-header", clock)
	if err != nil || s.Key != "from-body" {
		t.Errorf("want the body's key, had %q %v", s.Key, err)
	}
}

func TestKeyIsCutOutOfEverythingThatIsKept(t *testing.T) {
	body := with(long + `,"comment":"my key is ` + key + `!","strategy":"` + key + `","` + key + `":1,"x":["\u0034` + key[1:] + `"],"notify":{"chatId":"1","message":"` + key + `"}`)
	s, _, err := gateway.Decode([]byte(body), "", clock)
	if err != nil {
		t.Fatal(err)
	}
	if all := text(s); strings.Contains(all, key) || strings.Contains(all, key[1:]) {
		t.Errorf("want no key anywhere on the signal, had %s: it would be stored", all)
	}
	if !strings.HasPrefix(s.Raw, `{"apiKey":"•••","exchange":"bybit"`) || s.Comment != "my key is •••!" {
		t.Errorf("want the rest as it came, had %s", s.Raw)
	}
}

func TestUnknownFieldsAreWarnedAboutWithAGuess(t *testing.T) {
	s := decode(t, long+`,"stop_loss":1,"qty":2,"foo":3`)
	had := strings.Join(s.Warnings, "\n")
	for _, want := range []string{`"stop_loss" was ignored: did you mean "stopLoss"?`, `"qty" was ignored: did you mean "quantity"?`, `"foo" was ignored`} {
		if !strings.Contains(had, want) {
			t.Errorf("want %s, had %s", want, had)
		}
	}
	if !strings.Contains(s.Raw, `"foo":3`) {
		t.Errorf("want unknown fields kept on the signal, had %s", s.Raw)
	}
}

func TestDecimalsKeepTheirText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.StringMatching(`[1-9][0-9]{0,17}(\.[0-9]{0,17}[1-9])?`).Draw(t, "n")
		quote := rapid.SampledFrom([]string{"", `"`}).Draw(t, "quote")
		s, _, err := gateway.Decode([]byte(with(`"action":"LONG","symbol":"X","quantity":`+quote+n+quote+`,"stopLoss":`+quote+n+quote)), "", clock)
		if err != nil || s.Size.Value.String() != n || s.StopLoss.Price.String() != n {
			t.Fatalf("want %s unchanged, had %s %s %v", n, s.Size.Value, s.StopLoss.Price, err)
		}
	})
}

func FuzzDecode(f *testing.F) {
	for _, fields := range []string{
		long, `"marketPosition":"short","marketPositionSize":"2","prevMarketPosition":"long","symbol":"BYBIT:BTCUSDT.P"`,
		long + `,"takeProfit":[{"price":1,"share":"50%"}],"notify":{"chatId":1}`, `"quantity":{{plot_0}}`, `"a":[[[[]]]]`, `"comment":"\ud83d\ude00"`,
	} {
		f.Add([]byte(with(fields)), "h")
	}
	for _, body := range []string{"", "{", "\ufeff{}", "{“a”:1}", "[1,]", `{"a":1,"A":2}`, "\xff", `{"time":1779261050000,"apiKey":"•••"}`} {
		f.Add([]byte(body), "")
	}
	f.Fuzz(func(t *testing.T, body []byte, header string) {
		first, key, err := gateway.Decode(body, header, clock)
		if err != nil {
			if trading.KindOf(err) != trading.Invalid {
				t.Fatalf("want Invalid, had %v", err)
			}
			return
		}
		second, _, err := gateway.Decode(body, header, clock)
		if err != nil || !reflect.DeepEqual(first, second) {
			t.Fatalf("want the same signal twice, had %v\n%+v\n%+v", err, first, second)
		}
		if len(key) >= 16 && strings.Contains(text(first), key) {
			t.Fatalf("want no key on the signal, had %q in %s", key, text(first))
		}
	})
}
