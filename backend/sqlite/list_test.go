package sqlite_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"hoox/backend/risk"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

func TestPagesGoThroughEverythingOnce(t *testing.T) {
	h := newHouse(t)
	for i := range 25 {
		h.record(filled(h.admit(fmt.Sprintf("%02d", i), trading.Buy, "1"), "100", "0"))
	}
	var ids []string
	for cursor, pages := "", 0; ; pages++ {
		records, next, err := h.Signals(context.Background(), trading.Page{Limit: 10, Cursor: cursor})
		if err != nil || pages > 3 {
			t.Fatalf("page %d: %v", pages, err)
		}
		for _, r := range records {
			ids = append(ids, string(r.ID))
			if len(r.Orders) != 1 || len(r.Journal) != 3 || r.Orders[0].SignalID != r.ID {
				t.Fatalf("want its order and 3 journal lines, had %+v", r)
			}
		}
		if cursor = next; next == "" {
			break
		}
	}
	if len(ids) != 25 || ids[0] != "sig-24" || ids[24] != "sig-00" {
		t.Fatalf("want 25 signals, newest first, had %v", ids)
	}
	if _, _, err := h.Orders(context.Background(), trading.Page{Cursor: "nonsense"}); trading.KindOf(err) != trading.Invalid {
		t.Fatalf("want Invalid for a foreign cursor, had %v", err)
	}
}

func TestFiltersKeepWhatWasAskedFor(t *testing.T) {
	h := newHouse(t)
	h.record(filled(h.admit("buy", trading.Buy, "2"), "100", "0"))
	h.record(filled(h.admit("sell", trading.Sell, "1"), "100", "0"))
	resting := h.admit("rest", trading.Buy, "1")
	h.record(trading.Report{OrderID: resting.ID, Status: trading.OrderAccepted, At: noon})
	in := alert("eth")
	in.Account, in.Instrument.Symbol, in.Signal.ReceivedAt = "mexc:paper", "ETHUSDT", noon.Add(time.Hour)
	if _, err := h.Admit(context.Background(), in, func(risk.Book) risk.Decision { return risk.End(trading.SignalNoOp, "flat") }); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name    string
		page    trading.Page
		signals int
		orders  int
		fills   int
	}{
		{"all", trading.Page{}, 4, 3, 2},
		{"exchange", trading.Page{Exchange: trading.MEXC}, 1, 0, 0},
		{"symbol", trading.Page{Symbol: "BTCUSDT"}, 3, 3, 2},
		{"side", trading.Page{Side: trading.Sell}, 1, 1, 1},
		{"one signal", trading.Page{SignalID: "sig-buy"}, 1, 1, 1},
		{"since", trading.Page{SinceTime: noon.Add(time.Minute)}, 1, 0, 0},
		{"open", trading.Page{OpenOnly: true}, 1, 1, 2},
		{"filled", trading.Page{Status: "filled"}, 2, 2, 2},
		{"accepted", trading.Page{Status: "accepted"}, 1, 1, 2},
	} {
		signals, _, err := h.Signals(context.Background(), c.page)
		orders, _, orderErr := h.Orders(context.Background(), c.page)
		fills, _, fillErr := h.Fills(context.Background(), c.page)
		if err != nil || orderErr != nil || fillErr != nil || len(signals) != c.signals || len(orders) != c.orders || len(fills) != c.fills {
			t.Errorf("%s: want %d signals, %d orders, %d fills, had %d %d %d (%v %v %v)", c.name, c.signals, c.orders, c.fills, len(signals), len(orders), len(fills), err, orderErr, fillErr)
		}
	}
	for _, status := range []string{"no such", "' OR 1=1 --"} {
		if _, _, err := h.Signals(context.Background(), trading.Page{Status: status}); trading.KindOf(err) != trading.Invalid {
			t.Errorf("status %q: want Invalid, had %v", status, err)
		}
	}
}

