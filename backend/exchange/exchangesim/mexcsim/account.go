package mexcsim

import (
	"encoding/json"
	"slices"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// assetRow is what the account has of a currency: cash is what is bound by nothing, equity counts open profit too.
func (s *Futures) assetRow(currency string) map[string]any {
	total, free := s.core.Balance(currency)
	margin, open := trading.Money{}, trading.Money{}
	for _, p := range s.core.Positions() {
		if i, _ := s.core.Instrument(trading.Linear, p.Symbol); i.Quote == currency {
			margin, open = margin.Add(p.Margin), open.Add(p.Unrealized(p.Mark))
		}
	}
	cash := total.Sub(margin)
	return map[string]any{
		"currency": currency, "positionMargin": figure(margin), "availableBalance": figure(free), "cashBalance": figure(cash),
		"frozenBalance": figure(cash.Sub(free).Max(trading.Money{})), "equity": figure(total.Add(open)), "unrealized": figure(open), "bonus": 0,
		"availableCash": figure(free), "availableOpen": figure(free),
	}
}

func (s *Futures) assets(*call) answer {
	list := []any{}
	var names []string
	for asset := range s.core.Balances() {
		names = append(names, asset)
	}
	slices.Sort(names)
	for _, asset := range names {
		list = append(list, s.assetRow(asset))
	}
	return good(list)
}

func (s *Futures) asset(c *call) answer { return good(s.assetRow(c.PathValue("currency"))) }

func (s *Futures) feeRate(c *call) answer {
	i, ok := s.core.Instrument(trading.Linear, c.query.Get("symbol"))
	if all := s.core.Instruments(trading.Linear); !ok && c.query.Get("symbol") == "" && len(all) > 0 {
		i, ok = all[0], true
	}
	if !ok {
		return no(1001, "Contract does not exist!")
	}
	return good(map[string]any{
		"symbol": i.Symbol, "originalMakerFee": figure(i.MakerFee), "originalTakerFee": figure(i.TakerFee), "realMakerFee": figure(i.MakerFee),
		"realTakerFee": figure(i.TakerFee), "discount": false,
	})
}

func (s *Futures) openPositions(c *call) answer {
	list := []any{}
	for _, l := range s.lives() {
		if symbol := c.query.Get("symbol"); l.over.IsZero() && (symbol == "" || symbol == l.Symbol) {
			list = append(list, s.positionRow(l))
		}
	}
	return good(list)
}

func (s *Futures) pastPositions(c *call) answer {
	list := []any{}
	for _, l := range s.lives() {
		symbol, kind := c.query.Get("symbol"), c.query.Get("type")
		wrong := kind == "1" && !l.long || kind == "2" && l.long
		if !l.over.IsZero() && (symbol == "" || symbol == l.Symbol) && !wrong {
			list = append(list, s.positionRow(l))
		}
	}
	slices.Reverse(list)
	return good(paged(c, list))
}

// leverage is what the next order of a direction opens with.
func (s *Futures) leverage(symbol string, long bool, openType int) int {
	kind := 2
	if long {
		kind = 1
	}
	s.mu.Lock()
	n := s.lever[leverOf{symbol, kind, openType}]
	s.mu.Unlock()
	if n == 0 {
		n = s.core.Leverage(symbol)
	}
	return n
}

func (s *Futures) leverages(c *call) answer {
	symbol := c.query.Get("symbol")
	i, ok := s.core.Instrument(trading.Linear, symbol)
	if !ok {
		return no(1001, "Contract does not exist!")
	}
	list := []any{}
	for _, kind := range []int{1, 2} {
		for _, openType := range []int{1, 2} {
			n := s.leverage(symbol, kind == 1, openType)
			list = append(list, map[string]any{
				"symbol": symbol, "positionType": kind, "openType": openType, "leverage": n, "level": 1, "maxVol": s.vol(symbol, i.MaxQty),
				"mmr": figure(i.Maintenance), "imr": figure(trading.RatioUnits(1, 0).Over(trading.RatioUnits(int64(max(n, 1)), 0))), "limitBySys": false,
			})
		}
	}
	return good(list)
}

// changeLeverage sets it of a position, or of one direction that has none. Success has no data.
func (s *Futures) changeLeverage(c *call) answer {
	a := asked(c.object)
	symbol, kind, openType, n := a.text("symbol"), a.whole("positionType"), a.whole("openType"), a.whole("leverage")
	if id := a.text("positionId"); id != "" && id != "0" {
		l, ok := s.heldBy(id)
		if !ok {
			return no(2009, "Position is nonexistent or closed")
		}
		symbol, kind, openType = l.Symbol, 2, 2
		if l.long {
			kind = 1
		}
		if s.core.Position(l.Symbol, l.Slot).Isolated {
			openType = 1
		}
	} else if kind < 1 || kind > 2 || openType < 1 || openType > 2 {
		return no(600, "Parameter error")
	}
	i, known := s.core.Instrument(trading.Linear, symbol)
	switch {
	case !known:
		return no(1001, "Contract does not exist!")
	case n < 1 || n > i.MaxLeverage:
		return no(2006, "The leverage ratio error")
	}
	for _, o := range s.core.OpenOrders(trading.Linear, symbol) {
		if o.Working() && !o.ReduceOnly && (o.Side == trading.Buy) == (kind == 1) {
			return no(2019, "There are open orders, the leverage cannot be changed")
		}
	}
	if l, ok := s.held(symbol, kind == 1); ok && l != nil {
		if refused := s.core.SetLeverage(symbol, n); refused != nil && refused.Why != exchangesim.NotModified {
			return refusal(refused, trading.Buy)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lever[leverOf{symbol, kind, openType}] = n
	return good(nil)
}

func (s *Futures) modeNow() int {
	if s.core.Hedge() {
		return 1
	}
	return 2
}

func (s *Futures) mode(*call) answer {
	if s.options.BareMode {
		return good(s.modeNow())
	}
	return good(map[string]any{"positionMode": s.modeNow()})
}

func (s *Futures) changeMode(c *call) answer {
	n := asked(c.object).whole("positionMode")
	if n < 1 || n > 2 {
		return no(600, "Parameter error")
	}
	if refused := s.core.SetHedge(n == 1); refused != nil && refused.Why != exchangesim.NotModified {
		return no(2019, "There are positions or open orders, the position mode cannot be changed")
	}
	return good(nil)
}

func (s *Futures) fundingRecords(c *call) answer {
	for _, name := range []string{"page_num", "page_size"} {
		if c.query.Get(name) == "" {
			return no(600, "Parameter error: "+name)
		}
	}
	list := []any{}
	for n, f := range s.core.Fundings() {
		kind, id := 1, json.Number("0")
		if f.Qty.IsNegative() {
			kind = 2
		}
		for _, l := range s.lives() {
			if l.Symbol == f.Symbol && l.Slot == f.Slot && !f.At.Before(l.begun) && (l.over.IsZero() || !f.At.After(l.over)) {
				id = json.Number(itoa(l.id))
			}
		}
		symbol, want := c.query.Get("symbol"), c.query.Get("position_type")
		if symbol != "" && symbol != f.Symbol || want != "" && want != itoa(int64(kind)) || !within(c, f.At.UnixMilli(), "start_time", "end_time") {
			continue
		}
		list = append(list, map[string]any{
			"id": n + 1, "symbol": f.Symbol, "positionId": id, "positionType": kind, "positionValue": figure(trading.Notional(f.Mark, f.Qty.Abs())),
			"funding": figure(f.Amount), "rate": figure(f.Rate), "settleTime": f.At.UnixMilli(),
		})
	}
	slices.Reverse(list)
	page := paged(c, list)
	return good(map[string]any{"pageSize": whole(c.query.Get("page_size")), "totalCount": len(list), "totalPage": 1, "currentPage": max(whole(c.query.Get("page_num")), 1), "resultList": page})
}
