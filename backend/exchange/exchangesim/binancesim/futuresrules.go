package binancesim

import (
	"encoding/json"

	"hoox/backend/trading"
)

// exchangeInfo tells the rules of the perpetuals.
func (f *Futures) exchangeInfo(q *request) (any, *refusal) {
	rows := []any{}
	for _, i := range f.core.Instruments(f.product) {
		rows = append(rows, f.rules(i))
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return map[string]any{
		"timezone": "UTC", "serverTime": q.now.UnixMilli(), "futuresType": "U_MARGINED", "rateLimits": f.limits.rows(), "exchangeFilters": []any{},
		"assets": []any{map[string]any{"asset": "USDT", "marginAvailable": true, "autoAssetExchange": "-10000"}}, "symbols": rows,
	}, nil
}

func (f *Futures) rules(i trading.Instrument) map[string]any {
	status := "TRADING"
	if f.core.Halted(i.Symbol) {
		status = "SETTLING"
	}
	band := f.core.Config().Band
	if band.IsZero() {
		band = trading.MustRatio("0.05")
	}
	one := trading.MustRatio("1")
	digits := int32(i.TickSize.Places()) + 1
	return map[string]any{
		"symbol": i.Symbol, "pair": i.Symbol, "contractType": "PERPETUAL", "deliveryDate": 4133404800000, "onboardDate": 1569398400000, "status": status,
		"baseAsset": i.Base, "quoteAsset": i.Quote, "marginAsset": i.Quote, "pricePrecision": digits, "quantityPrecision": i.StepSize.Places(),
		"baseAssetPrecision": 8, "quotePrecision": 8, "underlyingType": "COIN", "underlyingSubType": []string{"PoW"}, "triggerProtect": "0.0500",
		"liquidationFee": "0.012500", "marketTakeBound": "0.05", "maxMoveOrderLimit": 10000, "maintMarginPercent": "2.5000", "requiredMarginPercent": "5.0000",
		"filters": []any{
			map[string]any{"filterType": "PRICE_FILTER", "minPrice": i.TickSize.Fixed(digits), "maxPrice": "4529764", "tickSize": i.TickSize.Fixed(digits)},
			map[string]any{"filterType": "LOT_SIZE", "minQty": i.MinQty.String(), "maxQty": i.MaxQty.String(), "stepSize": i.StepSize.String()},
			map[string]any{"filterType": "MARKET_LOT_SIZE", "minQty": i.MinQty.String(), "maxQty": f.marketMost(i).String(), "stepSize": i.StepSize.String()},
			map[string]any{"filterType": "MAX_NUM_ORDERS", "limit": 200},
			map[string]any{"filterType": "MAX_NUM_ALGO_ORDERS", "limit": 200},
			map[string]any{"filterType": "MIN_NOTIONAL", "notional": i.MinNotional.String()},
			map[string]any{"filterType": "PERCENT_PRICE", "multiplierUp": one.Add(band).Fixed(4), "multiplierDown": one.Sub(band).Fixed(4), "multiplierDecimal": "4"},
		},
		"orderTypes":  []string{"LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"},
		"timeInForce": []string{"GTC", "IOC", "FOK", "GTX", "GTD"},
	}
}

// premiumIndex tells mark and funding.
func (f *Futures) premiumIndex(q *request) (any, *refusal) {
	return f.each(q, func(i trading.Instrument) map[string]any {
		_, _, mark, priced := f.core.Quote(f.product, i.Symbol)
		if !priced {
			return nil
		}
		return map[string]any{
			"symbol": i.Symbol, "markPrice": mark.Fixed(8), "indexPrice": mark.Fixed(8), "estimatedSettlePrice": mark.Fixed(8),
			"lastFundingRate": "0.00010000", "interestRate": "0.00010000", "nextFundingTime": nextFunding(q.now).UnixMilli(), "time": q.now.UnixMilli(),
		}
	})
}

// leverageBracket tells how large a position may be at which leverage; here there is one bracket.
func (f *Futures) leverageBracket(q *request) (any, *refusal) {
	asked, _, bad := f.asked(q)
	if bad != nil {
		return nil, bad
	}
	rows := []any{}
	for _, i := range asked {
		rows = append(rows, map[string]any{"symbol": i.Symbol, "notionalCoef": json.Number("1.50"), "brackets": []any{map[string]any{
			"bracket": 1, "initialLeverage": i.MaxLeverage, "notionalCap": 1000000, "notionalFloor": 0,
			"maintMarginRatio": json.Number(i.Maintenance.Fixed(4)), "cum": json.Number("0.0"),
		}}})
	}
	return rows, nil
}
