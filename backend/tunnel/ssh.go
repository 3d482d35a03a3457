package tunnel

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/sync/errgroup"

	"hoox/backend/trading"
	"hoox/backend/wire"
)

// sshWay asks a person's own server over ssh to listen there, and takes what comes in.
type sshWay struct {
	config Config
	// alarmed is the strange key that an alarm was raised about.
	alarmed string
}

// handshakeTime bounds everything from the first byte to a logged-in connection.
const handshakeTime = 20 * time.Second

func (s *sshWay) serve(ctx context.Context, a *attempt) error {
	client, err := s.connect(ctx, a.r)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	// Whatever waits for the server below ends with the connection.
	defer context.AfterFunc(ctx, func() { _ = client.Close() })()
	defer client.Close()
	a.describe(a.r.output.clean(string(client.ServerVersion())), "", "")
	l, err := s.listen(ctx, a.r, client)
	if err != nil {
		return err
	}
	a.ready(s.config.Hostname)
	var work errgroup.Group
	work.Go(func() error {
		for {
			c, err := l.Accept()
			if err != nil {
				stop(failed("", "the connection to the server ended: %v", client.Wait()))
				return context.Cause(ctx)
			}
			a.take(ctx, c)
		}
	})
	work.Go(func() error { return s.keepAlive(ctx, stop, a.r, client) })
	return work.Wait()
}

// listen asks the server to listen for us.
func (s *sshWay) listen(ctx context.Context, r *Runner, client *ssh.Client) (net.Listener, error) {
	patience, cancel := context.WithTimeout(ctx, r.pace.dead)
	defer cancel()
	defer context.AfterFunc(patience, func() { _ = client.Close() })()
	l, err := client.Listen("tcp", s.config.SSHRemote)
	switch {
	case err == nil:
		return l, nil
	case ctx.Err() != nil:
		return nil, context.Cause(ctx)
	case patience.Err() != nil:
		return nil, silence(r)
	}
	return nil, failed("wait: a connection that broke keeps the port until the server notices (ClientAliveInterval makes it notice soon); else allow port forwarding for this user, and look whether another program has the port",
		"the server does not open %s: %v", s.config.SSHRemote, err)
}

func silence(r *Runner) error {
	return failed("check the network and the server", "the server gave no sign of life for %s", r.pace.dead)
}

// keepAlive asks the server for a sign of life again and again; a connection can be dead for hours without one knowing.
func (s *sshWay) keepAlive(ctx context.Context, stop context.CancelCauseFunc, r *Runner, client *ssh.Client) error {
	for {
		if wire.Pause(ctx, r.pace.alive) != nil {
			return context.Cause(ctx)
		}
		answered := make(chan error, 1)
		go func() {
			_, _, err := client.SendRequest("keepalive@openssh.com", true, nil)
			answered <- err
		}()
		patience, cancel := context.WithTimeout(ctx, r.pace.dead)
		select {
		case err := <-answered:
			cancel()
			if err != nil {
				stop(failed("", "the connection to the server broke: %v", err))
				return context.Cause(ctx)
			}
		case <-patience.Done():
			cancel()
			// The first reason counts: a stop from outside, if there was one. It also closes the connection.
			stop(silence(r))
			<-answered
			return context.Cause(ctx)
		}
	}
}

// connect dials, looks at the host key and logs in.
func (s *sshWay) connect(ctx context.Context, r *Runner) (*ssh.Client, error) {
	signers, release, err := s.signers(ctx, r)
	if err != nil {
		return nil, err
	}
	defer release()
	known, err := s.knownKeys(r)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, handshakeTime, failed("check the network and the server", "the server did not log us in within %s", handshakeTime))
	defer cancel()
	var d net.Dialer
	raw, err := d.DialContext(ctx, "tcp", s.config.SSHAddr)
	if err != nil {
		return nil, failed("check ssh_addr, the network and the server", "connect to %s: %v", s.config.SSHAddr, err)
	}
	defer context.AfterFunc(ctx, func() { _ = raw.Close() })()
	meeting := &meeting{address: s.config.SSHAddr, known: known}
	conn, channels, requests, err := ssh.NewClientConn(raw, s.config.SSHAddr, &ssh.ClientConfig{
		User: s.config.SSHUser, Auth: []ssh.AuthMethod{ssh.PublicKeys(signers...)}, HostKeyCallback: meeting.check,
		HostKeyAlgorithms: meeting.algorithms(), ClientVersion: "SSH-2.0-hoox",
	})
	switch {
	case err == nil:
		return ssh.NewClient(conn, channels, requests), nil
	case ctx.Err() != nil:
		_ = raw.Close()
		return nil, context.Cause(ctx)
	}
	_ = raw.Close()
	return nil, s.why(r, meeting, signers, err)
}

// why turns the failure of a login into words.
func (s *sshWay) why(r *Runner, m *meeting, signers []ssh.Signer, err error) error {
	var unmet *ssh.AlgorithmNegotiationError
	switch {
	case m.refused != nil && m.refused.Known != "":
		s.raise(r, m.refused)
		return &fault{
			err:     trading.Errorf(trading.Refused, "the server shows the key %s, and %s was confirmed", m.refused.Fingerprint, m.refused.Known),
			fix:     "do not go on before you know why the key changed; then forget the old one on the Tunnel page and confirm the new one",
			patient: true, key: m.refused,
		}
	case m.refused != nil:
		return &fault{
			err:     trading.Errorf(trading.Refused, "the key of server %s is not known yet: %s %s", m.refused.Address, m.refused.Type, m.refused.Fingerprint),
			fix:     "compare it with what `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` prints on the server, then confirm it here",
			patient: true, key: m.refused,
		}
	case errors.As(err, &unmet) && len(m.known) > 0:
		return refused(trading.Refused, "do not go on before you know why; then forget the old key on the Tunnel page and confirm the new one",
			"the server no longer has the key %s that was confirmed", ssh.FingerprintSHA256(m.known[0]))
	case m.agreed:
		var offered []string
		for _, k := range signers {
			offered = append(offered, ssh.FingerprintSHA256(k.PublicKey()))
		}
		return refused(trading.Unauthorized, "put the public key into ~"+s.config.SSHUser+"/.ssh/authorized_keys on the server, and check ssh_user",
			"the server did not let %s in with the key %s: %v", s.config.SSHUser, strings.Join(offered, ", "), err)
	}
	return failed("check that ssh_addr is an ssh server", "talk to %s: %v", s.config.SSHAddr, err)
}

// raise tells once of every strange key.
func (s *sshWay) raise(r *Runner, key *HostKey) {
	if s.alarmed == key.Fingerprint {
		return
	}
	s.alarmed = key.Fingerprint
	r.parts.Alarm(Alarm{
		Kind: HostKeyChanged, At: r.parts.Now(),
		Text: "The ssh server " + key.Address + " shows another key than the one that was confirmed: somebody may stand in between.",
		Fix:  "ask whoever runs the server whether its key was changed; only then forget the old one",
	})
}
