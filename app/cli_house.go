package app

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/gofrs/flock"

	"hoox/backend/audit"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

type statusCommand struct{}

// statusAnswer is the machine output of `hoox status`.
type statusAnswer struct {
	State  TradingState `json:"state"`
	Health HealthReport `json:"health"`
}

func (c *statusCommand) Run(sh *shell) error {
	line, err := sh.connect()
	if err != nil {
		return err
	}
	var got statusAnswer
	if err := line.call(sh.ctx, "Kill/Get", Empty{}, &got.State); err != nil {
		return err
	}
	if err := line.call(sh.ctx, "Health/Get", Empty{}, &got.Health); err != nil {
		return err
	}
	return sh.show(got, func(w io.Writer) {
		fmt.Fprintf(w, "%s  ", strings.ToUpper(got.Health.Mode))
		printState(w, got.State)
		fmt.Fprintf(w, "gateway %s, control %s, version %s\n", line.at.Gateway, line.at.Control, got.Health.Version)
		last := "none yet"
		if got.Health.LastAlertAt != "" {
			last = local(got.Health.LastAlertAt) + " UTC, answered in " + micros(got.Health.AnswerMicros)
		}
		fmt.Fprintf(w, "last alert %s; queue %d\n\n", last, got.Health.QueueDepth)
		t := columns("part", "state", "took>", "detail", "fix")
		for _, p := range got.Health.Items {
			fix := p.Fix
			if p.State == "ok" || fix == "" {
				fix = blank
			}
			t.add(p.Name, p.State, micros(p.LatencyMicros), p.Detail, fix)
		}
		t.print(w)
	})
}

type browserCommand struct{}

func (c *browserCommand) Run(sh *shell) error {
	line, err := sh.connect()
	if err != nil {
		return err
	}
	var address browserAddress
	if err := line.post(sh.ctx, "/session", Empty{}, &address); err != nil {
		return err
	}
	return sh.show(address, func(w io.Writer) { fmt.Fprintln(w, address.Browser) })
}

type versionCommand struct {
	Licenses bool `help:"Print what is built in, on what terms."`
}

// versionAnswer is the machine output of `hoox version`.
type versionAnswer struct {
	Version string `json:"version"`
	Commit  string `json:"commit"`
	SQLite  string `json:"sqlite"`
	Go      string `json:"go"`
	Window  bool   `json:"window"`
}

func (c *versionCommand) Run(sh *shell) error {
	if c.Licenses {
		return printLicenses(sh)
	}
	v := versionAnswer{version, commit, sqlite.Version(), runtime.Version(), hasWindow}
	return sh.show(v, func(w io.Writer) {
		kind := "without a window"
		if v.Window {
			kind = "with a window"
		}
		fmt.Fprintf(w, "hoox %s (commit %s, SQLite %s, %s, %s)\n", v.Version, v.Commit, v.SQLite, v.Go, kind)
	})
}

// ledger opens the ledger of the data folder for reading beside a running instance, or alone under the folder's lock.
func (sh *shell) ledger() (*sqlite.DB, string, func(), error) {
	c, err := sh.config()
	if err != nil {
		return nil, "", nil, err
	}
	file := ledgerPath(c.DataDir)
	if _, err := os.Stat(file); err != nil {
		return nil, "", nil, ended(exitFailed, "there is no ledger in %s yet: start hoox once", c.DataDir)
	}
	release := func() {}
	lock := flock.New(lockPath(c.DataDir))
	if taken, err := lock.TryLock(); err == nil && taken {
		release = func() { _ = lock.Unlock() }
	}
	db, err := sqlite.Open(sh.ctx, file, sqlite.Options{Now: sh.now, BackupDir: filepath.Join(c.DataDir, "backups")})
	if err != nil {
		release()
		return nil, "", nil, &exit{exitDamaged, Fault{Kind: string(trading.Internal), Message: fmt.Sprintf("the ledger cannot be opened: %v", err)}}
	}
	return db, c.DataDir, func() {
		_ = db.Close() // nothing was written
		release()
	}, nil
}

type backupCommand struct {
	To string `help:"Folder for the copy; default backups in the data folder." placeholder:"DIR"`
}

// backupAnswer is the machine output of `hoox backup`.
type backupAnswer struct {
	File  string `json:"file"`
	Bytes int64  `json:"bytes"`
}

func (c *backupCommand) Run(sh *shell) error {
	db, dir, done, err := sh.ledger()
	if err != nil {
		return err
	}
	to := c.To
	if to == "" {
		to = filepath.Join(dir, "backups")
	}
	file, err := db.Backup(sh.ctx, to)
	done()
	sh.noted(dir, audit.Backup, either(err == nil, filepath.Base(file), to), err)
	if err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err != nil {
		return ended(exitFailed, "look at the copy: %v", err)
	}
	return sh.show(backupAnswer{file, info.Size()}, func(w io.Writer) {
		fmt.Fprintf(w, "%s (%d bytes, checked)\nNot in it: your secrets. Export them as well: hoox vault export FILE.\n", file, info.Size())
	})
}

type verifyCommand struct{}

// verifyAnswer is the machine output of `hoox verify`.
type verifyAnswer struct {
	OK    bool            `json:"ok"`
	Items []ChecklistItem `json:"items"`
}

func (c *verifyCommand) Run(sh *shell) error {
	db, _, done, err := sh.ledger()
	if err != nil {
		return err
	}
	defer done()
	answer, err := verify(sh.ctx, db)
	if err != nil {
		return err
	}
	err = sh.show(answer, func(w io.Writer) {
		t := columns("check", "result", "detail")
		for _, item := range answer.Items {
			result := "ok"
			if !item.OK {
				result = "WRONG"
			}
			t.add(item.Name, result, orWord(item.Detail, blank))
		}
		t.print(w)
	})
	if err == nil && !answer.OK {
		return &exit{exitDamaged, Fault{Kind: string(trading.Internal), Message: "the ledger is damaged: stop hoox and restore the newest backup"}}
	}
	return err
}

func verify(ctx context.Context, db *sqlite.DB) (verifyAnswer, error) {
	findings, err := db.Verify(ctx)
	if err != nil && trading.KindOf(err) != trading.Internal {
		return verifyAnswer{}, err
	}
	answer := verifyAnswer{OK: err == nil, Items: []ChecklistItem{}}
	for _, f := range findings {
		answer.Items = append(answer.Items, ChecklistItem{Name: f.Check, OK: f.OK, Detail: f.Detail})
		answer.OK = answer.OK && f.OK
	}
	if err != nil {
		answer.Items = append(answer.Items, ChecklistItem{Name: "read", Detail: err.Error()})
	}
	return answer, nil
}
