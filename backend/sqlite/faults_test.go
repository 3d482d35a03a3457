//go:build proof

package sqlite_test

import (
	"context"
	"flag"
	"maps"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"hoox/backend/sqlite"
	"hoox/backend/sqlite/proof"
	"hoox/backend/trading"
)

var everyIO = flag.Int("ios", 40, "fail at most the first so many writes, syncs, opens and locks of each step")

// fault is one way in which a disk fails.
type fault struct {
	name string
	kind proof.Kind
	code proof.Code
	// stays tells that it goes on failing until it is mended.
	stays bool
	// hurts tells that nobody knows afterwards what the disk holds.
	hurts bool
}

var diskFaults = []fault{
	{"disk full", proof.Write, proof.NoSpace, true, false},
	{"disk full once", proof.Write, proof.NoSpace, false, false},
	{"short write", proof.Write, proof.Short, false, false},
	{"failed write", proof.Write, proof.WriteFail, false, true},
	{"failed sync", proof.Sync, proof.SyncFail, false, true},
	{"busy", proof.Lock, proof.Busy, false, false},
	{"cannot open", proof.Open, proof.CannotGo, false, false},
}

// strike fails the n-th event of the fault's kind and tells whether there was one.
func (f fault) strike(d *proof.Disk, n int) (hit func() bool) {
	var seen atomic.Int64
	d.Fail(func(kind proof.Kind, _ string) proof.Code {
		if kind != f.kind {
			return proof.Fine
		}
		at := int(seen.Add(1))
		if at == n || f.stays && at > n {
			return f.code
		}
		return proof.Fine
	})
	return func() bool { return int(seen.Load()) >= n }
}

// scene is a ledger as it was before a step, and the step.
type scene struct {
	step
	files         map[string][]byte
	before, after map[string]string
}

// stage puts the files of a scene into a folder of their own and opens the ledger, unless the step does.
func (s *scene) stage(t *testing.T) (*house, *proof.Disk) {
	t.Helper()
	dir := t.TempDir()
	project(t, "", dir, s.files)
	d, err := proof.Attach(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	d.Mute()
	h := unopened(t, filepath.Join(dir, "core.db"))
	h.wait(time.Minute)
	if s.name != "migrate" {
		h.open()
	}
	return h, d
}

func (h *house) digest() map[string]string {
	h.t.Helper()
	sums, err := h.Digest(context.Background())
	if err != nil {
		h.t.Fatalf("read the whole ledger: %v", err)
	}
	return sums
}

// scenes are the steps that answer somebody, each with the ledger before it.
func scenes(t *testing.T) []*scene {
	t.Helper()
	wanted := map[string]bool{"accept plain": true, "arm queued": true, "record plainb": true, "protect guarded": true, "kill": true, "setting": true, "free keys": true}
	var list []*scene
	dir := t.TempDir()
	file := filepath.Join(dir, "core.db")
	h := unopened(t, file)
	h.open()
	for _, s := range day(0) {
		if wanted[s.name] {
			if err := h.DB.Close(); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			list = append(list, &scene{step: s, files: map[string][]byte{"/core.db": data}})
			h.open()
		}
		if err := s.do(context.Background(), h); err != nil {
			t.Fatalf("%s: %v", s.name, err)
		}
	}
	_ = h.DB.Close()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	list = append(list, &scene{files: map[string][]byte{"/core.db": data}, step: step{"backup", func(ctx context.Context, h *house) error {
		_, err := h.Backup(ctx, filepath.Join(filepath.Dir(h.file), "backups"))
		return err
	}}})
	old := filepath.Join(t.TempDir(), "core.db")
	if err := sqlite.MakeOld(context.Background(), old, 1, noon, rowsOfOld...); err != nil {
		t.Fatal(err)
	}
	if data, err = os.ReadFile(old); err != nil {
		t.Fatal(err)
	}
	return append(list, &scene{files: map[string][]byte{"/core.db": data}, step: step{"migrate", func(ctx context.Context, h *house) error {
		db, err := sqlite.Open(ctx, h.file, h.options())
		if err == nil {
			h.DB = db
		}
		return err
	}}})
}

func TestDiskThatFailsAnywhereLeavesNoHalfFactAndNoFalseAnswer(t *testing.T) {
	struck := 0
	for _, s := range scenes(t) {
		h, d := s.stage(t)
		if h.DB != nil {
			s.before = h.digest()
		}
		if err := s.do(context.Background(), h); err != nil {
			t.Fatalf("%s without a fault: %v", s.name, err)
		}
		s.after = h.digest()
		_ = h.DB.Close()
		d.Detach()
		for _, f := range diskFaults {
			for n := 1; n <= *everyIO; n++ {
				if !s.suffer(t, f, n) {
					break
				}
				struck++
			}
		}
	}
	t.Logf("%d faults struck", struck)
}

// suffer runs the step on a disk that fails at its n-th chance; false when there was no such chance.
func (s *scene) suffer(t *testing.T, f fault, n int) bool {
	t.Helper()
	h, d := s.stage(t)
	defer d.Detach()
	hit := f.strike(d, n)
	answer := s.do(context.Background(), h)
	struck := hit()
	d.Fail(nil)
	wrong := func(words string, args ...any) {
		t.Helper()
		t.Errorf("%s, %s number %d (answer %v): "+words, append([]any{s.name, f.name, n, answer}, args...)...)
	}
	if h.DB != nil {
		s.afterwards(h, f, answer, wrong)
		_ = h.DB.Close()
	} else if trading.KindOf(answer) == trading.Internal && !f.hurts && f.kind != proof.Open {
		wrong("want Unavailable: nothing is damaged, and a person must not be told to restore a backup")
	}
	h.open()
	defer h.DB.Close()
	h.sound()
	had := h.digest()
	switch {
	case s.name == "migrate":
		if !h.holds(had, s.after) {
			wrong("the ledger is not migrated although the disk is fine again")
		}
	case answer == nil && !h.holds(had, s.after):
		wrong("it was answered for and is not there")
	case !h.holds(had, s.before) && !h.holds(had, s.after):
		wrong("half of it is there")
	}
	if err := h.goesOn(); err != nil && !h.went {
		wrong("the ledger does not go on: %v", err)
	}
	return struck
}

// holds compares what is there with a state, unless the house has gone on since.
func (h *house) holds(had, want map[string]string) bool { return h.went || maps.Equal(had, want) }

// afterwards is the same program after the disk is fine again: it goes on, or it knows that it must not.
func (s *scene) afterwards(h *house, f fault, answer error, wrong func(string, ...any)) {
	select {
	case <-h.Damaged():
		in := signalled(h, "late", 0)
		if _, err := h.Admit(context.Background(), in, yes(in, leg(in, 0, trading.Buy, "1"))); trading.KindOf(err) != trading.Internal {
			wrong("the ledger may be damaged and an alert was answered with %v", err)
		}
		if !f.hurts {
			wrong("a fault that harms nothing stopped the ledger")
		}
		return
	default:
	}
	had := h.digest()
	if answer == nil && !maps.Equal(had, s.after) || answer != nil && !maps.Equal(had, s.before) {
		wrong("the open ledger says neither what was answered nor what was before")
	}
	if err := h.goesOn(); err != nil {
		wrong("the disk is fine again and the ledger does not go on: %v", err)
	}
	h.went = true
}
