package mexcsim

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"hoox/backend/exchange/exchangesim"
)

// Key is what the exchange thinks of the API key just now. The zero value is a key that may do everything.
type Key struct {
	// Revoked is a key that is known no more, Expired one that is too old, and WrongIP one that may not come from here.
	Revoked, Expired, WrongIP bool
	// NoRead and NoTrade take permissions away; WithCode answers with another code than the usual one.
	NoRead, NoTrade bool
	WithCode        int
}

// answer is what a request is answered with.
type answer struct {
	status int
	body   any
}

// call is one request with what was read of it.
type call struct {
	*http.Request
	query url.Values
	body  string
	// object is a JSON object in the body, list a JSON array; numbers keep their digits.
	object map[string]any
	list   []any
	fault  exchangesim.Fault
}

// route is one thing that can be asked for.
type route struct {
	pattern string
	// needs is what the key must be allowed to: "" for nothing at all, "key" to be known without a signature.
	needs string
	// most in span is the limit.
	most int
	span time.Duration
	act  func(*call) answer
}

// door is what both façades share: reading, faults, limits, streams.
type door struct {
	streams
	candles candles
	core    *exchangesim.Core
	options Options
	routes  *http.ServeMux
	stop    func()
	// refuse makes a refusal of the façade's kind.
	refuse func(code int, text string) answer
	// hasty answers what comes too fast.
	hasty answer
	// allow says why a request may not be carried out.
	allow func(c *call, needs string) (answer, bool)
	// before is done ahead of every request.
	before func()
	// link is the client order id of a request, "" if it has none; create is the path that places orders.
	link func(*call) string

	keyMu sync.Mutex
	key   Key

	paceMu sync.Mutex
	pace   map[string][]time.Time
	over   int
}

// SetKey changes what the exchange thinks of the key from now on.
func (d *door) SetKey(k Key) {
	d.keyMu.Lock()
	defer d.keyMu.Unlock()
	d.key = k
}

func (d *door) keyNow() Key {
	d.keyMu.Lock()
	defer d.keyMu.Unlock()
	return d.key
}

// TooFrequent is how many requests came faster than the limits allow, whether they were refused for it or not.
func (d *door) TooFrequent() int {
	d.paceMu.Lock()
	defer d.paceMu.Unlock()
	return d.over
}

// Close cuts the streams, waits for them and hears no more of the core, which stays open.
func (d *door) Close() {
	d.stop()
	d.shut()
	d.DropStreams()
	d.served.Wait()
}

// ServeHTTP answers one request.
func (d *door) ServeHTTP(w http.ResponseWriter, r *http.Request) { d.routes.ServeHTTP(w, r) }

func (d *door) add(list []route) {
	for _, t := range list {
		d.routes.HandleFunc(t.pattern, func(w http.ResponseWriter, r *http.Request) { d.enter(w, r, t) })
	}
}

// enter reads, checks, carries out and answers one request, with whatever goes wrong on the way.
func (d *door) enter(w http.ResponseWriter, r *http.Request, t route) {
	c := &call{Request: r, query: r.URL.Query()}
	raw, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return
	}
	c.read(string(raw))
	link := d.link(c)
	if creates(r) {
		d.core.CountCreate(link)
	}
	c.fault = d.core.Fault(r.URL.Path, link)
	if c.fault.LoseRequest {
		panic(http.ErrAbortHandler)
	}
	d.before()
	var a answer
	if !c.fault.Refuse {
		a = d.decide(c, t)
		if c.fault.Twice {
			a = d.decide(c, t)
		}
	}
	d.reply(w, c, a)
}

// creates tells whether a request asks for an order.
func creates(r *http.Request) bool {
	switch r.URL.Path {
	case "/api/v1/private/order/create", "/api/v1/private/order/submit", "/api/v3/order":
		return r.Method == http.MethodPost
	}
	return false
}

// read takes a JSON body apart; a body that is none leaves both shapes empty.
func (c *call) read(body string) {
	c.body = body
	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()
	var v any
	if body == "" || d.Decode(&v) != nil {
		return
	}
	switch v := v.(type) {
	case map[string]any:
		c.object = v
	case []any:
		c.list = v
	}
}

// decide carries a request out, or says why not.
func (d *door) decide(c *call, t route) answer {
	if t.needs != "" {
		if a, no := d.allow(c, t.needs); no {
			return a
		}
	}
	if d.hurried(t) && d.options.Limits {
		return d.hasty
	}
	return t.act(c)
}

// hurried counts a request and tells whether it came too fast.
func (d *door) hurried(t route) bool {
	if t.most == 0 {
		return false
	}
	d.paceMu.Lock()
	defer d.paceMu.Unlock()
	now := d.now()
	kept := d.pace[t.pattern][:0]
	for _, at := range d.pace[t.pattern] {
		if now.Sub(at) < t.span {
			kept = append(kept, at)
		}
	}
	d.pace[t.pattern] = kept
	if len(kept) >= t.most {
		d.over++
		return true
	}
	d.pace[t.pattern] = append(kept, now)
	return false
}

func (d *door) reply(w http.ResponseWriter, c *call, a answer) {
	f := c.fault
	if f.LoseAnswer {
		panic(http.ErrAbortHandler)
	}
	if f.Delay > 0 {
		t := time.NewTimer(f.Delay)
		defer t.Stop()
		select {
		case <-t.C:
		case <-c.Context().Done():
			return
		}
	}
	if f.Banned {
		f.Status = http.StatusTeapot
	}
	if f.Status != 0 {
		d.page(w, f)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	if f.Code != 0 {
		a = d.refuse(f.Code, textOr(f.Text, "fault"))
	}
	if a.status == http.StatusTooManyRequests {
		w.Header().Set("Retry-After", "1")
	}
	if a.status != 0 {
		w.WriteHeader(a.status)
	}
	switch {
	case f.Body != nil:
		io.WriteString(w, *f.Body)
	case f.Huge:
		io.WriteString(w, `{"success":true,"code":0,"data":"`+strings.Repeat("x", 2<<20)+`"}`)
	default:
		w.Write(encode(a.body))
	}
}

// page is what stands in front of the exchange answering in its place.
func (d *door) page(w http.ResponseWriter, f exchangesim.Fault) {
	w.Header().Set("Content-Type", "text/html")
	if f.Status == http.StatusTooManyRequests || f.Status == http.StatusTeapot {
		wait := max(int(f.RetryAfter/time.Second), 1)
		w.Header().Set("Retry-After", strconv.Itoa(wait))
	}
	w.WriteHeader(f.Status)
	io.WriteString(w, "<html><body>"+textOr(f.Text, http.StatusText(f.Status))+"</body></html>")
}
