package app

import (
	"crypto/rand"
	"encoding/base64"
	"sync"
	"time"

	"hoox/backend/chat"
)

// confirmWithin is how long a question waits for its button.
const confirmWithin = 60 * time.Second

// The first letters of what a button carries: a look that may be repeated, or a question that was kept here.
const (
	viewPrefix  = "v:"
	noncePrefix = "n:"
)

// question is a deed that waits for a person's yes. It is of one person, in one chat, once.
type question struct {
	user, chat int64
	until      time.Time
	// needs is looked at again when the button is pressed: a role may have been taken away meanwhile.
	needs chat.Role
	run   func(a *asking) (reply, error)
	// group are the questions of one message: one answer ends them all.
	group string
}

// pending keeps questions. They are in memory only: after a stop every button has expired.
type pending struct {
	now func() time.Time

	mu        sync.Mutex
	questions map[string]question
}

func newPending(now func() time.Time) *pending {
	return &pending{now: now, questions: map[string]question{}}
}

// choice is a button that does something.
type choice struct {
	label string
	run   func(a *asking) (reply, error)
}

// ask makes buttons, of which the first that is pressed counts, by who was asked, within a minute.
func (p *pending) ask(a *asking, needs chat.Role, rows ...[]choice) [][]chat.Button {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	for nonce, q := range p.questions {
		if now.After(q.until) {
			delete(p.questions, nonce)
		}
	}
	group := nonceText()
	buttons := make([][]chat.Button, len(rows))
	for i, row := range rows {
		for _, c := range row {
			nonce := nonceText()
			p.questions[nonce] = question{user: a.person.User, chat: a.update.Chat, until: now.Add(confirmWithin), needs: needs, run: c.run, group: group}
			buttons[i] = append(buttons[i], chat.Button{Label: c.label, Data: noncePrefix + nonce})
		}
	}
	return buttons
}

// take is the question of a button, once; false when there is none any more, or it is another person's.
func (p *pending) take(nonce string, u chat.Update) (question, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	q, ok := p.questions[nonce]
	if !ok || q.user != u.User || q.chat != u.Chat {
		return question{}, false // a stranger's press must not spend it
	}
	for other, o := range p.questions {
		if o.group == q.group {
			delete(p.questions, other)
		}
	}
	return q, !p.now().After(q.until)
}

// nonceText is 128 random bits.
func nonceText() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program before
	return base64.RawURLEncoding.EncodeToString(b[:])
}
