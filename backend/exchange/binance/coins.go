package binance

import (
	"context"
	"slices"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

// share is one part of a spot holding with its stop, its target, or both as a list of which one cancels the other.
type share struct {
	qty    trading.Qty
	stop   trading.Price
	target trading.Price
}

// sharesFor are the orders that keep a protection of held coins.
func sharesFor(p trading.Protection, held trading.Qty, i trading.Instrument) []share {
	var list []share
	rest := i.RoundQty(held)
	for n, t := range p.TakeProfit {
		q := t.Qty
		if q.IsZero() || n == 0 && len(p.TakeProfit) == 1 && !q.Less(held) {
			q = rest
		}
		if q = i.RoundQty(q.Min(rest)); q.IsPositive() && t.Price.IsPositive() {
			list = append(list, share{q, p.StopLoss, t.Price})
			rest = rest.Sub(q)
		}
	}
	if p.StopLoss.IsPositive() && rest.IsPositive() {
		list = append(list, share{rest, p.StopLoss, trading.Price{}})
	}
	return list
}

// guard is a share as it stands at the exchange.
type guard struct {
	share
	rows   []orderRow
	parent trading.OrderID
}

// guardsOf puts the open protections of ours together: the two orders of a list are one guard.
func guardsOf(rows []orderRow) []guard {
	var list []guard
	for _, r := range rows {
		f := readID(r.ClientID)
		if f.parent == "" {
			continue
		}
		n := -1
		if r.ListID != "" && r.ListID != "-1" {
			n = slices.IndexFunc(list, func(g guard) bool { return g.rows[0].ListID == r.ListID })
		}
		if n < 0 {
			list = append(list, guard{parent: f.parent})
			n = len(list) - 1
		}
		g := &list[n]
		g.rows = append(g.rows, r)
		left := r.Qty.Sub(r.Filled)
		if g.qty.IsZero() || left.Less(g.qty) {
			g.qty = left
		}
		if f.kind == trading.TargetOrder {
			g.target = r.Price
		} else {
			g.stop = r.Stop
		}
	}
	return list
}

func (g guard) keeps(s share, parent trading.OrderID) bool {
	return g.parent == parent && g.qty.Equal(s.qty) && g.stop.Equal(s.stop) && g.target.Equal(s.target)
}

// missingShares splits shares and what stands: what has to be placed, and what has to go.
func missingShares(shares []share, standing []guard, parent trading.OrderID) (add []share, remove []guard) {
	left := slices.Clone(standing)
	for _, s := range shares {
		i := slices.IndexFunc(left, func(g guard) bool { return g.keeps(s, parent) })
		if i < 0 {
			add = append(add, s)
			continue
		}
		left = slices.Delete(left, i, i+1)
	}
	return add, left
}

// coins are how many of a base asset are free and locked.
func (x *Exchange) coins(ctx context.Context, base string) (free, locked trading.Qty, err error) {
	a, err := exchange.Patient(ctx, func() (accountRow, error) { return x.spotAccount(ctx) })
	if err != nil {
		return free, locked, err
	}
	for _, b := range *a.Balances {
		if b.Asset == base {
			return b.Free, b.Locked, nil
		}
	}
	return free, locked, nil
}

// protectCoins keeps a protection of a spot holding. It is sized to what is there: a buyer's fee may have taken coins.
func (x *Exchange) protectCoins(ctx context.Context, parent trading.OrderID, want trading.Position) error {
	p := want.Protection
	switch {
	case want.Qty.IsNegative():
		return trading.Errorf(trading.Rejected, "binance: %s on spot cannot be short", want.Symbol)
	case p.TrailingStop.IsPositive():
		return trading.Errorf(trading.Rejected, "binance: a trailing stop is not kept on spot: use a stop-loss")
	}
	select {
	case x.selling <- struct{}{}:
		defer func() { <-x.selling }()
	case <-ctx.Done():
		return trading.Errorf(trading.Unavailable, "binance: protect %s: a sale of coins is under way: %w", want.Symbol, ctx.Err())
	}
	// What is placed now is what is wanted, whatever was withdrawn before.
	x.owed(want.Symbol)
	had, err := x.guards(ctx, want.Symbol)
	if err != nil {
		return err
	}
	var shares []share
	if !p.IsZero() {
		if shares, err = x.sharesOf(ctx, want, had); err != nil {
			return err
		}
	}
	add, remove := missingShares(shares, had, parent)
	if len(add) == 0 && len(remove) == 0 {
		return nil
	}
	// They lock the coins that the new ones need, so they go first; without the new ones they come back.
	gone, err := x.withdraw(ctx, remove)
	for _, s := range add {
		if err == nil {
			err = x.placeShare(ctx, parent, want.Symbol, s, had)
		}
	}
	if err != nil {
		if !p.IsZero() {
			x.owe(ctx, want.Symbol, gone)
		}
		return err
	}
	if had, err = x.guards(ctx, want.Symbol); err != nil {
		return err
	}
	if add, remove = missingShares(shares, had, parent); len(add) > 0 || len(remove) > 0 {
		return trading.Errorf(trading.Unavailable, "binance: protect %s: %d of %d shares stand, %d too many, after they were placed", want.Symbol, len(shares)-len(add), len(shares), len(remove))
	}
	return nil
}

// sharesOf sizes the shares of a protection to the coins that are there: free, or locked by protections of ours.
func (x *Exchange) sharesOf(ctx context.Context, want trading.Position, had []guard) ([]share, error) {
	listing, err := x.instruments(ctx, x.spot)
	if err != nil {
		return nil, err
	}
	i, ok := listing[want.Symbol]
	if !ok {
		return nil, trading.Errorf(trading.Rejected, "binance: %s is not traded on spot", want.Symbol)
	}
	held, _, err := x.coins(ctx, i.Base)
	if err != nil {
		return nil, err
	}
	for _, g := range had {
		held = held.Add(g.qty)
	}
	shares := sharesFor(want.Protection, held.Min(want.Qty), i)
	if len(shares) == 0 {
		return nil, trading.Errorf(trading.Rejected, "binance: %s %s are there to protect, less than the smallest order of %s", held, i.Base, i.Symbol)
	}
	return shares, nil
}

func (x *Exchange) guards(ctx context.Context, symbol string) ([]guard, error) {
	rows, err := exchange.Patient(ctx, func() ([]orderRow, error) { return x.openRows(ctx, x.spot, symbol) })
	if err != nil {
		return nil, trading.Errorf(trading.Unavailable, "binance: protect %s: %w", symbol, err)
	}
	return guardsOf(rows), nil
}

// withdraw cancels guards and answers with those that are gone, or may be.
func (x *Exchange) withdraw(ctx context.Context, guards []guard) ([]guard, error) {
	for n, g := range guards {
		if err := x.cancelRow(ctx, x.spot, g.rows[0]); err != nil {
			return guards[:n+1], err
		}
	}
	return guards, nil
}

// placeShare places the order or the list of two for one share. Rejected is a certain no.
func (x *Exchange) placeShare(ctx context.Context, parent trading.OrderID, symbol string, s share, had []guard) error {
	id := func(kind trading.OrderType) string {
		return x.freshID(parent, kind, func(id string) bool {
			return slices.ContainsFunc(had, func(g guard) bool {
				return slices.ContainsFunc(g.rows, func(r orderRow) bool { return r.ClientID == id })
			})
		})
	}
	c := call{method: "POST", path: x.spot.paths.order, weight: 1, places: true, urgent: true, what: "protect " + symbol}
	v := values{"symbol", symbol, "side", "SELL", "quantity", s.qty.String()}
	switch {
	case s.target.IsZero():
		v = append(v, "type", "STOP_LOSS", "stopPrice", s.stop.String(), "newClientOrderId", id(trading.StopOrder))
	case s.stop.IsZero():
		v = append(v, "type", "LIMIT", "timeInForce", "GTC", "price", s.target.String(), "newClientOrderId", id(trading.TargetOrder))
	default:
		c.path = "/api/v3/orderList/oco"
		v = append(v, "aboveType", "LIMIT_MAKER", "abovePrice", s.target.String(), "aboveClientOrderId", id(trading.TargetOrder),
			"belowType", "STOP_LOSS", "belowStopPrice", s.stop.String(), "belowClientOrderId", id(trading.StopOrder))
	}
	c.v = append(v, "newOrderRespType", "RESULT")
	r, err := x.write(ctx, x.spot, c)
	if err != nil {
		return err
	}
	if r.class != done {
		return failure(kindOf(r.class), c.what, r)
	}
	return nil
}

// freeCoins withdraws the protections of ours that lock the coins which a sale is about to sell, and answers with them. When
// the sale fills, what is left is protected anew by whoever asked for it; until then they are owed.
func (x *Exchange) freeCoins(ctx context.Context, o trading.Order) ([]guard, error) {
	listing, err := x.instruments(ctx, x.spot)
	if err != nil {
		return nil, err
	}
	i, ok := listing[o.Symbol]
	if !ok {
		// The exchange itself says what is wrong with the symbol.
		return nil, nil
	}
	free, locked, err := x.coins(ctx, i.Base)
	if err != nil || !free.Less(o.Qty) || locked.IsZero() {
		return nil, err
	}
	had, err := x.guards(ctx, o.Symbol)
	if err != nil {
		return nil, err
	}
	return x.withdraw(ctx, had)
}
