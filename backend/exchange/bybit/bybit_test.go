package bybit_test

import (
	"context"
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/exchange/bybit"
	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangetest"
	"hoox/backend/trading"
)

// surface is what the program calls of an adapter beside the contract.
type surface interface {
	exchangetest.Adapter
	Serve(ctx context.Context, sink exchange.Sink) error
	Protect(ctx context.Context, parent trading.OrderID, want trading.Position) error
	Instruments(ctx context.Context) ([]trading.Instrument, error)
	Rights(ctx context.Context) (trading.KeyRights, error)
	Setup(ctx context.Context) (trading.AccountSetup, error)
	SetPositionMode(ctx context.Context, mode trading.PositionMode) error
	SetMarginMode(ctx context.Context, mode trading.MarginMode) error
	Open(ctx context.Context) ([]trading.Order, error)
	CancelAll(ctx context.Context, key trading.InstrumentKey) error
	CancelForeign(ctx context.Context, o trading.Order) error
	Amend(ctx context.Context, o trading.Order, qty trading.Qty, price trading.Price) (trading.Report, error)
	Lamp() trading.Lamp
	Ping(ctx context.Context) (time.Duration, error)
	Fees(ctx context.Context, key trading.InstrumentKey) (maker, taker trading.Ratio, err error)
	Close()
}

var _ surface = (*bybit.Exchange)(nil)

func TestMarketOrderAnswersWithItsFills(t *testing.T) {
	s := newStage(t)
	s.sim.SetFaults(func(path, _ string) exchangesim.Fault { return exchangesim.Fault{Slices: 3} })
	r, err := s.Submit(t.Context(), s.order("a"))
	if err != nil {
		t.Fatal(err)
	}
	if r.Status != trading.OrderFilled || r.Filled.String() != "0.01" || len(r.Fills) < 3 || r.Fills[0].Price.String() != "60000.1" || r.ExchangeID == "" {
		t.Errorf("report is %+v, want filled at the ask in slices", r)
	}
	list, err := s.Positions(t.Context())
	if err != nil || len(list) != 1 || list[0].Qty.String() != "0.01" || list[0].Leverage != 10 {
		t.Errorf("positions are %+v (%v), want one of 0.01 at 10x", list, err)
	}
}

func TestAFaultAfterTheOrderArrivedIsUnknownAndLookedUp(t *testing.T) {
	empty, cut, other := "", `{"retCode":0,"result":{"ord`, `{"retCode":"zero"}`
	for name, f := range map[string]exchangesim.Fault{
		"answer lost": {LoseAnswer: true}, "HTTP 500": {Status: 500}, "HTTP 502 page": {Status: 502}, "HTTP 503": {Status: 503}, "HTTP 504": {Status: 504},
		"HTTP 429": {Status: 429}, "empty": {Body: &empty}, "cut": {Body: &cut}, "other shape": {Body: &other}, "huge": {Huge: true},
		"code 10016": {Code: 10016}, "unknown code": {Code: 987654}, "seen twice": {Twice: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.sim.SetFaults(func(path, _ string) exchangesim.Fault {
				if path == "/v5/order/create" {
					return f
				}
				return exchangesim.Fault{}
			})
			o := s.order("a")
			_, err := s.Submit(t.Context(), o)
			if trading.KindOf(err) != trading.Unknown {
				t.Fatalf("submit: %v (%s), want unknown: the order lives", err, trading.KindOf(err))
			}
			r, found, err := s.Lookup(t.Context(), o)
			if err != nil || !found || r.Status != trading.OrderFilled {
				t.Errorf("look up: %+v, %v, %v; want the filled order", r, found, err)
			}
			if n := s.sim.Creates(string(o.ID)); n != 1 {
				t.Errorf("the order was sent %d times, want once", n)
			}
		})
	}
}

