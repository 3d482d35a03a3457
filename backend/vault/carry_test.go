package vault_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/armor"

	"hoox/backend/trading"
	"hoox/backend/vault"
)

const carryWords = "another passphrase for the road"

// decrypted opens an export with nothing of ours.
func decrypted(t *testing.T, text, passphrase string) string {
	t.Helper()
	by, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		t.Fatal(err)
	}
	r, err := age.Decrypt(armor.NewReader(strings.NewReader(text)), by)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

// encrypted makes a file that somebody could hand us.
func encrypted(t *testing.T, plain string) string {
	t.Helper()
	to, err := age.NewScryptRecipient(carryWords)
	if err != nil {
		t.Fatal(err)
	}
	to.SetWorkFactor(10)
	var out bytes.Buffer
	shell := armor.NewWriter(&out)
	w, err := age.Encrypt(shell, to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(w, plain); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err := shell.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestAnExportOpensElsewhereWithItsPassphraseOnly(t *testing.T) {
	v := open(t, t.TempDir())
	set(t, v, "BYBIT_API_KEY", "canary-key")
	set(t, v, vault.InstallKey, "canary-install")

	text, count, err := v.Export(vault.NewSecret(carryWords), vault.Secret{})

	if err != nil || count != 2 || strings.Contains(text, "canary") || strings.Contains(text, "BYBIT") {
		t.Fatalf("had %d secrets (%v) in %s", count, err, text)
	}
	var in struct{ Secrets map[string]string }
	if json.Unmarshal([]byte(decrypted(t, text, carryWords)), &in) != nil || in.Secrets["BYBIT_API_KEY"] != "canary-key" {
		t.Errorf("the age tool reads %v", in)
	}
	fresh := open(t, t.TempDir())
	if _, err := fresh.Import(text, vault.NewSecret("wrong"), vault.MergeAdd); trading.KindOf(err) != trading.Unauthorized {
		t.Errorf("a wrong passphrase: had %v, want Unauthorized", err)
	}
	if _, err := fresh.Import(text, vault.NewSecret(carryWords), vault.MergeAdd); err != nil {
		t.Fatal(err)
	}
	reads(t, fresh, "BYBIT_API_KEY", "canary-key")
	reads(t, fresh, vault.InstallKey, "canary-install")
	for _, weak := range []string{"", "short"} {
		if text, _, err := v.Export(vault.NewSecret(weak), vault.Secret{}); trading.KindOf(err) != trading.Invalid || text != "" {
			t.Errorf("%q: had %v, want Invalid: there is no export that anybody can read", weak, err)
		}
	}
}

func TestAnExportOfAPassphraseVaultWantsThatPassphrase(t *testing.T) {
	dir := t.TempDir()
	v := openWith(t, sealedBy(dir, words))
	for _, c := range []struct {
		current string
		kind    trading.Kind
	}{{"", trading.Invalid}, {"wrong", trading.Unauthorized}, {words, ""}} {
		if _, _, err := v.Export(vault.NewSecret(carryWords), vault.NewSecret(c.current)); trading.KindOf(err) != c.kind {
			t.Errorf("%q: had %v, want %q: an open window must not be enough to carry every secret away", c.current, err, c.kind)
		}
	}
	if err := v.Lock(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := v.Export(vault.NewSecret(carryWords), vault.NewSecret(words)); trading.KindOf(err) != trading.Unavailable {
		t.Errorf("locked: had %v, want Unavailable", err)
	}
	if _, err := v.Import(encrypted(t, `{"hoox":1,"secrets":{}}`), vault.NewSecret(carryWords), vault.MergeLook); trading.KindOf(err) != trading.Unavailable {
		t.Errorf("locked: had %v, want Unavailable", err)
	}
}

func TestAnImportTellsWhatItChangesAndOverwritesOnlyWhenAsked(t *testing.T) {
	v := open(t, t.TempDir())
	for name, value := range map[string]string{"A_KEY": "same", "B_KEY": "here", vault.InstallKey: "first"} {
		set(t, v, name, value)
	}
	text := encrypted(t, `{"hoox":1,"secrets":{"A_KEY":"same","B_KEY":"there","C_KEY":"new","INSTALL_KEY":"second"}}`)
	want := "[{A_KEY same} {B_KEY differs} {C_KEY new} {INSTALL_KEY kept}]"
	for _, c := range []struct {
		merge vault.Merge
		b, c  string
	}{{vault.MergeLook, "here", ""}, {vault.MergeAdd, "here", "new"}, {vault.MergeReplace, "there", "new"}} {
		list, err := v.Import(text, vault.NewSecret(carryWords), c.merge)
		if err != nil || fmt.Sprint(list) != want {
			t.Errorf("%s: had %v %v, want %s", c.merge, list, err, want)
		}
		want = "[{A_KEY same} {B_KEY differs} {C_KEY same} {INSTALL_KEY kept}]"
		if c.merge == vault.MergeLook {
			want = "[{A_KEY same} {B_KEY differs} {C_KEY new} {INSTALL_KEY kept}]"
		}
		reads(t, v, "A_KEY", "same")
		reads(t, v, "B_KEY", c.b)
		reads(t, v, vault.InstallKey, "first")
		if got, _, err := v.Get("C_KEY"); err != nil || got.Reveal() != c.c {
			t.Errorf("%s: C_KEY is %q %v, want %q", c.merge, got.Reveal(), err, c.c)
		}
	}
	if _, err := v.Import(text, vault.NewSecret(carryWords), "all"); trading.KindOf(err) != trading.Invalid {
		t.Errorf("an unknown way: had %v, want Invalid", err)
	}
}

func TestWhatIsNoExportIsRefusedWhole(t *testing.T) {
	v := open(t, t.TempDir())
	set(t, v, "A_KEY", "one")
	long := strings.Repeat("x", 9<<10)
	for name, text := range map[string]string{
		"nothing": "", "no armor": "secrets", "too large": armor.Header + strings.Repeat("\nA", vault.LargestExport), "broken": armor.Header + "\nAAAA\n" + armor.Footer,
		"no JSON": encrypted(t, "words"), "another version": encrypted(t, `{"hoox":2,"secrets":{}}`), "an unknown field": encrypted(t, `{"hoox":1,"secrets":{},"more":1}`),
		"a bad name": encrypted(t, `{"hoox":1,"secrets":{"NEW_KEY":"x","../../x":"y"}}`), "an empty value": encrypted(t, `{"hoox":1,"secrets":{"NEW_KEY":"x","B_KEY":""}}`),
		"a long value": encrypted(t, `{"hoox":1,"secrets":{"NEW_KEY":"x","B_KEY":"`+long+`"}}`),
	} {
		if _, err := v.Import(text, vault.NewSecret(carryWords), vault.MergeReplace); trading.KindOf(err) != trading.Invalid && trading.KindOf(err) != trading.Unauthorized {
			t.Errorf("%s: had %v, want it refused", name, err)
		}
		if v.Has("NEW_KEY") {
			t.Fatalf("%s: part of it was taken", name)
		}
	}
	if _, err := v.Import(encrypted(t, `{"hoox":1,"secrets":{}}`), vault.Secret{}, vault.MergeLook); trading.KindOf(err) != trading.Invalid {
		t.Errorf("no passphrase: had %v, want Invalid", err)
	}
	reads(t, v, "A_KEY", "one")
}
