package mexcsim

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// found answers with an order, or as MEXC does when there is none: success without data.
func (s *Futures) found(o exchangesim.Order, ok bool) answer {
	if !ok {
		return good(nil)
	}
	return good(s.orderRow(o))
}

func (s *Futures) byLink(c *call) answer {
	return s.found(s.core.Find(trading.Linear, c.PathValue("symbol"), "", c.PathValue("oid")))
}

func (s *Futures) byID(c *call) answer {
	o, ok := s.core.Find(trading.Linear, "", c.PathValue("id"), "")
	return s.found(o, ok && !s.aside(o))
}

func (s *Futures) byIDs(c *call) answer {
	list := []any{}
	for id := range strings.SplitSeq(c.query.Get("order_ids"), ",") {
		if o, ok := s.core.Find(trading.Linear, "", id, ""); ok && id != "" {
			list = append(list, s.orderRow(o))
		}
	}
	return good(list)
}

func (s *Futures) byLinks(c *call) answer {
	list := []any{}
	for _, item := range c.list {
		a, _ := item.(map[string]any)
		if o, ok := s.core.Find(trading.Linear, asked(a).text("symbol"), "", asked(a).text("externalOid")); ok {
			list = append(list, s.orderRow(o))
		}
	}
	return good(list)
}

// aside tells whether an order is a trigger or protection, which have lists of their own until they are orders.
func (s *Futures) aside(o exchangesim.Order) bool {
	return o.Kind.Conditional() && (o.Algo || o.TriggeredAt.IsZero())
}

// shown are the orders of a symbol that lists show by now, newest first.
func (s *Futures) shown(symbol string) []exchangesim.Order {
	var list []exchangesim.Order
	for _, o := range s.core.Orders() {
		if o.Product == trading.Linear && (symbol == "" || o.Symbol == symbol) && !s.now().Before(o.Shown) {
			list = append(list, o)
		}
	}
	slices.Reverse(list)
	return list
}

// paged is the page of a list that a request asks for.
func paged(c *call, list []any) []any {
	number, err1 := strconv.Atoi(c.query.Get("page_num"))
	size, err2 := strconv.Atoi(c.query.Get("page_size"))
	if err1 != nil || number < 1 {
		number = 1
	}
	if err2 != nil || size < 1 {
		size = 20
	}
	from := min((number-1)*min(size, 100), len(list))
	return list[from:min(from+min(size, 100), len(list))]
}

// within tells whether a time in milliseconds lies between two of the request's parameters.
func within(c *call, at int64, from, to string) bool {
	a, err1 := strconv.ParseInt(c.query.Get(from), 10, 64)
	b, err2 := strconv.ParseInt(c.query.Get(to), 10, 64)
	return (err1 != nil || at >= a) && (err2 != nil || at <= b)
}

func (s *Futures) openOrders(c *call) answer {
	list := []any{}
	for _, o := range s.shown(c.query.Get("symbol")) {
		if o.Working() && !s.aside(o) {
			list = append(list, s.orderRow(o))
		}
	}
	return good(paged(c, list))
}

func (s *Futures) pastOrders(c *call) answer {
	list := []any{}
	for _, o := range s.shown(c.query.Get("symbol")) {
		states := c.query.Get("states")
		if s.aside(o) || states != "" && !slices.Contains(strings.Split(states, ","), strconv.Itoa(stateCode(o))) {
			continue
		}
		if within(c, o.CreatedAt.UnixMilli(), "start_time", "end_time") {
			list = append(list, s.orderRow(o))
		}
	}
	return good(paged(c, list))
}

func (s *Futures) dealsOf(c *call) answer {
	list := []any{}
	for _, x := range s.visible() {
		if x.OrderID == c.PathValue("id") {
			list = append(list, s.dealRow(x, false))
		}
	}
	return good(list)
}

func (s *Futures) deals(c *call) answer {
	list := []any{}
	for _, x := range s.visible() {
		if (c.query.Get("symbol") == "" || x.Symbol == c.query.Get("symbol")) && within(c, x.At.UnixMilli(), "start_time", "end_time") {
			list = append(list, s.dealRow(x, false))
		}
	}
	return good(paged(c, list))
}

