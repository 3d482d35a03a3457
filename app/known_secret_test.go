package app

import (
	"strings"
	"testing"
	"time"

	"hoox/backend/vault"
)

func TestACommandSaysWhenTheRunningInstanceGoesByASecret(t *testing.T) {
	p := start(t)
	tests := []struct{ name, want, told string }{
		{"BYBIT_API_KEY", "BYBIT_API_KEY is in the vault\n", ""},
		{"BYBIT_TESTNET_API_SECRET_SWING", "BYBIT_TESTNET_API_SECRET_SWING is in the vault\n", ""},
		{"TUNNEL_NGROK_AUTHTOKEN", "TUNNEL_NGROK_AUTHTOKEN is in the vault; the running instance goes by it when the tunnel starts next; `hoox tunnel retry` has one that is down try now\n", ""},
		{"INTERNAL_KEY_BINDING", "INTERNAL_KEY_BINDING is in the vault; the running instance goes by it after a restart\n", ""},
		{"BYBIT_KEY", "BYBIT_KEY is in the vault\n", "Nothing in this version uses a secret named BYBIT_KEY: look at its spelling.\n"},
		{"MEXC_TESTNET_API_KEY", "MEXC_TESTNET_API_KEY is in the vault\n", "Nothing in this version uses a secret named MEXC_TESTNET_API_KEY: look at its spelling.\n"},
	}
	for _, test := range tests {
		code, out, words := p.hoox("a value of thirty-two characters\n", "secret", "set", test.name)
		if code != exitOK || out != test.want || words != test.told {
			t.Errorf("%s: had %d %q and %q, want %q and %q", test.name, code, out, words, test.want, test.told)
		}
	}
	if code, out, words := p.hoox("", "secret", "delete", "TUNNEL_NGROK_AUTHTOKEN"); code != exitOK || !strings.Contains(out, "hoox tunnel retry") || words != "" {
		t.Errorf("delete: had %d %q %q, want it told when the tunnel goes without", code, out, words)
	}
}

func TestEverySecretSaysWhatItIsForAndWhenAChangeCounts(t *testing.T) {
	p := start(t)
	for _, name := range []string{"BYBIT_API_KEY_SWING", "BYBIT_API_KEY_2", "MY_SECRET"} {
		must[Receipt](p, "Secrets/Set", SetSecret{name, "a value of it"})
	}
	want := map[string]string{
		"WEBHOOK_API_KEY":          "after a restart without HOOX_SECRET_WEBHOOK_API_KEY in the environment",
		"INTERNAL_KEY_BINDING":     "after a restart",
		"INSTALL_KEY":              "never: it is made once",
		"BINANCE_API_SECRET":       "at once",
		"MEXC_API_KEY":             "at once",
		"BYBIT_API_KEY_SWING":      "at once",
		"TUNNEL_CLOUDFLARED_TOKEN": string(atTunnelStart),
		"TUNNEL_NGROK_AUTHTOKEN":   string(atTunnelStart),
		"TUNNEL_SSH_KEY":           string(atTunnelStart),
		"TUNNEL_SSH_PASSPHRASE":    string(atTunnelStart),
		"TUNNEL_COMMAND_TOKEN":     string(atTunnelStart),
		"BYBIT_API_KEY_2":          "never: nothing in this version uses a secret of this name",
		"MY_SECRET":                "never: nothing in this version uses a secret of this name",
	}
	listed := map[string]bool{}
	for _, row := range must[SecretList](p, "Secrets/List", Empty{}).Items {
		if effect, ok := want[row.Name]; ok && row.TakesEffect != effect {
			t.Errorf("%s takes effect %q, want %q", row.Name, row.TakesEffect, effect)
		}
		if (row.Help == "") != strings.HasPrefix(row.TakesEffect, "never: nothing") {
			t.Errorf("%s is explained as %q, want words for every name that something uses", row.Name, row.Help)
		}
		if row.Fixed != (row.Name == "INSTALL_KEY") {
			t.Errorf("%s is fixed %v: only what seeds the order ids is", row.Name, row.Fixed)
		}
		listed[row.Name] = true
	}
	for name := range want {
		if !listed[name] {
			t.Errorf("%s is not in the list: nobody learns that it can be set", name)
		}
	}
}

