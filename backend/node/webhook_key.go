package node

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"hoox/backend/trading"
	"hoox/backend/vault"
)

const (
	// longestOverlap bounds for how long an old text opens beside the new one.
	longestOverlap = 24 * time.Hour
	// mostWebhookKeys bounds the keys that live: every request is compared with all of them.
	mostWebhookKeys = 200
	// guessable is a text so short that its digest would give it away.
	guessable = 24
)

// WebhookKeys are all keys that let alerts in or did, the master key first, with their use up to this moment.
func (n *Node) WebhookKeys() []trading.WebhookKey { return n.keyring.shown() }

// KeyLabel is what a person calls the credential of a webhook's signal, "" for one that is no key.
func (n *Node) KeyLabel(credential string) string {
	k, err := n.keyring.find(credential)
	if err != nil {
		return ""
	}
	return k.Label
}

// MakeWebhookKey makes a key of a label, bounds and rate, and its text, which nobody can read again. It fails with Invalid
// for a label that another key has, and for an account or a strategy that does not exist.
func (n *Node) MakeWebhookKey(ctx context.Context, draft trading.WebhookKey, actor string) (k trading.WebhookKey, text string, err error) {
	n.keyring.changing.Lock()
	defer n.keyring.changing.Unlock()
	live := slices.DeleteFunc(n.keyring.list(), func(k trading.WebhookKey) bool { return !k.RevokedAt.IsZero() })
	if len(live) > mostWebhookKeys {
		return k, "", trading.Errorf(trading.Refused, "there are %d keys already: revoke some that are not used", mostWebhookKeys)
	}
	if draft, err = n.checkedKey(ctx, draft); err != nil {
		return k, "", err
	}
	now := n.Now()
	text = trading.NewKeyText()
	k = trading.WebhookKey{
		// Not secret, but nobody else's either, also after the ledger was put back from a copy.
		ID: "k" + strings.ToLower(rand.Text()[:11]), Label: draft.Label, Bounds: draft.Bounds, RateLimit: draft.RateLimit, CreatedAt: now,
		Texts: []trading.KeyText{keyText(text, now)},
	}
	if k, err = n.putKey(ctx, k, actor); err != nil {
		return k, "", err
	}
	return k, text, nil
}

// ChangeWebhookKey gives a key another label, other bounds and another rate; the version is the one that was edited. It fails
// as MakeWebhookKey does, with Conflict for a stale version, and with Refused for the master key and for one that is revoked.
func (n *Node) ChangeWebhookKey(ctx context.Context, edit trading.WebhookKey, actor string) (before, after trading.WebhookKey, err error) {
	n.keyring.changing.Lock()
	defer n.keyring.changing.Unlock()
	if before, err = n.liveKey(edit.ID, "the master key opens everything: make a key with a scope beside it, and use that"); err != nil {
		return before, after, err
	}
	if edit, err = n.checkedKey(ctx, edit); err != nil {
		return before, after, err
	}
	after = before
	after.Label, after.Bounds, after.RateLimit, after.Version = edit.Label, edit.Bounds, edit.RateLimit, edit.Version
	after, err = n.putKey(ctx, after, actor)
	return before, after, err
}

// RotateWebhookKey gives a key another text. The one before opens beside it for the overlap, 0 to 24 hours, and then nothing.
// It fails with NotFound, and with Refused for a key that is revoked and a master key that is not in the vault.
func (n *Node) RotateWebhookKey(ctx context.Context, id string, overlap time.Duration, actor string) (before, after trading.WebhookKey, text string, err error) {
	if overlap < 0 || overlap > longestOverlap {
		return before, after, "", trading.FieldError("overlapMinutes", "want 0 (the old text ends at once) to %d minutes", int(longestOverlap/time.Minute))
	}
	n.keyring.changing.Lock()
	defer n.keyring.changing.Unlock()
	if before, err = n.liveKey(id, ""); err != nil {
		return before, after, "", err
	}
	text = trading.NewKeyText()
	shown := n.keyring.show(before)
	if now := n.Now(); id == trading.MasterKey {
		after, err = n.rotateMaster(ctx, before, overlap, text, actor)
	} else {
		after, err = n.putKey(ctx, before.Rotated([]trading.KeyText{keyText(text, now)}, now, now.Add(overlap)), actor)
	}
	if err != nil {
		return shown, after, "", err
	}
	return shown, n.keyring.show(after), text, nil
}

