package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// explain says in a trader's words why the body stopped being JSON at a byte.
func (w *walker) explain(at int, err error) error {
	rest := w.body[at:]
	if hint := w.hint(at, rest); hint != "" {
		return malformed("%s%s", w.in(), hint)
	}
	var syntax *json.SyntaxError
	switch {
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), len(rest) == 0:
		return malformed("%sthe JSON ends too early: a closing \" or } is missing", w.in())
	case errors.As(err, &syntax) && strings.Contains(syntax.Error(), "in string literal"):
		return malformed("%sa text contains a raw line break or control character: write \\n instead", w.in())
	case errors.As(err, &syntax) && strings.Contains(syntax.Error(), "escape code"):
		return malformed("%sa text has a backslash that escapes nothing: write \\\\ for one backslash", w.in())
	case errors.As(err, &syntax) && strings.Contains(syntax.Error(), "after"):
		return malformed("%sa comma, colon or bracket is missing near byte %d", w.in(), at)
	}
	return malformed("%snot valid JSON at byte %d: check quotes, commas and brackets there", w.in(), at)
}

func (w *walker) hint(at int, rest []byte) string {
	if name := placeholder(string(w.around(at))); name != "" {
		return "TradingView left " + name + " unfilled: this alert kind has no such value, remove it or use another"
	}
	for _, quote := range []string{"“", "”", "„", "‟", "‘", "’", "«", "»"} {
		if bytes.HasPrefix(rest, []byte(quote)) {
			return "curly quotes (" + quote + ") are not JSON: retype them as straight quotes (\")"
		}
	}
	if len(rest) > 0 {
		switch c := rest[0]; {
		case c == '\'':
			return `single quotes are not JSON: use straight double quotes (")`
		case (c == '}' || c == ']') && w.before(at) == ',':
			return "remove the comma before the closing " + string(c)
		case c == '+' || c == '.':
			return "write the number with a digit first, such as 0.5"
		case c == '/' || c == '#':
			return "comments are not JSON: remove them"
		}
	}
	if word := bareWord(rest); word != "" {
		if notNumber(word) {
			return word + " is not a number: the indicator had no value when the alert fired"
		}
		if w.before(at) == 0 {
			return "the body is not JSON: it must start with { and end with }"
		}
		return `a word stands without quotes: put it in straight double quotes (")`
	}
	return ""
}

// around is what stands at a byte, with a brace before it: of "{{close}}" the first brace opens an object.
func (w *walker) around(at int) []byte {
	if at > 0 && w.body[at-1] == '{' {
		at--
	}
	if !bytes.HasPrefix(w.body[at:], []byte("{{")) {
		return nil
	}
	return w.body[at:]
}

// before is the last byte that is no space before a byte.
func (w *walker) before(at int) byte {
	left := bytes.TrimRight(w.body[:at], " \t\r\n")
	if len(left) == 0 {
		return 0
	}
	return left[len(left)-1]
}

// bareWord is the unquoted word that a text starts with, at most a few letters of it.
func bareWord(rest []byte) string {
	end := 0
	if len(rest) > 1 && rest[0] == '-' && rest[1] > '9' {
		end = 1
	}
	for end < len(rest) && end < maxEcho {
		c := rest[end] | 0x20
		if (c < 'a' || c > 'z') && rest[end] != '/' {
			break
		}
		end++
	}
	switch word := string(rest[:end]); word {
	case "true", "false", "null":
		return ""
	default:
		return word
	}
}

// notNumber tells the words that platforms print in place of a number.
func notNumber(word string) bool {
	switch strings.ToLower(strings.TrimLeft(word, "+-")) {
	case "nan", "n/a", "na", "inf", "infinity", "none", "undefined", "∅":
		return true
	}
	return false
}

// maxPlaceholder is a little more than the longest name TradingView has; longer text between braces is not repeated.
const maxPlaceholder = 40

// placeholder is the first TradingView placeholder in a text that was not filled in, "" when there is none.
func placeholder(s string) string {
	open := strings.Index(s, "{{")
	if open < 0 {
		return ""
	}
	shut := strings.Index(s[open:], "}}")
	if shut < 0 || shut > maxPlaceholder {
		return ""
	}
	return s[open : open+shut+2]
}
