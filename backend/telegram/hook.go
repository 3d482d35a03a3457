package telegram

import (
	"context"
	"time"

	"github.com/go-telegram/bot"
)

// allowed are the kinds of updates that we ask for. Telegram passes the rest over.
func allowed() []string { return []string{"message", "edited_message", "callback_query"} }

// hookConnections is how many updates Telegram may post at the same time.
const hookConnections = 8

// Hook is what Telegram says of the webhook.
type Hook struct {
	// URL is where it posts updates; "" when it posts none.
	URL string
	// Waiting is how many updates it has not brought yet.
	Waiting int
	// FailedAt is when a post last failed, zero for never, and Why in its words.
	FailedAt time.Time
	Why      string
}

// SetWebhook has Telegram post updates to an address, each with the secret in a header. What it has not brought yet is kept.
func (c *Client) SetWebhook(ctx context.Context, url, secret string) error {
	return c.call(func(b *bot.Bot) error {
		_, err := b.SetWebhook(ctx, &bot.SetWebhookParams{URL: url, SecretToken: secret, AllowedUpdates: allowed(), MaxConnections: hookConnections})
		return err
	})
}

// DeleteWebhook has Telegram post no more, so that it can be asked. What it has not brought yet is kept.
func (c *Client) DeleteWebhook(ctx context.Context) error {
	return c.call(func(b *bot.Bot) error {
		_, err := b.DeleteWebhook(ctx, &bot.DeleteWebhookParams{})
		return err
	})
}

// Hook asks how the webhook is doing.
func (c *Client) Hook(ctx context.Context) (hook Hook, err error) {
	err = c.call(func(b *bot.Bot) error {
		info, err := b.GetWebhookInfo(ctx)
		if err != nil {
			return err
		}
		hook = Hook{URL: info.URL, Waiting: info.PendingUpdateCount, Why: veiled(info.LastErrorMessage, "")}
		if info.LastErrorDate > 0 {
			hook.FailedAt = time.Unix(int64(info.LastErrorDate), 0).UTC()
		}
		return nil
	})
	return hook, err
}
