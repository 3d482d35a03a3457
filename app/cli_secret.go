package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"

	"hoox/backend/node"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

type secretCommand struct {
	List   secretListCommand   `cmd:"" help:"List the names of the secrets that are set; never a value."`
	Set    secretSetCommand    `cmd:"" help:"Set a secret; its value is typed unseen, or read from stdin."`
	Delete secretDeleteCommand `cmd:"" help:"Forget a secret."`
}

// vaultLine leads to the vault: through the running instance, so that it needs no passphrase and keeps the vault in step, else
// to the files themselves.
type vaultLine struct {
	sh     *shell
	remote *client
	local  map[string]route
	// typed is the passphrase that opened the files, empty for none.
	typed vault.Secret
}

// vaultNeed is what a command wants of a vault that no instance has open.
type vaultNeed int

const (
	// toLook is content with one that is locked.
	toLook vaultNeed = iota
	// toChange wants it open; its passphrase comes from the environment or a terminal, because stdin holds something else.
	toChange
	// toMove wants it open, by a passphrase from wherever.
	toMove
)

// vaultLine finds the way.
func (sh *shell) vaultLine(need vaultNeed) (*vaultLine, error) {
	c, err := sh.config()
	if err != nil {
		return nil, err
	}
	remote, err := connect(c.DataDir)
	var end *exit
	if err == nil {
		return &vaultLine{sh: sh, remote: remote}, nil
	}
	if !errors.As(err, &end) || end.code != exitNotRunning {
		return nil, err
	}
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return nil, ended(exitFailed, "make the data folder: %v", err)
	}
	if !ownFolder(c.DataDir) {
		return nil, ended(exitUsage, "the data folder %s is a link or writable by everybody: use a folder of your own (chmod 700)", c.DataDir)
	}
	if need != toLook {
		if err := sh.handOver(&c, need == toMove || isTerminal(sh.stdin)); err != nil {
			return nil, err
		}
	}
	v, err := sh.openVault(c, need)
	if err != nil {
		return nil, err
	}
	h := &house{
		base: sh.ctx, log: slog.New(slog.DiscardHandler), now: sh.now, vault: v,
		auditor: notebook{sh: sh, dir: c.DataDir}, clean: new(redactor).clean,
		unlocked:      func(context.Context) error { return nil },
		secretChanged: func(string) error { return nil },
		mayForget:     func(ctx context.Context, name string) error { return sh.mayForget(ctx, c.DataDir, name) },
	}
	return &vaultLine{sh: sh, local: tableOf(newServices(h, cliActor())), typed: c.Passphrase}, nil
}

// mayForget tells why a secret must stay where no instance answers for it: without its keys an account that holds something
// could not be closed by anybody.
func (sh *shell) mayForget(ctx context.Context, dir, name string) error {
	if held(dir) {
		return trading.Errorf(trading.Unavailable, "hoox is starting or stopping on %s: try again", dir)
	}
	if _, err := os.Stat(ledgerPath(dir)); errors.Is(err, os.ErrNotExist) {
		return nil // nothing was ever traded
	}
	db, _, done, err := sh.ledger()
	if err != nil {
		return err
	}
	defer done()
	open, err := whatStays(ctx, db)
	if err != nil {
		return err
	}
	for _, o := range open {
		id := trading.AccountID(o.Account)
		key, secret := node.KeyNames(id)
		if id.Mode() != trading.ModePaper && (name == key || name == secret) {
			return trading.Errorf(trading.Refused, "account %s still holds positions or orders: start hoox and close them first, or nobody could", id)
		}
	}
	return nil
}

// openVault opens the files of a vault.
func (sh *shell) openVault(c node.Config, need vaultNeed) (*vault.Vault, error) {
	v, err := vault.Open(vault.Options{Dir: c.DataDir, Env: sh.env, Now: sh.now, First: c.FirstSeal(), Passphrase: c.Passphrase, Keychain: c.Keychain})
	if trading.KindOf(err) == trading.Internal {
		return nil, &exit{exitDamaged, faultOf(err, "")}
	}
	if err == nil && need != toLook {
		err = v.Locked()
	}
	return v, err
}

// askVault calls one method of Secrets.
func askVault[A any](l *vaultLine, method string, request any) (A, error) {
	var answer A
	if l.remote != nil {
		return answer, l.remote.call(l.sh.ctx, "Secrets/"+method, request, &answer)
	}
	body, err := json.Marshal(request)
	if err != nil {
		return answer, fmt.Errorf("write request: %w", err)
	}
	got, err := l.local["Secrets/"+method].invoke(body)
	if err != nil {
		return answer, err
	}
	return got.(A), nil
}

// secretList is the machine output of `hoox secret list`.
type secretList struct {
	Items []SecretRow `json:"items"`
	Seal  string      `json:"seal"`
	Vault VaultState  `json:"vault"`
}

