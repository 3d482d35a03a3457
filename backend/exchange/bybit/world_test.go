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

	"hoox/backend/exchange/bybit"
	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// clock is a time that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) read() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// desk is a sink that keeps what it is told.
type desk struct {
	mu      sync.Mutex
	reports []trading.Report
	fills   map[trading.FillID]int
	heard   chan struct{}
}

func (d *desk) Record(_ context.Context, r trading.Report) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.reports = append(d.reports, r)
	for _, f := range r.Fills {
		d.fills[f.ID]++
	}
	select {
	case d.heard <- struct{}{}:
	default:
	}
	return nil
}

func (d *desk) BookCash(context.Context, trading.Cash) error { return nil }

// last is the latest report on an order or on a child of it.
func (d *desk) last(id trading.OrderID) trading.Report {
	d.mu.Lock()
	defer d.mu.Unlock()
	for i := len(d.reports) - 1; i >= 0; i-- {
		if r := d.reports[i]; r.OrderID == id || r.Child != nil && r.Child.Parent == id {
			return r
		}
	}
	return trading.Report{}
}

// stage is an account at an exchange of our own.
type stage struct {
	*bybit.Exchange
	sim     *exchangesim.Bybit
	clock   *clock
	simTime *clock
	log     string
	desk    *desk
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

func newStage(t *testing.T) *stage {
	t.Helper()
	start := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	s := &stage{key: "key", secret: "secret", clock: &clock{now: start}, simTime: &clock{now: start}, log: filepath.Join(t.TempDir(), "exchange.log"),
		desk: &desk{fills: map[trading.FillID]int{}, heard: make(chan struct{}, 1)}}
	sim, err := exchangesim.NewBybit(exchangesim.Config{Key: "key", Secret: "secret", Log: s.log, Now: s.simTime.read, Instruments: instruments(), Deposit: trading.MustMoney("10000000")})
	if err != nil {
		t.Fatal(err)
	}
	s.sim = sim
	sim.SetPrice("BTCUSDT", trading.MustPrice("60000"))
	server := httptest.NewServer(sim)
	s.Exchange, err = bybit.New(bybit.Config{
		Account: account, RestURL: server.URL, PrivateURL: "ws" + strings.TrimPrefix(server.URL, "http"),
		Key: func() string { return s.key }, Secret: func() string { return s.secret }, Now: s.clock.read,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Deadline: 2 * time.Second, Patience: 150 * time.Millisecond,
		Stream: wire.StreamConfig{LeastWait: time.Millisecond},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Exchange.Close()
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
		server.Close()
	})
	return s
}

// pass moves both clocks.
func (s *stage) pass(d time.Duration) {
	s.clock.pass(d)
	s.simTime.pass(d)
}

func (s *stage) order(id string) trading.Order {
	return trading.Order{ID: trading.OrderID("hx1" + id), SignalID: "s-1", Account: account, Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth,
		Side: trading.Buy, Type: trading.Market, Qty: trading.MustQty("0.01"), Leverage: 10, Status: trading.OrderSubmitted, ArmedAt: s.clock.read(),
		Deadline: s.clock.read().Add(time.Minute)}
}

// serve runs the account until the test ends and returns when the stream is live.
func (s *stage) serve(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, s.desk) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("serve ended with %v", err)
		}
	})
	s.until(t, "the stream is live", s.Live)
}

// until waits for something that happens on other goroutines.
func (s *stage) until(t *testing.T, what string, is func() bool) {
	t.Helper()
	deadline := time.After(5 * time.Second)
	for !is() {
		select {
		case <-s.desk.heard:
		case <-time.After(2 * time.Millisecond):
		case <-deadline:
			t.Fatalf("waited 5 s for: %s", what)
		}
	}
}
