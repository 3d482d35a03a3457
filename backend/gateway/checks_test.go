package gateway_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"hoox/backend/gateway"
	"hoox/backend/trading"
)

func TestAlertIsAnsweredWithItsFill(t *testing.T) {
	h := newHouse()
	base := open(t, h)

	had := send(t, "POST", base+"/webhook", with(long+`,"leverage":10,"idempotencyKey":"uuid-9b1d"`))

	want(t, had, 200, "")
	id := h.signals()[0].ID
	body := `{"success":true,"requestId":"` + string(id) + `","exchange":"bybit","symbol":"BTCUSDT","action":"LONG",` +
		`"result":{"orderId":"18049284739","status":"Filled"},"averagePrice":"67450","filledQuantity":"0.01"}`
	if had.body != body {
		t.Errorf("want %s\nhad  %s", body, had.body)
	}
	if h.answered[id] != 200 {
		t.Errorf("want 200 noted as the first answer, had %d", h.answered[id])
	}
	s := h.signals()[0]
	if s.Credential != "default" || s.Key != "uuid-9b1d" || s.Source != trading.FromWebhook || s.Leverage != 10 {
		t.Errorf("want the alert's fields on the signal, had %+v", s)
	}
}

func TestRootIsAnAliasAndTextPlainIsAnAlertToo(t *testing.T) {
	h := newHouse()
	base := open(t, h)
	for _, kind := range []string{"application/json", "application/json; charset=utf-8", "text/plain; charset=utf-8", "application/x-www-form-urlencoded", ""} {
		want(t, send(t, "POST", base+"/", with(long), "Content-Type", "", "Content-Type", kind), 200, "")
	}
}

func TestEveryAnswerCarriesTheSecurityHeaders(t *testing.T) {
	h := newHouse()
	base := open(t, h)
	asks := map[string]said{
		"alert":   send(t, "POST", base+"/webhook", with(long)),
		"bad key": send(t, "POST", base+"/webhook", `{"apiKey":"x"}`),
		"404":     send(t, "GET", base+"/nothing", ""),
		"405":     send(t, "GET", base+"/webhook", ""),
		"health":  send(t, "GET", base+"/health", ""),
		"headers": send(t, "GET", base+"/health", "", "X-Long", strings.Repeat("a", 16<<10)),
	}
	for name, had := range asks {
		for k, v := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Content-Security-Policy": "default-src 'none'",
			"Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "Server": "",
		} {
			if had.header.Get(k) != v {
				t.Errorf("%s (%d): want %s %q, had %q", name, had.status, k, v, had.header.Get(k))
			}
		}
	}
}

func TestUnknownPathsAreEmpty404s(t *testing.T) {
	h := newHouse()
	base := open(t, h)
	for _, path := range []string{"/webhook/", "//webhook", "/api/Kill/Set", "/telegram-webhook", "/email-webhook", "/probe/abc", "/metrics", "/.env", "/%2e%2e/health"} {
		for _, method := range []string{"GET", "POST"} {
			had := send(t, method, base+path, "")
			if had.status != 404 || had.body != "" || had.header.Get("Content-Type") != "" {
				t.Errorf("%s %s: want an empty 404, had %d %q", method, path, had.status, had.body)
			}
		}
	}
	if n := len(h.signals()); n != 0 {
		t.Errorf("want no signal, had %d", n)
	}
}

func TestWrongMethodsAre405WithAllow(t *testing.T) {
	h := newHouse()
	base := open(t, h)
	for path, allow := range map[string]string{"/webhook": "POST", "/": "POST", "/health": "GET"} {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "TRACE"} {
			if method == allow {
				continue
			}
			had := send(t, method, base+path, "")
			if had.status != 405 || had.header.Get("Allow") != allow {
				t.Errorf("%s %s: want 405 with Allow %s, had %d %q", method, path, allow, had.status, had.header.Get("Allow"))
			}
			if method != "HEAD" && (had.at("success") != false || had.at("requestId") == nil || had.at("code") != "INVALID") {
				t.Errorf("%s %s: want the error body, had %s", method, path, had.body)
			}
		}
	}
	if n := len(h.signals()); n != 0 {
		t.Errorf("want no side effect, had %d signals", n)
	}
}

