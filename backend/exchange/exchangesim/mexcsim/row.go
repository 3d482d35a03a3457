package mexcsim

import (
	"encoding/json"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// typeCode is the number of an order's type.
func typeCode(o exchangesim.Order) int {
	switch {
	case !o.Kind.Priced():
		return 5
	case o.TIF == exchangesim.PostOnly:
		return 2
	case o.TIF == exchangesim.IOC:
		return 3
	case o.TIF == exchangesim.FOK:
		return 4
	}
	return 1
}

// stateCode is the number of an order's state: 3 is complete, also when the market had no more; 4 is cancelled, 5 invalid.
func stateCode(o exchangesim.Order) int {
	switch o.Status {
	case exchangesim.New, exchangesim.PartiallyFilled:
		return 2
	case exchangesim.Filled:
		return 3
	case exchangesim.Rejected:
		return 5
	}
	if o.Filled.IsPositive() && o.Reason != exchangesim.ReasonCanceled {
		return 3
	}
	return 4
}

// category tells an order of the exchange's own from one that somebody gave.
func category(o exchangesim.Order) int {
	switch o.StopType {
	case "Liquidation":
		return 2
	case "ADL":
		return 4
	}
	return 1
}

// outside is the client order id as rows show it; orders of the exchange's own have one of its making.
func outside(o exchangesim.Order) string {
	if o.Link == "" && !o.External {
		return "_m_" + o.ID
	}
	return o.Link
}

func (s *Futures) orderRow(o exchangesim.Order) map[string]any {
	how := s.howSent(o)
	average := o.Average()
	margin := trading.Money{}
	if o.Status.Open() && !o.ReduceOnly && how.leverage > 0 {
		margin = trading.Notional(o.Price, o.Open()).Over(trading.RatioUnits(int64(how.leverage), 0))
	}
	position := json.Number("0")
	taker, maker, profit, version := trading.Money{}, trading.Money{}, trading.Money{}, 1
	for _, x := range s.core.Fills() {
		if x.OrderID != o.ID {
			continue
		}
		profit, version = profit.Add(x.PnL), version+1
		if x.Maker {
			maker = maker.Add(x.Fee)
		} else {
			taker = taker.Add(x.Fee)
		}
	}
	if l, ok := s.held(o.Symbol, o.Side == trading.Buy != o.ReduceOnly); ok {
		position = json.Number(itoa(l.id))
	}
	return map[string]any{
		"orderId": o.ID, "symbol": o.Symbol, "positionId": position, "price": figure(o.Price), "priceStr": o.Price.String(),
		"vol": s.vol(o.Symbol, s.quantity(o)), "leverage": how.leverage, "side": how.side, "category": category(o), "orderType": typeCode(o),
		"dealAvgPrice": figure(average), "dealAvgPriceStr": average.String(), "dealVol": s.vol(o.Symbol, o.Filled), "orderMargin": figure(margin),
		"usedMargin": 0, "takerFee": figure(taker), "makerFee": figure(maker), "profit": figure(profit), "feeCurrency": "USDT", "openType": how.openType,
		"state": stateCode(o), "externalOid": outside(o), "errorCode": how.code, "createTime": o.CreatedAt.UnixMilli(), "updateTime": o.UpdatedAt.UnixMilli(),
		"positionMode": how.mode, "reduceOnly": how.reduceOnly, "stopLossPrice": figure(o.StopLoss), "takeProfitPrice": figure(o.TakeProfit), "version": version,
	}
}

// dealRow is one fill. REST calls the flag taker, the stream isTaker.
func (s *Futures) dealRow(x exchangesim.Execution, stream bool) map[string]any {
	how, of := sent{side: openLong, mode: 2}, exchangesim.Order{}
	if o, ok := s.order0(x.OrderID); ok {
		how, of = s.howSent(o), o
	}
	kind := 1
	switch x.Kind {
	case "Bust":
		kind = 2
	case "ADL":
		kind = 4
	}
	row := map[string]any{
		"id": x.ID, "symbol": x.Symbol, "side": how.side, "vol": s.vol(x.Symbol, x.Qty), "price": figure(x.Price), "fee": figure(x.Fee),
		"feeCurrency": x.FeeAsset, "profit": figure(x.PnL), "category": kind, "orderId": x.OrderID, "timestamp": x.At.UnixMilli(), "positionMode": how.mode,
	}
	if !stream {
		row["taker"] = !x.Maker
		return row
	}
	row["isTaker"], row["externalOid"], row["isSelf"], row["reduceOnly"] = !x.Maker, outside(of), false, how.reduceOnly
	return row
}

// order0 is an order by its id whether lists show it yet or not.
func (s *Futures) order0(id string) (exchangesim.Order, bool) {
	for _, o := range s.core.Orders() {
		if o.ID == id {
			return o, true
		}
	}
	return exchangesim.Order{}, false
}

// positionRow is a position, open or past.
func (s *Futures) positionRow(l *life) map[string]any {
	kind, state := 1, 1
	if !l.long {
		kind = 2
	}
	if !l.over.IsZero() {
		state = 3
	}
	openType, lever := 2, s.core.Leverage(l.Symbol)
	liquidation, margin, maintenance := trading.Price{}, trading.Money{}, trading.Money{}
	for _, p := range s.core.Positions() {
		if state == 3 || p.Symbol != l.Symbol || p.Slot != l.Slot || p.Qty.IsZero() {
			continue
		}
		liquidation, margin, maintenance = p.Liquidation, p.Margin, p.Maintenance
		if p.Isolated {
			openType = 1
		}
	}
	rate := trading.Ratio{}
	if margin.IsPositive() {
		rate = maintenance.Part(margin)
	}
	average := trading.UnitPrice(l.openedCost, l.opened)
	return map[string]any{
		"positionId": json.Number(itoa(l.id)), "symbol": l.Symbol, "positionType": kind, "openType": openType, "state": state,
		"holdVol": s.vol(l.Symbol, l.Size()), "frozenVol": s.vol(l.Symbol, s.frozen(l)), "closeVol": s.vol(l.Symbol, l.closed),
		"holdAvgPrice": figure(l.Entry()), "holdAvgPriceFullyScale": l.Entry().String(), "openAvgPrice": figure(average), "openAvgPriceFullyScale": average.String(),
		"closeAvgPrice": figure(trading.UnitPrice(l.closedCost, l.closed)), "liquidatePrice": figure(liquidation), "oim": figure(margin), "im": figure(margin),
		"holdFee": figure(s.fundingOf(l)), "realised": figure(l.Realized.Sub(l.fees).Add(s.fundingOf(l))), "leverage": lever, "marginRatio": figure(rate),
		"autoAddIm": false, "version": l.fills, "createTime": l.begun.UnixMilli(), "updateTime": l.moved.UnixMilli(),
	}
}

// frozen is what open orders would close of a position.
func (s *Futures) frozen(l *life) (sum trading.Qty) {
	for _, o := range s.core.OpenOrders(trading.Linear, l.Symbol) {
		if o.Working() && o.ReduceOnly && o.Slot == l.Slot && (o.Side == trading.Sell) == l.long {
			sum = sum.Add(o.Open())
		}
	}
	return sum.Min(l.Size())
}

// fundingOf is what funding was booked on a position .
func (s *Futures) fundingOf(l *life) (sum trading.Money) {
	for _, f := range s.core.Fundings() {
		if f.Symbol == l.Symbol && f.Slot == l.Slot && !f.At.Before(l.begun) && (l.over.IsZero() || !f.At.After(l.over)) {
			sum = sum.Add(f.Amount)
		}
	}
	return sum
}
