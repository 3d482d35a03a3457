package main

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// mutant is one guard taken away, and the test that must fail then.
type mutant struct {
	// Guard is what is taken away, in words.
	Guard string
	// File is where it stands, below backend.
	File string
	// Old is its text, which must be in the file exactly once, and New what takes its place.
	Old, New string
	// Room is the package of the test, below backend; "" is that of the file.
	Room string
	// Test is the name of the test, whole.
	Test string
}

const backend = "backend"

// room is the folder of the test, below the root.
func (m mutant) room() string {
	if m.Room != "" {
		return path.Join(backend, m.Room)
	}
	return path.Join(backend, path.Dir(m.File))
}

// named is the test as a reader looks for it.
func (m mutant) named() string { return strings.TrimPrefix(m.room(), backend+"/") + "." + m.Test }

// source is the file of the guard.
func (m mutant) source(root string) string {
	return filepath.Join(root, backend, filepath.FromSlash(m.File))
}

// text is the file without the guard.
func (m mutant) text(root string) (string, error) {
	raw, err := os.ReadFile(m.source(root))
	if err != nil {
		return "", err
	}
	if n := strings.Count(string(raw), m.Old); n != 1 || m.Old == m.New {
		return "", fmt.Errorf("%s has the text of %q %d times, want it once, and something else in its place: write the mutant anew", m.File, m.Guard, n)
	}
	return strings.Replace(string(raw), m.Old, m.New, 1), nil
}
