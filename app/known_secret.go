package app

import (
	"regexp"
	"strings"

	"hoox/backend/node"
	"hoox/backend/trading"
	"hoox/backend/tunnel"
	"hoox/backend/vault"
)

// effect is when a running program goes by a secret that was changed, in words.
type effect string

const (
	atOnce effect = "at once"
	// atTunnelStart is for what a tunnel reads whenever it starts; one that is up goes on with what it read.
	atTunnelStart effect = "when the tunnel starts next; `hoox tunnel retry` has one that is down try now"
	atStart       effect = "after a restart"
	// madeOnce is for what cannot be changed, unused for a name that nothing asks for: it may be misspelled.
	madeOnce effect = "never: it is made once"
	unused   effect = "never: nothing in this version uses a secret of this name"
)

// knownSecret is a secret that this program uses.
type knownSecret struct {
	name, help string
	effect     effect
	// lines tells that it is a text of several lines, which cannot be typed unseen.
	lines bool
}

// knownSecrets are the program's own, the keys of the first account of every exchange and mode, and the tunnels'.
func knownSecrets() []knownSecret {
	list := []knownSecret{
		{name: vault.WebhookKey, help: "the key that every alert must carry", effect: atOnce},
		{name: vault.InternalKey, help: "the key of the control interface; `hoox token rotate` makes another at once", effect: atStart},
		{name: vault.InstallKey, help: "seeds every order id; made once", effect: madeOnce},
	}
	for _, id := range keyedAccounts() {
		list = append(list, halves(id)...)
	}
	return append(list,
		knownSecret{name: node.BotToken, help: "token of the Telegram bot, from @BotFather", effect: atOnce},
		knownSecret{name: node.HookSecret, help: "what Telegram proves itself with when it posts messages; made by itself", effect: atOnce},
		knownSecret{name: totpSecret, help: "what the authenticator shares that confirms acts by Telegram; the Telegram page makes one", effect: atOnce},
		knownSecret{name: tunnel.SecretCloudflared, help: "token of a cloudflared tunnel that has a hostname", effect: atTunnelStart},
		knownSecret{name: tunnel.SecretNgrok, help: "authtoken of an ngrok tunnel", effect: atTunnelStart},
		knownSecret{name: tunnel.SecretSSHKey, help: "private key of an ssh tunnel, unless ssh_key_file names one", effect: atTunnelStart, lines: true},
		knownSecret{name: tunnel.SecretSSHPassphrase, help: "passphrase of that private key, if it has one", effect: atTunnelStart},
		knownSecret{name: tunnel.SecretCommand, help: "what a tunnel's command gets in the variable that token_env names", effect: atTunnelStart},
	)
}

// keyedAccounts are the first accounts of every exchange and mode that want a key.
func keyedAccounts() []trading.AccountID {
	var list []trading.AccountID
	for _, e := range trading.Exchanges() {
		for _, m := range []trading.Mode{trading.ModeTestnet, trading.ModeLive} {
			if e == trading.Paper || e == trading.MEXC && m == trading.ModeTestnet {
				continue
			}
			list = append(list, trading.MakeAccountID(e, m))
		}
	}
	return list
}

// halves are the two secrets of an account.
func halves(id trading.AccountID) []knownSecret {
	key, secret := node.KeyNames(id)
	whose := string(id.Exchange()) + ", " + string(id.Mode())
	if id.Name() != "" {
		whose += ", account " + id.Name()
	}
	return []knownSecret{
		{name: key, help: "API key of " + whose, effect: atOnce},
		{name: secret, help: "secret of the API key of " + whose, effect: atOnce},
	}
}

// furtherName is the name of a further account, as it stands behind a secret's.
var furtherName = regexp.MustCompile(`^[A-Z][A-Z0-9]{0,15}$`)

// knownAs is what is known of a secret by its name; a name that nothing uses is known as unused.
func knownAs(name string) knownSecret {
	list := knownSecrets()
	for _, first := range keyedAccounts() {
		for _, half := range halves(first) {
			if own, ok := strings.CutPrefix(name, half.name+"_"); ok && furtherName.MatchString(own) {
				list = append(list, halves(trading.NamedAccountID(first.Exchange(), first.Mode(), strings.ToLower(own)))...)
			}
		}
	}
	for _, k := range list {
		if k.name == name {
			return k
		}
	}
	return knownSecret{name: name, effect: unused}
}
