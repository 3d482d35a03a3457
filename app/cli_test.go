package app

import (
	"bytes"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofrs/flock"
)

// hoox runs one command line in this process.
func hoox(t *testing.T, stdin string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, words bytes.Buffer
	code = run(args, shell{ctx: t.Context(), ui: testPages(), stdin: strings.NewReader(stdin), stdout: &out, stderr: &words, env: testEnv, now: time.Now})
	return code, out.String(), words.String()
}

// at runs a command beside a running program.
func (p *program) hoox(stdin string, args ...string) (int, string, string) {
	p.t.Helper()
	return hoox(p.t, stdin, append([]string{"--data-dir", p.dir}, args...)...)
}

func TestUsageFaultsEndWithTwo(t *testing.T) {
	for _, args := range [][]string{
		{"nonsense"}, {"kill"}, {"kill", "perhaps"}, {"serve", "--port", "1"}, {"trace"}, {"config", "set", "one"}, {"secret", "set"},
		{"--log-level", "loud", "demo"}, {"--config", "/nowhere/config.toml", "status"}, {"restore", "x"},
		{"accounts", "mode", "bybit"}, {"accounts", "mode", "paper", "live"}, {"accounts", "mode", "bybit", "real"}, {"accounts", "test"}, {"accounts", "canary", "bybit:live"},
		{"accounts", "add", "bybit", "paper", "x"}, {"drift", "fix", "x"}, {"drift", "fix", "x", "guess"}, {"strategies", "save"}, {"strategies", "preview", "x"},
		{"alerts"}, {"alerts", "missed"}, {"alerts", "missed", "/nowhere/log.csv"}, {"alerts", "missed", "-"},
		{"vault", "seal"}, {"vault", "seal", "cloud"}, {"vault", "export"}, {"vault", "import", "/nowhere/secrets.age"}, {"secret", "set", "lower"},
	} {
		if code, out, words := hoox(t, "", args...); code != exitUsage || out != "" || words == "" {
			t.Errorf("hoox %v: had %d %q %q, want 2 and words on stderr", args, code, out, words)
		}
	}
	for _, args := range [][]string{{"--json", "nonsense"}, {"nonsense", "--json"}, {"kill", "--json"}, {"signals", "--limit", "many", "--json"}} {
		code, out, words := hoox(t, "", args...)
		var fault Fault
		if err := json.Unmarshal([]byte(words), &fault); code != exitUsage || out != "" || err != nil || fault.Kind != "invalid" {
			t.Errorf("hoox %v: had %d %q %q, want 2 and a fault as JSON: a machine reads it", args, code, out, words)
		}
	}
	if code, out, _ := hoox(t, "", "--help"); code != exitOK || !strings.Contains(out, "serve") || !strings.Contains(out, "demo") {
		t.Errorf("--help: had %d %s", code, out)
	}
	if code, out, _ := hoox(t, "", "version", "--json"); code != exitOK || !strings.Contains(out, `"sqlite": "3.`) {
		t.Errorf("version: had %d %s", code, out)
	}
}

func TestAWrongCommandLineIsToldWithTheHelpThatFits(t *testing.T) {
	for line, want := range map[string]string{
		"export trades --format csv": "there is no command export: run `hoox --help`",
		"report daily":               "there is no command report: run `hoox --help`",
		"--frob":                     "unknown flag --frob: run `hoox --help`",
		"kill":                       "run `hoox kill --help`",
		"signals --limit many":       "run `hoox signals --help`",
		"secret set":                 "run `hoox secret set --help`",
		"secret set A B":             "unexpected argument B: run `hoox secret set --help`",
	} {
		code, _, words := hoox(t, "", strings.Fields(line)...)
		if code != exitUsage || !strings.Contains(words, want) {
			t.Errorf("hoox %s: had %d %q, want 2 and %q", line, code, words, want)
		}
	}
}

