package tunnel

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"time"

	"hoox/backend/trading"
)

// attempt is one life of a tunnel, from start to break. The way tells it what becomes of it.
type attempt struct {
	r *Runner
	// work are the goroutines that carry connections, seats how many there may be.
	work  sync.WaitGroup
	seats chan struct{}

	// Guarded by the runner's mutex.
	public    string
	connected time.Time
	// trouble is what keeps alerts from coming through although the program runs, and since when.
	trouble, troubleFix string
	troubled            time.Time
	// proved tells that an answer has come through the public address, misses how many questions failed since, miss why the
	// last one did.
	proved bool
	misses int
	miss   error
	stable bool
}

// attempt runs the tunnel once, until it breaks or ctx ends. stable tells that it was up for a good while.
func (r *Runner) attempt(ctx context.Context) (stable bool, err error) {
	if r.facts.Live != "" && r.parts.Live() {
		return false, r.notLive()
	}
	ctx, stop := context.WithCancelCause(ctx)
	r.mu.Lock()
	r.end = stop
	r.mu.Unlock()
	a := &attempt{r: r, seats: make(chan struct{}, maxBridges)}
	var watch sync.WaitGroup
	watch.Go(func() { a.watch(ctx, stop) })
	err = r.way.serve(ctx, a)
	// Whoever ended it knows better than the error that came of it.
	if cause := context.Cause(ctx); cause != nil {
		err = cause
	}
	if err == nil {
		err = failed("", "the tunnel ended by itself")
	}
	stop(err)
	watch.Wait()
	a.work.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.end = nil
	return a.stable, err
}

// restart ends the attempt that runs, and the pause before the next one.
func (r *Runner) restart(why error) {
	r.mu.Lock()
	if r.end != nil {
		r.end(why)
	}
	r.mu.Unlock()
	r.Again()
}

func (r *Runner) notLive() error {
	return refused(trading.Refused, "set up a tunnel that may carry alerts for real money, or switch the accounts to paper", "%v", r.MayCarryLive())
}

// ready tells that the tunnel is connected and at which public address. It may be told again with another one.
func (a *attempt) ready(public string) {
	old, fresh := a.r.remember(public)
	if old != "" && fresh {
		a.r.moved(old, public)
	}
	a.r.set(func(s *State) {
		if a.connected.IsZero() || a.public != public {
			a.connected, a.proved = a.r.parts.Now(), false
			a.misses, a.miss = 0, nil
		}
		a.public, a.trouble, a.troubleFix, a.troubled = public, "", "", time.Time{}
		s.Public, s.Old = public, old
		s.Warnings, s.HostKey = addressWarnings(public), nil
		a.paint(s)
	})
}

// publicHost is the host of the public address where the tunnel passes on the name that it was called by, "" otherwise.
func (a *attempt) publicHost() string {
	if !a.r.config.Kind.passesName() {
		return ""
	}
	a.r.mu.Lock()
	defer a.r.mu.Unlock()
	_, host, _ := strings.Cut(a.public, "://")
	return host
}

// TradingView reaches these ports only.
func addressWarnings(public string) []string {
	u, err := url.Parse(public)
	if err != nil {
		return nil
	}
	var out []string
	if port := u.Port(); port != "" && port != "80" && port != "443" {
		out = append(out, "TradingView sends alerts to ports 80 and 443 only, and this address has port "+port+".")
	}
	if u.Scheme == "http" {
		out = append(out, "This address is not encrypted: everybody on the way can read the key in an alert.")
	}
	return out
}

// lost tells that the program runs but has no connection, or leads nowhere.
func (a *attempt) lost(fix, format string, args ...any) {
	a.r.set(func(s *State) {
		if a.troubled.IsZero() {
			a.troubled = a.r.parts.Now()
		}
		a.trouble, a.troubleFix = a.r.output.clean(fmt.Sprintf(format, args...)), fix
		a.paint(s)
	})
}

// found tells that what was lost is back, at the same address.
func (a *attempt) found() {
	a.r.set(func(s *State) {
		a.trouble, a.troubleFix, a.troubled = "", "", time.Time{}
		a.misses, a.miss = 0, nil
		if !a.connected.IsZero() {
			a.paint(s)
		}
	})
}

