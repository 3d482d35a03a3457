package sqlite_test

import (
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

func TestDurabilitySettingsAreInForce(t *testing.T) {
	h := newHouse(t)
	for name, want := range map[string]int64{"synchronous": 2, "fullfsync": 1, "checkpoint_fullfsync": 1, "foreign_keys": 1, "trusted_schema": 0, "cell_size_check": 1} {
		if had, err := h.Number(context.Background(), "PRAGMA "+name); err != nil || had != want {
			t.Errorf("%s: want %d, had %d %v: with less, power loss takes acknowledged orders", name, want, had, err)
		}
	}
	if all := sqlite.Pragmas(); all["journal_mode"] != "wal" || all["synchronous"] != "2" {
		t.Errorf("want WAL and FULL among what open reads back, had %v", all)
	}
}

func TestSettingThatDidNotTakeIsRefused(t *testing.T) {
	db, err := sqlite.OpenWeak(context.Background(), filepath.Join(t.TempDir(), "core.db"), sqlite.Options{Now: func() time.Time { return noon }})
	if db != nil {
		_ = db.Close()
	}
	if err == nil || !strings.Contains(err.Error(), `pragma synchronous is "1", want "2"`) {
		t.Fatalf("want the ledger not opened and the setting named with both values, had %v", err)
	}
}

func TestLedgerIsForItsOwnerOnly(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // files have no such mode there
	}
	h := newHouse(t)
	h.admit("a", trading.Buy, "1")
	for _, suffix := range []string{"", "-wal", "-shm"} {
		info, err := os.Stat(h.file + suffix)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: want mode 0600, had %v %v", suffix, info.Mode().Perm(), err)
		}
	}
}

func TestPathWithOddCharactersIsOpened(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "50% of #1 ü", "a b")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	h := newHouse(t)
	db, err := sqlite.Open(context.Background(), filepath.Join(dir, "core.db"), h.options())
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, "core.db")); err != nil || info.Size() == 0 {
		t.Fatalf("want the ledger at that path, had %v", err)
	}
}

func TestNewerSchemaIsRefused(t *testing.T) {
	h := newHouse(t)
	_ = h.Close()
	if err := sqlite.Alter(context.Background(), h.file, `PRAGMA user_version = 99`); err != nil {
		t.Fatal(err)
	}
	_, err := sqlite.Open(context.Background(), h.file, h.options())
	if err == nil || !strings.Contains(err.Error(), "schema 99") || !strings.Contains(err.Error(), "newer version") {
		t.Fatalf("want a refusal that says so, had %v", err)
	}
}

func TestAlteredMigrationIsRefused(t *testing.T) {
	h := newHouse(t)
	_ = h.Close()
	if err := sqlite.Alter(context.Background(), h.file, `UPDATE migrations SET checksum = 'x'`); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(context.Background(), h.file, h.options()); err == nil || !strings.Contains(err.Error(), "0001_core") {
		t.Fatalf("want a refusal that names the script, had %v", err)
	}
}

