package node

import (
	"context"
	"fmt"
	"strings"
	"time"

	"hoox/backend/strategy"
)

// Silence is a strategy that was not heard of for longer than it may be silent.
type Silence struct {
	Strategy string
	// Expect is how often alerts were expected, Since from when on there was none.
	Expect time.Duration
	Since  time.Time
}

// Silences are the enabled strategies whose alerts are overdue, by name, and how many are watched. A strategy that was
// changed a moment ago has its whole time again.
func (n *Node) Silences(ctx context.Context) (overdue []Silence, watched int, err error) {
	list, err := n.Store.Strategies(ctx)
	if err != nil {
		return nil, 0, err
	}
	now := n.Now()
	for _, r := range list {
		if r.Strategy.Expect == 0 || !r.Strategy.Enabled {
			continue
		}
		watched++
		since := now.Add(-r.Strategy.Expect)
		if r.UpdatedAt.After(since) {
			continue
		}
		heard, err := n.Store.Heard(ctx, r.Strategy.Name, since)
		if err != nil {
			return nil, 0, err
		}
		if !heard {
			overdue = append(overdue, Silence{Strategy: r.Strategy.Name, Expect: r.Strategy.Expect, Since: since})
		}
	}
	return overdue, watched, nil
}

// silenceFix is what to do about a strategy that fell silent.
const silenceFix = "look whether its alert still runs in TradingView, and whether every alert arrived, on the Alerts page"

// silenceHealth tells about strategies that fell silent: an alert that is lost on its way leaves no other trace.
func (n *Node) silenceHealth(ctx context.Context) Part {
	overdue, watched, err := n.Silences(ctx)
	switch {
	case err != nil:
		return Part{Name: "alerts", State: StateDegraded, Detail: err.Error(), Fix: "see the ledger"}
	case watched == 0:
		return Part{Name: "alerts", State: StateOff, Detail: "no strategy says how long it may be silent", Fix: "give a strategy a time under Strategies, \"Tell me when silent for\""}
	case len(overdue) > 0:
		return Part{Name: "alerts", State: StateDegraded, Detail: silenceInWords(overdue), Fix: silenceFix}
	}
	return Part{Name: "alerts", State: StateOK, Detail: fmt.Sprintf("heard of %s as often as expected", strategies(watched))}
}

func strategies(n int) string {
	if n == 1 {
		return "1 strategy"
	}
	return fmt.Sprintf("%d strategies", n)
}

// maxNamed bounds how many strategies one sentence names.
const maxNamed = 3

func silenceInWords(list []Silence) string {
	var names []string
	for _, s := range list[:min(len(list), maxNamed)] {
		names = append(names, fmt.Sprintf("%s was silent for more than %s", s.Strategy, strategy.Span(s.Expect)))
	}
	words := strings.Join(names, "; ")
	if more := len(list) - maxNamed; more > 0 {
		words += fmt.Sprintf("; and %d more", more)
	}
	return words
}
