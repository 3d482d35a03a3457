package binancesim_test

import (
	"strings"
	"testing"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/binancesim"
	"hoox/backend/trading"
)

func TestAnswersOfDoubtAreToldApartByTextOnly(t *testing.T) {
	for _, c := range []struct {
		name     string
		fault    exchangesim.Fault
		status   int
		code     int
		text     string
		executed bool
	}{
		{"503 unknown, executed", binancesim.Unknown503(true), 503, -1000, "Unknown error, please check your request or try again later.", true},
		{"503 unknown, not executed", binancesim.Unknown503(false), 503, -1000, "Unknown error, please check your request or try again later.", false},
		{"503 unavailable", binancesim.Unavailable503(), 503, -1000, "Service Unavailable.", false},
		{"503 overload", binancesim.Overloaded503(), 503, -1008, "Request throttled by system-level protection. Reduce-only/close-position orders are exempt. Please try again.", false},
		{"-1006 executed", binancesim.MessageBus(true), 500, -1006, "Execution status unknown.", true},
		{"-1006 not executed", binancesim.MessageBus(false), 500, -1006, "Execution status unknown.", false},
		{"408 executed", binancesim.BackendTimeout(true), 408, -1007, "execution status unknown.", true},
		{"408 not executed", binancesim.BackendTimeout(false), 408, -1007, "execution status unknown.", false},
		{"HTML after the order", exchangesim.Fault{Status: 502}, 502, 0, "<html>", true},
		{"firewall", exchangesim.Fault{Status: 403, Refuse: true}, 403, 0, "<html>", false},
		{"banned", exchangesim.Fault{Banned: true, RetryAfter: 2 * time.Minute}, 418, -1003, "IP banned until 1760000120000", false},
		{"limited", exchangesim.Fault{Code: -1003, Text: "Too many requests.", Refuse: true}, 429, -1003, "Too many requests.", false},
	} {
		w := newFutures(t, binancesim.Options{})
		w.core.SetFaults(func(path, link string) exchangesim.Fault { return c.fault })
		a := w.call("POST", "/fapi/v1/order", marketBuy+"hx1")
		if a.status != c.status || a.code() != c.code || !strings.Contains(a.body, c.text) {
			t.Errorf("%s: want %d %d %q, had %d %s", c.name, c.status, c.code, c.text, a.status, a.body)
		}
		if executed := len(w.core.Fills()) == 1; executed != c.executed {
			t.Errorf("%s: want executed %v, had %d fills", c.name, c.executed, len(w.core.Fills()))
		}
		if c.fault.Banned && w.headers.Get("Retry-After") != "120" {
			t.Errorf("want Retry-After 120, had %q", w.headers.Get("Retry-After"))
		}
	}
}

func TestOverloadLetsThroughWhatReduces(t *testing.T) {
	w := newFutures(t, binancesim.Options{})
	w.good("POST", "/fapi/v1/order", marketBuy+"in")
	w.core.SetFaults(func(path, link string) exchangesim.Fault { return binancesim.Overloaded503() })
	w.good("POST", "/fapi/v1/order", "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01&reduceOnly=true")
	if !w.core.Position("BTCUSDT", trading.SlotBoth).Qty.IsZero() {
		t.Error("want the position closed")
	}
}

