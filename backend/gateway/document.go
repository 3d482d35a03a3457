package gateway

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"

	"hoox/backend/trading"
)

// The bounds of one alert. Nothing real comes near them.
const (
	maxBody  = 64 << 10
	maxDepth = 8
	maxKeys  = 64
	maxItems = 32
	maxText  = 4 << 10
	// maxEcho is the longest unknown field name that an answer repeats before anybody is known to have asked: a longer
	// one may be a key pasted in the wrong place.
	maxEcho = 16
)

type shape uint8

const (
	null shape = iota
	text
	number
	boolean
	array
	object
)

func (s shape) String() string {
	return [...]string{"null", "text", "a number", "true or false", "a list", "an object"}[s]
}

// value is one JSON value with its text exactly as sent. from and to are its bytes in the body, for text only.
type value struct {
	shape    shape
	text     string
	from, to int
	fields   []field
	items    []value
}

// field is one member of an object; from and to are the bytes of its name.
type field struct {
	name     string
	from, to int
	value    value
}

// find is the value of a field, false when it is absent or null.
func (v value) find(name string) (value, bool) {
	for i := range v.fields {
		if v.fields[i].name == name {
			return v.fields[i].value, v.fields[i].value.shape != null
		}
	}
	return value{}, false
}

// parse reads a body as one JSON object within the bounds. It fails with Invalid and words that say what to change; the
// words repeat no value of the body.
func parse(body []byte) (value, error) {
	switch {
	case len(bytes.TrimSpace(body)) == 0:
		return value{}, malformed("the body is empty: put the JSON of the alert into TradingView's message box")
	case bytes.HasPrefix(body, []byte("\xef\xbb\xbf")):
		return value{}, malformed("the body starts with an invisible byte order mark: save the template as plain UTF-8 without BOM")
	case !utf8.Valid(body):
		return value{}, malformed("the body is not UTF-8 text: save the template as UTF-8")
	}
	w := walker{body: body, dec: json.NewDecoder(bytes.NewReader(body))}
	w.dec.UseNumber()
	token, _, err := w.next()
	if err != nil {
		return value{}, err
	}
	if token != json.Delim('{') {
		return value{}, malformed(`the body must be one JSON object such as {"apiKey":"…","action":"LONG",…}`)
	}
	root, err := w.object(1)
	if err != nil {
		return value{}, err
	}
	if _, err := w.dec.Token(); !errors.Is(err, io.EOF) {
		return value{}, malformed("there is more text after the closing }: send one JSON object per alert")
	}
	return root, nil
}

func malformed(format string, args ...any) error {
	return trading.Errorf(trading.Invalid, format, args...)
}

// walker reads tokens and counts what they cost.
type walker struct {
	body []byte
	dec  *json.Decoder
	keys int
	// inside is the field that is being read, for the words of an error.
	inside string
}

// next is the next token and where it starts; its end is the decoder's offset.
func (w *walker) next() (json.Token, int, error) {
	at := w.start()
	token, err := w.dec.Token()
	if err != nil {
		return nil, at, w.explain(w.start(), err)
	}
	if s, ok := token.(string); ok {
		return token, at, w.checkText(s, at)
	}
	return token, at, nil
}

// start is where the next token begins: the decoder stands before the separators.
func (w *walker) start() int {
	at := int(w.dec.InputOffset())
	for at < len(w.body) && strings.IndexByte(" \t\r\n:,", w.body[at]) >= 0 {
		at++
	}
	return at
}

func (w *walker) checkText(s string, at int) error {
	if len(s) > maxText {
		return malformed("%sa text is longer than %d bytes: shorten it", w.in(), maxText)
	}
	raw := w.body[at:w.dec.InputOffset()]
	if strings.ContainsRune(s, utf8.RuneError) && !bytes.Contains(raw, []byte(string(utf8.RuneError))) &&
		!bytes.Contains(bytes.ToLower(raw), []byte(`\ufffd`)) {
		return malformed("%sa text has half a character (a lone \\ud800 escape): remove it", w.in())
	}
	for _, r := range s {
		if unicode.Is(unicode.Cc, r) && r != '\n' && r != '\r' && r != '\t' {
			return malformed("%sa text has the control character U+%04X: remove it", w.in(), r)
		}
	}
	return nil
}

