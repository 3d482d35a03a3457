package binance_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/exchange/binance"
	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/binancesim"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

func TestWhatHappenedWhileTheStreamWasDownIsToldOnce(t *testing.T) {
	for _, product := range []trading.Product{trading.Linear, trading.Spot} {
		t.Run(string(product), func(t *testing.T) {
			s := newStage(t)
			s.serve(t)
			o := s.order("rest")
			o.Product, o.Type, o.Price, o.Leverage = product, trading.Limit, price("59000"), 0
			if r, err := s.Submit(t.Context(), o); err != nil || r.Status != trading.OrderAccepted {
				t.Fatalf("%+v, %v", r, err)
			}
			s.perps.SetSilent(true)
			s.coins.SetSilent(true)
			s.price("58900")
			s.perps.DropStreams()
			s.coins.DropStreams()
			s.perps.SetSilent(false)
			s.coins.SetSilent(false)
			s.until(t, "the fill is told", func() bool { return s.desk.Last(o.ID).Status == trading.OrderFilled })
			r, found, err := s.Lookup(t.Context(), o)
			if err != nil || !found || len(r.Fills) != 1 {
				t.Fatalf("look-up: %+v, %v, %v", r, found, err)
			}
			s.until(t, "the streams are back", func() bool { return s.Lamp().Live })
			told := s.desk.Fills()
			if len(told) != 1 || told[r.Fills[0].ID] != 1 {
				t.Errorf("fills told are %v, want %s once", told, r.Fills[0].ID)
			}
		})
	}
}

func TestAStopThatTriggersIsToldAsAChildOfItsOrder(t *testing.T) {
	s := newStage(t)
	s.serve(t)
	s.enter(t, s.order("a"))
	want := s.position(t, trading.SlotBoth)
	want.Protection = trading.Protection{StopLoss: price("59000"), TakeProfit: []trading.TakeProfitAt{{Price: price("62000"), Qty: want.Qty}}}
	if err := s.Protect(t.Context(), "hx1a", want); err != nil {
		t.Fatal(err)
	}
	s.price("58900")
	s.until(t, "the stop is told", func() bool { r := s.desk.Last("hx1a"); return r.Child != nil && r.Status == trading.OrderFilled })
	r := s.desk.Last("hx1a")
	if r.Child.Type != trading.StopOrder || r.Child.Parent != "hx1a" || r.Filled.String() != "0.01" || r.OrderID != r.Child.ID || !strings.HasPrefix(string(r.OrderID), "BTCUSDT.P:") {
		t.Errorf("child is %+v of %+v", r, r.Child)
	}
	s.until(t, "no conditional order outlives the position", func() bool { return len(waiting(s.futures)) == 0 })
}

func TestAStopThatTriggeredWhileTheProgramWasDownIsToldAfterwards(t *testing.T) {
	for _, product := range []trading.Product{trading.Linear, trading.Spot} {
		t.Run(string(product), func(t *testing.T) {
			s := newStage(t)
			stop := s.serve(t)
			o := s.order("a")
			o.Product, o.Leverage = product, 0
			s.enter(t, o)
			want := s.position(t, trading.SlotBoth)
			want.Protection = trading.Protection{StopLoss: price("59000")}
			if err := s.Protect(t.Context(), o.ID, want); err != nil {
				t.Fatal(err)
			}
			stop()
			s.price("58900")
			s.pass(time.Hour)
			s.open(t)
			s.serve(t)
			// On spot nothing names the symbol any more but whoever asks about it.
			if _, found, err := s.Lookup(t.Context(), o); err != nil || !found {
				t.Fatalf("look-up: found %v, %v", found, err)
			}
			s.until(t, "the stop is told", func() bool { r := s.desk.Last(o.ID); return r.Child != nil && r.Status == trading.OrderFilled })
			if r := s.desk.Last(o.ID); r.Child.Type != trading.StopOrder || r.Child.Product != product || !r.Filled.Equal(want.Qty) {
				t.Errorf("child is %+v of %+v", r, r.Child)
			}
		})
	}
}

func TestATrailingStopFollowsInPercentAndIsToldAsAStop(t *testing.T) {
	s := newStage(t)
	s.serve(t)
	s.enter(t, s.order("a"))
	want := s.position(t, trading.SlotBoth)
	want.Protection = trading.Protection{TrailingStop: price("600")}
	if err := s.Protect(t.Context(), "hx1a", want); err != nil {
		t.Fatal(err)
	}
	s.price("61800")
	s.price("61183")
	if len(waiting(s.futures)) == 0 {
		t.Fatal("it triggered less than one percent below the best price")
	}
	s.price("61180")
	s.until(t, "the stop is told", func() bool { r := s.desk.Last("hx1a"); return r.Child != nil && r.Status == trading.OrderFilled })
	if r := s.desk.Last("hx1a"); r.Child.Type != trading.StopOrder || !r.Fills[0].RealizedPnL.IsPositive() {
		t.Errorf("child is %+v of %+v", r, r.Child)
	}
}

