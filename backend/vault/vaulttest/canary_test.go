package vaulttest_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"hoox/backend/vault/vaulttest"
)

func TestEveryFormOfACanaryIsFound(t *testing.T) {
	one, plain := vaulttest.New("A_KEY"), vaulttest.Plain("B_KEY")
	all := vaulttest.Canaries{one, plain}
	for _, c := range all {
		inside, err := json.Marshal(map[string]string{"x": c.Value})
		if err != nil {
			t.Fatal(err)
		}
		for form, text := range map[string]string{
			"as it is": "before " + c.Value + " after", "JSON": string(inside), "a form": url.Values{"k": {c.Value}}.Encode(), "an address": "/x/" + url.PathEscape(c.Value),
			"hex": hex.EncodeToString([]byte("k=" + c.Value)), "capital hex": strings.ToUpper(hex.EncodeToString([]byte(c.Value))), "its middle": c.Value[5:24],
			"base64": base64.StdEncoding.EncodeToString([]byte(c.Value)), "base64, one byte in": base64.StdEncoding.EncodeToString([]byte("u" + c.Value + "p")),
			"base64, two bytes in": base64.URLEncoding.EncodeToString([]byte("us" + c.Value)), "basic credentials": base64.StdEncoding.EncodeToString([]byte("user:" + c.Value)),
		} {
			found := all.Find([]byte(text))
			if len(found) == 0 || !strings.Contains(found[0], c.Name) {
				t.Errorf("%s of %s: found %v in %q", form, c.Name, found, text)
			}
		}
	}
	for _, text := range []string{"", "nothing at all", one.Value[:11], "…" + one.Value[len(one.Value)-4:], strings.Repeat("0123456789abcdefABCDEF+/=", 100), "A_KEY B_KEY"} {
		if found := all.Find([]byte(text)); len(found) != 0 {
			t.Errorf("%q: found %v", text, found)
		}
	}
}

func TestAFolderIsLookedAtWhole(t *testing.T) {
	dir, c := t.TempDir(), vaulttest.New("A_KEY")
	if err := os.Mkdir(filepath.Join(dir, "logs"), 0o700); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"core.db": "clean", "logs/hoox.log": "x " + c.Value, "control.json": c.Value} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	heard := &listener{TB: t}
	if files := (vaulttest.Canaries{c}).CleanFolder(heard, dir, "control.json"); files != 2 || len(heard.said) == 0 {
		t.Errorf("looked at %d files and said %v, want two and the log's leak", files, heard.said)
	}
	if (vaulttest.Canaries{c}).CleanFolder(&listener{TB: t}, filepath.Join(dir, "nowhere")) != 0 {
		t.Error("files were found where there are none")
	}
}

// listener hears what a check says instead of failing.
type listener struct {
	testing.TB
	said []string
}

func (l *listener) Helper() {}

func (l *listener) Errorf(format string, _ ...any) { l.said = append(l.said, format) }
