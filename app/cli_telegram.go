package app

import (
	"fmt"
	"io"
)

type telegramCommand struct {
	Status   telegramStatusCommand   `cmd:"" default:"1" help:"How the bot is, and who is paired (also what plain hoox telegram does)."`
	Pair     telegramPairCommand     `cmd:"" help:"Make a code: whoever sends it to the bot within ten minutes may talk to it."`
	Withdraw telegramWithdrawCommand `cmd:"" help:"End that code."`
	Role     telegramRoleCommand     `cmd:"" help:"Give a person another role."`
	Remove   telegramRemoveCommand   `cmd:"" help:"Shut a person out, at once."`
	Test     telegramTestCommand     `cmd:"" help:"Send everybody who is paired a message."`
	Log      telegramLogCommand      `cmd:"" help:"What was said, newest first."`
}

type telegramStatusCommand struct{}

func (c *telegramStatusCommand) Run(sh *shell) error {
	state, err := ask[TelegramState](sh, "Telegram/Get", Empty{})
	if err != nil {
		return err
	}
	return sh.show(state, func(w io.Writer) {
		fmt.Fprintf(w, "telegram: %s", state.Phase)
		if state.Bot != "" {
			fmt.Fprintf(w, ", @%s", plainLine(state.Bot))
		}
		fmt.Fprintln(w)
		for _, line := range []string{state.Detail, state.Fix} {
			if line != "" {
				fmt.Fprintln(w, plainLine(line))
			}
		}
		if !state.HasToken {
			fmt.Fprintln(w, "no token: ask @BotFather for a bot, then: hoox secret set TG_BOT_TOKEN_BINDING")
		}
		if state.Waiting > 0 {
			fmt.Fprintf(w, "%d messages wait since %s: %s\n", state.Waiting, local(state.OldestAt), plainLine(state.Stuck))
		}
		t := columns("user", "name", "role", "paired (utc)", "last seen (utc)")
		for _, p := range state.People {
			t.add(p.User, p.Name, p.Role, local(p.PairedAt), local(p.SeenAt))
		}
		printList(w, t, "nobody is paired; hoox telegram pair --role operator makes a code")
	})
}

type telegramPairCommand struct {
	Role string `default:"operator" enum:"viewer,operator,owner" help:"viewer looks; operator also halts, closes and trades within the limits; owner also ends a pause and tightens limits."`
}

func (c *telegramPairCommand) Run(sh *shell) error {
	made, err := ask[PairingCode](sh, "Telegram/Pair", OfferPairing{Role: c.Role})
	if err != nil {
		return err
	}
	return sh.show(made, func(w io.Writer) {
		fmt.Fprintln(w, made.Code)
		if made.Link != "" {
			fmt.Fprintln(w, made.Link)
		}
		fmt.Fprintf(sh.stderr, "Send it to the bot before %s (utc): whoever does is %s. It is good once.\n", local(made.Until), made.Role)
	})
}

type telegramWithdrawCommand struct{}

func (c *telegramWithdrawCommand) Run(sh *shell) error {
	return sh.receipt("Telegram/Withdraw", Empty{}, "")
}

type telegramRoleCommand struct {
	User string `arg:"" help:"Their number, as hoox telegram lists it."`
	Role string `arg:"" enum:"viewer,operator,owner" help:"viewer, operator or owner."`
}

func (c *telegramRoleCommand) Run(sh *shell) error {
	return sh.receipt("Telegram/SetRole", SetTelegramRole{User: c.User, Role: c.Role}, "")
}

type telegramRemoveCommand struct {
	User string `arg:"" help:"Their number, as hoox telegram lists it."`
}

func (c *telegramRemoveCommand) Run(sh *shell) error {
	return sh.receipt("Telegram/Remove", TelegramUser{User: c.User}, "")
}

type telegramTestCommand struct{}

func (c *telegramTestCommand) Run(sh *shell) error { return sh.receipt("Telegram/Test", Empty{}, "") }

type telegramLogCommand struct {
	Limit  int    `default:"50" help:"How many lines, 1 to 500."`
	Cursor string `help:"Go on where an earlier list ended."`
}

func (c *telegramLogCommand) Run(sh *shell) error {
	page, err := ask[TelegramLogPage](sh, "Telegram/Log", PageRequest{Limit: c.Limit, Cursor: c.Cursor})
	if err != nil {
		return err
	}
	return sh.show(page, func(w io.Writer) {
		t := columns("time (utc)", "who", "kind", "state", "words")
		for _, l := range page.Items {
			t.add(local(l.At), either(l.In, l.Who, "hoox"), l.Kind, l.State, l.Words)
		}
		printList(w, t, "nothing was said yet")
	})
}