func TestACertainNoIsRejectedInWords(t *testing.T) {
	s := newStage(t)
	for name, change := range map[string]func(*trading.Order){
		"step":   func(o *trading.Order) { o.Qty = trading.MustQty("0.0105") },
		"symbol": func(o *trading.Order) { o.Symbol, o.Leverage = "NOSUCHCOIN", 0 },
		"balance": func(o *trading.Order) {
			o.Qty = trading.MustQty("100")
			o.Leverage = 0
			o.Type = trading.Limit
			o.Price = trading.MustPrice("9000000")
		},
		"reduce":   func(o *trading.Order) { o.ReduceOnly, o.Side = true, trading.Sell },
		"leverage": func(o *trading.Order) { o.Leverage = 500 },
		"guarded":  func(o *trading.Order) { o.ReduceOnly, o.Protection.StopLoss = true, trading.MustPrice("59000") },
		"margin":   func(o *trading.Order) { o.MarginMode = trading.Isolated },
		"slot":     func(o *trading.Order) { o.Slot = trading.SlotLong },
	} {
		o := s.order(name)
		change(&o)
		if r, err := s.Submit(t.Context(), o); trading.KindOf(err) != trading.Rejected || len(err.Error()) < 20 {
			t.Errorf("%s: %+v, %v (%s), want rejected in words", name, r, err, trading.KindOf(err))
		}
	}
	s.sim.SetFaults(func(path, _ string) exchangesim.Fault { return exchangesim.Fault{RejectLater: true} })
	if _, err := s.Submit(t.Context(), s.order("later")); trading.KindOf(err) != trading.Rejected {
		t.Errorf("rejected after the acknowledgement: %v, want rejected", err)
	}
	if n := len(s.sim.Orders()); n != 1 {
		t.Errorf("the exchange has %d orders, want the one it rejected later", n)
	}
}

