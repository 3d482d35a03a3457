package alarm

import "time"

// Kind is what happened. The list is closed.
type Kind string

// The kinds of alarms.
const (
	// Halted: trading was halted without a person's asking.
	Halted Kind = "halted"
	// Drift: ledger and exchange do not agree.
	Drift Kind = "drift"
	// DeadLetter: a piece of work was given up.
	DeadLetter Kind = "dead_letter"
	// Review: nobody knows what became of an order, and a person must look.
	Review Kind = "needs_review"
	// Reappeared: an order that was proven absent is at its exchange after all.
	Reappeared Kind = "reappeared"
	// Unsent: a close never left.
	Unsent Kind = "unsent_close"
	// Unprotected: a position is without its stop.
	Unprotected Kind = "unprotected"
	// Account: the way to an account is down.
	Account Kind = "account"
	// Address: the public address is another one, or cannot be reached.
	Address Kind = "address"
	// Silent: a strategy was not heard of for longer than it may be silent.
	Silent Kind = "silent"
	// KeyConflict: one idempotency key came with two contents.
	KeyConflict Kind = "key_conflict"
	// Ledger, Vault, Disk, Backup and Clock: a part of the house is not well.
	Ledger Kind = "ledger"
	Vault  Kind = "vault"
	Disk   Kind = "disk"
	Backup Kind = "backup"
	Clock  Kind = "clock"
	// Audit: a line of the audit is not what it was.
	Audit Kind = "audit"
	// Test: nothing happened; it shows that alarms arrive.
	Test Kind = "test"
)

// Kinds lists every kind.
func Kinds() []Kind {
	return []Kind{
		Halted, Drift, DeadLetter, Review, Reappeared, Unsent, Unprotected, Account, Address, Silent, KeyConflict,
		Ledger, Vault, Disk, Backup, Clock, Audit, Test,
	}
}

// Alarm is one thing that must not be missed. While nobody has acknowledged it, the same thing again (kind and subject) counts
// up; after that it is a new alarm.
type Alarm struct {
	// ID is the store's.
	ID      int64
	Kind    Kind
	Subject string
	// Text says what it is and what it stops, Fix what a person can do.
	Text, Fix       string
	FirstAt, LastAt time.Time
	Count           int64
	// AcknowledgedAt is zero while nobody has said that it was seen.
	AcknowledgedAt time.Time
	AcknowledgedBy string
	// Told is what channels were told of it, as far as somebody asked: see Page.
	Told []Told
}

// Told is what a channel was told of an alarm.
type Told struct {
	Channel string
	// Count is how often it had happened by then.
	Count int64
	At    time.Time
}

// Due is an alarm that a channel has not been told of as often as it happened.
type Due struct {
	Alarm
	// Fresh is how often it happened since the channel was told.
	Fresh int64
}

// Page asks for a part of the alarms, newest first.
type Page struct {
	Limit  int
	Cursor string
	// OpenOnly leaves out what was acknowledged.
	OpenOnly bool
	// Channels are those of which is wanted what they were told. Of an alarm that was acknowledged it is forgotten once a channel
	// is told of the next one of its kind and subject.
	Channels []string
}
