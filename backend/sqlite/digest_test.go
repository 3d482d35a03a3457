//go:build proof

package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
)

// unsettled are columns without one value of a moment: they ride along with later commits, or tell when a file was opened.
var unsettled = map[string]string{"signals.deliveries": "0", "signals.answered": "0", "signals.answer": "''", "migrations.applied_at": "0", "jobs.id": "0", "orders.seal": "0"}

// Digest is what the whole ledger says, table by table.
func (db *DB) Digest(ctx context.Context) (map[string]string, error) {
	var tables []string
	rows, err := db.read.QueryContext(ctx, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`)
	err = each(rows, err, func(r *sql.Rows) error {
		var name string
		err := r.Scan(&name)
		tables = append(tables, name)
		return err
	})
	all := map[string]string{}
	for _, name := range tables {
		if err != nil {
			break
		}
		all[name], err = db.tableDigest(ctx, name)
	}
	return all, err
}

func (db *DB) tableDigest(ctx context.Context, name string) (string, error) {
	var columns []string
	rows, err := db.read.QueryContext(ctx, `SELECT name FROM pragma_table_info(?)`, name)
	err = each(rows, err, func(r *sql.Rows) error {
		var column string
		err := r.Scan(&column)
		columns = append(columns, column)
		return err
	})
	if err != nil {
		return "", err
	}
	for i, c := range columns {
		if instead, ok := unsettled[name+"."+c]; ok {
			columns[i] = instead
		}
	}
	places := make([]string, len(columns))
	for i := range places {
		places[i] = strconv.Itoa(i + 1)
	}
	sum, count := sha256.New(), 0
	rows, err = db.read.QueryContext(ctx, `SELECT `+strings.Join(columns, ", ")+` FROM `+name+` ORDER BY `+strings.Join(places, ", "))
	err = each(rows, err, func(r *sql.Rows) error {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := r.Scan(values...); err != nil {
			return err
		}
		for _, v := range values {
			_, _ = fmt.Fprintf(sum, "%v\x00", *v.(*any))
		}
		_, _ = io.WriteString(sum, "\n")
		count++
		return nil
	})
	return fmt.Sprintf("%d:%s", count, hex.EncodeToString(sum.Sum(nil)[:8])), err
}

// MakeOld makes a ledger of an earlier schema.
func MakeOld(ctx context.Context, file string, version int, now time.Time, queries ...string) error {
	if err := touchPrivate(file); err != nil {
		return err
	}
	db, err := pool(file, writerQuery, writerPragmas(), 1)
	if err != nil {
		return err
	}
	defer db.Close()
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	known, err := migrations(coreScripts)
	if err != nil {
		return err
	}
	if err := migrate(ctx, conn, known[:version], file, "", now); err != nil {
		return err
	}
	for _, q := range queries {
		if _, err := conn.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}
