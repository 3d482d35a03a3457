package gateway_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hoox/backend/gateway"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func dial(t testing.TB, base string) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(base, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

func writeAlert(t testing.TB, c net.Conn, body string) {
	t.Helper()
	if _, err := fmt.Fprintf(c, "POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", len(body), body); err != nil {
		t.Fatal(err)
	}
}

// closedWithin reads until the server closes and returns what it said.
func closedWithin(t testing.TB, c net.Conn, d time.Duration) string {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(d)); err != nil {
		t.Fatal(err)
	}
	said, err := io.ReadAll(c)
	if n, ok := err.(net.Error); ok && n.Timeout() {
		t.Fatalf("want the connection closed within %s, had it open: slow clients would pile up", d)
	}
	return string(said)
}

func TestServerLimitsAreThoseOfTheContract(t *testing.T) {
	s := gateway.New(gateway.Config{}, gateway.Parts{}).Server()
	had := []any{s.ReadHeaderTimeout, s.ReadTimeout, s.WriteTimeout, s.IdleTimeout, s.MaxHeaderBytes}
	want := []any{2 * time.Second, 5 * time.Second, 10 * time.Second, 30 * time.Second, 8192}
	if fmt.Sprint(had) != fmt.Sprint(want) {
		t.Errorf("want %v, had %v", want, had)
	}
}

func TestSlowClientsAreClosed(t *testing.T) {
	short := func(g *gateway.Gateway) { g.SetTimeouts(150*time.Millisecond, 300*time.Millisecond) }
	base := open(t, newHouse(), short)

	silent, header, slow := dial(t, base), dial(t, base), dial(t, base)
	_, _ = io.WriteString(header, "POST /webhook HTTP/1.1\r\nHost: x\r\nX-A:")
	_, _ = io.WriteString(slow, "POST /webhook HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{\"a\":")

	closedWithin(t, silent, 3*time.Second)
	closedWithin(t, header, 3*time.Second)
	if said := closedWithin(t, slow, 3*time.Second); !strings.HasPrefix(said, "HTTP/1.1 400") {
		t.Errorf("want a slow body answered 400, had %q", said)
	}
}

func TestEndlessChunkedBodyIs413AndClosed(t *testing.T) {
	h := newHouse()
	base := open(t, h)
	c := dial(t, base)
	_, _ = io.WriteString(c, "POST /webhook HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
	var sent atomic.Int64
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		chunk := "400\r\n" + strings.Repeat(" ", 1024) + "\r\n"
		for {
			n, err := io.WriteString(c, chunk)
			sent.Add(int64(n))
			if err != nil {
				return
			}
		}
	}()
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatalf("want an answer while the body goes on, had %v", err)
	}
	_ = res.Body.Close()
	if res.StatusCode != 413 || !res.Close {
		t.Errorf("want 413 and the connection closed, had %d close=%v", res.StatusCode, res.Close)
	}
	<-stopped
}

// counted counts what the server reads from its sockets.
type counted struct {
	net.Listener
	read *atomic.Int64
}

func (l counted) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return countedConn{c, l.read}, nil
}

type countedConn struct {
	net.Conn
	read *atomic.Int64
}

func (c countedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.read.Add(int64(n))
	return n, err
}

