package bybit

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"hoox/backend/trading"
)

// Quote is the last known top of the market; false until bid, ask and mark are all known. Quote.At is when Bybit said so
// last, never later than now: whoever trades decides how old is too old.
func (p *Prices) Quote(e trading.Exchange, key trading.InstrumentKey) (trading.Quote, bool) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	q, ok := p.quotes[key]
	if e != trading.Bybit || !ok || !q.Known() {
		return trading.Quote{}, false
	}
	return q, true
}

// ticker holds only what changed; what is absent stays as it was.
type ticker struct {
	Symbol string        `json:"symbol"`
	Mark   trading.Price `json:"markPrice"`
	Last   trading.Price `json:"lastPrice"`
}

// top is the first level of the book, as pairs of price and size; a side that did not change is empty.
type top struct {
	Symbol string             `json:"s"`
	Bids   [][2]trading.Price `json:"b"`
	Asks   [][2]trading.Price `json:"a"`
}

func (p *Prices) message(product trading.Product, data []byte) error {
	var m struct {
		operation
		Request string          `json:"req_id"`
		Topic   string          `json:"topic"`
		Time    int64           `json:"ts"`
		Data    json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(data, &m); err != nil {
		return fmt.Errorf("read a message: %w", err)
	}
	if m.Op == "subscribe" && !m.Success {
		p.cfg.Log.Warn("bybit prices refused", "product", product, "symbol", m.Request, "reason", m.Message)
	}
	at := time.UnixMilli(m.Time).UTC()
	switch kind, _, _ := strings.Cut(m.Topic, "."); kind {
	case "tickers":
		var t ticker
		if err := json.Unmarshal(m.Data, &t); err != nil {
			return fmt.Errorf("read a ticker: %w", err)
		}
		mark := t.Mark
		if product == trading.Spot {
			mark = t.Last
		}
		p.change(product, t.Symbol, at, func(q *trading.Quote) { replace(&q.Mark, mark) })
	case "orderbook":
		var t top
		if err := json.Unmarshal(m.Data, &t); err != nil {
			return fmt.Errorf("read the book: %w", err)
		}
		p.change(product, t.Symbol, at, func(q *trading.Quote) {
			replace(&q.Bid, best(t.Bids))
			replace(&q.Ask, best(t.Asks))
		})
	}
	return nil
}

// best is the price of the level that has something on offer; a level of size zero is one that went.
func best(levels [][2]trading.Price) trading.Price {
	for _, l := range levels {
		if l[1].IsPositive() {
			return l[0]
		}
	}
	return trading.Price{}
}

func replace(old *trading.Price, now trading.Price) {
	if now.IsPositive() {
		*old = now
	}
}

func (p *Prices) change(product trading.Product, symbol string, at time.Time, set func(*trading.Quote)) {
	if now := p.cfg.Now().UTC(); at.After(now) {
		at = now
	}
	key := trading.InstrumentKey{Product: product, Symbol: symbol}
	p.mu.Lock()
	defer p.mu.Unlock()
	q := p.quotes[key]
	q.Exchange, q.Product, q.Symbol = trading.Bybit, product, symbol
	if at.After(q.At) {
		q.At = at
	}
	set(&q)
	p.quotes[key] = q
}

// Refresh asks for the top of one market, for an instrument whose quote has not changed for a while: a stream tells changes
// only, so that its silence looks like an old price.
func (p *Prices) Refresh(ctx context.Context, key trading.InstrumentKey) error {
	type row struct {
		Symbol string        `json:"symbol"`
		Bid    trading.Price `json:"bid1Price"`
		Ask    trading.Price `json:"ask1Price"`
		Mark   trading.Price `json:"markPrice"`
		Last   trading.Price `json:"lastPrice"`
	}
	var page list[row]
	e, err := p.read(ctx, watching, "read the price of "+key.Symbol, "/v5/market/tickers", values{"category", string(key.Product), "symbol", key.Symbol}, false, &page)
	if err != nil {
		return err
	}
	if page.Rows == nil || len(*page.Rows) != 1 || (*page.Rows)[0].Symbol != key.Symbol {
		return trading.Errorf(trading.Unavailable, "bybit: read the price of %s: an answer without it", key.Symbol)
	}
	r := (*page.Rows)[0]
	mark := r.Mark
	if key.Product == trading.Spot {
		mark = r.Last
	}
	p.change(key.Product, key.Symbol, time.UnixMilli(e.Time).UTC(), func(q *trading.Quote) {
		replace(&q.Bid, r.Bid)
		replace(&q.Ask, r.Ask)
		replace(&q.Mark, mark)
	})
	return nil
}
