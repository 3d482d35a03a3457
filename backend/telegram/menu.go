package telegram

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"
)

// Command is one line of the list that Telegram shows beside the field for words.
type Command struct {
	// Name is without the slash: 1 to 32 of a-z, 0-9 and _.
	Name string
	// About says in a few words what it does.
	About string
}

// Menu is what one chat is shown. Strangers are shown nothing: what the bot is for is none of their business.
type Menu struct {
	Chat     int64
	Commands []Command
}

// SetMenu has Telegram show a chat these commands.
func (c *Client) SetMenu(ctx context.Context, m Menu) error {
	list := make([]models.BotCommand, len(m.Commands))
	for i, one := range m.Commands {
		list[i] = models.BotCommand{Command: one.Name, Description: one.About}
	}
	return c.call(func(b *bot.Bot) error {
		_, err := b.SetMyCommands(ctx, &bot.SetMyCommandsParams{Commands: list, Scope: &models.BotCommandScopeChat{ChatID: m.Chat}})
		return err
	})
}

// shown remembers which menus Telegram has, so that a bad connection does not send them over and over.
type shown struct {
	mu    sync.Mutex
	token string
	menus map[int64][]Command
}

// showMenus tells Telegram which commands each chat is shown. Without it everything works all the same.
func (r *Runner) showMenus(ctx context.Context, token string) {
	r.shown.mu.Lock()
	defer r.shown.mu.Unlock()
	if r.shown.token != token {
		r.shown.token, r.shown.menus = token, map[int64][]Command{}
	}
	menus, err := r.parts.Menus(ctx)
	for _, m := range menus {
		if had, known := r.shown.menus[m.Chat]; known && slices.Equal(had, m.Commands) {
			continue
		}
		failed := r.parts.Client.SetMenu(ctx, m)
		if failed == nil {
			r.shown.menus[m.Chat] = slices.Clone(m.Commands)
		}
		err = errors.Join(err, failed)
	}
	if err != nil && ctx.Err() == nil {
		r.parts.Log.Warn("show the list of commands", "error", err)
	}
}
