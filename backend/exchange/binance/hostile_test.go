package binance_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// between opens the adapter anew with somebody who looks before every request to the futures.
func (s *stage) between(t testing.TB, look func(r *http.Request)) {
	t.Helper()
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		look(r)
		s.perps.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		s.perps.DropStreams()
		web.Close()
	})
	s.origin = web.URL
	s.open(t)
}

func TestWhatClosesCancelsAndProtectsIsNotStarvedByQuestions(t *testing.T) {
	s := newStage(t)
	s.enter(t, s.order("a"))
	rest := s.order("rest")
	rest.Type, rest.Price, rest.Leverage = trading.Limit, price("59000"), 0
	if _, err := s.Submit(t.Context(), rest); err != nil {
		t.Fatal(err)
	}
	want := s.position(t, trading.SlotBoth)
	want.Protection = trading.Protection{StopLoss: price("58000")}
	// What was known of clock and mode is old by now.
	s.pass(150 * time.Second)
	var err error
	for err == nil {
		_, _, err = s.Fees(t.Context(), perpKey)
	}
	if trading.KindOf(err) != trading.Limited {
		t.Fatal(err)
	}
	if err := s.Protect(t.Context(), "hx1a", want); err != nil {
		t.Errorf("protect: %v; a position without a stop must not wait for questions", err)
	}
	if r, err := s.Cancel(t.Context(), rest); err != nil || r.Status != trading.OrderCanceled {
		t.Errorf("cancel: %s, %v", r.Status, err)
	}
	out := s.order("out")
	out.Side, out.ReduceOnly, out.Leverage = trading.Sell, true, 0
	if r, err := s.Submit(t.Context(), out); err != nil || r.Status != trading.OrderFilled {
		t.Errorf("close: %s, %v", r.Status, err)
	}
	if _, err := s.Submit(t.Context(), s.order("more")); trading.KindOf(err) != trading.Limited {
		t.Errorf("an entry: %v, want limited: what is kept back is for closes", err)
	}
}

func TestAStopIsMovedWithoutAMomentWithoutOne(t *testing.T) {
	s := newStage(t)
	s.enter(t, s.order("a"))
	want := s.position(t, trading.SlotBoth)
	want.Protection = trading.Protection{StopLoss: price("59000")}
	if err := s.Protect(t.Context(), "hx1a", want); err != nil {
		t.Fatal(err)
	}
	least := 9
	s.between(t, func(*http.Request) { least = min(least, len(waiting(s.futures)[exchangesim.StopMarket])) })
	want.Protection.StopLoss = price("59500")
	if err := s.Protect(t.Context(), "hx1a", want); err != nil || least < 1 {
		t.Errorf("%v, at the least %d stops stood while it was moved", err, least)
	}
	had := waiting(s.futures)[exchangesim.StopMarket]
	if len(had) != 1 || !had[0].ClosePosition || had[0].Trigger.String() != "59500" {
		t.Errorf("%+v stands, want one stop for the position", had)
	}
	want.Protection.StopLoss = price("61000")
	if err := s.Protect(t.Context(), "hx1a", want); trading.KindOf(err) != trading.Rejected {
		t.Errorf("a stop above the market: %v, want rejected", err)
	}
	had = waiting(s.futures)[exchangesim.StopMarket]
	if len(had) != 1 || had[0].Trigger.String() != "59500" || least < 1 {
		t.Errorf("%+v stands after a stop was refused, at the least %d; want the old one", had, least)
	}
}

func TestAStopStandsAlthoughTheTrailingDistanceCannotBeKept(t *testing.T) {
	s := newStage(t)
	s.enter(t, s.order("a"))
	want := s.position(t, trading.SlotBoth)
	want.Protection = trading.Protection{StopLoss: price("59000"), TrailingStop: price("20000")}
	if err := s.Protect(t.Context(), "hx1a", want); trading.KindOf(err) != trading.Rejected {
		t.Errorf("%v, want rejected in words", err)
	}
	want.Protection.TrailingStop, want.Cost = price("600"), trading.Money{}
	if err := s.Protect(t.Context(), "hx1a", want); trading.KindOf(err) != trading.Unavailable {
		t.Errorf("without an entry price: %v, want unavailable", err)
	}
	if had := waiting(s.futures); len(had[exchangesim.StopMarket]) != 1 {
		t.Errorf("%+v stands, want the stop that can be kept", had)
	}
}

