package telegram

import (
	"context"
	"unicode/utf16"

	"github.com/go-telegram/bot"

	"hoox/backend/chat"
)

// maxPressAnswer is how long the words may be that show for a moment after a button was pressed.
// Source: core.telegram.org/bots/api#answercallbackquery.
const maxPressAnswer = 200

// AnswerPress tells that a press of a button was seen; without it the button looks stuck. The text shows for a moment, "" shows nothing.
func (c *Client) AnswerPress(ctx context.Context, query, text string) error {
	return c.call(func(b *bot.Bot) error {
		_, err := b.AnswerCallbackQuery(ctx, &bot.AnswerCallbackQueryParams{CallbackQueryID: query, Text: short(text, maxPressAnswer)})
		return err
	})
}

// short is a text on one line of at most so many of Telegram's units, of which some letters are two.
func short(text string, most int) string {
	text = chat.Line(text, most)
	for wide := most; len(utf16.Encode([]rune(text))) > most; wide-- {
		text = chat.Line(text, wide)
	}
	return text
}
