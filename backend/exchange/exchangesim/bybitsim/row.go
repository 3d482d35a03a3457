package bybitsim

import (
	"maps"
	"slices"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

func word(s trading.Side) string {
	if s == trading.Sell {
		return "Sell"
	}
	return "Buy"
}

// statusOf is Bybit's word for how far an order is.
func statusOf(o exchangesim.Order) string {
	switch o.Status {
	case exchangesim.Canceled, exchangesim.Expired:
		switch {
		case o.Product == trading.Spot && o.Kind.Conditional() && o.TriggeredAt.IsZero():
			return "Deactivated"
		case o.Product == trading.Spot && o.Filled.IsPositive():
			return "PartiallyFilledCanceled"
		}
		return "Cancelled"
	case exchangesim.New, exchangesim.PartiallyFilled, exchangesim.Filled, exchangesim.Rejected, exchangesim.Untriggered, exchangesim.Triggered:
		return string(o.Status)
	}
	return string(o.Status)
}

// endOf is who ended an order, and why it was refused.
func endOf(o exchangesim.Order) (cancelType, rejectReason string) {
	switch o.Reason {
	case exchangesim.ReasonCanceled:
		return "CancelByUser", "EC_PerCancelRequest"
	case exchangesim.ReasonWouldTake:
		return "UNKNOWN", "EC_PostOnlyWillTakeLiquidity"
	case exchangesim.ReasonNoMatch:
		return "UNKNOWN", "EC_NoImmediateQtyToFill"
	case exchangesim.ReasonReduceOnly:
		return "CancelByReduceOnly", "EC_CancelByReduceOnly"
	case exchangesim.ReasonGroup, exchangesim.ReasonFlat:
		return "CancelByTpSlTsClear", "EC_PerCancelRequest"
	case exchangesim.ReasonRejected:
		return "UNKNOWN", "EC_ProcessingError"
	case exchangesim.ReasonNoMoney:
		return "CancelByCannotAffordOrderCost", "EC_Others"
	case exchangesim.ReasonLiquidated:
		return "CancelAllBeforeLiq", "EC_PerCancelRequest"
	}
	return "UNKNOWN", "EC_NoError"
}

// stopTypeOf is what kind of conditional order it is, "" for none.
func stopTypeOf(o exchangesim.Order) string {
	switch {
	case o.StopType == "Liquidation" || o.StopType == "ADL":
		return ""
	case o.Product == trading.Spot && o.Kind.Conditional() && !o.LockLater:
		return "tpslOrder"
	case o.StopType != "":
		return o.StopType
	case o.Kind.Conditional():
		return "Stop"
	}
	return ""
}

func createTypeOf(o exchangesim.Order) string {
	switch o.StopType {
	case "":
		return "CreateByUser"
	case "Liquidation":
		return "CreateByLiq"
	case "ADL":
		return "CreateByAdl_PassThrough"
	}
	return "CreateBy" + o.StopType
}

func (s *Server) orderRow(o exchangesim.Order) object {
	i, _ := s.instrumentOf(o)
	kind, average, tif, direction := "Market", "", "IOC", 0
	if o.Kind.Priced() {
		kind = "Limit"
		tif = map[exchangesim.TIF]string{exchangesim.IOC: "IOC", exchangesim.FOK: "FOK", exchangesim.PostOnly: "PostOnly"}[o.TIF]
		if tif == "" {
			tif = "GTC"
		}
	}
	if o.Filled.IsPositive() {
		average = o.Average().String()
	}
	if o.Kind.Conditional() {
		direction = 2
		if (o.Side == trading.Buy) == (o.Kind != exchangesim.TargetMarket && o.Kind != exchangesim.TargetLimit) {
			direction = 1
		}
	}
	cancelType, reason := endOf(o)
	left := o.Open()
	if !o.Status.Open() {
		left = trading.Qty{}
	}
	fees, paid := object{}, trading.Money{}
	for _, asset := range slices.Sorted(maps.Keys(o.Fees)) {
		fees[asset], paid = o.Fees[asset].String(), o.Fees[asset]
	}
	mode := ""
	if o.TakeProfit.IsPositive() || o.StopLoss.IsPositive() {
		mode = "Full"
		if o.PartialGuard {
			mode = "Partial"
		}
	}
	return object{
		"category": string(o.Product), "orderId": o.ID, "orderLinkId": o.Link, "parentOrderLinkId": o.Parent, "blockTradeId": "", "symbol": o.Symbol,
		"side": word(o.Side), "positionIdx": index(o.Slot), "isLeverage": "", "orderType": kind, "timeInForce": tif, "price": s.limitOf(i, o), "qty": size(i, o.Qty),
		"orderStatus": statusOf(o), "createType": createTypeOf(o), "cancelType": cancelType, "rejectReason": reason, "avgPrice": average,
		"leavesQty": size(i, left), "leavesValue": trading.Notional(o.Price, left).String(), "cumExecQty": size(i, o.Filled), "cumExecValue": o.Cost.String(),
		"cumExecFee": paid.String(), "cumFeeDetail": fees, "stopOrderType": stopTypeOf(o), "triggerPrice": level(i, o.TriggerAt()), "triggerDirection": direction,
		"triggerBy": "MarkPrice", "tpTriggerBy": "", "slTriggerBy": "", "tpslMode": mode, "takeProfit": level(i, o.TakeProfit), "stopLoss": level(i, o.StopLoss),
		"tpLimitPrice": level(i, o.TakeProfitLimit), "slLimitPrice": level(i, o.StopLossLimit), "reduceOnly": o.ReduceOnly, "closeOnTrigger": o.ClosePosition,
		"lastPriceOnCreated": "", "ocoTriggerBy": "", "placeType": "", "smpType": "None", "createdTime": ms(o.CreatedAt), "updatedTime": ms(o.UpdatedAt),
	}
}

// limitOf is the limit of an order; a market order shows the cap that the exchange gives it.
func (s *Server) limitOf(i trading.Instrument, o exchangesim.Order) string {
	if o.Kind.Priced() {
		return price(i, o.Price)
	}
	near := o.Average()
	if near.IsZero() {
		return "0"
	}
	cap := trading.MustRatio("1.05")
	if o.Side == trading.Sell {
		cap = trading.MustRatio("0.95")
	}
	return price(i, near.Times(cap).Floor(i.TickSize))
}

func execType(x exchangesim.Execution) string {
	switch x.Kind {
	case "Bust":
		return "BustTrade"
	case "ADL":
		return "AdlTrade"
	}
	return "Trade"
}

func (s *Server) executionRow(x exchangesim.Execution) object {
	i, _ := s.core.Instrument(x.Product, x.Symbol)
	o, _ := s.core.Order(x.OrderID)
	rate, kind := i.TakerFee, "Market"
	if x.Maker {
		rate = i.MakerFee
	}
	if o.Kind.Priced() {
		kind = "Limit"
	}
	stopType := stopTypeOf(o)
	if stopType == "" {
		stopType = "UNKNOWN"
	}
	return object{
		"category": string(x.Product), "symbol": x.Symbol, "execId": x.ID, "orderId": x.OrderID, "orderLinkId": x.Link, "side": word(x.Side),
		"execPrice": price(i, x.Price), "execQty": size(i, x.Qty), "execValue": trading.Notional(x.Price, x.Qty).String(), "execFee": x.Fee.String(),
		"feeCurrency": x.FeeAsset, "feeRate": rate.String(), "execPnl": x.PnL.String(), "execType": execType(x), "isMaker": x.Maker,
		"closedSize": size(i, x.Closed), "leavesQty": "0", "orderQty": size(i, o.Qty), "orderPrice": s.limitOf(i, o), "orderType": kind, "stopOrderType": stopType,
		"createType": createTypeOf(o), "markPrice": price(i, x.Price), "indexPrice": "", "underlyingPrice": "", "blockTradeId": "", "execTime": ms(x.At), "seq": int64(x.Seq),
	}
}

func (s *Server) fundingExecution(f exchangesim.Funding) object {
	i, _ := s.core.Instrument(trading.Linear, f.Symbol)
	return object{
		"category": "linear", "symbol": f.Symbol, "execId": f.ID, "orderId": "", "orderLinkId": "", "side": sideOf(f.Qty), "execPrice": price(i, f.Mark),
		"execQty": size(i, f.Qty.Abs()), "execValue": trading.Notional(f.Mark, f.Qty.Abs()).String(), "execFee": f.Amount.Neg().String(), "feeCurrency": f.Asset,
		"feeRate": f.Rate.String(), "execPnl": "0", "execType": "Funding", "isMaker": false, "closedSize": "0", "leavesQty": "0", "orderQty": "0", "orderPrice": "0",
		"orderType": "UNKNOWN", "stopOrderType": "UNKNOWN", "createType": "", "markPrice": price(i, f.Mark), "execTime": ms(f.At), "seq": int64(0),
	}
}

// instrumentOf is the instrument of an order as the config has it: what it is called never changes.
func (s *Server) instrumentOf(o exchangesim.Order) (trading.Instrument, bool) {
	for _, i := range s.cfg.Instruments {
		if i.Product == o.Product && i.Symbol == o.Symbol {
			return i, true
		}
	}
	return trading.Instrument{}, false
}
