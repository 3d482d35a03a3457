package bybit

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// group names requests that share a limit.
type group int

const (
	perAddress group = iota
	creating
	canceling
	// Orders of now, orders that were, executions: each path has a limit of its own.
	asking
	remembering
	executing
	// What needs no key is limited by the address only; this bound is ours.
	watching
	holding
	adjusting
	feeing
)

// line is the way to Bybit's requests and answers: one host, one clock, one set of limits, and a key or none.
type line struct {
	client  *wire.Client
	skew    *wire.Skew
	budgets map[group]*wire.Budget
	now     func() time.Time
	// key and secret are asked at every use.
	key, secret func() string
}

func newLine(c wire.ClientConfig, now func() time.Time, key, secret func() string) (*line, error) {
	client, err := wire.NewClient(c)
	if err != nil {
		return nil, err
	}
	return &line{client: client, skew: wire.NewSkew(now), budgets: newBudgets(now), now: now, key: key, secret: secret}, nil
}

// newBudgets follow the documented limits: 600 in 5 s for an address, the others for a user and second.
func newBudgets(now func() time.Time) map[group]*wire.Budget {
	second := func(limit, reserve int) *wire.Budget { return wire.NewBudget(now, time.Second, limit, reserve) }
	return map[group]*wire.Budget{
		perAddress: wire.NewBudget(now, 5*time.Second, 600, 60),
		creating:   second(10, 3), canceling: second(10, 0), adjusting: second(10, 0), feeing: second(5, 0),
		asking: second(50, 10), remembering: second(50, 10), executing: second(50, 10), holding: second(50, 10), watching: second(50, 10),
	}
}

// accessPause is how long Bybit wants silence after it refused an address.
const accessPause = 10 * time.Minute

// envelope is what every answer is wrapped in.
type envelope struct {
	Code    *int            `json:"retCode"`
	Message string          `json:"retMsg"`
	Result  json.RawMessage `json:"result"`
	Time    int64           `json:"time"`
}

func (e envelope) class() class { return codes[*e.Code] }

// open reads an answer: false unless it is JSON with a return code.
func (x *line) open(a wire.Answer) (envelope, bool) {
	var e envelope
	if !a.JSON || json.Unmarshal(a.Body, &e) != nil || e.Code == nil {
		return envelope{}, false
	}
	e.Message = x.plain(e.Message)
	return e, true
}

// longestWords bounds what is kept of a message, in bytes.
const longestWords = 300

// plain is what Bybit says without what nobody should read: a refused signature comes back with the text that was signed,
// which begins with the key, and on some hosts with the right signature.
func (x *line) plain(text string) string {
	text, _, _ = strings.Cut(text, "origin_string")
	if key := x.key(); key != "" {
		text = strings.ReplaceAll(text, key, "(key)")
	}
	if len(text) > longestWords {
		text = strings.ToValidUTF8(text[:longestWords], "")
	}
	return strings.TrimSpace(text)
}

// write sends one request that may change something, once. Every error says what is proven: Unavailable, it never left;
// Limited, it was not processed; Unknown, it may have happened. An answer with a return code is none.
func (x *line) write(ctx context.Context, g group, what, path string, body any, window time.Duration, urgent bool) (envelope, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return envelope{}, trading.Errorf(trading.Unavailable, "bybit: %s: write the request: %w", what, err)
	}
	if err := x.take(g, urgent, what); err != nil {
		return envelope{}, err
	}
	at := x.skew.Now().Add(-clockMargin)
	answer, err := x.client.Do(ctx, wire.Request{
		Method: "POST", Path: path, Body: raw, Header: signedHeader(x.key(), x.secret(), at, window, string(raw)),
	})
	var lost *wire.Error
	if errors.As(err, &lost) {
		kind := trading.Unavailable
		if lost.Sent {
			kind = trading.Unknown
		}
		return envelope{}, trading.Errorf(kind, "bybit: %s: %w", what, err)
	}
	x.learn(g, answer)
	if answer.Status == 403 {
		return envelope{}, trading.Errorf(trading.Limited, "bybit: %s: access refused (HTTP 403): too many requests from this address, or a region that Bybit does not serve", what)
	}
	e, ok := x.open(answer)
	if answer.Status != 200 || !ok {
		return envelope{}, trading.Errorf(trading.Unknown, "bybit: %s: HTTP %d without a readable answer", what, answer.Status)
	}
	if e.class() == clock {
		// The next attempt reads the clock anew, whatever was known.
		x.skew.Forget()
	}
	return e, nil
}

func (x *line) take(g group, urgent bool, what string) error {
	for _, b := range []group{perAddress, g} {
		if wait, ok := x.budgets[b].Take(urgent); !ok {
			return trading.Errorf(trading.Limited, "bybit: %s: the request limit is used up for %s", what, wait.Round(time.Millisecond))
		}
	}
	return nil
}

