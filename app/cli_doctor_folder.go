package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"

	"hoox/backend/disk"
	"hoox/backend/node"
)

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

func diskFinding(dir string) finding { return roomFinding(dir, disk.Free) }

// roomFinding is how full the disk of a folder is, which need not be there yet.
func roomFinding(dir string, free func(dir string) (uint64, error)) finding {
	for ; dir != ""; dir = parent(dir) {
		if _, err := os.Stat(dir); err == nil {
			break
		}
	}
	return partFinding(partHealth(node.DiskHealth(dir, free)))
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
