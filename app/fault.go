package app

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"hoox/backend/trading"
)

// failure is a Fault as an error. Its text is the fault's JSON, because text is all that the window's glass lets through.
type failure struct{ fault Fault }

func (f *failure) Error() string {
	text, err := json.Marshal(f.fault)
	if err != nil {
		return `{"kind":"internal","message":"the error could not be written","ref":"","field":""}`
	}
	return string(text)
}

// faultOf reads any error as a fault. What is inside the program stays there: only the message meant for a person
// crosses, and an error without one becomes a reference into the log.
func faultOf(err error, ref string) Fault {
	var crossed *failure
	var end *exit
	var known *trading.Error
	switch {
	case errors.As(err, &crossed):
		return crossed.fault
	case errors.As(err, &end):
		return end.fault
	case errors.As(err, &known):
		return Fault{Kind: string(known.Kind), Message: known.Message, Ref: ref, Field: known.Field}
	case errors.Is(err, context.DeadlineExceeded):
		return Fault{Kind: string(trading.Unavailable), Message: "no answer in time: try again", Ref: ref}
	case errors.Is(err, context.Canceled):
		return Fault{Kind: string(trading.Unavailable), Message: "the program is stopping", Ref: ref}
	}
	return Fault{Kind: string(trading.Internal), Message: "something went wrong inside: the log has it under " + ref, Ref: ref}
}

// newRef makes a short reference that finds one error in the log.
func newRef() string { return "e-" + shortID() }

// statusOf is the HTTP status of a fault's kind; see the package comment.
func statusOf(kind string) int {
	switch trading.Kind(kind) {
	case trading.Invalid:
		return http.StatusBadRequest
	case trading.Unauthorized:
		return http.StatusForbidden
	case trading.NotFound:
		return http.StatusNotFound
	case trading.Duplicate, trading.Conflict:
		return http.StatusConflict
	case trading.Refused, trading.Rejected:
		return http.StatusUnprocessableEntity
	case trading.Limited:
		return http.StatusTooManyRequests
	case trading.Halted, trading.Unavailable:
		return http.StatusServiceUnavailable
	case trading.Unknown:
		return http.StatusGatewayTimeout
	case trading.Internal:
		return http.StatusInternalServerError
	}
	return http.StatusInternalServerError
}

// The exit codes of the program.
const (
	exitOK         = 0
	exitFailed     = 1
	exitUsage      = 2
	exitNotRunning = 3
	exitRefused    = 4
	exitUnknown    = 5
	exitDamaged    = 6
	exitLocked     = 7
)

// exitOf is the exit code of a fault's kind; see the package comment.
func exitOf(kind string) int {
	switch trading.Kind(kind) {
	case trading.Invalid:
		return exitUsage
	case trading.Refused, trading.Rejected, trading.Limited, trading.Halted, trading.Duplicate:
		return exitRefused
	case trading.Unknown:
		return exitUnknown
	case trading.Unauthorized, trading.NotFound, trading.Conflict, trading.Unavailable, trading.Internal:
		return exitFailed
	}
	return exitFailed
}
