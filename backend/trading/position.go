package trading

import (
	"strings"
	"time"
)

// Position is what an account holds of one instrument in one slot. Cost is the sum of entry price × quantity of what is
// still open, so that the average price is never rounded in storage.
type Position struct {
	Account AccountID
	Product Product
	Symbol  string
	Slot    Slot
	// Qty is signed: positive long, negative short, zero flat.
	Qty  Qty
	Cost Money
	// Realized is the profit since the position was opened, before fees.
	Realized   Money
	Leverage   int
	Protection Protection
	// Liquidation is the exchange's word, zero when it gives none.
	Liquidation  Price
	OpenedAt     time.Time
	UpdatedAt    time.Time
	ReconciledAt time.Time
}

// Direction is long, short or flat.
func (p Position) Direction() Direction {
	switch p.Qty.Sign() {
	case 1:
		return Long
	case -1:
		return Short
	default:
		return Flat
	}
}

// Size is the quantity without its sign.
func (p Position) Size() Qty { return p.Qty.Abs() }

// Entry is the average entry price, zero when flat.
func (p Position) Entry() Price { return UnitPrice(p.Cost, p.Size()) }

// Unrealized is the profit at a mark price, before fees.
func (p Position) Unrealized(mark Price) Money {
	value := Notional(mark, p.Size())
	if p.Qty.IsNegative() {
		return p.Cost.Sub(value)
	}
	return value.Sub(p.Cost)
}

// Quote is the top of the market at one moment.
type Quote struct {
	Exchange Exchange
	Product  Product
	Symbol   string
	Bid      Price
	Ask      Price
	// Mark values positions and triggers stops.
	Mark Price
	At   time.Time
}

// Known tells whether everything that an order is sized and valued by is there.
func (q Quote) Known() bool { return q.Bid.IsPositive() && q.Ask.IsPositive() && q.Mark.IsPositive() }

// Touch is the price at which a market order of a side meets the market.
func (q Quote) Touch(side Side) Price {
	if side == Buy {
		return q.Ask
	}
	return q.Bid
}

// Lane is the lane of the orders that change the position.
func (p Position) Lane() string {
	return string(p.Account) + "/" + string(p.Product) + "/" + p.Symbol
}

// Written is the symbol in the one spelling that names the product too, TradingView's: with the exchange in front, and
// .P behind a perpetual. The general paper account has no TradingView name and spells its products alike.
func (p Position) Written() string {
	name := strings.ToUpper(string(p.Account.Exchange())) + ":" + strings.ReplaceAll(p.Symbol, "_", "")
	if p.Product == Linear {
		return name + ".P"
	}
	return name
}
