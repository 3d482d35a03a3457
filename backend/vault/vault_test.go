package vault_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hoox/backend/trading"
	"hoox/backend/vault"
)

func noEnv(string) string { return "" }

func open(t *testing.T, dir string) *vault.Vault {
	t.Helper()
	v, err := vault.Open(dir, noEnv)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSecretSurvivesAndIsNeverInTheFile(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, dir).Set("BYBIT_API_KEY", "canary-7f3a"); err != nil {
		t.Fatal(err)
	}

	got, ok, err := open(t, dir).Get("BYBIT_API_KEY")

	if err != nil || !ok || got != "canary-7f3a" {
		t.Fatalf("had %q %v %v, want the secret back", got, ok, err)
	}
	for _, name := range []string{"vault.json", "vault.key"} {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil || strings.Contains(string(data), "canary") {
			t.Errorf("%s holds the secret in clear (err %v)", name, err)
		}
		if info, _ := os.Stat(filepath.Join(dir, name)); info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v, want 0600", name, info.Mode())
		}
	}
}

func TestEnvironmentWinsAndNeverEntersTheVault(t *testing.T) {
	dir := t.TempDir()
	v, err := vault.Open(dir, func(k string) string {
		if k == "HOOX_SECRET_WEBHOOK_API_KEY" {
			return "from-env"
		}
		return ""
	})
	if err != nil {
		t.Fatal(err)
	}
	if got, made, err := v.Ensure(vault.WebhookKey); got != "from-env" || made || err != nil {
		t.Fatalf("had %q made=%v %v, want the environment's value", got, made, err)
	}
	if names, _ := v.Names(); len(names) != 0 {
		t.Fatalf("vault holds %v, want nothing: the environment is for one run", names)
	}
}

func TestEnsureMakesOneSecretForEver(t *testing.T) {
	dir := t.TempDir()
	first, made, err := open(t, dir).Ensure(vault.WebhookKey)
	second, again, _ := open(t, dir).Ensure(vault.WebhookKey)
	if err != nil || !made || again || first != second || len(first) < 43 {
		t.Fatalf("had %q made=%v then %q made=%v (%v), want one random secret of 256 bits", first, made, second, again, err)
	}
}

func TestSwappedOrDamagedSecretsAreRefused(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	for name, value := range map[string]string{"A_KEY": "one", "B_KEY": "two"} {
		if err := v.Set(name, value); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(dir, "vault.json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	swapped := strings.NewReplacer("A_KEY", "B_KEY", "B_KEY", "A_KEY").Replace(string(data))
	if err := os.WriteFile(path, []byte(swapped), 0o600); err != nil {
		t.Fatal(err)
	}
	if got, ok, err := v.Get("A_KEY"); ok || trading.KindOf(err) != trading.Internal {
		t.Fatalf("had %q %v %v, want a refusal: a live key under a test key's name would move real money", got, ok, err)
	}
	if err := os.WriteFile(path, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Open(dir, noEnv); trading.KindOf(err) != trading.Internal {
		t.Fatalf("damaged vault: had %v, want Internal", err)
	}
}

func TestLostKeyIsAnErrorNotANewVault(t *testing.T) {
	dir := t.TempDir()
	if err := open(t, dir).Set("A_KEY", "one"); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, "vault.key")); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Open(dir, noEnv); trading.KindOf(err) != trading.Internal {
		t.Fatalf("had %v, want Internal: a new key would throw the secrets away", err)
	}
}

func TestBadNamesAndValuesAreRefused(t *testing.T) {
	v := open(t, t.TempDir())
	for _, name := range []string{"", "lower", "A", "WITH SPACE", "../KEY"} {
		if err := v.Set(name, "x"); trading.KindOf(err) != trading.Invalid {
			t.Errorf("name %q: had %v, want Invalid", name, err)
		}
	}
	if err := v.Set("A_KEY", ""); trading.KindOf(err) != trading.Invalid {
		t.Errorf("empty value: had %v, want Invalid", err)
	}
	if err := v.Delete("A_KEY"); trading.KindOf(err) != trading.NotFound {
		t.Errorf("delete of nothing: had %v, want NotFound", err)
	}
}

func TestTwoCommandsAtOnceLoseNoSecret(t *testing.T) {
	dir := t.TempDir()
	const commands = 12
	done := make(chan error, commands)
	for i := range commands {
		go func() {
			// Every command opens the vault for itself, as processes do; the first ones also find no key yet.
			v, err := vault.Open(dir, noEnv)
			if err == nil {
				err = v.Set(fmt.Sprintf("SECRET_%d", i), "value")
			}
			done <- err
		}()
	}
	for range commands {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	v := open(t, dir)
	for i := range commands {
		if got, ok, err := v.Get(fmt.Sprintf("SECRET_%d", i)); got != "value" || !ok || err != nil {
			t.Errorf("SECRET_%d: had %q %v %v, want the value: a command that said \"is set\" was overwritten", i, got, ok, err)
		}
	}
}
