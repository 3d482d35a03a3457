package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"time"

	"hoox/backend/trading"
)

// Chats keeps what is said by messenger: who may, what came, what is to go out. All methods may be called at the same time.
type Chats struct {
	dir   string
	now   func() time.Time
	read  *sql.DB
	write *sql.DB
}

// OpenChats opens the file or makes it, and brings its schema up to date. It fails as Open does.
func OpenChats(ctx context.Context, file string, now func() time.Time) (*Chats, error) {
	if now == nil {
		return nil, trading.Errorf(trading.Internal, "open chats %s: no clock given", file)
	}
	if err := checkEngine(); err != nil {
		return nil, fmt.Errorf("open chats: %w", err)
	}
	if err := touchPrivate(file); err != nil {
		return nil, fmt.Errorf("open chats %s: %w", file, err)
	}
	c := &Chats{dir: filepath.Dir(file), now: now}
	if err := c.start(ctx, file); err != nil {
		_ = c.Close()
		return nil, trading.Wrap(trading.Unavailable, err, "open chats "+file)
	}
	return c, nil
}

func (c *Chats) start(ctx context.Context, file string) error {
	var err error
	if c.write, err = pool(file, writerQuery, writerPragmas(), 1); err != nil {
		return err
	}
	conn, err := c.write.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := readBack(ctx, conn, writerPragmas()); err != nil {
		return err
	}
	known, err := migrations(chatScripts)
	if err != nil {
		return err
	}
	if err := migrate(ctx, conn, known, file, c.dir, c.now()); err != nil {
		return err
	}
	c.read, err = pool(file, readerQuery, readerPragmas(), 2)
	return err
}

// Close closes the file. Every call after it is Unavailable.
func (c *Chats) Close() error {
	var first error
	for _, db := range []*sql.DB{c.read, c.write} {
		if db == nil {
			continue
		}
		if err := db.Close(); err != nil && first == nil {
			first = err
		}
	}
	return first
}

// do runs one transaction. Once it has begun it is not given up with its caller.
func (c *Chats) do(ctx context.Context, operation string, run func(*sql.Tx) error) error {
	if err := ctx.Err(); err != nil {
		return faultOf(err, operation, c.dir)
	}
	ctx = context.WithoutCancel(ctx)
	t, err := c.write.BeginTx(ctx, nil)
	if err != nil {
		return faultOf(err, operation, c.dir)
	}
	defer func() { _ = t.Rollback() }() // after a commit it does nothing
	if err := run(t); err != nil {
		return faultOf(err, operation, c.dir)
	}
	return faultOf(t.Commit(), operation, c.dir)
}

// PurgeChats forgets what was said before a moment, and returns how many lines that were. What is still to be sent or answered stays.
func (c *Chats) PurgeChats(ctx context.Context, before time.Time) (int64, error) {
	var gone int64
	err := c.do(ctx, "forget old messages", func(t *sql.Tx) error {
		gone = 0
		for _, query := range []string{
			`DELETE FROM updates WHERE at < ? AND state <> 'begun'`,
			`DELETE FROM messages WHERE at < ? AND state <> 'waiting'`,
		} {
			result, err := t.Exec(query, millis(before))
			if err != nil {
				return err
			}
			n, err := result.RowsAffected()
			if err != nil {
				return err
			}
			gone += n
		}
		return nil
	})
	return gone, err
}
