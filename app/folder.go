package app

import "path/filepath"

func ledgerPath(dataDir string) string { return filepath.Join(dataDir, "core.db") }

func keyPath(dataDir string) string { return filepath.Join(dataDir, "vault.key") }

// parent is the folder above, "" at the top.
func parent(dir string) string {
	up := filepath.Dir(dir)
	if up == dir {
		return ""
	}
	return up
}
