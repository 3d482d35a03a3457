package node_test

import (
	"flag"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"hoox/backend/exchange/exchangesim"
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

// TestAHundredOrdersInDoubtAreAskedAboutBeforeTheStartIsOver starts on a ledger that a killed program left: the exchange
// has every other order, and never got the rest.
func TestAHundredOrdersInDoubtAreAskedAboutBeforeTheStartIsOver(t *testing.T) {
	const orders = 100
	var took []time.Duration
	for range max(1, *trials/5) {
		x := openExchange(t, trading.Bybit, coins(orders)...)
		asked := &links{seen: map[string]bool{}}
		x.linear.SetFaults(asked.note)
		dir := t.TempDir()
		startOn(t, x, dir).stop()
		left := leaveInDoubt(t, x, dir, orders)
		began := time.Now()
		h := startOn(t, x, dir)
		took = append(took, time.Since(began))
		for i, o := range left {
			row, err := h.Store.Order(t.Context(), o.ID)
			if err != nil {
				t.Fatal(err)
			}
			want := []trading.OrderStatus{trading.OrderFilled, trading.OrderUnknown}[i%2]
			// One that the list of what happened meanwhile shows needs no question of its own.
			if known := row.Status.Final() || asked.has(string(o.ID)); row.Status != want || !known {
				t.Errorf("order %s is %s once the program is ready (asked about: %t), want it %s and looked for", o.ID, row.Status, asked.has(string(o.ID)), want)
			}
		}
		if n := len(x.linear.Orders()); n != orders/2 {
			t.Errorf("the exchange has %d orders after a recovery, want the %d that it had", n, orders/2)
		}
		h.stop()
	}
	proved(t, "Start with 100 orders in flight to ready", fmt.Sprintf("%d starts", len(took)),
		fmt.Sprintf("every one asked about; p50 %s, p99 %s", percentile(took, 50).Round(time.Millisecond), percentile(took, 99).Round(time.Millisecond)), *seed)
}

// links are the client order ids that an exchange heard of.
type links struct {
	mu   sync.Mutex
	seen map[string]bool
}

func (l *links) note(_, link string) exchangesim.Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen[link] = true
	return exchangesim.Fault{}
}

func (l *links) has(link string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen[link]
}

// coins are instruments like that of bitcoin, enough for a lane to each order.
func coins(n int) []trading.Instrument {
	list := make([]trading.Instrument, n)
	for i := range list {
		list[i] = listed(trading.Bybit, trading.Linear)[0]
		list[i].Base = fmt.Sprintf("COIN%d", i)
		list[i].Symbol = list[i].Base + list[i].Quote
	}
	return list
}

// leaveInDoubt writes orders that were on their way when the program ended, each in a lane of its own. The exchange got
// every other one.
func leaveInDoubt(t *testing.T, x *elsewhere, dir string, n int) []trading.Order {
	t.Helper()
	db, err := sqlite.Open(t.Context(), dir+"/core.db", sqlite.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now().UTC()
	var left []trading.Order
	for i, instrument := range coins(n) {
		key := fmt.Sprintf("doubt-%d", i)
		in := trading.Intake{Signal: trading.Signal{ID: trading.NewSignalID(), Source: trading.FromWebhook, ReceivedAt: now, Action: trading.ActLong}, Account: x.account(),
			Instrument: instrument, Deadline: now.Add(time.Minute), Scope: "test", Key: key, Fingerprint: key}
		o := trading.Order{ID: trading.NewOrderID([]byte("k"), key, 0, x.account()), SignalID: in.Signal.ID, Account: x.account(), Product: trading.Linear, Symbol: instrument.Symbol,
			Slot: trading.SlotBoth, Side: trading.Buy, Type: trading.Market, Qty: trading.MustQty("1"), Leverage: 1, Deadline: in.Deadline, Status: trading.OrderCreated, CreatedAt: now, UpdatedAt: now}
		mark := func(trading.InstrumentKey) (trading.Price, bool) { return trading.MustPrice("100"), true }
		r, err := db.Admit(t.Context(), in, func(b risk.Book) risk.Decision {
			return risk.Decide(risk.Limits{Enabled: true}, b, risk.Ask{Instrument: in.Instrument, Legs: []trading.Order{o}, Mark: mark})
		})
		if err != nil || len(r.Armed) != 1 {
			t.Fatalf("arm order %d: %+v %v", i, r, err)
		}
		if i%2 == 0 {
			if _, no := x.linear.Place(exchangesim.Request{Link: string(o.ID), Product: o.Product, Symbol: o.Symbol, Side: o.Side, Kind: exchangesim.Market, Qty: o.Qty}); no != nil {
				t.Fatalf("the exchange refuses order %d: %+v", i, no)
			}
		}
		left = append(left, o)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return left
}