func TestAMissingWebhookKeyIsSetWithoutARestart(t *testing.T) {
	v, err := vault.Open(vault.Options{Dir: t.TempDir(), Env: func(string) string { return "" }, Now: time.Now, First: vault.ByFile})
	if err != nil {
		t.Fatal(err)
	}
	_, err = (&house{vault: v}).webhookKey()
	if want := "no webhook key is set: `hoox secret set WEBHOOK_API_KEY`"; err == nil || faultOf(err, "").Message != want {
		t.Errorf("had %v, want %q: the gateway goes by a new key within seconds", err, want)
	}
}

func TestAnInternalKeyThatCouldBeGuessedIsNotStored(t *testing.T) {
	t.Setenv("HOOX_SECRET_"+vault.InternalKey, "short")
	p := start(t) // one that the environment gives is the outside's own matter

	for value, kind := range map[string]string{"23 characters are so few": "", "only-23-characters-long": "invalid"} {
		_, fault := call[Receipt](p, "Secrets/Set", SetSecret{vault.InternalKey, Hidden(value)})
		if fault.Kind != kind {
			t.Errorf("%d characters: had %+v, want %q: only the page's door slows down who guesses", len(value), fault, kind)
		}
		if kind != "" && (!strings.Contains(fault.Message, "24 characters") || !strings.Contains(fault.Message, "hoox token rotate")) {
			t.Errorf("had %q, want what to do", fault.Message)
		}
	}
	dir := privateDir(t)
	if code, _, words := hoox(t, "short\n", "--data-dir", dir, "secret", "set", vault.InternalKey); code != exitUsage || !strings.Contains(words, "24 characters") {
		t.Errorf("the command: had %d %q, want 2 and why", code, words)
	}
	if code, _, words := hoox(t, "short\n", "--data-dir", dir, "secret", "set", vault.WebhookKey); code != exitOK || !strings.Contains(words, "can be guessed") {
		t.Errorf("a webhook key: had %d %q, want it taken with a warning: TradingView's alerts may have it", code, words)
	}
}

func TestAWebhookKeyOpensAndShutsBeforeTheAnswerToItsChange(t *testing.T) {
	p := startOn(t, configOf(t, privateDir(t), func(name string) string { return map[string]string{"HOOX_PAPER_MARKET": "synthetic"}[name] }))
	await(t, func() bool { return len(must[AccountList](p, "Accounts/List", Empty{}).Items) > 0 })
	sent := func(key string) int {
		got, err := postAlert(t.Context(), "http://"+p.node.GatewayAddr()+"/webhook", []byte(`{"apiKey":"`+key+`","action":"HOLD"}`), time.Now)
		if err != nil {
			t.Fatal(err)
		}
		return got.Status
	}
	const first, second = "the-first-key-of-this-test", "the-second-key-of-this-test"
	for range 3 {
		must[Receipt](p, "Secrets/Set", SetSecret{vault.WebhookKey, first})
		if status := sent(first); status != 400 {
			t.Fatalf("the new key: had %d, want it let in to be told about its action: it counts at once, as the list says", status)
		}
		must[Receipt](p, "Secrets/Set", SetSecret{vault.WebhookKey, second})
		if status := sent(first); status != 403 {
			t.Fatalf("the key that was replaced: had %d, want 403: whoever replaces a key that leaked thinks it is shut", status)
		}
		if done := must[Receipt](p, "Secrets/Delete", SecretName{vault.WebhookKey}); !strings.Contains(done.Reason, "a new random one took its place") {
			t.Errorf("had %q, want to be told that there is another key now", done.Reason)
		}
		if status := sent(second); status != 403 {
			t.Fatalf("the key that was deleted: had %d, want 403", status)
		}
	}
}
