//go:build unix

package tunnel_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"hoox/backend/trading"
	"hoox/backend/tunnel"
)

// token has the shape of Cloudflare's: JSON in base64.
const token = "eyJhIjoiYWNjb3VudCIsInQiOiJ0dW5uZWwiLCJzIjoic2VjcmV0LXNlY3JldCJ9"

// named is a stage with a tunnel of an account.
func named(t *testing.T) (*stage, *troupe) {
	t.Helper()
	x := hire(t, "cloudflared", "sitter")
	s := set(t, tunnel.Config{Kind: tunnel.Cloudflared, Hostname: "Hooks.Example.com", Path: x.path("cloudflared")})
	s.secrets[tunnel.SecretCloudflared] = token
	return s, x
}

// quick is a stage with a tunnel without account.
func quick(t *testing.T, hostname string) (*stage, *troupe) {
	t.Helper()
	x := hire(t, "cloudflared", "sitter")
	x.tell(plan{Hostname: hostname})
	return set(t, tunnel.Config{Kind: tunnel.Cloudflared, Path: x.path("cloudflared")}), x
}

// gone tells that a process has ended.
func gone(pid int) bool { return syscall.Kill(pid, 0) != nil }

func TestNamedTunnelCarriesAnAlertAndSaysWhichHeaderToBelieve(t *testing.T) {
	s, x := named(t)
	requests := s.gateway()
	s.start()
	state := s.awaitUp()

	status, body := post(t, x.edge())

	if status != 200 || body != `{"success":true}` {
		t.Fatalf("the alert was answered %d %s, want the gateway's 200", status, body)
	}
	r := <-requests
	if r.Body != `{"action":"LONG"}` || r.Path != "/webhook" {
		t.Errorf("the gateway had %s %s, want the alert as it was sent", r.Path, r.Body)
	}
	if r.Trusted != "Cf-Connecting-Ip" || r.Header.Get(r.Trusted) != stranger || len(r.Header.Values(r.Trusted)) != 1 {
		t.Errorf("trusted header %q says %q, want Cf-Connecting-Ip with the one address that the edge saw", r.Trusted, r.Header.Values(r.Trusted))
	}
	if r.Public != "hooks.example.com" {
		t.Errorf("the connection says that its name is %q, want that of the tunnel: requests for any other are refused", r.Public)
	}
	if forged := r.Header.Get("X-Forwarded-For"); !strings.HasPrefix(forged, "52.89.214.238, ") {
		t.Errorf("X-Forwarded-For is %q: the stand-in must add to what the client sent, as the real one does", forged)
	}
	if !strings.HasPrefix(r.Remote, "127.0.0.1:") {
		t.Errorf("the connection comes from %q, want this computer", r.Remote)
	}
	if state.Public != "https://hooks.example.com" || state.Version != "2026.8.1" || state.Program != x.path("cloudflared") || len(state.Hash) != 64 {
		t.Errorf("had %+v, want address, version, program and its hash", state)
	}
}

func TestTokenIsInNoArgumentAndTheEnvironmentHoldsNothingElseOfOurs(t *testing.T) {
	s, x := named(t)
	s.start()
	s.awaitUp()

	seen := x.seen()
	if len(seen) != 1 {
		t.Fatalf("had %d starts, want 1", len(seen))
	}
	cmdline := seen[0].Cmdline
	if runtime.GOOS == "linux" {
		other, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(seen[0].PID), "cmdline"))
		if err != nil {
			t.Fatal(err)
		}
		cmdline += string(other)
	}
	if strings.Contains(cmdline+strings.Join(seen[0].Args, " "), "eyJ") {
		t.Errorf("the token stands in %q, where every user of this computer can read it", cmdline)
	}
	if !slices.Contains(seen[0].Env, "TUNNEL_TOKEN="+token) {
		t.Errorf("the token is not in the environment: the tunnel could not start")
	}
	for _, v := range seen[0].Env {
		name, _, _ := strings.Cut(v, "=")
		if !slices.Contains([]string{"HOME", "PATH", "TMPDIR", "TUNNEL_TOKEN"}, name) {
			t.Errorf("the child knows %s, which is none of its business", name)
		}
	}
	if home := filepath.Join(s.dir, "tunnel"); !slices.Contains(seen[0].Env, "HOME="+home) || seen[0].Dir != home {
		t.Errorf("the child is at home at %v and runs in %s, want %s: a configuration of the person's own could open more", seen[0].Env, seen[0].Dir, home)
	}
	if text := strings.Join(s.runner.Output(), "\n"); strings.Contains(text, "secret") || strings.Contains(text, "eyJ") || !strings.Contains(text, "the token is ***") {
		t.Errorf("the kept output is %q, want it without the token", text)
	}
}