func TestAListThatIsBehindIsNoCertainNo(t *testing.T) {
	s := newStage(t)
	s.enter(t, s.order("a"))
	want := s.position(t, trading.SlotBoth)
	want.Protection = trading.Protection{StopLoss: price("59000"), TrailingStop: price("600")}
	empty, lists := "[]", 0
	s.futures.SetFaults(func(path, _ string) exchangesim.Fault {
		if path != "/fapi/v1/openAlgoOrders" {
			return exchangesim.Fault{}
		}
		if lists++; lists == 2 {
			return exchangesim.Fault{Body: &empty}
		}
		return exchangesim.Fault{}
	})
	if err := s.Protect(t.Context(), "hx1a", want); err != nil || len(waiting(s.futures)[exchangesim.Trailing]) != 1 {
		t.Errorf("%v, %+v stands; want to be asked again before it counts as missing", err, waiting(s.futures))
	}
	s.futures.SetFaults(func(path, _ string) exchangesim.Fault {
		if path == "/fapi/v1/openAlgoOrders" {
			return exchangesim.Fault{Body: &empty}
		}
		return exchangesim.Fault{}
	})
	want.Protection.TrailingStop = trading.Price{}
	if err := s.Protect(t.Context(), "hx1a", want); trading.KindOf(err) != trading.Unavailable {
		t.Errorf("%v (%s), want unavailable: a certain no would have the position closed that our own stop protects", err, trading.KindOf(err))
	}
}

func TestCoinsAreProtectedAgainWhenTheirSaleDoesNotHappen(t *testing.T) {
	for name, f := range map[string]exchangesim.Fault{
		"refused": {Status: 400, Code: -2010, Text: "This action is disabled on this account.", Refuse: true},
		"lost":    {LoseRequest: true},
		"limited": {Status: 429, RetryAfter: time.Second, Refuse: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.serve(t)
			sale := s.holdCoins(t)
			sale.Qty = trading.MustQty("0.005")
			s.spot.SetFaults(func(_, link string) exchangesim.Fault {
				if link == string(sale.ID) {
					return f
				}
				return exchangesim.Fault{}
			})
			if _, err := s.Submit(t.Context(), sale); err == nil {
				t.Fatal("the sale happened")
			}
			s.until(t, "the stop is back", func() bool {
				s.pass(time.Second)
				open := s.spot.OpenOrders(trading.Spot, "BTCUSDT")
				return len(open) == 1 && open[0].Qty.String() == "0.00999"
			})
		})
	}
}

// holdCoins buys, places a stop for all of it, and makes a sale that needs the coins.
func (s *stage) holdCoins(t testing.TB) trading.Order {
	t.Helper()
	o := s.order("a")
	o.Product, o.Leverage = trading.Spot, 0
	s.enter(t, o)
	want := s.position(t, trading.SlotBoth)
	want.Protection = trading.Protection{StopLoss: price("59000")}
	if err := s.Protect(t.Context(), o.ID, want); err != nil {
		t.Fatal(err)
	}
	sale := s.order("sale")
	sale.Product, sale.Leverage, sale.Side, sale.ReduceOnly = trading.Spot, 0, trading.Sell, true
	return sale
}

func TestWhatARestingSaleLeavesOfCoinsStaysProtected(t *testing.T) {
	s := newStage(t)
	sale := s.holdCoins(t)
	sale.Type, sale.Price, sale.Qty = trading.Limit, price("65000"), trading.MustQty("0.004")
	if r, err := s.Submit(t.Context(), sale); err != nil || r.Status != trading.OrderAccepted {
		t.Fatalf("%+v, %v", r, err)
	}
	for _, o := range s.spot.OpenOrders(trading.Spot, "BTCUSDT") {
		if o.Link != string(sale.ID) && o.Qty.String() == "0.00599" {
			return
		}
	}
	t.Errorf("%+v stands, want a stop for the coins that are not for sale", s.spot.OpenOrders(trading.Spot, "BTCUSDT"))
}

func TestAStopForCoinsThatIsRefusedLeavesTheOldOne(t *testing.T) {
	s := newStage(t)
	s.holdCoins(t)
	want := s.position(t, trading.SlotBoth)
	want.Protection = trading.Protection{StopLoss: price("61000")}
	if err := s.Protect(t.Context(), "hx1a", want); trading.KindOf(err) != trading.Rejected {
		t.Errorf("a stop above the market: %v, want rejected", err)
	}
	if open := s.spot.OpenOrders(trading.Spot, "BTCUSDT"); len(open) != 1 || open[0].Qty.String() != "0.00999" {
		t.Errorf("%+v stands, want the stop that stood", open)
	}
}

