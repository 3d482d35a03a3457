package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/mattn/go-sqlite3"
)

// Everything that a file is made of, but what the engine makes by itself.
const readSchema = `
SELECT type || ' ' || name, COALESCE(sql, '')
FROM sqlite_master
WHERE NOT (type = 'index' AND sql IS NULL) AND NOT (type = 'table' AND name IN ('sqlite_sequence', 'sqlite_stat1', 'sqlite_stat4'))`

// schemaOf lists tables, indexes, triggers and views with the text that made them.
func schemaOf(ctx context.Context, db *sql.DB) (map[string]string, error) {
	schema := map[string]string{}
	rows, err := db.QueryContext(ctx, readSchema)
	return schema, each(rows, err, func(r *sql.Rows) error {
		var name, text string
		err := r.Scan(&name, &text)
		schema[name] = text
		return err
	})
}

// strange names what a file has, lacks or has otherwise than a ledger of its schema, "" when there is nothing: a trigger that
// somebody put into a copy would run with everything that is written here.
func strange(ctx context.Context, db *sql.DB, version int) (string, error) {
	known, err := migrations(coreScripts)
	if err != nil || version > len(known) {
		return "", err // a newer schema is refused at open, in words of its own
	}
	ours := sql.OpenDB(connector{dsn: "file::memory:", driver: &sqlite3.SQLiteDriver{}})
	defer ours.Close()
	ours.SetMaxOpenConns(1)
	if err := build(ctx, ours, known[:version]); err != nil {
		return "", err
	}
	want, err := schemaOf(ctx, ours)
	if err != nil {
		return "", err
	}
	had, err := schemaOf(ctx, db)
	if err != nil {
		return "", err
	}
	var wrong []string
	for name, text := range had {
		if want[name] != text {
			wrong = append(wrong, name)
		}
		delete(want, name)
	}
	for name := range want {
		wrong = append(wrong, name)
	}
	if len(wrong) == 0 {
		return "", nil
	}
	slices.Sort(wrong)
	return fmt.Sprintf("%d parts are not those of a ledger, %s among them", len(wrong), wrong[0]), nil
}

// build makes an empty ledger of a schema.
func build(ctx context.Context, db *sql.DB, known []migration) error {
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	for _, m := range known {
		if err := apply(ctx, conn, m, time.Time{}); err != nil {
			return err
		}
	}
	return nil
}
