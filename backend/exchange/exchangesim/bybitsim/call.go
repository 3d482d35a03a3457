package bybitsim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// call is one request that was read: its parameters by name, whichever way they came.
type call struct {
	args  map[string]string
	fault exchangesim.Fault
	// after is what is left to do once the answer is on its way.
	after []func()
}

func (c *call) text(name string) string { return c.args[name] }

// has tells whether a parameter was sent at all, and not empty.
func (c *call) has(name string) bool { return c.args[name] != "" }

func (c *call) number(name string, otherwise int64) int64 {
	if n, err := strconv.ParseInt(c.args[name], 10, 64); err == nil {
		return n
	}
	return otherwise
}

func (c *call) product() trading.Product {
	if c.text("category") == "spot" {
		return trading.Spot
	}
	return trading.Linear
}

// answer is a return code with its text and result.
type answer struct {
	code   int
	text   string
	result any
}

type object = map[string]any

func ok(result any) answer            { return answer{0, "OK", result} }
func no(code int, text string) answer { return answer{code, text, object{}} }

func ms(t time.Time) string {
	if t.IsZero() {
		return "0"
	}
	return strconv.FormatInt(t.UnixMilli(), 10)
}

// route is one path: who may ask, how often a second, and what it does.
type route struct {
	do     func(*call) answer
	open   bool
	writes bool
	limit  int
}

func (s *Server) paths() map[string]route {
	public := func(do func(*call) answer) route { return route{do: do, open: true} }
	reads := func(do func(*call) answer, limit int) route { return route{do: do, limit: limit} }
	writes := func(do func(*call) answer, limit int) route { return route{do: do, writes: true, limit: limit} }
	return map[string]route{
		"GET /v5/market/time":              public(s.time),
		"GET /v5/market/instruments-info":  public(s.instruments),
		"GET /v5/market/tickers":           public(s.tickers),
		"GET /v5/market/orderbook":         public(s.orderbook),
		"GET /v5/market/kline":             public(s.klines),
		"GET /v5/market/price-limit":       public(s.priceLimit),
		"GET /v5/account/info":             reads(s.accountInfo, 50),
		"GET /v5/account/wallet-balance":   reads(s.wallet, 50),
		"POST /v5/account/set-margin-mode": writes(s.setMarginMode, 5),
		"GET /v5/account/fee-rate":         reads(s.feeRate, 5),
		"GET /v5/account/transaction-log":  reads(s.transactions, 30),
		"GET /v5/user/query-api":           reads(s.key, 10),
		"GET /v5/position/list":            reads(s.positions, 50),
		"GET /v5/position/closed-pnl":      reads(s.closedPnL, 50),
		"POST /v5/position/set-leverage":   writes(s.setLeverage, 10),
		"POST /v5/position/switch-mode":    writes(s.switchMode, 10),
		"POST /v5/position/trading-stop":   writes(s.tradingStop, 10),
		"POST /v5/order/create":            writes(s.create, 10),
		"POST /v5/order/cancel":            writes(s.cancel, 10),
		"POST /v5/order/cancel-all":        writes(s.cancelAll, 10),
		"POST /v5/order/amend":             writes(s.amend, 10),
		"GET /v5/order/realtime":           reads(s.realtime, 50),
		"GET /v5/order/history":            reads(s.history, 50),
		"GET /v5/execution/list":           reads(s.executions, 50),
	}
}

// rest reads, checks, carries out and answers one request, with whatever goes wrong on the way.
func (s *Server) rest(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return
	}
	c := &call{args: arguments(r, body)}
	link := c.text("orderLinkId")
	if r.URL.Path == "/v5/order/create" {
		s.core.CountCreate(link)
	}
	c.fault = s.core.Fault(r.URL.Path, link)
	if c.fault.LoseRequest {
		panic(http.ErrAbortHandler)
	}
	path, known := s.routes[r.Method+" "+r.URL.Path]
	if !known {
		page(w, http.StatusNotFound)
		return
	}
	if r.Method == http.MethodGet && len(body) > 0 || c.fault.Banned {
		page(w, http.StatusForbidden)
		return
	}
	var a answer
	if !c.fault.Refuse {
		a = s.act(w, r, path, c, string(body))
		if c.fault.Twice {
			a = s.act(w, r, path, c, string(body))
		}
	}
	hold(r, c.fault.Delay)
	defer func() {
		for _, f := range c.after {
			f()
		}
	}()
	s.reply(w, a, c.fault)
}

