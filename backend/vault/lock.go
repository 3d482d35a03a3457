package vault

import (
	"errors"

	"hoox/backend/trading"
)

// Kind is how the vault is sealed, also while it is locked; "" when it cannot be read.
func (v *Vault) Kind() Kind {
	doc, err := v.load()
	if err != nil {
		return ""
	}
	return doc.Seal.Kind
}

// KindOf is how the vault of a folder is sealed, without opening it; "" when there is none or it cannot be read.
func KindOf(dir string) Kind { return (&Vault{options: Options{Dir: dir}}).Kind() }

// Locked is nil while the vault is open, and else the error of everything that needs it open, with what to do.
func (v *Vault) Locked() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.held != nil {
		return nil
	}
	why := unlockIt
	if v.shut != nil {
		why = v.shut.Error()
	}
	return &trading.Error{Kind: trading.Unavailable, Message: "the vault is locked: " + why, Wait: trading.WaitOf(v.shut)}
}

// unlockIt is what a person can do about a locked vault.
const unlockIt = "unlock it on the Secrets page or with `hoox vault unlock`"

// Trouble is why the vault is locked although nobody locked it and more is wanted than a passphrase, "" otherwise.
func (v *Vault) Trouble() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.held != nil || v.shut == nil {
		return ""
	}
	return v.shut.Error()
}

// Missed is why a vault that was made by this run is sealed by a file although a keychain was to be tried first; nil when
// that is not so.
func (v *Vault) Missed() error { return v.missed }

// hold keeps the data key of a vault that has been opened.
func (v *Vault) hold(doc document, data []byte) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.forget()
	v.held, v.shut = &held{seal: doc.Seal, key: data}, nil
}

// lock forgets the data key; why is nil when a person asked for it. That a passphrase is wanted is no trouble.
func (v *Vault) lock(why error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.forget()
	v.shut = why
	if errors.Is(why, errNoPassphrase) {
		v.shut = nil
	}
}

func (v *Vault) forget() {
	if v.held != nil {
		clear(v.held.key)
	}
	v.held = nil
}

// Lock forgets the key, so that nothing can be read or changed until the vault is unlocked. It fails with Refused where it
// would protect nothing.
func (v *Vault) Lock() error {
	v.turn.Lock()
	defer v.turn.Unlock()
	if v.Locked() != nil {
		return nil
	}
	if v.Kind() == ByFile {
		return trading.Errorf(trading.Refused, "a key in a file beside the vault opens it at any time, so there is nothing to lock: seal it by a passphrase or the keychain first")
	}
	v.lock(nil)
	return nil
}

// Unlock opens the vault; the passphrase is for a vault that wants one. It fails with Unauthorized for a wrong one, with
// Limited while too many were wrong, and with Unavailable when the keychain does not answer. On an open vault it does
// nothing.
func (v *Vault) Unlock(passphrase Secret) error {
	return v.exclusively(func() error {
		if v.Locked() == nil {
			return nil
		}
		doc, err := v.load()
		if err != nil {
			return gone(err)
		}
		err = v.enter(doc, passphrase)
		if err != nil && doc.Seal.Kind != ByPassphrase {
			v.lock(err)
		}
		return err
	})
}

// enter has the vault held open. A passphrase is tried under the vault's lock.
func (v *Vault) enter(doc document, passphrase Secret) error {
	data, err := v.openSeal(doc, passphrase)
	if err != nil {
		return err
	}
	if err := doc.verify(data); err != nil {
		return err
	}
	v.hold(doc, data)
	return nil
}

// openSeal is the data key of a vault.
func (v *Vault) openSeal(doc document, passphrase Secret) ([]byte, error) {
	place, err := v.source(doc.Seal.Kind, passphrase)
	if err != nil {
		return nil, err
	}
	if doc.Seal.Kind == ByPassphrase {
		return v.try(doc.Seal, place)
	}
	key, err := place.fetch(doc.Seal)
	if err != nil || doc.Version == firstVersion {
		return key, err
	}
	defer clear(key)
	data, err := doc.Seal.unlock(key)
	if err != nil {
		return nil, trading.Errorf(trading.Internal, "the key of the vault (%s) does not open it: vault.json is damaged, or of another installation; "+
			"restore it from your backup, or move it away and import your export", doc.Seal.Kind)
	}
	return data, nil
}

// try tries a passphrase. Whatever is wrong, the error is the same.
func (v *Vault) try(s seal, place source) ([]byte, error) {
	t := tries{v.options.Dir, v.options.Now}
	if err := t.begin(); err != nil {
		return nil, err
	}
	key, err := place.fetch(s)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	data, err := s.unlock(key)
	if err != nil {
		return nil, trading.Errorf(trading.Unauthorized, "the passphrase does not open the vault")
	}
	return data, t.passed()
}

// Confirm has a person prove again that they know the passphrase; a vault that has none needs no proof. Its errors are
// those of Unlock.
func (v *Vault) Confirm(passphrase Secret) error {
	return v.exclusively(func() error {
		doc, key, err := v.readAgain()
		if err != nil {
			return err
		}
		clear(key)
		return v.confirm(doc, passphrase)
	})
}

func (v *Vault) confirm(doc document, passphrase Secret) error {
	if doc.Seal.Kind != ByPassphrase {
		return nil
	}
	if passphrase.Empty() {
		return trading.FieldError("current", "type the passphrase that the vault is sealed by now")
	}
	data, err := v.openSeal(doc, passphrase)
	clear(data)
	return err
}

// Words say how the secrets are sealed.
func (v *Vault) Words() string {
	doc, err := v.load()
	if err != nil {
		return "vault.json cannot be read"
	}
	words := "sealed by a random key in vault.key beside the vault, readable by you only: whoever copies both files has the secrets"
	switch doc.Seal.Kind {
	case ByKeychain:
		words = "sealed by a key in the keychain of this system"
	case ByPassphrase:
		words = "sealed by your passphrase (Argon2id)"
	case ByFile:
	}
	if len(doc.Retired) > 0 {
		words += "; an older key could not be removed yet, the next change tries again"
	}
	return words
}

// Offer is what a person could do to seal the vault better, "" when it is sealed well.
func (v *Vault) Offer() string {
	if v.Kind() != ByFile {
		return ""
	}
	return "seal it by the keychain of this system or by a passphrase, on the Secrets page or with `hoox vault seal keychain` or `hoox vault seal passphrase`"
}
