package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"hoox/backend/events"
	"hoox/backend/trading"
)

// readers is how many connections answer questions at the same time.
const readers = 4

// Options are what the ledger needs from the house.
type Options struct {
	// Now is the wall clock; required.
	Now func() time.Time
	// Publish hears after a commit which subjects changed. It runs on the writer: it must not wait and must not call back.
	Publish func(topics ...events.Topic)
	// Touch hears the id of a signal whose status changed, after the commit; same rule.
	Touch func(key string)
	// BackupDir takes the copy made before a migration; "" is the folder of the file.
	BackupDir string
	// Alone promises that no other program has the ledger open, so that what lies on the disk can be looked at first: Open fails
	// with Internal for a log that was harmed.
	Alone bool
}

// DB is the open ledger. All methods may be called at the same time.
type DB struct {
	file string
	dir  string
	o    Options

	read   *sql.DB
	write  *sql.DB
	writer *writer
	// seen, due and next are the reads that are made at every alert and at every look of the queue.
	seen, due, next *sql.Stmt

	flushes    atomic.Uint64
	statements atomic.Uint64
	// watch sees the text of every statement; for tests that look at query plans.
	watch atomic.Pointer[func(query string)]

	// saw is the latest time that was believed, in milliseconds.
	saw atomic.Int64

	// most is how many orders may be open; fixed but for tests.
	most int

	// full is set by a write that found no room, and unset by the next that did.
	full atomic.Bool

	damageOnce sync.Once
	damaged    chan struct{}
	closeOnce  sync.Once
	closeErr   error
}

// Open opens the ledger or makes it, brings its schema up to date, and starts its writer. It fails when the engine is too
// old, a pragma does not read back, the schema is newer than this program, or an applied migration was changed.
//
// The writer is the one goroutine of the house that a constructor starts: recovery needs the ledger before anything is
// supervised, and the last thing to stop must be able to write. Close waits for it.
func Open(ctx context.Context, file string, o Options) (*DB, error) {
	return open(ctx, file, o, writerQuery)
}

// open is Open with the writer's connection as query asks for it.
func open(ctx context.Context, file string, o Options, query string) (*DB, error) {
	if o.Now == nil {
		return nil, trading.Errorf(trading.Internal, "open ledger %s: no clock given", file)
	}
	if o.Publish == nil {
		o.Publish = func(...events.Topic) {}
	}
	if o.Touch == nil {
		o.Touch = func(string) {}
	}
	if o.BackupDir == "" {
		o.BackupDir = filepath.Dir(file)
	}
	if err := checkEngine(); err != nil {
		return nil, fmt.Errorf("open ledger: %w", err)
	}
	if err := touchPrivate(file); err != nil {
		return nil, fmt.Errorf("open ledger %s: %w", file, err)
	}
	if o.Alone {
		if err := checkLog(file); err != nil {
			return nil, fmt.Errorf("open ledger %s: %w", file, err)
		}
	}
	db := &DB{file: file, dir: filepath.Dir(file), o: o, most: mostOpen, damaged: make(chan struct{})}
	if err := db.start(ctx, query); err != nil {
		db.closePools()
		if isFull(err) || isBusy(err) {
			// Nothing is wrong with the ledger: nobody shall be told to restore a backup.
			return nil, db.fault(err, "open ledger "+file)
		}
		return nil, fmt.Errorf("open ledger %s: %w", file, err)
	}
	return db, nil
}

