package node_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hoox/backend/trading"
)

// steady runs a world in which the program never crashes, and wants nothing to be wrong.
func steady(t *testing.T, what string, play func(*world)) *world {
	t.Helper()
	w := stageWorld(t, *seed, play)
	if len(w.wrong) > 0 {
		t.Errorf("%s:\n%s\nreplay with: go test ./backend/node -run %s -args -seed %d\n%s", what, strings.Join(w.wrong, "\n"), t.Name(), *seed, tail(w.log, 40))
	}
	return w
}

// turn is what happens to the clock of the computer: it is set, or the computer slept.
type turn struct {
	what  string
	by    time.Duration
	slept bool
}

func (c turn) String() string { return c.what + " " + c.by.String() }

func (c turn) happen(w *world) {
	if c.slept {
		w.sleep(c.by)
		return
	}
	w.setClock(c.by)
}

// turns are steps back and ahead, by a second and by a year.
func turns() []turn {
	day := 24 * time.Hour
	var list []turn
	for _, by := range []time.Duration{time.Second, 59 * time.Second, 61 * time.Second, time.Hour, 12 * time.Hour, day, 30 * day, 365 * day} {
		list = append(list, turn{"slept for", by, true}, turn{"set ahead by", by, false}, turn{"set back by", -by, false})
	}
	return list
}

// TestStepsOfTheClockNeitherSendLateNorForgetKeys steps the clock of the computer while an alert waits in the queue. A machine
// that slept is a clock that stepped ahead, here and at the exchange, while every timer stood still.
func TestStepsOfTheClockNeitherSendLateNorForgetKeys(t *testing.T) {
	for _, c := range turns() {
		w := steady(t, c.String(), func(w *world) {
			w.set.Put("webhook:queue_mode", "queue_everywhere")
			w.mall.force = []string{"limited", "limited"}
			first := w.alertOf("waits", 0, trading.ActLong, "BTCUSDT", "0.01")
			w.post(first)
			w.pass(500 * time.Millisecond)
			c.happen(w)
			w.pass(500 * time.Millisecond)
			again := w.alertOf("waits", 1, trading.ActLong, "BTCUSDT", "0.01")
			w.post(again)
			w.pass(3 * time.Minute)
		})
		placed := 0
		for _, b := range w.mall.orders {
			placed += b.placed
		}
		if gone := c.by > time.Minute; gone && placed != 0 || placed > 1 {
			t.Errorf("%s: the exchange has %d orders of an alert that lives a minute", c, placed)
		}
		if c.by.Abs() <= time.Second && placed != 1 {
			t.Errorf("%s: the exchange has %d orders, want the alert to trade: a second is nothing", c, placed)
		}
	}
	proved(t, "Steps of the clock with alerts in the queue", fmt.Sprintf("%d steps", len(turns())), "a second to a year: set ahead, set back, slept through", *seed)
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

// TestAClockThatIsSetAheadProvesNoOrderAbsent sets the clock while an order is at the exchange that no list shows yet: it is not
// absent because the time after which absence counts is over on a clock that is wrong.
func TestAClockThatIsSetAheadProvesNoOrderAbsent(t *testing.T) {
	for _, after := range []time.Duration{100, 300, 700, 1200} {
		w := steady(t, fmt.Sprintf("set ahead %d ms after the submit", after), func(w *world) {
			w.mall.force, w.mall.mute = []string{"shown late and answer lost"}, true
			w.post(w.alertOf("hidden", 0, trading.ActLong, "BTCUSDT", "0.01"))
			w.pass(after * time.Millisecond)
			w.setClock(59 * time.Second)
			w.pass(time.Minute)
		})
		for id, b := range w.mall.orders {
			if b.placed != 1 || !b.filled.IsPositive() {
				t.Errorf("order %s is not at the exchange: nothing was tried", id)
			}
		}
	}
}
