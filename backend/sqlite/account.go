package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"hoox/backend/audit"
	"hoox/backend/trading"
)

// Accounts lists the accounts at real exchanges, by id.
func (db *DB) Accounts(ctx context.Context) ([]trading.Account, error) {
	list := []trading.Account{}
	rows, err := db.query(ctx, `SELECT id, label, enabled, banned_until, complete_until, created_at, actor FROM accounts ORDER BY id`)
	err = each(rows, err, func(r *sql.Rows) error {
		var a trading.Account
		var banned, complete, created int64
		err := r.Scan(&a.ID, &a.Label, &a.Enabled, &banned, &complete, &created, &a.Actor)
		a.BannedUntil, a.CompleteUntil, a.CreatedAt = fromMillis(banned), fromMillis(complete), fromMillis(created)
		list = append(list, a)
		return err
	})
	return list, db.fault(err, "list accounts")
}

// PutAccount stores an account, or its label and whether it is enabled when it is known.
func (db *DB) PutAccount(ctx context.Context, a trading.Account) error {
	return db.do(ctx, "store account "+string(a.ID), func(t *tx) error {
		line := audit.Entry{Actor: a.Actor, Action: audit.AddAccount, Subject: string(a.ID), After: accountWords(a.Label, a.Enabled)}
		var label string
		var enabled bool
		err := t.row(`SELECT label, enabled FROM accounts WHERE id = ?`, string(a.ID)).Scan(&label, &enabled)
		if err == nil {
			line.Action, line.Before = audit.EnableAccount, accountWords(label, enabled)
		}
		if err == nil || notFound(err) {
			err = t.audit(ctx, line)
		}
		if err != nil {
			return err
		}
		_, err = t.exec(`
INSERT INTO accounts (id, label, enabled, banned_until, complete_until, created_at, actor)
VALUES (?, ?, ?, 0, 0, ?, ?)
ON CONFLICT (id) DO UPDATE
SET label = excluded.label, enabled = excluded.enabled, actor = excluded.actor`, string(a.ID), a.Label, a.Enabled, millis(a.CreatedAt), a.Actor)
		return err
	})
}

func accountWords(label string, enabled bool) string {
	if enabled {
		return strings.TrimSpace("on " + label)
	}
	return strings.TrimSpace("off " + label)
}

// NoteAccount keeps what a running account knows, with the next commit: until when it is banned, and until when the ledger
// has everything. An account without a row is passed over.
func (db *DB) NoteAccount(id trading.AccountID, bannedUntil, completeUntil time.Time) {
	db.later("note account "+string(id), func(t *tx) error {
		_, err := t.exec(`UPDATE accounts SET banned_until = ?, complete_until = max(complete_until, ?) WHERE id = ?`,
			millis(bannedUntil), millis(completeUntil), string(id))
		return err
	})
}

// Instruments are the instruments of an exchange in a mode as they were last read, and when that was; the zero time when
// they never were.
func (db *DB) Instruments(ctx context.Context, e trading.Exchange, m trading.Mode) ([]trading.Instrument, time.Time, error) {
	var list []trading.Instrument
	var seen int64
	rows, err := db.query(ctx, `SELECT body, seen_at FROM instruments WHERE exchange = ? AND mode = ?`, string(e), string(m))
	err = each(rows, err, func(r *sql.Rows) error {
		var body string
		if err := r.Scan(&body, &seen); err != nil {
			return err
		}
		var i trading.Instrument
		if err := json.Unmarshal([]byte(body), &i); err != nil {
			return fmt.Errorf("an instrument of %s: %w", e, err)
		}
		list = append(list, i)
		return nil
	})
	return list, fromMillis(seen), db.fault(err, "read instruments of "+string(e))
}

// PutInstruments replaces the instruments of an exchange in a mode.
func (db *DB) PutInstruments(ctx context.Context, e trading.Exchange, m trading.Mode, list []trading.Instrument, at time.Time) error {
	return db.do(ctx, "store instruments of "+string(e), func(t *tx) error {
		if _, err := t.exec(`DELETE FROM instruments WHERE exchange = ? AND mode = ?`, string(e), string(m)); err != nil {
			return err
		}
		for _, i := range list {
			body, err := json.Marshal(i)
			if err != nil {
				return err
			}
			if _, err := t.exec(`INSERT INTO instruments (exchange, mode, product, symbol, body, seen_at) VALUES (?, ?, ?, ?, ?, ?)`,
				string(e), string(m), string(i.Product), i.Symbol, string(body), millis(at)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Traded lists the instruments of each account that are held or were traded since.
func (db *DB) Traded(ctx context.Context, since time.Time) (map[trading.AccountID][]trading.InstrumentKey, error) {
	list := map[trading.AccountID][]trading.InstrumentKey{}
	rows, err := db.query(ctx, `SELECT DISTINCT account, product, symbol FROM positions WHERE qty != '0' OR updated_at >= ?`, millis(since))
	err = each(rows, err, func(r *sql.Rows) error {
		var account trading.AccountID
		var key trading.InstrumentKey
		if err := r.Scan(&account, &key.Product, &key.Symbol); err != nil {
			return err
		}
		list[account] = append(list[account], key)
		return nil
	})
	return list, db.fault(err, "list what was traded")
}
