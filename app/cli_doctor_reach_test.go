package app

import (
	"context"
	"encoding/binary"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"hoox/backend/node"
)

// nameServer is a name server on this computer. The names that it knows lead to this computer.
type nameServer struct {
	socket net.PacketConn
	mu     sync.Mutex
	known  map[string]bool
}

func startNames(t *testing.T) *nameServer {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	n := &nameServer{socket: socket, known: map[string]bool{}}
	done := make(chan struct{})
	go func() {
		defer close(done)
		n.serve()
	}()
	t.Cleanup(func() {
		_ = socket.Close()
		<-done
	})
	return n
}

func (n *nameServer) serve() {
	packet := make([]byte, 1500)
	for {
		size, from, err := n.socket.ReadFrom(packet)
		if err != nil {
			return
		}
		if answer := n.answer(packet[:size]); answer != nil {
			_, _ = n.socket.WriteTo(answer, from)
		}
	}
}

// answer is the question again with what is known: an address of version 4, or that there is no such name.
func (n *nameServer) answer(question []byte) []byte {
	const header, kinds = 12, 4
	var labels []string
	at := header
	for at < len(question) && question[at] != 0 {
		end := at + 1 + int(question[at])
		if end >= len(question) {
			return nil
		}
		labels = append(labels, string(question[at+1:end]))
		at = end
	}
	if at+1+kinds > len(question) {
		return nil
	}
	version4 := binary.BigEndian.Uint16(question[at+1:]) == 1
	n.mu.Lock()
	known := n.known[strings.ToLower(strings.Join(labels, "."))]
	n.mu.Unlock()
	out := append([]byte{}, question[:at+1+kinds]...)
	// An answer, as wanted, with one question and nothing else so far.
	copy(out[2:header], []byte{0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0})
	switch {
	case !known:
		out[3] |= 3
	case version4:
		out[7] = 1
		out = append(out, 0xc0, header, 0, 1, 0, 1, 0, 0, 0, 1, 0, 4, 127, 0, 0, 1)
	}
	return out
}

func (n *nameServer) learn(name string) {
	n.mu.Lock()
	n.known[name] = true
	n.mu.Unlock()
}

// resolver asks this name server and no other.
func (n *nameServer) resolver() *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", n.socket.LocalAddr().String())
	}}
}

// street is where a public address leads.
type street struct {
	mu   sync.Mutex
	door http.Handler
}

func (s *street) lead(to http.Handler) {
	s.mu.Lock()
	s.door = to
	s.mu.Unlock()
}

func (s *street) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	door := s.door
	s.mu.Unlock()
	door.ServeHTTP(w, r)
}

// reached is a program with a proxy of its owner in front of it, at a name of its own.
type reached struct {
	*program
	*street
	names *nameServer
	// home leads to the program; server is what answers at the public address, and port where.
	home   http.Handler
	server *httptest.Server
	port   string
}

// reach starts the program; at the beginning the public address leads to door.
func reach(t *testing.T, name string, door http.Handler) *reached {
	t.Helper()
	// Not in the folder of the test: the path of a socket may have a hundred bytes.
	short, err := os.MkdirTemp("", "way")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(short) })
	socket := filepath.Join(short, "s")
	home := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "hoox"})
	home.Transport = &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}}
	r := &reached{street: &street{door: door}, names: startNames(t), home: home}
	if door == nil {
		r.door = home
	}
	r.server = httptest.NewServer(r.street)
	t.Cleanup(func() { r.server.Close() })
	_, r.port, _ = strings.Cut(strings.TrimPrefix(r.server.URL, "http://"), ":")
	config := configOf(t, privateDir(t), testEnv)
	config.Tunnel.Hostname, config.Tunnel.Listen = "http://"+name+":"+r.port, "unix:"+socket
	config.Dial = (&net.Dialer{Resolver: r.names.resolver()}).DialContext
	r.program = startOn(t, config)
	return r
}

