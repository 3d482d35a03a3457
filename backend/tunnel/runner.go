package tunnel

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"

	"hoox/backend/trading"
	"hoox/backend/wire"
)

// Parts are what a tunnel works with. Dir, Door, Secret and Now are needed, the rest may be left out.
type Parts struct {
	// Dir is the data folder; the tunnel keeps its few files in a folder of its own there.
	Dir string
	// Door takes every connection that comes through the tunnel.
	Door *Door
	// Secret asks the vault; false when the secret is not set.
	Secret func(name string) (string, bool, error)
	// Env asks the environment; children get a few harmless variables out of it and nothing else.
	Env func(name string) string
	// Live tells whether any account trades real money at this moment.
	Live func() bool
	// Probe asks through the public address whether it leads here; see Prober.Ask. Without it the tunnel's own word counts.
	Probe func(ctx context.Context, public string) error
	// Alarm hears what a person must know. It must not wait.
	Alarm func(Alarm)
	// Jitter picks a pause in [0, most); a random one when nil.
	Jitter func(most time.Duration) time.Duration
	Now    func() time.Time
	Log    *slog.Logger
}

// pace is how long things may take; all are fixed but for tests.
type pace struct {
	// least and most bound the pause before a new start; it doubles in between.
	least, most time.Duration
	// stable is how long a tunnel must be up for the pause to begin anew.
	stable time.Duration
	// look is how often a running tunnel is looked at.
	look time.Duration
	// patience is how long a tunnel may take to connect, and how long it may be without connection before it is started anew.
	connect, patience time.Duration
	// probe is the distance of questions through the public address, again the one after a question that failed. A new
	// address gets settle until the world knows its name.
	probe, again, settle time.Duration
	// grace is how long a tunnel may be away before that is an alarm, first how long it may take at the beginning.
	grace, first time.Duration
	// ready and poll are how often a program is asked until it is connected, and then.
	ready, poll time.Duration
	// end is how long a program that was asked to end may take.
	end time.Duration
	// alive is the distance of signs of life over ssh, dead how long one may take.
	alive, dead time.Duration
}

var standard = pace{
	least: time.Second, most: time.Minute, stable: time.Minute, look: time.Second, connect: time.Minute, patience: 90 * time.Second,
	probe: time.Minute, again: 3 * time.Second, settle: 30 * time.Second, grace: 10 * time.Second, first: time.Minute,
	ready: 500 * time.Millisecond, poll: 5 * time.Second, end: 5 * time.Second, alive: 5 * time.Second, dead: 8 * time.Second,
}

// way is one kind of tunnel.
type way interface {
	// serve runs the tunnel until it breaks or ctx ends, and tells the attempt what becomes of it. It returns only when
	// everything it started has ended.
	serve(ctx context.Context, a *attempt) error
}

// Runner keeps one tunnel up. Serve must run for anything to happen. Safe for concurrent use.
type Runner struct {
	config Config
	parts  Parts
	facts  Facts
	way    way
	pace   pace
	dir    string
	output *tail
	// wake ends the pause before the next start.
	wake chan struct{}

	// booking is held while the addresses are changed and written, so that the file says what memory says.
	booking   sync.Mutex
	addresses addresses

	mu      sync.Mutex
	state   State
	readers map[chan struct{}]struct{}
	// end ends the attempt that runs, with the reason; nil when there is none.
	end context.CancelCauseFunc
}

// New makes a tunnel and starts nothing. It fails with Invalid, naming the key, when the configuration cannot be, and
// with Unavailable when the data folder cannot be written.
func New(c Config, p Parts) (*Runner, error) {
	c, err := c.checked()
	if err != nil {
		return nil, err
	}
	p = p.whole()
	dir := filepath.Join(p.Dir, "tunnel")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, trading.Wrap(trading.Unavailable, err, "make the tunnel's folder")
	}
	r := &Runner{
		config: c, parts: p, facts: factsOf(c), pace: standard, dir: dir, output: &tail{}, wake: make(chan struct{}, 1),
		readers: map[chan struct{}]struct{}{}, addresses: readAddresses(filepath.Join(dir, "address.json")),
		state: State{Kind: c.Kind, Phase: Off, Since: p.Now()},
	}
	r.way = r.choose()
	return r, nil
}

func (p Parts) whole() Parts {
	if p.Env == nil {
		p.Env = func(string) string { return "" }
	}
	if p.Live == nil {
		p.Live = func() bool { return false }
	}
	if p.Alarm == nil {
		p.Alarm = func(Alarm) {}
	}
	if p.Jitter == nil {
		p.Jitter = wire.Chance
	}
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	return p
}

func (r *Runner) choose() way {
	switch r.config.Kind {
	case Cloudflared:
		return &cloudflared{r.config}
	case Ngrok:
		return &ngrokWay{config: r.config}
	case SSH:
		return &sshWay{config: r.config}
	case Tailscale:
		return &tailscale{r.config}
	case Command:
		return &command{r.config}
	case None:
	}
	return &none{r.config}
}

// Output is what the tunnel's program said last, oldest first, with secrets cut out.
func (r *Runner) Output() []string { return r.output.lines() }

// Again ends the pause before the next start: a person has changed something.
func (r *Runner) Again() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Serve keeps the tunnel up until ctx ends, then takes it down and returns nil.
func (r *Runner) Serve(ctx context.Context) error {
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() { r.lookOut(ctx) })
	wait := r.pace.least
	for first := true; ; first = false {
		r.set(func(s *State) {
			s.Phase, s.Detail, s.Fix, s.Next, s.Warnings = Starting, "", "", time.Time{}, nil
			if !first {
				s.Restarts++
			}
		})
		stable, err := r.attempt(ctx)
		if ctx.Err() != nil {
			r.set(func(s *State) { s.Phase, s.Detail, s.Fix, s.HostKey = Off, "stopped", "", nil })
			return nil
		}
		if stable {
			wait = r.pace.least
		}
		why, span := faultOf(err), r.pace.most
		if !why.patient {
			wait = min(2*wait, r.pace.most)
			span = wait
		}
		pause := span/2 + r.parts.Jitter(span/2)
		r.set(func(s *State) {
			// What a service says may repeat what it was told.
			s.Phase, s.Detail, s.Fix, s.HostKey, s.Next = Down, r.output.clean(err.Error()), why.fix, why.key, r.parts.Now().Add(pause)
		})
		r.pause(ctx, pause)
	}
}

// pause waits until the next start is due, or somebody asks for it, or ctx ends.
func (r *Runner) pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-r.wake:
	}
}
