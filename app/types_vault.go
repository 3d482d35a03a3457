package app

import (
	"fmt"
	"io"
	"log/slog"

	"hoox/backend/vault"
)

// hiddenDots is what a Hidden looks like wherever it is printed.
const hiddenDots = "••••"

// Hidden is a secret that a person typed, on its way in: it crosses the glass as it is and prints as dots everywhere else. No
// answer has one.
type Hidden string

// String is dots.
func (Hidden) String() string { return hiddenDots }

// GoString is dots.
func (Hidden) GoString() string { return hiddenDots }

// Format prints dots for every verb.
func (Hidden) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hiddenDots) } // fmt itself ignores it

// LogValue is dots.
func (Hidden) LogValue() slog.Value { return slog.StringValue(hiddenDots) }

func (h Hidden) secret() vault.Secret { return vault.NewSecret(string(h)) }

// VaultState is how the secrets are sealed, and whether they can be read.
type VaultState struct {
	// Kind is keychain, passphrase or file.
	Kind   string `json:"kind"`
	Locked bool   `json:"locked"`
	// Detail says it in words; Fix says what to do, "" when nothing is to be done.
	Detail string `json:"detail"`
	Fix    string `json:"fix"`
	// WaitSeconds is how long the next try of a passphrase has to wait.
	WaitSeconds int `json:"waitSeconds"`
}

// SecretRow is one secret, never its value.
type SecretRow struct {
	Name string `json:"name"`
	Set  bool   `json:"set"`
	// Source is vault or environment, "" when it is not set. The environment wins for one run.
	Source string `json:"source"`
	// Hint are the last four characters of a key's name at its exchange, "" for everything that is only known to its owner.
	Hint string `json:"hint"`
	Help string `json:"help"`
	// Fixed tells that it can be neither set nor deleted.
	Fixed bool `json:"fixed"`
	// TakesEffect says in words when a change counts for the running program: "at once", "after a restart", and more.
	TakesEffect string `json:"takesEffect"`
}

// SecretList is every secret that is set or could be.
type SecretList struct {
	Items []SecretRow `json:"items"`
	Vault VaultState  `json:"vault"`
}

// SetSecret stores a secret. Its value goes into the vault and is never shown again.
type SetSecret struct {
	Name  string `json:"name"`
	Value Hidden `json:"value"`
}

// SecretName names a secret.
type SecretName struct {
	Name string `json:"name"`
}

// UnlockVault opens the vault; Passphrase is for one that is sealed by a passphrase.
type UnlockVault struct {
	Passphrase Hidden `json:"passphrase"`
}

// SealVault moves the vault to another seal: keychain, passphrase or file. Passphrase is the new one, Current the one that
// seals it now, if one does.
type SealVault struct {
	Kind       string `json:"kind"`
	Passphrase Hidden `json:"passphrase"`
	Current    Hidden `json:"current"`
}

// RotateVault makes the vault's keys anew; Current is wanted where a passphrase seals it.
type RotateVault struct {
	Current Hidden `json:"current"`
}

// ExportSecrets wants everything in one text that Passphrase opens; Current is wanted where a passphrase seals the vault.
type ExportSecrets struct {
	Passphrase Hidden `json:"passphrase"`
	Current    Hidden `json:"current"`
}

// ExportedSecrets is an export: encrypted, in the format of the age tool.
type ExportedSecrets struct {
	// File is a good name for it.
	File  string `json:"file"`
	Text  string `json:"text"`
	Count int    `json:"count"`
}

// ImportSecrets brings an export in. Merge is look (changes nothing), add (what is new) or replace (what differs, too).
type ImportSecrets struct {
	Text       string `json:"text"`
	Passphrase Hidden `json:"passphrase"`
	Merge      string `json:"merge"`
}

// ImportedSecret is what an import does to one secret: new, same, differs, or kept (never replaced).
type ImportedSecret struct {
	Name string `json:"name"`
	What string `json:"what"`
}

// ImportReport is what an import did, or would do.
type ImportReport struct {
	Items []ImportedSecret `json:"items"`
	// Changed counts what was stored.
	Changed int `json:"changed"`
}
