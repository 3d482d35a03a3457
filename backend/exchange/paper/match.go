package paper

import (
	"slices"
	"strconv"
	"time"

	"hoox/backend/ledger"
	"hoox/backend/trading"
)

// levels is how deep a market order may walk.
const levels = 25

// slice is one execution before it is one.
type slice struct {
	price trading.Price
	qty   trading.Qty
	fee   trading.Ratio
	maker bool
}

// accept runs an order against the market: checks, fills, rests or cancels what is left, and holds the outcome against
// the money there is. s is changed even when it fails; the caller throws it away then.
func (x *Exchange) accept(s *state, o trading.Order, set Settings) (record, error) {
	req, err := x.check(s, o)
	if err != nil {
		return record{}, err
	}
	now := x.cfg.Now().UTC()
	had := s.free(x.instrument)
	if req.opens {
		s.setLeverage(o)
	}
	r := record{Order: o}
	r.Order.ExchangeID, r.Order.Reason = s.nextID(), ""
	r.Order.Filled, r.Order.FilledCost = trading.Qty{}, trading.Money{}
	for _, part := range x.take(req, set.SlippageTicks) {
		s.fill(req, &r, part, now)
	}
	switch {
	case r.Order.Filled.Equal(o.Qty):
		r.end(trading.OrderFilled, "", now)
	case closing(o) && r.Order.Filled.Equal(req.limit):
		r.end(trading.OrderCanceled, "the rest would have opened a position", now)
	case o.Type == trading.Limit:
		r.end(restingStatus(r.Order), "", now)
	default:
		r.end(trading.OrderCanceled, "no more on offer: the rest of a market order is canceled", now)
	}
	s.keep(r)
	s.sweep(now)
	if left := s.free(x.instrument); req.opens && left.IsNegative() {
		return record{}, rejected("insufficient balance: order needs %s %s, %s %s is free", had.Sub(left).Fixed(2), x.cfg.Asset, had.Fixed(2), x.cfg.Asset)
	}
	return r, nil
}

func (r *record) end(status trading.OrderStatus, reason string, at time.Time) {
	r.Order.Status, r.Order.Reason, r.Order.UpdatedAt = status, reason, at
}

func restingStatus(o trading.Order) trading.OrderStatus {
	if o.Filled.IsPositive() {
		return trading.OrderPartiallyFilled
	}
	return trading.OrderAccepted
}

// take walks the book as far as the order's quantity and limit go.
func (x *Exchange) take(req request, slippage int) []slice {
	o, left, parts := req.order, req.limit, []slice{}
	worse := req.instrument.TickSize.Times(trading.RatioUnits(int64(max(slippage, 0)), 0))
	for price, size := range x.cfg.Market.Depth(req.quote, o.Side, levels) {
		if left.IsZero() || !reaches(o, price) {
			break
		}
		price = slipped(o, price, worse, req.instrument.TickSize)
		part := slice{price: price, qty: size.Min(left), fee: req.instrument.TakerFee}
		left = left.Sub(part.qty)
		parts = append(parts, part)
	}
	return parts
}

// reaches tells whether an order may trade at a price.
func reaches(o trading.Order, price trading.Price) bool {
	switch {
	case o.Price.IsZero():
		return true
	case o.Side == trading.Buy:
		return !price.More(o.Price)
	default:
		return !price.Less(o.Price)
	}
}

// slipped worsens a price, though never past the order's limit or to nothing.
func slipped(o trading.Order, price, worse, tick trading.Price) trading.Price {
	if o.Side == trading.Buy {
		price = price.Add(worse)
		if o.Price.IsPositive() {
			price = price.Min(o.Price)
		}
		return price
	}
	return price.Sub(worse).Max(o.Price).Max(tick)
}

