package tunnel_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
)

// newKey makes a key pair; text is the private one as ssh-keygen writes it.
func newKey(t *testing.T, passphrase string) (signer ssh.Signer, text string) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "test")
	if passphrase != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(private, "test", []byte(passphrase))
	}
	if err != nil {
		t.Fatal(err)
	}
	if signer, err = ssh.NewSignerFromKey(private); err != nil {
		t.Fatal(err)
	}
	return signer, string(pem.EncodeToMemory(block))
}

// freePort is an address of this computer that nobody listens at.
func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// sshServer speaks real ssh on this computer and forwards ports, as sshd does.
type sshServer struct {
	t    *testing.T
	addr string
	key  ssh.Signer
	// friend is the key that is let in.
	friend ssh.PublicKey
	// silent has it answer nothing any more while the connection stays.
	silent toggle

	mu      sync.Mutex
	closers []io.Closer
	work    sync.WaitGroup
	logins  int
}

// serve starts the server; kill ends it and everything on it.
func (s *sshServer) serve() {
	s.t.Helper()
	where := s.addr
	if where == "" {
		where = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", where)
	if err != nil {
		s.t.Fatal(err)
	}
	s.addr = l.Addr().String()
	s.keep(l)
	config := &ssh.ServerConfig{PublicKeyCallback: func(c ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if c.User() == "hoox" && bytes.Equal(key.Marshal(), s.friend.Marshal()) {
			return nil, nil
		}
		return nil, errors.New("unknown key")
	}}
	config.AddHostKey(s.key)
	s.work.Go(func() {
		for {
			raw, err := l.Accept()
			if err != nil {
				return
			}
			s.keep(raw)
			s.work.Go(func() { s.login(raw, config) })
		}
	})
	s.t.Cleanup(s.kill)
}

func (s *sshServer) keep(c io.Closer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closers = append(s.closers, c)
}

func (s *sshServer) kill() {
	s.mu.Lock()
	closers := s.closers
	s.closers = nil
	s.mu.Unlock()
	for _, c := range closers {
		c.Close()
	}
	s.work.Wait()
}

func (s *sshServer) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.logins
}

func (s *sshServer) login(raw net.Conn, config *ssh.ServerConfig) {
	conn, channels, requests, err := ssh.NewServerConn(raw, config)
	if err != nil {
		raw.Close()
		return
	}
	s.mu.Lock()
	s.logins++
	s.mu.Unlock()
	s.work.Go(func() {
		for c := range channels {
			_ = c.Reject(ssh.Prohibited, "no")
		}
	})
	var open []net.Listener
	defer func() {
		for _, l := range open {
			l.Close()
		}
	}()
	for r := range requests {
		if s.silent.is() {
			continue
		}
		var where struct {
			Host string
			Port uint32
		}
		if r.Type != "tcpip-forward" || ssh.Unmarshal(r.Payload, &where) != nil {
			_ = r.Reply(false, nil)
			continue
		}
		l, err := net.Listen("tcp", net.JoinHostPort(where.Host, strconv.Itoa(int(where.Port))))
		if err != nil {
			_ = r.Reply(false, nil)
			continue
		}
		open = append(open, l)
		s.keep(l)
		s.work.Go(func() { s.forward(conn, l, where.Host, where.Port) })
		_ = r.Reply(true, nil)
	}
}

func (s *sshServer) forward(conn *ssh.ServerConn, l net.Listener, host string, port uint32) {
	for {
		c, err := l.Accept()
		if err != nil {
			return
		}
		s.keep(c)
		from := c.RemoteAddr().(*net.TCPAddr)
		channel, requests, err := conn.OpenChannel("forwarded-tcpip", ssh.Marshal(struct {
			Host     string
			Port     uint32
			From     string
			FromPort uint32
		}{host, port, from.IP.String(), uint32(from.Port)}))
		if err != nil {
			c.Close()
			continue
		}
		s.work.Go(func() { ssh.DiscardRequests(requests) })
		s.work.Go(func() {
			_, _ = io.Copy(channel, c)
			_ = channel.CloseWrite()
		})
		s.work.Go(func() {
			_, _ = io.Copy(c, channel)
			c.Close()
			channel.Close()
		})
	}
}
