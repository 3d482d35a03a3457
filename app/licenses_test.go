package app

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// work is a work that go.mod or the lock of the pages names, and where its text is.
type work struct {
	name, version string
	folder        func(t *testing.T) string
}

// goWorks are the modules of go.mod but those that only tests use.
func goWorks(t *testing.T) []work {
	t.Helper()
	text, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	language := regexp.MustCompile(`(?m)^go (\S+)$`).FindStringSubmatch(string(text))
	list := []work{{"Go and its standard library", language[1], func(t *testing.T) string {
		t.Helper()
		root, err := exec.Command("go", "env", "GOROOT").Output()
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(string(root))
	}}}
	for _, m := range regexp.MustCompile(`(?m)^\t(\S+) (v\S+)(?: // (.*))?$`).FindAllStringSubmatch(string(text), -1) {
		name, version := m[1], m[2]
		if strings.HasPrefix(m[3], "tests:") {
			continue
		}
		list = append(list, work{name, version, func(t *testing.T) string {
			t.Helper()
			var found struct{ Dir string }
			out, err := exec.Command("go", "mod", "download", "-json", name+"@"+version).Output()
			if err != nil || json.Unmarshal(out, &found) != nil {
				t.Fatalf("find %s: %v", name, err)
			}
			return found.Dir
		}})
	}
	return list
}

// pageWorks are the packages that the lock of the pages has for more than developing.
func pageWorks(t *testing.T) []work {
	t.Helper()
	text, err := os.ReadFile("../frontend/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	var lock struct {
		Packages map[string]struct {
			Version                                string
			Dev, Optional, DevOptional, Extraneous bool
		}
	}
	if err := json.Unmarshal(text, &lock); err != nil {
		t.Fatal(err)
	}
	var list []work
	for path, p := range lock.Packages {
		name, isPackage := strings.CutPrefix(path, "node_modules/")
		// A package inside another's folder is an older twin of one at the top, on the same terms.
		if !isPackage || p.Dev || p.Optional || p.DevOptional || p.Extraneous || strings.Contains(name, "node_modules/") {
			continue
		}
		list = append(list, work{name, p.Version, func(*testing.T) string { return filepath.Join("../frontend", path) }})
	}
	slices.SortFunc(list, func(a, b work) int { return strings.Compare(a.name, b.name) })
	return list
}

// others are works that neither names.
var others = []licensedWork{{Name: "SQLite", Version: "in github.com/mattn/go-sqlite3", Kind: "public domain"}}

const sqliteTerms = "The authors of SQLite have put it into the public domain: https://sqlite.org/copyright.html\n"

func TestTheLicensesAreThoseOfWhatIsBuiltIn(t *testing.T) {
	works := append(goWorks(t), pageWorks(t)...)
	if *update {
		writeLicenses(t, works)
	}
	book := keptLicenses(t)

	var want, had []string
	for _, w := range works {
		want = append(want, w.name+" "+w.version)
	}
	for _, w := range book.Works[len(others):] {
		had = append(had, w.Name+" "+w.Version)
	}
	if !slices.Equal(had, want) {
		t.Errorf("licenses.json is not current: their terms want to be shown with the program.\nRun go test ./app -run %s -update (with frontend/node_modules there).\nhad  %v\nwant %v", t.Name(), had, want)
	}
	list, err := builtIn()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range list {
		if l.Kind == "" || len(l.Text) < 50 {
			t.Errorf("%s has the licence %q and a text of %d bytes, want both", l.Name, l.Kind, len(l.Text))
		}
		if regexp.MustCompile(`GPL|AGPL|SSPL`).MatchString(l.Kind) {
			t.Errorf("%s is under %s, which does not go with ours", l.Name, l.Kind)
		}
	}
}

func keptLicenses(t *testing.T) licenseBook {
	t.Helper()
	text, err := os.ReadFile("licenses.json")
	if err != nil {
		t.Fatal(err)
	}
	var book licenseBook
	if err := json.Unmarshal(text, &book); err != nil {
		t.Fatal(err)
	}
	return book
}

func writeLicenses(t *testing.T, works []work) {
	t.Helper()
	book := licenseBook{Works: slices.Clone(others), Texts: []string{sqliteTerms}}
	for _, w := range works {
		text := termsIn(t, w)
		place := slices.Index(book.Texts, text)
		if place < 0 {
			place = len(book.Texts)
			book.Texts = append(book.Texts, text)
		}
		book.Works = append(book.Works, licensedWork{w.name, w.version, kindOf(text), place})
	}
	text, err := json.MarshalIndent(book, "", " ")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("licenses.json", append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// termsIn is the text of the licence files of a work, and its notices.
func termsIn(t *testing.T, w work) string {
	t.Helper()
	folder := w.folder(t)
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	for _, e := range entries {
		if !e.IsDir() && regexp.MustCompile(`(?i)^(licen[cs]e|copying|notice|unlicense)`).MatchString(e.Name()) {
			part, err := os.ReadFile(filepath.Join(folder, e.Name()))
			if err != nil {
				t.Fatal(err)
			}
			text.WriteString(strings.TrimSpace(strings.ReplaceAll(string(part), "\r\n", "\n")) + "\n")
		}
	}
	// Of the two licences that FreeType offers we take its own, whose text lies deeper.
	if part, err := os.ReadFile(filepath.Join(folder, "licenses", "ftl.txt")); err == nil {
		text.WriteString(strings.TrimSpace(strings.ReplaceAll(string(part), "\r\n", "\n")) + "\n")
	}
	if text.Len() == 0 {
		return declared(folder)
	}
	return text.String()
}

// declared is what a package without a licence file says in its description.
func declared(folder string) string {
	var p struct {
		License string
		Author  any
	}
	text, err := os.ReadFile(filepath.Join(folder, "package.json"))
	if err != nil || json.Unmarshal(text, &p) != nil || p.License == "" {
		return ""
	}
	author, _ := json.Marshal(p.Author)
	return "Licence: " + p.License + ". The package has no text of it; its author is " + string(author) + ".\n"
}

// kindOf names a licence by words that only it has.
func kindOf(text string) string {
	flat := strings.Join(strings.Fields(text), " ")
	for _, k := range []struct{ words, kind string }{
		{"public domain: https://sqlite.org", "public domain"},
		{"The FreeType Project LICENSE", "FTL"},
		{"Apache License", "Apache-2.0"},
		{"Mozilla Public License", "MPL-2.0"},
		{"SIL OPEN FONT LICENSE", "OFL-1.1"},
		{"free and unencumbered", "Unlicense"},
		{"Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee", "ISC"},
		{"Permission to use, copy, modify, and distribute this software for any purpose with or without fee", "ISC"},
		{"Neither the name", "BSD-3-Clause"},
		{"names of its contributors", "BSD-3-Clause"},
		{"Redistributions in binary form", "BSD-2-Clause"},
		{"Permission is hereby granted, free of charge", "MIT"},
		{"Licence: MIT", "MIT"},
		{"Licence: 0BSD", "0BSD"},
	} {
		if strings.Contains(flat, k.words) {
			return k.kind
		}
	}
	return ""
}
