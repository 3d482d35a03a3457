package strategy_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"hoox/backend/strategy"
	"hoox/backend/trading"
)

const whole = `{"name":"ema 9/21","enabled":true,"routes":[
 {"account":"bybit:live:swing","enabled":true,"size":{"mode":"percent","value":"2.5"},"maxOrder":"500","maxPosition":"1000","leverage":3,"marginMode":"cross"},
 {"account":"binance:paper","enabled":false,"multiplier":"0.5"}],
 "symbols":[{"pattern":"*USD","to":"*USDT"},{"pattern":"BYBIT:BTC*","to":"BYBIT:BTCUSDT.P","account":"bybit:live:swing"}],
 "pyramiding":{"mode":"add","maxAdds":2},"cancelPrevious":true,"dust":true,"stopLoss":"2%","takeProfit":[{"at":"3%","share":"0.5"},{"at":"70000","share":"0.5"}],
 "trailingStop":"250.5","maxAge":30,"expectMinutes":90,"paperTwin":true}`

func TestStrategyIsReadAndWrittenBack(t *testing.T) {
	s, err := strategy.Decode([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	if r := s.Routes[0]; r.Account != "bybit:live:swing" || r.Size.Value.String() != "2.5" || r.MaxOrder.String() != "500" || r.Leverage != 3 || !r.Enabled {
		t.Errorf("first route is %+v", r)
	}
	if s.StopLoss.Percent.String() != "2" || s.TakeProfit[1].Price.String() != "70000" || s.MaxAge.Seconds() != 30 || s.Expect.Hours() != 1.5 || !s.PaperTwin || !s.Dust {
		t.Errorf("rules are %+v", s)
	}

	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	again, err := strategy.Decode(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	if first, second := words(t, s), words(t, again); first != second {
		t.Errorf("want the same after a round trip: %s", cmp.Diff(first, second))
	}
}

func words(t interface{ Fatal(...any) }, s strategy.Strategy) string {
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestWrongStrategyIsRefusedByTheNameOfThePlace(t *testing.T) {
	for _, c := range []struct{ text, field string }{
		{`{`, "strategy"},
		{`[]`, "strategy"},
		{`{"name":"a"} x`, "strategy"},
		{`{"name":"a","colour":"red"}`, "colour"},
		{`{"Name":"a"}`, "Name"},
		{`{"name":"a","name":"b"}`, "name"},
		{`{"name":""}`, "name"},
		{`{"name":" a"}`, "name"},
		{`{"name":"a","enabled":"yes"}`, "enabled"},
		{`{"name":"a","enabled":null}`, "enabled"},
		{`{"name":"a","routes":[{"account":"bybit"}]}`, "routes[0].account"},
		{`{"name":"a","routes":[{"account":"kraken:live"}]}`, "routes[0].account"},
		{`{"name":"a","routes":[{"account":"paper:live"}]}`, "routes[0].account"},
		{`{"name":"a","routes":[{"account":"bybit:live:"}]}`, "routes[0].account"},
		{`{"name":"a","routes":[{"account":"bybit:live"},{"account":"bybit:live"}]}`, "routes[1].account"},
		{`{"name":"a","routes":[{"account":"bybit:live","maxOrder":500}]}`, "routes[0].maxOrder"},
		{`{"name":"a","routes":[{"account":"bybit:live","maxOrder":"-1"}]}`, "routes[0].maxOrder"},
		{`{"name":"a","routes":[{"account":"bybit:live","leverage":"3"}]}`, "routes[0].leverage"},
		{`{"name":"a","routes":[{"account":"bybit:live","leverage":200}]}`, "routes[0].leverage"},
		{`{"name":"a","routes":[{"account":"bybit:live","leverage":1.5}]}`, "routes[0].leverage"},
		{`{"name":"a","routes":[{"account":"bybit:live","marginMode":"shared"}]}`, "routes[0].marginMode"},
		{`{"name":"a","routes":[{"account":"bybit:live","size":{"mode":"lots","value":"1"}}]}`, "routes[0].size.mode"},
		{`{"name":"a","routes":[{"account":"bybit:live","size":{"mode":"quantity"}}]}`, "routes[0].size.value"},
		{`{"name":"a","routes":[{"account":"bybit:live","multiplier":"2","size":{"mode":"quantity","value":"1"}}]}`, "routes[0].multiplier"},
		{`{"name":"a","routes":[{"account":"bybit:live","multiplier":"1e9"}]}`, "routes[0].multiplier"},
		{`{"name":"a","symbols":[{"pattern":"","to":"BTCUSDT"}]}`, "symbols[0].pattern"},
		{`{"name":"a","symbols":[{"pattern":"BTCUSD","to":"*USDT"}]}`, "symbols[0].to"},
		{`{"name":"a","pyramiding":{"mode":"double"}}`, "pyramiding.mode"},
		{`{"name":"a","pyramiding":{"mode":"ignore","maxAdds":2}}`, "pyramiding.maxAdds"},
		{`{"name":"a","stopLoss":"100%"}`, "stopLoss"},
		{`{"name":"a","stopLoss":"two"}`, "stopLoss"},
		{`{"name":"a","trailingStop":5}`, "trailingStop"},
		{`{"name":"a","takeProfit":[{"at":"1%","share":"0.6"},{"at":"2%","share":"0.6"}]}`, "takeProfit[1].share"},
		{`{"name":"a","takeProfit":[{"share":"0.6"}]}`, "takeProfit[0].at"},
		{`{"name":"a","maxAge":-1}`, "maxAge"},
		{`{"name":"a","maxAge":1000000}`, "maxAge"},
		{`{"name":"a","expectMinutes":-1}`, "expectMinutes"},
		{`{"name":"a","expectMinutes":43201}`, "expectMinutes"},
	} {
		_, err := strategy.Decode([]byte(c.text))
		if trading.KindOf(err) != trading.Invalid || !strings.HasPrefix(err.Error(), c.field+":") {
			t.Errorf("%s: had %v, want Invalid at %s: a person must see which place is wrong", c.text, err, c.field)
		}
	}
}

func TestAnyCheckedStrategySurvivesItsText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ratio := rapid.Custom(func(t *rapid.T) trading.Ratio {
			return trading.RatioUnits(rapid.Int64Range(1, 9999).Draw(t, "digits"), rapid.Int32Range(-4, -3).Draw(t, "exponent"))
		})
		s := strategy.Strategy{Name: rapid.StringMatching(`[a-z]([a-z /"<]{0,20}[a-z])?`).Draw(t, "name"), Enabled: rapid.Bool().Draw(t, "on"), Dust: rapid.Bool().Draw(t, "dust")}
		for _, account := range rapid.SliceOfNDistinct(rapid.SampledFrom([]trading.AccountID{"bybit:live", "bybit:paper", "mexc:testnet:a", "paper:paper"}), 0, 4, rapid.ID).Draw(t, "accounts") {
			r := strategy.Route{Account: account, Enabled: rapid.Bool().Draw(t, "route"), Leverage: rapid.IntRange(0, 125).Draw(t, "leverage")}
			if rapid.Bool().Draw(t, "sized") {
				r.Size = trading.Size{Mode: trading.SizePercent, Value: ratio.Draw(t, "size")}
			} else {
				r.Multiplier = ratio.Draw(t, "multiplier")
			}
			s.Routes = append(s.Routes, r)
		}
		s.StopLoss = trading.Level{Percent: ratio.Draw(t, "stop")}
		if err := s.Check(); err != nil {
			t.Fatalf("want it allowed: %v", err)
		}

		again, err := strategy.Decode([]byte(words(t, s)))

		if err != nil || words(t, again) != words(t, s) {
			t.Fatalf("%s became %s (%v)", words(t, s), words(t, again), err)
		}
	})
}

func FuzzDecodeNeverPanics(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte(`{"name":"a","routes":[null]}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := strategy.Decode(text)
		if err == nil && s.Check() != nil {
			t.Errorf("%s was let through and is wrong", text)
		}
	})
}
