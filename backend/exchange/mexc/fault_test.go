package mexc_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/mexcsim"
	"hoox/backend/exchange/mexc"
	"hoox/backend/trading"
)

// answers makes every answer of some paths one body.
func answers(core *exchangesim.Core, bodies map[string]string) {
	core.SetFaults(func(path, _ string) exchangesim.Fault {
		for part, body := range bodies {
			if strings.Contains(path, part) {
				return exchangesim.Fault{Body: &body}
			}
		}
		return exchangesim.Fault{}
	})
}

func TestAKeyForOneProductIsAnAccount(t *testing.T) {
	none := mexcsim.Key{NoRead: true, NoTrade: true}
	for _, left := range []trading.Product{trading.Spot, trading.Linear} {
		s := newStage(t, "1000", "1000")
		if left == trading.Spot {
			s.spot.SetKey(none)
		} else {
			s.futures.SetKey(none)
		}
		if _, err := s.Rights(t.Context()); err != nil {
			t.Fatalf("without %s: rights: %v", left, err)
		}
		if _, err := s.Setup(t.Context()); err != nil {
			t.Errorf("without %s: setup: %v", left, err)
		}
		if _, err := s.Positions(t.Context()); err != nil {
			t.Errorf("without %s: positions: %v", left, err)
		}
		if m, _, err := s.Balance(t.Context()); err != nil || !m.Equal(trading.MustMoney("1000")) {
			t.Errorf("without %s: balance is %s (%v), want that of the other product", left, m, err)
		}
		if _, err := s.Open(t.Context()); err != nil {
			t.Errorf("without %s: open: %v", left, err)
		}
		s.serve(t)
	}
	s := newStage(t, "1000", "1000")
	s.spot.SetKey(none)
	s.futures.SetKey(none)
	_, err := s.Positions(t.Context())
	wantKind(t, err, trading.Unauthorized, "a key that is good for nothing is no empty account")
}

func TestTenClosesLeaveWithoutGivingUp(t *testing.T) {
	s := newStage(t, "1000000", "0")
	o := s.order("entry", trading.Linear)
	o.Qty = trading.MustQty("0.1")
	s.submit(t, o)
	var work sync.WaitGroup
	for n := range 10 {
		work.Go(func() {
			c := s.order(fmt.Sprint("close", n), trading.Linear)
			c.Side, c.ReduceOnly = trading.Sell, true
			if _, err := s.Submit(t.Context(), c); err != nil {
				t.Errorf("close %d: %v; a close that gives up its turn leaves a position in a falling market", n, err)
			}
		})
	}
	work.Wait()
}

func TestMaintenanceProvesNoAbsence(t *testing.T) {
	s := newStage(t, "0", "100000")
	o := s.order("alive", trading.Spot)
	s.submit(t, o)
	s.Close()
	s.connect(t)
	s.holdings.SetFaults(func(path, _ string) exchangesim.Fault {
		if strings.HasSuffix(path, "/time") {
			return exchangesim.Fault{}
		}
		return exchangesim.Fault{Code: 604, Text: "maintenance"}
	})
	s.clock.Pass(5 * time.Minute)
	for range 4 {
		_, found, err := s.Lookup(t.Context(), o)
		if !found && err == nil {
			t.Fatal("an order that lives was proven absent by an exchange in maintenance")
		}
		s.clock.Pass(time.Minute)
	}
}

func TestAnswersWithoutContentProveNothing(t *testing.T) {
	s := newStage(t, "100000", "100000")
	s.submit(t, s.order("a", trading.Linear))
	spot := s.order("b", trading.Spot)
	s.submit(t, spot)
	answers(s.perps, map[string]string{"/open_positions": `{"success":true,"code":0}`})
	if list, err := s.Positions(t.Context()); err == nil {
		t.Errorf("positions are %+v: an answer without a list was believed to be flat", list)
	}
	answers(s.holdings, map[string]string{"/api/v3/order": `{}`, "/openOrders": `[]`, "/allOrders": `[]`, "/myTrades": `[]`})
	s.clock.Pass(5 * time.Minute)
	for range 4 {
		if _, found, err := s.Lookup(t.Context(), spot); !found && err == nil {
			t.Fatal("an order was proven absent by an answer that was none")
		}
	}
	answers(s.holdings, map[string]string{"/api/v3/order": `{"code":26,"msg":"operation not allowed"}`})
	spot.ExchangeID = "C02__1"
	if err := s.CancelForeign(t.Context(), spot); err == nil {
		t.Error("a refused cancel was told as done because its status was 200")
	}
}

func TestAContractThatIsNotToldIsNoneThatDoesNotExist(t *testing.T) {
	s := newStage(t, "100000", "0")
	o := s.order("alive", trading.Linear)
	s.submit(t, o)
	s.Close()
	s.connect(t)
	answers(s.perps, map[string]string{"/contract/detail": `{"success":true,"code":0}`})
	s.clock.Pass(5 * time.Minute)
	for range 4 {
		if _, found, err := s.Lookup(t.Context(), o); !found && err == nil {
			t.Fatal("an order that lives was proven absent because its contract was not told")
		}
	}
}

