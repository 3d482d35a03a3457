package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"hoox/backend/node"
	"hoox/backend/sqlite"
)

const (
	// longestLog is how much of the newest log goes into a support bundle.
	longestLog = 512 << 10
	// longestConfig bounds the configuration file in it.
	longestConfig = 64 << 10
)

// witness tells what it sees of an installation, with everything secret cut out. It needs no running program.
type witness struct {
	config node.Config
	// clean cuts secrets out of a text.
	clean func(string) string
	// shape reads what the ledger is made of.
	shape func(ctx context.Context) (sqlite.Shape, error)
	// home is the folder that is written as ~, "" for none: it has the user's name in it.
	home string

	mu sync.Mutex
	// shown is the bundle that was last shown.
	shown SupportBundle
}

// show remembers what somebody was shown.
func (w *witness) show(b SupportBundle) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.shown = b
}

// seen is what was shown last; false when it was another bundle or none.
func (w *witness) seen(digest string) ([]SupportFile, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.shown.Items, w.shown.Items != nil && w.shown.Digest == digest
}

func newWitness(c node.Config, clean func(string) string, shape func(context.Context) (sqlite.Shape, error)) *witness {
	home, err := os.UserHomeDir()
	if err != nil || len(home) < 2 {
		home = ""
	}
	return &witness{config: c, clean: clean, shape: shape, home: home}
}

// files are what can be told of every installation.
func (w *witness) files(ctx context.Context, findings []finding) []SupportFile {
	return []SupportFile{
		w.file("about.txt", "which program this is", w.about),
		w.file("doctor.txt", "what `hoox doctor` finds", func() (string, error) { return findingsInWords(findings), nil }),
		w.file("config.toml", "the configuration file", w.configuration),
		w.file("ledger.txt", "what the ledger is made of, and how many rows each table has; none of them", func() (string, error) { return w.ledger(ctx) }),
		w.file("hoox.log", "the newest lines of the log", w.log),
	}
}

// file reads one file of the bundle and cleans it, whatever it holds.
func (w *witness) file(name, why string, read func() (string, error)) SupportFile {
	text, err := read()
	if err != nil {
		text += "could not be read: " + err.Error() + "\n"
	}
	return SupportFile{Name: name, Why: why, Text: w.tidy(text)}
}

// tidy cuts out secrets, and the user's name where it is part of a folder.
func (w *witness) tidy(text string) string {
	text = w.clean(text)
	if w.home != "" {
		text = strings.ReplaceAll(text, w.home, "~")
	}
	return text
}

func (w *witness) about() (string, error) {
	a, err := aboutThis(w.config.DataDir)
	return fmt.Sprintf("hoox %s (commit %s)\nSQLite %s, %s, %s, window %v\ndata folder %s\nmarket of the paper accounts %s\n",
		a.Version, a.Commit, a.SQLite, a.Go, a.System, a.Window, a.DataDir, w.config.Paper.Market), err
}

func findingsInWords(list []finding) string {
	var b strings.Builder
	for _, f := range list {
		result := "ok"
		if !f.OK {
			result = "FAULT"
		}
		fmt.Fprintf(&b, "%-5s  %s: %s", result, f.Name, f.Detail)
		if f.Fix != "" {
			b.WriteString(". Fix: " + f.Fix)
		}
		b.WriteString("\n")
	}
	return b.String()
}

func (w *witness) configuration() (string, error) {
	if w.config.File == "" {
		return "There is no configuration file: the defaults and the environment are in force.\n", nil
	}
	f, err := os.Open(w.config.File)
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, longestConfig))
	return string(text), err
}

func (w *witness) ledger(ctx context.Context) (string, error) {
	shape, err := w.shape(ctx)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "schema %d\n\n", shape.Version)
	for _, t := range shape.Tables {
		if t.Rows >= 0 {
			fmt.Fprintf(&b, "%8d rows  %s\n", t.Rows, t.Name)
		}
	}
	b.WriteString("\n")
	for _, t := range shape.Tables {
		if t.Text != "" {
			b.WriteString(t.Text + ";\n\n")
		}
	}
	return b.String(), nil
}

// log is the end of the log, from the beginning of a line.
func (w *witness) log() (string, error) {
	f, err := os.Open(filepath.Join(w.config.DataDir, "logs", "hoox.log"))
	if errors.Is(err, fs.ErrNotExist) {
		return "There is no log yet.\n", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	from := max(info.Size()-longestLog, 0)
	text, err := io.ReadAll(io.NewSectionReader(f, from, longestLog))
	if _, rest, cutOff := strings.Cut(string(text), "\n"); from > 0 && cutOff {
		return rest, err
	}
	return string(text), err
}
