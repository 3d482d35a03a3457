package telegram

import (
	"context"
	"time"

	"hoox/backend/chat"
)

// Handler decides what comes of updates. It is called from several goroutines at once, for one person one after the other.
type Handler interface {
	// Knows tells whether whoever said it is paired and the place is allowed. What it does not know is met with silence, and nothing is
	// kept of it.
	Knows(u chat.Update) bool
	// Urgent tells whether it is a halt, by word or by button: those wait behind nothing.
	Urgent(u chat.Update) bool
	// Obey does what is asked for, or refuses it. It is called once for each update, ever.
	Obey(ctx context.Context, u chat.Update) chat.Answer
	// Interrupted is the answer to an update that was begun by a run that ended before it said what came of it.
	Interrupted(ctx context.Context, u chat.Update) chat.Answer
}

// updates keeps what came.
type updates interface {
	// TakeUpdate writes an update down as begun; false for one that was taken before.
	TakeUpdate(ctx context.Context, u chat.Update, at time.Time) (fresh bool, err error)
	// EndUpdate writes down what came of it and the messages that tell, in one transaction. It does nothing for one that has ended.
	EndUpdate(ctx context.Context, id int64, state, detail string, replies []chat.Message, at time.Time) error
	// BegunUpdates lists those of which nobody said what came of them.
	BegunUpdates(ctx context.Context) ([]chat.Update, error)
}

// outbox keeps what is to go out.
type outbox interface {
	// DueMessages lists what is to be sent by now, oldest first: of each chat only the oldest that waits.
	DueMessages(ctx context.Context, now time.Time, limit int) ([]chat.Message, error)
	// MessageSent writes down that Telegram has it, and under which number.
	MessageSent(ctx context.Context, id, number int64, at time.Time) error
	// MessageFailed writes down why it did not go out, and when it is tried again; never when that is zero.
	MessageFailed(ctx context.Context, id int64, why string, again, at time.Time) error
	// Undelivered counts what waits, and since when the oldest does.
	Undelivered(ctx context.Context) (waiting int, oldest time.Time, err error)
}
