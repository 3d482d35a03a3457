package sqlite

import (
	"context"
	"strings"

	"hoox/backend/events"
	"hoox/backend/trading"
)

// quoteOf is the quote currency by the spelling of a symbol, for orders that no intake of ours described.
func quoteOf(symbol string) string {
	for _, quote := range []string{"USDT", "USDC", "FDUSD", "USD", "EUR", "BTC"} {
		if strings.HasSuffix(symbol, quote) {
			return quote
		}
	}
	return "USDT"
}

// postFill moves the balance by what a fill earned and cost. The fill's own row is the posting.
func (t *tx) postFill(a *account, o *orderRow, f trading.Fill) error {
	feeAsset := f.FeeAsset
	if feeAsset == "" {
		feeAsset = o.quote
	}
	if feeAsset == o.quote {
		return t.pay(a, o.Account, o.quote, f.RealizedPnL.Sub(f.Fee))
	}
	if err := t.pay(a, o.Account, o.quote, f.RealizedPnL); err != nil {
		return err
	}
	return t.pay(a, o.Account, feeAsset, f.Fee.Neg())
}

const putBalance = `
INSERT INTO balances (account, asset, amount)
VALUES (?, ?, ?)
ON CONFLICT (account, asset) DO UPDATE
SET amount = excluded.amount`

func (t *tx) pay(a *account, id trading.AccountID, asset string, amount trading.Money) error {
	if amount.IsZero() {
		return nil
	}
	after := a.balances[asset].Add(amount)
	if _, err := t.exec(putBalance, string(id), asset, after.String()); err != nil {
		return err
	}
	a.balances[asset] = after
	return nil
}

const insertCash = `
INSERT INTO cash (id, account, kind, asset, amount, symbol, at)
VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO NOTHING`

// BookCash books a movement of money that is no fill and moves the balance. The same ID again changes nothing.
func (db *DB) BookCash(ctx context.Context, c trading.Cash) error {
	if c.ID == "" || c.Asset == "" {
		return trading.Errorf(trading.Internal, "book cash of %s: want an id and an asset", c.Account)
	}
	return db.do(ctx, "book cash "+c.ID, func(t *tx) error {
		a, err := t.account(c.Account, c.At)
		if err != nil {
			return err
		}
		n, err := t.exec(insertCash, c.ID, string(c.Account), string(c.Kind), c.Asset, c.Amount.String(), c.Symbol, millis(c.At))
		if err != nil || n == 0 {
			return err
		}
		t.changed(events.Positions)
		return t.pay(a, c.Account, c.Asset, c.Amount)
	})
}
