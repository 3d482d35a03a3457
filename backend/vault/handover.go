package vault

import (
	"fmt"
	"strings"

	"hoox/backend/disk"
	"hoox/backend/trading"
)

// The two variables by which a start without a person gets the passphrase. Their names are no secrets.
const (
	PassphraseVariable     = "HOOX_VAULT_PASSPHRASE"
	PassphraseFileVariable = "HOOX_VAULT_PASSPHRASE_FILE"
)

// Handover is what the environment of a start hands over: a passphrase, or the file that holds it. The zero value is
// nothing.
type Handover struct {
	passphrase Secret
	file       string
}

// TakeHandover reads both variables and removes them from the environment, so that no child of the program sees them.
func TakeHandover(lookup func(string) (string, bool), unset func(string) error) (Handover, error) {
	var h Handover
	for _, name := range []string{PassphraseVariable, PassphraseFileVariable} {
		value, ok := lookup(name)
		if !ok {
			continue
		}
		if err := unset(name); err != nil {
			return Handover{}, fmt.Errorf("remove %s from the environment: %w", name, err)
		}
		if value == "" {
			continue
		}
		if name == PassphraseVariable {
			h.passphrase = NewSecret(value)
		} else {
			h.file = value
		}
	}
	return h, nil
}

// Passphrase is what was handed over, empty when nothing was. It fails with Invalid for both at once, and for a file that
// others can read.
func (h Handover) Passphrase() (Secret, error) {
	if h.file == "" {
		return h.passphrase, nil
	}
	if !h.passphrase.Empty() {
		return Secret{}, trading.Errorf(trading.Invalid, "%s and %s are both set: set one", PassphraseVariable, PassphraseFileVariable)
	}
	text, err := disk.ReadPrivate(h.file, longestPassphrase+2)
	if err != nil {
		return Secret{}, trading.Errorf(trading.Invalid, "%s: %v", PassphraseFileVariable, err)
	}
	line := strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r")
	clear(text)
	if line == "" || strings.ContainsAny(line, "\r\n") {
		return Secret{}, trading.Errorf(trading.Invalid, "%s: %s must hold the passphrase on one line and nothing else", PassphraseFileVariable, h.file)
	}
	return NewSecret(line), nil
}
