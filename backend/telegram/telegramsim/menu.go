package telegramsim

import (
	"encoding/json"
	"regexp"
)

// Command is one line of a list of commands.
type Command struct {
	Name  string `json:"command"`
	About string `json:"description"`
}

var commandName = regexp.MustCompile(`^[a-z0-9_]{1,32}$`)

func (s *Server) setCommands(r request) (any, *no) {
	var list []Command
	if json.Unmarshal([]byte(r.args["commands"]), &list) != nil || len(list) > 100 {
		return nil, bad("can't parse commands")
	}
	for _, c := range list {
		if !commandName.MatchString(c.Name) {
			return nil, bad("BOT_COMMAND_INVALID")
		}
		if c.About == "" || len(c.About) > 256 {
			return nil, bad("BOT_COMMAND_DESCRIPTION_INVALID")
		}
	}
	var scope struct {
		Type string `json:"type"`
		Chat int64  `json:"chat_id"`
	}
	if text := r.args["scope"]; text != "" && json.Unmarshal([]byte(text), &scope) != nil {
		return nil, bad("can't parse BotCommandScope")
	}
	if scope.Type == "chat" && s.rooms[scope.Chat] == nil {
		return nil, bad("chat not found")
	}
	s.menus[scope.Chat] = list
	return true, nil
}

// Menu is what a chat is shown; 0 is everybody else.
func (s *Server) Menu(chat int64) []Command {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.menus[chat]
}
