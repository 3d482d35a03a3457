package ledger

import (
	"strings"

	"hoox/backend/trading"
)

// Settled is a fill as position and purse feel it. Spot exchanges take the fee of a buyer from the coins that were bought:
// then the position grows by less, and what was taken counts as its worth in the quote currency. Every other fill is as it
// is. The fill as the exchange told it stays the record.
func Settled(f trading.Fill, quote string) trading.Fill {
	base, _ := strings.CutSuffix(f.Symbol, quote)
	if f.Product != trading.Spot || f.FeeAsset == "" || f.FeeAsset == quote || f.FeeAsset != base {
		return f
	}
	taken := trading.AsQty(f.Fee)
	if f.Side == trading.Buy {
		f.Qty = f.Qty.Sub(taken)
	} else {
		f.Qty = f.Qty.Add(taken)
	}
	f.Fee, f.FeeAsset = trading.Notional(f.Price, taken), quote
	return f
}
