package trading

import "time"

// GuardState is how far the protection of an entry is at its exchange.
type GuardState string

// The states of a guard. Asked: the exchange is being told. Standing: it was read back as it should be. Failed: it does not
// stand, and the policy for that was carried out. Gone: there is nothing left to protect.
const (
	GuardAsked    GuardState = "asked"
	GuardStanding GuardState = "standing"
	GuardFailed   GuardState = "failed"
	GuardGone     GuardState = "gone"
)

// Guard is the watch over one protected entry: whether what protects its position stands at the exchange.
type Guard struct {
	// Order is the entry, Signal the signal it belongs to.
	Order   OrderID
	Signal  SignalID
	Account AccountID
	Product Product
	Symbol  string
	Slot    Slot
	State   GuardState
	// Since is the first fill that nothing confirmed protects yet.
	Since time.Time
	// ConfirmedAt is when the exchange last showed what should stand, zero before; Covers is the signed size it covered then.
	ConfirmedAt time.Time
	Covers      Qty
	// Closes counts the protective closes that were asked for since Since, ClosedAt is when the last one was.
	Closes   int
	ClosedAt time.Time
	Detail   string
	// Version grows with every change of what is to be protected; a result for an older one is a Conflict.
	Version int64
}
