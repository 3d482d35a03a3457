package telegram

import (
	"context"

	"github.com/go-telegram/bot"
)

// Me is the bot as Telegram knows it.
type Me struct {
	ID int64
	// User is its name without "@", Name what it calls itself.
	User, Name string
}

// Me asks who the bot is: the shortest real round trip.
func (c *Client) Me(ctx context.Context) (me Me, err error) {
	err = c.call(func(b *bot.Bot) error {
		u, err := b.GetMe(ctx)
		if err == nil {
			me = Me{ID: u.ID, User: u.Username, Name: u.FirstName}
		}
		return err
	})
	return me, err
}
