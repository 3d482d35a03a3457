package node_test

import (
	"flag"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"hoox/backend/risk"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

var trials = flag.Int("trials", 12, "how often the kill switch is pressed and how often 100 orders in doubt are recovered (a fifth of it)")

func percentile(list []time.Duration, p int) time.Duration {
	slices.Sort(list)
	if len(list) == 0 {
		return 0
	}
	return list[min(len(list)-1, len(list)*p/100)]
}

// TestNoByteOfAnEntryLeavesLongAfterTheSwitchIsPressed presses the kill switch while alerts pour in and watches the wire.
//
//	go test ./backend/node -run LongAfterTheSwitch -v -args -trials 200
func TestNoByteOfAnEntryLeavesLongAfterTheSwitchIsPressed(t *testing.T) {
	x := openExchange(t, trading.Bybit)
	wire := openLine(t, x.config.RestURL)
	x.config.RestURL = wire.origin
	h := startOn(t, x, t.TempDir())
	symbols := listed(trading.Bybit, trading.Linear)
	var after []time.Duration
	later := 0
	for trial := range *trials {
		var posts sync.WaitGroup
		stop := make(chan struct{})
		for hand := range 4 {
			posts.Go(func() {
				written := trading.Position{Account: x.account(), Product: trading.Linear, Symbol: symbols[hand%len(symbols)].Symbol}.Written()
				for n := 0; ; n++ {
					select {
					case <-stop:
						return
					default:
					}
					h.post(fmt.Sprintf(`{"apiKey":"KEY","exchange":"bybit","action":"%s","symbol":"%s","quoteQuantity":"500","idempotencyKey":"haste-%d-%d-%d"}`,
						[]string{"LONG", "SHORT"}[n%2], written, trial, hand, n))
				}
			})
		}
		<-time.After(time.Duration(20+trial%30) * time.Millisecond)
		pressed := time.Now()
		if err := h.Switch.Set(t.Context(), risk.Standing{State: risk.Halted, Reason: "trial", Actor: "test"}); err != nil {
			t.Fatal(err)
		}
		<-time.After(150 * time.Millisecond)
		close(stop)
		posts.Wait()
		wire.mu.Lock()
		last := wire.last
		wire.mu.Unlock()
		d := max(0, last.Sub(pressed))
		if d > 0 {
			later++
		}
		after = append(after, d)
		if d > time.Second {
			t.Errorf("trial %d: a submit left %s after the switch was pressed", trial, d)
		}
		if err := h.Switch.Set(t.Context(), risk.Standing{State: risk.Active, Reason: "trial", Actor: "test"}); err != nil {
			t.Fatal(err)
		}
	}
	proved(t, "Kill switch pressed to last byte of a submit at the wire", fmt.Sprintf("%d trials", *trials),
		fmt.Sprintf("p50 %s, p99 %s, worst %s; something still left in %d", percentile(after, 50).Round(10*time.Microsecond), percentile(after, 99).Round(10*time.Microsecond),
			percentile(after, 100).Round(10*time.Microsecond), later), *seed)
}

// TestAHundredOrdersInDoubtAreAskedAboutBeforeTheStartIsOver starts on a ledger that a killed program left.
func TestAHundredOrdersInDoubtAreAskedAboutBeforeTheStartIsOver(t *testing.T) {
	const orders = 100
	x := openExchange(t, trading.Bybit)
	dir := t.TempDir()
	startOn(t, x, dir).stop()
	var took []time.Duration
	for trial := range max(1, *trials/5) {
		leaveInDoubt(t, x, dir, trial, orders)
		began := time.Now()
		h := runOn(t, x, dir)
		took = append(took, time.Since(began))
		list, err := h.Store.InDoubt(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range list {
			if o.Status != trading.OrderUnknown {
				t.Errorf("order %s is %s after a start, want it in doubt and asked about", o.ID, o.Status)
			}
		}
		for _, core := range x.cores() {
			if n := len(core.Orders()); n != 0 {
				t.Errorf("a recovery placed %d orders", n)
			}
		}
		h.stop()
	}
	proved(t, "Start with 100 orders in flight to ready", fmt.Sprintf("%d starts", len(took)),
		fmt.Sprintf("p50 %s, p99 %s", percentile(took, 50).Round(time.Millisecond), percentile(took, 99).Round(time.Millisecond)), *seed)
}

// leaveInDoubt writes orders that were on their way when the program ended, each in a lane of its own.
func leaveInDoubt(t *testing.T, x *elsewhere, dir string, trial, n int) {
	t.Helper()
	db, err := sqlite.Open(t.Context(), dir+"/core.db", sqlite.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	for i := range n {
		key := fmt.Sprintf("doubt-%d-%d", trial, i)
		symbol := fmt.Sprintf("COIN%d%dUSDT", trial, i)
		in := trading.Intake{Signal: trading.Signal{ID: trading.NewSignalID(), Source: trading.FromWebhook, ReceivedAt: now, Action: trading.ActLong}, Account: x.account(),
			Instrument: trading.Instrument{Exchange: x.exchange, Product: trading.Linear, Symbol: symbol, Base: "COIN", Quote: "USDT"},
			Deadline:   now.Add(time.Minute), Scope: "test", Key: key, Fingerprint: key}
		o := trading.Order{ID: trading.NewOrderID([]byte("k"), key, 0, x.account()), SignalID: in.Signal.ID, Account: x.account(), Product: trading.Linear, Symbol: symbol,
			Slot: trading.SlotBoth, Side: trading.Buy, Type: trading.Market, Qty: trading.MustQty("1"), Leverage: 1, Deadline: in.Deadline, Status: trading.OrderCreated, CreatedAt: now, UpdatedAt: now}
		mark := func(trading.InstrumentKey) (trading.Price, bool) { return trading.MustPrice("100"), true }
		r, err := db.Admit(t.Context(), in, func(b risk.Book) risk.Decision {
			return risk.Decide(risk.Limits{Enabled: true}, b, risk.Ask{Instrument: in.Instrument, Legs: []trading.Order{o}, Mark: mark})
		})
		if err != nil || len(r.Armed) != 1 {
			t.Fatalf("arm order %d: %+v %v", i, r, err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}