func TestSignalsOfOneDoorAreListedAlone(t *testing.T) {
	h := newHouse(t)
	h.admit("alert", trading.Buy, "1")
	in := alert("click")
	in.Signal.Source, in.Scope = trading.FromWindow, "window|window|paper"
	if _, err := h.Admit(context.Background(), in, yes(in, leg(in, 0, trading.Buy, "1"))); err != nil {
		t.Fatal(err)
	}

	list, next, err := h.Signals(context.Background(), trading.Page{Source: trading.FromWebhook})

	if err != nil || len(list) != 1 || list[0].ID != "sig-alert" || next != "" {
		t.Errorf("had %+v %q %v, want the alert of the webhook only", list, next, err)
	}
}

func TestFilterWithoutIndexGoesOnWithACursor(t *testing.T) {
	h := newHouse(t)
	h.record(filled(h.admit("old", trading.Sell, "1"), "100", "0"))
	h.record(filled(h.admit("new", trading.Sell, "1"), "100", "0"))
	// As if 200,000 orders lay between the two.
	if err := h.Exec(context.Background(), nil, `UPDATE orders SET seq = 200000 WHERE id = 'hx1-sig-new-0'`); err != nil {
		t.Fatal(err)
	}
	first, next, err := h.Orders(context.Background(), trading.Page{Side: trading.Sell})
	if err != nil || len(first) != 1 || next == "" {
		t.Fatalf("want the newest and a cursor, had %d %q %v", len(first), next, err)
	}
	second, next, err := h.Orders(context.Background(), trading.Page{Side: trading.Sell, Cursor: next})
	if err != nil || len(second) != 1 || second[0].ID == first[0].ID || next != "" {
		t.Fatalf("want the older one and the end, had %+v %q %v", second, next, err)
	}
}

// bigTables grow for ever; to scan one costs more every day.
var bigTables = []string{"signals", "orders", "fills", "journal", "cash", "equity", "settings_history", "s", "o", "f"}

