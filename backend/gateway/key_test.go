package gateway_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"hoox/backend/gateway"
	"hoox/backend/trading"
)

const (
	otherKey = "hxw_0123456789abcdefghijklmnopqrstuvwxyzABCDEFG"
	endedKey = "hxw_ended6789abcdefghijklmnopqrstuvwxyzABCDEFGHI"
)

// ring is the usual key, another one with a change, and one that has ended.
func ring(change func(*gateway.Key)) gateway.Keys {
	other := gateway.Key{Credential: "other", Digest: trading.DigestKey(otherKey)}
	if change != nil {
		change(&other)
	}
	return gateway.NewKeys(gateway.Key{Credential: "default", Digest: trading.DigestKey(key)}, other,
		gateway.Key{Credential: "ended", Digest: trading.DigestKey(endedKey), EndsAt: clock})
}

// by is an alert with a key.
func by(key, fields string) string { return `{"apiKey":"` + key + `",` + fields + `}` }

func TestEveryKeyIsKnownByItsOwnName(t *testing.T) {
	keys := gateway.NewKeys(gateway.Key{Credential: "one", Digest: trading.DigestKey("k1")}, gateway.Key{Credential: "none"},
		gateway.Key{Credential: "empty", Digest: trading.DigestKey("")}, gateway.Key{Credential: "two", Digest: trading.DigestKey("k2")})
	for candidate, credential := range map[string]string{"k1": "one", "k2": "two", "": "", "k": "", "k1 ": "", "K1": "", "\x00": ""} {
		had, ok := keys.Check(candidate, clock)
		if had.Credential != credential || ok != (credential != "") {
			t.Errorf("%q: want %q, had %q %v", candidate, credential, had.Credential, ok)
		}
	}
}

func TestA1_MissingWrongAndRevokedKeysAreAnsweredAlike(t *testing.T) {
	h := newHouse()
	h.rules.Keys = ring(nil)
	g := gateway.New(gateway.Config{}, gateway.Parts{Desk: h, Outcomes: h, Now: func() time.Time { return clock }, Rules: func() gateway.Rules { return h.rules }})
	bodies := []string{
		`{` + long + `}`, by("", long), by(strings.Repeat("x", len(otherKey)), long), by(endedKey, long), by("hxw_revoked", long), by(key[:len(key)-1], long),
	}
	const rounds = 1000
	took := make([][]time.Duration, len(bodies))
	answers := map[string]bool{}
	for range rounds {
		// In turns, so that whatever else this computer does falls on all of them.
		for n, body := range bodies {
			w := httptest.NewRecorder()
			r := httptest.NewRequest(http.MethodPost, "/webhook", strings.NewReader(body))
			start := time.Now()
			g.ServeHTTP(w, r)
			took[n] = append(took[n], time.Since(start))
			said := w.Body.String()
			id := said[strings.Index(said, `"requestId":"`)+13:][:36]
			answers[fmt.Sprint(w.Code, " ", strings.Replace(said, id, "ID", 1), " ", w.Header())] = true
		}
	}
	if len(answers) != 1 || len(h.signals()) != 0 {
		t.Errorf("want one answer for all of them and no signal, had %v and %d signals", answers, len(h.signals()))
	}
	medians := make([]time.Duration, len(bodies))
	for n := range took {
		slices.Sort(took[n])
		medians[n] = took[n][rounds/2]
	}
	if apart := slices.Max(medians) - slices.Min(medians); apart > 5*time.Millisecond {
		t.Errorf("medians of %d answers are %v, want them within 5 ms: the time would tell what was wrong", rounds, medians)
	}
}

// A comparison that stops early, or skips a key, takes longer the more of a guess is right. That cannot be measured reliably,
// so what is held is how it is written.
func TestA2_EveryKeyIsComparedInConstantTimeOnDigestsOfOneLength(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "key.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	loops := 0
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			loop, ok := n.(*ast.RangeStmt)
			if !ok || f.Name.Name != "place" {
				return true
			}
			loops++
			var calls []string
			ast.Inspect(loop.Body, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.IfStmt, *ast.SwitchStmt, *ast.BranchStmt, *ast.ReturnStmt:
					t.Errorf("%T in the loop over the keys: want every key compared whatever fits", n)
				case *ast.SelectorExpr:
					if x, ok := n.X.(*ast.Ident); ok && x.Name == "subtle" {
						calls = append(calls, n.Sel.Name)
					}
				}
				return true
			})
			if !slices.Equal(calls, []string{"ConstantTimeSelect", "ConstantTimeCompare"}) {
				t.Errorf("the loop over the keys calls %v of crypto/subtle, want one constant-time comparison and choice", calls)
			}
			return true
		})
	}
	if loops != 1 {
		t.Errorf("had %d loops over the keys, want one: is the comparison somewhere else now?", loops)
	}
}

