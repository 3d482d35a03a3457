package mexc

import (
	"context"
	"encoding/json"
	"net/url"
	"strconv"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// The words for intervals.
var (
	futuresSpans = map[time.Duration]string{
		time.Minute: "Min1", 5 * time.Minute: "Min5", 15 * time.Minute: "Min15", 30 * time.Minute: "Min30", time.Hour: "Min60",
		4 * time.Hour: "Hour4", 8 * time.Hour: "Hour8", 24 * time.Hour: "Day1", 7 * 24 * time.Hour: "Week1",
	}
	spotSpans = map[time.Duration]string{
		time.Minute: "1m", 5 * time.Minute: "5m", 15 * time.Minute: "15m", 30 * time.Minute: "30m", time.Hour: "60m",
		4 * time.Hour: "4h", 24 * time.Hour: "1d", 7 * 24 * time.Hour: "1W",
	}
)

const (
	// futuresCandles and spotCandles are the most that one answer holds.
	futuresCandles = 2000
	spotCandles    = 500
	// mostCandles bounds one question.
	mostCandles = 100_000
)

// Candles reads what prices did from a time until before another, oldest first. Invalid for an interval that MEXC has no
// candles of, and for more than 100 000 of them.
func (p *Prices) Candles(ctx context.Context, key trading.InstrumentKey, interval time.Duration, from, to time.Time) ([]trading.Candle, error) {
	words, most, read := futuresSpans, futuresCandles, p.futuresCandles
	if key.Product == trading.Spot {
		words, most, read = spotSpans, spotCandles, p.spotCandles
	}
	word, ok := words[interval]
	if !ok {
		return nil, trading.FieldError("interval", "MEXC has no candles of %s", interval)
	}
	if to.Sub(from)/interval > mostCandles {
		return nil, trading.FieldError("from", "more than %d candles", mostCandles)
	}
	list := []trading.Candle{}
	for at := from; at.Before(to); {
		until := at.Add(time.Duration(most) * interval)
		if until.After(to) {
			until = to
		}
		page, err := exchange.Patient(ctx, func() ([]trading.Candle, error) { return read(ctx, key.Symbol, word, at, until) })
		if err != nil {
			return nil, err
		}
		for _, c := range page {
			last := len(list) - 1
			if !c.Start.Before(at) && c.Start.Before(until) && (last < 0 || c.Start.After(list[last].Start)) {
				list = append(list, c)
			}
		}
		at = until
	}
	return list, nil
}

// futuresCandles reads one page: a column for each number, times in seconds.
func (p *Prices) futuresCandles(ctx context.Context, symbol, word string, from, to time.Time) ([]trading.Candle, error) {
	c, err := p.size(ctx, symbol)
	if err != nil {
		return nil, err
	}
	var got struct {
		Time                   []int64 `json:"time"`
		Open, High, Low, Close []amount
		Vol                    []amount `json:"vol"`
	}
	v := values{"interval", word, "start", strconv.FormatInt(from.Unix(), 10), "end", strconv.FormatInt(to.Unix(), 10)}
	if err := p.futuresRead(ctx, accounting, "read candles", "/api/v1/contract/kline/"+url.PathEscape(symbol), v, &got); err != nil {
		return nil, err
	}
	n := len(got.Time)
	if len(got.Open) != n || len(got.High) != n || len(got.Low) != n || len(got.Close) != n || len(got.Vol) != n {
		return nil, trading.Errorf(trading.Unavailable, "mexc: read candles: columns of different lengths")
	}
	var list []trading.Candle
	for i, at := range got.Time {
		list = append(list, trading.Candle{
			Start: time.Unix(at, 0).UTC(), Open: got.Open[i].price(), High: got.High[i].price(), Low: got.Low[i].price(),
			Close: got.Close[i].price(), Volume: c.base(got.Vol[i]),
		})
	}
	return list, nil
}

// spotCandles reads one page: rows of time, open, high, low, close, volume.
func (p *Prices) spotCandles(ctx context.Context, symbol, word string, from, to time.Time) ([]trading.Candle, error) {
	var got [][]json.RawMessage
	v := values{"symbol", symbol, "interval", word, "startTime", strconv.FormatInt(from.UnixMilli(), 10),
		"endTime", strconv.FormatInt(to.UnixMilli(), 10), "limit", strconv.Itoa(spotCandles)}
	if err := p.spotRead(ctx, finding, "read candles", "/api/v3/klines", v, &got); err != nil {
		return nil, err
	}
	var list []trading.Candle
	for _, row := range got {
		var at exchange.Millis
		var n [5]amount
		ok := len(row) >= 6 && decode(row[0], &at)
		for i := range n {
			ok = ok && decode(row[i+1], &n[i])
		}
		if !ok {
			return nil, trading.Errorf(trading.Unavailable, "mexc: read candles: a row that is none")
		}
		list = append(list, trading.Candle{Start: at.Time, Open: n[0].price(), High: n[1].price(), Low: n[2].price(), Close: n[3].price(), Volume: n[4].qty()})
	}
	return list, nil
}

// size is one contract, read once.
func (p *Prices) size(ctx context.Context, symbol string) (contract, error) {
	p.mu.RLock()
	c, ok := p.sizes[symbol]
	p.mu.RUnlock()
	if ok {
		return c, nil
	}
	got, err := readContracts(ctx, func(v values, into any) (envelope, error) {
		return p.futuresEnvelope(ctx, accounting, "read the contract", detailPath, v, into)
	}, symbol)
	if err != nil {
		return contract{}, err
	}
	if len(got) == 0 {
		return contract{}, trading.Errorf(trading.NotFound, "mexc: there is no contract %s", symbol)
	}
	p.mu.Lock()
	p.sizes[symbol] = got[0]
	p.mu.Unlock()
	return got[0], nil
}

// Instruments lists what can be traded now, with the fees of the public lists.
func (p *Prices) Instruments(ctx context.Context) ([]trading.Instrument, error) {
	contracts, err := exchange.Patient(ctx, func() ([]contract, error) {
		return readContracts(ctx, func(v values, into any) (envelope, error) {
			return p.futuresEnvelope(ctx, cataloguing, "list contracts", detailPath, v, into)
		}, "")
	})
	if err != nil {
		return nil, err
	}
	coins, err := exchange.Patient(ctx, func() ([]coin, error) {
		return readCoins(ctx, func(v values, into any) error {
			return p.spotRead(ctx, cataloguing, "list spot symbols", infoPath, v, into)
		}, "")
	})
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	for _, c := range contracts {
		p.sizes[c.Symbol] = c
	}
	p.mu.Unlock()
	return listed(contracts, coins), nil
}

func (p *Prices) futuresRead(ctx context.Context, g group, what, path string, v values, into any) error {
	_, err := p.futuresEnvelope(ctx, g, what, path, v, into)
	return err
}

func (p *Prices) futuresEnvelope(ctx context.Context, g group, what, path string, v values, into any) (envelope, error) {
	if err := p.futures.await(ctx, g, 1, what); err != nil {
		return envelope{}, err
	}
	return futuresAnswer(ctx, p.futures, what, wire.Request{Method: "GET", Path: path, Query: v.sorted(), Abortable: true, Most: most(g)}, into)
}

func (p *Prices) spotRead(ctx context.Context, g group, what, path string, v values, into any) error {
	if err := p.spot.await(ctx, g, weights[g], what); err != nil {
		return err
	}
	return spotAnswer(ctx, p.spot, what, wire.Request{Method: "GET", Path: path, Query: v.encode(), Abortable: true, Most: most(g)}, into)
}
