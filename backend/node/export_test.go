package node

import (
	"context"
	"time"

	"hoox/backend/risk"
	"hoox/backend/trading"
)

// CollectKeys looks once whether keys have to be collected, as the service does every minute.
func (n *Node) CollectKeys(ctx context.Context) { n.idempotency.round(ctx) }

// Watched is how long the program has run, over all its starts.
func (n *Node) Watched() time.Duration { return n.idempotency.watched() }

// Leap has somebody set the clock of the machine ahead: no time passes, and set moves what the clock shows.
func (n *Node) Leap(by time.Duration, set func()) {
	n.clock.mu.Lock()
	defer n.clock.mu.Unlock()
	set()
	before := n.clock.read
	n.clock.read = func() (time.Time, time.Duration) {
		wall, passed := before()
		return wall, passed - by
	}
}

// Believe ends the doubt after a leap.
func (n *Node) Believe() { n.clock.believe() }

// lampOnly is an account of which nothing is known but how the way to it is doing.
type lampOnly struct {
	adapter
	lamp func() trading.Lamp
}

func (l lampOnly) Lamp() trading.Lamp { return l.lamp() }

// Hang has an account at an exchange be connected whose lamp is given; nothing else can be asked of it.
func (n *Node) Hang(id trading.AccountID, lamp func() trading.Lamp) {
	n.links.mu.Lock()
	defer n.links.mu.Unlock()
	n.links.byID[id] = running{link: &link{n: n, id: id, adapter: lampOnly{lamp: lamp}}}
}

// Look shows the lookout the parts of the house, as the clock does every few seconds.
func (n *Node) Look(ctx context.Context, parts ...Part) { n.lookout.look(ctx, parts) }

// Listen has the lookout listen for strategies that fell silent.
func (n *Node) Listen(ctx context.Context) { n.lookout.listen(ctx) }

// TestAlarm sends the weekly test alarm if it is time for it.
// LookAtKey asks again what the key of an account may do, as is done every hour.
func (n *Node) LookAtKey(ctx context.Context, id trading.AccountID) {
	if l, ok := n.linkOf(id); ok {
		l.police(ctx)
	}
}

func (n *Node) TestAlarm(ctx context.Context) error { return n.lookout.test(ctx) }

// Clock is the clock of the house with all that looks after it, for the simulation, which is outside of the room.
type Clock struct{ *steady }

// NewClock makes a clock of a machine that the simulation turns.
func NewClock(read func() (wall time.Time, passed time.Duration)) Clock {
	return Clock{newSteady(read)}
}

// Remember begins with the latest time that the ledger has seen.
func (c Clock) Remember(seen time.Time, saw func(time.Time)) { c.remember(seen, saw) }

// HaltIfAbsurd halts when the clock is far behind the ledger.
func (c Clock) HaltIfAbsurd(ctx context.Context, set func(context.Context, risk.Standing) error, forget func(context.Context) error) (string, error) {
	return haltIfAbsurd(ctx, c.steady, set, forget)
}

// Doubt tells why the clock is not believed.
func (c Clock) Doubt() error { return c.doubt() }

// LookAfter is the service that settles leaps, until ctx ends.
func (c Clock) LookAfter(ctx context.Context, lamps func() []trading.Lamp, turned func(why error)) error {
	return clockwork{clock: c.steady, lamps: lamps, look: func(context.Context) {}, turned: turned}.Serve(ctx)
}

// StandStill has the program find at wall that it stood still since its newest tick.
func (n *Node) StandStill(ctx context.Context, wall time.Time) { n.lookForSleep(ctx, wall) }

// LoseCandles has the paper accounts trade on prices of which no candles are kept, as live ones are.
func (n *Node) LoseCandles() { n.synthetic = nil }

// Limits are the caps of the second look at the orders of an account.
func (n *Node) Limits(a trading.AccountID) risk.Limits { return n.limits(a) }

// ForgetTexts looks once for texts of alerts that are old, as is done every hour.
func (n *Node) ForgetTexts(ctx context.Context) { texts{n}.round(ctx) }

// Guarded runs a part of the messenger so that its panic is an error.
var Guarded = guarded
