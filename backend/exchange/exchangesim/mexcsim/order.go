package mexcsim

import (
	"fmt"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// asked is what a JSON object asks for.
type asked map[string]any

// text is a field as text, whether it came as text or as a number; "" without one.
func (a asked) text(name string) string {
	if v, ok := a[name]; ok && v != nil {
		return fmt.Sprint(v)
	}
	return ""
}

func (a asked) whole(name string) int { return whole(a[name]) }

func (a asked) yes(name string) bool { return a.text(name) == "true" }

// price is a field as a price, zero without one; ok is false when it is no plain number.
func (a asked) price(name string) (p trading.Price, ok bool) {
	t := a.text(name)
	if t == "" {
		return p, true
	}
	p, err := trading.ParsePrice(t)
	return p, err == nil
}

// The side codes, as they are sent and told back.
const (
	openLong   = 1
	closeShort = 2
	openShort  = 3
	closeLong  = 4
)

// create places an order and answers with an object.
func (s *Futures) create(c *call) answer {
	o, a, bad := s.place(asked(c.object), c.fault)
	if bad {
		return a
	}
	return good(map[string]any{"orderId": o.ID, "ts": s.now().UnixMilli()})
}

// submit is the older path: the same order, answered with the bare id.
func (s *Futures) submit(c *call) answer {
	o, a, bad := s.place(asked(c.object), c.fault)
	if bad {
		return a
	}
	return good(o.ID)
}

func (s *Futures) place(a asked, f exchangesim.Fault) (exchangesim.Order, answer, bool) {
	r, how, bad, wrong := s.order(a)
	if wrong {
		return exchangesim.Order{}, bad, true
	}
	r.Link = a.text("externalOid")
	if len(r.Link) > 32 {
		return exchangesim.Order{}, no(2030, "The externalOid is too long"), true
	}
	if !s.kind(&r, a.whole("type")) {
		return exchangesim.Order{}, no(2029, "Order type error"), true
	}
	if r.Kind == exchangesim.Limit && !r.Price.IsPositive() {
		return exchangesim.Order{}, no(2007, "The order price error"), true
	}
	tp, ok1 := a.price("takeProfitPrice")
	sl, ok2 := a.price("stopLossPrice")
	if !ok1 || !ok2 {
		return exchangesim.Order{}, no(600, "Parameter error"), true
	}
	r.TakeProfit, r.StopLoss, r.PartialGuard = tp, sl, true
	if r.ReduceOnly && (tp.IsPositive() || sl.IsPositive()) {
		return exchangesim.Order{}, no(5003, "Take profit and stop loss cannot be set when closing"), true
	}
	r = r.Script(f)
	if how.code != 0 {
		r.RejectLater = true
	}
	o, refused := s.put(r, how)
	if refused != nil {
		return exchangesim.Order{}, refusal(refused, r.Side), true
	}
	return o, answer{}, false
}

// put gives an order to the core. How it was asked for is known before the core tells the streams of it.
func (s *Futures) put(r exchangesim.Request, how sent) (exchangesim.Order, *exchangesim.Refusal) {
	key := comingOf{r.Symbol, r.Link}
	s.mu.Lock()
	s.coming[key] = how
	s.mu.Unlock()
	o, refused := s.core.Place(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.coming, key)
	if _, known := s.sent[o.ID]; refused == nil && !known {
		s.sent[o.ID] = how
	}
	return o, refused
}

// kind reads the type of an order.
func (s *Futures) kind(r *exchangesim.Request, code int) bool {
	switch code {
	case 1:
		r.Kind, r.TIF = exchangesim.Limit, exchangesim.GTC
	case 2:
		r.Kind, r.TIF = exchangesim.Limit, exchangesim.PostOnly
	case 3:
		r.Kind, r.TIF = exchangesim.Limit, exchangesim.IOC
	case 4:
		r.Kind, r.TIF = exchangesim.Limit, exchangesim.FOK
	case 5:
		r.Kind, r.TIF, r.Price = exchangesim.Market, exchangesim.IOC, trading.Price{}
	default:
		return false
	}
	return true
}

// order reads what every order has: symbol, side, quantity, margin, leverage. A wrong position mode is no refusal: the order
// is taken and ends in state 5 with errorCode 9.
func (s *Futures) order(a asked) (r exchangesim.Request, how sent, bad answer, wrong bool) {
	symbol := a.text("symbol")
	i, known := s.core.Instrument(trading.Linear, symbol)
	vol, volErr := trading.ParseQty(a.text("vol"))
	price, priceOK := a.price("price")
	how = sent{side: a.whole("side"), openType: a.whole("openType"), leverage: a.whole("leverage"), mode: max(a.whole("positionMode"), 1), reduceOnly: a.yes("reduceOnly")}
	opens := how.side == openLong || how.side == openShort
	hedge := s.core.Hedge()
	r = exchangesim.Request{Product: trading.Linear, Symbol: symbol, Qty: s.base(symbol, vol), Price: price, Side: trading.Buy, Slot: trading.SlotBoth}
	if how.side == openShort || how.side == closeLong {
		r.Side = trading.Sell
	}
	r.ReduceOnly = !opens || how.reduceOnly
	if hedge {
		r.Slot = trading.SlotLong
		if how.side == openShort || how.side == closeShort {
			r.Slot = trading.SlotShort
		}
	}
	switch {
	case !known:
		return r, how, no(1001, "Contract does not exist!"), true
	case s.options.APIClosed[symbol]:
		return r, how, no(1002, "Contract is not activated for the API"), true
	case s.options.CloseOnly[symbol] && !r.ReduceOnly:
		return r, how, no(8950, "Only closing is allowed"), true
	case how.side < 1 || how.side > 4 || how.openType < 1 || how.openType > 2 || how.mode > 2 || volErr != nil || !priceOK:
		return r, how, no(600, "Parameter error"), true
	case !vol.IsPositive():
		return r, how, no(2011, "The order quantity error"), true
	case how.reduceOnly && how.mode == 1:
		return r, how, no(600, "reduceOnly is for one-way positions only"), true
	case (how.mode == 1) != hedge:
		how.code = 9
		return r, how, answer{}, false
	case r.ReduceOnly:
		bad, wrong = s.mayClose(r, how)
		return r, how, bad, wrong
	}
	bad, wrong = s.setLever(i, r, &how)
	return r, how, bad, wrong
}

// mayClose tells why an order closes nothing, or more than there is.
func (s *Futures) mayClose(r exchangesim.Request, how sent) (answer, bool) {
	held, ok := s.held(r.Symbol, r.Side == trading.Sell)
	switch {
	case !ok:
		return no(2009, "Position is nonexistent or closed"), true
	case !how.reduceOnly && r.Qty.More(held.Size()):
		return no(2008, "The quantity is not enough to close"), true
	}
	return answer{}, false
}

// setLever gives an opening order its leverage and margin. With a position there must be no other than the position's.
func (s *Futures) setLever(i trading.Instrument, r exchangesim.Request, how *sent) (answer, bool) {
	long := r.Side == trading.Buy
	usual := s.leverage(r.Symbol, long, how.openType)
	switch {
	case how.leverage == 0 && how.openType == 1:
		return no(600, "Parameter error: leverage is required for isolated margin"), true
	case how.leverage == 0:
		how.leverage = usual
	case how.leverage < 1 || how.leverage > i.MaxLeverage:
		return no(2006, "The leverage ratio error"), true
	}
	isolated := how.openType == 1
	for _, p := range s.core.Positions() {
		if p.Symbol != r.Symbol || p.Qty.IsZero() || p.Qty.IsPositive() != long {
			continue
		}
		switch {
		case p.Isolated != isolated:
			return no(2022, "Position type error"), true
		case s.core.Leverage(r.Symbol) != how.leverage:
			return no(2021, "The leverage of the order differs from that of the position"), true
		}
		return answer{}, false
	}
	if refused := s.core.SetMargin(r.Symbol, isolated); refused != nil && refused.Why == exchangesim.ModeBlocked {
		return no(2019, "There are open orders or positions with another margin mode"), true
	}
	if refused := s.core.SetLeverage(r.Symbol, how.leverage); refused != nil && refused.Why != exchangesim.NotModified {
		return refusal(refused, r.Side), true
	}
	kind := 2
	if long {
		kind = 1
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lever[leverOf{r.Symbol, kind, how.openType}] = how.leverage
	return answer{}, false
}

func (s *Futures) howSent(o exchangesim.Order) sent {
	s.mu.Lock()
	how, ok := s.sent[o.ID]
	if !ok {
		how, ok = s.coming[comingOf{o.Symbol, o.Link}]
		ok = ok && o.StopType == "" && !o.External
	}
	s.mu.Unlock()
	if plan, is := s.planOf(o); !ok && is {
		how, ok = s.howSent(plan), true
	}
	if !ok {
		how = s.guessed(o)
	}
	if o.Status == exchangesim.Rejected && how.code == 0 {
		how.code = 2
	}
	return how
}

// planOf is the trigger order that became an order.
func (s *Futures) planOf(o exchangesim.Order) (exchangesim.Order, bool) {
	if isPlan(o) || o.Link != "" {
		return exchangesim.Order{}, false
	}
	for _, plan := range s.core.Orders() {
		if isPlan(plan) && plan.Actual == o.ID {
			return plan, true
		}
	}
	return exchangesim.Order{}, false
}

// guessed is how an order must have been asked for that came by no request of ours.
func (s *Futures) guessed(o exchangesim.Order) sent {
	how := sent{side: openLong, openType: 2, leverage: s.core.Leverage(o.Symbol), mode: 2, life: 7 * day, trend: 1,
		reduceOnly: o.ReduceOnly && o.Slot == trading.SlotBoth}
	switch {
	case o.Side == trading.Buy && (o.ReduceOnly || o.ClosePosition):
		how.side = closeShort
	case o.Side == trading.Sell && (o.ReduceOnly || o.ClosePosition):
		how.side = closeLong
	case o.Side == trading.Sell:
		how.side = openShort
	}
	if o.Slot != trading.SlotBoth {
		how.mode = 1
	}
	for _, p := range s.core.Positions() {
		if p.Symbol == o.Symbol && p.Isolated {
			how.openType = 1
		}
	}
	return how
}
