package strategy

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"hoox/backend/trading"
)

// maxText bounds what is read; no real strategy is longer.
const maxText = 256 << 10

// object takes a JSON object apart. Keys are known, exactly spelled and there once; place is what an error names.
func object(place string, text []byte, known []string) (map[string]json.RawMessage, error) {
	if len(text) > maxText {
		return nil, trading.FieldError(place, "longer than %d bytes", maxText)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	open, err := d.Token()
	if err != nil || open != json.Delim('{') {
		return nil, trading.FieldError(place, "want a JSON object")
	}
	fields := map[string]json.RawMessage{}
	for d.More() {
		token, err := d.Token()
		key, ok := token.(string)
		if err != nil || !ok {
			return nil, trading.FieldError(place, "this is no JSON: %v", err)
		}
		if !slices.Contains(known, key) {
			return nil, trading.FieldError(under(place, key), "unknown; known are %s", strings.Join(known, ", "))
		}
		if _, twice := fields[key]; twice {
			return nil, trading.FieldError(under(place, key), "there twice: which one counts?")
		}
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return nil, trading.FieldError(under(place, key), "this is no JSON: %v", err)
		}
		fields[key] = value
	}
	if _, err := d.Token(); err != nil {
		return nil, trading.FieldError(place, "this is no JSON: %v", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, trading.FieldError(place, "there is something behind its end")
	}
	return fields, nil
}

func under(place, key string) string {
	if place == "" || place == "strategy" {
		return key
	}
	return place + "." + key
}

// reader reads the fields of one object and keeps the first thing that is wrong.
type reader struct {
	place  string
	fields map[string]json.RawMessage
	err    error
}

func (r *reader) wrong(key, format string, args ...any) {
	if r.err == nil {
		r.err = trading.FieldError(under(r.place, key), format, args...)
	}
}

// take reads one field; false when it is not there. null is refused: it says neither yes nor no.
func (r *reader) take(key string, into any, want string) bool {
	raw, ok := r.fields[key]
	if !ok || r.err != nil {
		return false
	}
	if bytes.Equal(raw, []byte("null")) || json.Unmarshal(raw, into) != nil {
		r.wrong(key, "want %s, had %s", want, short(raw))
		return false
	}
	return true
}

func (r *reader) text(key string, into *string) { r.take(key, into, "text in quotes") }

func (r *reader) yes(key string, into *bool) { r.take(key, into, "true or false") }

// whole reads a number of things, 0 to most.
func (r *reader) whole(key string, most int) int {
	var n json.Number
	raw, ok := r.fields[key]
	if !ok || !r.take(key, &n, "a whole number") {
		return 0
	}
	v, err := strconv.Atoi(n.String())
	if err != nil || v < 0 || v > most || raw[0] == '"' {
		r.wrong(key, "want a whole number from 0, had %s", short(raw))
	}
	return v
}

// decimalOf reads a decimal as text; a bare JSON number is refused, because programs on the way turn those into floats.
func decimalOf[U any](r *reader, key string, parse func(string) (trading.Num[U], error)) trading.Num[U] {
	text := ""
	if !r.take(key, &text, "a decimal number as text, such as \"0.5\"") {
		return trading.Num[U]{}
	}
	n, err := parse(text)
	if err != nil {
		r.wrong(key, "%v", err)
	}
	return n
}

// each reads a list of objects.
func (r *reader) each(key string, known []string, read func(*reader)) {
	var list []json.RawMessage
	if !r.take(key, &list, "a list") {
		return
	}
	for i, raw := range list {
		r.within(key+"["+strconv.Itoa(i)+"]", raw, known, read)
	}
}

// inner reads an object in a field.
func (r *reader) inner(key string, known []string, read func(*reader)) {
	if raw, ok := r.fields[key]; ok && r.err == nil {
		r.within(key, raw, known, read)
	}
}

func (r *reader) within(key string, raw json.RawMessage, known []string, read func(*reader)) {
	if r.err != nil {
		return
	}
	place := under(r.place, key)
	fields, err := object(place, raw, known)
	if err != nil {
		r.err = err
		return
	}
	in := &reader{place: place, fields: fields}
	read(in)
	r.err = in.err
}

func short(raw json.RawMessage) string {
	if len(raw) > 40 {
		return string(raw[:40]) + "…"
	}
	return string(raw)
}
