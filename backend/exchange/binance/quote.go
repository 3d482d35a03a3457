package binance

import (
	"context"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

// Refresh asks for the top of one market, for an instrument whose quote has not changed for a while: a stream tells changes
// only, so that its silence looks like an old price. It does not wait for the request limit: Limited, ask later.
func (p *Prices) Refresh(ctx context.Context, key trading.InstrumentKey) error {
	if p.clients[key.Product] == nil || key.Symbol == "" {
		return trading.FieldError("key", "Binance has no prices of %q on %q", key.Symbol, string(key.Product))
	}
	spot, what, v := key.Product == trading.Spot, "read the price of "+key.Symbol, values{"symbol", key.Symbol}
	// What is told without a time is at least as new as the question.
	at := p.cfg.Now()
	var book struct {
		Symbol string          `json:"symbol"`
		Bid    trading.Price   `json:"bidPrice"`
		Ask    trading.Price   `json:"askPrice"`
		At     exchange.Millis `json:"time"`
	}
	if err := p.read(ctx, key.Product, call{what: what, path: pick(spot, "/api/v3/ticker/bookTicker", "/fapi/v1/ticker/bookTicker"), v: v, weight: 2}, &book); err != nil {
		return err
	}
	var value struct {
		Symbol string          `json:"symbol"`
		Mark   trading.Price   `json:"markPrice"`
		Last   trading.Price   `json:"price"`
		At     exchange.Millis `json:"time"`
	}
	if err := p.read(ctx, key.Product, call{what: what, path: pick(spot, "/api/v3/ticker/price", "/fapi/v1/premiumIndex"), v: v, weight: 2}, &value); err != nil {
		return err
	}
	mark := pick(spot, value.Last, value.Mark)
	if book.Symbol != key.Symbol || value.Symbol != key.Symbol || !book.Bid.IsPositive() || !book.Ask.IsPositive() || !mark.IsPositive() {
		return trading.Errorf(trading.Unavailable, "binance: %s: an answer without it", what)
	}
	// The book's own time is that of its last change; the mark is made anew every second.
	if told := later(book.At.Time, value.At.Time); !told.IsZero() {
		at = told
	}
	p.refreshed(key, at, trading.Quote{Bid: book.Bid, Ask: book.Ask, Mark: mark})
	return nil
}

// refreshed takes what was asked for, unless a stream has said something newer meanwhile.
func (p *Prices) refreshed(key trading.InstrumentKey, at time.Time, now trading.Quote) {
	p.change(key.Product, key.Symbol, at, func(q *trading.Quote) {
		newer := q.At.After(at)
		for _, half := range []struct {
			had  *trading.Price
			told trading.Price
		}{{&q.Bid, now.Bid}, {&q.Ask, now.Ask}, {&q.Mark, now.Mark}} {
			if !newer || !half.had.IsPositive() {
				*half.had = half.told
			}
		}
	})
}
