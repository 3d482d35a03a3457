package app

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"strings"
	"sync"
	"time"

	"hoox/backend/audit"
	"hoox/backend/chat"
	"hoox/backend/trading"
)

const (
	// codeLives is how long a code for pairing may be used.
	codeLives = 10 * time.Minute
	// mostGuesses ends a code: nobody types one wrong so often.
	mostGuesses = 10
)

// pairing is the code that the window shows: whoever sends it to the bot is a person from then on. There is one at a time, it is
// used once, and it is kept in memory only.
type pairing struct {
	now func() time.Time

	mu      sync.Mutex
	code    string
	role    chat.Role
	by      string
	until   time.Time
	guesses int
}

func newPairing(now func() time.Time) *pairing { return &pairing{now: now} }

// offer makes a code; the one before is worth nothing then.
func (p *pairing) offer(role chat.Role, by string) (code string, until time.Time) {
	var b [10]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program before
	p.mu.Lock()
	defer p.mu.Unlock()
	p.code, p.role, p.by = base32.StdEncoding.EncodeToString(b[:]), role, by
	p.until, p.guesses = p.now().Add(codeLives), 0
	return p.code, p.until
}

// withdraw ends the code.
func (p *pairing) withdraw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.code = ""
}

// open is what a code that is still good makes, and until when; zero when there is none.
func (p *pairing) open() (chat.Role, time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.code == "" || p.now().After(p.until) || p.guesses >= mostGuesses {
		return "", time.Time{}
	}
	return p.role, p.until
}

// fits tells whether a text is the code, alone or behind /start as the link of the window sends it. Wrong ones are counted.
func (p *pairing) fits(words string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.compare(words)
}

// spend is fits, once.
func (p *pairing) spend(words string) (role chat.Role, by string, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !p.compare(words) {
		return "", "", false
	}
	p.code = ""
	return p.role, p.by, true
}

func (p *pairing) compare(words string) bool {
	if p.code == "" || p.now().After(p.until) || p.guesses >= mostGuesses {
		return false
	}
	// However it was typed: in one piece, in groups, or behind /start.
	text := strings.ToUpper(strings.Join(strings.Fields(strings.TrimPrefix(strings.TrimSpace(words), "/start")), ""))
	if len(text) != len(p.code) {
		return false // no guess: the greeting of a stranger
	}
	if subtle.ConstantTimeCompare([]byte(text), []byte(p.code)) != 1 {
		p.guesses++
		return false
	}
	return true
}

// pair makes a person of whoever sent the code.
func (b *bot) pair(ctx context.Context, u chat.Update) chat.Answer {
	a := &asking{ctx: ctx, update: u, now: b.in.now()}
	role, by, ok := b.pairing.spend(u.Words)
	if !ok {
		return b.answer(a, quiet("a stranger"))
	}
	p := chat.Person{User: u.User, Name: chat.Line(u.Name, 64), Role: role, Chat: u.Chat, PairedAt: a.now, PairedBy: by, SeenAt: a.now}
	d := &deed{what: "pair a person", action: audit.PairPerson, subject: fmt.Sprintf("telegram %d", p.User), after: string(role), detail: "called " + p.Name + ", with a code of " + by}
	_, err := act(b.in, telegramActor(p), d, func(ctx context.Context) (chat.Person, error) {
		if err := b.roster.SavePerson(ctx, p); err != nil {
			return p, err
		}
		return p, b.learn(ctx)
	})
	if err != nil {
		return b.answer(a, b.failed(err))
	}
	return b.answer(a, reply{html: fmt.Sprintf("This chat is paired with <b>Hoox</b> at %s. Your role is <b>%s</b>.\n/help lists what you can ask for.", chat.Escape(modeWord(b.in.overall())), role)})
}

// remove forgets a person at once.
func (b *bot) remove(ctx context.Context, user int64) error {
	if err := b.roster.RemovePerson(ctx, user); err != nil {
		return err
	}
	return b.learn(ctx)
}

// promote gives a person another role, and returns the one before.
func (b *bot) promote(ctx context.Context, user int64, role chat.Role) (before chat.Role, err error) {
	if !role.May(chat.Viewer) {
		return "", trading.FieldError("role", "%q is not one of viewer, operator, owner", role)
	}
	b.mu.Lock()
	p, ok := b.people[user]
	b.mu.Unlock()
	if !ok {
		return "", trading.Errorf(trading.NotFound, "nobody with the number %d is paired", user)
	}
	before, p.Role = p.Role, role
	if err := b.roster.SavePerson(ctx, p); err != nil {
		return before, err
	}
	return before, b.learn(ctx)
}
