package disk_test

import (
	"os"
	"path/filepath"
	"testing"

	"hoox/backend/disk"
)

func TestWriteWholeReplacesPrivately(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state")
	for _, text := range []string{"first", "second"} {
		if err := disk.WriteWhole(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(path)
	if err != nil || string(got) != "second" {
		t.Fatalf("had %q %v, want the newest text", got, err)
	}
	if info, _ := os.Stat(path); info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, want 0600", info.Mode())
	}
	left, _ := os.ReadDir(filepath.Dir(path))
	if len(left) != 1 {
		t.Fatalf("%d files in the folder, want 1: temporary files must not be left behind", len(left))
	}
}

func TestWriteWholeLeavesTheOldTextWhenItCannotWrite(t *testing.T) {
	if err := disk.WriteWhole(filepath.Join(t.TempDir(), "no", "such", "file"), nil); err == nil {
		t.Fatal("want an error for a folder that is not there")
	}
}

func TestFreeTellsRoomThatIsLeft(t *testing.T) {
	if n, err := disk.Free(t.TempDir()); err != nil || n == 0 {
		t.Fatalf("had %d bytes, %v; want some", n, err)
	}
}
