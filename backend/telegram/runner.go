package telegram

import (
	"context"
	"crypto/rand"
	"log/slog"
	"math/big"
	"sync"
	"sync/atomic"
	"time"

	"hoox/backend/trading"
)

// Parts are what a runner works with. Client, Postman, Updates, Handler and Now are needed.
type Parts struct {
	Client  *Client
	Postman *Postman
	Updates updates
	Handler Handler
	// Mode is how updates are to come; Poll when nil. Public is the address of the gateway for the world, without a path, "" while there
	// is none. Secret is what Telegram has to say with every update that it posts. Call Again when one of them has changed.
	Mode   func() Mode
	Public func() string
	Secret func() string
	// Menus are the commands that chats are shown; nil for none.
	Menus func(ctx context.Context) ([]Menu, error)
	// Changed hears that State has something new to say. It must not wait.
	Changed func()
	// Jitter picks a pause in [0, most); a random one when nil.
	Jitter func(most time.Duration) time.Duration
	Now    func() time.Time
	Log    *slog.Logger
}

const (
	// leastPause and mostPause bound the pause after something failed; it doubles in between, and begins anew after a calm.
	leastPause = time.Second
	mostPause  = time.Minute
	calm       = time.Minute
	// patience is the pause after what only a person can change.
	patience = 10 * time.Minute
)

// Runner takes what people say to the bot. Serve must run for anything to happen. Safe for concurrent use.
type Runner struct {
	parts Parts
	// wake tells that a function of Parts may have another answer.
	wake chan struct{}
	// hooked tells that updates may be posted now.
	hooked atomic.Bool
	// unsure tells that an update may have been taken without anybody knowing.
	unsure atomic.Bool
	shown  shown
	// unwritten are the halts that were obeyed though they could not be written down, by number.
	unwritten sync.Map

	mu    sync.Mutex
	state State
	// desk is there while Serve runs.
	desk *desk
	// shunned is the public address that did not work, until is how long it is not tried again, and why.
	shunned string
	until   time.Time
	why     string
}

// NewRunner makes a runner and starts nothing.
func NewRunner(p Parts) *Runner {
	if p.Mode == nil {
		p.Mode = func() Mode { return Poll }
	}
	if p.Public == nil {
		p.Public = func() string { return "" }
	}
	if p.Secret == nil {
		p.Secret = func() string { return "" }
	}
	if p.Menus == nil {
		p.Menus = func(context.Context) ([]Menu, error) { return nil, nil }
	}
	if p.Changed == nil {
		p.Changed = func() {}
	}
	if p.Jitter == nil {
		p.Jitter = chance
	}
	if p.Log == nil {
		p.Log = slog.New(slog.DiscardHandler)
	}
	return &Runner{parts: p, wake: make(chan struct{}, 1), state: State{Phase: Off, Since: p.Now()}}
}

// chance is a random pause below most.
func chance(most time.Duration) time.Duration {
	n, err := rand.Int(rand.Reader, big.NewInt(max(int64(most), 1)))
	if err != nil {
		return 0 // without luck the pause is the same for all
	}
	return time.Duration(n.Int64())
}

// Again has the runner look at once at token, mode, public address, secret and menus, and try again what failed. It never waits.
func (r *Runner) Again() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Serve takes updates until ctx ends; it returns nil after such a stop, when all that was being obeyed is written down.
func (r *Runner) Serve(ctx context.Context) error {
	d := newDesk(ctx, r.work)
	r.mu.Lock()
	r.desk = d
	r.mu.Unlock()
	defer d.close()
	r.unsure.Store(true)
	r.starting()
	wait := leastPause
	for {
		begun := r.parts.Now()
		err := r.session(ctx)
		if ctx.Err() != nil {
			r.set(func(s *State) {
				*s = State{Phase: Off, Since: s.Since, Bot: s.Bot, Number: s.Number, Detail: "stopped"}
			})
			return nil
		}
		if err == nil {
			r.starting()
			wait = leastPause
			continue
		}
		if r.parts.Now().Sub(begun) >= calm {
			wait = leastPause
		}
		pause := r.failed(err, wait)
		wait = min(2*wait, mostPause)
		r.pause(ctx, pause)
	}
}

func (r *Runner) starting() {
	r.set(func(s *State) { s.Phase, s.Next, s.Detail, s.Fix, s.Public = Starting, time.Time{}, "", "", "" })
}

// failed shows why nothing comes, and returns how long to wait.
func (r *Runner) failed(err error, wait time.Duration) time.Duration {
	pause := wait/2 + r.parts.Jitter(wait/2+1)
	phase, fix := Down, ""
	switch kind := trading.KindOf(err); kind {
	case trading.Unauthorized:
		phase, fix, pause = Unrecognised, "copy the token from @BotFather once more and set it here; a token that was revoked there is gone", patience
	case trading.Conflict:
		phase, fix = Contested, "stop the other program, or have @BotFather revoke the token and set the new one here"
		// Whoever asks ends the other's question: asking often only makes both deaf.
		pause = max(pause, mostPause/2)
	case trading.Limited:
		pause = max(pause, trading.WaitOf(err))
	case trading.Refused:
		fix, pause = fixOf(err), patience
	case trading.Unavailable, trading.Unknown, trading.Internal, trading.Rejected, trading.Invalid, trading.Duplicate, trading.Halted, trading.NotFound:
	}
	r.set(func(s *State) {
		s.Phase, s.Detail, s.Fix, s.Next, s.Public = phase, err.Error(), fix, r.parts.Now().Add(pause), ""
	})
	return pause
}

// pause waits until it is over, or somebody asks to try again, or ctx ends.
func (r *Runner) pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-r.wake:
	}
}
