package app

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"hoox/backend/chat"
	"hoox/backend/trading"
)

// botCommand is one that people may send.
type botCommand struct {
	name string
	// usage is what goes behind the name, and help one line in the messenger's menu.
	usage, help string
	// also are other names of it, for those who know them from elsewhere.
	also  []string
	needs chat.Role
	// halts is for what stops trading: it waits behind nothing and is not counted.
	halts bool
	run   func(a *asking) (reply, error)
}

// looks tells whether a command only ever shows something, so that a button may repeat it. Its role is asked for all the same.
func (c *botCommand) looks() bool { return c.needs == chat.Viewer || c.name == "settings" }

// asking is one thing that is asked for, by somebody.
type asking struct {
	ctx      context.Context
	update   chat.Update
	person   chat.Person
	services *services
	command  chat.Command
	now      time.Time
}

// key makes the same update the same order or close, however often it is worked on.
func (a *asking) key() string { return fmt.Sprintf("telegram-%d", a.update.ID) }

// reply is what is said back.
type reply struct {
	// html is made with chat.Escape and its kin.
	html    string
	buttons [][]chat.Button
	picture []byte
	// edits puts the reply in the place of the message whose button was pressed.
	edits bool
	// state is as of an update that has ended, "" for done; detail is for the log.
	state, detail string
}

// no refuses, and says why.
func no(html string) reply { return reply{html: html, state: chat.Refused, detail: chat.Words(html)} }

// quiet says nothing.
func quiet(why string) reply { return reply{state: chat.Refused, detail: why} }

// list is every command, in the order of the menu.
func (b *bot) list() []botCommand {
	return slices.Concat(b.lookCommands(), b.moneyCommands(), b.actCommands(), b.guardCommands(), b.lockCommands(), []botCommand{
		{name: "help", help: "what can be asked for", also: []string{"start"}, needs: chat.Viewer, run: b.help},
	})
}

func (b *bot) find(name string) *botCommand {
	for i := range b.commands {
		if c := &b.commands[i]; c.name == name || slices.Contains(c.also, name) {
			return c
		}
	}
	return nil
}

// help lists what the person who asks may ask for.
func (b *bot) help(a *asking) (reply, error) {
	var lines []string
	for _, c := range b.commands {
		if a.person.Role.May(c.needs) {
			lines = append(lines, chat.Escape(strings.TrimSpace("/"+c.name+" "+c.usage))+" – "+chat.Escape(c.help))
		}
	}
	return reply{html: fmt.Sprintf("<b>Hoox</b>, %s. You are %s.\n", chat.Escape(modeWord(b.in.overall())), a.person.Role) + strings.Join(lines, "\n")}, nil
}

// telegramActor is somebody who asks by messenger. Their number is what they are in the audit; what their role may, the bot has
// looked at before a service is called, and the scope of a service bounds it once more.
func telegramActor(p chat.Person) actor {
	may := canRead
	if p.Role.May(chat.Operator) {
		may = canTrade
	}
	return actor{name: "telegram", source: trading.FromTelegram, scope: may, resumes: p.Role.May(chat.Owner), label: fmt.Sprintf("telegram %d (%s)", p.User, chat.Line(p.Name, 32))}
}
