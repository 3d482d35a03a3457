package app

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// answering is a control interface that gives the answers of a test and keeps what it was asked.
type answering struct {
	dir   string
	mu    sync.Mutex
	asked []string
}

func answersWith(t *testing.T, answers map[string]any) *answering {
	t.Helper()
	a := &answering{dir: privateDir(t)}
	if err := os.MkdirAll(a.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	lock := flock.New(lockPath(a.dir))
	if taken, err := lock.TryLock(); err != nil || !taken {
		t.Fatal(taken, err)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		method := strings.TrimPrefix(r.URL.Path, "/api/")
		a.mu.Lock()
		a.asked = append(a.asked, method+" "+string(body))
		a.mu.Unlock()
		out, ok := answers[method]
		if fault, is := out.(Fault); is {
			writeJSON(w, statusOf(fault.Kind), fault)
			return
		}
		if !ok {
			out = Receipt{Status: "ok", Reason: method + " done"}
		}
		writeJSON(w, http.StatusOK, out)
	}))
	t.Cleanup(func() { s.Close(); _ = lock.Unlock() })
	if err := writeControlFile(a.dir, controlFile{Gateway: s.URL, Control: s.URL, Token: "t", PID: 1}); err != nil {
		t.Fatal(err)
	}
	return a
}

// last is what was asked last.
func (a *answering) last() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.asked) == 0 {
		return ""
	}
	return a.asked[len(a.asked)-1]
}

func TestRealMoneyWantsItsPhraseFromAScript(t *testing.T) {
	a := answersWith(t, map[string]any{
		"Accounts/Checklist": Checklist{Items: []ChecklistItem{{Name: "Keys", OK: true, Detail: "in the vault"}, {Name: "Rights of the key", Detail: "not asked yet"}}},
		"Accounts/Canary":    AccountChecks{OK: true, Items: []AccountCheck{{Name: "Rests", OK: true, Detail: "accepted", Micros: 12000}}},
	})
	code, out, words := hoox(t, "live bybit\n", "--data-dir", a.dir, "accounts", "mode", "bybit", "live")
	if code != exitUsage || !strings.Contains(out, "in the vault") || !strings.Contains(out, "LOOK") || !strings.Contains(words, `--phrase "live bybit"`) || strings.HasPrefix(a.last(), "Accounts/SwitchMode") {
		t.Errorf("had %d %q %q after %s, want the checklist, 2 and nothing switched", code, out, words, a.last())
	}
	code, out, words = hoox(t, "", "--data-dir", a.dir, "accounts", "mode", "bybit", "live", "--phrase", "live bybit")
	if code != exitOK || !strings.Contains(out, "SwitchMode done") || a.last() != `Accounts/SwitchMode {"exchange":"bybit","mode":"live","phrase":"live bybit"}` {
		t.Errorf("had %d %q %q after %s", code, out, words, a.last())
	}
	code, out, _ = hoox(t, "", "--data-dir", a.dir, "accounts", "mode", "bybit", "paper", "--json")
	var switched modeSwitched
	if code != exitOK || json.Unmarshal([]byte(out), &switched) != nil || len(switched.Checklist) != 2 || switched.Receipt.Status != "ok" {
		t.Errorf("back to paper: had %d %q, want one JSON object and no phrase", code, out)
	}
	if code, _, words := hoox(t, "canary\n", "--data-dir", a.dir, "accounts", "canary", "bybit:live:swing", "BTCUSDT"); code != exitUsage || !strings.Contains(words, "--phrase canary") {
		t.Errorf("a canary with real money: had %d %q, want 2", code, words)
	}
	if code, out, _ := hoox(t, "", "--data-dir", a.dir, "accounts", "canary", "bybit:live", "BTCUSDT", "--phrase", "canary"); code != exitOK || !strings.Contains(out, "12.0 ms") || !strings.Contains(a.last(), `"phrase":"canary","key":"`) {
		t.Errorf("had %d %q after %s", code, out, a.last())
	}
	if code, _, words := hoox(t, "", "--data-dir", a.dir, "accounts", "canary", "bybit:testnet", "BTCUSDT"); code != exitOK {
		t.Errorf("a canary without real money: had %d %q", code, words)
	}
}

func TestATestThatFailsEndsWithOne(t *testing.T) {
	a := answersWith(t, map[string]any{
		"Accounts/Test":   AccountChecks{Items: []AccountCheck{{Name: "Reach the exchange", OK: true}, {Name: "Clock", Detail: "the clocks differ by 4s"}}},
		"Accounts/Canary": Fault{Kind: "unknown", Message: "nothing final is known about the canary yet"},
	})
	code, out, words := hoox(t, "", "--data-dir", a.dir, "accounts", "test", "bybit:testnet")
	if code != exitFailed || !strings.Contains(out, "FAULT") || !strings.Contains(out, "4s") || !strings.Contains(words, "Clock") {
		t.Errorf("had %d %q %q, want 1 and which line", code, out, words)
	}
	if code, out, _ := hoox(t, "", "--data-dir", a.dir, "accounts", "canary", "bybit:testnet", "BTCUSDT", "--json"); code != exitUnknown || out != "" {
		t.Errorf("had %d %q, want 5: the canary may rest", code, out)
	}
}

