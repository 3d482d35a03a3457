package gateway_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"testing"
	"time"

	"hoox/backend/gateway"
	"hoox/backend/trading"
)

type (
	signal  = trading.Signal
	receipt = trading.Receipt
)

func TestEleventhAlertInAMinuteIsTooMany(t *testing.T) {
	h := newHouse()
	h.rules.RateLimit = 10
	base := open(t, h)
	for i := range 10 {
		want(t, send(t, "POST", base+"/webhook", with(long+fmt.Sprintf(`,"idempotencyKey":"%d"`, i))), 200, "")
	}
	had := send(t, "POST", base+"/webhook", with(long))
	want(t, had, 429, "RATE_LIMITED")
	if had.header.Get("Retry-After") != "60" {
		t.Errorf("want Retry-After 60, had %q", had.header.Get("Retry-After"))
	}
}

func TestEntryFloodCannotLockOutAClose(t *testing.T) {
	h := newHouse()
	h.rules.RateLimit, h.rules.ReserveForCloses = 2, 2
	base := open(t, h)
	for range 2 {
		want(t, send(t, "POST", base+"/webhook", with(long)), 200, "")
	}
	want(t, send(t, "POST", base+"/webhook", with(long)), 429, "RATE_LIMITED")
	want(t, send(t, "POST", base+"/webhook", with(`"action":"close_long","symbol":"BTCUSDT"`)), 200, "")
	want(t, send(t, "POST", base+"/webhook", with(`"marketPosition":"flat","symbol":"BTCUSDT"`)), 200, "")
	want(t, send(t, "POST", base+"/webhook", with(`"action":"CLOSE","symbol":"BTCUSDT"`)), 429, "RATE_LIMITED")
}

func TestRepeatsAndBadFieldsCountButBadKeysDoNot(t *testing.T) {
	h := newHouse()
	h.rules.RateLimit = 2
	h.admit = func(*house, trading.Signal) (trading.Receipt, error) {
		return trading.Receipt{Signal: "first", Duplicate: true, Status: trading.SignalFilled}, nil
	}
	base := open(t, h)
	for range 30 {
		want(t, send(t, "POST", base+"/webhook", `{"apiKey":"wrong"}`), 403, "FORBIDDEN")
	}
	want(t, send(t, "POST", base+"/webhook", with(long)), 409, "DUPLICATE")
	want(t, send(t, "POST", base+"/webhook", with(`"action":"x"`)), 400, "INVALID")
	want(t, send(t, "POST", base+"/webhook", with(long)), 429, "RATE_LIMITED")
}

func TestPaceSlidesAndKeepsCredentialsApart(t *testing.T) {
	var p gateway.Pace
	at := func(s int) time.Time { return clock.Add(time.Duration(s) * time.Second) }
	for i, step := range []struct {
		who  string
		at   int
		wait int
	}{
		{"a", 0, 0}, {"a", 30, 0}, {"a", 59, 1}, {"b", 59, 0}, {"a", 60, 0}, {"a", 61, 29}, {"a", 89, 1}, {"a", 90, 0}, {"a", 90, 30},
	} {
		wait, ok := p.Take(step.who, at(step.at), 2, 0, false)
		if ok != (step.wait == 0) || wait != time.Duration(step.wait)*time.Second {
			t.Errorf("step %d, %s at %d s: want a wait of %d s, had %s %v", i, step.who, step.at, step.wait, wait, ok)
		}
	}
	for range 1000 {
		if _, ok := p.Take("a", at(90), 0, 0, false); !ok {
			t.Fatal("want no limit when it is 0")
		}
	}
}

func TestEveryKeyIsKnownByItsOwnName(t *testing.T) {
	keys := gateway.NewKeys(gateway.Key{Credential: "one", Secret: "k1"}, gateway.Key{Credential: "none"}, gateway.Key{Credential: "two", Secret: "k2"})
	for candidate, credential := range map[string]string{"k1": "one", "k2": "two", "": "", "k": "", "k1 ": "", "K1": ""} {
		had, ok := keys.Check(candidate)
		if had != credential || ok != (credential != "") {
			t.Errorf("%q: want %q, had %q %v", candidate, credential, had, ok)
		}
	}
}

// How long an answer takes must tell nobody how near a guess was, which cannot be measured in a test and can be read: every
// key is compared, with nothing that ends the comparison early.
func TestKeysAreComparedInConstantTime(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "rules.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	compared := 0
	for _, decl := range file.Decls {
		f, ok := decl.(*ast.FuncDecl)
		if !ok || f.Name.Name != "Check" {
			continue
		}
		ast.Inspect(f.Body, func(n ast.Node) bool {
			loop, ok := n.(*ast.RangeStmt)
			if !ok {
				return true
			}
			ast.Inspect(loop.Body, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.IfStmt, *ast.SwitchStmt, *ast.BranchStmt, *ast.ReturnStmt, *ast.BinaryExpr:
					t.Errorf("the loop over the keys has a %T: it takes longer for some guesses than for others", n)
				case *ast.SelectorExpr:
					if n.Sel.Name == "ConstantTimeCompare" {
						compared++
					}
				}
				return true
			})
			return false
		})
	}
	if compared != 1 {
		t.Errorf("Keys.Check compares %d times in constant time in its loop, want once for each key", compared)
	}
}
