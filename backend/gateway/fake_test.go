package gateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"hoox/backend/gateway"
	"hoox/backend/trading"
)

const key = "4f2d1c0b9a8e7d6c5b4a39281706f5e4"

var clock = time.Date(2026, 5, 20, 7, 10, 50, 0, time.UTC)

// house stands in for everything behind the gateway: it keeps records in memory and counts what it is asked.
type house struct {
	mu       sync.Mutex
	records  map[trading.SignalID]trading.SignalRecord
	waits    map[trading.SignalID][]chan struct{}
	answered map[trading.SignalID]int
	admitted []trading.Signal
	reads    int
	awaits   int
	repeats  int
	// conflicts are the signals whose keys came with other content.
	conflicts []trading.SignalID

	// admit decides; the default fills every signal at once.
	admit   func(h *house, s trading.Signal) (trading.Receipt, error)
	readErr error
	rules   gateway.Rules
	health  gateway.Health
	notYet  error
	halted  bool
	// forgets tells that first answers are lost, as by a crash right after them.
	forgets bool
}

func newHouse() *house {
	return &house{
		records: map[trading.SignalID]trading.SignalRecord{}, waits: map[trading.SignalID][]chan struct{}{},
		answered: map[trading.SignalID]int{}, admit: fillAtOnce,
		rules: gateway.Rules{Keys: gateway.NewKeys(gateway.Key{Credential: "default", Digest: trading.DigestKey(key)})},
	}
}

func (h *house) Admit(ctx context.Context, s trading.Signal) (trading.Receipt, error) {
	h.mu.Lock()
	h.admitted = append(h.admitted, s)
	admit := h.admit
	h.mu.Unlock()
	if ctx.Err() != nil {
		return trading.Receipt{}, ctx.Err()
	}
	return admit(h, s)
}

func (h *house) Await(id trading.SignalID) (<-chan struct{}, func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.awaits++
	c := make(chan struct{})
	h.waits[id] = append(h.waits[id], c)
	return c, func() { h.mu.Lock(); h.awaits--; h.mu.Unlock() }
}

func (h *house) Signal(_ context.Context, id trading.SignalID) (trading.SignalRecord, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.reads++
	if h.readErr != nil {
		return trading.SignalRecord{}, h.readErr
	}
	r, ok := h.records[id]
	if !ok {
		return r, trading.Errorf(trading.NotFound, "signal %s: none", id)
	}
	return r, nil
}

// Answered keeps the first answer with the record, as the ledger does.
func (h *house) Answered(id trading.SignalID, status int, body []byte) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answered[id] = status
	if r, ok := h.records[id]; ok && !h.forgets {
		r.Answered, r.Answer = status, string(body)
		h.records[id] = r
	}
}

func (h *house) Conflicted(id trading.SignalID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.conflicts = append(h.conflicts, id)
}

func (h *house) Delivered(trading.SignalID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.repeats++
}

// put stores a record and wakes who waits for it.
func (h *house) put(r trading.SignalRecord) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if before := h.records[r.ID]; before.Answered != 0 {
		r.Answered, r.Answer = before.Answered, before.Answer
	}
	h.records[r.ID] = r
	for _, c := range h.waits[r.ID] {
		close(c)
	}
	delete(h.waits, r.ID)
}

func (h *house) count(n *int) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return *n
}

func (h *house) signals() []trading.Signal {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]trading.Signal(nil), h.admitted...)
}

func record(s trading.Signal, status trading.SignalStatus, orders ...trading.Order) trading.SignalRecord {
	return trading.SignalRecord{
		ID: s.ID, Source: s.Source, ReceivedAt: s.ReceivedAt, Status: status, Account: "bybit:paper", Symbol: "BTCUSDT",
		Action: s.Action, Raw: s.Raw, Warnings: s.Warnings, Notify: s.Notify, Orders: orders,
	}
}

