package mexc_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hoox/backend/exchange"
	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/mexcsim"
	"hoox/backend/exchange/exchangetest"
	"hoox/backend/exchange/mexc"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const account = trading.AccountID("mexc:live")

func perpetual() trading.Instrument {
	return trading.Instrument{
		Exchange: trading.MEXC, Product: trading.Linear, Symbol: "BTC_USDT", Base: "BTC", Quote: "USDT", TickSize: trading.MustPrice("0.1"),
		StepSize: trading.MustQty("0.0001"), MinQty: trading.MustQty("0.0001"), MaxQty: trading.MustQty("100"), MaxLeverage: 200,
		MakerFee: trading.MustRatio("0.0001"), TakerFee: trading.MustRatio("0.0004"), Maintenance: trading.MustRatio("0.004"),
	}
}

func coin() trading.Instrument {
	return trading.Instrument{
		Exchange: trading.MEXC, Product: trading.Spot, Symbol: "BTCUSDT", Base: "BTC", Quote: "USDT", TickSize: trading.MustPrice("0.01"),
		StepSize: trading.MustQty("0.000001"), MinQty: trading.MustQty("0.000001"), MaxQty: trading.MustQty("1000"), MinNotional: trading.MustMoney("1"),
		MaxLeverage: 1, MakerFee: trading.MustRatio("0"), TakerFee: trading.MustRatio("0.0005"),
	}
}

// stage is an account at an exchange of our own: both products behind one origin, each with books of its own.
type stage struct {
	*mexc.Exchange
	clock           *exchangetest.Clock
	desk            *exchangetest.Desk
	perps, holdings *exchangesim.Core
	futures         *mexcsim.Futures
	spot            *mexcsim.Spot
	trails          trails
	url             string
	secret          string
	log             *words
	stop            func()
}

// words keeps what was logged.
type words struct {
	mu   sync.Mutex
	text strings.Builder
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

const key, secret = "mx0aBYs33eIilxBWC5", "45d0b3c26f2644f19bfb98b07741b2f5"

// trails is MEXC's list of trailing orders, which the simulated exchange lacks: it takes, lists and cancels.
type trails struct {
	mu   sync.Mutex
	made int
	list []map[string]any
}

func (l *trails) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	var body map[string]any
	d := json.NewDecoder(r.Body)
	d.UseNumber()
	if r.Method == "POST" && d.Decode(&body) != nil {
		http.Error(w, "no JSON", http.StatusBadRequest)
		return
	}
	var data any = []map[string]any{}
	switch path := r.URL.Path; {
	case strings.HasSuffix(path, "/place"):
		l.made++
		body["id"], body["state"], body["createTime"] = l.made, 0, 1_790_000_000_000
		l.list = append(l.list, body)
		data = fmt.Sprint(l.made)
	case strings.HasSuffix(path, "/cancel"):
		l.list = slices.DeleteFunc(l.list, func(o map[string]any) bool { return fmt.Sprint(o["id"]) == fmt.Sprint(body["trackOrderId"]) })
	case len(l.list) > 0 && r.URL.Query().Get("states") == "0,1":
		data = l.list
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"success": true, "code": 0, "data": data})
}

func (l *trails) stand() []map[string]any {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.list)
}

