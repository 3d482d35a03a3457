package trading

import "time"

// Order is one leg of a signal on one account. Its request fields are frozen when it is created.
type Order struct {
	ID       OrderID
	SignalID SignalID
	Leg      int

	Account AccountID
	Product Product
	Symbol  string
	Slot    Slot

	Side       Side
	Type       OrderType
	ReduceOnly bool
	// ClosesAll marks a reduce-only order for everything there is, whose effect is the same however often it happens.
	ClosesAll bool
	Qty       Qty
	// Price is the limit, zero for a market order.
	Price      Price
	Leverage   int
	MarginMode MarginMode
	Protection Protection
	Deadline   time.Time

	Status     OrderStatus
	Reason     string
	ExchangeID string
	Filled     Qty
	// FilledCost is the sum of price × quantity of its fills.
	FilledCost Money
	Attempts   int
	// Version grows with every change; a change of an older version is a Conflict.
	Version   int64
	CreatedAt time.Time
	UpdatedAt time.Time
	// ArmedAt is when the intent was last on disk as submitted, zero before.
	ArmedAt time.Time
	// Parent is set on an order that the exchange made from a protection of Parent, or by liquidation.
	Parent OrderID
}

// Exchange is the exchange of its account.
func (o Order) Exchange() Exchange { return o.Account.Exchange() }

// AveragePrice is what its fills cost per unit, zero without fills.
func (o Order) AveragePrice() Price { return UnitPrice(o.FilledCost, o.Filled) }

// Open is the quantity not filled yet.
func (o Order) Open() Qty { return o.Qty.Sub(o.Filled) }

// Lane is the order of things: at most one order of a lane is in flight.
func (o Order) Lane() string {
	return string(o.Account) + "/" + string(o.Product) + "/" + o.Symbol
}

// Protection is what the exchange keeps watching after an entry; prices are absolute and rounded to the tick.
type Protection struct {
	TakeProfit []TakeProfitAt
	StopLoss   Price
	// TrailingStop is the distance from the best price, in price units; zero for none.
	TrailingStop Price
}

// IsZero tells whether nothing is attached.
func (p Protection) IsZero() bool {
	return len(p.TakeProfit) == 0 && p.StopLoss.IsZero() && p.TrailingStop.IsZero()
}

// TakeProfitAt is one target: close this quantity at this price.
type TakeProfitAt struct {
	Price Price
	Qty   Qty
}

// Fill is one execution. RealizedPnL is before fees; Fee is positive when paid.
type Fill struct {
	ID          FillID
	OrderID     OrderID
	SignalID    SignalID
	Account     AccountID
	Product     Product
	Symbol      string
	Slot        Slot
	Side        Side
	Qty         Qty
	Price       Price
	Fee         Money
	FeeAsset    string
	Maker       bool
	RealizedPnL Money
	At          time.Time
}

// Report is what an exchange says about one order. Filled is cumulative and Fills may repeat: a fill known already
// changes nothing.
type Report struct {
	OrderID    OrderID
	ExchangeID string
	Status     OrderStatus
	Reason     string
	Filled     Qty
	Fills      []Fill
	At         time.Time
	// Child is set when the exchange made the order itself (a triggered protection, a liquidation): what to write down
	// if it is not known yet.
	Child *Order
}

// CashKind is why money moved without a fill.
type CashKind string

// The kinds of cash movement.
const (
	CashDeposit CashKind = "deposit"
	CashFunding CashKind = "funding"
	CashFee     CashKind = "fee"
	CashPnL     CashKind = "pnl"
)

// Cash is a movement of money on an account that is no fill. Amount is signed, from the account's view.
type Cash struct {
	// ID makes the movement known once ("funding:bybit:paper:BTCUSDT:1779264000").
	ID      string
	Account AccountID
	Kind    CashKind
	Asset   string
	Amount  Money
	Symbol  string
	At      time.Time
}
