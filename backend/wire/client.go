package wire

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// MaxAnswer is the most that is read of one answer.
const MaxAnswer = 1 << 20

// defaultDeadline bounds one attempt from the first look for a connection to the last byte of the answer.
const defaultDeadline = 5 * time.Second

// Dial makes a connection, as the dialer of package net does.
type Dial func(ctx context.Context, network, address string) (net.Conn, error)

// ClientConfig says where a client talks to. Everything but Origin may be left out.
type ClientConfig struct {
	// Origin is scheme, host and port, without a path: "https://api.example.com".
	Origin string
	// Proxy is the URL of an HTTP or SOCKS5 proxy; "" goes straight, whatever the environment says.
	Proxy string
	// Deadline bounds one attempt; 5 s when zero.
	Deadline time.Duration
	// Hide is asked for the key that goes out with requests, so that an answer which repeats it is read without it: the words
	// of an exchange are shown and stored. Nil for none.
	Hide func() string
	// Dial makes the connections; over TCP when nil.
	Dial Dial
}

// Client makes single attempts over HTTP/1.1. It is safe for concurrent use and keeps connections warm between calls.
type Client struct {
	origin   string
	deadline time.Duration
	http     *http.Client
	close    func()
	hide     func() string
}

// Request is one attempt. Query is sent byte for byte as it is, because it may be signed.
type Request struct {
	Method string
	Path   string
	Query  string
	Header map[string]string
	// Body is sent as what Type names, as JSON when that is empty; nil for none.
	Body []byte
	Type string
	// Abortable lets ctx end the attempt at any time; for reads, whose loss costs nothing.
	Abortable bool
	// Most is the most that is read of the answer, in bytes; MaxAnswer when zero.
	Most int
	// AnyType hands over a body that does not call itself JSON, too; for programs on this computer.
	AnyType bool
}

// Answer is what came back.
type Answer struct {
	Status int
	header http.Header
	// Body is the whole answer when it was JSON or any type was asked for, nil otherwise; JSON tells which.
	Body []byte
	JSON bool
}

// Header is the first value of a header, "" without one. Case does not matter.
func (a Answer) Header(name string) string { return a.header.Get(name) }

// Error is an attempt that brought no answer that could be read.
type Error struct {
	// Sent tells that something was written on the connection that was obtained: bytes may have left, and what they asked for may
	// have happened. False is a proof that nothing left, and nothing will.
	Sent  bool
	Cause error
}

func (e *Error) Error() string {
	if e.Sent {
		return "no readable answer: " + e.Cause.Error()
	}
	return "not sent: " + e.Cause.Error()
}

func (e *Error) Unwrap() error { return e.Cause }

// ErrLarger is the cause when an answer has more bytes than may be read of it.
var ErrLarger = errors.New("answer is larger")

// NewClient makes a client. It fails for an origin or a proxy that is none.
func NewClient(c ClientConfig) (*Client, error) {
	origin, err := url.Parse(c.Origin)
	if err != nil || origin.Host == "" || strings.Trim(origin.Path, "/") != "" || origin.RawQuery != "" || origin.User != nil ||
		(origin.Scheme != "https" && origin.Scheme != "http") {
		return nil, fmt.Errorf("address %q is not of the form https://host:port", c.Origin)
	}
	proxy, err := proxyOf(c.Proxy)
	if err != nil {
		return nil, err
	}
	if c.Deadline == 0 {
		c.Deadline = defaultDeadline
	}
	if c.Dial == nil {
		c.Dial = (&net.Dialer{Timeout: 3 * time.Second, KeepAlive: 15 * time.Second}).DialContext
	}
	plain := new(http.Protocols)
	// HTTP/2 would let the transport replay a request that the server says it refused.
	plain.SetHTTP1(true)
	transport := &http.Transport{
		Proxy: proxy, Protocols: plain, DisableCompression: true,
		DialContext:         track(c.Dial),
		DialTLSContext:      trackTLS(c.Dial),
		TLSHandshakeTimeout: handshakeBudget, IdleConnTimeout: 55 * time.Second,
		MaxIdleConnsPerHost: 8, MaxResponseHeaderBytes: 64 << 10,
	}
	return &Client{
		origin: origin.Scheme + "://" + origin.Host, deadline: c.Deadline, close: transport.CloseIdleConnections, hide: c.Hide,
		http: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}, nil
}

