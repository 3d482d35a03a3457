package gateway

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"sync"
	"time"

	"hoox/backend/trading"
)

// Code is the machine's word for a refusal.
type Code string

// The codes of error answers.
const (
	CodeInvalid     Code = "INVALID"
	CodeForbidden   Code = "FORBIDDEN"
	CodeRateLimited Code = "RATE_LIMITED"
	CodeRefused     Code = "REFUSED"
	CodeRejected    Code = "REJECTED"
	CodeKillSwitch  Code = "KILL_SWITCH"
	CodeUnavailable Code = "UNAVAILABLE"
	CodeDuplicate   Code = "DUPLICATE"
	CodeKeyConflict Code = "KEY_CONFLICT"
	CodeInternal    Code = "INTERNAL"
)

// reply is an answer before it is written.
type reply struct {
	status int
	body   []byte
	// allow, retry and hangUp become headers.
	allow  string
	retry  time.Duration
	hangUp bool
}

type refusal struct {
	Success   bool             `json:"success"`
	Error     string           `json:"error"`
	Code      Code             `json:"code"`
	RequestID trading.SignalID `json:"requestId"`
	Original  json.RawMessage  `json:"original,omitempty"`
	Accounts  []onAccount      `json:"accounts,omitempty"`
}

func refuse(status int, code Code, id trading.SignalID, words string) reply {
	return reply{status: status, body: encode(refusal{Error: words, Code: code, RequestID: id})}
}

// encode marshals a value made of texts; that cannot fail.
func encode(v any) []byte {
	body, err := json.Marshal(v)
	if err != nil {
		panic("gateway: encode an answer: " + err.Error())
	}
	return body
}

// refuseErr maps an error of the vocabulary to its answer. Words of our own faults stay in the log.
func refuseErr(id trading.SignalID, err error) reply {
	words := err.Error()
	var known *trading.Error
	if errors.As(err, &known) {
		words = known.Message
	}
	switch trading.KindOf(err) {
	case trading.Invalid, trading.NotFound:
		return refuse(http.StatusBadRequest, CodeInvalid, id, words)
	case trading.Unauthorized:
		return refuse(http.StatusForbidden, CodeForbidden, id, words)
	case trading.Duplicate:
		return refuse(http.StatusConflict, CodeDuplicate, id, words)
	case trading.Conflict:
		return refuse(http.StatusConflict, CodeKeyConflict, id, words)
	case trading.Refused:
		return refuse(http.StatusUnprocessableEntity, CodeRefused, id, words)
	case trading.Rejected:
		return refuse(http.StatusUnprocessableEntity, CodeRejected, id, words)
	case trading.Halted:
		return refuse(http.StatusServiceUnavailable, CodeKillSwitch, id, words)
	case trading.Limited:
		r := refuse(http.StatusTooManyRequests, CodeRateLimited, id, words)
		r.retry = time.Second
		return r
	case trading.Unknown, trading.Unavailable, trading.Internal:
	}
	return refuse(http.StatusServiceUnavailable, CodeUnavailable, id, "the alert could not be stored: nothing was executed, send it again")
}

// forbidden is the same for a wrong key, no key and a wrong address: a stranger learns nothing.
func forbidden(id trading.SignalID) reply {
	return refuse(http.StatusForbidden, CodeForbidden, id, "Forbidden")
}

func (r reply) write(w http.ResponseWriter) {
	h := w.Header()
	if r.allow != "" {
		h.Set("Allow", r.allow)
	}
	if r.retry > 0 {
		h.Set("Retry-After", strconv.Itoa(int((r.retry+time.Second-1)/time.Second)))
	}
	if r.hangUp {
		h.Set("Connection", "close")
	}
	if len(r.body) > 0 {
		h.Set("Content-Type", "application/json")
	}
	h.Set("Content-Length", strconv.Itoa(len(r.body)))
	w.WriteHeader(r.status)
	_, _ = w.Write(r.body) // the client may be gone; that changes nothing
}

// quiet bounds how often strangers can make us write a log line.
type quiet struct {
	mu     sync.Mutex
	since  time.Time
	lines  int
	silent int
}

// quietLines is the number of log lines about refused strangers in a minute.
const quietLines = 10

// allow tells whether to write a line now, and how many were left out since the last.
func (q *quiet) allow(now time.Time) (silent int, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if now.Sub(q.since) >= time.Minute {
		q.since, q.lines = now, 0
	}
	if q.lines >= quietLines {
		q.silent++
		return 0, false
	}
	q.lines++
	silent, q.silent = q.silent, 0
	return silent, true
}
