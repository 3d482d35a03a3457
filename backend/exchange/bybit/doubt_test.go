package bybit_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/exchange/bybit"
	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangetest"
	"hoox/backend/trading"
)

// says makes requests for a path answer with a body.
func (s *stage) says(path, body string) {
	s.sim.SetFaults(func(asked, _ string) exchangesim.Fault {
		if asked == path {
			return exchangesim.Fault{Body: &body}
		}
		return exchangesim.Fault{}
	})
}

// lost is an order whose request never arrived.
func (s *stage) lost(t *testing.T, id string) trading.Order {
	t.Helper()
	s.sim.SetFaults(func(path, _ string) exchangesim.Fault {
		return exchangesim.Fault{LoseRequest: path == "/v5/order/create"}
	})
	o := s.order(id)
	if _, err := s.Submit(t.Context(), o); trading.KindOf(err) != trading.Unknown {
		t.Fatalf("submit: %v, want unknown", err)
	}
	s.sim.SetFaults(func(string, string) exchangesim.Fault { return exchangesim.Fault{} })
	return o
}

func TestARefusedSignatureShowsNeitherKeyNorSignature(t *testing.T) {
	s := newStage(t)
	s.says("/v5/order/create", `{"retCode":10004,"retMsg":"error sign! origin_string[1700000000000key3000{\"symbol\":\"BTCUSDT\"}], sign=0a1b2c3d","result":{},"time":1}`)
	_, err := s.Submit(t.Context(), s.order("a"))
	if trading.KindOf(err) != trading.Rejected || strings.Contains(err.Error(), "origin_string") || strings.Contains(err.Error(), "0a1b2c3d") {
		t.Errorf("submit: %v (%s), want rejected without what was signed: errors are stored and shown", err, trading.KindOf(err))
	}
	s.says("/v5/position/list", `{"retCode":10003,"retMsg":"API key key is invalid.`+strings.Repeat(" no", 5000)+`","result":{},"time":1}`)
	if _, err = s.Positions(t.Context()); trading.KindOf(err) != trading.Unauthorized || strings.Contains(err.Error(), "key key") || len(err.Error()) > 1000 {
		t.Errorf("positions: %.200v of %d bytes, want a short text without the key", err, len(err.Error()))
	}
}

func TestAQuestionThatBybitCallsWrongIsNoProofOfAbsence(t *testing.T) {
	for _, path := range []string{"/v5/order/realtime", "/v5/order/history", "/v5/execution/list"} {
		s := newStage(t)
		o := s.lost(t, "a")
		s.says(path, `{"retCode":10001,"retMsg":"params error: try later","result":{},"time":1}`)
		for range 5 {
			s.pass(30 * time.Second)
			if _, found, err := s.Lookup(t.Context(), o); trading.KindOf(err) != trading.Unknown || found {
				t.Fatalf("%s: %v, %v; want unknown: a list that was refused shows nothing", path, found, err)
			}
		}
	}
}

func TestAClockThatWasSetForwardMakesNoAbsence(t *testing.T) {
	s := newStage(t)
	o := s.lost(t, "a")
	// Nothing has happened at the exchange; only this computer says that more than a minute has passed.
	s.clock.Pass(70 * time.Second)
	for n := range 5 {
		if _, found, err := s.Lookup(t.Context(), o); trading.KindOf(err) != trading.Unknown || found {
			t.Fatalf("answer %d: %v, %v; want unknown: the request may still be under way", n, found, err)
		}
	}
}

