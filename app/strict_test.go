package app

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"hoox/backend/settings"
)

// directives reads a content security policy.
func directives(t *testing.T, policy string) map[string][]string {
	t.Helper()
	read := map[string][]string{}
	for part := range strings.SplitSeq(policy, ";") {
		words := strings.Fields(part)
		if len(words) == 0 {
			continue
		}
		if _, twice := read[words[0]]; twice {
			t.Errorf("%s stands twice in the policy: only the first counts", words[0])
		}
		read[words[0]] = words[1:]
	}
	return read
}

func TestD1_ThePolicyOfThePagesAllowsNothingButThemselves(t *testing.T) {
	p := start(t)
	resp, _ := p.do(request{method: "GET", path: "/"})
	if n := len(resp.Header.Values("Content-Security-Policy")); n != 1 {
		t.Fatalf("%d policies, want one", n)
	}
	had := directives(t, resp.Header.Get("Content-Security-Policy"))
	// Frames, objects, workers and media have no line of their own and fall back to the first.
	want := map[string]string{
		"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:", "font-src": "'self'", "connect-src": "'self'",
		"base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'",
	}
	for name, sources := range had {
		if want[name] != strings.Join(sources, " ") {
			t.Errorf("%s %v, want %q: whatever else may be loaded can be loaded by an attacker's text too", name, sources, want[name])
		}
		delete(want, name)
	}
	for name := range want {
		t.Errorf("the policy has no %s", name)
	}
	for _, route := range []string{"/api/Kill/Get", "/nothing", "/metrics", "/api/events"} {
		resp, _ := p.do(request{method: "GET", path: route})
		if policy := directives(t, resp.Header.Get("Content-Security-Policy")); strings.Join(policy["default-src"], "") != "'none'" || len(policy["script-src"])+len(policy["style-src"]) > 2 {
			t.Errorf("GET %s: policy %q, want none of data's own", route, resp.Header.Get("Content-Security-Policy"))
		}
	}
}

// everything is what the program has and may not change by being read: the time of a look and the state of parts are no part of it.
func (p *program) everything() string {
	p.t.Helper()
	var all strings.Builder
	for _, method := range []string{
		"Signals/List", "Orders/List", "Fills/List", "Positions/List", "Kill/Get", "Settings/List", "Queue/List", "Accounts/List", "Strategies/List",
		"WebhookKeys/List", "Secrets/List", "Tokens/List", "Sessions/List", "Audit/List", "Alarms/List",
	} {
		_, body := p.do(requestOf(p, method, "{}"))
		all.WriteString(method + " " + body)
	}
	return volatile.ReplaceAllString(all.String(), `"$1":"…"`)
}

var volatile = regexp.MustCompile(`"(at|now|checkedAt|measuredAt|lastEvent|lastAnswer|seenAt|skewMillis|latencyMicros|markPrice|markAt|notional|unrealizedPnl|reconciledAt|equity)":("[^"]*"|-?\d+)`)

func TestC6_NothingIsChangedByAnythingButAPost(t *testing.T) {
	p := start(t)
	p.buy()
	before := p.everything()
	bodies := []string{"", "{}", `{"state":"halted","reason":"x","confirm":"FLATTEN","key":"k","id":"1","name":"x","value":"1","account":"paper:paper"}`}
	for path := range p.house.keys.owner.table {
		for _, method := range []string{http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPut, http.MethodDelete, http.MethodPatch} {
			for _, body := range bodies {
				r := requestOf(p, path, body)
				r.method = method
				p.do(r)
			}
		}
		r := requestOf(p, path+"?state=halted&reason=x&confirm=FLATTEN", "")
		r.method = http.MethodGet
		p.do(r)
	}
	was, is := strings.Split(before, "\n"), strings.Split(p.everything(), "\n")
	for n := range was {
		if was[n] != is[n] {
			t.Errorf("something changed although nothing was posted: an image in a page could do that\nbefore %s\nafter  %s", was[n], is[n])
		}
	}
}

func TestC10_AnOrderWithoutAKeyOfItsOwnIsRefused(t *testing.T) {
	p := start(t)
	p.buy()
	for method, body := range map[string]string{
		"Positions/Close":   `{"account":"paper:paper","symbol":"BTCUSDT","product":"linear","side":"long"}`,
		"Positions/Flatten": `{"confirm":"FLATTEN"}`,
		"Accounts/Canary":   `{"account":"paper:paper","symbol":"BTCUSDT"}`,
	} {
		resp, text := p.do(requestOf(p, method, body))
		if resp.StatusCode != http.StatusBadRequest || !strings.Contains(text, `"field":"key"`) {
			t.Errorf("%s without a key: had %d %s, want 400 about the key: a second click would be a second order", method, resp.StatusCode, text)
		}
	}
	if n := len(must[OrderPage](p, "Orders/List", PageRequest{}).Items); n != 1 {
		t.Errorf("%d orders, want the one of the alert", n)
	}
}