func TestChecksComeInTheOrderOfTheContract(t *testing.T) {
	big := `{"apiKey":"wrong","x":"` + strings.Repeat("a", 65536)
	halted := func(*house, trading.Signal) (trading.Receipt, error) {
		return trading.Receipt{}, trading.Errorf(trading.Halted, "trading is halted: by hand")
	}
	tests := map[string]struct {
		method, body string
		prepare      func(*house)
		status       int
		code         string
	}{
		"method before size":    {method: "PUT", body: big, status: 405, code: "INVALID"},
		"size before JSON":      {body: big, status: 413, code: "INVALID"},
		"JSON before key":       {body: `{"apiKey":"wrong",}`, status: 400, code: "INVALID"},
		"key before address":    {body: `{"apiKey":"wrong"}`, prepare: listed, status: 403, code: "FORBIDDEN"},
		"address before rate":   {body: with(long), prepare: both(listed, spent), status: 403, code: "FORBIDDEN"},
		"rate before fields":    {body: with(`"action":"NO"`), prepare: spent, status: 429, code: "RATE_LIMITED"},
		"fields before kill":    {body: with(`"action":"NO"`), prepare: func(h *house) { h.admit = halted }, status: 400, code: "INVALID"},
		"kill switch":           {body: with(long), prepare: func(h *house) { h.admit = halted }, status: 503, code: "KILL_SWITCH"},
		"not ready before size": {body: big, prepare: func(h *house) { h.notYet = errors.New("starting") }, status: 503, code: "UNAVAILABLE"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h := newHouse()
			if test.prepare != nil {
				test.prepare(h)
			}
			base := open(t, h)
			if h.rules.RateLimit > 0 && !h.rules.AllowListOn {
				want(t, send(t, "POST", base+"/webhook", with(long)), 200, "")
			}
			before, reads := len(h.signals()), h.count(&h.reads)
			method := test.method
			if method == "" {
				method = "POST"
			}
			had := send(t, method, base+"/webhook", test.body)

			want(t, had, test.status, test.code)
			if had.at("success") != false || had.at("requestId") == "" || had.at("error") == "" {
				t.Errorf("want the error body of the contract, had %s", had.body)
			}
			if test.code != "KILL_SWITCH" && (len(h.signals()) != before || h.count(&h.reads) != reads) {
				t.Errorf("want no touch of the store before the fields are right, had one: strangers could load it")
			}
		})
	}
}

func listed(h *house) { h.rules.AllowListOn = true }

func spent(h *house) { h.rules.RateLimit = 1 }

func both(fs ...func(*house)) func(*house) {
	return func(h *house) {
		for _, f := range fs {
			f(h)
		}
	}
}

func TestForbiddenLooksTheSameWhateverWasWrong(t *testing.T) {
	h := newHouse()
	base := open(t, h)
	shape := func(s said) string {
		return strings.Replace(s.body, s.at("requestId").(string), "ID", 1)
	}
	const forbidden = `{"success":false,"error":"Forbidden","code":"FORBIDDEN","requestId":"ID"}`
	for _, body := range []string{`{}`, `{"apiKey":"wrong"}`, `{"apiKey":""}`, `{"apiKey":null}`, `{"apiKey":7}`, `{"apiKey":["` + key + `"]}`, `{"APIKEY":"` + key + `"}`, `{"apiKey":"` + key + ` "}`} {
		had := send(t, "POST", base+"/webhook", body)
		want(t, had, 403, "FORBIDDEN")
		if shape(had) != forbidden {
			t.Errorf("%s: want %s, had %s", body, forbidden, had.body)
		}
	}
	h.mu.Lock()
	h.rules.AllowListOn = true
	h.mu.Unlock()
	if had := send(t, "POST", base+"/webhook", with(long)); shape(had) != forbidden {
		t.Errorf("wrong address: want %s, had %s", forbidden, had.body)
	}
}

