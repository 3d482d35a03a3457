package disk_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"hoox/backend/disk"
)

func TestN5_OnlyAPlainFileIsOpened(t *testing.T) {
	dir := t.TempDir()
	file, link, folder := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "folder")
	if err := os.WriteFile(file, []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(file, link); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	f, err := disk.OpenPlain(file)
	if err != nil {
		t.Fatalf("a file: had %v", err)
	}
	_ = f.Close()
	device := "/dev/zero"
	if runtime.GOOS == "windows" {
		device = "NUL"
	}
	for _, path := range []string{link, folder, device, filepath.Join(dir, "nothing"), link + "/../link"} {
		if f, err := disk.OpenPlain(path); err == nil {
			_ = f.Close()
			t.Errorf("%s was opened, want it refused: it leads elsewhere, or never ends", path)
		}
	}
}
