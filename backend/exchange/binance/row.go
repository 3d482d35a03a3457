package binance

import (
	"bytes"
	"cmp"
	"strings"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/tape"
	"hoox/backend/trading"
)

// number is an id that is written as a number or in quotes.
type number string

// UnmarshalJSON reads it.
func (n *number) UnmarshalJSON(data []byte) error {
	text := string(bytes.Trim(data, `"`))
	if text == "null" {
		text = ""
	}
	*n = number(text)
	return nil
}

// orderRow is an order as both products list it and answer with it.
type orderRow struct {
	Symbol       string          `json:"symbol"`
	ID           number          `json:"orderId"`
	ListID       number          `json:"orderListId"`
	ClientID     string          `json:"clientOrderId"`
	Status       string          `json:"status"`
	Type         string          `json:"type"`
	OrigType     string          `json:"origType"`
	Side         string          `json:"side"`
	PositionSide string          `json:"positionSide"`
	Price        trading.Price   `json:"price"`
	Stop         trading.Price   `json:"stopPrice"`
	Qty          trading.Qty     `json:"origQty"`
	Filled       trading.Qty     `json:"executedQty"`
	ReduceOnly   bool            `json:"reduceOnly"`
	Close        bool            `json:"closePosition"`
	CreatedAt    exchange.Millis `json:"time"`
	UpdatedAt    exchange.Millis `json:"updateTime"`
	TransactAt   exchange.Millis `json:"transactTime"`
	// Fills come with the answer to a spot order only.
	Fills []struct {
		ID       number        `json:"tradeId"`
		Price    trading.Price `json:"price"`
		Qty      trading.Qty   `json:"qty"`
		Fee      trading.Money `json:"commission"`
		FeeAsset string        `json:"commissionAsset"`
	} `json:"fills"`
	// Reason is set by the stream only.
	Reason string `json:"-"`
}

// describes tells whether a row is what an order asked for, in all that a cancel leaves as it is: a cancel gives an order the id
// of its request in some of Binance's words.
func (r orderRow) describes(o trading.Order) bool {
	return r.Side == strings.ToUpper(string(o.Side)) && r.Qty.Equal(o.Qty) && r.Status == "CANCELED"
}

// at is the moment that the row speaks of.
func (r orderRow) at() time.Time {
	for _, m := range []exchange.Millis{r.UpdatedAt, r.TransactAt, r.CreatedAt} {
		if !m.IsZero() {
			return m.UTC()
		}
	}
	return time.Time{}
}

// tradeRow is an execution as both products list it.
type tradeRow struct {
	Symbol       string          `json:"symbol"`
	ID           number          `json:"id"`
	OrderID      number          `json:"orderId"`
	Side         string          `json:"side"`
	PositionSide string          `json:"positionSide"`
	IsBuyer      bool            `json:"isBuyer"`
	Price        trading.Price   `json:"price"`
	Qty          trading.Qty     `json:"qty"`
	Fee          trading.Money   `json:"commission"`
	FeeAsset     string          `json:"commissionAsset"`
	PnL          trading.Money   `json:"realizedPnl"`
	Maker        bool            `json:"maker"`
	IsMaker      bool            `json:"isMaker"`
	At           exchange.Millis `json:"time"`
}

// exchangeID names an order of Binance beyond doubt: its numbers count for one symbol of one product only.
func exchangeID(p trading.Product, symbol string, id number) string {
	return placeOf(p, symbol) + ":" + string(id)
}

func placeOf(p trading.Product, symbol string) string {
	if p == trading.Linear {
		return symbol + ".P"
	}
	return symbol
}

// algoMark is what tells a conditional order from an ordinary one in an exchange id.
const algoMark = "a"

// numberIn is Binance's own number in an exchange id, and whether it is that of a conditional order; "" when there is none.
func numberIn(id string) (n number, algo bool) {
	_, text, ok := strings.Cut(id, ":")
	if !ok {
		return "", false
	}
	plain := strings.TrimPrefix(text, algoMark)
	return number(plain), plain != text
}

// statusOf is Binance's word in ours; false for a word we do not know, about which nothing is said. What Binance lets
// expire (the rest of a market order, a reduce-only order without a position) ends as canceled: Binance canceled it.
func statusOf(word string) (trading.OrderStatus, bool) {
	switch word {
	case "NEW", "PENDING_NEW", "PENDING_CANCEL":
		return trading.OrderAccepted, true
	case "PARTIALLY_FILLED":
		return trading.OrderPartiallyFilled, true
	case "FILLED":
		return trading.OrderFilled, true
	case "CANCELED", "EXPIRED", "EXPIRED_IN_MATCH":
		return trading.OrderCanceled, true
	case "REJECTED":
		return trading.OrderRejected, true
	}
	return "", false
}

// reasonOf says why an order ended early, "" when it did not.
func reasonOf(word, more string) string {
	text := map[string]string{
		"CANCELED": "canceled", "EXPIRED": "expired at Binance", "EXPIRED_IN_MATCH": "expired at Binance: it would have traded with an order of this account",
		"REJECTED": "rejected by Binance",
	}[word]
	if text != "" && more != "" && more != "0" && more != "NONE" {
		text += " (" + more + ")"
	}
	return text
}

func slotOf(word string) trading.Slot {
	switch word {
	case "LONG":
		return trading.SlotLong
	case "SHORT":
		return trading.SlotShort
	default:
		return trading.SlotBoth
	}
}

func slotWord(s trading.Slot) string {
	switch s {
	case trading.SlotLong:
		return "LONG"
	case trading.SlotShort:
		return "SHORT"
	case trading.SlotBoth:
		return "BOTH"
	}
	return "BOTH"
}