func TestAddressListDecidesByConnectionOrTrustedHeader(t *testing.T) {
	tests := map[string]struct {
		header string
		list   []string
		send   []string
		status int
	}{
		"connection on the list":           {list: []string{"127.0.0.0/8"}, status: 200},
		"connection not on the list":       {list: []string{"52.89.214.238/32"}, status: 403},
		"empty list":                       {status: 403},
		"header ignored when not trusted":  {list: []string{"52.89.214.238/32"}, send: []string{"Cf-Connecting-Ip", "52.89.214.238"}, status: 403},
		"trusted header":                   {header: "CF-Connecting-IP", list: []string{"52.89.214.238/32"}, send: []string{"Cf-Connecting-Ip", "52.89.214.238"}, status: 200},
		"trusted header in a range":        {header: "CF-Connecting-IP", list: []string{"52.89.0.0/16"}, send: []string{"Cf-Connecting-Ip", "::ffff:52.89.214.238"}, status: 200},
		"stranger in the trusted header":   {header: "CF-Connecting-IP", list: []string{"127.0.0.0/8"}, send: []string{"Cf-Connecting-Ip", "8.8.8.8"}, status: 403},
		"spoofed left part of a list":      {header: "X-Forwarded-For", list: []string{"52.89.214.238/32"}, send: []string{"X-Forwarded-For", "52.89.214.238, 8.8.8.8"}, status: 403},
		"trusted header twice":             {header: "CF-Connecting-IP", list: []string{"52.89.214.238/32"}, send: []string{"Cf-Connecting-Ip", "52.89.214.238", "Cf-Connecting-Ip", "52.89.214.238"}, status: 403},
		"trusted header is no address":     {header: "CF-Connecting-IP", list: []string{"127.0.0.0/8"}, send: []string{"Cf-Connecting-Ip", "localhost"}, status: 403},
		"other header with a listed value": {header: "CF-Connecting-IP", list: []string{"52.89.214.238/32"}, send: []string{"X-Forwarded-For", "52.89.214.238"}, status: 403},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			h := newHouse()
			h.rules.AllowListOn, h.rules.AllowList = true, prefixes(t, test.list...)
			base := open(t, h, func(c *gateway.Config) { c.TrustedClientIPHeader = test.header })
			if had := send(t, "POST", base+"/webhook", with(long), test.send...); had.status != test.status {
				t.Errorf("want %d, had %d: %s", test.status, had.status, had.body)
			}
		})
	}
}

func TestTrustedHeaderIsNotBelievedFromAnotherComputer(t *testing.T) {
	r, _ := http.NewRequest("POST", "/webhook", nil)
	r.RemoteAddr = "203.0.113.9:4711"
	r.Header.Set("Cf-Connecting-Ip", "52.89.214.238")
	if had := gateway.Client(r, "CF-Connecting-IP"); had != "203.0.113.9" {
		t.Errorf("want the connection's own address, had %q: anybody could claim to be TradingView", had)
	}
}

func TestHealthAsksEveryPart(t *testing.T) {
	h := newHouse()
	base := open(t, h)
	had := send(t, "GET", base+"/health", "")
	fine := `{"success":true,"status":"ok","service":"hoox","timestamp":1779261050000,"bindings":{"d1":"connected","kv":"connected","queue":"active"}}`
	if had.status != 200 || had.body != fine {
		t.Errorf("want 200 %s, had %d %s", fine, had.status, had.body)
	}
	for part, break_ := range map[string]gateway.Health{
		"d1": {Store: errors.New("disk is gone at /secret")}, "kv": {Settings: errors.New("x")}, "queue": {Queue: errors.New("x")},
	} {
		h.mu.Lock()
		h.health = break_
		h.mu.Unlock()
		had := send(t, "GET", base+"/health", "")
		if had.status != 503 || had.at("status") != "degraded" || had.at("bindings."+part) == "connected" || had.at("bindings."+part) == "active" || strings.Contains(had.body, "secret") {
			t.Errorf("%s broken: want 503 degraded without reasons, had %d %s", part, had.status, had.body)
		}
	}
}

