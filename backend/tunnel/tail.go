package tunnel

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

const (
	// tailLines is how much of a program's output is kept, lineBytes how much of one line.
	tailLines = 200
	lineBytes = 2000
	// rawBytes is how much of a line is looked at, so that a secret is whole where the line is cut.
	rawBytes = 16 << 10
	// shortSecret is what is too short to be cut out without cutting out half of the language.
	shortSecret = 6
)

// tail keeps the last lines, without the secrets. Safe for concurrent use.
type tail struct {
	mu      sync.Mutex
	kept    []string
	secrets []string
	// fresh counts the lines of the program that runs now.
	fresh int
}

// hide has a secret cut out of every line to come, a long one line by line.
func (t *tail) hide(secret string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for line := range strings.Lines(secret) {
		if line = strings.TrimSpace(line); len(line) >= shortSecret && !slices.Contains(t.secrets, line) {
			t.secrets = append(t.secrets, line)
		}
	}
}

var (
	colours = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]")
	// tokens are JSON in base64, which is what Cloudflare's and many others' are.
	tokens = regexp.MustCompile(`eyJ[A-Za-z0-9_+/=.-]{20,}`)
)

// clean cuts secrets and what a terminal would obey out of a line.
func (t *tail) clean(line string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	line = colours.ReplaceAllString(strings.ToValidUTF8(line, "?"), "")
	line = strings.Map(func(r rune) rune {
		if r == '\t' {
			return ' '
		}
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, line)
	for _, s := range t.secrets {
		line = strings.ReplaceAll(line, s, "***")
	}
	return tokens.ReplaceAllString(line, "***")
}

// add keeps one line and returns it as it is kept.
func (t *tail) add(line string) string {
	line = t.clean(line)
	if len(line) > lineBytes {
		line = strings.ToValidUTF8(line[:lineBytes], "") + "…"
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, line)
	t.fresh++
	if len(t.kept) > tailLines {
		t.kept = append([]string(nil), t.kept[len(t.kept)-tailLines:]...)
	}
	return line
}

func (t *tail) lines() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return append([]string{}, t.kept...)
}

// begin notes that another run of the program begins.
func (t *tail) begin() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.fresh = 0
}

// last is the last line of this run that says anything.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := len(t.kept) - 1; i >= max(0, len(t.kept)-t.fresh); i-- {
		if strings.TrimSpace(t.kept[i]) != "" {
			return t.kept[i]
		}
	}
	return ""
}

// lineWriter cuts a stream into lines; what is too long of a line is dropped.
type lineWriter struct {
	sink func(line string)

	mu   sync.Mutex
	part []byte
}

// Write takes everything, so that a program never waits for us.
func (w *lineWriter) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for rest := p; len(rest) > 0; {
		line, after, ended := bytes.Cut(rest, []byte{'\n'})
		w.part = append(w.part, line[:min(len(line), rawBytes-len(w.part))]...)
		rest = after
		if ended {
			w.emit()
		}
	}
	return len(p), nil
}

// flush hands over a last line without an end.
func (w *lineWriter) flush() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.part) > 0 {
		w.emit()
	}
}

func (w *lineWriter) emit() {
	w.sink(strings.TrimRight(string(w.part), "\r"))
	w.part = w.part[:0]
}