// visible are the fills of orders that lists show by now, newest first.
func (s *Futures) visible() []exchangesim.Execution {
	hidden := map[string]bool{}
	for _, o := range s.core.Orders() {
		hidden[o.ID] = s.now().Before(o.Shown)
	}
	list := slices.DeleteFunc(s.core.Fills(), func(x exchangesim.Execution) bool { return hidden[x.OrderID] || x.Product != trading.Linear })
	slices.Reverse(list)
	return list
}

// canceled is one line of a cancel's answer.
func (s *Futures) canceled(symbol, id, link string, f exchangesim.Fault) map[string]any {
	row := map[string]any{"errorCode": 0, "errorMsg": "success"}
	if link != "" {
		row["symbol"], row["externalOid"] = symbol, link
	} else {
		row["orderId"] = id
		if n, err := strconv.ParseInt(id, 10, 64); err == nil {
			row["orderId"] = json.Number(itoa(n))
		}
	}
	o, ok := s.core.Find(trading.Linear, symbol, id, link)
	if !ok || s.aside(o) {
		row["errorCode"], row["errorMsg"] = 2040, "order not exist"
		return row
	}
	if f.FillFirst {
		s.core.Execute(o.ID, trading.Qty{})
	}
	if _, refused := s.core.Cancel(trading.Linear, symbol, o.ID, ""); refused != nil {
		row["errorCode"], row["errorMsg"] = 2041, "order state cannot be cancelled"
	}
	return row
}

// cancelByLink takes one object; a list it does not understand.
func (s *Futures) cancelByLink(c *call) answer {
	a := asked(c.object)
	if a.text("symbol") == "" || a.text("externalOid") == "" {
		return no(600, "Parameter error")
	}
	return good(s.canceled(a.text("symbol"), "", a.text("externalOid"), c.fault))
}

func (s *Futures) cancelByLinks(c *call) answer {
	if c.list == nil {
		return no(600, "Parameter error")
	}
	list := []any{}
	for _, item := range c.list {
		a, _ := item.(map[string]any)
		list = append(list, s.canceled(asked(a).text("symbol"), "", asked(a).text("externalOid"), c.fault))
	}
	return good(list)
}

func (s *Futures) cancelByIDs(c *call) answer {
	if len(c.list) == 0 || len(c.list) > 50 {
		return no(600, "Parameter error")
	}
	list := []any{}
	for _, item := range c.list {
		id := asked{"id": item}.text("id")
		list = append(list, s.canceled("", id, "", c.fault))
	}
	return good(list)
}

// cancelAll cancels the orders of a symbol, or of all; triggers and protection stay.
func (s *Futures) cancelAll(c *call) answer {
	symbol := asked(c.object).text("symbol")
	for _, o := range s.core.OpenOrders(trading.Linear, symbol) {
		if o.Working() && !s.aside(o) {
			s.core.Cancel(trading.Linear, o.Symbol, o.ID, "")
		}
	}
	return good(nil)
}

// amend changes a limit order, which gets another id: the old one is cancelled and a new one is placed.
func (s *Futures) amend(c *call) answer {
	a := asked(c.object)
	old, ok := s.core.Find(trading.Linear, "", a.text("orderId"), "")
	price, priceOK := a.price("price")
	vol, err := trading.ParseQty(a.text("vol"))
	switch {
	case !ok || s.aside(old):
		return no(2040, "order not exist")
	case !old.Working() || old.Kind != exchangesim.Limit:
		return no(2041, "order can not be changed")
	case !priceOK || err != nil || !price.IsPositive() || !vol.IsPositive():
		return no(600, "Parameter error")
	}
	how := s.howSent(old)
	if _, refused := s.core.Cancel(trading.Linear, old.Symbol, old.ID, ""); refused != nil {
		return no(2041, "order can not be changed")
	}
	r := old.Request
	r.Price, r.Qty = price, s.base(old.Symbol, vol).Sub(old.Filled)
	r.Link = ""
	o, refused := s.put(r, how)
	if refused != nil {
		return refusal(refused, r.Side)
	}
	return good(o.ID)
}
