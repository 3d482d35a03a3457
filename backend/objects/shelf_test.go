package objects_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"hoox/backend/objects"
	"hoox/backend/trading"
)

func TestAFileIsKeptWholeAndItsOwnersAlone(t *testing.T) {
	dir := t.TempDir()
	shelf := objects.NewShelf(dir, "uploads")
	kept, err := shelf.Put([]byte("picture"), "png")
	if err != nil || kept.Size != 7 || len(kept.SHA256) != 64 {
		t.Fatalf("had %+v %v", kept, err)
	}
	if had, err := shelf.Read(kept.Name, 7); err != nil || !bytes.Equal(had, []byte("picture")) {
		t.Fatalf("had %q %v", had, err)
	}
	if _, err := shelf.Read(kept.Name, 6); trading.KindOf(err) != trading.Refused {
		t.Errorf("larger than wanted: had %v, want Refused, not a part of it", err)
	}
	for path, want := range map[string]os.FileMode{filepath.Join(dir, "uploads"): 0o700, filepath.Join(dir, "uploads", kept.Name): 0o600} {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: had %v %v, want %v", path, info.Mode().Perm(), err, want)
		}
	}
	for range 2 {
		if err := shelf.Remove(kept.Name); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := shelf.Read(kept.Name, 7); trading.KindOf(err) != trading.NotFound {
		t.Errorf("had %v, want NotFound", err)
	}
}

func TestNoNameLeadsOutOfTheShelf(t *testing.T) {
	dir := t.TempDir()
	secret := filepath.Join(dir, "vault")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	shelf := objects.NewShelf(dir, "uploads")
	kept, err := shelf.Put([]byte("x"), "png")
	if err != nil {
		t.Fatal(err)
	}
	link := "00000000000000000000000000000000.png"
	if err := os.Symlink(secret, filepath.Join(dir, "uploads", link)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"../vault", "..", "", kept.Name + "/../../vault", "/etc/passwd", link} {
		if had, err := shelf.Read(name, 100); err == nil {
			t.Errorf("%q gives %q", name, had)
		}
	}
	for _, ending := range []string{"", "../x", "p/g", "toolong", "PNG"} {
		if _, err := shelf.Put(nil, ending); trading.KindOf(err) != trading.Internal {
			t.Errorf("ending %q: had %v, want Internal", ending, err)
		}
	}
	if err := shelf.Remove("../vault"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(secret); err != nil {
		t.Error("a name removed a file beside the shelf")
	}
}
