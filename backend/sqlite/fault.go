package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"syscall"

	"github.com/mattn/go-sqlite3"

	"hoox/backend/trading"
)

// isDamage tells whether after this error nobody knows what the disk holds. A failed flush is never tried again: the
// kernel may have thrown the pages away and would report success.
func isDamage(err error) bool {
	var e sqlite3.Error
	if !errors.As(err, &e) || isFull(err) {
		return false
	}
	return e.Code == sqlite3.ErrIoErr || e.Code == sqlite3.ErrCorrupt || e.Code == sqlite3.ErrNotADB
}

func isFull(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.Code == sqlite3.ErrFull || e.SystemErrno == syscall.ENOSPC)
}

func isBusy(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.Code == sqlite3.ErrBusy || e.Code == sqlite3.ErrLocked)
}

func isConstraint(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && e.Code == sqlite3.ErrConstraint
}

// isTaken tells whether a row with that name is there already.
func isTaken(err error) bool {
	var e sqlite3.Error
	return errors.As(err, &e) && (e.ExtendedCode == sqlite3.ErrConstraintUnique || e.ExtendedCode == sqlite3.ErrConstraintPrimaryKey)
}

// fault gives an error of the ledger its kind and its words, and remembers that the disk was full.
func (db *DB) fault(err error, operation string) error {
	var known *trading.Error
	if isFull(err) && !errors.As(err, &known) {
		db.full.Store(true)
	}
	return faultOf(err, operation, db.dir)
}

// faultOf gives an error of a store its kind and its words; an error that has a kind keeps it.
func faultOf(err error, operation, dir string) error {
	var known *trading.Error
	var engine sqlite3.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	case isFull(err):
		return &trading.Error{Kind: trading.Unavailable, Message: operation + ": disk is full: free space on " + dir, Cause: err}
	case isDamage(err):
		return &trading.Error{Kind: trading.Internal, Message: operation + ": the ledger file may be damaged: stop, and check it before trading on", Cause: err}
	case isConstraint(err):
		return &trading.Error{Kind: trading.Internal, Message: operation + ": the ledger refused a contradiction", Cause: err}
	case errors.Is(err, sql.ErrNoRows):
		return &trading.Error{Kind: trading.NotFound, Message: operation + ": not found", Cause: err}
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded), errors.Is(err, sql.ErrConnDone), errors.As(err, &engine):
		return &trading.Error{Kind: trading.Unavailable, Message: operation, Cause: err}
	default:
		return &trading.Error{Kind: trading.Internal, Message: operation, Cause: err}
	}
}