func TestSecretsGoIntoAFolderOfOurOwnOnly(t *testing.T) {
	open, linked := t.TempDir()+"/open", t.TempDir()+"/linked"
	if err := os.Mkdir(open, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(open, linked); err != nil {
		t.Fatal(err)
	}
	if code, _, words := hoox(t, "value\n", "--data-dir", linked, "secret", "set", "BYBIT_API_KEY"); code != exitUsage {
		t.Errorf("a linked folder: had %d %s, want 2: somebody else may choose where it leads", code, words)
	}
	if err := os.Chmod(open, 0o777); err != nil {
		t.Fatal(err)
	}
	if code, _, words := hoox(t, "value\n", "--data-dir", open, "secret", "set", "BYBIT_API_KEY"); code != exitUsage {
		t.Errorf("a folder open to everybody: had %d %s, want 2", code, words)
	}
	if left, err := os.ReadDir(open); err != nil || len(left) != 0 {
		t.Errorf("%d files were written into it (%v)", len(left), err)
	}
}

func TestEveryCommandThatNeedsARunningInstanceSaysSo(t *testing.T) {
	dir := privateDir(t)
	for _, args := range [][]string{
		{"send", "--action", "LONG"}, {"kill", "status"}, {"flatten", "--yes"}, {"status"}, {"signals"}, {"orders"}, {"fills"}, {"positions"},
		{"trace", "x"}, {"config", "list"}, {"config", "get", "x"}, {"config", "set", "x", "1"}, {"browser"},
		{"accounts"}, {"accounts", "list"}, {"accounts", "test", "bybit:testnet"}, {"accounts", "add", "bybit", "testnet", "swing"}, {"accounts", "enable", "x"},
		{"accounts", "disable", "x"}, {"accounts", "mode", "bybit", "live", "--phrase", "live bybit"}, {"accounts", "canary", "bybit:testnet", "BTCUSDT"},
		{"alerts", "missed", "help_test.go"}, {"drift"}, {"drift", "fix", "x", "adopt", "--yes"}, {"strategies"}, {"strategies", "show", "x"}, {"strategies", "delete", "x"},
		{"vault", "unlock"}, {"vault", "lock"}, {"tunnel"}, {"tunnel", "confirm", "https://x"}, {"tunnel", "trust", "x"}, {"tunnel", "retry"},
		{"setup"}, {"setup", "terms"}, {"setup", "accept", "--yes"}, {"setup", "later"}, {"setup", "finish"},
	} {
		code, out, words := hoox(t, "", append([]string{"--data-dir", dir, "--json"}, args...)...)
		var fault Fault
		if code != exitNotRunning || out != "" || json.Unmarshal([]byte(words), &fault) != nil || !strings.Contains(fault.Message, "hoox serve") {
			t.Errorf("hoox %v: had %d %q %q, want 3 and how to start it", args, code, out, words)
		}
	}
	if _, err := os.Stat(dir); err == nil {
		t.Error("asking made a data folder")
	}
}

func TestALeftOverControlFileIsNotTrusted(t *testing.T) {
	dir := privateDir(t)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	// Killed: control.json and the lock file are there, nobody holds the lock, and somebody else has the port.
	if err := writeControlFile(dir, controlFile{Control: "http://" + l.Addr().String(), Token: "canary", PID: 1}); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(lockPath(dir), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, _ := hoox(t, "", "--data-dir", dir, "kill", "status"); code != exitNotRunning {
		t.Errorf("had %d, want 3: the token must not go to whoever has the port now", code)
	}
}

func TestAHaltWithoutAnAnswerIsAskedForAgainAndAReleaseIsNot(t *testing.T) {
	dir := privateDir(t)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	lock := flock.New(lockPath(dir))
	if taken, err := lock.TryLock(); err != nil || !taken {
		t.Fatal(taken, err)
	}
	defer lock.Unlock()
	var asked atomic.Int64
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1)%3 != 0 {
			panic(http.ErrAbortHandler) // the connection is closed without a word
		}
		writeJSON(w, http.StatusOK, TradingState{State: "halted", Exchanges: []KillProgress{}})
	}))
	defer s.Close()
	if err := writeControlFile(dir, controlFile{Gateway: s.URL, Control: s.URL, Token: "t", PID: 1}); err != nil {
		t.Fatal(err)
	}
	if code, out, words := hoox(t, "", "--data-dir", dir, "kill", "on"); code != exitOK || asked.Load() != 3 || !strings.Contains(out, "HALTED") {
		t.Errorf("kill on: had %d %q %q after %d tries, want it pressed until it is proven", code, out, words, asked.Load())
	}
	if code, _, _ := hoox(t, "", "--data-dir", dir, "kill", "off"); code != exitUnknown || asked.Load() != 4 {
		t.Errorf("kill off: had %d after %d tries, want 5 after one: it may have been done, and undone by a trip", code, asked.Load()-3)
	}
}

