package telegram

import (
	"encoding/json"
	"time"

	"hoox/backend/chat"
)

// The shapes below are the little of an update that matters. The library's own are not used: they read every corner of a message, and
// a corner that they do not know yet would hide the word in the middle.

type wireUpdate struct {
	ID       int64           `json:"update_id"`
	Message  json.RawMessage `json:"message"`
	Edited   json.RawMessage `json:"edited_message"`
	Callback json.RawMessage `json:"callback_query"`
}

type wireUser struct {
	ID    int64  `json:"id"`
	Bot   bool   `json:"is_bot"`
	First string `json:"first_name"`
	Last  string `json:"last_name"`
}

type wireChat struct {
	ID   int64  `json:"id"`
	Type string `json:"type"`
}

type wireMessage struct {
	ID     int64     `json:"message_id"`
	From   *wireUser `json:"from"`
	Date   int64     `json:"date"`
	Chat   wireChat  `json:"chat"`
	Text   string    `json:"text"`
	Beside string    `json:"caption"`

	Photo    []wirePhoto `json:"photo"`
	Document *wireFile   `json:"document"`

	// What makes it somebody else's words. Older servers say forward_date.
	SenderChat  json.RawMessage `json:"sender_chat"`
	Origin      json.RawMessage `json:"forward_origin"`
	ForwardDate int64           `json:"forward_date"`
	Automatic   bool            `json:"is_automatic_forward"`
	ViaBot      json.RawMessage `json:"via_bot"`
	Business    string          `json:"business_connection_id"`
}

type wirePhoto struct {
	ID     string `json:"file_id"`
	Unique string `json:"file_unique_id"`
	Wide   int64  `json:"width"`
	High   int64  `json:"height"`
	Size   int64  `json:"file_size"`
}

type wireFile struct {
	ID     string `json:"file_id"`
	Unique string `json:"file_unique_id"`
	Name   string `json:"file_name"`
	Type   string `json:"mime_type"`
	Size   int64  `json:"file_size"`
}

type wirePress struct {
	ID      string      `json:"id"`
	From    wireUser    `json:"from"`
	Message *wirePlaced `json:"message"`
	Data    string      `json:"data"`
}

// wirePlaced is where a pressed button stands.
type wirePlaced struct {
	ID   int64    `json:"message_id"`
	Chat wireChat `json:"chat"`
}

// read makes an update of what Telegram says. It is false for what has no number; anything else that has not exactly the shape of
// something we know is Other.
func read(raw []byte) (chat.Update, bool) {
	var number struct {
		ID int64 `json:"update_id"`
	}
	if json.Unmarshal(raw, &number) != nil || number.ID <= 0 {
		return chat.Update{}, false
	}
	other := chat.Update{ID: number.ID, Kind: chat.Other}
	var w wireUpdate
	if json.Unmarshal(raw, &w) != nil {
		return other, true
	}
	u := chat.Update{ID: w.ID}
	known := false
	switch {
	case present(w.Message):
		known = readMessage(&u, w.Message)
	case present(w.Edited):
		if known = readMessage(&u, w.Edited); known && u.Kind != chat.Other {
			u.Kind = chat.Edited
		}
	case present(w.Callback):
		known = readPress(&u, w.Callback)
	}
	if !known {
		return other, true
	}
	return u, true
}

// present tells whether a part is there.
func present(part json.RawMessage) bool { return len(part) > 0 && string(part) != "null" }

func readMessage(u *chat.Update, raw json.RawMessage) bool {
	var m wireMessage
	if json.Unmarshal(raw, &m) != nil || m.ID <= 0 || !readChat(u, m.Chat) {
		return false
	}
	u.Message = m.ID
	if m.Date > 0 {
		u.At = time.Unix(m.Date, 0).UTC()
	}
	// An anonymous admin and a channel speak with the number of a bot of Telegram's, which is nobody.
	if m.From != nil && !present(m.SenderChat) {
		readUser(u, *m.From)
	}
	switch {
	case present(m.Origin) || m.ForwardDate != 0 || m.Automatic:
		u.Odd = "forwarded"
	case present(m.ViaBot):
		u.Odd = "sent through another bot"
	case m.Business != "":
		u.Odd = "sent through a business account"
	}
	u.Words = m.Text
	switch {
	case len(m.Photo) > 0 || m.Document != nil:
		u.Kind, u.Words, u.File = chat.Upload, m.Beside, fileOf(m)
		if u.File.ID == "" {
			return false
		}
	case m.Text != "":
		u.Kind = chat.Text
	default:
		u.Kind, u.Words = chat.Other, m.Beside
	}
	return true
}

// fileOf is the document, or the largest form of the picture.
func fileOf(m wireMessage) *chat.File {
	if d := m.Document; d != nil {
		return &chat.File{ID: d.ID, Unique: d.Unique, Name: d.Name, Type: d.Type, Size: d.Size}
	}
	best := m.Photo[0]
	for _, p := range m.Photo {
		if p.Wide > best.Wide || p.Wide == best.Wide && p.High > best.High {
			best = p
		}
	}
	return &chat.File{ID: best.ID, Unique: best.Unique, Size: best.Size, Photo: true}
}

func readPress(u *chat.Update, raw json.RawMessage) bool {
	var p wirePress
	// Without a message it stands in somebody else's, without data it is a game's.
	if json.Unmarshal(raw, &p) != nil || p.ID == "" || p.Data == "" || p.Message == nil || p.Message.ID <= 0 || !readChat(u, p.Message.Chat) {
		return false
	}
	u.Kind, u.Message, u.Button, u.Query = chat.Pressed, p.Message.ID, p.Data, p.ID
	readUser(u, p.From)
	return true
}

func readChat(u *chat.Update, c wireChat) bool {
	u.Chat = c.ID
	switch c.Type {
	case "private":
		u.Where = chat.Private
	case "group", "supergroup":
		u.Where = chat.Group
	case "channel":
		u.Where = chat.Channel
	default:
		return false
	}
	return c.ID != 0
}

// readUser leaves bots out: a program is nobody.
func readUser(u *chat.Update, from wireUser) {
	if from.Bot || from.ID <= 0 {
		return
	}
	u.User, u.Name = from.ID, chat.Line(from.First+" "+from.Last, 64)
}
