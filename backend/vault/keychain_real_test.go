//go:build keychain

package vault_test

import (
	"os"
	"testing"

	"hoox/backend/vault"
)

// Asks the keychain of the system it runs on, which is why it has a tag of its own. On Linux, with gnome-keyring:
//
//	HOME=$(mktemp -d) dbus-run-session -- sh -c 'printf "pw\n" | gnome-keyring-daemon --unlock --components=secrets &&
//	    go test -tags sqlite_fts5,keychain ./backend/vault -run TheSystemsKeychain -v'
func TestTheSystemsKeychainKeepsAndForgetsAKey(t *testing.T) {
	dir, chain := t.TempDir(), vault.SystemKeychain(os.Getenv)
	v := openWith(t, keptIn(dir, chain))
	if v.Kind() != vault.ByKeychain {
		t.Fatalf("sealed by %s: %v", v.Kind(), v.Missed())
	}
	set(t, v, "A_KEY", "one")
	first, _ := headOf(t, dir)
	reads(t, openWith(t, keptIn(dir, chain)), "A_KEY", "one")

	if err := v.Rotate(vault.Secret{}); err != nil {
		t.Fatal(err)
	}
	second, _ := headOf(t, dir)
	if _, err := chain.Get("hoox vault", first.Seal.ID); err == nil {
		t.Error("the old key is still in the keychain")
	}
	if err := v.SealBy(vault.ByFile, vault.Secret{}, vault.Secret{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chain.Get("hoox vault", second.Seal.ID); err == nil {
		t.Error("a key is left in the keychain")
	}
	reads(t, openWith(t, keptIn(dir, chain)), "A_KEY", "one")
}
