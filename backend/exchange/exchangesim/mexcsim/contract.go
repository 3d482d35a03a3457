package mexcsim

import (
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"hoox/backend/trading"
)

// figure is a JSON number with exactly the digits of a decimal.
func figure[U any](n trading.Num[U]) json.Number { return json.Number(n.String()) }

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// textOr is a text, or another when it is empty.
func textOr(text, other string) string {
	if text == "" {
		return other
	}
	return text
}

// size is the base quantity of one contract.
func (s *Futures) size(symbol string) trading.Qty {
	if q, ok := s.options.ContractSize[symbol]; ok {
		return q
	}
	i, _ := s.core.Instrument(trading.Linear, symbol)
	return i.StepSize
}

// vol is a base quantity in contracts.
func (s *Futures) vol(symbol string, q trading.Qty) json.Number {
	size := s.size(symbol)
	if size.IsZero() {
		return figure(q)
	}
	return figure(q.Part(size))
}

// base is a number of contracts in base units.
func (s *Futures) base(symbol string, vol trading.Qty) trading.Qty {
	return vol.Times(s.size(symbol).AsRatio())
}

// band is how far from the mark a limit may be: the core's, or what MEXC usually tells when the core has none.
func (s *Futures) band() trading.Ratio {
	if b := s.core.Config().Band; b.IsPositive() {
		return b
	}
	return trading.RatioUnits(1, -1)
}

func (s *Futures) contract(i trading.Instrument) map[string]any {
	band, state := s.band(), 0
	if s.core.Halted(i.Symbol) {
		state = 4
	}
	return map[string]any{
		"symbol": i.Symbol, "displayNameEn": i.Symbol + " PERPETUAL", "baseCoin": i.Base, "quoteCoin": i.Quote, "settleCoin": i.Quote,
		"contractSize": figure(s.size(i.Symbol)), "minLeverage": 1, "maxLeverage": i.MaxLeverage,
		"priceScale": i.TickSize.Places(), "volScale": 0, "amountScale": 4, "priceUnit": figure(i.TickSize),
		"volUnit": s.vol(i.Symbol, i.StepSize), "minVol": s.vol(i.Symbol, i.MinQty), "maxVol": s.vol(i.Symbol, i.MaxQty),
		"bidLimitPriceRate": figure(band), "askLimitPriceRate": figure(band), "takerFeeRate": figure(i.TakerFee), "makerFeeRate": figure(i.MakerFee),
		"maintenanceMarginRate": figure(i.Maintenance), "maxNumOrders": []int{200, 50}, "positionOpenType": 3, "state": state,
		"apiAllowed": !s.options.APIClosed[i.Symbol], "futureType": 1, "isHidden": false,
	}
}

func (s *Futures) details(c *call) answer {
	if symbol := c.query.Get("symbol"); symbol != "" {
		i, ok := s.core.Instrument(trading.Linear, symbol)
		if !ok {
			return s.refuse(1001, "Contract does not exist!")
		}
		return good(s.contract(i))
	}
	list := []any{}
	for _, i := range s.core.Instruments(trading.Linear) {
		list = append(list, s.contract(i))
	}
	return good(list)
}

func (s *Futures) ping(*call) answer { return good(s.now().UnixMilli()) }

// ticker is a row of prices; ok is false when there is none yet.
func (s *Futures) ticker(symbol string) (map[string]any, bool) {
	bid, ask, mark, ok := s.core.Quote(trading.Linear, symbol)
	if !ok {
		return nil, false
	}
	return map[string]any{
		"symbol": symbol, "lastPrice": figure(bid), "bid1": figure(bid), "ask1": figure(ask), "volume24": 0, "amount24": 0, "holdVol": 0,
		"lower24Price": figure(bid), "high24Price": figure(ask), "riseFallRate": 0, "riseFallValue": 0, "indexPrice": figure(mark), "fairPrice": figure(mark),
		"fundingRate": json.Number("0.0001"), "maxBidPrice": figure(mark.Add(mark.Times(s.band()))), "minAskPrice": figure(mark.Sub(mark.Times(s.band()))),
		"timestamp": s.now().UnixMilli(),
	}, true
}

func (s *Futures) tickers(c *call) answer {
	if symbol := c.query.Get("symbol"); symbol != "" {
		row, ok := s.ticker(symbol)
		if !ok {
			return s.refuse(1001, "Contract does not exist!")
		}
		return good(row)
	}
	list := []any{}
	for _, i := range s.core.Instruments(trading.Linear) {
		if row, ok := s.ticker(i.Symbol); ok {
			list = append(list, row)
		}
	}
	return good(list)
}

// onePrice answers with one price of a symbol under a name.
func (s *Futures) onePrice(name string) func(*call) answer {
	return func(c *call) answer {
		_, _, mark, ok := s.core.Quote(trading.Linear, c.PathValue("symbol"))
		if !ok {
			return s.refuse(1001, "Contract does not exist!")
		}
		return good(map[string]any{"symbol": c.PathValue("symbol"), name: figure(mark), "timestamp": s.now().UnixMilli()})
	}
}

func (s *Futures) fundingRate(c *call) answer {
	if _, ok := s.core.Instrument(trading.Linear, c.PathValue("symbol")); !ok {
		return s.refuse(1001, "Contract does not exist!")
	}
	const cycle = 8 * time.Hour
	return good(map[string]any{
		"symbol": c.PathValue("symbol"), "fundingRate": json.Number("0.0001"), "maxFundingRate": json.Number("0.003"), "minFundingRate": json.Number("-0.003"),
		"collectCycle": 8, "nextSettleTime": s.now().UTC().Truncate(cycle).Add(cycle).UnixMilli(), "timestamp": s.now().UnixMilli(),
	})
}

// kline answers with one column for each number, times in seconds.
func (s *Futures) kline(c *call) answer {
	wide, ok := width(textOr(c.query.Get("interval"), "Min1"))
	if _, known := s.core.Instrument(trading.Linear, c.PathValue("symbol")); !ok || !known {
		return s.refuse(600, "Parameter error")
	}
	var from, to time.Time
	if n, err := strconv.ParseInt(c.query.Get("start"), 10, 64); err == nil {
		from = time.Unix(n, 0)
	}
	if n, err := strconv.ParseInt(c.query.Get("end"), 10, 64); err == nil {
		to = time.Unix(n, 0)
	}
	times, open, high, low, last, none := []int64{}, []json.Number{}, []json.Number{}, []json.Number{}, []json.Number{}, []int{}
	for _, k := range s.candles.list(c.PathValue("symbol"), wide, from, to, 2000) {
		times = append(times, k.start.Unix())
		open, high, low, last = append(open, figure(k.open)), append(high, figure(k.high)), append(low, figure(k.low)), append(last, figure(k.close))
		none = append(none, 0)
	}
	return good(map[string]any{"time": times, "open": open, "high": high, "low": low, "close": last, "vol": none, "amount": none})
}

func (s *Futures) depth(c *call) answer {
	bid, ask, _, ok := s.core.Quote(trading.Linear, c.PathValue("symbol"))
	if !ok {
		return s.refuse(1001, "Contract does not exist!")
	}
	side := func(p trading.Price) []any { return []any{[]any{figure(p), 100000, 1}} }
	return good(map[string]any{"asks": side(ask), "bids": side(bid), "version": s.now().UnixMilli(), "timestamp": s.now().UnixMilli()})
}

// whole reads a small number that JSON gave us, as a number or as text.
func whole(v any) int {
	n, err := strconv.Atoi(fmt.Sprint(v))
	if err != nil {
		return 0
	}
	return n
}