// describe notes what runs.
func (a *attempt) describe(version, program, hash string) {
	a.r.set(func(s *State) { s.Version, s.Program, s.Hash = version, program, hash })
}

// paint turns what is known into what is shown.
func (a *attempt) paint(s *State) {
	s.Phase, s.Detail, s.Fix = Up, "", ""
	switch {
	case a.connected.IsZero():
		s.Phase, s.Detail, s.Fix = Starting, a.trouble, a.troubleFix
	case a.trouble != "":
		s.Phase, s.Detail, s.Fix = Degraded, a.trouble, a.troubleFix
	case a.r.parts.Probe == nil:
		s.Detail = "connected"
	case a.misses >= 2 && (a.proved || a.r.parts.Now().Sub(a.connected) >= a.r.pace.settle):
		s.Phase, s.Detail, s.Fix = Degraded, "the public address does not lead here: "+a.miss.Error(), faultOf(a.miss).fix
	case !a.proved && a.miss != nil:
		s.Phase, s.Detail, s.Fix = Starting, "connected; no answer of ours has come through the public address so far: "+a.miss.Error(), faultOf(a.miss).fix
	case !a.proved:
		s.Phase, s.Detail = Starting, "connected; waiting for the first answer through the public address"
	default:
		s.Detail = "an answer came back through the public address"
	}
}

// watch looks at the running tunnel, asks through it, and ends it when it must not or cannot go on.
func (a *attempt) watch(ctx context.Context, stop context.CancelCauseFunc) {
	began, next := a.r.parts.Now(), time.Time{}
	tick := time.NewTicker(a.r.pace.look)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if a.r.parts.Live() && a.r.unfit() != "" {
			stop(a.r.notLive())
			return
		}
		if err := a.tooLong(began); err != nil {
			stop(err)
			return
		}
		if public, due := a.due(next); due {
			next = a.r.parts.Now().Add(a.ask(ctx, public))
		}
	}
}

// tooLong is why the attempt is given up, nil while there is hope.
func (a *attempt) tooLong(began time.Time) error {
	a.r.mu.Lock()
	defer a.r.mu.Unlock()
	now := a.r.parts.Now()
	if a.r.state.Phase == Up && now.Sub(a.r.state.Since) >= a.r.pace.stable {
		a.stable = true
	}
	if a.r.state.Phase == Off {
		return nil
	}
	if a.connected.IsZero() && now.Sub(began) >= a.r.pace.connect {
		return failed(a.troubleFix, "not connected after %s%s", a.r.pace.connect, after(": ", a.trouble))
	}
	if !a.connected.IsZero() && !a.troubled.IsZero() && now.Sub(a.troubled) >= a.r.pace.patience {
		return failed(a.troubleFix, "started anew after %s of: %s", a.r.pace.patience, a.trouble)
	}
	return nil
}

func after(sep, text string) string {
	if text == "" {
		return ""
	}
	return sep + text
}

// due tells whether the public address is to be asked now.
func (a *attempt) due(next time.Time) (string, bool) {
	a.r.mu.Lock()
	defer a.r.mu.Unlock()
	fresh := !a.proved && a.misses == 0
	return a.public, a.r.parts.Probe != nil && !a.connected.IsZero() && a.trouble == "" && (fresh || !a.r.parts.Now().Before(next))
}

// ask sends one question through the public address and returns the pause until the next.
func (a *attempt) ask(ctx context.Context, public string) time.Duration {
	err := a.r.parts.Probe(ctx, public)
	pause := a.r.pace.again
	a.r.set(func(s *State) {
		switch {
		case ctx.Err() != nil || public != a.public:
			return
		case err != nil:
			a.misses++
			a.miss = err
		default:
			a.proved, a.misses, a.miss = true, 0, nil
			s.Proved = a.r.parts.Now()
			pause = a.r.probePause()
		}
		a.paint(s)
	})
	return pause
}

// probePause is the distance of questions. ngrok counts requests: a free account has 20,000 a month.
func (r *Runner) probePause() time.Duration {
	if r.config.Kind == Ngrok {
		return 5 * r.pace.probe
	}
	return r.pace.probe
}
