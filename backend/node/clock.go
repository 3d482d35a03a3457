package node

import (
	"context"
	"fmt"
	"sync"
	"time"

	"hoox/backend/events"
	"hoox/backend/risk"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

const (
	// leap is how far the clock of the machine and the time that passed may differ before somebody set the clock, or the
	// machine slept.
	leap = 2 * time.Second
	// quietLeap is how long after a leap the clock is believed when no exchange can be asked.
	quietLeap = 5 * time.Second
	// slowly is how many times slower the house goes than the time that passes while the machine is behind it. More would
	// bring the two together sooner, and leave a close that is tried again or a position without its stop waiting for longer.
	slowly = 2
	// absurd is how far the clock may be behind what the ledger has seen before the ledger is taken for the one that is wrong.
	absurd = 24 * time.Hour
)

// ClockBehind is how far a clock is behind what was seen before, zero for no more than a clock is corrected by now and then.
func ClockBehind(shows, seen time.Time) time.Duration {
	if by := seen.Sub(shows); by > leap {
		return by
	}
	return 0
}

// machine reads the clock on the wall of this computer, which people set, and how much time has passed since the start, which
// nobody sets and which stands still while the computer sleeps.
type machine func() (wall time.Time, passed time.Duration)

// machineOf reads both from one clock; one that has no time that passes of its own never leaps.
func machineOf(now func() time.Time) machine {
	began := now()
	return func() (time.Time, time.Duration) {
		raw := now()
		return raw.UTC().Round(0), raw.Sub(began)
	}
}

// steady is the time of the house: that of the machine, but it never goes back. Set back, it goes on at half the speed until the
// machine has caught up, so that no deadline and no window of a key opens again.
type steady struct {
	read machine

	mu sync.Mutex
	// last is what was told last, at the time that had passed by then.
	last time.Time
	at   time.Duration
	// behind is how far the machine is behind the house.
	behind time.Duration
	// leapt is when the clock was found ahead of the time that passed, by ahead; zero once that is believed.
	leapt time.Time
	ahead time.Duration
	// saw is told every time that is believed.
	saw func(time.Time)
}

func newSteady(read machine) *steady {
	wall, passed := read()
	return &steady{read: read, at: passed, last: wall, saw: func(time.Time) {}}
}

// Now is the time of the house, without the part that does not count the sleep of the machine.
func (c *steady) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	wall, up := c.read()
	passed := max(up-c.at, 0)
	next, behind := wall, ClockBehind(wall, c.last)
	switch {
	case behind > 0:
		next, c.behind = c.last.Add(passed/slowly), behind
		// What is too short to count now counts at the next reading, or a clock that is read often would stand still.
		up -= passed % slowly
	case wall.Before(c.last):
		next, c.behind = c.last, 0
	default:
		c.behind = 0
		if by := wall.Sub(c.last.Add(passed)); by > leap {
			c.leapt, c.ahead = wall, by
		}
	}
	c.last, c.at = next, up
	if c.leapt.IsZero() && c.behind == 0 {
		c.saw(next)
	}
	return next
}

// wall is what the clock of the machine shows, believed or not.
func (c *steady) wall() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	wall, _ := c.read()
	return wall
}

// passed is the time that passed since the start. It stands still while the machine sleeps, and no clock that is set moves it.
func (c *steady) passed() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, up := c.read()
	return max(up, 0)
}

// remember begins with the latest time that the ledger has seen, and tells it from then on.
func (c *steady) remember(seen time.Time, saw func(time.Time)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.saw = saw
	if seen.After(c.last) {
		c.last = seen
	}
}

// forget takes the clock of the machine for right.
func (c *steady) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	wall, passed := c.read()
	c.at, c.last, c.behind, c.leapt = passed, wall, 0, time.Time{}
}

// believe ends the doubt after a leap.
func (c *steady) believe() {
	c.mu.Lock()
	c.leapt = time.Time{}
	c.mu.Unlock()
}

// state is what is wrong with the clock: how far it is behind, and since when and by how much it leapt.
func (c *steady) state() (behind time.Duration, leapt time.Time, ahead time.Duration) {
	c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.behind, c.leapt, c.ahead
}

// doubt tells why no entries are taken because of the clock, nil when it is right.
func (c *steady) doubt() error {
	behind, leapt, ahead := c.state()
	switch {
	case behind > 0:
		return trading.Errorf(trading.Unavailable, "the clock of this computer was set back by %s: entries wait until it is right", behind.Round(time.Second))
	case !leapt.IsZero():
		return trading.Errorf(trading.Unavailable, "the clock of this computer leapt by %s, or it slept: entries wait until the clocks are compared", ahead.Round(time.Second))
	}
	return nil
}

