package tunnel_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/json"
	"io"
	"math/big"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.ngrok.com/muxado/v2"

	"hoox/backend/tunnel"
)

// The kinds of streams of ngrok's protocol that the test speaks.
const (
	streamAuth  muxado.StreamType = 0
	streamBind  muxado.StreamType = 1
	streamProxy muxado.StreamType = 3
)

// ngrokService is the service's side of the protocol, on this computer.
type ngrokService struct {
	t     *testing.T
	addr  string
	cert  tls.Certificate
	roots *x509.CertPool
	// refusal is what a login is answered, "" when it is let in.
	refusal string

	mu      sync.Mutex
	logins  []string
	binds   []map[string]any
	closers []io.Closer
	session muxado.TypedStreamSession
	work    sync.WaitGroup
}

// authority makes a certificate for this computer that nobody else trusts.
func authority(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true,
		BasicConstraintsValid: true, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

func (n *ngrokService) serve() {
	n.t.Helper()
	where := n.addr
	if where == "" {
		where = "127.0.0.1:0"
	}
	l, err := tls.Listen("tcp", where, &tls.Config{Certificates: []tls.Certificate{n.cert}})
	if err != nil {
		n.t.Fatal(err)
	}
	n.addr = l.Addr().String()
	n.keep(l)
	n.work.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			n.keep(c)
			n.work.Go(func() { n.speak(c) })
		}
	})
	n.t.Cleanup(n.kill)
}

func (n *ngrokService) keep(c io.Closer) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.closers = append(n.closers, c)
}

func (n *ngrokService) kill() {
	n.mu.Lock()
	closers := n.closers
	n.closers, n.session = nil, nil
	n.mu.Unlock()
	for _, c := range closers {
		c.Close()
	}
	n.work.Wait()
}

// speak answers what a client asks on one connection.
func (n *ngrokService) speak(c net.Conn) {
	session := muxado.NewHeartbeat(muxado.NewTypedStreamSession(muxado.Server(c, nil)), func(time.Duration, bool) {}, nil)
	defer session.Close()
	for {
		stream, err := session.AcceptTypedStream()
		if err != nil {
			return
		}
		var ask map[string]any
		if err := json.NewDecoder(stream).Decode(&ask); err != nil {
			return
		}
		n.mu.Lock()
		var answer map[string]any
		switch stream.StreamType() {
		case streamAuth:
			extra, _ := ask["Extra"].(map[string]any)
			token, _ := extra["Authtoken"].(string)
			n.logins = append(n.logins, token)
			answer = map[string]any{"Version": "3", "ClientId": "c1", "Error": n.refusal, "Extra": map[string]any{"Version": "3", "Region": "test"}}
		case streamBind:
			n.binds = append(n.binds, ask)
			opts, _ := ask["Opts"].(map[string]any)
			public, _ := opts["URL"].(string)
			if public == "" {
				public = "https://Random-Name.ngrok-free.app"
			}
			answer = map[string]any{"Id": "b1", "URL": public, "Proto": "https", "Opts": opts}
			n.session = session
		default:
			answer = map[string]any{}
		}
		n.mu.Unlock()
		_ = json.NewEncoder(stream).Encode(answer)
		stream.Close()
	}
}

// send brings a request of a client to the tunnel, as ngrok's edge does, and returns the answer's status.
func (n *ngrokService) send(request string) int {
	n.t.Helper()
	n.mu.Lock()
	session := n.session
	n.mu.Unlock()
	stream, err := session.OpenTypedStream(streamProxy)
	if err != nil {
		n.t.Fatal(err)
	}
	defer stream.Close()
	header, err := json.Marshal(map[string]any{"Id": "b1", "ClientAddr": stranger + ":4711", "Proto": "https"})
	if err != nil {
		n.t.Fatal(err)
	}
	var head bytes.Buffer
	if err := binary.Write(&head, binary.LittleEndian, int64(len(header))); err != nil {
		n.t.Fatal(err)
	}
	head.Write(header)
	head.WriteString(request)
	if _, err := stream.Write(head.Bytes()); err != nil {
		n.t.Fatal(err)
	}
	said, err := io.ReadAll(stream)
	if err != nil {
		n.t.Fatal(err)
	}
	if !strings.HasPrefix(string(said), "HTTP/1.1 ") || len(said) < 12 {
		n.t.Fatalf("had %q, want an answer", said)
	}
	status := 0
	for _, digit := range said[9:12] {
		status = 10*status + int(digit-'0')
	}
	return status
}

const authtoken = "2abcDEF_ngrok-authtoken-0123456789"

// overNgrok is a stage with an ngrok tunnel to a service of the test.
func overNgrok(t *testing.T) (*stage, *ngrokService) {
	t.Helper()
	// The library sleeps and waits by itself; what it leaves behind must end soon after us.
	before := goleak.IgnoreCurrent()
	t.Cleanup(func() {
		eventually(t, "the library has ended", func() bool { return goleak.Find(before) == nil })
	})
	n := &ngrokService{t: t}
	n.cert, n.roots = authority(t)
	n.serve()
	s := set(t, tunnel.Config{Kind: tunnel.Ngrok, NgrokServer: n.addr, Hostname: "hooks.example.com"})
	s.secrets[tunnel.SecretNgrok] = authtoken
	s.edit = func(r *tunnel.Runner) {
		r.Hurry()
		// The library must not ask for a sign of life before it has logged in.
		r.SetAlive(500 * time.Millisecond)
		r.SetRoots(n.roots)
	}
	return s, n
}

