package gateway_test

import (
	"fmt"
	"testing"
	"time"

	"hoox/backend/gateway"
	"hoox/backend/trading"
)

type (
	signal  = trading.Signal
	receipt = trading.Receipt
)

func TestEleventhAlertInAMinuteIsTooMany(t *testing.T) {
	h := newHouse()
	h.rules.RateLimit = 10
	base := open(t, h)
	for i := range 10 {
		want(t, send(t, "POST", base+"/webhook", with(long+fmt.Sprintf(`,"idempotencyKey":"%d"`, i))), 200, "")
	}
	had := send(t, "POST", base+"/webhook", with(long))
	want(t, had, 429, "RATE_LIMITED")
	if had.header.Get("Retry-After") != "60" {
		t.Errorf("want Retry-After 60, had %q", had.header.Get("Retry-After"))
	}
}

func TestEntryFloodCannotLockOutAClose(t *testing.T) {
	h := newHouse()
	h.rules.RateLimit, h.rules.ReserveForCloses = 2, 2
	base := open(t, h)
	for range 2 {
		want(t, send(t, "POST", base+"/webhook", with(long)), 200, "")
	}
	want(t, send(t, "POST", base+"/webhook", with(long)), 429, "RATE_LIMITED")
	want(t, send(t, "POST", base+"/webhook", with(`"action":"close_long","symbol":"BTCUSDT"`)), 200, "")
	want(t, send(t, "POST", base+"/webhook", with(`"marketPosition":"flat","symbol":"BTCUSDT"`)), 200, "")
	want(t, send(t, "POST", base+"/webhook", with(`"action":"CLOSE","symbol":"BTCUSDT"`)), 429, "RATE_LIMITED")
}

func TestRepeatsAndBadFieldsCountButBadKeysDoNot(t *testing.T) {
	h := newHouse()
	h.rules.RateLimit = 2
	h.admit = func(*house, trading.Signal) (trading.Receipt, error) {
		return trading.Receipt{Signal: "first", Duplicate: true, Status: trading.SignalFilled}, nil
	}
	base := open(t, h)
	for range 30 {
		want(t, send(t, "POST", base+"/webhook", `{"apiKey":"wrong"}`), 403, "FORBIDDEN")
	}
	want(t, send(t, "POST", base+"/webhook", with(long)), 409, "DUPLICATE")
	want(t, send(t, "POST", base+"/webhook", with(`"action":"x"`)), 400, "INVALID")
	want(t, send(t, "POST", base+"/webhook", with(long)), 429, "RATE_LIMITED")
}

func TestPaceSlidesAndKeepsCredentialsApart(t *testing.T) {
	var p gateway.Pace
	at := func(s int) time.Time { return clock.Add(time.Duration(s) * time.Second) }
	for i, step := range []struct {
		who  string
		at   int
		wait int
	}{
		{"a", 0, 0}, {"a", 30, 0}, {"a", 59, 1}, {"b", 59, 0}, {"a", 60, 0}, {"a", 61, 29}, {"a", 89, 1}, {"a", 90, 0}, {"a", 90, 30},
	} {
		wait, ok := p.Take(step.who, at(step.at), 2, 0, false)
		if ok != (step.wait == 0) || wait != time.Duration(step.wait)*time.Second {
			t.Errorf("step %d, %s at %d s: want a wait of %d s, had %s %v", i, step.who, step.at, step.wait, wait, ok)
		}
	}
	for range 1000 {
		if _, ok := p.Take("a", at(90), 0, 0, false); !ok {
			t.Fatal("want no limit when it is 0")
		}
	}
}
