package sqlite

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"hoox/backend/audit"
	"hoox/backend/disk"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

// The notes that a restored ledger carries: how often it was restored, when, and of what moment the copy is.
const (
	metaRestoreEpoch = "restore_epoch"
	metaRestoredAt   = "restored_at"
	metaRestoredFrom = "restored_from"
)

// Restored is what a ledger knows of its last restore; the zero value when there was none.
type Restored struct {
	Epoch int
	// At is when it was put back, From the moment of which the copy is.
	At, From time.Time
}

// Replaced is what Restore did.
type Replaced struct {
	// Kept is the folder that has the files from before, "" when there were none.
	Kept string
	From time.Time
}

// Restore puts a copy in the place of a ledger that no program has open; the caller holds the folder's lock. The copy is
// checked as a whole before anything is touched, brought up to date, and marked: it is halted, with the reason, and says when
// it was restored. The files from before are copied into a folder of backupDir first and never deleted from there. A machine
// that loses power on the way finds the old ledger or the new one, never a mix. Invalid when the copy is not a sound ledger.
func Restore(ctx context.Context, from, file, backupDir string, now time.Time) (Replaced, error) {
	done := Replaced{}
	stage := filepath.Join(filepath.Dir(file), "restoring.db")
	if err := removeLedger(stage); err != nil {
		return done, trading.Wrap(trading.Unavailable, err, "restore")
	}
	defer func() { _ = removeLedger(stage) }()
	if err := copyFile(from, stage); err != nil {
		return done, trading.Wrap(trading.Unavailable, err, "read the copy "+from)
	}
	var err error
	if done.From, err = prepare(ctx, from, stage, backupDir, now); err != nil {
		return done, err
	}
	if done.Kept, err = keepLedger(file, filepath.Join(backupDir, "before-restore-"+now.UTC().Format(stampLayout))); err != nil {
		return done, trading.Wrap(trading.Unavailable, err, "keep the ledger from before")
	}
	// A log beside the new file would be taken for its own. What it holds is in the old file first, so that a power cut before
	// the rename loses nothing; an old ledger that cannot take it is damaged, and its files are kept.
	fold(ctx, file)
	for _, side := range []string{"-wal", "-shm"} {
		if err := os.Remove(file + side); err != nil && !errors.Is(err, os.ErrNotExist) {
			return done, trading.Wrap(trading.Unavailable, err, "restore")
		}
	}
	if err := syncDir(filepath.Dir(file)); err != nil {
		return done, trading.Wrap(trading.Unavailable, err, "restore")
	}
	if err := os.Rename(stage, file); err != nil {
		return done, trading.Wrap(trading.Unavailable, err, "restore")
	}
	return done, trading.Wrap(trading.Unavailable, syncDir(filepath.Dir(file)), "restore")
}

// prepare checks the staged copy, brings it up to date and marks it, and returns of what moment it is.
func prepare(ctx context.Context, from, stage, backupDir string, now time.Time) (time.Time, error) {
	if err := isLedger(ctx, stage); err != nil {
		return time.Time{}, trading.Errorf(trading.Invalid, "%s is not a sound ledger, nothing was changed: %v", from, err)
	}
	db, err := Open(ctx, stage, Options{Now: func() time.Time { return now }, BackupDir: backupDir})
	if err != nil {
		return time.Time{}, trading.Errorf(trading.Invalid, "%s cannot be used, nothing was changed: %v", from, err)
	}
	at, err := db.mark(ctx, from, now)
	if closing := db.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = syncFile(stage)
	}
	return at, err
}

// isLedger tells why a file is no sound ledger, before anything in it is changed.
func isLedger(ctx context.Context, file string) error {
	if err := quickCheck(ctx, file); err != nil {
		return err
	}
	db, err := pool(file, readerQuery+"&immutable=1", readerPragmas(), 1)
	if err != nil {
		return err
	}
	defer db.Close()
	var version, tables int
	if err := db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return err
	}
	err = db.QueryRowContext(ctx, `SELECT COUNT(*) FROM sqlite_master WHERE type = 'table' AND name IN ('journal', 'signals', 'orders', 'fills', 'standing')`).Scan(&tables)
	if err == nil && (version == 0 || tables != 5) {
		err = errors.New("it holds something else")
	}
	if err != nil {
		return err
	}
	wrong, err := strange(ctx, db, version)
	if err == nil && wrong != "" {
		err = errors.New(wrong)
	}
	return err
}