func TestOversizeBodyIsNotReadPastItsBound(t *testing.T) {
	h := newHouse()
	g := gateway.New(gateway.Config{}, gateway.Parts{Desk: h, Outcomes: h, Now: func() time.Time { return clock }, Rules: func() gateway.Rules { return h.rules }})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var read atomic.Int64
	srv := g.Server()
	done := make(chan struct{})
	go func() { defer close(done); _ = srv.Serve(counted{l, &read}) }()
	defer func() { _ = srv.Close(); <-done }()
	for name, framing := range map[string]string{"declared": fmt.Sprintf("Content-Length: %d", 200<<10), "chunked": "Transfer-Encoding: chunked"} {
		read.Store(0)
		c := dial(t, "http://"+l.Addr().String())
		_, _ = io.WriteString(c, "POST /webhook HTTP/1.1\r\nHost: x\r\n"+framing+"\r\n\r\n")
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			for range 40 {
				chunk := strings.Repeat("a", 5<<10)
				if name == "chunked" {
					chunk = "1400\r\n" + chunk + "\r\n"
				}
				if _, err := io.WriteString(c, chunk); err != nil {
					return
				}
			}
		}()
		said := closedWithin(t, c, 5*time.Second)
		<-stopped
		// The server's own buffer reads ahead by 4 KiB; the chunk frames and the header come on top.
		if n := read.Load(); !strings.HasPrefix(said, "HTTP/1.1 413") || n > 64<<10+8<<10 {
			t.Errorf("%s: want 413 after at most 64 KiB + 1 and a buffer, had %.20q after %d bytes", name, said, n)
		}
	}
}

func TestDawdlersGiveWayToAnAlert(t *testing.T) {
	h := newHouse()
	base := open(t, h, func(g *gateway.Gateway) { g.SetConnections(32) })
	for range 200 {
		c := dial(t, base)
		_, _ = io.WriteString(c, "POST /webhook HTTP/1.1\r\nHost:")
	}
	for range 10 {
		start := time.Now()
		want(t, send(t, "POST", base+"/webhook", with(long)), 200, "")
		// The header of a slow connection may take 2 s: whoever waits for that has not been given way.
		if took := time.Since(start); took > 1500*time.Millisecond {
			t.Errorf("want an alert answered before slow connections run out of time, had %s", took)
		}
	}
}

func TestFullHouseOfAlertsTurnsNewcomersAway(t *testing.T) {
	h := newHouse()
	release, begun := make(chan struct{}), make(chan struct{}, 2)
	h.admit = nil
	desk := slowDesk{}
	desk.admit = func(ctx context.Context, s signal) (receipt, error) {
		begun <- struct{}{}
		<-release
		return fillAtOnce(h, s)
	}
	base := open(t, h, func(p *gateway.Parts) { p.Desk = desk }, func(g *gateway.Gateway) { g.SetConnections(2) })
	first, second := dial(t, base), dial(t, base)
	writeAlert(t, first, with(long))
	writeAlert(t, second, with(long))
	<-begun
	<-begun
	if said := closedWithin(t, dial(t, base), 3*time.Second); said != "" {
		t.Errorf("want the third closed without a word, had %q", said)
	}
	close(release)
	for _, c := range []net.Conn{first, second} {
		if res, err := http.ReadResponse(bufio.NewReader(c), nil); err != nil || res.StatusCode != 200 {
			t.Errorf("want the alerts inside answered, had %v", err)
		}
	}
}

func TestRestartKeepsThePort(t *testing.T) {
	h := newHouse()
	g := gateway.New(gateway.Config{Listen: "127.0.0.1:0"}, gateway.Parts{
		Desk: h, Outcomes: h, Now: func() time.Time { return clock },
		Rules: func() gateway.Rules { return h.rules }, Health: func(context.Context) gateway.Health { return gateway.Health{} },
	})
	var first string
	for range 2 {
		if _, err := g.Listen(t.Context()); err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = g.Addr()
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- g.Serve(ctx) }()
		want(t, send(t, "GET", "http://"+g.Addr()+"/health", ""), 200, "")
		cancel()
		if err := <-done; err != nil || g.Addr() != first {
			t.Errorf("want a clean stop on %s, had %v on %s", first, err, g.Addr())
		}
	}
}

func TestListenSaysWhenThePortIsTaken(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, err = gateway.New(gateway.Config{Listen: l.Addr().String()}, gateway.Parts{}).Listen(t.Context())
	if err == nil || !strings.Contains(err.Error(), l.Addr().String()) {
		t.Errorf("want an error that names the address, had %v", err)
	}
}
