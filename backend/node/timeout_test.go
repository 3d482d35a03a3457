package node_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"hoox/backend/trading"
)

var (
	timeouts = flag.Int("timeouts", 300, "how many submits without an answer are wanted on each exchange, in bubbles from -seed on")
	sameSeed = flag.Bool("sameseed", false, "every bubble is that of -seed: its fates are the same each time, but not how goroutines take turns")
)

// TestTimeoutsOverTheRealDialectsNeitherDoubleNorLose lets submits end without an answer: no connection, request lost, request
// or answer late, answer lost, cut or none at all, an error after the order was taken, "seen before", and orders that are
// shown up to 45 s late. The adapters, their HTTP and WebSocket clients, the engine, the queue and the ledger are the real
// ones; the exchanges speak their real wire; only the network is in memory, and time is virtual. The exchange's own log is
// the judge.
//
// A timeout counts when it struck a submit that then ended without an answer. Half of the accounts hear their streams, which
// are cut now and then; the others have nothing but their questions, of which some get no answer either. A seed fixes what
// becomes of every attempt, but goroutines take turns as they like: a failure is replayed by its seed many times.
//
//	go test ./backend/node -run TestTimeouts -timeout 0 -args -timeouts 100000 -seed 1
func TestTimeoutsOverTheRealDialectsNeitherDoubleNorLose(t *testing.T) {
	ledger := freshLedger(t)
	for _, e := range realExchanges() {
		t.Run(string(e), func(t *testing.T) {
			tally := &tally{struck: map[string]int{}, ends: map[string]int{}}
			next := atomic.Uint64{}
			next.Store(*seed)
			began := time.Now()
			defer debug.SetGCPercent(debug.SetGCPercent(400))
			t.Run("hands", func(t *testing.T) {
				for n := range *hands {
					t.Run(strconv.Itoa(n), func(t *testing.T) {
						t.Parallel()
						for tally.total() < *timeouts && !t.Failed() {
							s := next.Add(1) - 1
							if *sameSeed {
								s = *seed
							}
							tally.add(crossSeed(t, e, ledger, s))
						}
					})
				}
			})
			took := time.Since(began)
			t.Logf("%s: %v; signals ended as %v", e, tally.struck, tally.ends)
			proved(t, "Timeouts over the wire of "+string(e), fmt.Sprintf("%d timeouts", tally.total()),
				fmt.Sprintf("%d orders of %d signals in %d bubbles, %.0f timeouts a second", tally.orders, tally.signals, tally.bubbles, float64(tally.total())/took.Seconds()), *seed)
		})
	}
}

// TestTimeoutsThatOnceFailedHold plays every bubble that ever failed, one a line in testdata/timeout-seeds.
func TestTimeoutsThatOnceFailedHold(t *testing.T) {
	text, err := os.ReadFile("testdata/timeout-seeds")
	if err != nil {
		t.Fatal(err)
	}
	ledger := freshLedger(t)
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		s, err := strconv.ParseUint(words[1], 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(words[0]+" "+words[1], func(t *testing.T) {
			for range 3 {
				crossSeed(t, trading.Exchange(words[0]), ledger, s)
			}
		})
	}
}

// tally is what all bubbles together did.
type tally struct {
	mu                       sync.Mutex
	struck, ends             map[string]int
	bubbles, orders, signals int
}

func (a *tally) total() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	n := 0
	for _, count := range a.struck {
		n += count
	}
	return n
}

func (a *tally) add(c *crossing) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.bubbles++
	a.signals += len(c.said)
	for name, n := range c.struck {
		a.struck[name] += n
	}
	for name, n := range c.ends {
		a.ends[name] += n
	}
	for _, h := range c.shores {
		for _, core := range h.cores() {
			a.orders += len(core.Orders())
		}
	}
}

// crossSeed plays the bubble of a seed to its end and reports what it violated.
func crossSeed(t *testing.T, e trading.Exchange, ledger []byte, s uint64) *crossing {
	t.Helper()
	// A lock that is held while an exchange is asked stops virtual time.
	still := time.AfterFunc(stillAfter, func() { panic(fmt.Sprintf("the bubble of seed %d on %s stands still", s, e)) })
	defer still.Stop()
	dir := memoryDir(t)
	var c *crossing
	synctest.Test(t, func(t *testing.T) {
		c = openCrossing(t, e, dir, ledger, s)
		c.play()
		c.rest()
		c.judge()
		c.end()
	})
	if err := os.RemoveAll(dir); err != nil {
		t.Error(err)
	}
	if len(c.wrong) > 0 {
		t.Errorf("seed %d:\n%s\nreplay with: go test ./backend/node -run TestTimeouts.*/%s -timeout 0 -args -timeouts 5000 -sameseed -seed %d\n%s", s, strings.Join(c.wrong, "\n"), e, s, strings.Join(c.stories, "\n"))
	}
	return c
}

// stillAfter is how long a bubble may take, of real time: hundreds of times what it takes.
const stillAfter = 10 * time.Minute

const (
	// perpetualsEach and coinsEach are how many instruments an account trades, alertsEach how many alerts each of them gets.
	perpetualsEach = 6
	coinsEach      = 1
	alertsEach     = 8
)

