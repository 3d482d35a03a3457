package app

import (
	"os"
	"runtime"
	"strings"

	"hoox/backend/node"
	"hoox/backend/vault"
)

// vaultFinding looks at the vault of a folder that no instance has. One that wants a passphrase which is not handed over is
// not opened: a diagnosis asks nobody.
func vaultFinding(sh *shell, c node.Config) finding {
	if _, err := os.Stat(vaultPath(c.DataDir)); err != nil {
		return finding{Name: "vault", OK: true, Detail: "made at the first start"}
	}
	if open := openToOthers(c.DataDir); open != "" {
		return finding{"vault", false, "others can read " + open, "chmod 600 the vault's files in " + c.DataDir + ", and rotate its keys: hoox vault rotate"}
	}
	passphrase, err := sh.handover.Passphrase()
	if err != nil {
		return finding{"vault", false, faultOf(err, "").Message, "correct the variable"}
	}
	if vault.KindOf(c.DataDir) == vault.ByPassphrase && passphrase.Empty() {
		return finding{Name: "vault", OK: true, Detail: "sealed by your passphrase; not opened for this"}
	}
	v, err := vault.Open(vault.Options{Dir: c.DataDir, Env: sh.env, Now: sh.now, Passphrase: passphrase, Keychain: c.Keychain})
	if err != nil {
		return finding{"vault", false, faultOf(err, "").Message, "restore vault.json from your backup, or move it away and import your export"}
	}
	if err := v.Locked(); err != nil {
		return finding{"vault", false, faultOf(err, "").Message, "unlock what holds its key, or import your export into a new vault"}
	}
	return finding{Name: "vault", OK: true, Detail: v.Words(), Fix: v.Offer()}
}

// openToOthers names a file of the vault that others can read, "" for none.
func openToOthers(dir string) string {
	entries, err := os.ReadDir(dir)
	if err != nil || runtime.GOOS == "windows" {
		return ""
	}
	for _, e := range entries {
		info, err := e.Info()
		if err == nil && strings.HasPrefix(e.Name(), "vault.") && info.Mode().Perm()&0o077 != 0 {
			return e.Name()
		}
	}
	return ""
}
