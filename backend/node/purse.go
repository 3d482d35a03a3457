package node

import (
	"context"

	"hoox/backend/trading"
)

// firstBalance books what is on an account when it is connected for the first time, so that its ledger begins where the
// exchange is. It does nothing later.
func (n *Node) firstBalance(ctx context.Context, id trading.AccountID, t teller) error {
	balances, err := n.Store.Balances(ctx)
	if err != nil {
		return err
	}
	if len(balances[id]) > 0 {
		return nil
	}
	amount, asset, err := t.Balance(ctx)
	if err != nil {
		return err
	}
	return n.Engine.BookCash(ctx, trading.Cash{
		ID: "deposit:" + string(id), Account: id, Kind: trading.CashDeposit, Asset: asset, Amount: amount, At: n.Now(),
	})
}
