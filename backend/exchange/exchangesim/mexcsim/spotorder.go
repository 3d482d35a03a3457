package mexcsim

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

var spotLink = regexp.MustCompile(`^[0-9a-zA-Z_-]{1,32}$`)

// spotKind is the type of an order in MEXC's word.
func spotKind(o exchangesim.Order) string {
	switch {
	case !o.Kind.Priced():
		return "MARKET"
	case o.TIF == exchangesim.PostOnly:
		return "LIMIT_MAKER"
	case o.TIF == exchangesim.IOC:
		return "IMMEDIATE_OR_CANCEL"
	case o.TIF == exchangesim.FOK:
		return "FILL_OR_KILL"
	}
	return "LIMIT"
}

// spotStatus is how far an order is in MEXC's word, with its number on the stream.
func spotStatus(o exchangesim.Order) (string, int64) {
	switch o.Status {
	case exchangesim.New, exchangesim.Untriggered, exchangesim.Triggered:
		return "NEW", 1
	case exchangesim.Filled:
		return "FILLED", 2
	case exchangesim.PartiallyFilled:
		return "PARTIALLY_FILLED", 3
	}
	if o.Filled.IsPositive() {
		return "PARTIALLY_CANCELED", 5
	}
	return "CANCELED", 4
}

func sideWord(s trading.Side) string { return strings.ToUpper(string(s)) }

// shownPrice is the limit of an order, and of a market order what it cost.
func shownPrice(o exchangesim.Order) trading.Price {
	if o.Kind.Priced() {
		return o.Price
	}
	return o.Average()
}

// request reads an order.
func (s *Spot) request(v url.Values) (exchangesim.Request, answer, bool) {
	bad := func(code int, text string) (exchangesim.Request, answer, bool) {
		return exchangesim.Request{}, spotNo(code, text), true
	}
	r := exchangesim.Request{Product: trading.Spot, Symbol: v.Get("symbol"), Link: v.Get("newClientOrderId"), Kind: exchangesim.Limit}
	i, known := s.core.Instrument(trading.Spot, r.Symbol)
	for _, name := range []string{"symbol", "side", "type"} {
		if v.Get(name) == "" {
			return bad(700004, "Mandatory parameter '"+name+"' was not sent, was empty/null, or malformed.")
		}
	}
	_, sent := v["newClientOrderId"]
	switch {
	case sent && !spotLink.MatchString(r.Link):
		return bad(700008, "Illegal characters found in parameter 'newClientOrderId'; legal range is '^[0-9a-zA-Z_-]{1,32}$'.")
	case !known:
		return bad(-1121, "Invalid symbol.")
	case s.options.APIClosed[r.Symbol]:
		return bad(10007, "bad symbol")
	}
	switch v.Get("side") {
	case "BUY":
		r.Side = trading.Buy
	case "SELL":
		r.Side = trading.Sell
	default:
		return bad(33333, "param error: side")
	}
	var err1, err2, err3 error
	if t := v.Get("quantity"); t != "" {
		r.Qty, err1 = trading.ParseQty(t)
	}
	if t := v.Get("price"); t != "" {
		r.Price, err2 = trading.ParsePrice(t)
	}
	if t := v.Get("quoteOrderQty"); t != "" {
		r.QuoteQty, err3 = trading.ParseMoney(t)
	}
	if err1 != nil || err2 != nil || err3 != nil {
		return bad(33333, "param error: not a number")
	}
	return s.sized(r, v.Get("type"), i)
}

