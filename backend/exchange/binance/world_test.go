package binance_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hoox/backend/exchange"
	"hoox/backend/exchange/binance"
	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/binancesim"
	"hoox/backend/exchange/exchangetest"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// words is a log that a test reads.
type words struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (w *words) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(p)
}

func (w *words) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

// stage is an account at an exchange of our own: two products with a wallet each.
type stage struct {
	*binance.Exchange
	spot, futures *exchangesim.Core
	coins         *binancesim.Spot
	perps         *binancesim.Futures
	spotOrigin    string
	origin        string
	clock         *exchangetest.Clock
	simTime       *exchangetest.Clock
	desk          *exchangetest.Desk
	log           *words
	dir           string
	account       trading.AccountID
	// key and secret are what the adapter uses.
	key, secret string
}

// The key and secret that the exchange knows.
const (
	testKey    = "kkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkkktest"
	testSecret = "ssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssTest"
)

const account = trading.AccountID("binance:testnet")

func linearBTC() trading.Instrument {
	return trading.Instrument{
		Exchange: trading.Binance, Product: trading.Linear, Symbol: "BTCUSDT", Base: "BTC", Quote: "USDT", TickSize: trading.MustPrice("0.1"),
		StepSize: trading.MustQty("0.001"), MinQty: trading.MustQty("0.001"), MaxQty: trading.MustQty("1000"), MinNotional: trading.MustMoney("5"),
		MaxLeverage: 125, MakerFee: trading.MustRatio("0.0002"), TakerFee: trading.MustRatio("0.0004"), Maintenance: trading.MustRatio("0.004"),
	}
}

func spotBTC() trading.Instrument {
	return trading.Instrument{
		Exchange: trading.Binance, Product: trading.Spot, Symbol: "BTCUSDT", Base: "BTC", Quote: "USDT", TickSize: trading.MustPrice("0.01"),
		StepSize: trading.MustQty("0.00001"), MinQty: trading.MustQty("0.00001"), MaxQty: trading.MustQty("9000"), MinNotional: trading.MustMoney("5"),
		MaxLeverage: 1, MakerFee: trading.MustRatio("0.001"), TakerFee: trading.MustRatio("0.001"),
	}
}

func newStage(t testing.TB) *stage { return stageWith(t, "10000", "10000", binancesim.Options{}) }

// stageWith deposits in the futures wallet and in the spot wallet.
func stageWith(t testing.TB, futures, spot string, o binancesim.Options) *stage {
	t.Helper()
	start := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	s := &stage{key: testKey, secret: testSecret, clock: exchangetest.NewClock(start), simTime: exchangetest.NewClock(start), dir: t.TempDir(), log: &words{},
		account: account, desk: exchangetest.NewDesk()}
	s.futures = s.core(t, "futures.log", futures, linearBTC())
	s.spot = s.core(t, "spot.log", spot, spotBTC())
	s.perps, s.coins = binancesim.NewFutures(s.futures, o), binancesim.NewSpot(s.spot, o)
	futuresWeb, spotWeb := httptest.NewServer(s.perps), httptest.NewServer(s.coins)
	s.origin, s.spotOrigin = futuresWeb.URL, spotWeb.URL
	t.Cleanup(func() {
		s.perps.Close()
		s.coins.Close()
		futuresWeb.Close()
		spotWeb.Close()
		if err := errors.Join(s.futures.Close(), s.spot.Close()); err != nil {
			t.Error(err)
		}
	})
	s.price("60000")
	s.open(t)
	return s
}

func (s *stage) core(t testing.TB, log, deposit string, i trading.Instrument) *exchangesim.Core {
	t.Helper()
	core, err := exchangesim.Open(exchangesim.Config{
		Key: testKey, Secret: testSecret, Log: filepath.Join(s.dir, log), Now: s.simTime.Now, Instruments: []trading.Instrument{i},
		Deposit: map[string]trading.Money{"USDT": trading.MustMoney(deposit)}, IDs: exchangesim.UniqueWhileOpen, OwnSpotFee: true,
	})
	if err != nil {
		t.Fatal(err)
	}
	return core
}

func (s *stage) price(text string) {
	s.futures.SetPrice("BTCUSDT", trading.MustPrice(text))
	s.spot.SetPrice("BTCUSDT", trading.MustPrice(text))
}

