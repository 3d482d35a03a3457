package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"math"
	"strconv"
	"strings"

	"hoox/backend/trading"
)

const (
	// pageLimit is the most rows one page may have.
	pageLimit = 500
	// walkLimit bounds how many rows a filter without an index looks at for one page. Such a page may be short and still have
	// a cursor to go on with.
	walkLimit = 50_000
)

// listing is a page of one table being asked for: conditions with their arguments, newest first by seq.
type listing struct {
	name  string
	alias string
	limit int
	top   int64
	walks bool
	conds []string
	args  []any
}

// list begins a page after the cursor. Invalid when the cursor is not one that a page gave.
func list(name, alias string, p trading.Page) (*listing, error) {
	l := &listing{name: name, alias: alias, limit: p.Limit, top: math.MaxInt64}
	if l.limit <= 0 {
		l.limit = 100
	}
	l.limit = min(l.limit, pageLimit)
	if p.Cursor == "" {
		return l, nil
	}
	top, err := strconv.ParseInt(strings.TrimPrefix(p.Cursor, "c"), 36, 64)
	if err != nil || top <= 0 || p.Cursor[0] != 'c' {
		return nil, trading.FieldError("cursor", "want one that an earlier page gave")
	}
	l.top = top
	return l, nil
}

func (l *listing) where(cond string, args ...any) {
	l.conds = append(l.conds, cond)
	l.args = append(l.args, args...)
}

// walk adds a condition that no index serves.
func (l *listing) walk(cond string, args ...any) {
	l.walks = true
	l.where(cond, args...)
}

// exchange keeps the accounts of one exchange, which begin with its name.
func (l *listing) exchange(column string, e trading.Exchange) {
	if e != "" {
		l.walk(column+" >= ? AND "+column+" < ?", string(e)+":", string(e)+";")
	}
}

// collect runs the page. take reads a row and tells its seq; keep cuts the rows taken to a number. It returns the cursor of
// the next page, "" at the end.
func (db *DB) collect(ctx context.Context, l *listing, query string, take func(*sql.Rows) (int64, error), keep func(int)) (string, error) {
	floor := int64(0)
	if l.walks {
		if err := db.queryRow(ctx, fmt.Sprintf(`SELECT COALESCE(MAX(seq), 0) FROM %s WHERE seq < ?`, l.name), l.top).Scan(&floor); err != nil {
			return "", err
		}
		floor = max(0, floor-walkLimit)
	}
	seq := l.alias + ".seq"
	conds := append([]string{seq + " < ?", seq + " > ?"}, l.conds...)
	args := append([]any{l.top, floor}, l.args...)
	text := query + "\nWHERE " + strings.Join(conds, " AND ") + "\nORDER BY " + seq + " DESC\nLIMIT ?"
	rows, err := db.query(ctx, text, append(args, l.limit+1)...)
	var seqs []int64
	err = each(rows, err, func(r *sql.Rows) error {
		n, err := take(r)
		seqs = append(seqs, n)
		return err
	})
	switch {
	case err != nil:
		return "", err
	case len(seqs) > l.limit:
		keep(l.limit)
		return cursor(seqs[l.limit-1]), nil
	case floor > 0:
		return cursor(floor + 1), nil
	default:
		return "", nil
	}
}

func cursor(seq int64) string { return "c" + strconv.FormatInt(seq, 36) }