// sized reads the type of an order and holds its size against it.
func (s *Spot) sized(r exchangesim.Request, kind string, i trading.Instrument) (exchangesim.Request, answer, bool) {
	tif, known := map[string]exchangesim.TIF{
		"LIMIT": exchangesim.GTC, "MARKET": exchangesim.IOC, "LIMIT_MAKER": exchangesim.PostOnly,
		"IMMEDIATE_OR_CANCEL": exchangesim.IOC, "FILL_OR_KILL": exchangesim.FOK,
	}[kind]
	r.TIF = tif
	if kind == "MARKET" {
		r.Kind = exchangesim.Market
	}
	buys := r.Side == trading.Buy
	switch {
	case !known:
		return r, spotNo(30041, "This type of order is not supported"), true
	case kind == "MARKET" && buys && !r.QuoteQty.IsPositive():
		return r, spotNo(700004, "Mandatory parameter 'quoteOrderQty' was not sent, was empty/null, or malformed."), true
	case (kind != "MARKET" || !buys) && !r.Qty.IsPositive():
		return r, spotNo(700004, "Mandatory parameter 'quantity' was not sent, was empty/null, or malformed."), true
	case kind != "MARKET" && !r.Price.IsPositive():
		return r, spotNo(700004, "Mandatory parameter 'price' was not sent, was empty/null, or malformed."), true
	case kind == "MARKET" && buys && r.QuoteQty.Less(i.MinNotional):
		return r, spotNo(30002, "The minimum transaction volume cannot be less than: "+i.MinNotional.String()+" "+i.Quote), true
	}
	if kind == "MARKET" && buys {
		r.Qty = trading.Qty{}
	} else {
		r.QuoteQty = trading.Money{}
	}
	return r, answer{}, false
}

// create places an order. The answer has no status.
func (s *Spot) create(c *call) answer {
	r, a, bad := s.request(c.values())
	if bad {
		return a
	}
	o, refused := s.core.Place(r.Script(c.fault))
	if refused != nil {
		return spotRefused(refused, r.Side)
	}
	return plain(map[string]any{
		"symbol": o.Symbol, "orderId": o.ID, "orderListId": -1, "price": r.Price.String(), "origQty": r.Qty.String(), "type": spotKind(o),
		"side": sideWord(o.Side), "transactTime": o.CreatedAt.UnixMilli(),
	})
}

func (s *Spot) test(c *call) answer {
	r, a, bad := s.request(c.values())
	if bad {
		return a
	}
	if refused := s.core.Check(r); refused != nil {
		return spotRefused(refused, r.Side)
	}
	return plain(map[string]any{})
}

func (s *Spot) row(o exchangesim.Order) map[string]any {
	status, _ := spotStatus(o)
	row := map[string]any{
		"symbol": o.Symbol, "orderId": o.ID, "orderListId": -1, "clientOrderId": o.Link, "price": shownPrice(o).String(), "origQty": o.Qty.String(),
		"executedQty": o.Filled.String(), "cummulativeQuoteQty": o.Cost.String(), "status": status, "timeInForce": nil, "type": spotKind(o),
		"side": sideWord(o.Side), "stopPrice": nil, "icebergQty": nil, "time": o.CreatedAt.UnixMilli(), "updateTime": o.UpdatedAt.UnixMilli(),
		"isWorking": true, "origQuoteOrderQty": nil,
	}
	if o.QuoteQty.IsPositive() {
		row["origQuoteOrderQty"] = o.QuoteQty.String()
	}
	return row
}

