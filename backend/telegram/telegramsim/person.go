package telegramsim

import "time"

// Words are what somebody says. The zero value of everything but User, Chat and Text is a plain word.
type Words struct {
	// User is who says it; zero for the channel itself. Chat is where.
	User, Chat int64
	Text       string
	Name       string
	// Forwarded, ViaBot, Anonymous (an admin who speaks as the group) and Bot (another program) are what makes it odd.
	Forwarded, ViaBot, Anonymous, Bot bool
	// At is when it was said; now when zero.
	At time.Time
}

// groupBot is who anonymous admins speak as.
const groupBot = 1087968824

// Say has a person say something and returns the number of the message.
func (s *Server) Say(user, chat int64, text string) int64 {
	return s.Post(Words{User: user, Chat: chat, Text: text})
}

// Post has somebody say something and returns the number of the message.
func (s *Server) Post(w Words) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	m := s.message(w)
	m["text"] = w.Text
	s.add("message", w.Chat, m)
	return number(string(encode(m["message_id"])))
}

// message is the part of a message that all have. The caller holds the lock.
func (s *Server) message(w Words) object {
	c := s.enter(w.Chat)
	c.last++
	at := w.At
	if at.IsZero() {
		at = s.cfg.Now()
	}
	name := w.Name
	if name == "" {
		name = "Somebody"
	}
	m := object{"message_id": c.last, "date": at.Unix(), "chat": c.json(), "from": object{"id": w.User, "is_bot": w.Bot, "first_name": name}}
	if w.Anonymous {
		m["sender_chat"] = c.json()
		m["from"] = object{"id": int64(groupBot), "is_bot": true, "first_name": "Group", "username": "GroupAnonymousBot"}
	}
	if w.Forwarded {
		m["forward_origin"] = object{"type": "hidden_user", "sender_user_name": "Else", "date": at.Unix() - 60}
	}
	if w.ViaBot {
		m["via_bot"] = object{"id": 4242, "is_bot": true, "first_name": "Inline", "username": "inline_bot"}
	}
	return m
}

// Edit has a person change what they said.
func (s *Server) Edit(user, chat, message int64, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.enter(chat)
	now := s.cfg.Now().Unix()
	s.add("edited_message", chat, object{
		"message_id": message, "date": now - 1, "edit_date": now, "chat": c.json(), "text": text,
		"from": object{"id": user, "is_bot": false, "first_name": "Somebody"},
	})
}

// Upload has a person send a file, or a picture when it has no name, with words beside it. It returns the file's id.
func (s *Server) Upload(user, chat int64, name string, content []byte, beside string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.keep(content)
	m := s.message(Words{User: user, Chat: chat})
	m["caption"] = beside
	part := object{"file_id": f.id, "file_unique_id": "u" + f.id, "file_size": len(content)}
	if name != "" {
		part["file_name"], part["mime_type"] = name, "application/octet-stream"
		m["document"] = part
	} else {
		part["width"], part["height"] = 1280, 960
		small := object{"file_id": f.id + "s", "file_unique_id": "u" + f.id + "s", "file_size": 10, "width": 90, "height": 67}
		m["photo"] = []object{small, part}
	}
	s.add("message", chat, m)
	return f.id
}
