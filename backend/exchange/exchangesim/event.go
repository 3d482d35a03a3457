package exchangesim

import (
	"time"

	"hoox/backend/trading"
)

// Event is one line of the log. Exactly one of the pointers that are written down is set.
type Event struct {
	Seq int
	At  time.Time
	// Placed is a new order, Changed an order that was canceled, expired, rejected, amended or triggered, as it is then.
	Placed  *Order     `json:",omitempty"`
	Filled  *Execution `json:",omitempty"`
	Changed *Order     `json:",omitempty"`
	Funding *Funding   `json:",omitempty"`
	Cash    *Cash      `json:",omitempty"`
	Priced  *Priced    `json:",omitempty"`
	Set     *Setting   `json:",omitempty"`

	// Order and Position are as they are after the event, for whoever tells it on; they are not in the log. Position is
	// nil when no linear position is concerned.
	Order    *Order    `json:"-"`
	Position *Position `json:"-"`
}

// Funding is one payment on a position; Amount is signed, from the account's view.
type Funding struct {
	ID, Symbol, Asset string
	Slot              trading.Slot
	Qty               trading.Qty
	Mark              trading.Price
	Rate              trading.Ratio
	Amount            trading.Money
	At                time.Time
}

// Cash is money that moved for another reason than a fill or funding: "deposit", "transfer", "insurance".
type Cash struct {
	Asset, Kind string
	Amount      trading.Money
}

// Priced is a new mark.
type Priced struct {
	Symbol string
	Mark   trading.Price
}

// Setting is a changed switch of the account: "leverage", "hedge", "isolated", "margin" (of one symbol), "halted".
type Setting struct {
	Name, Symbol string
	Number       int              `json:",omitempty"`
	On           bool             `json:",omitempty"`
	Of           *SettingOfSymbol `json:",omitempty"`
}

// SettingOfSymbol carries a changed instrument ("instrument").
type SettingOfSymbol struct{ Instrument trading.Instrument }
