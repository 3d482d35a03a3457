package tunnel

import (
	"context"
	"errors"
	"net"
	"runtime"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"hoox/backend/disk"
	"hoox/backend/trading"
)

// maxKeyFile bounds the file of a private key.
const maxKeyFile = 64 << 10

// signers are the keys to log in with: the file that is named, else the vault's, else the agent's. release must be called
// when the login is over.
func (s *sshWay) signers(ctx context.Context, r *Runner) (keys []ssh.Signer, release func(), err error) {
	release = func() {}
	if s.config.SSHKeyFile != "" {
		text, err := disk.ReadPrivate(s.config.SSHKeyFile, maxKeyFile)
		if err != nil {
			return nil, release, refused(trading.Invalid, "correct ssh_key_file", "read the private key: %v", err)
		}
		keys, err = s.parse(r, text)
		return keys, release, err
	}
	text, ok, err := r.secret(SecretSSHKey)
	if err != nil {
		return nil, release, err
	}
	if ok {
		keys, err = s.parse(r, []byte(text))
		return keys, release, err
	}
	return s.fromAgent(ctx, r)
}

// parse reads a private key, with the vault's passphrase when it is sealed.
func (s *sshWay) parse(r *Runner, text []byte) ([]ssh.Signer, error) {
	key, err := ssh.ParsePrivateKey(text)
	var sealed *ssh.PassphraseMissingError
	if errors.As(err, &sealed) {
		passphrase, ok, err := r.secret(SecretSSHPassphrase)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, refused(trading.NotFound, "set the passphrase as secret "+SecretSSHPassphrase, "the private key is sealed with a passphrase")
		}
		key, err = ssh.ParsePrivateKeyWithPassphrase(text, []byte(passphrase))
		if err != nil {
			return nil, refused(trading.Unauthorized, "correct the secret "+SecretSSHPassphrase, "open the private key: %v", err)
		}
		return []ssh.Signer{key}, nil
	}
	if err != nil {
		return nil, refused(trading.Invalid, "give a private key as ssh-keygen makes it", "read the private key: %v", err)
	}
	return []ssh.Signer{key}, nil
}

func (s *sshWay) fromAgent(ctx context.Context, r *Runner) (keys []ssh.Signer, release func(), err error) {
	release = func() {}
	socket := r.parts.Env("SSH_AUTH_SOCK")
	if socket == "" || runtime.GOOS == "windows" {
		return nil, release, refused(trading.NotFound, "name a private key as ssh_key_file, or set it as secret "+SecretSSHKey, "there is no key to log in with")
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", socket)
	if err != nil {
		return nil, release, refused(trading.Unavailable, "start the agent, or name a private key as ssh_key_file", "ask the ssh agent: %v", err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	release = func() {
		stop()
		_ = conn.Close()
	}
	keys, err = agent.NewClient(conn).Signers()
	if err != nil || len(keys) == 0 {
		release()
		return nil, func() {}, refused(trading.NotFound, "`ssh-add` the key, or name a private key as ssh_key_file", "the ssh agent holds no key")
	}
	return keys, release, nil
}
