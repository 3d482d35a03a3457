package app

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"hoox/backend/trading"
)

type keysCommand struct {
	List   keysListCommand   `cmd:"" default:"1" help:"List the webhook keys and their use, never their text (also what plain hoox keys does)."`
	Create keysCreateCommand `cmd:"" help:"Make a key and print its text, this once."`
	Update keysUpdateCommand `cmd:"" help:"Change what a key may do; what is not named stays."`
	Rotate keysRotateCommand `cmd:"" help:"Give a key another text and print it, this once; the old one opens for the overlap."`
	Revoke keysRevokeCommand `cmd:"" help:"End a key at once and for good."`
}

// masterLabel finds the master key by a word, as other keys are found by their label.
const masterLabel = "master"

type keysListCommand struct{}

func (c *keysListCommand) Run(sh *shell) error {
	list, err := ask[WebhookKeyList](sh, "WebhookKeys/List", Empty{})
	if err != nil {
		return err
	}
	return sh.show(list, func(w io.Writer) {
		t := columns("label", "id", "state", "may", "uses>", "last (utc)", "from", "texts")
		for _, k := range list.Items {
			t.add(k.Label, k.ID, either(k.RevokedAt == "", "open", "REVOKED"), scopeWords(k.Scope), strconv.FormatInt(k.Uses, 10), local(k.LastSeenAt), k.LastSeenFrom,
				orWord(strings.Join(each(k.Texts, textWords), ", "), blank))
		}
		t.print(w)
	})
}

// scopeWords is a scope as a person reads it.
func scopeWords(s WebhookKeyScope) string {
	var words []string
	add := func(set bool, text string) {
		if set {
			words = append(words, text)
		}
	}
	add(s.Strategy != "", "strategy "+s.Strategy)
	add(len(s.Accounts) > 0, "on "+strings.Join(s.Accounts, ", "))
	add(len(s.Symbols) > 0, strings.Join(s.Symbols, ", "))
	add(s.Entries == string(trading.EntriesNone), "closes only")
	add(s.Entries == string(trading.EntriesLong) || s.Entries == string(trading.EntriesShort), "opens "+s.Entries+" only")
	add(s.MaxOrder != "", "orders up to "+s.MaxOrder)
	add(s.RateLimit > 0, strconv.Itoa(s.RateLimit)+" in 60 s")
	return orWord(strings.Join(words, "; "), "everything")
}

func textWords(t WebhookKeyText) string {
	return "…" + orWord(t.Hint, "?") + either(t.ExpiresAt == "", "", " until "+local(t.ExpiresAt))
}

// scopeFlags are what a key may do. On create what is not given is not bounded, on update it stays.
type scopeFlags struct {
	Strategy *string `help:"Only alerts of this stored strategy, and those that name none follow it; any is all." placeholder:"NAME"`
	Accounts *string `help:"Only these accounts, with commas; any is all." placeholder:"LIST"`
	Symbols  *string `help:"Only these symbols, with commas: BTCUSDT, BTCUSDT.P for the perpetual, BYBIT:BTCUSDT for spot there; any is all." placeholder:"LIST"`
	Entries  *string `help:"both, long, short or none (it only closes)." placeholder:"WHICH"`
	MaxOrder *string `help:"Largest entry in dollars; any is any size." placeholder:"N"`
	Rate     *int    `help:"Alerts in any 60 s; 0 leaves it to webhook:rate_limit." placeholder:"N"`
}

// into sets what is given.
func (f scopeFlags) into(s *WebhookKeyScope) {
	text := func(flag *string, field *string) {
		if flag != nil {
			*field = either(*flag == anyWord, "", *flag)
		}
	}
	list := func(flag *string, field *[]string) {
		if flag == nil {
			return
		}
		*field = []string{}
		if *flag != anyWord {
			*field = each(strings.Split(*flag, ","), strings.TrimSpace)
		}
	}
	text(f.Strategy, &s.Strategy)
	list(f.Accounts, &s.Accounts)
	list(f.Symbols, &s.Symbols)
	text(f.Entries, &s.Entries)
	text(f.MaxOrder, &s.MaxOrder)
	if f.Rate != nil {
		s.RateLimit = *f.Rate
	}
}