func TestALiquidationIsToldAsOne(t *testing.T) {
	s := newStage(t)
	s.serve(t)
	s.enter(t, s.order("a"))
	s.futures.Liquidate("BTCUSDT", trading.SlotBoth)
	var r trading.Report
	s.until(t, "the liquidation is told", func() bool {
		for _, had := range s.desk.Reports() {
			if had.Child != nil && had.Child.Type == trading.Liquidation && had.Filled.IsPositive() {
				r = had
				return true
			}
		}
		return false
	})
	if r.Child.Parent != "" || r.Child.Side != trading.Sell || r.Filled.String() != "0.01" {
		t.Errorf("liquidation is %+v of %+v", r, r.Child)
	}
}

func TestFundingIsBookedOnceUnderTheExchangesID(t *testing.T) {
	s := newStage(t)
	stop := s.serve(t)
	s.enter(t, s.order("a"))
	s.pass(time.Minute)
	s.futures.Funding("BTCUSDT", trading.MustRatio("0.0001"))
	s.until(t, "funding is booked", func() bool { return len(s.desk.Cash()) == 1 })
	stop()
	s.open(t)
	s.serve(t)
	cash := s.desk.Cash()
	if len(cash) != 1 || cash[0].Kind != trading.CashFunding || !cash[0].Amount.IsNegative() || cash[0].Asset != "USDT" || cash[0].Symbol != "BTCUSDT" ||
		!strings.HasPrefix(cash[0].ID, "funding:binance:testnet:") {
		t.Errorf("cash is %+v, want one payment of a long at a positive rate", cash)
	}
}

