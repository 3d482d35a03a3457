package bybitsim

import (
	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// named tells whether a request names an order.
func named(c *call) (answer, bool) {
	if a, bad := categorized(c); bad {
		return a, true
	}
	if !c.has("orderId") && !c.has("orderLinkId") || !c.has("symbol") {
		return no(10001, "params error: symbol and orderId or orderLinkId are required"), true
	}
	return answer{}, false
}

func (s *Server) cancel(c *call) answer {
	if a, bad := named(c); bad {
		return a
	}
	product, symbol, id, link := c.product(), c.text("symbol"), c.text("orderId"), c.text("orderLinkId")
	if id != "" {
		link = ""
	}
	if c.fault.FillFirst {
		return s.outrun(product, symbol, id, link)
	}
	o, why := s.core.Cancel(product, symbol, id, link)
	if why != nil {
		return gone(why, o, product)
	}
	return ok(object{"orderId": o.ID, "orderLinkId": o.Link})
}

// outrun acknowledges a cancel that comes too late: the order fills, and is told filled a second time.
func (s *Server) outrun(product trading.Product, symbol, id, link string) answer {
	o, found := s.core.Find(product, symbol, id, link)
	if !found || !s.core.Execute(o.ID, trading.Qty{}) {
		return gone(&exchangesim.Refusal{Why: exchangesim.NotFound}, o, product)
	}
	o, _ = s.core.Find(product, symbol, o.ID, "")
	row := s.orderRow(o)
	row["cancelType"], row["rejectReason"] = "CancelByUser", "EC_OrigClOrdIDDoesNotExist"
	s.publish("order", string(product), row)
	return ok(object{"orderId": o.ID, "orderLinkId": o.Link})
}

// cancelAll cancels every linear order that fits; of spot, without a filter, only those that are not conditional.
func (s *Server) cancelAll(c *call) answer {
	if a, bad := categorized(c); bad {
		return a
	}
	product := c.product()
	if product == trading.Linear && !c.has("symbol") && !c.has("baseCoin") && !c.has("settleCoin") {
		return no(10001, "params error: symbol, baseCoin or settleCoin is required")
	}
	list := []any{}
	for _, o := range s.core.CancelWhere(func(o exchangesim.Order) bool {
		i, _ := s.instrumentOf(o)
		return o.Product == product && (!c.has("symbol") || c.text("symbol") == o.Symbol) && (!c.has("baseCoin") || i.Base == c.text("baseCoin")) &&
			(!c.has("settleCoin") || i.Quote == c.text("settleCoin")) && filtered(c.text("orderFilter"), c.text("stopOrderType"), o)
	}) {
		list = append(list, object{"orderId": o.ID, "orderLinkId": o.Link})
	}
	return ok(object{"list": list, "success": "1"})
}

// filtered tells whether an order is of the kind that a filter names.
func filtered(filter, stopType string, o exchangesim.Order) bool {
	waits := o.Kind.Conditional() && o.Status == exchangesim.Untriggered
	if stopType != "" && stopType != stopTypeOf(o) {
		return false
	}
	switch filter {
	case "Order":
		return !waits
	case "StopOrder":
		return waits && (o.Product == trading.Linear || o.LockLater)
	case "tpslOrder":
		return waits && (o.Product == trading.Linear && o.Guarding() || o.Product == trading.Spot && !o.LockLater)
	default:
		return o.Product == trading.Linear || !waits
	}
}

func (s *Server) amend(c *call) answer {
	if a, bad := named(c); bad {
		return a
	}
	link := c.text("orderLinkId")
	if c.has("orderId") {
		link = ""
	}
	o, found := s.core.Find(c.product(), c.text("symbol"), c.text("orderId"), link)
	if !found {
		return gone(&exchangesim.Refusal{Why: exchangesim.NotFound}, o, c.product())
	}
	var a exchangesim.Amendment
	for name, field := range map[string]*trading.Price{"price": &a.Price, "triggerPrice": &a.Trigger, "takeProfit": &a.TakeProfit, "stopLoss": &a.StopLoss} {
		if c.has(name) {
			p, err := trading.ParsePrice(c.text(name))
			if err != nil {
				return no(10001, "params error: "+name+" invalid")
			}
			*field = p
		}
	}
	if c.has("qty") {
		qty, err := trading.ParseQty(c.text("qty"))
		if err != nil {
			return no(10001, "params error: qty invalid")
		}
		a.Qty = qty
	}
	o, why := s.core.AmendTo(o.ID, a)
	switch {
	case why == nil:
		return ok(object{"orderId": o.ID, "orderLinkId": o.Link})
	case why.Why == exchangesim.NotFound || why.Why == exchangesim.AlreadyEnded:
		return gone(why, o, c.product())
	case why.Why == exchangesim.NotModified:
		return no(10001, "The order remains unchanged as the parameters entered match the existing ones.")
	default:
		return refused(why, o.Request)
	}
}
