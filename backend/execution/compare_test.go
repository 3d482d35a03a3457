package execution

import (
	"strings"
	"testing"

	"hoox/backend/trading"
)

const where = trading.AccountID("bybit:live")

func perp(symbol, qty string) trading.Position {
	return trading.Position{Account: where, Product: trading.Linear, Symbol: symbol, Slot: trading.SlotBoth, Qty: trading.MustQty(qty)}
}

func coin(symbol, qty string) trading.Position {
	p := perp(symbol, qty)
	p.Product = trading.Spot
	return p
}

func resting(id, exchangeID string) trading.Order {
	return trading.Order{ID: trading.OrderID(id), ExchangeID: exchangeID, Account: where, Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth,
		Side: trading.Buy, Type: trading.Limit, Qty: trading.MustQty("1"), Price: trading.MustPrice("90"), Status: trading.OrderAccepted}
}

func stopOf(parent, id string) trading.Order {
	o := resting(id, "e-"+id)
	o.Type, o.Parent, o.ReduceOnly = trading.StopOrder, trading.OrderID(parent), true
	return o
}

// words is an outlook in one line.
func (o outlook) words() string {
	var list []string
	for _, d := range o.seen {
		list = append(list, string(d.Kind)+" "+d.Symbol+" "+d.Ours.String()+"/"+d.Theirs.String())
	}
	for _, p := range o.agreed {
		list = append(list, "agreed "+p.Symbol)
	}
	for _, l := range o.lost {
		list = append(list, "look up "+string(l.ID))
	}
	for _, l := range o.revived {
		list = append(list, "revived "+string(l.ID))
	}
	for _, id := range o.left {
		list = append(list, "left "+string(id))
	}
	if len(o.unjudged) > 0 {
		list = append(list, "unjudged")
	}
	return strings.Join(list, ", ")
}

func TestBothSidesAreCompared(t *testing.T) {
	stopped := perp("BTCUSDT", "1")
	stopped.Protection.StopLoss = trading.MustPrice("90")
	bare := resting("", "e1")
	bare.Type = trading.StopOrder
	hedged := perp("BTCUSDT", "1")
	hedged.Slot = trading.SlotLong
	for name, c := range map[string]struct {
		s    sight
		want string
	}{
		"nothing anywhere":                     {sight{held: true, listed: true}, ""},
		"same position":                        {sight{held: true, ours: []trading.Position{perp("BTCUSDT", "1")}, theirs: []trading.Position{perp("BTCUSDT", "1.0")}}, "agreed BTCUSDT"},
		"other size":                           {sight{held: true, ours: []trading.Position{perp("BTCUSDT", "1")}, theirs: []trading.Position{perp("BTCUSDT", "0.7")}}, "size BTCUSDT 1/0.7"},
		"other direction":                      {sight{held: true, ours: []trading.Position{perp("BTCUSDT", "1")}, theirs: []trading.Position{perp("BTCUSDT", "-1")}}, "size BTCUSDT 1/-1"},
		"only there":                           {sight{held: true, theirs: []trading.Position{perp("BTCUSDT", "-2")}}, "external BTCUSDT 0/-2"},
		"only here":                            {sight{held: true, ours: []trading.Position{perp("BTCUSDT", "1")}}, "missing BTCUSDT 1/0"},
		"other slot":                           {sight{held: true, ours: []trading.Position{perp("BTCUSDT", "1")}, theirs: []trading.Position{hedged}}, "missing BTCUSDT 1/0, external BTCUSDT 0/1"},
		"no answer is not flat":                {sight{ours: []trading.Position{perp("BTCUSDT", "1")}, orders: []trading.Order{resting("hx1a", "e1")}}, ""},
		"an order is on its way":               {sight{held: true, ours: []trading.Position{perp("BTCUSDT", "1")}, busy: map[string]bool{perp("BTCUSDT", "1").Lane(): true}}, "unjudged"},
		"coins of other origin":                {sight{held: true, ours: []trading.Position{coin("BTCUSDT", "1")}, theirs: []trading.Position{coin("BTCUSDT", "5"), coin("ETHUSDT", "3")}}, "agreed BTCUSDT"},
		"coins short":                          {sight{held: true, ours: []trading.Position{coin("BTCUSDT", "1")}, theirs: []trading.Position{coin("BTCUSDT", "0.4")}}, "size BTCUSDT 1/0.4"},
		"coins gone":                           {sight{held: true, ours: []trading.Position{coin("BTCUSDT", "1")}}, "missing BTCUSDT 1/0"},
		"coins short for two symbols together": {sight{held: true, ours: []trading.Position{coin("BTCUSDT", "1"), coin("BTCUSDC", "1")}, theirs: []trading.Position{coin("BTCUSDT", "1.5"), coin("BTCUSDC", "1.5")}}, "size BTCUSDT 1/1.5, size BTCUSDC 1/1.5"},
		"coins that went as fees":              {sight{held: true, ours: []trading.Position{coin("BNBUSDT", "1")}, theirs: []trading.Position{coin("BNBUSDT", "0.99")}, fees: map[string]trading.Money{"BNB": trading.MustMoney("-0.01")}}, "agreed BNBUSDT"},
		"our order rests":                      {sight{listed: true, orders: []trading.Order{resting("hx1a", "e1")}, open: []trading.Order{resting("hx1a", "e1")}}, ""},
		"our order by their id":                {sight{listed: true, orders: []trading.Order{resting("hx1a", "e1")}, open: []trading.Order{resting("", "e1")}}, ""},
		"our order is not listed":              {sight{listed: true, orders: []trading.Order{resting("hx1a", "e1")}}, "lost_order BTCUSDT 1/0, look up hx1a"},
		"an order with our mark":               {sight{listed: true, open: []trading.Order{resting("hx1z", "e9")}}, "recovered_order BTCUSDT 0/1"},
		"an order that had ended":              {sight{listed: true, open: []trading.Order{resting("hx1z", "e9")}, rows: map[trading.OrderID]trading.OrderStatus{"hx1z": trading.OrderNotPlaced}}, "revived hx1z"},
		"an order of somebody else":            {sight{listed: true, open: []trading.Order{resting("web-1", "e9")}}, "foreign_order BTCUSDT 0/1"},
		"a stop of ours":                       {sight{listed: true, ours: []trading.Position{stopped}, open: []trading.Order{stopOf("hx1a", "")}}, ""},
		"a stop that names nobody":             {sight{listed: true, ours: []trading.Position{stopped}, open: []trading.Order{bare}}, ""},
		"a stop of ours without a position":    {sight{listed: true, open: []trading.Order{stopOf("hx1a", "")}}, "left hx1a"},
	} {
		c.s.account = where
		if had := compare(c.s).words(); had != c.want {
			t.Errorf("%s: had %q, want %q", name, had, c.want)
		}
	}
}
