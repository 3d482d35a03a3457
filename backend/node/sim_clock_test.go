package node_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"hoox/backend/trading"
)

// farBack also sets the clock back by an hour and more. The engine and the queue by themselves then wait until the clock has
// caught up; the house gives them one that is never set back.
var farBack = flag.Bool("farback", false, "the clock is also set back by an hour, a day, a year")

// steady runs a world in which the program never crashes, and wants nothing to be wrong.
func steady(t *testing.T, what string, play func(*world)) *world {
	t.Helper()
	w := stageWorld(t, *seed, play)
	if len(w.wrong) > 0 {
		t.Errorf("%s:\n%s\nreplay with: go test ./backend/node -run %s -args -seed %d\n%s", what, strings.Join(w.wrong, "\n"), t.Name(), *seed, tail(w.log, 40))
	}
	return w
}

// TestStepsOfTheClockNeitherSendLateNorForgetKeys steps the clock of the computer while an alert waits in the queue. A machine
// that slept is a clock that stepped ahead while every timer stood still.
func TestStepsOfTheClockNeitherSendLateNorForgetKeys(t *testing.T) {
	day := 24 * time.Hour
	steps := []time.Duration{time.Second, -time.Second, 59 * time.Second, 61 * time.Second, -time.Minute, time.Hour, 12 * time.Hour, day, 30 * day, 365 * day}
	if *farBack {
		steps = append(steps, -time.Hour, -12*time.Hour, -day, -365*day)
	}
	for _, by := range steps {
		w := steady(t, "a step of "+by.String(), func(w *world) {
			w.set.Put("webhook:queue_mode", "queue_everywhere")
			w.mall.force = []string{"limited", "limited"}
			first := w.alertOf("waits", 0, trading.ActLong, "BTCUSDT", "0.01")
			w.post(first)
			w.pass(500 * time.Millisecond)
			w.ahead.Add(int64(by))
			w.pass(500 * time.Millisecond)
			again := w.alertOf("waits", 1, trading.ActLong, "BTCUSDT", "0.01")
			w.post(again)
			w.pass(3 * time.Minute)
		})
		placed := 0
		for _, b := range w.mall.orders {
			placed += b.placed
		}
		if gone := by > time.Minute; gone && placed != 0 || placed > 1 {
			t.Errorf("after a step of %s the exchange has %d orders of an alert that lives a minute", by, placed)
		}
	}
	proved(t, "Steps of the clock with alerts in the queue", fmt.Sprintf("%d steps, far back too: %t", len(steps), *farBack), "suspend is a step ahead with timers standing still", *seed)
}

// TestFourSendsOfOneAlertAreOneOrderAtEverySecondOfAMinute sends an alert without key and time as TradingView repeats it, from
// every second of a minute on: no boundary of a minute may make two of it.
func TestFourSendsOfOneAlertAreOneOrderAtEverySecondOfAMinute(t *testing.T) {
	const offsets = 60
	w := steady(t, "four sends", func(w *world) {
		for offset := range offsets {
			at := time.Now().Truncate(time.Minute).Add(time.Minute + time.Duration(offset)*time.Second)
			w.pass(time.Until(at))
			ids := map[trading.SignalID]bool{}
			for n := range 4 {
				s := w.alertOf(fmt.Sprintf("minute-%d", offset), n, trading.ActLong, "BTCUSDT", fmt.Sprintf("0.%03d", offset+10))
				s.Key = ""
				r, err := w.life.desk.Admit(w.t.Context(), s)
				if err != nil {
					w.violated("I9", "offset %d, send %d: %v", offset, n, err)
				}
				ids[r.Signal] = true
				w.pass(5 * time.Second)
			}
			if len(ids) != 1 {
				w.violated("I9", "offset %d: four sends became %d signals", offset, len(ids))
			}
		}
	})
	if len(w.mall.orders) != offsets {
		t.Errorf("the exchange has %d orders for %d alerts, each sent four times", len(w.mall.orders), offsets)
	}
	proved(t, "TradingView's four sends, from every second of a minute on", fmt.Sprintf("%d alerts", offsets), fmt.Sprintf("%d orders", len(w.mall.orders)), *seed)
}
