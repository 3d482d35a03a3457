package vault

import (
	"encoding/base64"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"time"

	"hoox/backend/trading"
)

// EnvPrefix starts the environment variables that win for one run.
const EnvPrefix = "HOOX_SECRET_"

// maxSecret bounds one secret; a private key fits, a file does not.
const maxSecret = 8 << 10

// The files of a vault in its folder. The next one is where a vault is written and proven before it replaces the old one.
const (
	fileName     = "vault.json"
	nextFileName = "vault.next"
	keyFileName  = "vault.key"
)

// Options say where a vault is and by what it may be opened. Dir, Env and Now are needed.
type Options struct {
	Dir string
	Env func(string) string
	Now func() time.Time
	// First is how a vault is sealed that is made now; "" takes a passphrase that is given, else a keychain that answers,
	// else a file. It moves no vault that is there.
	First Kind
	// Passphrase opens a vault that wants one.
	Passphrase Secret
	// Keychain is the system's; nil is none.
	Keychain Keychain
}

// Vault is the sealed file of one data folder. Safe for concurrent use; a change made by another command of this program
// is seen at the next read.
type Vault struct {
	options Options

	// turn is held by whoever changes the vault, locks or unlocks it, beside vault.lock, which is for other commands. Reading
	// does not wait for it: an account that signs an order must not wait for a keychain that asks a person.
	turn sync.Mutex

	mu sync.Mutex
	// held is what opens the file, nil while the vault is locked; shut is why.
	held *held
	shut error

	// missed is why a vault that was made now is sealed by a file, nil when that was asked for. It is known once Open returns.
	missed error

	// passed is told the steps of a move; tests stop there.
	passed func(step string)
}

// held is the data key of the file that has this seal, with the file as it was checked last.
type held struct {
	seal    seal
	key     []byte
	checked checked
}

// checked is a file that was taken apart and whose signature is right. Nobody changes it.
type checked struct {
	text []byte
	document
}