// Digests are of one length, whatever the text is: this does not compile otherwise.
var _ [32]byte = trading.DigestKey("")

func TestA5_TextThatHasEndedOpensNothingFromThatMomentOn(t *testing.T) {
	keys := gateway.NewKeys(gateway.Key{Credential: "k", Digest: trading.DigestKey(otherKey), EndsAt: clock.Add(time.Minute)})
	for after, opens := range map[time.Duration]bool{0: true, time.Minute - time.Nanosecond: true, time.Minute: false, time.Hour: false} {
		if _, ok := keys.Check(otherKey, clock.Add(after)); ok != opens {
			t.Errorf("%s of a minute's overlap: opens %v, want %v", after, ok, opens)
		}
	}
}

func TestA6_KeyOfAStrategyFromAnAddressThatIsNotListedIsForbidden(t *testing.T) {
	h := newHouse()
	h.rules.Keys, h.rules.AllowListOn, h.rules.AllowList = ring(nil), true, prefixes(t, "52.89.214.238/32")
	seen := 0
	base := open(t, h, func(c *gateway.Config) { c.TrustedClientIPHeader = "CF-Connecting-IP" },
		func(p *gateway.Parts) { p.Seen = func(gateway.Key, netip.Addr, time.Time) { seen++ } })
	want(t, send(t, "POST", base+"/webhook", by(otherKey, long), "CF-Connecting-IP", "6.6.6.6"), 403, "FORBIDDEN")
	if seen != 0 || len(h.signals()) != 0 {
		t.Errorf("want no use counted and no signal, had %d and %d", seen, len(h.signals()))
	}
	want(t, send(t, "POST", base+"/webhook", by(otherKey, long), "CF-Connecting-IP", "52.89.214.238"), 200, "")
}

func TestA18_KeyWithARateOfItsOwnIsHeldToItAndTakesNothingFromOthers(t *testing.T) {
	h := newHouse()
	h.rules.Keys, h.rules.RateLimit, h.rules.ReserveForCloses = ring(func(k *gateway.Key) { k.RateLimit = 60 }), 3, 3
	base := open(t, h)
	alerts := func(key string, n int) (last said) {
		for i := range n {
			last = send(t, "POST", base+"/webhook", by(key, long+fmt.Sprintf(`,"idempotencyKey":"%d"`, i)))
		}
		return last
	}
	want(t, alerts(otherKey, 60), 200, "")
	had := alerts(otherKey, 1)
	want(t, had, 429, "RATE_LIMITED")
	if !strings.Contains(had.body, "rate of the key") || had.header.Get("Retry-After") != "60" {
		t.Errorf("want the key's rate named and Retry-After 60, had %s and %q", had.body, had.header.Get("Retry-After"))
	}
	want(t, send(t, "POST", base+"/webhook", by(otherKey, `"action":"CLOSE","symbol":"BTCUSDT"`)), 200, "")
	want(t, alerts(key, 3), 200, "")
	want(t, alerts(key, 1), 429, "RATE_LIMITED")
	for range 100 {
		want(t, send(t, "POST", base+"/webhook", by(endedKey, long)), 403, "FORBIDDEN")
	}
	h.mu.Lock()
	h.rules.RateLimit = 0
	h.mu.Unlock()
	want(t, alerts(otherKey, 1), 429, "RATE_LIMITED")
	want(t, alerts(key, 10), 200, "")
}

