package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hoox/backend/risk"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

// wait lets the time of the house pass.
func (h *house) wait(d time.Duration) { h.mu.Lock(); h.now = h.now.Add(d); h.mu.Unlock() }

func TestRoutineCopiesAreThinnedToHoursDaysAndWeeks(t *testing.T) {
	h := newHouse(t)
	dir := filepath.Join(t.TempDir(), "backups")
	byHand, err := h.Backup(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	for range 24 * 40 / 3 {
		h.wait(3 * time.Hour)
		if _, err := h.Keep(context.Background(), dir); err != nil {
			t.Fatal(err)
		}
	}
	copies, err := sqlite.Copies(dir)
	if err != nil {
		t.Fatal(err)
	}
	// 24 hours with a copy reach back three days; three more days and two more weeks have one each.
	if n := len(copies); n != 24+3+2+1 {
		t.Errorf("had %d copies, want 24 by the hour, one of each of 7 days and 4 weeks, and that made by hand", n)
	}
	if last := copies[len(copies)-1]; last.File != byHand || last.Routine {
		t.Errorf("had %+v as the oldest, want the copy made by hand: nobody asked for its removal", last)
	}
	oldest := copies[len(copies)-2]
	if age := h.now.Sub(oldest.At); age < 14*24*time.Hour || age > 28*24*time.Hour {
		t.Errorf("the oldest routine copy is %s old, want one of the fourth week", age)
	}
}

func TestUnfinishedCopiesCountAsNothingAndAreSwept(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"core-20260520T120000.000Z-auto.db.part", "core-20260520T120000.000Z-auto.db.part-journal", "notes.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if copies, err := sqlite.Copies(dir); err != nil || len(copies) != 0 {
		t.Fatalf("had %v %v, want no copy: half of one restores half a ledger", copies, err)
	}
	if err := sqlite.SweepBackups(dir); err != nil {
		t.Fatal(err)
	}
	if left, _ := os.ReadDir(dir); len(left) != 1 || left[0].Name() != "notes.txt" {
		t.Fatalf("had %v, want the unfinished copies gone and nothing else", left)
	}
}