// play sends alerts for several instruments of each account at the same time, while streams come and go.
func (c *crossing) play() {
	var work sync.WaitGroup
	for _, h := range c.shores {
		for product, lanes := range map[trading.Product]int{trading.Linear: perpetualsEach, trading.Spot: coinsEach} {
			// What a few hundred dollars buy.
			list := slices.DeleteFunc(listed(h.exchange, product), func(i trading.Instrument) bool {
				return i.MinQty.More(trading.QtyFor(trading.MustMoney("300"), startPrice(i)))
			})
			first := c.pick("first lane "+string(h.id), len(list))
			for n := range lanes {
				work.Go(func() { c.trade(h, list[(first+n)%len(list)]) })
			}
		}
	}
	over := make(chan struct{})
	var weather sync.WaitGroup
	for _, h := range c.shores {
		weather.Go(func() { h.cutStreams(over) })
	}
	work.Wait()
	close(over)
	weather.Wait()
}

// cutStreams breaks the streams of an account now and then.
func (h *shore) cutStreams(over chan struct{}) {
	for {
		select {
		case <-over:
			return
		case <-time.After(time.Duration(20+h.crossing.pick("cut "+string(h.id), 200)) * time.Second):
			h.drop()
		}
	}
}

// trade sends the alerts of one instrument, some one after the other and some close together.
func (c *crossing) trade(h *shore, i trading.Instrument) {
	lane := trading.Position{Account: h.id, Product: i.Product, Symbol: i.Symbol}
	c.pause(time.Duration(c.lot("start "+lane.Lane()) % uint64(30*time.Second)))
	for n := range alertsEach {
		key := fmt.Sprintf("%s %d", lane.Lane(), n)
		c.price(h, i, key)
		s := c.alert(lane, i, key)
		id := c.post(s)
		if c.pick("again "+key, 4) == 0 {
			s.ID += "-again"
			c.post(s)
		}
		if c.pick("patient "+key, 4) == 0 {
			c.pause(time.Duration(c.lot("pause "+key) % uint64(8*time.Second)))
			continue
		}
		c.await(id, 20*time.Minute)
	}
}

// price moves the market a little.
func (c *crossing) price(h *shore, i trading.Instrument, key string) {
	part := trading.RatioUnits(int64(980+c.pick("price "+key, 40)), -3)
	h.core(i.Product).SetPrice(i.Symbol, startPrice(i).Times(part).Floor(i.TickSize))
}

func (c *crossing) alert(lane trading.Position, i trading.Instrument, key string) trading.Signal {
	actions := []trading.Action{trading.ActLong, trading.ActShort, trading.ActLong, trading.ActShort, trading.ActLong, trading.ActShort, trading.ActClose}
	if i.Product == trading.Spot {
		actions = []trading.Action{trading.ActLong, trading.ActLong, trading.ActLong, trading.ActClose}
	}
	s := trading.Signal{ID: trading.SignalID("s " + key), Source: trading.FromWebhook, Credential: "k", Key: key, ReceivedAt: c.now(), Exchange: i.Exchange,
		Account: lane.Account, Symbol: lane.Written(), Action: actions[c.pick("action "+key, len(actions))], Type: trading.Market,
		MaxAge: []time.Duration{10 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute}[c.pick("age "+key, 4)]}
	if !s.Action.Closes() {
		worth := []string{"300", "600", "900"}[c.pick("size "+key, 3)]
		qty := i.RoundQty(trading.QtyFor(trading.MustMoney(worth), startPrice(i)))
		s.Size = trading.Size{Mode: trading.SizeBase, Value: trading.MustRatio(qty.String())}
	}
	if i.Product == trading.Linear {
		s.Leverage = 2
	}
	return s
}

// post brings an alert to the desk. What is answered is a promise, and a repeat is answered alike.
func (c *crossing) post(s trading.Signal) trading.SignalID {
	r, err := c.desk.Admit(c.t.Context(), s)
	if err != nil {
		c.violated("I2", "alert %s was not taken: %v", s.Key, err)
		return ""
	}
	c.mu.Lock()
	first, known := c.said[s.Key]
	c.said[s.Key] = r.Signal
	c.mu.Unlock()
	if known && (first != r.Signal || !r.Duplicate) {
		c.violated("I9", "alert %s was taken twice, as %s and %s", s.Key, first, r.Signal)
	}
	return r.Signal
}

// await waits until a signal has ended, for some time at most.
func (c *crossing) await(id trading.SignalID, most time.Duration) {
	limit := time.NewTimer(most)
	defer limit.Stop()
	for {
		touched, drop := c.hub.Await(string(id))
		if c.hasEnded(id) {
			drop()
			return
		}
		select {
		case <-touched:
			drop()
			// What follows at once is seen with it.
			c.pause(time.Second)
		case <-limit.C:
			drop()
			return
		}
	}
}

// hasEnded tells whether a signal needs nobody any more; that it has is asked once.
func (c *crossing) hasEnded(id trading.SignalID) bool {
	c.mu.Lock()
	known := c.ended[id]
	c.mu.Unlock()
	if known {
		return true
	}
	r, err := c.db.Signal(c.t.Context(), id)
	if err != nil || !r.Status.Final() {
		return err != nil
	}
	c.mu.Lock()
	c.ended[id] = true
	c.mu.Unlock()
	return true
}

// rest lets everything end: nothing goes wrong any more.
func (c *crossing) rest() {
	c.still.Store(true)
	for _, key := range slices.Sorted(maps.Keys(c.said)) {
		c.await(c.said[key], 20*time.Minute)
	}
	for n := 0; n < 20 && c.behind(); n++ {
		c.pause(30 * time.Second)
	}
}
