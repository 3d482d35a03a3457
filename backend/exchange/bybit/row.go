package bybit

import (
	"strconv"
	"strings"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

// orderRow is an order as the lists and the stream show it.
type orderRow struct {
	Category     string          `json:"category"`
	OrderID      string          `json:"orderId"`
	LinkID       string          `json:"orderLinkId"`
	ParentLinkID string          `json:"parentOrderLinkId"`
	Symbol       string          `json:"symbol"`
	Side         string          `json:"side"`
	PositionIdx  int             `json:"positionIdx"`
	Status       string          `json:"orderStatus"`
	CancelType   string          `json:"cancelType"`
	RejectReason string          `json:"rejectReason"`
	CreateType   string          `json:"createType"`
	StopType     string          `json:"stopOrderType"`
	Type         string          `json:"orderType"`
	Price        trading.Price   `json:"price"`
	Trigger      trading.Price   `json:"triggerPrice"`
	Qty          trading.Qty     `json:"qty"`
	Filled       trading.Qty     `json:"cumExecQty"`
	ReduceOnly   bool            `json:"reduceOnly"`
	TakeProfit   trading.Price   `json:"takeProfit"`
	StopLoss     trading.Price   `json:"stopLoss"`
	CreatedAt    exchange.Millis `json:"createdTime"`
	UpdatedAt    exchange.Millis `json:"updatedTime"`
}

// executionRow is an execution as the list and the stream show it.
type executionRow struct {
	Category    string          `json:"category"`
	ExecID      string          `json:"execId"`
	OrderID     string          `json:"orderId"`
	LinkID      string          `json:"orderLinkId"`
	Symbol      string          `json:"symbol"`
	Side        string          `json:"side"`
	Price       trading.Price   `json:"execPrice"`
	Qty         trading.Qty     `json:"execQty"`
	Fee         trading.Money   `json:"execFee"`
	FeeCurrency string          `json:"feeCurrency"`
	PnL         trading.Money   `json:"execPnl"`
	Type        string          `json:"execType"`
	StopType    string          `json:"stopOrderType"`
	CreateType  string          `json:"createType"`
	OrderType   string          `json:"orderType"`
	OrderQty    trading.Qty     `json:"orderQty"`
	Closed      trading.Qty     `json:"closedSize"`
	Maker       bool            `json:"isMaker"`
	At          exchange.Millis `json:"execTime"`
}

// positionRow is a position as the list shows it.
type positionRow struct {
	Symbol       string          `json:"symbol"`
	Side         string          `json:"side"`
	Idx          int             `json:"positionIdx"`
	Size         trading.Qty     `json:"size"`
	Value        trading.Money   `json:"positionValue"`
	Average      trading.Price   `json:"avgPrice"`
	Leverage     trading.Ratio   `json:"leverage"`
	Liquidation  trading.Price   `json:"liqPrice"`
	TakeProfit   trading.Price   `json:"takeProfit"`
	StopLoss     trading.Price   `json:"stopLoss"`
	TrailingStop trading.Price   `json:"trailingStop"`
	Realized     trading.Money   `json:"curRealisedPnl"`
	CreatedAt    exchange.Millis `json:"createdTime"`
	UpdatedAt    exchange.Millis `json:"updatedTime"`
}

// statusOf is Bybit's word in ours; false for a word we do not know, about which nothing is said.
func statusOf(word string, filled trading.Qty) (trading.OrderStatus, bool) {
	switch word {
	case "New", "Untriggered", "Triggered":
		if filled.IsPositive() {
			return trading.OrderPartiallyFilled, true
		}
		return trading.OrderAccepted, true
	case "PartiallyFilled":
		return trading.OrderPartiallyFilled, true
	case "Filled":
		return trading.OrderFilled, true
	case "Cancelled", "PartiallyFilledCanceled", "Deactivated":
		return trading.OrderCanceled, true
	case "Rejected":
		return trading.OrderRejected, true
	}
	return "", false
}

// reason says why an order ended early, "" when it did not.
func (r orderRow) reason() string {
	var parts []string
	if r.RejectReason != "" && r.RejectReason != "EC_NoError" {
		parts = append(parts, r.RejectReason)
	}
	if r.CancelType != "" && r.CancelType != "UNKNOWN" {
		parts = append(parts, r.CancelType)
	}
	return strings.Join(parts, ", ")
}

func productOf(category string) (trading.Product, bool) {
	switch category {
	case "linear":
		return trading.Linear, true
	case "spot":
		return trading.Spot, true
	}
	return "", false
}

func slotOf(idx int) trading.Slot {
	switch idx {
	case 1:
		return trading.SlotLong
	case 2:
		return trading.SlotShort
	default:
		return trading.SlotBoth
	}
}

func idxOf(s trading.Slot) int {
	switch s {
	case trading.SlotLong:
		return 1
	case trading.SlotShort:
		return 2
	case trading.SlotBoth:
		return 0
	}
	return 0
}

func sideOf(word string) trading.Side {
	if word == "Sell" {
		return trading.Sell
	}
	return trading.Buy
}

func sideWord(s trading.Side) string {
	if s == trading.Sell {
		return "Sell"
	}
	return "Buy"
}

// quoteOf is the currency that a symbol is priced in, for rows that do not name one.
func quoteOf(symbol string) string {
	for _, quote := range []string{"USDT", "USDC"} {
		if strings.HasSuffix(symbol, quote) {
			return quote
		}
	}
	if strings.HasSuffix(symbol, "PERP") {
		return "USDC"
	}
	return "USDT"
}

// lever is a leverage as it can be ordered, zero for one that lies between two of those.
func lever(r trading.Ratio) int {
	if n := whole(r); trading.RatioUnits(int64(n), 0).Equal(r) {
		return n
	}
	return 0
}

// whole is the whole part of a number that is shown as one ("10", "10.00").
func whole(r trading.Ratio) int {
	n, err := strconv.Atoi(r.Floor(trading.RatioUnits(1, 0)).String())
	if err != nil {
		return 0
	}
	return n
}
