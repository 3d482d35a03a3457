package disk_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"hoox/backend/disk"
)

func TestASecretIsReadFromAFileOfItsOwnerOnly(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(path, []byte("12345678"), 0o600); err != nil {
		t.Fatal(err)
	}
	if text, err := disk.ReadPrivate(path, 8); err != nil || string(text) != "12345678" {
		t.Fatalf("had %q %v, want the file", text, err)
	}
	if text, err := disk.ReadPrivate(path, 7); err == nil || !strings.Contains(err.Error(), "too long") {
		t.Errorf("a file that is too long: had %q %v, want a refusal and not its beginning", text, err)
	}
	if text, err := disk.ReadPrivate(filepath.Dir(path), 8); err == nil {
		t.Errorf("a folder: had %q, want a refusal", text)
	}
	if runtime.GOOS == "windows" {
		return
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620} {
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		if text, err := disk.ReadPrivate(path, 8); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("%v: had %q %v, want a refusal that says what to do: others on this computer have the secret", mode, text, err)
		}
	}
}