func TestTheCommandLineDoesTheWholeJob(t *testing.T) {
	p := start(t)
	long := []string{"send", "--exchange", "paper", "--action", "LONG", "--symbol", "BTCUSDT", "--quantity", "0.01"}
	code, out, words := p.hoox("", long...)
	if code != exitOK || !strings.Contains(out, "Filled") || words != "" {
		t.Fatalf("send: had %d %q %q", code, out, words)
	}
	code, out, _ = p.hoox("", append(long, "--json")...)
	var answer gatewayAnswer
	if code != exitOK || json.Unmarshal([]byte(out), &answer) != nil || answer.Result.Status != "Filled" || strings.Contains(out, testKey) {
		t.Errorf("send --json: had %d %q, want the gateway's own answer and a second fill", code, out)
	}
	if code, _, words := p.hoox("", "send", "--exchange", "paper", "--action", "LONG", "--symbol", "BTCUSDT", "--quantity", "9999"); code != exitRefused || words == "" {
		t.Errorf("a refused entry: had %d %q, want 4", code, words)
	}
	if code, _, _ := p.hoox("", "send", "--key", "wrong", "--action", "LONG", "--symbol", "BTCUSDT", "--quantity", "1"); code != exitFailed {
		t.Errorf("a wrong key: had %d, want 1", code)
	}
	for _, c := range []struct {
		args []string
		code int
		kind string
	}{
		{[]string{"--key", "wrong", "--action", "LONG"}, exitFailed, "unauthorized"},
		{[]string{"--action", "HOLD", "--symbol", "BTCUSDT"}, exitUsage, "invalid"},
		{[]string{"--exchange", "paper", "--action", "LONG", "--symbol", "BTCUSDT", "--quantity", "9999"}, exitRefused, "refused"},
	} {
		code, _, words := p.hoox("", append([]string{"send", "--json"}, c.args...)...)
		var fault Fault
		if err := json.Unmarshal([]byte(words), &fault); err != nil || code != c.code || fault.Kind != c.kind {
			t.Errorf("send %v: had %d %s, want %d and %s: a script goes by it", c.args, code, words, c.code, c.kind)
		}
	}
	piped := `{"exchange":"paper","action":"CLOSE_LONG","symbol":"BTCUSDT","quantity":"0.005","idempotencyKey":"piped"}`
	if code, out, words := p.hoox(piped, "send"); code != exitOK || !strings.Contains(out, "Filled") {
		t.Errorf("an alert on stdin: had %d %q %q", code, out, words)
	}
	if code, _, _ := p.hoox(piped, "send", "--file", "-"); code != exitRefused {
		t.Errorf("the same alert again: had %d, want 4 for the duplicate", code)
	}
	for _, list := range []struct{ command, text string }{{"signals", "filled"}, {"orders", "0.005"}, {"fills", "USDT"}, {"positions", "0.015"}, {"status", "ledger"}, {"doctor", "running"}} {
		if code, out, words := p.hoox("", list.command); code != exitOK || !strings.Contains(out, list.text) {
			t.Errorf("%s: had %d %q %q, want %q in it", list.command, code, out, words, list.text)
		}
	}
	_, out, _ = p.hoox("", "signals", "--json", "--limit", "1")
	var page SignalPage
	if err := json.Unmarshal([]byte(out), &page); err != nil || len(page.Items) != 1 || page.Next == "" {
		t.Fatalf("signals --json: %v %s", err, out)
	}
	if code, out, _ := p.hoox("", "trace", page.Items[0].RequestID); code != exitOK || !strings.Contains(out, "admitted") {
		t.Errorf("trace: had %d %s", code, out)
	}
	if code, _, words := p.hoox("", "trace", "nothing"); code != exitFailed || !strings.Contains(words, "there is no signal nothing") {
		t.Errorf("trace of nothing: had %d %q, want 1 and plain words", code, words)
	}
	if code, _, words := p.hoox("", "flatten"); code != exitUsage || !strings.Contains(words, "--yes") {
		t.Errorf("flatten by a script: had %d %q, want 2 and --yes", code, words)
	}
	if code, out, words := p.hoox("", "flatten", "--yes"); code != exitOK || !strings.Contains(out, "proven") {
		t.Errorf("flatten: had %d %q %q", code, out, words)
	}
}

