package app

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/gofrs/flock"
	"go.uber.org/goleak"

	"hoox/backend/node"
)

// asProgram names a data folder: started again with it, the binary of the tests is the program itself.
const asProgram = "HOOX_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if dir := os.Getenv(asProgram); dir != "" {
		os.Exit(Main([]string{"--data-dir", dir, "serve", "--listen", "127.0.0.1:0", "--control", "127.0.0.1:0"}, testPages()))
	}
	// The log's rotation keeps one goroutine for the life of the process.
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/DeRuina/timberjack.(*Logger).millRun"))
}

const testKey = "test-webhook-key-0123456789abcdef"

// testPages is a front end small enough to read.
func testPages() fstest.MapFS {
	return fstest.MapFS{
		"index.html":      {Data: []byte("<!doctype html><title>Hoox</title>")},
		"assets/index.js": {Data: []byte("export {}")},
		".gitkeep":        {},
	}
}

// program is a running instance on a folder of its own.
type program struct {
	*instance
	t      *testing.T
	dir    string
	stderr *lockedBuffer
	// ready is closed once alerts are taken; end stops the program.
	ready chan struct{}
	end   func()
}

// lockedBuffer is a log that may be read while it is written.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// start runs the whole program in a throw-away folder until the test ends.
func start(t *testing.T) *program {
	t.Helper()
	p, _ := launch(t, privateDir(t))
	// The deposits of new paper accounts are booked beside the start.
	await(t, func() bool {
		accounts, err := p.node.Equity(context.Background())
		return err == nil && len(accounts) == 4
	})
	return p
}

// begin runs the whole program in a folder and returns how to stop it, which the end of the test does too.
func begin(t *testing.T, dir string) (stop func()) {
	t.Helper()
	_, stop = launch(t, dir)
	return stop
}

// launch runs the whole program in a folder, its webhook key given by the environment.
func launch(t *testing.T, dir string) (*program, func()) {
	t.Helper()
	t.Setenv("HOOX_SECRET_WEBHOOK_API_KEY", testKey)
	p := startOn(t, configOf(t, dir, testEnv))
	return p, p.end
}

// configOf is the configuration of a program on free ports.
func configOf(t *testing.T, dir string, env func(string) string) node.Config {
	t.Helper()
	config, err := node.Load(node.Flags{DataDir: dir, GatewayListen: "127.0.0.1:0", ControlListen: "127.0.0.1:0"}, env)
	if err != nil {
		t.Fatal(err)
	}
	return config
}

// startOn runs the whole program until the test ends, and waits until it takes alerts, or for somebody to unlock its vault.
// What is to be prepared is prepared before it runs.
func startOn(t *testing.T, config node.Config, prepare ...func(*instance)) *program {
	t.Helper()
	stderr := &lockedBuffer{}
	i, err := openInstance(context.Background(), config, testPages(), newLogbook(stderr, "debug"))
	if err != nil {
		t.Fatal(err)
	}
	for _, do := range prepare {
		do(i)
	}
	p := &program{instance: i, t: t, dir: config.DataDir, stderr: stderr, ready: make(chan struct{})}
	done := make(chan error, 1)
	go func() { done <- i.run(func() { close(p.ready) }) }()
	select {
	case <-p.ready:
	case <-i.node.Waiting():
	case err := <-done:
		t.Fatalf("did not start: %v\n%s", err, stderr)
	}
	p.end = sync.OnceFunc(func() {
		i.stop()
		if err := <-done; err != nil {
			t.Errorf("did not stop cleanly: %v\n%s", err, stderr)
		}
		if strings.Contains(stderr.String(), testKey) {
			t.Error("the webhook key is in the log")
		}
	})
	t.Cleanup(p.end)
	return p
}

func testEnv(name string) string {
	return map[string]string{"HOOX_PAPER_MARKET": "synthetic", "HOOX_SECRET_WEBHOOK_API_KEY": testKey}[name]
}

// privateDir is a data folder that only we may read.
func privateDir(t *testing.T) string {
	t.Helper()
	return t.TempDir() + "/data"
}

// holdLock locks a data folder as an instance does, until the test or release ends it.
func holdLock(t *testing.T, dir string) (release func()) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	lock := flock.New(lockPath(dir))
	if taken, err := lock.TryLock(); err != nil || !taken {
		t.Fatal(taken, err)
	}
	release = sync.OnceFunc(func() { _ = lock.Unlock() })
	t.Cleanup(release)
	return release
}

// request is one HTTP call with everything that can be wrong about it.
type request struct {
	method, path, body string
	header             map[string]string
	host               string
}

func (p *program) do(r request) (*http.Response, string) {
	p.t.Helper()
	req, err := http.NewRequest(r.method, p.control.url()+r.path, strings.NewReader(r.body))
	if err != nil {
		p.t.Fatal(err)
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
	}
	if r.host != "" {
		req.Host = r.host
	}
	client := http.Client{
		Timeout: longEnough, Transport: &http.Transport{DisableKeepAlives: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	resp, err := client.Do(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return resp, string(body)
}

// call asks one method with the token and reads its answer; fault is what it failed with, "" kind for none.
func call[A any](p *program, method string, request any) (answer A, fault Fault) {
	p.t.Helper()
	body, err := json.Marshal(request)
	if err != nil {
		p.t.Fatal(err)
	}
	resp, text := p.do(requestOf(p, method, string(body)))
	into := any(&answer)
	if resp.StatusCode != http.StatusOK {
		into = &fault
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		p.t.Fatalf("%s answered %d %q: %v", method, resp.StatusCode, text, err)
	}
	if strings.Contains(text, ":null") {
		p.t.Errorf("%s answered with a null, which the page would have to expect everywhere: %s", method, text)
	}
	return answer, fault
}

func requestOf(p *program, method, body string) request {
	return request{method: "POST", path: "/api/" + method, body: body, header: map[string]string{
		"Authorization": "Bearer " + p.token.Reveal(), "Content-Type": "application/json",
	}}
}

// must is call where a fault fails the test.
func must[A any](p *program, method string, request any) A {
	p.t.Helper()
	answer, fault := call[A](p, method, request)
	if fault.Kind != "" {
		p.t.Fatalf("%s: %+v\n%s", method, fault, p.stderr)
	}
	return answer
}

// alert posts to the gateway as TradingView would and returns status and body.
func (p *program) alert(fields string) (int, gatewayAnswer) {
	p.t.Helper()
	got, err := postAlert(context.Background(), "http://"+p.node.GatewayAddr()+"/webhook", []byte(`{"apiKey":"`+testKey+`",`+fields+`}`), time.Now)
	if err != nil {
		p.t.Fatal(err)
	}
	var answer gatewayAnswer
	if err := json.Unmarshal([]byte(got.Body), &answer); err != nil {
		p.t.Fatalf("gateway answered %d %q", got.Status, got.Body)
	}
	return got.Status, answer
}

// buy opens 0.01 BTC long on the paper account.
func (p *program) buy() {
	p.t.Helper()
	if status, answer := p.alert(`"exchange":"paper","action":"LONG","symbol":"BTCUSDT","quantity":0.01,"idempotencyKey":"` + randomText() + `"`); status != 200 || answer.Result.Status != "Filled" {
		p.t.Fatalf("the entry was answered %d %+v", status, answer)
	}
}

func (l *lockedBuffer) reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.b.Reset()
}
