package vault_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"hoox/backend/trading"
	"hoox/backend/vault"
)

// FuzzVaultFileThatWasChangedGivesNoSecret puts any bytes into the vault's file: it opens to what was sealed or to an error that
// says what to do, never to another value, and it is left as it is.
func FuzzVaultFileThatWasChangedGivesNoSecret(f *testing.F) {
	const name, value = "BYBIT_API_SECRET", "sealed-by-the-program"
	dir := f.TempDir()
	path := filepath.Join(dir, "vault.json")
	none := func(string) string { return "" }
	open := func() (*vault.Vault, error) {
		return vault.Open(vault.Options{Dir: dir, Env: none, Now: time.Now, First: vault.ByFile})
	}
	v, err := open()
	if err == nil {
		err = v.Set(name, vault.NewSecret(value))
	}
	if err != nil {
		f.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add(text[:len(text)-3])
	for _, other := range []string{"", "null", "{}", `{"version":1,"secrets":null}`, `{"version":2,"secrets":{}}`, `{"version":1,"secrets":{"BYBIT_API_SECRET":"AAAA"}}`,
		`{"version":1,"secrets":{"BYBIT_API_SECRET":"c2VhbGVkLWJ5LXRoZS1wcm9ncmFt"}}`, `{"version":1,"secrets":{"":"","a/../b":"x"}}`} {
		f.Add([]byte(other))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		v, err := open()
		if err == nil {
			var had vault.Secret
			var found bool
			if had, found, err = v.Get(name); err == nil && found && had.Reveal() != value {
				t.Fatalf("%q opens to %q", text, had.Reveal())
			}
			if _, err := v.Names(); err != nil && trading.KindOf(err) != trading.Internal {
				t.Fatalf("list the names of %q: %v, want Internal", text, err)
			}
		}
		if err != nil && trading.KindOf(err) != trading.Internal {
			t.Fatalf("%q: had %v, want Internal with what to do", text, err)
		}
		if after, err := os.ReadFile(path); err != nil || string(after) != string(text) {
			t.Fatalf("%q became %q %v: a damaged vault may hold the only copy of a key", text, after, err)
		}
	})
}