func TestSocketOfANamedTunnelIsForItsOwnerOnly(t *testing.T) {
	s, _ := named(t)
	stop := s.start()
	state := s.awaitUp()

	path := filepath.Join(s.dir, "tunnel", "gateway.sock")
	if state.Local != "unix:"+path {
		t.Fatalf("Local is %q, want the socket: it is what the person writes into the dashboard", state.Local)
	}
	for path, want := range map[string]os.FileMode{path: 0o600, filepath.Dir(path): 0o700, filepath.Join(s.dir, "tunnel", "address.json"): 0o600} {
		info, err := os.Stat(path)
		if err != nil {
			t.Fatal(err)
		}
		if had := info.Mode().Perm(); had != want {
			t.Errorf("%s has mode %o, want %o: another user could send alerts through it as if they came from outside", path, had, want)
		}
	}
	stop()
	if _, err := os.Stat(path); !os.IsNotExist(err) {
		t.Errorf("the socket is still there after a stop: %v", err)
	}
}

func TestKilledProgramIsStartedAgainAndCarriesOn(t *testing.T) {
	s, x := named(t)
	requests := s.gateway()
	s.start()
	s.awaitUp()
	first := x.seen()[0].PID

	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	s.await("the tunnel is up again", func(x tunnel.State) bool { return x.Phase == tunnel.Up && x.Restarts >= 1 })

	if seen := x.seen(); len(seen) != 2 || seen[1].PID == first {
		t.Fatalf("had starts %v, want a second one", seen)
	}
	if status, _ := post(t, x.edge()); status != 200 {
		t.Errorf("had %d after the restart, want 200", status)
	}
	<-requests
}

func TestLostConnectionIsDegradedUntilItIsBack(t *testing.T) {
	s, x := named(t)
	s.start()
	s.awaitUp()

	x.tell(plan{Lost: true})
	state := s.await("the loss shows", func(x tunnel.State) bool { return x.Phase == tunnel.Degraded })
	if !strings.Contains(state.Detail, "no connection to Cloudflare") || state.Fix == "" {
		t.Errorf("had %+v, want what is lost and what to do", state)
	}
	x.tell(plan{})
	s.awaitUp()
	if n := len(x.seen()); n != 1 {
		t.Errorf("had %d starts, want 1: cloudflared reconnects by itself", n)
	}
}

func TestTunnelThatLeadsAnywhereElseIsStopped(t *testing.T) {
	for name, rules := range map[string][]map[string]any{
		"control interface": {{"hostname": "hooks.example.com", "service": "gateway"}, {"hostname": "admin.example.com", "service": "http://127.0.0.1:8788"}, {"service": "http_status:404"}},
		"router":            {{"hostname": "hooks.example.com", "service": "http://192.168.1.1"}, {"service": "http_status:404"}},
		"shell":             {{"hostname": "hooks.example.com", "service": "ssh://localhost:22"}, {"service": "http_status:404"}},
		"as a last resort":  {{"hostname": "hooks.example.com", "service": "gateway"}, {"service": "http://localhost:3000"}},
	} {
		s, x := named(t)
		stop := s.start()
		s.awaitUp()

		x.tell(plan{Dashboard: rules})
		state := s.await(name+": the tunnel is stopped", func(x tunnel.State) bool { return x.Phase == tunnel.Down })
		if !strings.Contains(state.Detail, "is not the gateway") || !strings.Contains(state.Fix, "dashboard") {
			t.Errorf("%s: had %+v, want what it leads to and where that is set", name, state)
		}
		if pid := x.seen()[0].PID; !gone(pid) {
			t.Errorf("%s: the program still runs, and so the way is still open", name)
		}
		stop()
	}
}

