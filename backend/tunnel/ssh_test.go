package tunnel_test

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"
	"golang.org/x/crypto/ssh/knownhosts"

	"hoox/backend/trading"
	"hoox/backend/tunnel"
)

// overSSH is a stage with a tunnel to a server of the test, whose key is confirmed.
func overSSH(t *testing.T) (*stage, *sshServer) {
	t.Helper()
	host, _ := newKey(t, "")
	friend, private := newKey(t, "")
	server := &sshServer{t: t, key: host, friend: friend.PublicKey()}
	server.serve()
	s := set(t, tunnel.Config{Kind: tunnel.SSH, Hostname: "hooks.example.com", SSHAddr: server.addr, SSHUser: "hoox", SSHRemote: freePort(t)})
	s.secrets[tunnel.SecretSSHKey] = private
	s.confirm(host.PublicKey())
	return s, server
}

// confirm puts a server's key where a person's word puts it.
func (s *stage) confirm(key ssh.PublicKey) {
	s.t.Helper()
	if err := os.MkdirAll(filepath.Join(s.dir, "tunnel"), 0o700); err != nil {
		s.t.Fatal(err)
	}
	line := knownhosts.Line([]string{s.config.SSHAddr}, key) + "\n"
	if err := os.WriteFile(filepath.Join(s.dir, "tunnel", "known_hosts"), []byte(line), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) forget() {
	s.t.Helper()
	if err := os.Remove(filepath.Join(s.dir, "tunnel", "known_hosts")); err != nil {
		s.t.Fatal(err)
	}
}

func TestAlertComesThroughTheServer(t *testing.T) {
	s, server := overSSH(t)
	requests := s.gateway()
	s.start()
	state := s.awaitUp()
	if state.Public != "https://hooks.example.com" || !strings.HasPrefix(state.Version, "SSH-2.0-Go") || state.Local != "" {
		t.Errorf("had %+v, want the address, the server's version and no local port", state)
	}
	for range 3 {
		if status, body := post(t, "http://"+s.config.SSHRemote); status != 200 || body != `{"success":true}` {
			t.Fatalf("had %d %s, want the gateway's answer", status, body)
		}
		if r := <-requests; r.Body != `{"action":"LONG"}` || r.Trusted != "" || r.Public != "" || !strings.HasPrefix(r.Remote, "127.0.0.1") {
			t.Errorf("had %+v, want the alert, from this computer, and neither header nor name to believe", r)
		}
	}
	if n := server.count(); n != 1 {
		t.Errorf("had %d logins, want 1", n)
	}
}

func TestFirstKeyIsShownAndNothingGoesOnBeforeAPersonConfirmsIt(t *testing.T) {
	s, server := overSSH(t)
	s.forget()
	s.start()
	fingerprint := ssh.FingerprintSHA256(server.key.PublicKey())
	state := s.await("the key is shown", func(x tunnel.State) bool { return x.HostKey != nil })
	if state.HostKey.Fingerprint != fingerprint || state.HostKey.Known != "" || state.HostKey.Address != server.addr || state.HostKey.Type != "ssh-ed25519" {
		t.Errorf("had %+v, want the server's key, and that none was known", state.HostKey)
	}
	if n := server.count(); n != 0 {
		t.Errorf("had %d logins at a server that nobody has confirmed", n)
	}
	if err := s.runner.TrustHost("SHA256:somethingelse"); trading.KindOf(err) != trading.Conflict {
		t.Errorf("confirming another key than the one that is shown: had %v, want Conflict", err)
	}

	if err := s.runner.TrustHost(fingerprint); err != nil {
		t.Fatal(err)
	}
	if state := s.awaitUp(); state.HostKey != nil {
		t.Errorf("a key still waits for confirmation: %+v", state.HostKey)
	}
	info, err := os.Stat(filepath.Join(s.dir, "tunnel", "known_hosts"))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("known_hosts: %v, %v; want 0600: who writes it decides whom we trust", info, err)
	}
	if n := len(s.alarms.of(tunnel.HostKeyChanged)); n != 0 {
		t.Errorf("had %d alarms for a first meeting", n)
	}
}

func TestAnotherKeyThanTheConfirmedIsRefusedWithAnAlarm(t *testing.T) {
	s, server := overSSH(t)
	other, _ := newKey(t, "")
	s.confirm(other.PublicKey())
	s.start()
	shown, known := ssh.FingerprintSHA256(server.key.PublicKey()), ssh.FingerprintSHA256(other.PublicKey())
	state := s.await("the key is refused", func(x tunnel.State) bool { return x.Phase == tunnel.Down && x.HostKey != nil })
	if state.HostKey.Fingerprint != shown || state.HostKey.Known != known || !strings.Contains(state.Detail, known) {
		t.Errorf("had %+v, want both keys", state)
	}
	if err := s.runner.TrustHost(shown); trading.KindOf(err) != trading.Conflict {
		t.Errorf("TrustHost over a known key: had %v, want Conflict: one click must not be enough for a man in the middle", err)
	}
	if n := server.count(); n != 0 {
		t.Errorf("had %d logins at a server with another key", n)
	}
	s.await("it was tried again", func(x tunnel.State) bool { return x.Restarts >= 3 })
	if n := len(s.alarms.of(tunnel.HostKeyChanged)); n != 1 {
		t.Errorf("had %d alarms, want one for the key, however often it shows", n)
	}

	if err := s.runner.ForgetHost(); err != nil {
		t.Fatal(err)
	}
	s.await("the new key is shown as a first one", func(x tunnel.State) bool { return x.HostKey != nil && x.HostKey.Known == "" })
	if err := s.runner.TrustHost(shown); err != nil {
		t.Fatal(err)
	}
	s.awaitUp()
}