func TestNothingOnAPathScansABigTable(t *testing.T) {
	h := newHouse(t)
	var mu sync.Mutex
	seen := map[string]bool{}
	h.reopen()
	h.Watch(func(q string) { mu.Lock(); defer mu.Unlock(); seen[q] = true })
	ctx := context.Background()

	// The start path, the hot path, the queue, and every list with every filter.
	_, _ = h.InDoubt(ctx)
	_, _ = h.OpenOrders(ctx, "")
	_, _ = h.Standing(ctx)
	_, _, _ = h.LastSignalAt(ctx)
	h.record(filled(h.admit("a", trading.Buy, "1"), "100", "0.1"))
	entry := h.entry("e", "1")
	_, _, _ = h.Guard(ctx, entry.ID)
	_, _ = h.Guards(ctx, "")
	_ = h.SettleGuard(ctx, h.guard(entry.ID), noon)
	in := alert("w")
	in.Window = time.Minute
	_, _ = h.Admit(ctx, in, yes(in, leg(in, 0, trading.Sell, "1"), leg(in, 1, trading.Sell, "1")))
	_, _, _ = h.Seen(ctx, in)
	for _, windows := range []bool{false, true} {
		_, _ = h.FreeKeys(ctx, sqlite.Ripe{Window: windows, UpTo: 1 << 40, Before: noon.Add(time.Hour)}, 0, noon)
	}
	_, _ = h.NewestSignal(ctx)
	_, _ = h.Book(ctx, alert("a"))
	h.Conflicted("sig-a")
	_, _ = h.BeginSubmit(ctx, "hx1-sig-w-1", noon, free)
	_, _ = h.Doubt(ctx, "hx1-sig-w-0", "", noon, noon)
	h.record(filled(leg(in, 0, trading.Sell, "1"), "100", "0"))
	child := leg(alert("liq"), 0, trading.Sell, "1")
	h.record(trading.Report{OrderID: "liq", Status: trading.OrderFilled, Child: &child, At: noon, Fills: []trading.Fill{fill("x", "1", "90", "0")}})
	h.Answered("sig-w", 200, []byte(`{}`))
	_, _, _ = h.SetStanding(ctx, risk.Standing{State: risk.Halted})
	_ = h.BookCash(ctx, trading.Cash{ID: "c", Account: paper, Kind: trading.CashFunding, Asset: "USDT", At: noon})
	_ = h.AddEquity(ctx, []trading.EquityPoint{{Account: paper, At: noon}})
	jobs := h.due(noon)
	_, _, _ = h.NextDue(ctx, noon)
	for _, j := range jobs {
		_ = h.Postpone(ctx, j.ID, noon, "")
		_ = h.Finish(ctx, j.ID)
	}
	_, _, _, _, _ = h.JobList(ctx, trading.Page{})
	for _, p := range []trading.Page{
		{}, {Cursor: "c9"}, {Symbol: "BTCUSDT"}, {Exchange: trading.Bybit}, {Side: trading.Buy}, {SignalID: "sig-a"}, {OpenOnly: true}, {SinceTime: noon}, {Source: trading.FromWebhook},
		{Status: "filled"}, {Status: "rejected"}, {Status: "accepted"}, {Status: "needs_review"},
	} {
		_, _, _ = h.Signals(ctx, p)
		_, _, _ = h.Orders(ctx, p)
		_, _, _ = h.Fills(ctx, p)
	}
	_, _ = h.Signal(ctx, "sig-a")
	_, _ = h.Order(ctx, "hx1-sig-a-0")
	_, _ = h.Equity(ctx, noon, 10)
	_, _ = h.Day(ctx, noon)
	_, _ = h.SettingHistory(ctx, "k", 10)

	h.Watch(func(string) {})
	if len(seen) < 40 {
		t.Fatalf("want the statements of all paths, had %d", len(seen))
	}
	if plan, err := h.Plan(ctx, `SELECT id FROM orders WHERE side = 'buy'`); err != nil || len(plan) != 1 || plan[0] != "SCAN orders" {
		t.Fatalf("want a scan to be called so, had %v %v: this test would see none", plan, err)
	}
	for q := range seen {
		plan, err := h.Plan(ctx, q)
		if err != nil {
			t.Errorf("plan of %s: %v", q, err)
		}
		for _, step := range plan {
			for _, table := range bigTables {
				if step == "SCAN "+table || strings.HasPrefix(step, "SCAN "+table+" ") {
					t.Errorf("%s\n  does %s", strings.TrimSpace(q), step)
				}
			}
		}
	}
}

func TestEquityIsThinnedToWhatFits(t *testing.T) {
	h := newHouse(t)
	var points []trading.EquityPoint
	for i := range 1000 {
		points = append(points, trading.EquityPoint{Account: paper, At: noon.Add(time.Duration(i) * time.Minute), Equity: trading.MoneyUnits(int64(i), 0)})
	}
	if err := h.AddEquity(context.Background(), append(points, points[0])); err != nil {
		t.Fatal(err)
	}
	h.reopen()
	curve, err := h.Equity(context.Background(), noon, 100)
	if err != nil || len(curve) != 100 || curve[99].Equity.String() != "999" {
		t.Fatalf("want 100 points that end with the last, had %d %v", len(curve), err)
	}
}

func TestSettingsKeepTheirHistory(t *testing.T) {
	h := newHouse(t)
	for i, value := range []string{"1", "2"} {
		if err := h.PutSetting(context.Background(), "k", value, "me", noon.Add(time.Duration(i)*time.Minute)); err != nil {
			t.Fatal(err)
		}
	}
	all, err := h.Settings(context.Background())
	if s := all["k"]; err != nil || s.Value != "2" || s.Actor != "me" || !s.UpdatedAt.Equal(noon.Add(time.Minute)) {
		t.Fatalf("want the last value, had %+v %v", s, err)
	}
	old, err := h.SettingHistory(context.Background(), "k", 10)
	if err != nil || len(old) != 2 || old[0].Value != "2" || old[1].Value != "1" {
		t.Fatalf("want both values, newest first, had %+v %v", old, err)
	}
}
