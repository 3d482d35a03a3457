package bybit_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/exchange/bybit"
	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

func TestWhatRestsIsListedAmendedAndCanceled(t *testing.T) {
	s := newStage(t)
	ours := s.order("rest")
	ours.Type, ours.Price = trading.Limit, trading.MustPrice("50000")
	if _, err := s.Submit(t.Context(), ours); err != nil {
		t.Fatal(err)
	}
	foreign, no := s.sim.External(exchangesim.Request{Product: trading.Spot, Symbol: "BTCUSDT", Side: trading.Buy, Kind: exchangesim.Limit,
		Qty: trading.MustQty("0.005"), Price: trading.MustPrice("40000")})
	if no != nil {
		t.Fatal(no)
	}
	r, err := s.Amend(t.Context(), ours, trading.MustQty("0.02"), trading.MustPrice("51000"))
	if err != nil || r.Status != trading.OrderAccepted {
		t.Errorf("amend: %+v, %v", r, err)
	}
	list, err := s.Open(t.Context())
	if err != nil || len(list) != 2 {
		t.Fatalf("open: %+v, %v, want two", list, err)
	}
	n := slices.IndexFunc(list, func(o trading.Order) bool { return o.Product == trading.Linear })
	if had := list[n]; had.ID != ours.ID || had.Qty.String() != "0.02" || had.Price.String() != "51000" || had.Type != trading.Limit || had.Status != trading.OrderAccepted || had.ExchangeID == "" || had.CreatedAt.IsZero() {
		t.Errorf("ours is %+v", had)
	}
	if had := list[1-n]; had.ID != "" || had.ExchangeID != foreign.ID || had.Product != trading.Spot || had.Price.String() != "40000" {
		t.Errorf("the stranger's is %+v", had)
	}
	for range 2 {
		if err := s.CancelForeign(t.Context(), list[1-n]); err != nil {
			t.Errorf("cancel of the stranger's: %v", err)
		}
		if err := s.CancelAll(t.Context(), trading.InstrumentKey{Product: trading.Linear, Symbol: "BTCUSDT"}); err != nil {
			t.Errorf("cancel all: %v", err)
		}
	}
	if list, err := s.Open(t.Context()); err != nil || len(list) != 0 {
		t.Errorf("open: %+v, %v, want nothing", list, err)
	}
	if _, err := s.Amend(t.Context(), ours, trading.MustQty("0.03"), trading.Price{}); trading.KindOf(err) != trading.Rejected {
		t.Errorf("amend of what has ended: %v, want rejected", err)
	}
}

func TestSetupFeesPingAndLamp(t *testing.T) {
	s := newStage(t)
	for _, mode := range []trading.PositionMode{trading.Hedge, trading.OneWay} {
		if err := s.SetPositionMode(t.Context(), mode); err != nil {
			t.Fatal(err)
		}
		if had, err := s.Setup(t.Context()); err != nil || had.PositionMode != mode || had.MarginMode != trading.Cross {
			t.Errorf("setup is %+v (%v), want %s and cross", had, err, mode)
		}
	}
	maker, taker, err := s.Fees(t.Context(), trading.InstrumentKey{Product: trading.Linear, Symbol: "BTCUSDT"})
	if err != nil || maker.String() != "0.0002" || taker.String() != "0.00055" {
		t.Errorf("fees are %s and %s (%v)", maker, taker, err)
	}
	if _, err := s.Ping(t.Context()); err != nil {
		t.Errorf("ping: %v", err)
	}
	l := s.Lamp()
	if l.Live || !l.SkewKnown || l.Skew.Abs() > time.Second || !l.BannedUntil.IsZero() || l.Limit == 0 || l.Left >= l.Limit {
		t.Errorf("lamp is %+v, want a clock that is known, no stream, and a limit of which some is used", l)
	}
}

