package node_test

import (
	"flag"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"hoox/backend/risk"
	"hoox/backend/trading"
)

var (
	pairs    = flag.Bool("pairs", false, "the program ends at every pair of edges of the twelve scenes, not only at every single one")
	oneScene = flag.String("scene", "", "only this scene")
	oneCrash = flag.String("crash", "", "only these edges, with commas")
)

// scenes are twelve short stories in which an order can be lost or doubled. Each ends long after its last act, so that what
// follows is under the crashes too.
func scenes() map[string]func(*world) {
	open := func(w *world, key string, action trading.Action, qty string) bool {
		return w.post(w.alertOf(key, 0, action, "BTCUSDT", qty))
	}
	// sure posts until there is an answer, as TradingView does.
	sure := func(w *world, s trading.Signal) {
		for n := range 4 {
			s.ID = trading.SignalID(fmt.Sprintf("s-%s-%d", s.Key, n))
			if w.post(s) {
				return
			}
			w.revive()
			w.pass(5 * time.Second)
		}
	}
	limit := func(w *world, key, price string) trading.Signal {
		s := w.alertOf(key, 0, trading.ActLong, "BTCUSDT", "0.01")
		s.Type, s.Price = trading.Limit, trading.MustPrice(price)
		return s
	}
	return map[string]func(*world){
		"open": func(w *world) { sure(w, w.alertOf("a", 0, trading.ActLong, "BTCUSDT", "0.01")) },
		"limit": func(w *world) {
			sure(w, limit(w, "a", "59600"))
			w.pass(time.Second)
			w.mall.move("BTCUSDT", "59500", false)
		},
		"partial": func(w *world) {
			sure(w, limit(w, "a", "59600"))
			w.pass(time.Second)
			w.mall.move("BTCUSDT", "59500", true)
			w.pass(time.Second)
			w.mall.move("BTCUSDT", "59400", false)
		},
		"close": func(w *world) {
			sure(w, w.alertOf("a", 0, trading.ActLong, "BTCUSDT", "0.01"))
			w.pass(time.Second)
			sure(w, w.alertOf("b", 0, trading.ActClose, "BTCUSDT", ""))
		},
		"flip": func(w *world) {
			sure(w, w.alertOf("a", 0, trading.ActLong, "BTCUSDT", "0.01"))
			w.pass(time.Second)
			sure(w, w.alertOf("b", 0, trading.ActShort, "BTCUSDT", "0.03"))
		},
		"two lanes at once": func(w *world) {
			sure(w, w.alertOf("a", 0, trading.ActLong, "BTCUSDT", "0.01"))
			sure(w, w.alertOf("b", 0, trading.ActShort, "ETHUSDT", "0.2"))
			sure(w, w.alertOf("c", 0, trading.ActLong, "BTCUSDT", "0.02"))
		},
		"entry with stop and target": func(w *world) {
			s := w.alertOf("a", 0, trading.ActLong, "BTCUSDT", "0.01")
			s.StopLoss = trading.Level{Price: trading.MustPrice("57000")}
			s.TakeProfit = []trading.TakeProfit{{Level: trading.Level{Price: trading.MustPrice("63000")}}}
			sure(w, s)
		},
		"cancel": func(w *world) {
			sure(w, limit(w, "a", "59000"))
			w.pass(time.Second)
			w.cancelResting()
		},
		"kill while it waits": func(w *world) {
			w.mall.force = []string{"answer lost"}
			open(w, "a", trading.ActLong, "0.01")
			w.revive()
			open(w, "b", trading.ActLong, "0.02")
			w.revive()
			w.press(risk.Halted)
			w.revive()
			w.pass(20 * time.Second)
			w.press(risk.Active)
		},
		"kill in flight": func(w *world) {
			w.mall.force = []string{"late"}
			open(w, "a", trading.ActLong, "0.01")
			w.revive()
			w.pass(3 * time.Millisecond)
			w.press(risk.Halted)
		},
		"restart in doubt": func(w *world) {
			w.mall.force = []string{"request lost"}
			sure(w, w.alertOf("a", 0, trading.ActLong, "BTCUSDT", "0.01"))
			w.pass(1500 * time.Millisecond)
			w.life.dead.Store(true)
			w.revive()
		},
		"storm of duplicates": func(w *world) {
			w.mall.force = []string{"shown late and answer lost"}
			for n := range 4 {
				s := w.alertOf("a", n, trading.ActLong, "BTCUSDT", "0.01")
				w.post(s)
				w.revive()
				w.pass(900 * time.Millisecond)
			}
		},
	}
}

// TestTheProgramMayEndAtEveryEdgeOfTwelveScenes ends the program before, after and in the middle of every call of the ledger
// and of the exchange.
//
//	go test ./backend/node -run EveryEdge -timeout 0 -args -pairs
func TestTheProgramMayEndAtEveryEdgeOfTwelveScenes(t *testing.T) {
	all := scenes()
	names := slices.Sorted(maps.Keys(all))
	if len(names) != 12 {
		t.Fatalf("had %d scenes, want 12", len(names))
	}
	var runs atomic.Int64
	began := time.Now()
	t.Run("scenes", func(t *testing.T) {
		for _, name := range names {
			if *oneScene != "" && name != *oneScene {
				continue
			}
			t.Run(strings.ReplaceAll(name, " ", "_"), func(t *testing.T) {
				t.Parallel()
				runs.Add(endEverywhere(t, name, all[name]))
			})
		}
	})
	what := "every single edge"
	if *pairs {
		what = "every pair of edges"
	}
	proved(t, "Crash at "+what+" of 12 scenes", fmt.Sprintf("%d runs", runs.Load()), fmt.Sprintf("%.1f runs a second", float64(runs.Load())/time.Since(began).Seconds()), *seed)
}

// endEverywhere plays a scene with each crash there can be, and tells how often it was played.
func endEverywhere(t *testing.T, name string, scene func(*world)) int64 {
	var runs int64
	play := func(crash ...int) *world {
		runs++
		w := stageWorld(t, *seed, func(w *world) {
			scene(w)
			w.revive()
			w.pass(30 * time.Second)
		}, crash...)
		if len(w.wrong) > 0 {
			t.Errorf("%s, crash at %v:\n%s\nreplay with: go test ./backend/node -run EveryEdge -args -seed %d -scene %q -crash %s\n%s", name, crash,
				strings.Join(w.wrong, "\n"), *seed, name, strings.Trim(strings.ReplaceAll(fmt.Sprint(crash), " ", ","), "[]"), tail(w.log, 40))
		}
		return w
	}
	if *oneCrash != "" {
		var list []int
		for word := range strings.SplitSeq(*oneCrash, ",") {
			n, err := strconv.Atoi(word)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, n)
		}
		play(list...)
		return runs
	}
	quiet := play()
	for first := 1; first <= quiet.acted && !t.Failed(); first++ {
		w := play(first)
		if !*pairs {
			continue
		}
		for second := first + 1; second <= w.acted && !t.Failed(); second++ {
			play(first, second)
		}
	}
	return runs
}
