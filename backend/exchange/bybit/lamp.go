package bybit

import (
	"context"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

// Lamp is how the way to Bybit is doing, from what is known already; nothing is asked.
func (x *Exchange) Lamp() trading.Lamp {
	l := trading.Lamp{Live: x.private.Live(), BannedUntil: x.budgets[perAddress].BannedUntil()}
	l.Skew, l.SkewAge, l.SkewKnown = x.skew.Offset()
	for _, b := range x.budgets {
		// The limit of which the smallest part is left.
		if left, limit := b.Left(); l.Limit == 0 || left*l.Limit < l.Left*limit || left*l.Limit == l.Left*limit && limit < l.Limit {
			l.Left, l.Limit = left, limit
		}
	}
	return l
}

// Ping reads Bybit's clock and tells how long that took.
func (x *Exchange) Ping(ctx context.Context) (time.Duration, error) {
	sent := x.cfg.Now()
	if err := x.SyncClock(ctx); err != nil {
		return 0, err
	}
	return x.cfg.Now().Sub(sent), nil
}

// Fees are the account's own rates for an instrument. It fails with Rejected or NotFound for a symbol that is not listed.
func (x *Exchange) Fees(ctx context.Context, key trading.InstrumentKey) (maker, taker trading.Ratio, err error) {
	rows, err := exchange.Patient(ctx, func() ([]feeRow, error) {
		return readAll[feeRow](ctx, x.line, feeing, "read the fees", "/v5/account/fee-rate", values{"category", string(key.Product), "symbol", key.Symbol}, true)
	})
	if err != nil {
		return maker, taker, err
	}
	for _, r := range rows {
		if r.Symbol == key.Symbol {
			return r.Maker, r.Taker, nil
		}
	}
	return maker, taker, trading.Errorf(trading.NotFound, "bybit: no fees of %s %s", key.Product, key.Symbol)
}
