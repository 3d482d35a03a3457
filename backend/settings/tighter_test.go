package settings_test

import (
	"testing"

	"hoox/backend/settings"
)

func TestATighterValueIsToldFromALooserOne(t *testing.T) {
	live := settings.NewLive()
	for _, c := range []struct {
		key, from, to string
		want          bool
	}{
		{"trade:max_order_size", "5000", "500", true},
		{"trade:max_order_size", "500", "5000", false},
		{"trade:max_order_size", "500", "500", false},
		{"trade:max_order_size", "500", "0", false}, // 0 is no cap
		{"trade:max_order_size", "0", "500", true},
		{"trade:max_order_size", "0.3", "0.20", true},
		{"trade:max_leverage", "20", "5", true},
		{"trade:max_leverage", "5", "20", false},
		{"exchange:bybit:enabled", "true", "false", true},
		{"exchange:bybit:enabled", "false", "true", false},
		{"webhook:tradingview:ip_check_enabled", "false", "true", true},
		{"webhook:tradingview:ip_check_enabled", "true", "false", false},
		{"kill.trip.unknowns", "3", "1", true},
		{"kill.trip.unknowns", "3", "0", false}, // 0 is never
		{"protect:policy", "retry", "close", false},
		{"trade:routing", "{}", `{"*":"paper"}`, false},
		{"trade:kill_switch", "false", "true", false},
		{"trade:locked_symbols", `[]`, `["BTCUSDT"]`, true},
		{"trade:locked_symbols", `["BTCUSDT"]`, `["ETHUSDT","BTCUSDT"]`, true},
		{"trade:locked_symbols", `["BTCUSDT"]`, `[]`, false},
		{"trade:locked_symbols", `["BTCUSDT"]`, `["ETHUSDT"]`, false},
		{"trade:locked_symbols", `["BTCUSDT"]`, `["BTCUSDT@2026-11-23T10:00:00Z","ETHUSDT"]`, false},
		{"trade:locked_symbols", `["BTCUSDT@2026-11-23T10:00:00Z"]`, `["BTCUSDT"]`, true},
		{"trade:locked_symbols", `["BTCUSDT@2026-11-23T10:00:00Z"]`, `["BTCUSDT@2026-11-23T10:00:01Z"]`, true},
		{"trade:locked_symbols", `["BTCUSDT@2026-11-23T10:00:01Z"]`, `["BTCUSDT@2026-11-23T10:00:00Z","ETHUSDT"]`, false},
	} {
		s, err := live.Find(c.key)
		if err != nil {
			t.Fatal(err)
		}
		if had := s.Tightens(c.from, c.to); had != c.want {
			t.Errorf("%s from %s to %s: had %v, want %v: a stolen phone must not loosen anything", c.key, c.from, c.to, had, c.want)
		}
	}
}
