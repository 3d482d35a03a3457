package chart

import (
	"strconv"
	"time"

	"hoox/backend/trading"
)

// heights is which prices the picture shows, from its lower edge to its upper one.
type heights struct{ low, high trading.Price }

// edge is the part of what is shown that stays free above and below, so that a triangle has room.
const edge = "0.1"

// heightsOf has room for every candle and every level: what is not shown could be taken for not there.
func heightsOf(c Card) heights {
	at := c.filled().Price
	h := heights{at, at}
	for _, l := range c.Levels {
		h.low, h.high = h.low.Min(l.Price), h.high.Max(l.Price)
	}
	for _, k := range c.Candles {
		h.low, h.high = h.low.Min(k.Low), h.high.Max(k.High)
	}
	free := h.high.Sub(h.low)
	if free.IsZero() {
		free = h.high
	}
	free = free.Times(trading.MustRatio(edge))
	h.low, h.high = h.low.Sub(free).Max(trading.Price{}), h.high.Add(free)
	return h
}

// share is how high a price stands, from 0 to 1. It is the only number of the picture that is no decimal, and no price any more.
func (h heights) share(p trading.Price) (float64, error) {
	return strconv.ParseFloat(p.Sub(h.low).Part(h.high.Sub(h.low)).String(), 64)
}

// mostMarks bounds the numbers along an edge.
const mostMarks = 6

// marks are the round prices within, with their texts, each as fine as the step between them.
func (h heights) marks() (prices []trading.Price, texts []string) {
	step := h.step()
	if step.IsZero() {
		return nil, nil
	}
	for p := h.low.Ceil(step); !p.More(h.high); p = p.Add(step) {
		prices, texts = append(prices, p), append(texts, p.Fixed(int32(step.Places())))
	}
	return prices, texts
}

// step is the smallest of 1, 2, 5, 10, 20 … that makes no more marks than there is room for.
func (h heights) step() trading.Price {
	span := h.high.Sub(h.low)
	for exponent := int32(-18); exponent <= 18; exponent++ {
		for _, digit := range []int64{1, 2, 5} {
			step := trading.PriceUnits(digit, exponent)
			if !span.Part(step).More(trading.RatioUnits(mostMarks, 0)) {
				return step
			}
		}
	}
	return trading.Price{}
}

// moments is which times the picture shows, from its left edge to its right one.
type moments struct {
	from, to time.Time
	zone     *time.Location
}

func momentsOf(c Card) moments {
	m := moments{c.At, c.At, c.Zone}
	if n := len(c.Candles); n > 0 {
		m.from, m.to = earlier(c.At, c.Candles[0].Start), later(c.At, c.Candles[n-1].Start.Add(c.Interval))
	}
	return m
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// share is how far right a moment stands, from 0 to 1; a picture of one moment has it in the middle.
func (m moments) share(at time.Time) float64 {
	if !m.to.After(m.from) {
		return 0.5
	}
	return float64(at.Sub(m.from)) / float64(m.to.Sub(m.from))
}

// marks are the round times of the reader's clock within, with their texts.
func (m moments) marks() (times []time.Time, texts []string) {
	if !m.to.After(m.from) {
		return []time.Time{m.from}, []string{m.from.In(m.zone).Format("15:04:05")}
	}
	step, layout := m.step(), "15:04"
	switch {
	case step < time.Minute:
		layout = "15:04:05"
	case step >= 24*time.Hour:
		layout = "2 Jan"
	}
	_, east := m.from.In(m.zone).Zone()
	ahead := time.Duration(east) * time.Second
	for at := m.from.Add(ahead).Truncate(step).Add(-ahead); !at.After(m.to); at = at.Add(step) {
		if !at.Before(m.from) {
			times, texts = append(times, at), append(texts, at.In(m.zone).Format(layout))
		}
	}
	return times, texts
}

func (m moments) step() time.Duration {
	span := m.to.Sub(m.from)
	for _, step := range []time.Duration{
		time.Second, 5 * time.Second, 15 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute, 10 * time.Minute, 15 * time.Minute, 30 * time.Minute,
		time.Hour, 2 * time.Hour, 4 * time.Hour, 12 * time.Hour, 24 * time.Hour,
	} {
		if span <= mostMarks*step {
			return step
		}
	}
	days := span/(mostMarks*24*time.Hour) + 1
	return days * 24 * time.Hour
}
