package mexc

import (
	"sync"

	"hoox/backend/tape"
	"hoox/backend/trading"
)

// remembered bounds how much is kept in memory; what falls out is asked again or not known.
const remembered = 4096

// book knows what MEXC does not write on its rows: whose an order is, and what a protection belongs to.
type book struct {
	mu sync.Mutex
	// owners are our orders by MEXC's id.
	owners memory[trading.OrderID]
	// parents are the entries that protections belong to, by the id of the protection; a protection that is not here is
	// not ours.
	parents memory[trading.OrderID]
	// makers are protections by the id of the order that they became.
	makers memory[made]
	// asked are orders of which it was asked already whether a protection made them.
	asked memory[bool]
	// trailed are the contracts that a trailing stop of ours may stand on.
	trailed map[string]bool
	// sent are the orders of which a request may have left.
	sent memory[bool]
	// resting are our orders that had not ended when they were last heard of, by MEXC's id.
	resting map[string]place
	// symbols are spot symbols that something of ours happened in.
	symbols memory[bool]
}

// made is what a protection became.
type made struct {
	kind   trading.OrderType
	parent trading.OrderID
}

// memory is a map that forgets what came first.
type memory[T any] struct {
	byID map[string]T
	line []string
}

func (m *memory[T]) put(id string, v T) {
	if id == "" {
		return
	}
	if m.byID == nil {
		m.byID = map[string]T{}
	}
	if _, had := m.byID[id]; !had {
		m.line = append(m.line, id)
	}
	m.byID[id] = v
	if len(m.line) > remembered {
		delete(m.byID, m.line[0])
		m.line = m.line[1:]
	}
}

func newBook() *book { return &book{trailed: map[string]bool{}, resting: map[string]place{}} }

// own notes whose an order is.
func (b *book) own(exchangeID string, id trading.OrderID) {
	if id == "" {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.owners.put(exchangeID, id)
}

// owner is whose an order is, "" when that is not known.
func (b *book) owner(exchangeID string) trading.OrderID {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.owners.byID[exchangeID]
}

// adopt notes that a protection is ours and whose.
func (b *book) adopt(protection string, parent trading.OrderID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.parents.put(protection, parent)
}

// adoptTrail notes that a trailing stop on a contract is ours and whose.
func (b *book) adoptTrail(protection, symbol string, parent trading.OrderID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.parents.put(protection, parent)
	b.trailed[symbol] = true
}

// trails tells whether a trailing stop of ours may stand on a contract, and untrail that none does.
func (b *book) trails(symbol string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.trailed[symbol]
}

func (b *book) untrail(symbol string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.trailed, symbol)
}

// parent is whose a protection is; false for one that is not ours.
func (b *book) parent(protection string) (trading.OrderID, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p, ok := b.parents.byID[protection]
	return p, ok
}

// became notes which order a protection became.
func (b *book) became(orderID string, kind trading.OrderType, parent trading.OrderID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.makers.put(orderID, made{kind, parent})
}

// maker is the protection that an order was made from.
func (b *book) maker(orderID string) (made, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m, ok := b.makers.byID[orderID]
	return m, ok
}

// first tells whether an order is asked about for the first time.
func (b *book) first(orderID string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.asked.byID[orderID] {
		return false
	}
	b.asked.put(orderID, true)
	return true
}

// again notes that an order has to be asked about once more: there was no answer.
func (b *book) again(orderID string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.asked.byID[orderID] {
		b.asked.byID[orderID] = false
	}
}

// send notes that an order is about to leave; false when it may have left before. MEXC promises nothing about an id that
// comes twice, so it never does.
func (b *book) send(id trading.OrderID) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sent.byID[string(id)] {
		return false
	}
	b.sent.put(string(id), true)
	return true
}

// back notes that an order provably was not taken, and may leave again.
func (b *book) back(id trading.OrderID) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sent.byID[string(id)] {
		b.sent.byID[string(id)] = false
	}
}

// place is where an order rests.
type place struct {
	product trading.Product
	symbol  string
}

// heard notes whether an order of ours still rests.
func (b *book) heard(r tape.Row) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case r.Status.Final():
		delete(b.resting, r.ExchangeID)
	case r.OrderID != "":
		b.resting[r.ExchangeID] = place{r.Product, r.Symbol}
	}
}

// rests are our orders of a product that had not ended when they were last heard of, with their symbols.
func (b *book) rests(p trading.Product) map[string]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	list := map[string]string{}
	for id, at := range b.resting {
		if at.product == p {
			list[id] = at.symbol
		}
	}
	return list
}

// visit notes that something of ours happened in a spot symbol.
func (b *book) visit(symbol string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.symbols.put(symbol, true)
}

// visited are the spot symbols that something of ours happened in.
func (b *book) visited() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return append([]string(nil), b.symbols.line...)
}
