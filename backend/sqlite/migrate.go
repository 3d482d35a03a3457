package sqlite

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

//go:embed migrations/*.sql migrations/chat/*.sql
var scripts embed.FS

// The folders of the scripts: one for each file.
const (
	coreScripts = "migrations"
	chatScripts = "migrations/chat"
)

// migration is one numbered script. A script that shipped is never edited: its checksum is kept in every ledger.
type migration struct {
	version  int
	name     string
	body     string
	checksum string
}

func migrations(folder string) ([]migration, error) {
	names, err := fs.Glob(scripts, folder+"/*.sql")
	if err != nil {
		return nil, err
	}
	list := make([]migration, 0, len(names))
	for i, path := range names {
		body, err := scripts.ReadFile(path)
		if err != nil {
			return nil, err
		}
		name := strings.TrimSuffix(filepath.Base(path), ".sql")
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.Atoi(number)
		if err != nil || version != i+1 {
			return nil, fmt.Errorf("migration %s is out of order: want number %d", name, i+1)
		}
		sum := sha256.Sum256(body)
		list = append(list, migration{version: version, name: name, body: string(body), checksum: hex.EncodeToString(sum[:])})
	}
	return list, nil
}

const createMigrations = `
CREATE TABLE IF NOT EXISTS migrations (
  version INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  checksum TEXT NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT`

// migrate brings the schema up to date, forward only, each script in one transaction with its number. A ledger that holds
// something is copied first.
func migrate(ctx context.Context, conn *sql.Conn, known []migration, file, backupDir string, now time.Time) error {
	var version int
	if err := conn.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return fmt.Errorf("read schema version: %w", err)
	}
	if version > len(known) {
		return fmt.Errorf("the ledger has schema %d and this program knows up to %d: it was written by a newer version; install that one, or restore a backup made before", version, len(known))
	}
	if version > 0 {
		if err := checkApplied(ctx, conn, known[:version]); err != nil {
			return err
		}
	}
	if version == len(known) {
		return nil
	}
	if version > 0 {
		name := fmt.Sprintf("%s-before-schema-%d-%s.db", strings.TrimSuffix(filepath.Base(file), ".db"), version+1, now.UTC().Format(stampLayout))
		if err := copyInto(ctx, conn, filepath.Join(backupDir, name)); err != nil {
			return fmt.Errorf("back up before migration: %w", err)
		}
	}
	for _, m := range known[version:] {
		if err := apply(ctx, conn, m, now); err != nil {
			return fmt.Errorf("migration %s: %w", m.name, err)
		}
	}
	return nil
}

func checkApplied(ctx context.Context, conn *sql.Conn, known []migration) error {
	for _, m := range known {
		var had string
		err := conn.QueryRowContext(ctx, `SELECT checksum FROM migrations WHERE version = ?`, m.version).Scan(&had)
		if err != nil {
			return fmt.Errorf("read checksum of migration %s: %w", m.name, err)
		}
		if had != m.checksum {
			return fmt.Errorf("migration %s is not the one this ledger was made with: the program or the ledger was altered", m.name)
		}
	}
	return nil
}

func apply(ctx context.Context, conn *sql.Conn, m migration, now time.Time) error {
	t, err := conn.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = t.Rollback() }()
	if _, err := t.ExecContext(ctx, createMigrations); err != nil {
		return err
	}
	if _, err := t.ExecContext(ctx, m.body); err != nil {
		return err
	}
	if _, err := t.ExecContext(ctx, `INSERT INTO migrations (version, name, checksum, applied_at) VALUES (?, ?, ?, ?)`, m.version, m.name, m.checksum, millis(now)); err != nil {
		return err
	}
	if _, err := t.ExecContext(ctx, `PRAGMA user_version = `+strconv.Itoa(m.version)); err != nil {
		return err
	}
	return t.Commit()
}
