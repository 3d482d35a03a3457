package binancesim

import (
	"fmt"
	"regexp"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

var (
	futuresIDChars = regexp.MustCompile(`^[\.A-Z\:/a-z0-9_-]*$`)
	tooPrecise     = no(-1111, "Precision is over the maximum defined for this asset.")
	goToAlgo       = no(-4120, "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.")
	notFillable    = no(-5021, "Due to the order could not be filled immediately, the FOK order has been rejected. The order will not be recorded in the order history")
)

// algoKinds are the types that only the algo endpoint takes.
var algoKinds = map[string]exchangesim.Kind{
	"STOP_MARKET": exchangesim.StopMarket, "TAKE_PROFIT_MARKET": exchangesim.TargetMarket, "STOP": exchangesim.StopLimit,
	"TAKE_PROFIT": exchangesim.TargetLimit, "TRAILING_STOP_MARKET": exchangesim.Trailing,
}

// slots are the sides of a position.
var slots = map[string]trading.Slot{"": trading.SlotBoth, "BOTH": trading.SlotBoth, "LONG": trading.SlotLong, "SHORT": trading.SlotShort}

// checkID refuses a client id that the futures do not take.
func checkID(name, id string) *refusal {
	switch {
	case len(id) > 36:
		return no(-4015, "Client order id length should be less than 36 chars")
	case !futuresIDChars.MatchString(id):
		return no(-1100, "Illegal characters found in parameter '"+name+`'; legal range is '^[\.A-Z\:/a-z0-9_-]{1,36}$'.`)
	}
	return nil
}

// base reads what every order has: symbol, side, position side, reduce-only and client id.
func (f *Futures) base(q *request, idName string) (trading.Instrument, exchangesim.Request, *refusal) {
	i, bad := f.instrument(q)
	if bad == nil {
		bad = q.must("side", "type")
	}
	if bad == nil {
		bad = checkID(idName, q.text(idName))
	}
	if bad != nil {
		return i, exchangesim.Request{}, bad
	}
	side, ok := sides[q.text("side")]
	if !ok {
		return i, exchangesim.Request{}, invalidSide
	}
	slot, ok := slots[q.text("positionSide")]
	if !ok {
		return i, exchangesim.Request{}, no(-1100, "Illegal characters found in parameter 'positionSide'; legal range is 'BOTH, LONG, SHORT'.")
	}
	r := exchangesim.Request{Product: trading.Linear, Symbol: i.Symbol, Side: side, Slot: slot, TIF: exchangesim.GTC, Link: q.text(idName)}
	if r.Link == "" {
		r.Link = f.newLink()
	}
	hedge := f.core.Hedge()
	if r.ReduceOnly, bad = q.flag("reduceOnly"); bad != nil {
		return i, r, bad
	}
	switch {
	case hedge != (slot != trading.SlotBoth):
		bad = f.words[exchangesim.WrongSlot]
	case hedge && q.text("reduceOnly") != "":
		bad = no(-1106, "Parameter 'reduceonly' sent when not required.")
	}
	return i, r, bad
}

// readTIF reads the time in force of an order with a limit.
func (f *Futures) readTIF(q *request, r *exchangesim.Request) *refusal {
	switch word := q.text("timeInForce"); word {
	case "":
		return missing("timeInForce")
	case "GTX", "RPI":
		r.TIF = exchangesim.PostOnly
	case "GTD":
		good, bad := q.whole("goodTillDate", 0)
		if bad != nil || time.UnixMilli(good).Sub(q.now) < 600*time.Second {
			return no(-4040, "The goodTillDate timestamp must be greater than the current time plus 600 seconds and smaller than 253402300799000")
		}
	default:
		tif, ok := tifs[word]
		if !ok {
			return invalidTIF
		}
		r.TIF = tif
	}
	return nil
}

// order reads a plain order and holds it against the filters.
func (f *Futures) order(q *request) (exchangesim.Request, *refusal) {
	if _, conditional := algoKinds[q.text("type")]; conditional {
		return exchangesim.Request{}, goToAlgo
	}
	i, r, bad := f.base(q, "newClientOrderId")
	if bad != nil {
		return r, bad
	}
	for _, bad := range []*refusal{amount(q, "quantity", &r.Qty), amount(q, "price", &r.Price)} {
		if bad != nil {
			return r, bad
		}
	}
	switch q.text("type") {
	case "MARKET":
		r.Kind = exchangesim.Market
		bad = q.unwanted("timeInForce", "price", "stopPrice")
		if bad == nil {
			bad = q.must("quantity")
		}
	case "LIMIT":
		r.Kind = exchangesim.Limit
		if bad = q.must("quantity", "price"); bad == nil {
			bad = f.readTIF(q, &r)
		}
	default:
		bad = notSupported
	}
	if bad == nil {
		bad = f.filter(i, r)
	}
	return r, bad
}

// filter holds quantity, price and value against the rules of the symbol.
func (f *Futures) filter(i trading.Instrument, r exchangesim.Request) *refusal {
	most := i.MaxQty
	if !r.Kind.Priced() {
		most = f.marketMost(i)
	}
	switch {
	case r.Kind.Priced() && r.Price.IsZero():
		return no(-4001, "Price less than or equal to zero.")
	case r.Price.Places() > i.TickSize.Places()+1:
		return tooPrecise
	case !r.Price.Floor(i.TickSize).Equal(r.Price):
		return f.words[exchangesim.OffTick]
	case r.ClosePosition:
		return nil
	case r.Qty.IsZero():
		return no(-4003, "Quantity less than or equal to zero.")
	case r.Qty.Places() > i.StepSize.Places():
		return tooPrecise
	case r.Qty.Less(i.MinQty):
		return f.words[exchangesim.BelowMinQty]
	case most.IsPositive() && r.Qty.More(most):
		return f.words[exchangesim.AboveMaxQty]
	case !i.RoundQty(r.Qty).Equal(r.Qty):
		return f.words[exchangesim.OffStep]
	}
	at := r.Price
	if at.IsZero() {
		at = r.Trigger
	}
	bid, ask, _, priced := f.core.Quote(trading.Linear, i.Symbol)
	if at.IsZero() && priced {
		at = ask
	}
	if !r.ReduceOnly && trading.Notional(at, r.Qty).Less(i.MinNotional) {
		return no(-4164, "Order's notional must be no smaller than "+i.MinNotional.String()+" (unless you choose reduce only).")
	}
	if r.TIF == exchangesim.FOK && (r.Side == trading.Buy && ask.More(r.Price) || r.Side == trading.Sell && bid.Less(r.Price)) {
		return notFillable
	}
	return nil
}

// put places a request and words the refusals that need to know it.
func (f *Futures) put(q *request, r exchangesim.Request) (exchangesim.Order, *refusal) {
	o, refused := f.core.Place(r.Script(q.fault))
	switch {
	case refused == nil:
		f.expireFlat()
		return o, nil
	case refused.Why == exchangesim.BelowNotional:
		i, _ := f.core.Instrument(trading.Linear, r.Symbol)
		return o, no(-4164, "Order's notional must be no smaller than "+i.MinNotional.String()+" (unless you choose reduce only).")
	case refused.Why == exchangesim.PriceBand:
		_, _, mark, _ := f.core.Quote(trading.Linear, r.Symbol)
		band := f.core.Config().Band
		if r.Price.More(mark) {
			return o, no(-4016, fmt.Sprintf("Limit price can't be higher than %s.", mark.Add(mark.Times(band))))
		}
		return o, no(-4024, fmt.Sprintf("Limit price can't be lower than %s.", mark.Sub(mark.Times(band))))
	case refused.Why == exchangesim.TooManyOrders && r.Algo:
		return o, no(-4045, "Reach max stop order limit.")
	}
	return o, f.said(refused)
}

func (f *Futures) place(q *request) (any, *refusal) {
	r, bad := f.order(q)
	if bad != nil {
		return nil, bad
	}
	good, _ := q.whole("goodTillDate", 0)
	f.remember("order", r.Link, terms{goodTill: good})
	o, bad := f.put(q, r)
	if bad != nil {
		return nil, bad
	}
	if !f.opt.Results || q.text("newOrderRespType") != "RESULT" {
		// The answer is about the order as it was accepted; what became of it is told by stream and query.
		o.Status, o.Filled, o.Cost, o.Reason = exchangesim.New, trading.Qty{}, trading.Money{}, ""
	}
	return f.shortRow(o), nil
}

func (f *Futures) test(q *request) (any, *refusal) {
	r, bad := f.order(q)
	if bad != nil {
		return nil, bad
	}
	o := exchangesim.Order{Request: r, Status: exchangesim.New, CreatedAt: q.now, UpdatedAt: q.now}
	return f.shortRow(o), nil
}

func (f *Futures) query(q *request) (any, *refusal) {
	o, bad := f.find(q)
	if bad != nil {
		return nil, bad
	}
	return f.orderRow(o), nil
}

func (f *Futures) openOrder(q *request) (any, *refusal) {
	o, bad := f.find(q)
	if bad != nil {
		return nil, bad
	}
	if !o.Status.Open() {
		return nil, noSuchOrder
	}
	return f.orderRow(o), nil
}

func (f *Futures) cancel(q *request) (any, *refusal) {
	o, bad := f.find(q)
	switch {
	case bad == noSuchOrder:
		return nil, unknownOrder
	case bad != nil:
		return nil, bad
	}
	if q.fault.FillFirst {
		f.core.Execute(o.ID, trading.Qty{})
	}
	ended, refused := f.core.Cancel(f.product, o.Symbol, o.ID, "")
	if refused != nil {
		return nil, unknownOrder
	}
	return f.shortRow(ended), nil
}

// amend changes price and quantity of an open limit order; both must be sent.
func (f *Futures) amend(q *request) (any, *refusal) {
	o, bad := f.find(q)
	if bad != nil {
		return nil, bad
	}
	if bad := q.must("side", "quantity", "price"); bad != nil {
		return nil, bad
	}
	next := o.Request
	for _, bad := range []*refusal{amount(q, "quantity", &next.Qty), amount(q, "price", &next.Price)} {
		if bad != nil {
			return nil, bad
		}
	}
	i, _ := f.instrument(q)
	if bad := f.filter(i, next); bad != nil {
		return nil, bad
	}
	if !o.Status.Open() {
		return nil, noSuchOrder
	}
	changed, refused := f.core.Amend(o.ID, next.Qty, next.Price)
	if refused != nil {
		return nil, f.said(refused)
	}
	return f.shortRow(changed), nil
}

func (f *Futures) plain(o exchangesim.Order) bool { return o.Product == trading.Linear && !o.Algo }

func (f *Futures) openOrders(q *request) (any, *refusal) {
	if q.text("symbol") != "" {
		if _, bad := f.instrument(q); bad != nil {
			return nil, bad
		}
	}
	list := []any{}
	for _, o := range f.core.OpenOrders(f.product, q.text("symbol")) {
		if f.plain(o) {
			list = append(list, f.orderRow(o))
		}
	}
	return list, nil
}

func (f *Futures) allOrders(q *request) (any, *refusal) {
	return f.history(q, func(o exchangesim.Order) (any, bool) { return f.orderRow(o), f.plain(o) }, "orderId")
}

// history is the orders of a symbol since an id or a time, in the words of row.
func (f *Futures) history(q *request, row func(exchangesim.Order) (any, bool), idName string) (any, *refusal) {
	i, bad := f.instrument(q)
	if bad != nil {
		return nil, bad
	}
	from, to, limit, bad := q.window(7*24*time.Hour, 1000)
	if bad != nil {
		return nil, bad
	}
	first, bad := q.whole(idName, 0)
	if bad != nil {
		return nil, bad
	}
	list := []any{}
	for _, o := range f.core.Shown(f.product, i.Symbol) {
		r, wanted := row(o)
		if wanted && !f.purged(o) && !o.CreatedAt.Before(from) && !o.CreatedAt.After(to) && atLeast(o.ID, first) {
			list = append(list, r)
		}
	}
	return pageOf(list, limit, first > 0 || q.text("startTime") != ""), nil
}

var allCanceled = map[string]any{"code": 200, "msg": "The operation of cancel all open order is done."}

func (f *Futures) cancelAll(q *request) (any, *refusal) {
	i, bad := f.instrument(q)
	if bad != nil {
		return nil, bad
	}
	f.core.CancelWhere(func(o exchangesim.Order) bool { return f.plain(o) && o.Symbol == i.Symbol })
	return allCanceled, nil
}

// countdown cancels the open orders of a symbol unless it is asked again in time.
func (f *Futures) countdown(q *request) (any, *refusal) {
	i, bad := f.instrument(q)
	if bad == nil {
		bad = q.must("countdownTime")
	}
	if bad != nil {
		return nil, bad
	}
	length, bad := q.whole("countdownTime", 0)
	if bad != nil {
		return nil, bad
	}
	f.more.Lock()
	defer f.more.Unlock()
	delete(f.countdowns, i.Symbol)
	if length > 0 {
		f.countdowns[i.Symbol] = q.now.Add(time.Duration(length) * time.Millisecond)
	}
	return map[string]any{"symbol": i.Symbol, "countdownTime": itoa(int(length))}, nil
}
