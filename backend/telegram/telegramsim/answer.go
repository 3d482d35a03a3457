package telegramsim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
)

// no is a refusal in the server's words.
type no struct {
	code  int
	words string
	// retry is after how many seconds to come back, moved where a group has gone.
	retry, moved int64
}

func bad(words string) *no { return &no{code: http.StatusBadRequest, words: "Bad Request: " + words} }
func forbidden(words string) *no {
	return &no{code: http.StatusForbidden, words: "Forbidden: " + words}
}
func conflict(words string) *no { return &no{code: http.StatusConflict, words: "Conflict: " + words} }

func flooded(seconds int64) *no {
	return &no{code: http.StatusTooManyRequests, words: fmt.Sprintf("Too Many Requests: retry after %d", seconds), retry: seconds}
}

// object is JSON that is made by hand.
type object = map[string]any

// page is a whole answer.
type page struct {
	status int
	kind   string
	retry  int64
	body   []byte
}

// answer makes a page of what came of a request.
func answer(result any, refusal *no) page {
	if refusal == nil {
		return page{status: http.StatusOK, kind: "application/json", body: encode(object{"ok": true, "result": result})}
	}
	body := object{"ok": false, "error_code": refusal.code, "description": refusal.words}
	more := object{}
	if refusal.retry > 0 {
		more["retry_after"] = refusal.retry
	}
	if refusal.moved != 0 {
		more["migrate_to_chat_id"] = refusal.moved
	}
	if len(more) > 0 {
		body["parameters"] = more
	}
	return page{status: refusal.code, kind: "application/json", retry: refusal.retry, body: encode(body)}
}

// encode writes JSON; everything we make can be written.
func encode(v any) []byte {
	out, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return out
}

func (p page) write(w http.ResponseWriter) {
	w.Header().Set("Content-Type", p.kind)
	w.Header().Set("Content-Length", strconv.Itoa(len(p.body)))
	if p.retry > 0 {
		w.Header().Set("Retry-After", strconv.FormatInt(p.retry, 10))
	}
	w.WriteHeader(p.status)
	_, _ = w.Write(p.body) // a client that has gone hears nothing
}

// raw is the answer byte for byte, so that it can be cut anywhere.
func (p page) raw() []byte {
	head := fmt.Sprintf("HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n", p.status, http.StatusText(p.status), p.kind, len(p.body))
	return append([]byte(head), p.body...)
}
