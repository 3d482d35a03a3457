package binance

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// access is what a request must show.
type access int

const (
	signed access = iota
	open
	keyed
)

// call is one request.
type call struct {
	method, path string
	v            values
	// what is done, in words for an error.
	what   string
	weight int
	access access
	// places counts against the limit of orders, urgent may use what is kept back of the limits.
	places, urgent bool
	window         time.Duration
	// large is an answer that may be some megabytes long.
	large bool
}

// reply is an answer with what it proves.
type reply struct {
	status int
	code   int
	text   string
	body   []byte
	class  class
}

const (
	// patienceOfReads is how long a read waits for the request limit; during a ban it fails at once.
	patienceOfReads = 10 * time.Second
	// patienceOfCatchUp is the same for a catch-up, which may need more than one window of the limit.
	patienceOfCatchUp = 90 * time.Second
	// largeDeadline bounds a list of everything.
	largeDeadline = 30 * time.Second
)

// unhurried marks the context of a catch-up.
type unhurried struct{}

// pressing marks the context of what closes, cancels or protects: its questions may use what is kept back of the limits
// too, because it is not done without their answers.
type pressing struct{}

func pressed(ctx context.Context) context.Context { return context.WithValue(ctx, pressing{}, true) }

// largeAnswer is the most that is read of a list of everything: 700 perpetuals need more than wire's standard.
const largeAnswer = 32 << 20

// write sends one request that may change something, once. Every error says what is proven: Unavailable, it never left;
// Limited, it was not processed; Unknown, it may have happened. A reply with a code is none.
func (x *Exchange) write(ctx context.Context, s *side, c call) (reply, error) {
	if wait, ok := s.take(c); !ok {
		return reply{}, trading.Errorf(trading.Limited, "binance: %s: the request limit is used up for %s", c.what, wait.Round(time.Millisecond))
	}
	answer, err := s.client.Do(ctx, x.request(s, c))
	var lost *wire.Error
	if errors.As(err, &lost) {
		return reply{}, trading.Errorf(pick(lost.Sent, trading.Unknown, trading.Unavailable), "binance: %s: %w", c.what, err)
	}
	r := x.take(s, answer)
	switch {
	case answer.Status == 403 && r.code == 0:
		// The firewall in front of the exchange; behind it nothing was seen.
		return r, trading.Errorf(trading.Rejected, "binance: %s: access refused (HTTP 403): too many requests from this address, or a region that Binance does not serve", c.what)
	case r.class == unclear && r.code == 0:
		return r, trading.Errorf(trading.Unknown, "binance: %s: HTTP %d without a readable answer%s", c.what, r.status, after(r.text))
	}
	return r, nil
}

func after(text string) string {
	if text == "" {
		return ""
	}
	return ": " + text
}

// request writes a call in Binance's way: everything is in the query, whatever the method.
func (x *Exchange) request(s *side, c call) wire.Request {
	r := wire.Request{Method: c.method, Path: c.path, Query: c.v.encode(), Abortable: c.method == "GET"}
	if c.large {
		r.Most = largeAnswer
	}
	if c.access != open {
		r.Header = map[string]string{"X-MBX-APIKEY": x.cfg.Key()}
	}
	if c.access == signed {
		window := c.window
		if window == 0 {
			window = pick(c.method == "GET", readWindow, longestWindow)
		}
		r.Query = signedQuery(x.cfg.Secret(), c.v, s.skew.Now().Add(-clockMargin), window)
	}
	return r
}

// take takes what a call costs out of the budgets.
func (s *side) take(c call) (time.Duration, bool) {
	for range max(c.weight, 1) {
		if wait, ok := s.weight.Take(c.urgent); !ok {
			return wait, false
		}
	}
	if c.places {
		return s.orders.Take(c.urgent)
	}
	return 0, true
}