func TestAWrongClockKeepsNobodyFromCancelingAndProtecting(t *testing.T) {
	s := newStage(t)
	s.sim.SetPrice("BTCUSDT", trading.MustPrice("60000"))
	resting := s.order("rest")
	resting.Type, resting.Price = trading.Limit, trading.MustPrice("50000")
	if _, err := s.Submit(t.Context(), resting); err != nil {
		t.Fatal(err)
	}
	for _, product := range []trading.Product{trading.Linear, trading.Spot} {
		o := s.order("entry" + string(product))
		o.Product = product
		if product == trading.Spot {
			o.Leverage = 0
		}
		if _, err := s.Submit(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	s.clock.Pass(10 * time.Minute)
	for _, product := range []trading.Product{trading.Linear, trading.Spot} {
		p := trading.Position{Account: account, Product: product, Symbol: "BTCUSDT", Slot: trading.SlotBoth, Qty: trading.MustQty("0.009"),
			Protection: trading.Protection{StopLoss: trading.MustPrice("59000")}}
		if err := s.Protect(t.Context(), trading.OrderID("hx1entry"+string(product)), p); err != nil {
			t.Errorf("protect %s: %v; want it to stand: what is signed carries the exchange's time", product, err)
		}
	}
	if r, err := s.Cancel(t.Context(), resting); err != nil || r.Status != trading.OrderCanceled {
		t.Errorf("cancel: %+v, %v, want canceled", r, err)
	}
	if err := s.CancelAll(t.Context(), trading.InstrumentKey{Product: trading.Spot, Symbol: "BTCUSDT"}); err != nil {
		t.Errorf("cancel all: %v", err)
	}
}

func TestACancelOutsideOfTheWindowReadsTheClockAnew(t *testing.T) {
	s := newStage(t)
	o := s.order("a")
	o.Type, o.Price = trading.Limit, trading.MustPrice("50000")
	if _, err := s.Submit(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	s.simTime.Pass(20 * time.Second)
	if _, err := s.Cancel(t.Context(), o); trading.KindOf(err) != trading.Limited {
		t.Fatalf("cancel with an old clock: %v, want limited", err)
	}
	if r, err := s.Cancel(t.Context(), o); err != nil || r.Status != trading.OrderCanceled {
		t.Errorf("cancel again: %+v, %v, want canceled", r, err)
	}
}

func TestAClosedPositionTakesNothingFromTheNextOne(t *testing.T) {
	s := newStage(t)
	next := s.order("next")
	next.Protection.StopLoss = trading.MustPrice("59000")
	if _, err := s.Submit(t.Context(), next); err != nil {
		t.Fatal(err)
	}
	// The books have the close of the former position and not yet the fill of the next.
	gone := trading.Position{Account: account, Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth}
	if err := s.Protect(t.Context(), "hx1former", gone); err != nil {
		t.Errorf("protect nothing: %v, want nothing to do", err)
	}
	if had := s.standing(); !strings.Contains(had, "59000") {
		t.Errorf("%q stands, want the stop that the next entry brought: it would be bare", had)
	}
}

// stubborn is a sink that does not believe what it is told of one order.
type stubborn struct {
	*exchangetest.Desk
	of   trading.OrderID
	said chan struct{}
}

func (s *stubborn) Record(ctx context.Context, r trading.Report) error {
	if r.OrderID == s.of {
		select {
		case s.said <- struct{}{}:
		default:
		}
		return trading.Errorf(trading.Conflict, "report fills order %s, which was never sent", r.OrderID)
	}
	return s.Desk.Record(ctx, r)
}

func TestOneReportThatTheLedgerContradictsKeepsNoOtherAway(t *testing.T) {
	s := newStage(t)
	sink := &stubborn{Desk: s.desk, of: "hx1bad", said: make(chan struct{}, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, sink) }()
	defer func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("serve ended with %v", err)
		}
	}()
	for _, id := range []string{"bad", "good"} {
		if _, err := s.Submit(t.Context(), s.order(id)); err != nil {
			t.Fatal(err)
		}
	}
	s.until(t, "the other order is told", func() bool { return s.desk.Last("hx1good").Status == trading.OrderFilled })
	s.until(t, "the contradiction was told", func() bool {
		select {
		case <-sink.said:
			return true
		default:
			return false
		}
	})
	s.server.DropStreams()
	s.pass(time.Second)
	if _, err := s.Submit(t.Context(), s.order("after")); err != nil {
		t.Fatal(err)
	}
	s.until(t, "an order is told after a gap", func() bool { return s.desk.Last("hx1after").Status == trading.OrderFilled })
}

func TestALiquidationBeforeItsOrderBelongsToItsSlot(t *testing.T) {
	s := newStage(t)
	if err := s.SetPositionMode(t.Context(), trading.Hedge); err != nil {
		t.Fatal(err)
	}
	o := s.order("a")
	o.Slot = trading.SlotLong
	if _, err := s.Submit(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	s.open(t)
	book := bybit.BookOf(s.Exchange)
	r, news, err := book.Hear("x", `{"category":"linear","symbol":"BTCUSDT","execId":"x-1","orderId":"liq-1","orderLinkId":"","side":"Sell","execPrice":"50000","execQty":"0.01","execType":"BustTrade","execTime":"1760000000455"}`)
	if err != nil || !news || r.Child == nil || r.Child.Slot != trading.SlotLong || r.Fills[0].Slot != trading.SlotLong {
		t.Errorf("told %+v of %+v (%v), want a sale of the long side: the ledger books it once", r, r.Child, err)
	}
}

func TestALeverageBetweenTwoWholeOnesIsSet(t *testing.T) {
	s := newStage(t)
	set := 0
	half := `{"retCode":0,"retMsg":"OK","result":{"list":[{"positionIdx":0,"symbol":"BTCUSDT","side":"","size":"0","leverage":"10.5"}],"nextPageCursor":""},"time":1}`
	s.sim.SetFaults(func(path, _ string) exchangesim.Fault {
		switch path {
		case "/v5/position/set-leverage":
			set++
		case "/v5/position/list":
			if set == 0 {
				return exchangesim.Fault{Body: &half}
			}
		}
		return exchangesim.Fault{}
	})
	if _, err := s.Submit(t.Context(), s.order("a")); err != nil || set != 1 {
		t.Errorf("submit at 10x: %v, leverage set %d times; want once: 10.5 is not 10", err, set)
	}
}

func TestAnOrderWithAKnownOutcomeLeavesNothingToLookUp(t *testing.T) {
	s := newStage(t)
	for n := range 5 {
		s.pass(time.Second)
		if _, err := s.Submit(t.Context(), s.order(fmt.Sprint("a", n))); err != nil {
			t.Fatal(err)
		}
	}
	if n := bybit.Doubts(s.Exchange); n != 0 {
		t.Errorf("%d orders are remembered for a look-up that nobody makes: it grows for ever", n)
	}
}

func TestANewConnectionMakesNoOldPriceNew(t *testing.T) {
	now := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	p, err := bybit.NewPrices(exchange.PriceConfig{Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	hear := func(text string) {
		t.Helper()
		if err := bybit.HearPrice(p, trading.Linear, strings.ReplaceAll(text, "NOW", fmt.Sprint(now.UnixMilli()))); err != nil {
			t.Fatal(err)
		}
	}
	key := trading.InstrumentKey{Product: trading.Linear, Symbol: "BTCUSDT"}
	hear(`{"topic":"tickers.BTCUSDT","ts":NOW,"data":{"symbol":"BTCUSDT","markPrice":"60000"}}`)
	hear(`{"topic":"orderbook.1.BTCUSDT","ts":NOW,"data":{"s":"BTCUSDT","b":[["59999","1"]],"a":[["60001","1"]]}}`)
	if q, ok := p.Quote(trading.Bybit, key); !ok || !q.At.Equal(now) {
		t.Fatalf("quote is %+v, %v", q, ok)
	}
	now = now.Add(time.Hour)
	if err := bybit.Reopen(p, trading.Linear); err != nil {
		t.Fatal(err)
	}
	hear(`{"topic":"tickers.BTCUSDT","ts":NOW,"data":{"symbol":"BTCUSDT","markPrice":"50000"}}`)
	if q, ok := p.Quote(trading.Bybit, key); ok {
		t.Errorf("quote is %+v, want none: bid and ask are an hour old", q)
	}
}

func TestATrimDoesNotUndoWhatWasSaidMeanwhile(t *testing.T) {
	s := newStage(t)
	s.serve(t)
	o, p := bought(t, s, trading.Spot)
	if err := s.Protect(t.Context(), o.ID, p); err != nil {
		t.Fatal(err)
	}
	// The clock is old, so the next change waits for it while a target sells.
	s.pass(3 * time.Minute)
	asked := make(chan struct{}, 10)
	s.sim.SetFaults(func(path, _ string) exchangesim.Fault {
		if path == "/v5/market/time" {
			asked <- struct{}{}
			return exchangesim.Fault{Delay: time.Second}
		}
		return exchangesim.Fault{}
	})
	p.Qty, p.Protection = trading.MustQty("0.0099"), trading.Protection{StopLoss: trading.MustPrice("59500"),
		TakeProfit: []trading.TakeProfitAt{{Price: trading.MustPrice("62000"), Qty: trading.MustQty("0.0099")}}}
	done := make(chan error, 1)
	go func() { done <- s.Protect(t.Context(), o.ID, p) }()
	<-asked
	s.sim.SetPrice("BTCUSDT", trading.MustPrice("61500"))
	if err := <-done; err != nil {
		t.Fatalf("protect: %v", err)
	}
	s.sim.SetFaults(func(string, string) exchangesim.Fault { return exchangesim.Fault{} })
	// Whoever waited for the turn before this has had it when this returns.
	if err := s.Protect(t.Context(), "hx1none", trading.Position{Account: account, Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth}); err != nil {
		t.Fatal(err)
	}
	if had := s.standing(); strings.Contains(had, "59000") || !strings.Contains(had, "59500 0.0099") {
		t.Errorf("%q stands, want the stop at 59500: that it stands was told", had)
	}
}

func TestTargetsAreNotSizedToAPositionThatIsStillGrowing(t *testing.T) {
	s := newStage(t)
	o, p := bought(t, s, trading.Linear)
	p.Qty = o.Qty
	early, left := `{"retCode":0,"retMsg":"OK","result":{"list":[{"positionIdx":0,"symbol":"BTCUSDT","side":"Buy","size":"0.01","leverage":"10","stopLoss":"","takeProfit":"","trailingStop":"0"}],"nextPageCursor":""},"time":1}`, 2
	s.sim.SetFaults(func(path, _ string) exchangesim.Fault {
		if left--; path == "/v5/position/list" && left >= 0 {
			return exchangesim.Fault{Body: &early}
		}
		return exchangesim.Fault{}
	})
	if err := s.Protect(t.Context(), o.ID, p); err != nil {
		t.Fatal(err)
	}
	if had := s.standing(); !strings.Contains(had, "61000 0.01") || !strings.Contains(had, "62000 0.01") || !strings.Contains(had, "59000") {
		t.Errorf("%q stands, want the stop and both targets: the first would close all of it", had)
	}
}

func TestManyQuestionsAtOnceShareOneLookAtAKnownOrder(t *testing.T) {
	s := newStage(t)
	known := s.order("known")
	if _, err := s.Submit(t.Context(), known); err != nil {
		t.Fatal(err)
	}
	if _, found, err := s.Lookup(t.Context(), known); err != nil || !found {
		t.Fatalf("look up an order that is there: %v, %v", found, err)
	}
	first, second := s.lost(t, "a"), s.lost(t, "b")
	looks := 0
	s.sim.SetFaults(func(_, link string) exchangesim.Fault {
		if link == string(known.ID) {
			looks++
		}
		return exchangesim.Fault{}
	})
	s.pass(2 * time.Second)
	for _, o := range []trading.Order{first, second, first, second} {
		if _, _, err := s.Lookup(t.Context(), o); trading.KindOf(err) != trading.Unknown {
			t.Fatalf("look up %s: %v, want unknown so early", o.ID, err)
		}
	}
	once := looks
	s.pass(2 * time.Second)
	if _, _, err := s.Lookup(t.Context(), first); trading.KindOf(err) != trading.Unknown {
		t.Fatalf("look up %s: %v, want unknown so early", first.ID, err)
	}
	if once == 0 || once > 2 || looks <= once {
		t.Errorf("a known order was looked at %d times for four questions at once and %d times with one two seconds later; want one look (two requests at most) for those at once, and another one later", once, looks)
	}
}
