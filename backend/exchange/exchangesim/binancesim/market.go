package binancesim

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"hoox/backend/trading"
)

func itoa(n int) string { return strconv.Itoa(n) }

// time tells the exchange's time.
func (s *Server) time(q *request) (any, *refusal) {
	return map[string]any{"serverTime": q.now.UnixMilli()}, nil
}

// price and qty spell numbers as the product does: eight digits on spot, the digits of the filter on futures.
func (s *Server) price(i trading.Instrument, p trading.Price) string {
	if s.product == trading.Spot {
		return p.Fixed(8)
	}
	return p.Fixed(int32(i.TickSize.Places()) + 1)
}

func (s *Server) qty(i trading.Instrument, q trading.Qty) string {
	if s.product == trading.Spot {
		return q.Fixed(8)
	}
	return q.Fixed(int32(i.StepSize.Places()))
}

// instrument reads the symbol of a request.
func (s *Server) instrument(q *request) (trading.Instrument, *refusal) {
	if bad := q.must("symbol"); bad != nil {
		return trading.Instrument{}, bad
	}
	i, known := s.core.Instrument(s.product, q.text("symbol"))
	if !known {
		return i, invalidSymbol
	}
	return i, nil
}

// asked are the instruments that a market-data request names: one, some or all.
func (s *Server) asked(q *request) (list []trading.Instrument, single bool, bad *refusal) {
	if q.text("symbol") != "" {
		i, bad := s.instrument(q)
		return []trading.Instrument{i}, true, bad
	}
	list = s.core.Instruments(s.product)
	if q.text("symbols") == "" {
		return list, false, nil
	}
	var some []string
	if json.Unmarshal([]byte(q.text("symbols")), &some) != nil {
		return nil, false, no(-1100, "Illegal characters found in parameter 'symbols'; legal range is '^\\[(\"[A-Z0-9-_.]{1,20}\"(,\"[A-Z0-9-_.]{1,20}\"){0,}){0,1}\\]$'.")
	}
	for _, name := range some {
		if _, known := s.core.Instrument(s.product, name); !known {
			return nil, false, invalidSymbol
		}
	}
	return slices.DeleteFunc(list, func(i trading.Instrument) bool { return !slices.Contains(some, i.Symbol) }), false, nil
}

// each answers with one row, or with a list of them when no single symbol was asked for.
func (s *Server) each(q *request, row func(i trading.Instrument) map[string]any) (any, *refusal) {
	asked, single, bad := s.asked(q)
	if bad != nil {
		return nil, bad
	}
	list := []any{}
	for _, i := range asked {
		if r := row(i); r != nil {
			list = append(list, r)
		}
	}
	if !single {
		return list, nil
	}
	if len(list) == 0 {
		return nil, invalidSymbol
	}
	return list[0], nil
}

func (s *Server) tickerPrice(q *request) (any, *refusal) {
	return s.each(q, func(i trading.Instrument) map[string]any {
		bid, _, _, priced := s.core.Quote(s.product, i.Symbol)
		if !priced {
			return nil
		}
		row := map[string]any{"symbol": i.Symbol, "price": s.price(i, bid)}
		if s.product == trading.Linear {
			row["time"] = q.now.UnixMilli()
		}
		return row
	})
}

func (s *Server) bookTicker(q *request) (any, *refusal) {
	return s.each(q, func(i trading.Instrument) map[string]any {
		bid, ask, _, priced := s.core.Quote(s.product, i.Symbol)
		if !priced {
			return nil
		}
		row := map[string]any{"symbol": i.Symbol, "bidPrice": s.price(i, bid), "bidQty": s.qty(i, bookQty), "askPrice": s.price(i, ask), "askQty": s.qty(i, bookQty)}
		if s.product == trading.Linear {
			row["time"] = q.now.UnixMilli()
		}
		return row
	})
}

