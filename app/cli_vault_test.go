package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hoox/backend/node"
	"hoox/backend/vault"
)

const fileWords = "other words for the road"

func TestSecretsAreKeptByCommandsWithoutARunningInstance(t *testing.T) {
	dir := privateDir(t)
	run := func(stdin string, args ...string) (int, string, string) {
		t.Helper()
		code, out, words := hoox(t, stdin, append([]string{"--data-dir", dir}, args...)...)
		if strings.Contains(out+words, "canary") || strings.Contains(out+words, vaultWords) {
			t.Errorf("%v printed a secret: %s%s", args, out, words)
		}
		return code, out, words
	}
	if code, out, _ := run("canary-of-a-key\n", "secret", "set", "BYBIT_API_KEY"); code != exitOK || strings.Contains(out, "restart") {
		t.Errorf("set: had %d %q", code, out)
	}
	code, out, _ := run("", "secret", "list", "--json")
	var list secretList
	if err := json.Unmarshal([]byte(out), &list); code != exitOK || err != nil || len(list.Items) != 2 || list.Items[0].Source != "environment" || list.Items[1] != (SecretRow{"BYBIT_API_KEY", true, "vault", "-key", "API key of bybit, live", false, "at once"}) || list.Vault.Kind != "file" || list.Seal == "" {
		t.Errorf("list: had %d %s %v", code, out, err)
	}
	if code, out, _ := run("", "vault"); code != exitOK || !strings.Contains(out, "vault.key") || !strings.Contains(out, "hoox vault seal passphrase") {
		t.Errorf("status: had %d %q, want how it is sealed and what would be better", code, out)
	}
	if code, _, words := run("", "vault", "seal", "keychain"); code != exitFailed || !strings.Contains(words, "keychain") {
		t.Errorf("a keychain that is not there: had %d %q, want 1", code, words)
	}
	if code, _, words := run("short\n", "vault", "seal", "passphrase"); code != exitUsage || !strings.Contains(words, "8 characters") {
		t.Errorf("a short passphrase: had %d %q, want 2", code, words)
	}
	if code, out, _ := run(vaultWords+"\n", "vault", "seal", "passphrase", "--json"); code != exitOK || !strings.Contains(out, `"kind": "passphrase"`) {
		t.Errorf("seal: had %d %q", code, out)
	}
	// From here on it is locked for whoever does not know it.
	if code, out, _ := run("", "vault"); code != exitOK || !strings.Contains(out, "locked") {
		t.Errorf("status of a locked one: had %d %q", code, out)
	}
	if code, out, _ := run("", "secret", "list"); code != exitOK || !strings.Contains(out, "BYBIT_API_KEY") || strings.Contains(out, "-key\n") {
		t.Errorf("list of a locked one: had %d %q, want names and no hint", code, out)
	}
	if code, _, words := run("value\n", "secret", "set", "B_KEY"); code != exitUsage || !strings.Contains(words, vault.PassphraseVariable) {
		t.Errorf("set: had %d %q, want 2 and the variables: stdin is the value", code, words)
	}
	if code, _, words := run("wrong words\n", "vault", "rotate"); code != exitFailed || !strings.Contains(words, "does not open") {
		t.Errorf("rotate by a wrong one: had %d %q, want 1", code, words)
	}
	if code, _, words := run(vaultWords+"\n", "vault", "rotate"); code != exitOK {
		t.Errorf("rotate: had %d %q", code, words)
	}
	file := filepath.Join(t.TempDir(), "secrets.age")
	if code, out, words := run(vaultWords+"\n"+fileWords+"\n", "vault", "export", file); code != exitOK || !strings.Contains(out, "1 secrets") {
		t.Fatalf("export: had %d %q %q", code, out, words)
	}
	if info, err := os.Stat(file); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file: %v %v, want 0600", info, err)
	}
	if code, _, words := run(vaultWords+"\n"+fileWords+"\n", "vault", "export", file); code != exitUsage || !strings.Contains(words, "already") {
		t.Errorf("export over it: had %d %q, want 2", code, words)
	}
	if code, _, words := run(vaultWords+"\n", "vault", "seal", "file"); code != exitOK {
		t.Errorf("back to a file: had %d %q", code, words)
	}
	if code, _, _ := run("canary-of-another\n", "secret", "set", "BYBIT_API_KEY"); code != exitOK {
		t.Errorf("set: had %d", code)
	}
	if code, out, words := run(fileWords+"\n", "vault", "import", file); code != exitOK || !strings.Contains(out, "--replace") || !strings.Contains(out, "Nothing changes") {
		t.Errorf("import of nothing new: had %d %q %q, want what would be needed, and nobody asked", code, out, words)
	}
	if code, out, words := run(fileWords+"\n", "vault", "import", "--replace", file); code != exitUsage || !strings.Contains(out, "REPLACED") || !strings.Contains(words, "--yes") {
		t.Errorf("import by a script: had %d %q %q, want what would change, 2 and nothing done", code, out, words)
	}
	if code, _, words := run("wrong words\n", "vault", "import", "--yes", file); code != exitFailed || !strings.Contains(words, "does not open this export") {
		t.Errorf("import by a wrong passphrase: had %d %q, want 1", code, words)
	}
	for _, c := range []struct {
		args   []string
		stored string
	}{{[]string{"--yes"}, "Nothing changes"}, {[]string{"--yes", "--replace"}, "1 secrets"}} {
		if code, out, words := run(fileWords+"\n", append([]string{"vault", "import", file}, c.args...)...); code != exitOK || !strings.Contains(out, c.stored) {
			t.Errorf("import %v: had %d %q %q, want %s stored", c.args, code, out, words, c.stored)
		}
	}
	if code, _, _ := run("", "secret", "delete", "BYBIT_API_KEY"); code != exitOK {
		t.Errorf("delete: had %d", code)
	}
	if code, _, _ := run("", "secret", "delete", "BYBIT_API_KEY"); code != exitFailed {
		t.Errorf("delete again: had %d, want 1", code)
	}
}

