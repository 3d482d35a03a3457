package binancesim

import (
	"net/http"
	"regexp"
	"strings"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// spotID is the rule for client ids on spot.
var spotID = regexp.MustCompile(`^[a-zA-Z0-9-_]{1,36}$`)

// spotKinds are the order types of spot.
var spotKinds = map[string]exchangesim.Kind{
	"LIMIT": exchangesim.Limit, "LIMIT_MAKER": exchangesim.Limit, "MARKET": exchangesim.Market,
	"STOP_LOSS": exchangesim.StopMarket, "STOP_LOSS_LIMIT": exchangesim.StopLimit,
	"TAKE_PROFIT": exchangesim.TargetMarket, "TAKE_PROFIT_LIMIT": exchangesim.TargetLimit,
}

// tifs are the times in force that an order may ask for.
var tifs = map[string]exchangesim.TIF{"GTC": exchangesim.GTC, "IOC": exchangesim.IOC, "FOK": exchangesim.FOK}

// sides are the sides of an order.
var sides = map[string]trading.Side{"BUY": trading.Buy, "SELL": trading.Sell}

// leg names the parameters of one order; those of a list have a prefix each.
type leg struct{ side, kind, tif, qty, price, stop, trailing, link string }

var singleLeg = leg{"side", "type", "timeInForce", "quantity", "price", "stopPrice", "trailingDelta", "newClientOrderId"}

// order reads an order from a request and holds it against the filters.
func (s *Spot) order(q *request, l leg) (exchangesim.Request, *refusal) {
	var r exchangesim.Request
	i, bad := s.instrument(q)
	if bad != nil {
		return r, bad
	}
	if bad := q.must(l.side, l.kind); bad != nil {
		return r, bad
	}
	side, ok := sides[q.text(l.side)]
	if !ok {
		return r, invalidSide
	}
	kind, ok := spotKinds[q.text(l.kind)]
	if !ok {
		return r, notSupported
	}
	r = exchangesim.Request{Link: q.text(l.link), Product: trading.Spot, Symbol: i.Symbol, Side: side, Kind: kind, TIF: exchangesim.GTC}
	if bad := s.readTerms(q, l, &r); bad != nil {
		return r, bad
	}
	if r.Link == "" {
		r.Link = s.newLink()
	} else if !spotID.MatchString(r.Link) {
		return r, no(-1100, "Illegal characters found in parameter '"+l.link+"'; legal range is '^[a-zA-Z0-9-_]{1,36}$'.")
	}
	return r, s.filter(i, r)
}

// readTerms reads quantity, prices and time in force: what the type needs, and nothing that it does not.
func (s *Spot) readTerms(q *request, l leg, r *exchangesim.Request) *refusal {
	var bad, worse *refusal
	for _, bad := range []*refusal{amount(q, l.qty, &r.Qty), amount(q, l.price, &r.Price), amount(q, l.stop, &r.Trigger)} {
		if bad != nil {
			return bad
		}
	}
	if l == singleLeg {
		if bad := amount(q, "quoteOrderQty", &r.QuoteQty); bad != nil {
			return bad
		}
	}
	maker := q.text(l.kind) == "LIMIT_MAKER"
	switch {
	case r.Kind == exchangesim.Market:
		bad, worse = q.unwanted(l.price, l.stop, l.tif), nil
		if bad == nil && q.text(l.qty) == "" && q.text("quoteOrderQty") == "" {
			bad = no(-1102, "Param 'quantity' or 'quoteOrderQty' must be sent, but both were empty/null!")
		}
		if bad == nil && q.text(l.qty) != "" && r.QuoteQty.IsPositive() {
			bad = no(-1128, "Combination of optional parameters invalid.")
		}
	case maker:
		bad, worse = q.must(l.qty, l.price), q.unwanted(l.tif, l.stop)
	case r.Kind == exchangesim.Limit:
		bad, worse = q.must(l.tif, l.qty, l.price), q.unwanted(l.stop)
	case r.Kind.Priced():
		bad, worse = q.must(l.tif, l.qty, l.price), s.mustTrigger(q, l)
	default:
		bad, worse = q.must(l.qty), s.mustTrigger(q, l)
	}
	if bad == nil {
		bad = worse
	}
	if bad != nil {
		return bad
	}
	if maker {
		r.TIF = exchangesim.PostOnly
	} else if raw := q.text(l.tif); raw != "" {
		tif, ok := tifs[raw]
		if !ok {
			return invalidTIF
		}
		r.TIF = tif
	}
	return s.readTrailing(q, l, r)
}

// readTrailing turns a stop that lags by basis points into a trailing order.
func (s *Spot) readTrailing(q *request, l leg, r *exchangesim.Request) *refusal {
	delta, bad := q.whole(l.trailing, 0)
	if bad != nil || delta == 0 {
		return bad
	}
	if delta < 10 || delta > 2000 {
		return no(-1013, "Filter failure: TRAILING_DELTA")
	}
	if r.Kind != exchangesim.StopMarket {
		return no(-1013, "Order type not supported.")
	}
	r.Kind, r.Callback, r.Activate, r.Trigger = exchangesim.Trailing, trading.RatioUnits(delta, -4), r.Trigger, trading.Price{}
	return nil
}

func (s *Spot) mustTrigger(q *request, l leg) *refusal {
	if q.text(l.stop) == "" && q.text(l.trailing) == "" {
		return no(-1102, "Param 'stopPrice' or 'trailingDelta' must be sent, but both were empty/null!")
	}
	return nil
}

func filterFailure(name string) *refusal { return no(-1013, "Filter failure: "+name) }

// filter holds an order against the rules of its symbol.
func (s *Spot) filter(i trading.Instrument, r exchangesim.Request) *refusal {
	if r.Qty.Places() > 8 {
		return no(-1111, "Parameter 'quantity' has too much precision.")
	}
	for _, p := range []trading.Price{r.Price, r.Trigger} {
		if p.Places() > 8 {
			return no(-1111, "Parameter 'price' has too much precision.")
		}
		if !p.Floor(i.TickSize).Equal(p) || p.More(trading.MustPrice(mostPrice)) {
			return filterFailure("PRICE_FILTER")
		}
	}
	if r.Kind.Priced() && r.Price.IsZero() {
		return filterFailure("PRICE_FILTER")
	}
	byQuote := r.QuoteQty.IsPositive()
	switch {
	case !byQuote && (r.Qty.Less(i.MinQty) || r.Qty.IsZero() || r.Qty.More(i.MaxQty) || !i.RoundQty(r.Qty).Equal(r.Qty)):
		return filterFailure("LOT_SIZE")
	case !r.Kind.Priced() && r.Qty.More(s.marketMost(i)):
		return filterFailure("MARKET_LOT_SIZE")
	case s.core.Halted(i.Symbol):
		return no(-1013, "Market is closed.")
	}
	worth := r.QuoteQty
	if !byQuote {
		worth = trading.Notional(s.worthAt(r), r.Qty)
	}
	if worth.Less(i.MinNotional) || r.Kind.Priced() && worth.More(trading.MustMoney(mostNotional)) {
		return filterFailure("NOTIONAL")
	}
	return nil
}

// worthAt is the price that an order's value is taken at.
func (s *Spot) worthAt(r exchangesim.Request) trading.Price {
	switch {
	case r.Price.IsPositive():
		return r.Price
	case r.Trigger.IsPositive():
		return r.Trigger
	}
	_, _, mark, _ := s.core.Quote(s.product, r.Symbol)
	return mark
}

// place carries out an order and answers with as much as was asked for.
func (s *Spot) place(q *request) (any, *refusal) {
	r, bad := s.order(q, singleLeg)
	if bad != nil {
		return nil, bad
	}
	form := strings.ToUpper(q.text("newOrderRespType"))
	switch form {
	case "":
		form = "ACK"
		if r.Kind == exchangesim.Market || q.text("type") == "LIMIT" {
			form = "FULL"
		}
	case "ACK", "RESULT", "FULL":
	default:
		return nil, no(-1100, "Illegal characters found in parameter 'newOrderRespType'; legal range is 'ACK, RESULT, FULL'.")
	}
	o, refused := s.core.Place(r.Script(q.fault))
	if refused != nil {
		return nil, s.said(refused)
	}
	return s.answer(o, form), nil
}

// test checks an order as place does and places nothing. Money is not looked at.
func (s *Spot) test(q *request) (any, *refusal) {
	_, bad := s.order(q, singleLeg)
	return map[string]any{}, bad
}

// find is the order that a request names.
func (s *Server) find(q *request) (exchangesim.Order, *refusal) {
	if _, bad := s.instrument(q); bad != nil {
		return exchangesim.Order{}, bad
	}
	id, link := q.text("orderId"), q.text("origClientOrderId")
	if id == "" && link == "" {
		return exchangesim.Order{}, neitherID
	}
	if id != "" {
		link = ""
	}
	o, found := s.core.FindPlain(s.product, q.text("symbol"), id, link)
	switch {
	case !found || s.purged(o):
		return o, noSuchOrder
	case s.product == trading.Spot && q.method == http.MethodGet && unfilled(o) && q.now.Sub(o.UpdatedAt) > 90*24*time.Hour:
		return o, no(-2026, "Order was canceled or expired with no executed qty over 90 days ago and has been archived.")
	}
	return o, nil
}

// unfilled tells whether an order is over without a single fill.
func unfilled(o exchangesim.Order) bool {
	return !o.Status.Open() && o.Status != exchangesim.Triggered && o.Filled.IsZero()
}

// purged tells whether the futures have forgotten an order: three days after it ended without a fill, else after 90.
func (s *Server) purged(o exchangesim.Order) bool {
	kept := 90 * 24 * time.Hour
	if unfilled(o) {
		kept = 3 * 24 * time.Hour
	}
	return s.product == trading.Linear && !o.Status.Open() && s.now().Sub(o.UpdatedAt) > kept
}

func (s *Spot) query(q *request) (any, *refusal) {
	o, bad := s.find(q)
	if bad != nil {
		return nil, bad
	}
	return s.orderRow(o), nil
}

func (s *Spot) cancel(q *request) (any, *refusal) {
	o, bad := s.find(q)
	switch {
	case bad == noSuchOrder:
		return nil, unknownOrder
	case bad != nil:
		return nil, bad
	}
	if list := s.lists.of(o.ID); list != nil {
		return s.endList(list), nil
	}
	name := q.text("newClientOrderId")
	if name == "" {
		name = s.newLink()
	}
	s.mu.Lock()
	s.renamed[o.ID] = name
	s.mu.Unlock()
	if q.fault.FillFirst {
		s.core.Execute(o.ID, trading.Qty{})
	}
	ended, refused := s.core.Cancel(s.product, o.Symbol, o.ID, "")
	if refused != nil {
		return nil, unknownOrder
	}
	return s.cancelRow(ended, name), nil
}

func (s *Spot) openOrders(q *request) (any, *refusal) {
	if q.text("symbol") != "" {
		if _, bad := s.instrument(q); bad != nil {
			return nil, bad
		}
	}
	list := []any{}
	for _, o := range s.core.OpenOrders(s.product, q.text("symbol")) {
		list = append(list, s.orderRow(o))
	}
	return list, nil
}

func (s *Spot) cancelAll(q *request) (any, *refusal) {
	i, bad := s.instrument(q)
	if bad != nil {
		return nil, bad
	}
	ended := s.core.CancelAll(s.product, i.Symbol)
	if len(ended) == 0 {
		return nil, unknownOrder
	}
	list := []any{}
	for _, o := range ended {
		list = append(list, s.cancelRow(o, s.newLink()))
	}
	return list, nil
}
