package app

import (
	"fmt"
	"io"
)

type alarmsCommand struct {
	List alarmsListCommand `cmd:"" default:"withargs" help:"List what nobody has acknowledged (also what plain hoox alarms does)."`
	Ack  alarmsAckCommand  `cmd:"" help:"Say that you have seen an alarm."`
	Test alarmsTestCommand `cmd:"" help:"Ring a test alarm on every channel now."`
}

type alarmsListCommand struct {
	All   bool `help:"Also what was acknowledged."`
	Limit int  `help:"How many, 1 to 500." default:"20"`
}

func (c *alarmsListCommand) Run(sh *shell) error {
	page, err := ask[AlarmPage](sh, "Alarms/List", ListAlarms{Limit: c.Limit, OpenOnly: !c.All})
	if err != nil {
		return err
	}
	return sh.show(page, func(w io.Writer) {
		t := columns("alarm>", "kind", "first (utc)", "last (utc)", "times>", "seen by", "what", "do")
		for _, a := range page.Items {
			t.add(a.ID, a.Kind, local(a.FirstAt), local(a.LastAt), fmt.Sprint(a.Count), a.AcknowledgedBy, a.Text, a.Fix)
		}
		printList(w, t, "no alarms")
		for _, channel := range page.Channels {
			if channel.Problem != "" {
				fmt.Fprintf(w, "Alarms do not reach %s since %s UTC: %s\n", channel.Name, local(channel.DownSince), plainLine(channel.Problem))
			}
		}
	})
}

type alarmsAckCommand struct {
	Alarm string `arg:"" help:"Its number."`
}

func (c *alarmsAckCommand) Run(sh *shell) error {
	row, err := ask[AlarmRow](sh, "Alarms/Acknowledge", AlarmID{ID: c.Alarm})
	if err != nil {
		return err
	}
	return sh.show(row, func(w io.Writer) {
		fmt.Fprintf(w, "alarm %s (%s) was seen by %s at %s UTC\n", row.ID, row.Kind, row.AcknowledgedBy, local(row.AcknowledgedAt))
	})
}

type alarmsTestCommand struct{}

func (c *alarmsTestCommand) Run(sh *shell) error {
	row, err := ask[AlarmRow](sh, "Alarms/Test", Empty{})
	if err != nil {
		return err
	}
	return sh.show(row, func(w io.Writer) {
		fmt.Fprintf(w, "alarm %s rings; acknowledge it once it has reached you: hoox alarms ack %s\n", row.ID, row.ID)
	})
}
