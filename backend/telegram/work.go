package telegram

import (
	"context"
	"time"

	"hoox/backend/chat"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

const (
	// pressPatience is how long a pressed button waits for what came of it before it is only told that it was seen.
	pressPatience = time.Second
	// pressBudget bounds the telling.
	pressBudget = 5 * time.Second
)

// take writes an update down and hands it over. A failure means that Telegram must bring it again.
func (r *Runner) take(ctx context.Context, u chat.Update) error {
	if !r.parts.Handler.Knows(u) {
		return nil
	}
	d := r.counter()
	d.claim(u.ID)
	defer d.release(u.ID)
	// A stop in the middle would leave it open whether it was taken.
	fresh, err := r.parts.Updates.TakeUpdate(context.WithoutCancel(ctx), u, r.parts.Now())
	if err != nil {
		r.unsure.Store(true)
		r.haltUnwritten(u)
		return trading.Errorf(trading.Unavailable, "a message could not be written down, so nothing was done about it: %w", err)
	}
	if !fresh {
		return nil
	}
	if !d.hand(u, r.parts.Handler.Urgent(u)) {
		const no = "too many at once: nothing was done about this one"
		r.pressed(u) <- no
		r.end(ctx, u, chat.Answer{State: chat.Refused, Detail: no})
	}
	return nil
}

// haltUnwritten obeys a halt that could not be written down: that a disk is full must not keep anybody from it. It is done once, and
// once more when it could be written down at last, which changes nothing any more. The question or the post that brought it ends meanwhile.
func (r *Runner) haltUnwritten(u chat.Update) {
	if !r.parts.Handler.Urgent(u) {
		return
	}
	if _, done := r.unwritten.LoadOrStore(u.ID, struct{}{}); done {
		return
	}
	r.counter().also(func(ctx context.Context) {
		answer := r.guarded(func() chat.Answer { return r.parts.Handler.Obey(ctx, u) })
		r.parts.Log.Warn("a halt was obeyed that could not be written down", "update", u.ID, "state", answer.State, "detail", answer.Detail)
	})
}

// counter is the desk of the Serve that runs.
func (r *Runner) counter() *desk {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.desk
}

// work obeys one update and writes down what came of it.
func (r *Runner) work(ctx context.Context, u chat.Update) {
	told := r.pressed(u)
	answer := r.guarded(func() chat.Answer { return r.parts.Handler.Obey(ctx, u) })
	told <- answer.Detail
	r.end(ctx, u, answer)
}

// guarded asks the handler; a panic in it is this update's failure, not the end of the program.
func (r *Runner) guarded(ask func() chat.Answer) (answer chat.Answer) {
	defer func() {
		if p := recover(); p != nil {
			r.parts.Log.Error("answering a message panicked", "panic", p)
			answer = chat.Answer{State: chat.BrokenOff, Detail: "the program failed in the middle of it: look at the window for what was done"}
		}
	}()
	answer = ask()
	if answer.State == "" || answer.State == chat.Begun {
		answer.State = chat.Done
	}
	return answer
}

// pressed tells Telegram that a button was pressed, with what came of it when that is known soon enough. The channel takes one text and
// never blocks.
func (r *Runner) pressed(u chat.Update) chan<- string {
	told := make(chan string, 1)
	if u.Kind != chat.Pressed || u.Query == "" {
		return told
	}
	r.counter().also(func(ctx context.Context) {
		timer := time.NewTimer(pressPatience)
		defer timer.Stop()
		text := ""
		select {
		case text = <-told:
		case <-timer.C:
		case <-ctx.Done():
		}
		ctx, cancel := context.WithTimeout(ctx, pressBudget)
		defer cancel()
		if err := r.parts.Client.AnswerPress(ctx, u.Query, text); err != nil && ctx.Err() == nil {
			r.parts.Log.Info("tell that a button was pressed", "error", err)
		}
	})
	return told
}

// end writes down what came of an update, and has the replies sent. While the store fails it tries again beside the other work: a
// command that was obeyed must not be told as one of which nobody knows.
func (r *Runner) end(ctx context.Context, u chat.Update, a chat.Answer) {
	if r.ended(ctx, u, a) {
		return
	}
	d := r.counter()
	d.claim(u.ID)
	d.also(func(ctx context.Context) {
		defer d.release(u.ID)
		for wait := leastPause; ; wait = min(2*wait, mostPause) {
			if wire.Pause(ctx, wait) != nil || r.ended(ctx, u, a) {
				return
			}
		}
	})
}

func (r *Runner) ended(ctx context.Context, u chat.Update, a chat.Answer) bool {
	err := r.parts.Updates.EndUpdate(context.WithoutCancel(ctx), u.ID, a.State, a.Detail, a.Messages, r.parts.Now())
	if err != nil {
		r.parts.Log.Error("write down what came of a message", "update", u.ID, "state", a.State, "error", err)
		return false
	}
	r.parts.Postman.Wake()
	return true
}

// recover answers what an earlier run had begun. It is never done again: nobody knows how far that run came.
func (r *Runner) recover(ctx context.Context) error {
	// Before they are read: what fails while they are, may not be among them.
	if !r.unsure.Swap(false) {
		return nil
	}
	list, err := r.parts.Updates.BegunUpdates(ctx)
	if err != nil {
		r.unsure.Store(true)
		return trading.Errorf(trading.Unavailable, "what was begun cannot be read: %w", err)
	}
	for _, u := range list {
		if r.counter().holds(u.ID) {
			continue
		}
		r.end(ctx, u, r.guarded(func() chat.Answer { return r.parts.Handler.Interrupted(ctx, u) }))
	}
	return nil
}
