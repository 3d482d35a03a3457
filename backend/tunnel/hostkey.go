package tunnel

import (
	"bytes"
	"errors"
	"net"
	"os"
	"path/filepath"
	"slices"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"hoox/backend/disk"
	"hoox/backend/trading"
)

// meeting is one look at a server's key.
type meeting struct {
	address string
	known   []ssh.PublicKey
	// agreed tells that the server showed a key that is known, refused what it showed else.
	agreed  bool
	refused *HostKey
}

// check lets only a key through that a person has confirmed. A key is never trusted because it is the first.
func (m *meeting) check(_ string, _ net.Addr, key ssh.PublicKey) error {
	shown := key.Marshal()
	for _, k := range m.known {
		if bytes.Equal(k.Marshal(), shown) {
			m.agreed = true
			return nil
		}
	}
	m.refused = &HostKey{Address: m.address, Type: key.Type(), Fingerprint: ssh.FingerprintSHA256(key), line: knownhosts.Line([]string{m.address}, key)}
	if len(m.known) > 0 {
		m.refused.Known = ssh.FingerprintSHA256(m.known[0])
	}
	return trading.Errorf(trading.Refused, "host key %s is not confirmed", m.refused.Fingerprint)
}

// algorithms are those of the keys that are known: a server with several must not show one that nobody has seen. At the
// first meeting the modern kinds are preferred, and no other is taken.
func (m *meeting) algorithms() []string {
	var out []string
	for _, k := range m.known {
		out = append(out, algorithmsOf(k.Type())...)
	}
	if len(out) > 0 {
		return out
	}
	return slices.Concat(algorithmsOf(ssh.KeyAlgoED25519), algorithmsOf(ssh.KeyAlgoECDSA256), algorithmsOf(ssh.KeyAlgoECDSA384),
		algorithmsOf(ssh.KeyAlgoECDSA521), algorithmsOf(ssh.KeyAlgoRSA))
}

func algorithmsOf(keyType string) []string {
	if keyType == ssh.KeyAlgoRSA {
		// The third way to sign with such a key uses SHA-1.
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	return []string{keyType}
}

func (r *Runner) knownHosts() string { return filepath.Join(r.dir, "known_hosts") }

// knownKeys are the keys of the server that a person vouched for, in the configuration or in the window.
func (s *sshWay) knownKeys(r *Runner) ([]ssh.PublicKey, error) {
	if s.config.SSHHostKey != "" {
		key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(s.config.SSHHostKey))
		if err != nil {
			return nil, refused(trading.Invalid, "correct ssh_host_key", "read the server's key: %v", err)
		}
		return []ssh.PublicKey{key}, nil
	}
	text, err := os.ReadFile(r.knownHosts())
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, refused(trading.Unavailable, "check the data folder", "read the known server keys: %v", err)
	}
	var keys []ssh.PublicKey
	for len(bytes.TrimSpace(text)) > 0 {
		marker, hosts, key, _, rest, err := ssh.ParseKnownHosts(text)
		if err != nil {
			return nil, refused(trading.Internal, "delete the file and confirm the server's key again", "%s is damaged: %v", r.knownHosts(), err)
		}
		if marker == "" && slices.Contains(hosts, knownhosts.Normalize(s.config.SSHAddr)) {
			keys = append(keys, key)
		}
		text = rest
	}
	return keys, nil
}

// TrustHost notes a person's word that the server's key with this fingerprint is the right one, and tries again. It
// fails with Conflict unless exactly that key waits for confirmation, and when another one is known: see ForgetHost.
func (r *Runner) TrustHost(fingerprint string) error {
	r.booking.Lock()
	defer r.booking.Unlock()
	waiting := r.State().HostKey
	if waiting == nil || waiting.Fingerprint != fingerprint {
		return trading.Errorf(trading.Conflict, "no server waits with the key %s: look at the key that is shown now", fingerprint)
	}
	if waiting.Known != "" {
		return trading.Errorf(trading.Conflict, "another key is known for %s: forget that one first, and only when you know why it changed", waiting.Address)
	}
	if err := disk.WriteWhole(r.knownHosts(), []byte(waiting.line+"\n")); err != nil {
		return trading.Wrap(trading.Unavailable, err, "remember the server's key")
	}
	r.Again()
	return nil
}

// ForgetHost forgets the confirmed key of the server, because a person knows why it changed. A tunnel over ssh that
// is up on that key ends, and the next meeting shows the key that the server has then for confirmation.
func (r *Runner) ForgetHost() error {
	r.booking.Lock()
	defer r.booking.Unlock()
	if r.config.SSHHostKey != "" {
		return trading.Errorf(trading.Conflict, "the server's key stands in the configuration: change [tunnel] ssh_host_key there")
	}
	if err := os.Remove(r.knownHosts()); err != nil && !errors.Is(err, os.ErrNotExist) {
		return trading.Wrap(trading.Unavailable, err, "forget the server's key")
	}
	if r.config.Kind != SSH {
		return nil
	}
	// One that is up, or at the door, met the key that nobody vouches for any more.
	r.restart(failed("confirm the server's key", "the server's key was forgotten"))
	return nil
}