func TestAPassphraseThatIsHandedOverOpensTheVaultForACommand(t *testing.T) {
	dir := sealedFolder(t)
	var out, words lockedBuffer
	code := run([]string{"--data-dir", dir, "secret", "set", "B_KEY"}, shell{
		ctx: t.Context(), stdin: strings.NewReader("value of it\n"), stdout: &out, stderr: &words, env: testEnv, now: time.Now,
		handover: handed(t, map[string]string{vault.PassphraseVariable: vaultWords}),
	})
	if code != exitOK {
		t.Errorf("had %d %s%s", code, out.String(), words.String())
	}
}

func TestANewFolderIsSealedAsTheConfigurationSays(t *testing.T) {
	for _, c := range []struct {
		seal, stdin string
		code        int
		kind        vault.Kind
	}{
		{"auto", "", exitOK, vault.ByKeychain}, {"keychain", "", exitOK, vault.ByKeychain}, {"file", "", exitOK, vault.ByFile}, {"passphrase", "", exitUsage, ""}, {"cloud", "", exitUsage, ""},
	} {
		dir := privateDir(t)
		var out, words lockedBuffer
		env := func(name string) string {
			if name == "HOOX_VAULT_SEAL" {
				return c.seal
			}
			return testEnv(name)
		}
		code := run([]string{"--data-dir", dir, "secret", "set", "B_KEY"}, shell{
			ctx: t.Context(), stdin: strings.NewReader("value of it\n"), stdout: &out, stderr: &words, env: env, now: time.Now, keychain: &memoryChain{entries: map[string]string{}},
		})
		if kind := vault.KindOf(dir); code != c.code || kind != c.kind {
			t.Errorf("%s: had %d and a vault sealed by %q, want %d and %q: %s", c.seal, code, kind, c.code, c.kind, words.String())
		}
	}
}

