package bybit

import (
	"context"
	"strings"

	"hoox/backend/tape"
	"hoox/backend/trading"
)

// The kinds of our protections of a coin, the first letter behind the dash of their ids.
const (
	stopMark   = "s"
	targetMark = "t"
)

// parentOf is the order that a protection of ours belongs to, by the id that we gave the protection; an id of an order has
// no dash. "" for any other id.
func parentOf(link string) (parent trading.OrderID, mark string) {
	at := strings.LastIndexByte(link, '-')
	if at < 0 || !strings.HasPrefix(link, trading.OrderPrefix) || at+1 == len(link) {
		return "", ""
	}
	switch mark = link[at+1 : at+2]; mark {
	case stopMark, targetMark:
		return trading.OrderID(link[:at]), mark
	}
	return "", ""
}

// ours tells whether a client order id is one of our orders; a protection is none.
func ours(link string) bool {
	return strings.HasPrefix(link, trading.OrderPrefix) && !strings.Contains(link, "-")
}

// rowOf is an order in the words of the tape; false for a product or a status that we do not know.
func (x *Exchange) rowOf(r orderRow) (tape.Row, bool) {
	status, known := statusOf(r.Status, r.Filled)
	product, listed := productOf(r.Category)
	if !known || !listed || r.OrderID == "" {
		return tape.Row{}, false
	}
	row := tape.Row{
		ExchangeID: r.OrderID, Product: product, Symbol: r.Symbol, Status: status, Reason: r.reason(), Qty: r.Qty, Filled: r.Filled,
		At: r.UpdatedAt.Time, Child: x.childOf(r),
	}
	if row.Child == nil {
		row.OrderID = trading.OrderID(r.LinkID)
	}
	return row, true
}

// trades tells whether an execution changes a position; funding, for one, does not.
func trades(kind string) bool {
	switch kind {
	case "Trade", "AdlTrade", "BustTrade", "Delivery", "Settle":
		return true
	}
	return false
}

// fillOf makes the fill; false for a product we do not trade or a row without what a fill needs.
func fillOf(account trading.AccountID, r executionRow) (trading.Fill, bool) {
	product, ok := productOf(r.Category)
	if !ok || r.ExecID == "" || !r.Qty.IsPositive() || !r.Price.IsPositive() || !trades(r.Type) {
		return trading.Fill{}, false
	}
	owner := trading.OrderID(r.LinkID)
	if parent, _ := parentOf(r.LinkID); parent != "" || r.LinkID == "" {
		owner = trading.OrderID(r.OrderID)
	}
	asset := r.FeeCurrency
	if asset == "" {
		asset = quoteOf(r.Symbol)
	}
	return trading.Fill{
		ID: trading.FillID(r.ExecID), OrderID: owner, Account: account, Product: product, Symbol: r.Symbol,
		Slot: trading.SlotBoth, Side: sideOf(r.Side), Qty: r.Qty, Price: r.Price, Fee: r.Fee, FeeAsset: asset, Maker: r.Maker,
		RealizedPnL: r.PnL, At: r.At.UTC(),
	}, true
}

// childType is the kind of an order that the exchange made, "" for one that a person made.
func childType(stop, create string) trading.OrderType {
	switch {
	case stop == "TakeProfit" || stop == "PartialTakeProfit":
		return trading.TargetOrder
	case stop == "StopLoss" || stop == "PartialStopLoss" || stop == "TrailingStop":
		return trading.StopOrder
	case create == "CreateByLiq" || create == "CreateByAdl_PassThrough" || create == "CreateByTakeOver_PassThrough":
		return trading.Liquidation
	}
	return ""
}

// childOf is the order as the ledger is to write it down when it is a protection or a liquidation, else nil.
func (x *Exchange) childOf(r orderRow) *trading.Order {
	product, known := productOf(r.Category)
	kind := childType(r.StopType, r.CreateType)
	parent, mark := parentOf(r.LinkID)
	switch mark {
	case stopMark:
		kind = trading.StopOrder
	case targetMark:
		kind = trading.TargetOrder
	}
	if kind == "" || !known || r.LinkID != "" && mark == "" {
		return nil
	}
	if parent == "" {
		parent = trading.OrderID(r.ParentLinkID)
	}
	if parent == "" && product == trading.Linear && kind != trading.Liquidation {
		parent = x.parentAt(place{r.Symbol, r.PositionIdx})
	}
	return &trading.Order{
		ID: trading.OrderID(r.OrderID), Account: x.cfg.Account, Product: product, Symbol: r.Symbol, Slot: slotOf(r.PositionIdx),
		Side: sideOf(r.Side), Type: kind, ReduceOnly: true, Qty: r.Qty, Price: r.Trigger, Status: trading.OrderAccepted,
		ExchangeID: r.OrderID, Parent: parent, CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
	}
}

// childOfExecution knows less: liquidations may show no row. Which slot of a hedge it closes follows from its side.
func (x *Exchange) childOfExecution(r executionRow) *trading.Order {
	kind := childType(r.StopType, r.CreateType)
	if r.Type == "BustTrade" || r.Type == "AdlTrade" {
		kind = trading.Liquidation
	}
	product, known := productOf(r.Category)
	if kind != trading.Liquidation || !known || r.LinkID != "" {
		// The row of a protection comes too, with its parent.
		return nil
	}
	slot := x.slotOfExecution(r)
	return &trading.Order{
		ID: trading.OrderID(r.OrderID), Account: x.cfg.Account, Product: product, Symbol: r.Symbol, Slot: slot,
		Side: sideOf(r.Side), Type: kind, ReduceOnly: true, Qty: r.OrderQty.Max(r.Qty), Status: trading.OrderAccepted,
		ExchangeID: r.OrderID, CreatedAt: r.At.UTC(), UpdatedAt: r.At.UTC(),
	}
}

func (x *Exchange) parentAt(at place) trading.OrderID {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.parents[at].value
}

// noteParent remembers the order that the protection of a position belongs to.
func (x *Exchange) noteParent(at place, parent trading.OrderID) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.parents[at] = reading[trading.OrderID]{parent, x.skew.Now()}
}

// liquidates tells whether an execution was forced.
func (r executionRow) liquidates() bool {
	return r.Type == "BustTrade" || r.Type == "AdlTrade" || childType(r.StopType, r.CreateType) == trading.Liquidation
}

// learnSlot reads the position mode when an execution that nobody ordered comes before its order does and the mode is not
// known: the ledger books it where it is first said to belong.
func (x *Exchange) learnSlot(ctx context.Context, r executionRow) error {
	if r.Category != string(trading.Linear) || !r.liquidates() {
		return nil
	}
	x.mu.Lock()
	_, told := x.slots[r.OrderID]
	_, seated := x.seats[r.Symbol]
	x.mu.Unlock()
	if told || seated {
		return nil
	}
	_, err := x.readSeat(ctx, r.Symbol)
	return err
}

// slotOfExecution is where an execution belongs: as its order says, or, because an execution alone does not say it, by
// whether it closed something and on which side.
func (x *Exchange) slotOfExecution(r executionRow) trading.Slot {
	x.mu.Lock()
	defer x.mu.Unlock()
	if slot, known := x.slots[r.OrderID]; known {
		return slot
	}
	closes := r.Closed.IsPositive() || r.Type == "BustTrade" || r.Type == "AdlTrade"
	switch {
	case r.Category == string(trading.Spot) || !x.seats[r.Symbol].hedge:
		return trading.SlotBoth
	case (sideOf(r.Side) == trading.Buy) != closes:
		return trading.SlotLong
	}
	return trading.SlotShort
}
