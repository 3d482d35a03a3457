package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"hoox/backend/trading"
)

// stampLayout is the time in names of copies: it sorts, and every file system takes it.
const stampLayout = "20060102T150405.000Z"

// unfinished ends the name of a copy that is not checked yet. Such a file counts as nothing and is removed by the next
// backup into the folder.
const unfinished = ".part"

// Backup writes a checked copy of the ledger into a folder and returns its path. The copy has no side files, is on disk
// with its name when Backup returns, and passed quick_check. The writer is not held up. Unavailable when it cannot be
// written; then nothing is left but perhaps an unfinished file.
func (db *DB) Backup(ctx context.Context, toDir string) (string, error) {
	return db.backup(ctx, toDir, ".db")
}

func (db *DB) backup(ctx context.Context, toDir, ending string) (string, error) {
	// The readers' query_only would forbid the copy too; mode=ro alone still keeps this connection off the ledger.
	own, err := pool(db.file, copyQuery, nil, 1)
	if err != nil {
		return "", db.fault(err, "back up the ledger")
	}
	defer own.Close()
	conn, err := own.Conn(ctx)
	if err != nil {
		return "", db.fault(err, "back up the ledger")
	}
	defer conn.Close()
	base := strings.TrimSuffix(filepath.Base(db.file), ".db")
	path := filepath.Join(toDir, base+"-"+db.o.Now().UTC().Format(stampLayout)+ending)
	if err := copyInto(ctx, conn, path); err != nil {
		return "", db.fault(err, "back up the ledger to "+path)
	}
	return path, nil
}

// copyInto makes a compact copy under a temporary name, checks it, makes it durable and gives it its name.
func copyInto(ctx context.Context, conn *sql.Conn, path string) error {
	part := path + unfinished
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return trading.Wrap(trading.Unavailable, err, "make backup folder "+filepath.Dir(path))
	}
	if err := sweep(filepath.Dir(path)); err != nil {
		return err
	}
	if err := touchPrivate(part); err != nil {
		return err
	}
	if _, err := conn.ExecContext(ctx, `VACUUM INTO ?`, part); err != nil {
		_ = os.Remove(part)
		return fmt.Errorf("copy: %w", err)
	}
	if err := quickCheck(ctx, part); err != nil {
		_ = os.Remove(part)
		return err
	}
	if err := syncFile(part); err != nil {
		return err
	}
	if err := os.Rename(part, path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// sweep removes what an interrupted backup left.
func sweep(dir string) error {
	old, err := filepath.Glob(filepath.Join(dir, "*.db"+unfinished+"*"))
	if err != nil {
		return err
	}
	for _, file := range old {
		if err := os.Remove(file); err != nil {
			return err
		}
	}
	return nil
}

func quickCheck(ctx context.Context, file string) error {
	db, err := pool(file, readerQuery+"&immutable=1", readerPragmas(), 1)
	if err != nil {
		return err
	}
	defer db.Close()
	var word string
	if err := db.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&word); err != nil {
		return fmt.Errorf("check copy: %w", err)
	}
	if word != "ok" {
		return fmt.Errorf("check copy: %s", word)
	}
	return nil
}

func syncFile(file string) error {
	f, err := os.OpenFile(file, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	err = f.Sync()
	if closing := f.Close(); err == nil {
		err = closing
	}
	return err
}

// syncDir makes a new name durable. Windows has no such call for folders and needs none.
func syncDir(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	err = d.Sync()
	if closing := d.Close(); err == nil {
		err = closing
	}
	return err
}