// clockwork is the service that looks after the clock.
type clockwork struct {
	clock *steady
	// lamps are what is known of every exchange that is connected.
	lamps func() []trading.Lamp
	// look has somebody look whether the computer slept; nudge says that it just woke up, and may be nil.
	look  func(ctx context.Context)
	nudge <-chan struct{}
	// turned is told why the clock is not believed, and nil when it is again.
	turned func(why error)
}

func (w clockwork) String() string { return "clock" }

// Serve looks at the clock every second until ctx ends.
func (w clockwork) Serve(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	doubted := false
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		case <-w.nudge:
		}
		w.look(ctx)
		w.settleLeap()
		if why := w.clock.doubt(); (why != nil) != doubted {
			doubted = why != nil
			w.turned(why)
		}
	}
}

// settleLeap believes the clock after a leap once every exchange that is connected agrees with it, or, when there is none,
// after a moment.
func (w clockwork) settleLeap() {
	_, leapt, _ := w.clock.state()
	if leapt.IsZero() {
		return
	}
	since := w.clock.Now().Sub(leapt)
	lamps := w.lamps()
	if len(lamps) == 0 && since < quietLeap {
		return
	}
	for _, lamp := range lamps {
		if !lamp.SkewKnown || lamp.SkewAge > since || lamp.Skew.Abs() > wire.MaxSkew {
			return
		}
	}
	w.clock.believe()
}

// lookAfterClock is the clockwork of this node.
func (n *Node) lookAfterClock() clockwork {
	lamps := func() []trading.Lamp {
		var list []trading.Lamp
		for _, l := range n.connected() {
			list = append(list, l.adapter.Lamp())
		}
		return list
	}
	look := func(ctx context.Context) { n.lookForSleep(ctx, n.clock.wall()) }
	return clockwork{clock: n.clock, lamps: lamps, look: look, nudge: n.sleeper.nudge, turned: n.clockTurned}
}

func (n *Node) clockTurned(why error) {
	n.Hub.Publish(events.Health)
	if why != nil {
		n.Log.Warn("the clock", "error", why)
		return
	}
	n.Log.Info("the clock is right again")
	n.lookAnew()
}

// lookAnew has what happened meanwhile seen at once instead of at the next round.
func (n *Node) lookAnew() {
	for _, l := range n.connected() {
		n.Engine.Look(l.id)
	}
	n.Engine.Wake()
}

// startClock lets the house go on where the ledger's time ended.
func (n *Node) startClock(ctx context.Context) error {
	seen, err := n.Store.HighWater(ctx)
	if err != nil {
		return err
	}
	n.clock.remember(seen, n.Store.Saw)
	return nil
}

// haltOnAbsurdClock is startClock's second half, once there is a switch.
func (n *Node) haltOnAbsurdClock(ctx context.Context) error {
	why, err := haltIfAbsurd(ctx, n.clock, n.Switch.Set, n.Store.ForgetHighWater)
	if why != "" {
		n.Log.Warn("the clock", "error", why)
	}
	return err
}

// haltIfAbsurd halts when the clock is far behind what the ledger has seen, and tells why. It is more likely right then than
// the ledger, which once saw a wrong one: so nothing that waited may fire, and a person looks at the date.
func haltIfAbsurd(ctx context.Context, c *steady, set func(context.Context, risk.Standing) error, forget func(context.Context) error) (string, error) {
	behind, _, _ := c.state()
	if behind < absurd {
		return "", nil
	}
	why := fmt.Sprintf("the clock of this computer is %s behind what the ledger has seen: look at its date, then resume", behind.Round(time.Hour))
	if err := set(ctx, risk.Standing{State: risk.Halted, Reason: why, Actor: "clock", Since: c.Now()}); err != nil {
		return why, err
	}
	if err := forget(ctx); err != nil {
		return why, err
	}
	c.forget()
	return why, nil
}

func (n *Node) clockHealth() Part {
	p := Part{Name: "clock", State: StateOK, Detail: "runs with the time that passes"}
	if slept := n.sleeper.words(); slept != "" {
		p.Detail += "; " + slept
	}
	if why := n.clock.doubt(); why != nil {
		p.State, p.Detail = StateDegraded, why.Error()
		p.Fix = "switch on automatic time of this computer; it goes on by itself once the clocks agree"
	}
	return p
}