func TestMigrationCopiesFirstAndIsWholeOrNothing(t *testing.T) {
	h := newHouse(t)
	h.admit("a", trading.Buy, "1")
	_ = h.Close()
	backups := t.TempDir()

	bad := sqlite.MigrateWith(context.Background(), h.file, backups, `CREATE TABLE extra (id INTEGER PRIMARY KEY) STRICT; SELECT nonsense`, noon)

	if bad == nil {
		t.Fatal("want the broken script to fail")
	}
	h.open() // still the schema before
	if _, err := h.Number(context.Background(), `SELECT COUNT(*) FROM extra`); err == nil {
		t.Fatal("want nothing of the broken script left")
	}
	_ = h.Close()
	copies, _ := filepath.Glob(filepath.Join(backups, "core-before-schema-*.db"))
	if len(copies) != 1 {
		t.Fatalf("want a copy from before, had %v", copies)
	}
	old := h.at(copies[0])
	defer old.Close()
	if o, err := old.Order(context.Background(), "hx1-sig-a-0"); err != nil || o.Status != trading.OrderSubmitted {
		t.Fatalf("want the order in the copy, had %+v %v", o, err)
	}
	if err := sqlite.MigrateWith(context.Background(), h.file, backups, `CREATE TABLE extra (id INTEGER PRIMARY KEY) STRICT`, noon.Add(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Open(context.Background(), h.file, h.options()); err == nil || !strings.Contains(err.Error(), "newer version") {
		t.Fatalf("want the schema after that script, which this program does not know, had %v", err)
	}
}

func TestStatusListsOfTheSchemaAreThoseOfTrading(t *testing.T) {
	h := newHouse(t)
	h.admit("a", trading.Buy, "1")
	for _, s := range trading.OrderStatuses() {
		if err := h.Exec(context.Background(), nil, `UPDATE orders SET status = '`+string(s)+`'`); err != nil {
			t.Errorf("orders: want %s allowed, had %v", s, err)
		}
	}
	for _, s := range trading.SignalStatuses() {
		if err := h.Exec(context.Background(), nil, `UPDATE signals SET status = '`+string(s)+`'`); err != nil {
			t.Errorf("signals: want %s allowed, had %v", s, err)
		}
	}
	script, err := os.ReadFile("migrations/0001_core.sql")
	if err != nil {
		t.Fatal(err)
	}
	var orders, signals, open []string
	for _, s := range trading.OrderStatuses() {
		orders = append(orders, "'"+string(s)+"'")
		if !s.Final() {
			open = append(open, "'"+string(s)+"'")
		}
	}
	for _, s := range trading.SignalStatuses() {
		signals = append(signals, "'"+string(s)+"'")
	}
	for _, list := range [][]string{orders, signals, open} {
		if want := "status IN (" + strings.Join(list, ", ") + ")"; !strings.Contains(string(script), want) {
			t.Errorf("want %s in the schema: a status that is not listed cannot be stored, one too many never ends", want)
		}
	}
}

func TestClosedLedgerAnswersUnavailable(t *testing.T) {
	h := newHouse(t)
	_ = h.Close()
	in := alert("a")
	if _, err := h.Admit(context.Background(), in, yes(in, leg(in, 0, trading.Buy, "1"))); trading.KindOf(err) != trading.Unavailable {
		t.Fatalf("want Unavailable, had %v", err)
	}
	if err := h.Close(); err != nil {
		t.Fatalf("want a second close to be fine, had %v", err)
	}
}

func TestBackupIsACheckedLedger(t *testing.T) {
	h := newHouse(t)
	h.record(filled(h.admit("a", trading.Buy, "1"), "100", "0.05"))
	dir := filepath.Join(t.TempDir(), "backups")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "old.db.part"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}

	path, err := h.Backup(context.Background(), dir)
	if err != nil {
		t.Fatal(err)
	}

	entries, _ := os.ReadDir(dir)
	if len(entries) != 1 || filepath.Join(dir, entries[0].Name()) != path {
		t.Fatalf("want the copy alone, without side files and leftovers, had %v", entries)
	}
	if info, err := os.Stat(path); err != nil || (runtime.GOOS != "windows" && info.Mode().Perm() != 0o600) {
		t.Fatalf("want a private file, had %v %v", info, err)
	}
	restored := h.at(path)
	defer restored.Close()
	if o, err := restored.Order(context.Background(), "hx1-sig-a-0"); err != nil || o.Status != trading.OrderFilled {
		t.Fatalf("want the order in the copy, had %+v %v", o, err)
	}
	restored.sound()
}

func TestJ10_NoExtensionIsLoaded(t *testing.T) {
	h := newHouse(t)
	for _, ask := range []string{`SELECT load_extension('/tmp/x.so')`, `SELECT load_extension('/tmp/x.so', 'init')`} {
		if _, err := h.Number(context.Background(), ask); err == nil || !strings.Contains(err.Error(), "no such function") && !strings.Contains(err.Error(), "not authorized") {
			t.Errorf("%s: had %v, want the engine not to know it: code of somebody else's would run here", ask, err)
		}
	}
	// What is shipped has not even the code for it.
	script, err := os.ReadFile("../../build/lib.sh")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(script), "TAGS=sqlite_fts5,sqlite_omit_load_extension") {
		t.Error("builds do not leave out the loading of extensions")
	}
}

func TestM11_AnEngineWithAKnownFaultKeepsNoLedger(t *testing.T) {
	if err := sqlite.EngineFits("3.51.2", 3051002); err == nil || !strings.Contains(err.Error(), "3.51.2") || !strings.Contains(err.Error(), "3.51.3 or newer") {
		t.Errorf("the last version with the fault: had %v, want it refused by name with the version that is needed: it loses what it said was written", err)
	}
	if err := sqlite.EngineFits("3.51.3", 3051003); err != nil {
		t.Errorf("the first version without the fault is refused: %v", err)
	}
}
