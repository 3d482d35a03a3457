package market

import (
	"context"
	"time"

	"hoox/backend/trading"
)

// MaxCandles is the most that one call answers.
const MaxCandles = 2000

// samples is how many looks at the price make the high and low of a candle.
const samples = 16

// Candles are the candles of an interval whose start is in [from, to), oldest first, aligned to the interval in UTC. A
// candle that is still open ends at now, and nothing after now is shown. It fails with NotFound for an instrument that
// is not listed and with Invalid for an interval below a second or a span of more than MaxCandles.
func (s *Synthetic) Candles(ctx context.Context, e trading.Exchange, key trading.InstrumentKey, interval time.Duration, from, to time.Time) ([]trading.Candle, error) {
	f, ok := s.feeds[listing{e, key}]
	if !ok {
		return nil, trading.Errorf(trading.NotFound, "candles of %s %s on %s: not listed", key.Product, key.Symbol, e)
	}
	if interval < time.Second {
		return nil, trading.FieldError("interval", "%s is below the smallest of 1s", interval)
	}
	now := s.now()
	if to.After(now) {
		to = now
	}
	start := alignUp(from, interval)
	if !start.Before(to) {
		return []trading.Candle{}, nil
	}
	if to.Sub(start) > MaxCandles*interval {
		return nil, trading.FieldError("from", "the span holds more than %d candles of %s", MaxCandles, interval)
	}
	candles := []trading.Candle{}
	for ; start.Before(to); start = start.Add(interval) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		candles = append(candles, f.candle(start, interval, now))
	}
	return candles, nil
}

func (f feed) candle(start time.Time, interval time.Duration, now time.Time) trading.Candle {
	end := start.Add(interval)
	if end.After(now) {
		end = now
	}
	first, last := f.mid(start), f.mid(end)
	high, low := max(first, last), min(first, last)
	for n := int64(1); n < samples; n++ {
		ticks := f.mid(start.Add(end.Sub(start) * time.Duration(n) / samples))
		high, low = max(high, ticks), min(low, ticks)
	}
	return trading.Candle{
		Start: start, Open: f.price(first), High: f.price(high), Low: f.price(low), Close: f.price(last),
		Volume: f.volume(start, end),
	}
}

// volume is about a hundred thousand of quote currency a minute.
func (f feed) volume(start, end time.Time) trading.Qty {
	dice := 500 + lattice(f.own, 2, start.Unix())*400/one
	seconds := int64(end.Sub(start)/time.Second) + 1
	worth := trading.MoneyUnits(seconds*dice*3, 0)
	return f.instrument.RoundQty(trading.QtyFor(worth, f.price(f.mid(start))))
}

func alignUp(at time.Time, interval time.Duration) time.Time {
	ms := interval.Milliseconds()
	cell := floorDiv(at.UnixMilli(), ms)
	start := time.UnixMilli(cell * ms).UTC()
	if start.Before(at) {
		return time.UnixMilli((cell + 1) * ms).UTC()
	}
	return start
}
