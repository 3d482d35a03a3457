package binancesim

import (
	"maps"
	"slices"
	"time"
)

// account tells balances and what the account may do.
func (s *Spot) account(q *request) (any, *refusal) {
	omit, bad := q.flag("omitZeroBalances")
	if bad != nil {
		return nil, bad
	}
	all := s.core.Balances()
	rows := []any{}
	for _, asset := range slices.Sorted(maps.Keys(all)) {
		if total, free := all[asset][0], all[asset][1]; !omit || !total.IsZero() {
			rows = append(rows, map[string]any{"asset": asset, "free": free.Fixed(8), "locked": total.Sub(free).Fixed(8)})
		}
	}
	p := s.permissions()
	return map[string]any{
		"makerCommission": 10, "takerCommission": 10, "buyerCommission": 0, "sellerCommission": 0,
		"commissionRates": map[string]any{"maker": "0.00100000", "taker": "0.00100000", "buyer": "0.00000000", "seller": "0.00000000"},
		"canTrade":        !p.NoTrading, "canWithdraw": p.Withdrawals, "canDeposit": true, "brokered": false, "requireSelfTradePrevention": false,
		"preventSor": false, "updateTime": q.now.UnixMilli(), "accountType": "SPOT", "balances": rows, "permissions": []string{"SPOT"}, "uid": 354937868,
	}, nil
}

func (s *Spot) commission(q *request) (any, *refusal) {
	i, bad := s.instrument(q)
	if bad != nil {
		return nil, bad
	}
	zero := map[string]any{"maker": "0.00000000", "taker": "0.00000000", "buyer": "0.00000000", "seller": "0.00000000"}
	return map[string]any{
		"symbol":             i.Symbol,
		"standardCommission": map[string]any{"maker": i.MakerFee.Fixed(8), "taker": i.TakerFee.Fixed(8), "buyer": "0.00000000", "seller": "0.00000000"},
		"specialCommission":  zero, "taxCommission": zero,
		"discount": map[string]any{"enabledForAccount": false, "enabledForSymbol": true, "discountAsset": "BNB", "discount": "0.75000000"},
	}, nil
}

// apiRestrictions tells what the key may do.
func (s *Spot) apiRestrictions(*request) (any, *refusal) {
	p := s.permissions()
	row := map[string]any{
		"ipRestrict": p.IPRestrict, "createTime": 1698645219000, "enableReading": true, "enableWithdrawals": p.Withdrawals,
		"enableInternalTransfer": false, "enableMargin": false, "enableFutures": !p.NoFutures && !p.NoTrading, "permitsUniversalTransfer": p.Transfers,
		"enableVanillaOptions": false, "enableFixApiTrade": false, "enableFixReadOnly": false, "enableSpotAndMarginTrading": !p.NoTrading,
		"enablePortfolioMarginTrading": false,
	}
	if !p.Expires.IsZero() {
		row["tradingAuthorityExpirationTime"] = p.Expires.UnixMilli()
	}
	return row, nil
}

func (s *Spot) allOrders(q *request) (any, *refusal) {
	i, bad := s.instrument(q)
	if bad != nil {
		return nil, bad
	}
	from, to, limit, bad := q.window(24*time.Hour, 1000)
	if bad != nil {
		return nil, bad
	}
	first, bad := q.whole("orderId", 0)
	if bad != nil {
		return nil, bad
	}
	list := []any{}
	for _, o := range s.core.Shown(s.product, i.Symbol) {
		if !o.CreatedAt.Before(from) && !o.CreatedAt.After(to) && atLeast(o.ID, first) {
			list = append(list, s.orderRow(o))
		}
	}
	return pageOf(list, limit, first > 0 || q.text("startTime") != ""), nil
}

// trades tells the fills of a symbol, of one order if asked.
func (s *Spot) trades(q *request) (any, *refusal) {
	rows, bad := s.fillRows(q, 24*time.Hour)
	if bad != nil {
		return nil, bad
	}
	list := []any{}
	for _, x := range rows {
		list = append(list, s.tradeRow(x))
	}
	return list, nil
}

// pageOf keeps the first rows when the caller said where to start, else the last.
func pageOf(list []any, limit int, forward bool) []any {
	switch {
	case len(list) <= limit:
		return list
	case forward:
		return list[:limit]
	}
	return list[len(list)-limit:]
}

func atLeast(id string, first int64) bool {
	n, err := number(id).Int64()
	return err == nil && n >= first
}
