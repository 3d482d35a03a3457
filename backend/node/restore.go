package node

import (
	"context"
	"log/slog"
	"path/filepath"
	"time"

	"hoox/backend/execution"
	"hoox/backend/sqlite"
)

// Restore puts a copy of the ledger in the place of the one in a data folder that no instance has. It fails with Conflict
// while one has it, and with Invalid when the copy is not a sound ledger; nothing is changed then. The next start is halted,
// and compares with the exchanges.
func Restore(ctx context.Context, c Config, from string, now func() time.Time, log *slog.Logger) (sqlite.Replaced, error) {
	n := &Node{Config: c, Now: now, Log: log}
	if err := n.lockFolder(); err != nil {
		return sqlite.Replaced{}, err
	}
	defer func() { _ = n.lock.Unlock() }() // the process ends
	return sqlite.Restore(ctx, from, filepath.Join(c.DataDir, "core.db"), filepath.Join(c.DataDir, "backups"), now())
}

// askSince is the moment from which the ledger may have forgotten orders, because it was restored in the last seven days;
// zero when it was not.
func (n *Node) askSince() time.Time {
	r := n.restored
	if r.At.IsZero() || !n.Now().Before(execution.AskedUntil(r.At)) {
		return time.Time{}
	}
	if week := r.At.Add(-execution.AskedUntil(r.At).Sub(r.At)); r.From.Before(week) {
		return week
	}
	return r.From
}
