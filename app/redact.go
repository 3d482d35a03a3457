package app

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/url"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// cut stands where a secret was.
const cut = "•••"

// shortestSecret is the shortest value that is looked for in the log; a shorter one would garble ordinary words.
const shortestSecret = 8

// redactor cuts secrets out of everything that is written through it: values that are known, and what looks like one.
// It works on the finished line, so that no path into the log is forgotten. Safe for concurrent use.
type redactor struct {
	to io.Writer
	// fresh brings known up to date before a line is written; nil for nothing to do.
	fresh func()

	mu    sync.RWMutex
	known []string
}

// know adds a secret value, in every form in which it may be written.
func (r *redactor) know(secret string) {
	if len(secret) < shortestSecret {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, form := range formsOf(secret) {
		if !slices.Contains(r.known, form) {
			r.known = append(r.known, form)
		}
	}
}

// shortestRun is the length from which a part of a secret between characters that are escaped is looked for by itself: an
// error inside an error inside JSON is escaped more than once.
const shortestRun = 16

// formsOf is a secret as it is, inside JSON, in a form, in an address, and its long parts.
func formsOf(secret string) []string {
	// Without its end base64 is found whatever it was filled up with.
	forms := []string{
		secret, url.QueryEscape(secret), url.PathEscape(secret),
		base64.RawStdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
		hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret))),
	}
	if escaped, err := json.Marshal(secret); err == nil {
		forms = append(forms, string(escaped[1:len(escaped)-1]))
	}
	for _, run := range strings.FieldsFunc(secret, func(c rune) bool {
		return c != '-' && c != '_' && c != '.' && c != '~' && !unicode.IsDigit(c) && !unicode.IsLetter(c)
	}) {
		if len(run) >= shortestRun {
			forms = append(forms, run)
		}
	}
	return forms
}

// without is a text without the secrets that are known.
func (r *redactor) without(text string) string {
	r.mu.RLock()
	defer r.mu.RUnlock()
	for _, secret := range r.known {
		text = strings.ReplaceAll(text, secret, cut)
	}
	return text
}

// clean is a text without secrets.
func (r *redactor) clean(text string) string { return unshaped(r.without(text)) }

// Write writes one line without its secrets and claims the length of the line it was given.
func (r *redactor) Write(line []byte) (int, error) {
	if r.fresh != nil {
		r.fresh()
	}
	if _, err := io.WriteString(r.to, r.clean(string(line))); err != nil {
		return 0, err
	}
	return len(line), nil
}