func TestCoinsThatCanBeSoldArePositions(t *testing.T) {
	s := newStage(t)
	s.sim.Transfer("ETH", trading.MustMoney("3"))
	s.sim.Transfer("USDC", trading.MustMoney("5"))
	o := s.order("a")
	o.Product, o.Leverage = trading.Spot, 0
	if _, err := s.Submit(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	list, err := s.Positions(t.Context())
	if err != nil || len(list) != 1 || list[0].Product != trading.Spot || list[0].Symbol != "BTCUSDT" || list[0].Qty.String() != "0.00999" || !list[0].Cost.IsZero() {
		t.Errorf("positions are %+v (%v), want the bitcoin that was left after the fee", list, err)
	}
}

func TestAbsenceIsNotProvenByListsThatForgetOrPositionsThatMoved(t *testing.T) {
	s := newStage(t)
	known := s.order("known")
	if _, err := s.Submit(t.Context(), known); err != nil {
		t.Fatal(err)
	}
	hide := false
	s.sim.SetFaults(func(path, link string) exchangesim.Fault {
		empty := `{"retCode":0,"retMsg":"OK","result":{"list":[],"nextPageCursor":""},"time":1}`
		switch {
		case path == "/v5/order/create":
			return exchangesim.Fault{LoseRequest: true}
		case hide && (strings.HasPrefix(path, "/v5/order/") || path == "/v5/execution/list"):
			return exchangesim.Fault{Body: &empty}
		}
		return exchangesim.Fault{}
	})
	ask := func(o trading.Order) (found bool, err error) {
		for range 5 {
			s.pass(30 * time.Second)
			if _, found, err = s.Lookup(t.Context(), o); err == nil {
				break
			}
		}
		return found, err
	}
	lost := s.order("lost")
	if _, err := s.Submit(t.Context(), lost); trading.KindOf(err) != trading.Unknown {
		t.Fatalf("submit: %v, want unknown", err)
	}
	hide = true
	if _, err := ask(lost); trading.KindOf(err) != trading.Unknown || !strings.Contains(err.Error(), "known") {
		t.Errorf("with lists that show nothing: %v, want unknown because a known order is missing too", err)
	}
	hide = false
	if found, err := ask(lost); err != nil || found {
		t.Errorf("with lists that show everything: %v, %v, want proof of absence", found, err)
	}

	moved := s.order("moved")
	if _, err := s.Submit(t.Context(), moved); trading.KindOf(err) != trading.Unknown {
		t.Fatalf("submit: %v, want unknown", err)
	}
	// Something is bought, and the executions are slow to show it.
	if _, no := s.sim.External(exchangesim.Request{Product: trading.Linear, Symbol: "BTCUSDT", Side: trading.Buy, Kind: exchangesim.Market, Qty: moved.Qty, Hide: time.Hour}); no != nil {
		t.Fatal(no)
	}
	if _, err := ask(moved); trading.KindOf(err) != trading.Unknown || !strings.Contains(err.Error(), "explain") {
		t.Errorf("with a position that nothing explains: %v, want unknown", err)
	}
	s.pass(time.Hour)
	if found, err := ask(moved); err != nil || found {
		t.Errorf("with the execution shown: %v, %v, want proof of absence", found, err)
	}
}

func TestPricesListCandlesAndTakeMoreSymbols(t *testing.T) {
	s := newStage(t)
	for _, mark := range []string{"60100", "59900", "60050"} {
		s.pass(20 * time.Second)
		s.sim.SetPrice("BTCUSDT", trading.MustPrice(mark))
	}
	s.pass(time.Minute)
	p, err := bybit.NewPrices(exchange.PriceConfig{Addresses: exchange.Addresses{RestURL: s.origin, PublicURL: "ws" + strings.TrimPrefix(s.origin, "http")}, Now: s.clock.Now,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Serve(ctx) }()
	for _, product := range []trading.Product{trading.Linear, trading.Spot} {
		key := trading.InstrumentKey{Product: product, Symbol: "BTCUSDT"}
		p.Watch(key, key, trading.InstrumentKey{Product: product, Symbol: "NOSUCHCOIN"})
		s.until(t, "a quote comes", func() bool {
			q, ok := p.Quote(trading.Bybit, key)
			return ok && q.Mark.String() == "60050" && q.Bid.Less(q.Ask) && p.Live()
		})
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("serve ended with %v", err)
	}
	from := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	list, err := p.Candles(t.Context(), trading.InstrumentKey{Product: trading.Linear, Symbol: "BTCUSDT"}, time.Minute, from, from.Add(time.Hour))
	if err != nil || len(list) == 0 || !list[0].Start.Equal(from) || list[0].Open.String() != "60000" || list[0].High.String() != "60100" || list[0].Low.String() != "59900" {
		t.Errorf("candles are %+v (%v)", list, err)
	}
	if _, err := p.Candles(t.Context(), trading.InstrumentKey{Product: trading.Linear, Symbol: "BTCUSDT"}, 7*time.Second, from, from.Add(time.Hour)); trading.KindOf(err) != trading.Invalid {
		t.Errorf("candles of 7 s: %v, want invalid", err)
	}
	if list, err := p.Instruments(t.Context()); err != nil || len(list) != 2 {
		t.Errorf("instruments: %v, %v, want two", list, err)
	}
}

func TestACancelThatLosesAgainstAFillEndsFilledOnce(t *testing.T) {
	s := newStage(t)
	s.serve(t)
	o := s.order("race")
	o.Type, o.Price = trading.Limit, trading.MustPrice("59000")
	if _, err := s.Submit(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	s.server.SetTwice(true)
	s.sim.SetFaults(func(path, _ string) exchangesim.Fault {
		return exchangesim.Fault{FillFirst: path == "/v5/order/cancel"}
	})
	r, err := s.Cancel(t.Context(), o)
	if err != nil || r.Status != trading.OrderFilled || r.Filled.String() != "0.01" {
		t.Errorf("cancel: %+v, %v, want filled", r, err)
	}
	s.until(t, "the fill is told", func() bool { return s.desk.Last(o.ID).Status == trading.OrderFilled })
	told := s.desk.Fills()
	if len(told) != 1 {
		t.Errorf("fills told are %v, want one", told)
	}
}

func TestAnOrderThatTheExchangeMadeIsFoundByItsOwnID(t *testing.T) {
	s := newStage(t)
	s.serve(t)
	o := s.order("a")
	o.Protection.StopLoss = trading.MustPrice("59000")
	if _, err := s.Submit(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	s.sim.SetPrice("BTCUSDT", trading.MustPrice("58990"))
	s.until(t, "the stop is told", func() bool { r := s.desk.Last(o.ID); return r.Child != nil && r.Status == trading.OrderFilled })
	child := *s.desk.Last(o.ID).Child
	r, found, err := s.Lookup(t.Context(), child)
	if err != nil || !found || r.Status != trading.OrderFilled || r.OrderID != child.ID || r.Fills[0].OrderID != child.ID {
		t.Errorf("look up: %+v, %v, %v, want the stop", r, found, err)
	}
	if r, err := s.Cancel(t.Context(), child); err != nil || r.Status != trading.OrderFilled {
		t.Errorf("cancel: %+v, %v, want its end", r, err)
	}
}
