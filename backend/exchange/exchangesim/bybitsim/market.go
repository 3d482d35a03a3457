package bybitsim

import (
	"strconv"
	"strings"

	"hoox/backend/trading"
)

// paged cuts a list to the page that a request asks for. The cursor carries a character that must be escaped.
func paged(c *call, all []any, usual, most int) answer {
	limit := int(c.number("limit", int64(usual)))
	if limit < 1 || limit > most {
		limit = min(max(limit, 1), most)
	}
	from := 0
	if at := c.text("cursor"); at != "" {
		text, ok := strings.CutPrefix(at, "page:")
		n, err := strconv.Atoi(text)
		if !ok || err != nil || n < 0 || n > len(all) {
			return no(10001, "params error: cursor invalid")
		}
		from = n
	}
	to, cursor := min(from+limit, len(all)), ""
	if to < len(all) {
		cursor = "page:" + strconv.Itoa(to)
	}
	list := append([]any{}, all[from:to]...)
	return ok(object{"category": c.text("category"), "nextPageCursor": cursor, "list": list})
}

// categorized refuses every category that there is not.
func categorized(c *call) (answer, bool) {
	if name := c.text("category"); name != "linear" && name != "spot" {
		return no(10001, "params error: Category is invalid"), true
	}
	return answer{}, false
}

func (s *Server) time(*call) answer {
	now := s.cfg.Now()
	return ok(object{"timeSecond": strconv.FormatInt(now.Unix(), 10), "timeNano": strconv.FormatInt(now.UnixNano(), 10)})
}

// chosen is the instruments that a request names.
func (s *Server) chosen(c *call) []trading.Instrument {
	var list []trading.Instrument
	for _, i := range s.core.Instruments(c.product()) {
		if want := c.text("symbol"); want == "" || want == i.Symbol {
			list = append(list, i)
		}
	}
	return list
}

func (s *Server) instruments(c *call) answer {
	if a, bad := categorized(c); bad {
		return a
	}
	most := 1000
	if s.o.Page > 0 {
		most = s.o.Page
	}
	list := []any{}
	for _, i := range s.chosen(c) {
		list = append(list, s.instrumentRow(i))
	}
	return paged(c, list, 500, most)
}

func (s *Server) instrumentRow(i trading.Instrument) object {
	status := "Trading"
	if s.core.Halted(i.Symbol) {
		status = "Closed"
	}
	row := object{
		"symbol": i.Symbol, "status": status, "baseCoin": i.Base, "quoteCoin": i.Quote,
		"priceFilter": object{"minPrice": i.TickSize.String(), "maxPrice": "1999999.80", "tickSize": i.TickSize.String()},
	}
	if i.Product == trading.Spot {
		row["lotSizeFilter"] = object{
			"basePrecision": i.StepSize.String(), "quotePrecision": "0.0000001", "minOrderQty": i.MinQty.String(), "maxOrderQty": i.MaxQty.String(),
			"minOrderAmt": i.MinNotional.String(), "maxOrderAmt": "4000000", "maxLimitOrderQty": i.MaxQty.String(), "maxMarketOrderQty": i.MaxQty.String(),
		}
		row["innovation"], row["marginTrading"], row["symbolType"] = "0", "utaOnly", ""
		return row
	}
	row["contractType"], row["settleCoin"], row["launchTime"], row["deliveryTime"] = "LinearPerpetual", i.Quote, "1584230400000", "0"
	row["fundingInterval"], row["unifiedMarginTrade"], row["copyTrading"] = 480, true, "both"
	row["priceScale"] = strconv.Itoa(i.TickSize.Places())
	row["leverageFilter"] = object{"minLeverage": "1", "maxLeverage": trading.RatioUnits(int64(i.MaxLeverage), 0).Fixed(2), "leverageStep": "0.01"}
	row["lotSizeFilter"] = object{
		"minOrderQty": i.MinQty.String(), "qtyStep": i.StepSize.String(), "maxOrderQty": i.MaxQty.Fixed(3), "maxMktOrderQty": i.MaxQty.Fixed(3),
		"postOnlyMaxOrderQty": i.MaxQty.Fixed(3), "minNotionalValue": i.MinNotional.String(),
	}
	row["riskParameters"] = object{"priceLimitRatioX": "0.01", "priceLimitRatioY": "0.02"}
	return row
}

func (s *Server) tickers(c *call) answer {
	if a, bad := categorized(c); bad {
		return a
	}
	list := []any{}
	for _, i := range s.chosen(c) {
		if row := s.tickerRow(i); row != nil {
			list = append(list, row)
		}
	}
	if c.has("symbol") && len(list) == 0 {
		return no(10001, "params error: symbol invalid "+c.text("symbol"))
	}
	return ok(object{"category": c.text("category"), "list": list})
}

// tickerRow is nil before there is a price.
func (s *Server) tickerRow(i trading.Instrument) object {
	bid, ask, mark, known := s.core.Quote(i.Product, i.Symbol)
	if !known {
		return nil
	}
	row := object{
		"symbol": i.Symbol, "lastPrice": price(i, mark), "bid1Price": price(i, bid), "bid1Size": "10", "ask1Price": price(i, ask), "ask1Size": "10",
		"prevPrice24h": price(i, mark), "price24hPcnt": "0", "highPrice24h": price(i, mark), "lowPrice24h": price(i, mark), "volume24h": "1000", "turnover24h": "1000000",
	}
	if i.Product == trading.Spot {
		row["usdIndexPrice"] = price(i, mark)
		return row
	}
	eight := int64(8 * 3600)
	next := (s.cfg.Now().Unix()/eight + 1) * eight
	row["markPrice"], row["indexPrice"], row["fundingRate"] = price(i, mark), price(i, mark), "0.0001"
	row["nextFundingTime"] = strconv.FormatInt(next*1000, 10)
	row["openInterest"], row["openInterestValue"] = "50000", "3000000000"
	return row
}

func (s *Server) orderbook(c *call) answer {
	i, known := s.core.Instrument(c.product(), c.text("symbol"))
	bid, ask, _, priced := s.core.Quote(c.product(), c.text("symbol"))
	if !known || !priced {
		return no(10001, "params error: symbol invalid "+c.text("symbol"))
	}
	return ok(object{
		"s": i.Symbol, "b": []any{[]string{price(i, bid), "10"}}, "a": []any{[]string{price(i, ask), "10"}}, "ts": s.cfg.Now().UnixMilli(), "u": 1, "seq": 1,
	})
}

func (s *Server) priceLimit(c *call) answer {
	i, known := s.core.Instrument(c.product(), c.text("symbol"))
	_, _, mark, priced := s.core.Quote(c.product(), c.text("symbol"))
	if !known || !priced {
		return no(10001, "params error: symbol invalid "+c.text("symbol"))
	}
	band := s.cfg.Band
	if band.IsZero() {
		band = trading.MustRatio("0.05")
	}
	width := mark.Times(band)
	return ok(object{
		"symbol": i.Symbol, "buyLmt": price(i, mark.Add(width).Floor(i.TickSize)), "sellLmt": price(i, mark.Sub(width).Ceil(i.TickSize)),
		"ts": ms(s.cfg.Now()),
	})
}

// price is a price as the exchange writes it: with every digit of the tick.
func price(i trading.Instrument, p trading.Price) string { return p.Fixed(int32(i.TickSize.Places())) }

// size is a quantity as the exchange writes it.
func size(i trading.Instrument, q trading.Qty) string { return q.Fixed(int32(i.StepSize.Places())) }