func TestRestoreHaltsKeepsWhatWasThereAndRemembers(t *testing.T) {
	h := newHouse(t)
	h.record(filled(h.admit("a", trading.Buy, "1"), "100", "0.05"))
	h.wait(time.Minute)
	dir := t.TempDir()
	backup, err := h.Backup(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	in := alert("late")
	in.Instrument.Symbol = "ETHUSDT"
	if _, err := h.Admit(context.Background(), in, yes(in, leg(in, 0, trading.Buy, "1"))); err != nil {
		t.Fatal(err)
	}
	h.wait(time.Hour)
	_ = h.DB.Close()

	done, err := sqlite.Restore(context.Background(), backup, h.file, dir, h.now)
	if err != nil {
		t.Fatal(err)
	}

	h.open()
	s, err := h.Standing(context.Background())
	if err != nil || s.State != risk.Halted || !strings.Contains(s.Reason, "restored from a backup of 2026-05-20 12:01:00") {
		t.Errorf("had %+v %v, want it halted with the reason: orders may be at the exchange that it does not know", s, err)
	}
	r, err := h.Restored(context.Background())
	if err != nil || r.Epoch != 1 || !r.At.Equal(h.now) || !r.From.Equal(noon.Add(time.Minute)) {
		t.Errorf("had %+v %v, want the first restore, now, of a minute past noon", r, err)
	}
	if _, err := h.Order(context.Background(), "hx1-sig-a-0"); err != nil {
		t.Errorf("the order from before the backup: %v", err)
	}
	if _, err := h.Order(context.Background(), "hx1-sig-late-0"); trading.KindOf(err) != trading.NotFound {
		t.Errorf("the order after the backup: had %v, want it unknown", err)
	}
	h.sound()
	kept := h.at(filepath.Join(done.Kept, "core.db"))
	defer kept.Close()
	if _, err := kept.Order(context.Background(), "hx1-sig-late-0"); err != nil {
		t.Errorf("the order after the backup in the kept ledger: had %v, want nothing lost", err)
	}
}

func TestRestoreRefusesWhatIsNoSoundLedgerAndChangesNothing(t *testing.T) {
	h := newHouse(t)
	h.record(filled(h.admit("a", trading.Buy, "1"), "100", "0.05"))
	dir := t.TempDir()
	good, err := h.Backup(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}
	_ = h.DB.Close()
	before, err := os.ReadFile(h.file)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	for name, make := range map[string]func(file string) error{
		"text":      func(file string) error { return os.WriteFile(file, []byte("no ledger"), 0o600) },
		"half":      func(file string) error { return os.WriteFile(file, data[:len(data)/2], 0o600) },
		"empty":     func(file string) error { return os.WriteFile(file, nil, 0o600) },
		"tampered":  func(file string) error { return tamper(file, data, `UPDATE orders SET qty = '9'`) },
		"other sum": func(file string) error { return tamper(file, data, `UPDATE positions SET qty = '9'`) },
		"newer":     func(file string) error { return tamper(file, data, `PRAGMA user_version = 99`) },
		"a trigger": func(file string) error {
			return tamper(file, data, `CREATE TRIGGER helpful AFTER INSERT ON orders BEGIN UPDATE orders SET qty = '9' WHERE id = NEW.id; END`)
		},
		"a view":         func(file string) error { return tamper(file, data, `CREATE VIEW v AS SELECT 1`) },
		"another table":  func(file string) error { return tamper(file, data, `CREATE TABLE t (x)`) },
		"one table less": func(file string) error { return tamper(file, data, `DROP TABLE audit`) },
		"a loosened table": func(file string) error {
			return tamper(file, data, `DROP TRIGGER audit_no_update`)
		},
		"a hidden trigger": func(file string) error {
			return tamper(file, data, `PRAGMA writable_schema = ON`,
				`INSERT INTO sqlite_master (type, name, tbl_name, rootpage, sql) VALUES ('trigger', 'sqlite_autoindex_x', 'orders', 0, 'CREATE TRIGGER sqlite_autoindex_x AFTER INSERT ON orders BEGIN SELECT 1; END')`)
		},
	} {
		file := filepath.Join(t.TempDir(), "copy.db")
		if err := make(file); err != nil {
			t.Fatal(err)
		}
		if _, err := sqlite.Restore(context.Background(), file, h.file, dir, noon); trading.KindOf(err) != trading.Invalid {
			t.Errorf("%s: had %v, want Invalid", name, err)
		}
		if after, err := os.ReadFile(h.file); err != nil || string(after) != string(before) {
			t.Errorf("%s: the ledger was changed (%v)", name, err)
		}
	}
	for name, leads := range map[string]string{"a link": good, "a device": "/dev/zero"} {
		file := filepath.Join(t.TempDir(), "copy.db")
		if err := os.Symlink(leads, file); err != nil {
			t.Fatal(err)
		}
		if _, err := sqlite.Restore(context.Background(), file, h.file, dir, noon); err == nil || !strings.Contains(err.Error(), "is a link") {
			t.Errorf("%s: had %v, want it refused", name, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(filepath.Dir(h.file), "restoring*")); len(left) != 0 {
		t.Errorf("had %v left over", left)
	}
}

func tamper(file string, data []byte, queries ...string) error {
	if err := os.WriteFile(file, data, 0o600); err != nil {
		return err
	}
	return sqlite.Alter(context.Background(), file, queries...)
}

func TestLatestTimeRidesAlongAndNeverGoesBack(t *testing.T) {
	h := newHouse(t)
	for _, at := range []time.Time{noon.Add(time.Hour), noon} {
		h.Saw(at)
		flushes := h.Flushes()
		if err := h.SetMeta(context.Background(), "a", at.String()); err != nil {
			t.Fatal(err)
		}
		if n := h.Flushes() - flushes; n != 1 {
			t.Errorf("had %d flushes, want 1: the time rides along", n)
		}
	}
	h.reopen()
	// What is on disk counts for a program that has seen nothing yet.
	h.Saw(noon)
	if err := h.SetMeta(context.Background(), "a", "after a restart"); err != nil {
		t.Fatal(err)
	}
	if had, err := h.HighWater(context.Background()); err != nil || !had.Equal(noon.Add(time.Hour)) {
		t.Errorf("had %s %v, want the latest: a clock that is set back opens no deadline again", had, err)
	}
}

func TestOrderThatWasHarmedOnDiskIsNeverSent(t *testing.T) {
	for _, harm := range []string{`qty = '9'`, `side = 'sell'`, `symbol = 'ETHUSDT'`, `reduce_only = 1`, `price = '7'`, `leverage = 50`, `deadline = 0`, `protection = ''`} {
		h := newHouse(t)
		in := alert("a")
		in.Queue = true
		o := leg(in, 0, trading.Buy, "1")
		o.Protection.StopLoss = trading.MustPrice("90")
		if _, err := h.Admit(context.Background(), in, yes(in, o)); err != nil {
			t.Fatal(err)
		}
		_ = h.DB.Close()
		if err := sqlite.Alter(context.Background(), h.file, `UPDATE orders SET `+harm); err != nil {
			t.Fatal(err)
		}
		h.open()
		if after, err := h.BeginSubmit(context.Background(), o.ID, noon, free); trading.KindOf(err) != trading.Internal {
			t.Errorf("%s: had %+v %v, want a refusal: this is not the order that was decided", harm, after, err)
		}
	}
}
