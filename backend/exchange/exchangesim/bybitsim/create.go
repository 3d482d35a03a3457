package bybitsim

import (
	"regexp"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

var linkRule = regexp.MustCompile(`^[A-Za-z0-9_-]{1,36}$`)

// create places an order, or says why not. Accepted is all that the answer means.
func (s *Server) create(c *call) answer {
	r, a, bad := s.request(c)
	if bad {
		return a
	}
	r = r.Script(c.fault)
	held := r.Hold
	r.Hold = r.Hold || s.o.Async
	o, why := s.core.Place(r)
	if why != nil {
		return refused(why, r)
	}
	if s.o.Async && !held {
		c.after = append(c.after, func() { s.core.Release(o.ID) })
	}
	return ok(object{"orderId": o.ID, "orderLinkId": o.Link})
}

// request reads what an order is to be.
func (s *Server) request(c *call) (exchangesim.Request, answer, bool) {
	if a, bad := categorized(c); bad {
		return exchangesim.Request{}, a, true
	}
	at, right := slot(c.text("positionIdx"))
	r := exchangesim.Request{
		Link: c.text("orderLinkId"), Product: c.product(), Symbol: c.text("symbol"), Slot: at, Side: trading.Buy, Kind: exchangesim.Market,
		ReduceOnly: c.text("reduceOnly") == "true",
	}
	if c.text("side") == "Sell" {
		r.Side = trading.Sell
	}
	if c.text("orderType") == "Limit" {
		r.Kind = exchangesim.Limit
	}
	wrong := ""
	switch {
	case r.Link != "" && !linkRule.MatchString(r.Link):
		wrong = "orderLinkId is illegal"
	case c.text("side") != "Buy" && c.text("side") != "Sell":
		wrong = "side invalid"
	case c.text("orderType") != "Market" && c.text("orderType") != "Limit":
		wrong = "orderType invalid"
	case !right:
		wrong = "positionIdx invalid"
	case r.ReduceOnly && (c.has("takeProfit") || c.has("stopLoss")):
		wrong = "TP/SL is not supported with reduce-only"
	}
	if wrong != "" {
		return r, no(10001, "params error: "+wrong), true
	}
	for _, read := range []func(*call, *exchangesim.Request) string{readTIF, readNumbers, s.readQty, s.readTrigger} {
		if wrong := read(c, &r); wrong != "" {
			return r, no(10001, "params error: "+wrong), true
		}
	}
	return r, answer{}, false
}

func readTIF(c *call, r *exchangesim.Request) string {
	words := map[string]exchangesim.TIF{"": exchangesim.GTC, "GTC": exchangesim.GTC, "IOC": exchangesim.IOC, "FOK": exchangesim.FOK, "PostOnly": exchangesim.PostOnly}
	tif, known := words[c.text("timeInForce")]
	if !known {
		return "timeInForce invalid"
	}
	r.TIF = tif
	return ""
}

// readNumbers reads limit, trigger and attached protection.
func readNumbers(c *call, r *exchangesim.Request) string {
	for name, field := range map[string]*trading.Price{
		"price": &r.Price, "triggerPrice": &r.Trigger, "takeProfit": &r.TakeProfit, "stopLoss": &r.StopLoss, "tpLimitPrice": &r.TakeProfitLimit,
		"slLimitPrice": &r.StopLossLimit,
	} {
		if !c.has(name) {
			continue
		}
		p, err := trading.ParsePrice(c.text(name))
		if err != nil {
			return name + " invalid"
		}
		*field = p
	}
	r.PartialGuard = c.text("tpslMode") == "Partial"
	limited := r.TakeProfitLimit.IsPositive() || r.StopLossLimit.IsPositive() || c.text("tpOrderType") == "Limit" || c.text("slOrderType") == "Limit"
	switch {
	case r.Product == trading.Linear && limited && !r.PartialGuard:
		return "tpslMode Full supports market TP/SL only"
	case r.Product == trading.Spot && r.Kind == exchangesim.Market && (r.TakeProfit.IsPositive() || r.StopLoss.IsPositive()):
		return "TP/SL is supported on spot limit orders only"
	}
	return ""
}

// readQty reads the quantity: of linear and of a limit order in base, of a spot market buy in quote unless it says otherwise.
func (s *Server) readQty(c *call, r *exchangesim.Request) string {
	qty, err := trading.ParseQty(c.text("qty"))
	if err != nil || qty.IsNegative() {
		return "qty invalid"
	}
	unit := c.text("marketUnit")
	if unit == "" && r.Side == trading.Buy {
		unit = "quoteCoin"
	}
	switch {
	case unit != "" && unit != "quoteCoin" && unit != "baseCoin":
		return "marketUnit invalid"
	case r.Product == trading.Spot && r.Kind == exchangesim.Market && unit == "quoteCoin":
		r.QuoteQty = trading.AsMoney(qty)
	case r.Product == trading.Linear && qty.IsZero() && r.ReduceOnly && c.text("closeOnTrigger") == "true":
		r.Qty = s.core.Position(r.Symbol, r.Slot).Size()
		if c.has("triggerPrice") {
			r.ClosePosition = true
		}
		if i, known := s.core.Instrument(r.Product, r.Symbol); known && i.MaxQty.IsPositive() {
			r.Qty = r.Qty.Min(i.MaxQty)
		}
	default:
		r.Qty = qty
	}
	return ""
}

// readTrigger makes a conditional order of one with a trigger. Linear says in which direction the price must go; spot
// means the one in which the trigger lies.
func (s *Server) readTrigger(c *call, r *exchangesim.Request) string {
	filter := c.text("orderFilter")
	if !r.Trigger.IsPositive() {
		if filter == "tpslOrder" || filter == "StopOrder" {
			return "triggerPrice is required"
		}
		return ""
	}
	rises := c.text("triggerDirection") == "1"
	switch {
	case r.Product == trading.Linear && !rises && c.text("triggerDirection") != "2":
		return "triggerDirection invalid"
	case r.Product == trading.Spot && filter != "tpslOrder" && filter != "StopOrder":
		return "triggerPrice needs orderFilter tpslOrder or StopOrder"
	case r.Product == trading.Spot:
		_, _, mark, _ := s.core.Quote(r.Product, r.Symbol)
		rises, r.LockLater = r.Trigger.More(mark), filter == "StopOrder"
	}
	stop := rises == (r.Side == trading.Buy)
	switch limited := r.Kind == exchangesim.Limit; {
	case stop && limited:
		r.Kind = exchangesim.StopLimit
	case stop:
		r.Kind = exchangesim.StopMarket
	case limited:
		r.Kind = exchangesim.TargetLimit
	default:
		r.Kind = exchangesim.TargetMarket
	}
	return ""
}