// in names the field an error is about, "" when none is known that may be repeated.
func (w *walker) in() string {
	if w.inside == "" {
		return ""
	}
	return w.inside + ": "
}

func (w *walker) object(depth int) (value, error) {
	if depth > maxDepth {
		return value{}, malformed("the JSON is nested deeper than %d levels", maxDepth)
	}
	out := value{shape: object}
	var folded []string
	for {
		token, at, err := w.next()
		if err != nil {
			return out, err
		}
		if token == json.Delim('}') {
			return out, nil
		}
		name, _ := token.(string)
		end := int(w.dec.InputOffset())
		if w.keys++; w.keys > maxKeys {
			return out, malformed("the JSON has more than %d fields", maxKeys)
		}
		f := fold(name)
		for i, seen := range folded {
			if seen == f {
				return out, twice(out.fields[i].name, name, at)
			}
		}
		folded = append(folded, f)
		w.inside = echo(name)
		v, err := w.value(depth)
		if err != nil {
			return out, err
		}
		out.fields = append(out.fields, field{name: name, from: at, to: end, value: v})
	}
}

func (w *walker) value(depth int) (value, error) {
	token, at, err := w.next()
	if err != nil {
		return value{}, err
	}
	switch t := token.(type) {
	case json.Delim:
		if t == '{' {
			return w.object(depth + 1)
		}
		return w.list(depth + 1)
	case string:
		return value{shape: text, text: t, from: at, to: int(w.dec.InputOffset())}, nil
	case json.Number:
		return value{shape: number, text: t.String()}, nil
	case bool:
		if t {
			return value{shape: boolean, text: "true"}, nil
		}
		return value{shape: boolean, text: "false"}, nil
	}
	return value{shape: null}, nil
}

func (w *walker) list(depth int) (value, error) {
	if depth > maxDepth {
		return value{}, malformed("the JSON is nested deeper than %d levels", maxDepth)
	}
	out := value{shape: array}
	for w.dec.More() {
		if len(out.items) == maxItems {
			return out, malformed("%sa list has more than %d items", w.in(), maxItems)
		}
		v, err := w.value(depth)
		if err != nil {
			return out, err
		}
		out.items = append(out.items, v)
	}
	_, _, err := w.next()
	return out, err
}

func twice(first, second string, at int) error {
	first, second = echo(first), echo(second)
	switch {
	case first == "" || second == "":
		return malformed("a field stands twice, the second time at byte %d: keep one", at)
	case first == second:
		return malformed("the field %q stands twice: keep one", first)
	}
	return malformed("the fields %q and %q differ only in case: keep one", first, second)
}

// echo is a name that may be repeated in an answer, "" for any other.
func echo(name string) string {
	if len(name) > maxEcho && topNames[fold(name)] == "" {
		return ""
	}
	for _, r := range name {
		if !unicode.IsPrint(r) {
			return ""
		}
	}
	return name
}

// fold makes names that differ only in case equal, by the same rule by which Go's own decoder would mix them up.
func fold(name string) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			if 'A' <= r && r <= 'Z' {
				r += 'a' - 'A'
			}
			// K and s have a third form outside ASCII, which maps down to them below.
			return r
		}
		least := r
		for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
			least = min(least, next)
		}
		if 'A' <= least && least <= 'Z' {
			least += 'a' - 'A'
		}
		return least
	}, name)
}

// cut replaces every text that the predicate knows as a secret, in the values and in a copy of the body.
func (v *value) cut(body []byte, clean func(string) string) string {
	var raw strings.Builder
	done := 0
	v.texts(func(s *string, from, to int) {
		better := clean(*s)
		if better == *s {
			return
		}
		*s = better
		quoted, _ := json.Marshal(better) // text always marshals
		raw.Write(body[done:from])
		raw.Write(quoted)
		done = to
	})
	raw.Write(body[done:])
	return raw.String()
}

// texts visits every text, names included, in the order of the body.
func (v *value) texts(visit func(s *string, from, to int)) {
	if v.shape == text {
		visit(&v.text, v.from, v.to)
	}
	for i := range v.fields {
		visit(&v.fields[i].name, v.fields[i].from, v.fields[i].to)
		v.fields[i].value.texts(visit)
	}
	for i := range v.items {
		v.items[i].texts(visit)
	}
}
