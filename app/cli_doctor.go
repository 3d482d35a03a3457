package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"runtime"

	"hoox/backend/disk"
	"hoox/backend/node"
)

type doctorCommand struct{}

// finding is one line of the diagnosis.
type finding struct {
	Name   string `json:"name"`
	OK     bool   `json:"ok"`
	Detail string `json:"detail"`
	// Fix says what to do, "" when nothing is to be done.
	Fix string `json:"fix"`
}

// diagnosis is the machine output of `hoox doctor`.
type diagnosis struct {
	Running bool      `json:"running"`
	Items   []finding `json:"items"`
}

// leastFree is the room below which the ledger may stop being written.
const leastFree = 200 << 20

func (c *doctorCommand) Run(sh *shell) error {
	d := diagnosis{Items: []finding{}}
	config, err := node.Load(sh.flags, sh.env)
	if err != nil {
		d.Items = append(d.Items, finding{"configuration", false, faultOf(err, "").Message, "correct the named place and try again"})
		return d.end(sh)
	}
	config.Keychain = sh.keychain
	d.Running = held(config.DataDir)
	d.Items = append(d.Items, configFinding(config), folderFinding(config.DataDir), userFinding())
	if d.Running {
		d.Items = append(d.Items, d.ask(sh)...)
		d.Items = append(d.Items, d.askAccounts(sh)...)
	} else {
		d.Items = append(d.Items, leftoverFinding(config.DataDir), diskFinding(config.DataDir), vaultFinding(sh, config), portFinding("gateway port", config.Gateway.Listen, "--listen"),
			portFinding("control port", config.Control.Listen, "--control"), ledgerFinding(sh, config.DataDir))
	}
	d.Items = append(d.Items, windowFinding(sh))
	return d.end(sh)
}

func (d diagnosis) end(sh *shell) error {
	faults := 0
	for _, f := range d.Items {
		if !f.OK {
			faults++
		}
	}
	err := sh.show(d, func(w io.Writer) {
		t := columns("check", "result", "detail")
		for _, f := range d.Items {
			result, detail := "ok", f.Detail
			if !f.OK {
				result = "FAULT"
			}
			if f.Fix != "" {
				detail += ". Fix: " + f.Fix
			}
			t.add(f.Name, result, detail)
		}
		t.print(w)
	})
	if err == nil && faults > 0 {
		return ended(exitFailed, "%d of %d checks found a fault", faults, len(d.Items))
	}
	return err
}

func configFinding(c node.Config) finding {
	detail := "defaults and environment; no config.toml"
	if c.File != "" {
		detail = "read " + c.File
	}
	return finding{Name: "configuration", OK: true, Detail: detail}
}

func folderFinding(dir string) finding {
	f := finding{Name: "data folder", OK: true, Detail: dir}
	info, err := os.Lstat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f.Detail += " (made at the first start)"
	case err != nil:
		f.OK, f.Detail, f.Fix = false, err.Error(), "choose a folder of your own with --data-dir"
	case info.Mode()&fs.ModeSymlink != 0 || !info.IsDir():
		f.OK, f.Detail, f.Fix = false, dir+" is no folder of its own", "use a real folder, not a link"
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0:
		f.OK, f.Detail, f.Fix = false, fmt.Sprintf("%s is open to others (%v)", dir, info.Mode().Perm()), "chmod 700 "+dir
	}
	return f
}

func diskFinding(dir string) finding {
	for ; dir != ""; dir = parent(dir) {
		if _, err := os.Stat(dir); err == nil {
			break
		}
	}
	free, err := disk.Free(dir)
	switch {
	case err != nil:
		return finding{"disk", false, err.Error(), "check the disk of " + dir}
	case free < leastFree:
		return finding{"disk", false, fmt.Sprintf("%d MiB free", free>>20), "free space: alerts that cannot be stored are answered 503"}
	}
	return finding{Name: "disk", OK: true, Detail: fmt.Sprintf("%d MiB free", free>>20)}
}

func userFinding() finding {
	if os.Geteuid() == 0 {
		return finding{Name: "user", OK: true, Detail: "runs as root, which it does not need", Fix: "run it as a user of your own"}
	}
	return finding{Name: "user", OK: true, Detail: "no special rights"}
}

// leftoverFinding sees what a kill left; the next start mends it.
func leftoverFinding(dir string) finding {
	if _, err := os.Stat(controlPath(dir)); err == nil {
		return finding{Name: "running", OK: true, Detail: "not running; the last run ended without a clean stop, the next start asks about its orders"}
	}
	return finding{Name: "running", OK: true, Detail: "not running: start it with `hoox` or `hoox serve`"}
}

func portFinding(name, address, flag string) finding {
	l, err := net.Listen("tcp", address)
	if portInUse(err) {
		return finding{name, false, address + " is taken by another program", "stop that program, or choose another port with " + flag + " or in config.toml"}
	}
	if err != nil {
		return finding{name, false, err.Error(), "choose an address of this computer with " + flag + " or in config.toml"}
	}
	_ = l.Close() // it was only tried
	return finding{Name: name, OK: true, Detail: address + " is free"}
}

func ledgerFinding(sh *shell, dir string) finding {
	if _, err := os.Stat(ledgerPath(dir)); err != nil {
		return finding{Name: "ledger", OK: true, Detail: "made at the first start"}
	}
	db, _, done, err := sh.ledger()
	if err != nil {
		return finding{"ledger", false, err.Error(), "restore the newest file of " + dir + "/backups as core.db"}
	}
	defer done()
	answer, err := verify(sh.ctx, db)
	if err != nil {
		return finding{"ledger", false, err.Error(), "run `hoox verify`"}
	}
	for _, item := range answer.Items {
		if !item.OK {
			return finding{"ledger", false, item.Name + ": " + item.Detail, "restore the newest file of " + dir + "/backups as core.db"}
		}
	}
	return finding{Name: "ledger", OK: true, Detail: fmt.Sprintf("%d checks passed", len(answer.Items))}
}

// ask lists what the running instance says about its parts.
func (d diagnosis) ask(sh *shell) []finding {
	health, err := ask[HealthReport](sh, "Health/Get", Empty{})
	if err != nil {
		return []finding{{"running", false, "an instance has the data folder, but does not answer: " + err.Error(), "wait a little; if it stays, stop it and start it again"}}
	}
	items := []finding{{Name: "running", OK: true, Detail: "version " + health.Version + " answers"}}
	if health.Version != version {
		items[0].Fix = "it is another version than this command (" + version + "): restart it"
	}
	for _, p := range health.Items {
		if p.State == "off" {
			continue
		}
		items = append(items, finding{Name: p.Name, OK: p.State == "ok", Detail: p.Detail, Fix: p.Fix})
	}
	return items
}

func windowFinding(sh *shell) finding {
	if !hasWindow {
		return finding{Name: "window", OK: true, Detail: "this program has none; `hoox serve` shows the same pages in a browser"}
	}
	if !hasDisplay(sh.env) {
		return finding{Name: "window", OK: true, Detail: "there is no display here; `hoox serve` shows the same pages in a browser"}
	}
	return finding{Name: "window", OK: true, Detail: "there is a display"}
}
