package tunnel_test

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hoox/backend/tunnel"
)

// limit bounds how long a test waits for what must happen.
const limit = 30 * time.Second

// stage is a tunnel with everything around it.
type stage struct {
	t       *testing.T
	dir     string
	config  tunnel.Config
	parts   tunnel.Parts
	runner  *tunnel.Runner
	door    *tunnel.Door
	secrets map[string]string
	live    *toggle
	alarms  *alarms
	// edit changes the runner before it is started.
	edit func(*tunnel.Runner)
}

// toggle is a word that tests change while others read it.
type toggle struct {
	mu sync.Mutex
	on bool
}

func (x *toggle) set(on bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.on = on
}

func (x *toggle) is() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.on
}

// alarms keeps what was raised.
type alarms struct {
	mu   sync.Mutex
	list []tunnel.Alarm
}

func (x *alarms) raise(a tunnel.Alarm) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.list = append(x.list, a)
}

func (x *alarms) of(kind tunnel.AlarmKind) []tunnel.Alarm {
	x.mu.Lock()
	defer x.mu.Unlock()
	var out []tunnel.Alarm
	for _, a := range x.list {
		if a.Kind == kind {
			out = append(out, a)
		}
	}
	return out
}

// set builds a stage; its data folder is short enough for a socket.
func set(t *testing.T, c tunnel.Config) *stage {
	t.Helper()
	dir, err := os.MkdirTemp("", "t")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	s := &stage{t: t, dir: dir, config: c, door: tunnel.NewDoor(), secrets: map[string]string{}, live: &toggle{}, alarms: &alarms{}, edit: (*tunnel.Runner).Hurry}
	s.parts = tunnel.Parts{
		Dir: dir, Door: s.door, Now: time.Now, Live: s.live.is, Alarm: s.alarms.raise,
		Secret: func(name string) (string, bool, error) { v, ok := s.secrets[name]; return v, ok, nil },
		Env: func(name string) string {
			return map[string]string{
				"PATH": os.Getenv("PATH"), "HOME": dir, "TMPDIR": os.TempDir(), "HOOX_SECRET_BYBIT_API_KEY": "must-not-leave", "SSH_AUTH_SOCK": "/nowhere",
			}[name]
		},
	}
	return s
}

// start makes the tunnel and runs it until stop is called, at the latest at the end of the test.
func (s *stage) start() (stop func()) {
	s.t.Helper()
	runner, err := tunnel.New(s.config, s.parts)
	if err != nil {
		s.t.Fatalf("New: %v", err)
	}
	s.edit(runner)
	s.runner = runner
	ctx, cancel := context.WithCancel(s.t.Context())
	done := make(chan error, 1)
	go func() { done <- runner.Serve(ctx) }()
	var once sync.Once
	stop = func() {
		once.Do(func() {
			cancel()
			select {
			case err := <-done:
				if err != nil {
					s.t.Errorf("Serve returned %v after a stop, want nil: a supervisor would start it again", err)
				}
			case <-time.After(limit):
				s.t.Errorf("Serve did not return within %s after it was told to stop", limit)
			}
		})
	}
	s.t.Cleanup(stop)
	return stop
}

// await waits until the tunnel's state is as it must become.
func (s *stage) await(what string, is func(tunnel.State) bool) tunnel.State {
	s.t.Helper()
	changes, cancel := s.runner.Changes()
	defer cancel()
	late := time.NewTimer(limit)
	defer late.Stop()
	for {
		state := s.runner.State()
		if is(state) {
			return state
		}
		select {
		case <-changes:
		case <-late.C:
			s.t.Fatalf("waited %s for: %s\nhad %+v\noutput:\n%s", limit, what, s.runner.State(), strings.Join(s.runner.Output(), "\n"))
		}
	}
}

func (s *stage) awaitUp() tunnel.State {
	s.t.Helper()
	return s.await("the tunnel is up", func(x tunnel.State) bool { return x.Phase == tunnel.Up })
}

// eventually waits for something that no state tells.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	tick, late := time.NewTicker(5*time.Millisecond), time.NewTimer(limit)
	defer tick.Stop()
	defer late.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-late.C:
			t.Fatalf("waited %s for: %s", limit, what)
		}
	}
}

// heard is one request that came out of the door.
type heard struct {
	Path, Body, Host, Remote string
	Header                   http.Header
	// Trusted is the header that the connection says carries the client's address.
	Trusted string
	// Public is the name that the connection says the world calls it by.
	Public string
}