func TestAListenKeyThatExpiredIsReplaced(t *testing.T) {
	s := newStage(t)
	s.serve(t)
	s.pass(61 * time.Minute)
	s.perps.Tick()
	s.until(t, "another key is in use", func() bool {
		s.perps.Tick()
		return strings.Contains(s.log.String(), "listenKeyExpired") && s.Lamp().Live && s.perps.Streams() == 1
	})
	o := s.order("rest")
	o.Type, o.Price, o.Leverage = trading.Limit, price("59000"), 0
	if _, err := s.Submit(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	s.price("58900")
	s.until(t, "the fill is told", func() bool { return s.desk.Last(o.ID).Status == trading.OrderFilled })
}

func TestRightsOfALiveKeyAreTold(t *testing.T) {
	s := stageWith(t, "10000", "10000", binancesim.Options{Permissions: binancesim.Permissions{Withdrawals: true}})
	s.account = "binance:live:swing"
	s.open(t)
	r, err := s.Rights(t.Context())
	if err != nil || r.Linear != trading.Yes || r.Spot != trading.Yes || r.Withdraw != trading.Yes || r.Bound != trading.No || len(r.Notes) == 0 {
		t.Errorf("rights are %+v, %v", r, err)
	}
}

func TestInstrumentsOfBothProductsCarryLeverageAndFees(t *testing.T) {
	s := newStage(t)
	list, err := s.Instruments(t.Context())
	if err != nil || len(list) != 2 {
		t.Fatalf("%+v, %v", list, err)
	}
	linear, spot := list[0], list[1]
	if linear.Product != trading.Linear || linear.MaxLeverage != 125 || !linear.TakerFee.Equal(trading.MustRatio("0.0004")) || linear.Maintenance.IsZero() || linear.TickSize.String() != "0.1" {
		t.Errorf("linear is %+v", linear)
	}
	if spot.Product != trading.Spot || spot.MaxLeverage != 1 || !spot.TakerFee.Equal(trading.MustRatio("0.001")) || spot.MinNotional.String() != "5" {
		t.Errorf("spot is %+v", spot)
	}
	if trip, err := s.Ping(t.Context()); err != nil || trip < 0 {
		t.Errorf("ping: %s, %v", trip, err)
	}
	if err := s.SetMarginMode(t.Context(), trading.Cross); trading.KindOf(err) != trading.Refused {
		t.Errorf("margin mode of the account: %v, want refused in words", err)
	}
}

func TestOrdersAreAmendedAndAllCanceled(t *testing.T) {
	s := newStage(t)
	o := s.order("rest")
	o.Type, o.Price, o.Leverage = trading.Limit, price("59000"), 0
	if _, err := s.Submit(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if r, err := s.Amend(t.Context(), o, trading.MustQty("0.02"), price("58000")); err != nil || r.OrderID != o.ID {
		t.Fatalf("amend: %+v, %v", r, err)
	}
	list, err := s.Open(t.Context())
	if err != nil || len(list) != 1 || list[0].ID != o.ID || list[0].Qty.String() != "0.02" || list[0].Price.String() != "58000" {
		t.Fatalf("open: %+v, %v", list, err)
	}
	for _, product := range []trading.Product{trading.Linear, trading.Spot} {
		if err := s.CancelAll(t.Context(), trading.InstrumentKey{Product: product, Symbol: "BTCUSDT"}); err != nil {
			t.Errorf("%s: %v; nothing to cancel is success", product, err)
		}
	}
	if list, err := s.Open(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("open after all was canceled: %+v, %v", list, err)
	}
	coin := s.order("coin")
	coin.Product, coin.Type, coin.Price, coin.Leverage = trading.Spot, trading.Limit, price("59000"), 0
	if _, err := s.Amend(t.Context(), coin, trading.Qty{}, price("58000")); trading.KindOf(err) != trading.Rejected {
		t.Errorf("another price on spot: %v, want rejected in words", err)
	}
}

func TestPricesComeFromTheirOwnPathsAndGoOnAfterABreak(t *testing.T) {
	s := newStage(t)
	ws := func(origin string) string { return "ws" + strings.TrimPrefix(origin, "http") }
	p, err := binance.NewPrices(exchange.PriceConfig{
		Mode: trading.ModeTestnet, Addresses: exchange.Addresses{RestURL: s.origin, PublicURL: ws(s.origin), SpotRestURL: s.spotOrigin, SpotPublicURL: ws(s.spotOrigin)},
		Keys: []trading.InstrumentKey{{Product: trading.Linear, Symbol: "BTCUSDT"}}, Now: s.clock.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
		Stream: wire.StreamConfig{LeastWait: time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Serve(ctx) }()
	defer func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("serve ended with %v", err)
		}
	}()
	linear, spot := trading.InstrumentKey{Product: trading.Linear, Symbol: "BTCUSDT"}, trading.InstrumentKey{Product: trading.Spot, Symbol: "BTCUSDT"}
	quoted := func(key trading.InstrumentKey, bid, ask, mark string) func() bool {
		return func() bool {
			q, ok := p.Quote(trading.Binance, key)
			return ok && q.Bid.String() == bid && q.Ask.String() == ask && q.Mark.String() == mark && !q.At.After(s.clock.Now())
		}
	}
	s.until(t, "the perpetual is quoted", quoted(linear, "60000", "60000.1", "60000"))
	if _, ok := p.Quote(trading.Binance, spot); ok {
		t.Error("the coin is quoted, which nobody asked for")
	}
	p.Watch(spot, linear)
	s.until(t, "the coin is quoted", quoted(spot, "60000", "60000.01", "60000"))
	s.until(t, "all is live", p.Live)
	s.perps.DropStreams()
	s.coins.DropStreams()
	s.price("61000")
	s.until(t, "the perpetual is quoted anew", quoted(linear, "61000", "61000.1", "61000"))
	s.until(t, "the coin is quoted anew", quoted(spot, "61000", "61000.01", "61000"))
	if _, ok := p.Quote(trading.Bybit, linear); ok {
		t.Error("another exchange is quoted")
	}
	if list, err := p.Instruments(t.Context()); err != nil || len(list) != 2 {
		t.Errorf("instruments: %+v, %v", list, err)
	}
	to := s.clock.Now()
	candles, err := p.Candles(t.Context(), linear, time.Minute, to.Add(-10*time.Minute), to)
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range candles {
		if c.Start.Before(to.Add(-10*time.Minute)) || !c.Start.Before(to) || i > 0 && !c.Start.After(candles[i-1].Start) || c.High.Less(c.Low) {
			t.Errorf("candle %d is %+v", i, c)
		}
	}
	if _, err := p.Candles(t.Context(), linear, 7*time.Minute, to.Add(-time.Hour), to); trading.KindOf(err) != trading.Invalid {
		t.Errorf("candles of 7 minutes: %v, want invalid", err)
	}
}

func TestAbsenceIsNotProvenWhileTheExchangeHidesOlderOrders(t *testing.T) {
	s := newStage(t)
	s.enter(t, s.order("old"))
	s.pass(time.Minute)
	lost := s.order("lost")
	s.pass(2 * time.Minute)
	s.futures.SetFaults(func(path, link string) exchangesim.Fault {
		if path == "/fapi/v1/order" && link == "hx1old" {
			return exchangesim.Fault{Status: 400, Code: -2013, Text: "Order does not exist.", Refuse: true}
		}
		return exchangesim.Fault{}
	})
	for range 4 {
		if _, _, err := s.Lookup(t.Context(), lost); trading.KindOf(err) != trading.Unknown {
			t.Fatalf("look-up: %v, want unknown: a place that lost one order proves nothing about another", err)
		}
	}
	s.futures.SetFaults(func(string, string) exchangesim.Fault { return exchangesim.Fault{} })
	for range 3 {
		if _, found, err := s.Lookup(t.Context(), lost); found {
			t.Fatalf("found, %v", err)
		} else if err == nil {
			return
		}
	}
	t.Error("absence is never proven")
}
