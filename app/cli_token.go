package app

import (
	"fmt"
	"io"
)

type tokenCommand struct {
	List   tokenListCommand   `cmd:"" default:"1" help:"List the tokens, never a key (also what plain hoox token does)."`
	Create tokenCreateCommand `cmd:"" help:"Make a token and print its key, this once."`
	Revoke tokenRevokeCommand `cmd:"" help:"Shut out whoever holds a token, at once."`
	Rotate tokenRotateCommand `cmd:"" help:"Make another internal key and sign every browser out, at once."`
}

type tokenListCommand struct{}

func (c *tokenListCommand) Run(sh *shell) error {
	list, err := ask[TokenList](sh, "Tokens/List", Empty{})
	if err != nil {
		return err
	}
	return sh.show(list, func(w io.Writer) {
		t := columns("token", "may", "made (utc)", "by", "last used (utc)")
		for _, k := range list.Items {
			t.add(k.Name, k.Scope, local(k.CreatedAt), k.Actor, local(k.LastSeen))
		}
		printList(w, t, "no tokens; hoox token create NAME --scope read makes one for a dashboard")
	})
}

type tokenCreateCommand struct {
	Name  string `arg:"" help:"1 to 32 small letters, digits, - and _."`
	Scope string `required:"" enum:"read,trade" help:"read only looks; trade also sends alerts, closes, cancels and halts. Limits, secrets, modes and releasing the kill switch are for neither."`
}

func (c *tokenCreateCommand) Run(sh *shell) error {
	made, err := ask[NewToken](sh, "Tokens/Create", CreateToken{Name: c.Name, Scope: c.Scope})
	if err != nil {
		return err
	}
	return sh.show(made, func(w io.Writer) {
		fmt.Fprintln(w, made.Key)
		fmt.Fprintf(sh.stderr, "This is the key of %s. It is shown this once; send it as \"Authorization: Bearer …\".\n", made.Name)
	})
}

type tokenRevokeCommand struct {
	Name string `arg:"" help:"Its name."`
}

func (c *tokenRevokeCommand) Run(sh *shell) error {
	return sh.receipt("Tokens/Revoke", TokenName{Name: c.Name}, "")
}

type tokenRotateCommand struct{}

func (c *tokenRotateCommand) Run(sh *shell) error {
	return sh.receipt("Sessions/RotateKey", Empty{}, "commands of this computer know it already")
}

type sessionsCommand struct {
	List   sessionsListCommand   `cmd:"" default:"1" help:"List the browsers that are signed in (also what plain hoox sessions does)."`
	Revoke sessionsRevokeCommand `cmd:"" help:"Sign a browser out, or all of them."`
}

type sessionsListCommand struct{}

func (c *sessionsListCommand) Run(sh *shell) error {
	list, err := ask[SessionList](sh, "Sessions/List", Empty{})
	if err != nil {
		return err
	}
	return sh.show(list, func(w io.Writer) {
		t := columns("session", "browser", "address", "signed in (utc)", "last seen (utc)", "ends (utc)")
		for _, s := range list.Items {
			t.add(s.ID, s.Browser, s.Address, local(s.SignedInAt), local(s.LastSeen), local(s.ExpiresAt))
		}
		printList(w, t, "no browser is signed in; hoox browser prints an address that signs one in")
	})
}

type sessionsRevokeCommand struct {
	Session string `arg:"" optional:"" help:"Its name in the list."`
	All     bool   `help:"Every browser."`
}

func (c *sessionsRevokeCommand) Run(sh *shell) error {
	switch {
	case c.All == (c.Session != ""):
		return ended(exitUsage, "name a session, or --all")
	case c.All:
		return sh.receipt("Sessions/RevokeOthers", Empty{}, "")
	}
	return sh.receipt("Sessions/Revoke", SessionID{ID: c.Session}, "")
}