// named finds the order that a request names.
func (s *Spot) named(c *call) (o exchangesim.Order, found bool, a answer, bad bool) {
	v := c.values()
	id, link := v.Get("orderId"), v.Get("origClientOrderId")
	_, known := s.core.Instrument(trading.Spot, v.Get("symbol"))
	switch {
	case v.Get("symbol") == "":
		return o, false, spotNo(700004, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed."), true
	case !known:
		return o, false, spotNo(-1121, "Invalid symbol."), true
	case id == "" && link == "":
		return o, false, spotNo(700004, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!"), true
	}
	if id != "" {
		link = ""
	}
	o, found = s.core.Find(trading.Spot, v.Get("symbol"), id, link)
	return o, found, answer{}, false
}

func (s *Spot) query(c *call) answer {
	o, found, a, bad := s.named(c)
	switch {
	case bad:
		return a
	case !found:
		return spotNo(-2013, "Order does not exist.")
	}
	return plain(s.row(o))
}

func (s *Spot) cancel(c *call) answer {
	o, found, a, bad := s.named(c)
	switch {
	case bad:
		return a
	case !found:
		return spotNo(-2011, "Unknown order sent.")
	}
	if c.fault.FillFirst {
		s.core.Execute(o.ID, trading.Qty{})
	}
	o, refused := s.core.Cancel(trading.Spot, o.Symbol, o.ID, "")
	if refused != nil {
		return spotRefused(refused, trading.Buy)
	}
	return plain(s.canceled(o))
}

func (s *Spot) canceled(o exchangesim.Order) map[string]any {
	row := s.row(o)
	row["origClientOrderId"] = o.Link
	return row
}

func (s *Spot) openOrders(c *call) answer {
	list := []any{}
	for _, symbol := range strings.Split(c.values().Get("symbol"), ",") {
		for _, o := range s.core.OpenOrders(trading.Spot, symbol) {
			list = append(list, s.row(o))
		}
	}
	return plain(list)
}

func (s *Spot) cancelOpen(c *call) answer {
	symbols := strings.Split(c.values().Get("symbol"), ",")
	if len(symbols) > 5 || symbols[0] == "" {
		return spotNo(700004, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.")
	}
	list := []any{}
	for _, symbol := range symbols {
		for _, o := range s.core.CancelAll(trading.Spot, symbol) {
			list = append(list, s.canceled(o))
		}
	}
	return plain(list)
}

// between tells whether a time in milliseconds lies in the span that a request asks for.
func between(v url.Values, at int64) bool {
	a, err1 := strconv.ParseInt(v.Get("startTime"), 10, 64)
	b, err2 := strconv.ParseInt(v.Get("endTime"), 10, 64)
	return (err1 != nil || at >= a) && (err2 != nil || at <= b)
}

// newest keeps as many of a list as a request asks for, at most all and usually some.
func newest(v url.Values, list []any, usual, most int) []any {
	n, err := strconv.Atoi(v.Get("limit"))
	if err != nil || n < 1 {
		n = usual
	}
	if n = min(n, most); len(list) > n {
		return list[:n]
	}
	return list
}

func (s *Spot) allOrders(c *call) answer {
	v, list := c.values(), []any{}
	if v.Get("symbol") == "" {
		return spotNo(700004, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.")
	}
	orders := s.core.Shown(trading.Spot, v.Get("symbol"))
	for n := len(orders) - 1; n >= 0; n-- {
		o := orders[n]
		if age := s.now().Sub(o.CreatedAt); age <= 7*day && between(v, o.CreatedAt.UnixMilli()) {
			list = append(list, s.row(o))
		}
	}
	return plain(newest(v, list, 500, 1000))
}

func (s *Spot) trades(c *call) answer {
	v, list := c.values(), []any{}
	if v.Get("symbol") == "" {
		return spotNo(700004, "Mandatory parameter 'symbol' was not sent, was empty/null, or malformed.")
	}
	fills := s.core.ShownFills(trading.Spot)
	for n := len(fills) - 1; n >= 0; n-- {
		x := fills[n]
		if x.Symbol != v.Get("symbol") || v.Get("orderId") != "" && x.OrderID != v.Get("orderId") || !between(v, x.At.UnixMilli()) {
			continue
		}
		list = append(list, map[string]any{
			"symbol": x.Symbol, "id": x.ID, "orderId": x.OrderID, "orderListId": -1, "price": x.Price.String(), "qty": x.Qty.String(),
			"quoteQty": trading.Notional(x.Price, x.Qty).String(), "commission": x.Fee.String(), "commissionAsset": x.FeeAsset, "time": x.At.UnixMilli(),
			"isBuyer": x.Side == trading.Buy, "isMaker": x.Maker, "isBestMatch": true, "isSelfTrade": false, "clientOrderId": x.Link,
		})
	}
	return plain(newest(v, list, 100, 100))
}
