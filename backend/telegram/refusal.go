package telegram

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"hoox/backend/trading"
)

// longestSilence bounds how many seconds one answer can make us quiet for.
const longestSilence = 24 * 60 * 60

// refusal is what an answer that is a no means.
// Source: core.telegram.org/bots/api#making-requests, and the words of the server itself.
func refusal(method string, v verdict) error {
	code := v.Code
	no := func(kind trading.Kind, format string, args ...any) error {
		return trading.Errorf(kind, format, args...)
	}
	switch {
	case code == http.StatusUnauthorized || code == http.StatusNotFound:
		return no(trading.Unauthorized, "Telegram does not know this bot token (%s)", v.Description)
	case code == http.StatusTooManyRequests || v.Parameters.RetryAfter > 0:
		wait := time.Duration(min(max(v.Parameters.RetryAfter, 1), longestSilence)) * time.Second
		return &trading.Error{Kind: trading.Limited, Message: method + ": Telegram asks for silence (" + v.Description + ")", Wait: wait}
	case code == http.StatusConflict && strings.Contains(strings.ToLower(v.Description), "webhook"):
		return no(trading.Conflict, "another program has set a webhook for this bot (%s)", v.Description)
	case code == http.StatusConflict:
		return no(trading.Conflict, "another program asks for the messages of this bot (%s)", v.Description)
	case v.Parameters.MovedTo != 0:
		return no(trading.Rejected, "the group has become a supergroup with the number %d: allow that one", v.Parameters.MovedTo)
	case code >= 400 && code < 500:
		return no(trading.Rejected, "Telegram refused %s (%s)", method, v.Description)
	}
	return no(trading.Unknown, "%s: Telegram is in trouble (%d %s)", method, code, v.Description)
}

// says tells whether Telegram said no for certain, and with these words in it: it has no others.
func says(err error, words ...string) bool {
	var known *trading.Error
	if !errors.As(err, &known) || known.Kind != trading.Rejected {
		return false
	}
	for _, part := range words {
		if strings.Contains(known.Message, part) {
			return true
		}
	}
	return false
}
