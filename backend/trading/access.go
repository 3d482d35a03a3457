package trading

import (
	"strings"
	"time"
)

// Told is an answer that an exchange may not give.
type Told string

// The answers: yes, no, and nothing said.
const (
	Yes     Told = "yes"
	No      Told = "no"
	NotTold Told = ""
)

// Tell is yes or no.
func Tell(b bool) Told {
	if b {
		return Yes
	}
	return No
}

// KeyRights is what an API key may do, as far as its exchange tells.
type KeyRights struct {
	// Linear and Spot are the right to place orders of a product.
	Linear, Spot Told
	// Withdraw and Transfer are rights that no trading key should have.
	Withdraw, Transfer Told
	// Bound tells that the key works from listed addresses only.
	Bound Told
	// ExpiresAt is zero for a key that does not expire, or when nothing is said.
	ExpiresAt time.Time
	// Notes are what a person should know about the key, in words.
	Notes []string
}

// AccountSetup is how an account is set up at its exchange.
type AccountSetup struct {
	// PositionMode is how perpetuals net opposite positions.
	PositionMode PositionMode
	// MarginMode is the mode of the whole account; "" where every position has its own.
	MarginMode MarginMode
}

// Lamp is how the way to an exchange is doing.
type Lamp struct {
	// Live tells that the private stream is up and its gap is closed.
	Live bool
	// Skew is the exchange's clock less ours and SkewAge how long ago that was measured; SkewKnown false when never.
	Skew, SkewAge time.Duration
	SkewKnown     bool
	// BannedUntil is until when the exchange wants to hear nothing; zero without a ban.
	BannedUntil time.Time
	// Left and Limit are the requests that may still be made in the window that runs, of the tightest limit in use.
	Left, Limit int
}

// Candle is what prices did in one interval that begins at Start. Volume is in base units.
type Candle struct {
	Start  time.Time
	Open   Price
	High   Price
	Low    Price
	Close  Price
	Volume Qty
}

// Words are the rights as a person reads them.
func (r KeyRights) Words() string {
	word := func(name string, t Told) string {
		if t == NotTold {
			return name + " not told"
		}
		return name + " " + string(t)
	}
	parts := []string{
		word("perpetuals", r.Linear), word("spot", r.Spot), word("withdraw", r.Withdraw), word("transfer", r.Transfer), word("bound to addresses", r.Bound),
	}
	if !r.ExpiresAt.IsZero() {
		parts = append(parts, "expires "+r.ExpiresAt.UTC().Format("2006-01-02"))
	}
	return strings.Join(append(parts, r.Notes...), ", ")
}
