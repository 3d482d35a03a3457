package app

import (
	"context"
	"strings"
	"time"

	"hoox/backend/chat"
	"hoox/backend/node"
	"hoox/backend/objects"
	"hoox/backend/telegram"
	"hoox/backend/trading"
)

// converse makes the bot and gives it to the node, which opens its door once alerts are taken. Without the file of chats there is
// none, and Health says so.
func (i *instance) converse(ctx context.Context) error {
	h, m := i.house, i.node.Messenger
	h.messenger = m
	if m.Chats == nil {
		return nil
	}
	b := newBot(h, m.Chats, func() string { return m.State().Bot })
	b.uploads = &uploads{fetch: m, shelf: objects.NewShelf(i.node.Config.DataDir, uploadsDir), book: m.Chats}
	if err := b.learn(ctx); err != nil {
		return err
	}
	h.bot, h.chats = b, m.Chats
	m.Attend(node.MessengerParts{Handler: b, Menus: b.menus, Summary: b.summary, Draw: i.node.DrawFill, Clean: h.clean, Purge: b.uploads.forget})
	return nil
}

// menus are the commands that each person is shown: those that their role may.
func (b *bot) menus(context.Context) ([]telegram.Menu, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []telegram.Menu
	for _, p := range b.people {
		m := telegram.Menu{Chat: p.Chat}
		for _, c := range b.commands {
			if p.Role.May(c.needs) {
				m.Commands = append(m.Commands, telegram.Command{Name: c.name, About: c.help})
			}
		}
		list = append(list, m)
	}
	return list, nil
}

// summary is the day in words, for the digest.
func (b *bot) summary(ctx context.Context) (string, error) {
	p := chat.Person{Role: chat.Viewer, Name: "digest"}
	a := &asking{ctx: ctx, person: p, services: newServices(b.in, telegramActor(p)), now: b.in.now(), update: chat.Update{Where: chat.Private}}
	parts := []string{"<b>The day so far</b>"}
	for _, part := range []func(*asking) (reply, error){b.status, b.profit, b.positions} {
		r, err := part(a)
		if err != nil {
			return "", err
		}
		parts = append(parts, r.html)
	}
	return strings.Join(parts, "\n\n"), nil
}

// forget drops what is older than a moment.
func (u *uploads) forget(ctx context.Context, before time.Time) error {
	for {
		list, err := u.book.OldUploads(ctx, before)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, one := range list {
			if err := u.drop(ctx, one); err != nil {
				return trading.Wrap(trading.Unavailable, err, "forget old uploads")
			}
		}
	}
}
