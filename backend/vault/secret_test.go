package vault_test

import (
	"bytes"
	"encoding"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"text/template"

	"hoox/backend/vault"
)

// holder keeps secrets the way rooms do: where fmt may not call methods, and where it may.
type holder struct {
	Open   vault.Secret
	hidden vault.Secret
	list   []vault.Secret
	byName map[string]vault.Secret
	point  *vault.Secret
}

func TestASecretPrintsAsDotsWhateverPrintsIt(t *testing.T) {
	const canary = "canary-7f3a-ABCDEFGH"
	s := vault.NewSecret(canary)
	h := holder{Open: s, hidden: s, list: []vault.Secret{s}, byName: map[string]vault.Secret{"k": s}, point: &s}
	var printed []string
	say := func(format string, args ...any) { printed = append(printed, fmt.Sprintf(format, args...)) }
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%c", "%U", "%e", "%T"} {
		for _, value := range []any{s, &s, h, &h, []any{s, h}, struct{ a, B any }{s, h}} {
			say(verb, value)
		}
	}
	printed = append(printed, fmt.Sprint(s, h), fmt.Sprintln(&h), errors.Join(fmt.Errorf("sign with %v", s)).Error(), s.String(), s.GoString())
	for _, v := range []any{s, &s, h, map[string]any{"x": s}} {
		text, err := json.Marshal(v)
		printed = append(printed, string(text), fmt.Sprint(err))
		text, err = xml.Marshal(v)
		printed = append(printed, string(text), fmt.Sprint(err))
		var wire bytes.Buffer
		err = gob.NewEncoder(&wire).Encode(v)
		printed = append(printed, wire.String(), fmt.Sprint(err))
	}
	text, err := encoding.TextMarshaler(s).MarshalText()
	printed = append(printed, string(text), fmt.Sprint(err))
	var log bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&log, nil), slog.NewJSONHandler(&log, nil)} {
		slog.New(handler).With("secret", s).Info("saw", "s", s, "p", &s, "h", h, "l", []vault.Secret{s}, "g", slog.GroupValue(slog.Any("s", s)))
	}
	printed = append(printed, log.String())
	var page bytes.Buffer
	if err := template.Must(template.New("").Parse("{{.Open}} {{.}}")).Execute(&page, h); err != nil {
		t.Fatal(err)
	}
	printed = append(printed, page.String())
	panicked := func() (text string) {
		defer func() { text = fmt.Sprint(recover()) }()
		panic(s)
	}
	printed = append(printed, panicked())

	all := strings.Join(printed, "\n")
	for _, form := range []string{"canary", "63616e617279", "Y2FuYXJ5", "99 97 110 97 114 121", "7f3a-ABC"} {
		if strings.Contains(strings.ToLower(all), strings.ToLower(form)) {
			t.Errorf("a secret was printed (%s):\n%s", form, all)
		}
	}
	if fmt.Sprintf("%v %s %#v", s, s, s) != "•••• •••• ••••" {
		t.Errorf("had %v, want dots", s)
	}
	if s.Reveal() != canary {
		t.Error("printing changed the secret")
	}
}

func TestSecretsAreComparedWhole(t *testing.T) {
	a := vault.NewSecret("one-secret")
	for _, c := range []struct {
		b    vault.Secret
		want bool
	}{
		{vault.NewSecret("one-secret"), true}, {a, true}, {vault.NewSecret("one-secreT"), false}, {vault.NewSecret("one-secret2"), false},
		{vault.NewSecret("one"), false}, {vault.Secret{}, false}, {vault.NewSecret(""), false},
	} {
		if a.Equal(c.b) != c.want || c.b.Equal(a) != c.want {
			t.Errorf("%q: want %v", c.b.Reveal(), c.want)
		}
	}
	if (vault.Secret{}).Equal(vault.NewSecret("")) {
		t.Error("an empty secret equals an empty one: a key that was never set would let everybody in")
	}
}

func TestAHintTellsNothingOfAShortSecret(t *testing.T) {
	for text, want := range map[string]string{"": "", "short-value": "", "twelve-chars": "hars", "a-longer-secret-7f3a": "7f3a"} {
		if had := vault.NewSecret(text).LastFour(); had != want {
			t.Errorf("%q: had %q, want %q", text, had, want)
		}
	}
}

func TestAWipedSecretIsGoneEverywhere(t *testing.T) {
	a := vault.NewSecret("value")
	b := a
	a.Wipe()
	if !b.Empty() || b.Reveal() != "" || b.Equal(vault.NewSecret("value")) {
		t.Errorf("the copy still holds %q", b.Reveal())
	}
	(vault.Secret{}).Wipe()
}