func TestNgrokCarriesAnAlertAndHasItsEdgeSetTheAddress(t *testing.T) {
	s, n := overNgrok(t)
	requests := s.gateway()
	s.start()
	state := s.awaitUp()
	if state.Public != "https://hooks.example.com" || state.Local != "" {
		t.Errorf("had %+v, want the reserved domain and no local port", state)
	}
	// Our rule at the edge does away with what the client sent; here it has done so.
	if status := n.send("POST /webhook HTTP/1.1\r\nHost: hooks.example.com\r\nX-Hoox-Client-Ip: " + stranger + "\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}"); status != 200 {
		t.Errorf("had %d, want 200", status)
	}
	r := <-requests
	if r.Public != "hooks.example.com" {
		t.Errorf("the connection says that its name is %q, want the reserved domain", r.Public)
	}
	if r.Trusted != "X-Hoox-Client-Ip" || r.Header.Get(r.Trusted) != stranger || !strings.HasPrefix(r.Remote, "127.0.0.1") {
		t.Errorf("had %+v, want the header that our rule sets, on a connection from this computer", r)
	}

	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.logins) != 1 || n.logins[0] != authtoken || len(n.binds) != 1 {
		t.Fatalf("had logins %d and binds %d, want one of each with the authtoken", len(n.logins), len(n.binds))
	}
	opts := n.binds[0]["Opts"].(map[string]any)
	if opts["URL"] != "https://hooks.example.com" || opts["TrafficPolicy"] != tunnel.NgrokPolicy() {
		t.Errorf("asked for %v, want the reserved domain and our rule", opts)
	}
}

func TestNgrokRuleReplacesWhatTheClientSent(t *testing.T) {
	var policy struct {
		Rules []struct {
			Actions []struct {
				Type   string
				Config struct{ Headers json.RawMessage }
			}
		} `json:"on_http_request"`
	}
	if err := json.Unmarshal([]byte(tunnel.NgrokPolicy()), &policy); err != nil {
		t.Fatal(err)
	}
	actions := policy.Rules[0].Actions
	if len(actions) != 2 || actions[0].Type != "remove-headers" || string(actions[0].Config.Headers) != `["x-hoox-client-ip"]` ||
		actions[1].Type != "add-headers" || string(actions[1].Config.Headers) != `{"x-hoox-client-ip":"${conn.client_ip}"}` {
		t.Errorf("had %s, want first removal, then the address: the other way round a client could say who it is", tunnel.NgrokPolicy())
	}
}

func TestNgrokThatIsAwayForAMomentKeepsItsAddress(t *testing.T) {
	s, n := overNgrok(t)
	s.config.Hostname = ""
	s.start()
	if state := s.awaitUp(); state.Public != "https://random-name.ngrok-free.app" {
		t.Errorf("had %q, want the address that the service gave", state.Public)
	}
	n.kill()
	s.await("the loss shows", func(x tunnel.State) bool { return x.Phase == tunnel.Degraded })
	n.serve()
	if state := s.awaitUp(); state.Restarts != 0 {
		t.Errorf("had %d restarts, want the session to come back by itself: a new one may get a new address", state.Restarts)
	}
}

func TestNgrokThatRefusesSaysWhyAndIsNotAskedAgainAtOnce(t *testing.T) {
	s, n := overNgrok(t)
	n.refusal = "The authtoken you specified is properly formed, but it is invalid.\r\nYour authtoken: " + authtoken + "\r\n\r\nERR_NGROK_107\r\n"
	s.start()
	state := s.await("the refusal shows", func(x tunnel.State) bool { return x.Phase == tunnel.Down })
	if !strings.Contains(state.Detail, "properly formed") || !strings.Contains(state.Fix, "ERR_NGROK_107") {
		t.Errorf("had %q, fix %q; want the service's words and its number", state.Detail, state.Fix)
	}
	if text := state.Detail + strings.Join(s.runner.Output(), "\n"); strings.Contains(text, authtoken) {
		t.Errorf("the authtoken stands in %q", text)
	}
}

func TestNgrokServiceThatNobodyVouchesForGetsNoToken(t *testing.T) {
	s, n := overNgrok(t)
	_, strangers := authority(t)
	s.edit = func(r *tunnel.Runner) {
		r.Hurry()
		r.SetAlive(500 * time.Millisecond)
		r.SetRoots(strangers)
	}
	s.start()
	// The library has two words for it, by which of its halves notices first; it is tried again, and one of them says why.
	s.await("it is said that the certificate is not to be trusted", func(x tunnel.State) bool {
		return x.Phase == tunnel.Down && strings.Contains(x.Detail, "certificate")
	})
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.logins) != 0 {
		t.Error("the authtoken went to a server that nobody vouches for")
	}
}

func TestNgrokNeedsItsToken(t *testing.T) {
	s, _ := overNgrok(t)
	delete(s.secrets, tunnel.SecretNgrok)
	s.start()
	if state := s.await("it says so", func(x tunnel.State) bool { return x.Phase == tunnel.Down }); !strings.Contains(state.Fix, tunnel.SecretNgrok) {
		t.Errorf("had %+v", state)
	}
}

func TestNgrokClientThatDawdlesIsClosed(t *testing.T) {
	s, n := overNgrok(t)
	s.gateway()
	s.start()
	s.awaitUp()
	if status := n.send("POST /webhook HTTP/1.1\r\nHost"); status/100 != 4 {
		t.Errorf("had %d, want the gateway to hang up", status)
	}
}
