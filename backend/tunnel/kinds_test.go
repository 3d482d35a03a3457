//go:build unix

package tunnel_test

import (
	"slices"
	"strings"
	"testing"

	"hoox/backend/trading"
	"hoox/backend/tunnel"
)

// funnelled is a stage with Tailscale Funnel.
func funnelled(t *testing.T) (*stage, *troupe) {
	t.Helper()
	x := hire(t, "tailscale")
	return set(t, tunnel.Config{Kind: tunnel.Tailscale, Path: x.path("tailscale")}), x
}

func TestFunnelCarriesAnAlertWithTheAddressThatTailscaleSaw(t *testing.T) {
	s, x := funnelled(t)
	requests := s.gateway()
	s.start()
	state := s.awaitUp()
	if state.Public != "https://box.tail1234.ts.net" || state.Version != "1.96.2" {
		t.Errorf("had %+v, want the computer's public name and the version", state)
	}
	if status, _ := post(t, x.edge()); status != 200 {
		t.Errorf("had %d, want 200", status)
	}
	r := <-requests
	if r.Public != "box.tail1234.ts.net" {
		t.Errorf("the connection says that its name is %q, want this computer's public one", r.Public)
	}
	if r.Trusted != "X-Forwarded-For" || !slices.Equal(r.Header.Values(r.Trusted), []string{stranger}) {
		t.Errorf("trusted header %q says %q, want X-Forwarded-For with the one address that Tailscale saw", r.Trusted, r.Header.Values(r.Trusted))
	}
}

func TestNothingOfOursStaysOpenInFunnelAndNothingOfTheirsIsTouched(t *testing.T) {
	s, x := funnelled(t)
	stop := s.start()
	s.awaitUp()
	pid := x.seen()[0].PID

	stop()

	if !gone(pid) {
		t.Error("the command still runs, and keeps Funnel open")
	}
	for _, one := range x.seen() {
		for _, word := range []string{"reset", "off", "--bg", "clear"} {
			if slices.Contains(one.Args, word) {
				t.Errorf("tailscale was started as %v: what a person has set up for good must stay as it is", one.Args)
			}
		}
	}
}

func TestFunnelThatIsNotAllowedYetShowsWhereToAllowIt(t *testing.T) {
	s, x := funnelled(t)
	x.tell(plan{Closed: true})
	s.start()
	s.await("the address to allow it at is shown", func(x tunnel.State) bool {
		return x.Phase == tunnel.Starting && strings.Contains(x.Detail, "https://login.tailscale.com/f/funnel?node=n1") && x.Fix != ""
	})
}

func TestComputerThatLeavesTailscaleIsDegraded(t *testing.T) {
	s, x := funnelled(t)
	s.start()
	s.awaitUp()
	for word, p := range map[string]plan{"Stopped": {Stopped: true}, "Running": {Offline: true}} {
		x.tell(p)
		state := s.await("the loss shows", func(x tunnel.State) bool { return x.Phase == tunnel.Degraded })
		if !strings.Contains(state.Detail, word) || state.Fix == "" {
			t.Errorf("had %+v, want Tailscale's own word %q and what to do", state, word)
		}
		x.tell(plan{})
		s.awaitUp()
	}
}

func TestFunnelAddressIsTheOneThatLeadsHere(t *testing.T) {
	const ours = "http://127.0.0.1:4711"
	web := func(port, proxy, funnel string) string {
		return `{"Web":{"box.ts.net:` + port + `":{"Handlers":{"/":{"Proxy":"` + proxy + `"}}}},"AllowFunnel":{"box.ts.net:` + port + `":` + funnel + `}}`
	}
	for name, c := range map[string]struct {
		text, want string
	}{
		"in front":        {`{"Foreground":{"s1":` + web("443", ours, "true") + `}}`, "https://box.ts.net"},
		"for good":        {web("443", ours, "true"), "https://box.ts.net"},
		"another service": {web("443", "http://127.0.0.1:3000", "true"), ""},
		"for the network": {web("443", ours, "false"), ""},
		"another port":    {web("8443", ours, "true"), ""},
		"nothing":         {`{}`, ""}, "null": {`{"Foreground":{"s1":null}}`, ""}, "no JSON": {`No serve config`, ""},
	} {
		if had, ok := tunnel.FunnelAddress(c.text, ours); had != c.want || ok != (c.want != "") {
			t.Errorf("%s: had %q, %t; want %q", name, had, ok, c.want)
		}
	}
}

