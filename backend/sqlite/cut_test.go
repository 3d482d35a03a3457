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
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hoox/backend/risk"
	"hoox/backend/sqlite"
	"hoox/backend/sqlite/proof"
	"hoox/backend/trading"
)

var (
	seed   = flag.Uint64("seed", 1, "seed of the power cuts")
	images = flag.Int("images", 300, "how many power cuts")
	only   = flag.Int("image", -1, "only this power cut of the seed")
)

// film is a recorded run: what happened on disk, and between which moments of it each state of the ledger was on its way.
type film struct {
	disk *proof.Disk
	dir  string
	// states are what the ledger said after each step; states[i] was asked for at event begun[i] and answered for at event
	// acked[i].
	states       []map[string]string
	begun, acked []int
	names        []string
	// now is the time at the end.
	now time.Time
}

const rounds = 12

// shoot runs the whole workload on a recorded disk.
func shoot(t *testing.T) *film {
	t.Helper()
	dir := t.TempDir()
	disk, err := proof.Attach(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Detach()
	f := &film{disk: disk, dir: dir}
	h := unopened(t, filepath.Join(dir, "core.db"))
	f.take(t, h, step{"open", func(context.Context, *house) error { h.open(); return nil }})
	defer func() { _ = h.DB.Close() }()
	for n := range rounds {
		for _, s := range append(day(n), upkeep(n)) {
			h.wait(1500 * time.Millisecond)
			f.take(t, h, s)
		}
	}
	f.now = h.clock()
	return f
}

func (f *film) take(t *testing.T, h *house, s step) {
	t.Helper()
	begun := f.disk.Len()
	if err := s.do(context.Background(), h); err != nil {
		t.Fatalf("%s: %v", s.name, err)
	}
	acked := f.disk.Len()
	state, err := h.Digest(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	f.states, f.begun, f.acked, f.names = append(f.states, state), append(f.begun, begun), append(f.acked, acked), append(f.names, s.name)
}

// cuts are the places to cut at: right before and behind every sync, then at random.
func (f *film) cuts(n int, random *rand.Rand) []int {
	var list []int
	tape := f.disk.Tape()
	for i, e := range tape {
		if e.Kind == proof.Sync {
			list = append(list, i, i+1)
		}
	}
	random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	for len(list) < n {
		list = append(list, random.IntN(len(tape)+1))
	}
	return list[:n]
}

// project writes an image to a folder.
func project(t *testing.T, from, to string, image map[string][]byte) {
	t.Helper()
	for name, data := range image {
		file := filepath.Join(to, strings.TrimPrefix(name, from))
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// judge opens what a power cut left and compares it with what was answered for.
func (f *film) judge(t *testing.T, dir string, cut int) error {
	h := unopened(t, filepath.Join(dir, "core.db"))
	h.now = f.now
	db, err := sqlite.Open(context.Background(), h.file, h.options())
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	h.DB = db
	defer func() { _ = h.DB.Close() }()
	findings, err := h.Verify(context.Background())
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	for _, x := range findings {
		if !x.OK {
			return fmt.Errorf("%s: %s", x.Check, x.Detail)
		}
	}
	had, err := h.Digest(context.Background())
	if err != nil {
		return err
	}
	first, last := f.allowed(cut)
	for i := first; i <= last; i++ {
		if maps.Equal(had, f.states[i]) {
			return h.goesOn()
		}
	}
	for i, s := range f.states {
		if maps.Equal(had, s) {
			return fmt.Errorf("it is as after step %d (%s), and step %d (%s) was answered for", i, f.names[i], first, f.names[first])
		}
	}
	var differ []string
	for table, sum := range f.states[first] {
		if had[table] != sum {
			differ = append(differ, table)
		}
	}
	slices.Sort(differ)
	return fmt.Errorf("it is half of step %d (%s): %v differ from the step before", last, f.names[last], differ)
}

// allowed are the first and the last state that may be found: the newest that was answered for, and the newest begun.
func (f *film) allowed(cut int) (first, last int) {
	for i := range f.states {
		if f.acked[i] <= cut {
			first = i
		}
		if f.begun[i] < cut {
			last = i
		}
	}
	return first, max(first, last)
}

// goesOn does one more fact, so that a ledger that only looks sound is found out.
func (h *house) goesOn() error {
	if _, _, err := h.SetStanding(context.Background(), risk.Standing{State: risk.Active, Actor: "me", Since: h.clock()}); err != nil {
		return fmt.Errorf("go on: %w", err)
	}
	in := signalled(h, "after", 0)
	in.Instrument.Symbol = "XRPUSDT" // its lane is free at every moment of the day
	o := leg(in, 0, trading.Buy, "1")
	if _, err := h.Admit(context.Background(), in, yes(in, o)); err != nil {
		return fmt.Errorf("go on: %w", err)
	}
	if _, err := h.Record(context.Background(), filled(o, "100", "0")); err != nil {
		return fmt.Errorf("go on: %w", err)
	}
	return nil
}

// cut draws one power cut of a seed: the same number gives the same cut.
func (f *film) cut(n, at int) (map[string][]byte, proof.Mode) {
	random := rand.New(rand.NewPCG(*seed, uint64(n)))
	mode := proof.Mode(n % int(proof.Modes))
	return f.disk.Image(at, mode, random), mode
}

func TestPowerCutLosesNothingThatWasAnsweredFor(t *testing.T) {
	f := shoot(t)
	cuts := f.cuts(*images, rand.New(rand.NewPCG(*seed, 0)))
	lost := 0
	for n, at := range cuts {
		if *only >= 0 && n != *only {
			continue
		}
		dir := t.TempDir()
		image, mode := f.cut(n, at)
		project(t, f.dir, dir, image)
		if err := f.judge(t, dir, at); err != nil {
			lost++
			t.Errorf("power cut %d at event %d of %d, %s: %v\n  again: go test -tags proof,sqlite_fts5,sqlite_omit_load_extension ./backend/sqlite -run '^%s$' -seed %d -images %d -image %d",
				n, at, f.disk.Len(), mode, err, t.Name(), *seed, *images, n)
			if lost > 5 {
				t.FailNow()
			}
		}
		_ = os.RemoveAll(dir)
	}
	t.Logf("%d power cuts over %d events and %d steps, seed %d: %d violations", len(cuts), f.disk.Len(), len(f.states), *seed, lost)
}

// TestPowerCutOnACarelessDiskIsSeen tests the judge: without syncs nearly every cut loses something, and it must say so.
func TestPowerCutOnACarelessDiskIsSeen(t *testing.T) {
	f := shoot(t)
	careless := f.disk.Careless()
	seen, n := 0, 20
	for i := range n {
		at := careless.Len() * (i + 1) / n
		to := t.TempDir()
		project(t, f.dir, to, careless.Image(at, proof.Dropped, rand.New(rand.NewPCG(*seed, 3))))
		if f.judge(t, to, f.disk.Len()) != nil {
			seen++
		}
	}
	if seen != n {
		t.Errorf("had %d of %d cuts found out, want all: a judge that sees nothing proves nothing", seen, n)
	}
}

// TestPowerCutInAMigration opens a ledger of an earlier schema, copy and scripts included, and cuts everywhere.
func TestPowerCutInAMigration(t *testing.T) {
	for version := 1; version <= 5; version++ {
		dir := t.TempDir()
		file := filepath.Join(dir, "core.db")
		if err := sqlite.MakeOld(context.Background(), file, version, noon, rowsOfOld...); err != nil {
			t.Fatal(err)
		}
		old, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		disk, err := proof.Attach(dir, map[string][]byte{file: old})
		if err != nil {
			t.Fatal(err)
		}
		f := &film{disk: disk, dir: dir, now: noon}
		h := unopened(t, file)
		f.take(t, h, step{"migrate", func(context.Context, *house) error { h.open(); return nil }})
		_ = h.DB.Close()
		disk.Detach()
		for n, at := range f.cuts(max(*images/4, 20), rand.New(rand.NewPCG(*seed, 2))) {
			to := t.TempDir()
			image, mode := f.cut(n, at)
			project(t, f.dir, to, image)
			if err := f.judge(t, to, at); err != nil {
				t.Fatalf("schema %d, power cut %d at event %d of %d, %s, seed %d: %v", version, n, at, f.disk.Len(), mode, *seed, err)
			}
			_ = os.RemoveAll(to)
		}
	}
}

// rowsOfOld are an order in the line and one in flight, as the first schema has them.
var rowsOfOld = []string{
	`INSERT INTO signals (id, scope, key, fingerprint, status, reason, source, received_at, sent_at, deadline, account, product, symbol, action,
  quantity, strategy, comment, warnings, checks, notify, raw)
VALUES ('s1', 'webhook', '=k', 'fp', 'executing', '', 'webhook', 1, 0, 0, 'bybit:paper', 'linear', 'BTCUSDT', 'LONG', '1', '', '', '', '', '', '')`,
	`INSERT INTO orders (id, signal_id, leg, account, product, symbol, slot, side, type, reduce_only, closes_all, qty, price, leverage,
  margin_mode, protection, deadline, quote, child, parent, status, reason, exchange_id, filled, booked, filled_cost, attempts, version,
  created_at, updated_at, armed_at)
VALUES ('hx1-a', 's1', 0, 'bybit:paper', 'linear', 'BTCUSDT', 'both', 'buy', 'market', 0, 0, '1', '0', 1, 'cross', '', 0, 'USDT', 0, '',
  'submitted', '', '', '0', '0', '0', 1, 1, 1, 1, 1),
 ('hx1-b', 's1', 1, 'bybit:paper', 'linear', 'BTCUSDT', 'both', 'buy', 'market', 0, 0, '1', '0', 1, 'cross', '', 0, 'USDT', 0, '',
  'created', '', '', '0', '0', '0', 0, 1, 1, 1, 0)`,
	`INSERT INTO jobs (id, kind, lane, signal_id, order_id, state, attempts, run_at, deadline, last_error, created_at)
VALUES ('j1', 'submit', 'bybit:paper|linear|BTCUSDT', 's1', 'hx1-b', 'ready', 0, 1, 0, '', 1)`,
}

// TestPowerCutInASharedCommit has many callers share commits; each that was answered is there, whole.
func TestPowerCutInASharedCommit(t *testing.T) {
	dir := t.TempDir()
	disk, err := proof.Attach(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer disk.Detach()
	h := unopened(t, filepath.Join(dir, "core.db"))
	h.open()
	var mu sync.Mutex
	answered := map[trading.OrderID]int{}
	var work sync.WaitGroup
	for n := range 16 {
		work.Go(func() {
			for i := range 12 {
				in := alert(fmt.Sprintf("s%dx%d", n, i))
				in.Instrument.Symbol = fmt.Sprintf("C%dUSDT", n)
				o := leg(in, 0, trading.Buy, "1")
				if _, err := h.Admit(context.Background(), in, yes(in, o)); err != nil {
					t.Errorf("admit: %v", err)
					return
				}
				if _, err := h.Record(context.Background(), filled(o, "100", "0")); err != nil {
					t.Errorf("record: %v", err)
					return
				}
				mu.Lock()
				answered[o.ID] = disk.Len()
				mu.Unlock()
			}
		})
	}
	work.Wait()
	_ = h.DB.Close()
	f := &film{disk: disk, dir: dir, now: noon}
	disk.Detach()
	for n, at := range f.cuts(max(*images/4, 20), rand.New(rand.NewPCG(*seed, 1))) {
		to := t.TempDir()
		image, mode := f.cut(n, at)
		project(t, f.dir, to, image)
		found := unopened(t, filepath.Join(to, "core.db"))
		found.open()
		for id, acked := range answered {
			if acked > at {
				continue
			}
			if o, err := found.Order(context.Background(), id); err != nil || o.Status != trading.OrderFilled {
				t.Errorf("power cut %d at event %d, %s, seed %d: order %s was answered for and is %q %v", n, at, mode, *seed, id, o.Status, err)
			}
		}
		found.sound()
		_ = found.DB.Close()
		_ = os.RemoveAll(to)
		if t.Failed() {
			t.FailNow()
		}
	}
}