func TestATunnelEndsWithTheKeyThatItIsUpOn(t *testing.T) {
	s, server := overSSH(t)
	s.start()
	s.awaitUp()

	if err := s.runner.ForgetHost(); err != nil {
		t.Fatal(err)
	}

	state := s.await("the server's key is shown again", func(x tunnel.State) bool { return x.HostKey != nil })
	if state.Phase != tunnel.Down || state.HostKey.Known != "" || state.HostKey.Fingerprint != ssh.FingerprintSHA256(server.key.PublicKey()) {
		t.Errorf("had %+v, want it down until the key is confirmed: nobody vouches for a key that was forgotten", state)
	}
}

func TestKeyInTheConfigurationIsTheOnlyOneThatCounts(t *testing.T) {
	s, server := overSSH(t)
	s.forget()
	s.config.SSHHostKey = strings.TrimSpace(string(ssh.MarshalAuthorizedKey(server.key.PublicKey())))
	stop := s.start()
	s.awaitUp()
	if err := s.runner.ForgetHost(); trading.KindOf(err) != trading.Conflict {
		t.Errorf("ForgetHost: had %v, want Conflict: the key stands in the configuration", err)
	}
	stop()

	other, _ := newKey(t, "")
	s.config.SSHHostKey = strings.TrimSpace(string(ssh.MarshalAuthorizedKey(other.PublicKey())))
	s.confirm(server.key.PublicKey())
	s.start()
	s.await("the server is refused", func(x tunnel.State) bool { return x.Phase == tunnel.Down && x.HostKey != nil })
}

func TestServerThatWasKilledIsFoundAgain(t *testing.T) {
	s, server := overSSH(t)
	requests := s.gateway()
	s.start()
	s.awaitUp()

	server.kill()
	state := s.await("the loss shows", func(x tunnel.State) bool { return x.Phase == tunnel.Down })
	if state.Detail == "" {
		t.Error("nothing says what is lost")
	}
	server.serve()
	s.awaitUp()
	if status, _ := post(t, "http://"+s.config.SSHRemote); status != 200 {
		t.Errorf("had %d after the reconnect, want 200", status)
	}
	<-requests
}

func TestServerWithoutSignOfLifeIsGivenUp(t *testing.T) {
	s, server := overSSH(t)
	s.edit = func(r *tunnel.Runner) {
		r.Hurry()
		r.SetDead(100 * time.Millisecond)
	}
	s.start()
	s.awaitUp()
	server.silent.set(true)
	s.await("the silence is said", func(x tunnel.State) bool { return strings.Contains(x.Detail, "no sign of life") })
	server.kill()
	server.silent.set(false)
	server.serve()
	s.awaitUp()
}

func TestServerThatNeverOpensThePortIsGivenUp(t *testing.T) {
	s, server := overSSH(t)
	server.silent.set(true)
	s.edit = func(r *tunnel.Runner) {
		r.Hurry()
		r.SetDead(100 * time.Millisecond)
	}
	s.start()
	s.await("the silence is said", func(x tunnel.State) bool { return strings.Contains(x.Detail, "no sign of life") })
}

func TestPortThatIsTakenAtTheServerIsTheReason(t *testing.T) {
	s, _ := overSSH(t)
	l, err := net.Listen("tcp", s.config.SSHRemote)
	if err != nil {
		t.Fatal(err)
	}
	s.start()
	state := s.await("it says so", func(x tunnel.State) bool { return x.Phase == tunnel.Down })
	if !strings.Contains(state.Detail, s.config.SSHRemote) || !strings.Contains(state.Fix, "ClientAliveInterval") {
		t.Errorf("had %+v, want the port and what helps", state)
	}
	l.Close()
	s.awaitUp()
}

