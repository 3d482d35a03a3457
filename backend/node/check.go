package node

import (
	"context"
	"errors"
	"time"

	"hoox/backend/trading"
)

// checkBudget bounds the check at the start; a ledger that takes longer is checked as far as that goes.
const checkBudget = 5 * time.Second

// checkLedger looks at the whole ledger before anything is done with it: a file that was harmed while it lay on its disk must
// not trade. What only the exchanges can tell, such as fills that are missing after a crash, is not its business.
func (n *Node) checkLedger(ctx context.Context) error {
	within, cancel := context.WithTimeout(ctx, checkBudget)
	defer cancel()
	findings, err := n.Store.Check(within)
	if err != nil && errors.Is(within.Err(), context.DeadlineExceeded) && ctx.Err() == nil {
		n.Log.Warn("the ledger is too large to be checked whole at the start: `hoox verify` checks it", "budget", checkBudget)
		err = nil
	}
	if err != nil {
		return err
	}
	for _, f := range findings {
		if !f.OK {
			return trading.Errorf(trading.Internal, "check of the ledger: %s: %s", f.Check, f.Detail)
		}
	}
	return nil
}