func TestDashboardThatDoesNotLeadHereIsSaid(t *testing.T) {
	s, x := named(t)
	x.tell(plan{Dashboard: []map[string]any{{"hostname": "other.example.com", "service": "gateway"}, {"service": "http_status:404"}}})
	s.start()
	state := s.await("the wrong hostname is said", func(x tunnel.State) bool {
		return strings.Contains(x.Detail, "does not lead https://hooks.example.com here")
	})
	if state.Phase != tunnel.Starting || !strings.Contains(state.Fix, state.Local) {
		t.Errorf("had %+v, want what is missing and the local address to write there", state)
	}
	x.tell(plan{Dashboard: []map[string]any{{"hostname": "*.example.com", "service": "gateway"}, {"service": "http_status:404"}}})
	s.awaitUp()
}

func TestQuickTunnelSaysItsAddressAndThatItIsNotForLive(t *testing.T) {
	s, x := quick(t, "Calm-River.trycloudflare.com")
	requests := s.gateway()
	s.start()
	if state := s.awaitUp(); state.Public != "https://calm-river.trycloudflare.com" {
		t.Errorf("had %q, want the address that the program was given", state.Public)
	}
	if status, _ := post(t, x.edge()); status != 200 {
		t.Errorf("had %d, want 200", status)
	}
	if r := <-requests; r.Trusted != "Cf-Connecting-Ip" || r.Public != "calm-river.trycloudflare.com" {
		t.Errorf("trusted header is %q under the name %q, want the one that the program was given", r.Trusted, r.Public)
	}
	if err := s.runner.MayCarryLive(); trading.KindOf(err) != trading.Refused || !strings.Contains(err.Error(), "quick tunnel") {
		t.Errorf("MayCarryLive: had %v, want Refused", err)
	}

	pid := x.seen()[0].PID
	s.live.set(true)
	s.await("the tunnel is stopped because an account went live", func(x tunnel.State) bool { return x.Phase == tunnel.Down })
	if !gone(pid) {
		t.Error("the program still runs although an account is live")
	}
}

