package app

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"hoox/backend/trading"
)

func TestControlInterfaceLetsNobodyInUnproven(t *testing.T) {
	p := start(t)
	paths := []string{"/api/nonsense", "/api/No/Method"}
	for path := range p.house.keys.owner.table {
		paths = append(paths, "/api/"+path)
	}
	for _, path := range paths {
		for _, header := range []map[string]string{
			{}, {"Authorization": "Bearer wrong"}, {"Authorization": p.token.Reveal()}, {"Authorization": "Basic " + p.token.Reveal()}, {"Authorization": "Bearer "},
			{"Cookie": p.control.door.cookie + "=" + randomText()}, {"Cookie": p.control.door.cookie + "="},
		} {
			header["Content-Type"] = "application/json"
			resp, body := p.do(request{method: "POST", path: path, body: "{}", header: header})
			if resp.StatusCode != http.StatusUnauthorized || !strings.Contains(body, `"kind":"unauthorized"`) {
				t.Errorf("%s with %v: had %d %s, want 401", path, header, resp.StatusCode, body)
			}
		}
	}
	for _, path := range []string{"/api/events", "/metrics"} {
		if resp, _ := p.do(request{method: "GET", path: path}); resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("GET %s: had %d, want 401", path, resp.StatusCode)
		}
	}
	if resp, _ := p.do(request{method: "POST", path: "/session"}); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("POST /session: had %d, want 401: it lets browsers in", resp.StatusCode)
	}
}

func TestControlInterfaceRefusesWhatAForeignPageCanSend(t *testing.T) {
	p := start(t)
	port := p.control.listener.Addr().(*net.TCPAddr).Port
	own := p.control.url()
	for _, c := range []struct {
		why    string
		host   string
		header map[string]string
		want   int
	}{
		{why: "our own page", header: map[string]string{"Origin": own, "Sec-Fetch-Site": "same-origin"}, want: 200},
		{why: "a tool without a page", want: 200},
		{why: "our own name", host: "localhost:" + itoa(port), want: 200},
		{why: "our own v6 address", host: "[::1]:" + itoa(port), want: 200},
		{why: "a rebound name", host: "evil.example:" + itoa(port), want: 421},
		{why: "a rebound name without a port", host: "evil.example", want: 421},
		{why: "another port of ours", host: "127.0.0.1:1", want: 421},
		{why: "no port", host: "127.0.0.1", want: 421},
		{why: "a foreign page", header: map[string]string{"Origin": "https://evil.example"}, want: 403},
		{why: "a page without an origin", header: map[string]string{"Origin": "null"}, want: 403},
		{why: "a page on another port", header: map[string]string{"Origin": "http://127.0.0.1:3000"}, want: 403},
		{why: "a page under a like name", header: map[string]string{"Origin": own + ".evil.example"}, want: 403},
		{why: "a foreign site", header: map[string]string{"Sec-Fetch-Site": "cross-site"}, want: 403},
		{why: "another port, says the browser", header: map[string]string{"Sec-Fetch-Site": "same-site"}, want: 403},
		{why: "a form", header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, want: 415},
		{why: "plain text", header: map[string]string{"Content-Type": "text/plain"}, want: 415},
		{why: "a form with a file", header: map[string]string{"Content-Type": "multipart/form-data; boundary=x"}, want: 415},
		{why: "a compressed body", header: map[string]string{"Content-Encoding": "gzip"}, want: 415},
	} {
		r := requestOf(p, "Kill/Get", "{}")
		r.host = c.host
		for name, value := range c.header {
			r.header[name] = value
		}
		resp, body := p.do(r)
		if resp.StatusCode != c.want {
			t.Errorf("%s: had %d %s, want %d", c.why, resp.StatusCode, body, c.want)
		}
		for name := range resp.Header {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s: answered %s: no page but ours may read anything", c.why, name)
			}
		}
	}
}

func itoa(n int) string { return trading.RatioUnits(int64(n), 0).String() }

