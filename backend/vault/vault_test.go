package vault_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"hoox/backend/trading"
	"hoox/backend/vault"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func noEnv(string) string { return "" }

// in are the options of a vault in a folder, without environment and keychain.
func in(dir string) vault.Options {
	return vault.Options{Dir: dir, Env: noEnv, Now: func() time.Time { return noon }}
}

func open(t *testing.T, dir string) *vault.Vault {
	t.Helper()
	return openWith(t, in(dir))
}

func openWith(t *testing.T, o vault.Options) *vault.Vault {
	t.Helper()
	v, err := vault.Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// reads fails unless a secret has this value.
func reads(t *testing.T, v *vault.Vault, name, want string) {
	t.Helper()
	if got, ok, err := v.Get(name); err != nil || !ok || got.Reveal() != want {
		t.Errorf("%s: had %q %v %v, want %q", name, got.Reveal(), ok, err, want)
	}
}

func set(t *testing.T, v *vault.Vault, name, value string) {
	t.Helper()
	if err := v.Set(name, vault.NewSecret(value)); err != nil {
		t.Fatal(err)
	}
}

// chain is a keychain in memory. It may be away.
type chain struct {
	mu      sync.Mutex
	entries map[string]string
	away    error
}

func newChain() *chain { return &chain{entries: map[string]string{}} }

func (c *chain) Get(service, user string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	text, ok := c.entries[service+"/"+user]
	if c.away == nil && !ok {
		return "", vault.ErrNoEntry
	}
	return text, c.away
}

func (c *chain) Set(service, user, password string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away == nil {
		c.entries[service+"/"+user] = password
	}
	return c.away
}

func (c *chain) Delete(service, user string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.away == nil {
		delete(c.entries, service+"/"+user)
	}
	return c.away
}

func TestSecretSurvivesAndIsNeverInTheFile(t *testing.T) {
	dir := t.TempDir()
	set(t, open(t, dir), "BYBIT_API_KEY", "canary-7f3a")

	reads(t, open(t, dir), "BYBIT_API_KEY", "canary-7f3a")

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
	o := in(t.TempDir())
	o.Env = func(k string) string {
		if k == "HOOX_SECRET_WEBHOOK_API_KEY" {
			return "from-env"
		}
		return ""
	}
	v := openWith(t, o)
	if got, made, err := v.Ensure(vault.WebhookKey, vault.NewText); got.Reveal() != "from-env" || made || err != nil {
		t.Fatalf("had %q made=%v %v, want the environment's value", got.Reveal(), made, err)
	}
	if names, _ := v.Names(); len(names) != 0 || !v.Has(vault.WebhookKey) || !v.FromEnvironment(vault.WebhookKey) {
		t.Fatalf("vault holds %v, want nothing: the environment is for one run", names)
	}
}

func TestEnsureMakesOneSecretForEver(t *testing.T) {
	dir := t.TempDir()
	first, made, err := open(t, dir).Ensure(vault.WebhookKey, vault.NewText)
	second, again, _ := open(t, dir).Ensure(vault.WebhookKey, vault.NewText)
	if err != nil || !made || again || !first.Equal(second) || len(first.Reveal()) < 43 {
		t.Fatalf("had %q made=%v then %q made=%v (%v), want one random secret of 256 bits", first.Reveal(), made, second.Reveal(), again, err)
	}
}

func TestEnsureKeepsWhatAnotherCommandStoresMeanwhile(t *testing.T) {
	dir := t.TempDir()
	other := open(t, dir)
	o := in(dir)
	o.Env = func(string) string {
		// Asked once the file has been read, and before anything is stored.
		if !other.Has(vault.WebhookKey) {
			set(t, other, vault.WebhookKey, "stored meanwhile")
		}
		return ""
	}

	got, made, err := openWith(t, o).Ensure(vault.WebhookKey, func() string { return "made here" })

	kept, _, _ := open(t, dir).Get(vault.WebhookKey)
	if err != nil || made || got.Reveal() != "stored meanwhile" || kept.Reveal() != "stored meanwhile" {
		t.Fatalf("had %q made=%v %v and %q in the file, want what was stored meanwhile: a person has pasted it into alerts already", got.Reveal(), made, err, kept.Reveal())
	}
}

func TestEnsureStoresTheTextThatItIsGiven(t *testing.T) {
	dir := t.TempDir()
	got, made, err := open(t, dir).Ensure(vault.WebhookKey, trading.NewKeyText)
	kept, _, _ := open(t, dir).Get(vault.WebhookKey)
	if err != nil || !made || !strings.HasPrefix(got.Reveal(), trading.KeyPrefix) || !kept.Equal(got) {
		t.Fatalf("had %q made=%v %v, want a key behind %q: whoever looks for leaked keys finds it by that", got.Reveal(), made, err, trading.KeyPrefix)
	}
	if _, made, err := open(t, dir).Ensure(vault.InternalKey, func() string { return "" }); made || trading.KindOf(err) != trading.Invalid {
		t.Fatalf("an empty text: had made=%v %v, want Invalid", made, err)
	}
}

func TestAnyChangedByteIsRefused(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	set(t, v, "A_KEY", "one")
	set(t, v, "B_KEY", "two")
	path := filepath.Join(dir, "vault.json")
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	refused := func(what string, changed []byte) {
		t.Helper()
		if err := os.WriteFile(path, changed, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := vault.Open(in(dir)); trading.KindOf(err) != trading.Internal {
			t.Errorf("%s: open had %v, want Internal", what, err)
		}
		if got, ok, err := v.Get("A_KEY"); ok || trading.KindOf(err) == "" {
			t.Errorf("%s: the running vault read %q %v, want a refusal", what, got.Reveal(), err)
		}
	}
	for i := range data {
		flipped := slices.Clone(data)
		flipped[i] ^= 1
		refused(fmt.Sprintf("byte %d (%q) flipped", i, data[i]), flipped)
		refused(fmt.Sprintf("byte %d (%q) missing", i, data[i]), slices.Delete(slices.Clone(data), i, i+1))
		refused(fmt.Sprintf("a blank before byte %d", i), slices.Insert(slices.Clone(data), i, ' '))
	}
	refused("swapped names", []byte(strings.NewReplacer("A_KEY", "B_KEY", "B_KEY", "A_KEY").Replace(string(data))))
	refused("nothing", nil)
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	reads(t, open(t, dir), "A_KEY", "one")
}

func TestLostKeyIsAnErrorNotANewVault(t *testing.T) {
	dir := t.TempDir()
	set(t, open(t, dir), "A_KEY", "one")
	if err := os.Remove(filepath.Join(dir, "vault.key")); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Open(in(dir)); trading.KindOf(err) != trading.Internal {
		t.Fatalf("had %v, want Internal: a new key would throw the secrets away", err)
	}
	if err := os.WriteFile(filepath.Join(dir, "vault.key"), []byte("no key\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Open(in(dir)); trading.KindOf(err) != trading.Internal {
		t.Fatalf("a damaged key: had %v, want Internal", err)
	}
}

func TestAVaultThatVanishesIsTold(t *testing.T) {
	dir := t.TempDir()
	v := open(t, dir)
	set(t, v, "A_KEY", "one")
	if err := os.Remove(filepath.Join(dir, "vault.json")); err != nil {
		t.Fatal(err)
	}
	if _, ok, err := v.Get("A_KEY"); ok || trading.KindOf(err) != trading.Internal {
		t.Errorf("had %v %v, want Internal: a missing vault must not look like one without secrets", ok, err)
	}
	if err := v.Set("B_KEY", vault.NewSecret("two")); trading.KindOf(err) != trading.Internal {
		t.Errorf("had %v, want Internal", err)
	}
}

func TestBadNamesAndValuesAreRefused(t *testing.T) {
	v := open(t, t.TempDir())
	for _, name := range []string{"", "lower", "A", "WITH SPACE", "../KEY"} {
		if err := v.Set(name, vault.NewSecret("x")); trading.KindOf(err) != trading.Invalid {
			t.Errorf("name %q: had %v, want Invalid", name, err)
		}
	}
	for _, value := range []vault.Secret{{}, vault.NewSecret(""), vault.NewSecret(strings.Repeat("x", 8<<10+1))} {
		if err := v.Set("A_KEY", value); trading.KindOf(err) != trading.Invalid {
			t.Errorf("a value of %d bytes: had %v, want Invalid", len(value.Reveal()), err)
		}
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
			v, err := vault.Open(in(dir))
			if err == nil {
				err = v.Set(fmt.Sprintf("SECRET_%d", i), vault.NewSecret("value"))
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
		reads(t, v, fmt.Sprintf("SECRET_%d", i), "value")
	}
}

// oldVault is a vault as version 1 of the file wrote it: key and secrets are those of a released program.
func oldVault(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"vault.json", "vault.key"} {
		data, err := os.ReadFile(filepath.Join("testdata", "version1", name))
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestAVaultOfTheFirstVersionOpensAndBecomesTheSecond(t *testing.T) {
	dir := oldVault(t)
	before, err := os.ReadFile(filepath.Join(dir, "vault.json"))
	if err != nil {
		t.Fatal(err)
	}
	v := open(t, dir)
	reads(t, v, "BYBIT_API_KEY", "first-version-key")
	reads(t, v, "BYBIT_API_SECRET", "first-version-secret")
	if after, _ := os.ReadFile(filepath.Join(dir, "vault.json")); string(after) != string(before) {
		t.Error("reading changed the file: the program before this one must still open it")
	}
	other := open(t, dir)

	set(t, v, "MEXC_API_KEY", "new")

	var head struct{ Version int }
	after, err := os.ReadFile(filepath.Join(dir, "vault.json"))
	if err != nil || json.Unmarshal(after, &head) != nil || head.Version != 2 {
		t.Fatalf("version %d (%v), want 2 after a change", head.Version, err)
	}
	for _, v := range []*vault.Vault{v, other, open(t, dir)} {
		reads(t, v, "BYBIT_API_KEY", "first-version-key")
		reads(t, v, "MEXC_API_KEY", "new")
	}
}

func TestAVaultOfANewerProgramIsLeftAlone(t *testing.T) {
	dir := t.TempDir()
	newer := `{"version":3,"secrets":{}}`
	if err := os.WriteFile(filepath.Join(dir, "vault.json"), []byte(newer), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Open(in(dir)); trading.KindOf(err) != trading.Internal || !strings.Contains(err.Error(), "newer") {
		t.Errorf("had %v, want Internal and that it is newer", err)
	}
	if left, _ := os.ReadFile(filepath.Join(dir, "vault.json")); string(left) != newer {
		t.Errorf("the file became %s", left)
	}
}

// filesOf lists what a folder holds.
func filesOf(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, e := range entries {
		if e.Name() != "vault.lock" {
			names[e.Name()] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// missing tells whether a file is not there.
func missing(t *testing.T, path string) bool {
	t.Helper()
	_, err := os.Stat(path)
	return errors.Is(err, fs.ErrNotExist)
}
