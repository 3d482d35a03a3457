package node

import (
	"context"
	"fmt"
	"sync"
	"time"

	"hoox/backend/events"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

const (
	// leap is how far the clock of the machine and the time that passed may differ before somebody set the clock, or the
	// machine slept.
	leap = 2 * time.Second
	// agreeing is how far an exchange's clock may be from ours.
	agreeing = time.Second
	// quietLeap is how long after a leap the clock is believed when no exchange can be asked.
	quietLeap = 5 * time.Second
	// absurd is how far the clock may be behind what the ledger has seen before the ledger is taken for the one that is wrong.
	absurd = 24 * time.Hour
)

// steady is the time of the house: that of the machine, but it never goes back. Set back, it goes on slowly until the
// machine has caught up, so that no deadline and no window of a key opens again.
type steady struct {
	// raw is the clock of the machine, with the time since the start in it where there is one.
	raw func() time.Time

	mu   sync.Mutex
	last time.Time
	at   time.Time
	// start is when the house began.
	start time.Time
	// behind is how far the machine is behind the house.
	behind time.Duration
	// leapt is when the clock was found ahead of the time that passed, by ahead; zero once that is believed.
	leapt time.Time
	ahead time.Duration
	// saw is told every time that is believed.
	saw func(time.Time)
}

func newSteady(raw func() time.Time) *steady {
	now := raw()
	return &steady{raw: raw, at: now, start: now, last: now.UTC().Round(0), saw: func(time.Time) {}}
}

// Now is the time of the house, without the part that does not count the sleep of the machine.
func (c *steady) Now() time.Time {
	raw := c.raw()
	wall := raw.UTC().Round(0)
	c.mu.Lock()
	defer c.mu.Unlock()
	passed := max(raw.Sub(c.at), 0)
	next := wall
	switch {
	case wall.Before(c.last.Add(-leap)):
		next, c.behind = c.last.Add(passed/10), c.last.Sub(wall)
	case wall.Before(c.last):
		next, c.behind = c.last, 0
	default:
		c.behind = 0
		if by := wall.Sub(c.last.Add(passed)); by > leap {
			c.leapt, c.ahead = wall, by
		}
	}
	c.last, c.at = next, raw
	if c.leapt.IsZero() && c.behind == 0 {
		c.saw(next)
	}
	return next
}

// passed is the time that passed since the start. It stands still while the machine sleeps, and no clock that is set moves it.
func (c *steady) passed() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return max(c.raw().Sub(c.start), 0)
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
	now := c.raw()
	c.at, c.last, c.behind, c.leapt = now, now.UTC().Round(0), 0, time.Time{}
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
type clockwork struct{ n *Node }

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
		}
		w.n.settleLeap()
		why := w.n.clock.doubt()
		if (why != nil) == doubted {
			continue
		}
		doubted = why != nil
		w.n.Hub.Publish(events.Health)
		if doubted {
			w.n.Log.Warn("the clock", "error", why)
			continue
		}
		w.n.Log.Info("the clock is right again")
		// What happened meanwhile is seen at once instead of at the next round.
		for _, l := range w.n.connected() {
			w.n.Engine.Look(l.id)
		}
		w.n.Engine.Wake()
	}
}

// settleLeap believes the clock after a leap once every exchange that is connected agrees with it, or, when there is none,
// after a moment.
func (n *Node) settleLeap() {
	_, leapt, _ := n.clock.state()
	if leapt.IsZero() {
		return
	}
	since := n.Now().Sub(leapt)
	links := n.connected()
	if len(links) == 0 && since < quietLeap {
		return
	}
	for _, l := range links {
		if lamp := l.adapter.Lamp(); !lamp.SkewKnown || lamp.SkewAge > since || lamp.Skew.Abs() > agreeing {
			return
		}
	}
	n.clock.believe()
}

// startClock lets the house go on where the ledger's time ended. A clock that is far behind that is more likely right than
// the ledger, which once saw a wrong one: then nothing that waited may fire, and a person looks at the date.
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
	behind, _, _ := n.clock.state()
	if behind < absurd {
		return nil
	}
	reason := fmt.Sprintf("the clock of this computer is %s behind what the ledger has seen: look at its date, then resume", behind.Round(time.Hour))
	n.Log.Warn("the clock", "error", reason)
	if err := n.Switch.Set(ctx, risk.Standing{State: risk.Halted, Reason: reason, Actor: "clock", Since: n.Now()}); err != nil {
		return err
	}
	if err := n.Store.ForgetHighWater(ctx); err != nil {
		return err
	}
	n.clock.forget()
	return nil
}

func (n *Node) clockHealth() Part {
	p := Part{Name: "clock", State: StateOK, Detail: "runs with the time that passes"}
	if why := n.clock.doubt(); why != nil {
		p.State, p.Detail = StateDegraded, why.Error()
		p.Fix = "switch on automatic time of this computer; it goes on by itself once the clocks agree"
	}
	return p
}
