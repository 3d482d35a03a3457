package strategy

import (
	"fmt"
	"time"

	"hoox/backend/trading"
)

// Strategy is what is written down about the alerts that carry its name. The zero values of everything but the name change
// nothing about an alert.
type Strategy struct {
	// Name is what alerts say in "strategy", exactly.
	Name    string
	Enabled bool
	// Routes are the accounts its alerts run on, the first one under the alert's own key. None leaves the account to the
	// alert.
	Routes  []Route
	Symbols []Mapping
	// Pyramiding is what an entry means while a position in its direction is held.
	Pyramiding Pyramiding
	// CancelPrevious ends the strategy's resting entries of a symbol when its next entry of that symbol goes.
	CancelPrevious bool
	// Dust makes a partial close that would leave less than the smallest order close everything.
	Dust bool
	// StopLoss, TakeProfit and TrailingStop protect entries whose alert has none of the kind.
	StopLoss     trading.Level
	TakeProfit   []trading.TakeProfit
	TrailingStop trading.Level
	// MaxAge is the lifetime of an entry whose alert asks for none; zero leaves it to the settings. Closes keep theirs.
	MaxAge time.Duration
	// Expect is how long the strategy may be silent before somebody is told; zero tells nobody. Whole minutes.
	Expect time.Duration
	// PaperTwin also runs each alert on the paper twin of every route's exchange.
	PaperTwin bool
}

// Route is one account a strategy runs on.
type Route struct {
	Account trading.AccountID
	Enabled bool
	// Size replaces the size of entries; SizeNone leaves the alert's own.
	Size trading.Size
	// Multiplier scales the alert's size; zero leaves it. It and Size exclude each other.
	Multiplier trading.Ratio
	// MaxOrder and MaxPosition are caps in quote currency beside those of the settings; the tighter one counts, zero is none.
	MaxOrder    trading.Money
	MaxPosition trading.Money
	// Leverage and MarginMode replace the alert's on perpetuals; zero leaves them.
	Leverage   int
	MarginMode trading.MarginMode
}

// Mapping gives symbols another name on an account.
type Mapping struct {
	// Pattern is compared with the alert's symbol without regard to case; "*" is anything. With an exchange in front
	// ("BYBIT:*") it is held against the whole symbol, else against what follows the exchange.
	Pattern string
	// To is the symbol to trade; a "*" in it stands for what the one "*" of Pattern met. Written plainly ("ETHUSDT") it keeps
	// the product that the alert meant; "BYBIT:ETHUSDT" is spot and "ETHUSDT.P" the perpetual, whatever the alert meant.
	To string
	// Account limits the mapping to one account; "" is all.
	Account trading.AccountID
}

// PyramidMode is what an entry in the direction of a position does.
type PyramidMode string

// The modes. Add is the default.
const (
	PyramidAdd     PyramidMode = "add"
	PyramidIgnore  PyramidMode = "ignore"
	PyramidReplace PyramidMode = "replace"
)

// Pyramiding is what a second entry means.
type Pyramiding struct {
	Mode PyramidMode
	// MaxAdds is how many entries may follow the first while its position is open; 0 is any number. Only with PyramidAdd.
	MaxAdds int
}

// Record is a strategy as it is stored.
type Record struct {
	Strategy Strategy
	// Version grows with every change, also over a deletion; a change of an older version is a Conflict.
	Version   int64
	UpdatedAt time.Time
	Actor     string
}

// Change is one version a strategy had. Deleted tells that it ended with this one.
type Change struct {
	Record
	Deleted bool
}

// Span is a time in whole minutes as people write it: 90 minutes are "1 h 30 min".
func Span(d time.Duration) string {
	days, hours, minutes := d/(24*time.Hour), d%(24*time.Hour)/time.Hour, d%time.Hour/time.Minute
	text := ""
	for _, part := range []struct {
		n    time.Duration
		unit string
	}{{days, "d"}, {hours, "h"}, {minutes, "min"}} {
		if part.n > 0 {
			text += fmt.Sprintf(" %d %s", part.n, part.unit)
		}
	}
	if text == "" {
		return "0 min"
	}
	return text[1:]
}
