package app

import (
	"crypto/ed25519"
	"encoding/pem"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"hoox/backend/tunnel"
	"hoox/backend/vault"
)

// privateKey is a private key as ssh-keygen writes it.
func privateKey(t *testing.T) string {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "a test")
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(block))
}

func TestAPrivateKeyThatIsPipedInIsStoredWhole(t *testing.T) {
	dir, key := privateDir(t), privateKey(t)

	if code, out, words := hoox(t, key, "--data-dir", dir, "secret", "set", tunnel.SecretSSHKey); code != exitOK {
		t.Fatalf("had %d %q %q", code, out, words)
	}
	if code, _, words := hoox(t, "one line\r\n", "--data-dir", dir, "secret", "set", "BYBIT_API_KEY"); code != exitOK {
		t.Fatalf("had %d %q", code, words)
	}

	v, err := vault.Open(vault.Options{Dir: dir, Env: func(string) string { return "" }, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	stored, _, err := v.Get(tunnel.SecretSSHKey)
	if err != nil || stored.Reveal() != strings.TrimSuffix(key, "\n") {
		t.Errorf("%d of %d bytes are stored (%v), want all but the last line break", len(stored.Reveal()), len(key), err)
	}
	if _, err := ssh.ParsePrivateKey([]byte(stored.Reveal())); err != nil {
		t.Errorf("what is stored is no private key, so the tunnel could not log in: %v", err)
	}
	if stored, _, err := v.Get("BYBIT_API_KEY"); err != nil || stored.Reveal() != "one line" {
		t.Errorf("had %q %v, want the line without its break", stored.Reveal(), err)
	}
}
