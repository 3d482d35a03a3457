package vault_test

import (
	"encoding/base64"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zalando/go-keyring"

	"hoox/backend/trading"
	"hoox/backend/vault"
)

func withBus(name string) string {
	return map[string]string{"DBUS_SESSION_BUS_ADDRESS": "unix:path=/a/bus"}[name]
}

func nothing(string) bool { return false }

// keptIn are the options of a vault whose key a keychain holds.
func keptIn(dir string, c vault.Keychain) vault.Options {
	o := in(dir)
	o.Keychain = c
	return o
}

func TestKeychainHoldsOneKeyAndNothingElse(t *testing.T) {
	dir, c := t.TempDir(), newChain()
	v := openWith(t, keptIn(dir, c))
	set(t, v, "BYBIT_API_SECRET", strings.Repeat("canary", 400))
	set(t, v, "MEXC_API_SECRET", "canary")

	reads(t, openWith(t, keptIn(dir, c)), "MEXC_API_SECRET", "canary")

	if v.Kind() != vault.ByKeychain || v.Missed() != nil || len(c.entries) != 1 {
		t.Fatalf("sealed by %s with %d entries (%v), want one", v.Kind(), len(c.entries), v.Missed())
	}
	for name, text := range c.entries {
		if key, err := base64.StdEncoding.DecodeString(text); err != nil || len(key) != 32 {
			t.Errorf("%s holds %d characters (%v), want one key of 32 bytes: Windows takes 2,560 bytes at most", name, len(text), err)
		}
	}
	if !missing(t, filepath.Join(dir, "vault.key")) {
		t.Error("there is a key in a file too")
	}
	if err := v.Lock(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := v.Get("MEXC_API_SECRET"); trading.KindOf(err) != trading.Unavailable {
		t.Errorf("locked: had %v", err)
	}
	if err := v.Unlock(vault.Secret{}); err != nil {
		t.Errorf("unlocking asks the keychain: had %v", err)
	}
	reads(t, v, "MEXC_API_SECRET", "canary")
}

func TestTheLibrarysKeychainIsAskedAsItWantsToBe(t *testing.T) {
	keyring.MockInit()
	dir, c := t.TempDir(), vault.KeychainWith(withBus, nothing)
	set(t, openWith(t, keptIn(dir, c)), "A_KEY", "one")
	reads(t, openWith(t, keptIn(dir, c)), "A_KEY", "one")
	head, _ := headOf(t, dir)
	if text, err := keyring.Get("hoox vault", head.Seal.ID); err != nil || len(text) != 44 {
		t.Errorf("the entry holds %d characters (%v), want one key", len(text), err)
	}
	v := openWith(t, keptIn(dir, c))
	if err := v.SealBy(vault.ByFile, vault.Secret{}, vault.Secret{}); err != nil {
		t.Fatal(err)
	}
	if text, err := keyring.Get("hoox vault", head.Seal.ID); !errors.Is(err, keyring.ErrNotFound) {
		t.Errorf("after the move the entry still holds %d characters (%v)", len(text), err)
	}
}

func TestAKeychainThatDoesNotAnswerIsToldWithItsFix(t *testing.T) {
	dir, c := t.TempDir(), newChain()
	set(t, openWith(t, keptIn(dir, c)), "A_KEY", "one")

	c.away = errors.New("failed to unlock correct collection")
	v := openWith(t, keptIn(dir, c))
	for _, err := range []error{v.Locked(), v.Unlock(vault.Secret{})} {
		if trading.KindOf(err) != trading.Unavailable || !strings.Contains(err.Error(), "collection") || !strings.Contains(err.Error(), "try again") {
			t.Errorf("a keychain that is locked: had %v, want Unavailable, its words and what to do", err)
		}
	}
	c.away = nil
	if err := v.Unlock(vault.Secret{}); err != nil {
		t.Fatalf("the keychain answers again: had %v", err)
	}
	reads(t, v, "A_KEY", "one")

	// Another user, another computer, a keychain that was made anew: the file is fine, so it is not called damaged.
	if err := openWith(t, keptIn(dir, newChain())).Locked(); trading.KindOf(err) != trading.Unavailable || !strings.Contains(err.Error(), "import your export") {
		t.Errorf("an empty keychain: had %v", err)
	}
	if err := open(t, dir).Locked(); err == nil || !strings.Contains(err.Error(), "keychain") {
		t.Errorf("a run without keychain: had %v", err)
	}
	c.entries["hoox vault/"+func() string { head, _ := headOf(t, dir); return head.Seal.ID }()] = "c2hvcnQ="
	if _, err := vault.Open(keptIn(dir, c)); trading.KindOf(err) != trading.Internal {
		t.Errorf("an entry that is no key: had %v, want Internal", err)
	}
}

func TestANewVaultFallsBackToAFileAloudNotSilently(t *testing.T) {
	c := newChain()
	c.away = errors.New("is locked")
	dir := t.TempDir()
	v := openWith(t, keptIn(dir, c))
	if v.Kind() != vault.ByFile || v.Missed() == nil || !strings.Contains(v.Missed().Error(), "is locked") || v.Offer() == "" {
		t.Errorf("sealed by %s, missed %v, offer %q: want a file, why, and what would be better", v.Kind(), v.Missed(), v.Offer())
	}
	o := keptIn(t.TempDir(), c)
	o.First = vault.ByKeychain
	if _, err := vault.Open(o); trading.KindOf(err) != trading.Unavailable {
		t.Errorf("where the keychain was asked for: had %v, want Unavailable and no file", err)
	}
	if left := filesOf(t, o.Dir); len(left) != 0 {
		t.Errorf("it left %v", left)
	}
	c.away = nil
	o = keptIn(t.TempDir(), c)
	o.First = vault.ByFile
	if v := openWith(t, o); v.Kind() != vault.ByFile || len(c.entries) != 0 {
		t.Errorf("where a file was asked for: sealed by %s", v.Kind())
	}
	o = keptIn(t.TempDir(), c)
	o.Passphrase = vault.NewSecret(words)
	if v := openWith(t, o); v.Kind() != vault.ByPassphrase || len(c.entries) != 0 {
		t.Errorf("where a passphrase was handed over: sealed by %s", v.Kind())
	}
	o = keptIn(t.TempDir(), c)
	o.First = vault.ByPassphrase
	if _, err := vault.Open(o); trading.KindOf(err) != trading.Unavailable {
		t.Errorf("a passphrase was asked for and none handed over: had %v", err)
	}
}

func TestWithoutASessionBusNobodyIsAsked(t *testing.T) {
	keyring.MockInitWithError(errors.New("asked"))
	defer keyring.MockInit()
	for _, c := range []struct {
		env    func(string) string
		exists func(string) bool
		asked  bool
	}{
		{noEnv, nothing, false}, {func(string) string { return "autolaunch:" }, nothing, false}, {withBus, nothing, true},
		{noEnv, func(path string) bool {
			return strings.HasPrefix(path, "/run/user/") && strings.HasSuffix(path, "/bus")
		}, true},
	} {
		k := vault.KeychainWith(c.env, c.exists)
		_, get := k.Get("s", "u")
		for _, err := range []error{get, k.Set("s", "u", "p"), k.Delete("s", "u")} {
			if err == nil || (err.Error() == "asked") != c.asked || !c.asked && !strings.Contains(err.Error(), "session bus") {
				t.Errorf("had %v, want asked=%v: the library would start a bus that nobody else is on", err, c.asked)
			}
		}
	}
}

func TestAKeychainThatAsksAPersonIsNotWaitedForForever(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		answered := make(chan struct{})
		defer close(answered)
		began := time.Now()
		_, err := vault.AskPatiently(8*time.Second, func() (string, error) {
			<-answered
			return "late", nil
		})
		if err == nil || time.Since(began) != 8*time.Second {
			t.Errorf("had %v after %v, want an error after 8 s", err, time.Since(began))
		}
		if text, err := vault.AskPatiently(8*time.Second, func() (string, error) { return "soon", nil }); err != nil || text != "soon" {
			t.Errorf("had %q %v", text, err)
		}
	})
}
