package objects

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"hoox/backend/disk"
	"hoox/backend/trading"
)

// Shelf is a folder of files under names of our own making. No name leads out of it.
type Shelf struct{ dir string }

// Kept is a file on a shelf.
type Kept struct {
	Name   string
	Size   int64
	SHA256 string
}

// NewShelf names a folder; it is made with the first file.
func NewShelf(dataDir, name string) *Shelf { return &Shelf{filepath.Join(dataDir, name)} }

// names are what we call files: a random part, and an ending by what they are.
var names = regexp.MustCompile(`^[0-9a-f]{32}\.[a-z0-9]{1,5}$`)

// Put keeps some bytes whole or not at all, readable by their owner only. ending is that of the file's name, without its dot.
func (s *Shelf) Put(content []byte, ending string) (Kept, error) {
	var random [16]byte
	_, _ = rand.Read(random[:]) // never fails: it ends the program before
	name := hex.EncodeToString(random[:]) + "." + ending
	if !names.MatchString(name) {
		return Kept{}, trading.Errorf(trading.Internal, "keep a file: %q is no ending", ending)
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return Kept{}, trading.Wrap(trading.Unavailable, err, "keep a file")
	}
	if err := disk.WriteWhole(filepath.Join(s.dir, name), content); err != nil {
		return Kept{}, trading.Wrap(trading.Unavailable, err, "keep a file")
	}
	sum := sha256.Sum256(content)
	return Kept{Name: name, Size: int64(len(content)), SHA256: hex.EncodeToString(sum[:])}, nil
}

// Read is a file, at most so many bytes of it. NotFound when there is none of that name.
func (s *Shelf) Read(name string, most int64) ([]byte, error) {
	if !names.MatchString(name) {
		return nil, trading.Errorf(trading.NotFound, "there is no file %q", name)
	}
	root, err := os.OpenRoot(s.dir)
	if err == nil {
		defer root.Close()
		var f *os.File
		if f, err = root.Open(name); err == nil {
			defer f.Close()
			content, err := io.ReadAll(io.LimitReader(f, most+1))
			if err == nil && int64(len(content)) > most {
				return nil, trading.Errorf(trading.Refused, "%s is larger than %d bytes", name, most)
			}
			return content, trading.Wrap(trading.Unavailable, err, "read "+name)
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, trading.Errorf(trading.NotFound, "there is no file %q", name)
	}
	return nil, trading.Wrap(trading.Unavailable, err, "read "+name)
}

// Remove removes a file. One that is not there is no error.
func (s *Shelf) Remove(name string) error {
	if !names.MatchString(name) {
		return nil
	}
	root, err := os.OpenRoot(s.dir)
	if err == nil {
		defer root.Close()
		err = root.Remove(name)
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return trading.Wrap(trading.Unavailable, err, "remove "+name)
}
