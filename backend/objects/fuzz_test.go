package objects_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"hoox/backend/objects"
	"hoox/backend/risk"
)

// FuzzKillFileThatNobodyWroteHalts puts any bytes into the kill file: only what the program itself writes may say that trading is
// not halted.
func FuzzKillFileThatNobodyWroteHalts(f *testing.F) {
	dir := f.TempDir()
	path := filepath.Join(dir, "KILL")
	file := objects.NewKillFile(dir)
	for _, state := range []risk.State{risk.Active, risk.Reducing, risk.Halted} {
		if err := file.Write(risk.Standing{State: state, Reason: "fat finger", Actor: "window", Since: time.UnixMilli(1779261050000)}); err != nil {
			f.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
		f.Add(text[:len(text)/2])
	}
	for _, text := range []string{"", "null", "{}", `{"state":"active"}`, `{"state":"halted","sum":""}`, "\x00\x00", "stop"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		s, there, err := file.Read()
		if !there {
			t.Fatalf("a file with %q is taken for none", text)
		}
		if err != nil {
			return
		}
		if err := file.Write(s); err != nil {
			t.Fatal(err)
		}
		again, there, err := file.Read()
		if err != nil || !there || again != s {
			t.Fatalf("%q says %+v, and written again %+v there=%v %v", text, s, again, there, err)
		}
	})
}