func TestDoctorLooksAtTheVault(t *testing.T) {
	look := func(dir string, chain vault.Keychain, h vault.Handover) finding {
		t.Helper()
		return vaultFinding(&shell{env: testEnv, now: time.Now, handover: h}, node.Config{DataDir: dir, Keychain: chain})
	}
	if f := look(privateDir(t), nil, vault.Handover{}); !f.OK {
		t.Errorf("none yet: %+v", f)
	}
	byFile := privateDir(t)
	if code, _, words := hoox(t, "value\n", "--data-dir", byFile, "secret", "set", "A_KEY"); code != exitOK {
		t.Fatal(words)
	}
	if f := look(byFile, nil, vault.Handover{}); !f.OK || !strings.Contains(f.Fix, "hoox vault seal passphrase") {
		t.Errorf("by a file: %+v, want it told, and a better one offered", f)
	}
	if err := os.Chmod(filepath.Join(byFile, "vault.key"), 0o644); err != nil {
		t.Fatal(err)
	}
	if f := look(byFile, nil, vault.Handover{}); f.OK || !strings.Contains(f.Detail, "vault.key") || !strings.Contains(f.Fix, "rotate") {
		t.Errorf("a key that others can read: %+v", f)
	}
	sealed := sealedFolder(t)
	if f := look(sealed, nil, vault.Handover{}); !f.OK || !strings.Contains(f.Detail, "passphrase") {
		t.Errorf("by a passphrase: %+v", f)
	}
	if f := look(sealed, nil, handed(t, map[string]string{vault.PassphraseVariable: "something else"})); f.OK || f.Fix == "" {
		t.Errorf("a wrong one handed over: %+v", f)
	}
	chain := &memoryChain{entries: map[string]string{}}
	inChain := privateDir(t)
	if err := os.MkdirAll(inChain, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := vault.Open(vault.Options{Dir: inChain, Env: testEnv, Now: time.Now, Keychain: chain}); err != nil {
		t.Fatal(err)
	}
	if f := look(inChain, chain, vault.Handover{}); !f.OK || f.Fix != "" {
		t.Errorf("by the keychain: %+v", f)
	}
	chain.goAway(errors.New("it is locked"))
	if f := look(inChain, chain, vault.Handover{}); f.OK || !strings.Contains(f.Detail, "it is locked") || f.Fix == "" {
		t.Errorf("a keychain that is away: %+v", f)
	}
	if err := os.WriteFile(filepath.Join(inChain, "vault.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if f := look(inChain, chain, vault.Handover{}); f.OK || !strings.Contains(f.Fix, "backup") {
		t.Errorf("a damaged one: %+v", f)
	}
}

func TestTheCommandsOfARunningInstanceGoThroughIt(t *testing.T) {
	p := start(t)
	if code, out, _ := p.hoox("sk-a-secret-of-mine\n", "secret", "set", "MY_SECRET"); code != exitOK || strings.Contains(out, "restart") {
		t.Errorf("set: had %d %q, want no word of a restart: nothing uses it", code, out)
	}
	_, out, _ := p.hoox("", "secret", "list", "--json")
	var list secretList
	if err := json.Unmarshal([]byte(out), &list); err != nil {
		t.Fatal(err)
	}
	sources := map[string]string{}
	for _, r := range list.Items {
		sources[r.Name] = r.Source
	}
	if sources["MY_SECRET"] != "vault" || sources["WEBHOOK_API_KEY"] != "environment" || sources["INSTALL_KEY"] != "vault" || strings.Contains(out, "sk-a-secret") || strings.Contains(out, testKey) {
		t.Errorf("list: %s", out)
	}
	if code, out, _ := p.hoox("value value value\n", "secret", "set", "WEBHOOK_API_KEY"); code != exitOK || !strings.Contains(out, "HOOX_SECRET_WEBHOOK_API_KEY") {
		t.Errorf("set of one that the environment gives: had %d %q, want that the environment wins", code, out)
	}
	for _, args := range [][]string{{"secret", "set", "INSTALL_KEY"}, {"secret", "delete", "INSTALL_KEY"}, {"vault", "lock"}} {
		if code, _, words := p.hoox("x\n", args...); code != exitRefused || words == "" {
			t.Errorf("%v: had %d %q, want 4", args, code, words)
		}
	}
	if code, _, words := p.hoox("", "vault", "unlock"); code != exitOK {
		t.Errorf("unlock of an open one: had %d %q", code, words)
	}
	if code, _, words := p.hoox(vaultWords+"\n", "vault", "seal", "passphrase"); code != exitOK {
		t.Fatalf("seal: had %d %q", code, words)
	}
	if got, _, err := p.node.Vault.Get("MY_SECRET"); err != nil || got.Reveal() != "sk-a-secret-of-mine" {
		t.Errorf("after the move it reads %q %v", got.Reveal(), err)
	}
	if code, out, words := p.hoox("", "vault", "lock"); code != exitOK || !strings.Contains(out, "locked") {
		t.Errorf("lock: had %d %q %q", code, out, words)
	}
	for range 5 {
		if code, _, words := p.hoox("wrong words\n", "vault", "unlock"); code != exitFailed {
			t.Errorf("a wrong one: had %d %q, want 1", code, words)
		}
	}
	if code, _, words := p.hoox(vaultWords+"\n", "vault", "unlock"); code != exitRefused || !strings.Contains(words, "wait") {
		t.Errorf("the sixth try: had %d %q, want 4 and how long to wait", code, words)
	}
}

// intruder is a person's typing during which somebody else makes a file.
type intruder struct {
	io.Reader
	file string
}

func (i intruder) Read(p []byte) (int, error) {
	if err := os.WriteFile(i.file, []byte("of somebody else"), 0o600); err != nil {
		return 0, err
	}
	return i.Reader.Read(p)
}

func TestAnExportWritesOverNoFileThatCameWhileThePassphraseWasTyped(t *testing.T) {
	file := filepath.Join(t.TempDir(), "secrets.age")
	var words bytes.Buffer

	code := run([]string{"--data-dir", privateDir(t), "vault", "export", file}, shell{
		ctx: t.Context(), stdin: intruder{strings.NewReader(fileWords + "\n"), file}, stdout: io.Discard, stderr: &words, env: testEnv, now: time.Now,
	})

	if text, err := os.ReadFile(file); err != nil || string(text) != "of somebody else" {
		t.Errorf("the file is %.40q (%v), want it as it was: it may be the only copy of another vault", text, err)
	}
	if code != exitFailed || !strings.Contains(words.String(), "is there already") {
		t.Errorf("had %d %q, want 1 and why", code, words.String())
	}
}
