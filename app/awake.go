package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"hoox/backend/events"
	"hoox/backend/node"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

const (
	// awakeKey is the setting that lets the computer sleep whatever is going on.
	awakeKey = "desktop:keep_awake"
	// awakePause is how often it is looked whether somebody still needs the computer.
	awakePause = 5 * time.Second
)

// hold keeps the system awake until release is called; by says in words by what.
type hold func(why string) (release func(), by string, err error)

// awake keeps the computer from sleeping while an order could be lost by it.
type awake struct {
	in   *house
	hold hold

	mu      sync.Mutex
	release func()
	by      string
	why     string
	fault   string
}

// serve looks after it until ctx ends, and lets the computer sleep then.
func (a *awake) serve(ctx context.Context) {
	hints := a.in.hub.Subscribe()
	defer hints.Close()
	tick := time.NewTicker(awakePause)
	defer tick.Stop()
	defer a.settle("")
	a.settle(a.needed(ctx))
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		case h := <-hints.C:
			if h.Topic == events.Market {
				continue // prices start no order, and come all day
			}
		}
		a.settle(a.needed(ctx))
	}
}

// needed says why the computer has to stay awake, "" when it need not.
func (a *awake) needed(ctx context.Context) string {
	if !a.in.settings.Now().Bool(awakeKey) {
		return ""
	}
	if doubts, err := a.in.keeper.InDoubt(ctx); err == nil {
		for _, o := range doubts {
			if o.Account.Mode() != trading.ModePaper {
				return "an order on " + string(o.Account) + " is on its way or in doubt"
			}
		}
	}
	if a.in.kill.Standing().State != risk.Active {
		return ""
	}
	for _, c := range a.in.compared() {
		if c.Account.Mode() != trading.ModePaper {
			return "trading is active on " + string(c.Account)
		}
	}
	return ""
}

// settle holds or lets go. What was refused is tried again at the next look.
func (a *awake) settle(why string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.why = why
	switch {
	case why == "":
		a.fault = ""
		if a.release != nil {
			a.release()
			a.release, a.by = nil, ""
		}
	case a.release == nil:
		release, by, err := a.hold(why)
		if err != nil {
			a.fault = err.Error()
			return
		}
		a.release, a.by, a.fault = release, by, ""
	}
}

// health says what holds the computer awake.
func (a *awake) health() PartHealth {
	a.mu.Lock()
	defer a.mu.Unlock()
	p := PartHealth{Name: "awake", State: node.StateOK, CheckedAt: when(a.in.now())}
	switch {
	case !a.in.settings.Now().Bool(awakeKey):
		p.State, p.Detail = node.StateOff, "switched off: this computer may sleep while orders are open"
	case a.fault != "":
		p.State = node.StateDegraded
		p.Detail = fmt.Sprintf("this computer may sleep although %s: %s", a.why, a.fault)
		p.Fix = "switch automatic sleep off in the settings of this computer, or set " + awakeKey + " to false if that is meant"
	case a.release != nil:
		p.Detail = fmt.Sprintf("kept awake by %s, because %s", a.by, a.why)
	default:
		p.Detail = "may sleep: no order is on its way and no live or testnet account trades"
	}
	return p
}
