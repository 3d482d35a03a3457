package paper

import (
	"slices"
	"strconv"
	"time"

	"hoox/backend/trading"
)

// guard watches a position for the order that carried it: a stop, a trailing stop or one target.
type guard struct {
	origin
	// Suffix is what the id of the order it makes ends in.
	Suffix string
	// Price triggers; for a trailing stop it is the distance from Best.
	Price trading.Price
	Best  trading.Price
	// Kept is the Best that the book has.
	Kept trading.Price
	// Qty is what a target closes; a stop closes everything.
	Qty trading.Qty
}

// The suffixes of orders that the exchange makes itself.
const (
	stopSuffix        = ".s"
	trailSuffix       = ".r"
	targetSuffix      = ".t"
	liquidationSuffix = ".l"
)

// unguarded tells whether an order has a protection that is not on the position yet.
func (h *holding) unguarded(o trading.Order) bool {
	return !o.Protection.IsZero() && !slices.Contains(h.Guarded, o.ID)
}

// attach puts an order's protection on the position, once in its life; a target without a quantity is for all of the
// order. A stop replaces the stop that was there, since both would close everything; targets add up.
func (h *holding) attach(p trading.Protection, from origin, all trading.Qty, mark trading.Price) {
	if p.IsZero() || slices.Contains(h.Guarded, from.OrderID) {
		return
	}
	h.Guarded = append(slices.Clip(h.Guarded), from.OrderID)
	if p.StopLoss.IsPositive() {
		h.Stop = &guard{origin: from, Suffix: stopSuffix, Price: p.StopLoss}
	}
	if p.TrailingStop.IsPositive() {
		h.Trail = &guard{origin: from, Suffix: trailSuffix, Price: p.TrailingStop, Best: mark, Kept: mark}
	}
	targets := slices.Clone(h.Targets)
	for n, t := range p.TakeProfit {
		qty := t.Qty
		if qty.IsZero() {
			qty = all
		}
		targets = append(targets, guard{origin: from, Suffix: targetSuffix + strconv.Itoa(n+1), Price: t.Price, Qty: qty})
	}
	slices.SortStableFunc(targets, func(a, b guard) int {
		if h.Position.Direction() == trading.Short {
			return b.Price.Cmp(a.Price)
		}
		return a.Price.Cmp(b.Price)
	})
	h.Targets = targets
}

// trim cuts the farthest targets to what is left of the position and of the orders that still build it.
func (h *holding) trim(coming trading.Qty) {
	budget := h.Position.Size().Add(coming)
	kept := []guard{}
	for _, t := range h.Targets {
		t.Qty = t.Qty.Min(budget)
		budget = budget.Sub(t.Qty)
		if t.Qty.IsPositive() {
			kept = append(kept, t)
		}
	}
	h.Targets = kept
}

// unfilled is what resting orders among ids would still add.
func (s *state) unfilled(ids []trading.OrderID) trading.Qty {
	var sum trading.Qty
	for _, r := range s.resting {
		if slices.Contains(ids, r.Order.ID) {
			sum = sum.Add(r.Order.Open())
		}
	}
	return sum
}

// protection is what watches the position, each target no larger than what there is to close.
func (h holding) protection() trading.Protection {
	var p trading.Protection
	if h.Stop != nil {
		p.StopLoss = h.Stop.Price
	}
	if h.Trail != nil {
		p.TrailingStop = h.Trail.Price
	}
	left := h.Position.Size()
	for _, t := range h.Targets {
		qty := t.Qty.Min(left)
		left = left.Sub(qty)
		if qty.IsPositive() {
			p.TakeProfit = append(p.TakeProfit, trading.TakeProfitAt{Price: t.Price, Qty: qty})
		}
	}
	return p
}

// falls tells whether mark is at or past a level on the losing side of the position.
func (h holding) falls(mark, level trading.Price) bool {
	if h.Position.Direction() == trading.Short {
		return !mark.Less(level)
	}
	return !mark.More(level)
}

// trailLevel is where the trailing stop triggers now.
func (h holding) trailLevel() trading.Price {
	if h.Position.Direction() == trading.Short {
		return h.Trail.Best.Add(h.Trail.Price)
	}
	return h.Trail.Best.Sub(h.Trail.Price)
}

// follow moves the trailing stop after the best mark. The book is told only of every twentieth part of the distance: a
// rally must not write four times a second, and a crash may cost that much.
func (s *state) follow(at place, mark trading.Price) {
	h := s.holdings[at]
	if h.Trail == nil || h.falls(mark, h.Trail.Best) {
		return
	}
	moved := *h.Trail
	moved.Best = mark
	if far := moved.Price.Over(trading.RatioUnits(20, 0)); !mark.Sub(moved.Kept).Abs().Less(far) {
		moved.Kept = mark
		s.dirty[holdingKey(at)] = true
	}
	h.Trail = &moved
	s.holdings[at] = h
}

