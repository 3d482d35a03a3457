package binancesim

import (
	"sort"
	"time"

	"hoox/backend/trading"
)

// income tells money that moved: funding, realized profit and commissions, oldest first.
func (f *Futures) income(q *request) (any, *refusal) {
	from, to, _, bad := q.window(0, 1000)
	if bad != nil {
		return nil, bad
	}
	limit, bad := q.whole("limit", 100)
	if bad != nil {
		return nil, bad
	}
	type dated struct {
		at  time.Time
		row map[string]any
	}
	var list []dated
	add := func(kind, symbol, asset, id, trade, info string, amount trading.Money, at time.Time) {
		wanted := q.text("incomeType") == "" || q.text("incomeType") == kind
		if !wanted || q.text("symbol") != "" && q.text("symbol") != symbol || at.Before(from) || at.After(to) {
			return
		}
		list = append(list, dated{at, map[string]any{
			"symbol": symbol, "incomeType": kind, "income": amount.Fixed(8), "asset": asset, "info": info, "time": at.UnixMilli(), "tranId": number(id), "tradeId": trade,
		}})
	}
	for n, p := range f.core.Fundings() {
		id := p.ID
		if number(id) == "0" {
			id = itoa(n + 1)
		}
		add("FUNDING_FEE", p.Symbol, p.Asset, id, "", "FUNDING_FEE", p.Amount, p.At)
	}
	for _, x := range f.core.ShownFills(f.product) {
		if !x.PnL.IsZero() {
			add("REALIZED_PNL", x.Symbol, x.FeeAsset, x.ID, x.ID, x.ID, x.PnL, x.At)
		}
		add("COMMISSION", x.Symbol, x.FeeAsset, x.ID, x.ID, x.ID, x.Fee.Neg(), x.At)
	}
	sort.SliceStable(list, func(a, b int) bool { return list[a].at.Before(list[b].at) })
	rows := []any{}
	for _, d := range list {
		rows = append(rows, d.row)
	}
	return pageOf(rows, int(min(limit, 1000)), q.text("startTime") != ""), nil
}

func (f *Futures) userTrades(q *request) (any, *refusal) {
	fills, bad := f.fillRows(q, 7*24*time.Hour)
	if bad != nil {
		return nil, bad
	}
	rows := []any{}
	for _, x := range fills {
		rows = append(rows, f.fillRow(x))
	}
	return rows, nil
}
