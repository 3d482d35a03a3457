package bybit

import (
	"sync"

	"hoox/backend/trading"
)

// remembered bounds how many orders are held in memory; what falls out is read again when it is asked for.
const remembered = 4096

// heard is what is known about one order from all sources.
type heard struct {
	id    string
	row   *orderRow
	fills []trading.Fill
	seen  map[string]bool
	// told is the last report that was handed on.
	told trading.Report
	// child is set once an execution or a row showed that the exchange made the order.
	child *trading.Order
}

// orders puts together what rows and executions say about orders, in whatever sequence they come.
type orders struct {
	account trading.AccountID

	mu   sync.Mutex
	byID map[string]*heard
	line []string
}

func newOrders(account trading.AccountID) *orders {
	return &orders{account: account, byID: map[string]*heard{}}
}

// of finds or makes the memory of one exchange order id.
func (b *orders) of(exchangeID string) *heard {
	h, ok := b.byID[exchangeID]
	if ok {
		return h
	}
	h = &heard{id: exchangeID, seen: map[string]bool{}}
	b.byID[exchangeID] = h
	b.line = append(b.line, exchangeID)
	if len(b.line) > remembered {
		delete(b.byID, b.line[0])
		b.line = b.line[1:]
	}
	return h
}

// addRow takes an order row and tells what is to be reported, if anything. A row that is older than the one known, by
// what it has filled or by having not ended yet, is passed over.
func (b *orders) addRow(r orderRow) (trading.Report, bool) {
	status, known := statusOf(r.Status, r.Filled)
	if _, ours := productOf(r.Category); !ours || !known {
		return trading.Report{}, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.of(r.OrderID)
	if h.row != nil {
		before, _ := statusOf(h.row.Status, h.row.Filled)
		if r.Filled.Less(h.row.Filled) || (before.Final() && !status.Final()) {
			return trading.Report{}, false
		}
	}
	h.row = &r
	if r.LinkID == "" && h.child == nil {
		h.child = childOf(b.account, r)
	}
	return h.report(ownerOf(r.LinkID, r.OrderID))
}

// addExecution takes an execution of an order and tells what is to be reported, if anything. Each execution id counts
// once, whoever brought it.
func (b *orders) addExecution(r executionRow) (trading.Report, bool) {
	if !trades(r.Type) {
		return trading.Report{}, false
	}
	f, ok := fillOf(b.account, r)
	if !ok {
		return trading.Report{}, false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.of(r.OrderID)
	if h.seen[r.ExecID] {
		return trading.Report{}, false
	}
	h.seen[r.ExecID] = true
	h.fills = append(h.fills, f)
	if r.LinkID == "" && h.child == nil {
		h.child = childOfExecution(b.account, r)
	}
	return h.report(f.OrderID)
}

// report is what is known, once it fits together: a row that is ahead of its executions waits for them, because a filled
// order without a price would move no position.
func (h *heard) report(id trading.OrderID) (trading.Report, bool) {
	r := assemble(id, h.row, h.fills)
	r.ExchangeID = h.id
	if h.row != nil && r.Filled.Less(h.row.Filled) {
		return trading.Report{}, false
	}
	if h.child != nil {
		if r.Filled.IsZero() {
			// A protection that only waits is no news.
			return trading.Report{}, false
		}
		child := *h.child
		r.Child = &child
	}
	if r.Status == h.told.Status && r.Filled.Equal(h.told.Filled) && len(r.Fills) == len(h.told.Fills) {
		return trading.Report{}, false
	}
	// An order of somebody else, made by hand, is not ours to tell.
	foreign := h.child == nil && string(id) == r.ExchangeID
	return r, !foreign
}

// tell notes that a report was taken.
func (b *orders) tell(r trading.Report) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.of(r.ExchangeID).told = r
}

// lagging lists the orders whose rows are ahead of their executions.
func (b *orders) lagging() []orderRow {
	b.mu.Lock()
	defer b.mu.Unlock()
	var list []orderRow
	for _, id := range b.line {
		if h := b.byID[id]; h.row != nil && sum(h.fills).Less(h.row.Filled) {
			list = append(list, *h.row)
		}
	}
	return list
}

func sum(fills []trading.Fill) trading.Qty {
	var q trading.Qty
	for _, f := range fills {
		q = q.Add(f.Qty)
	}
	return q
}

// assemble makes a report from a row, which may be missing, and fills. What is filled is what the fills add up to; the
// status never says more than that.
func assemble(id trading.OrderID, row *orderRow, fills []trading.Fill) trading.Report {
	r := trading.Report{OrderID: id, Filled: sum(fills), Fills: append([]trading.Fill(nil), fills...)}
	for _, f := range fills {
		if f.At.After(r.At) {
			r.At = f.At
		}
	}
	if row == nil {
		// Executions alone: whether the order goes on is not known, the ledger knows whether it is full.
		r.Status = ""
		return r
	}
	r.ExchangeID, r.Reason = row.OrderID, row.reason()
	if row.UpdatedAt.After(r.At) {
		r.At = row.UpdatedAt.Time
	}
	r.Status, _ = statusOf(row.Status, r.Filled)
	switch {
	case r.Filled.IsPositive() && !r.Filled.Less(row.Qty):
		r.Status, r.Reason = trading.OrderFilled, ""
	case r.Status == trading.OrderFilled && r.Filled.IsPositive():
		r.Status = trading.OrderPartiallyFilled
	case r.Status == trading.OrderFilled:
		r.Status = trading.OrderAccepted
	case r.Filled.IsPositive() && r.Status == trading.OrderAccepted:
		r.Status = trading.OrderPartiallyFilled
	}
	return r
}

// ownerOf is the order that a row belongs to: our id when it carries one, else its own.
func ownerOf(linkID, exchangeID string) trading.OrderID {
	if linkID != "" {
		return trading.OrderID(linkID)
	}
	return trading.OrderID(exchangeID)
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
	if !ok || r.ExecID == "" || !r.Qty.IsPositive() || !r.Price.IsPositive() {
		return trading.Fill{}, false
	}
	asset := r.FeeCurrency
	if asset == "" {
		asset = quoteOf(r.Symbol)
	}
	return trading.Fill{
		ID: trading.FillID(r.ExecID), OrderID: ownerOf(r.LinkID, r.OrderID), Account: account, Product: product, Symbol: r.Symbol,
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

func childOf(account trading.AccountID, r orderRow) *trading.Order {
	kind, product := childType(r.StopType, r.CreateType), trading.Product("")
	product, known := productOf(r.Category)
	if kind == "" || !known {
		return nil
	}
	return &trading.Order{
		ID: trading.OrderID(r.OrderID), Account: account, Product: product, Symbol: r.Symbol, Slot: slotOf(r.PositionIdx),
		Side: sideOf(r.Side), Type: kind, ReduceOnly: true, Qty: r.Qty, Price: r.Trigger, Status: trading.OrderAccepted,
		ExchangeID: r.OrderID, Parent: trading.OrderID(r.ParentLinkID), CreatedAt: r.CreatedAt.UTC(), UpdatedAt: r.UpdatedAt.UTC(),
	}
}

// childOfExecution knows less: liquidations may show no row. Its slot in hedge mode follows from what it closes.
func childOfExecution(account trading.AccountID, r executionRow) *trading.Order {
	kind := childType(r.StopType, r.CreateType)
	if r.Type == "BustTrade" || r.Type == "AdlTrade" {
		kind = trading.Liquidation
	}
	product, known := productOf(r.Category)
	if kind != trading.Liquidation || !known {
		// The row of a protection comes too, with its parent.
		return nil
	}
	return &trading.Order{
		ID: trading.OrderID(r.OrderID), Account: account, Product: product, Symbol: r.Symbol, Slot: trading.SlotBoth,
		Side: sideOf(r.Side), Type: kind, ReduceOnly: true, Qty: r.OrderQty, Status: trading.OrderAccepted,
		ExchangeID: r.OrderID, CreatedAt: r.At.UTC(), UpdatedAt: r.At.UTC(),
	}
}
