package exchangetest

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"hoox/backend/ledger"
	"hoox/backend/trading"
)

// accountant keeps its own books from nothing but fills and cash. Of a coin it knows that the price is paid and that a fee
// may be taken out of what was bought.
type accountant struct {
	coin      bool
	base      string
	balance   trading.Money
	positions map[trading.Slot]trading.Position
	fills     map[trading.FillID]bool
	filled    map[trading.OrderID]trading.Qty
	said      map[trading.OrderID]trading.Qty
}

func (a *accountant) take(r trading.Report) {
	a.said[r.OrderID] = a.said[r.OrderID].Max(r.Filled)
	for _, f := range r.Fills {
		if a.fills[f.ID] {
			continue
		}
		a.fills[f.ID] = true
		a.filled[f.OrderID] = a.filled[f.OrderID].Add(f.Qty)
		if a.coin {
			a.takeCoin(f)
			continue
		}
		next, realized := ledger.Apply(a.positions[f.Slot], f)
		a.positions[f.Slot] = next
		a.balance = a.balance.Add(realized).Sub(f.Fee)
	}
}

func (a *accountant) takeCoin(f trading.Fill) {
	p, worth := a.positions[f.Slot], trading.Notional(f.Price, f.Qty)
	if f.Side == trading.Buy {
		p.Qty, a.balance = p.Qty.Add(f.Qty), a.balance.Sub(worth)
	} else {
		p.Qty, a.balance = p.Qty.Sub(f.Qty), a.balance.Add(worth)
	}
	if f.FeeAsset == a.base {
		p.Qty = p.Qty.Sub(trading.AsQty(f.Fee))
	} else {
		a.balance = a.balance.Sub(f.Fee)
	}
	a.positions[f.Slot] = p
}

// booksBalance does random things and holds the exchange's word against books of our own: the balance is deposit and
// profit less fees and with funding, a position is the sum of its fills, and no fill is missing or counted twice.
func booksBalance(t *testing.T, open Open) {
	fewerDraws(t, open(t))
	rapid.Check(t, func(rt *rapid.T) {
		// Each draw has a world of its own; what it opens is closed with the test.
		w := open(t)
		hedged := rapid.Bool().Draw(rt, "hedge") && !w.lacks(Hedge)
		if hedged {
			w.Hedge()
		}
		run := &walk{World: w, rt: rt, ctx: t.Context(), at: w.Start, hedged: hedged, accountant: accountant{
			coin: w.spot(), base: w.Instrument.Base, balance: w.Deposit, positions: map[trading.Slot]trading.Position{}, fills: map[trading.FillID]bool{},
			filled: map[trading.OrderID]trading.Qty{}, said: map[trading.OrderID]trading.Qty{},
		}}
		for range rapid.IntRange(5, 60).Draw(rt, "operations") {
			run.act()
			run.hear()
			run.check()
		}
	})
}

// drawsOverTheWire is how many random runs an exchange that is spoken to over a socket gets, where a run takes a while.
const drawsOverTheWire = 12

// fewerDraws makes the runs fewer for such an exchange, unless somebody asked for a number of them with -rapid.checks.
func fewerDraws(t *testing.T, w *World) {
	t.Helper()
	checks := flag.Lookup("rapid.checks")
	if _, wired := w.Adapter.(protector); !wired || checks == nil || checks.Value.String() != checks.DefValue {
		return
	}
	if err := checks.Value.Set(strconv.Itoa(drawsOverTheWire)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := checks.Value.Set(checks.DefValue); err != nil {
			t.Error(err)
		}
	})
}

// walk is one random run.
type walk struct {
	*World
	accountant
	rt     *rapid.T
	ctx    context.Context
	at     trading.Price
	hedged bool
	orders []trading.Order
	made   int
	told   int
	cash   int
}

func (k *walk) act() {
	switch rapid.SampledFrom([]string{"market", "market", "limit", "close", "cancel", "price", "price", "pass", "again", "restart"}).Draw(k.rt, "act") {
	case "market":
		k.send(k.random())
	case "limit":
		o := k.random()
		o.Type = trading.Limit
		o.Price = k.moved(k.at, rapid.Int64Range(-8, 8).Draw(k.rt, "away"))
		k.send(o)
	case "close":
		o := k.random()
		o.ReduceOnly, o.Protection = true, trading.Protection{}
		k.send(o)
	case "cancel":
		if len(k.orders) > 0 {
			k.settle()
			if r, err := k.Adapter.Cancel(k.ctx, rapid.SampledFrom(k.orders).Draw(k.rt, "which")); err == nil {
				k.take(r)
			}
		}
	case "price":
		k.at = k.moved(k.at, rapid.Int64Range(-25, 25).Draw(k.rt, "move"))
		k.Price(k.at)
	case "pass":
		k.Pass(time.Duration(rapid.IntRange(1, 600).Draw(k.rt, "minutes")) * time.Minute)
	case "again":
		if len(k.orders) > 0 {
			k.send(rapid.SampledFrom(k.orders).Draw(k.rt, "which"))
		}
	case "restart":
		if !k.lacks(Restarts) {
			k.Adapter = k.Restart()
		}
	}
}

