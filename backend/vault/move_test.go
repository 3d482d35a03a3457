package vault_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hoox/backend/trading"
	"hoox/backend/vault"
)

// home is a data folder with a keychain beside it: everything that outlives the program.
type home struct {
	t     *testing.T
	dir   string
	chain *chain
}

func newHome(t *testing.T) home { return home{t, t.TempDir(), newChain()} }

// open opens the vault as the next run of the program would, by whatever it wants.
func (h home) open() *vault.Vault {
	h.t.Helper()
	o := keptIn(h.dir, h.chain)
	v := openWith(h.t, o)
	if v.Locked() != nil {
		if err := v.Unlock(vault.NewSecret(words)); err != nil {
			h.t.Fatal(err)
		}
	}
	return v
}

// sealedAs makes a vault of one kind with two secrets.
func (h home) sealedAs(kind vault.Kind) *vault.Vault {
	h.t.Helper()
	o := keptIn(h.dir, h.chain)
	o.First = kind
	if kind == vault.ByPassphrase {
		o.Passphrase = vault.NewSecret(words)
	}
	v := openWith(h.t, o)
	set(h.t, v, "A_KEY", "one")
	set(h.t, v, "B_KEY", "two")
	return v
}

// keys are the names of the keys that are kept anywhere.
func (h home) keys() []string {
	var list []string
	for name := range h.chain.entries {
		list = append(list, name)
	}
	if text, err := os.ReadFile(filepath.Join(h.dir, "vault.key")); err == nil {
		for line := range strings.Lines(string(text)) {
			list = append(list, "vault.key/"+strings.Fields(line)[0])
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		h.t.Fatal(err)
	}
	return list
}

// tidy fails unless exactly the keys are kept that the vault is sealed by, and no half-written file.
func (h home) tidy(kind vault.Kind) {
	h.t.Helper()
	head, _ := headOf(h.t, h.dir)
	want := map[vault.Kind]string{vault.ByKeychain: "[hoox vault/" + head.Seal.ID + "]", vault.ByFile: "[vault.key/" + head.Seal.ID + "]", vault.ByPassphrase: "[]"}[kind]
	if had := fmt.Sprint(h.keys()); head.Seal.Kind != string(kind) || had != want {
		h.t.Errorf("sealed by %s with the keys %s, want %s and %s: an old key opens old copies", head.Seal.Kind, had, kind, want)
	}
	for _, name := range filesOf(h.t, h.dir) {
		if name != "vault.json" && name != "vault.key" {
			h.t.Errorf("%s was left behind", name)
		}
	}
}

func (h home) reads() {
	h.t.Helper()
	v := h.open()
	reads(h.t, v, "A_KEY", "one")
	reads(h.t, v, "B_KEY", "two")
}

var kinds = []vault.Kind{vault.ByFile, vault.ByKeychain, vault.ByPassphrase}

func TestAVaultMovesBetweenAllSealsWithNewKeys(t *testing.T) {
	for _, from := range kinds {
		for _, to := range kinds {
			t.Run(string(from)+" to "+string(to), func(t *testing.T) {
				h := newHome(t)
				v := h.sealedAs(from)
				before, err := os.ReadFile(filepath.Join(h.dir, "vault.json"))
				if err != nil {
					t.Fatal(err)
				}
				old, _ := headOf(t, h.dir)

				if err := v.SealBy(to, vault.NewSecret(words), vault.NewSecret(words)); err != nil {
					t.Fatal(err)
				}

				reads(t, v, "A_KEY", "one")
				h.reads()
				h.tidy(to)
				head, _ := headOf(t, h.dir)
				if head.Seal.ID == old.Seal.ID || head.Seal.Box == old.Seal.Box {
					t.Error("a key of the old vault is still in use")
				}
				// Whoever kept the old file cannot open it with what is kept now.
				if err := os.WriteFile(filepath.Join(h.dir, "vault.json"), before, 0o600); err != nil {
					t.Fatal(err)
				}
				if from == vault.ByPassphrase {
					return // which is in a person's head
				}
				if v, err := vault.Open(keptIn(h.dir, h.chain)); err == nil && v.Locked() == nil {
					t.Error("the old vault still opens: its key was not forgotten")
				}
			})
		}
	}
}

func TestRotatingMakesBothKeysAnewAndStaysWhereItIs(t *testing.T) {
	for _, kind := range kinds {
		h := newHome(t)
		v := h.sealedAs(kind)
		other := h.open()
		old, _ := headOf(t, h.dir)
		if kind == vault.ByPassphrase {
			for _, wrong := range []vault.Secret{{}, vault.NewSecret("wrong")} {
				if err := v.Rotate(wrong); trading.KindOf(err) != trading.Invalid && trading.KindOf(err) != trading.Unauthorized {
					t.Errorf("without the passphrase: had %v, want it refused", err)
				}
			}
		}
		if err := v.Rotate(vault.NewSecret(words)); err != nil {
			t.Fatal(err)
		}
		head, _ := headOf(t, h.dir)
		if head.Seal.ID == old.Seal.ID {
			t.Errorf("%s: the key is the old one", kind)
		}
		h.reads()
		h.tidy(kind)
		// Another instance that has it open follows, or asks for the passphrase again.
		if _, _, err := other.Get("A_KEY"); kind == vault.ByPassphrase && trading.KindOf(err) != trading.Unavailable {
			t.Errorf("%s: had %v, want the other instance locked", kind, err)
		} else if kind != vault.ByPassphrase {
			reads(t, other, "A_KEY", "one")
		}
	}
}

func TestAMoveKilledAnywhereLosesNothing(t *testing.T) {
	for i, from := range kinds {
		for _, to := range []vault.Kind{from, kinds[(i+1)%len(kinds)]} {
			for _, last := range []string{"noted", "key made", "proven", "replaced"} {
				t.Run(fmt.Sprintf("%s to %s after %s", from, to, last), func(t *testing.T) {
					h := newHome(t)
					v := h.sealedAs(from)
					reached := false
					v.OnStep(func(step string) {
						if step == last {
							reached = true
							panic("killed")
						}
					})
					func() {
						defer func() { _ = recover() }()
						_ = v.SealBy(to, vault.NewSecret(words), vault.NewSecret(words))
					}()
					if !reached {
						t.Fatalf("the move never came to %q", last)
					}
					next := h.open()
					reads(t, next, "A_KEY", "one")
					reads(t, next, "B_KEY", "two")
					// The first change by the next run tidies up.
					set(t, next, "C_KEY", "three")
					reads(t, next, "A_KEY", "one")
					now := from
					if last == "replaced" {
						now = to
					}
					if left := filepath.Join(h.dir, "vault.next"); !missing(t, left) {
						if err := os.Remove(left); err != nil { // it is sealed; the next move writes over it
							t.Fatal(err)
						}
					}
					h.tidy(now)
				})
			}
		}
	}
}

func TestAFirstVersionMovesAtOnce(t *testing.T) {
	for _, to := range kinds {
		h := home{t, oldVault(t), newChain()}
		v := h.open()
		if err := v.SealBy(to, vault.NewSecret(words), vault.Secret{}); err != nil {
			t.Fatal(err)
		}
		reads(t, h.open(), "BYBIT_API_SECRET", "first-version-secret")
		h.tidy(to)
	}
}

func TestAMoveThatCannotBeMadeLeavesTheOldVault(t *testing.T) {
	h := newHome(t)
	v := h.sealedAs(vault.ByFile)
	h.chain.away = errors.New("is locked")
	if err := v.SealBy(vault.ByKeychain, vault.Secret{}, vault.Secret{}); trading.KindOf(err) != trading.Unavailable {
		t.Errorf("a keychain that is away: had %v, want Unavailable", err)
	}
	for _, c := range []struct {
		kind       vault.Kind
		passphrase string
	}{{vault.ByPassphrase, ""}, {vault.ByPassphrase, "short"}, {"cloud", words}} {
		if err := v.SealBy(c.kind, vault.NewSecret(c.passphrase), vault.Secret{}); trading.KindOf(err) != trading.Invalid {
			t.Errorf("%s %q: had %v, want Invalid", c.kind, c.passphrase, err)
		}
	}
	h.chain.away = nil
	h.reads()
	set(t, v, "C_KEY", "three")
	h.tidy(vault.ByFile)
}

// forgetful is a keychain that loses what it is given, as one that is full or broken may.
type forgetful struct{ *chain }

func (forgetful) Set(string, string, string) error { return nil }

// garbling is a keychain that gives back something else.
type garbling struct{ *chain }

func (g garbling) Get(service, user string) (string, error) {
	return "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", nil
}

func TestANewSealIsProvenBeforeTheOldOneGoes(t *testing.T) {
	dir := t.TempDir()
	o := keptIn(dir, forgetful{newChain()})
	o.First = vault.ByFile
	v := openWith(t, o)
	set(t, v, "A_KEY", "one")
	if err := v.SealBy(vault.ByKeychain, vault.Secret{}, vault.Secret{}); err == nil {
		t.Error("a keychain that keeps nothing: the move went through")
	}
	reads(t, open(t, dir), "A_KEY", "one")
	// One that gives back another key than it was given is believed: what it gives back is what the vault is sealed by.
	g := garbling{newChain()}
	v = openWith(t, keptIn(dir, g))
	if err := v.SealBy(vault.ByKeychain, vault.Secret{}, vault.Secret{}); err != nil {
		t.Fatal(err)
	}
	reads(t, openWith(t, keptIn(dir, g)), "A_KEY", "one")
}

func TestAKeyThatCannotBeForgottenNowIsForgottenLater(t *testing.T) {
	h := newHome(t)
	v := h.sealedAs(vault.ByKeychain)
	v.OnStep(func(step string) {
		if step == "replaced" {
			h.chain.away = errors.New("is locked")
		}
	})
	if err := v.SealBy(vault.ByFile, vault.Secret{}, vault.Secret{}); err != nil {
		t.Fatal(err)
	}
	if len(h.keys()) != 2 || !strings.Contains(v.Words(), "older key") {
		t.Errorf("keys %v, words %q: want it told that the old key is still there", h.keys(), v.Words())
	}
	h.chain.away = nil
	set(t, h.open(), "C_KEY", "three")
	h.tidy(vault.ByFile)
	if strings.Contains(v.Words(), "older key") {
		t.Errorf("words %q", v.Words())
	}
}

func TestReadingGoesOnWhileTheKeychainAsksAPerson(t *testing.T) {
	h := newHome(t)
	v := h.sealedAs(vault.ByFile)
	asked, answered, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	v.OnStep(func(step string) {
		if step == "noted" {
			close(asked)
			<-answered
		}
	})
	go func() { done <- v.SealBy(vault.ByKeychain, vault.Secret{}, vault.Secret{}) }()
	<-asked
	reads(t, v, "A_KEY", "one") // an account signs its orders meanwhile
	close(answered)
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	reads(t, v, "A_KEY", "one")
}