func TestSameIDIsNeverASecondOrder(t *testing.T) {
	s := newStage(t)
	o := s.order("a")
	if _, err := s.Submit(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Submit(t.Context(), o); trading.KindOf(err) != trading.Unknown {
		t.Errorf("second submit: %v, want unknown: the first order counts", err)
	}
	if n := len(s.sim.Orders()); n != 1 {
		t.Errorf("there are %d orders, want one", n)
	}
}

func TestAbsenceNeedsTimeAndThreeCleanAnswers(t *testing.T) {
	s := newStage(t)
	o := s.order("a")
	ask := func() (bool, error) { _, found, err := s.Lookup(t.Context(), o); return found, err }
	for range 5 {
		if _, err := ask(); trading.KindOf(err) != trading.Unknown {
			t.Fatalf("not found at once: %v, want unknown: it proves nothing yet", err)
		}
	}
	other := s.order("b")
	other.ArmedAt = other.ArmedAt.Add(-2 * time.Minute)
	for n := range 2 {
		if _, _, err := s.Lookup(t.Context(), other); trading.KindOf(err) != trading.Unknown {
			t.Fatalf("clean answer %d: %v, want unknown", n+1, err)
		}
	}
	s.sim.SetFaults(func(path, _ string) exchangesim.Fault {
		if path == "/v5/execution/list" {
			return exchangesim.Fault{Status: 503}
		}
		return exchangesim.Fault{}
	})
	if _, _, err := s.Lookup(t.Context(), other); trading.KindOf(err) != trading.Unknown {
		t.Fatalf("with executions down: %v, want unknown: no answer is not an empty one", err)
	}
	s.sim.SetFaults(func(string, string) exchangesim.Fault { return exchangesim.Fault{} })
	if _, found, err := s.Lookup(t.Context(), other); err != nil || found {
		t.Errorf("third clean answer: %v, %v, want proof of absence", found, err)
	}
	s.simTime.Pass(3 * time.Second)
	s.pass(3 * time.Minute)
	for range 4 {
		if _, err := ask(); trading.KindOf(err) != trading.Unknown {
			t.Errorf("with clocks apart: %v, want unknown", err)
		}
	}
}

func TestNothingIsSentWhileTheClocksDisagree(t *testing.T) {
	s := newStage(t)
	s.simTime.Pass(1500 * time.Millisecond)
	o := s.order("a")
	_, err := s.Submit(t.Context(), o)
	if trading.KindOf(err) != trading.Unavailable || !strings.Contains(err.Error(), "clock") {
		t.Errorf("submit: %v (%s), want unavailable because of the clock", err, trading.KindOf(err))
	}
	if n := s.sim.Creates(string(o.ID)); n != 0 {
		t.Errorf("%d requests left, want none", n)
	}
}

func TestNothingIsSentAfterTheDeadlineOrIntoABan(t *testing.T) {
	s := newStage(t)
	late := s.order("late")
	late.Deadline = s.clock.Now()
	if _, err := s.Submit(t.Context(), late); trading.KindOf(err) != trading.Unavailable {
		t.Errorf("late: %v, want unavailable", err)
	}
	s.sim.SetFaults(func(path, _ string) exchangesim.Fault {
		if path == "/v5/order/create" {
			return exchangesim.Fault{Banned: true}
		}
		return exchangesim.Fault{}
	})
	for range 2 {
		if _, err := s.Submit(t.Context(), s.order("ban")); trading.KindOf(err) != trading.Limited {
			t.Errorf("banned: %v, want limited", err)
		}
	}
	if n := s.sim.Creates("hx1ban"); n != 1 || !s.Lamp().BannedUntil.After(s.clock.Now().Add(9*time.Minute)) {
		t.Errorf("%d requests, banned until %s; want one and ten minutes of silence", n, s.Lamp().BannedUntil)
	}
}

func TestCancelMayBeRepeatedAndAnswersTheEnd(t *testing.T) {
	s := newStage(t)
	o := s.order("a")
	o.Type, o.Price = trading.Limit, trading.MustPrice("50000")
	if r, err := s.Submit(t.Context(), o); err != nil || r.Status != trading.OrderAccepted {
		t.Fatalf("submit: %+v, %v, want accepted", r, err)
	}
	for range 2 {
		if r, err := s.Cancel(t.Context(), o); err != nil || r.Status != trading.OrderCanceled {
			t.Errorf("cancel: %+v, %v, want canceled", r, err)
		}
	}
	if _, err := s.Cancel(t.Context(), s.order("never")); trading.KindOf(err) != trading.NotFound {
		t.Errorf("cancel of nothing: %v, want not found", err)
	}
}

func TestStreamTellsFillsAndStopsAndCatchesUpAfterAGap(t *testing.T) {
	s := newStage(t)
	s.serve(t)
	resting := s.order("rest")
	resting.Type, resting.Price, resting.Protection.StopLoss = trading.Limit, trading.MustPrice("59000"), trading.MustPrice("58000")
	if _, err := s.Submit(t.Context(), resting); err != nil {
		t.Fatal(err)
	}
	s.sim.SetPrice("BTCUSDT", trading.MustPrice("58990"))
	s.until(t, "the fill is told", func() bool { return s.desk.Last(resting.ID).Status == trading.OrderFilled })
	first := s.desk.Last(resting.ID)

	s.server.DropStreams()
	s.sim.SetPrice("BTCUSDT", trading.MustPrice("57999"))
	s.until(t, "the stop is told after the gap", func() bool { r := s.desk.Last(resting.ID); return r.Child != nil && r.Status == trading.OrderFilled })

	stop := s.desk.Last(resting.ID)
	if stop.Child.Type != trading.StopOrder || stop.Child.Side != trading.Sell || !stop.Fills[0].RealizedPnL.IsNegative() || len(stop.OrderID) > 36 {
		t.Errorf("stop is %+v of %+v, want a sell at a loss", stop, stop.Child)
	}
	r, found, err := s.Lookup(t.Context(), resting)
	if err != nil || !found || r.Fills[0].ID != first.Fills[0].ID {
		t.Errorf("look-up says %+v (%v), the stream said %+v: one fill must have one id", r.Fills, err, first.Fills)
	}
	if list, err := s.Positions(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("positions are %+v (%v), want none", list, err)
	}
}

func TestInstrumentsPermissionsBalanceAndModes(t *testing.T) {
	s := newStage(t)
	list, err := s.Instruments(t.Context())
	if err != nil || len(list) != 2 {
		t.Fatalf("instruments: %v, %v, want two", list, err)
	}
	for n, want := range instruments() {
		if had := list[n]; fmt.Sprint(had) != fmt.Sprint(want) {
			t.Errorf("instrument %d is %v, want %v", n, had, want)
		}
	}
	p, err := s.Rights(t.Context())
	if err != nil || p.Withdraw != trading.No || p.Linear != trading.Yes || p.Spot != trading.Yes || p.Bound != trading.Yes || p.ExpiresAt.Year() != 2027 || len(p.Notes) != 0 {
		t.Errorf("rights are %+v (%v)", p, err)
	}
	if m, asset, err := s.Balance(t.Context()); err != nil || m.String() != "10000000" || asset != "USDT" {
		t.Errorf("balance is %s %s (%v)", m, asset, err)
	}
	for range 2 {
		if err := s.SetMarginMode(t.Context(), trading.Isolated); err != nil {
			t.Errorf("margin mode: %v", err)
		}
		if err := s.SetPositionMode(t.Context(), trading.Hedge); err != nil {
			t.Errorf("position mode: %v, want success also when it was so", err)
		}
	}
}

func TestTwoHundredSubmitsUnderFaultsMakeNoDouble(t *testing.T) {
	s := newStage(t)
	dice := rand.New(rand.NewSource(42))
	cut := `{"retCode":0,"retMsg":"OK","result":{`
	s.sim.SetFaults(func(path, _ string) exchangesim.Fault {
		switch {
		case path == "/v5/order/create" && dice.Intn(10) < 7:
			return []exchangesim.Fault{
				{LoseRequest: true}, {LoseAnswer: true}, {Status: 502}, {Status: 503, Refuse: true}, {Status: 429}, {Code: 10016}, {Code: 10006, Refuse: true},
				{Code: 170007, Refuse: true}, {Body: &cut}, {Huge: true}, {Twice: true}, {Hide: 20 * time.Second}, {LoseAnswer: true, Hide: 20 * time.Second},
				{RejectLater: true}, {Slices: 4}, {Slices: 2, FillOnly: true, LoseAnswer: true},
			}[dice.Intn(16)]
		case path != "/v5/market/time" && path != "/v5/order/create" && dice.Intn(20) == 0:
			return []exchangesim.Fault{{LoseRequest: true}, {LoseAnswer: true}, {Status: 502}, {Code: 10006}}[dice.Intn(4)]
		}
		return exchangesim.Fault{}
	})
	resolved := map[trading.OrderID]trading.Report{}
	kinds := map[trading.Kind]int{}
	for n := range 200 {
		o := s.order(fmt.Sprintf("%026d", n))
		o.Qty, o.Leverage = trading.QtyUnits(int64(1+dice.Intn(20)), -3), 10+dice.Intn(2)
		if dice.Intn(2) == 0 {
			o.Side = trading.Sell
		}
		r, err := s.Submit(t.Context(), o)
		kinds[trading.KindOf(err)]++
		if err != nil && trading.KindOf(err) != trading.Unknown {
			if trading.KindOf(err) != trading.Rejected && s.sim.Creates(string(o.ID)) > 1 {
				t.Fatalf("order %s was sent more than once", o.ID)
			}
			resolved[o.ID] = trading.Report{OrderID: o.ID}
			s.pass(time.Second)
			continue
		}
		for tries := 0; err != nil || !r.Status.Final(); tries++ {
			s.pass(7 * time.Second)
			var found bool
			if r, found, err = s.Lookup(t.Context(), o); err == nil && !found {
				r = trading.Report{OrderID: o.ID}
				break
			}
			if tries > 100 {
				t.Fatalf("order %s does not resolve: %v", o.ID, err)
			}
		}
		resolved[o.ID] = r
		s.pass(time.Second)
	}
	compare(t, s.log, resolved)
	if kinds[trading.Unknown] < 30 || kinds[""] < 30 {
		t.Errorf("outcomes were %v: the faults did not bite", kinds)
	}
}

// compare holds what the adapter concluded against the log of the exchange.
func compare(t *testing.T, path string, resolved map[trading.OrderID]trading.Report) {
	t.Helper()
	events, err := exchangesim.ReadLog(path)
	if err != nil {
		t.Fatal(err)
	}
	placed, filled, byID := map[trading.OrderID]int{}, map[trading.OrderID]trading.Qty{}, map[string]trading.OrderID{}
	rejected := map[trading.OrderID]bool{}
	for _, e := range events {
		switch {
		case e.Placed != nil:
			byID[e.Placed.ID] = trading.OrderID(e.Placed.Link)
			placed[trading.OrderID(e.Placed.Link)]++
		case e.Filled != nil:
			filled[byID[e.Filled.OrderID]] = filled[byID[e.Filled.OrderID]].Add(e.Filled.Qty)
		case e.Changed != nil:
			rejected[byID[e.Changed.ID]] = e.Changed.Status == exchangesim.Rejected
		}
	}
	for id, r := range resolved {
		if placed[id] > 1 {
			t.Errorf("order %s was placed %d times: a doubled order is lost money", id, placed[id])
		}
		if !r.Filled.Equal(filled[id]) {
			t.Errorf("order %s: concluded %s filled (%s), the exchange's log says %s", id, r.Filled, r.Status, filled[id])
		}
		if (r.Status == "") != (placed[id] == 0 || rejected[id] && r.ExchangeID == "") {
			t.Errorf("order %s: concluded %q, the log has it %d times", id, r.Status, placed[id])
		}
	}
	for id := range placed {
		if _, known := resolved[id]; !known {
			t.Errorf("the log has order %s, which nobody submitted", id)
		}
	}
}
