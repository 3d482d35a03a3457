package mexcsim

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// day is the shorter of the two lives of a plan order.
const day = 24 * time.Hour

// placePlan places a trigger order, which has no client order id.
func (s *Futures) placePlan(c *call) answer {
	a := asked(c.object)
	r, how, bad, wrong := s.order(a)
	if wrong {
		return bad
	}
	trigger, ok := a.price("triggerPrice")
	above, cycle, trend := a.whole("triggerType"), a.whole("executeCycle"), a.whole("trend")
	switch {
	case above != 1 && above != 2:
		return no(3001, "Trigger price type error")
	case !ok || !trigger.IsPositive():
		return no(3004, "Trigger price error")
	case cycle != 1 && cycle != 2:
		return no(3003, "Execution cycle error")
	case trend < 1 || trend > 3:
		return no(3002, "Trigger price benchmark error")
	case !s.kind(&r, a.whole("orderType")):
		return no(2029, "Order type error")
	case r.Kind == exchangesim.Limit && !r.Price.IsPositive():
		return no(2007, "The order price error")
	case how.code != 0:
		return no(2022, "Position mode error")
	}
	// A buy above the market and a sell below it stop; the other way round they take profit.
	stops := (above == 1) == (r.Side == trading.Buy)
	switch {
	case stops && r.Kind == exchangesim.Limit:
		r.Kind = exchangesim.StopLimit
	case stops:
		r.Kind = exchangesim.StopMarket
	case r.Kind == exchangesim.Limit:
		r.Kind = exchangesim.TargetLimit
	default:
		r.Kind = exchangesim.TargetMarket
	}
	r.Trigger, r.Algo, r.PartialGuard = trigger, true, true
	r.TakeProfit, _ = a.price("takeProfitPrice")
	r.StopLoss, _ = a.price("stopLossPrice")
	how.plan, how.above, how.trend, how.life = a.whole("orderType"), above, trend, day
	if cycle == 2 {
		how.life = 7 * day
	}
	o, refused := s.put(r.Script(c.fault), how)
	if refused != nil {
		return refusal(refused, r.Side)
	}
	return good(o.ID)
}

// isPlan tells whether an order is a trigger order.
func isPlan(o exchangesim.Order) bool { return o.Algo && !o.Guarding() }

// expirePlans ends trigger orders that have lived their time.
func (s *Futures) expirePlans() {
	for _, o := range s.core.OpenOrders(trading.Linear, "") {
		if isPlan(o) && s.now().Sub(o.CreatedAt) >= s.howSent(o).life {
			s.core.Cancel(trading.Linear, o.Symbol, o.ID, "")
		}
	}
}

// planState is 1 untriggered, 2 cancelled, 3 executed, 4 expired, 5 failed.
func (s *Futures) planState(o exchangesim.Order) int {
	switch {
	case o.Status == exchangesim.Untriggered:
		return 1
	case o.Status == exchangesim.Triggered && o.Actual != "":
		return 3
	case o.Status == exchangesim.Canceled && o.UpdatedAt.Sub(o.CreatedAt) >= s.howSent(o).life:
		return 4
	case o.Status == exchangesim.Canceled && o.TriggeredAt.IsZero():
		return 2
	}
	return 5
}

func (s *Futures) planRow(o exchangesim.Order) map[string]any {
	how := s.howSent(o)
	cycle := 1
	if how.life > day {
		cycle = 2
	}
	return map[string]any{
		"id": o.ID, "symbol": o.Symbol, "leverage": how.leverage, "side": how.side, "triggerPrice": figure(o.Trigger), "price": figure(o.Price),
		"vol": s.vol(o.Symbol, o.Qty), "openType": how.openType, "triggerType": how.above, "state": s.planState(o), "executeCycle": cycle, "trend": how.trend,
		"errorCode": how.code, "orderId": o.Actual, "orderType": how.plan, "createTime": o.CreatedAt.UnixMilli(), "updateTime": o.UpdatedAt.UnixMilli(),
		"positionMode": how.mode, "reduceOnly": how.reduceOnly, "stopLossPrice": figure(o.StopLoss), "takeProfitPrice": figure(o.TakeProfit),
	}
}

func (s *Futures) plans(c *call) answer {
	list := []any{}
	for _, name := range []string{"start_time", "end_time"} {
		if c.query.Get(name) == "" {
			return no(600, "Parameter error: "+name)
		}
	}
	states := strings.Split(c.query.Get("states"), ",")
	for _, o := range s.shown(c.query.Get("symbol")) {
		if !isPlan(o) || !within(c, o.CreatedAt.UnixMilli(), "start_time", "end_time") {
			continue
		}
		if c.query.Get("states") == "" || slices.Contains(states, strconv.Itoa(s.planState(o))) {
			list = append(list, s.planRow(o))
		}
	}
	return good(paged(c, list))
}

func (s *Futures) cancelPlans(c *call) answer {
	if len(c.list) == 0 || len(c.list) > 50 {
		return no(600, "Parameter error")
	}
	for _, item := range c.list {
		a, _ := item.(map[string]any)
		o, ok := s.core.FindAlgo(trading.Linear, asked(a).text("symbol"), asked(a).text("orderId"), "")
		switch {
		case !ok || !isPlan(o):
			return no(2040, "order not exist")
		case !o.Status.Open():
			return no(2041, "order can not be cancelled")
		}
		if _, refused := s.core.Cancel(trading.Linear, o.Symbol, o.ID, ""); refused != nil {
			return no(2041, "order can not be cancelled")
		}
	}
	return good(nil)
}
