package node

import (
	"context"
	"time"

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
	n.clock.at, n.clock.start = n.clock.at.Add(by), n.clock.start.Add(by)
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
