package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
)

// sectionFile is the description that holds the table of guards and tests.
const sectionFile = backend + "/node/doc.go"

const (
	sectionBegins = "// # Guards, and the test that fails without each\n"
	sectionEnds   = "package node\n"
)

const sectionWords = `//
// Each guard below stands between an alert and an order that is doubled, lost, late or forbidden. Under it is the file that
// holds it and the test that fails when it is deleted: ` + "`go run ./build/mutants`" + ` deletes one at a time and looks. With -doc
// it writes this list anew.
//
`

// section is the table as it stands in the description.
func section(all []mutant) string {
	var b strings.Builder
	b.WriteString(sectionBegins + sectionWords)
	for _, m := range all {
		b.WriteString("//\t" + m.Guard + "\n//\t\t" + m.File + "  " + m.named() + "\n")
	}
	return b.String()
}

// withSection is a description with the table that it should have.
func withSection(text string, all []mutant) (string, error) {
	head, rest, found := strings.Cut(text, sectionBegins)
	at := strings.LastIndex(rest, sectionEnds)
	if !found {
		head, at = strings.TrimSuffix(text, sectionEnds)+"//\n", 0
		rest = sectionEnds
	}
	if at < 0 {
		return "", errors.New("the description has a table of guards and no package after it")
	}
	return head + section(all) + rest[at:], nil
}

// writeSection writes the table anew.
func writeSection(root string, all []mutant) error {
	file := filepath.Join(root, filepath.FromSlash(sectionFile))
	raw, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	text, err := withSection(string(raw), all)
	if err != nil || text == string(raw) {
		return err
	}
	return os.WriteFile(file, []byte(text), 0o644)
}
