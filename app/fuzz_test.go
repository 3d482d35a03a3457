package app

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"hoox/backend/gateway"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

// FuzzControlInterfaceKnowsItsCallers calls it by any name, from any page and with any proof: a second reader with rules of its
// own says who may come in.
func FuzzControlInterfaceKnowsItsCallers(f *testing.F) {
	const token, port = "a-token-of-this-instance", 8788
	for _, host := range []string{"127.0.0.1:8788", "localhost:8788", "LOCALHOST:8788", "[::1]:8788", "127.0.0.1", "evil.example:8788", "127.0.0.1:8788.evil.example", "127.0.0.1:08788",
		"localhost.:8788", "2130706433:8788", "[::ffff:127.0.0.1]:8788", "127.1:8788", "", "127.0.0.1:8788@evil.example"} {
		f.Add(host, "", "", "Bearer "+token)
		f.Add(host, "http://"+host, "same-origin", "bearer "+token)
	}
	for _, origin := range []string{"null", "https://127.0.0.1:8788", "http://127.0.0.1:8788/", "http://evil.example", "http://LOCALHOST:8788", "http://localhost:8788.evil.example"} {
		f.Add("127.0.0.1:8788", origin, "none", "Bearer "+token)
		f.Add("127.0.0.1:8788", origin, "cross-site", token)
	}
	nothing := func(actor) map[string]route { return nil }
	d := newDoor(&net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: port}, &house{sessions: newSessions(time.Now, nothing), keys: newKeyring(vault.NewSecret(token), nil, time.Now, nothing)})
	d.turned = func(string) {}
	local := func(authority string) bool {
		host, given, err := net.SplitHostPort(strings.ToLower(authority))
		ip, bad := netip.ParseAddr(host)
		return err == nil && given == strconv.Itoa(port) && (host == "localhost" || bad == nil && ip.IsLoopback())
	}
	f.Fuzz(func(t *testing.T, host, origin, site, proof string) {
		came := false
		r := httptest.NewRequest(http.MethodPost, "/api/Kill/Get", strings.NewReader("{}"))
		r.Host, r.Header = host, http.Header{"Origin": {origin}, "Sec-Fetch-Site": {site}, "Authorization": {proof}}
		for _, name := range []string{"Origin", "Sec-Fetch-Site"} {
			if r.Header.Get(name) == "" {
				r.Header.Del(name)
			}
		}
		w := httptest.NewRecorder()
		d.guard(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { came = true })).ServeHTTP(w, r)

		page, err := url.Parse(origin)
		ours := origin == "" || err == nil && page.Scheme == "http" && local(page.Host) && page.User == nil
		if may := local(host) && ours && (site == "" || site == "same-origin" || site == "none"); came && !may {
			t.Fatalf("host %q, origin %q, site %q came in", host, origin, site)
		}
		if !came && (w.Code != http.StatusMisdirectedRequest && w.Code != http.StatusForbidden || !json.Valid(w.Body.Bytes())) {
			t.Fatalf("host %q is answered %d %s, want 421 or 403 in JSON", host, w.Code, w.Body)
		}
		if w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Fatal("another origin is allowed something")
		}
		if who, why := d.visitor(r); (who != nil) != (proof == "Bearer "+token) {
			t.Fatalf("%q counts as a proof: %t (%s)", proof, who != nil, why)
		}
	})
}

// FuzzRequestIsReadStrictly reads any body as the request of every method: what is taken says the same when it is written again,
// and what is refused names its fault.
func FuzzRequestIsReadStrictly(f *testing.F) {
	for _, body := range []string{"", "{}", " {} ", "null", "[]", `{"limit":50,"cursor":"c1"}`, `{"limit":50,"Limit":51}`, `{"key":"trade:max_order_size","value":"100"}`,
		`{"state":"halted","reason":"news"}`, `{"unknown":1}`, `{"id":"hx1"}{}`, `{"id":1}`, `{"id":{"id":{"id":"x","ID":"y"}}}`, `{"strategy":{"name":"a"},"version":1}`, `{"a":1e999}`, "\xff", `{"":""}`,
		strings.Repeat("[", 20_000)} {
		f.Add([]byte(body))
	}
	types := map[reflect.Type]bool{}
	for _, r := range routesOf(newServices(&house{}, cliActor())) {
		types[r.request] = true
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for kind := range types {
			request := reflect.New(kind)
			if err := decodeStrictly(body, request.Interface()); err != nil {
				var told *failure
				if !errors.As(err, &told) || told.fault.Kind != string(trading.Invalid) || told.fault.Message == "" {
					t.Fatalf("%q as %s: had %v, want what is wrong in words", body, kind, err)
				}
				continue
			}
			written, err := json.Marshal(request.Interface())
			if err != nil {
				t.Fatal(err)
			}
			again := reflect.New(kind)
			if err := decodeStrictly(written, again.Interface()); err != nil || !reflect.DeepEqual(again.Interface(), request.Interface()) {
				t.Fatalf("%q as %s is written as %s and read back as %+v %v", body, kind, written, again.Elem(), err)
			}
		}
	})
}

// FuzzBuiltAlertIsReadAsItWasMeant fills the alert builder with anything: what it writes is read by the gateway, and says what
// was asked for.
func FuzzBuiltAlertIsReadAsItWasMeant(f *testing.F) {
	f.Add("indicator", "bybit", "BTCUSDT", "LONG", "quantity", "0.01", "market", "", "3%", "2%", "10", "ema 9/21", "60")
	f.Add("indicator", "", "BINANCE:ETHUSDT.P", "CLOSE", "percent", "50", "", "", "", "", "", "", "")
	f.Add("indicator", "mexc", "", "short", "riskPercent", "1", "limit", "{{close}}", "70000", "58000.5", "", "", "30")
	f.Add("strategy", "", "", "", "quoteQuantity", "500", "", "", "", "", "5", "q\"uote \\ \x00 </script>", "")
	f.Add("indicator", "paper", "<apiKey>", "FLAT", "", "", "", "1", "", "", "", "{{ticker}}", "{{close}}")
	now := time.Date(2026, 5, 20, 7, 10, 50, 0, time.UTC)
	f.Fuzz(func(t *testing.T, kind, exchange, symbol, action, mode, size, order, price, target, stop, leverage, strategy, age string) {
		built, err := writeAlert(BuildAlert{Kind: kind, Exchange: exchange, Symbol: symbol, Action: action, SizeMode: mode, Size: size, OrderType: order, Price: price,
			TakeProfit: target, StopLoss: stop, Leverage: leverage, Strategy: strategy, MaxAge: age})
		if err != nil {
			if trading.KindOf(err) != trading.Invalid {
				t.Fatalf("had %v, want Invalid", err)
			}
			return
		}
		if !json.Valid([]byte(built.JSON)) {
			t.Fatalf("%s is no JSON", built.JSON)
		}
		s, key, err := gateway.Decode([]byte(otherPlaceholder.ReplaceAllString(fillPlaceholders(built.JSON, now), "1")), "", now)
		if err != nil {
			t.Fatalf("the gateway refuses %s: %v", built.JSON, err)
		}
		if key != keyMask || kind == "indicator" && !strings.EqualFold(strings.ReplaceAll(string(s.Action), "_", ""), strings.ReplaceAll(strings.TrimSpace(action), "_", "")) {
			t.Fatalf("%s is read as %+v with key %q", built.JSON, s, key)
		}
		if exchange != "" && string(s.Exchange) != strings.ToLower(exchange) {
			t.Fatalf("%s is for %s and was meant for %s", built.JSON, s.Exchange, exchange)
		}
	})
}
