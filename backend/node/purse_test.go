package node_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"hoox/backend/trading"
)

func TestOpenProfitCountsInThePurseOfItsCurrencyOnly(t *testing.T) {
	clock := &turned{now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
	h := startAt(t, clock)
	for n, symbol := range []string{"BYBIT:BTCUSDT.P", "BYBIT:BTCUSDC.P"} {
		r := h.post(fmt.Sprintf(`{"apiKey":"KEY","action":"LONG","symbol":"%s","quantity":0.0%d,"leverage":5,"idempotencyKey":"%d"}`, symbol, n+1, n))
		if r.status != 200 {
			t.Fatalf("%s: %d %s", symbol, r.status, r.body)
		}
	}
	clock.to(clock.Now().Add(time.Hour))
	positions, err := h.Held(t.Context())
	if err != nil || len(positions) != 2 {
		t.Fatalf("had %+v %v, want two positions", positions, err)
	}
	var want trading.Money
	for _, p := range positions {
		q, _ := h.Market.Quote(bybitPaper, trading.InstrumentKey{Product: p.Product, Symbol: p.Symbol})
		want = want.Add(p.Unrealized(q.Mark))
	}
	list, err := h.Equity(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var open, worth trading.Money
	for _, m := range list {
		if m.Account == "bybit:paper" {
			open, worth = open.Add(m.Unrealized), worth.Add(m.Equity)
		}
	}
	if !open.Equal(want) {
		t.Errorf("the purses show an open profit of %s together, the positions make %s: nobody earned it twice", open, want)
	}
	h.untilPoint(clock.Now(), worth)
}

// untilPoint waits for the point of the equity curve at a moment and compares it.
func (h *house) untilPoint(at time.Time, want trading.Money) {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), time.Minute)
	defer cancel()
	again := time.NewTicker(20 * time.Millisecond)
	defer again.Stop()
	for {
		points, err := h.Store.Equity(ctx, at, 100)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, p := range points {
			if p.Account != "bybit:paper" {
				continue
			}
			if !p.Equity.Equal(want) {
				h.t.Errorf("the curve shows %s, want %s: all of the account, not one purse of it", p.Equity, want)
			}
			return
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			h.t.Fatal("no point on the curve")
		}
	}
}

func TestPositionShowsTheProtectionThatIsLeft(t *testing.T) {
	clock := &turned{now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
	h := startAt(t, clock)
	near, far := h.mark().Add(trading.MustPrice("150")).Floor(trading.MustPrice("1")), h.mark().Times(trading.MustRatio("2")).Floor(trading.MustPrice("1"))
	r := h.post(fmt.Sprintf(`{"apiKey":"KEY","exchange":"bybit","action":"LONG","symbol":"BTCUSDT","quantity":0.02,"leverage":5,`+
		`"takeProfit":[{"price":%s,"share":0.5},{"price":%s,"share":0.5}],"idempotencyKey":"e"}`, near, far))
	if r.status != 200 {
		t.Fatalf("entry: %d %s", r.status, r.body)
	}
	hints := h.Hub.Subscribe()
	defer hints.Close()
	clock.to(h.whenMark(clock.Now(), true, near))
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for {
		positions, err := h.Held(ctx)
		if err == nil && len(positions) == 1 && positions[0].Size().String() == "0.01" {
			if targets := positions[0].Protection.TakeProfit; len(targets) != 1 || !targets[0].Price.Equal(far) {
				t.Errorf("had targets %+v, want only the one at %s: the other has been taken", targets, far)
			}
			return
		}
		select {
		case <-hints.C:
		case <-ctx.Done():
			t.Fatalf("had %+v %v, want half of it closed", positions, err)
		}
	}
}