// fill books one execution: order, position, money, protections.
func (s *state) fill(req request, r *record, part slice, now time.Time) {
	o := r.Order
	f := trading.Fill{
		ID:      trading.FillID(string(o.ID) + "-" + strconv.Itoa(len(r.Fills)+1)),
		OrderID: o.ID, SignalID: o.SignalID, Account: o.Account, Product: o.Product, Symbol: o.Symbol, Slot: o.Slot,
		Side: o.Side, Qty: part.qty, Price: part.price, Maker: part.maker, At: now,
		Fee: trading.Notional(part.price, part.qty).Times(part.fee), FeeAsset: req.instrument.Quote,
	}
	at := placeOf(o)
	h := s.holdings[at]
	before := h.Position.Qty.Sign()
	next, realized := ledger.Apply(h.Position, f)
	f.RealizedPnL = realized
	r.Fills = append(slices.Clip(r.Fills), f)
	r.Order.Filled = o.Filled.Add(f.Qty)
	r.Order.FilledCost = o.FilledCost.Add(trading.Notional(f.Price, f.Qty))
	r.Order.UpdatedAt = now
	s.cash.Balance = s.cash.Balance.Add(realized).Sub(f.Fee)
	s.dirty[walletKey] = true
	fresh := next.Qty.Sign() != before
	if fresh {
		// Flat, or through zero: what watched the old position has nothing to watch.
		h = holding{}
	}
	opens := !next.Qty.IsZero() && next.Direction().Entry() == o.Side
	if opens && (fresh || h.unguarded(o)) {
		r.Lives++
	}
	from := origin{o.ID, o.SignalID, o.Leg, r.Lives}
	if fresh {
		h.Opener = from
	}
	h.Position = next
	h.Position.Leverage = s.leverage(o)
	if opens {
		h.attach(o.Protection, from, o.Qty, req.quote.Mark)
	} else {
		h.trim(s.unfilled(h.Guarded))
	}
	s.hold(at, h)
}

// setLeverage sets the leverage of the order's symbol, for what is held already too; 0 leaves it.
func (s *state) setLeverage(o trading.Order) {
	if o.Leverage == 0 || o.Product == trading.Spot || s.cash.Leverage[leverageKey(o)] == o.Leverage {
		return
	}
	s.cash.Leverage[leverageKey(o)] = o.Leverage
	s.dirty[walletKey] = true
	for _, p := range s.places() {
		if p.product == o.Product && p.symbol == o.Symbol {
			h := s.holdings[p]
			h.Position.Leverage = o.Leverage
			s.hold(p, h)
		}
	}
}

// meet fills a resting order as far as the market reaches it, at its own price.
func (x *Exchange) meet(s *state, r record, now time.Time) {
	o := r.Order
	i, known := x.instrument(placeOf(o))
	q, ok := x.quote(placeOf(o))
	if !known || !ok {
		return
	}
	left := o.Open()
	if closing(o) {
		left = s.reducible(o)
	}
	var met trading.Qty
	for price, size := range x.cfg.Market.Depth(q, o.Side, levels) {
		if !reaches(o, price) || !met.Less(left) {
			break
		}
		met = met.Add(size).Min(left)
	}
	if met.IsZero() {
		return
	}
	s.fill(request{order: o, instrument: i, quote: q}, &r, slice{price: o.Price, qty: met, fee: i.MakerFee, maker: true}, now)
	if r.Order.Filled.Equal(o.Qty) {
		r.end(trading.OrderFilled, "", now)
	} else {
		r.end(trading.OrderPartiallyFilled, "", now)
	}
	s.keep(r)
	s.tell(r, false)
	s.sweep(now)
}

// sweep cancels resting orders that can only reduce and have nothing left to reduce.
func (s *state) sweep(now time.Time) {
	for _, r := range slices.Clone(s.resting) {
		if closing(r.Order) && s.reducible(r.Order).IsZero() {
			r.end(trading.OrderCanceled, "no position left to reduce", now)
			s.keep(r)
			s.tell(r, false)
		}
	}
}
