package mexc

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"hoox/backend/trading"
	"hoox/backend/wire"
)

// envelope is what every futures answer is wrapped in, and, without Success and Data, what a spot refusal is.
type envelope struct {
	Success bool            `json:"success"`
	Code    *text           `json:"code"`
	Data    json.RawMessage `json:"data"`
	Message string          `json:"message"`
	Msg     string          `json:"msg"`
	number  int
}

func decode(data json.RawMessage, into any) bool { return json.Unmarshal(data, into) == nil }

// empty tells that there is no data, which is how futures say "not found".
func (e envelope) empty() bool { return len(e.Data) == 0 || string(e.Data) == "null" }

func (e envelope) words() string { return cmp.Or(e.Message, e.Msg) }

// open reads an answer with a code: false unless it is JSON and has one.
func open(a wire.Answer) (envelope, bool) {
	var e envelope
	if !a.JSON || json.Unmarshal(a.Body, &e) != nil || e.Code == nil {
		return envelope{}, false
	}
	n, ok := e.Code.code()
	e.number = n
	return e, ok
}

// openFutures reads a futures answer. Success with another code than zero, and failure with zero, are no answers.
func openFutures(a wire.Answer) (envelope, bool) {
	e, ok := open(a)
	return e, ok && e.Success == (e.number == 0)
}

// send makes one attempt at something that may change something. The error is Unavailable, it never left; Limited or
// Rejected, it was turned away unprocessed; Unknown, it may have happened.
func (d *door) send(ctx context.Context, what string, r wire.Request) (wire.Answer, error) {
	answer, err := d.client.Do(ctx, r)
	var lost *wire.Error
	if errors.As(err, &lost) {
		kind := trading.Unavailable
		if lost.Sent {
			kind = trading.Unknown
		}
		return answer, trading.Errorf(kind, "mexc: %s: %w", what, err)
	}
	if err != nil {
		return answer, trading.Errorf(trading.Unknown, "mexc: %s: %w", what, err)
	}
	d.learn(answer)
	return answer, turnedAway(what, answer)
}

// futuresPost sends one futures request that may change something, once. An answer with a code is no error.
func (x *Exchange) futuresPost(ctx context.Context, g group, what, path string, body any, urgent bool) (envelope, error) {
	if err := x.futures.take(ctx, g, urgent, what); err != nil {
		return envelope{}, err
	}
	return x.futuresSend(ctx, what, path, body)
}

// futuresSend is futuresPost for whoever has taken the request out of the budgets.
func (x *Exchange) futuresSend(ctx context.Context, what, path string, body any) (envelope, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return envelope{}, trading.Errorf(trading.Unavailable, "mexc: %s: write the request: %w", what, err)
	}
	header := futuresHeader(x.cfg.Key(), x.cfg.Secret(), x.futures.skew.Now().Add(-clockMargin), string(raw))
	answer, err := x.futures.send(ctx, what, wire.Request{Method: "POST", Path: path, Body: raw, Header: header})
	if err != nil {
		return envelope{}, err
	}
	e, ok := openFutures(answer)
	if answer.Status >= 500 || !ok {
		return envelope{}, trading.Errorf(trading.Unknown, "mexc: %s: HTTP %d without a readable answer", what, answer.Status)
	}
	x.futures.judge(futuresClass(e))
	return e, nil
}

// adjust sends a futures request whose effect is read back afterwards: done and already are success, everything else is an
// error, which never is about an order.
func (x *Exchange) adjust(ctx context.Context, g group, what, path string, body any, urgent bool) (envelope, error) {
	if err := x.clockRead(ctx, trading.Linear); err != nil {
		return envelope{}, err
	}
	e, err := x.futuresPost(ctx, g, what, path, body, urgent)
	if err != nil {
		return e, err
	}
	if c := futuresClass(e); c != done && c != already {
		return e, failure(kindOf(c), what, e)
	}
	return e, nil
}

// futuresRead asks once and decodes the data, if there is any. Limited: too many. Unauthorized: the key. NotFound: no such
// order. Invalid: MEXC does not know what was asked about. Unavailable: anything else that is no answer.
func (x *Exchange) futuresRead(ctx context.Context, g group, what, path string, v values, signed bool, into any) (envelope, error) {
	if err := x.futures.await(ctx, g, 1, what); err != nil {
		return envelope{}, err
	}
	query := v.sorted()
	request := wire.Request{Method: "GET", Path: path, Query: query, Abortable: true, Most: most(g)}
	if signed {
		request.Header = futuresHeader(x.cfg.Key(), x.cfg.Secret(), x.futures.skew.Now().Add(-clockMargin), query)
	}
	return futuresAnswer(ctx, x.futures, what, request, into)
}

// catalogueSize is the most that is read of a list of everything there is to trade.
const catalogueSize = 16 << 20

// most is the most that is read of an answer, zero for the usual.
func most(g group) int {
	if g == cataloguing {
		return catalogueSize
	}
	return 0
}

