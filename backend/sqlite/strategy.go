package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"hoox/backend/audit"
	"hoox/backend/events"
	"hoox/backend/strategy"
	"hoox/backend/trading"
)

// PutStrategy stores a strategy and keeps the version as history. Version is the one that was edited, 0 for a new
// strategy; it returns the next one. Conflict, changing nothing, when the stored version is another: somebody was faster.
// Invalid for what Check refuses.
func (db *DB) PutStrategy(ctx context.Context, s strategy.Strategy, version int64, actor string, at time.Time) (int64, error) {
	if err := s.Check(); err != nil {
		return 0, err
	}
	body, err := json.Marshal(s)
	if err != nil {
		return 0, fmt.Errorf("write strategy %s: %w", s.Name, err)
	}
	var next int64
	err = db.do(ctx, "store strategy "+s.Name, func(t *tx) error {
		if next, err = t.nextVersion(s.Name, version); err != nil {
			return err
		}
		_, err := t.exec(`
INSERT INTO strategies (name, body, version, updated_at, actor)
VALUES (?, ?, ?, ?, ?)
ON CONFLICT (name) DO UPDATE
SET body = excluded.body, version = excluded.version, updated_at = excluded.updated_at, actor = excluded.actor`,
			s.Name, string(body), next, millis(at), actor)
		if err != nil {
			return err
		}
		if err := t.keepVersion(s.Name, string(body), next, false, actor, at); err != nil {
			return err
		}
		return t.audit(ctx, audit.Entry{At: at, Actor: actor, Action: audit.SaveStrategy, Subject: s.Name, Before: versionWords(version), After: versionWords(next)})
	})
	if err != nil {
		return 0, err
	}
	return next, nil
}

// DeleteStrategy forgets a strategy; its history stays. NotFound when there is none, Conflict when its version is another.
func (db *DB) DeleteStrategy(ctx context.Context, name string, version int64, actor string, at time.Time) error {
	return db.do(ctx, "delete strategy "+name, func(t *tx) error {
		var body string
		err := t.row(`SELECT body FROM strategies WHERE name = ?`, name).Scan(&body)
		if notFound(err) {
			return trading.Errorf(trading.NotFound, "there is no strategy %q", name)
		}
		if err != nil {
			return err
		}
		next, err := t.nextVersion(name, version)
		if err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM strategies WHERE name = ?`, name); err != nil {
			return err
		}
		if err := t.keepVersion(name, body, next, true, actor, at); err != nil {
			return err
		}
		return t.audit(ctx, audit.Entry{At: at, Actor: actor, Action: audit.DeleteStrategy, Subject: name, Before: versionWords(version)})
	})
}

// nextVersion compares the version that was edited with the stored one. Numbers go on after a deletion, so that an editor
// left open from before cannot write over what came after.
func (t *tx) nextVersion(name string, edited int64) (int64, error) {
	var stored, last int64
	err := t.row(`SELECT version FROM strategies WHERE name = ?`, name).Scan(&stored)
	if err != nil && !notFound(err) {
		return 0, err
	}
	switch {
	case stored == edited:
	case stored == 0:
		return 0, trading.Errorf(trading.Conflict, "strategy %q was deleted meanwhile", name)
	case edited == 0:
		return 0, trading.Errorf(trading.Conflict, "there is a strategy %q already: open it, or choose another name", name)
	default:
		return 0, trading.Errorf(trading.Conflict, "strategy %q was changed meanwhile (version %d, edited %d): load it again", name, stored, edited)
	}
	err = t.row(`SELECT COALESCE(MAX(version), 0) FROM strategies_history WHERE name = ?`, name).Scan(&last)
	return last + 1, err
}

// versionWords names a version of a strategy, of which the history has the text; "" for none.
func versionWords(version int64) string {
	if version == 0 {
		return ""
	}
	return fmt.Sprintf("version %d", version)
}

func (t *tx) keepVersion(name, body string, version int64, deleted bool, actor string, at time.Time) error {
	t.changed(events.Settings)
	_, err := t.exec(`INSERT INTO strategies_history (name, body, version, deleted, at, actor) VALUES (?, ?, ?, ?, ?, ?)`,
		name, body, version, deleted, millis(at), actor)
	return err
}

// Strategy is one stored strategy. NotFound when there is none.
func (db *DB) Strategy(ctx context.Context, name string) (strategy.Record, error) {
	r, err := scanStrategy(db.queryRow(ctx, `SELECT body, version, updated_at, actor FROM strategies WHERE name = ?`, name))
	return r, db.fault(err, "read strategy "+name)
}

// Strategies are all stored strategies by name.
func (db *DB) Strategies(ctx context.Context) ([]strategy.Record, error) {
	list := []strategy.Record{}
	rows, err := db.query(ctx, `SELECT body, version, updated_at, actor FROM strategies ORDER BY name`)
	err = each(rows, err, func(r *sql.Rows) error {
		record, err := scanStrategy(r)
		list = append(list, record)
		return err
	})
	return list, db.fault(err, "read strategies")
}

// StrategyHistory are the versions that a strategy had, newest first.
func (db *DB) StrategyHistory(ctx context.Context, name string, limit int) ([]strategy.Change, error) {
	list := []strategy.Change{}
	rows, err := db.query(ctx, `SELECT body, version, at, actor, deleted FROM strategies_history WHERE name = ? ORDER BY version DESC LIMIT ?`, name, limit)
	err = each(rows, err, func(r *sql.Rows) error {
		var c strategy.Change
		var err error
		c.Record, err = scanStrategy(r, &c.Deleted)
		list = append(list, c)
		return err
	})
	return list, db.fault(err, "read history of strategy "+name)
}

func scanStrategy(s scanner, more ...any) (strategy.Record, error) {
	var r strategy.Record
	var body string
	var at int64
	if err := s.Scan(append([]any{&body, &r.Version, &at, &r.Actor}, more...)...); err != nil {
		return r, err
	}
	var err error
	if r.Strategy, err = strategy.Decode([]byte(body)); err != nil {
		return r, fmt.Errorf("stored strategy: %v", err)
	}
	r.UpdatedAt = fromMillis(at)
	return r, nil
}
