package sqlite

import (
	"context"
	"database/sql"
	"time"

	"hoox/backend/audit"
	"hoox/backend/events"
	"hoox/backend/trading"
)

// StoredSetting is a setting that somebody set, as stored.
type StoredSetting struct {
	Value     string
	UpdatedAt time.Time
	Actor     string
}

// SettingChange is one value that a setting was given.
type SettingChange struct {
	Value string
	Actor string
	At    time.Time
}

// Settings are all stored settings by key; a key that was never set is missing.
func (db *DB) Settings(ctx context.Context) (map[string]StoredSetting, error) {
	all := map[string]StoredSetting{}
	rows, err := db.query(ctx, `SELECT key, value, updated_at, actor FROM settings`)
	err = each(rows, err, func(r *sql.Rows) error {
		var key string
		var s StoredSetting
		var at int64
		err := r.Scan(&key, &s.Value, &at, &s.Actor)
		s.UpdatedAt = fromMillis(at)
		all[key] = s
		return err
	})
	return all, db.fault(err, "read settings")
}

// PutSetting stores a value, keeps the change as history and writes it into the audit.
func (db *DB) PutSetting(ctx context.Context, key, value, actor string, at time.Time) error {
	return db.NoteSetting(ctx, audit.SetSetting, key, value, actor, at)
}

// NoteSetting is PutSetting for a value that comes of another act, which the audit names.
func (db *DB) NoteSetting(ctx context.Context, act audit.Action, key, value, actor string, at time.Time) error {
	return db.do(ctx, "store setting "+key, func(t *tx) error {
		var before string
		if err := t.row(`SELECT value FROM settings WHERE key = ?`, key).Scan(&before); err != nil && !notFound(err) {
			return err
		}
		if err := t.audit(ctx, audit.Entry{At: at, Actor: actor, Action: act, Subject: key, Before: before, After: value}); err != nil {
			return err
		}
		_, err := t.exec(`
INSERT INTO settings (key, value, updated_at, actor)
VALUES (?, ?, ?, ?)
ON CONFLICT (key) DO UPDATE
SET value = excluded.value, updated_at = excluded.updated_at, actor = excluded.actor`, key, value, millis(at), actor)
		if err != nil {
			return err
		}
		t.changed(events.Settings)
		_, err = t.exec(`INSERT INTO settings_history (key, value, actor, at) VALUES (?, ?, ?, ?)`, key, value, actor, millis(at))
		return err
	})
}

// SettingHistory is what a setting was set to, newest first.
func (db *DB) SettingHistory(ctx context.Context, key string, limit int) ([]SettingChange, error) {
	changes := []SettingChange{}
	rows, err := db.query(ctx, `SELECT value, actor, at FROM settings_history WHERE key = ? ORDER BY seq DESC LIMIT ?`, key, limit)
	err = each(rows, err, func(r *sql.Rows) error {
		var c SettingChange
		var at int64
		err := r.Scan(&c.Value, &c.Actor, &at)
		c.At = fromMillis(at)
		changes = append(changes, c)
		return err
	})
	return changes, db.fault(err, "read history of setting "+key)
}

// Meta is a note the house keeps about the ledger itself; false when there is none under the key.
func (db *DB) Meta(ctx context.Context, key string) (string, bool, error) {
	var value string
	err := db.queryRow(ctx, `SELECT value FROM meta WHERE key = ?`, key).Scan(&value)
	if notFound(err) {
		return "", false, nil
	}
	return value, err == nil, db.fault(err, "read note "+key)
}

// SetMeta stores a note.
func (db *DB) SetMeta(ctx context.Context, key, value string) error {
	return db.do(ctx, "store note "+key, func(t *tx) error {
		_, err := t.exec(`INSERT INTO meta (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value`, key, value)
		return err
	})
}

// LoadBook reads what an account of the paper exchange stored under keys that begin with prefix.
func (db *DB) LoadBook(ctx context.Context, account trading.AccountID, prefix string) (map[string]string, error) {
	book := map[string]string{}
	rows, err := db.query(ctx, `SELECT key, value FROM book WHERE account = ? AND key >= ? AND key < ?`, string(account), prefix, prefix+"\U0010FFFF")
	err = each(rows, err, func(r *sql.Rows) error {
		var key, value string
		err := r.Scan(&key, &value)
		book[key] = value
		return err
	})
	return book, db.fault(err, "read paper book of "+string(account))
}

// BookValue reads one value of the paper exchange; false when there is none.
func (db *DB) BookValue(ctx context.Context, account trading.AccountID, key string) (string, bool, error) {
	var value string
	err := db.queryRow(ctx, `SELECT value FROM book WHERE account = ? AND key = ?`, string(account), key).Scan(&value)
	if notFound(err) {
		return "", false, nil
	}
	return value, err == nil, db.fault(err, "read paper book of "+string(account))
}

// SaveBook stores and drops values of the paper exchange. It does not wait: the change is in the next commit, before any
// unit that is handed in after it, so whoever records a report after saving knows that both are on disk together.
func (db *DB) SaveBook(account trading.AccountID, put map[string]string, drop []string) {
	db.later("save paper book of "+string(account), func(t *tx) error {
		for key, value := range put {
			_, err := t.exec(`INSERT INTO book (account, key, value) VALUES (?, ?, ?) ON CONFLICT (account, key) DO UPDATE SET value = excluded.value`, string(account), key, value)
			if err != nil {
				return err
			}
		}
		for _, key := range drop {
			if _, err := t.exec(`DELETE FROM book WHERE account = ? AND key = ?`, string(account), key); err != nil {
				return err
			}
		}
		return nil
	})
}

// AddEquity stores points of the equity curve with the next commit; a second point of the same account and moment is
// passed over.
func (db *DB) AddEquity(_ context.Context, points []trading.EquityPoint) error {
	db.later("store equity", func(t *tx) error {
		for _, p := range points {
			_, err := t.exec(`INSERT INTO equity (at, account, equity, balance) VALUES (?, ?, ?, ?) ON CONFLICT (at, account) DO NOTHING`,
				millis(p.At), string(p.Account), p.Equity.String(), p.Balance.String())
			if err != nil {
				return err
			}
		}
		return nil
	})
	return nil
}