func TestAnOrderOfOursThatIsNotShownEitherForbidsTheProof(t *testing.T) {
	s := newStage(t, "100000", "0")
	s.submit(t, s.order("older", trading.Linear))
	s.clock.Pass(time.Second)
	o := s.order("alive", trading.Linear)
	s.submit(t, o)
	answers(s.perps, map[string]string{"/order/external": `{"success":true,"code":0}`, "/order/list": `{"success":true,"code":0,"data":[]}`, "/order/get": `{"success":true,"code":0}`})
	s.clock.Pass(5 * time.Minute)
	for range 4 {
		o.ExchangeID = ""
		if _, found, err := s.Lookup(t.Context(), o); !found && err == nil {
			t.Fatal("an order was proven absent by lists that show nothing at all, not even an order that was seen")
		}
	}
}

func TestNoSettleIsShorterThanARequestMayLive(t *testing.T) {
	s := newStage(t, "100000", "0")
	c := s.config()
	c.Settle = time.Second
	x, err := mexc.New(c)
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close()
	o := s.order("late", trading.Linear)
	s.clock.Pass(12 * time.Second)
	for range 4 {
		if _, found, err := x.Lookup(t.Context(), o); !found && err == nil {
			t.Fatal("absence was proven while MEXC may still take the request: it lives for ten seconds after its time")
		}
	}
}

func TestAStopOfAPositionThatWasTurnedRoundIsNotSet(t *testing.T) {
	s := newStage(t, "100000", "0")
	o := s.order("short", trading.Linear)
	o.Side = trading.Sell
	s.submit(t, o)
	s.clock.Pass(10 * time.Second)
	want := trading.Position{Account: account, Product: trading.Linear, Symbol: "BTC_USDT", Slot: trading.SlotBoth, Qty: o.Qty}
	want.Protection.TakeProfit = []trading.TakeProfitAt{{Price: trading.MustPrice("61000"), Qty: o.Qty}}
	wantKind(t, s.Protect(t.Context(), "hx1long", want), trading.Unavailable, "what MEXC holds is a short")
	if open, err := s.Open(t.Context()); err != nil || len(open) != 0 {
		t.Errorf("%+v stands (%v): the target of a long closes a short at once", open, err)
	}
}

func TestAProtectionThatEndedMeanwhileIsReadAgain(t *testing.T) {
	s := newStage(t, "100000", "0")
	o := s.order("a", trading.Linear)
	o.Protection.StopLoss = trading.MustPrice("59000")
	s.submit(t, o)
	s.clock.Pass(10 * time.Second)
	want := trading.Position{Account: account, Product: trading.Linear, Symbol: "BTC_USDT", Slot: trading.SlotBoth, Qty: o.Qty}
	want.Protection.StopLoss = trading.MustPrice("59500")
	// One after the other: what stands is changed first, and then there is more to place.
	for _, no := range []struct {
		path string
		code int
	}{{"/change_plan_price", 5002}, {"/stoporder/place", 2009}} {
		s.perps.SetFaults(func(p, _ string) exchangesim.Fault {
			if strings.Contains(p, no.path) {
				return exchangesim.Fault{Code: no.code, Refuse: true}
			}
			return exchangesim.Fault{}
		})
		wantKind(t, s.Protect(t.Context(), o.ID, want), trading.Unavailable, "a certain no would have the position closed")
		s.clock.Pass(10 * time.Second)
		want.Protection.TakeProfit = []trading.TakeProfitAt{{Price: trading.MustPrice("61000"), Qty: trading.MustQty("0.004")}}
		want.Protection.StopLoss = trading.MustPrice("59000")
	}
}

func TestTrailingStopsOfAFormerRunAreShownOnceThePositionIsGone(t *testing.T) {
	s := newStage(t, "100000", "0")
	o := s.order("a", trading.Linear)
	s.submit(t, o)
	want := trading.Position{Account: account, Product: trading.Linear, Symbol: "BTC_USDT", Slot: trading.SlotBoth, Qty: o.Qty}
	want.Protection.TrailingStop = trading.MustPrice("300")
	if err := s.Protect(t.Context(), o.ID, want); err != nil {
		t.Fatal(err)
	}
	s.Close()
	s.connect(t)
	s.clock.Pass(10 * time.Second)
	c := s.order("close", trading.Linear)
	c.Side, c.ReduceOnly = trading.Sell, true
	s.submit(t, c)
	s.clock.Pass(10 * time.Second)
	open, err := s.Open(t.Context())
	if err != nil || len(open) != 1 {
		t.Fatalf("open is %+v (%v), want the trailing stop: it closes the next position, and nobody sees it", open, err)
	}
	s.clock.Pass(10 * time.Second)
	if err := s.CancelForeign(t.Context(), open[0]); err != nil || len(s.trails.stand()) != 0 {
		t.Errorf("%d trailing stops are left (%v) after a person canceled it", len(s.trails.stand()), err)
	}
}

