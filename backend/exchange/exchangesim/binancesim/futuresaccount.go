package binancesim

import (
	"maps"
	"slices"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// purse is what the account has of one asset.
type purse struct {
	asset                                   string
	wallet, free, unrealized, bound, orders trading.Money
}

// purses are the assets of the account by name.
func (f *Futures) purses() []purse {
	all := f.core.Balances()
	var list []purse
	for _, asset := range slices.Sorted(maps.Keys(all)) {
		p := purse{asset: asset, wallet: all[asset][0], free: all[asset][1]}
		for _, held := range f.core.Positions() {
			if i, _ := f.core.Instrument(f.product, held.Symbol); i.Quote == asset {
				p.unrealized, p.bound = p.unrealized.Add(held.Unrealized(held.Mark)), p.bound.Add(held.Margin)
			}
		}
		p.orders = p.wallet.Add(p.unrealized).Sub(p.bound).Sub(p.free).Max(trading.Money{})
		list = append(list, p)
	}
	return list
}

func (f *Futures) balance(q *request) (any, *refusal) {
	rows := []any{}
	for _, p := range f.purses() {
		rows = append(rows, map[string]any{
			"accountAlias": "SgsR", "asset": p.asset, "balance": p.wallet.Fixed(8), "crossWalletBalance": p.wallet.Fixed(8), "crossUnPnl": p.unrealized.Fixed(8),
			"availableBalance": p.free.Fixed(8), "maxWithdrawAmount": p.free.Fixed(8), "marginAvailable": true, "updateTime": q.now.UnixMilli(),
		})
	}
	return rows, nil
}

// account tells totals in USDT, the assets and the open positions.
func (f *Futures) account(q *request) (any, *refusal) {
	assets, total, maintenance := []any{}, purse{}, trading.Money{}
	positions := []any{}
	for _, p := range f.core.Positions() {
		maintenance = maintenance.Add(p.Maintenance)
		row := f.positionRow(p)
		positions = append(positions, map[string]any{
			"symbol": p.Symbol, "positionSide": row["positionSide"], "positionAmt": row["positionAmt"], "unrealizedProfit": row["unRealizedProfit"],
			"isolatedMargin": row["isolatedMargin"], "notional": row["notional"], "isolatedWallet": row["isolatedWallet"], "initialMargin": row["initialMargin"],
			"maintMargin": row["maintMargin"], "updateTime": row["updateTime"],
		})
	}
	for _, p := range f.purses() {
		if p.asset == "USDT" {
			total = p
		}
		assets = append(assets, map[string]any{
			"asset": p.asset, "walletBalance": p.wallet.Fixed(8), "unrealizedProfit": p.unrealized.Fixed(8), "marginBalance": p.wallet.Add(p.unrealized).Fixed(8),
			"maintMargin": maintenance.Fixed(8), "initialMargin": p.bound.Add(p.orders).Fixed(8), "positionInitialMargin": p.bound.Fixed(8),
			"openOrderInitialMargin": p.orders.Fixed(8), "crossWalletBalance": p.wallet.Fixed(8), "crossUnPnl": p.unrealized.Fixed(8),
			"availableBalance": p.free.Fixed(8), "maxWithdrawAmount": p.free.Fixed(8), "updateTime": q.now.UnixMilli(),
		})
	}
	return map[string]any{
		"totalInitialMargin": total.bound.Add(total.orders).Fixed(8), "totalMaintMargin": maintenance.Fixed(8), "totalWalletBalance": total.wallet.Fixed(8),
		"totalUnrealizedProfit": total.unrealized.Fixed(8), "totalMarginBalance": total.wallet.Add(total.unrealized).Fixed(8),
		"totalPositionInitialMargin": total.bound.Fixed(8), "totalOpenOrderInitialMargin": total.orders.Fixed(8),
		"totalCrossWalletBalance": total.wallet.Fixed(8), "totalCrossUnPnl": total.unrealized.Fixed(8), "availableBalance": total.free.Fixed(8),
		"maxWithdrawAmount": total.free.Fixed(8), "assets": assets, "positions": positions,
	}, nil
}

// positionRisk tells the positions; a symbol that has only a resting order shows a row of nothing.
func (f *Futures) positionRisk(q *request) (any, *refusal) {
	if q.text("symbol") != "" {
		if _, bad := f.instrument(q); bad != nil {
			return nil, bad
		}
	}
	rows, shown := []any{}, map[string]bool{}
	for _, p := range f.core.Positions() {
		if q.text("symbol") == "" || p.Symbol == q.text("symbol") {
			rows = append(rows, f.positionRow(p))
			shown[p.Symbol+string(p.Slot)] = true
		}
	}
	for _, o := range f.core.OpenOrders(f.product, q.text("symbol")) {
		if !o.Algo && !shown[o.Symbol+string(o.Slot)] {
			shown[o.Symbol+string(o.Slot)] = true
			rows = append(rows, f.positionRow(f.core.Position(o.Symbol, o.Slot)))
		}
	}
	return rows, nil
}

func (f *Futures) positionRow(p exchangesim.Position) map[string]any {
	i, _ := f.core.Instrument(f.product, p.Symbol)
	isolated, value := "0", trading.Notional(p.Mark, p.Qty)
	if p.Isolated {
		isolated = p.Margin.Add(p.Unrealized(p.Mark)).Fixed(8)
	}
	liquidation := "0"
	if p.Liquidation.IsPositive() {
		liquidation = p.Liquidation.Fixed(8)
	}
	return map[string]any{
		"symbol": p.Symbol, "positionSide": slotWord(p.Slot), "positionAmt": f.qty(i, p.Qty), "entryPrice": entryWord(p), "breakEvenPrice": breakEven(i, p),
		"markPrice": p.Mark.Fixed(8), "unRealizedProfit": p.Unrealized(p.Mark).Fixed(8), "liquidationPrice": liquidation, "isolatedMargin": isolated,
		"notional": value.Fixed(8), "marginAsset": i.Quote, "isolatedWallet": isolated, "initialMargin": p.Margin.Fixed(8), "maintMargin": p.Maintenance.Fixed(8),
		"positionInitialMargin": p.Margin.Fixed(8), "openOrderInitialMargin": "0", "adl": 2, "bidNotional": "0", "askNotional": "0",
		"updateTime": max(p.UpdatedAt.UnixMilli(), 0),
	}
}

// entryWord is an average without trailing zeros, of at most eight digits.
func entryWord(p exchangesim.Position) string {
	entry, err := trading.ParsePrice(p.Entry().Fixed(8))
	if err != nil {
		return "0"
	}
	return entry.String()
}

// breakEven is the entry with the fee of both ways.
func breakEven(i trading.Instrument, p exchangesim.Position) string {
	entry := p.Entry()
	fee := entry.Times(i.TakerFee)
	if p.Qty.IsNegative() {
		fee = fee.Neg()
	}
	even, err := trading.ParsePrice(entry.Add(fee).Fixed(8))
	if err != nil {
		return "0"
	}
	return even.String()
}