// rotateMaster puts another text into the vault. The end of the old one is on disk first: a crash between the two leaves the
// old text in force, and not its owner locked out.
func (n *Node) rotateMaster(ctx context.Context, k trading.WebhookKey, overlap time.Duration, text, actor string) (trading.WebhookKey, error) {
	if n.Vault.FromEnvironment(vault.WebhookKey) {
		return k, trading.Errorf(trading.Refused, "the master key of this run is given by the variable %s: change it there and start anew", vault.EnvPrefix+vault.WebhookKey)
	}
	old, _, err := n.Vault.Get(vault.WebhookKey)
	if err != nil {
		return k, err
	}
	if overlap > 0 && !old.Empty() && len(old.Reveal()) < guessable {
		return k, trading.Errorf(trading.Refused, "the master key is so short that it could be found from what has to be kept of it: rotate it with an overlap of 0")
	}
	now := n.Now()
	next := k.Rotated(nil, now, now.Add(overlap))
	if overlap > 0 && !old.Empty() {
		ends := keyText(old.Reveal(), time.Time{})
		ends.EndsAt = now.Add(overlap)
		next.Texts = append([]trading.KeyText{ends}, slices.DeleteFunc(next.Texts, func(t trading.KeyText) bool { return t.Digest == ends.Digest })...)
	}
	if next, err = n.putKey(ctx, next, actor); err != nil {
		return k, err
	}
	if err := n.Vault.Set(vault.WebhookKey, vault.NewSecret(text)); err != nil {
		// Nothing was rotated, so no old text may be left over for whoever sets another one by hand.
		_, undo := n.putKey(context.WithoutCancel(ctx), next.Rotated(nil, now, now), actor)
		n.Log.Error("rotate the master key", "error", err, "undo", undo)
		return k, err
	}
	n.keyring.follow(text)
	return next, nil
}

// RevokeWebhookKey ends a key: it opens nothing from this moment on, also when that could not be stored, which the error then
// says. A key that is revoked already stays as it is. It fails with NotFound, and with Refused for the master key.
func (n *Node) RevokeWebhookKey(ctx context.Context, id, actor string) (before, after trading.WebhookKey, err error) {
	n.keyring.changing.Lock()
	defer n.keyring.changing.Unlock()
	before, err = n.keyring.find(id)
	switch {
	case err != nil:
		return before, after, err
	case id == trading.MasterKey:
		return before, after, trading.Errorf(trading.Refused, "the master key is not revoked: rotate it with an overlap of 0, and nobody has its new text")
	case !before.RevokedAt.IsZero():
		return before, before, nil
	}
	n.keyring.shut(id)
	after, err = n.putKey(ctx, before.Revoked(n.Now()), actor)
	if err != nil {
		return before, after, trading.Wrap(trading.Unavailable, err, "the key opens nothing any more in this run, but that is not on disk: revoke it again before the next start")
	}
	return before, after, nil
}

// liveKey is a key that can be changed. noMaster says why the master key cannot, "" when it can.
func (n *Node) liveKey(id, noMaster string) (trading.WebhookKey, error) {
	k, err := n.keyring.find(id)
	switch {
	case err != nil:
		return k, err
	case id == trading.MasterKey && noMaster != "":
		return k, trading.Errorf(trading.Refused, "%s", noMaster)
	case !k.RevokedAt.IsZero():
		return k, trading.Errorf(trading.Refused, "the key %q is revoked: make another one", k.Label)
	}
	return k, nil
}

// checkedKey holds label, bounds and rate against what there is.
func (n *Node) checkedKey(ctx context.Context, k trading.WebhookKey) (trading.WebhookKey, error) {
	k, err := k.Checked()
	if err != nil {
		return k, err
	}
	for _, other := range n.keyring.list() {
		if other.ID != k.ID && other.RevokedAt.IsZero() && strings.EqualFold(other.Label, k.Label) {
			return k, trading.FieldError("label", "there is a key %q already: which one sent an alert must be plain", other.Label)
		}
	}
	if name := k.Bounds.Strategy; name != "" {
		_, err := n.Store.Strategy(ctx, name)
		if trading.KindOf(err) == trading.NotFound {
			return k, trading.FieldError("strategy", "there is no strategy %q: store it first, a key that is bound to it opens nothing without it", name)
		}
		if err != nil {
			return k, err
		}
	}
	if len(k.Bounds.Accounts) == 0 {
		return k, nil
	}
	cards, err := n.Cards(ctx)
	if err != nil {
		return k, err
	}
	for _, id := range k.Bounds.Accounts {
		if !slices.ContainsFunc(cards, func(c Card) bool { return c.ID == id }) {
			return k, trading.FieldError("accounts", "there is no account %q: `hoox accounts` lists them, such as bybit:paper or bybit:live:swing", id)
		}
	}
	return k, nil
}

// putKey stores a key and brings it into force.
func (n *Node) putKey(ctx context.Context, k trading.WebhookKey, actor string) (trading.WebhookKey, error) {
	k.Actor = actor
	version, err := n.Store.PutWebhookKey(ctx, k)
	if err != nil {
		return k, err
	}
	k.Version = version
	n.keyring.put(k)
	return k, nil
}

func keyText(text string, at time.Time) trading.KeyText {
	return trading.KeyText{Digest: trading.DigestKey(text), Hint: trading.KeyHint(text), CreatedAt: at}
}

// noteKeys has the use of keys written down with the next commit.
func (n *Node) noteKeys() {
	if used := n.keyring.unwritten(); len(used) > 0 {
		n.Store.NoteWebhookKeys(used)
	}
}