// anyWord takes a bound away.
const anyWord = "any"

type keysCreateCommand struct {
	Label string `arg:"" help:"What the key is called wherever its alerts are shown."`
	scopeFlags
}

func (c *keysCreateCommand) Run(sh *shell) error {
	request := CreateWebhookKey{Label: c.Label}
	c.into(&request.Scope)
	made, err := ask[NewWebhookKey](sh, "WebhookKeys/Create", request)
	if err != nil {
		return err
	}
	return sh.showKey(made)
}

// showKey prints the text of a key on a line of its own, so that a script can take it.
func (sh *shell) showKey(made NewWebhookKey) error {
	return sh.show(made, func(w io.Writer) {
		fmt.Fprintln(w, made.Key)
		fmt.Fprintf(sh.stderr, "This is shown once: it goes into \"apiKey\" of the alerts. The key %s may do: %s.\n", plainLine(made.Row.Label), plainLine(scopeWords(made.Row.Scope)))
		for _, t := range made.Row.Texts {
			if t.ExpiresAt != "" {
				fmt.Fprintf(sh.stderr, "The old text …%s opens until %s UTC.\n", t.Hint, local(t.ExpiresAt))
			}
		}
	})
}

// key finds a key by its id or its label.
func (sh *shell) key(name string) (WebhookKeyRow, error) {
	list, err := ask[WebhookKeyList](sh, "WebhookKeys/List", Empty{})
	if err != nil {
		return WebhookKeyRow{}, err
	}
	found := WebhookKeyRow{}
	for _, k := range list.Items {
		switch {
		case k.ID == name || k.Master && name == masterLabel:
			return k, nil
		case strings.EqualFold(k.Label, name) && (found.ID == "" || found.RevokedAt != ""):
			// Of keys of one label at most one is open.
			found = k
		}
	}
	if found.ID == "" {
		return found, &exit{exitFailed, Fault{Kind: string(trading.NotFound), Message: "there is no webhook key " + name + ": `hoox keys` shows them all", Field: "key"}}
	}
	return found, nil
}

type keysUpdateCommand struct {
	Key   string  `arg:"" help:"Its label or id."`
	Label *string `help:"Another label." placeholder:"LABEL"`
	scopeFlags
}

func (c *keysUpdateCommand) Run(sh *shell) error {
	k, err := sh.key(c.Key)
	if err != nil {
		return err
	}
	request := UpdateWebhookKey{ID: k.ID, Version: k.Version, Label: k.Label, Scope: k.Scope}
	c.into(&request.Scope)
	if c.Label != nil {
		request.Label = *c.Label
	}
	row, err := ask[WebhookKeyRow](sh, "WebhookKeys/Update", request)
	if err != nil {
		return err
	}
	return sh.show(row, func(w io.Writer) {
		fmt.Fprintf(w, "the key %s may do: %s\n", plainLine(row.Label), plainLine(scopeWords(row.Scope)))
	})
}

type keysRotateCommand struct {
	Key     string `arg:"" help:"Its label or id; master is the one of the vault."`
	Overlap int    `required:"" help:"Minutes for which the old text still opens, 0 (it ends at once) to 1440." placeholder:"MINUTES"`
}

func (c *keysRotateCommand) Run(sh *shell) error {
	k, err := sh.key(c.Key)
	if err != nil {
		return err
	}
	made, err := ask[NewWebhookKey](sh, "WebhookKeys/Rotate", RotateWebhookKey{ID: k.ID, OverlapMinutes: c.Overlap})
	if err != nil {
		return err
	}
	return sh.showKey(made)
}

type keysRevokeCommand struct {
	Key string `arg:"" help:"Its label or id."`
}

func (c *keysRevokeCommand) Run(sh *shell) error {
	k, err := sh.key(c.Key)
	if err != nil {
		return err
	}
	row, err := ask[WebhookKeyRow](sh, "WebhookKeys/Revoke", WebhookKeyID{ID: k.ID})
	if err != nil {
		return err
	}
	return sh.show(row, func(w io.Writer) {
		fmt.Fprintf(w, "the key %s is revoked: no alert comes in with it any more\n", plainLine(row.Label))
	})
}
