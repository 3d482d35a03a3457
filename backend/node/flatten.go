package node

import (
	"context"

	"hoox/backend/trading"
)

// Step is one line of what a flatten asked, and how far it is.
type Step struct {
	What string
	// State is asked, proven or failed.
	State  string
	Detail string
	Signal trading.SignalID
}

// Flatten cancels every resting order and closes every position, of one exchange or ("") of all, in any trading state.
// The steps say what was asked; proven ones were confirmed by the time it returns.
func (n *Node) Flatten(ctx context.Context, e trading.Exchange, source trading.Source, actor, key string) ([]Step, error) {
	asked, err := n.flattener.Flatten(ctx, e, source, actor, key)
	steps := make([]Step, 0, len(asked))
	for _, a := range asked {
		s := Step{What: a.What, State: "asked", Signal: a.Signal}
		if a.Err != nil {
			s.State, s.Detail = "failed", a.Err.Error()
		}
		steps = append(steps, s)
	}
	return steps, err
}
