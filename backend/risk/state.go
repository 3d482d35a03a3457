package risk

import (
	"time"

	"hoox/backend/trading"
)

// State is the trading state; the kill switch is Halted.
type State string

// The trading states, from free to shut.
const (
	Active   State = "active"
	Reducing State = "reducing"
	Halted   State = "halted"
)

// Known tells whether the state is one of ours.
func (s State) Known() bool { return s == Active || s == Reducing || s == Halted }

// Stricter is the one of two states that allows less. An unknown word counts as Halted: what cannot be read must not
// trade.
func Stricter(a, b State) State {
	if a.rank() >= b.rank() {
		return a
	}
	return b
}

func (s State) rank() int {
	switch s {
	case Active:
		return 0
	case Reducing:
		return 1
	case Halted:
		return 2
	}
	return 3
}

// Standing is a trading state with who set it, when and why.
type Standing struct {
	State  State
	Reason string
	Actor  string
	Since  time.Time
	// Epoch grows with every change; an order armed under an older epoch looks again before the wire.
	Epoch int64
}

// Limits are the caps of the settings manifest; a zero cap means no cap.
type Limits struct {
	// Enabled is false for an exchange that is switched off.
	Enabled bool
	// BlockCloses freezes closes too while halted.
	BlockCloses bool
	// MaxOrder caps the notional of one order, MaxPosition that of one position after the order, MaxExposure that of all
	// positions and resting entries of the account. In quote currency.
	MaxOrder    trading.Money
	MaxPosition trading.Money
	MaxExposure trading.Money
	// KeyMaxOrder is what the key that a signal came with caps one order at, in dollars: it holds also where prices are in
	// something else.
	KeyMaxOrder trading.Money
	MaxLeverage int
	// OrdersPerMinute caps entries in any 60 s.
	OrdersPerMinute int
	// Locks are symbols that take no entries. The second look knows an order's symbol only: a symbol that is not its base and
	// quote must be among them as it is written.
	Locks []trading.Lock
	// At is when is looked.
	At time.Time
}

// Book is what the gate looks at: the account as the ledger has it at this moment.
type Book struct {
	Standing Standing
	// Positions are the account's open positions.
	Positions []trading.Position
	// Open are the account's orders that are not final.
	Open []trading.Order
	// Balance is the account's money without open profit.
	Balance trading.Money
	// Recent counts the entries that were sent in the last 60 s.
	Recent int
	// Mine are the open entries of the strategy that the signal follows, in its instrument, and Entries how many of its
	// entries have filled since the position there was opened. Both are empty for a signal that follows none.
	Mine    []trading.OrderID
	Entries int
	// Before names the last use of the signal's key that has ended, "" when the key is new: orders of the two uses must not
	// have the same ids.
	Before string
}

// Position is the open position of an instrument in a slot; flat when there is none.
func (b Book) Position(key trading.InstrumentKey, slot trading.Slot) trading.Position {
	for _, p := range b.Positions {
		if p.Product == key.Product && p.Symbol == key.Symbol && p.Slot == slot {
			return p
		}
	}
	return trading.Position{Product: key.Product, Symbol: key.Symbol, Slot: slot}
}

// LaneBusy tells whether an order of the lane waits, is in flight or may be alive without our knowing, so that the next one
// has to queue. Resting limit orders do not hold up their lane.
func (b Book) LaneBusy(lane string) bool {
	for _, o := range b.Open {
		if o.Lane() == lane && (o.Status == trading.OrderCreated || o.Status.InDoubt() || o.Status == trading.OrderNeedsReview) {
			return true
		}
	}
	return false
}
