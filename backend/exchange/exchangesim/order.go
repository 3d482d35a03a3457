package exchangesim

import (
	"time"

	"hoox/backend/trading"
)

// Request asks for one order. Qty is in base units; a spot market order may give QuoteQty instead.
type Request struct {
	// Link is the client order id, Parent the link of the order that it protects.
	Link, Parent string
	Product      trading.Product
	Symbol       string
	// Slot of a linear order; empty is trading.SlotBoth.
	Slot     trading.Slot
	Side     trading.Side
	Kind     Kind
	TIF      TIF
	Qty      trading.Qty
	QuoteQty trading.Money
	// Price is the limit, Trigger the mark at which a conditional order starts to work.
	Price, Trigger trading.Price
	// Callback is the part of the best price (0.01 is one percent), Distance the amount, by which a trailing order lags;
	// it starts to watch at Activate, or at once when that is zero.
	Callback           trading.Ratio
	Distance, Activate trading.Price
	ReduceOnly         bool
	// ClosePosition closes whatever there is at the trigger; Qty is ignored.
	ClosePosition bool
	// TakeProfit and StopLoss are put on the position when the order has filled (spot: as a pair of orders).
	TakeProfit, StopLoss trading.Price
	// TakeProfitLimit and StopLossLimit make limit orders of them. PartialGuard protects the quantity of this order only.
	TakeProfitLimit, StopLossLimit trading.Price
	PartialGuard                   bool
	// Algo keeps a conditional order in a book of its own, where it spawns another order at its trigger.
	Algo bool
	// LockLater keeps no money for an untriggered spot order.
	LockLater bool
	// Group names orders of which one cancels the others when it fills.
	Group string

	// What is scripted: Hide keeps the order out of every list for this long, RejectLater accepts it and rejects it
	// afterwards, Slices fills it in so many executions, FillOnly cancels it after the first of them, Hold keeps it from
	// meeting the market until Execute.
	Hide        time.Duration
	RejectLater bool
	Slices      int
	FillOnly    bool
	Hold        bool
}

// Script is the request with what a fault says about its execution.
func (r Request) Script(f Fault) Request {
	r.Hide, r.RejectLater, r.Slices, r.FillOnly, r.Hold = f.Hide, f.RejectLater, f.Slices, f.FillOnly, f.Hold
	return r
}

// Order is an order as the exchange has it.
type Order struct {
	Request
	ID string
	// Seq is the number of the order, from 1, over all orders of the account.
	Seq    int
	Status Status
	// Reason is why it ended unfilled, one of the Reason words.
	Reason string
	Filled trading.Qty
	// Cost is the sum of price × quantity of its fills.
	Cost trading.Money
	// Fees is what its fills paid by asset.
	Fees map[string]trading.Money `json:",omitempty"`
	// Shown is from when on lists show it.
	CreatedAt, UpdatedAt, Shown time.Time
	// TriggeredAt is when the trigger was reached.
	TriggeredAt time.Time
	// Actual is the id of the order that a triggered one of the algo book became.
	Actual string
	// StopType is set on an order that the exchange made: "StopLoss", "TakeProfit", "TrailingStop", "PartialStopLoss",
	// "PartialTakeProfit", "Liquidation", "ADL".
	StopType string
	// Best is the best mark that a trailing order has seen since it watches, zero before.
	Best trading.Price
	// External marks an order that did not come by the API.
	External bool
}

// Open is the quantity not filled yet.
func (o Order) Open() trading.Qty { return o.Qty.Sub(o.Filled) }

// Average is what its fills cost per unit, zero without fills.
func (o Order) Average() trading.Price { return trading.UnitPrice(o.Cost, o.Filled) }

// Working tells whether the order meets the market now.
func (o Order) Working() bool { return o.Status == New || o.Status == PartiallyFilled }

// Guarding tells whether the order is the protection of a position, or of what was bought on spot.
func (o Order) Guarding() bool {
	switch o.StopType {
	case "StopLoss", "TakeProfit", "TrailingStop", "PartialStopLoss", "PartialTakeProfit":
		return true
	}
	return false
}

// TriggerAt is the mark at which a conditional order starts to work now, zero when it does not watch.
func (o Order) TriggerAt() trading.Price {
	if o.Kind != Trailing {
		return o.Trigger
	}
	if o.Best.IsZero() {
		return trading.Price{}
	}
	lag := o.Distance
	if o.Callback.IsPositive() {
		lag = o.Best.Times(o.Callback)
	}
	if o.Side == trading.Sell {
		return o.Best.Sub(lag)
	}
	return o.Best.Add(lag)
}

// Execution is one fill. PnL is before fees; Fee is positive when paid. Kind is "Trade", "Bust" or "ADL".
type Execution struct {
	ID, OrderID, Link, Symbol string
	Product                   trading.Product
	Side                      trading.Side
	Slot                      trading.Slot
	Price                     trading.Price
	Qty                       trading.Qty
	// Closed is how much of Qty reduced a position.
	Closed   trading.Qty
	Fee      trading.Money
	FeeAsset string
	PnL      trading.Money
	Maker    bool
	Kind     string
	At       time.Time
	Seq      int
}

// Guard is the protection of a position. Zero means none.
type Guard struct {
	StopLoss, TakeProfit trading.Price
	// StopLimit and TargetLimit make limit orders of them.
	StopLimit, TargetLimit trading.Price
	// Trailing is the distance from the best price, Callback the same as a part of it; Activate is from where it watches.
	Trailing trading.Price
	Callback trading.Ratio
	Activate trading.Price
	// Partial adds protection for Qty instead of replacing the protection of the whole position.
	Partial bool
	Qty     trading.Qty
	// Parent is the link of the order that it came with.
	Parent string
}

// Position is what the account holds of one linear instrument in one slot.
type Position struct {
	trading.Position
	Mark     trading.Price
	Isolated bool
	// Margin is the initial margin, Maintenance what must be left.
	Margin, Maintenance trading.Money
	// Guard is the protection of the whole position.
	Guard Guard
	// TotalRealized is the profit since the account exists, before fees.
	TotalRealized trading.Money
}
