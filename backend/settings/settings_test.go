package settings_test

import (
	"strings"
	"testing"
	"time"

	"hoox/backend/settings"
	"hoox/backend/trading"
)

func TestEveryDefaultIsAllowedByItsOwnBounds(t *testing.T) {
	seen := map[string]bool{}
	for _, s := range settings.Manifest() {
		if seen[s.Key] {
			t.Errorf("%s is listed twice", s.Key)
		}
		seen[s.Key] = true
		if got, err := s.Canonical(s.Default); err != nil || got != s.Default {
			t.Errorf("%s: default %q became %q (%v), want it canonical and allowed", s.Key, s.Default, got, err)
		}
		if s.Help == "" || s.Group == "" || s.Bounds() == "" {
			t.Errorf("%s lacks help, group or bounds: a trader changes what he understands", s.Key)
		}
	}
}

func TestBadValuesAreRefusedInWordsAndChangeNothing(t *testing.T) {
	l := settings.NewLive()
	for key, bad := range map[string][]string{
		"webhook:rate_limit":                   {"-1", "ten", "", "1.5", "100001"},
		"webhook:tradingview:ip_check_enabled": {"maybe", ""},
		"webhook:queue_mode":                   {"queue_disabled", ""},
		"trade:max_order_size":                 {"NaN", "1e9", "-5"},
		"webhook:tradingview:allowed_ips":      {"1.2.3", "300.1.1.1", "10.0.0.0/99", "a b"},
		"trade:routing":                        {"[]", "{", "null", `{"*":"kraken"}`, `{"*":5}`, `{"*":""}`, `{"*":["bybit"]}`, `{"BTCUSDT":"bybit","btcusdt":"mexc"}`},
		"trade:default_leverage":               {"0", "126"},
		"trade:locked_symbols": {"BYBIT:BTCUSDT", "BTCUSDT.P", "*", "BTCUSDT@soon", "BTCUSDT@2026-11-23", "BTCUSDT,BTC_USDT", "BTCUSDT,BTCUSDT@2026-11-23T10:00:00Z", `[""]`,
			`["BTCUSDT",5]`},
	} {
		for _, value := range bad {
			s, err := l.Find(key)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := s.Canonical(value); trading.KindOf(err) != trading.Invalid || !strings.Contains(err.Error(), key) {
				t.Errorf("%s = %q: had %v, want Invalid naming the key", key, value, err)
			}
		}
	}
}

func TestBooleansAreReadGenerouslyAndStoredOnce(t *testing.T) {
	s, _ := settings.NewLive().Find("kill.block_closes")
	for _, text := range []string{"true", "TRUE", "1", "yes", " on ", "true\n"} {
		if got, err := s.Canonical(text); got != "true" || err != nil {
			t.Errorf("%q: had %q %v, want true", text, got, err)
		}
	}
}

func TestAliasReadsAndWritesTheSameValue(t *testing.T) {
	l := settings.NewLive()
	s, err := l.Find("webhook:allowed_ips")
	if err != nil || s.Key != "webhook:tradingview:allowed_ips" {
		t.Fatalf("had %v %v", s.Key, err)
	}
	value, err := s.Canonical("10.0.0.0/8, 1.2.3.4")
	if err != nil {
		t.Fatal(err)
	}
	l.Put(s.Key, value)
	if got := l.Now().Text("webhook:allowed_ips"); got != `["10.0.0.0/8","1.2.3.4"]` {
		t.Fatalf("alias shows %s", got)
	}
	if got, err := settings.ParsePrefix("::ffff:1.2.3.4/120"); err != nil || got.String() != "1.2.3.0/24" {
		t.Errorf("a mapped range is %v (%v), want 1.2.3.0/24: it would let nobody in", got, err)
	}
	if p := l.Now().Prefixes("webhook:allowed_ips"); p[1].String() != "1.2.3.4/32" {
		t.Fatalf("had %v", p)
	}
}

func TestLockedSymbolsAreStoredInOneWay(t *testing.T) {
	l := settings.NewLive()
	s, _ := l.Find("trade:locked_symbols")
	value, err := s.Canonical("btc_usdt, ETH/USDT@2026-11-23T12:00:00+02:00")
	if err != nil || value != `["BTCUSDT","ETHUSDT@2026-11-23T10:00:00Z"]` {
		t.Fatalf("had %s %v", value, err)
	}
	l.Put(s.Key, value)
	locks := l.Now().Locks(s.Key)
	if len(locks) != 2 || locks[0] != (trading.Lock{Symbol: "BTCUSDT"}) || locks[1] != (trading.Lock{Symbol: "ETHUSDT", Until: time.Date(2026, 11, 23, 10, 0, 0, 0, time.UTC)}) {
		t.Errorf("had %+v", locks)
	}
}

func TestStoredValueThatIsNoLongerAllowedFallsBackAndIsReported(t *testing.T) {
	l := settings.NewLive()
	refused := l.Load(map[string]string{"webhook:rate_limit": "lots", "no:such": "1", "trade:max_leverage": "7"})
	if len(refused) != 2 || l.Now().Int("webhook:rate_limit") != 10 || l.Now().Int("trade:max_leverage") != 7 {
		t.Fatalf("had %v, limit %s, leverage %s", refused, l.Now().Text("webhook:rate_limit"), l.Now().Text("trade:max_leverage"))
	}
}

func TestRoutingTakesKnownExchangesInAnyCase(t *testing.T) {
	s, _ := settings.NewLive().Find("trade:routing")
	for _, text := range []string{`{}`, ``, `{"*":"paper"}`, `{"BTCUSDT":"BYBIT","*":"mexc"}`} {
		if _, err := s.Canonical(text); err != nil {
			t.Errorf("%s: had %v, want it allowed", text, err)
		}
	}
}
