package sqlite

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"hoox/backend/trading"
)

// routine ends the name of a copy that was made by the clock; only such copies are ever removed.
const routine = "-auto.db"

// How many copies made by the clock are kept: the newest of each of so many hours, days and weeks.
const (
	keepHours = 24
	keepDays  = 7
	keepWeeks = 4
)

// Copy is a finished copy of a ledger in a folder.
type Copy struct {
	File string
	At   time.Time
	// Routine copies were made by the clock and are removed when there are enough newer ones.
	Routine bool
}

// Keep writes a checked copy of the ledger into a folder, as Backup does, and removes copies that Keep made and that are
// not wanted any more: it leaves the newest of each of 24 hours, 7 days and 4 weeks. Copies made by hand or before a
// migration stay. It returns the path of the new one.
func (db *DB) Keep(ctx context.Context, dir string) (string, error) {
	path, err := db.backup(ctx, dir, routine)
	if err != nil {
		return "", err
	}
	copies, err := Copies(dir)
	if err != nil {
		return path, err
	}
	for _, file := range surplus(copies) {
		if err := os.Remove(file); err != nil {
			return path, trading.Wrap(trading.Unavailable, err, "remove an old backup")
		}
	}
	return path, syncDir(dir)
}

// Copies lists the finished copies in a folder, newest first; none when there is no such folder.
func Copies(dir string) ([]Copy, error) {
	entries, err := os.ReadDir(dir)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, trading.Wrap(trading.Unavailable, err, "list backups")
	}
	var list []Copy
	for _, e := range entries {
		if c, ok := copyOf(dir, e.Name()); ok && e.Type().IsRegular() {
			list = append(list, c)
		}
	}
	slices.SortFunc(list, func(a, b Copy) int { return b.At.Compare(a.At) })
	return list, nil
}

// copyOf reads the name of a copy: what the ledger is called, a time, and perhaps that the clock made it.
func copyOf(dir, name string) (Copy, bool) {
	stem, ok := strings.CutSuffix(name, ".db")
	if !ok {
		return Copy{}, false
	}
	stem, auto := strings.CutSuffix(stem, strings.TrimSuffix(routine, ".db"))
	if len(stem) < len(stampLayout) {
		return Copy{}, false
	}
	at, err := time.Parse(stampLayout, stem[len(stem)-len(stampLayout):])
	if err != nil {
		return Copy{}, false
	}
	return Copy{File: filepath.Join(dir, name), At: at.UTC(), Routine: auto}, true
}

// surplus are the routine copies, given newest first, that no hour, day or week needs.
func surplus(copies []Copy) []string {
	spans := []struct {
		name func(time.Time) string
		keep int
		seen map[string]bool
	}{
		{func(t time.Time) string { return t.Format("2006-01-02T15") }, keepHours, map[string]bool{}},
		{func(t time.Time) string { return t.Format(time.DateOnly) }, keepDays, map[string]bool{}},
		{func(t time.Time) string { year, week := t.ISOWeek(); return fmt.Sprint(year, "-", week) }, keepWeeks, map[string]bool{}},
	}
	var gone []string
	for _, c := range copies {
		if !c.Routine {
			continue
		}
		wanted := false
		for _, span := range spans {
			name := span.name(c.At)
			if !span.seen[name] && len(span.seen) < span.keep {
				span.seen[name], wanted = true, true
			}
		}
		if !wanted {
			gone = append(gone, c.File)
		}
	}
	return gone
}

// SweepBackups removes what an interrupted backup left in a folder. Call it while no backup runs.
func SweepBackups(dir string) error {
	return trading.Wrap(trading.Unavailable, sweep(dir), "remove unfinished backups")
}
