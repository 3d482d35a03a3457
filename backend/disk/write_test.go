package disk_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
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

func TestWriteNewWritesPrivatelyAndOverNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "export")
	say := func(text string) func(io.Writer) error {
		return func(w io.Writer) error {
			_, err := io.WriteString(w, text)
			return err
		}
	}
	if err := disk.WriteNew(path, say("first")); err != nil {
		t.Fatal(err)
	}
	if err := disk.WriteNew(path, say("second")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a file: had %v, want fs.ErrExist", err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "first" {
		t.Errorf("had %q %v, want the file that was there as it was", got, err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v (%v), want 0600: it may hold what others must not read", info.Mode(), err)
	}
	if err := disk.WriteNew(filepath.Join(path, "below"), say("")); err == nil {
		t.Error("had no error for a folder that is not there")
	}
}

func TestWriteNewLeavesNoHalfOfAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "export")
	broke := errors.New("the line broke")

	err := disk.WriteNew(path, func(w io.Writer) error {
		_, err := io.WriteString(w, "half")
		return errors.Join(err, broke)
	})

	if !errors.Is(err, broke) {
		t.Errorf("had %v, want why it broke off", err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("had %v, want no file: half of one would be taken for a whole one", err)
	}
}

func TestFreeTellsRoomThatIsLeft(t *testing.T) {
	if n, err := disk.Free(t.TempDir()); err != nil || n == 0 {
		t.Fatalf("had %d bytes, %v; want some", n, err)
	}
}
