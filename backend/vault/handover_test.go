package vault_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hoox/backend/trading"
	"hoox/backend/vault"
)

// environment is one of a process, which can be emptied.
type environment map[string]string

func (e environment) lookup(name string) (string, bool) {
	v, ok := e[name]
	return v, ok
}

func (e environment) unset(name string) error {
	delete(e, name)
	return nil
}

func TestThePassphraseIsTakenOutOfTheEnvironment(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pass")
	if err := os.WriteFile(file, []byte(words+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{vault.PassphraseVariable: words, vault.PassphraseFileVariable: file} {
		env := environment{name: value, "OTHER": "stays"}
		h, err := vault.TakeHandover(env.lookup, env.unset)
		if err != nil {
			t.Fatal(err)
		}
		if len(env) != 1 {
			t.Errorf("%s is still there: %v, and every child would see it", name, env)
		}
		if p, err := h.Passphrase(); err != nil || p.Reveal() != words {
			t.Errorf("%s: had %q %v", name, p.Reveal(), err)
		}
	}
	h, err := vault.TakeHandover(environment{vault.PassphraseVariable: ""}.lookup, environment{}.unset)
	if p, err2 := h.Passphrase(); err != nil || err2 != nil || !p.Empty() {
		t.Errorf("nothing handed over: had %q %v %v", p.Reveal(), err, err2)
	}
}

func TestAPassphraseFileIsReadOnlyWhenItIsPrivate(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for _, c := range []struct{ file, word string }{
		{write("open", words, 0o644), "chmod 600"}, {write("group", words, 0o640), "chmod 600"}, {write("empty", "\n", 0o600), "one line"},
		{write("two", words+"\nmore\n", 0o600), "one line"}, {write("long", strings.Repeat("x", 4<<10), 0o600), "too long"},
		{dir, "no file"}, {filepath.Join(dir, "absent"), "no such file"},
	} {
		env := environment{vault.PassphraseFileVariable: c.file}
		h, err := vault.TakeHandover(env.lookup, env.unset)
		if err != nil {
			t.Fatal(err)
		}
		p, err := h.Passphrase()
		if trading.KindOf(err) != trading.Invalid || !p.Empty() || !strings.Contains(err.Error(), c.word) || !strings.Contains(err.Error(), vault.PassphraseFileVariable) {
			t.Errorf("%s: had %v, want Invalid with %q and the variable", filepath.Base(c.file), err, c.word)
		}
		if strings.Contains(err.Error(), "correct") {
			t.Errorf("%v repeats the passphrase", err)
		}
	}
	env := environment{vault.PassphraseVariable: words, vault.PassphraseFileVariable: write("fine", words, 0o400)}
	h, err := vault.TakeHandover(env.lookup, env.unset)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Passphrase(); trading.KindOf(err) != trading.Invalid || len(env) != 0 {
		t.Errorf("both at once: had %v, want Invalid", err)
	}
}
