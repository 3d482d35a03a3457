package app

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Where a shape has one of these, the secret stands: a short word, a long one, capitals, base64, hexadecimal digits, a sentence.
const (
	plainCanary  = "canary7f"
	longCanary   = "CanarY7f3a9b1dCanarY7f3a9b1dCanarY"
	upperCanary  = "CANARY7F3A9B1DCA"
	baseCanary   = "Y2FuYXJ5/Zm9v+Y2FuYXJ5LWNhbmFyeQ=="
	hexCanary    = "ca9a59ca9a59ca9a59ca9a59ca9a59ca9a59ca9a59ca9a59ca9a59ca9a59ca9a"
	phraseCanary = "correct canary staple"
)

// secretShapes are the ways in which secrets stand in texts of others: requests, answers, settings, addresses, program output.
var secretShapes = []string{
	// Exchanges.
	`X-MBX-APIKEY: {plain}`, `X-BAPI-API-KEY: {plain}`, `X-BAPI-SIGN: {hex}`, `ApiKey: {plain}`, `Signature: {hex}`, `Request-Sign: signature={hex}`,
	`GET /fapi/v2/account?timestamp=1&signature={hex}`, `symbol=BTCUSDT&sign={hex}&recvWindow=5000`, `{"api_key":"{plain}","sign":"{hex}"}`,
	`{"apiKey":"{plain}","secretKey":"{plain}"}`, `{"op":"auth","args":["{plain}",1,"{hex}"],"apikey":"{plain}"}`, `listenKey={plain}`, `{"listenKey":"{plain}"}`,
	`wss://stream.example/ws?listenKey={plain}`, `BINANCE_API_KEY={plain}`, `BYBIT_TESTNET_API_SECRET={plain}`, `MEXC_API_SECRET: {plain}`, `api-key={plain}`, `api key: {plain}`,
	`key mx0{long} was refused`, `binance said: {long}{long} is no key`,
	// What goes with a request.
	`Authorization: Bearer {plain}`, `Authorization: Basic {base}`, `authorization=Basic {base} next=1`, `Authorization: token {plain}`, `Authorization: ApiKey {base}`, `"Authorization":["Bearer {plain}"]`,
	`Proxy-Authorization: Basic {base}`, `bearer {base}`, `map[Authorization:[Bearer {plain}] Host:[x]]`, `Cookie: hoox_8788={plain}; other={plain}`, `Set-Cookie: session={plain}; Path=/`, `X-Api-Key: {plain}`,
	`X-Auth-Token: {plain}`, `X-Telegram-Bot-Api-Secret-Token: {plain}`, `X-Amz-Security-Token={plain}`, `x-goog-api-key: {plain}`, `api_key = "{plain}"`, `curl -H "Authorization: Bearer {plain}"`,
	// Addresses.
	`GET /?session={plain} HTTP/1.1`, `https://user:{plain}@proxy.example:3128/`, `socks5://me:{plain}@127.0.0.1:1080`, `imaps://me%40mail.example:{plain}@mail.example:993`,
	`redis://:{plain}@db.example`, `postgres://hoox:{plain}@db.example/x`, `https://api.telegram.org/bot123456789:{long}/getMe`, `https://example.com/cb?access_token={plain}&state=1`,
	`https://example.com/cb#id_token={plain}`, `https://hooks.example.com/?token={plain}`, `https://example.com/?password={plain}`, `https://example.com/?client_secret={plain}`, `https://example.com/?X-Amz-Signature={hex}`,
	// JSON, whole and inside other JSON.
	`{"token":"{plain}"}`, `{"password":"{phrase}"}`, `{"password":"a\"{plain}"}`, `{"secret":{"value":"{plain}"}}`, `{\"apiKey\":\"{plain}\",\"symbol\":\"BTCUSDT\"}`, `{\"password\":\"{phrase}\"}`, `{\\\"token\\\":\\\"{plain}\\\"}`,
	`{"private_key":"{plain}"}`, `{"privateKey":"{plain}"}`, `{"access_key":"{plain}"}`, `{"accessKeyId":"{plain}"}`, `{"refresh_token": "{plain}"}`, `{"client_secret":"{plain}"}`, `{"passphrase":"{phrase}"}`, `{"pwd":"{plain}"}`,
	`{"tokens":["{plain}"]}`, `{"jwt":"{plain}"}`, `{"mnemonic":"{phrase}"}`, `{"credentials":{"secret":"{plain}"}}`,
	// Files and settings.
	`password = {plain}`, `password: '{phrase}'`, `passwd={plain}`, `pass={plain}`, `token="{plain}"`, `export TUNNEL_TOKEN={plain}`, `NGROK_AUTHTOKEN={plain}`, `authtoken: {plain}`, `aws_secret_access_key = {base}`,
	`machine mail.example login me password {plain}`, `--token {plain}`, `--token={plain}`, `--password {plain}`, `env HOOX_SECRET_BYBIT_API_SECRET={plain} hoox serve`,
	"-----BEGIN PRIVATE KEY-----\n{base}\n-----END PRIVATE KEY-----", `-----BEGIN OPENSSH PRIVATE KEY-----\n{base}\n-----END OPENSSH PRIVATE KEY-----`, `-----BEGIN RSA PRIVATE KEY----- {base} -----END RSA PRIVATE KEY-----`,
	`AGE-SECRET-KEY-1{upper}`,
	// Texts that say by themselves whose they are.
	`hxw_{long} was tried`, `123456789:AA{long}`, `sk-{long}`, `sk-ant-api03-{long}`, `sk-proj-{long}`, `AIza{long}`, `ya29.{long}`, `ghp_{long}`, `github_pat_{long}`, `glpat-{long}`, `xoxb-{long}`,
	`AKIA{upper}`, `eyJhbGciOiJIUzI1NiJ9.{long}.{long}`, `the tunnel eyJ{long} was refused`, `SG.{long}.{long}`, `npm_{long}`, `hvs.{long}`, `sk_live_{long}`, `whsec_{long}`,
}

