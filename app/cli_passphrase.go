package app

import (
	"fmt"
	"os"

	"golang.org/x/term"

	"hoox/backend/node"
	"hoox/backend/vault"
)

// hidden is a secret that a person types unseen, or a line of stdin.
func (sh *shell) hidden(what string) (vault.Secret, error) {
	if f, ok := sh.stdin.(*os.File); ok && isTerminal(f) {
		return sh.typedUnseen(f, what)
	}
	text, err := sh.line()
	return vault.NewSecret(text), err
}

// secretValue is a secret that a person types unseen, or all of stdin: a private key has several lines.
func (sh *shell) secretValue(what string) (vault.Secret, error) {
	if f, ok := sh.stdin.(*os.File); ok && isTerminal(f) {
		return sh.typedUnseen(f, what)
	}
	text, err := sh.rest()
	return vault.NewSecret(text), err
}

// hiddenTwice is a new passphrase; a person types it twice, because nobody can read it back.
func (sh *shell) hiddenTwice(what string) (vault.Secret, error) {
	first, err := sh.hidden(what)
	if err != nil || !isTerminal(sh.stdin) {
		return first, err
	}
	second, err := sh.hidden("The same again")
	if err != nil {
		return vault.Secret{}, err
	}
	if !first.Empty() && !first.Equal(second) {
		return vault.Secret{}, ended(exitFailed, "the two are not the same: nothing was changed")
	}
	return first, nil
}

// typedUnseen reads from a terminal without showing what is typed, and leaves the terminal as it was, also after Ctrl-C.
func (sh *shell) typedUnseen(f *os.File, what string) (vault.Secret, error) {
	before, err := term.GetState(int(f.Fd()))
	if err != nil {
		return vault.Secret{}, ended(exitFailed, "read the terminal: %v", err)
	}
	fmt.Fprintf(sh.stderr, "%s: ", what)
	type answer struct {
		text []byte
		err  error
	}
	heard := make(chan answer, 1)
	// A read from a terminal cannot be interrupted; after Ctrl-C the process ends with it.
	go func() {
		text, err := term.ReadPassword(int(f.Fd()))
		heard <- answer{text, err}
	}()
	select {
	case a := <-heard:
		fmt.Fprintln(sh.stderr)
		if a.err != nil {
			return vault.Secret{}, ended(exitFailed, "read the terminal: %v", a.err)
		}
		defer clear(a.text)
		return vault.NewSecret(string(a.text)), nil
	case <-sh.ctx.Done():
		_ = term.Restore(int(f.Fd()), before) // the command ends either way
		fmt.Fprintln(sh.stderr)
		return vault.Secret{}, ended(exitFailed, "stopped: nothing was changed")
	}
}

// handOver gives a start or a command the passphrase of the vault it will open: that of the environment, else one that a
// person types, where ask allows to.
func (sh *shell) handOver(c *node.Config, ask bool) error {
	given, err := sh.handover.Passphrase()
	if err != nil {
		return err
	}
	c.Passphrase = given
	kind := vault.KindOf(c.DataDir)
	fresh := kind == "" && c.FirstSeal() == vault.ByPassphrase
	if !given.Empty() || kind != vault.ByPassphrase && !fresh {
		return nil
	}
	if !ask {
		return ended(exitUsage, "the vault of %s is sealed by a passphrase and nobody is here to type it: set %s, or %s to a file that only you can read",
			c.DataDir, vault.PassphraseVariable, vault.PassphraseFileVariable)
	}
	if fresh {
		c.Passphrase, err = sh.hiddenTwice("New passphrase of the vault")
		return err
	}
	c.Passphrase, err = sh.hidden("Passphrase of the vault")
	return err
}
