package node

import (
	"context"
	"fmt"
	"time"

	"hoox/backend/alarm"
	"hoox/backend/audit"
	"hoox/backend/gateway"
	"hoox/backend/settings"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

// rules is what the public door goes by, read for every request.
func (n *Node) rules() gateway.Rules {
	set := n.Settings.Now()
	limit := set.Int("webhook:rate_limit")
	return gateway.Rules{
		Keys:        *n.keyring.open.Load(),
		AllowListOn: set.Bool("webhook:tradingview:ip_check_enabled"), AllowList: set.Prefixes("webhook:tradingview:allowed_ips"),
		RateLimit: limit, ReserveForCloses: limit,
	}
}

// loadKeys brings the webhook keys of the ledger into force. The master key follows when the vault is open.
func (n *Node) loadKeys(ctx context.Context) error {
	keys, err := n.Store.WebhookKeys(ctx)
	if err != nil {
		return err
	}
	n.keyring.fill(keys)
	return nil
}

// followMaster brings the vault's text of the master key into force, and makes it at the first start.
func (n *Node) followMaster() error {
	n.keyring.changing.Lock()
	defer n.keyring.changing.Unlock()
	master, _, err := n.Vault.Ensure(vault.WebhookKey, trading.NewKeyText)
	if err != nil {
		return err
	}
	if _, _, err := n.Vault.Ensure(vault.InternalKey, vault.NewText); err != nil {
		return err
	}
	n.keyring.follow(master.Reveal())
	return nil
}

// SecretChanged brings a secret of the vault into force that this instance was given or told to forget. Another text of the
// webhook's key counts, and the one before ends, when it returns; what needs longer follows with the pulse.
func (n *Node) SecretChanged(name string) error {
	if name != vault.WebhookKey {
		return nil
	}
	return n.followMaster()
}

// followVault brings keys into force that another command of this program has put into the vault: the webhook's, and those
// of exchanges, whose accounts connect.
func (n *Node) followVault(ctx context.Context) error {
	stamp := n.Vault.Changed()
	if stamp.Equal(n.vaultAt) || n.Vault.Locked() != nil {
		return nil
	}
	n.vaultAt = stamp
	if err := n.followMaster(); err != nil {
		return err
	}
	return n.followAccounts(ctx)
}

// loadSettings brings the stored manifest into force; a value that is no longer allowed is logged and its default holds.
func (n *Node) loadSettings(ctx context.Context) error {
	stored, err := n.Store.Settings(ctx)
	if err != nil {
		return err
	}
	values := make(map[string]string, len(stored))
	for key, s := range stored {
		values[key] = s.Value
	}
	for _, refused := range n.Settings.Load(values) {
		n.Log.Warn("stored setting left out", "error", refused)
	}
	return nil
}

// ChangeSetting checks a value, stores it with its history, and brings it into force. It fails with NotFound, Invalid, or
// Refused for a key that is changed elsewhere.
func (n *Node) ChangeSetting(ctx context.Context, key, value, actor string) error {
	s, err := n.Settings.Find(key)
	if err != nil {
		return err
	}
	if s.ReadOnly {
		return trading.Errorf(trading.Refused, "%s is not changed here: use the kill switch", key)
	}
	return n.keepSetting(ctx, audit.SetSetting, s, value, actor)
}

// NoteSetting is ChangeSetting for a key that is only shown: another act writes it, and the audit has it under that. It fails
// with Refused for a key that people change themselves.
func (n *Node) NoteSetting(ctx context.Context, act audit.Action, key, value, actor string) error {
	s, err := n.Settings.Find(key)
	if err != nil {
		return err
	}
	if !s.ReadOnly {
		return trading.Errorf(trading.Refused, "%s is a setting like any other: change it as one", key)
	}
	return n.keepSetting(ctx, act, s, value, actor)
}

func (n *Node) keepSetting(ctx context.Context, act audit.Action, s settings.Setting, value, actor string) error {
	canonical, err := s.Canonical(value)
	if err != nil {
		return err
	}
	if canonical == n.Settings.Now().Text(s.Key) {
		return nil // nothing changes, so nothing enters the history
	}
	if err := n.Store.NoteSetting(ctx, act, s.Key, canonical, actor, n.Now()); err != nil {
		return fmt.Errorf("change %s: %w", s.Key, err)
	}
	n.Settings.Put(s.Key, canonical)
	return nil
}

// timedDesk notes how long the newest admission took, for the pulse in the footer.
type timedDesk struct{ n *Node }

// Admit admits a signal.
func (d timedDesk) Admit(ctx context.Context, s trading.Signal) (trading.Receipt, error) {
	start := time.Now()
	receipt, err := d.n.Desk.Admit(ctx, s)
	if err == nil && !receipt.Duplicate {
		d.n.answer.Store(int64(time.Since(start)))
	}
	if err == nil && receipt.Conflict {
		d.n.Alarm(alarm.KeyConflict, s.Credential, fmt.Sprintf("one idempotencyKey came with two contents: request %s differs from %s; nothing was executed", s.ID, receipt.Signal),
			"give every alert a key of its own, for example with {{timenow}} in it; if you sent neither, change the webhook key")
	}
	return receipt, err
}

// LastAnswer is how long the newest alert took to be admitted, zero before the first.
func (n *Node) LastAnswer() time.Duration { return time.Duration(n.answer.Load()) }