func driftExample() DriftList {
	return DriftList{
		Items: []DriftRow{{ID: "d1", Account: "bybit:live", Kind: "position_size", Symbol: "BTCUSDT", Ours: "long 0.01", Theirs: "long 0.02", Meaning: "another size",
			FirstSeen: noonText, Fixes: []DriftFix{{What: "adopt", Help: "The ledger takes it."}, {What: "ask_again"}}}},
		Accounts: []DriftAccount{{Account: "bybit:live", ComparedAt: noonText}, {Account: "mexc:live", Problem: "connecting"}},
	}
}

func TestADifferenceIsSettledOnlyAsItFits(t *testing.T) {
	a := answersWith(t, map[string]any{"Drift/List": driftExample()})
	if code, out, _ := hoox(t, "", "--data-dir", a.dir, "drift"); code != exitOK || !strings.Contains(out, "long 0.02") || !strings.Contains(out, "d1: another size") || !strings.Contains(out, "mexc:live compared never: connecting") {
		t.Errorf("drift: had %d %s", code, out)
	}
	for _, c := range []struct {
		args []string
		code int
		word string
	}{
		{[]string{"d1", "adopt"}, exitUsage, "--yes"},
		{[]string{"d1", "cancel", "--yes"}, exitRefused, "want adopt, ask_again"},
		{[]string{"d9", "adopt", "--yes"}, exitFailed, "d9"},
	} {
		code, _, words := hoox(t, "adopt\n", append([]string{"--data-dir", a.dir, "drift", "fix"}, c.args...)...)
		if code != c.code || !strings.Contains(words, c.word) || strings.HasPrefix(a.last(), "Drift/Fix") {
			t.Errorf("%v: had %d %q, want %d and nothing done", c.args, code, words, c.code)
		}
	}
	for _, args := range [][]string{{"d1", "ask_again"}, {"d1", "adopt", "--yes"}} {
		if code, out, words := hoox(t, "", append([]string{"--data-dir", a.dir, "drift", "fix"}, args...)...); code != exitOK || !strings.Contains(out, "compared again") || a.last() != `Drift/Fix {"id":"d1","what":"`+args[1]+`"}` {
			t.Errorf("%v: had %d %q %q after %s", args, code, out, words, a.last())
		}
	}
}

