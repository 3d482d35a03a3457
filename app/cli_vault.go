package app

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"hoox/backend/disk"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

type vaultCommand struct {
	Status vaultStatusCommand `cmd:"" default:"1" help:"Show how the secrets are sealed, and whether they can be read (also what plain hoox vault does)."`
	Unlock vaultUnlockCommand `cmd:"" help:"Unlock the vault of the running instance; the passphrase is typed unseen, or read from stdin."`
	Lock   vaultLockCommand   `cmd:"" help:"Lock the vault of the running instance: nothing is read or changed until it is unlocked. What is connected goes on."`
	Seal   vaultSealCommand   `cmd:"" help:"Move the vault to another seal, with new keys: keychain, passphrase or file. On stdin: the passphrase that seals it now, if one does, then the new one, each on a line."`
	Rotate vaultRotateCommand `cmd:"" help:"Make the vault's keys anew. On stdin: the passphrase, if one seals it."`
	Export vaultExportCommand `cmd:"" help:"Write every secret into an encrypted file. On stdin: the passphrase of the vault, if one seals it, then one for the file."`
	Import vaultImportCommand `cmd:"" help:"Bring an encrypted file in, after showing what would change. On stdin: the passphrase of the file."`
}

type vaultStatusCommand struct{}

func (c *vaultStatusCommand) Run(sh *shell) error {
	line, err := sh.vaultLine(toLook)
	if err != nil {
		return err
	}
	list, err := askVault[SecretList](line, "List", Empty{})
	if err != nil {
		return err
	}
	return sh.showVault(list.Vault)
}

func (sh *shell) showVault(v VaultState) error {
	return sh.show(v, func(w io.Writer) { printVault(w, v) })
}

// state is how the vault is now.
func (l *vaultLine) state() (VaultState, error) {
	list, err := askVault[SecretList](l, "List", Empty{})
	return list.Vault, err
}

// current is the passphrase that seals the vault, asked for where one does: who finds a terminal open must not be able to
// carry every secret away.
func (l *vaultLine) current() (Hidden, error) {
	v, err := l.state()
	if err != nil || v.Kind != string(vault.ByPassphrase) {
		return "", err
	}
	if !l.typed.Empty() {
		return Hidden(l.typed.Reveal()), nil
	}
	given, err := l.sh.handover.Passphrase()
	if err == nil && given.Empty() {
		given, err = l.sh.hidden("Passphrase of the vault")
	}
	return Hidden(given.Reveal()), err
}

type vaultUnlockCommand struct{}

func (c *vaultUnlockCommand) Run(sh *shell) error {
	remote, err := sh.connect()
	if err != nil {
		return err
	}
	line := &vaultLine{sh: sh, remote: remote}
	now, err := line.state()
	if err != nil {
		return err
	}
	if !now.Locked {
		return sh.showVault(now)
	}
	passphrase, err := line.current()
	if err != nil {
		return err
	}
	then, err := askVault[VaultState](line, "Unlock", UnlockVault{Passphrase: passphrase})
	if err != nil {
		return err
	}
	return sh.show(then, func(w io.Writer) { fmt.Fprintln(w, "The vault is unlocked.") })
}

type vaultLockCommand struct{}

func (c *vaultLockCommand) Run(sh *shell) error {
	v, err := ask[VaultState](sh, "Secrets/Lock", Empty{})
	if err != nil {
		return err
	}
	return sh.show(v, func(w io.Writer) {
		fmt.Fprintln(w, "The vault is locked. What is connected goes on; nothing can be read or changed until `hoox vault unlock`.")
	})
}

type vaultSealCommand struct {
	Kind string `arg:"" enum:"keychain,passphrase,file" help:"keychain, passphrase or file."`
}

func (c *vaultSealCommand) Run(sh *shell) error {
	line, err := sh.vaultLine(toMove)
	if err != nil {
		return err
	}
	request := SealVault{Kind: c.Kind}
	if request.Current, err = line.current(); err != nil {
		return err
	}
	if c.Kind == string(vault.ByPassphrase) {
		passphrase, err := sh.hiddenTwice("New passphrase of the vault")
		if err != nil {
			return err
		}
		request.Passphrase = Hidden(passphrase.Reveal())
	}
	v, err := askVault[VaultState](line, "Seal", request)
	if err != nil {
		return err
	}
	return sh.showVault(v)
}

type vaultRotateCommand struct{}

