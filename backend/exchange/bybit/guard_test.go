package bybit_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

func TestAWrongKeyOrSecretIsACertainNoThatShowsNeither(t *testing.T) {
	for want, change := range map[string]func(*stage){
		"10003": func(s *stage) { s.key = "stranger" },
		"10004": func(s *stage) { s.secret = "stranger" },
	} {
		s := newStage(t)
		change(s)
		o := s.order("a")
		o.Leverage = 0
		_, err := s.Submit(t.Context(), o)
		if trading.KindOf(err) != trading.Rejected || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "stranger") {
			t.Errorf("submit: %v (%s), want rejected with code %s and without the key", err, trading.KindOf(err), want)
		}
		if _, err := s.Positions(t.Context()); trading.KindOf(err) != trading.Unauthorized {
			t.Errorf("positions: %v (%s), want unauthorized", err, trading.KindOf(err))
		}
	}
}

func TestATimestampErrorMakesTheClockUnknown(t *testing.T) {
	s := newStage(t)
	if err := s.SyncClock(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.simTime.Pass(20 * time.Second)
	o := s.order("a")
	o.Leverage = 0
	o.ReduceOnly, o.Side = true, trading.Sell
	if _, err := s.Submit(t.Context(), o); trading.KindOf(err) != trading.Limited || !strings.Contains(err.Error(), "10002") {
		t.Fatalf("submit: %v (%s), want limited: the exchange processed nothing", err, trading.KindOf(err))
	}
	if _, err := s.Submit(t.Context(), o); trading.KindOf(err) != trading.Unavailable || s.sim.Creates(string(o.ID)) != 1 {
		t.Errorf("again: %v after %d requests, want the clock read anew and nothing sent", err, s.sim.Creates(string(o.ID)))
	}
}

func TestSpotBuysBaseUnitsAndRefusesWhatItCannotKeep(t *testing.T) {
	s := newStage(t)
	o := s.order("a")
	o.Product, o.Leverage, o.MarginMode = trading.Spot, 0, trading.Isolated
	r, err := s.Submit(t.Context(), o)
	if err != nil || r.Status != trading.OrderFilled || r.Filled.String() != "0.01" || r.Fills[0].Product != trading.Spot {
		t.Errorf("buy: %+v, %v, want 0.01 filled", r, err)
	}
	guarded := s.order("b")
	guarded.Product, guarded.Leverage, guarded.Protection.TrailingStop = trading.Spot, 0, trading.MustPrice("100")
	if _, err := s.Submit(t.Context(), guarded); trading.KindOf(err) != trading.Rejected || s.sim.Creates("hx1b") != 0 {
		t.Errorf("order with a trailing stop: %v, want rejected before anything is sent", err)
	}
	short := s.order("c")
	short.Product, short.Leverage, short.Side, short.Qty = trading.Spot, 0, trading.Sell, trading.MustQty("1")
	if _, err := s.Submit(t.Context(), short); trading.KindOf(err) != trading.Rejected {
		t.Errorf("sale of what is not there: %v, want rejected", err)
	}
}

func TestHedgeSlotsStayApart(t *testing.T) {
	s := newStage(t)
	if err := s.SetPositionMode(t.Context(), trading.Hedge); err != nil {
		t.Fatal(err)
	}
	long, short := s.order("a"), s.order("b")
	long.Slot, short.Slot, short.Side = trading.SlotLong, trading.SlotShort, trading.Sell
	for _, o := range []trading.Order{long, short} {
		if r, err := s.Submit(t.Context(), o); err != nil || r.Fills[0].Slot != o.Slot {
			t.Fatalf("submit %s: %+v, %v", o.Slot, r, err)
		}
	}
	list, err := s.Positions(t.Context())
	if err != nil || len(list) != 2 || list[0].Qty.String() != "0.01" || list[1].Qty.String() != "-0.01" {
		t.Errorf("positions are %+v (%v), want a long and a short", list, err)
	}
	if err := s.SetPositionMode(t.Context(), trading.OneWay); trading.KindOf(err) != trading.Rejected {
		t.Errorf("switch with open positions: %v, want rejected", err)
	}
}

func TestTheExchangeSurvivesItsOwnEnd(t *testing.T) {
	s := newStage(t)
	if _, err := s.Submit(t.Context(), s.order("a")); err != nil {
		t.Fatal(err)
	}
	again, err := exchangesim.Open(s.simConfig("10000000"))
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	before, after := s.sim.Orders(), again.Orders()
	if len(before) != 1 || len(after) != 1 || after[0].Status != exchangesim.Filled || !after[0].Filled.Equal(before[0].Filled) || !reflect.DeepEqual(before[0].Link, after[0].Link) {
		t.Errorf("orders after opening the log are %+v, want %+v", after, before)
	}
}
