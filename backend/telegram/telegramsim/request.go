package telegramsim

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
)

// maxRequest is the most that is read of one request.
const maxRequest = 60 << 20

// request is what somebody asked for, in whichever form it came.
type request struct {
	method string
	args   map[string]string
	files  map[string][]byte
}

// number reads a whole number; 0 when it is none.
func number(text string) int64 {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0
	}
	return n
}

func (r request) number(name string) int64 { return number(r.args[name]) }
func (r request) chat() int64              { return r.number("chat_id") }
func (r request) flag(name string) bool {
	return r.args[name] == "true" || r.args[name] == "True" || r.args[name] == "1"
}

// parse reads the arguments out of the address and the body.
func parse(method string, r *http.Request) (request, error) {
	out := request{method: method, args: map[string]string{}, files: map[string][]byte{}}
	out.values(r.URL.Query())
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest))
	if err != nil || len(body) == 0 {
		return out, err
	}
	kind, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		return out, err
	}
	switch kind {
	case "application/json":
		return out, out.object(body)
	case "application/x-www-form-urlencoded":
		values, err := url.ParseQuery(string(body))
		out.values(values)
		return out, err
	case "multipart/form-data":
		return out, out.form(body, params["boundary"])
	}
	return out, errors.New("content type " + kind + " is not understood")
}

func (r request) values(v url.Values) {
	for name := range v {
		r.args[name] = v.Get(name)
	}
}

// object takes JSON: texts as they are, everything else as JSON.
func (r request) object(body []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return err
	}
	for name, raw := range fields {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		r.args[name] = text
	}
	return nil
}

func (r request) form(body []byte, boundary string) error {
	parts := multipart.NewReader(bytes.NewReader(body), boundary)
	for {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		data, err := io.ReadAll(p)
		if err != nil {
			return err
		}
		if p.FileName() != "" {
			r.files[p.FormName()] = data
			continue
		}
		r.args[p.FormName()] = string(data)
	}
}
