package node_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

var (
	schedules = flag.Int("schedules", 60, "how many schedules of the simulation are run, from -seed on")
	hands     = flag.Int("hands", 2, "how many schedules are run at the same time")
	simLoud   = flag.Bool("loud", false, "the simulated program tells its log")
	proofLine = flag.String("prooflog", "", "a file to which every harness adds one line: name, volume, violations, seed")
)

// proved notes what a harness did, for the table of build/prove.sh.
func proved(t testing.TB, harness, volume, figures string, from uint64) {
	t.Helper()
	t.Logf("%s: %s, %s; seed %d", harness, volume, figures, from)
	if *proofLine == "" {
		return
	}
	f, err := os.OpenFile(*proofLine, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	violations := "0"
	if t.Failed() {
		violations = "**some**"
	}
	_, err = fmt.Fprintf(f, "%s\t%s\t%s\t%s\t%d\n", harness, volume, figures, violations, from)
	if closing := f.Close(); err == nil {
		err = closing
	}
	if err != nil {
		t.Error(err)
	}
}

// stage runs one world to its end in virtual time, and tells what is wrong with it and how it went.
func stageWorld(t *testing.T, seed uint64, play func(*world), crash ...int) *world {
	t.Helper()
	ledger := freshLedger(t)
	dir := memoryDir(t)
	var w *world
	synctest.Test(t, func(t *testing.T) {
		w = newWorld(t, dir, ledger, seed, crash...)
		w.begin()
		play(w)
		w.rest()
		w.check()
		w.life.end()
	})
	if err := os.RemoveAll(dir); err != nil {
		t.Error(err)
	}
	return w
}

// TestSchedulesOfFaultsAndCrashesLeaveNoDoubleAndEqualBooks plays random days: alerts, duplicates, cancels, kill switch, steps
// of the clock and prices against an exchange at which everything goes wrong, and ends the program at random edges.
//
//	go test ./backend/node -run TestSchedules -timeout 0 -args -schedules 100000 -seed 1
func TestSchedulesOfFaultsAndCrashesLeaveNoDoubleAndEqualBooks(t *testing.T) {
	var done, edges, lives, crashes atomic.Int64
	began := time.Now()
	next := atomic.Uint64{}
	next.Store(*seed)
	t.Run("hands", func(t *testing.T) {
		for n := range *hands {
			t.Run(strconv.Itoa(n), func(t *testing.T) {
				t.Parallel()
				for {
					s := next.Add(1) - 1
					if s >= *seed+uint64(*schedules) || t.Failed() {
						return
					}
					w := playSeed(t, s)
					done.Add(1)
					edges.Add(int64(w.edges))
					lives.Add(int64(w.lives))
					crashes.Add(int64(strings.Count(strings.Join(w.log, "\n"), " crash at ")))
				}
			})
		}
	})
	took := time.Since(began)
	proved(t, "Schedules in virtual time", fmt.Sprintf("%d schedules", done.Load()),
		fmt.Sprintf("%d crashes, %d starts, %d boundaries crossed, %.1f schedules a second", crashes.Load(), lives.Load(), edges.Load(), float64(done.Load())/took.Seconds()), *seed)
}

// playSeed plays the schedule of a seed and reports what it violated.
func playSeed(t *testing.T, s uint64) *world {
	t.Helper()
	w := stageWorld(t, s, randomDay, crashesOf(s)...)
	if len(w.wrong) > 0 {
		t.Errorf("seed %d:\n%s\nreplay with: go test ./backend/node -run TestSchedules -args -schedules 1 -seed %d\n%s", s, strings.Join(w.wrong, "\n"), s, tail(w.log, 60))
	}
	return w
}

func tail(lines []string, n int) string {
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// crashesOf are the edges at which the program of a seed ends: none to four, early and late.
func crashesOf(s uint64) []int {
	w := &lots{seed: s}
	var list []int
	at := 0
	for range w.pick("crashes", 5) {
		at += 1 + w.pick("crash", 40)
		list = append(list, at)
	}
	return list
}

// randomDay is what happens in a schedule.
func randomDay(w *world) {
	rules := []exchangesim.IDRule{exchangesim.UniqueForever, exchangesim.UniqueWhileOpen, exchangesim.ReturnsFirst, exchangesim.Free}
	w.mall.rule = rules[w.pick("rule", len(rules))]
	w.mall.fault = []int{0, 15, 40, 70}[w.pick("fault", 4)]
	if w.pick("queue", 4) == 0 {
		w.set.Put("webhook:queue_mode", "queue_everywhere")
	}
	n := 5 + w.pick("length", 12)
	var unsure []trading.Signal
	for i := range n {
		s := w.randomAlert(i)
		switch w.pick("act", 12) {
		case 0:
			w.press(risk.Halted)
		case 1:
			w.press(risk.Active)
		case 2:
			w.cancelResting()
		case 3:
			w.mall.move("BTCUSDT", []string{"60000", "59500", "60500", "61000"}[w.pick("mark", 4)], w.pick("part", 2) == 0)
		case 4:
			w.step()
		case 5:
			// Four deliveries of one alert, as TradingView sends them.
			for d := range 4 {
				s.ID = trading.SignalID(fmt.Sprintf("s-%s-%d", s.Key, d))
				if !w.post(s) {
					unsure = append(unsure, s)
				}
				w.pass(time.Duration(1+w.pick("again", 5000)) * time.Millisecond)
			}
		case 6:
			if !w.post(s) {
				unsure = append(unsure, s)
			}
			other := w.alertOf(s.Key, 9, trading.ActShort, "BTCUSDT", "0.077")
			w.post(other)
		default:
			if !w.post(s) {
				unsure = append(unsure, s)
			}
		}
		w.pass(time.Duration(1+w.pick("pause", []int{1, 40, 400, 4000, 15000}[w.pick("pauses", 5)])) * time.Millisecond)
		for _, again := range unsure {
			again.ID += "-again"
			again.ReceivedAt = w.now()
			w.post(again)
		}
		unsure = nil
		w.revive()
	}
	if w.pick("release", 3) > 0 {
		w.press(risk.Active)
	}
}

// step has the computer sleep, or sets its clock, which lets no time pass.
func (w *world) step() {
	list := turns()
	list[w.pick("step", len(list))].happen(w)
}

func (w *world) randomAlert(i int) trading.Signal {
	actions := []trading.Action{trading.ActLong, trading.ActShort, trading.ActLong, trading.ActClose, trading.ActShort, trading.ActFlat}
	symbol, qty := "BTCUSDT", []string{"0.01", "0.02", "0.005"}[w.pick("qty", 3)]
	if w.pick("symbol", 3) == 0 {
		symbol, qty = "ETHUSDT", "0.2"
	}
	action := actions[w.pick("action", min(len(actions), 2+i))]
	if action == trading.ActClose || action == trading.ActFlat {
		qty = ""
	}
	s := w.alertOf(fmt.Sprintf("k%d", i), 0, action, symbol, qty)
	if symbol == "BTCUSDT" && qty != "" {
		switch w.pick("sort", 5) {
		case 0:
			s.Type, s.Price = trading.Limit, trading.MustPrice([]string{"59600", "60400"}[w.pick("limit", 2)])
		case 1:
			s.StopLoss = trading.Level{Percent: trading.MustRatio("5")}
			s.TakeProfit = []trading.TakeProfit{{Level: trading.Level{Percent: trading.MustRatio("5")}}}
		}
	}
	return s
}

// TestTheSameSeedIsTheSameStory plays seeds twice, several at a time, and wants the same story to the microsecond.
func TestTheSameSeedIsTheSameStory(t *testing.T) {
	const seeds = 6
	var mu sync.Mutex
	stories := map[uint64][]*world{}
	t.Run("hands", func(t *testing.T) {
		for n := range 2 {
			t.Run(strconv.Itoa(n), func(t *testing.T) {
				t.Parallel()
				for s := range uint64(seeds) {
					w := playSeed(t, *seed+1000+s)
					mu.Lock()
					stories[s] = append(stories[s], w)
					mu.Unlock()
				}
			})
		}
	})
	for s, two := range stories {
		if len(two) != 2 || two[0].fingerprint() != two[1].fingerprint() {
			t.Errorf("seed %d is two stories: %s", *seed+1000+s, firstDifference(two[0].log, two[1].log))
		}
	}
	proved(t, "The same seed twice is the same story", fmt.Sprintf("%d seeds", seeds), "to the microsecond, with the end of the ledger", *seed)
}

func firstDifference(a, b []string) string {
	for i := range min(len(a), len(b)) {
		if a[i] != b[i] {
			return fmt.Sprintf("line %d is %q and %q", i, a[i], b[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(a), len(b))
}

// TestSeedsThatOnceFailedHold plays every seed that ever failed, one a line in testdata/seeds.
func TestSeedsThatOnceFailedHold(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("testdata", "seeds"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		word, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		if word == "" || strings.HasPrefix(word, "#") {
			continue
		}
		s, err := strconv.ParseUint(word, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		playSeed(t, s)
	}
}
