package node_test

import (
	"strings"
	"testing"
	"time"

	"hoox/backend/risk"
	"hoox/backend/trading"
)

func TestALockedSymbolTakesNoEntryOnAnyExchangeAndIsClosed(t *testing.T) {
	clock := &turned{now: time.Date(2026, 5, 1, 12, 0, 30, 0, time.UTC)}
	h := startAt(t, clock)
	h.post(`{"apiKey":"KEY","exchange":"bybit","action":"LONG","symbol":"BTCUSDT","quantity":0.01}`)
	if err := h.ChangeSetting(t.Context(), "trade:locked_symbols", "btcusdt@2026-05-01T13:00:00Z", "test"); err != nil {
		t.Fatal(err)
	}
	for _, alert := range []string{
		`"exchange":"bybit","action":"LONG","symbol":"BTCUSDT","quantity":0.011`, `"exchange":"binance","action":"LONG","symbol":"BINANCE:BTCUSDT","quantity":0.01`,
		`"exchange":"mexc","action":"LONG","symbol":"BTC_USDT","quantity":0.01`, `"action":"LONG","symbol":"BTC/USDT","quantity":0.01`,
	} {
		if r := h.post(`{"apiKey":"KEY",` + alert + `}`); r.status != 422 || !strings.Contains(r.body, "symbol locked") {
			t.Errorf("%s: had %d %s, want it refused", alert, r.status, r.body)
		}
	}
	if r := h.post(`{"apiKey":"KEY","exchange":"bybit","action":"CLOSE","symbol":"BTCUSDT"}`); r.status != 200 {
		t.Errorf("a close: had %d %s, want it done", r.status, r.body)
	}
	h.untilFlat()
	clock.to(time.Date(2026, 5, 1, 13, 0, 0, 0, time.UTC))
	if r := h.post(`{"apiKey":"KEY","exchange":"bybit","action":"LONG","symbol":"BTCUSDT","quantity":0.012}`); r.status != 200 {
		t.Errorf("after its end: had %d %s, want a fill", r.status, r.body)
	}
}

func TestTheSecondLookKnowsALockedSymbolAsItsExchangeSpellsIt(t *testing.T) {
	clock := &turned{now: time.Date(2026, 5, 1, 12, 0, 30, 0, time.UTC)}
	h := startAt(t, clock)
	if err := h.ChangeSetting(t.Context(), "trade:locked_symbols", "BTCUSDC@2026-05-01T13:00:00Z", "test"); err != nil {
		t.Fatal(err)
	}
	passes := func(symbol string) bool {
		o := trading.Order{Account: "bybit:paper", Product: trading.Linear, Symbol: symbol}
		_, _, ok := risk.Second(h.Limits(o.Account), risk.Standing{State: risk.Active}, o)
		return ok
	}
	// Bybit's perpetual of BTC against USDC hides its quote.
	if passes("BTCPERP") || passes("BTCUSDC") || !passes("BTCUSDT") {
		t.Errorf("BTCPERP passes: %v, BTCUSDC %v, BTCUSDT %v; want the last one alone", passes("BTCPERP"), passes("BTCUSDC"), passes("BTCUSDT"))
	}
	clock.to(time.Date(2026, 5, 1, 13, 0, 0, 0, time.UTC))
	if !passes("BTCPERP") {
		t.Error("a lock that has ended still counts")
	}
}