func TestNewAddressIsAnAlarmUntilAPersonConfirmsIt(t *testing.T) {
	s, x := quick(t, "one.trycloudflare.com")
	stop := s.start()
	s.awaitUp()
	if n := len(s.alarms.of(tunnel.AddressChanged)); n != 0 {
		t.Fatalf("had %d alarms at the first address, want none", n)
	}
	again := func(address string) tunnel.State {
		x.tell(plan{Hostname: address})
		seen := x.seen()
		if err := syscall.Kill(seen[len(seen)-1].PID, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		return s.await("the address is "+address, func(x tunnel.State) bool { return x.Phase == tunnel.Up && x.Public == "https://"+address })
	}

	if state := again("two.trycloudflare.com"); state.Old != "https://one.trycloudflare.com" {
		t.Errorf("Old is %q, want the address that TradingView still has", state.Old)
	}
	raised := s.alarms.of(tunnel.AddressChanged)
	if len(raised) != 1 || raised[0].Old != "https://one.trycloudflare.com" || raised[0].New != "https://two.trycloudflare.com" || !strings.Contains(raised[0].Text, "TradingView still points at the old address") {
		t.Fatalf("had alarms %+v, want one with both addresses", raised)
	}

	// A restart of the whole program forgets nothing.
	stop()
	s.start()
	if state := s.awaitUp(); state.Old != "https://one.trycloudflare.com" {
		t.Errorf("after a restart Old is %q, want it kept until somebody confirms", state.Old)
	}
	if err := s.runner.Confirm("https://one.trycloudflare.com"); trading.KindOf(err) != trading.Conflict {
		t.Errorf("confirming an address that is gone: had %v, want Conflict", err)
	}
	if err := s.runner.Confirm("https://two.trycloudflare.com"); err != nil {
		t.Fatal(err)
	}
	if old := s.runner.State().Old; old != "" {
		t.Errorf("Old is %q after it was confirmed", old)
	}
	again("three.trycloudflare.com")
	if n := len(s.alarms.of(tunnel.AddressChanged)); n != 2 {
		t.Errorf("had %d alarms, want one for each change", n)
	}
}

func TestStopEndsTheProgramAndAllItStarted(t *testing.T) {
	for name, p := range map[string]plan{"obedient": {Litter: true}, "deaf": {Litter: true, Deaf: true}} {
		s, x := named(t)
		x.tell(p)
		s.edit = func(r *tunnel.Runner) {
			r.Hurry()
			r.SetEnd(300 * time.Millisecond)
		}
		stop := s.start()
		s.awaitUp()
		eventually(t, "the program has started another", func() bool { return len(x.seen()) == 2 })

		stop()

		for _, one := range x.seen() {
			eventually(t, name+": nothing of it runs", func() bool { return gone(one.PID) })
		}
		if _, err := os.Stat(tunnel.ChildFile(s.dir)); !os.IsNotExist(err) {
			t.Errorf("%s: the child is still noted: %v", name, err)
		}
	}
}

func TestNothingIsStartedThatShouldNotBe(t *testing.T) {
	for name, c := range map[string]struct {
		change func(s *stage, x *troupe)
		detail string
	}{
		"another file than the pinned": {func(s *stage, _ *troupe) { s.config.SHA256 = strings.Repeat("A", 64) }, "is not the pinned file"},
		"no token":                     {func(s *stage, _ *troupe) { delete(s.secrets, tunnel.SecretCloudflared) }, "no token is set"},
		"token without hostname":       {func(s *stage, _ *troupe) { s.config.Hostname = "" }, "not the public hostname"},
		"not there":                    {func(s *stage, x *troupe) { s.config.Path = x.path("elsewhere") }, "there is no program"},
		"live and quick": {func(s *stage, _ *troupe) {
			s.config.Hostname = ""
			delete(s.secrets, tunnel.SecretCloudflared)
			s.live.set(true)
		}, "quick tunnel"},
	} {
		s, x := named(t)
		c.change(s, x)
		stop := s.start()
		state := s.await(name+": it says why", func(x tunnel.State) bool { return x.Phase == tunnel.Down })
		if !strings.Contains(state.Detail, c.detail) || state.Fix == "" {
			t.Errorf("%s: had %q, fix %q; want %q and what to do", name, state.Detail, state.Fix, c.detail)
		}
		stop()
		if seen := x.seen(); len(seen) != 0 {
			t.Errorf("%s: it was started all the same: %v", name, seen)
		}
	}
}

func TestProgramIsFoundOnThePathAndItsAbsenceSaysHowToInstallIt(t *testing.T) {
	s, x := named(t)
	s.config.Path = ""
	t.Setenv("PATH", t.TempDir())
	stop := s.start()
	if state := s.await("it is missing", func(x tunnel.State) bool { return x.Phase == tunnel.Down }); state.Detail != "cloudflared is not installed" || state.Fix != s.runner.Facts().Install {
		t.Errorf("had %q, fix %q", state.Detail, state.Fix)
	}
	stop()

	t.Setenv("PATH", x.dir)
	pinned := set(t, s.config)
	pinned.secrets = s.secrets
	pinned.start()
	state := pinned.awaitUp()
	if state.Program != x.path("cloudflared") {
		t.Errorf("started %q, want the one on the PATH", state.Program)
	}

	// The hash that is shown is the one that may be pinned.
	again := set(t, s.config)
	again.secrets, again.config.SHA256 = s.secrets, strings.ToUpper(state.Hash)
	again.start()
	again.awaitUp()
}

func TestProgramsLastWordsAreInTheReason(t *testing.T) {
	s, _ := named(t)
	s.secrets[tunnel.SecretCloudflared] = "nonsense"
	s.start()
	state := s.await("it ended", func(x tunnel.State) bool { return x.Phase == tunnel.Down })
	if !strings.Contains(state.Detail, "Provided Tunnel token is not valid.") {
		t.Errorf("had %q, want what the program said", state.Detail)
	}
}

func TestTunnelIsUpOnceItsOwnAnswerCameBackThroughIt(t *testing.T) {
	s, x := quick(t, "calm-river.trycloudflare.com")
	p := tunnel.NewProber(time.Now, nil)
	// The world knows the address by another name here.
	s.parts.Probe = func(ctx context.Context, public string) error { return p.Ask(ctx, x.edge()) }
	s.serve(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if nonce := strings.TrimPrefix(r.URL.Path, "/probe/"); p.Known(nonce) {
			fmt.Fprintf(w, `{"success":true,"nonce":%q}`, nonce)
		}
	}))
	s.start()
	if state := s.awaitUp(); state.Proved.IsZero() {
		t.Errorf("had %+v, want it proved", state)
	}
}