func TestTheCommandLineKeepsTheHouse(t *testing.T) {
	p := start(t)
	if code, out, _ := p.hoox("", "kill", "on", "--reason", "looking", "--json"); code != exitOK || !strings.Contains(out, `"state": "halted"`) || !strings.Contains(out, "looking") {
		t.Errorf("kill on: had %d %s", code, out)
	}
	if code, _, words := p.hoox("", "send", "--exchange", "paper", "--action", "LONG", "--symbol", "BTCUSDT", "--quantity", "0.01"); code != exitRefused || !strings.Contains(words, "halted") {
		t.Errorf("an entry while halted: had %d %q, want 4", code, words)
	}
	if code, out, _ := p.hoox("", "kill", "pause"); code != exitOK || !strings.Contains(out, "REDUCING") {
		t.Errorf("kill pause: had %d %s", code, out)
	}
	if code, out, _ := p.hoox("", "kill", "off"); code != exitOK || !strings.Contains(out, "ACTIVE") {
		t.Errorf("kill off: had %d %s", code, out)
	}
	if code, _, words := p.hoox("", "config", "set", "trade:default_leverage", "500"); code != exitUsage || !strings.Contains(words, "1 to 125") {
		t.Errorf("config set out of bounds: had %d %q", code, words)
	}
	if code, _, _ := p.hoox("", "config", "set", "trade:default_leverage", "7"); code != exitOK {
		t.Errorf("config set: had %d", code)
	}
	if code, out, _ := p.hoox("", "config", "get", "trade:default_leverage"); code != exitOK || strings.TrimSpace(out) != "7" {
		t.Errorf("config get: had %d %q, want 7", code, out)
	}
	if code, out, _ := p.hoox("canary-secret-value\n", "secret", "set", "BYBIT_API_KEY"); code != exitOK || strings.Contains(out, "canary") {
		t.Errorf("secret set: had %d %q", code, out)
	}
	if got, _, err := p.node.Vault.Get("BYBIT_API_KEY"); err != nil || got.Reveal() != "canary-secret-value" {
		t.Errorf("the running instance reads %q %v", got, err)
	}
	if code, out, _ := p.hoox("", "secret", "list", "--json"); code != exitOK || !strings.Contains(out, "BYBIT_API_KEY") || strings.Contains(out, "canary") {
		t.Errorf("secret list: had %d %s", code, out)
	}
	if code, _, _ := p.hoox("", "secret", "delete", "INSTALL_KEY"); code != exitRefused {
		t.Errorf("the key of all order ids: had %d, want 4", code)
	}
	if code, out, _ := p.hoox("", "backup", "--to", t.TempDir(), "--json"); code != exitOK || !strings.Contains(out, `.db"`) {
		t.Errorf("backup: had %d %s", code, out)
	}
	if code, out, words := p.hoox("", "verify"); code != exitOK || !strings.Contains(out, "journal") {
		t.Errorf("verify: had %d %s %s", code, out, words)
	}
	code, out, _ := p.hoox("", "browser")
	if resp, _ := p.do(request{method: "GET", path: strings.TrimPrefix(strings.TrimSpace(out), p.control.url())}); code != exitOK || resp.StatusCode != 303 {
		t.Errorf("browser: had %d %s, which gave %d", code, out, resp.StatusCode)
	}
	info, err := os.Stat(controlPath(p.dir))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("control.json: %v %v, want 0600", info, err)
	}
}

func TestASecondInstanceIsRefusedWithSeven(t *testing.T) {
	p := start(t)
	for _, control := range []string{"127.0.0.1:0", p.control.listener.Addr().String()} {
		code, out, words := p.hoox("", "serve", "--listen", p.node.GatewayAddr(), "--control", control)
		if code != exitLocked || out != "" || !strings.Contains(words, p.dir) {
			t.Errorf("had %d %q %q, want 7 and which folder", code, out, words)
		}
	}
	if code, _, words := p.hoox("", "kill", "status"); code != exitOK {
		t.Errorf("the first is gone: %d %s", code, words)
	}
}

func TestAnAddressThatIsNoneEndsWithTwo(t *testing.T) {
	for _, flag := range []string{"--listen", "--control"} {
		for _, address := range []string{"nonsense", "127.0.0.1", "127.0.0.1:99999", "127.0.0.1:-1"} {
			code, out, words := hoox(t, "", "--data-dir", privateDir(t), "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", flag, address)
			if code != exitUsage || out != "" || !strings.Contains(words, "is no address") {
				t.Errorf("%s %s: had %d %q %q, want 2 and what is wrong: no other program has that port", flag, address, code, out, words)
			}
		}
	}
}

func TestAPortInUseIsToldWithItsFix(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().String()
	for _, args := range [][]string{{"--listen", "127.0.0.1:0", "--control", taken}, {"--listen", taken, "--control", "127.0.0.1:0"}} {
		code, out, words := hoox(t, "", append([]string{"--data-dir", privateDir(t), "serve"}, args...)...)
		if code != exitFailed || out != "" || !strings.Contains(words, taken) || !strings.Contains(words, "free one") {
			t.Errorf("%v: had %d %q %q, want 1 and the way out", args, code, out, words)
		}
	}
}

