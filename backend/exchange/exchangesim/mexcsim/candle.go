package mexcsim

import (
	"slices"
	"sync"
	"time"

	"hoox/backend/trading"
)

// candle is what a price did in one span of time.
type candle struct {
	start                  time.Time
	open, high, low, close trading.Price
}

// candles remembers the prices that were seen, minute by minute.
type candles struct {
	mu      sync.Mutex
	minutes map[string][]candle
}

// widths are the intervals with MEXC's words for them, those of the spot REST API included.
func width(word string) (time.Duration, bool) {
	w, ok := map[string]time.Duration{
		"Min1": time.Minute, "Min5": 5 * time.Minute, "Min15": 15 * time.Minute, "Min30": 30 * time.Minute, "Min60": time.Hour,
		"Hour4": 4 * time.Hour, "Hour8": 8 * time.Hour, "Day1": 24 * time.Hour,
		"1m": time.Minute, "5m": 5 * time.Minute, "15m": 15 * time.Minute, "30m": 30 * time.Minute, "60m": time.Hour,
		"4h": 4 * time.Hour, "1d": 24 * time.Hour,
	}[word]
	return w, ok
}

// saw takes a price in; times do not go back.
func (c *candles) saw(symbol string, p trading.Price, at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.minutes == nil {
		c.minutes = map[string][]candle{}
	}
	list, start := c.minutes[symbol], at.UTC().Truncate(time.Minute)
	if n := len(list); n > 0 && !start.After(list[n-1].start) {
		last := &list[n-1]
		last.high, last.low, last.close = last.high.Max(p), last.low.Min(p), p
		return
	}
	c.minutes[symbol] = append(list, candle{start, p, p, p, p})
}

// list is the newest candles of a width that begin in the span, oldest first. A zero end is no end.
func (c *candles) list(symbol string, wide time.Duration, from, to time.Time, limit int) []candle {
	c.mu.Lock()
	defer c.mu.Unlock()
	var list []candle
	for _, m := range c.minutes[symbol] {
		start := m.start.Truncate(wide)
		if start.Before(from) || !to.IsZero() && start.After(to) {
			continue
		}
		if n := len(list); n > 0 && list[n-1].start.Equal(start) {
			last := &list[n-1]
			last.high, last.low, last.close = last.high.Max(m.high), last.low.Min(m.low), m.close
			continue
		}
		list = append(list, candle{start, m.open, m.high, m.low, m.close})
	}
	if limit > 0 && len(list) > limit {
		list = slices.Clone(list[len(list)-limit:])
	}
	return list
}
