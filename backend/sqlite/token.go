package sqlite

import (
	"context"
	"database/sql"
	"time"

	"hoox/backend/audit"
	"hoox/backend/trading"
)

// Token is a key of the control interface that may do less than the internal key. The key itself is not kept.
type Token struct {
	Name string
	// Scope is read or trade.
	Scope string
	// Digest is the SHA-256 of the key, in hex.
	Digest    string
	CreatedAt time.Time
	Actor     string
}

// Tokens lists the tokens by name.
func (db *DB) Tokens(ctx context.Context) ([]Token, error) {
	list := []Token{}
	rows, err := db.query(ctx, `SELECT name, scope, digest, created_at, actor FROM tokens ORDER BY name`)
	err = each(rows, err, func(r *sql.Rows) error {
		var k Token
		var at int64
		err := r.Scan(&k.Name, &k.Scope, &k.Digest, &at, &k.Actor)
		k.CreatedAt = fromMillis(at)
		list = append(list, k)
		return err
	})
	return list, db.fault(err, "list tokens")
}

// AddToken stores a token, with its line in the audit. Conflict when there is one of the name.
func (db *DB) AddToken(ctx context.Context, k Token) error {
	return db.do(ctx, "store token "+k.Name, func(t *tx) error {
		_, err := t.exec(`INSERT INTO tokens (name, scope, digest, created_at, actor) VALUES (?, ?, ?, ?, ?)`, k.Name, k.Scope, k.Digest, millis(k.CreatedAt), k.Actor)
		if isTaken(err) {
			return trading.Errorf(trading.Conflict, "there is a token %q already: revoke it first, or choose another name", k.Name)
		}
		if err != nil {
			return err
		}
		return t.audit(ctx, audit.Entry{At: k.CreatedAt, Actor: k.Actor, Action: audit.CreateToken, Subject: k.Name, After: k.Scope})
	})
}

// DeleteToken forgets a token, with a line in the audit. NotFound when there is none.
func (db *DB) DeleteToken(ctx context.Context, name, actor string, at time.Time) error {
	return db.do(ctx, "revoke token "+name, func(t *tx) error {
		var scope string
		err := t.row(`SELECT scope FROM tokens WHERE name = ?`, name).Scan(&scope)
		if notFound(err) {
			return trading.Errorf(trading.NotFound, "there is no token %q", name)
		}
		if err != nil {
			return err
		}
		if _, err := t.exec(`DELETE FROM tokens WHERE name = ?`, name); err != nil {
			return err
		}
		return t.audit(ctx, audit.Entry{At: at, Actor: actor, Action: audit.RevokeToken, Subject: name, Before: scope})
	})
}
