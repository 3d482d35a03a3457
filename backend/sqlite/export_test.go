package sqlite

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"hoox/backend/risk"
	"hoox/backend/trading"
)

// EngineFits says whether a version of SQLite may keep a ledger.
var EngineFits = engineFits

// Most is how many orders may be open.
func (db *DB) Most() int { return db.most }

// SetMost lowers how many orders may be open.
func (db *DB) SetMost(n int) { db.most = n }

// Watch lets a test see the text of every statement.
func (db *DB) Watch(see func(query string)) { db.watch.Store(&see) }

// Exec runs statements as one unit of the writer and then fails with err, if any.
func (db *DB) Exec(ctx context.Context, err error, queries ...string) error {
	return db.do(ctx, "test", func(t *tx) error {
		for _, q := range queries {
			if _, err := t.exec(q); err != nil {
				return err
			}
		}
		return err
	})
}

// Number reads one number on the writer.
func (db *DB) Number(ctx context.Context, query string) (n int64, err error) {
	err = db.do(ctx, "test", func(t *tx) error { return t.row(query).Scan(&n) })
	return n, err
}

// Books are an account as the writer remembers it and as the file has it.
func (db *DB) Books(ctx context.Context, id trading.AccountID, at time.Time) (remembered, stored risk.Book, err error) {
	err = db.do(ctx, "test", func(t *tx) error {
		a, err := t.account(id, at)
		if err != nil {
			return err
		}
		remembered = t.book(a, "USDT", at)
		t.w.mirror = newMirror()
		if a, err = t.account(id, at); err != nil {
			return err
		}
		stored = t.book(a, "USDT", at)
		return nil
	})
	return remembered, stored, err
}

// Plan is what the engine would do for a statement.
func (db *DB) Plan(ctx context.Context, query string) ([]string, error) {
	var plan []string
	rows, err := db.read.QueryContext(ctx, "EXPLAIN QUERY PLAN "+query, make([]any, strings.Count(query, "?"))...)
	err = each(rows, err, func(r *sql.Rows) error {
		var id, parent, unused int
		var detail string
		err := r.Scan(&id, &parent, &unused, &detail)
		plan = append(plan, detail)
		return err
	})
	return plan, err
}

// Alter changes a closed ledger behind its back.
func Alter(ctx context.Context, file string, queries ...string) error {
	db, err := pool(file, writerQuery, nil, 1)
	if err != nil {
		return err
	}
	defer db.Close()
	for _, q := range queries {
		if _, err := db.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// Pragmas reads back every setting of the writer's connection.
func Pragmas() map[string]string {
	all := map[string]string{}
	for _, p := range writerPragmas() {
		all[p.name] = p.want
	}
	return all
}

// MigrateWith brings a closed ledger from its schema to one more script.
func MigrateWith(ctx context.Context, file, backupDir, script string, now time.Time) error {
	db, err := pool(file, writerQuery, nil, 1)
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
	known = append(known, migration{version: len(known) + 1, name: "next", body: script, checksum: "c"})
	return migrate(ctx, conn, known, file, backupDir, now)
}

// OpenWeak opens a ledger with less durability than it wants.
func OpenWeak(ctx context.Context, file string, o Options) (*DB, error) {
	return open(ctx, file, o, strings.Replace(writerQuery, "FULL", "NORMAL", 1))
}

// Later defers work of a test, as SaveBook does.
func (db *DB) Later(run func()) {
	db.later("test", func(*tx) error { run(); return nil })
}

// Room bounds the size of the file, before anything that is deferred is tried again.
func (db *DB) Room(ctx context.Context, pages int64) error {
	var err error
	// What could not be kept may be tried again at this moment: it stands before us then, and takes us along when it fails.
	for range 100 {
		if err = db.room(ctx, pages); err == nil || ctx.Err() != nil {
			break
		}
	}
	return err
}

func (db *DB) room(ctx context.Context, pages int64) error {
	u := &unit{ctx: ctx, operation: "test", done: make(chan struct{})}
	u.run = func(t *tx) error {
		var now int64
		return t.row("PRAGMA max_page_count = " + strconv.FormatInt(pages, 10)).Scan(&now)
	}
	w := db.writer
	w.mu.Lock()
	w.deferred = append([]*unit{u}, w.deferred...)
	w.mu.Unlock()
	ring(w.nudge)
	<-u.done
	return u.err
}

// Text reads one text on a reader.
func (db *DB) Text(ctx context.Context, query string) (text string, err error) {
	err = db.queryRow(ctx, query).Scan(&text)
	return text, err
}
