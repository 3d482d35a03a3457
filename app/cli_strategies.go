package app

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"hoox/backend/disk"
	"hoox/backend/trading"
)

type strategiesCommand struct {
	List    strategiesListCommand    `cmd:"" default:"1" help:"List the strategies (also what plain hoox strategies does)."`
	Show    strategiesShowCommand    `cmd:"" help:"Print one strategy as save reads it."`
	Save    strategiesSaveCommand    `cmd:"" help:"Store a strategy from a JSON file."`
	Delete  strategiesDeleteCommand  `cmd:"" help:"End a strategy: alerts of its name then go where they say themselves."`
	Preview strategiesPreviewCommand `cmd:"" help:"Tell what an alert would do now, account by account; nothing is stored or sent."`
}

type strategiesListCommand struct{}

func (c *strategiesListCommand) Run(sh *shell) error {
	list, err := ask[StrategyList](sh, "Strategies/List", Empty{})
	if err != nil {
		return err
	}
	return sh.show(list, func(w io.Writer) {
		t := columns("name", "state", "accounts", "second entry", "paper twin", "version>", "changed (utc)", "by")
		for _, r := range list.Items {
			t.add(r.Doc.Name, onOff(r.Doc.Enabled), routeWords(r.Doc), r.Doc.Pyramiding, yes(r.Doc.PaperTwin, "yes"), strconv.FormatInt(r.Version, 10), local(r.UpdatedAt), r.Actor)
		}
		printList(w, t, "no strategies: an alert goes to the exchange it names; `hoox strategies save --file F` stores one")
	})
}

func onOff(on bool) string { return either(on, "on", "OFF: only closes go") }

func routeWords(d StrategyDoc) string {
	if len(d.Routes) == 0 {
		return "as the alert says"
	}
	return strings.Join(each(d.Routes, func(r StrategyRoute) string { return r.Account + either(r.Enabled, "", " (off)") }), ", ")
}

// strategy is a stored one by its name.
func (sh *shell) strategy(name string) (StrategyRow, error) {
	list, err := ask[StrategyList](sh, "Strategies/List", Empty{})
	if err != nil {
		return StrategyRow{}, err
	}
	i := slices.IndexFunc(list.Items, func(r StrategyRow) bool { return r.Doc.Name == name })
	if i < 0 {
		return StrategyRow{}, &exit{exitFailed, Fault{Kind: string(trading.NotFound), Message: "there is no strategy " + name + ": `hoox strategies` shows them all", Field: "name"}}
	}
	return list.Items[i], nil
}

type strategiesShowCommand struct {
	Name string `arg:"" help:"The strategy."`
}

func (c *strategiesShowCommand) Run(sh *shell) error {
	row, err := sh.strategy(c.Name)
	if err != nil {
		return err
	}
	if sh.json {
		return sh.print(row)
	}
	return sh.print(row.Doc)
}

type strategiesSaveCommand struct {
	File    string `required:"" help:"The strategy as show prints it; - is stdin." placeholder:"FILE"`
	Version int64  `help:"The version that was edited, 0 for a new one; default the stored one." default:"-1" placeholder:"N"`
}

// largestStrategy bounds a file that is read.
const largestStrategy = 256 << 10

func (c *strategiesSaveCommand) Run(sh *shell) error {
	text, err := sh.read(c.File, "strategy", largestStrategy)
	if err != nil {
		return err
	}
	request, err := c.request(text)
	if err != nil {
		return err
	}
	if request.Version < 0 {
		stored, err := sh.strategy(request.Doc.Name)
		var end *exit
		if err != nil && !(errors.As(err, &end) && end.fault.Kind == string(trading.NotFound)) {
			return err
		}
		request.Version = stored.Version
	}
	row, err := ask[StrategyRow](sh, "Strategies/Save", request)
	if err != nil {
		return err
	}
	return sh.show(row, func(w io.Writer) {
		fmt.Fprintf(w, "%s is stored as version %d, switched %s, on %s\n", row.Doc.Name, row.Version, onOff(row.Doc.Enabled), routeWords(row.Doc))
	})
}

