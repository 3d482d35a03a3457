package binancesim

import (
	"strings"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// heard turns what happened into the events of the user stream: a fill is told thinly first, then what it did to the
// account, then as an event of its order.
func (f *Futures) heard(e exchangesim.Event) {
	f.notice(e)
	at := e.At.UnixMilli()
	switch {
	case e.Cash != nil:
		f.publish(f.accountEvent(e, strings.ToUpper(e.Cash.Kind), e.Cash.Asset, e.Cash.Amount))
		return
	case e.Funding != nil:
		f.publish(f.accountEvent(e, "FUNDING_FEE", e.Funding.Asset, e.Funding.Amount))
		return
	case e.Set != nil && e.Set.Name == "leverage":
		f.publish(map[string]any{"e": "ACCOUNT_CONFIG_UPDATE", "E": at, "T": at, "ac": map[string]any{"s": e.Set.Symbol, "l": e.Set.Number}})
		return
	}
	o := e.Order
	switch {
	case o == nil || o.Product != trading.Linear:
		return
	case o.Algo:
		f.algoHeard(e, *o)
		return
	}
	if e.Filled != nil {
		i, _ := f.core.Instrument(f.product, o.Symbol)
		f.publish(f.liteEvent(e, *o))
		f.publish(f.accountEvent(e, "ORDER", i.Quote, trading.Money{}))
	}
	f.publish(f.orderEvent(e, *o))
	if from, found := f.core.FindAlgo(f.product, o.Symbol, "", o.Link); found && o.Link != "" && from.Actual == o.ID && !o.Status.Open() {
		f.publish(f.algoEvent(e, from, "FINISHED"))
	}
	if e.Filled != nil && e.Filled.Closed.IsPositive() {
		// The core must not be changed from here; what outlived its position ends as soon as it may.
		f.later(f.expireFlat)
	}
}

func (f *Futures) orderEvent(e exchangesim.Event, o exchangesim.Order) map[string]any {
	i, _ := f.core.Instrument(f.product, o.Symbol)
	at := e.At.UnixMilli()
	t := f.termsOf(o)
	origin, trigger := f.origin(o)
	row := map[string]any{
		"s": o.Symbol, "c": clientID(o), "S": sideWord(o.Side), "o": futuresType(o), "f": f.tif(o), "q": f.qty(i, o.Qty), "p": f.orZero(i, o.Price),
		"ap": o.Average().String(), "sp": trigger, "x": "NEW", "X": word(o), "i": number(o.ID), "l": "0", "z": f.amountWord(i, o.Filled), "L": "0",
		"N": i.Quote, "n": "0", "T": at, "t": 0, "b": "0", "a": "0", "m": false, "R": o.ReduceOnly, "wt": t.workingType, "ot": origin,
		"ps": slotWord(o.Slot), "cp": o.ClosePosition, "rp": "0", "pP": t.priceProtect, "si": 0, "ss": 0, "V": "EXPIRE_MAKER", "pm": "NONE", "gtd": t.goodTill, "er": "0",
	}
	switch {
	case e.Placed != nil:
		row["X"], row["z"], row["ap"] = "NEW", "0", "0"
	case e.Filled != nil:
		x := *e.Filled
		row["x"], row["l"], row["L"], row["N"], row["n"] = "TRADE", f.qty(i, x.Qty), x.Price.String(), x.FeeAsset, x.Fee.Fixed(8)
		row["t"], row["m"], row["rp"] = number(x.ID), x.Maker, x.PnL.String()
		if x.Kind == "Bust" {
			row["x"] = "CALCULATED"
		}
	case e.Changed != nil:
		switch row["X"] = word(*e.Changed); {
		case e.Changed.Status.Open():
			row["x"] = "AMENDMENT"
		case row["X"] == "REJECTED":
			row["x"] = "REJECTED"
		default:
			row["x"] = row["X"]
		}
		if e.Changed.Reason == exchangesim.ReasonNoMatch {
			row["er"] = "1"
		}
	}
	return map[string]any{"e": "ORDER_TRADE_UPDATE", "E": at, "T": at, "o": row}
}

// liteEvent is the early, thin copy of a fill.
func (f *Futures) liteEvent(e exchangesim.Event, o exchangesim.Order) map[string]any {
	i, _ := f.core.Instrument(f.product, o.Symbol)
	x := *e.Filled
	return map[string]any{
		"e": "TRADE_LITE", "E": e.At.UnixMilli(), "T": e.At.UnixMilli(), "s": o.Symbol, "q": f.qty(i, o.Qty), "p": f.orZero(i, o.Price), "m": x.Maker,
		"c": clientID(o), "S": sideWord(o.Side), "L": x.Price.String(), "l": f.qty(i, x.Qty), "t": number(x.ID), "i": number(o.ID),
	}
}

// accountEvent tells what changed: one asset, and the position that the event concerns.
func (f *Futures) accountEvent(e exchangesim.Event, reason, asset string, change trading.Money) map[string]any {
	wallet, _ := f.core.Balance(asset)
	positions := []any{}
	if e.Position != nil && reason == "ORDER" {
		p := *e.Position
		i, _ := f.core.Instrument(f.product, p.Symbol)
		margin, isolated := "cross", "0"
		if p.Isolated {
			margin, isolated = "isolated", p.Margin.Fixed(8)
		}
		positions = append(positions, map[string]any{
			"s": p.Symbol, "pa": f.qty(i, p.Qty), "ep": entryWord(p), "bep": breakEven(i, p), "cr": p.TotalRealized.String(),
			"up": p.Unrealized(p.Mark).Fixed(8), "mt": margin, "iw": isolated, "ps": slotWord(p.Slot), "ma": i.Quote,
		})
	}
	return map[string]any{"e": "ACCOUNT_UPDATE", "E": e.At.UnixMilli(), "T": e.At.UnixMilli(), "a": map[string]any{
		"m": reason, "B": []any{map[string]any{"a": asset, "wb": wallet.Fixed(8), "cw": wallet.Fixed(8), "bc": change.String()}}, "P": positions,
	}}
}

// algoHeard tells what became of a conditional order.
func (f *Futures) algoHeard(e exchangesim.Event, o exchangesim.Order) {
	switch {
	case e.Placed != nil:
		f.publish(f.algoEvent(e, *e.Placed, "NEW"))
	case e.Changed != nil && e.Changed.Status == exchangesim.Triggered:
		early := *e.Changed
		early.Actual = ""
		f.publish(f.algoEvent(e, early, "TRIGGERING"))
		f.publish(f.algoEvent(e, *e.Changed, "TRIGGERED"))
	case e.Changed != nil:
		f.publish(f.algoEvent(e, *e.Changed, f.algoStatus(*e.Changed)))
	}
}

func (f *Futures) algoEvent(e exchangesim.Event, o exchangesim.Order, status string) map[string]any {
	i, _ := f.core.Instrument(f.product, o.Symbol)
	at := e.At.UnixMilli()
	t := f.termsOf(o)
	reason, price, qty := "", "0.00000", "0"
	if status == "REJECTED" {
		reason = "ReduceOnly Order is rejected"
		if o.Reason == exchangesim.ReasonNoMoney {
			reason = "Margin is insufficient"
		}
	}
	if actual, found := f.core.FindPlain(f.product, o.Symbol, o.Actual, ""); found && o.Actual != "" && status == "FINISHED" {
		price, qty = average(actual), f.amountWord(i, actual.Filled)
	}
	return map[string]any{"e": "ALGO_UPDATE", "E": at, "T": at, "o": map[string]any{
		"caid": clientID(o), "aid": number(o.ID), "at": "CONDITIONAL", "o": futuresType(o), "s": o.Symbol, "S": sideWord(o.Side), "ps": slotWord(o.Slot),
		"f": f.tif(o), "q": f.qty(i, o.Qty), "X": status, "ai": o.Actual, "ap": price, "aq": qty, "act": "0", "tp": f.triggerWord(i, o),
		"p": f.orZero(i, o.Price), "V": "EXPIRE_MAKER", "wt": t.workingType, "pm": "NONE", "cp": o.ClosePosition, "pP": t.priceProtect,
		"R": o.ReduceOnly, "tt": max(o.TriggeredAt.UnixMilli(), 0), "gtd": t.goodTill, "rm": reason,
	}}
}

// publish tells every stream that hears the account and did not leave the kind of event out.
func (f *Futures) publish(event map[string]any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	kind, _ := event["e"].(string)
	if f.silent {
		return
	}
	for _, e := range f.sent(event) {
		for k := range f.sockets {
			switch {
			case !k.user || k.allow != nil && !k.allow[kind]:
			case k.combined:
				k.say(map[string]any{"stream": k.key, "data": e})
			default:
				k.say(e)
			}
		}
	}
}
