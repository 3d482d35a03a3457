package telegram

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"net/http"
	"time"

	"hoox/backend/trading"
	"hoox/backend/wire"
)

const (
	// HookPath is where Telegram posts updates at the gateway.
	HookPath = "/telegram-webhook"
	// MaxHookBody is the most that the gateway reads of one.
	MaxHookBody = 1 << 20
	// ComeAgain is the status that has Telegram post an update once more, later.
	ComeAgain = http.StatusServiceUnavailable
	// hookLook is how often Telegram is asked how the webhook is doing.
	hookLook = time.Minute
	// hookPatience is how long a silence that Telegram asks for may be before updates are rather asked for.
	hookPatience = 5 * time.Second
	// hookMisses is how many looks in a row may find that posts fail.
	hookMisses = 2
)

// noHook is why updates cannot be posted, though they may be asked for.
type noHook struct{ error }

func (e *noHook) Unwrap() error { return e.error }

// hook has updates posted until that does not work any more or ctx ends.
func (r *Runner) hook(ctx context.Context, w wish) error {
	url := w.public + HookPath
	// Telegram may post before it has answered.
	r.hooked.Store(true)
	defer r.hooked.Store(false)
	err := r.parts.Client.SetWebhook(ctx, url, w.secret)
	for trading.KindOf(err) == trading.Limited && trading.WaitOf(err) <= hookPatience {
		// More than once a second is too often.
		if err := wire.Pause(ctx, trading.WaitOf(err)); err != nil {
			return err
		}
		err = r.parts.Client.SetWebhook(ctx, url, w.secret)
	}
	switch trading.KindOf(err) {
	case "":
	case trading.Unauthorized, trading.Unavailable:
		// Asking would fail as well.
		return err
	default:
		return &noHook{err}
	}
	// An old failure is none of this one's.
	before, err := r.parts.Client.Hook(ctx)
	if err != nil {
		return err
	}
	r.up(func(s *State) {
		s.Phase, s.Public, s.Detail, s.Fix, s.Next = Hooked, url, "Telegram posts messages to the gateway", "", time.Time{}
	})
	for misses := 0; ; {
		if err := wire.Pause(ctx, hookLook); err != nil {
			return err
		}
		if err := r.recover(ctx); err != nil {
			return err
		}
		h, err := r.parts.Client.Hook(ctx)
		switch {
		case err != nil:
			return err
		case h.URL != url:
			return trading.Errorf(trading.Conflict, "another program has taken this bot's webhook away")
		case h.Waiting > 0 && h.FailedAt != before.FailedAt:
			misses++
		default:
			misses = 0
		}
		before = h
		r.parts.Postman.reached()
		if misses >= hookMisses {
			return &noHook{trading.Errorf(trading.Unavailable, "Telegram cannot post to %s (%s)", url, h.Why)}
		}
	}
}

// Webhook takes one update that was posted to HookPath: secret is what came in the header X-Telegram-Bot-Api-Secret-Token, body at most
// MaxHookBody bytes. It returns the status for the answer, whose body is empty: 200 when the update was written down or is none of
// ours, 403 for a wrong secret, 400 for what is no update, 413 for too much, and 503 when Telegram must bring it again.
func (r *Runner) Webhook(ctx context.Context, secret string, body []byte) (status int) {
	if !same(secret, r.parts.Secret()) {
		return http.StatusForbidden
	}
	if len(body) > MaxHookBody {
		return http.StatusRequestEntityTooLarge
	}
	u, ok := read(body)
	if !ok {
		return http.StatusBadRequest
	}
	// When updates are asked for, what is not taken here comes that way.
	if !r.hooked.Load() {
		return ComeAgain
	}
	if err := r.take(ctx, u); err != nil {
		r.parts.Log.Error("take a message that was posted", "update", u.ID, "error", err)
		return ComeAgain
	}
	return http.StatusOK
}

// same compares in a time that tells nothing, not even the length. Without a secret nothing is the same.
func same(had, want string) bool {
	a, b := sha256.Sum256([]byte(had)), sha256.Sum256([]byte(want))
	return subtle.ConstantTimeCompare(a[:], b[:]) == 1 && want != ""
}