// take reads an answer and learns from it.
func (x *Exchange) take(s *side, a wire.Answer) reply {
	r := reply{status: a.Status, body: a.Body}
	var e struct {
		Code int    `json:"code"`
		Text string `json:"msg"`
	}
	if a.Status >= 300 && a.JSON && json.Unmarshal(a.Body, &e) == nil {
		r.code, r.text = e.Code, e.Text
	}
	switch {
	case a.Status == 429 || a.Status == 418:
		r.class = busy
	case a.Status == 408 || a.Status >= 500:
		r.class = unclear
	case a.Status >= 400:
		r.class = classOf(s.product, r.code, r.text)
	case a.JSON && json.Valid(a.Body):
		r.class = done
	}
	x.learn(s, a, r)
	return r
}

// learn takes what an answer says about limits, bans, the clock and the key.
func (x *Exchange) learn(s *side, a wire.Answer, r reply) {
	now := x.cfg.Now()
	offset, _, _ := s.skew.Offset()
	if used, err := strconv.Atoi(a.Header("X-Mbx-Used-Weight-1m")); err == nil {
		ends := now.Add(offset).Truncate(time.Minute).Add(time.Minute - offset)
		s.weight.Learn(s.limit, max(s.limit-used, 0), ends)
		s.mu.Lock()
		s.used, s.usedAt = used, now
		s.mu.Unlock()
	}
	if count, err := strconv.Atoi(a.Header("X-Mbx-Order-Count-10s")); err == nil {
		ends := now.Add(offset).Truncate(10 * time.Second).Add(10*time.Second - offset)
		s.orders.Learn(s.orderLimit, max(s.orderLimit-count, 0), ends)
	}
	if until := pauseOf(a, r, now); !until.IsZero() {
		pick(r.code == -1015, s.orders, s.weight).Ban(until)
	}
	switch {
	case r.class == clock:
		// The next attempt reads the clock anew, whatever was known.
		s.skew.Forget()
	case r.class == barred && (r.code == -2014 || r.code == -2015):
		s.mu.Lock()
		if s.shut.IsZero() {
			x.cfg.Log.Warn("binance: the key is refused", "product", s.product)
		}
		s.shut = now
		s.mu.Unlock()
	}
}

// pauseOf is until when Binance wants silence, zero when it does not.
func pauseOf(a wire.Answer, r reply, now time.Time) time.Time {
	if a.Status != 429 && a.Status != 418 && r.code != -1003 && r.code != -1015 {
		return time.Time{}
	}
	if _, text, ok := strings.Cut(r.text, "banned until "); ok {
		text, _, _ = strings.Cut(text, ".")
		if ms, err := strconv.ParseInt(text, 10, 64); err == nil {
			return time.UnixMilli(ms).UTC()
		}
	}
	if seconds, err := strconv.Atoi(a.Header("Retry-After")); err == nil && seconds >= 0 {
		return now.Add(time.Duration(seconds) * time.Second)
	}
	switch {
	case a.Status == 418:
		return now.Add(2 * time.Minute)
	case r.code == -1015:
		return now.Add(10 * time.Second)
	}
	return now.Truncate(time.Minute).Add(time.Minute)
}

