package node_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"hoox/backend/market"
	"hoox/backend/node"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

// bybitPaper is where the paper twin of Bybit trades.
var bybitPaper = market.Venue{Exchange: trading.Bybit, Mode: trading.ModePaper}

// turned is a clock that the test turns; the synthetic market follows it.
type turned struct {
	mu  sync.Mutex
	now time.Time
}

func (c *turned) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *turned) to(at time.Time) {
	c.mu.Lock()
	c.now = at
	c.mu.Unlock()
}

func startAt(t *testing.T, clock *turned) *house {
	t.Helper()
	c, err := node.Load(node.Flags{DataDir: t.TempDir(), GatewayListen: "127.0.0.1:0"}, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	c.Now = clock.Now
	return run(t, c)
}

// whenMark finds the next minute at which the mark price is on the wanted side of a price.
func (h *house) whenMark(from time.Time, above bool, price trading.Price) time.Time {
	h.t.Helper()
	synthetic := market.New(h.Config.Paper.Seed, h.Now, market.Standard())
	for minute := 1; minute < 7*24*60; minute++ {
		at := from.Add(time.Duration(minute) * time.Minute)
		q, _ := synthetic.QuoteAt(trading.Bybit, trading.InstrumentKey{Product: trading.Linear, Symbol: "BTCUSDT"}, at)
		if q.Mark.More(price) == above && !q.Mark.Equal(price) {
			return at
		}
	}
	h.t.Fatalf("the synthetic market does not reach %s within a week", price)
	return time.Time{}
}

// untilFlat waits until no position is open.
func (h *house) untilFlat() {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), time.Minute)
	defer cancel()
	hints := h.Hub.Subscribe()
	defer hints.Close()
	for {
		positions, err := h.Store.Positions(ctx)
		if err == nil && len(positions) == 0 {
			return
		}
		select {
		case <-hints.C:
		case <-ctx.Done():
			h.t.Fatalf("still holds %+v (%v)", positions, err)
		}
	}
}

func (h *house) mark() trading.Price {
	q, _ := h.Market.Quote(bybitPaper, trading.InstrumentKey{Product: trading.Linear, Symbol: "BTCUSDT"})
	return q.Mark
}

func TestAttachedStopAndTargetCloseThePositionInTheLedgerToo(t *testing.T) {
	for name, c := range map[string]struct {
		field string
		above bool
		shift string
		kind  trading.OrderType
	}{
		"stop loss":   {"stopLoss", false, "-150", trading.StopOrder},
		"take profit": {"takeProfit", true, "150", trading.TargetOrder},
	} {
		t.Run(name, func(t *testing.T) {
			clock := &turned{now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
			h := startAt(t, clock)
			trigger := h.mark().Add(trading.MustPrice(c.shift)).Floor(trading.MustPrice("1"))
			r := h.post(fmt.Sprintf(`{"apiKey":"KEY","exchange":"bybit","action":"LONG","symbol":"BTCUSDT","quantity":0.02,"leverage":5,"%s":%s,"idempotencyKey":"e"}`, c.field, trigger))
			if r.status != 200 {
				t.Fatalf("entry: %d %s", r.status, r.body)
			}

			clock.to(h.whenMark(clock.Now(), c.above, trigger))
			h.untilFlat()

			story, err := h.Store.Signal(t.Context(), trading.SignalID(r.json["requestId"].(string)))
			if err != nil || len(story.Orders) != 2 || story.Orders[1].Type != c.kind || story.Orders[1].Status != trading.OrderFilled || len(story.Fills) < 2 {
				t.Fatalf("had %+v (%v), want the entry and the exchange's own %s with its fill in one story", story.Orders, err, c.kind)
			}
			h.booksAgree()
		})
	}
}

func TestTrailingStopFollowsAndCloses(t *testing.T) {
	clock := &turned{now: time.Date(2026, 5, 2, 6, 0, 0, 0, time.UTC)}
	h := startAt(t, clock)
	if r := h.post(`{"apiKey":"KEY","exchange":"bybit","action":"LONG","symbol":"BTCUSDT","quantity":0.02,"leverage":5,"trailingStop":200,"idempotencyKey":"e"}`); r.status != 200 {
		t.Fatalf("entry: %d %s", r.status, r.body)
	}
	clock.to(h.whenMark(clock.Now(), false, h.mark().Sub(trading.MustPrice("400"))))
	h.untilFlat()
	h.booksAgree()
}

func TestHaltCancelsRestingEntriesAndProvesIt(t *testing.T) {
	h := start(t, t.TempDir())
	limit := h.mark().Times(trading.MustRatio("0.5")).Floor(trading.MustPrice("1"))
	r := h.post(fmt.Sprintf(`{"apiKey":"KEY","exchange":"bybit","action":"LONG","symbol":"BTCUSDT","quantity":0.01,"orderType":"limit","price":%s,"idempotencyKey":"l"}`, limit))
	result, _ := r.json["result"].(map[string]any)
	if r.status != 200 || result["status"] != "Accepted" {
		t.Fatalf("had %d %s, want 200 Accepted for an order that rests", r.status, r.body)
	}
	hints := h.Hub.Subscribe()
	defer hints.Close()
	if err := h.Switch.Set(t.Context(), risk.Standing{State: risk.Halted, Reason: "test", Actor: "test"}); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		progress, err := h.Switch.Progress(ctx)
		if err != nil || len(progress) != 1 {
			t.Fatalf("had %+v (%v), want one exchange with one cancel", progress, err)
		}
		if progress[0].Confirmed == 1 {
			break
		}
		select {
		case <-hints.C:
		case <-ctx.Done():
			t.Fatalf("had %+v: the cancel was asked and never proven", progress)
		}
	}
	orders, _, err := h.Store.Orders(t.Context(), trading.Page{Limit: 5})
	if err != nil || orders[0].Status != trading.OrderCanceled {
		t.Fatalf("had %+v (%v), want the entry canceled", orders, err)
	}
}