func TestScriptedExecutionsReachTheCore(t *testing.T) {
	w := newSpot(t, binancesim.Options{})
	fault := exchangesim.Fault{Hide: 10 * time.Second}
	w.core.SetFaults(func(path, link string) exchangesim.Fault { return fault })
	const buy = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.002&newClientOrderId="
	w.good("POST", "/api/v3/order", buy+"hidden")
	w.bad(-2013, "Order does not exist.", "GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=hidden")
	if n := len(w.good("GET", "/api/v3/myTrades", "symbol=BTCUSDT").list); n != 0 {
		t.Errorf("want the fills of a hidden order hidden, had %d", n)
	}
	w.clock.add(10 * time.Second)
	wants(t, "shown", w.good("GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=hidden").row, `{"status":"FILLED"}`)

	fault = exchangesim.Fault{Twice: true}
	w.good("POST", "/api/v3/order", buy+"twice")
	if n := len(w.core.Fills()); n != 3 {
		t.Errorf("want a repeated request to buy twice, had %d fills", n)
	}
	fault = exchangesim.Fault{RejectLater: true}
	wants(t, "rejected", w.good("POST", "/api/v3/order", buy+"no").row, `{"status":"REJECTED","executedQty":"0.00000000"}`)
	fault = exchangesim.Fault{Slices: 4}
	if fills := w.good("POST", "/api/v3/order", buy+"sliced").row["fills"].([]any); len(fills) != 4 {
		t.Errorf("want 4 fills, had %d", len(fills))
	}
	fault = exchangesim.Fault{FillFirst: true}
	w.good("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=60000&newClientOrderId=race")
	w.bad(-2011, "Unknown order sent.", "DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=race")
	wants(t, "filled before the cancel", w.good("GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=race").row, `{"status":"FILLED"}`)
	cut := `{"symbol":"BTC`
	fault = exchangesim.Fault{Body: &cut}
	if a := w.call("POST", "/api/v3/order", buy+"cut"); a.body != cut || a.row != nil {
		t.Errorf("want the cut body, had %s", a.body)
	}
	fault = exchangesim.Fault{Huge: true}
	if a := w.call("GET", "/api/v3/account", ""); len(a.body) < 10<<20 {
		t.Errorf("want more than anybody should read, had %d bytes", len(a.body))
	}
	fault = exchangesim.Fault{Delay: 20 * time.Millisecond}
	before := time.Now()
	w.good("GET", "/api/v3/account", "")
	if d := time.Since(before); d < 20*time.Millisecond {
		t.Errorf("want the answer held back, had it after %s", d)
	}
}

func TestWeightIsCountedToldAndEndsInABan(t *testing.T) {
	w := newSpot(t, binancesim.Options{Weight: 50})
	w.good("GET", "/api/v3/account", "")
	if h := w.headers.Get("X-MBX-USED-WEIGHT-1M"); h != "20" {
		t.Errorf("want weight 20 told, had %q", h)
	}
	w.good("GET", "/api/v3/account", "")
	a := w.call("GET", "/api/v3/account", "")
	if a.status != 429 || a.code() != -1003 || w.headers.Get("Retry-After") != "40" {
		t.Errorf("want 429 with the seconds to the next minute, had %d %s %q", a.status, a.body, w.headers.Get("Retry-After"))
	}
	for range 10 {
		a = w.call("GET", "/api/v3/time", "")
	}
	if a.status != 418 || w.headers.Get("Retry-After") != "120" {
		t.Errorf("want a ban of two minutes for going on, had %d %s", a.status, a.body)
	}
	w.clock.add(119 * time.Second)
	if a = w.call("GET", "/api/v3/account", ""); a.status != 418 {
		t.Errorf("want the ban to last, had %d", a.status)
	}
	w.clock.add(time.Second)
	w.good("GET", "/api/v3/account", "")
}

func TestOrdersWithoutFillsAreForgotten(t *testing.T) {
	const limit = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=60000&newClientOrderId=hx1"
	const one = "symbol=BTCUSDT&origClientOrderId=hx1"
	w := newFutures(t, binancesim.Options{})
	w.good("POST", "/fapi/v1/order", limit)
	w.good("DELETE", "/fapi/v1/order", one)
	w.clock.add(72 * time.Hour)
	w.good("GET", "/fapi/v1/order", one)
	w.clock.add(time.Second)
	w.bad(-2013, "Order does not exist.", "GET", "/fapi/v1/order", one)

	w = newSpot(t, binancesim.Options{})
	w.good("POST", "/api/v3/order", limit)
	w.good("DELETE", "/api/v3/order", one)
	w.clock.add(91 * 24 * time.Hour)
	w.bad(-2026, "archived", "GET", "/api/v3/order", one)
}

func TestOrdersAreCounted(t *testing.T) {
	w := newFutures(t, binancesim.Options{Orders: 2})
	const limit = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=60000"
	w.good("POST", "/fapi/v1/order", limit)
	w.good("POST", "/fapi/v1/order", limit)
	if w.headers.Get("X-MBX-ORDER-COUNT-10S") != "2" || w.headers.Get("X-MBX-ORDER-COUNT-1M") != "2" {
		t.Errorf("want the orders of both spans told, had %v", w.headers)
	}
	a := w.call("POST", "/fapi/v1/order", limit)
	if a.status != 429 || a.code() != -1015 || !strings.Contains(a.body, "current limit is 2 orders per 10 SECOND") {
		t.Errorf("want -1015, had %d %s", a.status, a.body)
	}
	w.clock.add(10 * time.Second)
	w.good("POST", "/fapi/v1/order", limit)
}
