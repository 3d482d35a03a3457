package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"hoox/backend/node"
	"hoox/backend/trading"
	"hoox/backend/vault"
)

// commands is the command line. The words of the help are the documentation of each command.
type commands struct {
	DataDir  string `help:"Data folder; default $$HOOX_DATA_DIR, else the platform's." placeholder:"DIR"`
	Config   string `help:"Configuration file; default config.toml in the config folder, with --data-dir inside it." placeholder:"FILE"`
	LogLevel string `help:"How much is logged: debug, info, warn or error." placeholder:"LEVEL"`
	JSON     bool   `help:"Machine output." name:"json"`

	Window windowCommand `cmd:"" default:"1" help:"Open the window (also what plain hoox does)."`
	Serve  serveCommand  `cmd:"" help:"Run without a window: gateway, engine, and the same pages in a browser."`
	Demo   demoCommand   `cmd:"" help:"Send an alert through the whole program on a throw-away paper account."`

	Setup setupCommand `cmd:"" help:"The first steps, from the start to the first live alert: status, terms, accept, later, finish."`

	Send    sendCommand    `cmd:"" help:"Post a signal to the running gateway exactly as TradingView would."`
	Kill    killCommand    `cmd:"" help:"Halt, pause or resume trading, or show the state."`
	Flatten flattenCommand `cmd:"" help:"Cancel every resting order and close every position."`

	Status    statusCommand    `cmd:"" help:"Show how every part is."`
	Doctor    doctorCommand    `cmd:"" help:"Look for known faults and say how to mend each; works without a running instance."`
	Signals   signalsCommand   `cmd:"" help:"List signals, newest first."`
	Orders    ordersCommand    `cmd:"" help:"List orders, newest first."`
	Fills     fillsCommand     `cmd:"" help:"List fills, newest first."`
	Positions positionsCommand `cmd:"" help:"List open positions."`
	Trace     traceCommand     `cmd:"" help:"Tell the story of one signal."`

	Accounts   accountsCommand   `cmd:"" help:"Accounts at the exchanges: list, test, add, switch, canary."`
	Drift      driftCommand      `cmd:"" help:"Where ledger and exchanges do not agree, and what to do about it."`
	Strategies strategiesCommand `cmd:"" help:"What happens to the alerts of a strategy: list, show, save, delete, preview."`

	Alerts alertsCommand `cmd:"" help:"Alerts of TradingView: which of them never came in."`

	Keys keysCommand `cmd:"" help:"Webhook keys with a scope each: list, create, update, rotate, revoke."`

	Telegram telegramCommand `cmd:"" help:"The bot and who may talk to it: status, pair, role, remove, test, log."`
	Tunnel   tunnelCommand   `cmd:"" help:"How the internet reaches the gateway: status, confirm, trust, forget, retry."`

	Settings configCommand   `cmd:"" name:"config" help:"List, read or change settings."`
	Secret   secretCommand   `cmd:"" help:"List, set or delete secrets in the vault."`
	Vault    vaultCommand    `cmd:"" help:"How secrets are sealed: lock, unlock, seal, rotate, export, import."`
	Backup   backupCommand   `cmd:"" help:"Write a checked copy of the ledger."`
	Restore  restoreCommand  `cmd:"" help:"Put a copy in the place of the ledger; the next start is halted."`
	Verify   verifyCommand   `cmd:"" help:"Check the ledger and its journal against themselves."`
	Audit    auditCommand    `cmd:"" help:"Who did what, from where, and what came of it: list, export."`
	Alarms   alarmsCommand   `cmd:"" help:"What must not be missed: list, acknowledge, test."`
	Token    tokenCommand    `cmd:"" help:"Keys of the control interface that may do less: list, create, revoke; and rotate the one that may do everything."`
	Sessions sessionsCommand `cmd:"" help:"Browsers that are signed in: list, revoke."`
	Browser  browserCommand  `cmd:"" help:"Print an address that signs a browser in to the running instance, once."`
	Support  supportCommand  `cmd:"" help:"Write a support bundle: versions, health, configuration and log without secrets; look into it before you give it away."`
	Version  versionCommand  `cmd:"" help:"Show version, commit and SQLite version."`
}

// shell is what a command works with.
type shell struct {
	ctx    context.Context
	ui     fs.FS
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	env    func(string) string
	now    func() time.Time
	flags  node.Flags
	json   bool
	// handover is the passphrase that the environment gave, keychain the system's; both are nothing in tests.
	handover vault.Handover
	keychain vault.Keychain
	// lines reads stdin line by line.
	lines *bufio.Reader
}

