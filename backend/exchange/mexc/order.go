package mexc

import (
	"cmp"
	"fmt"
	"strings"

	"hoox/backend/exchange"
	"hoox/backend/tape"
	"hoox/backend/trading"
)

// The sides of a futures order.
const (
	openLong   = 1
	closeShort = 2
	openShort  = 3
	closeLong  = 4
)

// futuresOrder is an order as the lists and the stream show it.
type futuresOrder struct {
	ID         text            `json:"orderId"`
	Symbol     string          `json:"symbol"`
	PositionID text            `json:"positionId"`
	Price      amount          `json:"price"`
	Vol        amount          `json:"vol"`
	Side       int             `json:"side"`
	Category   int             `json:"category"`
	Type       int             `json:"orderType"`
	Filled     amount          `json:"dealVol"`
	State      int             `json:"state"`
	Link       string          `json:"externalOid"`
	Error      int             `json:"errorCode"`
	Mode       int             `json:"positionMode"`
	ReduceOnly bool            `json:"reduceOnly"`
	CreatedAt  exchange.Millis `json:"createTime"`
	UpdatedAt  exchange.Millis `json:"updateTime"`
}

// deal is an execution as the lists and the stream show it.
type deal struct {
	ID          text   `json:"id"`
	OrderID     text   `json:"orderId"`
	Link        string `json:"externalOid"`
	Symbol      string `json:"symbol"`
	Side        int    `json:"side"`
	Vol         amount `json:"vol"`
	Price       amount `json:"price"`
	Fee         amount `json:"fee"`
	FeeCurrency string `json:"feeCurrency"`
	Profit      amount `json:"profit"`
	Category    int    `json:"category"`
	Mode        int    `json:"positionMode"`
	// Taker and IsTaker are two spellings of one thing.
	Taker   *bool           `json:"taker"`
	IsTaker *bool           `json:"isTaker"`
	At      exchange.Millis `json:"timestamp"`
}

func (d deal) maker() bool {
	switch {
	case d.Taker != nil:
		return !*d.Taker
	case d.IsTaker != nil:
		return !*d.IsTaker
	}
	return false
}

// side is what an order does to the position: a buy opens a long or closes a short.
func side(code int) trading.Side {
	if code == openShort || code == closeLong {
		return trading.Sell
	}
	return trading.Buy
}

func closes(code int) bool { return code == closeShort || code == closeLong }

// kindOfSide is the type of position that an order is about.
func kindOfSide(code int) int {
	if code == openShort || code == closeShort {
		return shortType
	}
	return longType
}

// sideCode is the side of an order in MEXC's words.
func sideCode(s trading.Side, reduces bool) int {
	switch {
	case s == trading.Buy && reduces:
		return closeShort
	case s == trading.Buy:
		return openLong
	case reduces:
		return closeLong
	default:
		return openShort
	}
}

// modeOf is the position mode that a row names, or else the account's.
func modeOf(code int, account trading.PositionMode) trading.PositionMode {
	switch code {
	case 1:
		return trading.Hedge
	case 2:
		return trading.OneWay
	}
	return account
}

// status is MEXC's state in ours; false for a state we do not know, about which nothing is said.
func (r futuresOrder) status() (trading.OrderStatus, bool) {
	switch r.State {
	case 1, 2:
		if r.Filled.IsPositive() {
			return trading.OrderPartiallyFilled, true
		}
		return trading.OrderAccepted, true
	case 3:
		if r.Filled.Less(r.Vol.Ratio) {
			return trading.OrderCanceled, true
		}
		return trading.OrderFilled, true
	case 4:
		return trading.OrderCanceled, true
	case 5:
		if r.Filled.IsPositive() {
			return trading.OrderCanceled, true
		}
		return trading.OrderRejected, true
	}
	return "", false
}

// reason says why an order ended early, "" when it did not.
func (r futuresOrder) reason() string {
	if r.Error == 0 {
		return ""
	}
	if said, ok := reasons[r.Error]; ok {
		return said
	}
	return fmt.Sprintf("error %d", r.Error)
}

// ourID is the client order id when it is one of ours.
func ourID(link string) trading.OrderID {
	if strings.HasPrefix(link, trading.OrderPrefix) {
		return trading.OrderID(link)
	}
	return ""
}

// row writes the order for the tape; false for a state we do not know.
func (r futuresOrder) row(c contract) (tape.Row, bool) {
	status, known := r.status()
	return tape.Row{
		ExchangeID: r.ID.id(), OrderID: ourID(r.Link), Product: trading.Linear, Symbol: r.Symbol, Status: status,
		Reason: r.reason(), Qty: c.base(r.Vol), Filled: c.base(r.Filled), At: r.UpdatedAt.Time,
	}, known && r.ID.id() != ""
}

// fill makes the fill of owner; false for a row without what a fill needs.
func (d deal) fill(account trading.AccountID, c contract, owner trading.OrderID, mode trading.PositionMode) (trading.Fill, bool) {
	if d.ID.id() == "" || d.OrderID.id() == "" || !d.Vol.IsPositive() || !d.Price.IsPositive() {
		return trading.Fill{}, false
	}
	if owner == "" {
		owner = trading.OrderID(d.OrderID.id())
	}
	return trading.Fill{
		ID: trading.FillID(d.ID.id()), OrderID: owner, Account: account, Product: trading.Linear, Symbol: d.Symbol,
		Slot: slot(modeOf(d.Mode, mode), kindOfSide(d.Side)), Side: side(d.Side), Qty: c.base(d.Vol), Price: d.Price.price(),
		Fee: d.Fee.money(), FeeAsset: cmp.Or(d.FeeCurrency, c.Settle), Maker: d.maker(), RealizedPnL: d.Profit.money(), At: d.At.Time,
	}, true
}

// What MEXC names the orders that it makes from a protection of a position.
const (
	targetMark = "stoporder_TAKE_PROFIT"
	stopMark   = "stoporder_STOP_LOSS"
)

// stopID is the id of the protection that an order names as where it came from, "" when it names none.
func stopID(link string) string {
	for _, mark := range []string{targetMark, stopMark} {
		if rest, ok := strings.CutPrefix(link, mark+"_"); ok {
			id, _, _ := strings.Cut(rest, "_")
			return id
		}
	}
	return ""
}

// childType is the kind of an order that MEXC made itself, "" for one that a person made.
func childType(link string, category int) trading.OrderType {
	switch {
	case category == 2 || category == 3 || category == 4:
		return trading.Liquidation
	case strings.HasPrefix(link, targetMark):
		return trading.TargetOrder
	case strings.HasPrefix(link, stopMark):
		return trading.StopOrder
	}
	return ""
}