func sideOf(word string) trading.Side {
	if word == "SELL" {
		return trading.Sell
	}
	return trading.Buy
}

func sideWord(s trading.Side) string {
	if s == trading.Sell {
		return "SELL"
	}
	return "BUY"
}

// whatFor tells what the client order id of a row means: an order of ours, or the protection that we placed for one.
type whatFor struct {
	order  trading.OrderID
	parent trading.OrderID
	kind   trading.OrderType
}

// liquidations start the client order ids of what Binance orders by itself.
var liquidations = []string{"autoclose-", "adl_autoclose", "settlement_autoclose-", "delivery_autoclose-"}

// readID reads a client order id; the zero value is somebody else's.
func readID(text string) whatFor {
	for _, l := range liquidations {
		if strings.HasPrefix(text, l) {
			return whatFor{kind: trading.Liquidation}
		}
	}
	if !strings.HasPrefix(text, trading.OrderPrefix) {
		return whatFor{}
	}
	parent, tail, protects := strings.Cut(text, "-")
	if !protects {
		return whatFor{order: trading.OrderID(text)}
	}
	if len(tail) != 2 {
		return whatFor{}
	}
	kind, ok := kindOfTail(tail)
	if !ok {
		return whatFor{}
	}
	return whatFor{parent: trading.OrderID(parent), kind: kind}
}

const tailDigits = "0123456789abcdefghijklmnopqrstuvwxyz"

// tails is how many ids there are for a parent and a kind.
const tails = 36 * 36 / 3

// protectionID is the client order id of a protection: that of its parent, a dash, and two characters that tell the kind
// and the placement. 32 characters with an id of ours.
func protectionID(parent trading.OrderID, kind trading.OrderType, n int) string {
	v := (n%tails)*3 + 1
	if kind == trading.TargetOrder {
		v++
	}
	return string(parent) + "-" + string(tailDigits[v/36]) + string(tailDigits[v%36])
}

func kindOfTail(tail string) (trading.OrderType, bool) {
	high, low := strings.IndexByte(tailDigits, tail[0]), strings.IndexByte(tailDigits, tail[1])
	if high < 0 || low < 0 {
		return "", false
	}
	switch (high*36 + low) % 3 {
	case 1:
		return trading.StopOrder, true
	case 2:
		return trading.TargetOrder, true
	}
	return "", false
}

// tapeRow is a row in the words of the tape; false for a status that is not known.
func (x *Exchange) tapeRow(s *side, r orderRow) (tape.Row, bool) {
	status, known := statusOf(r.Status)
	if !known || r.ID == "" || r.Symbol == "" {
		return tape.Row{}, false
	}
	id := exchangeID(s.product, r.Symbol, r.ID)
	f := x.meaning(r.ClientID, id)
	if f.order != "" {
		s.remember(f.order, r.Symbol, r.at())
	}
	if f.order != "" || f.kind != "" {
		x.note(s, r.Symbol)
	}
	return tape.Row{
		ExchangeID: id, OrderID: f.order, Product: s.product, Symbol: r.Symbol, Status: status, Reason: reasonOf(r.Status, r.Reason), Qty: r.Qty,
		Filled: r.Filled, At: r.at(), Child: x.childOf(s, r, id, f),
	}, true
}

// meaning is what an order is for: by its client order id, or by the conditional order that became it.
func (x *Exchange) meaning(clientID, id string) whatFor {
	f := readID(clientID)
	if f.kind != "" || f.order != "" {
		return f
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if a, ok := x.algos[id]; ok {
		return readID(a.ClientID)
	}
	return f
}

// childOf is the order that the exchange made from a protection of ours or by itself, nil for any other.
func (x *Exchange) childOf(s *side, r orderRow, id string, f whatFor) *trading.Order {
	if f.kind == "" {
		return nil
	}
	trigger := r.Stop
	if trigger.IsZero() {
		trigger = r.Price
	}
	x.mu.Lock()
	if a, ok := x.algos[id]; ok && a.Trigger.IsPositive() {
		trigger = a.Trigger
	}
	x.mu.Unlock()
	created := r.CreatedAt.UTC()
	if r.CreatedAt.IsZero() {
		created = r.at()
	}
	return &trading.Order{
		ID: trading.OrderID(id), Account: x.cfg.Account, Product: s.product, Symbol: r.Symbol, Slot: slotOf(r.PositionSide),
		Side: sideOf(r.Side), Type: f.kind, ReduceOnly: true, Qty: r.Qty, Price: trigger, Status: trading.OrderAccepted,
		ExchangeID: id, Parent: f.parent, CreatedAt: created, UpdatedAt: r.at(),
	}
}

// fillOf makes the fill of an order; owner is our client order id, or the exchange's for an order without one. False for a
// row without what a fill needs.
func (x *Exchange) fillOf(s *side, r tradeRow, owner trading.OrderID) (trading.Fill, bool) {
	if r.ID == "" || r.OrderID == "" || !r.Qty.IsPositive() || !r.Price.IsPositive() {
		return trading.Fill{}, false
	}
	side := sideOf(r.Side)
	if s.product == trading.Spot && r.Side == "" {
		side = pick(r.IsBuyer, trading.Buy, trading.Sell)
	}
	return trading.Fill{
		ID: trading.FillID(placeOf(s.product, r.Symbol) + ":" + string(r.ID)), OrderID: owner, Account: x.cfg.Account, Product: s.product,
		Symbol: r.Symbol, Slot: slotOf(r.PositionSide), Side: side, Qty: r.Qty, Price: r.Price, Fee: r.Fee,
		FeeAsset: cmp.Or(r.FeeAsset, x.cfg.Asset), Maker: r.Maker || r.IsMaker, RealizedPnL: r.PnL, At: r.At.UTC(),
	}, true
}
