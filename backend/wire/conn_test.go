package wire_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"strings"
	"sync"
	"syscall"
	"testing"

	"hoox/backend/wire"
)

// sleeper is a connection that the other side resets while it sleeps.
type sleeper struct {
	net.Conn
	reset  chan struct{}
	closed chan struct{}
	once   sync.Once
}

func (c *sleeper) Read(p []byte) (int, error) {
	type got struct {
		n   int
		err error
	}
	read := make(chan got, 1)
	go func() {
		n, err := c.Conn.Read(p)
		read <- got{n, err}
	}()
	select {
	case g := <-read:
		return g.n, g.err
	case <-c.reset:
		_ = c.Conn.Close()
		<-read
		return 0, syscall.ECONNRESET
	}
}

func (c *sleeper) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

func dialSleepers(conns *[]*sleeper) wire.Dial {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		s := &sleeper{Conn: conn, reset: make(chan struct{}), closed: make(chan struct{})}
		*conns = append(*conns, s)
		return s, nil
	}
}

func TestAConnectionThatBrokeInItsSleepTookNothing(t *testing.T) {
	const answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
	origin, connections := listen(t, func(_ int32, c net.Conn) {
		in := bufio.NewReader(c)
		for {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			_, _ = io.Copy(io.Discard, r.Body)
			_, _ = io.WriteString(c, answer)
		}
	})
	var conns []*sleeper
	c, err := wire.NewClient(wire.ClientConfig{Origin: origin, Dial: dialSleepers(&conns)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	request := wire.Request{Method: "POST", Path: "/order", Body: []byte("{}")}
	if _, err := c.Do(t.Context(), request); err != nil {
		t.Fatal(err)
	}
	// The connection is handed to the next call and breaks before that has written anything.
	broken := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
		close(conns[0].reset)
		<-conns[0].closed
	}})

	_, err = c.Do(broken, request)

	var lost *wire.Error
	if !errors.As(err, &lost) || lost.Sent || connections.Load() != 1 {
		t.Fatalf("had %v over %d connections, want a proof that nothing left: the order is sent again, instead of given up as one that nobody knows about", err, connections.Load())
	}
	if _, err := c.Do(t.Context(), request); err != nil || connections.Load() != 2 {
		t.Errorf("had %v over %d connections, want the next call on another one", err, connections.Load())
	}
}

// patient is a client that waits as long as the program does.
func patient(t *testing.T, origin string) *wire.Client {
	t.Helper()
	c, err := wire.NewClient(wire.ClientConfig{Origin: origin})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestOverTLSOnlyAServerThatTheSystemTrustsIsSpokenTo(t *testing.T) {
	calls := 0
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		calls++
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "{}")
	})
	server := httptest.NewTLSServer(handler)
	defer server.Close()
	c := patient(t, server.URL)
	for range 2 {
		if _, err := post(c); err != nil {
			t.Fatal(err)
		}
	}
	if calls != 2 {
		t.Fatalf("had %d calls, want 2", calls)
	}
	// Its certificate is for 127.0.0.1 and not for this name of the same computer.
	_, err := post(patient(t, strings.Replace(server.URL, "127.0.0.1", "localhost", 1)))
	var lost *wire.Error
	if !errors.As(err, &lost) || lost.Sent || calls != 2 {
		t.Errorf("had %v after %d calls, want another's certificate refused before a byte of the request leaves", err, calls)
	}
}

func TestASecureConnectionThatBrokeInItsSleepTookNothing(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, "{}")
	}))
	defer server.Close()
	var conns []*sleeper
	c, err := wire.NewClient(wire.ClientConfig{Origin: server.URL, Dial: dialSleepers(&conns)})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := post(c); err != nil {
		t.Fatal(err)
	}
	broken := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) {
		close(conns[0].reset)
		<-conns[0].closed
	}})
	_, err = c.Do(broken, wire.Request{Method: "POST", Path: "/order", Body: []byte("{}")})
	var lost *wire.Error
	if !errors.As(err, &lost) || lost.Sent {
		t.Errorf("had %v, want a proof that nothing of the request left: that TLS says goodbye is nothing of it", err)
	}
}
