package trading

import (
	"errors"
	"fmt"
	"time"
)

// Kind is what an error means to the one who asked. The list is closed; one table each maps it to the gateway's answer,
// the queue's next step and the words on the screen.
type Kind string

const (
	// Invalid: the request is wrong and will be wrong again.
	Invalid Kind = "invalid"
	// Unauthorized: not you.
	Unauthorized Kind = "unauthorized"
	// Duplicate: seen before.
	Duplicate Kind = "duplicate"
	// Refused: the gate said no.
	Refused Kind = "refused"
	// Halted: the kill switch said no.
	Halted Kind = "halted"
	// Limited: too many, come back later.
	Limited Kind = "limited"
	// NotFound: no such thing.
	NotFound Kind = "not_found"
	// Conflict: somebody was faster, or the same key came with other content.
	Conflict Kind = "conflict"
	// Rejected: the exchange said no, for certain.
	Rejected Kind = "rejected"
	// Unknown: the exchange may or may not have it. Never resent; asked instead.
	Unknown Kind = "unknown"
	// Unavailable: it failed before the wire, or we could not store; nothing happened.
	Unavailable Kind = "unavailable"
	// Internal: our bug, or damage.
	Internal Kind = "internal"
)

// Error is an error with a kind. Message is for a person and says what to do; it carries no secret.
type Error struct {
	Kind    Kind
	Message string
	// Field names what is wrong in the request, if one thing is.
	Field string
	// Cause is for the log, never for the screen.
	Cause error
	// Wait is how long the one who said Limited wants silence, zero when it did not say.
	Wait time.Duration
}

func (e *Error) Error() string {
	if e.Cause != nil {
		return e.Message + ": " + e.Cause.Error()
	}
	return e.Message
}

func (e *Error) Unwrap() error { return e.Cause }

// Errorf makes an error of a kind. A %w in the format becomes the cause of the chain, as with fmt.Errorf.
func Errorf(kind Kind, format string, args ...any) error {
	wrapped := fmt.Errorf(format, args...)
	return &Error{Kind: kind, Message: wrapped.Error(), Cause: nil}
}

// FieldError tells which field of a request is wrong and what would be right.
func FieldError(field, format string, args ...any) error {
	return &Error{Kind: Invalid, Field: field, Message: fmt.Sprintf("%s: ", field) + fmt.Sprintf(format, args...)}
}

// Wrap gives an error a kind and the operation it happened in. A nil error stays nil, and an error that already has a
// kind keeps it.
func Wrap(kind Kind, err error, operation string) error {
	if err == nil {
		return nil
	}
	var known *Error
	if errors.As(err, &known) {
		return &Error{Kind: known.Kind, Message: operation + ": " + known.Message, Field: known.Field, Cause: known.Cause, Wait: known.Wait}
	}
	return &Error{Kind: kind, Message: operation, Cause: err}
}

// KindOf is the kind of an error; an error without one is Internal, and nil has none ("").
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// WaitOf is how long the one who failed wants silence, zero when it did not say.
func WaitOf(err error) time.Duration {
	var e *Error
	if errors.As(err, &e) {
		return e.Wait
	}
	return 0
}
