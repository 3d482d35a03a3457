package app

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"hoox/backend/trading"
)

// under is a call under another key.
func (p *program) under(key, method, body string) (int, string) {
	p.t.Helper()
	r := requestOf(p, method, body)
	r.header["Authorization"] = "Bearer " + key
	resp, text := p.do(r)
	return resp.StatusCode, text
}

// TestATokenMayDoWhatItsScopeSaysAndNothingElse is item C11, over the whole golden list.
func TestATokenMayDoWhatItsScopeSaysAndNothingElse(t *testing.T) {
	p := start(t)
	for word, may := range map[string]scope{"read": canRead, "trade": canTrade} {
		key := must[NewToken](p, "Tokens/Create", CreateToken{Name: word, Scope: word}).Key
		for _, m := range routesOf(newServices(p.house, cliActor())) {
			status, text := p.under(key, strings.Replace(m.name, ".", "/", 1), "{}")
			refused := status == http.StatusForbidden && strings.Contains(text, "this token may not call")
			if want := needs(m.name) > may; refused != want {
				t.Errorf("%s with a token that may %s: had %d %s, want refused %t", m.name, word, status, text, want)
			}
		}
		for _, path := range []string{"/session", "/note"} {
			r := requestOf(p, "", "{}")
			r.path, r.header["Authorization"] = path, "Bearer "+key
			if resp, _ := p.do(r); resp.StatusCode != http.StatusUnauthorized {
				t.Errorf("%s with a token that may %s: had %d, want 401", path, word, resp.StatusCode)
			}
		}
		if resp, text := p.do(request{method: "GET", path: "/metrics", header: map[string]string{"Authorization": "Bearer " + key}}); resp.StatusCode != 200 || !strings.Contains(text, "hoox_trading_state") {
			t.Errorf("metrics with a token that may %s: had %d, which a dashboard needs", word, resp.StatusCode)
		}
		conn, _, err := p.dial(http.Header{"Authorization": {"Bearer " + key}})
		if err != nil {
			t.Errorf("events with a token that may %s: %v", word, err)
			continue
		}
		conn.Close()
	}
	// What a new method may be called with is decided on purpose.
	if needs("Anything.New") != canAll {
		t.Error("a method that nobody gave a scope is open to tokens")
	}
}

// TestATokenCannotLoosenAnything is item C11: neither limits nor secrets nor the kill switch.
func TestATokenCannotLoosenAnything(t *testing.T) {
	p := start(t)
	key := must[NewToken](p, "Tokens/Create", CreateToken{Name: "bot", Scope: "trade"}).Key
	for _, state := range []string{"reducing", "halted"} {
		if status, text := p.under(key, "Kill/Set", `{"state":"`+state+`"}`); status != 200 || !strings.Contains(text, `"actor":"token bot"`) {
			t.Fatalf("%s: had %d %s, want it to tighten under the token's name", state, status, text)
		}
	}
	for _, body := range []string{`{"state":"active","reason":"let me"}`, `{"state":"reducing","reason":"let me"}`} {
		if status, text := p.under(key, "Kill/Set", body); status != http.StatusForbidden {
			t.Errorf("%s: had %d %s, want 403", body, status, text)
		}
	}
	if state := must[TradingState](p, "Kill/Get", Empty{}); state.State != "halted" {
		t.Errorf("the state is %s", state.State)
	}
	last := p.lines(AuditFilter{Actor: "token bot", Action: "kill.set"})
	if len(last) != 4 || last[0].Decision != "refused" || last[3].Decision != "done" {
		t.Errorf("had %+v, want all four under the token's name", last)
	}
	p.under(key, "Settings/Set", `{"key":"trade:max_order_size","value":"0"}`)
	await(t, func() bool {
		list := p.lines(AuditFilter{Actor: "token bot", Action: "call.refuse"})
		return len(list) == 1 && list[0].Subject == "Settings.Set"
	})
	must[TradingState](p, "Kill/Set", SetKill{State: "active", Reason: "looked"})
}

func TestATokenIsShownOnceKeptAsADigestAndRevokedAtOnce(t *testing.T) {
	dir := privateDir(t)
	p, stop := launch(t, dir)
	code, out, words := p.hoox("", "token", "create", "grafana", "--scope", "read")
	key := strings.TrimSpace(out)
	if code != exitOK || !strings.HasPrefix(key, tokenMark) || len(key) < 45 || strings.Contains(words, key) {
		t.Fatalf("had %d %q %q", code, out, words)
	}
	for name, want := range map[string]trading.Kind{"grafana": trading.Conflict, "Grafana!": trading.Invalid, "": trading.Invalid} {
		if _, fault := call[NewToken](p, "Tokens/Create", CreateToken{Name: name, Scope: "read"}); fault.Kind != string(want) {
			t.Errorf("%q: had %+v, want %s", name, fault, want)
		}
	}
	if _, fault := call[NewToken](p, "Tokens/Create", CreateToken{Name: "all", Scope: "full"}); fault.Field != "scope" {
		t.Errorf("had %+v: only the internal key may do everything", fault)
	}
	stop()

	p, _ = launch(t, dir)
	if status, _ := p.under(key, "Health/Get", "{}"); status != 200 {
		t.Errorf("after a restart: had %d", status)
	}
	list, err := p.node.Store.Tokens(t.Context())
	if text, _ := json.Marshal(list); err != nil || strings.Contains(string(text), key) {
		t.Errorf("the ledger has %s %v", text, err)
	}
	if code, out, _ := p.hoox("", "token"); code != exitOK || !strings.Contains(out, "grafana") || strings.Contains(out, key) || strings.Contains(out, "–") {
		t.Errorf("had %d %s, want the name and when it was used", code, out)
	}
	conn, _, err := p.dial(http.Header{"Authorization": {"Bearer " + key}})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if code, _, words := p.hoox("", "token", "revoke", "grafana"); code != exitOK {
		t.Fatal(words)
	}
	if status, _ := p.under(key, "Health/Get", "{}"); status != http.StatusUnauthorized {
		t.Errorf("a revoked token: had %d, want 401", status)
	}
	_ = conn.SetReadDeadline(time.Now().Add(longEnough))
	for err = error(nil); err == nil; {
		_, _, err = conn.ReadMessage()
	}
	if !websocket.IsCloseError(err, websocket.ClosePolicyViolation) {
		t.Errorf("its connection ended with %v", err)
	}
	if code, _, _ := p.hoox("", "token", "revoke", "grafana"); code != exitFailed {
		t.Errorf("again: had %d", code)
	}
	if got := p.book.clean("sent " + key + " to somebody"); strings.Contains(got, key) {
		t.Error("a token is not told for one in a log of a run that did not make it")
	}
}

func TestThereIsABoundToTokens(t *testing.T) {
	p := start(t)
	for n := range mostTokens {
		must[NewToken](p, "Tokens/Create", CreateToken{Name: "t" + itoa(n), Scope: "read"})
	}
	if _, fault := call[NewToken](p, "Tokens/Create", CreateToken{Name: "more", Scope: "read"}); fault.Kind != "refused" {
		t.Errorf("had %+v", fault)
	}
}
