package gateway

import (
	"bytes"
	"container/list"
	"context"
	"net"
	"net/http"
	"sync"
)

// Bounded puts a bound on the open connections of a listener. When it is full, the connection that has kept its request
// to itself for longest gives way, so that a client that dawdles cannot keep out one that speaks. The server on it needs
// Seat as its ConnContext, and calls Hold once a request has proved who it comes from. What the server answers past
// every handler carries the security headers.
func Bounded(l net.Listener, most int) net.Listener { return &crowd{Listener: l, most: most} }

type guestKey struct{}

// Seat makes the connection of a request known to Hold.
func Seat(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, guestKey{}, c)
}

// Hold keeps the connection of a request from giving way until the returned function is called.
func Hold(r *http.Request) (release func()) {
	if c, ok := r.Context().Value(guestKey{}).(*guest); ok {
		return c.hold()
	}
	return func() {}
}

// crowd is a listener with a bound on open connections. When it is full, the connection that has kept its request to
// itself for longest gives way: a client that dawdles cannot keep out one that speaks.
type crowd struct {
	net.Listener
	most int

	mu   sync.Mutex
	open int
	// idle are the connections that have not handed over an authenticated request, oldest first.
	idle list.List
}

func (l *crowd) Accept() (net.Conn, error) {
	for {
		c, err := l.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if g := l.enter(c); g != nil {
			return g, nil
		}
		// Everybody inside is being served: the newcomer has to come back.
		_ = c.Close()
	}
}

func (l *crowd) enter(c net.Conn) *guest {
	l.mu.Lock()
	for l.open >= l.most && l.idle.Len() > 0 {
		oldest, _ := l.idle.Front().Value.(*guest)
		l.mu.Unlock()
		_ = oldest.Close()
		l.mu.Lock()
	}
	defer l.mu.Unlock()
	if l.open >= l.most {
		return nil
	}
	g := &guest{Conn: c, crowd: l}
	l.open++
	g.place = l.idle.PushBack(g)
	return g
}

// guest is one open connection.
type guest struct {
	net.Conn
	crowd *crowd

	// Guarded by the crowd's mutex.
	place *list.Element
	gone  bool
}

// hold keeps the connection from giving way until the returned function is called.
func (g *guest) hold() (release func()) {
	g.crowd.mu.Lock()
	defer g.crowd.mu.Unlock()
	g.leaveIdle()
	return func() {
		g.crowd.mu.Lock()
		defer g.crowd.mu.Unlock()
		if !g.gone && g.place == nil {
			g.place = g.crowd.idle.PushBack(g)
		}
	}
}

func (g *guest) leaveIdle() {
	if g.place != nil {
		g.crowd.idle.Remove(g.place)
		g.place = nil
	}
}

// badRequest is how the server answers, past every handler, what is no HTTP at all, and expectation what it says to an
// Expect that it does not know.
var (
	badRequest  = []byte("\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")
	expectation = []byte(" 417 ")
)

// Write passes answers on. The answers that no handler sees lose their words and get the security headers.
func (g *guest) Write(p []byte) (int, error) {
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
		g.leaveIdle()
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
