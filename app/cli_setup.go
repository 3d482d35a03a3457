package app

import (
	"fmt"
	"io"
	"strings"
)

type setupCommand struct {
	Status setupStatusCommand `cmd:"" default:"1" help:"The first steps from the start to the first live alert: which are done, and what to do about the others (also what plain hoox setup does)."`
	Terms  setupTermsCommand  `cmd:"" help:"What this program does with money, in plain words, and who accepted it."`
	Accept setupAcceptCommand `cmd:"" help:"Read those words and accept them."`
	Later  setupLaterCommand  `cmd:"" help:"The window shows the first steps no more by itself; Overview leads to them."`
	Finish setupFinishCommand `cmd:"" help:"Nothing reminds of the first steps any more."`
}

type setupStatusCommand struct{}

func (c *setupStatusCommand) Run(sh *shell) error {
	state, err := ask[SetupState](sh, "Setup/Get", Empty{})
	if err != nil {
		return err
	}
	return sh.show(state, func(w io.Writer) {
		for n, s := range state.Steps {
			fmt.Fprintf(w, "%d. %s: %s\n   %s\n", n+1, s.Name, stepState(s), plainLine(s.Detail))
			if s.Fix != "" {
				fmt.Fprintf(w, "   Do: %s\n", plainLine(s.Fix))
			}
		}
		if state.Astray.At != "" {
			fmt.Fprintf(w, "%s UTC: %s. %s\n", local(state.Astray.At), plainLine(state.Astray.Words), plainLine(state.Astray.Fix))
		}
		fmt.Fprintf(w, "%s. Secrets are %s.\n", outcomeWords(state), state.VaultSeal)
		fmt.Fprintln(w, "To stop everything at any time: `hoox kill on`; to close everything: `hoox flatten`.")
	})
}

// stepState is a step in a word.
func stepState(s SetupStep) string {
	switch {
	case s.Done:
		return "done"
	case s.Optional:
		return "open, may stay so"
	}
	return "open"
}

func outcomeWords(s SetupState) string {
	by := " by " + s.OutcomeBy + " at " + local(s.OutcomeAt) + " UTC"
	switch s.Outcome {
	case "done":
		return "Finished" + by
	case "later":
		return "Put off" + by
	}
	return "Not finished"
}

type setupTermsCommand struct{}

func (c *setupTermsCommand) Run(sh *shell) error {
	state, err := ask[SetupState](sh, "Setup/Get", Empty{})
	if err != nil {
		return err
	}
	return sh.show(state.Terms, func(w io.Writer) {
		fmt.Fprintln(w, termsText(state.Terms))
		if state.Terms.Accepted {
			fmt.Fprintf(w, "Version %s was accepted by %s at %s UTC.\n", state.Terms.Version, state.Terms.AcceptedBy, local(state.Terms.AcceptedAt))
		} else {
			fmt.Fprintf(w, "Nobody has accepted version %s yet: `hoox setup accept`.\n", state.Terms.Version)
		}
	})
}

type setupAcceptCommand struct {
	Yes bool `help:"I have read what hoox setup terms shows; do not ask."`
}

func (c *setupAcceptCommand) Run(sh *shell) error {
	state, err := ask[SetupState](sh, "Setup/Get", Empty{})
	if err != nil {
		return err
	}
	if !c.Yes {
		if isTerminal(sh.stdin) {
			fmt.Fprintln(sh.stderr, termsText(state.Terms))
		}
		if err := sh.typed("This says that you have read what `hoox setup terms` shows.", "ACCEPT", "--yes"); err != nil {
			return err
		}
	}
	return sh.setUp("Accept", AcceptTerms{Version: state.Terms.Version}, "version "+state.Terms.Version+" of the words is accepted")
}

// termsText is the words with a line between them.
func termsText(t SetupTerms) string {
	var b strings.Builder
	for _, p := range t.Points {
		b.WriteString(p.Title + ".\n  " + p.Text + "\n\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}

type setupLaterCommand struct{}

func (c *setupLaterCommand) Run(sh *shell) error {
	return sh.setUp("PutOff", Empty{}, "the first steps wait on Overview")
}

type setupFinishCommand struct{}

func (c *setupFinishCommand) Run(sh *shell) error {
	return sh.setUp("Finish", Empty{}, "the first steps are finished")
}

// setUp calls a method of the first steps and says what it did.
func (sh *shell) setUp(method string, request any, words string) error {
	state, err := ask[SetupState](sh, "Setup/"+method, request)
	if err != nil {
		return err
	}
	return sh.show(state, func(w io.Writer) { fmt.Fprintln(w, words) })
}
