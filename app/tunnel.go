package app

import (
	"context"

	"hoox/backend/audit"
	"hoox/backend/settings"
	"hoox/backend/trading"
	"hoox/backend/tunnel"
)

// tunnels is the way from the internet to the gateway.
type tunnels interface {
	// Tunnel is the tunnel that runs; nil, with the reason, when none can.
	Tunnel() (*tunnel.Runner, error)
	// TunnelWith is the configuration of the tunnel under settings.
	TunnelWith(set settings.Snapshot) tunnel.Config
}

// Tunnel is how the internet reaches the gateway. What kind there is and where it leads are settings.
type Tunnel struct {
	in  *house
	who actor
}

// Get is the tunnel as it stands, and what every kind is and needs.
func (s *Tunnel) Get(_ Empty) (TunnelState, error) {
	return answer(s.in, "read the tunnel", func(context.Context) (TunnelState, error) {
		config := s.in.tunnels.TunnelWith(s.in.settings.Now())
		out := TunnelState{Kind: string(config.Kind), Phase: string(tunnel.Down), Hostname: config.Hostname, Warnings: []string{}, Output: []string{}, Kinds: kindsOf(config)}
		runner, err := s.in.tunnels.Tunnel()
		switch {
		case err != nil:
			out.Detail, out.Fix = s.in.clean(faultOf(err, "").Message), "correct it here or in config.toml"
			return out, nil
		case runner == nil:
			out.Phase, out.Detail = string(tunnel.Off), "not started yet"
			return out, nil
		}
		return s.running(out, runner), nil
	})
}

// running fills in what a tunnel that runs says of itself. Its program may repeat any secret that comes by, such as the key of
// an alert; the tunnel itself cuts out only what it was given.
func (s *Tunnel) running(out TunnelState, r *tunnel.Runner) TunnelState {
	st := r.State()
	out.Kind, out.Phase, out.Public, out.Local, out.Old = string(st.Kind), string(st.Phase), st.Public, st.Local, st.Old
	out.Since, out.Next, out.ProvedAt, out.Restarts = when(st.Since), when(st.Next), when(st.Proved), st.Restarts
	out.Version, out.Program, out.Hash, out.Detail, out.Fix = st.Version, st.Program, st.Hash, s.in.clean(st.Detail), s.in.clean(st.Fix)
	out.Warnings = append(out.Warnings, st.Warnings...)
	out.Output = each(r.Output(), s.in.clean)
	if err := r.MayCarryLive(); err != nil {
		out.NotLive = faultOf(err, "").Message
	}
	if k := st.HostKey; k != nil {
		out.HostKey = TunnelHostKey{Address: k.Address, Type: k.Type, Fingerprint: k.Fingerprint, Known: k.Known}
	}
	return out
}

// kindsOf tells of each kind what it is and needs.
func kindsOf(config tunnel.Config) []TunnelKind {
	return each(tunnel.Kinds(), func(k tunnel.Kind) TunnelKind {
		config.Kind = k
		f := tunnel.FactsOf(config)
		return TunnelKind{Kind: string(k), Address: f.Address, TLS: f.TLS, NotLive: f.Live, Recipe: f.Recipe, Install: f.Install}
	})
}

// on runs a command on the tunnel that runs.
func (s *Tunnel) on(d *deed, do func(r *tunnel.Runner) error) (Receipt, error) {
	return act(s.in, s.who, d, func(context.Context) (Receipt, error) {
		r, err := s.in.tunnels.Tunnel()
		if err == nil && r == nil {
			err = trading.Errorf(trading.Unavailable, "the tunnel is not started yet")
		}
		if err != nil {
			return Receipt{}, err
		}
		return Receipt{Status: "ok"}, do(r)
	})
}

// Confirm notes that TradingView points at an address now. It fails with Conflict when the tunnel has another one by now.
func (s *Tunnel) Confirm(req ConfirmAddress) (Receipt, error) {
	return s.on(&deed{what: "confirm the public address", action: audit.ConfirmAddress, subject: req.Address}, func(r *tunnel.Runner) error {
		return r.Confirm(req.Address)
	})
}

// TrustHost vouches for the key of an ssh server, by its fingerprint as it is shown. It fails with Conflict when the server
// showed another one.
func (s *Tunnel) TrustHost(req TrustHost) (Receipt, error) {
	return s.on(&deed{what: "trust the server's key", action: audit.TrustHost, subject: req.Fingerprint}, func(r *tunnel.Runner) error {
		return r.TrustHost(req.Fingerprint)
	})
}

// ForgetHost takes that word back: the next connection asks again.
func (s *Tunnel) ForgetHost(_ Empty) (Receipt, error) {
	return s.on(&deed{what: "forget the server's key", action: audit.ForgetHost}, func(r *tunnel.Runner) error { return r.ForgetHost() })
}

// Retry starts a tunnel that is down now instead of after its pause.
func (s *Tunnel) Retry(_ Empty) (Receipt, error) {
	return s.on(&deed{what: "start the tunnel again", action: audit.RetryTunnel}, func(r *tunnel.Runner) error {
		r.Again()
		return nil
	})
}
