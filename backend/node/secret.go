package node

import (
	"strings"
	"sync"

	"hoox/backend/trading"
	"hoox/backend/vault"
)

// The two halves of an API key.
const (
	keyName    = "API_KEY"
	secretName = "API_SECRET"
)

// SecretName is the vault's name of one half of an account's API key: BYBIT_API_KEY, BYBIT_TESTNET_API_SECRET, and with the
// account's name behind it for a further account (BYBIT_API_KEY_SWING). A key of one mode is never used for another.
func SecretName(a trading.AccountID, half string) string {
	name := strings.ToUpper(string(a.Exchange())) + "_"
	if a.Mode() == trading.ModeTestnet {
		name += "TESTNET_"
	}
	name += half
	if a.Name() != "" {
		name += "_" + strings.ToUpper(a.Name())
	}
	return name
}

// KeyNames are the vault's names of both halves of an account's API key.
func KeyNames(a trading.AccountID) (key, secret string) {
	return SecretName(a, keyName), SecretName(a, secretName)
}

// secretOf asks the vault at every use, so that a new key works at once. While the vault is locked
// or cannot be read the account goes on with the key it had: somebody must be able to close its positions.
func (n *Node) secretOf(a trading.AccountID, half string) func() string {
	name := SecretName(a, half)
	var mu sync.Mutex
	var had vault.Secret
	return func() string {
		value, _, err := n.Vault.Get(name)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err == nil:
			had = value
		case n.Vault.Locked() == nil:
			n.Log.Error("read a secret", "name", name, "error", err)
		}
		return had.Reveal()
	}
}

// HasKeys tells whether both halves of an account's API key are in the vault, also while it is locked.
func (n *Node) HasKeys(a trading.AccountID) bool {
	key, secret := KeyNames(a)
	return n.Vault.Has(key) && n.Vault.Has(secret)
}
