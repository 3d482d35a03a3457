package trading

import "time"

// Account is what is kept about an account at a real exchange.
type Account struct {
	ID AccountID
	// Label is what the trader calls it, "" for the first of its exchange and mode.
	Label string
	// Enabled tells that it is to be connected.
	Enabled bool
	// BannedUntil is until when the exchange wants to hear nothing; zero without a ban.
	BannedUntil time.Time
	// CompleteUntil is the last moment of which the ledger is known to have everything; zero before the first connection.
	CompleteUntil time.Time
	CreatedAt     time.Time
	Actor         string
}
