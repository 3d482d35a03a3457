package app

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"hoox/backend/trading"
)

type driftCommand struct {
	List driftListCommand `cmd:"" default:"1" help:"List where ledger and exchanges do not agree (also what plain hoox drift does)."`
	Fix  driftFixCommand  `cmd:"" help:"Settle one difference."`
}

type driftListCommand struct{}

func (c *driftListCommand) Run(sh *shell) error {
	list, err := ask[DriftList](sh, "Drift/List", Empty{})
	if err != nil {
		return err
	}
	return sh.show(list, func(w io.Writer) {
		t := columns("account", "what", "symbol", "ledger", "exchange", "since (utc)", "fixes", "id")
		for _, d := range list.Items {
			t.add(d.Account, d.Kind+either(d.Ignored, " (ignored)", ""), d.Symbol, d.Ours, d.Theirs, local(d.FirstSeen), strings.Join(fixes(d), " "), d.ID)
		}
		printList(w, t, "ledger and exchanges agree")
		for _, d := range list.Items {
			fmt.Fprintf(w, "%s: %s\n", d.ID, plainLine(d.Meaning))
		}
		for _, a := range list.Accounts {
			fmt.Fprintf(w, "%s compared %s%s\n", a.Account, orWord(local(a.ComparedAt), "never"), either(a.Problem == "", "", ": "+plainLine(a.Problem)))
		}
	})
}

func fixes(d DriftRow) []string { return each(d.Fixes, func(f DriftFix) string { return f.What }) }

type driftFixCommand struct {
	ID  string `arg:"" name:"id" help:"The difference; hoox drift shows it."`
	Fix string `arg:"" enum:"adopt,ignore,ask_again,cancel" help:"adopt: the ledger takes what the exchange has; ignore: leave it until it changes; ask_again: compare now; cancel: cancel that order at the exchange."`
	Yes bool   `help:"Do not ask."`
}

func (c *driftFixCommand) Run(sh *shell) error {
	list, err := ask[DriftList](sh, "Drift/List", Empty{})
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list.Items, func(d DriftRow) bool { return d.ID == c.ID })
	if i < 0 {
		return &exit{exitFailed, Fault{Kind: string(trading.NotFound), Message: "there is no difference " + c.ID + " now: `hoox drift` shows them all", Field: "id"}}
	}
	d := list.Items[i]
	n := slices.Index(fixes(d), c.Fix)
	if n < 0 {
		return ended(exitRefused, "%s does not fit a %s: want %s", c.Fix, d.Kind, strings.Join(fixes(d), ", "))
	}
	if !c.Yes && c.Fix != string(trading.FixAskAgain) {
		what := fmt.Sprintf("%s %s: the ledger says %s, the exchange %s.\n%s", d.Account, d.Symbol, d.Ours, d.Theirs, d.Fixes[n].Help)
		if err := sh.typed(what, c.Fix, "--yes"); err != nil {
			return err
		}
	}
	return sh.receipt("Drift/Fix", FixDrift{ID: c.ID, What: c.Fix}, "done; the account is compared again now, `hoox drift` shows the outcome")
}
