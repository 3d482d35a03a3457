package vault_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/crypto/chacha20poly1305"

	"hoox/backend/trading"
	"hoox/backend/vault"
)

const words = "correct horse battery staple"

// sealedBy are the options of a vault that a passphrase opens.
func sealedBy(dir, passphrase string) vault.Options {
	o := in(dir)
	o.Passphrase = vault.NewSecret(passphrase)
	return o
}

// headOf reads how a vault says it is sealed.
func headOf(t *testing.T, dir string) (head struct {
	Version int
	Seal    struct {
		Kind, ID, Salt, Box string
		MemoryKiB, Time     uint32
		Threads             uint8
	}
}, raw map[string]json.RawMessage) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "vault.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file map[string]json.RawMessage
	if json.Unmarshal(text, &head) != nil || json.Unmarshal(text, &file) != nil || json.Unmarshal(file["seal"], &raw) != nil {
		t.Fatalf("vault.json is %s", text)
	}
	return head, raw
}

func TestPassphraseIsStretchedAsTheHeaderSays(t *testing.T) {
	dir := t.TempDir()
	set(t, openWith(t, sealedBy(dir, words)), "A_KEY", "one")

	head, _ := headOf(t, dir)
	s := head.Seal
	salt, err := base64.StdEncoding.DecodeString(s.Salt)
	if err != nil || head.Version != 2 || s.Kind != "passphrase" || s.MemoryKiB < 64<<10 || s.Time < 3 || s.Threads < 1 || s.Threads > 4 || len(salt) != 16 {
		t.Fatalf("header %+v (%v), want Argon2id over 64 MiB or more, three times or more, with a salt of 16 bytes", head, err)
	}
	// Opened by hand, by nothing but the header and the passphrase.
	key := argon2.IDKey([]byte(words), salt, s.Time, s.MemoryKiB, s.Threads, 32)
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		t.Fatal(err)
	}
	box, err := base64.StdEncoding.DecodeString(s.Box)
	if err != nil {
		t.Fatal(err)
	}
	bound := `{"kind":"passphrase","id":"` + s.ID + `","salt":"` + s.Salt + `","memoryKiB":65536,"time":3,"threads":4}`
	if data, err := aead.Open(nil, box[:24], box[24:], []byte(bound)); err != nil || len(data) != 32 {
		t.Errorf("the box holds %d bytes (%v), want the data key", len(data), err)
	}
	if left := strings.Join(filesOf(t, dir), " "); left != "vault.json" {
		t.Errorf("the folder holds %s, want no key in a file", left)
	}
}

func TestAWeakenedHeaderIsRefused(t *testing.T) {
	dir := t.TempDir()
	set(t, openWith(t, sealedBy(dir, words)), "A_KEY", "one")
	path := filepath.Join(dir, "vault.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for from, to := range map[string]string{
		`"memoryKiB": 65536`: `"memoryKiB": 8`, `"time": 3`: `"time": 1`, `"threads": 4`: `"threads": 9`, `"time": 3,`: `"time": 4000000,`,
		`"salt": "`: `"salt": "AA`,
	} {
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), from, to, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := vault.Open(sealedBy(dir, words)); trading.KindOf(err) != trading.Internal {
			t.Errorf("%s: had %v, want Internal before anything is computed", to, err)
		}
	}
}

func TestAPassphraseVaultStartsLockedAndOpensWithItsPassphraseOnly(t *testing.T) {
	dir := t.TempDir()
	set(t, openWith(t, sealedBy(dir, words)), "A_KEY", "one")

	v := open(t, dir)
	if err := v.Locked(); trading.KindOf(err) != trading.Unavailable || !strings.Contains(err.Error(), "hoox vault unlock") || v.Trouble() != "" {
		t.Fatalf("without a passphrase: had %v, want Unavailable and the way in", err)
	}
	if _, ok, err := v.Get("A_KEY"); ok || trading.KindOf(err) != trading.Unavailable {
		t.Errorf("reading: had %v %v, want Unavailable", ok, err)
	}
	if names, err := v.Names(); err != nil || len(names) != 1 || !v.Has("A_KEY") || v.Has("B_KEY") {
		t.Errorf("names %v %v, want them also while it is locked", names, err)
	}
	for _, err := range []error{
		v.Set("B_KEY", vault.NewSecret("two")), v.Delete("A_KEY"), v.Rotate(vault.NewSecret(words)), v.SealBy(vault.ByFile, vault.Secret{}, vault.NewSecret(words)),
		v.Confirm(vault.NewSecret(words)),
	} {
		if trading.KindOf(err) != trading.Unavailable {
			t.Errorf("changing: had %v, want Unavailable", err)
		}
	}
	wrong := v.Unlock(vault.NewSecret("wrong"))
	if trading.KindOf(wrong) != trading.Unauthorized || v.Locked() == nil {
		t.Errorf("a wrong passphrase: had %v", wrong)
	}
	if err := v.Unlock(vault.NewSecret(words)); err != nil || v.Locked() != nil {
		t.Fatalf("had %v, want it open", err)
	}
	reads(t, v, "A_KEY", "one")
	if err := v.Unlock(vault.NewSecret("anything")); err != nil {
		t.Errorf("unlocking an open vault: had %v, want nothing done", err)
	}

	if err := v.Lock(); err != nil || v.Locked() == nil {
		t.Fatalf("lock: %v", err)
	}
	if _, ok, err := v.Get("A_KEY"); ok || trading.KindOf(err) != trading.Unavailable {
		t.Errorf("after the lock: had %v %v, want Unavailable", ok, err)
	}
}