func TestPreflightAndReadsChangeNothing(t *testing.T) {
	p := start(t)
	before := p.node.Store.Flushes()
	for path := range p.house.keys.owner.table {
		for _, method := range []string{"OPTIONS", "GET", "HEAD", "PUT", "DELETE", "TRACE"} {
			r := requestOf(p, path, "")
			r.method = method
			r.header["Access-Control-Request-Method"] = "POST"
			resp, _ := p.do(r)
			if resp.StatusCode < 400 {
				t.Errorf("%s %s: had %d, want a refusal: only POST may do anything", method, path, resp.StatusCode)
			}
			for name := range resp.Header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("%s %s answered %s", method, path, name)
				}
			}
		}
	}
	if state := must[TradingState](p, "Kill/Get", Empty{}); state.State != "active" {
		t.Errorf("the trading state is %s after reads", state.State)
	}
	for method := range p.house.keys.owner.table {
		if strings.HasSuffix(method, "/List") || strings.HasSuffix(method, "/Get") {
			p.do(requestOf(p, method, `{}`))
		}
	}
	if written := p.node.Store.Flushes() - before; written > 4 {
		t.Errorf("%d commits during reads, want none but the clockwork's", written)
	}
}

func TestRequestsAreReadStrictly(t *testing.T) {
	p := start(t)
	for _, c := range []struct {
		why, body, field string
		want             int
	}{
		{"an unknown field", `{"limit":1,"offset":2}`, "offset", 400},
		{"a wrong type", `{"limit":"1"}`, "limit", 400},
		{"a list", `[]`, "", 400},
		{"something after it", `{} {}`, "", 400},
		{"no JSON", `{`, "", 400},
		{"a limit out of bounds", `{"limit":501}`, "limit", 400},
		{"a cursor that is not ours", `{"cursor":"nonsense"}`, "cursor", 400},
		{"an unknown status", `{"filter":{"status":"odd"}}`, "filter.status", 400},
		{"an unknown exchange", `{"filter":{"exchange":"nyse"}}`, "filter.exchange", 400},
		{"a field twice", `{"limit":1,"limit":2}`, "limit", 400},
		{"a field twice in different case", `{"limit":1,"Limit":2}`, "Limit", 400},
		{"a field twice, once in disguise", `{"limit":1,"\u006cimit":2}`, "limit", 400},
		{"a field twice, deeper", `{"filter":{"symbol":"A","symbol":"B"}}`, "symbol", 400},
		{"one name on two levels", `{"limit":1,"filter":{"symbol":"limit","exchange":"bybit"}}`, "", 200},
		{"nothing", ``, "", 200},
		{"a whole request", `{"limit":1,"cursor":"","filter":{"symbol":"btcusdt"}}`, "", 200},
		{"more than a megabyte", `{"cursor":"` + strings.Repeat("a", largestBody) + `"}`, "", 413},
	} {
		resp, body := p.do(requestOf(p, "Orders/List", c.body))
		if resp.StatusCode != c.want || !strings.Contains(body, `"field":"`+c.field+`"`) && c.want != 200 {
			t.Errorf("%s: had %d %.200s, want %d about %q", c.why, resp.StatusCode, body, c.want, c.field)
		}
		if strings.Contains(body, "goroutine") || strings.Contains(body, ".go:") {
			t.Errorf("%s: the answer tells about the inside: %s", c.why, body)
		}
	}
}

func TestWhatIsNotThereIsToldPlainly(t *testing.T) {
	p := start(t)
	for _, c := range []struct{ method, body, kind, want string }{
		{"Signals/Get", `{"requestId":"nope"}`, "not_found", "there is no signal nope"},
		{"Orders/Cancel", `{"id":"nope"}`, "not_found", "there is no order nope"},
		{"Queue/Retry", `{}`, "invalid", "id: name the dead letter"},
		{"Queue/Discard", `{"id":""}`, "invalid", "id: name the dead letter"},
		{"Signals/List", `[]`, "invalid", "the body must be an object, not an array"},
		{"Database/Query", `{"sql":"SELECT 1","params":[]}`, "not_found", "there is no method Database/Query"},
	} {
		_, body := p.do(requestOf(p, c.method, c.body))
		var fault Fault
		if err := json.Unmarshal([]byte(body), &fault); err != nil || fault.Kind != c.kind || fault.Message != c.want {
			t.Errorf("%s %s: had %s, want %s: %s", c.method, c.body, body, c.kind, c.want)
		}
	}
}

