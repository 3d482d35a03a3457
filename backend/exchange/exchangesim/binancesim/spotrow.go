package binancesim

import (
	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// spotType is the type that an order of the core has on spot.
func spotType(o exchangesim.Order) string {
	switch o.Kind {
	case exchangesim.Market:
		return "MARKET"
	case exchangesim.StopMarket, exchangesim.Trailing:
		return "STOP_LOSS"
	case exchangesim.StopLimit:
		return "STOP_LOSS_LIMIT"
	case exchangesim.TargetMarket:
		return "TAKE_PROFIT"
	case exchangesim.TargetLimit:
		return "TAKE_PROFIT_LIMIT"
	}
	if o.TIF == exchangesim.PostOnly {
		return "LIMIT_MAKER"
	}
	return "LIMIT"
}

// tifWord is the time in force of an order; one that takes the market has none of its own and shows GTC.
func tifWord(o exchangesim.Order) string {
	if !o.Kind.Priced() {
		return "GTC"
	}
	switch o.TIF {
	case exchangesim.IOC:
		return "IOC"
	case exchangesim.FOK:
		return "FOK"
	}
	return "GTC"
}

// orderRow is an order as queries tell it.
func (s *Spot) orderRow(o exchangesim.Order) map[string]any {
	row := map[string]any{
		"symbol": o.Symbol, "orderId": number(o.ID), "orderListId": s.lists.idOf(o.ID), "clientOrderId": clientID(o), "price": o.Price.Fixed(8),
		"origQty": o.Qty.Fixed(8), "executedQty": o.Filled.Fixed(8), "cummulativeQuoteQty": o.Cost.Fixed(8), "status": word(o),
		"timeInForce": tifWord(o), "type": spotType(o), "side": sideWord(o.Side), "stopPrice": o.Trigger.Fixed(8), "icebergQty": "0.00000000",
		"time": o.CreatedAt.UnixMilli(), "updateTime": o.UpdatedAt.UnixMilli(), "isWorking": o.Status != exchangesim.Untriggered,
		"workingTime": workingTime(o), "origQuoteOrderQty": o.QuoteQty.Fixed(8), "selfTradePreventionMode": "EXPIRE_MAKER",
	}
	if word(o) == "EXPIRED" && o.Reason == exchangesim.ReasonNoMatch {
		row["expiryReason"] = "INSUFFICIENT_LIQUIDITY"
	}
	return row
}

// workingTime is since when the order meets the market, -1 before.
func workingTime(o exchangesim.Order) int64 {
	switch {
	case o.Status == exchangesim.Untriggered:
		return -1
	case !o.TriggeredAt.IsZero():
		return o.TriggeredAt.UnixMilli()
	}
	return o.CreatedAt.UnixMilli()
}

// answer is what placing tells: the order's names (ACK), its state (RESULT), its fills too (FULL).
func (s *Spot) answer(o exchangesim.Order, form string) map[string]any {
	row := map[string]any{"symbol": o.Symbol, "orderId": number(o.ID), "orderListId": s.lists.idOf(o.ID), "clientOrderId": clientID(o), "transactTime": o.UpdatedAt.UnixMilli()}
	if form == "ACK" {
		return row
	}
	for _, name := range []string{"price", "origQty", "executedQty", "origQuoteOrderQty", "cummulativeQuoteQty", "status", "timeInForce", "type", "side", "workingTime", "selfTradePreventionMode"} {
		row[name] = s.orderRow(o)[name]
	}
	if o.Trigger.IsPositive() {
		row["stopPrice"] = o.Trigger.Fixed(8)
	}
	if form == "RESULT" {
		return row
	}
	fills := []any{}
	for _, x := range s.core.Fills() {
		if x.OrderID == o.ID {
			fills = append(fills, map[string]any{"price": x.Price.Fixed(8), "qty": x.Qty.Fixed(8), "commission": x.Fee.Fixed(8), "commissionAsset": x.FeeAsset, "tradeId": number(x.ID)})
		}
	}
	row["fills"] = fills
	return row
}

// cancelRow is what canceling tells: the order's own client id is the original, the request's stands in its place.
func (s *Spot) cancelRow(o exchangesim.Order, name string) map[string]any {
	row := s.answer(o, "RESULT")
	delete(row, "workingTime")
	row["origClientOrderId"], row["clientOrderId"] = clientID(o), name
	return row
}

// tradeRow is a fill as myTrades tells it.
func (s *Spot) tradeRow(x exchangesim.Execution) map[string]any {
	return map[string]any{
		"symbol": x.Symbol, "id": number(x.ID), "orderId": number(x.OrderID), "orderListId": s.lists.idOf(x.OrderID), "price": x.Price.Fixed(8),
		"qty": x.Qty.Fixed(8), "quoteQty": trading.Notional(x.Price, x.Qty).Fixed(8), "commission": x.Fee.Fixed(8), "commissionAsset": x.FeeAsset,
		"time": x.At.UnixMilli(), "isBuyer": x.Side == trading.Buy, "isMaker": x.Maker, "isBestMatch": true,
	}
}
