package node

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"reflect"
	"sync"
	"time"

	"hoox/backend/alarm"
	"hoox/backend/events"
	"hoox/backend/settings"
	"hoox/backend/trading"
	"hoox/backend/tunnel"
)

// reachLook is how often the settings are held against the tunnel that runs.
const reachLook = 500 * time.Millisecond

// of is what the tunnel's room makes of the block.
func (c TunnelConfig) of() tunnel.Config {
	return tunnel.Config{
		Kind: tunnel.Kind(c.Kind), Hostname: c.Hostname, Listen: c.Listen, ClientIPHeader: c.ClientIPHeader, Path: c.Path, SHA256: c.SHA256,
		NgrokServer: c.NgrokServer, SSHAddr: c.SSHAddr, SSHUser: c.SSHUser, SSHKeyFile: c.SSHKeyFile, SSHHostKey: c.SSHHostKey,
		SSHRemote: c.SSHRemote, Argv: c.Command, Pattern: c.Pattern, TokenEnv: c.TokenEnv,
	}
}

// TunnelWith is the tunnel's configuration under settings: they choose the kind and where it leads, the file says the rest.
func (c Config) TunnelWith(set settings.Snapshot) tunnel.Config {
	t := c.Tunnel.of()
	if kind := set.Text("tunnel:kind"); kind != "config" {
		t.Kind = tunnel.Kind(kind)
	}
	for key, field := range map[string]*string{"tunnel:hostname": &t.Hostname, "tunnel:ssh_addr": &t.SSHAddr, "tunnel:ssh_user": &t.SSHUser} {
		if value := set.Text(key); value != "" {
			*field = value
		}
	}
	return t
}

// TunnelWith is the tunnel's configuration under settings.
func (n *Node) TunnelWith(set settings.Snapshot) tunnel.Config { return n.Config.TunnelWith(set) }

// reach is the service that keeps the way from the internet to the gateway: one tunnel at a time, another one when the
// settings say so.
type reach struct {
	n      *Node
	door   *tunnel.Door
	prober *tunnel.Prober

	mu sync.Mutex
	// runner is the tunnel that runs, nil while there is none; wrong is why none can.
	runner *tunnel.Runner
	wrong  error
}

func newReach(n *Node) *reach {
	return &reach{n: n, door: tunnel.NewDoor(), prober: tunnel.NewProber(n.Now, n.Config.Dial)}
}

func (r *reach) String() string { return "tunnel" }

// Serve runs the tunnel that the settings name until ctx ends. It fails with Unavailable when one cannot be begun for now, and
// is then started again.
func (r *reach) Serve(ctx context.Context) error {
	for ctx.Err() == nil {
		if err := r.run(ctx, r.n.Config.TunnelWith(r.n.Settings.Now())); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// run runs one tunnel until the settings name another, the computer has slept, whose connections are dead then, or ctx ends.
func (r *reach) run(ctx context.Context, config tunnel.Config) error {
	ctx, end := context.WithCancel(ctx)
	var beside sync.WaitGroup
	defer beside.Wait()
	defer end()
	runner, err := tunnel.New(config, tunnel.Parts{
		Dir: r.n.Config.DataDir, Door: r.door, Secret: r.secret, Env: os.Getenv, Live: r.n.anyLive, Probe: r.prober.Ask,
		Alarm: r.alarm, Now: r.n.Now, Log: r.n.Log,
	})
	r.mu.Lock()
	r.runner, r.wrong = runner, err
	r.mu.Unlock()
	r.n.Hub.Publish(events.Health)
	if trading.KindOf(err) == trading.Unavailable {
		return err
	}
	if err != nil {
		r.n.Log.Error("the tunnel cannot be started", "kind", config.Kind, "error", err)
		r.n.Alarm(alarm.Address, "tunnel", "the tunnel cannot be started: "+err.Error(), wrongTunnelFix)
		r.untilOther(ctx, config)
		return nil
	}
	beside.Go(func() { r.untilOther(ctx, config); end() })
	beside.Go(func() { r.tell(ctx, runner) })
	return runner.Serve(ctx)
}

// wrongTunnelFix is what to do about a tunnel that cannot be.
const wrongTunnelFix = "correct it on the Tunnel page or in config.toml"

// secret is what the vault has for the tunnel, which hands it to a program or a service.
func (r *reach) secret(name string) (string, bool, error) {
	s, ok, err := r.n.Vault.Get(name)
	return s.Reveal(), ok, err
}

// tell passes on that something changed.
func (r *reach) tell(ctx context.Context, runner *tunnel.Runner) {
	changes, stop := runner.Changes()
	defer stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-changes:
			r.n.Hub.Publish(events.Health)
		}
	}
}

// untilOther waits until the settings name another tunnel, the computer has slept, or ctx ends. It looks instead of waiting for
// a hint, because a setting is stored, and hinted at, a moment before it is in force.
func (r *reach) untilOther(ctx context.Context, config tunnel.Config) {
	waking := r.n.sleeper.waking()
	look := time.NewTicker(reachLook)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-waking:
			return
		case <-look.C:
			if !reflect.DeepEqual(r.n.Config.TunnelWith(r.n.Settings.Now()), config) {
				return
			}
		}
	}
}

func (r *reach) alarm(a tunnel.Alarm) {
	r.n.Alarm(alarm.Address, string(a.Kind), a.Text, a.Fix)
}

// Tunnel is the tunnel that runs; nil, with the reason, when none can.
func (n *Node) Tunnel() (*tunnel.Runner, error) {
	n.reach.mu.Lock()
	defer n.reach.mu.Unlock()
	return n.reach.runner, n.reach.wrong
}

// PublicAddress is scheme and host at which the world reaches the gateway, "" while there is none.
func (n *Node) PublicAddress() string {
	runner, err := n.Tunnel()
	if err != nil || runner == nil {
		return ""
	}
	return runner.State().Public
}

// anyLive tells whether alerts of any exchange move real money.
func (n *Node) anyLive() bool {
	for _, e := range realExchanges() {
		if n.Mode(e) == trading.ModeLive {
			return true
		}
	}
	return false
}

// health is how the tunnel is.
func (r *reach) health() Part {
	p := Part{Name: "tunnel"}
	runner, err := r.n.Tunnel()
	switch {
	case err != nil:
		p.State, p.Detail, p.Fix = StateDown, err.Error(), wrongTunnelFix
		return p
	case runner == nil:
		p.State, p.Detail = StateOff, "not started yet"
		return p
	}
	s := runner.State()
	p.Fix = s.Fix
	switch s.Phase {
	case tunnel.Off:
		p.State = StateOff
	case tunnel.Up:
		p.State = StateOK
	case tunnel.Starting, tunnel.Degraded:
		p.State, p.Fix = StateDegraded, cmp.Or(s.Fix, "wait a little: it is connecting")
	case tunnel.Down:
		p.State, p.Fix = StateDown, cmp.Or(s.Fix, "it is started again by itself; `hoox tunnel status --log` shows what it said last")
	}
	p.Detail = fmt.Sprintf("%s %s", s.Kind, s.Phase)
	for _, more := range []string{s.Public, s.Detail} {
		if more != "" {
			p.Detail += ": " + more
		}
	}
	if s.Old != "" {
		p.State, p.Fix = StateDegraded, "set the webhook URL of every alert in TradingView to "+s.Public+"/webhook, then confirm it on the Tunnel page"
		p.Detail += "; TradingView still points at " + s.Old
	}
	return p
}
