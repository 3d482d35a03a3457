package vault

import (
	"hoox/backend/trading"
)

// source is a place where the key is that seals the vault.
type source interface {
	// make has the place hold a fresh key that s names, and completes s. The key is durable when it returns.
	make(s *seal) ([]byte, error)
	// fetch is the key that s names. It fails with Internal when the key is lost, and with any other kind when it cannot be
	// had now.
	fetch(s seal) ([]byte, error)
	// forget drops a key; nil when there is none.
	forget(id string) error
}

// errNoPassphrase is what every vault that is sealed by one says at first.
var errNoPassphrase = trading.Errorf(trading.Unavailable, "it is sealed by a passphrase: type it, or hand it over in %s or %s", PassphraseVariable, PassphraseFileVariable)

// source finds the place of a kind. The passphrase is needed for that kind only.
func (v *Vault) source(k Kind, passphrase Secret) (source, error) {
	switch k {
	case ByKeychain:
		if v.options.Keychain == nil {
			return nil, trading.Errorf(trading.Unavailable, "this run may not use the keychain of the system")
		}
		return keychainKeys{v.options.Keychain}, nil
	case ByFile:
		return keyFile{v.options.Dir}, nil
	case ByPassphrase:
		if passphrase.Empty() {
			return nil, errNoPassphrase
		}
		return stretched{passphrase}, nil
	}
	return nil, CheckKind(k)
}
