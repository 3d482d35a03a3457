package mexcsim

import (
	"encoding/json"
	"slices"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// guardOrder is one record of the list of position stops: a stop loss, a target, or both, of which one ends the other.
type guardOrder struct {
	id   string
	legs []exchangesim.Order
}

func isGuard(o exchangesim.Order) bool { return o.Product == trading.Linear && o.Guarding() }

func isTarget(o exchangesim.Order) bool {
	return o.Kind == exchangesim.TargetMarket || o.Kind == exchangesim.TargetLimit
}

// guards are all records there ever were, newest first.
func (s *Futures) guards(symbol string) []guardOrder {
	var list []guardOrder
	at := map[string]int{}
	for _, o := range s.core.Shown(trading.Linear, symbol) {
		if !isGuard(o) {
			continue
		}
		key := textOr(o.Group, o.ID)
		n, known := at[key]
		if !known {
			n = len(list)
			at[key] = n
			list = append(list, guardOrder{id: s.alias(o.ID)})
		}
		list[n].legs = append(list[n].legs, o)
	}
	slices.Reverse(list)
	return list
}

// guardOf is the record that an order belongs to; of the order itself it takes the state that is given.
func (s *Futures) guardOf(o exchangesim.Order) guardOrder {
	for _, g := range s.guards(o.Symbol) {
		for n := range g.legs {
			if g.legs[n].ID == o.ID {
				g.legs[n] = o
				return g
			}
		}
	}
	return guardOrder{s.alias(o.ID), []exchangesim.Order{o}}
}

// guardByID is the newest record with an id: one that was rebuilt keeps it.
func (s *Futures) guardByID(id string) (guardOrder, bool) {
	for _, g := range s.guards("") {
		if g.id == id {
			return g, true
		}
	}
	return guardOrder{}, false
}

func (s *Futures) alias(id string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return textOr(s.renamed[id], id)
}

// open tells whether the record still watches.
func (g guardOrder) open() bool {
	return slices.ContainsFunc(g.legs, func(o exchangesim.Order) bool { return o.Status == exchangesim.Untriggered })
}

// whole tells whether the record is for all of the position, however large it becomes.
func (s *Futures) whole(o exchangesim.Order) bool {
	i, _ := s.core.Instrument(trading.Linear, o.Symbol)
	return isGuard(o) && (o.ClosePosition || o.Qty.Equal(i.MaxQty))
}

// quantity is the quantity of an order; of one for the whole position, what that is or was.
func (s *Futures) quantity(o exchangesim.Order) trading.Qty {
	switch {
	case !s.whole(o):
		return o.Qty
	case o.Filled.IsPositive():
		return o.Filled
	}
	return s.core.Position(o.Symbol, o.Slot).Size()
}

func (s *Futures) guardRow(g guardOrder) map[string]any {
	first := g.legs[0]
	state, side, placed, updated := 2, 0, "", first.UpdatedAt
	stop, target := trading.Price{}, trading.Price{}
	for _, o := range g.legs {
		if isTarget(o) {
			target = o.Trigger
		} else {
			stop = o.Trigger
		}
		if o.UpdatedAt.After(updated) {
			updated = o.UpdatedAt
		}
		if !o.TriggeredAt.IsZero() || o.Filled.IsPositive() {
			state, side, placed = 3, 2, o.ID
			if isTarget(o) {
				side = 1
			}
		}
	}
	if g.open() {
		state = 1
	}
	kind, volType := 1, 1
	if first.Side == trading.Buy {
		kind = 2
	}
	if s.whole(first) {
		volType = 2
	}
	position := json.Number("0")
	for _, l := range s.lives() {
		if l.Symbol == first.Symbol && l.Slot == first.Slot && !l.begun.After(first.CreatedAt) {
			position = json.Number(itoa(l.id))
		}
	}
	vol := s.vol(first.Symbol, s.quantity(first))
	return map[string]any{
		"id": g.id, "orderId": s.parentID(first), "symbol": first.Symbol, "positionId": position, "lossTrend": 1, "profitTrend": 1,
		"stopLossPrice": figure(stop), "takeProfitPrice": figure(target), "state": state, "triggerSide": side, "positionType": kind, "vol": vol,
		"takeProfitVol": vol, "stopLossVol": vol, "realityVol": vol, "placeOrderId": placed, "errorCode": 0, "volType": volType, "takeProfitReverse": 2,
		"stopLossReverse": 2, "isFinished": 1 - boolean(state == 1), "version": len(g.legs), "createTime": first.CreatedAt.UnixMilli(), "updateTime": updated.UnixMilli(),
	}
}

func boolean(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// parentID is the id of the order that a record came with, "0" for one that was placed by itself.
func (s *Futures) parentID(o exchangesim.Order) string {
	if parent, ok := s.core.Find(trading.Linear, o.Symbol, "", o.Parent); ok && o.Parent != "" {
		return parent.ID
	}
	return "0"
}

// placeGuard adds a record to a position, beside those that it has.
func (s *Futures) placeGuard(c *call) answer {
	a := asked(c.object)
	l, ok := s.heldBy(a.text("positionId"))
	stop, ok1 := a.price("stopLossPrice")
	target, ok2 := a.price("takeProfitPrice")
	volType := max(a.whole("volType"), 1)
	switch {
	case !ok:
		return no(2009, "Position is nonexistent or closed")
	case !ok1 || !ok2 || volType > 2:
		return no(600, "Parameter error")
	case stop.IsZero() && target.IsZero():
		return no(5001, "The take-profit price and the stop-loss price cannot be none at the same time")
	case stop.IsPositive() && a.whole("stopLossReverse") != 2, target.IsPositive() && a.whole("takeProfitReverse") != 2:
		return no(600, "Parameter error: reversing the position is not simulated, send stopLossReverse and takeProfitReverse 2")
	}
	i, _ := s.core.Instrument(trading.Linear, l.Symbol)
	qty := i.MaxQty
	if qty.IsZero() {
		qty = l.Size()
	}
	if volType == 1 {
		vol, err := trading.ParseQty(a.text("vol"))
		qty = s.base(l.Symbol, vol)
		if err != nil || !vol.IsPositive() || qty.More(l.Size()) {
			return no(2008, "The quantity is not enough to close")
		}
	}
	id, refused := s.guard(l.Symbol, l.Slot, exchangesim.Guard{StopLoss: stop, TakeProfit: target, Partial: true, Qty: qty})
	if refused != nil {
		return refusal(refused, trading.Buy)
	}
	return good(id)
}

// guard adds a record and gives its id.
func (s *Futures) guard(symbol string, slot trading.Slot, g exchangesim.Guard) (string, *exchangesim.Refusal) {
	s.guarding.Lock()
	defer s.guarding.Unlock()
	before := len(s.core.Orders())
	if refused := s.core.Protect(symbol, slot, g); refused != nil {
		return "", refused
	}
	for _, o := range s.core.Orders()[before:] {
		if isGuard(o) && o.Symbol == symbol && o.Slot == slot {
			return o.ID, nil
		}
	}
	return "", nil
}

func (s *Futures) cancelGuard(g guardOrder) {
	for _, o := range g.legs {
		if o.Status == exchangesim.Untriggered {
			s.core.Cancel(trading.Linear, o.Symbol, o.ID, "")
		}
	}
}

func (s *Futures) cancelGuards(c *call) answer {
	if len(c.list) == 0 {
		return no(600, "Parameter error")
	}
	for _, item := range c.list {
		a, _ := item.(map[string]any)
		g, ok := s.guardByID(textOr(asked(a).text("stopPlanOrderId"), asked(a).text("id")))
		if !ok || !g.open() {
			return no(5002, "The stop-limit order does not exist or has closed")
		}
		s.cancelGuard(g)
	}
	return good(nil)
}

func (s *Futures) cancelAllGuards(c *call) answer {
	a := asked(c.object)
	for _, g := range s.guards(a.text("symbol")) {
		if id := a.text("positionId"); g.open() && (id == "" || id == "0" || id == string(s.guardRow(g)["positionId"].(json.Number))) {
			s.cancelGuard(g)
		}
	}
	return good(nil)
}

// changeGuard gives a record other prices; one that is left out or 0 is taken away. The record keeps its id.
func (s *Futures) changeGuard(c *call) answer {
	a := asked(c.object)
	g, ok := s.guardByID(a.text("stopPlanOrderId"))
	stop, ok1 := a.price("stopLossPrice")
	target, ok2 := a.price("takeProfitPrice")
	switch {
	case !ok || !g.open():
		return no(5002, "The stop-limit order does not exist or has closed")
	case !ok1 || !ok2:
		return no(600, "Parameter error")
	case stop.IsZero() && target.IsZero():
		s.cancelGuard(g)
		return good(nil)
	}
	same := len(g.legs) == boolean(stop.IsPositive())+boolean(target.IsPositive())
	for _, o := range g.legs {
		same = same && (isTarget(o) && target.IsPositive() || !isTarget(o) && stop.IsPositive())
	}
	first := g.legs[0]
	if !same {
		id, refused := s.guard(first.Symbol, first.Slot, exchangesim.Guard{StopLoss: stop, TakeProfit: target, Partial: true, Qty: first.Qty, Parent: first.Parent})
		if refused != nil {
			return refusal(refused, first.Side)
		}
		s.mu.Lock()
		s.renamed[id] = g.id
		s.mu.Unlock()
		s.cancelGuard(g)
		return good(nil)
	}
	for _, o := range g.legs {
		trigger := stop
		if isTarget(o) {
			trigger = target
		}
		if _, refused := s.core.AmendTo(o.ID, exchangesim.Amendment{Trigger: trigger}); refused != nil && refused.Why != exchangesim.NotModified {
			return refusal(refused, o.Side)
		}
	}
	return good(nil)
}

func (s *Futures) openGuards(c *call) answer {
	list := []any{}
	for _, g := range s.guards(c.query.Get("symbol")) {
		if g.open() {
			list = append(list, s.guardRow(g))
		}
	}
	return good(list)
}

func (s *Futures) allGuards(c *call) answer {
	list := []any{}
	for _, g := range s.guards(c.query.Get("symbol")) {
		finished := c.query.Get("is_finished")
		if (finished != "0" || g.open()) && (finished != "1" || !g.open()) && within(c, g.legs[0].CreatedAt.UnixMilli(), "start_time", "end_time") {
			list = append(list, s.guardRow(g))
		}
	}
	return good(paged(c, list))
}