func TestBrowserIsSignedInOnceByItsAddress(t *testing.T) {
	p := start(t)
	address := strings.TrimPrefix(p.control.browserURL(), p.control.url())

	first, _ := p.do(request{method: "GET", path: address})
	second, words := p.do(request{method: "GET", path: address})

	if first.StatusCode != http.StatusSeeOther || first.Header.Get("Location") != "/" {
		t.Fatalf("had %d to %q, want 303 to / so that the address leaves the bar", first.StatusCode, first.Header.Get("Location"))
	}
	cookies := first.Cookies()
	if len(cookies) != 1 || !cookies[0].HttpOnly || cookies[0].SameSite != http.SameSiteStrictMode || len(cookies[0].Value) != 43 {
		t.Fatalf("had %v, want one strict cookie of 256 bits that scripts cannot read", cookies)
	}
	if second.StatusCode != http.StatusUnauthorized || len(second.Cookies()) != 0 || !strings.Contains(words, "hoox browser") {
		t.Errorf("second use: had %d %q, want 401 and what to do", second.StatusCode, words)
	}
	signed := requestOf(p, "Kill/Set", `{"state":"halted","reason":"from a page"}`)
	delete(signed.header, "Authorization")
	signed.header["Cookie"] = cookies[0].Name + "=" + cookies[0].Value
	signed.header["Origin"], signed.header["Sec-Fetch-Site"] = p.control.url(), "same-origin"
	if resp, body := p.do(signed); resp.StatusCode != 200 || !strings.Contains(body, `"actor":"browser"`) {
		t.Errorf("had %d %s, want the halt under the browser's name", resp.StatusCode, body)
	}
	signed.header["Authorization"] = "Bearer wrong"
	if resp, _ := p.do(signed); resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("a wrong token beside a session: had %d, want 401", resp.StatusCode)
	}
}

func TestPagesCarryThePolicyAndNoData(t *testing.T) {
	p := start(t)
	for path, want := range map[string]int{"/": 200, "/index.html": 200, "/assets/index.js": 200, "/.gitkeep": 404, "/assets": 404, "/nothing": 404, "/control.json": 404} {
		resp, body := p.do(request{method: "GET", path: path})
		if resp.StatusCode != want {
			t.Errorf("GET %s: had %d %s, want %d", path, resp.StatusCode, body, want)
		}
		if policy := resp.Header.Get("Content-Security-Policy"); policy != uiPolicy {
			t.Errorf("GET %s: policy %q, want the page policy", path, policy)
		}
		if resp.Header.Get("X-Content-Type-Options") != "nosniff" || resp.Header.Get("Server") != "" {
			t.Errorf("GET %s: headers %v", path, resp.Header)
		}
	}
	w := httptest.NewRecorder()
	pages(os.DirFS(t.TempDir())).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "build") {
		t.Errorf("without a front end: had %d %s, want words on how to build it", w.Code, w.Body)
	}
}

func TestEveryLimitOfTheServerIsSet(t *testing.T) {
	c := &control{house: &house{log: newLogbook(&lockedBuffer{}, "info").log}, metrics: http.NotFoundHandler()}
	srv := reflect.ValueOf(c.server()).Elem()
	for _, name := range []string{"ReadHeaderTimeout", "ReadTimeout", "WriteTimeout", "IdleTimeout", "MaxHeaderBytes"} {
		if srv.FieldByName(name).IsZero() {
			t.Errorf("http.Server.%s is not set: a slow client could hold us up", name)
		}
	}
}