func TestDoctorLooksAtEveryConnectedAccount(t *testing.T) {
	fine := AccountCard{Account: "bybit:live", Exchange: "bybit", Mode: "live", Trades: true, HasKeys: true, Connected: true, Known: true, StreamLive: true, SkewMillis: "-120",
		Rights: KeyRights{Linear: "yes", Spot: "yes", Withdraw: "no"}, KeyName: "BYBIT_API_KEY", SecretName: "BYBIT_API_SECRET"}
	agree := DriftList{Accounts: []DriftAccount{{Account: "bybit:live", ComparedAt: noonText}}}
	for name, c := range map[string]struct {
		edit  func(*AccountCard, *DriftList)
		fault string
		fix   string
	}{
		"fine":             {func(*AccountCard, *DriftList) {}, "", ""},
		"withdraws":        {func(a *AccountCard, _ *DriftList) { a.Rights.Withdraw = "yes" }, "bybit:live key", "may only trade"},
		"rights not read":  {func(a *AccountCard, _ *DriftList) { a.Known = false }, "bybit:live key", "accounts test"},
		"may not trade":    {func(a *AccountCard, _ *DriftList) { a.Rights.Linear, a.Rights.Spot = "no", "no" }, "bybit:live key", "right to trade"},
		"ended":            {func(a *AccountCard, _ *DriftList) { a.Rights.ExpiresAt = noonText }, "bybit:live key", "BYBIT_API_KEY"},
		"ends soon":        {func(a *AccountCard, _ *DriftList) { a.Rights.ExpiresAt = when(noon.Add(48 * time.Hour)) }, "", "it ends on 2026-11-24"},
		"clock":            {func(a *AccountCard, _ *DriftList) { a.SkewMillis = "1500" }, "bybit:live clock", "automatic time"},
		"clock unknown":    {func(a *AccountCard, _ *DriftList) { a.SkewMillis = "" }, "bybit:live clock", "accounts test"},
		"stream":           {func(a *AccountCard, _ *DriftList) { a.StreamLive = false }, "bybit:live stream", "WebSocket"},
		"banned":           {func(a *AccountCard, _ *DriftList) { a.BannedUntil = noonText }, "bybit:live stream", "wait"},
		"differs":          {func(_ *AccountCard, d *DriftList) { d.Items = driftExample().Items }, "bybit:live differences", "hoox drift"},
		"ignored":          {func(_ *AccountCard, d *DriftList) { d.Items = driftExample().Items; d.Items[0].Ignored = true }, "", ""},
		"never compared":   {func(_ *AccountCard, d *DriftList) { d.Accounts[0].ComparedAt = "" }, "bybit:live differences", "wait"},
		"takes no entries": {func(_ *AccountCard, d *DriftList) { d.Accounts[0].Problem = "settling" }, "bybit:live differences", "hoox drift"},
		"keys missing":     {func(a *AccountCard, _ *DriftList) { a.Connected, a.HasKeys = false, false }, "bybit:live keys", "BYBIT_API_SECRET"},
		"not connected":    {func(a *AccountCard, _ *DriftList) { a.Connected = false }, "bybit:live keys", "accounts enable"},
		"not asked to":     {func(a *AccountCard, _ *DriftList) { a.Connected, a.Trades = false, false }, "", ""},
		"paper has no key": {func(a *AccountCard, _ *DriftList) { a.Mode, a.Known, a.StreamLive = "paper", false, false }, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			card, drift := fine, DriftList{Accounts: []DriftAccount{agree.Accounts[0]}}
			c.edit(&card, &drift)
			var faults, fix []string
			for _, f := range accountFindings(AccountList{Items: []AccountCard{card}}, drift, noon) {
				if !f.OK {
					faults = append(faults, f.Name)
				}
				if !f.OK && f.Fix == "" {
					t.Errorf("%+v has no fix", f)
				}
				fix = append(fix, f.Fix)
			}
			if had := strings.Join(faults, ", "); had != c.fault || !strings.Contains(strings.Join(fix, " "), c.fix) {
				t.Errorf("faults %q with fixes %q, want %q and %q", had, fix, c.fault, c.fix)
			}
		})
	}
}

func TestAccountsAreListedAddedAndSwitched(t *testing.T) {
	p := start(t)
	code, out, _ := p.hoox("", "accounts")
	for _, word := range []string{"paper:paper", "bybit:testnet", "BYBIT_TESTNET_API_KEY", "MEXC_API_SECRET", "go here"} {
		if code != exitOK || !strings.Contains(out, word) {
			t.Errorf("accounts: had %d, want %s in %s", code, word, out)
		}
	}
	if code, out, words := p.hoox("", "accounts", "add", "bybit", "testnet", "swing", "--label", "Swing"); code != exitOK || !strings.Contains(out, "bybit:testnet:swing") {
		t.Errorf("add: had %d %q %q", code, out, words)
	}
	if code, _, words := p.hoox("", "accounts", "add", "bybit", "testnet", "swing"); code != exitFailed {
		t.Errorf("add again: had %d %q, want 1", code, words)
	}
	if code, _, words := p.hoox("", "accounts", "add", "bybit", "testnet", "Not A Name"); code != exitUsage {
		t.Errorf("a name that is none: had %d %q, want 2", code, words)
	}
	if code, out, _ := p.hoox("", "accounts", "list", "--json"); code != exitOK || !strings.Contains(out, `"label": "Swing"`) || !strings.Contains(out, "BYBIT_TESTNET_API_KEY_SWING") {
		t.Errorf("list --json: had %d %s", code, out)
	}
	if code, out, _ := p.hoox("", "accounts", "disable", "bybit:testnet:swing"); code != exitOK || !strings.Contains(out, "switched off") {
		t.Errorf("disable: had %d %s", code, out)
	}
	if code, _, _ := p.hoox("", "accounts", "enable", "bybit:testnet:other"); code != exitFailed {
		t.Errorf("enable of nothing: had %d, want 1", code)
	}
	if code, out, words := p.hoox("", "accounts", "mode", "bybit", "testnet"); code != exitRefused || !strings.Contains(out, "missing") || !strings.Contains(words, "BYBIT_TESTNET_API_SECRET") {
		t.Errorf("mode without keys: had %d %q %q, want 4 after the checklist", code, out, words)
	}
	if code, _, words := p.hoox("", "accounts", "mode", "bybit", "live", "--phrase", "yes"); code != exitUsage || !strings.Contains(words, "live bybit") {
		t.Errorf("a wrong phrase: had %d %q, want 2", code, words)
	}
	if code, out, _ := p.hoox("", "accounts", "mode", "bybit", "paper"); code != exitOK || !strings.Contains(out, "no real money") {
		t.Errorf("mode paper: had %d %s", code, out)
	}
	if code, _, _ := p.hoox("", "accounts", "test", "bybit:testnet"); code != exitRefused {
		t.Errorf("test without keys: had %d, want 4", code)
	}
	if code, out, _ := p.hoox("", "accounts", "canary", "bybit:paper", "BTCUSDT"); code != exitOK || !strings.Contains(out, "canceled") {
		t.Errorf("canary on paper: had %d %s", code, out)
	}
	if code, out, _ := p.hoox("", "drift"); code != exitOK || !strings.Contains(out, "agree") {
		t.Errorf("drift: had %d %s", code, out)
	}
}