func TestCommandLeadsHereAndItsAddressIsReadFromWhatItPrints(t *testing.T) {
	x := hire(t, "leader")
	s := set(t, tunnel.Config{
		Kind: tunnel.Command, Argv: []string{x.path("leader"), "--to", "{addr}", "--port={port}", "$(id)", "--origin", "{origin}"},
		Pattern: `address is (https://\S+)`, TokenEnv: "LEADER_TOKEN",
	})
	s.secrets[tunnel.SecretCommand] = "leader-secret"
	requests := s.gateway()
	s.start()
	state := s.awaitUp()
	if state.Public != "https://abc.example.net" {
		t.Errorf("had %q, want the address that it printed", state.Public)
	}
	if status, _ := post(t, x.edge()); status != 200 {
		t.Errorf("had %d, want 200", status)
	}
	if r := <-requests; r.Trusted != "" || r.Public != "" {
		t.Errorf("the connection says to believe %q and the name %q, want neither: what a command does to headers is not known", r.Trusted, r.Public)
	}
	seen := x.seen()[0]
	addr := strings.TrimPrefix(state.Local, "http://")
	_, port, _ := strings.Cut(addr, ":")
	if want := []string{"--to", addr, "--port=" + port, "$(id)", "--origin", state.Local}; !slices.Equal(seen.Args, want) {
		t.Errorf("it was started with %q, want %q: no shell reads them", seen.Args, want)
	}
	if !slices.Contains(seen.Env, "LEADER_TOKEN=leader-secret") || slices.ContainsFunc(seen.Env, func(v string) bool { return strings.HasPrefix(v, "HOOX_") }) {
		t.Errorf("its environment is %q, want its token and nothing of ours", seen.Env)
	}
}

func TestCommandWithAnAddressOfItsOwnIsUpAtOnceAndBelievesTheConfiguredHeader(t *testing.T) {
	x := hire(t, "leader")
	s := set(t, tunnel.Config{Kind: tunnel.Command, Argv: []string{x.path("leader"), "--to", "{addr}"}, Hostname: "a.example.com", ClientIPHeader: "X-Real-Ip"})
	requests := s.gateway()
	s.start()
	if state := s.awaitUp(); state.Public != "https://a.example.com" {
		t.Errorf("had %q", state.Public)
	}
	eventually(t, "the command has printed its address", func() bool { return len(s.runner.Output()) >= 2 })
	post(t, x.edge())
	if r := <-requests; r.Trusted != "X-Real-Ip" {
		t.Errorf("trusted header is %q, want the configured one", r.Trusted)
	}
}

func TestCommandThatPrintsAnAddressWithoutEncryptionMayNotCarryLive(t *testing.T) {
	x := hire(t, "leader")
	x.tell(plan{Plain: true})
	s := set(t, tunnel.Config{Kind: tunnel.Command, Argv: []string{x.path("leader"), "--to", "{addr}"}, Pattern: `https?://\S+`})
	s.start()
	if state := s.awaitUp(); state.Public != "http://abc.example.net" || len(state.Warnings) != 1 {
		t.Errorf("had %+v, want the address and a word of warning", state)
	}
	if err := s.runner.MayCarryLive(); trading.KindOf(err) != trading.Refused {
		t.Errorf("MayCarryLive: had %v, want Refused", err)
	}
	s.live.set(true)
	if state := s.await("it is stopped", func(x tunnel.State) bool { return x.Phase == tunnel.Down }); !strings.Contains(state.Detail, "not encrypted") {
		t.Errorf("had %+v, want why", state)
	}
}

func TestCommandThatIsNotThereSaysSo(t *testing.T) {
	s := set(t, tunnel.Config{Kind: tunnel.Command, Argv: []string{"/no/such/program"}, Hostname: "a.example.com"})
	s.start()
	if state := s.await("it says so", func(x tunnel.State) bool { return x.Phase == tunnel.Down }); !strings.Contains(state.Detail, "/no/such/program") || state.Fix == "" {
		t.Errorf("had %+v", state)
	}
}

func TestNoTunnelIsOffAndSaysWhatToDo(t *testing.T) {
	s := set(t, tunnel.Config{Kind: tunnel.None})
	s.start()
	state := s.await("it says what to do", func(x tunnel.State) bool { return x.Fix != "" })
	if state.Phase != tunnel.Off || state.Public != "" {
		t.Errorf("had %+v, want off", state)
	}
	if err := s.runner.MayCarryLive(); err != nil {
		t.Errorf("MayCarryLive: had %v, want none: nothing comes this way", err)
	}
}

func TestAddressOfAnOwnProxyWarnsOfWhatTradingViewCannotReach(t *testing.T) {
	s := set(t, tunnel.Config{Kind: tunnel.None, Hostname: "http://a.example.com:8080"})
	s.start()
	if state := s.awaitUp(); len(state.Warnings) != 2 {
		t.Errorf("had %q, want one word on the port and one on the missing encryption", state.Warnings)
	}
}

func TestVaultThatCannotBeReadIsTheReason(t *testing.T) {
	s := set(t, tunnel.Config{Kind: tunnel.Ngrok})
	s.parts.Secret = func(string) (string, bool, error) {
		return "", false, trading.Errorf(trading.Internal, "vault.json is damaged")
	}
	s.start()
	if state := s.await("it says so", func(x tunnel.State) bool { return x.Phase == tunnel.Down }); !strings.Contains(state.Detail, "vault.json is damaged") {
		t.Errorf("had %+v", state)
	}
}
