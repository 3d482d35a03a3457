package node_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hoox/backend/trading"
)

// The seed of order ids is in the vault. Whoever loses the vault and keeps the ledger gets another seed: what is known stays
// known, and no id is given twice.
func TestH8_AnotherSeedOfOrderIDsLosesNoOrderAndRepeatsNone(t *testing.T) {
	dir := t.TempDir()
	h := start(t, dir)
	const first = `"exchange":"paper","action":"LONG","symbol":"BTCUSDT","quantity":0.01,"idempotencyKey":"same"`
	h.says(200, h.key, first)
	ids := func() map[trading.OrderID]bool {
		t.Helper()
		list, _, err := h.Store.Orders(t.Context(), trading.Page{Limit: 50})
		if err != nil {
			t.Fatal(err)
		}
		all := map[trading.OrderID]bool{}
		for _, o := range list {
			all[o.ID] = true
		}
		if len(all) != len(list) {
			t.Errorf("%d orders have %d ids", len(list), len(all))
		}
		return all
	}
	before := ids()
	seed, ok, err := h.Vault.Get("INSTALL_KEY")
	if err != nil || !ok || seed.Empty() {
		t.Fatalf("want the seed in the vault, had %v %v", ok, err)
	}
	text := seed.Reveal()
	h.stop()
	for _, file := range []string{"core.db", "core.db-wal", "config.toml", "vault.json"} {
		if data, err := os.ReadFile(filepath.Join(dir, file)); err == nil && strings.Contains(string(data), text) {
			t.Errorf("%s holds the seed in clear: with it the ids of orders can be guessed", file)
		}
	}
	for _, file := range []string{"vault.json", "vault.key"} {
		if err := os.Remove(filepath.Join(dir, file)); err != nil {
			t.Fatal(err)
		}
	}

	h = start(t, dir)
	if other, _, err := h.Vault.Get("INSTALL_KEY"); err != nil || other.Equal(seed) {
		t.Errorf("want another seed, had the same or %v", err)
	}
	h.says(409, h.key, first)
	h.says(200, h.key, strings.Replace(first, "same", "next", 1))
	h.says(200, h.key, `"exchange":"paper","action":"CLOSE","symbol":"BTCUSDT","idempotencyKey":"out"`)
	if after := ids(); len(after) != len(before)+2 {
		t.Errorf("%d orders before and %d after, want two more: the entry and the close", len(before), len(after))
	}
	if positions, err := h.Store.Positions(t.Context()); err != nil || len(positions) != 0 {
		t.Errorf("had %+v %v, want the position of before closed with the rest", positions, err)
	}
}
