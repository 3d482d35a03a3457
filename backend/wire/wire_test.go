package wire_test

import (
	"bufio"
	"context"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"hoox/backend/wire"
)

// TestMain has the certificate of package httptest be one that the system trusts.
func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "hoox-roots")
	if err != nil {
		panic(err)
	}
	s := httptest.NewTLSServer(nil)
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	s.Close()
	file := filepath.Join(dir, "roots.pem")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		panic(err)
	}
	if err := os.Setenv("SSL_CERT_FILE", file); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m, goleak.Cleanup(func(code int) {
		_ = os.RemoveAll(dir) // what is left there is nobody's
		os.Exit(code)
	}))
}

// listen serves raw connections, one after the other; a connection is closed when its server returns.
func listen(t *testing.T, serve func(n int32, c net.Conn)) (origin string, connections *atomic.Int32) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	connections = &atomic.Int32{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serve(connections.Add(1), c)
			c.Close()
		}
	}()
	t.Cleanup(func() { l.Close(); <-done })
	return "http://" + l.Addr().String(), connections
}

func client(t *testing.T, origin string) *wire.Client {
	t.Helper()
	c, err := wire.NewClient(wire.ClientConfig{Origin: origin, Deadline: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func post(c *wire.Client) (wire.Answer, error) {
	return c.Do(context.Background(), wire.Request{Method: "POST", Path: "/order", Body: []byte(`{}`), Header: map[string]string{"Idempotency-Key": "x"}})
}

// swallow reads one request and answers with text.
func swallow(c net.Conn, text string) {
	r, err := http.ReadRequest(bufio.NewReader(c))
	if err != nil {
		return
	}
	io.Copy(io.Discard, r.Body)
	io.WriteString(c, text)
}

func TestEveryStageTellsWhetherBytesMayHaveLeft(t *testing.T) {
	nobody, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := nobody.Addr().String()
	nobody.Close()
	for name, origin := range map[string]string{"refused": "http://" + address, "name": "http://no-such-host.invalid"} {
		_, err := post(client(t, origin))
		var lost *wire.Error
		if !errors.As(err, &lost) || lost.Sent {
			t.Errorf("%s: %v, want a proof that nothing left", name, err)
		}
	}
	plain, _ := listen(t, func(_ int32, c net.Conn) { io.WriteString(c, "no TLS here\r\n\r\n") })
	_, err = post(client(t, strings.Replace(plain, "http:", "https:", 1)))
	var lost *wire.Error
	if !errors.As(err, &lost) || lost.Sent {
		t.Errorf("TLS: %v, want a proof that nothing left", err)
	}
	const head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	for name, text := range map[string]string{
		"closed": "", "cut header": "HTTP/1.1 200", "cut body": head + "Content-Length: 100\r\n\r\n{",
		"redirect":  "HTTP/1.1 307 Temporary Redirect\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n",
		"too large": head + "Content-Length: 2000000\r\n\r\n" + strings.Repeat("x", 2000000),
	} {
		origin, connections := listen(t, func(_ int32, c net.Conn) { swallow(c, text) })
		_, err := post(client(t, origin))
		var lost *wire.Error
		if !errors.As(err, &lost) || !lost.Sent {
			t.Errorf("%s: %v, want a failure that may have arrived", name, err)
		}
		if n := connections.Load(); n != 1 {
			t.Errorf("%s: %d connections, want one: nothing is sent twice", name, n)
		}
	}
}

func TestAStaleConnectionIsNotTriedAgain(t *testing.T) {
	const answer = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
	origin, connections := listen(t, func(_ int32, c net.Conn) {
		in := bufio.NewReader(c)
		for n := range 2 {
			r, err := http.ReadRequest(in)
			if err != nil {
				return
			}
			io.Copy(io.Discard, r.Body)
			if n == 0 {
				io.WriteString(c, answer)
			}
		}
	})
	c := client(t, origin)
	if _, err := post(c); err != nil {
		t.Fatal(err)
	}
	_, err := post(c)
	var lost *wire.Error
	if !errors.As(err, &lost) || !lost.Sent || connections.Load() != 1 {
		t.Errorf("second: %v over %d connections, want one failure and no replay", err, connections.Load())
	}
}

func TestOnlyTheDeadlineEndsACallThatIsUnderWay(t *testing.T) {
	hold := make(chan struct{})
	origin, _ := listen(t, func(_ int32, c net.Conn) { swallow(c, ""); <-hold })
	defer close(hold)
	ctx, cancel := context.WithCancel(context.Background())
	c := client(t, origin)
	begun := time.Now()
	time.AfterFunc(50*time.Millisecond, cancel)
	_, err := c.Do(ctx, wire.Request{Method: "POST", Path: "/", Body: []byte(`{}`)})
	var lost *wire.Error
	if took := time.Since(begun); !errors.As(err, &lost) || !lost.Sent || took < 250*time.Millisecond {
		t.Errorf("ended after %s with %v, want the client's own deadline", took, err)
	}
	if _, err := c.Do(ctx, wire.Request{Method: "POST", Path: "/", Body: []byte(`{}`)}); !errors.As(err, &lost) || lost.Sent {
		t.Errorf("begun after the end: %v, want not sent", err)
	}
}

func TestNothingLeavesForACallerWhoHasGone(t *testing.T) {
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		requests.Add(1)
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, "{}")
	}))
	defer server.Close()
	c := client(t, server.URL)
	// A warm connection is obtained at once.
	if _, err := post(c); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for range 200 {
		_, err := c.Do(ctx, wire.Request{Method: "POST", Path: "/order", Body: []byte(`{}`)})
		var lost *wire.Error
		if !errors.As(err, &lost) || lost.Sent {
			t.Fatalf("%v, want a proof that nothing left", err)
		}
	}
	if n := requests.Load(); n != 1 {
		t.Errorf("%d requests arrived, want the first one", n)
	}
}