func TestListenKeysAreGivenBack(t *testing.T) {
	s := newStage(t, "0", "1000")
	s.serve(t)
	for n := range 65 {
		s.spot.DropStreams()
		s.clock.Pass(10 * time.Second)
		if !s.until(func() bool { return strings.Count(s.log.String(), "spot stream broke") > n && s.Lamp().Live }) {
			t.Fatalf("the stream did not come back after break %d: an account may have sixty listen keys; %s", n, s.log)
		}
	}
}

func TestDustIsAskedForOnce(t *testing.T) {
	s := newStage(t, "0", "1000")
	dust := ""
	for n := range 40 {
		dust += fmt.Sprintf(`,{"asset":"DUST%d","free":"1","locked":"0"}`, n)
	}
	var mu sync.Mutex
	asked := 0
	account := `{"canTrade":true,"balances":[{"asset":"USDT","free":"1000","locked":"0"}` + dust + `]}`
	s.holdings.SetFaults(func(path, _ string) exchangesim.Fault {
		if strings.HasSuffix(path, "/account") {
			return exchangesim.Fault{Body: &account}
		}
		if strings.HasSuffix(path, "/exchangeInfo") {
			mu.Lock()
			asked++
			mu.Unlock()
		}
		return exchangesim.Fault{}
	})
	for range 2 {
		if _, err := s.Positions(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	mu.Lock()
	defer mu.Unlock()
	if asked > 40 {
		t.Errorf("asked %d times for 40 coins that are not listed: the limit would never suffice, and the account never open", asked)
	}
}

func TestWhatAMarketBuyIsToldWhenNobodyOffersMore(t *testing.T) {
	said, err := mexc.ReadSpotReason(`{"symbol":"BTCUSDT","orderId":"C02__1","clientOrderId":"hx1-e","origQty":"1","executedQty":"0.4","status":"PARTIALLY_CANCELED","type":"IMMEDIATE_OR_CANCEL","side":"BUY"}`)
	if err != nil || !strings.Contains(said, "one percent") {
		t.Errorf("the reason is %q (%v), want words about the bound: canceled alone says nothing", said, err)
	}
}

func TestDoubtfulWordsAreNoClock(t *testing.T) {
	if k := mexc.ClockKind("Request timeout"); k != trading.Unknown {
		t.Errorf("513 with a timeout is %s, want unknown: the order may live and would be sent again", k)
	}
	if k := mexc.ClockKind("Invalid request(for open api serves time more or less than 10s)"); k != trading.Limited {
		t.Errorf("513 about the time is %s, want limited", k)
	}
	if id := mexc.StopID("stoporder_STOP_LOSS_1469707401_77"); id != "1469707401" {
		t.Errorf("the protection is %q", id)
	}
}

func TestAnAddressThatWouldCarryASecretIsCheckedFirst(t *testing.T) {
	c := exchange.Config{Account: "mexc:live", Now: time.Now, Addresses: exchange.Addresses{SpotPrivateURL: "wss://host:bad"}}
	if x, err := mexc.New(c); trading.KindOf(err) != trading.Invalid {
		t.Errorf("error is %v, want it refused: the dialer writes a bad address, with the listen key, into the log", err)
		x.Close()
	}
}

func TestACancelThatIsRefusedForItsTimestampReadsTheClockAnew(t *testing.T) {
	s := newStage(t, "100000", "100000")
	for _, c := range []struct {
		product trading.Product
		core    *exchangesim.Core
		cancel  string
		code    int
		text    string
		clock   string
	}{
		{trading.Linear, s.perps, "/order/cancel", 513, "request time expired", "/ping"},
		{trading.Spot, s.holdings, "/api/v3/order", 700003, "Timestamp for this request is outside of the recvWindow.", "/time"},
	} {
		t.Run(string(c.product), func(t *testing.T) {
			o := s.order(string(c.product), c.product)
			o.Type, o.Price = trading.Limit, trading.MustPrice("50000")
			o.ExchangeID = s.submit(t, o).ExchangeID
			var late, reads atomic.Int32
			c.core.SetFaults(func(path, _ string) exchangesim.Fault {
				switch {
				case strings.HasSuffix(path, c.clock):
					reads.Add(1)
				case strings.Contains(path, c.cancel) && late.Add(1) == 1:
					return exchangesim.Fault{Code: c.code, Text: c.text, Refuse: true}
				}
				return exchangesim.Fault{}
			})
			if _, err := s.Cancel(t.Context(), o); err == nil {
				t.Fatal("a cancel that was refused for its timestamp was told as done")
			}
			if had := reads.Load(); had != 0 {
				t.Fatalf("the clock was read %d times before, want 0: what follows would show nothing", had)
			}
			if _, err := s.Cancel(t.Context(), o); err != nil {
				t.Errorf("the second cancel: %v", err)
			}
			if reads.Load() == 0 {
				t.Error("the second cancel was signed by the clock that made the first one fail: every one until the next full look would fail")
			}
		})
	}
}
