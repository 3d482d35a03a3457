package app

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"strings"

	"hoox/backend/sqlite"
)

// licensesText names every work that is built in, with its terms. It is generated from go.mod and the lock of the pages;
// see TestTheLicensesAreThoseOfWhatIsBuiltIn.
//
//go:embed licenses.json
var licensesText []byte

// licenseBook is licensesText taken apart. Works that have the same text share it.
type licenseBook struct {
	Works []licensedWork `json:"works"`
	Texts []string       `json:"texts"`
}

// licensedWork is one work; Text is the place of its text in the book.
type licensedWork struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Kind    string `json:"kind"`
	Text    int    `json:"text"`
}

// builtIn lists the works that are built in.
func builtIn() ([]License, error) {
	var book licenseBook
	if err := json.Unmarshal(licensesText, &book); err != nil {
		return nil, fmt.Errorf("read the licences: %w", err)
	}
	list := make([]License, 0, len(book.Works))
	for _, w := range book.Works {
		if w.Text < 0 || w.Text >= len(book.Texts) {
			return nil, fmt.Errorf("read the licences: %s has no text", w.Name)
		}
		list = append(list, License{Name: w.Name, Version: w.Version, Kind: w.Kind, Text: book.Texts[w.Text]})
	}
	return list, nil
}

func aboutThis(dataDir string) (About, error) {
	licenses, err := builtIn()
	return About{
		Version: version, Commit: commit, SQLite: sqlite.Version(), Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Window: hasWindow, DataDir: dataDir, Licenses: licenses,
	}, err
}

// printLicenses writes every work and every text once.
func printLicenses(sh *shell) error {
	list, err := builtIn()
	if err != nil {
		return err
	}
	return sh.show(list, func(w io.Writer) {
		t := columns("work", "version", "licence")
		of, texts := map[string][]string{}, []string{}
		for _, l := range list {
			t.add(l.Name, l.Version, l.Kind)
			if of[l.Text] == nil {
				texts = append(texts, l.Text)
			}
			of[l.Text] = append(of[l.Text], l.Name)
		}
		t.print(w)
		for _, text := range texts {
			fmt.Fprintf(w, "\n==> %s\n\n%s", strings.Join(of[text], ", "), text)
		}
	})
}
