package risk_test

import (
	"strings"
	"testing"
	"time"

	"hoox/backend/risk"
	"hoox/backend/trading"
)

var nine = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

func locked(at time.Time, locks ...trading.Lock) risk.Limits {
	l := limits()
	l.Locks, l.At = locks, at
	return l
}

func TestALockedSymbolTakesNoEntriesAndItsClosesGo(t *testing.T) {
	end := nine.Add(time.Hour)
	forEver, timed := trading.Lock{Symbol: "BTCUSDT"}, trading.Lock{Symbol: "BTCUSDT", Until: end}
	written := btc
	written.Exchange, written.Symbol = trading.MEXC, "BTC_USDT"
	dollars := btc
	dollars.Symbol, dollars.Quote = "BTCPERP", "USDC"
	for name, c := range map[string]struct {
		limits     risk.Limits
		instrument trading.Instrument
		reduceOnly bool
		want       bool
	}{
		"until it is unlocked":           {locked(nine, forEver), btc, false, false},
		"a moment before its end":        {locked(end.Add(-1), timed), btc, false, false},
		"at its end":                     {locked(end, timed), btc, false, true},
		"without a time":                 {locked(time.Time{}, timed), btc, false, false},
		"a close":                        {locked(nine, forEver), btc, true, true},
		"another symbol":                 {locked(nine, trading.Lock{Symbol: "ETHUSDT"}), btc, false, true},
		"a longer symbol":                {locked(nine, trading.Lock{Symbol: "BTCUSD"}), btc, false, true},
		"MEXC's way to write it":         {locked(nine, forEver), written, false, false},
		"a symbol that hides its quote":  {locked(nine, trading.Lock{Symbol: "BTCUSDC"}), dollars, false, false},
		"and the other quote":            {locked(nine, forEver), dollars, false, true},
		"one that ended and one that is": {locked(end, timed, forEver), btc, false, false},
	} {
		a := ask(leg(trading.Sell, "0.01", c.reduceOnly))
		a.Instrument, a.Legs[0].Symbol = c.instrument, c.instrument.Symbol
		d := risk.Decide(c.limits, active(), a)
		if passed := len(d.Approved) == 1; passed != c.want {
			t.Errorf("%s: had %s %q, want passed %v", name, d.Status, d.Reason, c.want)
		}
		if !c.want && (d.Status != trading.SignalRefused || !strings.Contains(d.Reason, "symbol locked") || !strings.Contains(d.Reason, "trade:locked_symbols")) {
			t.Errorf("%s: had %s %q, want refused, and where it is unlocked", name, d.Status, d.Reason)
		}
	}
}

func TestASymbolThatWasLockedMeanwhileStopsAnEntryThatWaits(t *testing.T) {
	now, end := risk.Standing{State: risk.Active}, nine.Add(time.Hour)
	l := locked(nine, trading.Lock{Symbol: "BTCUSDT", Until: end})
	entry := leg(trading.Buy, "0.01", false)
	if status, reason, ok := risk.Second(l, now, entry); ok || status != trading.OrderDenied || !strings.Contains(reason, "until 2026-11-23T10:00:00Z") {
		t.Errorf("entry: had %s %q %v, want denied, and until when", status, reason, ok)
	}
	entry.Symbol = "BTC_USDT"
	if _, _, ok := risk.Second(l, now, entry); ok {
		t.Error("the same symbol as MEXC writes it was let through")
	}
	if _, reason, ok := risk.Second(l, now, leg(trading.Sell, "0.01", true)); !ok {
		t.Errorf("close: had %q, want it let through: closes always go", reason)
	}
	l.At = end
	if _, reason, ok := risk.Second(l, now, entry); !ok {
		t.Errorf("after its end: had %q, want it let through", reason)
	}
}
