package app

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hoox/backend/risk"
	"hoox/backend/sqlite"
)

func TestRestoreFromTheCommandLine(t *testing.T) {
	p := start(t)
	copied, err := p.node.Store.Backup(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	if code, _, words := p.hoox("", "restore", copied, "--yes"); code != exitLocked || !strings.Contains(words, "stop it first") {
		t.Errorf("while an instance runs: had %d %q, want 7", code, words)
	}
	dir := privateDir(t)
	if code, _, words := hoox(t, "", "--data-dir", dir, "restore", copied); code != exitUsage || !strings.Contains(words, "--yes") {
		t.Errorf("by a script without --yes: had %d %q, want 2", code, words)
	}
	if code, _, words := hoox(t, "", "--data-dir", dir, "restore", filepath.Join(dir, "none.db"), "--yes"); code != exitUsage || !strings.Contains(words, "none.db: no such file") {
		t.Errorf("a copy that is not there: had %d %q, want 2 and what is wrong with it", code, words)
	}
	if code, out, words := hoox(t, "", "--data-dir", dir, "restore", copied, "--yes"); code != exitOK || !strings.Contains(out, "HALTED") {
		t.Fatalf("had %d %q %q, want it restored", code, out, words)
	}
	file := filepath.Join(dir, "core.db")
	db, err := sqlite.Open(t.Context(), file, sqlite.Options{Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	s, err := db.Standing(t.Context())
	if closing := db.Close(); err != nil || closing != nil || s.State != risk.Halted {
		t.Errorf("had %+v %v %v, want it halted", s, err, closing)
	}
	if code, _, words := hoox(t, "", "--data-dir", dir, "restore", filepath.Join(dir, "lock"), "--yes"); code != exitDamaged || !strings.Contains(words, "nothing was changed") {
		t.Errorf("what is no ledger: had %d %q, want 6", code, words)
	}
}
