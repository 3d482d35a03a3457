package binance_test

import (
	"net/url"
	"reflect"
	"testing"

	"hoox/backend/exchange/binance"
	"hoox/backend/trading"
)

func TestX4_TestnetAndLiveShareNoHost(t *testing.T) {
	named := func(m trading.Mode) map[string]bool {
		hosts := map[string]bool{}
		for _, field := range reflect.ValueOf(binance.Hosts(m)).Fields() {
			if u, err := url.Parse(field.String()); err != nil || field.String() != "" && u.Scheme != "https" && u.Scheme != "wss" {
				t.Errorf("%s: %q is no encrypted address (%v)", m, field, err)
			} else if u.Hostname() != "" {
				hosts[u.Hostname()] = true
			}
		}
		return hosts
	}
	live, test := named(trading.ModeLive), named(trading.ModeTestnet)
	for host := range test {
		if live[host] {
			t.Errorf("%s serves both: an order that is meant for practice could move real money", host)
		}
	}
	if len(live) == 0 || len(test) == 0 {
		t.Errorf("hosts %v and %v, want some of each", live, test)
	}
}