// mark verifies the ledger as a whole and writes down that it was restored, and that trading is halted.
func (db *DB) mark(ctx context.Context, from string, now time.Time) (time.Time, error) {
	findings, err := db.Verify(ctx)
	if err != nil {
		return time.Time{}, err
	}
	for _, f := range findings {
		if !f.OK {
			return time.Time{}, trading.Errorf(trading.Invalid, "%s is not a sound ledger, nothing was changed: %s: %s", from, f.Check, f.Detail)
		}
	}
	at, err := db.newest(ctx)
	if err != nil {
		return at, err
	}
	if c, ok := copyOf("", filepath.Base(from)); ok && c.At.After(at) {
		at = c.At
	}
	before, err := db.Restored(ctx)
	if err != nil {
		return at, err
	}
	for key, value := range map[string]string{
		metaRestoreEpoch: strconv.Itoa(before.Epoch + 1), metaRestoredAt: strconv.FormatInt(millis(now), 10), metaRestoredFrom: strconv.FormatInt(millis(at), 10),
	} {
		if err := db.SetMeta(ctx, key, value); err != nil {
			return at, err
		}
	}
	line := audit.Entry{
		At: now, Actor: "cli", Origin: "this computer", Action: audit.Restore, Subject: filepath.Base(from), Decision: audit.Done,
		After: fmt.Sprintf("restore %d", before.Epoch+1), Detail: "a copy of " + at.Format(time.RFC3339),
	}
	if err := db.Audit(ctx, line); err != nil {
		return at, err
	}
	reason := fmt.Sprintf("the ledger was restored from a backup of %s UTC: what came after is not in it; compare with your exchanges", at.Format("2006-01-02 15:04:05"))
	_, _, err = db.SetStanding(ctx, risk.Standing{State: risk.Halted, Reason: reason, Actor: "restore", Since: now})
	return at, err
}

// newest is when the ledger last wrote anything down.
func (db *DB) newest(ctx context.Context) (time.Time, error) {
	var at int64
	err := db.queryRow(ctx, `SELECT COALESCE(MAX(at), 0) FROM journal WHERE seq > (SELECT COALESCE(MAX(seq), 0) FROM journal) - 100`).Scan(&at)
	return fromMillis(at), db.fault(err, "read the newest entry")
}

// Restored is when the ledger was last put back from a copy.
func (db *DB) Restored(ctx context.Context) (Restored, error) {
	var r Restored
	numbers := map[string]int64{}
	for _, key := range []string{metaRestoreEpoch, metaRestoredAt, metaRestoredFrom} {
		text, ok, err := db.Meta(ctx, key)
		if err != nil {
			return r, err
		}
		if !ok {
			return r, nil
		}
		if numbers[key], err = strconv.ParseInt(text, 10, 64); err != nil {
			return r, trading.Errorf(trading.Internal, "note %s of the ledger is %q", key, text)
		}
	}
	return Restored{Epoch: int(numbers[metaRestoreEpoch]), At: fromMillis(numbers[metaRestoredAt]), From: fromMillis(numbers[metaRestoredFrom])}, nil
}

// fold moves the log of a ledger into its file, as far as that can be done.
func fold(ctx context.Context, file string) {
	db, err := pool(file, writerQuery, writerPragmas(), 1)
	if err != nil {
		return
	}
	defer db.Close()
	_, _ = db.ExecContext(ctx, `PRAGMA wal_checkpoint(TRUNCATE)`) // damaged: its files are kept
}

// keepLedger copies a ledger with its side files into a folder, for good; "" when there is none.
func keepLedger(file, dir string) (string, error) {
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		return "", nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	for _, side := range []string{"", "-wal", "-shm"} {
		err := copyFile(file+side, filepath.Join(dir, filepath.Base(file)+side))
		if side != "" && errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
	}
	if err := disk.SyncDir(dir); err != nil {
		return "", err
	}
	return dir, disk.SyncDir(filepath.Dir(dir))
}

func removeLedger(file string) error {
	for _, side := range []string{"", "-wal", "-shm"} {
		if err := os.Remove(file + side); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

// copyFile copies a file, privately, and returns when it is on disk.
func copyFile(from, to string) error {
	in, err := disk.OpenPlain(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Sync()
	}
	if closing := out.Close(); err == nil {
		err = closing
	}
	return err
}