func TestALongCatchUpIsNoSilence(t *testing.T) {
	late := make(chan struct{}, 100)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		up := websocket.Upgrader{}
		c, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close()
		<-late
		c.WriteMessage(websocket.TextMessage, []byte("news"))
		c.ReadMessage()
	}))
	defer server.Close()
	heard := make(chan string, 100)
	s, err := wire.NewStream(wire.StreamConfig{
		URL: "ws" + strings.TrimPrefix(server.URL, "http"), LeastWait: time.Millisecond, Silence: 100 * time.Millisecond,
		Gap: func(ctx context.Context) error {
			defer func() { late <- struct{}{} }()
			return wire.Pause(ctx, 300*time.Millisecond)
		},
		Message: func(_ context.Context, data []byte) error { heard <- string(data); return nil },
		Broke:   func(err error) { heard <- err.Error() },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	for n, want := range []string{"news", "nothing came for 100ms"} {
		select {
		case had := <-heard:
			if had != want {
				t.Errorf("event %d is %q, want %q: an account with much to ask for would never be live", n, had, want)
			}
		case <-time.After(5 * time.Second):
			t.Errorf("event %d, %q, did not come", n, want)
		}
	}
	cancel()
	<-done
}

func TestSkewIsMeasuredAtTheMidpointAndGuards(t *testing.T) {
	now := time.UnixMilli(1_000_000)
	s := wire.NewSkew(func() time.Time { return now })
	if s.Guard(time.Minute) == nil {
		t.Error("a clock that was never read is trusted")
	}
	s.Observe(now, now.Add(200*time.Millisecond), now.Add(600*time.Millisecond))
	now = now.Add(200 * time.Millisecond)
	if offset, _, ok := s.Offset(); !ok || offset != 500*time.Millisecond || s.Guard(time.Minute) != nil {
		t.Errorf("offset is %s, want 500ms and trust", offset)
	}
	s.Observe(now, now.Add(3*time.Second), now.Add(9*time.Second))
	if offset, _, _ := s.Offset(); offset != 500*time.Millisecond {
		t.Errorf("a measurement of 3 s moved the offset to %s", offset)
	}
	s.Observe(now, now, now.Add(-1001*time.Millisecond))
	if s.Guard(time.Minute) == nil {
		t.Error("a difference above a second is trusted")
	}
	s.Observe(now, now, now)
	now = now.Add(2 * time.Minute)
	if s.Guard(time.Minute) == nil {
		t.Error("an old measurement is trusted")
	}
}

func TestBudgetKeepsAReserveLearnsAndObeysABan(t *testing.T) {
	now := time.UnixMilli(1_000_000)
	b := wire.NewBudget(func() time.Time { return now }, time.Second, 4, 1)
	take := func(urgent bool) bool { _, ok := b.Take(urgent); return ok }
	for n, ask := range []struct{ urgent, want bool }{{false, true}, {false, true}, {false, false}, {true, true}, {true, false}} {
		if had := take(ask.urgent); had != ask.want {
			t.Errorf("request %d, urgent %v: %v, want two for all, a third for what is urgent, and no fourth", n, ask.urgent, had)
		}
	}
	now = now.Add(time.Second)
	b.Learn(4, 2, now.Add(time.Second))
	if take(false) || !take(true) || take(true) {
		t.Error("the exchange said two are left: one is never used, the other belongs to what is urgent")
	}
	b.Ban(now.Add(time.Minute))
	b.Ban(now.Add(time.Second))
	now = now.Add(30 * time.Second)
	if wait, ok := b.Take(true); ok || wait != 30*time.Second || !b.BannedUntil().Equal(now.Add(30*time.Second)) {
		t.Errorf("banned: %v, wait %s, want 30s more", ok, wait)
	}
}

func TestStreamComesBackAndClosesItsGapFirst(t *testing.T) {
	var connections atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		up := websocket.Upgrader{}
		c, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close()
		n := connections.Add(1)
		if _, _, err := c.ReadMessage(); err != nil {
			return
		}
		c.WriteMessage(websocket.TextMessage, []byte("early"))
		c.WriteMessage(websocket.TextMessage, []byte("ok"))
		c.WriteMessage(websocket.TextMessage, []byte("news"))
		if n > 1 {
			// Silent from here on: only the watchdog can tell.
			c.ReadMessage()
		}
	}))
	defer server.Close()
	heard := make(chan string, 100)
	s, err := wire.NewStream(wire.StreamConfig{
		URL: "ws" + strings.TrimPrefix(server.URL, "http"), LeastWait: time.Millisecond, Silence: 100 * time.Millisecond,
		Jitter: func(time.Duration) time.Duration { return 0 },
		Open: func(_ context.Context, c *wire.Conn) error {
			if err := c.Send([]byte("hello")); err != nil {
				return err
			}
			return c.Await(func(data []byte) (bool, error) { return string(data) == "ok", nil })
		},
		Gap:     func(context.Context) error { heard <- "gap"; return nil },
		Message: func(_ context.Context, data []byte) error { heard <- string(data); return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	for n, want := range []string{"gap", "early", "news", "gap", "early", "news", "gap"} {
		select {
		case had := <-heard:
			if had != want {
				t.Errorf("event %d is %q, want %q", n, had, want)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("event %d, %q, did not come", n, want)
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) || s.Live() {
		t.Errorf("serve ended with %v, live %v", err, s.Live())
	}
}

func TestAnAnswerIsReadWithoutTheKeyThatWentOut(t *testing.T) {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		io.WriteString(w, `{"msg":"invalid key `+r.Header.Get("X-Key")+`, again `+r.Header.Get("X-Key")+`","time":1700000000000}`)
	}))
	defer s.Close()
	for key, want := range map[string]string{
		"a-key-of-an-account": `{"msg":"invalid key (key), again (key)","time":1700000000000}`,
		"1700":                `{"msg":"invalid key 1700, again 1700","time":1700000000000}`,
		"":                    `{"msg":"invalid key , again ","time":1700000000000}`,
	} {
		c, err := wire.NewClient(wire.ClientConfig{Origin: s.URL, Hide: func() string { return key }})
		if err != nil {
			t.Fatal(err)
		}
		a, err := c.Do(t.Context(), wire.Request{Method: "GET", Path: "/", Header: map[string]string{"X-Key": key}})
		if err != nil || string(a.Body) != want {
			t.Errorf("%q: had %s %v, want %s: the words of an exchange are shown and stored", key, a.Body, err, want)
		}
		c.Close()
	}
}

func TestConnectionsAreMadeByTheDialerThatIsPassedIn(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") == "" {
			w.Header().Set("Content-Type", "application/json")
			io.WriteString(w, `{}`)
			return
		}
		up := websocket.Upgrader{}
		if c, err := up.Upgrade(w, r, nil); err == nil {
			c.WriteMessage(websocket.TextMessage, []byte("news"))
			c.Close()
		}
	}))
	defer server.Close()
	asked := make(chan string, 100)
	dial := func(ctx context.Context, network, address string) (net.Conn, error) {
		asked <- address
		return (&net.Dialer{}).DialContext(ctx, network, server.Listener.Addr().String())
	}
	c, err := wire.NewClient(wire.ClientConfig{Origin: "http://exchange.invalid", Dial: dial})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	ctx, cancel := context.WithCancel(context.Background())
	s, err := wire.NewStream(wire.StreamConfig{URL: "ws://stream.invalid/ws", Dial: dial, Message: func(context.Context, []byte) error { cancel(); return nil }})
	if err != nil {
		t.Fatal(err)
	}

	_, err = post(c)
	served := s.Serve(ctx)

	if err != nil || !errors.Is(served, context.Canceled) {
		t.Errorf("request: %v, stream: %v; want both served through the dialer", err, served)
	}
	if first, second := <-asked, <-asked; first != "exchange.invalid:80" || second != "stream.invalid:80" {
		t.Errorf("the dialer was asked for %s and %s", first, second)
	}
}

