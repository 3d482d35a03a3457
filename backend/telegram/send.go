package telegram

import (
	"bytes"
	"context"

	"github.com/go-telegram/bot"
	"github.com/go-telegram/bot/models"

	"hoox/backend/chat"
	"hoox/backend/trading"
)

// Send brings one message to its chat, as a new one or in the place of an old one, and returns its number there. A message that cannot
// be edited any more is sent anew, and so is one with a picture. The message must fit: see parts.
func (c *Client) Send(ctx context.Context, m chat.Message) (number int64, err error) {
	if m.Edits != 0 && len(m.Picture) == 0 {
		err := c.edit(ctx, m)
		if !says(err, "Bad Request") || says(err, "chat not found") {
			return m.Edits, err
		}
	}
	err = c.call(func(b *bot.Bot) error {
		var sent *models.Message
		var err error
		if len(m.Picture) > 0 {
			sent, err = b.SendPhoto(ctx, &bot.SendPhotoParams{
				ChatID: m.Chat, Photo: &models.InputFileUpload{Filename: "picture.png", Data: bytes.NewReader(m.Picture)},
				Caption: m.HTML, ParseMode: models.ParseModeHTML, DisableNotification: m.Silent, ReplyMarkup: keyboard(m.Buttons),
			})
		} else {
			sent, err = b.SendMessage(ctx, &bot.SendMessageParams{
				ChatID: m.Chat, Text: m.HTML, ParseMode: models.ParseModeHTML, LinkPreviewOptions: noPreview(),
				DisableNotification: m.Silent, ReplyMarkup: keyboard(m.Buttons),
			})
		}
		if err == nil {
			number = int64(sent.ID)
		}
		return err
	})
	return number, err
}

// edit puts a message in the place of an old one. One that says the same already is done.
func (c *Client) edit(ctx context.Context, m chat.Message) error {
	number := int(m.Edits)
	if int64(number) != m.Edits {
		return trading.Errorf(trading.Invalid, "message %d cannot be edited: there is no such number", m.Edits)
	}
	err := c.call(func(b *bot.Bot) error {
		_, err := b.EditMessageText(ctx, &bot.EditMessageTextParams{
			ChatID: m.Chat, MessageID: number, Text: m.HTML, ParseMode: models.ParseModeHTML, LinkPreviewOptions: noPreview(), ReplyMarkup: keyboard(m.Buttons),
		})
		return err
	})
	if says(err, "there is no text in the message to edit") {
		err = c.call(func(b *bot.Bot) error {
			_, err := b.EditMessageCaption(ctx, &bot.EditMessageCaptionParams{
				ChatID: m.Chat, MessageID: number, Caption: m.HTML, ParseMode: models.ParseModeHTML, ReplyMarkup: keyboard(m.Buttons),
			})
			return err
		})
	}
	if says(err, "message is not modified") {
		return nil
	}
	return err
}

func noPreview() *models.LinkPreviewOptions {
	return &models.LinkPreviewOptions{IsDisabled: bot.True()}
}

// keyboard is the buttons under a message; nil for none, which takes those away that an edited message had.
func keyboard(rows [][]chat.Button) models.ReplyMarkup {
	if len(rows) == 0 {
		return nil
	}
	list := make([][]models.InlineKeyboardButton, len(rows))
	for i, row := range rows {
		for _, b := range row {
			list[i] = append(list[i], models.InlineKeyboardButton{Text: b.Label, CallbackData: b.Data})
		}
	}
	return &models.InlineKeyboardMarkup{InlineKeyboard: list}
}

// parts cuts a message into such as Telegram takes: the buttons stand under the last one, and the first one takes the place of an old
// message. Nothing of it is left out.
func parts(m chat.Message) []chat.Message {
	plain := func(html string) chat.Message { return chat.Message{Chat: m.Chat, HTML: html, Silent: m.Silent} }
	var list []chat.Message
	switch {
	case len(m.Picture) == 0:
		for _, text := range chat.Split(m.HTML, chat.MaxText) {
			list = append(list, plain(text))
		}
	case chat.Length(m.HTML) <= chat.MaxCaption:
		list = []chat.Message{plain(m.HTML)}
	default:
		list = []chat.Message{plain("")}
		for _, text := range chat.Split(m.HTML, chat.MaxText) {
			list = append(list, plain(text))
		}
	}
	if len(list) == 0 {
		return nil
	}
	list[0].Picture, list[0].Edits, list[len(list)-1].Buttons = m.Picture, m.Edits, m.Buttons
	return list
}