// newStage gives each product its deposit; the account is in one-way mode.
func newStage(t testing.TB, perps, holdings string) *stage {
	t.Helper()
	s := &stage{
		clock: exchangetest.NewClock(time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)), secret: secret, log: &words{},
		desk: exchangetest.NewDesk(),
	}
	open := func(name, deposit string, i trading.Instrument, ids exchangesim.IDRule, newID func(string, int) string) *exchangesim.Core {
		c, err := exchangesim.Open(exchangesim.Config{
			Key: key, Secret: secret, Log: filepath.Join(t.TempDir(), name), Now: s.clock.Now, Instruments: []trading.Instrument{i},
			Deposit: map[string]trading.Money{"USDT": trading.MustMoney(deposit)}, IDs: ids, NewID: newID, CancelPostOnly: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	// Both ids are free: nothing but the adapter keeps an order from being doubled.
	s.perps = open("perps", perps, perpetual(), exchangesim.Free, mexcsim.FuturesID)
	s.holdings = open("holdings", holdings, coin(), exchangesim.Free, mexcsim.SpotID)
	s.futures, s.spot = mexcsim.NewFutures(s.perps, mexcsim.Options{}), mexcsim.NewSpot(s.holdings, mexcsim.Options{})
	mux := http.NewServeMux()
	mux.Handle("/api/v1/", s.futures)
	mux.Handle("/api/v1/private/trackorder/", &s.trails)
	mux.Handle("/edge", s.futures)
	mux.Handle("/api/v3/", s.spot)
	mux.Handle("/ws", s.spot)
	server := httptest.NewServer(mux)
	s.url = server.URL
	s.price("60000")
	s.connect(t)
	// Time goes on by itself, ten times as fast as outside, so that whoever waits for a request limit does not wait for ever.
	ended, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		tick := time.NewTicker(time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ended:
				return
			case <-tick.C:
				s.clock.Pass(10 * time.Millisecond)
			}
		}
	}()
	t.Cleanup(func() {
		close(ended)
		<-over
		if s.stop != nil {
			s.stop()
		}
		s.Exchange.Close()
		s.futures.Close()
		s.spot.Close()
		server.Close()
		for _, c := range []*exchangesim.Core{s.perps, s.holdings} {
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	return s
}

func (s *stage) config() exchange.Config {
	return exchange.Config{
		Account: account, Addresses: exchange.Addresses{
			RestURL: s.url, PublicURL: "ws" + strings.TrimPrefix(s.url, "http"), PrivateURL: "ws" + strings.TrimPrefix(s.url, "http"),
		},
		Key: func() string { return key }, Secret: func() string { return s.secret }, Now: s.clock.Now,
		Log: slog.New(slog.NewTextHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug})), Deadline: 2 * time.Second,
		Patience: 150 * time.Millisecond, Stream: wire.StreamConfig{LeastWait: time.Millisecond, PingEvery: 10 * time.Millisecond},
	}
}

// connect makes the adapter, a second time over what the first one left behind.
func (s *stage) connect(t testing.TB) {
	t.Helper()
	x, err := mexc.New(s.config())
	if err != nil {
		t.Fatal(err)
	}
	s.Exchange = x
}

func (s *stage) price(p string) {
	s.perps.SetPrice("BTC_USDT", trading.MustPrice(p))
	s.holdings.SetPrice("BTCUSDT", trading.MustPrice(p))
}

// order is a market buy; the caller changes what the test is about.
func (s *stage) order(id string, p trading.Product) trading.Order {
	o := trading.Order{
		ID: trading.OrderID("hx1" + id), SignalID: "s-1", Account: account, Product: p, Symbol: "BTC_USDT", Slot: trading.SlotBoth,
		Side: trading.Buy, Type: trading.Market, Qty: trading.MustQty("0.01"), Leverage: 10, MarginMode: trading.Isolated,
		Status: trading.OrderSubmitted, CreatedAt: s.clock.Now(), ArmedAt: s.clock.Now(), Deadline: s.clock.Now().Add(time.Minute),
	}
	if p == trading.Spot {
		o.Symbol, o.Leverage, o.MarginMode = "BTCUSDT", 0, ""
	}
	return o
}

// serve runs the account until the test ends and returns when both streams are live.
func (s *stage) serve(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	x := s.Exchange
	go func() { done <- x.Serve(ctx, s.desk) }()
	s.stop = func() {
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("serve ended with %v", err)
		}
		s.stop = nil
	}
	if !s.until(func() bool { return x.Lamp().Live }) {
		t.Fatalf("waited for the streams: %s", s.log)
	}
}

// until waits for something that happens on other goroutines.
func (s *stage) until(is func() bool) bool {
	end := time.After(20 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !is() {
		select {
		case <-tick.C:
		case <-end:
			return false
		}
	}
	return true
}

func (s *stage) want(t *testing.T, what string, is func() bool) {
	t.Helper()
	if !s.until(is) {
		t.Fatalf("waited 20 s for: %s; told: %s; log: %s", what, fmt.Sprintf("%+v", s.desk.Reports()), s.log)
	}
}

func (s *stage) submit(t *testing.T, o trading.Order) trading.Report {
	t.Helper()
	r, err := s.Submit(t.Context(), o)
	if err != nil {
		t.Fatalf("submit %s: %v", o.ID, err)
	}
	return r
}

func wantKind(t *testing.T, err error, kind trading.Kind, why string) {
	t.Helper()
	if trading.KindOf(err) != kind {
		t.Errorf("error is %v (%s), want %s: %s", err, trading.KindOf(err), kind, why)
	}
}