func (db *DB) start(ctx context.Context, query string) error {
	var err error
	if db.write, err = pool(db.file, query, writerPragmas(), 1); err != nil {
		return err
	}
	conn, err := db.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if db.writer == nil {
			_ = conn.Close()
		}
	}()
	if err := readBack(ctx, conn, writerPragmas()); err != nil {
		return err
	}
	known, err := migrations(coreScripts)
	if err != nil {
		return err
	}
	if err := migrate(ctx, conn, known, db.file, db.o.BackupDir, db.o.Now()); err != nil {
		return err
	}
	if db.read, err = pool(db.file, readerQuery, readerPragmas(), readers); err != nil {
		return err
	}
	reader, err := db.read.Conn(ctx)
	if err != nil {
		return err
	}
	err = readBack(ctx, reader, readerPragmas())
	if closing := reader.Close(); err == nil {
		err = closing
	}
	if err != nil {
		return err
	}
	for query, to := range map[string]**sql.Stmt{findSignal: &db.seen, dueJobs: &db.due, nextJob: &db.next} {
		if *to, err = db.read.PrepareContext(ctx, query); err != nil {
			return err
		}
	}
	// The writer must outlive the caller's context: only Close ends it.
	db.writer = newWriter(context.WithoutCancel(ctx), db, conn)
	if err := db.writer.recall(); err != nil {
		return err
	}
	go db.writer.serve()
	return nil
}

// Close writes what was deferred, waits for the writer and closes the files. Every write after it is Unavailable.
func (db *DB) Close() error {
	db.closeOnce.Do(func() {
		close(db.writer.stop)
		<-db.writer.stopped
		db.closeErr = db.closePools()
	})
	return db.closeErr
}

func (db *DB) closePools() error {
	var first error
	note := func(err error) {
		if err != nil && first == nil {
			first = err
		}
	}
	for _, s := range []*sql.Stmt{db.seen, db.due, db.next} {
		if s != nil {
			note(s.Close())
		}
	}
	if db.read != nil {
		note(db.read.Close())
	}
	if db.writer != nil {
		note(db.writer.close())
	}
	if db.write != nil {
		note(db.write.Close())
	}
	return first
}

// Flushes counts the commits that wrote something, each of which waited for the disk.
func (db *DB) Flushes() uint64 { return db.flushes.Load() }

// Statements counts the SQL statements of all units and reads; BEGIN and COMMIT, which units share, are not among them.
func (db *DB) Statements() uint64 { return db.statements.Load() }

// Damaged is closed when the disk failed in a way that leaves unknown what it holds. From then on every write fails with
// Internal until the ledger is opened again and checked.
func (db *DB) Damaged() <-chan struct{} { return db.damaged }

// Ping asks a reader and the writer for real. It fails when either cannot answer, when the ledger is damaged, or when the
// last deferred write was lost. After a write that found the disk full it writes, to see whether there is room again.
func (db *DB) Ping(ctx context.Context) error {
	var one int
	if err := db.queryRow(ctx, `SELECT 1 FROM standing LIMIT 1`).Scan(&one); err != nil {
		return db.fault(err, "ask the ledger")
	}
	return db.do(ctx, "ask the ledger", func(t *tx) error {
		if err := db.writer.lost; err != nil {
			return trading.Wrap(trading.Unavailable, err, "a deferred write was lost")
		}
		if db.full.Load() {
			// More than a page, so that it takes new room as an alert would; nothing of it stays.
			if _, err := t.exec(`INSERT INTO meta (key, value) VALUES ('room', hex(zeroblob(8192)))`); err != nil {
				return err
			}
			if _, err := t.exec(`DELETE FROM meta WHERE key = 'room'`); err != nil {
				return err
			}
		}
		return t.row(`SELECT 1 FROM standing LIMIT 1`).Scan(&one)
	})
}

// Reads go through these two, so that they are counted.

func (db *DB) queryRow(ctx context.Context, query string, args ...any) *sql.Row {
	db.count(query)
	return db.read.QueryRowContext(ctx, query, args...)
}

func (db *DB) query(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	db.count(query)
	return db.read.QueryContext(ctx, query, args...)
}

func (db *DB) count(query string) {
	db.statements.Add(1)
	if watch := db.watch.Load(); watch != nil {
		(*watch)(query)
	}
}

// each calls take for every row and closes the rows.
func each(rows *sql.Rows, err error, take func(*sql.Rows) error) error {
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := take(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
