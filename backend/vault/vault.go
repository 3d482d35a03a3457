package vault

import (
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"golang.org/x/crypto/chacha20poly1305"

	"hoox/backend/disk"
	"hoox/backend/trading"
)

// envPrefix starts the environment variables that win for one run.
const envPrefix = "HOOX_SECRET_"

// maxSecret bounds one secret; a private key fits, a file does not.
const maxSecret = 8 << 10

// Vault is the sealed file of one data folder. Safe for concurrent use; a change made by another command of this program
// is seen at the next read.
type Vault struct {
	dir string
	env func(string) string

	mu   sync.Mutex
	aead cipher.AEAD
}

// sealed is the file: what is in it is useless without the key.
type sealed struct {
	Version int               `json:"version"`
	Secrets map[string]string `json:"secrets"`
}

// Open opens the vault of a data folder and makes the key at the first use. It fails with Internal when a vault is there
// and its key is not: starting over would throw secrets away.
func Open(dir string, env func(string) string) (*Vault, error) {
	v := &Vault{dir: dir, env: env}
	key, err := v.key()
	if err != nil {
		return nil, err
	}
	if v.aead, err = chacha20poly1305.NewX(key); err != nil {
		return nil, fmt.Errorf("open vault: %w", err)
	}
	if _, err := v.read(); err != nil {
		return nil, err
	}
	return v, nil
}

func (v *Vault) file() string    { return filepath.Join(v.dir, "vault.json") }
func (v *Vault) keyFile() string { return filepath.Join(v.dir, "vault.key") }

// key reads the key, and makes it when there is none and no vault either.
func (v *Vault) key() ([]byte, error) {
	key, err := v.readKey()
	if !errors.Is(err, os.ErrNotExist) {
		return key, err
	}
	release, err := v.alone()
	if err != nil {
		return nil, err
	}
	defer release()
	// Another command may have made it meanwhile.
	if key, err = v.readKey(); !errors.Is(err, os.ErrNotExist) {
		return key, err
	}
	if _, err := os.Stat(v.file()); err == nil {
		return nil, trading.Errorf(trading.Internal, "vault.json is there but vault.key is not: restore the key from your backup, or move vault.json away and enter your secrets again")
	}
	key = make([]byte, chacha20poly1305.KeySize)
	rand.Read(key)
	if err := disk.WriteWhole(v.keyFile(), []byte(base64.StdEncoding.EncodeToString(key)+"\n")); err != nil {
		return nil, err
	}
	return key, nil
}

func (v *Vault) readKey() ([]byte, error) {
	text, err := os.ReadFile(v.keyFile())
	if err != nil {
		return nil, fmt.Errorf("read vault key: %w", err)
	}
	key, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(key) != chacha20poly1305.KeySize {
		return nil, trading.Errorf(trading.Internal, "vault.key is damaged: restore it from your backup, or move vault.json and vault.key away and enter your secrets again")
	}
	return key, nil
}

// Seal says in words how the secrets are sealed.
func (v *Vault) Seal() string {
	return "sealed by a random key in vault.key beside the vault, readable by you only: whoever copies both files has the secrets"
}

// Changed is when the sealed file was last written, zero before the first secret: cheap to ask, to follow changes that
// another command makes.
func (v *Vault) Changed() time.Time {
	info, err := os.Stat(v.file())
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// Get is a secret; false when it is not set. A secret in the environment wins.
func (v *Vault) Get(name string) (string, bool, error) {
	if err := CheckName(name); err != nil {
		return "", false, err
	}
	if value := v.env(envPrefix + name); value != "" {
		return value, true, nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	s, err := v.read()
	if err != nil {
		return "", false, err
	}
	box, ok := s.Secrets[name]
	if !ok {
		return "", false, nil
	}
	value, err := v.open(name, box)
	return value, err == nil, err
}

// Set stores a secret for good. It fails with Invalid for a bad name, an empty or an oversized value.
func (v *Vault) Set(name, value string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	if value == "" || len(value) > maxSecret {
		return trading.FieldError("value", "a secret has 1 to %d bytes", maxSecret)
	}
	return v.change(func(s *sealed) error {
		box, err := v.seal(name, value)
		s.Secrets[name] = box
		return err
	})
}

// Delete forgets a secret. It fails with NotFound when it is not set.
func (v *Vault) Delete(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	return v.change(func(s *sealed) error {
		if _, ok := s.Secrets[name]; !ok {
			return trading.Errorf(trading.NotFound, "no secret %s is set", name)
		}
		delete(s.Secrets, name)
		return nil
	})
}

// Names lists the secrets that are set, and never their values.
func (v *Vault) Names() ([]string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	s, err := v.read()
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(s.Secrets))
	for name := range s.Secrets {
		names = append(names, name)
	}
	sort.Strings(names)
	return names, nil
}

// Ensure returns a secret and makes a random one of 256 bits at the first use; made tells that it did.
func (v *Vault) Ensure(name string) (value string, made bool, err error) {
	value, ok, err := v.Get(name)
	if err != nil || ok {
		return value, false, err
	}
	random := make([]byte, 32)
	rand.Read(random)
	value = base64.RawURLEncoding.EncodeToString(random)
	return value, true, v.Set(name, value)
}

// alone keeps other commands of this program from changing key or vault until release is called: each reads the file,
// changes it and writes it whole, so two at once would lose one change, or seal with a key that is gone.
func (v *Vault) alone() (release func(), err error) {
	lock := flock.New(filepath.Join(v.dir, "vault.lock"), flock.SetPermissions(0o600))
	if err := lock.Lock(); err != nil {
		return nil, fmt.Errorf("lock vault: %w", err)
	}
	return func() { _ = lock.Unlock() }, nil // closing the file lets go of it in any case
}

func (v *Vault) change(edit func(*sealed) error) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	release, err := v.alone()
	if err != nil {
		return err
	}
	defer release()
	s, err := v.read()
	if err != nil {
		return err
	}
	if err := edit(&s); err != nil {
		return err
	}
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return fmt.Errorf("write vault: %w", err)
	}
	return disk.WriteWhole(v.file(), append(data, '\n'))
}

func (v *Vault) read() (sealed, error) {
	s := sealed{Version: 1, Secrets: map[string]string{}}
	data, err := os.ReadFile(v.file())
	if errors.Is(err, os.ErrNotExist) {
		return s, nil
	}
	if err != nil {
		return s, fmt.Errorf("read vault: %w", err)
	}
	if err := json.Unmarshal(data, &s); err != nil || s.Version != 1 || s.Secrets == nil {
		return s, trading.Errorf(trading.Internal, "vault.json is damaged: restore it from your backup, or move it away and enter your secrets again")
	}
	return s, nil
}

func (v *Vault) seal(name, value string) (string, error) {
	nonce := make([]byte, v.aead.NonceSize())
	rand.Read(nonce)
	box := v.aead.Seal(nonce, nonce, []byte(value), []byte(name))
	return base64.StdEncoding.EncodeToString(box), nil
}

func (v *Vault) open(name, text string) (string, error) {
	box, err := base64.StdEncoding.DecodeString(text)
	if err == nil && len(box) > v.aead.NonceSize() {
		n := v.aead.NonceSize()
		var value []byte
		if value, err = v.aead.Open(nil, box[:n], box[n:], []byte(name)); err == nil {
			return string(value), nil
		}
	}
	return "", trading.Errorf(trading.Internal, "secret %s cannot be opened: the vault was changed outside this program, or its key is another one", name)
}
