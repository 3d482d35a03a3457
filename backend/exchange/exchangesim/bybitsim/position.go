package bybitsim

import (
	"strconv"
	"strings"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// index is the positionIdx of a slot.
func index(s trading.Slot) int {
	switch s {
	case trading.SlotLong:
		return 1
	case trading.SlotShort:
		return 2
	}
	return 0
}

// slot is the slot of a positionIdx; the last is false when there is none such.
func slot(text string) (trading.Slot, bool) {
	switch text {
	case "", "0":
		return trading.SlotBoth, true
	case "1":
		return trading.SlotLong, true
	case "2":
		return trading.SlotShort, true
	}
	return "", false
}

func (s *Server) positions(c *call) answer {
	if c.text("category") != "linear" {
		return no(10001, "params error: category invalid")
	}
	if !c.has("symbol") && !c.has("settleCoin") {
		return no(10001, "params error: symbol or settleCoin is required")
	}
	slots := []trading.Slot{trading.SlotBoth}
	if s.core.Hedge() {
		slots = []trading.Slot{trading.SlotLong, trading.SlotShort}
	}
	list := []any{}
	for _, i := range s.chosen(c) {
		if !c.has("symbol") && i.Quote != c.text("settleCoin") {
			continue
		}
		for _, at := range slots {
			if p := s.core.Position(i.Symbol, at); c.has("symbol") || !p.Qty.IsZero() {
				list = append(list, s.positionRow(i, p))
			}
		}
	}
	return paged(c, list, 20, 200)
}

func sideOf(q trading.Qty) string {
	switch q.Sign() {
	case 1:
		return "Buy"
	case -1:
		return "Sell"
	}
	return ""
}

func level(i trading.Instrument, p trading.Price) string {
	if p.IsZero() {
		return ""
	}
	return price(i, p)
}

func (s *Server) positionRow(i trading.Instrument, p exchangesim.Position) object {
	mode, average := 0, "0"
	if p.Isolated {
		mode = 1
	}
	if !p.Qty.IsZero() {
		average = p.Entry().String()
	}
	liquidation := ""
	if p.Liquidation.IsPositive() {
		liquidation = price(i, p.Liquidation.Floor(i.TickSize))
	}
	return object{
		"positionIdx": index(p.Slot), "symbol": i.Symbol, "side": sideOf(p.Qty), "size": size(i, p.Size()), "avgPrice": average,
		"entryPrice": average, "positionValue": p.Cost.String(), "leverage": strconv.Itoa(p.Leverage), "markPrice": price(i, p.Mark), "liqPrice": liquidation,
		"bustPrice": "", "positionIM": p.Margin.String(), "positionMM": p.Maintenance.String(), "positionBalance": p.Margin.String(),
		"takeProfit": level(i, p.Guard.TakeProfit), "stopLoss": level(i, p.Guard.StopLoss), "trailingStop": p.Guard.Trailing.Fixed(2),
		"sessionAvgPrice": "", "tpslMode": "Full", "unrealisedPnl": p.Unrealized(p.Mark).String(), "curRealisedPnl": p.Realized.String(),
		"cumRealisedPnl": p.TotalRealized.String(), "positionStatus": "Normal", "adlRankIndicator": 2, "isReduceOnly": false, "tradeMode": mode,
		"autoAddMargin": 0, "riskId": 1, "riskLimitValue": "2000000", "seq": int64(s.core.Seq()), "createdTime": ms(p.OpenedAt), "updatedTime": ms(p.UpdatedAt),
		"mmrSysUpdatedTime": "", "leverageSysUpdatedTime": "",
	}
}

func (s *Server) setLeverage(c *call) answer {
	symbol, buy := c.text("symbol"), c.text("buyLeverage")
	n, err := trading.ParseRatio(buy)
	hedged := s.core.Hedge() && s.core.Isolated()
	if c.text("category") != "linear" || err != nil || !n.Floor(trading.RatioUnits(1, 0)).Equal(n) || buy != c.text("sellLeverage") && !hedged {
		return no(10001, "params error: leverage invalid")
	}
	times, err := strconv.Atoi(n.String())
	if err != nil {
		return no(10001, "params error: leverage invalid")
	}
	why := s.core.SetLeverage(symbol, times)
	switch {
	case why == nil:
		return ok(object{})
	case why.Why == exchangesim.NotModified:
		return no(110043, "Set leverage has not been modified.")
	case why.Why == exchangesim.LeverageTooHigh:
		return no(110013, "Cannot set leverage due to risk limit level.")
	default:
		return no(10001, "params error: symbol invalid "+symbol)
	}
}

func (s *Server) switchMode(c *call) answer {
	if c.text("category") != "linear" || !c.has("symbol") && !c.has("coin") || c.text("mode") != "0" && c.text("mode") != "3" {
		return no(10001, "params error: mode, symbol or coin invalid")
	}
	if i, known := s.core.Instrument(trading.Linear, c.text("symbol")); c.has("symbol") && (!known || i.Quote != "USDT") {
		return no(110029, "Hedge mode is not supported for this symbol.")
	}
	why := s.core.SetHedge(c.text("mode") == "3")
	switch {
	case why == nil:
		return ok(object{})
	case why.Why == exchangesim.NotModified:
		return no(110025, "Position mode is not modified")
	case why.Text == "orders":
		return no(110028, "You have existing open orders, so the position mode cannot be switched.")
	default:
		return no(110024, "You have an existing position, so the position mode cannot be switched.")
	}
}

// tradingStop sets what guards a position: what is not named stays, "0" removes.
func (s *Server) tradingStop(c *call) answer {
	symbol := c.text("symbol")
	at, right := slot(c.text("positionIdx"))
	if c.text("category") != "linear" || !right {
		return no(10001, "params error: category or positionIdx invalid")
	}
	p := s.core.Position(symbol, at)
	g := p.Guard
	partial := c.text("tpslMode") == "Partial"
	if partial {
		g = exchangesim.Guard{Partial: true}
	}
	for name, field := range map[string]*trading.Price{
		"takeProfit": &g.TakeProfit, "stopLoss": &g.StopLoss, "trailingStop": &g.Trailing, "activePrice": &g.Activate,
		"tpLimitPrice": &g.TargetLimit, "slLimitPrice": &g.StopLimit,
	} {
		if text, named := c.args[name]; named && text != "" {
			level, err := trading.ParsePrice(text)
			if err != nil {
				return no(10001, "params error: "+name+" invalid")
			}
			*field = level
		}
	}
	if partial {
		tp, sl := c.text("tpSize"), c.text("slSize")
		qty, err := trading.ParseQty(firstOf(tp, sl))
		if err != nil || tp != "" && sl != "" && tp != sl || !qty.IsPositive() || qty.More(p.Size()) {
			return no(10001, "params error: tpSize and slSize must be equal and within the position")
		}
		g.Qty = qty
	}
	return guarded(s.core.Protect(symbol, at, g))
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

func guarded(why *exchangesim.Refusal) answer {
	switch {
	case why == nil:
		return ok(object{})
	case why.Why == exchangesim.NotModified:
		return no(34040, "not modified")
	case why.Why == exchangesim.NothingToReduce:
		return no(10001, "can not set tp/sl/ts for zero position")
	case why.Why == exchangesim.WrongSlot:
		return no(10001, "position idx not match position mode")
	case why.Why == exchangesim.WouldTrigger && strings.Contains(why.Text, "StopLoss"):
		return no(10001, "StopLoss is on the wrong side of base_price")
	case why.Why == exchangesim.WouldTrigger:
		return no(10001, "TakeProfit is on the wrong side of base_price")
	default:
		return no(10001, "params error: "+why.Text)
	}
}

// closedPnL lists what reduced a position. The fee of the entry is reckoned at the taker's rate.
func (s *Server) closedPnL(c *call) answer {
	within, a, bad := s.window(c)
	if bad || c.text("category") != "linear" {
		if bad {
			return a
		}
		return no(10001, "params error: category invalid")
	}
	list := []any{}
	fills := s.core.ShownFills(trading.Linear)
	for n := len(fills) - 1; n >= 0; n-- {
		x := fills[n]
		if !x.Closed.IsPositive() || !within(x.At) || c.has("symbol") && c.text("symbol") != x.Symbol {
			continue
		}
		i, _ := s.core.Instrument(trading.Linear, x.Symbol)
		out := trading.Notional(x.Price, x.Closed)
		in := out.Sub(x.PnL)
		if x.Side == trading.Buy {
			in = out.Add(x.PnL)
		}
		net := x.PnL.Sub(x.Fee).Sub(in.Times(i.TakerFee))
		list = append(list, object{
			"symbol": x.Symbol, "orderId": x.OrderID, "side": word(x.Side), "qty": size(i, x.Qty), "orderPrice": price(i, x.Price), "orderType": "Market",
			"execType": execType(x), "closedSize": size(i, x.Closed), "cumEntryValue": in.String(), "avgEntryPrice": trading.UnitPrice(in, x.Closed).String(),
			"cumExitValue": out.String(), "avgExitPrice": price(i, x.Price), "closedPnl": net.String(), "fillCount": "1",
			"leverage": strconv.Itoa(s.core.Leverage(x.Symbol)), "createdTime": ms(x.At), "updatedTime": ms(x.At),
		})
	}
	return paged(c, list, 50, 100)
}
