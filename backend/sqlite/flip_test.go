//go:build proof

package sqlite_test

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

var flips = flag.Int("flips", 200, "how many bits are flipped, one at a time")

// rotten is a ledger of some rounds that ended without being closed, so that a part of it is in the log only.
func rotten(t *testing.T) (files map[string][]byte, state map[string]string) {
	t.Helper()
	dir := t.TempDir()
	h := unopened(t, filepath.Join(dir, "core.db"))
	h.open()
	defer func() { _ = h.DB.Close() }()
	for n := range 3 {
		for _, s := range day(n) {
			if err := s.do(context.Background(), h); err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
		}
		if n == 1 {
			if err := sqlite.Alter(context.Background(), h.file, `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
				t.Fatal(err)
			}
		}
	}
	waits := signalled(h, "queuedtoo", 9)
	waits.Queue = true
	o := leg(waits, 0, trading.Buy, "3")
	if _, err := h.Admit(context.Background(), waits, yes(waits, o)); err != nil {
		t.Fatal(err)
	}
	state = h.digest()
	files = map[string][]byte{}
	for _, side := range []string{"", "-wal"} {
		data, err := os.ReadFile(h.file + side)
		if err != nil {
			t.Fatal(err)
		}
		files["/core.db"+side] = data
	}
	return files, state
}

func TestFlippedBitIsFoundOrHarmless(t *testing.T) {
	files, state := rotten(t)
	random := rand.New(rand.NewPCG(*seed, 7))
	found, harmless := 0, 0
	other := map[string]int{}
	for n := range *flips {
		name := "/core.db"
		if n%4 == 3 {
			name += "-wal"
		}
		copied := maps.Clone(files)
		data := append([]byte(nil), copied[name]...)
		at, bit := random.IntN(len(data)), random.IntN(8)
		data[at] ^= 1 << bit
		copied[name] = data
		dir := t.TempDir()
		project(t, "", dir, copied)
		detected, differs, err := inspect(t, filepath.Join(dir, "core.db"), state)
		_ = os.RemoveAll(dir)
		switch {
		case err != nil:
			t.Errorf("flip %d (bit %d of byte %d of %s, seed %d): %v", n, bit, at, name, *seed, err)
		case detected:
			found++
		case len(differs) == 0:
			harmless++
		default:
			other[fmt.Sprint(name, " ", differs)]++
		}
	}
	t.Logf("%d flips: %d found at the start, %d change nothing, others change only %v", *flips, found, harmless, other)
}

// inspect starts on a harmed ledger as the program does. It fails when an order could leave that nobody decided: one that is
// not as it was, or one of an alert that was answered before.
func inspect(t *testing.T, file string, want map[string]string) (detected bool, differs []string, err error) {
	h := unopened(t, file)
	db, err := sqlite.Open(context.Background(), h.file, h.options())
	if err != nil {
		return true, nil, nil
	}
	h.DB = db
	defer func() { _ = h.DB.Close() }()
	findings, err := h.Check(context.Background())
	if err != nil {
		return true, nil, nil
	}
	for _, f := range findings {
		if !f.OK {
			return true, nil, nil
		}
	}
	had, err := h.Digest(context.Background())
	if err != nil {
		return true, nil, nil
	}
	for table, sum := range want {
		if had[table] != sum {
			differs = append(differs, table)
		}
	}
	if len(differs) == 0 {
		return false, nil, nil
	}
	o, err := h.BeginSubmit(context.Background(), idOf("queuedtoo", 9), h.clock(), free)
	if err == nil && (o.Qty.String() != "3" || o.Side != trading.Buy || o.Symbol != "BTCUSDT" || o.ReduceOnly || o.Account != paper) {
		return false, differs, fmt.Errorf("a wrong order would leave: %+v", o)
	}
	for n := range 3 {
		for _, kind := range []string{"plain", "queued", "guarded", "closing"} {
			in := signalled(h, kind, n)
			first := leg(in, 0, trading.Buy, "1")
			if r, err := h.Admit(context.Background(), in, yes(in, first)); err == nil && !r.Duplicate && !r.Conflict {
				return false, differs, fmt.Errorf("alert %s%d was answered before and would trade again", kind, n)
			}
		}
	}
	return false, differs, nil
}
