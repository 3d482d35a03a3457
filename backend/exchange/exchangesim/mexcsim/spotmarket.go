package mexcsim

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"hoox/backend/trading"
)

func (s *Spot) symbol(i trading.Instrument) map[string]any {
	status := "1"
	if s.core.Halted(i.Symbol) {
		status = "2"
	}
	return map[string]any{
		"symbol": i.Symbol, "status": status, "baseAsset": i.Base, "baseAssetPrecision": i.StepSize.Places(), "quoteAsset": i.Quote,
		"quotePrecision": i.TickSize.Places(), "quoteAssetPrecision": i.TickSize.Places(), "baseCommissionPrecision": i.StepSize.Places(),
		"quoteCommissionPrecision": i.TickSize.Places(), "orderTypes": []string{"LIMIT", "MARKET", "LIMIT_MAKER", "IMMEDIATE_OR_CANCEL", "FILL_OR_KILL"},
		"isSpotTradingAllowed": !s.options.APIClosed[i.Symbol], "isMarginTradingAllowed": false, "permissions": []string{"SPOT"}, "tradeSideType": "1",
		"baseSizePrecision": i.StepSize.String(), "quoteAmountPrecision": i.MinNotional.String(), "quoteAmountPrecisionMarket": i.MinNotional.String(),
		"maxQuoteAmount": "4000000", "maxQuoteAmountMarket": "100000", "makerCommission": i.MakerFee.String(), "takerCommission": i.TakerFee.String(),
		"filters": []any{map[string]any{"filterType": "PERCENT_PRICE_BY_SIDE", "bidMultiplierUp": "0.2", "askMultiplierDown": "0.2"}},
	}
}

// chosen are the instruments that a request names, or all.
func (s *Spot) chosen(c *call) ([]trading.Instrument, bool) {
	names := textOr(c.query.Get("symbol"), c.query.Get("symbols"))
	if names == "" {
		return s.core.Instruments(trading.Spot), true
	}
	var list []trading.Instrument
	for name := range strings.SplitSeq(names, ",") {
		i, ok := s.core.Instrument(trading.Spot, name)
		if !ok {
			return nil, false
		}
		list = append(list, i)
	}
	return list, true
}

func (s *Spot) exchangeInfo(c *call) answer {
	chosen, ok := s.chosen(c)
	if !ok {
		return spotNo(-1121, "Invalid symbol.")
	}
	list := []any{}
	for _, i := range chosen {
		list = append(list, s.symbol(i))
	}
	return plain(map[string]any{"timezone": "CST", "serverTime": s.now().UnixMilli(), "rateLimits": []any{}, "exchangeFilters": []any{}, "symbols": list})
}

func (s *Spot) defaultSymbols(*call) answer {
	list := []string{}
	for _, i := range s.core.Instruments(trading.Spot) {
		list = append(list, i.Symbol)
	}
	return plain(map[string]any{"code": 200, "data": list, "msg": nil})
}

// selfSymbols are those that this key may trade.
func (s *Spot) selfSymbols(*call) answer {
	list := []string{}
	for _, i := range s.core.Instruments(trading.Spot) {
		if !s.options.APIClosed[i.Symbol] {
			list = append(list, i.Symbol)
		}
	}
	return plain(map[string]any{"code": 200, "data": list, "msg": nil})
}

// rows answers with one row when a request names one symbol, else with a list.
func (s *Spot) rows(c *call, row func(i trading.Instrument, bid, ask trading.Price) any) answer {
	chosen, ok := s.chosen(c)
	if !ok {
		return spotNo(-1121, "Invalid symbol.")
	}
	list := []any{}
	for _, i := range chosen {
		if bid, ask, _, priced := s.core.Quote(trading.Spot, i.Symbol); priced {
			list = append(list, row(i, bid, ask))
		}
	}
	if len(list) == 1 && c.query.Get("symbol") != "" {
		return plain(list[0])
	}
	return plain(list)
}

func (s *Spot) lastPrice(c *call) answer {
	return s.rows(c, func(i trading.Instrument, bid, _ trading.Price) any {
		return map[string]any{"symbol": i.Symbol, "price": bid.String()}
	})
}

func (s *Spot) bookTicker(c *call) answer {
	return s.rows(c, func(i trading.Instrument, bid, ask trading.Price) any {
		return map[string]any{"symbol": i.Symbol, "bidPrice": bid.String(), "bidQty": i.MaxQty.String(), "askPrice": ask.String(), "askQty": i.MaxQty.String()}
	})
}

func (s *Spot) klines(c *call) answer {
	wide, ok := width(c.query.Get("interval"))
	if _, known := s.core.Instrument(trading.Spot, c.query.Get("symbol")); !known {
		return spotNo(-1121, "Invalid symbol.")
	}
	if !ok {
		return spotNo(33333, "param error: interval")
	}
	var from, to time.Time
	if n, err := strconv.ParseInt(c.query.Get("startTime"), 10, 64); err == nil {
		from = time.UnixMilli(n)
	}
	if n, err := strconv.ParseInt(c.query.Get("endTime"), 10, 64); err == nil {
		to = time.UnixMilli(n)
	}
	limit, err := strconv.Atoi(c.query.Get("limit"))
	if err != nil || limit < 1 {
		limit = 500
	}
	list := []any{}
	for _, k := range s.candles.list(c.query.Get("symbol"), wide, from, to, min(limit, 1000)) {
		list = append(list, []any{k.start.UnixMilli(), k.open.String(), k.high.String(), k.low.String(), k.close.String(), "0", k.start.Add(wide).UnixMilli(), "0"})
	}
	return plain(list)
}

func (s *Spot) account(*call) answer {
	all := s.core.Balances()
	var names []string
	for asset := range all {
		names = append(names, asset)
	}
	slices.Sort(names)
	list := []any{}
	for _, asset := range names {
		b := all[asset]
		if b[0].IsZero() {
			continue
		}
		list = append(list, map[string]any{"asset": asset, "free": b[1].String(), "locked": b[0].Sub(b[1]).String(), "available": b[1].String()})
	}
	return plain(map[string]any{
		"makerCommission": nil, "takerCommission": nil, "buyerCommission": nil, "sellerCommission": nil, "canTrade": !s.keyNow().NoTrade,
		"canWithdraw": s.options.CanWithdraw, "canDeposit": true, "updateTime": nil, "accountType": "SPOT", "balances": list, "permissions": []string{"SPOT"},
	})
}

func (s *Spot) tradeFee(c *call) answer {
	i, ok := s.core.Instrument(trading.Spot, c.values().Get("symbol"))
	if !ok {
		return spotNo(-1121, "Invalid symbol.")
	}
	return plain(map[string]any{
		"data": map[string]any{"makerCommission": figure(i.MakerFee), "takerCommission": figure(i.TakerFee)}, "code": 0, "msg": "success",
		"timestamp": s.now().UnixMilli(),
	})
}