func proxyOf(text string) (func(*http.Request) (*url.URL, error), error) {
	if text == "" {
		return nil, nil
	}
	u, err := url.Parse(text)
	if err != nil || u.Host == "" {
		// The address may hold a password, so it is not repeated.
		return nil, errors.New("proxy address is not a URL")
	}
	return http.ProxyURL(u), nil
}

// Close drops idle connections.
func (c *Client) Close() { c.close() }

// The stages of one attempt.
const (
	waiting int32 = iota
	connected
	abandoned
)

// Do makes one attempt. Until a connection is obtained ctx may end it; from then on only the client's own deadline does,
// because a cut call turns a known outcome into an unknown one, unless the request is Abortable. The error is an *Error;
// an answer of any status is none, except a redirect, which is refused.
func (c *Client) Do(ctx context.Context, r Request) (Answer, error) {
	if err := ctx.Err(); err != nil {
		// A connection that is warm would be obtained before anybody notices.
		return Answer{}, &Error{Cause: err}
	}
	var stage atomic.Int32
	var way passage
	attempt, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.deadline)
	defer cancel()
	stop := context.AfterFunc(ctx, func() {
		if stage.CompareAndSwap(waiting, abandoned) || r.Abortable {
			cancel()
		}
	})
	defer stop()
	attempt = httptrace.WithClientTrace(attempt, &httptrace.ClientTrace{GotConn: func(info httptrace.GotConnInfo) {
		stage.CompareAndSwap(waiting, connected)
		way.took(info)
	}})
	request, err := c.request(attempt, r)
	if err != nil {
		return Answer{}, &Error{Cause: err}
	}
	answer, err := c.roundTrip(request, max(r.Most, MaxAnswer))
	if !answer.JSON && !r.AnyType {
		answer.Body = nil
	}
	if err != nil {
		return answer, &Error{Sent: way.used(), Cause: clean(err)}
	}
	return answer, nil
}

func (c *Client) request(ctx context.Context, r Request) (*http.Request, error) {
	address := c.origin + r.Path
	if r.Query != "" {
		address += "?" + r.Query
	}
	var body io.Reader
	if r.Body != nil {
		body = bytes.NewReader(r.Body)
	}
	request, err := http.NewRequestWithContext(ctx, r.Method, address, body)
	if err != nil {
		return nil, clean(err)
	}
	// Without it the transport cannot send the body a second time on another connection.
	request.GetBody = nil
	for name, value := range r.Header {
		request.Header.Set(name, value)
	}
	if r.Body != nil {
		request.Header.Set("Content-Type", cmp.Or(r.Type, "application/json"))
	}
	// These two would tell the transport that it may repeat the request.
	request.Header.Del("Idempotency-Key")
	request.Header.Del("X-Idempotency-Key")
	return request, nil
}

func (c *Client) roundTrip(request *http.Request, most int) (Answer, error) {
	response, err := c.http.Do(request)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	answer := Answer{Status: response.StatusCode, header: response.Header}
	if answer.Status >= 300 && answer.Status < 400 {
		return answer, fmt.Errorf("redirect (HTTP %d) refused", answer.Status)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, int64(most)+1))
	if err != nil {
		return answer, fmt.Errorf("read the answer: %w", err)
	}
	if len(body) > most {
		return answer, fmt.Errorf("%w than %d bytes", ErrLarger, most)
	}
	kind, _, err := mime.ParseMediaType(response.Header.Get("Content-Type"))
	answer.Body, answer.JSON = c.without(body), err == nil && kind == "application/json"
	return answer, nil
}

// shortestHidden is the length from which a key is looked for; a shorter one would change what an answer says.
const shortestHidden = 8

// without is an answer in which the key does not stand.
func (c *Client) without(body []byte) []byte {
	if c.hide == nil {
		return body
	}
	if key := []byte(c.hide()); len(key) >= shortestHidden && bytes.Contains(body, key) {
		return bytes.ReplaceAll(body, key, []byte("(key)"))
	}
	return body
}

// clean takes the address out of an error: a query may hold what nobody should read.
func clean(err error) error {
	var known *url.Error
	if errors.As(err, &known) {
		return known.Err
	}
	return err
}
