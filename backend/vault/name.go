package vault

import (
	"regexp"

	"hoox/backend/trading"
)

// The names of the secrets that the program itself makes.
const (
	// WebhookKey is the passkey that an alert must carry.
	WebhookKey = "WEBHOOK_API_KEY"
	// InternalKey is the bearer token of the control interface.
	InternalKey = "INTERNAL_KEY_BINDING"
	// InstallKey seeds client order ids; made once, never shown.
	InstallKey = "INSTALL_KEY"
)

var namePattern = regexp.MustCompile(`^[A-Z][A-Z0-9_]{1,63}$`)

// CheckName fails with Invalid for anything that is no name of a secret. It does not repeat it: a secret is easily typed into
// the wrong field, and the words of a refusal are kept.
func CheckName(name string) error {
	if !namePattern.MatchString(name) {
		return trading.FieldError("name", "a secret's name has capitals, digits and _, such as BYBIT_API_KEY")
	}
	return nil
}
