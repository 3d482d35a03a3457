package app

import (
	"fmt"
	"io"

	"hoox/backend/trading"
)

type configCommand struct {
	List configListCommand `cmd:"" help:"List every setting."`
	Get  configGetCommand  `cmd:"" help:"Show one setting with its meaning."`
	Set  configSetCommand  `cmd:"" help:"Change one setting."`
}

type configListCommand struct{}

func (c *configListCommand) Run(sh *shell) error {
	list, err := ask[SettingList](sh, "Settings/List", ListSettings{})
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
	list, err := ask[SettingList](sh, "Settings/List", ListSettings{})
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