func (c *vaultRotateCommand) Run(sh *shell) error {
	line, err := sh.vaultLine(toMove)
	if err != nil {
		return err
	}
	current, err := line.current()
	if err != nil {
		return err
	}
	v, err := askVault[VaultState](line, "Rotate", RotateVault{Current: current})
	if err != nil {
		return err
	}
	return sh.show(v, func(w io.Writer) { fmt.Fprintln(w, "The keys are new; every secret is sealed anew.") })
}

type vaultExportCommand struct {
	File string `arg:"" help:"The file to write; there must be none of that name."`
}

// exportDone is the machine output of `hoox vault export`.
type exportDone struct {
	File  string `json:"file"`
	Count int    `json:"count"`
}

func (c *vaultExportCommand) Run(sh *shell) error {
	if _, err := os.Lstat(c.File); !errors.Is(err, fs.ErrNotExist) {
		return ended(exitUsage, "%s is there already: name a file that is not", c.File)
	}
	line, err := sh.vaultLine(toMove)
	if err != nil {
		return err
	}
	current, err := line.current()
	if err != nil {
		return err
	}
	passphrase, err := sh.hiddenTwice("New passphrase for the file")
	if err != nil {
		return err
	}
	out, err := askVault[ExportedSecrets](line, "Export", ExportSecrets{Passphrase: Hidden(passphrase.Reveal()), Current: current})
	if err != nil {
		return err
	}
	err = writeNew(c.File, func(w io.Writer) error {
		_, err := io.WriteString(w, out.Text)
		return err
	})
	if err != nil {
		return err
	}
	return sh.show(exportDone{c.File, out.Count}, func(w io.Writer) {
		fmt.Fprintf(w, "%d secrets are in %s, encrypted. Without its passphrase nobody can open it, you neither.\n", out.Count, c.File)
	})
}

type vaultImportCommand struct {
	File    string `arg:"" help:"An encrypted file, as hoox vault export wrote it."`
	Replace bool   `help:"Also replace secrets that are set to something else."`
	Yes     bool   `help:"Do not ask."`
}

func (c *vaultImportCommand) Run(sh *shell) error {
	text, err := readExport(c.File)
	if err != nil {
		return err
	}
	line, err := sh.vaultLine(toMove)
	if err != nil {
		return err
	}
	passphrase, err := sh.hidden("Passphrase of the file")
	if err != nil {
		return err
	}
	request := ImportSecrets{Text: text, Passphrase: Hidden(passphrase.Reveal()), Merge: string(vault.MergeLook)}
	would, err := askVault[ImportReport](line, "Import", request)
	if err != nil {
		return err
	}
	if !sh.json {
		printImport(sh.stdout, would, c.Replace)
	}
	if !changes(would, c.Replace) {
		return sh.show(would, func(w io.Writer) { fmt.Fprintln(w, "Nothing changes.") })
	}
	request.Merge = string(vault.MergeAdd)
	if c.Replace {
		request.Merge = string(vault.MergeReplace)
	}
	if !c.Yes {
		if err := sh.typed("This changes the vault.", "IMPORT", "--yes"); err != nil {
			return err
		}
	}
	did, err := askVault[ImportReport](line, "Import", request)
	if err != nil {
		return err
	}
	return sh.show(did, func(w io.Writer) { fmt.Fprintf(w, "%d secrets were stored.\n", did.Changed) })
}

// changes tells whether an import would store anything.
func changes(r ImportReport, replace bool) bool {
	return slices.ContainsFunc(r.Items, func(s ImportedSecret) bool {
		return s.What == vault.ImportNew || replace && s.What == vault.ImportDiffers
	})
}

func readExport(file string) (string, error) {
	f, err := disk.OpenPlain(file)
	if err != nil {
		return "", ended(exitUsage, "%v", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, vault.LargestExport+1))
	if err != nil {
		return "", ended(exitFailed, "read %s: %v", file, err)
	}
	if len(text) > vault.LargestExport {
		return "", &exit{exitUsage, Fault{Kind: string(trading.Invalid), Message: file + " is too large for an export of secrets"}}
	}
	return string(text), nil
}

func printImport(w io.Writer, r ImportReport, replace bool) {
	t := columns("secret", "what happens")
	for _, s := range r.Items {
		words := "is the same already"
		switch s.What {
		case vault.ImportNew:
			words = "is added"
		case vault.ImportDiffers:
			words = either(replace, "is REPLACED", "stays as it is here; --replace takes the file's")
		case vault.ImportKept:
			words = "stays as it is here: every order id so far came from it"
		}
		t.add(s.Name, words)
	}
	t.print(w)
}
