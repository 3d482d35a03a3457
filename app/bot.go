package app

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"hoox/backend/audit"
	"hoox/backend/chat"
	"hoox/backend/trading"
)

const (
	// oldestCommand is how old a command may be: after a night without a network nothing shall happen that was wanted yesterday.
	oldestCommand = 60 * time.Second
	// mostCommands bounds what one person may ask for in a minute. Halting is not counted.
	mostCommands = 20
)

// roster is who was paired.
type roster interface {
	People(ctx context.Context) ([]chat.Person, error)
	SavePerson(ctx context.Context, p chat.Person) error
	RemovePerson(ctx context.Context, user int64) error
	PersonSeen(ctx context.Context, user int64, at time.Time) error
}

// bot answers people who talk to the program by messenger, with the same services as the window and the command line: a third
// pane over the same methods. It keeps nothing that must outlive the program: a question that was asked before a stop has expired.
type bot struct {
	in *house
	// name is what the messenger calls us, without "@"; "" while that is not known.
	name    func() string
	roster  roster
	pairing *pairing
	pending *pending
	waiting *waiting
	// uploads is nil where nothing is kept.
	uploads  *uploads
	commands []botCommand
	// zone is where the computer is: the times of answers are in it.
	zone *time.Location

	// locking is held while the locked symbols are read and written: two locks at once are both kept.
	locking sync.Mutex

	mu sync.Mutex
	// people are by number; asked is when each asked for something in the last minute.
	people map[int64]chat.Person
	asked  map[int64][]time.Time
}

func newBot(h *house, r roster, name func() string) *bot {
	b := &bot{
		in: h, name: name, roster: r, zone: time.Local, pairing: newPairing(h.now), pending: newPending(h.now), waiting: newWaiting(),
		people: map[int64]chat.Person{}, asked: map[int64][]time.Time{},
	}
	b.commands = b.list()
	return b
}

