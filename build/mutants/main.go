// Command mutants deletes guards, one at a time, and expects a named test to fail without each.
//
// A guard is a line that stands between an alert and an order that is doubled, lost, late or forbidden. A test that passes
// whether or not the guard is there proves nothing about it, so every mutant here is one guard taken away, and the test that
// must fail then. The tree is never edited: the compiler is told to read another text in a file's place.
//
// It owns the list of guards, how a mutant is compiled and run, and the table of it in the description of backend/node. It is
// part of no program.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

const usage = `Deletes guards, one at a time, and expects the named test of each to fail.

    go run ./build/mutants [flags]

Every named test runs once on the code as it is and must pass. Then each mutant is compiled (the tree is not edited) and its
test must fail by what it checks. Anything else is told apart and ends with exit code 1: the test passed (survived), it
panicked or took too long, there is no such test, the mutant does not compile, or its text is not in its file exactly once.

Flags:
`

// options are the flags.
type options struct {
	list, section, verbose bool
	only, log, root        string
	hands                  int
	timeout                time.Duration
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout)
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	default:
		fmt.Fprintln(os.Stderr, "mutants:", err)
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	var o options
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	flags.SetOutput(out)
	flags.Usage = func() {
		fmt.Fprint(out, usage)
		flags.PrintDefaults()
	}
	flags.BoolVar(&o.list, "list", false, "name every guard with its test and run nothing")
	flags.StringVar(&o.only, "only", "", "only the guards with `NAME` in their names")
	flags.BoolVar(&o.verbose, "v", false, "show what the tests of the mutants said")
	flags.StringVar(&o.log, "log", "", "add one line about the run, with tabs between its fields, to `FILE`")
	flags.IntVar(&o.hands, "hands", 1, "how many mutants are compiled and run at a time")
	flags.DurationVar(&o.timeout, "timeout", 2*time.Minute, "how long one test may take")
	flags.BoolVar(&o.section, "doc", false, "write the table in the description of backend/node anew and run nothing")
	flags.StringVar(&o.root, "root", ".", "`FOLDER` of the repository")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 || o.hands < 1 || o.timeout <= 0 {
		return fmt.Errorf("want flags only, at least one hand and some time; had %q: see --help", args)
	}
	chosen := named(guards(), o.only)
	switch {
	case len(chosen) == 0:
		return fmt.Errorf("no guard has %q in its name: see -list", o.only)
	case o.list:
		return list(out, chosen)
	case o.section:
		return writeSection(o.root, guards())
	}
	return proveAll(ctx, o, chosen, out)
}

// named are the mutants with a text in their names, in any case.
func named(all []mutant, text string) []mutant {
	var chosen []mutant
	for _, m := range all {
		if strings.Contains(strings.ToLower(m.Guard), strings.ToLower(text)) {
			chosen = append(chosen, m)
		}
	}
	return chosen
}

func list(out io.Writer, all []mutant) error {
	for _, m := range all {
		if _, err := fmt.Fprintf(out, "%s\n    %s: %s\n", m.Guard, m.File, m.named()); err != nil {
			return err
		}
	}
	return nil
}