// guard looks at one position: is it liquidated, stopped, or at a target.
func (x *Exchange) guard(s *state, at place, set Settings, now time.Time) {
	i, known := x.instrument(at)
	q, ok := x.quote(at)
	if !known || !ok {
		return
	}
	s.follow(at, q.Mark)
	h := s.holdings[at]
	req := request{instrument: i, quote: q}
	switch {
	case liquidated(i, h.Position, q.Mark):
		x.liquidate(s, at, req, now)
	case h.Stop != nil && h.falls(q.Mark, h.Stop.Price):
		x.exit(s, at, req, *h.Stop, trading.StopOrder, set, now)
	case h.Trail != nil && h.falls(q.Mark, h.trailLevel()):
		x.exit(s, at, req, *h.Trail, trading.StopOrder, set, now)
	default:
		x.takeTargets(s, at, req, set, now)
	}
}

func (x *Exchange) takeTargets(s *state, at place, req request, set Settings, now time.Time) {
	for {
		h, held := s.holdings[at]
		if !held || len(h.Targets) == 0 {
			return
		}
		t := h.Targets[0]
		// A target is reached from the other side than a stop.
		if h.falls(req.quote.Mark, t.Price) && !req.quote.Mark.Equal(t.Price) {
			return
		}
		h.Targets = slices.Clone(h.Targets[1:])
		s.hold(at, h)
		x.exit(s, at, req, t, trading.TargetOrder, set, now)
	}
}

// exit makes the order of a triggered guard: reduce-only, at the market, whatever the market pays.
func (x *Exchange) exit(s *state, at place, req request, g guard, kind trading.OrderType, set Settings, now time.Time) {
	size := s.holdings[at].Position.Size()
	qty := size
	if kind == trading.TargetOrder {
		qty = g.Qty.Min(size)
	}
	r := x.child(s, at, g.origin, g.Suffix, kind, qty, now)
	req.order, req.limit = r.Order, qty
	parts := x.take(req, set.SlippageTicks)
	for _, part := range parts {
		s.fill(req, &r, part, now)
	}
	if left := qty.Sub(r.Order.Filled); left.IsPositive() {
		// Deeper than the book: a protection must not leave a rest, so the last price takes it.
		price := req.quote.Touch(r.Order.Side)
		if len(parts) > 0 {
			price = parts[len(parts)-1].price
		}
		s.fill(req, &r, slice{price: price, qty: left, fee: req.instrument.TakerFee}, now)
	}
	x.finish(s, r, now)
}

// child is the order that the exchange makes from another.
func (x *Exchange) child(s *state, at place, from origin, suffix string, kind trading.OrderType, qty trading.Qty, now time.Time) record {
	h := s.holdings[at]
	o := trading.Order{
		ID: childID(from, suffix), SignalID: from.SignalID, Leg: childLeg(from, suffix), Parent: from.OrderID,
		Account: x.cfg.Account, Product: at.product, Symbol: at.symbol, Slot: at.slot,
		Side: h.Position.Direction().Entry().Opposite(), Type: kind, ReduceOnly: true, ClosesAll: kind != trading.TargetOrder,
		Qty: qty, Leverage: h.Position.Leverage, MarginMode: trading.Isolated,
		ExchangeID: s.nextID(), CreatedAt: now, UpdatedAt: now,
	}
	return record{Order: o}
}

func (x *Exchange) finish(s *state, r record, now time.Time) {
	r.end(trading.OrderFilled, "", now)
	s.keep(r)
	s.tell(r, true)
	s.sweep(now)
}

// childID is the parent's id and the suffix, numbered when the parent had a position before.
func childID(from origin, suffix string) trading.OrderID {
	if from.Life > 1 {
		suffix += "-" + strconv.Itoa(from.Life)
	}
	return from.OrderID + trading.OrderID(suffix)
}

// childLeg keeps the legs of a signal distinct: a thousand for each leg of ours, a hundred for each of its positions.
func childLeg(from origin, suffix string) int {
	leg := 1000*(from.Leg+1) + 100*from.Life
	switch suffix {
	case stopSuffix:
		return leg
	case trailSuffix:
		return leg + 1
	case liquidationSuffix:
		return leg + 2
	}
	n, _ := strconv.Atoi(suffix[len(targetSuffix):])
	return leg + 2 + n
}