func TestA19_NoAnswerAndNoLogLineHoldsAKey(t *testing.T) {
	h := newHouse()
	h.rules.Keys, h.rules.RateLimit = ring(nil), 8
	var lines strings.Builder
	base := open(t, h, func(p *gateway.Parts) {
		p.Log = slog.New(slog.NewTextHandler(&lines, &slog.HandlerOptions{Level: slog.LevelDebug}))
	})
	answers := []func(*house, trading.Signal) (trading.Receipt, error){
		fillAtOnce,
		func(*house, trading.Signal) (trading.Receipt, error) {
			return trading.Receipt{}, &trading.Error{Kind: trading.Unauthorized, Message: "outside what this key may do: account", Cause: io.ErrNoProgress}
		},
		func(*house, trading.Signal) (trading.Receipt, error) {
			return trading.Receipt{}, trading.Errorf(trading.Internal, "upstream said no")
		},
	}
	for n, body := range []string{
		by(otherKey, long), by(otherKey, long+`,"comment":"`+otherKey+`"`), by(otherKey, long+`,"comment":"`+endedKey+`"`), by(otherKey, `"symbol":"`+otherKey+`"`),
		by(otherKey, long+`,"strategy":"x`+otherKey+`y"`), by(endedKey, long), by(otherKey, long), by(otherKey, long), by(otherKey, long),
	} {
		h.mu.Lock()
		h.admit = answers[n%len(answers)]
		h.mu.Unlock()
		had := send(t, "POST", base+"/webhook", body)
		if strings.Contains(had.body, otherKey) || strings.Contains(had.body, endedKey) || strings.Contains(had.body, "upstream") || strings.Contains(had.body, "other\"") {
			t.Errorf("want no key, no id of a key and no inner words in an answer, had %s", had.body)
		}
	}
	for _, s := range h.signals() {
		if kept := fmt.Sprintf("%+v", s); strings.Contains(kept, otherKey) || strings.Contains(kept, endedKey) {
			t.Errorf("want no key on a signal, had %s", kept)
		}
	}
	if lines.Len() == 0 || strings.Contains(lines.String(), otherKey) || strings.Contains(lines.String(), endedKey) {
		t.Errorf("want log lines without a key, had %s", lines.String())
	}
}

func TestAlertOutsideTheScopeOfItsKeyIs403InItsOwnWordsAndTheLogSaysWhy(t *testing.T) {
	h := newHouse()
	h.rules.Keys = ring(nil)
	h.admit = func(*house, trading.Signal) (trading.Receipt, error) {
		return trading.Receipt{}, &trading.Error{Kind: trading.Unauthorized, Message: "outside what this key may do: account", Cause: fmt.Errorf("the key does not trade on bybit:live:swing")}
	}
	var lines strings.Builder
	base := open(t, h, func(p *gateway.Parts) { p.Log = slog.New(slog.NewTextHandler(&lines, nil)) })
	for range 30 {
		had := send(t, "POST", base+"/webhook", by(otherKey, long))
		want(t, had, 403, "FORBIDDEN")
		if had.at("error") != "outside what this key may do: account" {
			t.Fatalf("want the thing named and no account, had %s", had.body)
		}
	}
	if n := strings.Count(lines.String(), "outside the scope"); n != 10 || !strings.Contains(lines.String(), "bybit:live:swing") || !strings.Contains(lines.String(), "credential=other") {
		t.Errorf("want 10 log lines that say why, had %d: %s", n, lines.String())
	}
}

func TestSignalCarriesTheBoundsOfItsKeyAndTheUseIsTold(t *testing.T) {
	h := newHouse()
	bounds := trading.Bounds{Strategy: "ema", Accounts: []trading.AccountID{"bybit:live"}, MaxOrder: trading.MustMoney("100")}
	h.rules.Keys = ring(func(k *gateway.Key) { k.Bounds = bounds })
	var seen []string
	base := open(t, h, func(p *gateway.Parts) {
		p.Seen = func(k gateway.Key, from netip.Addr, at time.Time) {
			seen = append(seen, k.Credential+" "+from.String()+" "+at.Sub(clock).String())
		}
	})
	want(t, send(t, "POST", base+"/webhook", by(otherKey, long)), 200, "")
	want(t, send(t, "POST", base+"/webhook", by(endedKey, long)), 403, "FORBIDDEN")
	want(t, send(t, "POST", base+"/webhook", by(key, `"action":"no"`)), 400, "INVALID")
	s := h.signals()[0]
	if s.Credential != "other" || s.Bounds.Strategy != "ema" || len(s.Bounds.Accounts) != 1 || s.Bounds.MaxOrder.String() != "100" {
		t.Errorf("want the key's name and bounds on the signal, had %q %+v", s.Credential, s.Bounds)
	}
	if !slices.Equal(seen, []string{"other 127.0.0.1 0s", "default 127.0.0.1 0s"}) {
		t.Errorf("want each use of a key that opened, had %v", seen)
	}
}
