package trading

import (
	"strings"
	"time"
	"unicode"
)

// Lock keeps entries of a symbol from being taken, on every exchange and of every product, until a moment. Closes go.
type Lock struct {
	// Symbol is base and quote with nothing between them: "BTCUSDT".
	Symbol string
	// Until is zero for a lock that somebody has to take off.
	Until time.Time
}

// longestSymbol is the longest that a lock names, in bytes.
const longestSymbol = 32

// ParseLock reads "BTCUSDT" or "BTCUSDT@2026-11-23T10:00:00Z". The symbol may be written as an exchange writes it (btc_usdt,
// BTC/USDT); what else an alert may write, such as the exchange before it, is refused: a lock holds everywhere. It fails with
// Invalid.
func ParseLock(text string) (Lock, error) {
	written, until, timed := strings.Cut(text, "@")
	l := Lock{Symbol: PlainSymbol(written)}
	if l.Symbol == "" || len(l.Symbol) > longestSymbol || !isWord(l.Symbol) {
		return Lock{}, FieldError("symbol", "%q is no symbol to lock: want base and quote, such as BTCUSDT", written)
	}
	if !timed {
		return l, nil
	}
	at, err := time.Parse(time.RFC3339, until)
	if err != nil || at.Nanosecond() != 0 || at.UTC().Year() < 2000 || at.UTC().Year() > 9999 {
		return Lock{}, FieldError("until", "%q is no moment: want one such as 2026-11-23T10:00:00Z", until)
	}
	l.Until = at.UTC()
	return l, nil
}

// PlainSymbol is a symbol in capitals without what some exchanges write between base and quote: "BTC_USDT" is "BTCUSDT".
func PlainSymbol(written string) string {
	return strings.ToUpper(strings.NewReplacer("_", "", "-", "", "/", "").Replace(written))
}

func isWord(s string) bool {
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) || r == unicode.ReplacementChar {
			return false
		}
	}
	return true
}

// String is the lock as ParseLock reads it.
func (l Lock) String() string {
	if l.Until.IsZero() {
		return l.Symbol
	}
	return l.Symbol + "@" + l.Until.UTC().Format(time.RFC3339)
}

// Holds tells whether the lock counts at a moment.
func (l Lock) Holds(at time.Time) bool { return l.Until.IsZero() || at.Before(l.Until) }

// Covers tells whether the lock does all that another one does: it is of the same symbol and ends no sooner.
func (l Lock) Covers(other Lock) bool {
	return l.Symbol == other.Symbol && (l.Until.IsZero() || !other.Until.IsZero() && !l.Until.Before(other.Until))
}

// Words says until when it holds.
func (l Lock) Words() string {
	if l.Until.IsZero() {
		return "until it is unlocked"
	}
	return "until " + l.Until.UTC().Format(time.RFC3339)
}
