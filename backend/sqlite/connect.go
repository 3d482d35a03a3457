package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/mattn/go-sqlite3"
)

// oldestEngine is the first SQLite without the WAL-reset corruption bug.
const oldestEngine = 3051003

// pragma is a setting of one connection with the value that must be read back.
type pragma struct{ name, set, want string }

// writerPragmas are what durability stands on. The driver's own default for synchronous is NORMAL, which loses
// acknowledged commits on power loss; fullfsync is the only real flush on macOS.
func writerPragmas() []pragma {
	return []pragma{
		{"journal_mode", "", "wal"},
		{"synchronous", "", "2"},
		{"foreign_keys", "", "1"},
		{"busy_timeout", "", "5000"},
		{"fullfsync", "1", "1"},
		{"checkpoint_fullfsync", "1", "1"},
		{"mmap_size", "0", "0"},
		{"trusted_schema", "OFF", "0"},
		{"cell_size_check", "ON", "1"},
		{"wal_autocheckpoint", "1000", "1000"},
		{"journal_size_limit", "67108864", "67108864"},
		{"temp_store", "MEMORY", "2"},
	}
}

func readerPragmas() []pragma {
	return []pragma{
		{"query_only", "", "1"},
		{"busy_timeout", "", "5000"},
		{"mmap_size", "0", "0"},
		{"trusted_schema", "OFF", "0"},
		{"cell_size_check", "ON", "1"},
		{"temp_store", "MEMORY", "2"},
	}
}

const (
	writerQuery = "_journal_mode=WAL&_synchronous=FULL&_txlock=immediate&_busy_timeout=5000&_foreign_keys=on"
	readerQuery = "mode=ro&_query_only=1&_busy_timeout=5000&_foreign_keys=on&_synchronous=FULL"
	copyQuery   = "mode=ro&_busy_timeout=5000&_synchronous=FULL"
)

// connector opens connections without registering a driver for the whole process.
type connector struct {
	dsn    string
	driver *sqlite3.SQLiteDriver
}

func (c connector) Connect(context.Context) (driver.Conn, error) { return c.driver.Open(c.dsn) }

func (c connector) Driver() driver.Driver { return c.driver }

// pool opens a pool in which every connection, also one made later, has its pragmas set.
func pool(file, query string, pragmas []pragma, size int) (*sql.DB, error) {
	dsn, err := fileURI(file)
	if err != nil {
		return nil, err
	}
	hook := func(conn *sqlite3.SQLiteConn) error {
		for _, p := range pragmas {
			if p.set == "" {
				continue
			}
			if _, err := conn.Exec("PRAGMA "+p.name+" = "+p.set, nil); err != nil {
				return fmt.Errorf("set pragma %s: %w", p.name, err)
			}
		}
		return nil
	}
	db := sql.OpenDB(connector{dsn: dsn + "?" + query, driver: &sqlite3.SQLiteDriver{ConnectHook: hook}})
	db.SetMaxOpenConns(size)
	db.SetMaxIdleConns(size)
	return db, nil
}

// fileURI spells a path so that none of its characters is read as part of the query.
func fileURI(file string) (string, error) {
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", fmt.Errorf("find ledger file %s: %w", file, err)
	}
	path := filepath.ToSlash(abs)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath(), nil
}

// readBack compares what a connection says with what was asked; a setting that did not take is a ledger that may lie.
func readBack(ctx context.Context, conn *sql.Conn, pragmas []pragma) error {
	for _, p := range pragmas {
		var had string
		if err := conn.QueryRowContext(ctx, "PRAGMA "+p.name).Scan(&had); err != nil {
			return fmt.Errorf("read pragma %s: %w", p.name, err)
		}
		if had != p.want {
			return fmt.Errorf("pragma %s is %q, want %q", p.name, had, p.want)
		}
	}
	return nil
}

func checkEngine() error {
	name, number, _ := sqlite3.Version()
	return engineFits(name, number)
}

func engineFits(name string, number int) error {
	if number < oldestEngine {
		return fmt.Errorf("sqlite %s has a known corruption bug: version 3.51.3 or newer is needed", name)
	}
	return nil
}

// touchPrivate makes sure the file exists and only its owner may read it; SQLite gives its side files the same mode.
func touchPrivate(file string) error {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	return f.Close()
}

// Version is the version of the SQLite engine compiled in.
func Version() string {
	name, _, _ := sqlite3.Version()
	return name
}
