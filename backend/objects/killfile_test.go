package objects_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"hoox/backend/objects"
	"hoox/backend/risk"
)

func TestKillFileTellsWhatWasWritten(t *testing.T) {
	f := objects.NewKillFile(t.TempDir())
	want := risk.Standing{State: risk.Halted, Reason: "fat finger", Actor: "window", Since: time.UnixMilli(1779261050000).UTC()}

	if err := f.Write(want); err != nil {
		t.Fatal(err)
	}
	got, there, err := f.Read()

	if err != nil || !there || got != want {
		t.Fatalf("had %+v there=%v err=%v, want %+v: a restart while halted must stay halted for the same reason", got, there, err, want)
	}
}

func TestNoKillFileMeansNothing(t *testing.T) {
	if _, there, err := objects.NewKillFile(t.TempDir()).Read(); there || err != nil {
		t.Fatalf("had there=%v err=%v, want no file and no error", there, err)
	}
}

func TestKillFileThatCannotBeUnderstoodIsAnError(t *testing.T) {
	for name, text := range map[string]string{"empty": "", "cut": `{"state":"hal`, "edited": `{"state":"active","reason":"","actor":"","since":0,"sum":"00"}`} {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "KILL"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, there, err := objects.NewKillFile(dir).Read(); err == nil || !there {
			t.Errorf("%s file: had there=%v err=%v, want an error: what cannot be read must halt", name, there, err)
		}
	}
}

func TestKillFileIsPrivateAndRemovable(t *testing.T) {
	dir := t.TempDir()
	f := objects.NewKillFile(dir)
	if err := f.Write(risk.Standing{State: risk.Halted}); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "KILL"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("had mode %v err %v, want 0600: only the owner may touch the switch", info.Mode(), err)
	}
	if err := f.Remove(); err != nil {
		t.Fatal(err)
	}
	if err := f.Remove(); err != nil {
		t.Fatalf("removing twice: %v, want no error", err)
	}
}