func (k *walk) moved(from trading.Price, thousandths int64) trading.Price {
	return from.Times(trading.RatioUnits(1000+thousandths, -3)).Floor(k.Instrument.TickSize)
}

func (k *walk) random() trading.Order {
	k.made++
	o := k.order(number(k.made))
	o.Side = rapid.SampledFrom([]trading.Side{trading.Buy, trading.Sell}).Draw(k.rt, "side")
	o.Qty = k.Unit.Times(trading.RatioUnits(rapid.Int64Range(1, 30).Draw(k.rt, "units"), 0))
	if !k.spot() {
		o.Leverage = rapid.SampledFrom([]int{0, 1, 5, 20, 50}).Draw(k.rt, "leverage")
	}
	if k.hedged {
		o.Slot = rapid.SampledFrom([]trading.Slot{trading.SlotLong, trading.SlotShort}).Draw(k.rt, "slot")
	}
	if _, told := k.Adapter.(protector); !told && rapid.Bool().Draw(k.rt, "protected") {
		// Protections that come after the fill have tests of their own.
		sign := int64(1)
		if o.Side == trading.Sell {
			sign = -1
		}
		o.Protection = trading.Protection{
			StopLoss:     k.moved(k.at, -20*sign),
			TakeProfit:   []trading.TakeProfitAt{{Price: k.moved(k.at, 15*sign), Qty: k.Unit}, {Price: k.moved(k.at, 30*sign), Qty: o.Qty}},
			TrailingStop: k.Instrument.TickSize.Times(trading.RatioUnits(5000, 0)),
		}
	}
	return o
}

func (k *walk) send(o trading.Order) {
	k.settle()
	r, err := k.Adapter.Submit(k.ctx, o)
	known := slices.ContainsFunc(k.orders, func(had trading.Order) bool { return had.ID == o.ID })
	if kind := trading.KindOf(err); kind == trading.Unknown && known || kind == trading.Duplicate {
		// It was sent before, so it is asked for instead.
		var found bool
		k.settle()
		if r, found, err = k.Adapter.Lookup(k.ctx, o); err == nil && !found {
			k.rt.Fatalf("order %s was taken before and is not there now", o.ID)
		}
	}
	switch kind := trading.KindOf(err); {
	case err == nil:
		checkReport(k.rt, o, r)
		if !known {
			k.orders = append(k.orders, o)
		}
		k.take(r)
	case kind != trading.Rejected:
		k.rt.Fatalf("submit %s: %v (%s), want an answer or Rejected", o.ID, err, kind)
	}
}

// hear takes what the exchange told by itself.
func (k *walk) hear() {
	reports, cash := k.Reports(), k.Cash()
	for _, r := range reports[k.told:] {
		k.take(r)
	}
	for _, c := range cash[k.cash:] {
		if c.Kind != trading.CashDeposit {
			k.balance = k.balance.Add(c.Amount)
		}
	}
	k.told, k.cash = len(reports), len(cash)
}

// check holds the exchange's word against our books. News that are under way get the time to arrive.
func (k *walk) check() {
	var wrong string
	k.settle()
	if !k.await(func() bool { k.hear(); wrong = k.wrong(); return wrong == "" }) {
		k.rt.Fatalf("%s", wrong)
	}
	for id, said := range k.said {
		if !k.filled[id].Equal(said) {
			k.rt.Fatalf("order %s: %s filled is the exchange's word, its fills add up to %s", id, said, k.filled[id])
		}
	}
}

// wrong is where the exchange and our books differ, "" when they do not.
func (k *walk) wrong() string {
	balance, _, err := k.Adapter.Balance(k.ctx)
	if err != nil || !balance.Equal(k.balance) {
		return fmt.Sprintf("balance is %s (%v), the books say %s", balance, err, k.balance)
	}
	theirs, err := k.Adapter.Positions(k.ctx)
	if err != nil {
		return fmt.Sprintf("positions: %v", err)
	}
	open := 0
	for _, slot := range slices.Sorted(maps.Keys(k.positions)) {
		if !k.positions[slot].Qty.Floor(k.Instrument.StepSize).IsZero() {
			open++
		}
	}
	if len(theirs) != open {
		return fmt.Sprintf("the exchange shows %d positions, the fills make %d", len(theirs), open)
	}
	for _, p := range theirs {
		ours := k.positions[p.Slot]
		if !p.Qty.Equal(ours.Qty) || !k.spot() && !p.Cost.Equal(ours.Cost) {
			return fmt.Sprintf("position in %s is %s at cost %s, the fills make %s at cost %s", p.Slot, p.Qty, p.Cost, ours.Qty, ours.Cost)
		}
		if bad := p.Slot == trading.SlotLong && p.Qty.IsNegative() || p.Slot == trading.SlotShort && p.Qty.IsPositive(); bad {
			return fmt.Sprintf("position in %s is %s: a hedge slot holds one direction only", p.Slot, p.Qty)
		}
	}
	return ""
}