func TestControlInterfaceStaysOnThisComputer(t *testing.T) {
	for _, address := range []string{"0.0.0.0:0", ":0", "192.168.1.2:0", "example.com:0", "nonsense", "127.0.0.1:99999", "127.0.0.1:http"} {
		if l, err := listenControl(context.Background(), address); trading.KindOf(err) != trading.Invalid {
			if l != nil {
				l.Close()
			}
			t.Errorf("listen on %s: had %v, want Invalid: the control interface is not for the network", address, err)
		}
	}
}

func TestControlInterfaceHasNoPublicRoutes(t *testing.T) {
	p := start(t)
	for _, path := range []string{"/webhook", "/telegram-webhook", "/email-webhook", "/health", "/probe/x"} {
		r := requestOf(p, "", `{"apiKey":"`+testKey+`","action":"LONG"}`)
		r.path = path
		if resp, body := p.do(r); resp.StatusCode != http.StatusNotFound {
			t.Errorf("POST %s: had %d %s, want 404: the two doors never meet", path, resp.StatusCode, body)
		}
	}
	for path := range p.house.keys.owner.table {
		resp, err := http.Post("http://"+p.node.GatewayAddr()+"/api/"+path, "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusNotFound {
			t.Errorf("/api/%s on the gateway: had %d, want 404: a tunnel reaches it", path, resp.StatusCode)
		}
	}
	http.DefaultClient.CloseIdleConnections()
}

func TestKillSwitchIsReachedThroughACrowdThatSaysNothing(t *testing.T) {
	p := start(t)
	for i := range 10 * mostConnections {
		c, err := net.Dial("tcp", p.control.listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if i%2 == 0 {
			_, _ = c.Write([]byte("POST /api/Kill/Set HTTP/1.1\r\nHost:"))
		}
	}
	begin := time.Now()
	if state := must[TradingState](p, "Kill/Set", SetKill{State: "halted", Reason: "crowd"}); state.State != "halted" {
		t.Errorf("the state is %s, want halted", state.State)
	}
	if took := time.Since(begin); took > time.Second {
		t.Errorf("the kill switch took %s behind connections that say nothing, want at most a second", took)
	}
}

func TestNothingBehindAChunkedBodyIsReadAsARequestHere(t *testing.T) {
	p := start(t)
	c, err := net.Dial("tcp", p.control.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	head := "POST /api/Kill/Set HTTP/1.1\r\nHost: " + p.control.listener.Addr().String() + "\r\nAuthorization: Bearer " + p.token.Reveal() + "\r\nContent-Type: application/json\r\n"
	_, _ = c.Write([]byte(head + "Content-Length: 500\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n" +
		head + "Content-Length: 31\r\n\r\n{\"state\":\"halted\",\"reason\":\"x\"}"))
	_ = c.SetReadDeadline(time.Now().Add(longEnough))
	said, err := io.ReadAll(c)
	if err != nil || strings.Count(string(said), "HTTP/1.1 ") != 1 {
		t.Errorf("want one answer and the connection closed, had %v %q", err, said)
	}
	if state := must[TradingState](p, "Kill/Get", Empty{}); state.State != "active" {
		t.Errorf("the trading state is %s: what was behind the body was obeyed", state.State)
	}
}

func TestMetricsAreReadableByPrometheus(t *testing.T) {
	p := start(t)
	p.buy()
	resp, body := p.do(request{method: "GET", path: "/metrics", header: map[string]string{"Authorization": "Bearer " + p.token.Reveal()}})
	if resp.StatusCode != 200 {
		t.Fatalf("had %d %s", resp.StatusCode, body)
	}
	for _, line := range []string{
		`hoox_signals{status="filled"} 1`, `hoox_orders{status="filled"} 1`, `hoox_fills_today{account="paper:paper"} 1`,
		`hoox_jobs{state="ready"} 0`, `hoox_trading_state{state="active"} 1`, "# TYPE hoox_ledger_flushes_total counter", "hoox_answer_seconds 0.",
	} {
		if !strings.Contains(body, line) {
			t.Errorf("no %q in\n%s", line, body)
		}
	}
}
