package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"

	"hoox/backend/trading"
)

const (
	// largestBody bounds one request to the control interface.
	largestBody = 1 << 20
	// largestLogBody bounds one that carries a log of alerts, whose quotes count twice as JSON.
	largestLogBody = 2*largestLog + largestBody
)

// route is one callable method.
type route struct {
	// name is "Signals.List".
	name     string
	request  reflect.Type
	response reflect.Type
	call     reflect.Value
}

var errorType = reflect.TypeFor[error]()

// routesOf lists every exported method of the services. A method that is no request in, answer and error out is our
// mistake and panics: it would be callable from the window and mean something else there.
func routesOf(s *services) []route {
	var list []route
	for _, service := range s.all() {
		v := reflect.ValueOf(service)
		for m := range v.Type().Methods() {
			call := v.MethodByName(m.Name)
			t := call.Type()
			name := v.Type().Elem().Name() + "." + m.Name
			if t.NumIn() != 1 || t.NumOut() != 2 || t.In(0).Kind() != reflect.Struct || t.Out(0).Kind() != reflect.Struct || t.Out(1) != errorType {
				panic("app: " + name + " is no request in, answer and error out")
			}
			list = append(list, route{name: name, request: t.In(0), response: t.Out(0), call: call})
		}
	}
	return list
}

// tableOf finds routes by their path below /api/.
func tableOf(s *services) map[string]route {
	table := map[string]route{}
	for _, r := range routesOf(s) {
		table[strings.Replace(r.name, ".", "/", 1)] = r
	}
	return table
}

// largest bounds the request of the method.
func (r route) largest() int64 {
	if r.request == reflect.TypeFor[CompareLog]() {
		return largestLogBody
	}
	return largestBody
}

// invoke calls the method with the JSON of its request.
func (r route) invoke(body []byte) (any, error) {
	request := reflect.New(r.request)
	if err := decodeStrictly(body, request.Interface()); err != nil {
		return nil, err
	}
	out := r.call.Call([]reflect.Value{request.Elem()})
	if err, ok := out[1].Interface().(error); ok {
		return nil, err
	}
	return out[0].Interface(), nil
}

// decodeStrictly reads one JSON object and nothing after it; a field that is not known is refused, because it was meant
// for something.
func decodeStrictly(body []byte, into any) error {
	if len(bytes.TrimSpace(body)) == 0 {
		body = []byte("{}")
	}
	if name, twice := repeatedField(body); twice {
		return &failure{Fault{Kind: string(trading.Invalid), Field: name, Message: fmt.Sprintf("the field %q stands more than once", name)}}
	}
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return invalidJSON(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return &failure{Fault{Kind: string(trading.Invalid), Message: "the body has something after its JSON object"}}
	}
	return nil
}

// repeatedField finds a name that an object of the body has twice, in whatever case: the decoder would take the last, and
// a reader of the request may have taken the first. Broken JSON is left to the decoder.
func repeatedField(body []byte) (name string, twice bool) {
	d := json.NewDecoder(bytes.NewReader(body))
	d.UseNumber()
	type level struct {
		names map[string]bool
		value bool // the next text is a value, not a name
	}
	var open []level
	for {
		token, err := d.Token()
		if err != nil {
			return "", false
		}
		if mark, ok := token.(json.Delim); ok && (mark == '}' || mark == ']') {
			open = open[:len(open)-1]
			continue
		}
		if n := len(open); n > 0 && open[n-1].names != nil {
			inside := &open[n-1]
			if text, ok := token.(string); ok && !inside.value {
				if inside.names[strings.ToLower(text)] {
					return text, true
				}
				inside.names[strings.ToLower(text)], inside.value = true, true
				continue
			}
			inside.value = false
		}
		switch token {
		case json.Delim('{'):
			open = append(open, level{names: map[string]bool{}})
		case json.Delim('['):
			open = append(open, level{})
		}
	}
}

func invalidJSON(err error) error {
	fault := Fault{Kind: string(trading.Invalid), Message: "the body is no JSON object of this request"}
	var wrong *json.UnmarshalTypeError
	var broken *json.SyntaxError
	switch {
	case errors.As(err, &wrong):
		fault.Field = wrong.Field
		fault.Message = fmt.Sprintf("%s must be %s, not %s", orWord(wrong.Field, "the body"), article(jsonWord(wrong.Type)), article(wrong.Value))
	case errors.As(err, &broken):
		fault.Message = fmt.Sprintf("the body is no JSON: %v at byte %d", broken, broken.Offset)
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		name := strings.Trim(strings.TrimPrefix(err.Error(), "json: unknown field "), `"`)
		fault.Field, fault.Message = name, fmt.Sprintf("there is no field %q in this request", name)
	}
	return &failure{fault}
}

// article puts a or an before a word.
func article(word string) string {
	if word != "" && strings.ContainsRune("aeiou", rune(word[0])) {
		return "an " + word
	}
	return "a " + word
}

func jsonWord(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "boolean"
	case reflect.String:
		return "text"
	case reflect.Int, reflect.Int64, reflect.Uint64:
		return "whole number"
	case reflect.Slice:
		return "list"
	default:
		return "object"
	}
}

func orWord(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}

// writeJSON answers with a value as JSON.
func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.Marshal(v)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"kind":"internal","message":"the answer could not be written","ref":"","field":""}`)
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(append(body, '\n')) // a client that is gone cannot be told
}

// refuse answers with a fault.
func refuse(w http.ResponseWriter, status int, kind trading.Kind, format string, args ...any) {
	writeJSON(w, status, Fault{Kind: string(kind), Message: fmt.Sprintf(format, args...)})
}
