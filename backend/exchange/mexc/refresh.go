package mexc

import (
	"context"
	"time"

	"hoox/backend/trading"
)

// Refresh asks for the top of one market, for an instrument whose quote has not changed for a while: a stream tells changes
// only, so that its silence looks like an old price. It fails with the kinds of a read.
func (p *Prices) Refresh(ctx context.Context, key trading.InstrumentKey) error {
	what := "read the price of " + key.Symbol
	if key.Product == trading.Spot {
		return p.refreshSpot(ctx, key, what)
	}
	var t ticker
	if err := p.futuresRead(ctx, accounting, what, "/api/v1/contract/ticker", values{"symbol", key.Symbol}, &t); err != nil {
		return err
	}
	if t.Symbol != key.Symbol {
		return trading.Errorf(trading.Unavailable, "mexc: %s: an answer without it", what)
	}
	p.told(key, t.At.Time, t.Bid.price(), t.Ask.price(), t.Fair.price())
	return nil
}

// refreshSpot asks for the offers and for the last price. MEXC tells no time with them: they are as old as the question.
func (p *Prices) refreshSpot(ctx context.Context, key trading.InstrumentKey, what string) error {
	asked := p.cfg.Now()
	var top bookTicker
	if err := p.spotRead(ctx, finding, what, "/api/v3/ticker/bookTicker", values{"symbol", key.Symbol}, &top); err != nil {
		return err
	}
	var last struct {
		Symbol string `json:"symbol"`
		Price  amount `json:"price"`
	}
	if err := p.spotRead(ctx, finding, what, "/api/v3/ticker/price", values{"symbol", key.Symbol}, &last); err != nil {
		return err
	}
	if top.Symbol != key.Symbol || last.Symbol != key.Symbol {
		return trading.Errorf(trading.Unavailable, "mexc: %s: an answer without it", what)
	}
	p.told(key, asked, top.Bid.price(), top.Ask.price(), last.Price.price())
	return nil
}

// told takes a quote that was asked for, unless a stream told a newer one meanwhile.
func (p *Prices) told(key trading.InstrumentKey, at time.Time, bid, ask, mark trading.Price) {
	if at.IsZero() {
		at = p.cfg.Now()
	}
	at = at.UTC()
	p.change(key.Product, key.Symbol, at, func(q *trading.Quote) {
		if q.At.After(at) && q.Bid.IsPositive() && q.Ask.IsPositive() && q.Mark.IsPositive() {
			return
		}
		replace(&q.Bid, bid)
		replace(&q.Ask, ask)
		replace(&q.Mark, mark)
	})
}
