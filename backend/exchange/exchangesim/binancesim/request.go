package binancesim

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// request is one request with its bytes as they came: a signature covers bytes, not meanings.
type request struct {
	method, path string
	key          string
	query, body  string
	// names is every parameter in the order it came; values has the query win over the body.
	names  []string
	values map[string]string
	twice  bool
	broken bool
	now    time.Time
	ip     string
	fault  exchangesim.Fault
}

// mostBody is more than any request of ours needs.
const mostBody = 1 << 20

func readRequest(r *http.Request, now time.Time) (*request, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, mostBody))
	if err != nil {
		return nil, err
	}
	q := &request{
		method: r.Method, path: r.URL.Path, key: r.Header.Get("X-MBX-APIKEY"), query: r.URL.RawQuery, body: string(body),
		values: map[string]string{}, now: now, ip: host(r.RemoteAddr),
	}
	// The body is read first, so that the query, which counts, overwrites it.
	q.read(q.body)
	inBody := len(q.names)
	q.read(q.query)
	q.twice = repeated(q.names[:inBody]) || repeated(q.names[inBody:])
	return q, nil
}

func host(address string) string {
	if i := strings.LastIndexByte(address, ':'); i >= 0 {
		return address[:i]
	}
	return address
}

func (q *request) read(raw string) {
	for raw != "" {
		var pair string
		pair, raw, _ = strings.Cut(raw, "&")
		if pair == "" {
			continue
		}
		name, value, _ := strings.Cut(pair, "=")
		n, badName := url.QueryUnescape(name)
		v, badValue := url.QueryUnescape(value)
		q.broken = q.broken || badName != nil || badValue != nil
		q.names = append(q.names, n)
		q.values[n] = v
	}
}

func repeated(names []string) bool {
	seen := map[string]bool{}
	for _, n := range names {
		if seen[n] {
			return true
		}
		seen[n] = true
	}
	return false
}

func (q *request) text(name string) string { return q.values[name] }

// link is the client id that the request is about, for faults.
func (q *request) link() string {
	for _, name := range []string{"newClientOrderId", "clientAlgoId", "listClientOrderId", "origClientOrderId", "workingClientOrderId"} {
		if v := q.values[name]; v != "" {
			return v
		}
	}
	return ""
}

func missing(name string) *refusal {
	return no(-1102, "Mandatory parameter '"+name+"' was not sent, was empty/null, or malformed.")
}

// must refuses the first of the names that has no value.
func (q *request) must(names ...string) *refusal {
	for _, n := range names {
		if q.values[n] == "" {
			return missing(n)
		}
	}
	return nil
}

// unwanted refuses the first of the names that has a value.
func (q *request) unwanted(names ...string) *refusal {
	for _, n := range names {
		if q.values[n] != "" {
			return no(-1106, "Parameter '"+n+"' sent when not required.")
		}
	}
	return nil
}

var plainNumber = regexp.MustCompile(`^[0-9]{1,20}(\.[0-9]{1,20})?$`)

// amount reads a number that is not negative; absent is zero.
func amount[U any](q *request, name string, into *trading.Num[U]) *refusal {
	raw := q.values[name]
	if raw == "" {
		return nil
	}
	n, err := trading.ParseNum[U](raw)
	if err != nil || !plainNumber.MatchString(raw) {
		return no(-1100, `Illegal characters found in parameter '`+name+`'; legal range is '^([0-9]{1,20})(\.[0-9]{1,20})?$'.`)
	}
	*into = n
	return nil
}

// flag reads "true" or "false"; absent is false.
func (q *request) flag(name string) (bool, *refusal) {
	switch strings.ToLower(q.values[name]) {
	case "":
		return false, nil
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, no(-1102, "Mandatory parameter '"+name+"' was not sent, was empty/null, or malformed.")
}

// whole reads a whole number; absent is what otherwise says.
func (q *request) whole(name string, otherwise int64) (int64, *refusal) {
	raw := q.values[name]
	if raw == "" {
		return otherwise, nil
	}
	n, err := strconv.ParseInt(raw, 10, 64)
	if err != nil || n < 0 {
		return 0, no(-1100, "Illegal characters found in parameter '"+name+"'; legal range is '^[0-9]{1,20}$'.")
	}
	return n, nil
}

// window reads startTime, endTime and limit; span bounds the two times when both are given, zero for no bound.
func (q *request) window(span time.Duration, most int64) (from, to time.Time, limit int, bad *refusal) {
	start, bad := q.whole("startTime", 0)
	if bad != nil {
		return
	}
	end, bad := q.whole("endTime", q.now.UnixMilli())
	if bad != nil {
		return
	}
	n, bad := q.whole("limit", 500)
	if bad != nil {
		return
	}
	switch {
	case end < start:
		bad = no(-4166, "Search window is restricted to recent days only.")
	case span > 0 && start > 0 && q.values["endTime"] != "" && end-start > span.Milliseconds():
		bad = no(-1127, "More than "+strconv.Itoa(int(span.Hours()))+" hours between startTime and endTime.")
	case n > most:
		n = most
	}
	return time.UnixMilli(start), time.UnixMilli(end), int(n), bad
}