func TestStrategiesAreKeptAndPreviewed(t *testing.T) {
	p := start(t)
	doc := `{"name":"ema","enabled":true,"routes":[{"account":"bybit:paper","enabled":true},{"account":"binance:paper","enabled":true,"sizeMode":"multiplier","sizeValue":"2"}],"stopLoss":"5%"}`
	file := filepath.Join(t.TempDir(), "ema.json")
	if err := os.WriteFile(file, []byte(doc), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, words := p.hoox("", "strategies", "save", "--file", file); code != exitOK || !strings.Contains(out, "version 1, switched on, on bybit:paper, binance:paper") {
		t.Fatalf("save: had %d %q %q", code, out, words)
	}
	_, shown, _ := p.hoox("", "strategies", "show", "ema")
	if code, out, words := p.hoox(shown, "strategies", "save", "--file", "-"); code != exitOK || !strings.Contains(out, "version 2") {
		t.Errorf("what show prints: had %d %q %q, want it stored as the next version", code, out, words)
	}
	if code, _, words := p.hoox(shown, "strategies", "save", "--file", "-", "--version", "1"); code != exitFailed {
		t.Errorf("an old version: had %d %q, want 1: somebody else changed it", code, words)
	}
	_, row, _ := p.hoox("", "strategies", "show", "ema", "--json")
	if code, _, words := p.hoox(row, "strategies", "save", "--file", "-"); code != exitOK {
		t.Errorf("what show --json prints: had %d %q", code, words)
	}
	if code, _, words := p.hoox(row, "strategies", "save", "--file", "-"); code != exitFailed {
		t.Errorf("the same again: had %d %q, want 1: its version has gone by", code, words)
	}
	for _, bad := range []string{`{"name":"x","stopless":"5%"}`, `{"name":"x","stopLoss":"soon"}`, "[]", ""} {
		if code, _, words := p.hoox(bad, "strategies", "save", "--file", "-"); code != exitUsage || words == "" {
			t.Errorf("%s: had %d %q, want 2", bad, code, words)
		}
	}
	alert := `{"symbol":"BYBIT:BTCUSDT.P","action":"LONG","quantity":0.01}`
	code, out, words := p.hoox(alert, "strategies", "preview", "ema", "--alert", "-")
	if code != exitOK || !strings.Contains(out, "buy 0.02 BTC market") || !strings.Contains(out, "bybit:paper") || !strings.Contains(out, "stop ") {
		t.Errorf("preview: had %d %q %q", code, out, words)
	}
	if _, out, _ := p.hoox("", "signals"); !strings.Contains(out, "no signals yet") {
		t.Errorf("a preview was stored: %s", out)
	}
	send := `{"symbol":"BYBIT:BTCUSDT.P","action":"LONG","quantity":0.01,"strategy":"ema"}`
	code, out, words = p.hoox(send, "send")
	if code != exitOK || !strings.Contains(out, "binance:paper: filled") {
		t.Errorf("send: had %d %q %q, want every account told", code, out, words)
	}
	signals := must[SignalPage](p, "Signals/List", PageRequest{}).Items
	if len(signals) != 2 || len(signals[0].Children)+len(signals[1].Children) != 1 || signals[0].Parent+signals[1].Parent == "" {
		t.Errorf("signals %+v, want one with a child and one with its parent", signals)
	}
	for _, s := range signals {
		if _, out, _ := p.hoox("", "trace", s.RequestID); !strings.Contains(out, "also on binance:paper: filled") && !strings.Contains(out, "the same alert on the first account") {
			t.Errorf("trace: %s", out)
		}
	}
	if code, out, _ := p.hoox("", "strategies"); code != exitOK || !strings.Contains(out, "bybit:paper, binance:paper") {
		t.Errorf("strategies: had %d %s", code, out)
	}
	if code, out, _ := p.hoox("", "strategies", "delete", "ema"); code != exitOK || !strings.Contains(out, "deleted") {
		t.Errorf("delete: had %d %s", code, out)
	}
	if code, _, _ := p.hoox("", "strategies", "show", "ema"); code != exitFailed {
		t.Errorf("show of nothing: had %d, want 1", code)
	}
}
