package app

import (
	"strings"

	"hoox/backend/chat"
)

// pressed answers a button: a look that is repeated in place, or the answer to a question that was kept.
func (b *bot) pressed(a *asking) reply {
	if !b.admits(a.person.User, a.now) {
		return no("Too many at once: this was <b>not done</b>.")
	}
	if text, ok := strings.CutPrefix(a.update.Button, viewPrefix); ok {
		return b.again(a, text)
	}
	nonce, ok := strings.CutPrefix(a.update.Button, noncePrefix)
	if !ok {
		return quiet("a button that is not ours")
	}
	q, ok := b.pending.take(nonce, a.update)
	switch {
	case !ok:
		return no("That button has expired or was used already. <b>Nothing was done.</b> Send the command again.")
	case !a.person.Role.May(q.needs):
		return no("Your role does not allow this any more. <b>Nothing was done.</b>")
	}
	// A button is the answer: words that were awaited instead of it are not any more.
	b.waiting.take(a)
	answer, err := q.run(a)
	if err != nil {
		answer = b.failed(err)
	}
	answer.edits = true
	return answer
}

// again repeats a look. What a button says is outside text like any other: nothing that acts can be asked for by it.
func (b *bot) again(a *asking, text string) reply {
	c, ok := chat.Parse(text, b.name())
	if !ok {
		return quiet("a button that is not ours")
	}
	found := b.find(c.Name)
	if found == nil || !found.looks() {
		return quiet("a button that is not ours")
	}
	a.command = c
	answer := b.run(a, found)
	answer.edits = true
	return answer
}

// refresh is the button that repeats a look in place.
func refresh(a *asking) []chat.Button {
	text := strings.TrimSpace(viewPrefix + "/" + a.command.Name + " " + a.command.Rest)
	if len(text) > 64 { // the most that a button carries
		return nil
	}
	return []chat.Button{{Label: "Refresh", Data: text}}
}
