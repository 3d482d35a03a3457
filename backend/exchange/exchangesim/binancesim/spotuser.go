package binancesim

import (
	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// heard turns what happened into the events of the user stream, in Binance's order: the order, then the balances.
func (s *Spot) heard(e exchangesim.Event) {
	s.notice(e)
	o := e.Order
	switch {
	case e.Cash != nil:
		s.publish(map[string]any{"e": "balanceUpdate", "E": e.At.UnixMilli(), "a": e.Cash.Asset, "d": e.Cash.Amount.Fixed(8), "T": e.At.UnixMilli()})
		s.publish(s.balanceEvent(e, e.Cash.Asset))
		return
	case o == nil || o.Product != trading.Spot:
		return
	}
	n := s.lists.grouped(o.Group)
	if n != nil {
		s.lists.join(n, o.ID)
	}
	s.publish(s.report(e, *o))
	i, _ := s.core.Instrument(trading.Spot, o.Symbol)
	s.publish(s.balanceEvent(e, i.Base, i.Quote))
	if n == nil {
		return
	}
	s.publish(s.listEvent(n, e))
	if e.Filled != nil && len(n.pending) > 0 {
		// The core must not be changed from here; the pair is placed as soon as it may be.
		s.later(func() { s.follow(n) })
	}
}

// report is an executionReport.
func (s *Spot) report(e exchangesim.Event, o exchangesim.Order) map[string]any {
	row := map[string]any{
		"e": "executionReport", "E": e.At.UnixMilli(), "s": o.Symbol, "c": clientID(o), "S": sideWord(o.Side), "o": spotType(o), "f": tifWord(o),
		"q": o.Qty.Fixed(8), "p": o.Price.Fixed(8), "P": o.Trigger.Fixed(8), "F": "0.00000000", "g": s.lists.idOf(o.ID), "C": "",
		"x": "NEW", "X": word(o), "r": "NONE", "i": number(o.ID), "l": "0.00000000", "z": o.Filled.Fixed(8), "L": "0.00000000", "n": "0",
		"N": nil, "T": e.At.UnixMilli(), "t": -1, "I": e.Seq, "w": o.Status == exchangesim.New || o.Status == exchangesim.PartiallyFilled,
		"m": false, "M": false, "O": o.CreatedAt.UnixMilli(), "Z": o.Cost.Fixed(8), "Y": "0.00000000", "Q": o.QuoteQty.Fixed(8),
		"W": workingTime(o), "V": "EXPIRE_MAKER",
	}
	switch {
	case e.Placed != nil:
		o := *e.Placed
		row["X"], row["z"], row["Z"], row["w"] = "NEW", "0.00000000", "0.00000000", o.Status != exchangesim.Untriggered
	case e.Filled != nil:
		x := *e.Filled
		row["x"], row["l"], row["L"], row["n"], row["N"] = "TRADE", x.Qty.Fixed(8), x.Price.Fixed(8), x.Fee.Fixed(8), x.FeeAsset
		row["t"], row["m"], row["M"], row["Y"], row["w"] = number(x.ID), x.Maker, true, trading.Notional(x.Price, x.Qty).Fixed(8), x.Maker
	case e.Changed != nil:
		s.ended(row, *e.Changed)
	}
	return row
}

// ended fills in what a change of an order is called.
func (s *Spot) ended(row map[string]any, o exchangesim.Order) {
	switch word(o) {
	case "CANCELED":
		s.mu.Lock()
		name := s.renamed[o.ID]
		s.mu.Unlock()
		if name == "" {
			name = "web_cancel" + o.ID
		}
		row["x"], row["c"], row["C"] = "CANCELED", name, clientID(o)
	case "EXPIRED":
		row["x"] = "EXPIRED"
		if o.Reason == exchangesim.ReasonNoMatch {
			row["eR"] = 1
		}
	case "REJECTED":
		row["x"], row["r"] = "REJECTED", "INSUFFICIENT_BALANCE"
	}
}

func (s *Spot) balanceEvent(e exchangesim.Event, assets ...string) map[string]any {
	rows := []any{}
	for _, a := range assets {
		total, free := s.core.Balance(a)
		rows = append(rows, map[string]any{"a": a, "f": free.Fixed(8), "l": total.Sub(free).Fixed(8)})
	}
	return map[string]any{"e": "outboundAccountPosition", "E": e.At.UnixMilli(), "u": e.At.UnixMilli(), "B": rows}
}

// publish tells every subscription, wrapped with its number.
func (s *Spot) publish(event map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.silent {
		return
	}
	for _, e := range s.sent(event) {
		for k := range s.sockets {
			if k.user {
				k.say(map[string]any{"subscriptionId": k.subscription, "event": e})
			}
		}
	}
}
