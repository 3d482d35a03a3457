package binancesim

import (
	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// algo reads a conditional order. Its trigger is not held against the tick size; the core gets it rounded down.
func (f *Futures) algo(q *request) (exchangesim.Request, terms, *refusal) {
	var t terms
	if q.text("algoType") != "CONDITIONAL" {
		return exchangesim.Request{}, t, missing("algoType")
	}
	i, r, bad := f.base(q, "clientAlgoId")
	if bad != nil {
		return r, t, bad
	}
	kind, known := algoKinds[q.text("type")]
	if !known {
		return r, t, notSupported
	}
	r.Kind, r.Algo = kind, true
	if t.priceProtect, bad = q.flag("priceProtect"); bad != nil {
		return r, t, bad
	}
	switch t.workingType = q.text("workingType"); t.workingType {
	case "":
		t.workingType = "CONTRACT_PRICE"
	case "MARK_PRICE", "CONTRACT_PRICE":
	default:
		return r, t, no(-1100, "Illegal characters found in parameter 'workingType'; legal range is 'MARK_PRICE, CONTRACT_PRICE'.")
	}
	for _, bad := range []*refusal{amount(q, "quantity", &r.Qty), amount(q, "price", &r.Price), f.readTrigger(q, i, &r, &t), f.readClose(q, &r)} {
		if bad != nil {
			return r, t, bad
		}
	}
	if r.Kind.Priced() {
		if bad := q.must("price", "quantity"); bad != nil {
			return r, t, bad
		}
		if q.text("timeInForce") != "" {
			if bad := f.readTIF(q, &r); bad != nil {
				return r, t, bad
			}
		}
	}
	return r, t, f.filter(i, r)
}

// readTrigger reads where a conditional order starts to work.
func (f *Futures) readTrigger(q *request, i trading.Instrument, r *exchangesim.Request, t *terms) *refusal {
	if r.Kind != exchangesim.Trailing {
		if bad := q.must("triggerPrice"); bad != nil {
			return bad
		}
		t.trigger = q.text("triggerPrice")
		if bad := amount(q, "triggerPrice", &r.Trigger); bad != nil {
			return bad
		}
		r.Trigger = r.Trigger.Floor(i.TickSize)
		if r.Trigger.IsZero() {
			return no(-4006, "Stop price less than zero.")
		}
		return nil
	}
	t.callback, t.activate = q.text("callbackRate"), q.text("activatePrice")
	var rate trading.Ratio
	if bad := q.must("callbackRate"); bad != nil {
		return bad
	}
	if bad := amount(q, "callbackRate", &rate); bad != nil {
		return bad
	}
	if rate.Less(trading.MustRatio("0.1")) || rate.More(trading.MustRatio("20")) {
		return no(-2007, "Invalid callBack rate.")
	}
	r.Callback = rate.Over(trading.MustRatio("100"))
	if bad := amount(q, "activatePrice", &r.Activate); bad != nil {
		return bad
	}
	r.Activate = r.Activate.Floor(i.TickSize)
	return nil
}

// readClose reads closePosition and what may not stand beside it.
func (f *Futures) readClose(q *request, r *exchangesim.Request) *refusal {
	var bad *refusal
	if r.ClosePosition, bad = q.flag("closePosition"); bad != nil {
		return bad
	}
	switch {
	case !r.ClosePosition:
		return q.must("quantity")
	case r.Kind != exchangesim.StopMarket && r.Kind != exchangesim.TargetMarket:
		return no(-4136, "Target strategy invalid for orderType "+q.text("type")+", closePosition true")
	case q.text("quantity") != "":
		return no(-4137, "Quantity must be zero with closePosition equals true")
	case q.text("reduceOnly") != "":
		return no(-1106, "Parameter 'reduceonly' sent when not required.")
	}
	for _, p := range f.core.Positions() {
		if p.Symbol == r.Symbol {
			return nil
		}
	}
	for _, o := range f.core.OpenOrders(f.product, r.Symbol) {
		if !o.Algo {
			return nil
		}
	}
	return no(-4509, "Time in Force (TIF) GTE can only be used with open positions or open orders. Please ensure that open orders or positions are available.")
}

func (f *Futures) placeAlgo(q *request) (any, *refusal) {
	r, t, bad := f.algo(q)
	if bad != nil {
		return nil, bad
	}
	f.more.Lock()
	before, had := f.terms["algo "+r.Link]
	f.terms["algo "+r.Link] = t
	f.more.Unlock()
	o, bad := f.put(q, r)
	if bad != nil {
		if had {
			f.remember("algo", r.Link, before)
		}
		return nil, bad
	}
	o.Status = exchangesim.Untriggered
	return f.algoRow(o), nil
}

// triggerWord is the trigger as it was sent.
func (f *Futures) triggerWord(i trading.Instrument, o exchangesim.Order) string {
	if sent := f.termsOf(o).trigger; sent != "" {
		if p, err := trading.ParsePrice(sent); err == nil {
			return p.Fixed(int32(i.TickSize.Places()) + 1)
		}
	}
	return f.orZero(i, o.Trigger)
}

// algoStatus is where a conditional order is.
func (f *Futures) algoStatus(o exchangesim.Order) string {
	switch o.Status {
	case exchangesim.Untriggered, exchangesim.New:
		return "NEW"
	case exchangesim.Triggered:
		if actual, found := f.core.FindPlain(f.product, o.Symbol, o.Actual, ""); found && !actual.Status.Open() {
			return "FINISHED"
		}
		return "TRIGGERED"
	case exchangesim.Rejected:
		return "REJECTED"
	}
	f.more.Lock()
	flat := f.flat[o.ID]
	f.more.Unlock()
	switch {
	case flat, o.Reason == exchangesim.ReasonFlat, o.Reason == exchangesim.ReasonReduceOnly && o.ClosePosition, o.Status == exchangesim.Expired:
		return "EXPIRED"
	case o.Reason == exchangesim.ReasonReduceOnly:
		return "REJECTED"
	}
	return "CANCELED"
}

// algoRow is a conditional order.
func (f *Futures) algoRow(o exchangesim.Order) map[string]any {
	i, _ := f.core.Instrument(f.product, o.Symbol)
	t := f.termsOf(o)
	row := map[string]any{
		"algoId": number(o.ID), "clientAlgoId": clientID(o), "algoType": "CONDITIONAL", "orderType": futuresType(o), "symbol": o.Symbol,
		"side": sideWord(o.Side), "positionSide": slotWord(o.Slot), "timeInForce": f.tif(o), "quantity": f.qty(i, o.Qty),
		"algoStatus": f.algoStatus(o), "triggerPrice": f.triggerWord(i, o), "price": f.orZero(i, o.Price), "icebergQuantity": nil,
		"selfTradePreventionMode": "EXPIRE_MAKER", "workingType": t.workingType, "priceMatch": "NONE", "closePosition": o.ClosePosition,
		"priceProtect": t.priceProtect, "reduceOnly": o.ReduceOnly, "createTime": o.CreatedAt.UnixMilli(), "updateTime": o.UpdatedAt.UnixMilli(),
		"triggerTime": int64(0), "goodTillDate": t.goodTill, "actualOrderId": "", "actualPrice": "0.00000", "tpTriggerPrice": "0.000",
		"tpPrice": "0.000", "slTriggerPrice": "0.000", "slPrice": "0.000", "tpOrderType": "",
	}
	if o.Kind == exchangesim.Trailing {
		row["callbackRate"], row["activatePrice"] = t.callback, t.activate
	}
	if !o.TriggeredAt.IsZero() {
		row["triggerTime"], row["actualOrderId"] = o.TriggeredAt.UnixMilli(), o.Actual
		if actual, found := f.core.FindPlain(f.product, o.Symbol, o.Actual, ""); found {
			row["actualPrice"], row["actualQty"] = average(actual), f.amountWord(i, actual.Filled)
		}
	}
	return row
}

// findAlgo is the conditional order that a request names; no symbol is needed.
func (f *Futures) findAlgo(q *request) (exchangesim.Order, *refusal) {
	id, link := q.text("algoId"), q.text("clientAlgoId")
	if id == "" && link == "" {
		return exchangesim.Order{}, no(-1102, "Param 'algoId' or 'clientAlgoId' must be sent, but both were empty/null!")
	}
	if id != "" {
		link = ""
	}
	o, found := f.core.FindAlgo(f.product, "", id, link)
	if !found || f.purged(o) {
		return o, noSuchOrder
	}
	return o, nil
}

func (f *Futures) queryAlgo(q *request) (any, *refusal) {
	o, bad := f.findAlgo(q)
	if bad != nil {
		return nil, bad
	}
	return f.algoRow(o), nil
}

func (f *Futures) cancelAlgo(q *request) (any, *refusal) {
	o, bad := f.findAlgo(q)
	switch {
	case bad == noSuchOrder:
		return nil, unknownOrder
	case bad != nil:
		return nil, bad
	}
	if _, refused := f.core.Cancel(f.product, o.Symbol, o.ID, ""); refused != nil {
		return nil, unknownOrder
	}
	return map[string]any{"algoId": number(o.ID), "clientAlgoId": clientID(o), "code": "200", "msg": "success"}, nil
}

func (f *Futures) openAlgos(q *request) (any, *refusal) {
	if q.text("symbol") != "" {
		if _, bad := f.instrument(q); bad != nil {
			return nil, bad
		}
	}
	list := []any{}
	for _, o := range f.core.OpenOrders(f.product, q.text("symbol")) {
		if o.Algo {
			list = append(list, f.algoRow(o))
		}
	}
	return list, nil
}

func (f *Futures) allAlgos(q *request) (any, *refusal) {
	return f.history(q, func(o exchangesim.Order) (any, bool) {
		if !o.Algo {
			return nil, false
		}
		return f.algoRow(o), true
	}, "algoId")
}

func (f *Futures) cancelAlgos(q *request) (any, *refusal) {
	i, bad := f.instrument(q)
	if bad != nil {
		return nil, bad
	}
	f.core.CancelWhere(func(o exchangesim.Order) bool { return o.Product == f.product && o.Algo && o.Symbol == i.Symbol })
	return allCanceled, nil
}

// expireFlat ends the stops that close a position when there is none any more.
func (f *Futures) expireFlat() {
	// One at a time: the one that comes second would find the order ended and take it for canceled by hand.
	f.ending.Lock()
	defer f.ending.Unlock()
	for _, o := range f.core.OpenOrders(f.product, "") {
		if !o.Algo || !o.ClosePosition || !f.orphan(o) {
			continue
		}
		f.more.Lock()
		f.flat[o.ID] = true
		f.more.Unlock()
		if _, refused := f.core.Cancel(f.product, o.Symbol, o.ID, ""); refused != nil {
			f.more.Lock()
			delete(f.flat, o.ID)
			f.more.Unlock()
		}
	}
}

// orphan tells whether a stop that closes a position has outlived it: there was one since it was placed, and now there
// is none on its side.
func (f *Futures) orphan(o exchangesim.Order) bool {
	p := f.core.Position(o.Symbol, o.Slot)
	if !p.Qty.IsZero() && p.Direction().Entry() != o.Side {
		return false
	}
	own, _ := number(o.ID).Int64()
	for _, x := range f.core.Fills() {
		if x.Symbol != o.Symbol || x.Slot != o.Slot || x.Product != f.product || !x.Closed.IsPositive() {
			continue
		}
		// Within a millisecond the ids, which count upwards, tell what came later.
		if x.At.After(o.CreatedAt) || x.At.Equal(o.CreatedAt) && atLeast(x.OrderID, own+1) {
			return true
		}
	}
	return false
}
