package bybitsim

import (
	"strconv"
	"time"

	"hoox/backend/trading"
)

// ticksKept bounds what is remembered of a symbol; older candles are forgotten.
const ticksKept = 20_000

// tick is a mark at a time.
type tick struct {
	at   time.Time
	mark trading.Price
}

// candle is what marks did in one interval.
type candle struct {
	start                  time.Time
	open, high, low, close trading.Price
}

// spans are the intervals of kline requests; a month is not one.
func span(interval string) (time.Duration, bool) {
	switch interval {
	case "D":
		return 24 * time.Hour, true
	case "W":
		return 7 * 24 * time.Hour, true
	}
	n, err := strconv.Atoi(interval)
	for _, known := range []int{1, 3, 5, 15, 30, 60, 120, 240, 360, 720} {
		if err == nil && n == known {
			return time.Duration(n) * time.Minute, true
		}
	}
	return 0, false
}

// candles groups ticks, oldest first; an interval without ticks carries the last mark on.
func candles(ticks []tick, width time.Duration, now time.Time) []candle {
	var list []candle
	add := func(at time.Time, p trading.Price) {
		start := at.UTC().Truncate(width)
		for len(list) > 0 && list[len(list)-1].start.Before(start) {
			last := list[len(list)-1]
			next := candle{last.start.Add(width), last.close, last.close, last.close, last.close}
			if next.start.Equal(start) && p.IsPositive() {
				break
			}
			list = append(list, next)
		}
		switch {
		case !p.IsPositive():
		case len(list) == 0 || list[len(list)-1].start.Before(start):
			first := p
			if len(list) > 0 {
				first = list[len(list)-1].close
			}
			list = append(list, candle{start, first, first.Max(p), first.Min(p), p})
		default:
			last := &list[len(list)-1]
			last.high, last.low, last.close = last.high.Max(p), last.low.Min(p), p
		}
	}
	for _, t := range ticks {
		add(t.at, t.mark)
	}
	add(now, trading.Price{})
	return list
}

func (s *Server) klines(c *call) answer {
	i, known := s.core.Instrument(c.product(), c.text("symbol"))
	width, right := span(c.text("interval"))
	if !known || !right {
		return no(10001, "params error: symbol or interval invalid")
	}
	s.mu.Lock()
	all := candles(s.ticks[i.Symbol], width, s.cfg.Now())
	s.mu.Unlock()
	from, to := c.number("start", 0), c.number("end", s.cfg.Now().UnixMilli())
	limit := int(min(max(c.number("limit", 200), 1), 1000))
	list := []any{}
	for n := len(all) - 1; n >= 0 && len(list) < limit; n-- {
		k := all[n]
		if at := k.start.UnixMilli(); at >= from && at <= to {
			list = append(list, []string{ms(k.start), price(i, k.open), price(i, k.high), price(i, k.low), price(i, k.close), "1", price(i, k.close)})
		}
	}
	return ok(object{"category": c.text("category"), "symbol": i.Symbol, "list": list})
}
