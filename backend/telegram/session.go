package telegram

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"hoox/backend/trading"
)

// shunPause is how long a public address is left alone after a webhook there did not work.
const shunPause = 10 * time.Minute

// errChanged ends a session because what it was begun with is not so any more.
var errChanged = errors.New("begun anew")

// wish is what a session is begun with.
type wish struct {
	token, public, secret string
	mode                  Mode
}

func (r *Runner) wish() wish {
	p := r.parts
	return wish{token: p.Client.token(), public: strings.TrimSuffix(p.Public(), "/"), secret: p.Secret(), mode: p.Mode()}
}

// session takes updates with one token in one way, until it fails, something has changed (nil), or ctx ends.
func (r *Runner) session(ctx context.Context) error {
	w := r.wish()
	ctx, end := context.WithCancelCause(ctx)
	defer end(nil)
	over := make(chan struct{})
	go func() {
		defer close(over)
		r.look(ctx, w, end)
	}()
	err := r.run(ctx, w)
	if errors.Is(context.Cause(ctx), errChanged) {
		err = nil
	}
	end(nil)
	<-over
	return err
}

// look ends the session when what it was begun with has changed, or a webhook may be tried again.
func (r *Runner) look(ctx context.Context, w wish, end context.CancelCauseFunc) {
	var retry <-chan time.Time
	if left := r.shuns(w.public); w.mode == Auto && left > 0 {
		timer := time.NewTimer(left)
		defer timer.Stop()
		retry = timer.C
	}
	for {
		select {
		case <-ctx.Done():
			return
		case <-retry:
			end(errChanged)
			return
		case <-r.wake:
			if r.wish() != w {
				end(errChanged)
				return
			}
			r.showMenus(ctx, w.token)
		}
	}
}

// run brings the bot up and takes updates.
func (r *Runner) run(ctx context.Context, w wish) error {
	// Either way of taking updates comes back to what cannot be read now: a halt does not wait for it.
	if err := r.recover(ctx); err != nil && w.token == "" {
		return err
	}
	if w.token == "" {
		r.set(func(s *State) {
			s.Phase, s.Bot, s.Number, s.Detail, s.Fix = Off, "", 0, "no bot token is set", "make a bot at @BotFather and set its token here"
		})
		<-ctx.Done()
		return ctx.Err()
	}
	me, err := r.parts.Client.Me(ctx)
	if err != nil {
		return err
	}
	r.set(func(s *State) { s.Bot, s.Number = me.User, me.ID })
	// Beside the way of updates: no command waits until Telegram has taken what it shows of them.
	r.counter().also(func(context.Context) { r.showMenus(ctx, w.token) })
	if hooks, err := r.hooks(w); err != nil || hooks {
		if err == nil {
			err = r.hook(ctx, w)
		}
		var aside *noHook
		if w.mode == Webhook || !errors.As(err, &aside) {
			return err
		}
		// The next session asks instead.
		r.shun(w.public, err.Error())
		return nil
	}
	return r.poll(ctx, w)
}

// secretShape is what Telegram takes as a secret.
// Source: core.telegram.org/bots/api#setwebhook.
var secretShape = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

// hooks tells whether a webhook is to be tried, and why it cannot be though it must.
func (r *Runner) hooks(w wish) (bool, error) {
	if w.mode != Auto && w.mode != Webhook {
		return false, nil
	}
	var err error
	switch {
	case w.public == "":
		err = refused("start a tunnel, or have messages asked for", "a webhook needs a public address, and there is none")
	case !secretShape.MatchString(w.secret):
		err = refused("set TELEGRAM_SECRET_TOKEN to 1 to 256 of A-Z, a-z, 0-9, _ and -", "a webhook needs a secret that Telegram takes")
	}
	if w.mode == Webhook {
		return err == nil, err
	}
	return err == nil && r.shuns(w.public) <= 0, nil
}

// shun leaves an address alone for a while.
func (r *Runner) shun(public, why string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shunned, r.until, r.why = public, r.parts.Now().Add(shunPause), why
}

// shuns is how much longer an address is left alone; zero when it is not.
func (r *Runner) shuns(public string) time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if public == "" || public != r.shunned {
		return 0
	}
	return max(r.until.Sub(r.parts.Now()), 0)
}

// fault is a failure with what a person can do about it.
type fault struct {
	error
	fix string
}

func (f *fault) Unwrap() error { return f.error }

func refused(fix, format string, args ...any) error {
	return &fault{trading.Errorf(trading.Refused, format, args...), fix}
}

func fixOf(err error) string {
	var f *fault
	if errors.As(err, &f) {
		return f.fix
	}
	return ""
}
