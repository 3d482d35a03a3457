package sqlite_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"hoox/backend/events"
	"hoox/backend/risk"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

const paper = trading.AccountID("bybit:paper")

var noon = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

var btc = trading.Instrument{
	Exchange: trading.Bybit, Product: trading.Linear, Symbol: "BTCUSDT", Base: "BTC", Quote: "USDT",
	TickSize: trading.MustPrice("0.1"), StepSize: trading.MustQty("0.001"), MinQty: trading.MustQty("0.001"), MaxLeverage: 100,
}

// house is a ledger on a real file with a clock that stands still.
type house struct {
	*sqlite.DB
	t    testing.TB
	file string

	mu      sync.Mutex
	now     time.Time
	topics  map[events.Topic]int
	touched map[string]int
	// went tells that the ledger was used after what a test compares.
	went bool
}

func newHouse(t testing.TB) *house {
	h := &house{t: t, file: filepath.Join(t.TempDir(), "core.db"), now: noon, topics: map[events.Topic]int{}, touched: map[string]int{}, went: false}
	h.open()
	t.Cleanup(func() { _ = h.DB.Close() })
	return h
}

func (h *house) open() {
	h.t.Helper()
	db, err := sqlite.Open(context.Background(), h.file, h.options())
	if err != nil {
		h.t.Fatalf("open: %v", err)
	}
	h.DB = db
}

func (h *house) options() sqlite.Options {
	return sqlite.Options{
		Now: func() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.now },
		Publish: func(topics ...events.Topic) {
			h.mu.Lock()
			defer h.mu.Unlock()
			for _, topic := range topics {
				h.topics[topic]++
			}
		},
		Alone: true,
		Touch: func(key string) { h.mu.Lock(); defer h.mu.Unlock(); h.touched[key]++ },
	}
}

// at is another ledger file with the same clock.
func (h *house) at(file string) *house {
	h.t.Helper()
	other := &house{t: h.t, file: file, now: noon, topics: map[events.Topic]int{}, touched: map[string]int{}, went: false}
	other.open()
	return other
}

func (h *house) reopen() {
	h.t.Helper()
	if err := h.DB.Close(); err != nil {
		h.t.Fatalf("close: %v", err)
	}
	h.open()
}

func (h *house) touches(id trading.SignalID) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.touched[string(id)]
}

// alert is an intake with an exact key.
func alert(key string) trading.Intake {
	return trading.Intake{
		Signal: trading.Signal{
			ID: trading.SignalID("sig-" + key), Source: trading.FromWebhook, ReceivedAt: noon, Symbol: "BTCUSDT", Action: trading.ActLong,
			Size: trading.Size{Mode: trading.SizeBase, Value: trading.MustRatio("1")}, Raw: `{"action":"LONG"}`,
		},
		Account: paper, Instrument: btc, Deadline: noon.Add(30 * time.Second), Scope: "webhook|k1|paper", Key: key, Fingerprint: "fp-" + key,
	}
}

// leg is a market order of a signal for one BTC.
func leg(in trading.Intake, n int, side trading.Side, qty string) trading.Order {
	return trading.Order{
		ID: trading.OrderID(fmt.Sprintf("hx1-%s-%d", in.Signal.ID, n)), Leg: n, Account: in.Account, Product: in.Instrument.Product,
		Symbol: in.Instrument.Symbol, Slot: trading.SlotBoth, Side: side, Type: trading.Market, Qty: trading.MustQty(qty), Leverage: 5,
		MarginMode: trading.Cross, Deadline: in.Deadline,
	}
}

// yes is a gate that approves legs.
func yes(in trading.Intake, legs ...trading.Order) func(risk.Book) risk.Decision {
	return func(b risk.Book) risk.Decision {
		return risk.Decide(risk.Limits{Enabled: true}, b, risk.Ask{
			Instrument: in.Instrument, Legs: legs,
			Mark: func(trading.InstrumentKey) (trading.Price, bool) { return trading.MustPrice("100"), true },
		})
	}
}

// admit admits one market order and returns it as armed.
func (h *house) admit(key string, side trading.Side, qty string) trading.Order {
	h.t.Helper()
	in := alert(key)
	r, err := h.Admit(context.Background(), in, yes(in, leg(in, 0, side, qty)))
	if err != nil || len(r.Armed) != 1 {
		h.t.Fatalf("admit %s: want one armed order, had %+v, %v", key, r, err)
	}
	return r.Armed[0]
}

// filled is a report of one fill of the whole order.
func filled(o trading.Order, price, fee string) trading.Report {
	return trading.Report{
		OrderID: o.ID, ExchangeID: "ex-" + string(o.ID), Status: trading.OrderFilled, Filled: o.Qty, At: noon.Add(time.Second),
		Fills: []trading.Fill{fill("f-"+string(o.ID), o.Qty.String(), price, fee)},
	}
}

func fill(id, qty, price, fee string) trading.Fill {
	return trading.Fill{ID: trading.FillID(id), Qty: trading.MustQty(qty), Price: trading.MustPrice(price), Fee: trading.MustMoney(fee), FeeAsset: "USDT", At: noon.Add(time.Second)}
}

func (h *house) record(r trading.Report) trading.Order {
	h.t.Helper()
	o, err := h.Record(context.Background(), r)
	if err != nil {
		h.t.Fatalf("record %s: %v", r.OrderID, err)
	}
	return o
}

func (h *house) status(id trading.SignalID) trading.SignalStatus {
	h.t.Helper()
	s, err := h.Signal(context.Background(), id)
	if err != nil {
		h.t.Fatalf("read signal %s: %v", id, err)
	}
	return s.Status
}

func (h *house) balance(asset string) string {
	h.t.Helper()
	all, err := h.Balances(context.Background())
	if err != nil {
		h.t.Fatalf("balances: %v", err)
	}
	return all[paper][asset].String()
}

func (h *house) position() trading.Position {
	h.t.Helper()
	all, err := h.Positions(context.Background())
	if err != nil {
		h.t.Fatalf("positions: %v", err)
	}
	if len(all) == 0 {
		return trading.Position{}
	}
	return all[0]
}
