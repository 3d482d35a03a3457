package app

import (
	"fmt"
	"io"
	"strconv"

	"hoox/backend/trading"
)

type alertsCommand struct {
	Missed alertsMissedCommand `cmd:"" help:"Compare a log that TradingView exported with what came in; ends with 1 when an alert is missing."`
}

type alertsMissedCommand struct {
	File string `arg:"" help:"The CSV of TradingView's log of alerts; - is stdin."`
}

func (c *alertsMissedCommand) Run(sh *shell) error {
	text, err := sh.read(c.File, "log of alerts", largestLog)
	if err != nil {
		return err
	}
	found, err := ask[AlertLog](sh, "Alerts/CompareLog", CompareLog{CSV: string(text)})
	if err != nil {
		return err
	}
	if err := sh.show(found, func(w io.Writer) { tellLog(w, found) }); err != nil || len(found.Missed) == 0 {
		return err
	}
	return &exit{exitFailed, Fault{Kind: string(trading.Conflict), Message: fmt.Sprintf(
		"%d of %d alerts never came in, or were turned away at the door: `hoox status` shows whether the gateway and the tunnel are up", len(found.Missed), found.Ours)}}
}

// tellLog says in words what became of the alerts in a log.
func tellLog(w io.Writer, found AlertLog) {
	fmt.Fprintf(w, "%d alerts in the file%s, %d for this program, %d arrived\n", found.Lines,
		either(found.Lines == 0, "", " from "+local(found.From)+" to "+local(found.To)+" UTC"), found.Ours, found.Arrived)
	if len(found.Missed) == 0 {
		fmt.Fprintln(w, either(found.Ours == 0, "none of them is for this program", "nothing was missed"))
		return
	}
	fmt.Fprintln(w)
	t := columns("line>", "fired (utc)", "name", "ticker", "delivery", "message")
	for _, a := range found.Missed {
		t.add(strconv.Itoa(a.Line), local(a.At), a.Name, a.Ticker, orWord(a.Delivery, blank), a.Message)
	}
	t.print(w)
}
