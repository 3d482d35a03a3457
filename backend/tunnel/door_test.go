package tunnel_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hoox/backend/tunnel"
)

// inside runs a tunnel within the process and gives the test its end of connections.
func inside(t *testing.T, s *stage) (connect func() net.Conn) {
	t.Helper()
	calls := make(chan net.Conn)
	s.edit = func(r *tunnel.Runner) {
		r.Hurry()
		r.SetWay(func(ctx context.Context, a tunnel.Attempt) error {
			a.Ready("https://hooks.example.com")
			for {
				select {
				case c := <-calls:
					a.Take(ctx, c)
				case <-ctx.Done():
					return ctx.Err()
				}
			}
		})
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return func() net.Conn {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		far, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		calls <- noDeadline{far}
		if err := c.SetDeadline(time.Now().Add(limit)); err != nil {
			t.Fatal(err)
		}
		return c
	}
}

// noDeadline is a connection without deadlines, as the channels of ssh are.
type noDeadline struct{ net.Conn }

func (noDeadline) SetDeadline(time.Time) error      { return errors.New("not supported") }
func (noDeadline) SetReadDeadline(time.Time) error  { return errors.New("not supported") }
func (noDeadline) SetWriteDeadline(time.Time) error { return errors.New("not supported") }
func (c noDeadline) CloseWrite() error              { return c.Conn.(*net.TCPConn).CloseWrite() }

const alert = "POST /webhook HTTP/1.1\r\nHost: hooks.example.com\r\nContent-Length: 2\r\n\r\n{}"

func TestClientThatDawdlesIsClosedAlsoWhereTheTunnelHasNoDeadlines(t *testing.T) {
	s := set(t, proxied)
	s.gateway()
	connect := inside(t, s)
	s.start()
	c := connect()

	if _, err := io.WriteString(c, "POST /webhook HTTP/1.1\r\nHost:"); err != nil {
		t.Fatal(err)
	}
	said, err := io.ReadAll(c)
	if err != nil {
		t.Fatalf("had %v, want the server to hang up at its own deadline: 2,000 such clients would shut everybody out", err)
	}
	if len(said) > 0 && !strings.HasPrefix(string(said), "HTTP/1.1 4") {
		t.Errorf("had %q", said)
	}
}

func TestAnswerReachesAClientThatHasSaidAllAndOneThatStaysOn(t *testing.T) {
	s := set(t, proxied)
	requests := s.gateway()
	connect := inside(t, s)
	s.start()

	done := connect()
	if _, err := io.WriteString(done, alert); err != nil {
		t.Fatal(err)
	}
	if err := done.(*net.TCPConn).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if said, err := io.ReadAll(done); err != nil || !strings.HasSuffix(string(said), `{"success":true}`) {
		t.Errorf("a client that had said all got %q, %v; want the whole answer", said, err)
	}
	<-requests

	stays := connect()
	read := bufio.NewReader(stays)
	for range 2 {
		if _, err := io.WriteString(stays, alert); err != nil {
			t.Fatal(err)
		}
		response, err := http.ReadResponse(read, nil)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(response.Body); err != nil || string(body) != `{"success":true}` {
			t.Errorf("had %q, %v on a connection that stays", body, err)
		}
		<-requests
	}
}

func TestEndOfTheTunnelEndsItsConnectionsWhateverTheGatewayDoes(t *testing.T) {
	s := set(t, proxied)
	arrived, release := make(chan struct{}), make(chan struct{})
	s.serve(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		close(arrived)
		<-release
	}))
	defer close(release)
	connect := inside(t, s)
	stop := s.start()
	c := connect()
	if _, err := io.WriteString(c, alert); err != nil {
		t.Fatal(err)
	}
	<-arrived

	stop()

	if _, err := io.ReadAll(c); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("the connection is still open after the tunnel was stopped: %v", err)
	}
}

func TestTooManyConnectionsAreTurnedAway(t *testing.T) {
	s := set(t, proxied)
	connect := inside(t, s) // and nobody accepts
	s.start()
	for range tunnel.MaxBridges {
		connect()
	}
	if _, err := connect().Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("one connection too many: had %v, want it closed", err)
	}
}

func TestDoorServesOneServerAfterTheOther(t *testing.T) {
	s := set(t, proxied)
	connect := inside(t, s)
	s.start()
	first := s.door.Listener()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := first.Accept(); !errors.Is(err, net.ErrClosed) {
		t.Errorf("had %v from a closed listener, want net.ErrClosed: a server takes anything else for a fault", err)
	}
	requests := s.gateway()
	if _, err := io.WriteString(connect(), alert); err != nil {
		t.Fatal(err)
	}
	<-requests
}

func TestClosingAServersDoorFreesIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		second := tunnel.NewDoor().Listener()
		accepted := make(chan error, 1)
		go func() {
			_, err := second.Accept()
			accepted <- err
		}()
		synctest.Wait()
		if err := second.Close(); err != nil {
			t.Fatal(err)
		}
		if err := <-accepted; !errors.Is(err, net.ErrClosed) {
			t.Errorf("closing freed Accept with %v, want net.ErrClosed", err)
		}
	})
}

func TestSocketLeftBehindIsReplacedAndNothingElse(t *testing.T) {
	base := set(t, tunnel.Config{})
	path := filepath.Join(base.dir, "s")
	config := tunnel.Config{Kind: tunnel.None, Hostname: "a.example.com", Listen: "unix:" + path, ClientIPHeader: "X-Real-Ip"}

	// A run that was killed leaves its socket.
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	l.SetUnlinkOnClose(false)
	l.Close()
	s := set(t, config)
	requests := s.gateway()
	stop := s.start()
	s.awaitUp()
	c, err := net.Dial("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := io.WriteString(c, alert); err != nil {
		t.Fatal(err)
	}
	if r := <-requests; r.Trusted != "X-Real-Ip" || !strings.HasPrefix(r.Remote, "127.0.0.1") {
		t.Errorf("had header %q from %q, want the configured header from this computer", r.Trusted, r.Remote)
	}

	// A socket that somebody serves, and a file, stay.
	other := set(t, config)
	otherStop := other.start()
	if state := other.await("the address is taken", func(x tunnel.State) bool { return x.Phase == tunnel.Down }); !strings.Contains(state.Detail, "another program answers") {
		t.Errorf("had %q", state.Detail)
	}
	otherStop()
	stop()
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	third := set(t, config)
	third.start()
	third.await("a file is in the way", func(x tunnel.State) bool { return x.Phase == tunnel.Down })
	if text, err := os.ReadFile(path); err != nil || string(text) != "mine" {
		t.Errorf("the file in the way is %q, %v: it must not be touched", text, err)
	}
}
