package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"hoox/backend/audit"
	"hoox/backend/node"
	"hoox/backend/sqlite"
	"hoox/backend/vault"
)

type supportCommand struct {
	Out      string `short:"o" help:"File to write; default hoox-support-TIME.zip in this folder." placeholder:"FILE"`
	Balances bool   `help:"Add what the accounts are worth (from a running instance)."`
	Show     bool   `help:"Print what would be in it and write nothing."`
}

func (c *supportCommand) Run(sh *shell) error {
	config, err := sh.config()
	if err != nil {
		return err
	}
	bundle, err := c.collect(sh, config)
	if err != nil {
		return err
	}
	if c.Show {
		return sh.show(bundle, func(w io.Writer) {
			for _, f := range bundle.Items {
				fmt.Fprintf(w, "==> %s (%s)\n%s\n", f.Name, f.Why, f.Text)
			}
		})
	}
	file := c.Out
	if file == "" {
		file = supportName(sh.now())
	}
	packed, err := packSupport(bundle.Items, sh.now())
	if err != nil {
		return err
	}
	err = writeNew(file, func(w io.Writer) error {
		_, err := w.Write(packed)
		return err
	})
	sh.noted(config.DataDir, audit.SaveSupport, filepath.Base(file), err)
	if err != nil {
		return err
	}
	return sh.show(SavedSupport{File: file, Bytes: int64(len(packed))}, func(w io.Writer) {
		fmt.Fprintf(w, "%s (%d bytes). Secrets are cut out; look into it before you give it away: `hoox support --show` prints it.\n", file, len(packed))
		for _, f := range bundle.Items {
			fmt.Fprintf(w, "  %s: %s\n", f.Name, f.Why)
		}
	})
}

// collect asks the running instance, or looks at the folder itself when there is none.
func (c *supportCommand) collect(sh *shell, config node.Config) (SupportBundle, error) {
	if held(config.DataDir) {
		bundle, err := ask[SupportBundle](sh, "Support/Preview", AskSupport{Balances: c.Balances})
		var end *exit
		if err == nil || !errors.As(err, &end) || end.code != exitNotRunning {
			return bundle, err
		}
		fmt.Fprintln(sh.stderr, "An instance has the data folder but does not answer; this is what can be seen from outside.")
	}
	if c.Balances {
		return SupportBundle{}, ended(exitNotRunning, "hoox is not running on %s, so nobody can say what the accounts are worth: leave --balances out", config.DataDir)
	}
	bundle, err := fromOutside(sh, config)
	sh.noted(config.DataDir, audit.CollectSupport, "", err)
	return bundle, err
}

// fromOutside is what can be seen of an installation without an instance that answers.
func fromOutside(sh *shell, config node.Config) (SupportBundle, error) {
	book := newLogbook(io.Discard, config.Log.Level)
	if _, err := os.Stat(vaultPath(config.DataDir)); err == nil {
		passphrase, err := sh.handover.Passphrase()
		if err != nil {
			return SupportBundle{}, ended(exitFailed, "%s", faultOf(err, "").Message)
		}
		v, err := vault.Open(vault.Options{Dir: config.DataDir, Env: sh.env, Now: sh.now, Passphrase: passphrase, Keychain: config.Keychain})
		if err == nil {
			err = v.Locked()
		}
		if err != nil {
			return SupportBundle{}, ended(exitFailed, "the vault cannot be opened, so its secrets could not be cut out of the log: %s", faultOf(err, "").Message)
		}
		if err := book.learn(v); err != nil {
			return SupportBundle{}, ended(exitFailed, "the vault cannot be read, so its secrets could not be cut out of the log: %s", faultOf(err, "").Message)
		}
	}
	w := newWitness(config, book.clean, func(ctx context.Context) (sqlite.Shape, error) {
		db, _, done, err := sh.ledger()
		if err != nil {
			return sqlite.Shape{}, err
		}
		defer done()
		return db.Shape(ctx)
	})
	findings := []finding{configFinding(config), folderFinding(config.DataDir), leftoverFinding(config.DataDir), diskFinding(config.DataDir),
		vaultFinding(sh, config), userFinding(), windowFinding(sh)}
	return bundleOf(w.files(sh.ctx, findings))
}
