package node_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"hoox/backend/node"
	"hoox/backend/risk"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

// house is one running node on a data folder.
type house struct {
	*node.Node
	t    testing.TB
	key  string
	stop func()
	// ends counts how signals ended, for the log of a crash test.
	ends map[trading.SignalStatus]int
}

func start(t testing.TB, dir string) *house {
	t.Helper()
	c, err := node.Load(node.Flags{DataDir: dir, GatewayListen: "127.0.0.1:0", ControlListen: "127.0.0.1:0"}, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	return run(t, c)
}

func run(t testing.TB, c node.Config) *house {
	t.Helper()
	n, err := node.New(t.Context(), c, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- n.Serve(ctx) }()
	select {
	case <-n.Ready():
	case err := <-done:
		t.Fatalf("did not get ready: %v", err)
	}
	key, _, err := n.Vault.Get(vault.WebhookKey)
	if err != nil {
		t.Fatal(err)
	}
	stopped := false
	h := &house{Node: n, t: t, key: key.Reveal(), ends: map[trading.SignalStatus]int{}}
	h.stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("stop: %v", err)
		}
		if err := n.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
	t.Cleanup(h.stop)
	for _, free := range []string{"webhook:rate_limit", "trade:max_orders_per_minute"} {
		if err := n.ChangeSetting(t.Context(), free, "0", "test"); err != nil {
			t.Fatal(err)
		}
	}
	return h
}

type reply struct {
	status int
	body   string
	json   map[string]any
}