func TestDoctorFindsAPublicNameThatIsNotKnown(t *testing.T) {
	t.Parallel()
	r := reach(t, "hooks.hoox.test", nil)
	r.fallsIll("tunnel", "hooks.hoox.test is not known", "give hooks.hoox.test a record")
	r.names.learn("hooks.hoox.test")
	r.recovers("tunnel")
}

func TestDoctorFindsAPublicAddressThatLeadsElsewhere(t *testing.T) {
	another := start(t)
	gateway := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: another.node.GatewayAddr()})
	gateway.Transport = &http.Transport{DisableKeepAlives: true}
	for name, c := range map[string]struct {
		door   http.Handler
		detail string
		fix    string
	}{
		"another program":      {http.NotFoundHandler(), "not this program", "lead to the gateway of this computer"},
		"another installation": {gateway, "another installation", "take the other installation off this address"},
		"a page for everything": {http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { writeJSON(w, http.StatusOK, Empty{}) }),
			"not this program, with HTTP status 200", "lead to the gateway of this computer"},
		"a login": {http.RedirectHandler("/login", http.StatusFound), "a login stands in front", "take the login away"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := reach(t, "hooks.hoox.test", c.door)
			r.names.learn("hooks.hoox.test")
			r.fallsIll("tunnel", c.detail, c.fix)
			r.lead(r.home)
			r.recovers("tunnel")
		})
	}
}

func TestDoctorFindsAPublicAddressAtWhichNothingAnswers(t *testing.T) {
	t.Parallel()
	r := reach(t, "hooks.hoox.test", nil)
	r.server.Close()
	r.names.learn("hooks.hoox.test")
	r.fallsIll("tunnel", "no answer", "start what leads from there to here")

	l, err := net.Listen("tcp", "127.0.0.1:"+r.port)
	if err != nil {
		t.Fatal(err)
	}
	again := &httptest.Server{Listener: l, Config: &http.Server{Handler: r.street}}
	again.Start()
	t.Cleanup(again.Close)
	r.recovers("tunnel")
}

func TestDoctorFindsTradingViewAtAnOldAddress(t *testing.T) {
	t.Parallel()
	r := reach(t, "old.hoox.test", nil)
	for _, name := range []string{"old.hoox.test", "new.hoox.test"} {
		r.names.learn(name)
	}
	r.recovers("tunnel")
	address := "http://new.hoox.test:" + r.port
	if code, out, words := r.hoox("", "config", "set", "tunnel:hostname", address); code != exitOK {
		t.Fatalf("config set: had %d %q %q", code, out, words)
	}
	r.fallsIll("tunnel", "TradingView still points at http://old.hoox.test:"+r.port, address+"/webhook")
	if code, out, words := r.hoox("", "tunnel", "confirm", address); code != exitOK {
		t.Fatalf("confirm: had %d %q %q", code, out, words)
	}
	r.recovers("tunnel")
}

func TestDoctorLooksTheNameOfTheSettingsUpWhileNothingRuns(t *testing.T) {
	dir, names := furnished(t, "[tunnel]\nhostname = \"file.hoox.test\"\n"), startNames(t)
	look := func() map[string]finding {
		config, err := node.Load(node.Flags{DataDir: dir}, testEnv)
		if err != nil {
			t.Fatal(err)
		}
		sh := plain()
		sh.ctx, sh.flags = t.Context(), node.Flags{DataDir: dir}
		all := map[string]finding{}
		for _, f := range atRest(&sh, config, names.resolver().LookupHost) {
			all[f.Name] = f
		}
		return all
	}
	ill(t, look(), "public name", "file.hoox.test is not known", "give file.hoox.test a record")
	names.learn("file.hoox.test")
	well(t, look(), "public name")

	p, stop := launch(t, dir)
	if err := p.node.ChangeSetting(t.Context(), "tunnel:hostname", "set.hoox.test", "test"); err != nil {
		t.Fatal(err)
	}
	stop()
	ill(t, look(), "public name", "set.hoox.test is not known", "give set.hoox.test a record")
	names.learn("set.hoox.test")
	well(t, look(), "public name")
}
