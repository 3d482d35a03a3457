package telegramsim

import (
	"bytes"
	"encoding/json"
	"image"
	// The kinds of pictures that are taken.
	_ "image/jpeg"
	_ "image/png"
	"reflect"
	"strings"
	"time"
	"unicode/utf16"
)

const (
	maxText     = 4096
	maxCaption  = 1024
	maxData     = 64
	maxPhoto    = 10 << 20
	maxPhotoSum = 10000
)

// Button is one under a message.
type Button struct{ Label, Data string }

// Sent is a message of the bot as it stands now.
type Sent struct {
	Chat, Number int64
	// HTML is how it was sent, Text what a person reads.
	HTML, Text string
	Buttons    [][]Button
	Photo      []byte
	Silent     bool
	// Preview tells that links are shown with a picture of theirs, Protected that it cannot be forwarded.
	Preview, Protected bool
	// Edits counts how often it was changed, At is when it was sent.
	Edits int
	At    time.Time
	fixed bool
}

// Sent lists all that the bot sent, in the order of sending.
func (s *Server) Sent() []Sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]Sent, len(s.order))
	for i, m := range s.order {
		list[i] = *m
	}
	return list
}

// Freeze makes a message one that can no longer be edited; Lose has somebody delete it.
func (s *Server) Freeze(chat, message int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.enter(chat).sent[message].fixed = true
}

// Lose has somebody delete a message of the bot.
func (s *Server) Lose(chat, message int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.enter(chat).sent, message)
}

// words reads a text and its markup.
func words(r request, name string, most int, empty, long string) (string, *no) {
	html := r.args[name]
	text := html
	if mode := r.args["parse_mode"]; mode == "HTML" {
		var wrong string
		if text, wrong = plain(html); wrong != "" {
			return "", bad("can't parse entities: " + wrong)
		}
	} else if mode != "" {
		return "", bad("unsupported parse_mode")
	}
	text = strings.TrimSpace(text)
	if text == "" && empty != "" {
		return "", bad(empty)
	}
	if len(utf16.Encode([]rune(text))) > most {
		return "", bad(long)
	}
	return text, nil
}

// buttons reads a reply_markup.
func buttons(r request) ([][]Button, *no) {
	text := r.args["reply_markup"]
	if text == "" {
		return nil, nil
	}
	var markup struct {
		Rows [][]struct {
			Text string `json:"text"`
			Data string `json:"callback_data"`
		} `json:"inline_keyboard"`
	}
	if json.Unmarshal([]byte(text), &markup) != nil {
		return nil, bad("can't parse reply keyboard markup JSON object")
	}
	var rows [][]Button
	for _, row := range markup.Rows {
		var out []Button
		for _, b := range row {
			switch {
			case b.Text == "":
				return nil, bad("can't parse inline keyboard button: Field \"text\" must be non-empty")
			case b.Data == "":
				return nil, bad("can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard")
			case len(b.Data) > maxData:
				return nil, bad("BUTTON_DATA_INVALID")
			}
			out = append(out, Button{b.Text, b.Data})
		}
		rows = append(rows, out)
	}
	return rows, nil
}

func (s *Server) sendMessage(r request) (any, *no) {
	text, refusal := words(r, "text", maxText, "message text is empty", "message is too long")
	return s.send(r, Sent{HTML: r.args["text"], Text: text, Preview: !strings.Contains(r.args["link_preview_options"], `"is_disabled":true`)}, refusal)
}

func (s *Server) sendPhoto(r request) (any, *no) {
	text, refusal := words(r, "caption", maxCaption, "", "message caption is too long")
	photo := r.files["photo"]
	config, _, err := image.DecodeConfig(bytes.NewReader(photo))
	switch {
	case refusal != nil:
	case len(photo) == 0:
		refusal = bad("there is no photo in the request")
	case len(photo) > maxPhoto:
		refusal = bad("file is too big")
	case err != nil:
		refusal = bad("IMAGE_PROCESS_FAILED")
	case config.Width+config.Height > maxPhotoSum || config.Width > 20*config.Height || config.Height > 20*config.Width:
		refusal = bad("PHOTO_INVALID_DIMENSIONS")
	}
	return s.send(r, Sent{HTML: r.args["caption"], Text: text, Photo: photo}, refusal)
}

// send puts a message into its chat. The caller holds the lock.
func (s *Server) send(r request, m Sent, refusal *no) (any, *no) {
	c, closed := s.open(r.chat())
	if closed != nil {
		return nil, closed
	}
	rows, unread := buttons(r)
	if refusal == nil {
		refusal = unread
	}
	if refusal == nil {
		refusal = s.flood(c)
	}
	if refusal != nil {
		return nil, refusal
	}
	c.last++
	m.Chat, m.Number, m.Buttons, m.At = c.id, c.last, rows, s.cfg.Now()
	m.Silent, m.Protected = r.flag("disable_notification"), r.flag("protect_content")
	c.sent[c.last] = &m
	s.order = append(s.order, &m)
	return s.shown(c, &m), nil
}

// shown is a message as the server tells it.
func (s *Server) shown(c *room, m *Sent) object {
	out := object{"message_id": m.Number, "from": s.me(), "chat": c.json(), "date": m.At.Unix()}
	if m.Photo == nil {
		out["text"] = m.Text
	} else {
		out["caption"] = m.Text
	}
	return out
}

// change puts other words into a message. The caller holds the lock.
func (s *Server) change(r request, name string, most int, empty, long string) (any, *no) {
	c, refusal := s.open(r.chat())
	if refusal != nil {
		return nil, refusal
	}
	m := c.sent[r.number("message_id")]
	switch photo := name == "caption"; {
	case m == nil:
		return nil, bad("message to edit not found")
	case m.fixed:
		return nil, bad("message can't be edited")
	case !photo && m.Photo != nil:
		return nil, bad("there is no text in the message to edit")
	case photo && m.Photo == nil:
		return nil, bad("there is no caption in the message to edit")
	}
	text, refusal := words(r, name, most, empty, long)
	if refusal != nil {
		return nil, refusal
	}
	rows, refusal := buttons(r)
	if refusal != nil {
		return nil, refusal
	}
	if m.HTML == r.args[name] && reflect.DeepEqual(m.Buttons, rows) {
		return nil, bad("message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message")
	}
	if refusal := s.flood(c); refusal != nil {
		return nil, refusal
	}
	m.HTML, m.Text, m.Buttons = r.args[name], text, rows
	m.Edits++
	return s.shown(c, m), nil
}

func (s *Server) editText(r request) (any, *no) {
	return s.change(r, "text", maxText, "message text is empty", "message is too long")
}

func (s *Server) editCaption(r request) (any, *no) {
	return s.change(r, "caption", maxCaption, "", "message caption is too long")
}