func TestAWrongPassphraseFromTheEnvironmentLeavesItLocked(t *testing.T) {
	dir := t.TempDir()
	openWith(t, sealedBy(dir, words))
	v := openWith(t, sealedBy(dir, "something else"))
	if err := v.Locked(); err == nil || !strings.Contains(err.Error(), "does not open") || !strings.Contains(v.Trouble(), "does not open") {
		t.Errorf("had %v, want why it is locked", err)
	}
	if _, err := vault.Open(sealedBy(t.TempDir(), "short")); trading.KindOf(err) != trading.Invalid {
		t.Errorf("a new vault by a short passphrase: had %v, want Invalid", err)
	}
}

func TestAVaultSealedByAFileCannotBeLocked(t *testing.T) {
	v := open(t, t.TempDir())
	if err := v.Lock(); trading.KindOf(err) != trading.Refused || v.Locked() != nil {
		t.Errorf("had %v, want Refused: it would look safe and be open", err)
	}
}

func TestWrongPassphrasesHaveToWaitAlsoAfterARestart(t *testing.T) {
	dir := t.TempDir()
	openWith(t, sealedBy(dir, words))
	now := noon
	o := in(dir)
	o.Now = func() time.Time { return now }
	// Another vault object is another run of the program.
	try := func(passphrase string) error { return openWith(t, o).Unlock(vault.NewSecret(passphrase)) }

	for i := range 5 {
		if err := try("wrong"); trading.KindOf(err) != trading.Unauthorized {
			t.Fatalf("try %d: had %v, want Unauthorized", i+1, err)
		}
	}
	for _, wait := range []time.Duration{5 * time.Second, 10 * time.Second, 20 * time.Second} {
		now = now.Add(wait - time.Second)
		for _, passphrase := range []string{"wrong", words} {
			if err := try(passphrase); trading.KindOf(err) != trading.Limited || trading.WaitOf(err) != time.Second {
				t.Errorf("a second before %v: had %v (wait %v), want Limited whatever was typed", wait, err, trading.WaitOf(err))
			}
		}
		now = now.Add(time.Second)
		if err := try("wrong"); trading.KindOf(err) != trading.Unauthorized {
			t.Errorf("after %v: had %v, want another try", wait, err)
		}
	}

	// A clock set back neither opens the door nor closes it for ever.
	now = noon.Add(-24 * time.Hour)
	if err := try(words); trading.KindOf(err) != trading.Limited {
		t.Errorf("with the clock set back: had %v, want Limited", err)
	}
	now = now.Add(40 * time.Second)
	if err := try(words); err != nil {
		t.Errorf("after the wait: had %v, want it open", err)
	}
	if !missing(t, filepath.Join(dir, "vault.tries")) {
		t.Error("the right passphrase did not clear the count")
	}
	for range 5 {
		if err := try("wrong"); trading.KindOf(err) != trading.Unauthorized {
			t.Errorf("had %v, want five new tries", err)
		}
	}
}

func TestTheWaitGrowsToAQuarterOfAnHourAndNoFurther(t *testing.T) {
	dir := t.TempDir()
	openWith(t, sealedBy(dir, words))
	for _, c := range []struct {
		note string
		wait time.Duration
	}{
		{`{"wrong":40,"last":"2026-11-22T12:00:00Z"}`, 15 * time.Minute},
		{`{"wrong":11,"last":"2026-11-22T12:00:00Z"}`, 320 * time.Second},
		{`not ours`, 5 * time.Second},
		{`{"wrong":-3}`, 5 * time.Second},
	} {
		if err := os.WriteFile(filepath.Join(dir, "vault.tries"), []byte(c.note), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := open(t, dir).Unlock(vault.NewSecret(words)); trading.WaitOf(err) != c.wait {
			t.Errorf("%s: had %v, want a wait of %v", c.note, err, c.wait)
		}
	}
}

func TestATryIsCountedBeforeItIsMade(t *testing.T) {
	dir := t.TempDir()
	openWith(t, sealedBy(dir, words))
	path := filepath.Join(dir, "vault.tries")
	// Where it cannot be counted it is not made: a read-only folder must not give free tries.
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := open(t, dir).Unlock(vault.NewSecret(words)); err == nil {
		t.Error("want an error where the count cannot be kept")
	}
}
