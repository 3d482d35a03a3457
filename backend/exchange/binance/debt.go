package binance

import (
	"context"
	"slices"
	"time"

	"hoox/backend/trading"
)

// sell sends a sale of coins that may be locked by what protects them. What was withdrawn for it is put back, as far as there
// are coins that are not for sale, unless the sale filled: then whoever asked for it protects what is left.
func (x *Exchange) sell(ctx context.Context, o trading.Order, v values) (r trading.Report, sent bool, err error) {
	select {
	case x.selling <- struct{}{}:
		defer func() { <-x.selling }()
	case <-ctx.Done():
		return r, false, trading.Errorf(trading.Unavailable, "binance: not sent: another sale of coins is under way: %w", ctx.Err())
	}
	gone := x.owed(o.Symbol)
	more, err := x.freeCoins(ctx, o)
	gone = append(gone, more...)
	if err != nil {
		err = notSent(err)
	} else {
		r, sent, err = x.send(ctx, x.spot, o, v)
	}
	if err != nil || r.Filled.IsZero() {
		x.owe(ctx, o.Symbol, gone)
	}
	return r, sent, err
}

// owed takes what is to be put back for a symbol, which is nobody else's task from then on.
func (x *Exchange) owed(symbol string) []guard {
	x.mu.Lock()
	defer x.mu.Unlock()
	list := x.debts[symbol]
	delete(x.debts, symbol)
	return list
}

// owe puts guards back that were withdrawn, at once or, when that fails, as often as it takes. The caller holds selling.
func (x *Exchange) owe(ctx context.Context, symbol string, gone []guard) {
	if len(gone) == 0 {
		return
	}
	if err := x.putBack(ctx, symbol, gone); err != nil {
		x.cfg.Log.Error("binance: coins are without the protection that was withdrawn for a sale", "symbol", symbol, "error", err)
		x.mu.Lock()
		x.debts[symbol] = gone
		x.mu.Unlock()
	}
}

// debtPatience bounds one try to put something back.
const debtPatience = 10 * time.Second

// settleDebts puts back what could not be put back before. A sale or a Protect that runs takes it over.
func (x *Exchange) settleDebts(ctx context.Context) {
	x.mu.Lock()
	symbols := make([]string, 0, len(x.debts))
	for symbol := range x.debts {
		symbols = append(symbols, symbol)
	}
	x.mu.Unlock()
	ctx, cancel := context.WithTimeout(pressed(ctx), debtPatience)
	defer cancel()
	for _, symbol := range symbols {
		select {
		case x.selling <- struct{}{}:
			x.owe(ctx, symbol, x.owed(symbol))
			<-x.selling
		default:
		}
	}
}

// putBack places guards again for the coins that are free. What the market does not allow any more is told and left.
func (x *Exchange) putBack(ctx context.Context, symbol string, gone []guard) error {
	if until := x.spot.weight.BannedUntil(); until.After(x.cfg.Now()) {
		return trading.Errorf(trading.Limited, "binance: protect %s: Binance wants silence until %s", symbol, until.Format(time.RFC3339))
	}
	if err := x.clockRead(ctx, x.spot); err != nil {
		return err
	}
	listing, err := x.instruments(ctx, x.spot)
	if err != nil {
		return err
	}
	i, ok := listing[symbol]
	if !ok {
		return trading.Errorf(trading.Unavailable, "binance: %s is not traded on spot", symbol)
	}
	had, err := x.guards(ctx, symbol)
	if err != nil {
		return err
	}
	free, _, err := x.coins(ctx, i.Base)
	if err != nil {
		return err
	}
	standing := slices.Clone(had)
	for _, g := range gone {
		if n := slices.IndexFunc(standing, func(s guard) bool { return s.keeps(g.share, g.parent) }); n >= 0 {
			standing = slices.Delete(standing, n, n+1)
			continue
		}
		s := g.share
		if s.qty = i.RoundQty(s.qty.Min(free)); !s.qty.IsPositive() {
			continue
		}
		err := x.placeShare(ctx, g.parent, symbol, s, had)
		switch {
		case trading.KindOf(err) == trading.Rejected:
			x.cfg.Log.Error("binance: COINS ARE WITHOUT PROTECTION: what was withdrawn for a sale is not taken any more", "symbol", symbol,
				"qty", s.qty, "stop", s.stop, "target", s.target, "error", err)
			continue
		case err != nil:
			return err
		}
		free = free.Sub(s.qty)
	}
	return nil
}