func TestProbeAnswersOnlyItsOwnNonce(t *testing.T) {
	base := open(t, newHouse(), func(p *gateway.Parts) {
		p.Probe = func(n string) bool { return n == "n1" }
	})
	for path, status := range map[string]int{"/probe/n1": 200, "/probe/n2": 404, "/probe/": 404, "/probe/n1/x": 404} {
		if had := send(t, "GET", base+path, ""); had.status != status {
			t.Errorf("%s: want %d, had %d", path, status, had.status)
		}
	}
}

func TestStartingUpAnswers503SoThatTradingViewComesBack(t *testing.T) {
	h := newHouse()
	h.notYet = errors.New("starting")
	base := open(t, h)
	had := send(t, "POST", base+"/webhook", with(long))
	want(t, had, 503, "UNAVAILABLE")
	if had.at("error") != "starting" {
		t.Errorf("want the reason, had %s", had.body)
	}
	h.mu.Lock()
	h.notYet = nil
	h.mu.Unlock()
	want(t, send(t, "POST", base+"/webhook", with(long)), 200, "")
}

func TestMessageThatNobodySendsIsWarnedAbout(t *testing.T) {
	const message = `"notify":{"chatId":"42","message":"up"}`
	for why, warnings := range map[string]int{"": 0, "chat 42 is not allowed": 1} {
		h := newHouse()
		base := open(t, h, func(p *gateway.Parts) { p.WhyNotNotify = func(string) string { return why } })
		want(t, send(t, "POST", base+"/webhook", with(long+","+message)), 200, "")
		if had := h.signals()[0].Warnings; len(had) != warnings || warnings == 1 && !strings.Contains(had[0], why) {
			t.Errorf("%q: want %d warnings, had %q: a trader would wait for a message that never comes", why, warnings, had)
		}
	}
	h := newHouse()
	want(t, send(t, "POST", open(t, h)+"/webhook", with(long+","+message)), 200, "")
	if had := h.signals()[0].Warnings; len(had) != 1 {
		t.Errorf("without Telegram: had %q, want one warning", had)
	}
}

func TestWhatTelegramPostsIsHandedOverWithItsSecret(t *testing.T) {
	h := newHouse()
	base := open(t, h, func(p *gateway.Parts) {
		p.Hook = func(_ context.Context, secret string, body []byte) int {
			if secret != "s" {
				return http.StatusForbidden
			}
			if string(body) != "{}" {
				t.Errorf("had the body %q", body)
			}
			return http.StatusOK
		}
	})
	post := func(method, body string, secrets ...string) int {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), method, base+"/telegram-webhook", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range secrets {
			req.Header.Add("X-Telegram-Bot-Api-Secret-Token", s)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		if text, _ := io.ReadAll(resp.Body); len(text) > 0 && method == http.MethodPost {
			t.Errorf("had %q, want nothing in it", text)
		}
		return resp.StatusCode
	}
	for _, c := range []struct {
		name, method, body string
		secrets            []string
		want               int
	}{
		{"with the secret", "POST", "{}", []string{"s"}, 200},
		{"without a secret", "POST", "{}", nil, 403},
		{"with two", "POST", "{}", []string{"s", "s"}, 403},
		{"with another", "POST", "{}", []string{"x"}, 403},
		{"too large", "POST", strings.Repeat(" ", 1<<20+1), []string{"s"}, 413},
		{"by GET", "GET", "", []string{"s"}, 405},
	} {
		if had := post(c.method, c.body, c.secrets...); had != c.want {
			t.Errorf("%s: had %d, want %d", c.name, had, c.want)
		}
	}
	if n := len(h.signals()); n != 0 {
		t.Errorf("had %d signals, want none", n)
	}
}
