package bybitsim

import (
	"strconv"
	"strings"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// tell turns an event into frames.
func (s *Server) tell(e exchangesim.Event) {
	switch {
	case e.Filled != nil:
		row := s.executionRow(*e.Filled)
		s.publish("execution", string(e.Filled.Product), row)
		s.publish("execution.fast", string(e.Filled.Product), object{
			"category": row["category"], "symbol": row["symbol"], "execId": row["execId"], "execPrice": row["execPrice"], "execQty": row["execQty"],
			"orderId": row["orderId"], "isMaker": row["isMaker"], "orderLinkId": row["orderLinkId"], "side": row["side"], "execTime": row["execTime"], "seq": row["seq"],
		})
		s.publish("order", string(e.Filled.Product), s.orderRow(*e.Order))
		s.publish("wallet", "", s.walletRow(""))
	case e.Order != nil:
		s.publish("order", string(e.Order.Product), s.orderRow(*e.Order))
	case e.Funding != nil:
		s.publish("execution", "linear", s.fundingExecution(*e.Funding))
		s.publish("wallet", "", s.walletRow(""))
	case e.Cash != nil:
		s.publish("wallet", "", s.walletRow(""))
	case e.Priced != nil:
		s.quote(e.At, *e.Priced)
	}
	if e.Position != nil {
		i, _ := s.core.Instrument(trading.Linear, e.Position.Symbol)
		row := s.positionRow(i, *e.Position)
		row["category"] = "linear"
		s.publish("position", "linear", row)
	}
}

// publish tells one row to every private stream that wants it, by its plain topic or by that of its category.
func (s *Server) publish(topic, category string, row object) {
	s.mu.Lock()
	defer s.mu.Unlock()
	times := 1
	if s.twice {
		times = 2
	}
	now := s.cfg.Now().UnixMilli()
	for c := range s.conns {
		for _, as := range []string{topic, topic + "." + category} {
			for n := 0; c.public == "" && c.topics[as] && n < times; n++ {
				s.say(c, object{"id": c.id + "-" + strconv.FormatInt(now, 10), "topic": as, "creationTime": now, "data": []any{row}})
			}
		}
	}
}

// quote tells a new mark to every public stream that wants it.
func (s *Server) quote(at time.Time, p exchangesim.Priced) {
	for _, product := range []trading.Product{trading.Linear, trading.Spot} {
		i, known := s.core.Instrument(product, p.Symbol)
		if !known {
			continue
		}
		bid := p.Mark.Floor(i.TickSize)
		ticker := object{"symbol": i.Symbol, "lastPrice": price(i, bid), "bid1Price": price(i, bid), "ask1Price": price(i, bid.Add(i.TickSize))}
		kind := "delta"
		if product == trading.Linear {
			ticker["markPrice"], ticker["indexPrice"] = price(i, p.Mark), price(i, p.Mark)
		} else if row := s.tickerRow(i); row != nil {
			ticker, kind = row, "snapshot"
		}
		s.toPublic(product, "tickers."+i.Symbol, kind, ticker)
		s.toPublic(product, "orderbook.1."+i.Symbol, "delta", s.bookDelta(i, bid))
	}
	s.candle(tick{at, p.Mark}, p.Symbol)
	s.mu.Lock()
	s.told[p.Symbol] = p.Mark
	s.mu.Unlock()
}

// bookDelta takes the old touch away and puts the new one.
func (s *Server) bookDelta(i trading.Instrument, mark trading.Price) object {
	s.mu.Lock()
	was := s.told[i.Symbol].Floor(i.TickSize)
	s.mu.Unlock()
	side := func(was, is trading.Price) []any {
		list := []any{}
		if was.IsPositive() && !was.Equal(is) {
			list = append(list, []string{price(i, was), "0"})
		}
		return append(list, []string{price(i, is), "10"})
	}
	ask := was
	if was.IsPositive() {
		ask = was.Add(i.TickSize)
	}
	return object{"s": i.Symbol, "b": side(was, mark), "a": side(ask, mark.Add(i.TickSize)), "u": 2, "seq": 2}
}

// candle adds a tick and tells what became of candles: that one has closed, and how the present one is.
func (s *Server) candle(t tick, symbol string) {
	s.mu.Lock()
	before := s.ticks[symbol]
	if len(before) >= ticksKept {
		before = append([]tick(nil), before[len(before)/2:]...)
	}
	s.ticks[symbol] = append(before, t)
	ticks := s.ticks[symbol]
	wanted := map[string]bool{}
	for c := range s.conns {
		for topic := range c.topics {
			if c.public != "" && strings.HasPrefix(topic, "kline.") && strings.HasSuffix(topic, "."+symbol) {
				wanted[topic] = true
			}
		}
	}
	s.mu.Unlock()
	for topic := range wanted {
		interval := strings.Split(topic, ".")[1]
		width, right := span(interval)
		if !right {
			continue
		}
		list := candles(ticks, width, t.at)
		closed := 0
		if len(before) > 0 {
			was := before[len(before)-1].at.UTC().Truncate(width)
			for n := len(list) - 2; n >= 0 && !list[n].start.Before(was); n-- {
				closed++
			}
		}
		for _, product := range []trading.Product{trading.Linear, trading.Spot} {
			if i, known := s.core.Instrument(product, symbol); known {
				for n := len(list) - 1 - closed; n < len(list); n++ {
					s.toPublic(product, topic, "snapshot", []any{candleRow(i, list[n], interval, width, n < len(list)-1, t.at)})
				}
			}
		}
	}
}

func candleRow(i trading.Instrument, k candle, interval string, width time.Duration, confirm bool, at time.Time) object {
	return object{
		"start": k.start.UnixMilli(), "end": k.start.Add(width).UnixMilli() - 1, "interval": interval, "open": price(i, k.open), "close": price(i, k.close),
		"high": price(i, k.high), "low": price(i, k.low), "volume": "1", "turnover": price(i, k.close), "confirm": confirm, "timestamp": at.UnixMilli(),
	}
}

func (s *Server) toPublic(product trading.Product, topic, kind string, data any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		if c.public == string(product) && c.topics[topic] {
			s.say(c, publicFrame(topic, kind, data, s.cfg.Now()))
		}
	}
}

func publicFrame(topic, kind string, data any, now time.Time) object {
	return object{"topic": topic, "type": kind, "ts": now.UnixMilli(), "cts": now.UnixMilli(), "data": data}
}

// snapshot is what a new subscriber of a public topic is told first.
func (s *Server) snapshot(c *conn, topic string) {
	symbol := topic[strings.LastIndex(topic, ".")+1:]
	i, known := s.core.Instrument(trading.Product(c.public), symbol)
	bid, ask, _, priced := s.core.Quote(trading.Product(c.public), symbol)
	if !known || !priced {
		return
	}
	var data any
	switch {
	case strings.HasPrefix(topic, "tickers."):
		data = s.tickerRow(i)
	case strings.HasPrefix(topic, "orderbook.1."):
		data = object{"s": symbol, "b": []any{[]string{price(i, bid), "10"}}, "a": []any{[]string{price(i, ask), "10"}}, "u": 1, "seq": 1}
	default:
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told[symbol] = bid
	s.say(c, publicFrame(topic, "snapshot", data, s.cfg.Now()))
}
