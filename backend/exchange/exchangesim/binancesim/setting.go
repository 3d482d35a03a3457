package binancesim

import (
	"strconv"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// accepted is what Binance answers when a setting is as asked.
func accepted() map[string]any { return map[string]any{"code": 200, "msg": "success"} }

func (f *Futures) symbolConfig(q *request) (any, *refusal) {
	asked, _, bad := f.asked(q)
	if bad != nil {
		return nil, bad
	}
	rows := []any{}
	for _, i := range asked {
		margin := "CROSSED"
		if f.core.Margin(i.Symbol) {
			margin = "ISOLATED"
		}
		rows = append(rows, map[string]any{
			"symbol": i.Symbol, "marginType": margin, "isAutoAddMargin": false, "leverage": f.core.Leverage(i.Symbol), "maxNotionalValue": "1000000",
		})
	}
	return rows, nil
}

func (f *Futures) accountConfig(q *request) (any, *refusal) {
	p := f.permissions()
	return map[string]any{
		"feeTier": 0, "canTrade": !p.NoTrading, "canDeposit": true, "canWithdraw": p.Withdrawals, "dualSidePosition": f.core.Hedge(),
		"updateTime": 0, "multiAssetsMargin": false, "tradeGroupId": -1,
	}, nil
}

// setLeverage sets the leverage of a symbol; setting it again is no error.
func (f *Futures) setLeverage(q *request) (any, *refusal) {
	i, bad := f.instrument(q)
	if bad == nil {
		bad = q.must("leverage")
	}
	if bad != nil {
		return nil, bad
	}
	n, err := strconv.Atoi(q.text("leverage"))
	if err != nil || n < 1 {
		return nil, no(-4028, "Leverage "+q.text("leverage")+" is not valid")
	}
	switch refused := f.core.SetLeverage(i.Symbol, n); {
	case refused == nil, refused.Why == exchangesim.NotModified:
	case refused.Why == exchangesim.LeverageTooHigh:
		return nil, no(-4028, "Leverage "+strconv.Itoa(n)+" is not valid")
	default:
		return nil, f.said(refused)
	}
	return map[string]any{"leverage": n, "maxNotionalValue": "1000000", "symbol": i.Symbol}, nil
}

func (f *Futures) setMargin(q *request) (any, *refusal) {
	i, bad := f.instrument(q)
	if bad == nil {
		bad = q.must("marginType")
	}
	if bad != nil {
		return nil, bad
	}
	kind := q.text("marginType")
	if kind != "ISOLATED" && kind != "CROSSED" {
		return nil, no(-1100, "Illegal characters found in parameter 'marginType'; legal range is 'ISOLATED, CROSSED'.")
	}
	switch refused := f.core.SetMargin(i.Symbol, kind == "ISOLATED"); {
	case refused == nil:
		return accepted(), nil
	case refused.Why == exchangesim.NotModified:
		return nil, no(-4046, "No need to change margin type.")
	case refused.Why == exchangesim.ModeBlocked && refused.Text == "orders":
		return nil, no(-4047, "Margin type cannot be changed if there exists open orders.")
	case refused.Why == exchangesim.ModeBlocked:
		return nil, no(-4048, "Margin type cannot be changed if there exists position.")
	default:
		return nil, f.said(refused)
	}
}

func (f *Futures) mode(*request) (any, *refusal) {
	return map[string]any{"dualSidePosition": f.core.Hedge()}, nil
}

func (f *Futures) setMode(q *request) (any, *refusal) {
	if bad := q.must("dualSidePosition"); bad != nil {
		return nil, bad
	}
	hedge, bad := q.flag("dualSidePosition")
	if bad != nil {
		return nil, bad
	}
	switch refused := f.core.SetHedge(hedge); {
	case refused == nil:
		return accepted(), nil
	case refused.Why == exchangesim.NotModified:
		return nil, no(-4059, "No need to change position side.")
	case refused.Why == exchangesim.ModeBlocked && refused.Text == "orders":
		return nil, no(-4067, "Position side cannot be changed if there exists open orders.")
	case refused.Why == exchangesim.ModeBlocked:
		return nil, no(-4068, "Position side cannot be changed if there exists position.")
	default:
		return nil, f.said(refused)
	}
}

func (f *Futures) commissionRate(q *request) (any, *refusal) {
	i, bad := f.instrument(q)
	if bad != nil {
		return nil, bad
	}
	return map[string]any{
		"symbol": i.Symbol, "makerCommissionRate": i.MakerFee.String(), "takerCommissionRate": i.TakerFee.String(),
		"rpiCommissionRate": i.MakerFee.Over(trading.MustRatio("4")).String(),
	}, nil
}

func (f *Futures) orderLimits(*request) (any, *refusal) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.limits.rows()[1:], nil
}

func (f *Futures) tradingStatus(q *request) (any, *refusal) {
	return map[string]any{"indicators": map[string]any{}, "updateTime": q.now.UnixMilli()}, nil
}
