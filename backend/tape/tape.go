package tape

import (
	"sync"
	"time"

	"hoox/backend/trading"
)

// remembered bounds how many orders are held in memory; what falls out is read again when it is asked for.
const remembered = 4096

// Row is what an exchange says about one order at one moment.
type Row struct {
	// ExchangeID is the exchange's own id, never "".
	ExchangeID string
	// OrderID is our client order id; "" for an order that does not carry one.
	OrderID trading.OrderID
	Product trading.Product
	Symbol  string
	Status  trading.OrderStatus
	Reason  string
	// Qty is what was asked for, Filled what has been filled of it, in base units.
	Qty, Filled trading.Qty
	At          time.Time
	// Child is set on an order that the exchange made itself: a triggered protection, a liquidation.
	Child *trading.Order
}

// owner is the order that a row belongs to: our id when it carries one, else its own.
func (r Row) owner() trading.OrderID {
	if r.OrderID != "" {
		return r.OrderID
	}
	return trading.OrderID(r.ExchangeID)
}

// heard is what is known about one order from all sources.
type heard struct {
	id    string
	row   *Row
	fills []trading.Fill
	seen  map[trading.FillID]bool
	// told is the last report that was handed on.
	told trading.Report
	// child is set once an execution or a row showed that the exchange made the order.
	child *trading.Order
}

// Tape puts together what rows and fills say. It is safe for concurrent use.
type Tape struct {
	mu   sync.Mutex
	byID map[string]*heard
	line []string
}

// New makes an empty tape.
func New() *Tape { return &Tape{byID: map[string]*heard{}} }

// of finds or makes the memory of one exchange order id.
func (t *Tape) of(exchangeID string) *heard {
	h, ok := t.byID[exchangeID]
	if ok {
		return h
	}
	h = &heard{id: exchangeID, seen: map[trading.FillID]bool{}}
	t.byID[exchangeID] = h
	t.line = append(t.line, exchangeID)
	if len(t.line) > remembered {
		delete(t.byID, t.line[0])
		t.line = t.line[1:]
	}
	return h
}

// Row takes an order row and tells what is to be reported, if anything. A row that is older than the one known, by what it
// has filled or by having not ended yet, is passed over.
func (t *Tape) Row(r Row) (trading.Report, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.of(r.ExchangeID)
	if h.row != nil && (r.Filled.Less(h.row.Filled) || h.row.Status.Final() && !r.Status.Final()) {
		return trading.Report{}, false
	}
	h.row = &r
	if r.OrderID == "" && r.Child != nil {
		// The newest word: what a protection closes may grow until it triggers.
		h.child = r.Child
	}
	return h.report(r.owner())
}

// Fill takes a fill of an order and tells what is to be reported, if anything. Each fill id counts once, whoever brought
// it. Fill.OrderID is our client order id, or the exchange's own for an order that carries none; child is the order when
// the fill alone shows that the exchange made it, else nil.
func (t *Tape) Fill(exchangeID string, f trading.Fill, child *trading.Order) (trading.Report, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	h := t.of(exchangeID)
	if h.seen[f.ID] {
		// Whoever was told of it may not have taken it.
		return h.report(f.OrderID)
	}
	h.seen[f.ID] = true
	h.fills = append(h.fills, f)
	if h.child == nil && f.OrderID == trading.OrderID(exchangeID) {
		h.child = child
	}
	return h.report(f.OrderID)
}

// report is what is known, once it fits together: a row that is ahead of its fills waits for them, because a filled order
// without a price would move no position.
func (h *heard) report(id trading.OrderID) (trading.Report, bool) {
	r := Assemble(id, h.row, h.fills)
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

// Told notes that a report was taken.
func (t *Tape) Told(r trading.Report) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.of(r.ExchangeID).told = r
}

// Lagging lists the rows that are ahead of their fills: somebody should ask for those.
func (t *Tape) Lagging() []Row {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []Row
	for _, id := range t.line {
		if h := t.byID[id]; h.row != nil && sum(h.fills).Less(h.row.Filled) {
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

// Assemble makes a report from a row, which may be nil, and fills. What is filled is what the fills add up to; the status
// never says more than that. Without a row the status is "": whether the order goes on is not known.
func Assemble(id trading.OrderID, row *Row, fills []trading.Fill) trading.Report {
	r := trading.Report{OrderID: id, Filled: sum(fills), Fills: append([]trading.Fill(nil), fills...)}
	for _, f := range fills {
		if f.At.After(r.At) {
			r.At = f.At
		}
	}
	if row == nil {
		return r
	}
	r.ExchangeID, r.Reason, r.Status = row.ExchangeID, row.Reason, row.Status
	if row.At.After(r.At) {
		r.At = row.At
	}
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
