package telegram

import (
	"context"
	"encoding/json"
	"time"

	"hoox/backend/trading"
)

// poll asks for updates until something fails or ctx ends.
func (r *Runner) poll(ctx context.Context, w wish) error {
	if err := r.parts.Client.DeleteWebhook(ctx); err != nil {
		return err
	}
	// Without a number Telegram brings all that it has, and forgets nothing. The first question does not wait, to prove the way.
	var from int64
	var wait time.Duration
	for {
		batch, err := r.parts.Client.updates(ctx, from, wait)
		if err != nil {
			return err
		}
		r.polling(w)
		for i, raw := range batch {
			u, ok := read(raw)
			if !ok {
				return trading.Errorf(trading.Unknown, "Telegram brought an update without a number")
			}
			if err := r.take(ctx, u); err != nil {
				r.haltsOf(batch[i+1:])
				return err
			}
			from = u.ID + 1
		}
		if err := r.recover(ctx); err != nil {
			return err
		}
		wait = pollWait
	}
}

// haltsOf obeys the halts among updates that stand behind one that could not be written down. All of them come again.
func (r *Runner) haltsOf(batch []json.RawMessage) {
	for _, raw := range batch {
		if u, ok := read(raw); ok && r.parts.Handler.Knows(u) {
			r.haltUnwritten(u)
		}
	}
}

// polling shows that Telegram answers.
func (r *Runner) polling(w wish) {
	detail, fix := "Telegram is asked for messages", ""
	if w.mode == Auto && r.shuns(w.public) > 0 {
		r.mu.Lock()
		detail = "Telegram is asked for messages, because the webhook did not work: " + r.why
		r.mu.Unlock()
		fix = "nothing is lost; it is tried again in a few minutes"
	}
	r.up(func(s *State) { s.Phase, s.Detail, s.Fix, s.Next = Polling, detail, fix, time.Time{} })
}

// up shows that Telegram is reached, and has the postman try again what he could not bring.
func (r *Runner) up(edit func(s *State)) {
	var fresh bool
	r.set(func(s *State) {
		before := s.Phase
		edit(s)
		fresh = s.Phase != before
	})
	if fresh {
		r.parts.Postman.back()
	}
	r.parts.Postman.reached()
}
