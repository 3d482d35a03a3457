package paper

import (
	"slices"

	"hoox/backend/trading"
)

// record is one order as this exchange has it.
type record struct {
	Order trading.Order
	Fills []trading.Fill
	// Lives counts the positions that this order opened or guards, one after the other.
	Lives int
}

func (r record) report() trading.Report {
	return trading.Report{
		OrderID: r.Order.ID, ExchangeID: r.Order.ExchangeID, Status: r.Order.Status, Reason: r.Order.Reason,
		Filled: r.Order.Filled, Fills: slices.Clone(r.Fills), At: r.Order.UpdatedAt,
	}
}

// closing tells whether an order can only reduce: because it says so, because spot cannot be short, or because its side
// is against its slot.
func closing(o trading.Order) bool {
	return o.ReduceOnly || (o.Product == trading.Spot && o.Side == trading.Sell) ||
		(o.Slot == trading.SlotLong && o.Side == trading.Sell) || (o.Slot == trading.SlotShort && o.Side == trading.Buy)
}

// memory remembers the orders of late, so that what is not committed yet is found. Older ones are in the book.
type memory struct {
	byID  map[trading.OrderID]record
	order []trading.OrderID
}

// memorySize is far more orders than can be waiting for one commit.
const memorySize = 4096

func newMemory() *memory { return &memory{byID: map[trading.OrderID]record{}} }

func (m *memory) get(id trading.OrderID) (record, bool) {
	r, ok := m.byID[id]
	return r, ok
}

func (m *memory) put(r record) {
	if _, ok := m.byID[r.Order.ID]; !ok {
		m.order = append(m.order, r.Order.ID)
	}
	m.byID[r.Order.ID] = r
	for len(m.order) > memorySize {
		delete(m.byID, m.order[0])
		m.order = m.order[1:]
	}
}
