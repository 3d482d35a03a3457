package tunnel

import (
	"cmp"
	"context"
	"encoding/json"
	"net"
	"strings"

	"golang.org/x/sync/errgroup"

	"hoox/backend/wire"
)

// tailscale runs `tailscale funnel` in the foreground. What such a command opens is closed by Tailscale itself as soon
// as the command ends, however it ends, and is kept apart from what a person has set up for good: so nothing of theirs is
// ever changed or reset, and nothing of ours stays open when this program is gone.
type tailscale struct{ config Config }

// funnelPort is the only one of Funnel's three ports that TradingView reaches.
const funnelPort = "443"

func (t *tailscale) serve(ctx context.Context, a *attempt) error {
	bin, err := a.r.find(ctx, "tailscale", "/Applications/Tailscale.app/Contents/MacOS/Tailscale", `C:\Program Files\Tailscale\tailscale.exe`)
	if err != nil {
		return err
	}
	a.describe(bin.version, bin.path, bin.hash)
	g, err := a.open(ctx, "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer g.shut()
	env := a.r.environment(a.r.home())
	work, ctx := errgroup.WithContext(ctx)
	work.Go(func() error {
		return a.spawn(ctx, bin, []string{"funnel", "--https=" + funnelPort, g.origin}, env, func(string) {})
	})
	work.Go(func() error { return t.watch(ctx, a, bin, env, g.origin) })
	return work.Wait()
}

// watch asks what is open, at which address, and whether this computer is connected.
func (t *tailscale) watch(ctx context.Context, a *attempt, bin binary, env []string, origin string) error {
	for pause := a.r.pace.ready; ; {
		if wire.Pause(ctx, pause) != nil {
			return context.Cause(ctx)
		}
		public, err := t.look(ctx, a.r, bin, env, origin)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			a.lost(faultOf(err).fix, "%s", err.Error())
			pause = 4 * a.r.pace.ready
			continue
		}
		a.ready(public)
		pause = 2 * a.r.pace.poll
	}
}

func (t *tailscale) look(ctx context.Context, r *Runner, bin binary, env []string, origin string) (public string, err error) {
	text, err := r.capture(ctx, bin, env, "funnel", "status", "--json")
	if err != nil {
		return "", err
	}
	public, ok := funnelAddress(text, origin)
	if !ok {
		// While Funnel is not allowed yet the command waits, and prints where it can be allowed.
		return "", failed("follow the address that the command printed: Funnel and HTTPS certificates must be allowed for your network once", "Funnel is not open yet%s", after(": ", r.output.last()))
	}
	if text, err = r.capture(ctx, bin, env, "status", "--json", "--peers=false"); err != nil {
		return "", err
	}
	var status struct {
		BackendState string
		Self         struct{ Online bool }
	}
	if json.Unmarshal([]byte(text), &status) != nil || status.BackendState != "Running" || !status.Self.Online {
		return "", failed("connect Tailscale: `tailscale up`", "this computer is not connected to Tailscale (%s)", cmp.Or(status.BackendState, "no answer"))
	}
	return public, nil
}

// serveConfig is what Tailscale says it serves; what runs in the foreground has a part of its own for each command.
type serveConfig struct {
	Web map[string]struct {
		Handlers map[string]struct{ Proxy string }
	}
	AllowFunnel map[string]bool
	Foreground  map[string]*serveConfig
}

// funnelAddress finds the public address that leads to origin; false when none does.
func funnelAddress(text, origin string) (string, bool) {
	var whole serveConfig
	if json.Unmarshal([]byte(text), &whole) != nil {
		return "", false
	}
	parts := []*serveConfig{&whole}
	for _, part := range whole.Foreground {
		if part != nil {
			parts = append(parts, part)
		}
	}
	for _, part := range parts {
		for address, web := range part.Web {
			host, port, err := net.SplitHostPort(address)
			if err == nil && port == funnelPort && part.AllowFunnel[address] && web.Handlers["/"].Proxy == origin {
				return "https://" + strings.ToLower(host), true
			}
		}
	}
	return "", false
}