func (h *house) post(body string) reply {
	h.t.Helper()
	body = strings.Replace(body, "KEY", h.key, 1)
	res, err := http.Post("http://"+h.GatewayAddr()+"/webhook", "application/json", bytes.NewBufferString(body))
	if err != nil {
		h.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	r := reply{status: res.StatusCode, body: string(data)}
	if err := json.Unmarshal(data, &r.json); err != nil {
		h.t.Fatalf("answer %q is no JSON: %v", data, err)
	}
	return r
}

const seedAlert = `{"apiKey":"KEY","exchange":"bybit","action":"LONG","symbol":"BTCUSDT","quantity":0.01,"leverage":10,"idempotencyKey":"uuid-9b1deb4d-3b7d"}`

func TestSeedAlertIsFilledOnceAndAnsweredInTheSeedsShape(t *testing.T) {
	h := start(t, t.TempDir())

	first := h.post(seedAlert)
	again := h.post(seedAlert)

	if first.status != 200 || first.json["success"] != true || first.json["symbol"] != "BTCUSDT" || first.json["action"] != "LONG" || first.json["exchange"] != "bybit" {
		t.Fatalf("had %d %s, want 200 in the seed's flat shape", first.status, first.body)
	}
	result, _ := first.json["result"].(map[string]any)
	if result["status"] != "Filled" || result["orderId"] == "" {
		t.Fatalf("had result %v, want Filled with the exchange's order id", result)
	}
	original, _ := again.json["original"].(map[string]any)
	if again.status != 409 || again.json["code"] != "DUPLICATE" || original["requestId"] != first.json["requestId"] {
		t.Fatalf("had %d %s, want 409 with the first answer", again.status, again.body)
	}
	orders, _, err := h.Store.Orders(t.Context(), trading.Page{Limit: 10})
	if err != nil || len(orders) != 1 {
		t.Fatalf("had %d orders (%v), want exactly one", len(orders), err)
	}
	positions, err := h.Store.Positions(t.Context())
	if err != nil || len(positions) != 1 || positions[0].Qty.String() != "0.01" {
		t.Fatalf("had %+v (%v), want one long position of 0.01", positions, err)
	}
}

func TestFlushesPerAcceptedSignal(t *testing.T) {
	h := start(t, t.TempDir())
	h.post(strings.Replace(seedAlert, "uuid", "warm-up", 1))
	before := h.Store.Flushes()

	const signals = 10
	for i := range signals {
		if r := h.post(fmt.Sprintf(`{"apiKey":"KEY","exchange":"bybit","action":"%s","symbol":"ETHUSDT","quantity":0.1,"idempotencyKey":"n-%d"}`, []string{"LONG", "SHORT"}[i%2], i)); r.status != 200 {
			t.Fatalf("signal %d: %d %s", i, r.status, r.body)
		}
	}

	if got := h.Store.Flushes() - before; got > 2*signals+2 {
		t.Errorf("%d flushes for %d signals, want 2 a signal (admit with intent, report with fills)", got, signals)
	}
	// The program writes by itself too (a lane at rest, the clock's mark): what is asked is that writes do not follow refusals.
	const refusals, itsOwn = 100, 10
	before = h.Store.Flushes()
	for range refusals {
		h.post(seedAlert[:1] + `"apiKey":"wrong",` + seedAlert[len(`{"apiKey":"KEY",`):])
	}
	if got := h.Store.Flushes() - before; got > itsOwn {
		t.Errorf("%d bad keys cost %d flushes, want none of their own: refusals must be cheap", refusals, got)
	}
}

func TestHaltBlocksEntriesForEverAndLetsClosesGo(t *testing.T) {
	dir := t.TempDir()
	h := start(t, dir)
	h.post(seedAlert)
	if err := h.Switch.Set(t.Context(), risk.Standing{State: risk.Halted, Reason: "news", Actor: "test"}); err != nil {
		t.Fatal(err)
	}
	entry := strings.Replace(seedAlert, "uuid", "halted", 1)
	if r := h.post(entry); r.status != 503 || r.json["code"] != "KILL_SWITCH" {
		t.Fatalf("entry while halted: %d %s, want 503 KILL_SWITCH", r.status, r.body)
	}
	h.stop()

	h = start(t, dir)
	if s := h.Switch.Standing(); s.State != risk.Halted || s.Reason != "news" {
		t.Fatalf("after a restart: %+v, want halted for the same reason", s)
	}
	if r := h.post(`{"apiKey":"KEY","exchange":"bybit","action":"CLOSE_LONG","symbol":"BTCUSDT","idempotencyKey":"c1"}`); r.status != 200 {
		t.Fatalf("close while halted: %d %s, want 200", r.status, r.body)
	}
	if err := h.Switch.Set(t.Context(), risk.Standing{State: risk.Active, Reason: "checked", Actor: "test"}); err != nil {
		t.Fatal(err)
	}
	if r := h.post(entry); r.status != 409 {
		t.Fatalf("resend after release: %d %s, want 409: a blocked entry never executes", r.status, r.body)
	}
	positions, err := h.Store.Positions(t.Context())
	if err != nil || len(positions) != 0 {
		t.Fatalf("had %+v (%v), want flat", positions, err)
	}
}

func TestEntryAgainstAPositionReducesFirst(t *testing.T) {
	h := start(t, t.TempDir())
	h.post(seedAlert)
	r := h.post(`{"apiKey":"KEY","exchange":"bybit","action":"SHORT","symbol":"BTCUSDT","quantity":0.03,"leverage":10,"idempotencyKey":"flip"}`)
	if r.status != 200 {
		t.Fatalf("had %d %s", r.status, r.body)
	}
	s, err := h.Store.Signal(t.Context(), trading.SignalID(r.json["requestId"].(string)))
	if err != nil || len(s.Orders) != 2 || !s.Orders[0].ReduceOnly || s.Orders[0].Qty.String() != "0.01" || s.Orders[1].ReduceOnly || s.Orders[1].Qty.String() != "0.02" {
		t.Fatalf("had %+v (%v), want a reduce-only leg of 0.01, then an entry of 0.02", s.Orders, err)
	}
	positions, _ := h.Store.Positions(t.Context())
	if len(positions) != 1 || positions[0].Qty.String() != "-0.02" {
		t.Fatalf("had %+v, want short 0.02", positions)
	}
}

func TestStrategyAlertReachesItsTarget(t *testing.T) {
	h := start(t, t.TempDir())
	target := func(id, now, size, before string) reply {
		return h.post(fmt.Sprintf(`{"apiKey":"KEY","symbol":"BYBIT:BTCUSDT.P","action":"buy","quantity":"9","marketPosition":"%s","marketPositionSize":"%s","prevMarketPosition":"%s","idempotencyKey":"%s"}`, now, size, before, id))
	}
	for i, step := range []struct{ now, size, before, want string }{
		{"long", "0.02", "flat", "0.02"}, {"long", "0.03", "long", "0.03"}, {"long", "0.01", "long", "0.01"},
		{"short", "0.02", "long", "-0.02"}, {"flat", "0", "short", "0"}, {"flat", "0", "short", "0"},
	} {
		if r := target(fmt.Sprint("t", i), step.now, step.size, step.before); r.status != 200 {
			t.Fatalf("step %d: %d %s", i, r.status, r.body)
		}
		have := "0"
		if positions, _ := h.Store.Positions(t.Context()); len(positions) == 1 {
			have = positions[0].Qty.String()
		}
		if have != step.want {
			t.Fatalf("step %d: position %s, want %s", i, have, step.want)
		}
	}
}

func TestSecondInstanceIsRefused(t *testing.T) {
	dir := t.TempDir()
	h := start(t, dir)
	_, err := node.New(t.Context(), h.Config, slog.New(slog.DiscardHandler))
	if trading.KindOf(err) != trading.Conflict {
		t.Fatalf("had %v, want Conflict: two programs on one ledger are two traders with one purse", err)
	}
}

func TestExpiredAlertNeverLeaves(t *testing.T) {
	h := start(t, t.TempDir())
	old := time.Now().UTC().Add(-5 * time.Minute).Format(time.RFC3339)
	r := h.post(fmt.Sprintf(`{"apiKey":"KEY","exchange":"bybit","action":"LONG","symbol":"BTCUSDT","quantity":0.01,"time":"%s"}`, old))
	if r.status != 422 {
		t.Fatalf("had %d %s, want 422", r.status, r.body)
	}
	if orders, _, _ := h.Store.Orders(t.Context(), trading.Page{Limit: 10}); len(orders) != 0 {
		t.Fatalf("had %d orders, want none", len(orders))
	}
}

func TestDataFolderIsMadePrivate(t *testing.T) {
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	start(t, dir)
	info, err := os.Stat(dir)
	if err != nil || info.Mode().Perm() != 0o700 {
		t.Fatalf("had %v (%v), want 0700: ledger and vault are nobody else's business", info.Mode(), err)
	}
}