// learn takes what an answer says about limits.
func (x *line) learn(g group, a wire.Answer) {
	if a.Status == 403 {
		x.budgets[perAddress].Ban(x.now().Add(accessPause))
		return
	}
	limit, err1 := strconv.Atoi(a.Header("X-Bapi-Limit"))
	left, err2 := strconv.Atoi(a.Header("X-Bapi-Limit-Status"))
	ends, err3 := strconv.ParseInt(a.Header("X-Bapi-Limit-Reset-Timestamp"), 10, 64)
	if err1 == nil && err2 == nil && err3 == nil {
		offset, _, _ := x.skew.Offset()
		x.budgets[g].Learn(limit, left, time.UnixMilli(ends).Add(-offset))
	}
}

// values are the parameters of a read, in the order in which they are written and signed.
type values []string

func (v values) encode() string {
	text := ""
	for i := 0; i+1 < len(v); i += 2 {
		if v[i+1] == "" {
			continue
		}
		if text != "" {
			text += "&"
		}
		text += v[i] + "=" + url.QueryEscape(v[i+1])
	}
	return text
}

// read asks once and decodes the result. Limited: too many. Unauthorized: the key. Rejected: Bybit says that the question
// is wrong, a symbol that is not listed for one. Unavailable: anything else that is no answer.
func (x *line) read(ctx context.Context, g group, what, path string, v values, signed bool, into any) (envelope, error) {
	for _, b := range []group{perAddress, g} {
		if err := x.budgets[b].Await(ctx, false); err != nil {
			return envelope{}, trading.Errorf(trading.Limited, "bybit: %s: wait for the request limit: %w", what, err)
		}
	}
	query := v.encode()
	request := wire.Request{Method: "GET", Path: path, Query: query, Abortable: true}
	if signed {
		request.Header = signedHeader(x.key(), x.secret(), x.skew.Now().Add(-clockMargin), 5*time.Second, query)
	}
	answer, err := x.client.Do(ctx, request)
	if err != nil {
		return envelope{}, trading.Errorf(trading.Unavailable, "bybit: %s: %w", what, err)
	}
	x.learn(g, answer)
	e, ok := x.open(answer)
	if answer.Status != 200 || !ok {
		return envelope{}, trading.Errorf(trading.Unavailable, "bybit: %s: HTTP %d without a readable answer", what, answer.Status)
	}
	switch e.class() {
	case done:
	case busy:
		return e, failure(trading.Limited, what, e)
	case clock:
		// The next attempt reads the clock anew, whatever was known.
		x.skew.Forget()
		return e, failure(trading.Limited, what, e)
	case barred:
		return e, failure(trading.Unauthorized, what, e)
	case refused:
		return e, failure(trading.Rejected, what, e)
	default:
		return e, failure(trading.Unavailable, what, e)
	}
	if err := json.Unmarshal(e.Result, into); err != nil {
		return e, trading.Errorf(trading.Unavailable, "bybit: %s: read the result: %w", what, err)
	}
	return e, nil
}

// list is one page of rows.
type list[T any] struct {
	Category string `json:"category"`
	Cursor   string `json:"nextPageCursor"`
	// Rows is a pointer, so that an answer without a list is no empty list.
	Rows *[]T `json:"list"`
}

// maxPages bounds one reading.
const maxPages = 50

// readAll reads every page. It fails rather than leave one out.
func readAll[T any](ctx context.Context, x *line, g group, what, path string, v values, signed bool) ([]T, error) {
	var all []T
	cursor := ""
	for range maxPages {
		var page list[T]
		if _, err := x.read(ctx, g, what, path, append(v[:len(v):len(v)], "cursor", cursor), signed, &page); err != nil {
			return nil, err
		}
		if page.Rows == nil {
			return nil, trading.Errorf(trading.Unavailable, "bybit: %s: an answer without a list", what)
		}
		all = append(all, *page.Rows...)
		if page.Cursor == "" || page.Cursor == cursor || len(*page.Rows) == 0 {
			return all, nil
		}
		cursor = page.Cursor
	}
	return nil, trading.Errorf(trading.Unavailable, "bybit: %s: more than %d pages", what, maxPages)
}

// SyncClock reads Bybit's clock once. It also keeps a connection warm.
func (x *line) SyncClock(ctx context.Context) error {
	var result struct {
		Nano string `json:"timeNano"`
	}
	sent := x.now()
	if _, err := x.read(ctx, watching, "read the clock", "/v5/market/time", nil, false, &result); err != nil {
		return err
	}
	received := x.now()
	nano, err := strconv.ParseInt(result.Nano, 10, 64)
	if err != nil {
		return trading.Errorf(trading.Unavailable, "bybit: read the clock: %q is no time", result.Nano)
	}
	x.skew.Observe(sent, received, time.Unix(0, nano))
	return nil
}

// onTime is why nothing may be submitted because of the clocks.
func (x *line) onTime(ctx context.Context) error { return exchange.OnTime(ctx, x.skew, x.SyncClock) }

// clockRead is why nothing may be signed because of the clocks.
func (x *line) clockRead(ctx context.Context) error {
	return exchange.ClockRead(ctx, x.skew, x.SyncClock)
}
