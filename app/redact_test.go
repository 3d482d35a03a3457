package app

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hoox/backend/vault"
)

func TestKnownSecretsNeverReachTheLog(t *testing.T) {
	dir := privateDir(t)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	v, err := vault.Open(vault.Options{Dir: dir, Env: func(string) string { return "" }, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	secrets := []string{`canary-"quoted"-7f3a`, "canary_plain_9b1d", "canary+slash/equals=="}
	for i, s := range secrets {
		if err := v.Set([]string{"A_KEY", "B_KEY", "C_KEY"}[i], vault.NewSecret(s)); err != nil {
			t.Fatal(err)
		}
	}
	screen := &lockedBuffer{}
	b := newLogbook(screen, "debug")
	if err := b.open(dir); err != nil {
		t.Fatal(err)
	}
	if err := b.learn(v); err != nil {
		t.Fatal(err)
	}

	for _, s := range secrets {
		b.log.Info("saw "+s, "value", s, "error", errors.New("sign with "+s), "list", []string{s})
		b.log.With("inside", s).WithGroup("g").Debug("x", "y", s)
	}
	b.close()

	file, err := os.ReadFile(filepath.Join(dir, "logs", "hoox.log"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"stderr": screen.String(), "the file": string(file)} {
		if strings.Count(text, "\n") != 6 {
			t.Errorf("%s has %d lines, want 6", name, strings.Count(text, "\n"))
		}
		if strings.Contains(text, "canary") {
			t.Errorf("a secret is on %s:\n%s", name, text)
		}
	}
	if info, err := os.Stat(filepath.Join(dir, "logs", "hoox.log")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the log has mode %v (%v), want 0600", info.Mode(), err)
	}
}

func TestASecretSetWhileItRunsNeverReachesTheLog(t *testing.T) {
	dir := privateDir(t)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	none := func(string) string { return "" }
	running, err := vault.Open(vault.Options{Dir: dir, Env: none, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	screen := &lockedBuffer{}
	b := newLogbook(screen, "debug")
	if err := b.learn(running); err != nil {
		t.Fatal(err)
	}
	command, err := vault.Open(vault.Options{Dir: dir, Env: none, Now: time.Now})
	if err != nil {
		t.Fatal(err)
	}
	for i, value := range []string{"canary_first_1", "canary_second_2"} {
		if err := command.Set(vault.WebhookKey, vault.NewSecret(value)); err != nil {
			t.Fatal(err)
		}
		// Two commands of a person are further apart than the file system's clock is coarse.
		at := time.Date(2026, 5, 20, 7, 10, 50+i, 0, time.UTC)
		if err := os.Chtimes(filepath.Join(dir, "vault.json"), at, at); err != nil {
			t.Fatal(err)
		}
		b.log.Info("an alert with " + value)
	}
	b.log.Info("the key before was canary_first_1")
	if text := screen.String(); strings.Contains(text, "canary") {
		t.Errorf("a key that another command set is in the log:\n%s", text)
	}
}

func TestWhatLooksLikeASecretIsCut(t *testing.T) {
	r := &redactor{}
	for _, c := range []string{
		`{"msg":"x","token":"canary-1"}`, `{"apiKey":"canary-1"}`, `body {\"apiKey\":\"canary-1\",\"symbol\":\"BTCUSDT\"}`,
		`Authorization: Bearer canary-1`, `authorization=canary-1 next=1`, `GET /?session=canary-1 HTTP/1.1`, `api_secret = canary-1`,
		`X-BAPI-SIGN-SIGNATURE: canary-1`, `password:canary-1`, `telegram 123456789:AAcanary-1aaaaaaaaaaaaaaaaaaaaaaaaaa`,
		`{"BYBIT_API_KEY":"canary-1"}`, `Cookie: canary-1; other`, `TG_BOT_TOKEN=canary-1`,
	} {
		if had := r.clean(c); strings.Contains(had, "canary") {
			t.Errorf("%s became %s", c, had)
		}
	}
	for _, c := range []string{
		`{"msg":"ready","gateway":"127.0.0.1:8787"}`, `order hx1rmux4ncf4m6nq6eask5dvtg6gf filled`, `key trade:default_leverage changed`,
		`{"time":"2026-11-22T02:50:30.876320397Z","level":"INFO"}`, `no token was given`, `{"token":""}`,
		`the server shows the key SHA256:jPcgmRnVQyWgA6Cr3Tz9oXlqGxBdUe5oPzvK0LhYw7E`, `request 01a20339-8d98-73dc-84b9-c4cbd88a38df`, `{"credential":"wk_1a2b3c4d"}`,
		`hash 02ce003aa3067ed302ce003aa3067ed302ce003aa3067ed302ce003aa3067ed3`, `7 checks passed: all`, `a design: bold`, `https://hooks.example.com:443/webhook`,
		`panic in hoox/backend/execution.(*Engine).submitAndRecordTheOutcomeOfAnOrder(0xc000123456)`, `strategy EMA_Cross_BTCUSDT_15m_v2_LongShort1`,
	} {
		if had := r.clean(c); had != c {
			t.Errorf("%s became %s: the log has to stay readable", c, had)
		}
	}
}
