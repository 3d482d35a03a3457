package sqlite

import (
	"context"
	"database/sql"
	"strings"
)

// Shape is what a ledger is made of, without anything that is in it.
type Shape struct {
	Version int
	Tables  []TableShape
}

// TableShape is one table, index or trigger: the text that made it, and for a table how many rows it has.
type TableShape struct {
	Kind string
	Name string
	Text string
	// Rows is -1 for what is no table.
	Rows int64
}

// Shape reads the schema and counts every table. On a long ledger that takes seconds; it holds nobody up.
func (db *DB) Shape(ctx context.Context) (Shape, error) {
	var shape Shape
	if err := db.queryRow(ctx, `PRAGMA user_version`).Scan(&shape.Version); err != nil {
		return shape, db.fault(err, "read schema version")
	}
	rows, err := db.query(ctx, `SELECT type, name, coalesce(sql, '') FROM sqlite_schema ORDER BY type DESC, name`)
	err = each(rows, err, func(r *sql.Rows) error {
		t := TableShape{Rows: -1}
		err := r.Scan(&t.Kind, &t.Name, &t.Text)
		shape.Tables = append(shape.Tables, t)
		return err
	})
	if err != nil {
		return shape, db.fault(err, "read the schema")
	}
	for i, t := range shape.Tables {
		if t.Kind != "table" {
			continue
		}
		// The name is one that our own migrations gave, quoted all the same.
		count := `SELECT count(*) FROM "` + strings.ReplaceAll(t.Name, `"`, `""`) + `"`
		if err := db.queryRow(ctx, count).Scan(&shape.Tables[i].Rows); err != nil {
			return shape, db.fault(err, "count rows of "+t.Name)
		}
	}
	return shape, nil
}