func TestBodyThatDoesNotCallItselfJSONIsHandedOverOnlyWhenAskedFor(t *testing.T) {
	for any, want := range map[bool]string{false: "", true: `{"hostname":"a.example.com"}`} {
		origin, _ := listen(t, func(_ int32, c net.Conn) {
			swallow(c, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 28\r\n\r\n{\"hostname\":\"a.example.com\"}")
		})
		answer, err := client(t, origin).Do(context.Background(), wire.Request{Method: "GET", Path: "/", AnyType: any})
		if err != nil {
			t.Fatal(err)
		}
		if string(answer.Body) != want || answer.JSON {
			t.Errorf("any type %t: had %q, JSON %t; want %q and no JSON: an exchange's error page must not be read as its answer", any, answer.Body, answer.JSON, want)
		}
	}
}

func TestABodyIsSentAsWhatItIs(t *testing.T) {
	kinds := make(chan string, 2)
	origin, _ := listen(t, func(_ int32, c net.Conn) {
		r, err := http.ReadRequest(bufio.NewReader(c))
		if err != nil {
			return
		}
		io.Copy(io.Discard, r.Body)
		kinds <- r.Header.Get("Content-Type")
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}")
	})
	for _, want := range []string{"", "multipart/form-data; boundary=x"} {
		if _, err := client(t, origin).Do(context.Background(), wire.Request{Method: "POST", Path: "/", Body: []byte("x"), Type: want}); err != nil {
			t.Fatal(err)
		}
		if want == "" {
			want = "application/json"
		}
		if had := <-kinds; had != want {
			t.Errorf("sent as %q, want %q", had, want)
		}
	}
}

func TestAnAnswerThatIsTooLargeSaysSo(t *testing.T) {
	origin, _ := listen(t, func(_ int32, c net.Conn) {
		swallow(c, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2000000\r\n\r\n"+strings.Repeat("x", 2000000))
	})
	if _, err := post(client(t, origin)); !errors.Is(err, wire.ErrLarger) {
		t.Errorf("had %v, want it to say that there is more", err)
	}
}