func TestA18_TheKillSwitchIsReachedWhileAlertsAreTurnedAway(t *testing.T) {
	p := start(t)
	must[SettingRow](p, "Settings/Set", SetSetting{Key: "webhook:rate_limit", Value: "1"})
	turned := 0
	for n := range 20 {
		status, _ := p.alert(fmt.Sprintf(`"exchange":"paper","action":"LONG","symbol":"BTCUSDT","quantity":0.001,"idempotencyKey":"%d"`, n))
		if status == http.StatusTooManyRequests {
			turned++
		}
	}
	if turned != 19 {
		t.Errorf("%d of 20 alerts were turned away, want 19", turned)
	}
	if state := must[TradingState](p, "Kill/Set", SetKill{State: "halted", Reason: "a flood"}); state.State != "halted" {
		t.Errorf("the state is %s, want halted: the switch has a door of its own", state.State)
	}
}

func TestA20_NoAlertIsAnsweredWellThatTheLedgerDidNotTake(t *testing.T) {
	p := start(t)
	fields := func(n int) string {
		return fmt.Sprintf(`"exchange":"paper","action":"LONG","symbol":"BTCUSDT","quantity":0.001,"idempotencyKey":"k%d"`, n)
	}
	release := p.seize()
	for n := range 2 {
		status, answer := p.alert(fields(n))
		if status != http.StatusServiceUnavailable || answer.Code != "UNAVAILABLE" {
			t.Errorf("an alert that could not be stored: had %d %+v, want 503 so that TradingView sends it again", status, answer)
		}
	}
	release()
	for n := range 2 {
		// What the ledger took after the answer is known by its key.
		if status, answer := p.alert(fields(n)); status != http.StatusOK && status != http.StatusConflict {
			t.Errorf("sent again: had %d %+v", status, answer)
		}
	}
	await(t, func() bool { return len(must[FillPage](p, "Fills/List", PageRequest{}).Items) == 2 })
	if n := len(must[SignalPage](p, "Signals/List", PageRequest{}).Items); n != 2 {
		t.Errorf("%d signals, want two: each alert once", n)
	}
}

var risky = regexp.MustCompile(`(?i)path|file|folder|dir|command|cmd|exec|shell|url|uri|link|href|sql|query|template|html|script`)

func TestD9_NoMethodTakesAPlaceAProgramOrAQuery(t *testing.T) {
	types := map[string]reflect.Type{}
	for _, r := range routesOf(newServices(&house{}, windowActor())) {
		collect(types, r.request)
	}
	for name, typ := range types {
		for f := range typ.Fields() {
			if risky.MatchString(f.Name) {
				t.Errorf("%s.%s: a page that is taken over could have it open, run or ask anything", name, f.Name)
			}
		}
	}
	if len(types) < 40 {
		t.Errorf("%d types of requests, want those of every method", len(types))
	}
	for _, d := range settings.Manifest() {
		if risky.MatchString(d.Key) {
			t.Errorf("the setting %s: what names a file or a program belongs into config.toml, where no page reaches it", d.Key)
		}
	}
}

// TestD10_NothingOpensABrowser: what a page could have opened is what a page that is taken over opens.
func TestD10_NothingOpensABrowser(t *testing.T) {
	fileNames, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range fileNames {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && slices.Contains([]string{"BrowserOpenURL", "OpenFileDialog", "OpenDirectoryDialog", "SaveFileDialog", "OpenMultipleFilesDialog", "OnFileDrop"}, sel.Sel.Name) {
				t.Errorf("%s calls %s", name, sel.Sel.Name)
			}
			return true
		})
	}
}

func TestC14_EveryRefusalIsAFaultAndNothingMore(t *testing.T) {
	p := start(t)
	secret := p.token.Reveal()
	for name, r := range map[string]request{
		"nobody":          {method: "POST", path: "/api/Kill/Get", body: "{}", header: map[string]string{"Content-Type": "application/json"}},
		"no such method":  requestOf(p, "No/Method", "{}"),
		"no JSON":         requestOf(p, "Orders/List", "{"),
		"a wrong field":   requestOf(p, "Orders/List", `{"limit":"x"}`),
		"no such thing":   requestOf(p, "Signals/Get", `{"requestId":"none"}`),
		"a conflict":      requestOf(p, "Orders/Cancel", `{"id":"none"}`),
		"another name":    {method: "POST", path: "/api/Kill/Get", host: "evil.example"},
		"a foreign page":  {method: "POST", path: "/api/Kill/Get", header: map[string]string{"Origin": "https://evil.example"}},
		"no such address": {method: "GET", path: "/api/x/y/z", header: map[string]string{"Authorization": "Bearer " + secret}},
	} {
		resp, body := p.do(r)
		if resp.StatusCode < 400 || !strings.HasPrefix(body, `{"kind":"`) || !strings.Contains(body, `"message":"`) || !strings.Contains(body, `"ref":"`) {
			t.Errorf("%s: had %d %s, want a fault with kind, message and reference", name, resp.StatusCode, body)
		}
		if regexp.MustCompile(`goroutine|\.go:|/tmp/|/home/|hoox/`).MatchString(body) || strings.Contains(body, secret) {
			t.Errorf("%s: the answer tells of the inside: %s", name, body)
		}
	}
}