// hold waits for a while of real time, or until the client has gone.
func hold(r *http.Request, d time.Duration) {
	if d <= 0 {
		return
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-r.Context().Done():
	}
}

// arguments is what a request names: the query of a GET, the JSON object of a POST.
func arguments(r *http.Request, body []byte) map[string]string {
	args := map[string]string{}
	if r.Method == http.MethodGet {
		q, _ := url.ParseQuery(r.URL.RawQuery)
		for name, values := range q {
			args[name] = values[0]
		}
		return args
	}
	var asked map[string]json.RawMessage
	if json.Unmarshal(body, &asked) != nil {
		return args
	}
	for name, raw := range asked {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		args[name] = text
	}
	return args
}

func (s *Server) act(w http.ResponseWriter, r *http.Request, path route, c *call, body string) answer {
	if path.open {
		return path.do(c)
	}
	payload := r.URL.RawQuery
	if r.Method == http.MethodPost {
		payload = body
	}
	if a, bad := s.authenticate(r, payload); bad {
		return a
	}
	if a, bad := s.count(w, r.URL.Path, path.limit, c); bad {
		return a
	}
	if path.writes && s.o.ReadOnly {
		return no(10005, "Permission denied, please check your API key permissions.")
	}
	return path.do(c)
}

// authenticate checks key, time and signature by its own reading of the rules.
func (s *Server) authenticate(r *http.Request, payload string) (answer, bool) {
	at, window := r.Header.Get("X-Bapi-Timestamp"), r.Header.Get("X-Bapi-Recv-Window")
	sent, err1 := strconv.ParseInt(at, 10, 64)
	span, err2 := int64(5000), error(nil)
	if window != "" {
		span, err2 = strconv.ParseInt(window, 10, 64)
	}
	now := s.cfg.Now().UnixMilli()
	switch {
	case r.Header.Get("X-Bapi-Api-Key") != s.cfg.Key:
		return no(10003, "API key is invalid."), true
	case err1 != nil || err2 != nil || sent >= now+1000 || sent < now-span:
		return no(10002, "invalid request, please check your server timestamp or recv_window param. req_timestamp["+at+"],server_timestamp["+strconv.FormatInt(now, 10)+"],recv_window["+window+"]"), true
	case !hmac.Equal([]byte(mac(s.cfg.Secret, at+s.cfg.Key+window+payload)), []byte(r.Header.Get("X-Bapi-Sign"))):
		return no(10004, "error sign! origin_string["+at+s.cfg.Key+window+payload+"]"), true
	}
	return answer{}, false
}

// mac is the signature of a text in lower-case hex.
func mac(secret, text string) string {
	m := hmac.New(sha256.New, []byte(secret))
	io.WriteString(m, text)
	return hex.EncodeToString(m.Sum(nil))
}

// page answers with HTML, as whatever stands before the exchange does.
func page(w http.ResponseWriter, status int) {
	w.Header().Set("Content-Type", "text/html")
	w.WriteHeader(status)
	io.WriteString(w, "<html><body>"+http.StatusText(status)+"</body></html>")
}

func (s *Server) reply(w http.ResponseWriter, a answer, f exchangesim.Fault) {
	if f.LoseAnswer {
		panic(http.ErrAbortHandler)
	}
	if f.Status != 0 {
		if wait := int(f.RetryAfter.Seconds()); wait > 0 {
			w.Header().Set("Retry-After", strconv.Itoa(wait))
		} else if f.Status == http.StatusTooManyRequests {
			w.Header().Set("Retry-After", "1")
		}
		page(w, f.Status)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if f.Code != 0 {
		a = no(f.Code, "fault")
		if f.Text != "" {
			a.text = f.Text
		}
	}
	if f.Body != nil {
		io.WriteString(w, *f.Body)
		return
	}
	if f.Huge {
		io.WriteString(w, `{"retCode":0,"retMsg":"`+strings.Repeat("x", 2<<20)+`"}`)
		return
	}
	raw, err := json.Marshal(object{"retCode": a.code, "retMsg": a.text, "result": a.result, "retExtInfo": object{}, "time": s.cfg.Now().UnixMilli()})
	if err != nil {
		panic(err)
	}
	w.Write(raw)
	if flusher, may := w.(http.Flusher); may && s.o.Async {
		flusher.Flush()
	}
}
