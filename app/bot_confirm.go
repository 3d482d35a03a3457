package app

import (
	"strings"
	"sync"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"hoox/backend/chat"
	"hoox/backend/trading"
)

// TOTPSecret is the vault's name of what the authenticator of the phone knows too.
const totpSecret = "TELEGRAM_TOTP_SECRET"

// confirm asks back before something moves money: what will happen, and one button that does it, once, within a minute. With
// telegram:totp a code of an authenticator comes after the button.
func (b *bot) confirm(a *asking, needs chat.Role, summary, verb string, run func(a *asking) (reply, error)) reply {
	do := run
	if b.in.settings.Now().Bool("telegram:totp") {
		do = func(a *asking) (reply, error) { return b.askCode(a, needs, summary, run) }
	}
	return reply{
		html: summary + "\n\nThe button is good for 60 seconds.",
		buttons: b.pending.ask(a, needs,
			[]choice{{verb, do}},
			[]choice{{"Leave it", func(*asking) (reply, error) {
				return reply{html: summary + "\n\n<b>Nothing was done.</b>"}, nil
			}}}),
	}
}

// changed refuses what is no longer as it stood in the question: what was not asked about is not done.
func changed(summary, now string) reply {
	return no(summary + "\n\n<b>Nothing was done</b>: it was changed meanwhile. " + now + "\nSend the command again.")
}

// waiting are answers that a person is to type, one for each person at most.
type waiting struct {
	mu   sync.Mutex
	list map[int64]wait
	// spent is the last code that was used by each person: no code is good twice.
	spent map[int64]string
}

type wait struct {
	chat  int64
	until time.Time
	run   func(a *asking, words string) (reply, error)
}

func newWaiting() *waiting { return &waiting{list: map[int64]wait{}, spent: map[int64]string{}} }

// expect has the next words of a person taken as an answer.
func (w *waiting) expect(a *asking, until time.Time, run func(a *asking, words string) (reply, error)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list[a.person.User] = wait{chat: a.update.Chat, until: until, run: run}
}

// take is what words of a person answer, once.
func (w *waiting) take(a *asking) (wait, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	one, ok := w.list[a.person.User]
	if !ok || one.chat != a.update.Chat {
		return wait{}, false
	}
	delete(w.list, a.person.User)
	return one, true
}

// spend tells whether a code was not used before.
func (w *waiting) spend(user int64, code string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.spent[user] == code {
		return false
	}
	w.spent[user] = code
	return true
}

// typed answers a message that is awaited: a size, a code. ok is false when nothing is. A command instead of the answer drops the
// question.
func (b *bot) typed(a *asking) (r reply, ok bool) {
	one, ok := b.waiting.take(a)
	if !ok || strings.HasPrefix(strings.TrimSpace(a.update.Words), "/") {
		return reply{}, false
	}
	if a.now.After(one.until) || a.now.Sub(a.update.At) > oldestCommand {
		return no("That came too late. <b>Nothing was done.</b> Send the command again."), true
	}
	answer, err := one.run(a, strings.TrimSpace(a.update.Words))
	if err != nil {
		return b.failed(err), true
	}
	return answer, true
}

// askCode wants a code of the authenticator before something is done.
func (b *bot) askCode(a *asking, needs chat.Role, summary string, run func(a *asking) (reply, error)) (reply, error) {
	b.waiting.expect(a, a.now.Add(confirmWithin), func(a *asking, words string) (reply, error) {
		if !a.person.Role.May(needs) {
			return no("Your role does not allow this any more. <b>Nothing was done.</b>"), nil
		}
		ok, err := b.proves(a, words)
		if err != nil {
			return reply{}, err
		}
		if !ok {
			return no("That is not the code of this moment, or it was used already. <b>Nothing was done.</b> Send the command again."), nil
		}
		return run(a)
	})
	return reply{html: summary + "\n\nNow send the six digits of your authenticator, within 60 seconds."}, nil
}

// proves tells whether a code is that of the authenticator, now or half a minute beside.
func (b *bot) proves(a *asking, code string) (bool, error) {
	secret, ok, err := b.in.vault.Get(totpSecret)
	if err != nil {
		return false, err
	}
	if !ok {
		return false, trading.Errorf(trading.Refused, "telegram:totp is on and there is no %s in the vault: set one up on the Telegram page. Nothing was done", totpSecret)
	}
	code = strings.ReplaceAll(code, " ", "")
	good, err := totp.ValidateCustom(code, secret.Reveal(), a.now, totp.ValidateOpts{Period: 30, Skew: 1, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	if err != nil {
		return false, nil // not six digits
	}
	return good && b.waiting.spend(a.person.User, code), nil
}