// sameSignal is how long after a signal another one is taken for the same.
const sameSignal = time.Second

// Main runs one command line and returns the exit code of the program. ui is the built front end.
func Main(args []string, ui fs.FS) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	// After the first signal the next one ends the program at once, unless it is the first one again: a terminal and a
	// script, or timeout, send the same Ctrl-C twice.
	context.AfterFunc(ctx, func() { time.AfterFunc(sameSignal, stop) })
	handover, err := vault.TakeHandover(os.LookupEnv, os.Unsetenv)
	if err := errors.Join(err, noCoreDumps()); err != nil {
		fmt.Fprintf(os.Stderr, "hoox: %v\n", err)
		return exitFailed
	}
	return run(args, shell{
		ctx: ctx, ui: ui, stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr, env: os.Getenv, now: time.Now,
		handover: handover, keychain: vault.SystemKeychain(os.Getenv),
	})
}

// asked is thrown by the parser when it has answered itself (--help).
type asked struct{ code int }

func run(args []string, sh shell) (code int) {
	var line commands
	defer func() {
		if p := recover(); p != nil {
			done, ok := p.(asked)
			if !ok {
				panic(p)
			}
			code = done.code
		}
	}()
	parser, err := kong.New(&line, kong.Name("hoox"), kong.Description("Local-first trading: TradingView alert to gateway to exchange to ledger, on your own machine."),
		kong.Writers(sh.stdout, sh.stderr), kong.Exit(func(code int) { panic(asked{code}) }), kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		panic(err) // the tags are constants
	}
	chosen, err := parser.Parse(args)
	if err != nil {
		// What was read before the fault may not say yet that a machine asks.
		sh.json = line.JSON || slices.Contains(args, "--json")
		return sh.report(misused(err))
	}
	sh.json = line.JSON
	sh.flags = node.Flags{DataDir: line.DataDir, ConfigFile: line.Config, LogLevel: line.LogLevel}
	return sh.report(chosen.Run(&sh))
}

// misused says what is wrong with a command line, and where its help is.
func misused(err error) error {
	var parsed *kong.ParseError
	if !errors.As(err, &parsed) || parsed.Context == nil || parsed.Context.Selected() == nil {
		if word, ok := strings.CutPrefix(err.Error(), "unexpected argument "); ok {
			return ended(exitUsage, "there is no command %s: run `hoox --help` for the commands", word)
		}
		return ended(exitUsage, "%v: run `hoox --help` for the commands", err)
	}
	return ended(exitUsage, "%v: run `hoox %s --help` for what it takes", err, parsed.Context.Selected().Path())
}

// report tells the end of a command and returns its exit code. Data is on stdout, so words go to stderr.
func (sh *shell) report(err error) int {
	if err == nil {
		return exitOK
	}
	var end *exit
	if !errors.As(err, &end) {
		fault := faultOf(err, "")
		if trading.KindOf(err) == trading.Internal {
			// At the terminal the cause is of more use than a reference into a log.
			fault.Message = err.Error()
		}
		end = &exit{exitOf(fault.Kind), fault}
	}
	if sh.json {
		_ = json.NewEncoder(sh.stderr).Encode(end.fault)
		return end.code
	}
	fmt.Fprintf(sh.stderr, "hoox: %s\n", end.fault.Message)
	if end.fault.Ref != "" {
		fmt.Fprintf(sh.stderr, "The log has more under %s.\n", end.fault.Ref)
	}
	return end.code
}

// print writes machine output.
func (sh *shell) print(v any) error {
	e := json.NewEncoder(sh.stdout)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// show writes an answer: as JSON when asked, else with words.
func (sh *shell) show(v any, words func(w io.Writer)) error {
	if sh.json {
		return sh.print(v)
	}
	words(sh.stdout)
	return nil
}

// config reads the configuration; a wrong one ends the command with its place.
func (sh *shell) config() (node.Config, error) {
	c, err := node.Load(sh.flags, sh.env)
	if err != nil {
		return c, &exit{exitUsage, faultOf(err, "")}
	}
	c.Keychain = sh.keychain
	return c, nil
}

// connect finds the running instance.
func (sh *shell) connect() (*client, error) {
	c, err := sh.config()
	if err != nil {
		return nil, err
	}
	return connect(c.DataDir)
}

// ask calls one method of the running instance.
func ask[A any](sh *shell, method string, request any) (A, error) {
	var answer A
	c, err := sh.connect()
	if err != nil {
		return answer, err
	}
	return answer, c.call(sh.ctx, method, request, &answer)
}