func TestClientThatDawdlesOverSSHIsClosed(t *testing.T) {
	s, _ := overSSH(t)
	s.gateway()
	s.start()
	s.awaitUp()
	c, err := net.DialTimeout("tcp", s.config.SSHRemote, limit)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.SetDeadline(time.Now().Add(limit)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(c, "POST /webhook HTTP/1.1\r\n"); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(c); err != nil {
		t.Errorf("had %v, want the gateway to hang up although ssh has no deadlines", err)
	}
}

func TestEveryWayToKeepAKeyLogsIn(t *testing.T) {
	for name, change := range map[string]func(t *testing.T, s *stage, server *sshServer){
		"file": func(t *testing.T, s *stage, _ *sshServer) {
			s.config.SSHKeyFile = filepath.Join(s.dir, "id")
			if err := os.WriteFile(s.config.SSHKeyFile, []byte(s.secrets[tunnel.SecretSSHKey]), 0o600); err != nil {
				t.Fatal(err)
			}
			delete(s.secrets, tunnel.SecretSSHKey)
		},
		"sealed": func(t *testing.T, s *stage, server *sshServer) {
			friend, text := newKey(t, "open sesame")
			server.friend = friend.PublicKey()
			s.secrets[tunnel.SecretSSHKey], s.secrets[tunnel.SecretSSHPassphrase] = text, "open sesame"
		},
		"agent": func(t *testing.T, s *stage, _ *sshServer) {
			key, err := ssh.ParseRawPrivateKey([]byte(s.secrets[tunnel.SecretSSHKey]))
			if err != nil {
				t.Fatal(err)
			}
			delete(s.secrets, tunnel.SecretSSHKey)
			s.keyring(key)
		},
	} {
		s, server := overSSH(t)
		change(t, s, server)
		stop := s.start()
		s.awaitUp()
		t.Log(name)
		stop()
	}
}

// keyring serves an ssh agent that holds a key.
func (s *stage) keyring(key any) {
	s.t.Helper()
	ring := agent.NewKeyring()
	if err := ring.Add(agent.AddedKey{PrivateKey: key}); err != nil {
		s.t.Fatal(err)
	}
	path := filepath.Join(s.dir, "agent")
	l, err := net.Listen("unix", path)
	if err != nil {
		s.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = agent.ServeAgent(ring, c)
			c.Close()
		}
	}()
	s.t.Cleanup(func() { l.Close(); <-done })
	inner := s.parts.Env
	s.parts.Env = func(name string) string {
		if name == "SSH_AUTH_SOCK" {
			return path
		}
		return inner(name)
	}
}

func TestKeyThatDoesNotLogInSaysWhatToDo(t *testing.T) {
	_, stranger := newKey(t, "")
	_, sealed := newKey(t, "open sesame")
	for name, c := range map[string]struct {
		change      func(s *stage)
		detail, fix string
	}{
		"not let in":    {func(s *stage) { s.secrets[tunnel.SecretSSHKey] = stranger }, "did not let hoox in with the key SHA256:", "authorized_keys"},
		"no key":        {func(s *stage) { delete(s.secrets, tunnel.SecretSSHKey) }, "ssh agent", "ssh_key_file"},
		"no such file":  {func(s *stage) { s.config.SSHKeyFile = filepath.Join(s.dir, "no-such-key") }, "no-such-key", "ssh_key_file"},
		"nonsense":      {func(s *stage) { s.secrets[tunnel.SecretSSHKey] = "nonsense" }, "read the private key", "ssh-keygen"},
		"no passphrase": {func(s *stage) { s.secrets[tunnel.SecretSSHKey] = sealed }, "sealed", tunnel.SecretSSHPassphrase},
		"wrong passphrase": {func(s *stage) {
			s.secrets[tunnel.SecretSSHKey], s.secrets[tunnel.SecretSSHPassphrase] = sealed, "wrong"
		}, "open the private key", tunnel.SecretSSHPassphrase},
		"no server": {func(s *stage) { s.config.SSHAddr = freePort(t) }, "connect to 127.0.0.1:", "ssh_addr"},
	} {
		s, _ := overSSH(t)
		c.change(s)
		stop := s.start()
		state := s.await(name+": it says why", func(x tunnel.State) bool { return x.Phase == tunnel.Down })
		if !strings.Contains(state.Detail, c.detail) || !strings.Contains(state.Fix, c.fix) {
			t.Errorf("%s: had %q, fix %q; want %q and %q", name, state.Detail, state.Fix, c.detail, c.fix)
		}
		stop()
	}
}

func TestAPrivateKeyThatOthersCanReadIsNotUsed(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // the modes of files say nothing there
	}
	s, server := overSSH(t)
	s.config.SSHKeyFile = filepath.Join(s.dir, "id")
	if err := os.WriteFile(s.config.SSHKeyFile, []byte(s.secrets[tunnel.SecretSSHKey]), 0o644); err != nil {
		t.Fatal(err)
	}
	s.start()

	state := s.await("the key is refused", func(x tunnel.State) bool { return x.Phase == tunnel.Down })

	if !strings.Contains(state.Detail, "chmod 600") || !strings.Contains(state.Fix, "ssh_key_file") || server.count() != 0 {
		t.Errorf("had %q, fix %q after %d logins; want a refusal that says what to do: everybody on this computer has that key", state.Detail, state.Fix, server.count())
	}
}
