//go:build sshd && unix

// These tests need OpenSSH's own server (Debian: openssh-server): go test -tags sshd ./backend/tunnel
package tunnel_test

import (
	"bufio"
	"encoding/pem"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"hoox/backend/tunnel"
)

// openSSH is a running sshd on this computer, which lets one key in.
type openSSH struct {
	t      *testing.T
	dir    string
	addr   string
	remote string
	cmd    *exec.Cmd
	ended  chan error
}

// sshd finds the server's program, which is not on everybody's PATH.
func sshd(t *testing.T) string {
	t.Helper()
	for _, path := range []string{os.Getenv("SSHD"), "/usr/sbin/sshd", "/usr/bin/sshd"} {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			return path
		}
	}
	t.Fatal("there is no sshd: install openssh-server, or leave out -tags sshd")
	return ""
}

func (o *openSSH) write(name, text string) string {
	o.t.Helper()
	path := filepath.Join(o.dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		o.t.Fatal(err)
	}
	return path
}

// newOpenSSH sets a server up that knows one friend, and starts it.
func newOpenSSH(t *testing.T, friend ssh.PublicKey) (*openSSH, ssh.PublicKey) {
	t.Helper()
	o := &openSSH{t: t, dir: t.TempDir(), addr: freePort(t), remote: freePort(t)}
	host, text := newKey(t, "")
	if block, _ := pem.Decode([]byte(text)); block == nil {
		t.Fatal("no host key")
	}
	_, port, _ := strings.Cut(o.addr, ":")
	// As the recipe for the server says: this key may open this one port and nothing else.
	keys := o.write("authorized_keys", fmt.Sprintf("restrict,port-forwarding,permitlisten=%q %s", o.remote, ssh.MarshalAuthorizedKey(friend)))
	o.write("sshd_config", strings.Join([]string{
		"Port " + port, "ListenAddress 127.0.0.1", "HostKey " + o.write("host_key", text), "AuthorizedKeysFile " + keys, "PidFile none",
		"StrictModes no", "UsePAM no", "PasswordAuthentication no", "KbdInteractiveAuthentication no", "AllowTcpForwarding remote",
	}, "\n")+"\n")
	o.start()
	t.Cleanup(o.kill)
	return o, host.PublicKey()
}

func (o *openSSH) start() {
	o.t.Helper()
	o.cmd = exec.Command(sshd(o.t), "-D", "-e", "-f", filepath.Join(o.dir, "sshd_config"))
	pipe, err := o.cmd.StderrPipe()
	if err != nil {
		o.t.Fatal(err)
	}
	if err := o.cmd.Start(); err != nil {
		o.t.Fatal(err)
	}
	listening := make(chan bool, 1)
	o.ended = make(chan error, 1)
	cmd, ended := o.cmd, o.ended
	go func() {
		started := false
		for lines := bufio.NewScanner(pipe); lines.Scan(); {
			if strings.Contains(lines.Text(), "Server listening on") {
				started = true
				listening <- true
			}
			if !started {
				fmt.Fprintln(os.Stderr, lines.Text())
			}
		}
		if !started {
			listening <- false
		}
		_, _ = io.Copy(io.Discard, pipe)
		ended <- cmd.Wait()
	}()
	if !<-listening {
		o.t.Fatal("sshd did not start")
	}
}

// kill ends the server and the children that serve its connections.
func (o *openSSH) kill() {
	if o.cmd == nil {
		return
	}
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", o.cmd.Process.Pid, o.cmd.Process.Pid))
	_ = o.cmd.Process.Kill()
	for pid := range strings.FieldsSeq(string(children)) {
		var n int
		if _, err := fmt.Sscan(pid, &n); err == nil {
			if p, err := os.FindProcess(n); err == nil {
				_ = p.Kill()
			}
		}
	}
	<-o.ended
	o.cmd = nil
}

// overOpenSSH is a stage with a tunnel to a real sshd.
func overOpenSSH(t *testing.T) (*stage, *openSSH) {
	t.Helper()
	me, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	friend, private := newKey(t, "")
	o, host := newOpenSSH(t, friend.PublicKey())
	s := set(t, tunnel.Config{Kind: tunnel.SSH, Hostname: "hooks.example.com", SSHAddr: o.addr, SSHUser: me.Username, SSHRemote: o.remote})
	s.secrets[tunnel.SecretSSHKey] = private
	s.confirm(host)
	return s, o
}

func TestOpenSSHCarriesAnAlertAndIsFoundAgainAfterItWasKilled(t *testing.T) {
	s, o := overOpenSSH(t)
	requests := s.gateway()
	s.start()
	if state := s.awaitUp(); !strings.Contains(state.Version, "OpenSSH") {
		t.Errorf("the server says that it is %q, want OpenSSH", state.Version)
	}
	for range 20 {
		if status, body := post(t, "http://"+o.remote); status != 200 || body != `{"success":true}` {
			t.Fatalf("had %d %s, want the gateway's answer", status, body)
		}
		if r := <-requests; r.Body != `{"action":"LONG"}` {
			t.Errorf("had %q, want the alert", r.Body)
		}
	}

	o.kill()
	s.await("the loss shows", func(x tunnel.State) bool { return x.Phase == tunnel.Down })
	o.start()
	s.awaitUp()
	if status, _ := post(t, "http://"+o.remote); status != 200 {
		t.Errorf("had %d after the reconnect, want 200", status)
	}
	<-requests
}

func TestOpenSSHWithAnotherKeyIsRefused(t *testing.T) {
	s, _ := overOpenSSH(t)
	other, _ := newKey(t, "")
	s.confirm(other.PublicKey())
	s.start()
	s.await("the key is refused", func(x tunnel.State) bool {
		return x.Phase == tunnel.Down && x.HostKey != nil && x.HostKey.Known == ssh.FingerprintSHA256(other.PublicKey())
	})
	if n := len(s.alarms.of(tunnel.HostKeyChanged)); n == 0 {
		t.Error("no alarm was raised")
	}
}

func TestOpenSSHOpensNoOtherPortForThisKey(t *testing.T) {
	s, _ := overOpenSSH(t)
	s.config.SSHRemote = freePort(t)
	s.start()
	state := s.await("the port is refused", func(x tunnel.State) bool { return x.Phase == tunnel.Down })
	if !strings.Contains(state.Detail, "does not open "+s.config.SSHRemote) {
		t.Errorf("had %q: the recipe's restriction must hold", state.Detail)
	}
}