// Open opens the vault of a data folder, and makes one when there is none. A vault whose key cannot be had now is returned
// locked; see Locked. It fails with Internal when the file is damaged or its key is lost for good: starting over would throw
// secrets away.
func Open(o Options) (*Vault, error) {
	v := &Vault{options: o, passed: func(string) {}}
	doc, err := v.load()
	switch {
	case errors.Is(err, fs.ErrNotExist):
		err = v.begin()
	case err == nil:
		err = v.start(doc)
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

// start opens a vault that is there. One that stays locked is no error.
func (v *Vault) start(doc document) error {
	var err error
	if doc.Seal.Kind == ByPassphrase && !v.options.Passphrase.Empty() {
		err = v.exclusively(func() error { return v.enter(doc, v.options.Passphrase) })
	} else {
		err = v.enter(doc, Secret{})
	}
	if err != nil && trading.KindOf(err) != trading.Internal {
		v.lock(err)
		return nil
	}
	return err
}

func (v *Vault) file() string { return filepath.Join(v.options.Dir, fileName) }

// begin makes the vault of a folder that has none.
func (v *Vault) begin() error {
	release, err := v.alone()
	if err != nil {
		return err
	}
	defer release()
	// Another command may have made it meanwhile.
	if doc, err := v.load(); !errors.Is(err, fs.ErrNotExist) {
		if err != nil {
			return err
		}
		release()
		return v.start(doc)
	}
	kind := v.first()
	key, head, err := v.makeKey(kind)
	if err != nil && kind == ByKeychain && v.options.First == "" {
		v.missed = err
		key, head, err = v.makeKey(ByFile)
	}
	if err != nil {
		return err
	}
	doc, data, err := document{}.resealed(nil, head, key)
	if err != nil {
		return err
	}
	if err := v.write(doc); err != nil {
		return err
	}
	v.hold(doc, data)
	return nil
}

// first is how a new vault is sealed.
func (v *Vault) first() Kind {
	_, err := os.Stat(filepath.Join(v.options.Dir, keyFileName))
	switch {
	case v.options.First != "":
		return v.options.First
	case !v.options.Passphrase.Empty():
		return ByPassphrase
	case err == nil || v.options.Keychain == nil:
		return ByFile
	}
	return ByKeychain
}

func (v *Vault) makeKey(k Kind) ([]byte, seal, error) {
	place, err := v.source(k, v.options.Passphrase)
	if err != nil {
		return nil, seal{}, err
	}
	head := newSeal(k)
	key, err := place.make(&head)
	return key, head, err
}

// Changed is when the sealed file was last written: cheap to ask, to follow changes that another command makes.
func (v *Vault) Changed() time.Time {
	info, err := os.Stat(v.file())
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// Get is a secret; false when it is not set. A secret in the environment wins. It fails with Unavailable while the vault is
// locked.
func (v *Vault) Get(name string) (Secret, bool, error) {
	if err := CheckName(name); err != nil {
		return Secret{}, false, err
	}
	doc, key, err := v.read()
	if err != nil {
		return Secret{}, false, err
	}
	defer clear(key)
	if value := v.options.Env(EnvPrefix + name); value != "" {
		return NewSecret(value), true, nil
	}
	return doc.get(key, name)
}

// Has tells whether a secret is set, also while the vault is locked.
func (v *Vault) Has(name string) bool {
	doc, err := v.load()
	if err != nil {
		return false
	}
	_, ok := doc.Secrets[name]
	return ok || v.FromEnvironment(name)
}

// FromEnvironment tells whether the environment gives a secret for this run.
func (v *Vault) FromEnvironment(name string) bool { return v.options.Env(EnvPrefix+name) != "" }

// Names lists the secrets in the file, also while it is locked, and never their values.
func (v *Vault) Names() ([]string, error) {
	if v.Locked() != nil {
		doc, err := v.load()
		return doc.names(), err
	}
	doc, key, err := v.read()
	clear(key)
	return doc.names(), err
}

// Set stores a secret for good. It fails with Invalid for a bad name, an empty or an oversized value, and with Unavailable
// while the vault is locked.
func (v *Vault) Set(name string, value Secret) error {
	if err := CheckName(name); err != nil {
		return err
	}
	if err := checkValue(value); err != nil {
		return err
	}
	return v.change(func(doc *document, key []byte) error {
		doc.put(key, name, value)
		return nil
	})
}

func checkValue(value Secret) error {
	if value.Empty() || len(value.Reveal()) > maxSecret {
		return trading.FieldError("value", "a secret has 1 to %d bytes", maxSecret)
	}
	return nil
}

// Delete forgets a secret. It fails with NotFound when it is not set, and with Unavailable while the vault is locked.
func (v *Vault) Delete(name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	return v.change(func(doc *document, _ []byte) error {
		if _, ok := doc.Secrets[name]; !ok {
			return trading.Errorf(trading.NotFound, "no secret %s is set", name)
		}
		delete(doc.Secrets, name)
		return nil
	})
}

// NewText is a random text of 256 bits, for a secret that only this program reads.
func NewText() string { return base64.RawURLEncoding.EncodeToString(randomBytes(keySize)) }

// Ensure returns a secret and stores what fresh gives at the first use; made tells that it did. What another command stores
// meanwhile stays. It fails as Get and Set do.
func (v *Vault) Ensure(name string, fresh func() string) (value Secret, made bool, err error) {
	value, ok, err := v.Get(name)
	if err != nil || ok {
		return value, false, err
	}
	err = v.change(func(doc *document, key []byte) error {
		if value, ok, err = doc.get(key, name); err != nil || ok {
			return err
		}
		value, made = NewSecret(fresh()), true
		if err := checkValue(value); err != nil {
			return err
		}
		doc.put(key, name, value)
		return nil
	})
	if err != nil {
		return Secret{}, false, err
	}
	return value, made, nil
}