// read asks once and decodes the answer. NotFound: no such order. Limited: too many. Unauthorized: the key. Refused: the
// question is wrong. Unavailable: anything else that is no answer.
func (x *Exchange) read(ctx context.Context, s *side, c call, into any) error {
	patience := patienceOfReads
	if ctx.Value(unhurried{}) != nil {
		patience = patienceOfCatchUp
	}
	c.urgent = c.urgent || ctx.Value(pressing{}) != nil
	for {
		wait, ok := s.take(c)
		if ok {
			break
		}
		if wait > patience {
			return trading.Errorf(trading.Limited, "binance: %s: Binance wants silence for %s", c.what, wait.Round(time.Second))
		}
		if err := wire.Pause(ctx, max(wait, time.Millisecond)); err != nil {
			return trading.Errorf(trading.Limited, "binance: %s: wait for the request limit: %w", c.what, err)
		}
	}
	c.method = cmp.Or(c.method, "GET")
	answer, err := pick(c.large, s.bulk, s.client).Do(ctx, x.request(s, c))
	if err != nil {
		return trading.Errorf(trading.Unavailable, "binance: %s: %w", c.what, err)
	}
	r := x.take(s, answer)
	switch r.class {
	case done:
		if c.access == signed {
			s.accepted()
		}
		if err := json.Unmarshal(r.body, into); err != nil {
			return trading.Errorf(trading.Unavailable, "binance: %s: read the answer: %w", c.what, err)
		}
		return nil
	case absent:
		s.accepted()
		return failure(trading.NotFound, c.what, r)
	case busy:
		return failure(trading.Limited, c.what, r)
	case clock:
		// Asked again, it is asked by the right time. A question without a time says nothing about ours.
		if c.access == signed {
			if err := x.syncClock(ctx, s); err != nil {
				return err
			}
		}
		return failure(trading.Limited, c.what, r)
	case barred:
		return failure(trading.Unauthorized, c.what, r)
	case refused:
		return failure(trading.Refused, c.what, r)
	default:
		return failure(trading.Unavailable, c.what, r)
	}
}

// accepted notes that the key is good here.
func (s *side) accepted() {
	s.mu.Lock()
	s.opened, s.shut = true, time.Time{}
	s.mu.Unlock()
}

// failure words an answer that is an error.
func failure(kind trading.Kind, what string, r reply) error {
	text := cmp.Or(r.text, "HTTP "+strconv.Itoa(r.status)+" without a readable answer")
	if more, ok := words[r.code]; ok {
		text += "; " + more
	}
	if r.code == -1121 {
		return trading.Wrap(kind, errNoSymbol, fmt.Sprintf("binance: %s (code %d, HTTP %d)", what, r.code, r.status))
	}
	return trading.Errorf(kind, "binance: %s: %s (code %d, HTTP %d)", what, text, r.code, r.status)
}

// errNoSymbol is what Binance says about a symbol that it does not know.
var errNoSymbol = errors.New("no such symbol at Binance")

// SyncClock reads both clocks of Binance once. It also keeps connections warm.
func (x *Exchange) SyncClock(ctx context.Context) error {
	return errors.Join(x.syncClock(ctx, x.futures), x.syncClock(ctx, x.spot))
}

func (x *Exchange) syncClock(ctx context.Context, s *side) error {
	var result struct {
		Time int64 `json:"serverTime"`
	}
	sent := x.cfg.Now()
	if err := x.read(ctx, s, call{path: s.paths.time, what: "read the clock", weight: 1, access: open}, &result); err != nil {
		return err
	}
	if result.Time <= 0 {
		return trading.Errorf(trading.Unavailable, "binance: read the clock: an answer without a time")
	}
	s.skew.Observe(sent, x.cfg.Now(), time.UnixMilli(result.Time))
	return nil
}

// onTime is why nothing may be submitted because of the clocks.
func (x *Exchange) onTime(ctx context.Context, s *side) error {
	return exchange.OnTime(ctx, s.skew, func(ctx context.Context) error { return x.syncClock(ctx, s) })
}

// clockRead is why nothing may be signed because of the clocks.
func (x *Exchange) clockRead(ctx context.Context, s *side) error {
	return exchange.ClockRead(ctx, s.skew, func(ctx context.Context) error { return x.syncClock(ctx, s) })
}

// Ping makes one cheap public read and tells its round trip.
func (x *Exchange) Ping(ctx context.Context) (time.Duration, error) {
	var nothing struct{}
	began := x.cfg.Now()
	s := pick(x.left(x.futures), x.spot, x.futures)
	if err := x.read(ctx, s, call{path: s.paths.ping, what: "ping", weight: 1, access: open}, &nothing); err != nil {
		return 0, err
	}
	return x.cfg.Now().Sub(began), nil
}