func filled(leg int, exchangeID string) trading.Order {
	return trading.Order{
		Leg: leg, Side: trading.Buy, Type: trading.Market, Status: trading.OrderFilled, ExchangeID: exchangeID,
		Qty: trading.MustQty("0.01"), Filled: trading.MustQty("0.01"), FilledCost: trading.MustMoney("674.5"),
	}
}

func fillAtOnce(h *house, s trading.Signal) (trading.Receipt, error) {
	h.put(record(s, trading.SignalFilled, filled(0, "18049284739")))
	return trading.Receipt{Signal: s.ID, Status: trading.SignalExecuting}, nil
}

// open serves a house and returns the base address. A change is a func of *Config, *Parts or *Gateway.
func open(t testing.TB, h *house, changes ...any) string {
	t.Helper()
	c := gateway.Config{Listen: "127.0.0.1:0", AnswerBudget: 300 * time.Millisecond}
	p := gateway.Parts{
		Desk: h, Outcomes: h, Now: func() time.Time { return clock },
		Rules:  func() gateway.Rules { h.mu.Lock(); defer h.mu.Unlock(); return h.rules },
		Health: func(context.Context) gateway.Health { h.mu.Lock(); defer h.mu.Unlock(); return h.health },
		Ready:  func() error { h.mu.Lock(); defer h.mu.Unlock(); return h.notYet },
		Halted: func() bool { h.mu.Lock(); defer h.mu.Unlock(); return h.halted },
	}
	for _, change := range changes {
		switch f := change.(type) {
		case func(*gateway.Config):
			f(&c)
		case func(*gateway.Parts):
			f(&p)
		}
	}
	g := gateway.New(c, p)
	for _, change := range changes {
		if f, ok := change.(func(*gateway.Gateway)); ok {
			f(g)
		}
	}
	if _, err := g.Listen(t.Context()); err != nil {
		t.Fatalf("listen: %v", err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	done := make(chan error, 1)
	go func() { done <- g.Serve(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Errorf("serve: want a clean stop, had %v", err)
		}
		if n := h.count(&h.awaits); n != 0 {
			t.Errorf("want every await cancelled, had %d left: they would pile up in the hub", n)
		}
	})
	return "http://" + g.Addr()
}

// said is an answer read to its end.
type said struct {
	status int
	header http.Header
	body   string
	m      map[string]any
}

func (s said) at(path string) any {
	var v any = s.m
	for _, name := range strings.Split(path, ".") {
		m, _ := v.(map[string]any)
		v = m[name]
	}
	return v
}

func send(t testing.TB, method, url, body string, headers ...string) said {
	t.Helper()
	out, err := try(method, url, body, headers...)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	return out
}

func try(method, url, body string, headers ...string) (said, error) {
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r, err := http.NewRequest(method, url, in)
	if err != nil {
		return said{}, err
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if headers[i+1] == "" {
			r.Header.Del(headers[i])
			continue
		}
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Add(headers[i], headers[i+1])
	}
	tr := &http.Transport{DisableKeepAlives: true}
	defer tr.CloseIdleConnections()
	res, err := (&http.Client{Transport: tr, Timeout: 10 * time.Second}).Do(r)
	if err != nil {
		return said{}, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil && !errors.Is(err, io.EOF) {
		return said{}, err
	}
	out := said{status: res.StatusCode, header: res.Header, body: string(raw)}
	_ = json.Unmarshal(raw, &out.m)
	return out, nil
}

// with is the usual alert with some fields added in front.
func with(fields string) string {
	return `{"apiKey":"` + key + `",` + fields + `}`
}

const long = `"exchange":"bybit","action":"LONG","symbol":"BTCUSDT","quantity":0.01`

func want(t testing.TB, had said, status int, code string) {
	t.Helper()
	if had.status != status {
		t.Fatalf("want status %d, had %d: %s", status, had.status, had.body)
	}
	if code != "" && had.at("code") != code {
		t.Fatalf("want code %s, had %s", code, had.body)
	}
}

func prefixes(t testing.TB, list ...string) []netip.Prefix {
	t.Helper()
	var out []netip.Prefix
	for _, s := range list {
		out = append(out, netip.MustParsePrefix(s))
	}
	return out
}
