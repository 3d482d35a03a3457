package node

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"hoox/backend/events"
	"hoox/backend/sqlite"
)

const (
	// backupEvery is the distance of the copies that are made by the clock, and lateBackup the age at which one is missed.
	backupEvery = time.Hour
	lateBackup  = 3 * time.Hour
	// backupLook is how often the clock is looked at; a timer of an hour would not count the sleep of the machine.
	backupLook = time.Minute
)

// backups is the service that keeps copies of the ledger.
type backups struct {
	n *Node

	mu sync.Mutex
	// failed is why the last copy could not be made, nil when it could.
	failed error
	opened time.Time
}

func (b *backups) String() string { return "backups" }

// folder is where the copies are.
func (b *backups) folder() string { return filepath.Join(b.n.Config.DataDir, "backups") }

// Serve removes what an interrupted copy left and makes one every hour, until ctx ends.
func (b *backups) Serve(ctx context.Context) error {
	b.mu.Lock()
	b.opened = b.n.Now()
	b.mu.Unlock()
	if err := sqlite.SweepBackups(b.folder()); err != nil {
		b.n.Log.Error("remove unfinished backups", "error", err)
	}
	look := time.NewTicker(backupLook)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-look.C:
			b.round(ctx)
		}
	}
}

// round makes a copy when it is time for one.
func (b *backups) round(ctx context.Context) {
	if !b.n.Settings.Now().Bool("backup:enabled") {
		return
	}
	last, err := b.last()
	age := b.n.Now().Sub(last.At)
	if err == nil && age.Abs() < backupEvery {
		return
	}
	file, err := b.n.Store.Keep(ctx, b.folder())
	if ctx.Err() != nil {
		return
	}
	b.mu.Lock()
	before := b.failed
	b.failed = err
	b.mu.Unlock()
	if err != nil {
		b.n.Log.Error("back up the ledger", "error", err)
	} else {
		b.n.Log.Info("backed up the ledger", "file", file)
	}
	if (err == nil) != (before == nil) {
		b.n.Hub.Publish(events.Health)
	}
}

// last is the newest finished copy, whoever made it; the zero value when there is none.
func (b *backups) last() (sqlite.Copy, error) {
	copies, err := sqlite.Copies(b.folder())
	if err != nil || len(copies) == 0 {
		return sqlite.Copy{}, err
	}
	return copies[0], nil
}

// health tells how old the last good copy is.
func (b *backups) health() Part {
	p := Part{Name: "backup", State: StateOK}
	if !b.n.Settings.Now().Bool("backup:enabled") {
		return Part{Name: "backup", State: StateOff, Detail: "hourly copies of the ledger are switched off", Fix: "set backup:enabled to true"}
	}
	last, err := b.last()
	b.mu.Lock()
	failed, opened := b.failed, b.opened
	b.mu.Unlock()
	now := b.n.Now()
	switch {
	case err != nil:
		failed = err
		p.Detail = "the folder of the copies cannot be read"
	case last.At.IsZero():
		p.Detail = "no copy yet; the first is made a minute after the start"
	default:
		p.Detail = fmt.Sprintf("last good copy %s ago: %s", now.Sub(last.At).Round(time.Minute), filepath.Base(last.File))
	}
	switch {
	case failed != nil:
		p.State, p.Detail = StateDegraded, p.Detail+"; "+failed.Error()
		p.Fix = "free space on " + b.folder() + " and let this user write there; `hoox backup` makes a copy now"
	case !opened.IsZero() && now.Sub(opened) > lateBackup && now.Sub(last.At) > lateBackup:
		p.State, p.Fix = StateDegraded, "`hoox backup` makes a copy now; restart if the next one does not come by itself"
	}
	return p
}
