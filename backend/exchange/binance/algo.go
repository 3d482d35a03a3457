package binance

import (
	"context"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

// algoRow is a conditional order of the futures as its endpoints list it.
type algoRow struct {
	ID           number          `json:"algoId"`
	ClientID     string          `json:"clientAlgoId"`
	Symbol       string          `json:"symbol"`
	Type         string          `json:"orderType"`
	Side         string          `json:"side"`
	PositionSide string          `json:"positionSide"`
	Status       string          `json:"algoStatus"`
	Qty          trading.Qty     `json:"quantity"`
	Trigger      trading.Price   `json:"triggerPrice"`
	Callback     trading.Ratio   `json:"callbackRate"`
	Close        bool            `json:"closePosition"`
	ReduceOnly   bool            `json:"reduceOnly"`
	Actual       number          `json:"actualOrderId"`
	CreatedAt    exchange.Millis `json:"createTime"`
	UpdatedAt    exchange.Millis `json:"updateTime"`
	// Reason is set by the stream only.
	Reason string `json:"-"`
}

// order is a conditional order as Open lists it.
func (a algoRow) order(account trading.AccountID) trading.Order {
	f := readID(a.ClientID)
	id := placeOf(trading.Linear, a.Symbol) + ":" + algoMark + string(a.ID)
	kind := trading.StopOrder
	if a.Type == "TAKE_PROFIT" || a.Type == "TAKE_PROFIT_MARKET" {
		kind = trading.TargetOrder
	}
	return trading.Order{
		ID: f.order, Account: account, Product: trading.Linear, Symbol: a.Symbol, Slot: slotOf(a.PositionSide), Side: sideOf(a.Side), Type: kind,
		ReduceOnly: a.ReduceOnly || a.Close, ClosesAll: a.Close, Qty: a.Qty, Price: a.Trigger, Status: trading.OrderAccepted, ExchangeID: id,
		Parent: f.parent, CreatedAt: a.CreatedAt.UTC(), UpdatedAt: a.UpdatedAt.UTC(),
	}
}

// ours tells whether a conditional order is a protection that we placed.
func (a algoRow) ours() bool { return readID(a.ClientID).parent != "" }

// openAlgos lists the conditional orders that wait, of a symbol or of all when it is "".
func (x *Exchange) openAlgos(ctx context.Context, symbol string) ([]algoRow, error) {
	var rows []algoRow
	err := x.read(ctx, x.futures, call{
		path: "/fapi/v1/openAlgoOrders", v: values{"symbol", symbol}, what: "list conditional orders", weight: pick(symbol == "", 40, 1), large: true,
	}, &rows)
	return rows, err
}

// pastAlgos lists the conditional orders of a symbol that were placed in the week after a moment, whatever became of them.
func (x *Exchange) pastAlgos(ctx context.Context, symbol string, since time.Time) ([]algoRow, error) {
	var rows []algoRow
	v := values{"symbol", symbol, "startTime", stamp(since), "endTime", stamp(since.Add(futuresPaths.span + time.Second)), "limit", "1000"}
	err := x.read(ctx, x.futures, call{path: "/fapi/v1/allAlgoOrders", v: v, what: "list past conditional orders", weight: 5}, &rows)
	return rows, err
}

// cancelAlgo cancels one conditional order; one that has ended is success.
func (x *Exchange) cancelAlgo(ctx context.Context, a algoRow) error {
	c := call{method: "DELETE", path: "/fapi/v1/algoOrder", v: values{"algoId", string(a.ID)}, what: "cancel conditional order " + string(a.ID) + " of " + a.Symbol, weight: 1, urgent: true}
	r, err := x.write(ctx, x.futures, c)
	if err != nil {
		return err
	}
	if r.class != done && r.class != absent {
		return failure(kindOf(r.class), c.what, r)
	}
	return nil
}

// noteAlgo remembers what a conditional order of ours became, and tells whether that was news.
func (x *Exchange) noteAlgo(a algoRow) bool {
	if a.Actual == "" || a.Actual == "0" || !a.ours() {
		return false
	}
	id := exchangeID(trading.Linear, a.Symbol, a.Actual)
	x.mu.Lock()
	defer x.mu.Unlock()
	_, known := x.algos[id]
	if len(x.algos) > rememberedIDs {
		// What became of older ones was told long ago.
		clear(x.algos)
	}
	x.algos[id] = a
	return !known
}
