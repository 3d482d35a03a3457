package app

import (
	"context"
	"strings"
	"time"

	"hoox/backend/audit"
	"hoox/backend/trading"
)

// webhookKeys are the keys that let alerts in. Every change is in force when it returns.
type webhookKeys interface {
	WebhookKeys() []trading.WebhookKey
	MakeWebhookKey(ctx context.Context, draft trading.WebhookKey, actor string) (k trading.WebhookKey, text string, err error)
	ChangeWebhookKey(ctx context.Context, edit trading.WebhookKey, actor string) (before, after trading.WebhookKey, err error)
	RotateWebhookKey(ctx context.Context, id string, overlap time.Duration, actor string) (before, after trading.WebhookKey, text string, err error)
	RevokeWebhookKey(ctx context.Context, id, actor string) (before, after trading.WebhookKey, err error)
}

// longestOverlap is for how many minutes an old text may open beside the new one.
const longestOverlap = 24 * 60

// WebhookKeys are the keys that alerts carry, each for what it may do.
type WebhookKeys struct {
	in  *house
	who actor
}

// List is every key without its text.
func (s *WebhookKeys) List(_ Empty) (WebhookKeyList, error) {
	return answer(s.in, "list webhook keys", func(context.Context) (WebhookKeyList, error) {
		return WebhookKeyList{Items: each(s.in.hooks.WebhookKeys(), s.in.webhookKeyRow)}, nil
	})
}

// Create makes a key and shows its text, this once. It fails with Invalid for what cannot be, naming the field.
func (s *WebhookKeys) Create(req CreateWebhookKey) (NewWebhookKey, error) {
	d := &deed{what: "make a webhook key", action: audit.CreateWebhookKey, subject: req.Label}
	return act(s.in, s.who, d, func(ctx context.Context) (NewWebhookKey, error) {
		draft, err := webhookKeyOf(req.Label, req.Scope)
		if err != nil {
			return NewWebhookKey{}, err
		}
		k, text, err := s.in.hooks.MakeWebhookKey(ctx, draft, s.who.name)
		if err != nil {
			return NewWebhookKey{}, err
		}
		row := s.in.webhookKeyRow(k)
		d.subject, d.after = k.ID, keyWords(row)
		return NewWebhookKey{Key: text, Row: row}, nil
	})
}

// Update gives a key another label and scope. It fails with Invalid as Create does, with Conflict when somebody else changed
// it since it was read, and with Refused for the master key and for one that is revoked.
func (s *WebhookKeys) Update(req UpdateWebhookKey) (WebhookKeyRow, error) {
	d := &deed{what: "change a webhook key", action: audit.ChangeWebhookKey, subject: req.ID}
	return act(s.in, s.who, d, func(ctx context.Context) (WebhookKeyRow, error) {
		edit, err := webhookKeyOf(req.Label, req.Scope)
		if err != nil {
			return WebhookKeyRow{}, err
		}
		edit.ID, edit.Version = req.ID, req.Version
		before, after, err := s.in.hooks.ChangeWebhookKey(ctx, edit, s.who.name)
		if err != nil {
			return WebhookKeyRow{}, err
		}
		row := s.in.webhookKeyRow(after)
		d.before, d.after = keyWords(s.in.webhookKeyRow(before)), keyWords(row)
		return row, nil
	})
}

// Rotate gives a key another text and shows it, this once; the old one opens beside it for the overlap. It fails with NotFound
// and with Invalid for an overlap of more than a day.
func (s *WebhookKeys) Rotate(req RotateWebhookKey) (NewWebhookKey, error) {
	d := &deed{what: "rotate a webhook key", action: audit.RotateWebhookKey, subject: req.ID}
	return act(s.in, s.who, d, func(ctx context.Context) (NewWebhookKey, error) {
		if req.OverlapMinutes < 0 || req.OverlapMinutes > longestOverlap {
			return NewWebhookKey{}, trading.FieldError("overlapMinutes", "want 0 (the old text ends at once) to %d", longestOverlap)
		}
		before, after, text, err := s.in.hooks.RotateWebhookKey(ctx, req.ID, time.Duration(req.OverlapMinutes)*time.Minute, s.who.name)
		if err != nil {
			return NewWebhookKey{}, err
		}
		row := s.in.webhookKeyRow(after)
		d.before, d.after = keyWords(s.in.webhookKeyRow(before)), keyWords(row)
		return NewWebhookKey{Key: text, Row: row}, nil
	})
}

// Revoke ends a key for good: no alert comes in with it from this moment on. It fails with NotFound, and with Refused for the
// master key.
func (s *WebhookKeys) Revoke(req WebhookKeyID) (WebhookKeyRow, error) {
	d := &deed{what: "revoke a webhook key", action: audit.RevokeWebhookKey, subject: req.ID}
	return act(s.in, s.who, d, func(ctx context.Context) (WebhookKeyRow, error) {
		before, after, err := s.in.hooks.RevokeWebhookKey(ctx, req.ID, s.who.name)
		if err != nil {
			return WebhookKeyRow{}, err
		}
		row := s.in.webhookKeyRow(after)
		d.before, d.after = keyWords(s.in.webhookKeyRow(before)), keyWords(row)
		return row, nil
	})
}

// keyWords is a key in the words of the audit: what it may do and which texts open, never a text.
func keyWords(k WebhookKeyRow) string {
	texts := either(k.RevokedAt == "", "opens with "+strings.Join(each(k.Texts, textWords), ", "), "revoked")
	return k.Label + ": " + scopeWords(k.Scope) + "; " + texts
}

// webhookKeyOf reads label and scope of a key.
func webhookKeyOf(label string, scope WebhookKeyScope) (trading.WebhookKey, error) {
	k := trading.WebhookKey{Label: label, RateLimit: scope.RateLimit, Bounds: trading.Bounds{
		Strategy: scope.Strategy, Symbols: scope.Symbols, Entries: trading.Entries(scope.Entries),
		Accounts: each(scope.Accounts, func(id string) trading.AccountID { return trading.AccountID(id) }),
	}}
	if scope.MaxOrder == "" {
		return k, nil
	}
	most, err := trading.ParseMoney(scope.MaxOrder)
	if err != nil || !most.IsPositive() {
		return k, trading.FieldError("maxOrder", "%q is no amount: want dollars above 0 such as \"250\", or \"\" for any size", scope.MaxOrder)
	}
	k.Bounds.MaxOrder = most
	return k, nil
}

func (h *house) webhookKeyRow(k trading.WebhookKey) WebhookKeyRow {
	row := WebhookKeyRow{
		ID: k.ID, Label: k.Label, Master: k.ID == trading.MasterKey, CreatedAt: when(k.CreatedAt), RevokedAt: when(k.RevokedAt),
		LastSeenAt: when(k.SeenAt), LastSeenFrom: k.SeenFrom, Uses: k.Uses, Version: k.Version, Actor: k.Actor,
		Scope: WebhookKeyScope{
			Strategy: k.Bounds.Strategy, Accounts: each(k.Bounds.Accounts, func(id trading.AccountID) string { return string(id) }),
			Symbols: filled(k.Bounds.Symbols), Entries: string(k.Bounds.Entries), MaxOrder: known(k.Bounds.MaxOrder), RateLimit: k.RateLimit,
		},
		Texts: []WebhookKeyText{},
	}
	for _, t := range k.Texts {
		if t.Opens(h.now()) {
			row.Texts = append(row.Texts, WebhookKeyText{Hint: t.Hint, CreatedAt: when(t.CreatedAt), ExpiresAt: when(t.EndsAt), LastSeenAt: when(t.SeenAt)})
		}
	}
	return row
}
