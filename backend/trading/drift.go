package trading

import "time"

// DriftKind is in which way the ledger and an exchange do not agree.
type DriftKind string

// The kinds. The first three are about positions; only they keep entries out. Lost is an order of ours that the exchange does
// not list, recovered one that carries our mark and is in no ledger, foreign one that somebody else placed.
const (
	DriftSize      DriftKind = "size"
	DriftExternal  DriftKind = "external"
	DriftMissing   DriftKind = "missing"
	DriftLost      DriftKind = "lost_order"
	DriftRecovered DriftKind = "recovered_order"
	DriftForeign   DriftKind = "foreign_order"
)

// OfPosition tells whether the kind is about a position and not about an order.
func (k DriftKind) OfPosition() bool {
	return k == DriftSize || k == DriftExternal || k == DriftMissing
}

// Drift is one thing on which the ledger and an exchange do not agree.
type Drift struct {
	// ID is the same for the same thing in every round.
	ID      string
	Account AccountID
	Kind    DriftKind
	Product Product
	Symbol  string
	Slot    Slot
	// OrderID and ExchangeID name an order, "" for a position or where the exchange tells none.
	OrderID    OrderID
	ExchangeID string
	Side       Side
	Type       OrderType
	Price      Price
	// Ours and Theirs are the two sizes: signed for a position, what is open for an order.
	Ours   Qty
	Theirs Qty
	// FirstSeen and LastSeen bound the rounds in a row in which it was seen; it counts from the second.
	FirstSeen time.Time
	LastSeen  time.Time
	Rounds    int
	// Ignored tells that a person said so while the sizes were what they are now.
	Ignored bool
}

// Counts tells whether it was seen often enough to be no matter of timing.
func (d Drift) Counts() bool { return d.Rounds >= 2 }

// Bars tells whether it keeps entries of its instrument out.
func (d Drift) Bars() bool { return d.Kind.OfPosition() && d.Counts() && !d.Ignored }

// Fix is what a person may ask for about a drift.
type Fix string

// The fixes. Adopt: the ledger takes what the exchange has. Ignore: until it changes. AskAgain: compare now. Cancel: the order
// at the exchange.
const (
	FixAdopt    Fix = "adopt"
	FixIgnore   Fix = "ignore"
	FixAskAgain Fix = "ask_again"
	FixCancel   Fix = "cancel"
)

// Comparison is what one look at an exchange led to.
type Comparison struct {
	Account AccountID
	At      time.Time
	// Seen are the drifts, Ended the ids of former ones that are no more.
	Seen  []Drift
	Ended []string
	// Agreed are the positions on whose size both sides agree.
	Agreed []Position
}
