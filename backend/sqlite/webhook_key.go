package sqlite

import (
	"context"
	"database/sql"

	"hoox/backend/events"
	"hoox/backend/trading"
)

// WebhookKeys are all keys that let alerts in or did, the master key first and then in the order in which they were made.
func (db *DB) WebhookKeys(ctx context.Context) ([]trading.WebhookKey, error) {
	list, at := []trading.WebhookKey{}, map[string]int{}
	rows, err := db.query(ctx, `
SELECT id, label, strategy, accounts, symbols, entries, max_order, rate_limit, created_at, revoked_at, seen_at, seen_from, uses, version, actor
FROM webhook_keys
ORDER BY created_at, id`)
	err = each(rows, err, func(r *sql.Rows) error {
		k, err := scanWebhookKey(r)
		at[k.ID] = len(list)
		list = append(list, k)
		return err
	})
	if err != nil {
		return nil, db.fault(err, "read webhook keys")
	}
	rows, err = db.query(ctx, `SELECT key_id, digest, hint, created_at, expires_at, seen_at FROM webhook_texts ORDER BY created_at DESC, digest`)
	err = each(rows, err, func(r *sql.Rows) error {
		var id string
		var digest []byte
		var text trading.KeyText
		var created, ends, seen int64
		if err := r.Scan(&id, &digest, &text.Hint, &created, &ends, &seen); err != nil {
			return err
		}
		n, known := at[id]
		if !known || copy(text.Digest[:], digest) != len(text.Digest) {
			return trading.Errorf(trading.Internal, "the text of webhook key %q is damaged", id)
		}
		text.CreatedAt, text.EndsAt, text.SeenAt = fromMillis(created), fromMillis(ends), fromMillis(seen)
		list[n].Texts = append(list[n].Texts, text)
		return nil
	})
	return list, db.fault(err, "read texts of webhook keys")
}

func scanWebhookKey(s scanner) (trading.WebhookKey, error) {
	var k trading.WebhookKey
	var accounts, symbols string
	var created, revoked, seen int64
	err := s.Scan(&k.ID, &k.Label, &k.Bounds.Strategy, &accounts, &symbols, &k.Bounds.Entries, &k.Bounds.MaxOrder, &k.RateLimit,
		&created, &revoked, &seen, &k.SeenFrom, &k.Uses, &k.Version, &k.Actor)
	if err != nil {
		return k, err
	}
	k.CreatedAt, k.RevokedAt, k.SeenAt = fromMillis(created), fromMillis(revoked), fromMillis(seen)
	if err := decode(accounts, &k.Bounds.Accounts); err != nil {
		return k, err
	}
	return k, decode(symbols, &k.Bounds.Symbols)
}

// PutWebhookKey stores a key with its texts and returns its version. k.Version is the one that was edited, 0 for a new key.
// Conflict, changing nothing, when the stored version is another, and for a text that another key has. What was noted of its
// use stays.
func (db *DB) PutWebhookKey(ctx context.Context, k trading.WebhookKey) (int64, error) {
	accounts, err := encode(k.Bounds.Accounts, len(k.Bounds.Accounts) == 0)
	if err != nil {
		return 0, err
	}
	symbols, err := encode(k.Bounds.Symbols, len(k.Bounds.Symbols) == 0)
	if err != nil {
		return 0, err
	}
	err = db.do(ctx, "store webhook key "+k.ID, func(t *tx) error {
		var stored int64
		if err := t.row(`SELECT version FROM webhook_keys WHERE id = ?`, k.ID).Scan(&stored); err != nil && !notFound(err) {
			return err
		}
		if stored != k.Version {
			return trading.Errorf(trading.Conflict, "webhook key %q was changed meanwhile (version %d, edited %d): load it again", k.Label, stored, k.Version)
		}
		_, err := t.exec(`
INSERT INTO webhook_keys (id, label, strategy, accounts, symbols, entries, max_order, rate_limit, created_at, revoked_at, seen_at, seen_from, uses, version, actor)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, '', 0, ?, ?)
ON CONFLICT (id) DO UPDATE
SET label = excluded.label, strategy = excluded.strategy, accounts = excluded.accounts, symbols = excluded.symbols, entries = excluded.entries,
  max_order = excluded.max_order, rate_limit = excluded.rate_limit, revoked_at = excluded.revoked_at, version = excluded.version, actor = excluded.actor`,
			k.ID, k.Label, k.Bounds.Strategy, accounts, symbols, string(k.Bounds.Entries), k.Bounds.MaxOrder.String(), k.RateLimit,
			millis(k.CreatedAt), millis(k.RevokedAt), k.Version+1, k.Actor)
		if err != nil {
			return err
		}
		t.changed(events.Settings)
		return t.putTexts(k)
	})
	if err != nil {
		return 0, err
	}
	return k.Version + 1, nil
}

// putTexts replaces the texts of a key.
func (t *tx) putTexts(k trading.WebhookKey) error {
	if _, err := t.exec(`DELETE FROM webhook_texts WHERE key_id = ?`, k.ID); err != nil {
		return err
	}
	for _, text := range k.Texts {
		_, err := t.exec(`INSERT INTO webhook_texts (digest, key_id, hint, created_at, expires_at, seen_at) VALUES (?, ?, ?, ?, ?, ?)`,
			text.Digest[:], k.ID, text.Hint, millis(text.CreatedAt), millis(text.EndsAt), millis(text.SeenAt))
		if isTaken(err) {
			return trading.Errorf(trading.Conflict, "the text of webhook key %q is that of another key", k.Label)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// NoteWebhookKeys keeps what memory knows of the use of keys, with the next commit.
func (db *DB) NoteWebhookKeys(keys []trading.WebhookKey) {
	db.later("note the use of webhook keys", func(t *tx) error {
		for _, k := range keys {
			if _, err := t.exec(`UPDATE webhook_keys SET seen_at = ?, seen_from = ?, uses = ? WHERE id = ?`, millis(k.SeenAt), k.SeenFrom, k.Uses, k.ID); err != nil {
				return err
			}
			for _, text := range k.Texts {
				if err := t.noteText(text); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

func (t *tx) noteText(text trading.KeyText) error {
	if text.SeenAt.IsZero() {
		return nil
	}
	_, err := t.exec(`UPDATE webhook_texts SET seen_at = ? WHERE digest = ?`, millis(text.SeenAt), text.Digest[:])
	return err
}
