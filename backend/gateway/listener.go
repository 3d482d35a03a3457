package gateway

import (
	"bytes"
	"container/list"
	"context"
	"net"
	"net/http"
	"time"
)

// Bounded puts a bound on the open connections of a listener. When it is full, a connection that keeps its request to itself
// gives way, so that clients that dawdle cannot keep out one that speaks. The server on it needs Seat as its ConnContext, and
// calls Hold once a request has proved who it comes from. What the server answers past every handler carries the security
// headers.
func Bounded(l net.Listener, most int) net.Listener { return newCrowd(l, most) }

type guestKey struct{}

// Seat makes the connection of a request known to Hold.
func Seat(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, guestKey{}, c)
}

// Hold keeps the connection of a request that proved who it comes from until the returned function is called. Afterwards it
// gives way after all those that proved nothing.
func Hold(r *http.Request) (release func()) { return keep(r, proven) }

// keep keeps the connection of a request from giving way until the returned function is called.
func keep(r *http.Request, s standing) (release func()) {
	if c, ok := r.Context().Value(guestKey{}).(*guest); ok {
		return c.hold(s)
	}
	return func() {}
}

// guest is one open connection.
type guest struct {
	net.Conn
	crowd *crowd
	timer *time.Timer

	// Guarded by the crowd's mutex. spot is its place among those that are not being served, nil while it is.
	spot     *list.Element
	standing standing
	// reading tells that the server waits for words, ripe that the patience with it is at an end.
	reading, ripe, gone bool
}

// Read waits for words. A read of one byte is how the server watches, while it serves, whether the client hangs up.
func (g *guest) Read(p []byte) (int, error) {
	g.listen(len(p) > 1, false)
	n, err := g.Conn.Read(p)
	g.listen(false, n > 0)
	return n, err
}

// badRequest is how the server answers, past every handler, what is no HTTP at all, and expectation what it says to an
// Expect that it does not know.
var (
	badRequest  = []byte("\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")
	expectation = []byte(" 417 ")
)

// Write passes answers on. The answers that no handler sees lose their words and get the security headers.
func (g *guest) Write(p []byte) (int, error) {
	g.moves(answered)
	line, _, ours := bytes.Cut(p, []byte("\r\n"))
	version := len("HTTP/1.1")
	if !ours || len(line) < version || !bytes.HasPrefix(line, []byte("HTTP/1.")) ||
		!bytes.HasPrefix(p[len(line):], badRequest) && !bytes.HasPrefix(line[version:], expectation) {
		return g.Conn.Write(p)
	}
	out := append(bytes.Clone(line), "\r\nConnection: close\r\nContent-Length: 0\r\n"...)
	for _, h := range securityHeaders {
		out = append(out, h[0]+": "+h[1]+"\r\n"...)
	}
	if _, err := g.Conn.Write(append(out, "\r\n"...)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// Close frees the place; closing twice frees it once.
func (g *guest) Close() error {
	g.crowd.mu.Lock()
	if !g.gone {
		g.gone = true
		g.crowd.open--
		g.leave()
		g.timer.Stop()
		g.crowd.look()
	}
	g.crowd.mu.Unlock()
	return g.Conn.Close()
}

// CloseWrite lets the server say that it is done before it closes, so that the last answer is not lost in a reset.
func (g *guest) CloseWrite() error {
	if c, ok := g.Conn.(interface{ CloseWrite() error }); ok {
		return c.CloseWrite()
	}
	return nil
}