func TestFundingMovesMoneyOnceAndTheBooksStillBalance(t *testing.T) {
	clock := &turned{now: time.Date(2026, 5, 1, 15, 59, 0, 0, time.UTC)}
	h := startAt(t, clock)
	if err := h.ChangeSetting(t.Context(), "paper:funding_rate", "0.01", "test"); err != nil {
		t.Fatal(err)
	}
	h.post(seedAlert)
	hints := h.Hub.Subscribe()
	defer hints.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	clock.to(time.Date(2026, 5, 1, 16, 1, 0, 0, time.UTC))
	for {
		day, err := h.Store.Day(ctx, time.Date(2026, 5, 1, 0, 0, 0, 0, time.UTC))
		if err != nil {
			t.Fatal(err)
		}
		if f := day["bybit:paper"].Funding; f.IsNegative() {
			break
		}
		select {
		case <-hints.C:
		case <-ctx.Done():
			t.Fatal("a long paid no funding at 16:00")
		}
	}
	h.booksAgree()
}

func TestQueueEverywhereAnswersEnqueuedAndExecutes(t *testing.T) {
	h := start(t, t.TempDir())
	if err := h.ChangeSetting(t.Context(), "webhook:queue_mode", "queue_everywhere", "test"); err != nil {
		t.Fatal(err)
	}
	r := h.post(seedAlert)
	if r.status != 200 && r.status != 202 {
		t.Fatalf("had %d %s", r.status, r.body)
	}
	h.endsWell("seed", trading.SignalID(r.json["requestId"].(string)))
	positions, err := h.Store.Positions(t.Context())
	if err != nil || len(positions) != 1 {
		t.Fatalf("had %+v (%v), want the queued order executed", positions, err)
	}
}

func TestHedgeModeHoldsBothSides(t *testing.T) {
	h := start(t, t.TempDir())
	if err := h.ChangeSetting(t.Context(), "exchange:bybit:position_mode", "hedge", "test"); err != nil {
		t.Fatal(err)
	}
	h.post(seedAlert)
	h.post(`{"apiKey":"KEY","exchange":"bybit","action":"SHORT","symbol":"BTCUSDT","quantity":0.02,"idempotencyKey":"s"}`)
	positions, err := h.Store.Positions(t.Context())
	if err != nil || len(positions) != 2 {
		t.Fatalf("had %+v (%v), want long 0.01 beside short 0.02", positions, err)
	}
	if r := h.post(`{"apiKey":"KEY","exchange":"bybit","action":"FLAT","symbol":"BTCUSDT","idempotencyKey":"f"}`); r.status != 200 {
		t.Fatalf("flat: %d %s", r.status, r.body)
	}
	h.untilFlat()
	h.booksAgree()
}

func TestFlattenClosesEverythingEvenWhileHalted(t *testing.T) {
	h := start(t, t.TempDir())
	h.post(seedAlert)
	h.post(`{"apiKey":"KEY","symbol":"MEXC:ETHUSDT.P","action":"SHORT","quantity":0.5,"idempotencyKey":"m"}`)
	h.post(`{"apiKey":"KEY","exchange":"paper","symbol":"SOLUSDT","action":"LONG","quantity":2,"idempotencyKey":"p"}`)
	h.post(`{"apiKey":"KEY","symbol":"BINANCE:ETHUSDT","action":"BUY","quantity":0.1,"idempotencyKey":"b"}`)
	if positions, _ := h.Store.Positions(t.Context()); len(positions) != 4 {
		t.Fatalf("had %+v, want four positions to flatten, spot among them", positions)
	}
	if err := h.Switch.Set(t.Context(), risk.Standing{State: risk.Halted, Reason: "test", Actor: "test"}); err != nil {
		t.Fatal(err)
	}
	steps, err := h.Flatten(t.Context(), "", trading.FromWindow, "test", "once")
	if err != nil || len(steps) != 4 {
		t.Fatalf("had %+v (%v), want a step for each position", steps, err)
	}
	for _, s := range steps {
		if s.State == "failed" {
			t.Errorf("%s: %s", s.What, s.Detail)
		}
	}
	h.untilFlat()
}