func TestH11_AHundredShapesOfSecretsNeverReachTheLogByAnyPath(t *testing.T) {
	if len(secretShapes) < 100 {
		t.Fatalf("%d shapes, want 100", len(secretShapes))
	}
	dir := privateDir(t)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	screen, console := &lockedBuffer{}, &lockedBuffer{}
	b := newLogbook(screen, "debug")
	if err := b.open(dir); err != nil {
		t.Fatal(err)
	}
	person := &redactor{to: console}
	words := slog.New(slog.NewTextHandler(person, nil)) // as a terminal shows it
	fill := strings.NewReplacer("{plain}", plainCanary, "{long}", longCanary, "{upper}", upperCanary, "{base}", baseCanary, "{hex}", hexCanary, "{phrase}", phraseCanary)
	file := filepath.Join(dir, "logs", "hoox.log")
	for _, shape := range secretShapes {
		text := fill.Replace(shape)
		for path, write := range map[string]func(*slog.Logger){
			"the message": func(l *slog.Logger) { l.Info(text) },
			"a value":     func(l *slog.Logger) { l.Warn("said", "line", text) },
			"an error":    func(l *slog.Logger) { l.Error("call", "error", fmt.Errorf("ask: %w", errors.New(text))) },
			"a list":      func(l *slog.Logger) { l.Debug("lines", "output", []string{"first", text}) },
			"a structure": func(l *slog.Logger) { l.Info("answer", "body", struct{ Head, Text string }{"x", text}) },
			"a group":     func(l *slog.Logger) { l.With("before", text).WithGroup("g").Info("x", "y", text) },
			"the server":  func(l *slog.Logger) { slog.NewLogLogger(l.Handler(), slog.LevelInfo).Print(text) },
		} {
			screen.reset()
			console.reset()
			if err := os.Truncate(file, 0); err != nil && !errors.Is(err, os.ErrNotExist) {
				t.Fatal(err)
			}
			write(b.log)
			write(words)
			kept, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for where, had := range map[string]string{"stderr": screen.String(), "the file": string(kept), "a terminal": console.String(), "what goes elsewhere": b.clean(text)} {
				if had == "" && where != "a terminal" {
					t.Fatalf("%s as %s: nothing was written", shape, path)
				}
				for _, canary := range []string{plainCanary, longCanary, upperCanary, baseCanary, hexCanary, phraseCanary, "canary staple", strings.TrimRight(baseCanary, "=")} {
					if strings.Contains(had, canary) {
						t.Errorf("%s as %s reached %s: %s", shape, path, where, had)
						break
					}
				}
			}
		}
	}
	b.close()
}
