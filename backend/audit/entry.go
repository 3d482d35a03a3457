package audit

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Decision is what came of an act.
type Decision string

// Done happened. Refused did not, because it was not allowed or made no sense. Failed did not, or nobody knows whether it did.
const (
	Done    Decision = "done"
	Refused Decision = "refused"
	Failed  Decision = "failed"
)

// Known tells whether the decision is one of the three.
func (d Decision) Known() bool { return d == Done || d == Refused || d == Failed }

// Entry is one line: who did what, from where, to what, and what came of it.
type Entry struct {
	// Seq, Prev and Hash are the store's: the place of the line and its link to the one before.
	Seq        int64
	Prev, Hash []byte

	At time.Time
	// Actor is who acted ("window", "cli", "automatic: clock"), Origin from where ("this computer", an address).
	Actor, Origin string
	Action        Action
	// Subject is what it was about: a setting, an order, the name of a secret, never its value.
	Subject  string
	Decision Decision
	// Before and After are the values on both sides of a change, as far as it has any.
	Before, After string
	// Detail is why: the reason a person gave, or the words of the refusal.
	Detail string
}

// The longest texts of a line, in bytes.
const (
	longestName  = 80
	longestWords = 200
	longestValue = 500
)

// Clean is the line as it may be stored: short enough, and without anything that could forge another line on a screen or in a
// log.
func (e Entry) Clean() Entry {
	e.Actor, e.Origin, e.Subject = Plain(e.Actor, longestName), Plain(e.Origin, longestName), Plain(e.Subject, longestWords)
	e.Before, e.After, e.Detail = Plain(e.Before, longestValue), Plain(e.After, longestValue), Plain(e.Detail, longestValue)
	return e
}

// Plain is a text of at most so many bytes in which everything that does not print is escaped: control characters, marks that
// turn the direction of writing, bytes that are no text. What is left out leaves an ellipsis.
func Plain(text string, most int) string {
	const ellipsis = "…"
	var b strings.Builder
	whole := 0 // what may stay when more comes than there is room for
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		piece := text[i : i+size]
		switch {
		case r == utf8.RuneError && size == 1:
			piece = fmt.Sprintf(`\x%02x`, text[i])
		case !strconv.IsPrint(r):
			piece = strings.Trim(strconv.QuoteRuneToASCII(r), "'")
		}
		if b.Len()+len(piece) > most {
			return b.String()[:whole] + ellipsis
		}
		b.WriteString(piece)
		if b.Len() <= most-len(ellipsis) {
			whole = b.Len()
		}
		i += size
	}
	return b.String()
}

// Page asks for a part of the lines, newest first. An empty field does not narrow.
type Page struct {
	// Limit is 1 to 500.
	Limit int
	// Cursor continues after the last line of the page before; "" for the newest.
	Cursor string
	// Actor is how the actor begins: "browser" finds every session of one.
	Actor    string
	Action   Action
	Decision Decision
	// From is the first moment wanted and To the first that is not.
	From, To time.Time
}
