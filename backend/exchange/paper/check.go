package paper

import (
	"hash/fnv"
	"strings"

	"hoox/backend/trading"
)

// request is an order that may be placed, with what it meets.
type request struct {
	order      trading.Order
	instrument trading.Instrument
	quote      trading.Quote
	// at most this much may fill: the open part of a position for an order that can only reduce.
	limit trading.Qty
	// opens tells that some of it would add to a position.
	opens bool
}

func rejected(format string, args ...any) error {
	return trading.Errorf(trading.Rejected, format, args...)
}

// rejects is why the settings reject an order that may be in order, "" for one that they let pass.
func (set Settings) rejects(o trading.Order) string {
	if o.ReduceOnly {
		return ""
	}
	if set.Reject == "" && set.RejectShare.IsPositive() {
		h := fnv.New64a()
		h.Write([]byte(o.ID))
		if trading.RatioUnits(int64(h.Sum64()%1_000_000), -6).Less(set.RejectShare) {
			return "rejected on purpose: a share of " + set.RejectShare.String() + " of entries is"
		}
	}
	return set.Reject
}

// check holds an order against the rules of the exchange; a no is Rejected, in words. Without a price nothing can be
// said, and the order counts as never sent.
func (x *Exchange) check(s *state, o trading.Order) (request, error) {
	if err := x.checkForm(o); err != nil {
		return request{}, err
	}
	i, ok := x.instrument(placeOf(o))
	if !ok {
		return request{}, rejected("%s has no %s instrument %s", x.cfg.Account.Exchange(), o.Product, o.Symbol)
	}
	q, ok := x.quote(placeOf(o))
	if !ok {
		return request{}, trading.Errorf(trading.Unavailable, "%s: no fresh price of %s", x.cfg.Account, o.Symbol)
	}
	r := request{order: o, instrument: i, quote: q, limit: o.Qty}
	for _, rule := range []func(*state, *request) error{checkSlot, checkReduce, checkFilters, checkLeverage, checkProtection} {
		if err := rule(s, &r); err != nil {
			return request{}, err
		}
	}
	return r, nil
}

// checkForm is what can be said without looking anything up. The id rule is the strictest of the exchanges we know.
func (x *Exchange) checkForm(o trading.Order) error {
	const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	switch {
	case o.ID == "" || len(o.ID) > 32 || strings.Trim(string(o.ID), letters) != "":
		return rejected("client order id %q is not 1 to 32 of letters, digits, - and _", string(o.ID))
	case o.Account != x.cfg.Account:
		return rejected("order %s is for account %s, this is %s", o.ID, o.Account, x.cfg.Account)
	case o.Side != trading.Buy && o.Side != trading.Sell:
		return rejected("side %q is neither buy nor sell", string(o.Side))
	case o.Type != trading.Market && o.Type != trading.Limit:
		return rejected("order type %q is neither market nor limit", string(o.Type))
	case o.Type == trading.Limit && !o.Price.IsPositive():
		return rejected("limit order without a price")
	}
	return nil
}

func checkSlot(s *state, r *request) error {
	o := r.order
	if o.Product == trading.Spot && o.Slot != trading.SlotBoth {
		return rejected("spot has no position side, asked %q", string(o.Slot))
	}
	if o.ReduceOnly || o.Product == trading.Spot {
		return nil
	}
	hedge := o.Slot == trading.SlotLong || o.Slot == trading.SlotShort
	if hedge != (s.cash.Mode == trading.Hedge) || (!hedge && o.Slot != trading.SlotBoth) {
		return rejected("position side %q does not fit the position mode %s", string(o.Slot), s.cash.Mode)
	}
	return nil
}

func checkReduce(s *state, r *request) error {
	o := r.order
	closes := s.reducible(o)
	r.opens = !closing(o) && closes.Less(o.Qty)
	if !closing(o) {
		return nil
	}
	if o.Product == trading.Spot && !o.ReduceOnly {
		if have := s.sellable(o); have.Less(o.Qty) {
			return rejected("insufficient %s: selling %s, %s is free; spot cannot be short", r.instrument.Base, o.Qty, have)
		}
		return nil
	}
	if closes.IsZero() {
		return rejected("reduce-only order, but there is no position in %s (%s) to reduce", o.Symbol, o.Slot)
	}
	r.limit = closes
	return nil
}

// sellable is the holding of spot that no resting order sells already.
func (s *state) sellable(o trading.Order) trading.Qty {
	have := s.holdings[placeOf(o)].Position.Size()
	for _, r := range s.resting {
		if placeOf(r.Order) == placeOf(o) && r.Order.Side == trading.Sell {
			have = have.Sub(r.Order.Open())
		}
	}
	return have.Max(trading.Qty{})
}

func checkFilters(s *state, r *request) error {
	o, i := r.order, r.instrument
	if !i.RoundQty(o.Qty).Equal(o.Qty) {
		return rejected("quantity %s is not a multiple of the step %s of %s", o.Qty, i.StepSize, i.Symbol)
	}
	price := r.quote.Touch(o.Side)
	if o.Type == trading.Limit {
		price = o.Price
		if !o.Price.Floor(i.TickSize).Equal(o.Price) {
			return rejected("price %s is not a multiple of the tick %s of %s", o.Price, i.TickSize, i.Symbol)
		}
	}
	// All that is left may always be closed, however little it is.
	if closing(o) && o.Qty.IsPositive() && !o.Qty.Less(s.holdings[placeOf(o)].Position.Size()) && !o.Qty.More(i.MaxQty) {
		return nil
	}
	if err := i.CheckQty(o.Qty, price, o.ReduceOnly); err != nil {
		return rejected("%s", err.Error())
	}
	return nil
}

func checkLeverage(_ *state, r *request) error {
	most := max(r.instrument.MaxLeverage, 1)
	if r.order.Leverage < 0 || (r.opens && r.order.Leverage > most) {
		return rejected("leverage %dx is not allowed, %s has at most %dx", r.order.Leverage, r.instrument.Symbol, most)
	}
	return nil
}

// checkProtection refuses protections that would trigger at once: a stop above a long's entry is a mistake.
func checkProtection(_ *state, r *request) error {
	o, p := r.order, r.order.Protection
	if p.IsZero() {
		return nil
	}
	if closing(o) {
		return rejected("a reduce-only order cannot carry a take-profit or a stop")
	}
	entry := r.quote.Touch(o.Side)
	if o.Type == trading.Limit {
		entry = o.Price
	}
	beyond := func(a, b trading.Price) bool {
		if o.Side == trading.Buy {
			return a.More(b)
		}
		return a.Less(b)
	}
	if p.StopLoss.IsNegative() || p.TrailingStop.IsNegative() || (p.StopLoss.IsPositive() && !beyond(entry, p.StopLoss)) {
		return rejected("stop-loss %s is on the wrong side of the entry %s of a %s", p.StopLoss, entry, o.Side)
	}
	for _, t := range p.TakeProfit {
		if !t.Price.IsPositive() || !beyond(t.Price, entry) {
			return rejected("take-profit %s is on the wrong side of the entry %s of a %s", t.Price, entry, o.Side)
		}
		if t.Qty.IsNegative() {
			return rejected("take-profit at %s has a negative quantity %s", t.Price, t.Qty)
		}
	}
	return nil
}
