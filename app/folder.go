package app

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
)

func ledgerPath(dataDir string) string { return filepath.Join(dataDir, "core.db") }

// lockPath is the file that an instance holds while it has the data folder.
func lockPath(dataDir string) string { return filepath.Join(dataDir, "lock") }

func vaultPath(dataDir string) string { return filepath.Join(dataDir, "vault.json") }

// ownFolder tells whether a folder may hold secrets: a real one that not everybody can write to. It is the same rule as
// that of a start.
func ownFolder(dir string) bool {
	info, err := os.Lstat(dir)
	return err == nil && info.IsDir() && (runtime.GOOS == "windows" || info.Mode().Perm()&fs.FileMode(0o002) == 0)
}

// parent is the folder above, "" at the top.
func parent(dir string) string {
	up := filepath.Dir(dir)
	if up == dir {
		return ""
	}
	return up
}