// open makes a new adapter over the same account.
func (s *stage) open(t testing.TB) {
	t.Helper()
	var err error
	s.Exchange, err = binance.New(s.config())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Exchange.Close)
	// What is made from now on was never sent before.
	s.pass(time.Second)
}

func (s *stage) config() exchange.Config {
	return exchange.Config{
		Account: s.account, Addresses: exchange.Addresses{
			RestURL: s.origin, PrivateURL: "ws" + strings.TrimPrefix(s.origin, "http"), SpotRestURL: s.spotOrigin,
			SpotPrivateURL: "ws" + strings.TrimPrefix(s.spotOrigin, "http"),
		},
		Key: func() string { return s.key }, Secret: func() string { return s.secret }, Now: s.clock.Now,
		Log: slog.New(slog.NewTextHandler(s.log, nil)), Deadline: 2 * time.Second, Patience: 500 * time.Millisecond,
		Stream: wire.StreamConfig{LeastWait: time.Millisecond, MostWait: 20 * time.Millisecond},
	}
}

// pass moves both clocks.
func (s *stage) pass(d time.Duration) {
	s.clock.Pass(d)
	s.simTime.Pass(d)
}

func (s *stage) order(id string) trading.Order {
	return trading.Order{ID: trading.OrderID("hx1" + id), SignalID: "s-1", Account: s.account, Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth,
		Side: trading.Buy, Type: trading.Market, Qty: trading.MustQty("0.01"), Leverage: 10, Status: trading.OrderSubmitted, ArmedAt: s.clock.Now(),
		CreatedAt: s.clock.Now(), Deadline: s.clock.Now().Add(time.Minute)}
}

// serve runs the account until the test ends, or stop is called, and returns when both streams are live.
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
	s.until(t, "the streams are live", func() bool { return x.Lamp().Live })
	return stop
}

// until waits for something that happens on other goroutines.
func (s *stage) until(t testing.TB, what string, is func() bool) {
	t.Helper()
	if !s.await(is) {
		text := s.log.String()
		t.Fatalf("waited 5 s for: %s\n%s", what, text[max(0, len(text)-2000):])
	}
}

func (s *stage) await(is func() bool) bool {
	deadline := time.After(5 * time.Second)
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
		futures, spot, instrument := "10000", "0", linearBTC()
		if product == trading.Spot {
			futures, spot, instrument = "0", "10000", spotBTC()
		}
		s := stageWith(t, futures, spot, binancesim.Options{})
		core := s.futures
		if product == trading.Spot {
			core = s.spot
		}
		stop := s.serve(t)
		w := &exchangetest.World{
			Adapter: s.Exchange, Account: account, Instrument: instrument, Deposit: trading.MustMoney("10000"),
			Start: trading.MustPrice("60000"), Unit: trading.MustQty("0.01"),
			Price: func(p trading.Price) { core.SetPrice("BTCUSDT", p) },
			Pass:  s.pass, Settle: func() { s.pass(time.Second) }, Now: s.clock.Now,
			Await: func(is func() bool) {
				// Every question costs request weight, of which there is so much a minute.
				s.await(func() bool { s.pass(2 * time.Second); return is() })
			},
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
		w.Lacks = map[string]string{
			exchangetest.Trailing: "Binance keeps the distance as a part of the best price, so the trigger is not the one that the test expects",
			exchangetest.Books:    "Binance tells the entry price to eight digits only, so that a cost cannot be told exactly",
			exchangetest.Sweep:    "a reduce-only order rests until the market comes to it, and expires then",
		}
		if product == trading.Spot {
			w.Lacks = map[string]string{
				exchangetest.Hedge:                      "a coin has no short side",
				exchangetest.Trailing:                   "no trailing stop is kept for a coin",
				"ReduceOnlyIsCanceledWhenNothingIsLeft": "a resting sale locks its coins, so nothing else can sell them",
			}
		}
		return w
	}
}

func TestBinanceKeepsTheContractWithPerpetuals(t *testing.T) {
	exchangetest.Run(t, openWorld(trading.Linear))
}

func TestBinanceKeepsTheContractWithCoins(t *testing.T) {
	exchangetest.Run(t, openWorld(trading.Spot))
}
