package mexcsim

import (
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/ledger"
	"hoox/backend/trading"
)

// life is one position from its first fill to its last, read from the fills alone, so that a façade that is started again
// tells the same.
type life struct {
	trading.Position
	id    int64
	long  bool
	fills int
	fees  trading.Money
	// opened and closed are what was traded to build it up and to take it down.
	opened, closed         trading.Qty
	openedCost, closedCost trading.Money
	begun, moved, over     time.Time
	// last is the id of the newest fill in it.
	last string
}

// lives are all positions there ever were, oldest first; those that still are have no end.
func (s *Futures) lives() []*life { return s.livesUntil(0) }

// livesUntil is the same as it was after the fill of a number; 0 is now.
func (s *Futures) livesUntil(seq int) []*life {
	var list []*life
	now := map[trading.InstrumentKey]map[trading.Slot]*life{}
	for n, x := range s.core.Fills() {
		if x.Product != trading.Linear || seq > 0 && x.Seq > seq {
			continue
		}
		key := trading.InstrumentKey{Product: x.Product, Symbol: x.Symbol}
		if now[key] == nil {
			now[key] = map[trading.Slot]*life{}
		}
		at := now[key][x.Slot]
		if at == nil {
			at = begin(n, x, trading.Position{})
			list = append(list, at)
		}
		at = at.grow(n, x, &list)
		now[key][x.Slot] = at
	}
	return list
}

func begin(n int, x exchangesim.Execution, p trading.Position) *life {
	p.Product, p.Symbol, p.Slot, p.OpenedAt = x.Product, x.Symbol, x.Slot, x.At
	return &life{Position: p, long: x.Side == trading.Buy, id: firstPosition + 2*int64(n), begun: x.At}
}

// grow takes a fill into a life and gives the life that goes on: none when it ended, another when the fill went through zero.
func (at *life) grow(n int, x exchangesim.Execution, list *[]*life) *life {
	before := at.Size()
	next, realized := ledger.Apply(at.Position, trading.Fill{Product: x.Product, Symbol: x.Symbol, Slot: x.Slot, Side: x.Side, Qty: x.Qty, Price: x.Price, At: x.At})
	at.fills, at.fees, at.moved, at.last = at.fills+1, at.fees.Add(x.Fee), x.At, x.ID
	at.Realized = at.Realized.Add(realized)
	if adds := (x.Side == trading.Buy) == at.long; adds {
		at.opened, at.openedCost = at.opened.Add(x.Qty), at.openedCost.Add(trading.Notional(x.Price, x.Qty))
		at.Qty, at.Cost = next.Qty, next.Cost
		return at
	}
	gone := x.Qty.Min(before)
	at.closed, at.closedCost = at.closed.Add(gone), at.closedCost.Add(trading.Notional(x.Price, gone))
	if gone.Equal(before) {
		at.Qty, at.Cost, at.over = trading.Qty{}, trading.Money{}, x.At
		if next.Qty.IsZero() {
			return nil
		}
		turned := begin(n, x, next)
		turned.fills, turned.moved, turned.last = 1, x.At, x.ID
		turned.opened, turned.openedCost = next.Size(), next.Cost
		*list = append(*list, turned)
		return turned
	}
	at.Qty, at.Cost = next.Qty, next.Cost
	return at
}

// firstPosition is where the numbers of positions begin: more than a float can tell apart.
const firstPosition = 1_109_973_831_000_000_001

// held is the position that is open in a direction of a symbol.
func (s *Futures) held(symbol string, long bool) (*life, bool) {
	list := s.lives()
	for n := len(list) - 1; n >= 0; n-- {
		if l := list[n]; l.Symbol == symbol && l.long == long && l.over.IsZero() {
			return l, true
		}
	}
	return nil, false
}

// heldBy is the open position with an id.
func (s *Futures) heldBy(id string) (*life, bool) {
	for _, l := range s.lives() {
		if l.over.IsZero() && itoa(l.id) == id {
			return l, true
		}
	}
	return nil, false
}
