package app

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"hoox/backend/vault"
)

// planted are secrets in all the places where somebody could have left one.
var planted = []string{"canary-webhook-4f1c9b7e22", "canaryExchangeKey8812", "canary/Exchange+Secret==77", "7012345678:AAcanarycanarycanarycanarycanary12345", "canary-in-the-config-31"}

// faces are the ways in which bytes are written down.
func faces(secret string) []string {
	return []string{
		secret, hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret))), url.QueryEscape(secret),
		base64.RawStdEncoding.EncodeToString([]byte(secret)), base64.RawURLEncoding.EncodeToString([]byte(secret)),
	}
}

func TestASupportBundleHoldsNoSecretInAnyFace(t *testing.T) {
	p := start(t)
	for i, name := range []string{"WEBHOOK_API_KEY_2", "BYBIT_API_KEY", "BYBIT_API_SECRET", "TELEGRAM_BOT_TOKEN"} {
		if err := p.node.Vault.Set(name, vault.NewSecret(planted[i])); err != nil {
			t.Fatal(err)
		}
	}
	config := filepath.Join(p.dir, "config.toml")
	if err := os.WriteFile(config, []byte("[telegram]\ntoken = \""+planted[4]+"\"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.house.manners.witness.config.File = config
	p.buy()
	// The log may be older than what is known of secrets: it is written past our own care.
	log, err := os.OpenFile(filepath.Join(p.dir, "logs", "hoox.log"), os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range planted[:4] {
		for _, face := range faces(secret) {
			if _, err := log.WriteString(`{"msg":"saw ` + face + `"}` + "\n"); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := errors.Join(log.Close()); err != nil {
		t.Fatal(err)
	}

	preview := must[SupportBundle](p, "Support/Preview", AskSupport{Balances: true})
	saved := must[SavedSupport](p, "Support/Save", SaveSupport{preview.Digest})

	packed, err := os.ReadFile(saved.File)
	if err != nil {
		t.Fatal(err)
	}
	files := unpack(t, packed)
	whole := string(packed)
	for name, text := range files {
		whole += name + text
	}
	for _, f := range preview.Items {
		whole += f.Text
	}
	for _, secret := range append(slices.Clone(planted), testKey, p.token.Reveal()) {
		for _, face := range faces(secret) {
			if strings.Contains(whole, face) {
				t.Errorf("%q is in the bundle: people send it to strangers", face)
			}
		}
	}
	if !strings.Contains(files["hoox.log"], `{"msg":"saw `+cut+`"}`) {
		t.Errorf("the log has no cut where a secret was: was it read at all?\n%s", files["hoox.log"])
	}
	if !strings.Contains(files["config.toml"], "token = \""+cut+"\"") {
		t.Errorf("the configuration is %q, want it with the secret cut out", files["config.toml"])
	}
	if info, err := os.Stat(saved.File); err != nil || info.Mode().Perm() != 0o600 || info.Size() != saved.Bytes {
		t.Errorf("the bundle has mode %v and %d bytes (%v), want 0600 and %d", info.Mode(), info.Size(), err, saved.Bytes)
	}
}

func TestASupportBundleHasWhatHelpsAndNoMoneyUnlessTicked(t *testing.T) {
	p := start(t)
	p.alert(`"exchange":"paper","action":"LONG","symbol":"BTCUSDT","quantity":0.01,"comment":"words of an alert","idempotencyKey":"k1"`)

	names := []string{}
	whole := ""
	for _, f := range must[SupportBundle](p, "Support/Preview", AskSupport{}).Items {
		names = append(names, f.Name)
		whole += f.Text
		if f.Why == "" || f.Text == "" || strings.Contains(f.Text, "could not be read") {
			t.Errorf("%s says %q and holds %q, want both", f.Name, f.Why, f.Text)
		}
	}
	if want := []string{"about.txt", "doctor.txt", "config.toml", "ledger.txt", "hoox.log", "health.json", "settings.json", "accounts.json"}; !slices.Equal(names, want) {
		t.Errorf("had %v\nwant %v", names, want)
	}
	for _, wanted := range []string{"1 rows  signals", "CREATE TABLE", "window:on_close", "gateway", version} {
		if !strings.Contains(whole, wanted) {
			t.Errorf("%q is not in the bundle", wanted)
		}
	}
	if strings.Contains(whole, "words of an alert") || strings.Contains(whole, "10000") && strings.Contains(whole, "equity\":") {
		t.Error("an alert or a balance is in the bundle")
	}
	last := must[SupportBundle](p, "Support/Preview", AskSupport{Balances: true}).Items
	if f := last[len(last)-1]; f.Name != "balances.json" || !strings.Contains(f.Text, "USDT") {
		t.Errorf("had %+v, want the balances last when they are ticked", f)
	}
}

func TestOnlyWhatWasShownIsSaved(t *testing.T) {
	p := start(t)
	refused := func(when, digest string) {
		t.Helper()
		if _, fault := call[SavedSupport](p, "Support/Save", SaveSupport{digest}); fault.Kind != "conflict" {
			t.Errorf("%s: had %+v, want conflict: nobody saves what nobody saw", when, fault)
		}
	}
	refused("nothing was shown", "")
	before := must[SupportBundle](p, "Support/Preview", AskSupport{Balances: true})
	refused("one was shown, and none is named", "")
	p.buy()
	shown := must[SupportBundle](p, "Support/Preview", AskSupport{Balances: true})
	refused("another page had another one shown since", before.Digest)
	p.buy()

	saved := must[SavedSupport](p, "Support/Save", SaveSupport{shown.Digest})

	packed, err := os.ReadFile(saved.File)
	if err != nil {
		t.Fatal(err)
	}
	files := unpack(t, packed)
	for _, f := range shown.Items {
		if files[f.Name] != f.Text {
			t.Errorf("%s was saved otherwise than it was shown", f.Name)
		}
	}
}

func TestNoSupportBundleIsShownWhileTheSecretsAreNotKnown(t *testing.T) {
	dir := sealedFolder(t)
	const planted = "canary-exchange-key-5b2f"
	config := configOf(t, dir, testEnv)
	config.Passphrase = vault.NewSecret(vaultWords)
	first := startOn(t, config)
	if err := first.node.Vault.Set("BYBIT_API_KEY", vault.NewSecret(planted)); err != nil {
		t.Fatal(err)
	}
	first.end()
	log, err := os.OpenFile(filepath.Join(dir, "logs", "hoox.log"), os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := log.WriteString(`{"msg":"saw ` + planted + `"}` + "\n"); err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	config.StartLocked, config.Passphrase = true, vault.Secret{}
	p := startOn(t, config)

	bundle, fault := call[SupportBundle](p, "Support/Preview", AskSupport{})

	if fault.Kind != "unavailable" || !strings.Contains(fault.Message, "unlock") {
		t.Errorf("had %+v, want it refused until the vault is unlocked", fault)
	}
	for _, f := range bundle.Items {
		if strings.Contains(f.Text, planted) {
			t.Errorf("%s shows a secret of the vault: a locked one has told none", f.Name)
		}
	}
	must[VaultState](p, "Secrets/Unlock", UnlockVault{Passphrase: vaultWords})
	<-p.ready
	for _, f := range must[SupportBundle](p, "Support/Preview", AskSupport{}).Items {
		if strings.Contains(f.Text, planted) {
			t.Errorf("%s shows a secret of the vault after it was unlocked", f.Name)
		}
	}
	must[VaultState](p, "Secrets/Lock", Empty{})
	must[SupportBundle](p, "Support/Preview", AskSupport{})
}

func TestASupportBundleOfAProgramThatDoesNotRun(t *testing.T) {
	dir := privateDir(t)
	out := filepath.Join(t.TempDir(), "bundle.zip")

	code, _, words := hoox(t, "", "--data-dir", dir, "support", "-o", out)

	packed, err := os.ReadFile(out)
	if code != exitOK || err != nil {
		t.Fatalf("had %d %v: %s", code, err, words)
	}
	if files := unpack(t, packed); len(files) != 5 || !strings.Contains(files["doctor.txt"], "not running") {
		t.Errorf("had %v, want what can be seen from outside", files)
	}
	if code, _, _ := hoox(t, "", "--data-dir", dir, "support", "-o", out); code == exitOK {
		t.Error("a file that was there was written over, want that refused")
	}
	if code, _, _ := hoox(t, "", "--data-dir", dir, "support", "--balances"); code != exitNotRunning {
		t.Errorf("had %d, want %d: nobody knows the balances", code, exitNotRunning)
	}
}

func TestEverySupportBundleIsInTheAuditWhoeverMadeIt(t *testing.T) {
	dir, out := privateDir(t), t.TempDir()
	begin(t, dir)()
	support := func(want int, args ...string) {
		t.Helper()
		if code, _, words := hoox(t, "", append([]string{"--data-dir", dir, "support"}, args...)...); code != want {
			t.Fatalf("%v: had %d %q, want %d", args, code, words, want)
		}
	}

	support(exitOK, "-o", filepath.Join(out, "offline.zip"))
	support(exitFailed, "-o", filepath.Join(out, "offline.zip"))
	hoox(t, vaultWords+"\n", "--data-dir", dir, "vault", "seal", "passphrase")
	support(exitFailed, "--show")
	hoox(t, vaultWords+"\n", "--data-dir", dir, "vault", "seal", "file")
	p, _ := launch(t, dir)
	support(exitOK, "-o", filepath.Join(out, "beside.zip"))

	var had []string
	for _, r := range p.since(0) {
		if strings.HasPrefix(r.Action, "support.") {
			had = append(had, strings.Join([]string{r.Actor, r.Action, r.Subject, r.Decision, r.Detail}, "|"))
		}
	}
	want := []string{
		"cli|support.collect||done|", "cli|support.save|offline.zip|done|",
		"cli|support.collect||done|", "cli|support.save|offline.zip|refused|" + filepath.Join(out, "offline.zip") + " is there already: name a file that is not",
		"cli|support.collect||failed|the vault cannot be opened, so its secrets could not be cut out of the log: the vault is locked: unlock it on the Secrets page or with `hoox vault unlock`",
		"cli|support.collect||done|", "cli|support.save|beside.zip|done|",
	}
	if !slices.Equal(had, want) {
		t.Errorf("had\n%s\nwant\n%s\nthe log of an installation was given away", strings.Join(had, "\n"), strings.Join(want, "\n"))
	}
}

func unpack(t *testing.T, packed []byte) map[string]string {
	t.Helper()
	r, err := zip.NewReader(bytes.NewReader(packed), int64(len(packed)))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, f := range r.File {
		inside, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(inside)
		if err != nil {
			t.Fatal(err)
		}
		files[f.Name] = string(text)
	}
	return files
}