// learn reads who was paired. Until it has, nobody is known.
func (b *bot) learn(ctx context.Context) error {
	list, err := b.roster.People(ctx)
	if err != nil {
		return err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.people = map[int64]chat.Person{}
	for _, p := range list {
		b.people[p.User] = p
	}
	return nil
}

// Knows tells whether somebody is answered at all: a paired person in their own chat with the bot or in a group that is allowed, or
// a stranger with the code that the window shows. Everybody else meets silence.
func (b *bot) Knows(u chat.Update) bool {
	if u.User == 0 {
		return false
	}
	if _, ok := b.person(u); ok {
		return true
	}
	if u.Where == chat.Private && u.Kind == chat.Text && u.Odd == "" && b.pairing.fits(u.Words) {
		return true
	}
	b.in.refused(audit.Entry{
		Actor: "a stranger", Origin: fmt.Sprintf("telegram %d", u.User), Action: audit.RefuseMessage, Subject: string(u.Where) + " chat", Decision: audit.Refused,
		Detail: "met silence",
	})
	return false
}

// person is who an update is from: by number and place, never by name.
func (b *bot) person(u chat.Update) (chat.Person, bool) {
	b.mu.Lock()
	p, ok := b.people[u.User]
	b.mu.Unlock()
	switch {
	case !ok:
		return p, false
	case u.Where == chat.Private:
		return p, u.Chat == p.Chat
	case u.Where == chat.Group:
		return p, b.allowed(u.Chat)
	}
	return p, false
}

// allowed tells whether a chat was named as one that may be talked to.
func (b *bot) allowed(room int64) bool {
	for _, id := range b.in.settings.Now().List("telegram:allowed_chat_ids") {
		if id == fmt.Sprint(room) {
			return true
		}
	}
	return false
}

// Obey answers one update, once.
func (b *bot) Obey(ctx context.Context, u chat.Update) chat.Answer {
	p, ok := b.person(u)
	if !ok {
		return b.pair(ctx, u)
	}
	if err := b.roster.PersonSeen(ctx, p.User, b.in.now()); err != nil {
		b.in.log.Warn("note that a person was seen", "error", err)
	}
	a := &asking{ctx: ctx, update: u, person: p, services: newServices(b.in, telegramActor(p)), now: b.in.now()}
	return b.answer(a, b.reply(a))
}

// Urgent tells whether an update halts or pauses trading, which waits behind nothing.
func (b *bot) Urgent(u chat.Update) bool {
	c, ok := chat.Parse(u.Words, b.name())
	if !ok || u.Kind != chat.Text {
		return false
	}
	found := b.find(c.Name)
	return found != nil && found.halts
}

// Interrupted answers an update that a stop of the program interrupted. What it asked for may have happened; it is not done again.
func (b *bot) Interrupted(_ context.Context, u chat.Update) chat.Answer {
	a := &asking{update: u, now: b.in.now()}
	return b.answer(a, reply{
		state: chat.BrokenOff, detail: "the program stopped while it did this",
		html: "Hoox stopped while it did this: " + chat.Code(chat.Line(wished(u), 80)) + "\nIt is not done again. Look with /status and /orders whether it happened.",
	})
}

func wished(u chat.Update) string {
	if u.Kind == chat.Pressed {
		return "a button"
	}
	return u.Words
}

// reply finds out what an update asks for and does it.
func (b *bot) reply(a *asking) reply {
	u := a.update
	switch {
	case u.Kind == chat.Edited:
		return quiet("an edited message is no command")
	case u.Odd != "":
		return quiet(u.Odd + ": no command")
	case u.Kind == chat.Pressed:
		return b.pressed(a)
	case u.Kind == chat.Upload:
		return b.uploaded(a)
	case u.Kind != chat.Text:
		return quiet("nothing that is answered")
	}
	if answer, ok := b.typed(a); ok {
		return answer
	}
	c, ok := chat.Parse(u.Words, b.name())
	switch {
	case !ok && u.Where == chat.Group:
		return quiet("talk in a group")
	case !ok:
		return no("I understand commands: /help lists them.")
	}
	if age := a.now.Sub(u.At); age > oldestCommand {
		return no(fmt.Sprintf("This was sent %s ago and was <b>not done</b>. Send it again if you still want it.", chat.Escape(age.Truncate(time.Second).String())))
	}
	found := b.find(c.Name)
	if found == nil {
		return no("There is no " + chat.Code("/"+c.Name) + ". /help lists the commands.")
	}
	if !found.halts && !b.admits(a.person.User, a.now) {
		return no(fmt.Sprintf("More than %d commands in a minute: this one was <b>not done</b>. /kill_on always works.", mostCommands))
	}
	a.command = c
	return b.run(a, found)
}

func (b *bot) run(a *asking, c *botCommand) reply {
	if !a.person.Role.May(c.needs) {
		return no(fmt.Sprintf("%s takes the role %s; yours is %s.", chat.Code("/"+c.name), c.needs, a.person.Role))
	}
	answer, err := c.run(a)
	if err != nil {
		return b.failed(err)
	}
	return answer
}

// failed tells an error in the words that the window would show.
func (b *bot) failed(err error) reply {
	fault := b.in.fault(err, "")
	answer := no(chat.Escape(fault.Message))
	if trading.Kind(fault.Kind) == trading.Unknown {
		answer.html += "\nWhether it happened is <b>not known</b>: it is being asked for. Do not repeat it blindly."
	}
	answer.detail = fault.Message
	return answer
}

// admits counts what a person asks for.
func (b *bot) admits(user int64, now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	recent := b.asked[user][:0]
	for _, at := range b.asked[user] {
		if now.Sub(at) < time.Minute {
			recent = append(recent, at)
		}
	}
	b.asked[user] = recent
	if len(recent) >= mostCommands {
		return false
	}
	b.asked[user] = append(recent, now)
	return true
}

// answer makes messages of a reply.
func (b *bot) answer(a *asking, r reply) chat.Answer {
	answer := chat.Answer{State: r.state, Detail: r.detail}
	if answer.State == "" {
		answer.State = chat.Done
	}
	if strings.TrimSpace(r.html) == "" {
		return answer
	}
	limit := chat.MaxText
	if len(r.picture) > 0 {
		limit = chat.MaxCaption
	}
	parts := chat.Split(r.html, limit)
	for i, part := range parts {
		m := chat.Message{Chat: a.update.Chat, HTML: part, Kind: "reply"}
		if i == 0 {
			m.Picture = r.picture
			if r.edits && a.update.Kind == chat.Pressed {
				m.Edits = a.update.Message
			}
		}
		if i == len(parts)-1 {
			m.Buttons = r.buttons
		}
		answer.Messages = append(answer.Messages, m)
	}
	return answer
}