func TestASymbolThatIsTradedNoMoreProvesNothing(t *testing.T) {
	for name, f := range map[string]exchangesim.Fault{
		"closed":   {Status: 400, Code: -4141, Text: "Symbol is closed.", Refuse: true},
		"delisted": {Status: 400, Code: -1121, Text: "Invalid symbol.", Refuse: true},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			if _, err := s.Instruments(t.Context()); err != nil {
				t.Fatal(err)
			}
			o := s.order("a")
			s.futures.SetFaults(once("/fapi/v1/order", exchangesim.Fault{LoseAnswer: true}))
			if _, err := s.Submit(t.Context(), o); trading.KindOf(err) != trading.Unknown {
				t.Fatal(err)
			}
			s.pass(2 * time.Hour)
			none := `{"symbols":[]}`
			s.futures.SetFaults(func(path, _ string) exchangesim.Fault {
				switch {
				case path == "/fapi/v1/exchangeInfo":
					return exchangesim.Fault{Body: &none}
				case strings.HasSuffix(path, "/time"):
					return exchangesim.Fault{}
				}
				return f
			})
			for range 5 {
				if _, found, err := s.Lookup(t.Context(), o); found || trading.KindOf(err) != trading.Unknown {
					t.Fatalf("found %v, %v; want unknown: the order is filled, and only the symbol is gone", found, err)
				}
			}
		})
	}
}

func TestAHistoryThatLostAnOlderOrderProvesNothing(t *testing.T) {
	s := newStage(t)
	s.enter(t, s.order("old"))
	s.pass(time.Minute)
	lost := s.order("lost")
	s.pass(2 * time.Minute)
	empty := "[]"
	s.futures.SetFaults(func(path, _ string) exchangesim.Fault {
		if path == "/fapi/v1/allOrders" {
			return exchangesim.Fault{Body: &empty}
		}
		return exchangesim.Fault{}
	})
	for range 5 {
		if _, _, err := s.Lookup(t.Context(), lost); trading.KindOf(err) != trading.Unknown {
			t.Fatalf("%v, want unknown: the history does not show what was there", err)
		}
	}
}

func TestAStopOfLastWeekThatTriggeredWhileNobodyListenedIsTold(t *testing.T) {
	s := newStage(t)
	stop := s.serve(t)
	o := s.order("a")
	s.enter(t, o)
	want := s.position(t, trading.SlotBoth)
	want.Protection = trading.Protection{StopLoss: price("59000")}
	if err := s.Protect(t.Context(), o.ID, want); err != nil {
		t.Fatal(err)
	}
	stop()
	s.pass(10 * 24 * time.Hour)
	s.price("58900")
	s.pass(time.Hour)
	// The order that a conditional one becomes need not carry its id.
	id := regexp.MustCompile(`"clientOrderId":"hx1a-..",`)
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(strings.ToLower(r.URL.Path), "order") && !strings.HasSuffix(r.URL.Path, "Orders") {
			s.perps.ServeHTTP(w, r)
			return
		}
		had := httptest.NewRecorder()
		s.perps.ServeHTTP(had, r)
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(had.Code)
		if _, err := w.Write(id.ReplaceAll(had.Body.Bytes(), []byte(`"clientOrderId":"made",`))); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(func() {
		s.perps.DropStreams()
		web.Close()
	})
	s.origin = web.URL
	s.open(t)
	s.serve(t)
	s.until(t, "the stop is told", func() bool { r := s.desk.Last(o.ID); return r.Child != nil && r.Status == trading.OrderFilled })
}

func TestALiquidationWithoutATradeNumberIsAskedFor(t *testing.T) {
	s := newStage(t)
	s.serve(t)
	s.enter(t, s.order("a"))
	s.perps.SetEvents(func(e map[string]any) []any {
		if o, ok := e["o"].(map[string]any); ok && o["x"] == "CALCULATED" {
			o["t"] = 0
		}
		return []any{e}
	})
	s.futures.Liquidate("BTCUSDT", trading.SlotBoth)
	s.until(t, "the liquidation is told", func() bool {
		for _, r := range s.desk.Reports() {
			if r.Child != nil && r.Child.Type == trading.Liquidation && r.Filled.IsPositive() {
				if strings.HasSuffix(string(r.Fills[0].ID), ":0") {
					t.Errorf("fill %s: the next liquidation would have the same number and count for nothing", r.Fills[0].ID)
				}
				return true
			}
		}
		return false
	})
}
