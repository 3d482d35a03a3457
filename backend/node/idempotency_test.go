package node_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hoox/backend/node"
	"hoox/backend/risk"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

// years is a house whose clock the test turns, over as many starts as it needs.
type years struct {
	*house
	dir   string
	clock *turned
}

func openYears(t *testing.T) *years {
	y := &years{dir: t.TempDir(), clock: &turned{now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}}
	y.begin(t)
	return y
}

func (y *years) begin(t testing.TB) {
	t.Helper()
	c, err := node.Load(node.Flags{DataDir: y.dir, GatewayListen: "127.0.0.1:0"}, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	c.Now = y.clock.Now
	y.house = run(t, c)
}

// pass lets days pass while the program runs; keys are collected every day.
func (y *years) pass(days int) {
	y.t.Helper()
	for range days {
		y.clock.to(y.clock.Now().Add(24 * time.Hour))
		y.CollectKeys(y.t.Context())
	}
}

// leap sets the clock ahead although no time passes.
func (y *years) leap(days int) {
	by := time.Duration(days) * 24 * time.Hour
	y.Leap(by, func() { y.clock.to(y.clock.Now().Add(by)) })
}

// away stops the program and starts it later, so that nobody watched the time between.
func (y *years) away(days int) {
	y.t.Helper()
	y.stop()
	y.clock.to(y.clock.Now().Add(time.Duration(days) * 24 * time.Hour))
	y.begin(y.t)
}

func (y *years) inUse() int {
	y.t.Helper()
	n, err := y.Store.KeysInUse(y.t.Context())
	if err != nil {
		y.t.Fatal(err)
	}
	return n
}

const (
	marketAlert = `{"apiKey":"KEY","exchange":"bybit","action":"LONG","symbol":"BTCUSDT","quantity":0.01,"idempotencyKey":"market"}`
	windowAlert = `{"apiKey":"KEY","exchange":"bybit","action":"LONG","symbol":"ETHUSDT","quantity":0.1}`
	restsAlert  = `{"apiKey":"KEY","exchange":"bybit","action":"LONG","symbol":"SOLUSDT","quantity":10,"orderType":"limit","price":1,"idempotencyKey":"rests"}`
)

func (y *years) first(alerts ...string) {
	y.t.Helper()
	for _, a := range alerts {
		if r := y.post(a); r.status != 200 {
			y.t.Fatalf("had %d %s, want the alert taken", r.status, r.body)
		}
	}
}

func TestKeysGoWhenTheirTimeHasEndedAndAResendIsANewOrder(t *testing.T) {
	y := openYears(t)
	y.first(marketAlert, windowAlert, restsAlert)
	y.CollectKeys(t.Context())
	if n := y.inUse(); n != 3 {
		t.Fatalf("had %d keys in use, want 3", n)
	}

	y.pass(2)
	if n := y.inUse(); n != 2 {
		t.Errorf("after two days: had %d keys in use, want 2: the alert without key and time is known for a minute and its key lives a day", n)
	}
	y.pass(27)
	first := y.post(marketAlert)
	if first.status != 409 || y.inUse() != 2 {
		t.Fatalf("after 29 days: had %d %s and %d keys in use, want the repeat known", first.status, first.body, y.inUse())
	}
	y.pass(2)
	if n := y.inUse(); n != 1 {
		t.Fatalf("after 31 days: had %d keys in use, want that of the resting order alone", n)
	}

	again := y.post(marketAlert)
	if again.status != 200 || again.json["requestId"] == first.json["requestId"] {
		t.Fatalf("had %d %s, want a new alert: the time of its key had ended", again.status, again.body)
	}
	if r := y.post(marketAlert); r.status != 409 || r.json["requestId"] != again.json["requestId"] {
		t.Errorf("had %d %s, want the new one known by the key", r.status, r.body)
	}
	if r := y.post(restsAlert); r.status != 409 {
		t.Errorf("had %d %s, want the alert whose order still rests known", r.status, r.body)
	}
	if n := len(y.ordersOf("BTCUSDT")); n != 2 {
		t.Errorf("had %d orders, want 2 with ids of their own", n)
	}
	if p := y.part("idempotency"); p.State != node.StateOK || !strings.Contains(p.Detail, "2 keys in use") || !strings.Contains(p.Detail, "set free") {
		t.Errorf("had %+v, want the number of keys and the last collection", p)
	}
}

// ordersOf are the client order ids of a symbol.
func (y *years) ordersOf(symbol string) map[trading.OrderID]bool {
	y.t.Helper()
	orders, _, err := y.Store.Orders(y.t.Context(), trading.Page{Symbol: symbol})
	if err != nil {
		y.t.Fatal(err)
	}
	ids := map[trading.OrderID]bool{}
	for _, o := range orders {
		ids[o.ID] = true
	}
	return ids
}

func TestRepeatAfterARestartGetsTheVeryBytesOfTheFirstAnswer(t *testing.T) {
	y := openYears(t)
	first := y.post(restsAlert)
	if first.status != 200 {
		t.Fatalf("had %d %s, want the order resting", first.status, first.body)
	}
	y.away(0)
	for id := range y.ordersOf("SOLUSDT") {
		if _, err := y.Engine.Cancel(t.Context(), id, "test"); err != nil {
			t.Fatal(err)
		}
		y.until("the order is canceled", func() bool {
			o, err := y.Store.Order(t.Context(), id)
			return err == nil && o.Status == trading.OrderCanceled
		})
	}
	if r := y.post(restsAlert); r.status != 409 || !strings.HasSuffix(r.body, `"original":`+first.body+`}`) {
		t.Errorf("had %d %s, want 409 with %s: whoever asks again gets the answer that was lost, not a later one", r.status, r.body, first.body)
	}
}

func TestRetentionIsASetting(t *testing.T) {
	y := openYears(t)
	y.first(marketAlert)
	y.CollectKeys(t.Context())
	for value, ok := range map[string]bool{"6": false, "0": false, "366": false, "a month": false, "7": true} {
		if err := y.ChangeSetting(t.Context(), "idempotency:retention_days", value, "test"); (err == nil) != ok {
			t.Errorf("%s days: had %v, want it allowed: %t", value, err, ok)
		}
	}
	y.pass(6)
	if y.inUse() != 1 {
		t.Fatal("a key went before its time")
	}
	y.pass(2)
	if y.inUse() != 0 {
		t.Error("want the key gone after the seven days of the setting")
	}
}

func TestClockThatJumpsToNextYearSetsNoKeyFree(t *testing.T) {
	y := openYears(t)
	y.first(marketAlert, windowAlert)
	y.CollectKeys(t.Context())

	y.leap(365)
	y.CollectKeys(t.Context())
	if p := y.part("idempotency"); y.inUse() != 2 || !strings.Contains(p.Detail, "in doubt") {
		t.Errorf("right after the jump: had %d keys in use and %+v, want both and the reason", y.inUse(), p)
	}
	y.Believe() // no exchange can be asked, so the house goes on after a moment
	y.CollectKeys(t.Context())
	if p := y.part("idempotency"); y.inUse() != 2 || !strings.Contains(p.Detail, "0 set free") {
		t.Errorf("once the jump is believed: had %d keys in use and %+v, want both, and that it was looked: no time has passed", y.inUse(), p)
	}
	y.away(365)
	y.CollectKeys(t.Context())
	if n := y.inUse(); n != 2 {
		t.Errorf("after a start with another clock: had %d keys in use, want both", n)
	}
	if r := y.post(marketAlert); r.status != 409 {
		t.Fatalf("had %d %s, want the repeat known: it would trade twice", r.status, r.body)
	}
	y.pass(31)
	if n := y.inUse(); n != 0 {
		t.Errorf("after 31 days in which the program ran: had %d keys in use, want none", n)
	}
}

func TestTimeThatTheProgramRanCountsOverManyStarts(t *testing.T) {
	y := openYears(t)
	y.first(marketAlert)
	y.CollectKeys(t.Context())
	for day := range 59 {
		// Twelve hours a day, and off at night.
		y.clock.to(y.clock.Now().Add(11*time.Hour + 30*time.Minute))
		y.CollectKeys(t.Context())
		y.clock.to(y.clock.Now().Add(30 * time.Minute))
		y.stop()
		y.clock.to(y.clock.Now().Add(12 * time.Hour))
		y.begin(t)
		if had, want := y.Watched(), time.Duration(day+1)*12*time.Hour; had != want {
			t.Fatalf("had %s watched after %d days of 12 hours, want %s", had, day+1, want)
		}
	}
	if n := y.inUse(); n != 1 {
		t.Error("the key went, and 30 days had not been watched")
	}
	y.pass(2)
	if n := y.inUse(); n != 0 {
		t.Error("want the key gone once the program has run for 30 days")
	}
}

func TestTimeThatAnExchangeConfirmsCountsAlthoughNobodyWatched(t *testing.T) {
	y := openYears(t)
	skew := 200 * time.Millisecond
	lamp := func() trading.Lamp { return trading.Lamp{SkewKnown: true, Skew: skew} }
	hang := func() { y.Hang("bybit:testnet", lamp) }
	hang()
	y.first(marketAlert)
	y.CollectKeys(t.Context())
	y.away(31)

	skew = 2 * time.Second
	hang()
	y.CollectKeys(t.Context())
	if p := y.part("idempotency"); y.inUse() != 1 || !strings.Contains(p.Detail, "confirms") {
		t.Fatalf("had %d keys in use and %+v, want the key and the reason: the exchange says another time", y.inUse(), p)
	}
	skew = -100 * time.Millisecond
	y.CollectKeys(t.Context())
	if n := y.inUse(); n != 0 {
		t.Errorf("had %d keys in use, want none: an exchange confirmed both ends of 31 days", n)
	}
}

func TestRestoredLedgerSetsNoKeyFreeForAWeek(t *testing.T) {
	y := openYears(t)
	y.first(marketAlert)
	y.CollectKeys(t.Context())
	y.pass(29)
	backup, err := y.Store.Backup(t.Context(), filepath.Join(y.dir, "backups"))
	if err != nil {
		t.Fatal(err)
	}
	y.pass(2)
	if y.inUse() != 0 {
		t.Fatal("want the key gone before the restore")
	}
	y.stop()
	if _, err := node.Restore(t.Context(), y.Config, backup, y.clock.Now, slog.New(slog.DiscardHandler)); err != nil {
		t.Fatal(err)
	}
	y.begin(t)

	y.pass(6)
	if r := y.post(marketAlert); r.status != 409 || y.inUse() != 1 {
		t.Fatalf("six days after: had %d %s, want the key of the copy in use: exchanges are still asked what the ledger has forgotten", r.status, r.body)
	}
	y.pass(2)
	if y.inUse() != 0 {
		t.Error("eight days after: want the key gone")
	}
}

func TestCollectionThatWasInterruptedGoesOnWithTheNextStart(t *testing.T) {
	y := openYears(t)
	const signals = 1100
	for n := range signals {
		in := trading.Intake{Signal: trading.Signal{ID: trading.NewSignalID(), Source: trading.FromWebhook, ReceivedAt: y.Now()},
			Account: "bybit:paper", Scope: "webhook|k|paper", Key: fmt.Sprint("k:", n), Fingerprint: "f"}
		if _, err := y.Store.Admit(t.Context(), in, func(risk.Book) risk.Decision { return risk.End(trading.SignalNoOp, "") }); err != nil {
			t.Fatal(err)
		}
	}
	y.CollectKeys(t.Context())
	y.clock.to(y.clock.Now().Add(31 * 24 * time.Hour))
	// The first step went through, and the program ended before it could write down that it collected.
	step, err := y.Store.FreeKeys(t.Context(), sqlite.Ripe{UpTo: signals, Before: y.Now()}, 0, y.Now())
	if err != nil || step.Keys == 0 || step.Keys == signals {
		t.Fatalf("had %+v %v, want a part of the keys gone", step, err)
	}
	y.away(0)
	y.CollectKeys(t.Context())
	if n := y.inUse(); n != 0 {
		t.Errorf("had %d keys in use, want none left behind", n)
	}
	if p := y.part("idempotency"); !strings.Contains(p.Detail, fmt.Sprintf("%d set free", signals-step.Keys)) {
		t.Errorf("had %+v, want the rest counted", p)
	}
}

func TestKeyConflictIsSeenInHealthAndInTheStoryOfTheFirstAlert(t *testing.T) {
	y := openYears(t)
	y.first(marketAlert)
	other := strings.Replace(marketAlert, "0.01", "0.02", 1)
	r := y.post(other)
	if r.status != 409 || r.json["code"] != "KEY_CONFLICT" {
		t.Fatalf("had %d %s, want KEY_CONFLICT", r.status, r.body)
	}
	id := trading.SignalID(r.json["requestId"].(string))
	if p := y.part("idempotency"); p.State != node.StateDegraded || !strings.Contains(p.Detail, string(id)) || p.Fix == "" {
		t.Errorf("had %+v, want the conflict and what to do: an alert was dropped and nobody would know", p)
	}
	y.until("the story of the first alert tells of the conflict", func() bool {
		s, err := y.Store.Signal(t.Context(), id)
		return err == nil && slices.ContainsFunc(s.Journal, func(e trading.Entry) bool { return e.Stage == "key_conflict" })
	})
	y.pass(1)
	if p := y.part("idempotency"); p.State != node.StateOK {
		t.Errorf("a day later: had %+v, want it over", p)
	}
}

// The most dangerous corner: an exchange knows the client order id of the first use of a key. Bybit refuses it for ever, MEXC
// answers with the old order, which would be taken for the new one, and Binance fills a second one that nobody can tell apart.
func TestKeyInUseAgainIsAnOrderOfItsOwnAtEachExchange(t *testing.T) {
	for _, e := range realExchanges() {
		t.Run(string(e), func(t *testing.T) {
			x := openExchange(t, e)
			v := &visit{house: startOn(t, x, t.TempDir()), x: x, product: trading.Linear}
			v.written, v.symbol = symbolOf(e, v.product)
			v.say("LONG", `,"quantity":"0.01"`, "Filled")
			v.agree("0.01")
			// The time of the key ends.
			step, err := v.Store.FreeKeys(t.Context(), sqlite.Ripe{UpTo: 1 << 40, Before: time.Now().Add(time.Hour)}, 0, time.Now())
			if err != nil || step.Keys != 1 {
				t.Fatalf("had %+v %v, want the one key set free", step, err)
			}

			v.n = 0 // the same key again
			v.say("LONG", `,"quantity":"0.01"`, "Filled")

			v.agree("0.02")
			v.oneOrderEach()
			fills, _, err := v.Store.Fills(t.Context(), trading.Page{})
			if err != nil || len(fills) != 2 || fills[0].OrderID == fills[1].OrderID || fills[0].SignalID == fills[1].SignalID {
				t.Errorf("had %+v %v, want a fill of each of two orders of two signals", fills, err)
			}
		})
	}
}
