package node

import (
	"context"
	"time"

	"hoox/backend/alarm"
	"hoox/backend/trading"
)

const (
	// endsSoon is how long before its end a key is worth an alarm, remindEvery how often.
	endsSoon    = 14 * 24 * time.Hour
	remindEvery = 24 * time.Hour
)

// barred is why nothing is entered with a key: with the right to move money it is worth stealing. Nil for one that may only
// trade, as far as its exchange tells.
func barred(id trading.AccountID, r trading.KeyRights) error {
	switch {
	case r.Withdraw == trading.Yes:
		return trading.Errorf(trading.Refused, "the API key of %s may withdraw money: make one that may only trade, and delete this one at the exchange", id)
	case r.Transfer == trading.Yes:
		return trading.Errorf(trading.Refused, "the API key of %s may transfer money to other accounts: take that right away from it at the exchange, trading does not need it", id)
	}
	return nil
}

// police looks at the key of an open account again. One that has got a right which it must not have takes no more entries, and
// an alarm says so; closes go on.
func (l *link) police(ctx context.Context) {
	before, _, _, _ := l.state()
	err := l.inspect(ctx)
	rights, _, _, _ := l.state()
	switch why := barred(l.id, rights); {
	case err != nil && why == nil:
		l.n.Log.Warn("look at the key", "account", l.id, "error", err)
	case why != nil && barred(l.id, before) == nil:
		l.n.Alarm(alarm.Account, string(l.id), why.Error()+". It takes no more entries", "if you did not give it that right, delete the key at the exchange at once: somebody else has your account")
	}
	l.remind(rights)
}

// remind tells a person once a day that a key ends soon: orders would be refused, also those that close.
func (l *link) remind(r trading.KeyRights) {
	now := l.n.Now()
	l.mu.Lock()
	due := !r.ExpiresAt.IsZero() && r.ExpiresAt.Sub(now) < endsSoon && now.Sub(l.warned) >= remindEvery
	if due {
		l.warned = now
	}
	l.mu.Unlock()
	if due {
		l.n.Alarm(alarm.Account, string(l.id)+" key", "the API key of "+string(l.id)+" stops trading on "+r.ExpiresAt.UTC().Format("2006-01-02 15:04")+" UTC",
			"make a new key at the exchange before, and store it on the Accounts page")
	}
}

// overpowered is why an account whose key may do too much takes no entries, nil for every other. Closes go: what a key may do
// besides must not keep a position open.
func (n *Node) overpowered(id trading.AccountID) error {
	l, ok := n.linkOf(id)
	if !ok {
		return nil
	}
	rights, _, known, _ := l.state()
	if !known {
		return nil
	}
	return barred(id, rights)
}
