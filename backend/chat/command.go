package chat

import "strings"

// Command is what a text asks for.
type Command struct {
	// Name is in lower case, without the slash.
	Name string
	// Args are the words behind it, Rest the same as one text.
	Args []string
	Rest string
}

// Parse reads a command: "/close BTCUSDT 50". bot is the name of our bot without "@": a command for another bot of the group,
// "/close@other_bot", is not ours. ok is false when the text is no command.
func Parse(text, bot string) (c Command, ok bool) {
	text = strings.TrimSpace(text)
	head, rest, _ := strings.Cut(strings.ReplaceAll(text, "\n", " "), " ")
	name, found := strings.CutPrefix(head, "/")
	if !found || name == "" {
		return Command{}, false
	}
	name, at, addressed := strings.Cut(name, "@")
	if addressed && !strings.EqualFold(at, bot) {
		return Command{}, false
	}
	for _, r := range name {
		if !(r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9') {
			return Command{}, false
		}
	}
	rest = strings.TrimSpace(rest)
	return Command{Name: strings.ToLower(name), Args: strings.Fields(rest), Rest: rest}, true
}

// Arg is the nth word behind the name, "" when there is none.
func (c Command) Arg(n int) string {
	if n >= len(c.Args) {
		return ""
	}
	return c.Args[n]
}