// request reads a strategy, or one with its version as show --json prints it. Version is -1 when neither says it.
func (c *strategiesSaveCommand) request(text []byte) (SaveStrategy, error) {
	var row StrategyRow
	var fields map[string]json.RawMessage
	into := any(&row.Doc)
	row.Version = c.Version
	if json.Unmarshal(text, &fields) == nil && fields["doc"] != nil {
		into = &row
	}
	if err := decodeStrictly(text, into); err != nil {
		return SaveStrategy{}, err
	}
	if c.Version >= 0 {
		row.Version = c.Version
	}
	return SaveStrategy{Doc: row.Doc, Version: row.Version}, nil
}

// read is a file, or stdin for "-", up to a size.
func (sh *shell) read(file, what string, most int64) ([]byte, error) {
	from := sh.stdin
	if file != "-" {
		f, err := disk.OpenPlain(file)
		if err != nil {
			return nil, ended(exitUsage, "%v", err)
		}
		defer f.Close()
		from = f
	}
	text, err := io.ReadAll(io.LimitReader(from, most+1))
	switch {
	case err != nil:
		return nil, ended(exitFailed, "read the %s: %v", what, err)
	case int64(len(text)) > most:
		return nil, ended(exitUsage, "the %s is larger than %d KiB", what, most>>10)
	case len(bytes.TrimSpace(text)) == 0:
		return nil, ended(exitUsage, "the %s is empty", what)
	}
	return text, nil
}

type strategiesDeleteCommand struct {
	Name string `arg:"" help:"The strategy."`
}

func (c *strategiesDeleteCommand) Run(sh *shell) error {
	row, err := sh.strategy(c.Name)
	if err != nil {
		return err
	}
	return sh.receipt("Strategies/Delete", DeleteStrategy{Name: c.Name, Version: row.Version}, c.Name+" is deleted; alerts of its name go where they say themselves")
}

type strategiesPreviewCommand struct {
	Name  string `arg:"" help:"The strategy, as it is stored."`
	Alert string `required:"" help:"The alert's JSON without its key; - is stdin." placeholder:"FILE"`
}

func (c *strategiesPreviewCommand) Run(sh *shell) error {
	alert, err := sh.read(c.Alert, "alert", largestAlert)
	if err != nil {
		return err
	}
	row, err := sh.strategy(c.Name)
	if err != nil {
		return err
	}
	p, err := ask[Preview](sh, "Strategies/Preview", PreviewStrategy{Doc: row.Doc, Alert: string(alert)})
	if err != nil {
		return err
	}
	return sh.show(p, func(w io.Writer) { printPreview(w, p, row.Doc.Enabled) })
}

func printPreview(w io.Writer, p Preview, enabled bool) {
	t := columns("account", "verdict", "orders", "reason")
	for _, a := range p.Items {
		t.add(a.Account, a.Verdict, orWord(strings.Join(each(a.Legs, legWords), "; "), "none"), orWord(a.Reason, blank))
	}
	t.print(w)
	for _, a := range p.Items {
		for _, check := range a.Checks {
			fmt.Fprintf(w, "%s: %s %s: %s\n", a.Account, either(check.OK, "ok", "NO"), plainLine(check.Rule), plainLine(check.Detail))
		}
		for _, warning := range a.Warnings {
			fmt.Fprintf(w, "%s: warning: %s\n", a.Account, plainLine(warning))
		}
	}
	if !enabled {
		fmt.Fprintln(w, "This is as if the strategy were switched on. It is OFF: what opens is refused, what closes goes.")
	}
}

// legWords is one order that would be sent.
func legWords(l PreviewLeg) string {
	text := l.Side + " " + l.Quantity + " " + l.BaseAsset + " " + l.Type
	if l.Price != "" {
		text += " at " + l.Price
	}
	if l.ReduceOnly {
		text += ", reduce only"
	}
	if l.Leverage > 1 {
		text += ", " + strconv.Itoa(l.Leverage) + "x"
	}
	if l.Protection != "" {
		text += ", " + l.Protection
	}
	return text
}
