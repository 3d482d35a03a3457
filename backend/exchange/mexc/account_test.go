package mexc_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/mexc"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

func TestThereIsNoTestnet(t *testing.T) {
	c := exchange.Config{Account: "mexc:testnet", Now: time.Now}
	if _, err := mexc.New(c); trading.KindOf(err) != trading.Invalid || !strings.Contains(err.Error(), "no testnet") {
		t.Errorf("error is %v, want it in words that MEXC has no testnet", err)
	}
	c.RestURL = "http://127.0.0.1:1"
	x, err := mexc.New(c)
	if err != nil {
		t.Errorf("error is %v, want addresses of one's own to be taken", err)
		return
	}
	x.Close()
}

func TestWhatMEXCCannotKeepIsRejectedBeforeAnythingIsSent(t *testing.T) {
	s := newStage(t, "10000", "10000")
	protected := s.order("p", trading.Spot)
	protected.Protection.StopLoss = trading.MustPrice("59000")
	part := s.order("c", trading.Linear)
	part.Qty = trading.MustQty("0.00015")
	slot := s.order("s", trading.Linear)
	slot.Slot = trading.SlotLong
	for _, o := range []trading.Order{protected, part, slot} {
		_, err := s.Submit(t.Context(), o)
		wantKind(t, err, trading.Rejected, "it cannot be kept")
		if s.perps.Creates(string(o.ID))+s.holdings.Creates(string(o.ID)) != 0 {
			t.Errorf("order %s was sent", o.ID)
		}
	}
	_, err := s.Amend(t.Context(), slot, slot.Qty, trading.Price{})
	wantKind(t, err, trading.Rejected, "a changed order would lose its id")
	wantKind(t, s.SetMarginMode(t.Context(), trading.Cross), trading.Rejected, "there is no such thing")
}

func TestALostAnswerIsAskedForAndNeverSentAgain(t *testing.T) {
	for _, p := range []trading.Product{trading.Linear, trading.Spot} {
		s := newStage(t, "100000", "100000")
		core := s.perps
		if p == trading.Spot {
			core = s.holdings
		}
		lost := false
		core.SetFaults(func(path, _ string) exchangesim.Fault {
			lose := !lost && (strings.HasSuffix(path, "/create") || path == "/api/v3/order")
			lost = lost || lose
			return exchangesim.Fault{LoseAnswer: lose}
		})
		o := s.order("lost", p)

		_, err := s.Submit(t.Context(), o)
		wantKind(t, err, trading.Unknown, "the answer was lost")
		_, err = s.Submit(t.Context(), o)
		wantKind(t, err, trading.Unknown, "it may be there already")
		s.clock.Pass(3 * time.Second)
		r, found, err := s.Lookup(t.Context(), o)

		if err != nil || !found || r.Status != trading.OrderFilled {
			t.Errorf("%s: look-up is %s, found %v, error %v; want it filled", p, r.Status, found, err)
		}
		if n := core.Creates("hx1lost"); n != 1 {
			t.Errorf("%s: sent %d times, want once: a second order is lost money", p, n)
		}
	}
}

func TestARequestThatNeverArrivedIsProvenAbsent(t *testing.T) {
	s := newStage(t, "100000", "100000")
	s.perps.SetFaults(func(path, _ string) exchangesim.Fault {
		return exchangesim.Fault{LoseRequest: strings.HasSuffix(path, "/create")}
	})
	o := s.order("gone", trading.Linear)
	_, err := s.Submit(t.Context(), o)
	wantKind(t, err, trading.Unknown, "bytes left")

	for range 3 {
		_, _, err = s.Lookup(t.Context(), o)
		wantKind(t, err, trading.Unknown, "too early to say")
		s.clock.Pass(10 * time.Second)
	}
	s.clock.Pass(time.Minute)
	if _, found, err := s.Lookup(t.Context(), o); found || err != nil {
		t.Errorf("found %v, error %v; want the proof that there is no such order", found, err)
	}
}

func TestNoSecretIsEverWritten(t *testing.T) {
	s := newStage(t, "100000", "100000")
	s.serve(t)
	s.futures.DropStreams()
	s.spot.DropStreams()
	s.stop()
	s.secret = "wrong-and-secret"
	_, err1 := s.Submit(t.Context(), s.order("a", trading.Linear))
	_, err2 := s.Submit(t.Context(), s.order("b", trading.Spot))
	if err1 == nil || err2 == nil {
		t.Fatal("a wrong secret was taken")
	}
	all := s.log.String() + err1.Error() + err2.Error()
	for _, word := range []string{secret, key, s.secret, "signature=", "listenKey="} {
		if strings.Contains(all, word) {
			t.Errorf("%q was written: whoever reads the log has the account", word)
		}
	}
}

