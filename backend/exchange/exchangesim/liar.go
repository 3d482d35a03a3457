package exchangesim

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Liar stands before an exchange and answers the requests that it is told to with anything at all; what they ask for is not
// done then. It is safe for concurrent use.
type Liar struct {
	// Real is the exchange, URL where the liar answers.
	Real http.Handler
	URL  string

	mu     sync.Mutex
	about  []string
	status int
	body   []byte
	told   int
}

// StartLiar puts a liar before an exchange until the test ends.
func StartLiar(t testing.TB, real http.Handler) *Liar {
	l := &Liar{Real: real}
	server := httptest.NewServer(l)
	t.Cleanup(server.Close)
	l.URL = server.URL
	return l
}

// Lie answers every request about one of the subjects ("POST /v5/order/create"), and about what is below one, with status and
// body.
func (l *Liar) Lie(status int, body []byte, subjects ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.about, l.status, l.body, l.told = subjects, status, body, 0
}

// Told is how many lies were told since the last Lie, which is over now.
func (l *Liar) Told() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.about = nil
	return l.told
}

// ServeHTTP lies or lets the exchange answer.
func (l *Liar) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	l.mu.Lock()
	lies := slices.ContainsFunc(l.about, func(subject string) bool {
		method, path, _ := strings.Cut(subject, " ")
		return r.Method == method && (r.URL.Path == path || strings.HasPrefix(r.URL.Path, path+"/"))
	})
	status, body := l.status, l.body
	if lies {
		l.told++
	}
	l.mu.Unlock()
	if !lies {
		l.Real.ServeHTTP(w, r)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