type secretListCommand struct{}

func (c *secretListCommand) Run(sh *shell) error {
	line, err := sh.vaultLine(toLook)
	if err != nil {
		return err
	}
	list, err := askVault[SecretList](line, "List", Empty{})
	if err != nil {
		return err
	}
	set := slices.DeleteFunc(list.Items, func(r SecretRow) bool { return !r.Set })
	return sh.show(secretList{set, list.Vault.Detail, list.Vault}, func(w io.Writer) {
		t := columns("name", "from", "ends in", "what it is")
		for _, r := range set {
			t.add(r.Name, r.Source, orWord(r.Hint, blank), orWord(r.Help, blank))
		}
		t.print(w)
		printVault(w, list.Vault)
	})
}

func printVault(w io.Writer, v VaultState) {
	fmt.Fprintf(w, "The vault is %s.\n", v.Detail)
	if v.Fix != "" {
		fmt.Fprintf(w, "%s: %s.\n", either(v.Locked, "To do", "Better"), v.Fix)
	}
}

type secretSetCommand struct {
	Name string `arg:"" help:"Its name, such as BYBIT_API_KEY."`
}

// secretDone is the machine output of a changed secret.
type secretDone struct {
	Name string `json:"name"`
	// Restart tells that a running instance keeps the old value until it is restarted.
	Restart bool `json:"restart"`
	// TakesEffect says in words when a running instance goes by it.
	TakesEffect string `json:"takesEffect"`
}

func (c *secretSetCommand) Run(sh *shell) error {
	if err := vault.CheckName(c.Name); err != nil {
		return err
	}
	known := knownAs(c.Name)
	if known.lines && isTerminal(sh.stdin) {
		return ended(exitUsage, "%s has several lines, which cannot be typed unseen: pipe it in, as in `hoox secret set %s < FILE`", c.Name, c.Name)
	}
	line, err := sh.vaultLine(toChange)
	if err != nil {
		return err
	}
	value, err := sh.secretValue("Value of " + c.Name + " (it is not shown)")
	if err != nil {
		return err
	}
	given := Hidden(value.Reveal())
	receipt, err := askVault[Receipt](line, "Set", SetSecret{Name: c.Name, Value: given})
	if err != nil {
		return err
	}
	if c.Name == vault.WebhookKey && guessable(given) && !sh.json {
		fmt.Fprintf(sh.stderr, "A %s this short can be guessed by whoever finds the address; use 32 random characters or more.\n", c.Name)
	}
	if known.effect == unused && !sh.json {
		fmt.Fprintf(sh.stderr, "Nothing in this version uses a secret named %s: look at its spelling.\n", c.Name)
	}
	return line.changed(known, receipt)
}

type secretDeleteCommand struct {
	Name string `arg:"" help:"Its name."`
}

func (c *secretDeleteCommand) Run(sh *shell) error {
	line, err := sh.vaultLine(toChange)
	if err != nil {
		return err
	}
	receipt, err := askVault[Receipt](line, "Delete", SecretName{Name: c.Name})
	if err != nil {
		return err
	}
	return line.changed(knownAs(c.Name), receipt)
}

// changed tells what was done, and when a running instance goes by it unless that is at once.
func (l *vaultLine) changed(k knownSecret, receipt Receipt) error {
	done := secretDone{k.name, l.remote != nil && k.effect == atStart, string(k.effect)}
	return l.sh.show(done, func(w io.Writer) {
		fmt.Fprint(w, receipt.Reason)
		if l.remote != nil && (k.effect == atStart || k.effect == atTunnelStart) {
			fmt.Fprint(w, "; the running instance goes by it "+string(k.effect))
		}
		fmt.Fprintln(w)
	})
}

// longestInput bounds what is read of stdin. It is more than a secret may have, so that the vault refuses what is cut here.
const longestInput = 64 << 10

// input is stdin, from where it was last left.
func (sh *shell) input() *bufio.Reader {
	if sh.lines == nil {
		sh.lines = bufio.NewReader(io.LimitReader(sh.stdin, longestInput))
	}
	return sh.lines
}

// line reads one line of stdin, of which several may be read.
func (sh *shell) line() (string, error) {
	text, err := sh.input().ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return "", ended(exitFailed, "read stdin: %v", err)
	}
	return strings.TrimRight(text, "\r\n"), nil
}

// rest reads all that is left of stdin, without the line break at its end.
func (sh *shell) rest() (string, error) {
	text, err := io.ReadAll(sh.input())
	if err != nil {
		return "", ended(exitFailed, "read stdin: %v", err)
	}
	return strings.TrimSuffix(strings.TrimSuffix(string(text), "\n"), "\r"), nil
}
