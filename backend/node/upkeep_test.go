package node_test

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hoox/backend/node"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

func (h *house) part(name string) node.Part {
	h.t.Helper()
	for _, p := range h.Health(h.t.Context()) {
		if p.Name == name {
			return p
		}
	}
	h.t.Fatalf("no health of %s", name)
	return node.Part{}
}

func TestADiskThatFillsUpIsToldBeforeItIsFull(t *testing.T) {
	left, why := uint64(0), error(nil)
	free := func(string) (uint64, error) { return left, why }
	for bytes, want := range map[uint64]string{100 << 20: node.StateDown, 800 << 20: node.StateDegraded, 2 << 30: node.StateOK} {
		left = bytes
		if p := node.DiskHealth("folder", free); p.State != want || (p.Fix == "") != (want == node.StateOK) {
			t.Errorf("%d MiB free: had %+v, want %s with what to do", bytes>>20, p, want)
		}
	}
	why = errors.New("input/output error")
	if p := node.DiskHealth("folder", free); p.State != node.StateDegraded || p.Fix == "" {
		t.Errorf("had %+v for a disk that cannot be asked", p)
	}
}

func TestHealthTellsBackupAndClock(t *testing.T) {
	h := start(t, t.TempDir())
	if p := h.part("clock"); p.State != node.StateOK {
		t.Errorf("had %+v, want a good clock", p)
	}
	if p := h.part("backup"); p.State != node.StateOK || !strings.Contains(p.Detail, "no copy yet") {
		t.Errorf("had %+v, want no copy yet and no fault: it has just started", p)
	}
	if _, err := h.Store.Keep(t.Context(), filepath.Join(h.Config.DataDir, "backups")); err != nil {
		t.Fatal(err)
	}
	if p := h.part("backup"); p.State != node.StateOK || !strings.Contains(p.Detail, "-auto.db") {
		t.Errorf("had %+v, want the copy named", p)
	}
	if err := h.ChangeSetting(t.Context(), "backup:enabled", "false", "test"); err != nil {
		t.Fatal(err)
	}
	if p := h.part("backup"); p.State != node.StateOff || p.Fix == "" {
		t.Errorf("had %+v, want it off, and how to switch it on", p)
	}
}

func TestEntriesWaitWhileTheClockIsWrongAndClosesGo(t *testing.T) {
	clock := &turned{now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
	h := startAt(t, clock)
	alert := func(action, quantity, key string) reply {
		return h.post(`{"apiKey":"KEY","exchange":"bybit","action":"` + action + `","symbol":"BTCUSDT"` + quantity + `,"idempotencyKey":"` + key + `"}`)
	}
	if r := alert("LONG", `,"quantity":0.01`, "before"); r.status != 200 {
		t.Fatalf("had %d %s, want the entry filled", r.status, r.body)
	}
	clock.to(clock.Now().Add(-time.Hour))
	if r := alert("LONG", `,"quantity":0.01`, "entry"); r.status != 422 || !strings.Contains(r.body, "set back") {
		t.Errorf("had %d %s, want the entry refused: its deadline may be long past", r.status, r.body)
	}
	if r := alert("CLOSE_LONG", "", "close"); r.status != 200 {
		t.Errorf("had %d %s, want the close done all the same", r.status, r.body)
	}
}

func TestRestoreRefusesWhileAnInstanceRunsAndStartsHalted(t *testing.T) {
	dir := t.TempDir()
	h := start(t, dir)
	file, err := h.Store.Backup(t.Context(), filepath.Join(dir, "backups"))
	if err != nil {
		t.Fatal(err)
	}
	quiet := slog.New(slog.DiscardHandler)
	if _, err := node.Restore(t.Context(), h.Config, file, time.Now, quiet); trading.KindOf(err) != trading.Conflict {
		t.Fatalf("had %v, want Conflict: another program has the ledger open", err)
	}
	h.stop()
	if _, err := node.Restore(t.Context(), h.Config, file, time.Now, quiet); err != nil {
		t.Fatal(err)
	}
	again := start(t, dir)
	if s := again.Switch.Standing(); s.State != risk.Halted || !strings.Contains(s.Reason, "restored from a backup") {
		t.Errorf("had %+v, want it halted with the reason", s)
	}
}

func TestLedgerThatWasHarmedOnDiskIsNotTradedOn(t *testing.T) {
	dir := t.TempDir()
	h := start(t, dir)
	if err := h.ChangeSetting(t.Context(), "trade:max_order_size", "1234", "test"); err != nil {
		t.Fatal(err)
	}
	c := h.Config
	h.stop()
	file := filepath.Join(dir, "core.db")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	place := strings.Index(string(data), "trade:max_order_size1234")
	if place < 0 {
		t.Fatal("the setting is not in the file")
	}
	data[place+len("trade:max_order_size")] ^= 8 // 1234 becomes 9234
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = node.New(context.Background(), c, slog.New(slog.DiscardHandler))
	if trading.KindOf(err) != trading.Internal || !strings.Contains(err.Error(), "backup") {
		t.Errorf("had %v, want a refusal to start that says what to do: the cap is not what somebody set", err)
	}
}
