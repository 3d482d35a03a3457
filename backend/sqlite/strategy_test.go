package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hoox/backend/risk"
	"hoox/backend/sqlite"
	"hoox/backend/strategy"
	"hoox/backend/trading"
)

func ema() strategy.Strategy {
	return strategy.Strategy{Name: "ema 9/21", Enabled: true, Dust: true, StopLoss: trading.Level{Percent: trading.MustRatio("2")},
		Routes: []strategy.Route{{Account: "bybit:paper", Enabled: true, MaxOrder: trading.MustMoney("500")}}}
}

func (h *house) put(s strategy.Strategy, version int64) int64 {
	h.t.Helper()
	next, err := h.PutStrategy(context.Background(), s, version, "me", noon)
	if err != nil {
		h.t.Fatal(err)
	}
	return next
}

func TestStrategyIsKeptWithItsHistory(t *testing.T) {
	h := newHouse(t)
	s := ema()
	first := h.put(s, 0)
	s.Dust = false
	second := h.put(s, first)
	h.reopen()

	r, err := h.Strategy(context.Background(), s.Name)

	if err != nil || r.Version != second || r.Strategy.Dust || r.Actor != "me" || !r.UpdatedAt.Equal(noon) || r.Strategy.Routes[0].MaxOrder.String() != "500" {
		t.Fatalf("had %+v %v", r, err)
	}
	if err := h.DeleteStrategy(context.Background(), s.Name, second, "you", noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Strategy(context.Background(), s.Name); trading.KindOf(err) != trading.NotFound {
		t.Fatalf("had %v, want NotFound", err)
	}
	old, err := h.StrategyHistory(context.Background(), s.Name, 10)
	if err != nil || len(old) != 3 || !old[0].Deleted || old[0].Actor != "you" || old[2].Version != 1 || !old[2].Strategy.Dust {
		t.Fatalf("had %+v %v, want three versions, newest first", old, err)
	}
	if next := h.put(s, 0); next != 4 {
		t.Fatalf("had version %d, want 4: an editor left open from before must not fit", next)
	}
	all, err := h.Strategies(context.Background())
	if err != nil || len(all) != 1 || all[0].Strategy.Name != s.Name {
		t.Fatalf("had %+v %v", all, err)
	}
}

func TestStaleEditOfAStrategyIsAConflict(t *testing.T) {
	h := newHouse(t)
	s := ema()
	version := h.put(s, 0)
	next := h.put(s, version)
	for what, v := range map[string]int64{"an older version": version, "a new one of that name": 0, "one from the future": next + 1} {
		if _, err := h.PutStrategy(context.Background(), s, v, "me", noon); trading.KindOf(err) != trading.Conflict {
			t.Errorf("%s: had %v, want Conflict", what, err)
		}
	}
	if err := h.DeleteStrategy(context.Background(), s.Name, version, "me", noon); trading.KindOf(err) != trading.Conflict {
		t.Errorf("delete: had %v, want Conflict", err)
	}
	if err := h.DeleteStrategy(context.Background(), "none", 1, "me", noon); trading.KindOf(err) != trading.NotFound {
		t.Errorf("delete of none: had %v, want NotFound", err)
	}
	s.Name = ""
	if _, err := h.PutStrategy(context.Background(), s, 0, "me", noon); trading.KindOf(err) != trading.Invalid {
		t.Errorf("had %v, want Invalid", err)
	}
	s = ema()
	s.Name = "gone"
	v := h.put(s, 0)
	if err := h.DeleteStrategy(context.Background(), "gone", v, "me", noon); err != nil {
		t.Fatal(err)
	}
	if _, err := h.PutStrategy(context.Background(), s, v, "me", noon); trading.KindOf(err) != trading.Conflict {
		t.Errorf("had %v, want Conflict for one that was deleted meanwhile", err)
	}
}

// relatives are one alert on two accounts.
func relatives(key string) []trading.Intake {
	parent, child := alert(key), alert(key+" child")
	parent.Strategy, parent.Signal.Strategy = "ema", "ema"
	child.Strategy, child.Signal.Strategy = "ema", "ema"
	child.Account, child.Scope = "binance:paper", "webhook|k1|binance:paper"
	child.Key, child.Fingerprint = key+"|binance:paper", parent.Fingerprint
	child.Signal.Parent = parent.Signal.ID
	return []trading.Intake{parent, child}
}

func (h *house) admitAll(all []trading.Intake) ([]trading.Receipt, error) {
	return h.AdmitAll(context.Background(), all, func(n int, b risk.Book) risk.Decision {
		return yes(all[n], leg(all[n], 0, trading.Buy, "1"))(b)
	})
}

func TestAlertOnTwoAccountsIsOneCommit(t *testing.T) {
	h := newHouse(t)
	before := h.Flushes()
	all := relatives("a")

	receipts, err := h.admitAll(all)

	if err != nil || len(receipts) != 2 || len(receipts[0].Armed) != 1 || len(receipts[1].Armed) != 1 || h.Flushes() != before+1 {
		t.Fatalf("had %+v %v with %d flushes, want both armed in one", receipts, err, h.Flushes()-before)
	}
	parent, err := h.Signal(context.Background(), "sig-a")
	if err != nil || parent.Parent != "" || len(parent.Children) != 1 || parent.Children[0].Signal != "sig-a child" || parent.Children[0].Account != "binance:paper" || parent.Children[0].Status != trading.SignalExecuting {
		t.Fatalf("had %+v %v, want the child on its parent", parent.Children, err)
	}
	child, err := h.Signal(context.Background(), "sig-a child")
	if err != nil || child.Parent != "sig-a" || child.Orders[0].Account != "binance:paper" {
		t.Fatalf("had %+v %v", child, err)
	}
	again, err := h.admitAll(all)
	seen, known, seenErr := h.Seen(context.Background(), all[0])
	if err != nil || len(again) != 1 || !again[0].Duplicate || again[0].Signal != "sig-a" || h.Flushes() != before+1 {
		t.Fatalf("had %+v %v, want the first receipt alone and no write", again, err)
	}
	if seenErr != nil || !known || len(seen.Children) != 1 || seen.Account != paper {
		t.Fatalf("had %+v %v %v, want the first receipt with its children", seen, known, seenErr)
	}
	orders, _, _ := h.Orders(context.Background(), trading.Page{})
	if len(orders) != 2 {
		t.Fatalf("had %d orders, want 2", len(orders))
	}
}

func TestAlertThatFailsOnOneAccountIsOnNone(t *testing.T) {
	h := newHouse(t)
	all := relatives("a")
	_, err := h.AdmitAll(context.Background(), all, func(n int, b risk.Book) risk.Decision {
		if n == 1 {
			panic("the second account")
		}
		return yes(all[n], leg(all[n], 0, trading.Buy, "1"))(b)
	})
	if trading.KindOf(err) != trading.Internal {
		t.Fatalf("had %v, want Internal", err)
	}
	if _, known, _ := h.Seen(context.Background(), all[0]); known {
		t.Fatal("the first account traded: a redelivery would be told that all is done")
	}
	if r, err := h.admitAll(all); err != nil || len(r) != 2 || r[0].Duplicate {
		t.Fatalf("had %+v %v, want a redelivery to have its chance", r, err)
	}
}

func TestConcurrentRedeliveriesOfAFamilyTradeOnce(t *testing.T) {
	h := newHouse(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	armed := 0
	for range 50 {
		wg.Go(func() {
			all := relatives("a")
			all[0].Signal.ID, all[1].Signal.ID = trading.NewSignalID(), trading.NewSignalID()
			all[1].Signal.Parent = all[0].Signal.ID
			receipts, err := h.admitAll(all)
			mu.Lock()
			defer mu.Unlock()
			for _, r := range receipts {
				armed += len(r.Armed)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if armed != 2 {
		t.Fatalf("had %d armed orders, want one on each account", armed)
	}
}

func TestBookTellsWhatIsTheStrategysOwn(t *testing.T) {
	h := newHouse(t)
	admit := func(key, of string, side trading.Side, qty string, edit func(*trading.Order)) trading.Order {
		in := alert(key)
		in.Signal.Strategy = of
		o := leg(in, 0, side, qty)
		if edit != nil {
			edit(&o)
		}
		r, err := h.Admit(context.Background(), in, yes(in, o))
		if err != nil || len(r.Armed) != 1 {
			t.Fatalf("%s: %+v %v", key, r, err)
		}
		return r.Armed[0]
	}
	whole := func(o trading.Order) { h.record(filled(o, "100", "0")) }
	closing := func(o *trading.Order) { o.ReduceOnly = true }
	whole(admit("1", "ema", trading.Buy, "1", nil))
	whole(admit("2", "ema", trading.Sell, "1", closing)) // an older position, gone
	whole(admit("3", "ema", trading.Buy, "1", nil))
	whole(admit("4", "other", trading.Buy, "1", nil))
	whole(admit("5", "", trading.Buy, "1", nil))
	whole(admit("6", "ema", trading.Sell, "0.5", closing))
	whole(admit("7", "ema", trading.Buy, "1", nil))
	mine := admit("8", "ema", trading.Buy, "1", func(o *trading.Order) { o.Type, o.Price = trading.Limit, trading.MustPrice("90") })
	h.record(trading.Report{OrderID: mine.ID, ExchangeID: "x", Status: trading.OrderAccepted, At: noon})
	theirs := admit("9", "other", trading.Buy, "1", func(o *trading.Order) { o.Type, o.Price = trading.Limit, trading.MustPrice("90") })
	h.record(trading.Report{OrderID: theirs.ID, ExchangeID: "y", Status: trading.OrderAccepted, At: noon})
	in := alert("ask")
	in.Strategy, in.Signal.Strategy = "ema", "ema"

	read, err := h.Book(context.Background(), in)
	var gate risk.Book
	if _, err := h.Admit(context.Background(), in, func(b risk.Book) risk.Decision { gate = b; return risk.End(trading.SignalNoOp, "look") }); err != nil {
		t.Fatal(err)
	}

	if err != nil || read.Entries != 2 || len(read.Mine) != 1 || read.Mine[0] != mine.ID {
		t.Fatalf("had %d entries and %v (%v), want the two of this position and the resting one", read.Entries, read.Mine, err)
	}
	if gate.Entries != read.Entries || len(gate.Mine) != 1 || len(gate.Open) != len(read.Open) || gate.Balance.String() != read.Balance.String() ||
		gate.Recent != read.Recent || len(gate.Positions) != 1 || gate.Positions[0].Qty.String() != read.Positions[0].Qty.String() {
		t.Fatalf("gate %+v, reader %+v: a preview must see what the gate would", gate, read)
	}
	in.Strategy = ""
	if b, err := h.Book(context.Background(), in); err != nil || b.Entries != 0 || b.Mine != nil {
		t.Fatalf("had %+v %v, want nothing for a signal that follows no strategy", b, err)
	}
}

func TestStrategyQueriesScanNoBigTable(t *testing.T) {
	h := newHouse(t)
	var mu sync.Mutex
	seen := map[string]bool{}
	h.Watch(func(q string) { mu.Lock(); seen[q] = true; mu.Unlock() })
	h.put(ema(), 0)
	all := relatives("a")
	_, _ = h.admitAll(all)
	h.record(filled(trading.Order{ID: "hx1-sig-a-0", Qty: trading.MustQty("1")}, "100", "0"))
	_, _ = h.admitAll(relatives("b"))
	_, _, _ = h.Seen(context.Background(), all[0])
	_, _ = h.Book(context.Background(), all[0])
	_, _ = h.Signal(context.Background(), "sig-a")
	_, _ = h.StrategyHistory(context.Background(), "ema", 1)
	h.Watch(func(string) {})
	if len(seen) < 15 {
		t.Fatalf("want the statements of all paths, had %d", len(seen))
	}
	for q := range seen {
		plan, err := h.Plan(context.Background(), q)
		if err != nil {
			t.Errorf("plan of %s: %v", q, err)
		}
		for _, step := range plan {
			for _, table := range append([]string{"strategies_history"}, bigTables...) {
				if step == "SCAN "+table || strings.HasPrefix(step, "SCAN "+table+" ") || step == "SCAN s" || step == "SCAN o" {
					t.Errorf("%s\n  does %s", strings.TrimSpace(q), step)
				}
			}
		}
	}
}

func TestLedgerOfTheFirstSchemaIsBroughtUp(t *testing.T) {
	file := filepath.Join(t.TempDir(), "core.db")
	script, err := os.ReadFile("migrations/0001_core.sql")
	if err != nil {
		t.Fatal(err)
	}
	h := newHouse(t)
	sum, err := h.Text(context.Background(), `SELECT checksum FROM migrations WHERE version = 1`)
	if err != nil {
		t.Fatal(err)
	}
	err = sqlite.Alter(context.Background(), file, string(script),
		`CREATE TABLE migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT`,
		`INSERT INTO migrations VALUES (1, '0001_core', '`+sum+`', 0)`,
		`INSERT INTO signals (id, scope, key, fingerprint, status, reason, source, received_at, sent_at, deadline, account, product, symbol, action, quantity, strategy, comment, warnings, checks, notify, raw)
		 VALUES ('sig-old', 'webhook|k1|paper', '=old', 'fp-old', 'filled', '', 'webhook', 1, 0, 2, 'bybit:paper', 'linear', 'BTCUSDT', 'LONG', '1', 'ema', '', '', '', '', '')`,
		`PRAGMA user_version = 1`)
	if err != nil {
		t.Fatal(err)
	}

	old := h.at(file)
	defer old.Close()

	r, err := old.Signal(context.Background(), "sig-old")
	if err != nil || r.Status != trading.SignalFilled || r.Parent != "" || r.Strategy != "ema" {
		t.Fatalf("had %+v %v", r, err)
	}
	receipt, known, err := old.Seen(context.Background(), alert("old"))
	if want := (trading.Receipt{Signal: "sig-old", Status: trading.SignalFilled, Duplicate: true, Account: paper}); err != nil || !known || !cmp.Equal(receipt, want) {
		t.Fatalf("had %+v %v: an alert of before the update must still be known", receipt, err)
	}
	old.put(ema(), 0)
	old.sound()
}
