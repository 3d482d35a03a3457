package bybit_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hoox/backend/exchange"
	"hoox/backend/exchange/bybit"
	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/bybitsim"
	"hoox/backend/exchange/exchangetest"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// stage is an account at an exchange of our own.
type stage struct {
	*bybit.Exchange
	sim     *exchangesim.Core
	server  *bybitsim.Server
	origin  string
	clock   *exchangetest.Clock
	simTime *exchangetest.Clock
	log     string
	desk    *exchangetest.Desk
	// key and secret are what the adapter uses; the exchange knows "key" and "secret".
	key, secret string
}

const account = trading.AccountID("bybit:testnet")

func instruments() []trading.Instrument {
	return []trading.Instrument{{
		Exchange: trading.Bybit, Product: trading.Linear, Symbol: "BTCUSDT", Base: "BTC", Quote: "USDT", TickSize: trading.MustPrice("0.1"),
		StepSize: trading.MustQty("0.001"), MinQty: trading.MustQty("0.001"), MaxQty: trading.MustQty("100"), MinNotional: trading.MustMoney("5"),
		MaxLeverage: 100, MakerFee: trading.MustRatio("0.0002"), TakerFee: trading.MustRatio("0.00055"),
	}, {
		Exchange: trading.Bybit, Product: trading.Spot, Symbol: "BTCUSDT", Base: "BTC", Quote: "USDT", TickSize: trading.MustPrice("0.01"),
		StepSize: trading.MustQty("0.000001"), MinQty: trading.MustQty("0.000001"), MaxQty: trading.MustQty("50"), MinNotional: trading.MustMoney("5"),
		MaxLeverage: 1, MakerFee: trading.MustRatio("0.001"), TakerFee: trading.MustRatio("0.001"),
	}}
}

func newStage(t testing.TB) *stage {
	return stageWith(t, "10000000", bybitsim.Options{Addresses: []string{"127.0.0.1"}})
}

func stageWith(t testing.TB, deposit string, o bybitsim.Options) *stage {
	t.Helper()
	start := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	s := &stage{key: "key", secret: "secret", clock: exchangetest.NewClock(start), simTime: exchangetest.NewClock(start), log: filepath.Join(t.TempDir(), "exchange.log"),
		desk: exchangetest.NewDesk()}
	sim, err := exchangesim.Open(s.simConfig(deposit))
	if err != nil {
		t.Fatal(err)
	}
	s.sim = sim
	sim.SetPrice("BTCUSDT", trading.MustPrice("60000"))
	s.server = bybitsim.New(sim, o)
	server := httptest.NewServer(s.server)
	s.origin = server.URL
	t.Cleanup(func() {
		s.server.Close()
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	s.open(t)
	return s
}

func (s *stage) simConfig(deposit string) exchangesim.Config {
	return bybitsim.Account(exchangesim.Config{Key: "key", Secret: "secret", Log: s.log, Now: s.simTime.Now, Instruments: instruments(),
		Deposit: map[string]trading.Money{"USDT": trading.MustMoney(deposit)}})
}

// open makes a new adapter over the same account.
func (s *stage) open(t testing.TB) {
	t.Helper()
	var err error
	s.Exchange, err = bybit.New(exchange.Config{
		Account: account, Addresses: exchange.Addresses{RestURL: s.origin, PrivateURL: "ws" + strings.TrimPrefix(s.origin, "http")},
		Key: func() string { return s.key }, Secret: func() string { return s.secret }, Now: s.clock.Now,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Deadline: 10 * time.Second, Patience: 150 * time.Millisecond,
		Stream: wire.StreamConfig{LeastWait: time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Exchange.Close)
}

// pass moves both clocks.
func (s *stage) pass(d time.Duration) {
	s.clock.Pass(d)
	s.simTime.Pass(d)
}

func (s *stage) order(id string) trading.Order {
	return trading.Order{ID: trading.OrderID("hx1" + id), SignalID: "s-1", Account: account, Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth,
		Side: trading.Buy, Type: trading.Market, Qty: trading.MustQty("0.01"), Leverage: 10, Status: trading.OrderSubmitted, ArmedAt: s.clock.Now(),
		Deadline: s.clock.Now().Add(time.Minute)}
}

// serve runs the account until the test ends, or stop is called, and returns when the stream is live.
func (s *stage) serve(t testing.TB) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	x := s.Exchange
	go func() { done <- x.Serve(ctx, s.desk) }()
	stop = sync.OnceFunc(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("serve ended with %v", err)
		}
	})
	t.Cleanup(stop)
	s.until(t, "the stream is live", func() bool { return x.Lamp().Live })
	return stop
}

// until waits for something that happens on other goroutines.
func (s *stage) until(t testing.TB, what string, is func() bool) {
	t.Helper()
	if !s.await(is) {
		t.Fatalf("waited 15 s for: %s", what)
	}
}

func (s *stage) await(is func() bool) bool {
	deadline := time.After(15 * time.Second)
	for !is() {
		select {
		case <-s.desk.Heard:
		case <-time.After(2 * time.Millisecond):
		case <-deadline:
			return false
		}
	}
	return true
}

// openWorld is a fresh account in which one product is traded.
func openWorld(product trading.Product) exchangetest.Open {
	return func(t testing.TB) *exchangetest.World {
		s := stageWith(t, "10000", bybitsim.Options{})
		stop := s.serve(t)
		w := &exchangetest.World{
			Adapter: s.Exchange, Account: account, Instrument: instruments()[0], Deposit: trading.MustMoney("10000"),
			Start: trading.MustPrice("60000"), Unit: trading.MustQty("0.01"),
			Price: func(p trading.Price) { s.sim.SetPrice("BTCUSDT", p) },
			Pass:  s.pass, Settle: func() { s.pass(time.Second) }, Now: s.clock.Now,
			// Time passes while it waits, or the limit of requests would never let it ask again.
			Await:   func(is func() bool) { s.await(func() bool { s.pass(200 * time.Millisecond); return is() }) },
			Reports: s.desk.Reports, Cash: s.desk.Cash,
			Hedge: func() {
				if err := s.SetPositionMode(t.Context(), trading.Hedge); err != nil {
					t.Fatal(err)
				}
			},
			Restart: func() exchangetest.Adapter {
				stop()
				s.Exchange.Close()
				s.open(t)
				stop = s.serve(t)
				return s.Exchange
			},
		}
		if product == trading.Spot {
			w.Instrument = instruments()[1]
			w.Lacks = map[string]string{
				exchangetest.Hedge:                      "a coin has no short side",
				exchangetest.Trailing:                   "Bybit keeps no trailing stop for a coin",
				"ReduceOnlyIsCanceledWhenNothingIsLeft": "a resting sale locks its coins, so nothing else can sell them",
			}
			return w
		}
		w.Lacks = map[string]string{exchangetest.Sweep: "Bybit keeps a reduce-only order until the market comes to it, and cancels it then"}
		if err := s.SetMarginMode(t.Context(), trading.Isolated); err != nil {
			t.Fatal(err)
		}
		return w
	}
}

func TestBybitKeepsTheContractWithPerpetuals(t *testing.T) {
	exchangetest.Run(t, openWorld(trading.Linear))
}

func TestBybitKeepsTheContractWithCoins(t *testing.T) { exchangetest.Run(t, openWorld(trading.Spot)) }
