package bybit

import (
	"context"
	"slices"
	"strconv"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

const (
	// candlesPage is the most that Bybit answers at once, candlesMost what one call asks for.
	candlesPage = 1000
	candlesMost = 20 * candlesPage
)

// intervals are the lengths of candles that Bybit keeps, in its words.
var intervals = map[time.Duration]string{
	time.Minute: "1", 3 * time.Minute: "3", 5 * time.Minute: "5", 15 * time.Minute: "15", 30 * time.Minute: "30", time.Hour: "60",
	2 * time.Hour: "120", 4 * time.Hour: "240", 6 * time.Hour: "360", 12 * time.Hour: "720", 24 * time.Hour: "D", 7 * 24 * time.Hour: "W",
}

// Candles are the candles of an interval that begin in [from, to), oldest first; the last one may still be open. It fails
// with Invalid for an interval that Bybit does not keep and for a span of more than 20000 candles, with Rejected for a
// symbol that is not listed.
func (p *Prices) Candles(ctx context.Context, key trading.InstrumentKey, interval time.Duration, from, to time.Time) ([]trading.Candle, error) {
	word, known := intervals[interval]
	if !known {
		return nil, trading.FieldError("interval", "%s is none of the candles that bybit keeps", interval)
	}
	if now := p.cfg.Now(); to.After(now) {
		to = now
	}
	if to.Sub(from) > candlesMost*interval {
		return nil, trading.FieldError("from", "the span holds more than %d candles of %s", candlesMost, interval)
	}
	all := []trading.Candle{}
	for from.Before(to) {
		until := from.Add(candlesPage * interval)
		if until.After(to) {
			until = to
		}
		rows, err := exchange.Patient(ctx, func() ([]candleRow, error) {
			var page list[candleRow]
			_, err := p.read(ctx, watching, "read candles of "+key.Symbol, "/v5/market/kline", values{
				"category", string(key.Product), "symbol", key.Symbol, "interval", word, "start", strconv.FormatInt(from.UnixMilli(), 10),
				"end", strconv.FormatInt(until.UnixMilli()-1, 10), "limit", strconv.Itoa(candlesPage),
			}, false, &page)
			if err != nil {
				return nil, err
			}
			if page.Rows == nil {
				return nil, trading.Errorf(trading.Unavailable, "bybit: read candles of %s: an answer without a list", key.Symbol)
			}
			return *page.Rows, nil
		})
		if err != nil {
			return nil, err
		}
		for _, r := range rows {
			c, err := r.candle()
			if err != nil {
				return nil, err
			}
			if !c.Start.Before(from) && c.Start.Before(until) {
				all = append(all, c)
			}
		}
		from = until
	}
	slices.SortFunc(all, func(a, b trading.Candle) int { return a.Start.Compare(b.Start) })
	return slices.CompactFunc(all, func(a, b trading.Candle) bool { return a.Start.Equal(b.Start) }), nil
}

// candleRow is start, open, high, low, close, volume and turnover.
type candleRow []string

func (r candleRow) candle() (trading.Candle, error) {
	if len(r) < 6 {
		return trading.Candle{}, trading.Errorf(trading.Unavailable, "bybit: read candles: a row of %d fields", len(r))
	}
	start, err := strconv.ParseInt(r[0], 10, 64)
	c := trading.Candle{Start: time.UnixMilli(start).UTC()}
	for i, to := range []*trading.Price{&c.Open, &c.High, &c.Low, &c.Close} {
		if err == nil {
			*to, err = trading.ParsePrice(r[i+1])
		}
	}
	if err == nil {
		c.Volume, err = trading.ParseQty(r[5])
	}
	if err != nil {
		return c, trading.Errorf(trading.Unavailable, "bybit: read candles: %w", err)
	}
	return c, nil
}

// Instruments lists what can be traded now, with the fees of a new account.
func (p *Prices) Instruments(ctx context.Context) ([]trading.Instrument, error) {
	var all []trading.Instrument
	for _, product := range []trading.Product{trading.Linear, trading.Spot} {
		listed, err := p.listing(ctx, product)
		if err != nil {
			return nil, err
		}
		all = append(all, listed...)
	}
	return all, nil
}