func futuresAnswer(ctx context.Context, d *door, what string, r wire.Request, into any) (envelope, error) {
	answer, err := d.client.Do(ctx, r)
	if err != nil {
		return envelope{}, trading.Errorf(trading.Unavailable, "mexc: %s: %w", what, err)
	}
	d.learn(answer)
	if err := turnedAway(what, answer); err != nil {
		return envelope{}, readable(err)
	}
	e, ok := openFutures(answer)
	if answer.Status >= 500 || !ok {
		return envelope{}, trading.Errorf(trading.Unavailable, "mexc: %s: HTTP %d without a readable answer", what, answer.Status)
	}
	c := futuresClass(e)
	if r.Header != nil {
		d.judge(c)
	}
	if c != done {
		return e, failure(readKind(c), what, e)
	}
	if into == nil || e.empty() {
		return e, nil
	}
	if err := json.Unmarshal(e.Data, into); err != nil {
		return e, trading.Errorf(trading.Unavailable, "mexc: %s: read the data: %w", what, err)
	}
	return e, nil
}

// readable turns a certain no for a request into the no answer that it is for a read.
func readable(err error) error {
	if trading.KindOf(err) == trading.Rejected {
		return trading.Errorf(trading.Unauthorized, "%s", err.Error())
	}
	return err
}

const (
	pageSize = 100
	maxPages = 50
)

// futuresPages reads every page of a list, until enough says that what follows is not wanted; it fails rather than leave
// one out. enough may be nil.
func futuresPages[T any](ctx context.Context, x *Exchange, g group, what, path string, v values, enough func([]T) bool) ([]T, error) {
	var all []T
	for page := range maxPages {
		var got rows[T]
		w := append(v[:len(v):len(v)], "page_num", strconv.Itoa(page+1), "page_size", strconv.Itoa(pageSize))
		e, err := x.futuresRead(ctx, g, what, path, w, true, &got)
		if err != nil {
			return nil, err
		}
		if !got.told && !e.empty() {
			return nil, trading.Errorf(trading.Unavailable, "mexc: %s: an answer without a list", what)
		}
		all = append(all, got.list...)
		if len(got.list) < pageSize || enough != nil && enough(got.list) {
			return all, nil
		}
	}
	return nil, trading.Errorf(trading.Unavailable, "mexc: %s: more than %d pages", what, maxPages)
}

// spotWrite sends one spot request that may change something, once. An answer with a code is no error: it is in the
// envelope, and zero when the answer is a success, whose body is decoded into into.
func (x *Exchange) spotWrite(ctx context.Context, g group, what, method, path string, v values, window time.Duration, urgent bool, into any) (envelope, error) {
	if err := x.spot.take(ctx, g, urgent, what); err != nil {
		return envelope{}, err
	}
	return x.spotSend(ctx, what, method, path, v, window, into)
}

// spotSend is spotWrite for whoever has taken the request out of the budgets.
func (x *Exchange) spotSend(ctx context.Context, what, method, path string, v values, window time.Duration, into any) (envelope, error) {
	request := wire.Request{Method: method, Path: path, Header: x.spotHeader(),
		Query: spotQuery(x.cfg.Secret(), x.spot.skew.Now().Add(-clockMargin), window, v)}
	answer, err := x.spot.send(ctx, what, request)
	if err != nil {
		return envelope{}, err
	}
	e, ok := open(answer)
	if answer.Status == 200 && answer.JSON && !(ok && e.number != 0) {
		if err := json.Unmarshal(answer.Body, into); err != nil {
			return envelope{}, trading.Errorf(trading.Unknown, "mexc: %s: answered, but not readable: %w", what, err)
		}
		x.spot.judge(done)
		return envelope{}, nil
	}
	if answer.Status >= 500 || !ok || e.number == 0 {
		return envelope{}, trading.Errorf(trading.Unknown, "mexc: %s: HTTP %d without a readable answer", what, answer.Status)
	}
	x.spot.judge(spotClass(e))
	return e, nil
}

func (x *Exchange) spotHeader() map[string]string {
	return map[string]string{"X-MEXC-APIKEY": x.cfg.Key(), "Content-Type": "application/json"}
}

// spotRead asks once and decodes the answer; the kinds of error are those of futuresRead.
func (x *Exchange) spotRead(ctx context.Context, g group, what, path string, v values, signed bool, into any) error {
	if err := x.spot.await(ctx, g, weights[g], what); err != nil {
		return err
	}
	request := wire.Request{Method: "GET", Path: path, Query: v.encode(), Abortable: true, Most: most(g)}
	if signed {
		request.Header = x.spotHeader()
		request.Query = spotQuery(x.cfg.Secret(), x.spot.skew.Now().Add(-clockMargin), readWindow, v)
	}
	return spotAnswer(ctx, x.spot, what, request, into)
}

func spotAnswer(ctx context.Context, d *door, what string, r wire.Request, into any) error {
	answer, err := d.client.Do(ctx, r)
	if err != nil {
		return trading.Errorf(trading.Unavailable, "mexc: %s: %w", what, err)
	}
	d.learn(answer)
	if err := turnedAway(what, answer); err != nil {
		return readable(err)
	}
	e, ok := open(answer)
	// A refusal may come with the status of a success.
	if answer.Status == 200 && answer.JSON && !(ok && e.number != 0) {
		if err := json.Unmarshal(answer.Body, into); err != nil {
			return trading.Errorf(trading.Unavailable, "mexc: %s: read the answer: %w", what, err)
		}
		if r.Header != nil {
			d.judge(done)
		}
		return nil
	}
	if answer.Status >= 500 || !ok || e.number == 0 {
		return trading.Errorf(trading.Unavailable, "mexc: %s: HTTP %d without a readable answer", what, answer.Status)
	}
	if r.Header != nil {
		d.judge(spotClass(e))
	}
	return failure(readKind(spotClass(e)), what, e)
}
