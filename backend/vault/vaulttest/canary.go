// Package vaulttest finds secrets where none may be: a test sets canaries as the secrets of a program, has it do everything it
// can do, and looks at all it wrote and said.
package vaulttest

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	// Every run of window characters of a canary counts as a leak; runs begin every step characters, so that whatever repeats
	// window+step-1 characters of it is found.
	window = 12
	step   = 4
)

// Canary is a value that stands for a secret.
type Canary struct{ Name, Value string }

// New makes a canary that is like nothing else, the same for the same name. The characters at its end look another way inside
// JSON, an address or a form.
func New(name string) Canary {
	sum := sha256.Sum256([]byte("canary " + name))
	return Canary{name, base64.RawURLEncoding.EncodeToString(sum[:24]) + `+/"=&% `[:5] + "Zz"}
}

// Plain is a canary without such characters, for where a secret may not have them.
func Plain(name string) Canary {
	c := New(name)
	return Canary{name, c.Value[:32]}
}

// Canaries are all that a test has set.
type Canaries []Canary

// needle is a part of a canary in one of the forms in which it may appear.
type needle struct{ canary, form string }

// haystack knows every needle by its text, and which two bytes one may begin with.
type haystack struct {
	needles map[[window]byte]needle
	begins  [1 << 16]bool
}

func begin(text []byte) int { return int(text[0])<<8 | int(text[1]) }

// needles are the forms: as it is, inside JSON, in an address, in hex, in both kinds of base64 at every alignment.
func (c Canaries) needles() *haystack {
	h := &haystack{needles: map[[window]byte]needle{}}
	add := func(canary, form, text string) {
		if len(text) < window {
			return
		}
		for _, at := range append(every(len(text)-window), len(text)-window) {
			part := [window]byte([]byte(text[at : at+window]))
			if _, known := h.needles[part]; !known {
				h.needles[part] = needle{canary, form}
				h.begins[begin(part[:])] = true
			}
		}
	}
	for _, one := range c {
		add(one.Name, "as it is", one.Value)
		if inside, err := json.Marshal(one.Value); err == nil {
			add(one.Name, "inside JSON", strings.Trim(string(inside), `"`))
		}
		add(one.Name, "in a form", url.QueryEscape(one.Value))
		add(one.Name, "in an address", url.PathEscape(one.Value))
		add(one.Name, "in hex", hex.EncodeToString([]byte(one.Value)))
		add(one.Name, "in capital hex", strings.ToUpper(hex.EncodeToString([]byte(one.Value))))
		for shift := range 3 {
			// What stands before it in the same base64 shifts its bits; the first and last characters belong to its neighbours too.
			padded := strings.Repeat("x", shift) + one.Value
			for form, coding := range map[string]*base64.Encoding{"in base64": base64.RawStdEncoding, "in base64 for addresses": base64.RawURLEncoding} {
				text := coding.EncodeToString([]byte(padded))
				add(one.Name, form, text[2*shift:len(text)-2])
			}
		}
	}
	return h
}

// every is where parts begin, up to the last place where one can.
func every(last int) []int {
	var list []int
	for at := 0; at <= last; at += step {
		list = append(list, at)
	}
	return list
}

// Find tells which canaries are in some bytes, and in which form; nothing when none is.
func (c Canaries) Find(data []byte) []string {
	var found []string
	seen := map[needle]bool{}
	h := c.needles()
	for at := 0; at+window <= len(data); at++ {
		if !h.begins[begin(data[at:])] {
			continue
		}
		n, ok := h.needles[[window]byte(data[at:at+window])]
		if !ok || seen[n] {
			continue
		}
		seen[n] = true
		from, to := max(0, at-80), min(len(data), at+window+20)
		found = append(found, fmt.Sprintf("%s (%s) at byte %d: …%q…", n.canary, n.form, at, data[from:to]))
	}
	return found
}

// Clean fails the test when a canary is in some bytes.
func (c Canaries) Clean(t testing.TB, what string, data []byte) {
	t.Helper()
	for _, leak := range c.Find(data) {
		t.Errorf("%s holds %s", what, leak)
	}
}

// CleanFolder fails the test when a canary is in a file of a folder, or in its name; it returns how many it looked at. Files
// that may hold one are named, as paths inside the folder.
func (c Canaries) CleanFolder(t testing.TB, dir string, but ...string) int {
	t.Helper()
	files := 0
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		for _, allowed := range but {
			if filepath.ToSlash(name) == allowed {
				return nil
			}
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		c.Clean(t, name, append([]byte(name+"\n"), data...))
		return nil
	})
	if err != nil {
		t.Errorf("look at %s: %v", dir, err)
	}
	return files
}