func TestProtectionIsChangedInPlaceAndForeignOnesStay(t *testing.T) {
	s := newStage(t, "100000", "0")
	s.serve(t)
	o := s.order("a", trading.Linear)
	o.Protection = trading.Protection{StopLoss: trading.MustPrice("59000"), TakeProfit: []trading.TakeProfitAt{{Price: trading.MustPrice("61000"), Qty: o.Qty}}}
	s.submit(t, o)
	s.clock.Pass(10 * time.Second)
	foreign := exchangesim.Guard{TakeProfit: trading.MustPrice("65000"), Partial: true, Qty: trading.MustQty("0.001")}
	if no := s.perps.Protect("BTC_USDT", trading.SlotBoth, foreign); no != nil {
		t.Fatal(no)
	}
	want := trading.Position{Account: account, Product: trading.Linear, Symbol: "BTC_USDT", Slot: trading.SlotBoth, Qty: o.Qty}
	want.Protection = trading.Protection{StopLoss: trading.MustPrice("59500"), TrailingStop: trading.MustPrice("300"), TakeProfit: []trading.TakeProfitAt{
		{Price: trading.MustPrice("61500"), Qty: trading.MustQty("0.004")}, {Price: trading.MustPrice("62000"), Qty: trading.MustQty("0.006")},
	}}
	for range 2 {
		if err := s.Protect(t.Context(), o.ID, want); err != nil {
			t.Fatalf("protect: %v", err)
		}
		s.clock.Pass(10 * time.Second)
	}
	list, err := s.Positions(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("positions are %+v (%v)", list, err)
	}
	if had := list[0].Protection; !had.StopLoss.Equal(want.Protection.StopLoss) || len(had.TakeProfit) != 3 {
		t.Errorf("position shows %+v, want %+v and the foreign target", had, want.Protection)
	}
	if n := len(s.trails.stand()); n != 1 {
		t.Errorf("%d trailing orders stand, want one", n)
	}
	s.clock.Pass(10 * time.Second)
	want.Protection = trading.Protection{}
	if err := s.Protect(t.Context(), o.ID, want); err != nil {
		t.Fatalf("remove: %v", err)
	}
	s.clock.Pass(10 * time.Second)
	open, err := s.Open(t.Context())
	if err != nil || len(open) != 1 || !open[0].Price.Equal(foreign.TakeProfit) || len(s.trails.stand()) != 0 {
		t.Errorf("%+v and %d trailing orders are left (%v), want the foreign target and nothing of ours", open, len(s.trails.stand()), err)
	}
}

func TestFundingIsBookedOnce(t *testing.T) {
	s := newStage(t, "100000", "0")
	s.submit(t, s.order("a", trading.Linear))
	s.perps.Funding("BTC_USDT", trading.MustRatio("0.0001"))
	s.clock.Pass(time.Second)
	s.serve(t)
	s.want(t, "the funding", func() bool { return len(s.desk.Cash()) == 1 })
	for _, c := range s.desk.Cash() {
		if !strings.HasPrefix(c.ID, "funding:mexc:live:") || !c.Amount.Equal(trading.MustMoney("-0.06")) {
			t.Errorf("booked %s of %s, want -0.06: a long pays a positive rate", c.ID, c.Amount)
		}
	}
}

func TestRightsAreFoundOutWithoutAnOrder(t *testing.T) {
	s := newStage(t, "100000", "0")
	r, err := s.Rights(t.Context())
	if err != nil || r.Linear != trading.Yes || r.Spot != trading.Yes || r.Withdraw != trading.No || r.Bound != trading.NotTold || len(r.Notes) == 0 {
		t.Errorf("rights are %+v (%v)", r, err)
	}
	if n := len(s.perps.Orders()); n != 0 {
		t.Errorf("%d orders were placed to find out", n)
	}
}

func TestPricesComeFromBothStreams(t *testing.T) {
	s := newStage(t, "0", "0")
	linear, spot := perpetual().Key(), coin().Key()
	origin := "ws" + strings.TrimPrefix(s.url, "http")
	p, err := mexc.NewPrices(exchange.PriceConfig{
		Addresses: exchange.Addresses{RestURL: s.url, PublicURL: origin}, Keys: []trading.InstrumentKey{linear}, Now: s.clock.Now,
		Log: slog.New(slog.NewTextHandler(s.log, nil)), Stream: wire.StreamConfig{LeastWait: time.Millisecond, PingEvery: 10 * time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = p.Serve(ctx) }()
	defer func() { cancel(); <-done; p.Close() }()
	s.want(t, "a futures price", func() bool { _, ok := p.Quote(trading.MEXC, linear); return ok })
	p.Watch(spot)
	s.want(t, "a spot price", func() bool { _, ok := p.Quote(trading.MEXC, spot); return ok && p.Live() })
	s.price("61000")
	s.want(t, "the next prices", func() bool {
		a, _ := p.Quote(trading.MEXC, linear)
		b, _ := p.Quote(trading.MEXC, spot)
		return a.Mark.Equal(trading.MustPrice("61000")) && b.Mark.Equal(a.Mark) && b.Ask.Equal(trading.MustPrice("61000.01")) && !a.At.After(s.clock.Now())
	})
	now := s.clock.Now()
	for _, key := range []trading.InstrumentKey{linear, spot} {
		list, err := p.Candles(t.Context(), key, time.Minute, now.Add(-10*time.Minute), now)
		if err != nil || len(list) == 0 || !list[len(list)-1].High.Equal(trading.MustPrice("61000")) {
			t.Errorf("candles of %s are %+v (%v)", key.Symbol, list, err)
		}
	}
	if list, err := p.Instruments(t.Context()); err != nil || len(list) != 2 {
		t.Errorf("instruments are %+v (%v), want one of each product", list, err)
	}
}
