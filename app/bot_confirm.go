package app

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"hoox/backend/audit"
	"hoox/backend/chat"
	"hoox/backend/trading"
)

// TOTPSecret is the vault's name of what the authenticator of the phone knows too.
const totpSecret = "TELEGRAM_TOTP_SECRET"

// confirm asks back before something moves money: what will happen, and one button that does it, once, within a minute. With
// telegram:totp a code of an authenticator comes after the button.
func (b *bot) confirm(a *asking, needs chat.Role, summary, verb string, run func(a *asking) (reply, error)) reply {
	codes := func() bool { return b.in.settings.Now().Bool("telegram:totp") }
	before := codes()
	do := func(a *asking) (reply, error) {
		// Switched on or off meanwhile, the stricter counts.
		if before || codes() {
			return b.askCode(a, needs, summary, run)
		}
		return run(a)
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
	// spent is the last half minute whose code was used, by whomever: no code is good twice, nor one before it.
	spent int64
	// wrong is when each person sent a wrong code lately.
	wrong map[int64][]time.Time
}

const (
	// mostWrongCodes are taken from one person within wrongCodesLast; then none is: whoever holds the phone would find one by trying.
	mostWrongCodes = 5
	wrongCodesLast = time.Hour
	// codeStep is how long a code is that of the moment.
	codeStep = 30 * time.Second
)

type wait struct {
	chat  int64
	until time.Time
	run   func(a *asking, words string) (reply, error)
}

func newWaiting() *waiting { return &waiting{list: map[int64]wait{}, wrong: map[int64][]time.Time{}} }

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

// spend tells whether the code of a half minute was not used before.
func (w *waiting) spend(user, step int64) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if step <= w.spent {
		return false
	}
	w.spent = step
	delete(w.wrong, user)
	return true
}

// failed notes a wrong code.
func (w *waiting) failed(user int64, at time.Time) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong[user] = append(w.wrong[user], at)
}

// shut is until when no code of a person is taken, zero when one is.
func (w *waiting) shut(user int64, now time.Time) time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrong[user] = slices.DeleteFunc(w.wrong[user], func(at time.Time) bool { return now.Sub(at) >= wrongCodesLast })
	if len(w.wrong[user]) < mostWrongCodes {
		return time.Time{}
	}
	return w.wrong[user][0].Add(wrongCodesLast)
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
	user := a.person.User
	if until := b.waiting.shut(user, a.now); !until.IsZero() {
		return false, trading.Errorf(trading.Refused, "%d codes were wrong: none is taken from you until %s. Nothing was done. Act at the desktop, or wait; /kill_on works", mostWrongCodes, b.clock(a, when(until)))
	}
	code = strings.ReplaceAll(code, " ", "")
	for _, beside := range []time.Duration{-codeStep, 0, codeStep} {
		at := a.now.Add(beside)
		good, err := totp.ValidateCustom(code, secret.Reveal(), at, totp.ValidateOpts{Period: uint(codeStep / time.Second), Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && good && b.waiting.spend(user, at.Unix()/int64(codeStep/time.Second)) {
			return true, nil
		}
	}
	b.waiting.failed(user, a.now)
	b.in.refused(audit.Entry{
		Actor: telegramActor(a.person).label, Origin: fmt.Sprintf("telegram %d", user), Action: audit.RefuseMessage, Subject: "code of the authenticator", Decision: audit.Refused,
		Detail: "wrong, or used already",
	})
	return false, nil
}
