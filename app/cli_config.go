package app

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"hoox/backend/audit"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

type configCommand struct {
	List configListCommand `cmd:"" help:"List every setting."`
	Get  configGetCommand  `cmd:"" help:"Show one setting with its meaning."`
	Set  configSetCommand  `cmd:"" help:"Change one setting."`
}

type configListCommand struct{}

func (c *configListCommand) Run(sh *shell) error {
	list, err := ask[SettingList](sh, "Settings/List", Empty{})
	if err != nil {
		return err
	}
	return sh.show(list, func(w io.Writer) {
		t := columns("key", "value", "default", "allowed", "changed (utc)", "by")
		for _, s := range list.Items {
			t.add(s.Key, s.Value, s.Default, s.Bounds, local(s.UpdatedAt), s.Actor)
		}
		t.print(w)
	})
}

type configGetCommand struct {
	Key string `arg:"" help:"The setting."`
}

func (c *configGetCommand) Run(sh *shell) error {
	list, err := ask[SettingList](sh, "Settings/List", Empty{})
	if err != nil {
		return err
	}
	for _, s := range list.Items {
		if s.Key == c.Key {
			return sh.show(s, func(w io.Writer) { fmt.Fprintln(w, s.Value) })
		}
	}
	return &exit{exitFailed, Fault{Kind: string(trading.NotFound), Message: "there is no setting " + c.Key + ": `hoox config list` shows them all", Field: "key"}}
}

type configSetCommand struct {
	Key   string `arg:"" help:"The setting."`
	Value string `arg:"" help:"Its new value."`
}

func (c *configSetCommand) Run(sh *shell) error {
	row, err := ask[SettingRow](sh, "Settings/Set", SetSetting{Key: c.Key, Value: c.Value})
	if err != nil {
		return err
	}
	return sh.show(row, func(w io.Writer) { fmt.Fprintf(w, "%s = %s\n", row.Key, row.Value) })
}

type secretCommand struct {
	List   secretListCommand   `cmd:"" help:"List the names of the secrets that are set; never a value."`
	Set    secretSetCommand    `cmd:"" help:"Set a secret; its value is read from stdin."`
	Delete secretDeleteCommand `cmd:"" help:"Forget a secret."`
}

// openVault opens the vault of the data folder. The running instance sees a change at its next read.
func (sh *shell) openVault() (*vault.Vault, string, error) {
	c, err := sh.config()
	if err != nil {
		return nil, "", err
	}
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return nil, "", ended(exitFailed, "make the data folder: %v", err)
	}
	if !ownFolder(c.DataDir) {
		return nil, "", ended(exitUsage, "the data folder %s is a link or writable by everybody: use a folder of your own (chmod 700)", c.DataDir)
	}
	v, err := vault.Open(c.DataDir, sh.env)
	if trading.KindOf(err) == trading.Internal {
		return nil, "", &exit{exitDamaged, faultOf(err, "")}
	}
	return v, c.DataDir, err
}

// secretList is the machine output of `hoox secret list`.
type secretList struct {
	Items []secretName `json:"items"`
	Seal  string       `json:"seal"`
}

type secretName struct {
	Name string `json:"name"`
}

type secretListCommand struct{}

func (c *secretListCommand) Run(sh *shell) error {
	v, _, err := sh.openVault()
	if err != nil {
		return err
	}
	names, err := v.Names()
	if err != nil {
		return err
	}
	list := secretList{Items: each(names, func(name string) secretName { return secretName{name} }), Seal: v.Seal()}
	return sh.show(list, func(w io.Writer) {
		for _, name := range names {
			fmt.Fprintln(w, name)
		}
		fmt.Fprintf(w, "(%s)\n", v.Seal())
	})
}

type secretSetCommand struct {
	Name string `arg:"" help:"Its name, such as BYBIT_API_KEY."`
}

// secretDone is the machine output of a changed secret.
type secretDone struct {
	Name string `json:"name"`
	// Restart tells that a running instance keeps the old value until it is restarted; a webhook key and the keys of
	// exchanges it follows by itself.
	Restart bool `json:"restart"`
}

func (c *secretSetCommand) Run(sh *shell) error {
	if err := vault.CheckName(c.Name); err != nil {
		return err
	}
	if c.Name == vault.InstallKey {
		return ended(exitRefused, "%s is made once and seeds every order id: it cannot be set", c.Name)
	}
	if isTerminal(sh.stdin) {
		fmt.Fprintf(sh.stderr, "Value of %s, then Enter (it is shown while you type; pipe it in to avoid that): ", c.Name)
	}
	value, err := bufio.NewReader(io.LimitReader(sh.stdin, 64<<10)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return ended(exitFailed, "read the value: %v", err)
	}
	v, dir, err := sh.openVault()
	if err != nil {
		return err
	}
	err = v.Set(c.Name, strings.TrimRight(value, "\r\n"))
	sh.noted(dir, audit.SetSecret, c.Name, err)
	if err != nil {
		return err
	}
	if guessable(c.Name, strings.TrimRight(value, "\r\n")) && !sh.json {
		fmt.Fprintf(sh.stderr, "A %s this short can be guessed by whoever finds the address; use 32 random characters or more.\n", c.Name)
	}
	return sh.changedSecret(secretDone{c.Name, held(dir) && !followed(c.Name)}, "is set")
}

// followed tells whether a running instance sees a change of a secret by itself.
func followed(name string) bool {
	return name == vault.WebhookKey || strings.HasPrefix(name, "BYBIT_") || strings.HasPrefix(name, "BINANCE_") || strings.HasPrefix(name, "MEXC_")
}

// guessable tells whether a key that lets others in is too short to keep them out.
func guessable(name, value string) bool {
	return (name == vault.WebhookKey || name == vault.InternalKey) && len(value) < 24
}

type secretDeleteCommand struct {
	Name string `arg:"" help:"Its name."`
}

func (c *secretDeleteCommand) Run(sh *shell) error {
	if c.Name == vault.InstallKey {
		return ended(exitRefused, "%s seeds every order id: without it a repeated alert could trade twice", c.Name)
	}
	v, dir, err := sh.openVault()
	if err != nil {
		return err
	}
	err = v.Delete(c.Name)
	sh.noted(dir, audit.DeleteSecret, c.Name, err)
	if err != nil {
		return err
	}
	return sh.changedSecret(secretDone{c.Name, held(dir) && !followed(c.Name)}, "is deleted")
}

func (sh *shell) changedSecret(done secretDone, words string) error {
	return sh.show(done, func(w io.Writer) {
		fmt.Fprintf(w, "%s %s", done.Name, words)
		if done.Restart {
			fmt.Fprint(w, "; the running instance uses it after a restart")
		}
		fmt.Fprintln(w)
	})
}
