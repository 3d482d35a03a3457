package node

import (
	"context"
	"os"

	"hoox/backend/events"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

// openVault opens the vault. One that stays locked ends the start, unless the start may wait for somebody to unlock it.
func (n *Node) openVault() error {
	var err error
	// It has done its work then, and a program runs for weeks.
	defer n.Config.Passphrase.Wipe()
	n.Vault, err = vault.Open(vault.Options{
		Dir: n.Config.DataDir, Env: os.Getenv, Now: n.Now, First: n.Config.FirstSeal(), Passphrase: n.Config.Passphrase, Keychain: n.Config.Keychain,
	})
	if err != nil {
		return err
	}
	if why := n.Vault.Missed(); why != nil {
		n.Log.Warn("the vault is new and "+n.Vault.Words()+"; "+n.Vault.Offer(), "keychain", why)
	}
	why := n.Vault.Locked()
	if why == nil || !n.Config.StartLocked {
		return why
	}
	n.Log.Warn("the start waits for the vault to be unlocked", "why", why)
	return nil
}

// takeKeys brings into force what the program runs on: the webhook's key and the seed of order ids.
func (n *Node) takeKeys() error {
	if err := n.followMaster(); err != nil {
		return err
	}
	install, _, err := n.Vault.Ensure(vault.InstallKey, vault.NewText)
	if err != nil {
		return err
	}
	n.Desk.Seed([]byte(install.Reveal()))
	n.keyedOnce.Do(func() { close(n.keyed) })
	return nil
}

// Keyed is closed once the vault has been open.
func (n *Node) Keyed() <-chan struct{} { return n.keyed }

func (n *Node) isKeyed() bool {
	select {
	case <-n.keyed:
		return true
	default:
		return false
	}
}

// Waiting is closed when a start listens and waits for the vault to be unlocked; never when it does not have to.
func (n *Node) Waiting() <-chan struct{} { return n.waiting }

// awaitKeys waits for the vault to be unlocked; false when ctx ended first. The ledger can be read meanwhile and trading be
// halted, and alerts are answered 503.
func (n *Node) awaitKeys(ctx context.Context) bool {
	if n.isKeyed() {
		return true
	}
	close(n.waiting)
	select {
	case <-n.keyed:
		return true
	case <-ctx.Done():
		return false
	}
}

// Unlocked brings into force what has become readable: the keys of the program, a start that waited for them, and accounts
// that could not connect.
func (n *Node) Unlocked(ctx context.Context) error {
	if err := n.takeKeys(); err != nil {
		return err
	}
	n.Hub.Publish(events.Health)
	if runner, err := n.Tunnel(); err == nil && runner != nil {
		runner.Again() // its token can be read now
	}
	return n.followAccounts(ctx)
}

// MayForget tells why a secret must stay, nil when it may be deleted: without its keys an account that holds something could
// not be closed by anybody.
func (n *Node) MayForget(ctx context.Context, name string) error {
	open, err := n.holding(ctx)
	if err != nil {
		return err
	}
	for id := range open {
		key, secret := KeyNames(id)
		if open[id] && id.Mode() != trading.ModePaper && (name == key || name == secret) {
			return trading.Errorf(trading.Refused, "account %s still holds positions or orders: close them first, or nobody could", id)
		}
	}
	return nil
}
