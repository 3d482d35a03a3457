package binance

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// intervals are Binance's names of the intervals of candles. One second is spot's alone.
var intervals = map[time.Duration]string{
	time.Second: "1s", time.Minute: "1m", 3 * time.Minute: "3m", 5 * time.Minute: "5m", 15 * time.Minute: "15m", 30 * time.Minute: "30m",
	time.Hour: "1h", 2 * time.Hour: "2h", 4 * time.Hour: "4h", 6 * time.Hour: "6h", 8 * time.Hour: "8h", 12 * time.Hour: "12h",
	24 * time.Hour: "1d", 3 * 24 * time.Hour: "3d", 7 * 24 * time.Hour: "1w",
}

const (
	candlePage  = 1000
	candlePages = 50
)

// Candles are the candles of an interval whose start is in [from, to), oldest first; the one that is still open comes as it
// is. It fails with Invalid for an interval that Binance does not have and with NotFound for an unknown symbol.
func (p *Prices) Candles(ctx context.Context, key trading.InstrumentKey, interval time.Duration, from, to time.Time) ([]trading.Candle, error) {
	word, ok := intervals[interval]
	if !ok || p.clients[key.Product] == nil || interval == time.Second && key.Product != trading.Spot {
		return nil, trading.FieldError("interval", "Binance has no candles of %s on %q", interval, string(key.Product))
	}
	path := pick(key.Product == trading.Spot, "/api/v3/klines", "/fapi/v1/klines")
	candles := []trading.Candle{}
	for range candlePages {
		if !from.Before(to) {
			return candles, nil
		}
		v := values{"symbol", key.Symbol, "interval", word, "startTime", stamp(from), "endTime", stamp(to.Add(-time.Millisecond)), "limit", "1000"}
		var rows [][]json.RawMessage
		if err := p.read(ctx, key.Product, call{what: "read candles of " + key.Symbol, path: path, v: v, weight: 5}, &rows); err != nil {
			return nil, err
		}
		for _, r := range rows {
			c, err := candleOf(r)
			if err != nil {
				return nil, trading.Errorf(trading.Unavailable, "binance: read candles of %s: %w", key.Symbol, err)
			}
			if !c.Start.Before(from) && c.Start.Before(to) {
				candles = append(candles, c)
			}
		}
		if len(rows) < candlePage || len(candles) == 0 {
			return candles, nil
		}
		from = candles[len(candles)-1].Start.Add(interval)
	}
	return nil, trading.FieldError("from", "the span holds more than %d candles of %s", candlePage*candlePages, interval)
}

// candleOf reads one row: start, open, high, low, close, volume, and more that is not needed.
func candleOf(row []json.RawMessage) (trading.Candle, error) {
	var c trading.Candle
	var start exchange.Millis
	if len(row) < 6 {
		return c, trading.Errorf(trading.Unavailable, "a row of %d parts", len(row))
	}
	for i, into := range []any{&start, &c.Open, &c.High, &c.Low, &c.Close, &c.Volume} {
		if err := json.Unmarshal(row[i], into); err != nil {
			return c, err
		}
	}
	c.Start = start.UTC()
	return c, nil
}

// read asks once, publicly. It never waits: Limited, when half of the request limit is used up, by whomever at this
// address, or Binance wants silence.
func (p *Prices) read(ctx context.Context, product trading.Product, c call, into any) error {
	what, budget := c.what, p.budgets[product]
	for range max(c.weight, 1) {
		if wait, ok := budget.Take(false); !ok {
			return trading.Errorf(trading.Limited, "binance: %s: the request limit is used up for %s", what, wait.Round(time.Millisecond))
		}
	}
	answer, err := p.clients[product].Do(ctx, wire.Request{Method: "GET", Path: c.path, Query: c.v.encode(), Abortable: true, Most: largeAnswer})
	if err != nil {
		return trading.Errorf(trading.Unavailable, "binance: %s: %w", what, err)
	}
	now, limit := p.cfg.Now(), pick(product == trading.Spot, spotWeight, futuresWeight)
	if used, err := strconv.Atoi(answer.Header("X-Mbx-Used-Weight-1m")); err == nil {
		budget.Learn(limit, max(limit-used, 0), now.Truncate(time.Minute).Add(time.Minute))
	}
	if answer.Status == 200 && answer.JSON {
		if err := json.Unmarshal(answer.Body, into); err != nil {
			return trading.Errorf(trading.Unavailable, "binance: %s: read the answer: %w", what, err)
		}
		return nil
	}
	r := reply{status: answer.Status}
	var e struct {
		Code int    `json:"code"`
		Text string `json:"msg"`
	}
	if answer.JSON && json.Unmarshal(answer.Body, &e) == nil {
		r.code, r.text = e.Code, e.Text
	}
	if until := pauseOf(answer, r, now); !until.IsZero() {
		budget.Ban(until)
	}
	switch {
	case answer.Status == 429 || answer.Status == 418:
		return failure(trading.Limited, what, r)
	case r.code == -1121:
		return failure(trading.NotFound, what, r)
	case classOf(product, r.code, r.text) == refused:
		return failure(trading.Invalid, what, r)
	}
	return failure(trading.Unavailable, what, r)
}

// Instruments lists what can be traded now on both products, with standard fees; the largest leverage is told as 20, which
// every perpetual has.
func (p *Prices) Instruments(ctx context.Context) ([]trading.Instrument, error) {
	var all []trading.Instrument
	for product, paths := range map[trading.Product]paths{trading.Linear: futuresPaths, trading.Spot: spotPaths} {
		c := listingCall(paths, product)
		raw, err := exchange.Patient(ctx, func() (json.RawMessage, error) {
			var raw json.RawMessage
			err := p.read(ctx, product, c, &raw)
			return raw, err
		})
		if err != nil {
			return nil, err
		}
		list, err := readListing(product, raw)
		if err != nil {
			return nil, err
		}
		for _, i := range list {
			if product == trading.Linear {
				i.MaxLeverage = openLeverage
			}
			all = append(all, i)
		}
	}
	slices.SortFunc(all, func(a, b trading.Instrument) int {
		return strings.Compare(string(a.Product)+a.Symbol, string(b.Product)+b.Symbol)
	})
	return all, nil
}