func TestDamagedDataEndsWithSix(t *testing.T) {
	for _, name := range []string{"core.db", "vault.json"} {
		dir := privateDir(t)
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), bytes.Repeat([]byte("damage"), 4096), 0o600); err != nil {
			t.Fatal(err)
		}
		if code, out, words := hoox(t, "", "--data-dir", dir, "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"); code != exitDamaged || out != "" || words == "" {
			t.Errorf("serve on a damaged %s: had %d %q %q, want 6", name, code, out, words)
		}
		if name == "core.db" {
			if code, _, _ := hoox(t, "", "--data-dir", dir, "verify"); code != exitDamaged {
				t.Errorf("verify of a damaged ledger: had %d, want 6", code)
			}
			if code, out, _ := hoox(t, "", "--data-dir", dir, "doctor"); code != exitFailed || !strings.Contains(out, "FAULT") || !strings.Contains(out, "backups") {
				t.Errorf("doctor: had %d %s, want the fault and its fix", code, out)
			}
		}
	}
}

func TestServePrintsOneLineAndStopsCleanly(t *testing.T) {
	dir := privateDir(t)
	ctx, stop := context.WithCancel(t.Context())
	out, words := &lockedBuffer{}, &lockedBuffer{}
	done := make(chan int, 1)
	go func() {
		done <- run([]string{"--data-dir", dir, "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"},
			shell{ctx: ctx, ui: testPages(), stdin: strings.NewReader(""), stdout: out, stderr: words, env: testEnv, now: time.Now})
	}()
	await(t, func() bool { return strings.Contains(out.String(), "\n") })
	var line readyLine
	if err := json.Unmarshal([]byte(out.String()), &line); err != nil || line.Event != "ready" || line.PID != os.Getpid() || !strings.HasPrefix(line.Browser, line.Control+"/?session=") {
		t.Errorf("stdout %q: %v", out, err)
	}
	stop()
	if code := <-done; code != exitOK {
		t.Errorf("had exit code %d\n%s", code, words)
	}
	if _, err := os.Stat(controlPath(dir)); err == nil {
		t.Error("control.json is still there after a clean stop")
	}
	if strings.Count(out.String(), "\n") != 1 || strings.Contains(words.String(), "session=") {
		t.Errorf("stdout %q, stderr %q: want one line, and no way in on the log", out, words)
	}
}

func TestEveryStartSaysWhereRealMoneyMoves(t *testing.T) {
	env := map[string]string{"HOOX_PAPER_MARKET": "synthetic"}
	mode := func(name string) string { return env[name] }
	if p := startOn(t, configOf(t, privateDir(t), mode)); strings.Contains(p.stderr.String(), "LIVE") {
		t.Errorf("a start on paper speaks of real money: %s", p.stderr)
	}
	dir := privateDir(t)
	for key, value := range map[string]string{"MODE": "live", "REST_URL": "http://127.0.0.1:1", "PUBLIC_WS_URL": "ws://127.0.0.1:1", "PRIVATE_WS_URL": "ws://127.0.0.1:1"} {
		env["HOOX_EXCHANGE_BYBIT_"+key] = value
	}
	for _, when := range []string{"the first", "the next"} {
		p := startOn(t, configOf(t, dir, mode))
		if log := p.stderr.String(); strings.Count(log, "LIVE, with real money") != 1 || !strings.Contains(log, `"exchange":"bybit"`) {
			t.Errorf("%s start: had %s, want one line that bybit is live: nobody at a window switched it on", when, log)
		}
		p.end()
	}
}

func TestDemoTradesAndAddsUp(t *testing.T) {
	code, out, words := hoox(t, "", "demo", "--json")
	var report demoReport
	if err := json.Unmarshal([]byte(out), &report); err != nil || code != exitOK || !report.OK {
		t.Fatalf("had %d %s %s %v", code, out, words, err)
	}
	var steps []string
	for _, s := range report.Steps {
		steps = append(steps, s.Step)
	}
	if got := strings.Join(steps, " "); got != "signal order fill close order fill" {
		t.Errorf("steps %q", got)
	}
	if report.Steps[0].Micros <= 0 || report.Fees == "0" || report.Profit == "" {
		t.Errorf("report %+v", report)
	}
	if code, out, _ := hoox(t, "", "demo"); code != exitOK || !strings.Contains(out, "profit") {
		t.Errorf("had %d %s", code, out)
	}
}

func TestWindowSaysHowToDoWithoutOne(t *testing.T) {
	if hasWindow {
		return
	}
	for _, args := range [][]string{{}, {"window"}} {
		if code, _, words := hoox(t, "", args...); code != exitFailed || !strings.Contains(words, "hoox serve") {
			t.Errorf("hoox %v: had %d %q, want 1 and the way to the pages", args, code, words)
		}
	}
}