type connKey struct{}

// gateway answers what comes out of the door, and hands the requests over.
func (s *stage) gateway() <-chan heard {
	s.t.Helper()
	requests := make(chan heard, 16)
	s.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h := heard{Path: r.URL.Path, Body: string(body), Host: r.Host, Remote: r.RemoteAddr, Header: r.Header}
		if c, ok := r.Context().Value(connKey{}).(interface{ ClientIPHeader() string }); ok {
			h.Trusted = c.ClientIPHeader()
		}
		if c, ok := r.Context().Value(connKey{}).(interface{ PublicHost() string }); ok {
			h.Public = c.PublicHost()
		}
		requests <- h
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"success":true}`)
	}))
	return requests
}

// serve has a handler answer what comes out of the door.
func (s *stage) serve(h http.Handler) {
	server := &http.Server{
		ReadHeaderTimeout: 300 * time.Millisecond, Handler: h,
		ConnContext: func(ctx context.Context, c net.Conn) context.Context {
			return context.WithValue(ctx, connKey{}, c)
		},
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(s.door.Listener())
	}()
	s.t.Cleanup(func() { server.Close(); <-done })
}

// post sends an alert to a public address, with a forged address in front, and returns status and body.
func post(t *testing.T, public string) (int, string) {
	t.Helper()
	client := &http.Client{Timeout: limit, Transport: &http.Transport{DisableKeepAlives: true}}
	request, err := http.NewRequestWithContext(t.Context(), "POST", public+"/webhook", strings.NewReader(`{"action":"LONG"}`))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("X-Forwarded-For", "52.89.214.238")
	request.Header.Set("Cf-Connecting-Ip", "52.89.214.238")
	request.Header.Set(tunnel.HeaderOwn, "52.89.214.238")
	response, err := client.Do(request)
	if err != nil {
		t.Fatalf("post to %s: %v", public, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

// stranger is whom the edges of the stand-ins see as the client.
const stranger = "203.0.113.9"

// troupe is a folder with stand-ins and what they are told and have seen.
type troupe struct {
	t   *testing.T
	dir string
}

// hire puts the test binary under other names into a folder.
func hire(t *testing.T, names ...string) *troupe {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	x := &troupe{t, t.TempDir()}
	for _, name := range names {
		if err := os.Symlink(self, x.path(name)); err != nil {
			t.Fatal(err)
		}
	}
	return x
}

func (x *troupe) path(name string) string { return filepath.Join(x.dir, name) }

// plan is what a stand-in is to do.
type plan struct {
	// Hostname is the address of a quick tunnel, Lost takes its connection away.
	Hostname string
	Lost     bool
	// Dashboard is what the far end says the tunnel leads where, in place of the file.
	Dashboard []map[string]any
	// Deaf has a program ignore that it is asked to end, Litter has it leave a child.
	Deaf, Litter bool
	// Swap has the file "impostor" take the place of the program as soon as it was asked its version.
	Swap bool
	// Plain has a command print an address without encryption.
	Plain bool
	// Closed has Funnel not be allowed, Stopped has Tailscale be switched off, Offline has it be without network.
	Closed, Stopped, Offline bool
}

func (x *troupe) tell(p plan) {
	x.t.Helper()
	text, err := json.Marshal(p)
	if err != nil {
		x.t.Fatal(err)
	}
	// Whole or not at all: the stand-in reads it at any moment.
	if err := os.WriteFile(x.path("plan.new"), text, 0o600); err != nil {
		x.t.Fatal(err)
	}
	if err := os.Rename(x.path("plan.new"), x.path("plan.json")); err != nil {
		x.t.Fatal(err)
	}
}

// sight is one start of a stand-in, as it saw it.
type sight struct {
	PID       int
	Args, Env []string
	Cmdline   string
	Dir       string
}

// seen lists the starts of a stand-in that ran for longer than a question.
func (x *troupe) seen() []sight {
	x.t.Helper()
	text, err := os.ReadFile(x.path("seen.jsonl"))
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		x.t.Fatal(err)
	}
	var out []sight
	for line := range strings.Lines(string(text)) {
		var s sight
		if err := json.Unmarshal([]byte(line), &s); err != nil {
			x.t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

// edge is the public address that a stand-in serves.
func (x *troupe) edge() string {
	x.t.Helper()
	text, err := os.ReadFile(x.path("edge"))
	if err != nil {
		x.t.Fatal(err)
	}
	return strings.TrimSpace(string(text))
}
