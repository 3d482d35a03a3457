package binance_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

func withTimeout(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// waiting are the conditional orders that stand, by type.
func waiting(c *exchangesim.Core) map[exchangesim.Kind][]exchangesim.Order {
	list := map[exchangesim.Kind][]exchangesim.Order{}
	for _, o := range c.OpenOrders(trading.Linear, "BTCUSDT") {
		if o.Algo {
			list[o.Kind] = append(list[o.Kind], o)
		}
	}
	return list
}

func (s *stage) position(t testing.TB, slot trading.Slot) trading.Position {
	t.Helper()
	list, err := s.Positions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range list {
		if p.Slot == slot {
			return p
		}
	}
	t.Fatalf("no position in %s: %+v", slot, list)
	return trading.Position{}
}

func (s *stage) enter(t testing.TB, o trading.Order) {
	t.Helper()
	if r, err := s.Submit(t.Context(), o); err != nil || r.Status != trading.OrderFilled {
		t.Fatalf("%+v, %v", r, err)
	}
}

func price(text string) trading.Price { return trading.MustPrice(text) }

func TestProtectionIsMadeExactlyAndNothingIsAddedTwice(t *testing.T) {
	s := newStage(t)
	s.enter(t, s.order("a"))
	want := s.position(t, trading.SlotBoth)
	want.Protection = trading.Protection{StopLoss: price("59000"), TakeProfit: []trading.TakeProfitAt{{Price: price("62000"), Qty: want.Qty}}, TrailingStop: price("600")}
	for range 3 {
		if err := s.Protect(t.Context(), "hx1a", want); err != nil {
			t.Fatal(err)
		}
	}
	had := waiting(s.futures)
	if len(had[exchangesim.StopMarket]) != 1 || len(had[exchangesim.TargetMarket]) != 1 || len(had[exchangesim.Trailing]) != 1 ||
		!had[exchangesim.StopMarket][0].ClosePosition || !had[exchangesim.TargetMarket][0].ClosePosition || had[exchangesim.Trailing][0].Callback.String() != "0.01" {
		t.Fatalf("%+v stands, want a stop and a target for the position and a trailing stop of 1 %%", had)
	}
	p := s.position(t, trading.SlotBoth).Protection
	if p.StopLoss.String() != "59000" || len(p.TakeProfit) != 1 || p.TakeProfit[0].Qty.String() != "0.01" || p.TrailingStop.IsZero() {
		t.Errorf("the position shows %+v", p)
	}
	want.Protection = trading.Protection{StopLoss: price("59500"), TakeProfit: []trading.TakeProfitAt{{Price: price("61000"), Qty: trading.MustQty("0.004")}, {Price: price("62000"), Qty: trading.MustQty("0.02")}}}
	if err := s.Protect(t.Context(), "hx1a", want); err != nil {
		t.Fatal(err)
	}
	had = waiting(s.futures)
	if len(had[exchangesim.StopMarket]) != 1 || had[exchangesim.StopMarket][0].Trigger.String() != "59500" || len(had[exchangesim.Trailing]) != 0 || len(had[exchangesim.TargetMarket]) != 2 {
		t.Fatalf("%+v stands after the change", had)
	}
	for _, o := range had[exchangesim.TargetMarket] {
		if o.ClosePosition || !o.ReduceOnly || o.Trigger.String() == "62000" && o.Qty.String() != "0.006" {
			t.Errorf("target %+v; want reduce-only shares of no more than is held", o)
		}
	}
	want.Qty = trading.Qty{}
	if err := s.Protect(t.Context(), "hx1a", want); err != nil || len(waiting(s.futures)) != 0 {
		t.Errorf("%v, %+v stands; want nothing of ours", err, waiting(s.futures))
	}
}

func TestProtectLeavesWhatOthersPlacedAlone(t *testing.T) {
	s := newStage(t)
	s.enter(t, s.order("a"))
	foreign, refused := s.futures.Place(exchangesim.Request{Link: "web_1", Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth, Side: trading.Sell,
		Kind: exchangesim.StopMarket, Trigger: price("58000"), ClosePosition: true, Algo: true})
	if refused != nil {
		t.Fatal(refused)
	}
	want := s.position(t, trading.SlotBoth)
	if !want.Protection.IsZero() {
		t.Errorf("the position shows %+v, which is not ours", want.Protection)
	}
	want.Protection = trading.Protection{StopLoss: price("59000")}
	if err := s.Protect(t.Context(), "hx1a", want); trading.KindOf(err) != trading.Rejected || !strings.Contains(err.Error(), "somebody else") {
		t.Errorf("second stop for the position: %v, want rejected in words", err)
	}
	if o, _ := s.futures.Order(foreign.ID); !o.Status.Open() {
		t.Errorf("the stop of somebody else is %s", o.Status)
	}
	list, err := s.Open(t.Context())
	if err != nil || len(list) != 1 || list[0].ID != "" || list[0].Parent != "" || list[0].Type != trading.StopOrder || list[0].Price.String() != "58000" {
		t.Fatalf("open orders are %+v, %v", list, err)
	}
	if err := s.CancelForeign(t.Context(), list[0]); err != nil {
		t.Fatal(err)
	}
	if err := s.Protect(t.Context(), "hx1a", want); err != nil || len(waiting(s.futures)[exchangesim.StopMarket]) != 1 {
		t.Errorf("%v after a person canceled it", err)
	}
}

func TestALostAnswerToAProtectionAddsNoSecondOne(t *testing.T) {
	s := newStage(t)
	s.enter(t, s.order("a"))
	want := s.position(t, trading.SlotBoth)
	want.Protection = trading.Protection{StopLoss: price("59000"), TakeProfit: []trading.TakeProfitAt{{Price: price("61000"), Qty: trading.MustQty("0.005")}}}
	s.futures.SetFaults(once("/fapi/v1/algoOrder", exchangesim.Fault{LoseAnswer: true}))
	if err := s.Protect(t.Context(), "hx1a", want); trading.KindOf(err) != trading.Unknown {
		t.Fatalf("%v, want unknown", err)
	}
	if err := s.Protect(t.Context(), "hx1a", want); err != nil {
		t.Fatal(err)
	}
	if had := waiting(s.futures); len(had[exchangesim.StopMarket]) != 1 || len(had[exchangesim.TargetMarket]) != 1 {
		t.Errorf("%+v stands, want one of each", had)
	}
}

func TestSlotsOfHedgeModeAreProtectedApart(t *testing.T) {
	s := newStage(t)
	if err := s.SetPositionMode(t.Context(), trading.Hedge); err != nil {
		t.Fatal(err)
	}
	if setup, err := s.Setup(t.Context()); err != nil || setup.PositionMode != trading.Hedge || setup.MarginMode != "" {
		t.Errorf("setup is %+v, %v", setup, err)
	}
	long, short := s.order("long"), s.order("short")
	long.Slot, short.Slot, short.Side = trading.SlotLong, trading.SlotShort, trading.Sell
	s.enter(t, long)
	s.enter(t, short)
	up, down := s.position(t, trading.SlotLong), s.position(t, trading.SlotShort)
	up.Protection = trading.Protection{StopLoss: price("59000"), TakeProfit: []trading.TakeProfitAt{{Price: price("61000"), Qty: trading.MustQty("0.004")}}}
	down.Protection = trading.Protection{StopLoss: price("61500"), TrailingStop: price("300")}
	for parent, want := range map[trading.OrderID]trading.Position{long.ID: up, short.ID: down} {
		if err := s.Protect(t.Context(), parent, want); err != nil {
			t.Fatal(err)
		}
	}
	if had := waiting(s.futures); len(had[exchangesim.StopMarket]) != 2 || len(had[exchangesim.TargetMarket]) != 1 || len(had[exchangesim.Trailing]) != 1 {
		t.Fatalf("%+v stands", had)
	}
	down.Protection = trading.Protection{}
	if err := s.Protect(t.Context(), short.ID, down); err != nil {
		t.Fatal(err)
	}
	if p := s.position(t, trading.SlotLong).Protection; p.StopLoss.String() != "59000" || len(p.TakeProfit) != 1 {
		t.Errorf("the long shows %+v after the short lost its protection", p)
	}
}

func TestATrailingDistanceThatBinanceCannotKeepIsRefusedInWords(t *testing.T) {
	s := newStage(t)
	s.enter(t, s.order("a"))
	for _, distance := range []string{"1", "20000"} {
		want := s.position(t, trading.SlotBoth)
		want.Protection = trading.Protection{TrailingStop: price(distance)}
		if err := s.Protect(t.Context(), "hx1a", want); trading.KindOf(err) != trading.Rejected || !strings.Contains(err.Error(), "0.1 %") {
			t.Errorf("%s: %v, want rejected in words", distance, err)
		}
	}
}

func TestCoinsAreProtectedByAPairAndSoldAllTheSame(t *testing.T) {
	s := newStage(t)
	s.serve(t)
	o := s.order("a")
	o.Product, o.Leverage = trading.Spot, 0
	s.enter(t, o)
	want := s.position(t, trading.SlotBoth)
	if want.Qty.String() != "0.00999" || want.Product != trading.Spot {
		t.Fatalf("holding is %+v, want what the fee left", want)
	}
	want.Protection = trading.Protection{StopLoss: price("59000"), TakeProfit: []trading.TakeProfitAt{
		{Price: price("61000"), Qty: trading.MustQty("0.003")}, {Price: price("62000"), Qty: trading.MustQty("0.003")},
	}}
	for range 2 {
		if err := s.Protect(t.Context(), "hx1a", want); err != nil {
			t.Fatal(err)
		}
	}
	if open := s.spot.OpenOrders(trading.Spot, "BTCUSDT"); len(open) != 5 {
		t.Fatalf("%+v stands, want two pairs and a stop for the rest", open)
	}
	p := s.position(t, trading.SlotBoth).Protection
	if p.StopLoss.String() != "59000" || len(p.TakeProfit) != 2 || p.TakeProfit[0].Qty.String() != "0.003" {
		t.Errorf("the holding shows %+v", p)
	}
	s.price("61000")
	s.until(t, "the target is told", func() bool { r := s.desk.Last("hx1a"); return r.Child != nil && r.Status == trading.OrderFilled })
	if r := s.desk.Last("hx1a"); r.Child.Type != trading.TargetOrder || r.Filled.String() != "0.003" || r.Child.Parent != "hx1a" {
		t.Errorf("child is %+v", r)
	}
	sale := s.order("b")
	sale.Product, sale.Leverage, sale.Side, sale.ReduceOnly, sale.Qty = trading.Spot, 0, trading.Sell, true, trading.MustQty("0.00699")
	s.enter(t, sale)
	if list, err := s.Positions(t.Context()); err != nil || len(list) != 0 || len(s.spot.OpenOrders(trading.Spot, "BTCUSDT")) != 0 {
		t.Errorf("after the sale %+v is held, %v, %d orders stand", list, err, len(s.spot.OpenOrders(trading.Spot, "BTCUSDT")))
	}
	want.Protection = trading.Protection{TrailingStop: price("600")}
	if err := s.Protect(t.Context(), "hx1a", want); trading.KindOf(err) != trading.Rejected {
		t.Errorf("trailing stop on spot: %v, want rejected in words", err)
	}
}