// klines tells bars that are flat at the present price: the scripted market has no past.
func (s *Server) klines(q *request) (any, *refusal) {
	i, bad := s.instrument(q)
	if bad != nil {
		return nil, bad
	}
	length, known := intervals[q.text("interval")]
	if !known {
		return nil, no(-1120, "Invalid interval.")
	}
	from, to, limit, bad := q.window(0, 1500)
	if bad != nil {
		return nil, bad
	}
	bid, _, _, priced := s.core.Quote(s.product, i.Symbol)
	rows := []any{}
	if !priced {
		return rows, nil
	}
	last := to.Truncate(length)
	for n := 0; n < limit && !last.Before(from); n++ {
		p := s.price(i, bid)
		rows = append(rows, []any{last.UnixMilli(), p, p, p, p, "0", last.Add(length).UnixMilli() - 1, "0", 0, "0", "0", "0"})
		last = last.Add(-length)
	}
	slices.Reverse(rows)
	return rows, nil
}

// exchangeInfo tells the rules of the spot symbols.
func (s *Spot) exchangeInfo(q *request) (any, *refusal) {
	asked, _, bad := s.asked(q)
	if bad != nil {
		return nil, bad
	}
	rows := []any{}
	for _, i := range asked {
		rows = append(rows, s.rules(i))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return map[string]any{"timezone": "UTC", "serverTime": q.now.UnixMilli(), "rateLimits": s.limits.rows(), "exchangeFilters": []any{}, "symbols": rows}, nil
}

// mostNotional, mostPrice and mostOrders are the same for every symbol.
const (
	mostNotional = "9000000.00000000"
	mostPrice    = "1000000.00000000"
	mostOrders   = 200
)

func (s *Spot) rules(i trading.Instrument) map[string]any {
	status := "TRADING"
	if s.core.Halted(i.Symbol) {
		status = "HALT"
	}
	return map[string]any{
		"symbol": i.Symbol, "status": status, "baseAsset": i.Base, "baseAssetPrecision": 8, "quoteAsset": i.Quote, "quotePrecision": 8, "quoteAssetPrecision": 8,
		"baseCommissionPrecision": 8, "quoteCommissionPrecision": 8,
		"orderTypes":     []string{"LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"},
		"icebergAllowed": true,
		"ocoAllowed":     true, "otoAllowed": true, "opoAllowed": false, "quoteOrderQtyMarketAllowed": true, "allowTrailingStop": true, "cancelReplaceAllowed": true,
		"amendAllowed": true, "pegInstructionsAllowed": false, "isSpotTradingAllowed": true, "isMarginTradingAllowed": false,
		"permissions": []string{}, "permissionSets": [][]string{{"SPOT"}}, "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
		"allowedSelfTradePreventionModes": []string{"EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH"},
		"filters": []any{
			map[string]any{"filterType": "PRICE_FILTER", "minPrice": i.TickSize.Fixed(8), "maxPrice": mostPrice, "tickSize": i.TickSize.Fixed(8)},
			map[string]any{"filterType": "LOT_SIZE", "minQty": i.MinQty.Fixed(8), "maxQty": i.MaxQty.Fixed(8), "stepSize": i.StepSize.Fixed(8)},
			map[string]any{"filterType": "MARKET_LOT_SIZE", "minQty": "0.00000000", "maxQty": s.marketMost(i).Fixed(8), "stepSize": "0.00000000"},
			map[string]any{"filterType": "NOTIONAL", "minNotional": i.MinNotional.Fixed(8), "applyMinToMarket": true, "maxNotional": mostNotional, "applyMaxToMarket": false, "avgPriceMins": 5},
			map[string]any{"filterType": "MAX_NUM_ORDERS", "maxNumOrders": mostOrders},
			map[string]any{"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": 5},
		},
	}
}

// marketMost is the largest market order.
func (s *Server) marketMost(i trading.Instrument) trading.Qty {
	if s.opt.MarketMaxQty.IsPositive() {
		return s.opt.MarketMaxQty.Min(i.MaxQty)
	}
	return i.MaxQty
}

// number is an id as a JSON number.
func number(id string) json.Number {
	if id == "" || strings.Trim(id, "0123456789") != "" {
		return "0"
	}
	return json.Number(id)
}
