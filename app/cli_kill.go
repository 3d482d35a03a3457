package app

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"

	"hoox/backend/risk"
)

type killCommand struct {
	Do     string `arg:"" name:"do" enum:"on,off,pause,status" help:"on halts, pause refuses entries, off resumes, status shows."`
	Reason string `help:"Why; kept with the change."`
}

func (c *killCommand) Run(sh *shell) error {
	if c.Do == "status" {
		state, err := ask[TradingState](sh, "Kill/Get", Empty{})
		if err != nil {
			return err
		}
		return sh.show(state, func(w io.Writer) { printState(w, state) })
	}
	states := map[string]string{"on": "halted", "pause": "reducing", "off": "active"}
	reason := c.Reason
	if reason == "" {
		reason = "hoox kill " + c.Do
	}
	state, err := press(sh, SetKill{State: states[c.Do], Reason: reason})
	if err != nil {
		return err
	}
	return sh.show(state, func(w io.Writer) { printState(w, state) })
}

// pressTries is how often the switch is pressed before a person is told that it does not answer.
const pressTries = 3

// press asks for a halt again when no answer came: halted twice is halted, and a crowd of silent connections can push a
// request out before it is read. It never repeats what loosens: something may have halted between the two.
func press(sh *shell, request SetKill) (TradingState, error) {
	for try := 1; ; try++ {
		state, err := ask[TradingState](sh, "Kill/Set", request)
		var end *exit
		if try == pressTries || request.State != string(risk.Halted) || sh.ctx.Err() != nil || !errors.As(err, &end) || end.code != exitUnknown {
			return state, err
		}
	}
}

func printState(w io.Writer, s TradingState) {
	words := map[string]string{
		"active":   "ACTIVE: entries and closes go",
		"reducing": "REDUCING: entries are refused, closes go",
		"halted":   "HALTED: entries are refused, closes go, resting entries are cancelled",
	}
	fmt.Fprintln(w, words[s.State])
	if s.Reason != "" {
		fmt.Fprintf(w, "since %s UTC by %s: %s\n", local(s.Since), s.Actor, plainLine(s.Reason))
	}
	for _, e := range s.Exchanges {
		fmt.Fprintf(w, "%s: %d of %d cancels proven\n", e.Name, e.Confirmed, e.Cancelled)
	}
}

type flattenCommand struct {
	Exchange string `help:"Only this exchange."`
	Yes      bool   `help:"Do not ask."`
}

func (c *flattenCommand) Run(sh *shell) error {
	if !c.Yes {
		where := orWord(c.Exchange, "every exchange")
		if err := sh.typed("This cancels every resting order and closes every position on "+where+".", "FLATTEN", "--yes"); err != nil {
			return err
		}
	}
	report, err := ask[FlattenReport](sh, "Positions/Flatten", Flatten{Exchange: c.Exchange, Confirm: "FLATTEN", Key: randomText()})
	if err != nil {
		return err
	}
	err = sh.show(report, func(w io.Writer) {
		t := columns("what", "state", "detail")
		for _, step := range report.Items {
			t.add(step.What, step.State, step.Detail)
		}
		printList(w, t, "nothing to do: no resting orders, no positions")
	})
	if err != nil {
		return err
	}
	return flattenEnd(report)
}

// typed asks a person at a terminal to type a phrase; a script has to give the flag instead. Anything else does nothing.
func (sh *shell) typed(what, phrase, flag string) error {
	if !isTerminal(sh.stdin) {
		return ended(exitUsage, "%s Add %s to do it without being asked", what, flag)
	}
	fmt.Fprintf(sh.stderr, "%s\nType %s to do it: ", what, phrase)
	line, err := bufio.NewReader(sh.stdin).ReadString('\n')
	if err != nil || strings.TrimSpace(line) != phrase {
		return ended(exitFailed, "nothing was done")
	}
	return nil
}

// flattenEnd is not well while anything failed, and not known while anything is only asked for.
func flattenEnd(report FlattenReport) error {
	failed, open := 0, 0
	for _, step := range report.Items {
		switch step.State {
		case "failed":
			failed++
		case "asked":
			open++
		}
	}
	switch {
	case failed > 0:
		return ended(exitFailed, "%d of %d steps failed: look at `hoox positions`", failed, len(report.Items))
	case open > 0:
		return ended(exitUnknown, "%d of %d steps are asked for and not proven yet: look at `hoox positions`", open, len(report.Items))
	}
	return nil
}
