package telegramsim

import (
	"fmt"
	"time"
	"unicode/utf16"
)

// pressAge is how long a press may be answered.
const pressAge = 30 * time.Second

// press is a button that was pressed.
type press struct {
	at       time.Time
	answered bool
	text     string
}

// Press has a person press a button under a message of the bot and returns the handle of the press. The data may be any: programs can
// send what no button has.
func (s *Server) Press(user, chat, message int64, data string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.enter(chat)
	id := fmt.Sprint(4000000000 + s.id())
	s.presses[id] = &press{at: s.cfg.Now()}
	s.add("callback_query", chat, object{
		"id": id, "data": data, "chat_instance": "1", "from": object{"id": user, "is_bot": false, "first_name": "Somebody"},
		"message": object{"message_id": message, "chat": c.json(), "date": s.cfg.Now().Unix() - 5, "from": s.me(), "text": "…"},
	})
	return id
}

// Answered tells whether a press was answered, and with which words.
func (s *Server) Answered(press string) (text string, answered bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.presses[press]; p != nil {
		return p.text, p.answered
	}
	return "", false
}

func (s *Server) answerPress(r request) (any, *no) {
	p := s.presses[r.args["callback_query_id"]]
	if p == nil || p.answered || s.cfg.Now().Sub(p.at) > pressAge {
		return nil, bad("query is too old and response timeout expired or query ID is invalid")
	}
	if len(utf16.Encode([]rune(r.args["text"]))) > 200 {
		return nil, bad("MESSAGE_TOO_LONG")
	}
	p.answered, p.text = true, r.args["text"]
	return true, nil
}
