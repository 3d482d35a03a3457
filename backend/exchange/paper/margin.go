package paper

import (
	"strconv"
	"time"

	"hoox/backend/trading"
)

// liquidated tells whether a position's margin and open profit no longer cover the maintenance.
func liquidated(i trading.Instrument, p trading.Position, mark trading.Price) bool {
	if p.Product == trading.Spot || p.Qty.IsZero() {
		return false
	}
	return !margin(p).Add(p.Unrealized(mark)).More(p.Cost.Times(i.Maintenance))
}

// liquidationPrice is the first tick at which the position is liquidated, zero for spot.
func liquidationPrice(i trading.Instrument, p trading.Position) trading.Price {
	if p.Product == trading.Spot || p.Qty.IsZero() {
		return trading.Price{}
	}
	// How far the worth may move against the position.
	room := margin(p).Sub(p.Cost.Times(i.Maintenance))
	if p.Qty.IsNegative() {
		return trading.UnitPrice(p.Cost.Add(room), p.Size()).Ceil(i.TickSize)
	}
	return trading.UnitPrice(p.Cost.Sub(room), p.Size()).Floor(i.TickSize)
}

// bankruptPrice is the price at which the margin is gone, rounded so that no more than it is lost.
func bankruptPrice(i trading.Instrument, p trading.Position) trading.Price {
	if p.Qty.IsNegative() {
		return trading.UnitPrice(p.Cost.Add(margin(p)), p.Size()).Floor(i.TickSize)
	}
	return trading.UnitPrice(p.Cost.Sub(margin(p)), p.Size()).Ceil(i.TickSize).Max(i.TickSize)
}

// liquidate lets the exchange take the position over at the bankrupt price: the margin is lost, and no fee on top.
func (x *Exchange) liquidate(s *state, at place, req request, now time.Time) {
	h := s.holdings[at]
	r := x.child(s, at, h.Opener, liquidationSuffix, trading.Liquidation, h.Position.Size(), now)
	r.Order.Price = bankruptPrice(req.instrument, h.Position)
	s.fill(req, &r, slice{price: r.Order.Price, qty: r.Order.Qty}, now)
	x.finish(s, r, now)
}

// fundingEvery is the time between two settlements, at 00:00, 08:00 and 16:00 UTC.
const fundingEvery = 8 * time.Hour

// fund settles the funding times that have passed: the rate on the worth at mark, from long to short when it is
// positive. A time that passed while nobody watched is settled at the mark of now; a position opened since owes nothing.
func (x *Exchange) fund(s *state, rate trading.Ratio, now time.Time) {
	last := now.UTC().Truncate(fundingEvery)
	for at := s.cash.Funded.UTC().Truncate(fundingEvery).Add(fundingEvery); !at.After(last); at = at.Add(fundingEvery) {
		if !s.heldLinear() {
			at = last
		}
		if !x.priced(s) {
			return
		}
		for _, p := range s.places() {
			if p.product == trading.Linear && !rate.IsZero() {
				x.settle(s, p, rate, at, now)
			}
		}
		s.cash.Funded = at
		s.dirty[walletKey] = true
	}
}

// priced tells whether every perpetual that is held has a price; without one there is nothing to settle by, and funding
// waits.
func (x *Exchange) priced(s *state) bool {
	for p := range s.holdings {
		if _, ok := x.quote(p); p.product == trading.Linear && !ok {
			return false
		}
	}
	return true
}

func (s *state) heldLinear() bool {
	for p := range s.holdings {
		if p.product == trading.Linear {
			return true
		}
	}
	return false
}

func (x *Exchange) settle(s *state, p place, rate trading.Ratio, at, now time.Time) {
	h := s.holdings[p].Position
	q, ok := x.quote(p)
	if !ok || h.OpenedAt.After(at) {
		return
	}
	amount := trading.Notional(q.Mark, h.Size()).Times(rate)
	if h.Qty.IsPositive() {
		amount = amount.Neg()
	}
	id := "funding:" + string(x.cfg.Account) + ":" + p.symbol + ":" + strconv.FormatInt(at.Unix(), 10)
	if p.slot != trading.SlotBoth {
		id += ":" + string(p.slot)
	}
	s.cash.Balance = s.cash.Balance.Add(amount)
	s.announce(news{Cash: &trading.Cash{
		ID: id, Account: x.cfg.Account, Kind: trading.CashFunding, Asset: x.cfg.Asset, Amount: amount, Symbol: p.symbol, At: now,
	}})
}
