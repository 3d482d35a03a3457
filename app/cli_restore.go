package app

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"hoox/backend/node"
	"hoox/backend/trading"
)

type restoreCommand struct {
	File string `arg:"" help:"The copy, as hoox backup or the clock made it."`
	Yes  bool   `help:"Do not ask."`
}

// restoreAnswer is the machine output of `hoox restore`.
type restoreAnswer struct {
	File string `json:"file"`
	// Of is the moment of the newest entry in the copy, Kept the folder with the files from before.
	Of   string `json:"of"`
	Kept string `json:"kept"`
}

func (c *restoreCommand) Run(sh *shell) error {
	config, err := sh.config()
	if err != nil {
		return err
	}
	if held(config.DataDir) {
		return &exit{exitLocked, Fault{Kind: string(trading.Conflict), Message: "hoox is running on " + config.DataDir + ": stop it first"}}
	}
	if !c.Yes {
		if err := c.confirm(sh, config.DataDir); err != nil {
			return err
		}
	}
	file, err := filepath.Abs(c.File)
	if err != nil {
		return ended(exitUsage, "%v", err)
	}
	if _, err := os.Stat(file); err != nil {
		return ended(exitUsage, "there is no copy to restore: %v", err)
	}
	done, err := node.Restore(sh.ctx, config, file, sh.now, slog.New(slog.DiscardHandler))
	switch trading.KindOf(err) {
	case "":
	case trading.Conflict:
		return &exit{exitLocked, faultOf(err, "")}
	case trading.Invalid:
		return &exit{exitDamaged, faultOf(err, "")}
	default:
		return err
	}
	answer := restoreAnswer{File: file, Of: when(done.From), Kept: done.Kept}
	return sh.show(answer, func(w io.Writer) {
		fmt.Fprintf(w, "restored %s, of %s UTC\n", file, done.From.UTC().Format("2006-01-02 15:04:05"))
		if done.Kept != "" {
			fmt.Fprintf(w, "the ledger from before is in %s\n", done.Kept)
		}
		fmt.Fprintln(w, "The next start is HALTED. Look at Positions and Drift, then resume. For 7 days every order is asked about before it is sent.")
	})
}

// confirm asks a person; a script has to say --yes.
func (c *restoreCommand) confirm(sh *shell, dir string) error {
	if !isTerminal(sh.stdin) {
		return ended(exitUsage, "restore replaces the ledger: add --yes to do it without being asked")
	}
	fmt.Fprintf(sh.stderr, "This puts %s in the place of the ledger in %s; the one there is kept as a copy.\nWhat came after the backup is not in it. Type RESTORE to do it: ", c.File, dir)
	line, err := bufio.NewReader(sh.stdin).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != "RESTORE" {
		return ended(exitFailed, "nothing was changed")
	}
	return nil
}
