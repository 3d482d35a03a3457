package sqlite

import (
	"database/sql"
	"slices"
	"time"

	"hoox/backend/risk"
	"hoox/backend/trading"
)

// recentSpan is the window of the rate cap; keepSpan is how much is kept, since the clocks of alerts are not in order.
const (
	recentSpan = 60 * time.Second
	keepSpan   = 2 * recentSpan
)

// openOrders is the predicate of the index orders_open, word for word: a query must repeat it to use the index.
const openOrders = `o.status IN ('created', 'submitted', 'accepted', 'partially_filled', 'unknown', 'needs_review')`

// mirror is the open part of the ledger in the writer's memory, account by account as they are first needed. It is right
// because only the writer changes the file, and after every rollback it is thrown away.
type mirror struct {
	accounts map[trading.AccountID]*account
	orders   map[trading.OrderID]*orderRow
}

type account struct {
	// positions are those that are not flat, orders those that are not final, in the order they were written.
	positions []trading.Position
	orders    []*orderRow
	balances  map[string]trading.Money
	// paper accounts keep one purse for all their dollars.
	paper bool
	// armed are the times, ascending, at which entries were armed lately.
	armed []int64
}

func newMirror() *mirror {
	return &mirror{accounts: map[trading.AccountID]*account{}, orders: map[trading.OrderID]*orderRow{}}
}

// account is the mirror of one account, read from the file the first time.
func (t *tx) account(id trading.AccountID, at time.Time) (*account, error) {
	if a, ok := t.w.mirror.accounts[id]; ok {
		return a, nil
	}
	a, err := loadAccount(t, id, at)
	if err != nil {
		return nil, err
	}
	t.w.mirror.accounts[id] = a
	for _, o := range a.orders {
		t.w.mirror.orders[o.ID] = o
	}
	return a, nil
}

// loadAccount reads the open part of an account.
func loadAccount(from asker, id trading.AccountID, at time.Time) (*account, error) {
	a := &account{balances: map[string]trading.Money{}, paper: id.Mode() == trading.ModePaper}
	if err := loadPositions(from, a, id); err != nil {
		return nil, err
	}
	if err := loadOrders(from, a, id); err != nil {
		return nil, err
	}
	return a, loadMoney(from, a, id, at)
}

func loadPositions(from asker, a *account, id trading.AccountID) error {
	rows, err := from.rows(`SELECT `+positionColumns+` FROM positions WHERE account = ? AND qty <> '0'`, string(id))
	return each(rows, err, func(r *sql.Rows) error {
		p, err := scanPosition(r)
		a.positions = append(a.positions, p)
		return err
	})
}

const loadOpen = `
SELECT ` + orderColumns + `, COALESCE((SELECT s.received_at FROM signals AS s WHERE s.id = o.signal_id), 0)
FROM orders AS o INDEXED BY orders_open
WHERE ` + openOrders + ` AND o.account = ?
ORDER BY o.seq`

func loadOrders(from asker, a *account, id trading.AccountID) error {
	rows, err := from.rows(loadOpen, string(id))
	return each(rows, err, func(r *sql.Rows) error {
		o, err := scanOrder(r)
		if err == nil {
			// One that waits has a reason where its exchange did not answer, or it could not be sent.
			o.held = o.Status == trading.OrderCreated && o.Reason != ""
		}
		a.orders = append(a.orders, o)
		return err
	})
}

const loadArmed = `
SELECT o.armed_at
FROM orders AS o INDEXED BY orders_armed
WHERE o.armed_at > ? AND o.armed_at > 0 AND o.reduce_only = 0 AND o.account = ?
ORDER BY o.armed_at`

func loadMoney(from asker, a *account, id trading.AccountID, at time.Time) error {
	rows, err := from.rows(`SELECT asset, amount FROM balances WHERE account = ?`, string(id))
	err = each(rows, err, func(r *sql.Rows) error {
		var asset string
		var amount trading.Money
		err := r.Scan(&asset, &amount)
		a.balances[asset] = amount
		return err
	})
	if err != nil {
		return err
	}
	rows, err = from.rows(loadArmed, at.Add(-keepSpan).UnixMilli(), string(id))
	return each(rows, err, func(r *sql.Rows) error {
		var armed int64
		err := r.Scan(&armed)
		a.armed = append(a.armed, armed)
		return err
	})
}

// book is what the gate looks at, with the balance in one currency.
func (t *tx) book(a *account, quote string, at time.Time) risk.Book {
	return a.book(t.head.standing, quote, at)
}

func (a *account) book(standing risk.Standing, quote string, at time.Time) risk.Book {
	b := risk.Book{
		Standing:  standing,
		Positions: slices.Clone(a.positions),
		Balance:   a.balance(quote),
		Recent:    a.recent(at),
		Open:      make([]trading.Order, 0, len(a.orders)),
	}
	for _, o := range a.orders {
		b.Open = append(b.Open, o.Order)
	}
	return b
}

// balance is the money there is to trade instruments of a quote currency with.
func (a *account) balance(quote string) trading.Money {
	if a.paper && (quote == "USDT" || quote == "USDC") {
		return a.balances["USDT"].Add(a.balances["USDC"])
	}
	return a.balances[quote]
}

// recent counts the entries armed in the 60 s up to a moment.
func (a *account) recent(at time.Time) int {
	from, _ := slices.BinarySearch(a.armed, at.Add(-recentSpan).UnixMilli()+1)
	return len(a.armed) - from
}

// arm remembers an entry that was armed.
func (a *account) arm(at time.Time) {
	ms := at.UnixMilli()
	i, _ := slices.BinarySearch(a.armed, ms+1)
	a.armed = slices.Insert(a.armed, i, ms)
	old, _ := slices.BinarySearch(a.armed, ms-keepSpan.Milliseconds())
	// Dropping in bulk keeps the cost of an arm constant.
	if old > 1024 {
		a.armed = slices.Delete(a.armed, 0, old)
	}
}

// position is the open position of an instrument in a slot, or a flat one, and its place.
func (a *account) position(key trading.InstrumentKey, slot trading.Slot) (trading.Position, int) {
	for i, p := range a.positions {
		if p.Product == key.Product && p.Symbol == key.Symbol && p.Slot == slot {
			return p, i
		}
	}
	return trading.Position{Product: key.Product, Symbol: key.Symbol, Slot: slot}, -1
}

// hold puts a position in its place, or forgets it when it is flat.
func (a *account) hold(p trading.Position, place int) {
	switch {
	case p.Qty.IsZero() && place >= 0:
		a.positions = slices.Delete(a.positions, place, place+1)
	case p.Qty.IsZero():
	case place >= 0:
		a.positions[place] = p
	default:
		a.positions = append(a.positions, p)
	}
}

// inFlight tells whether another order of the lane may be on its way to the exchange, or alive there without our knowing.
func (a *account) inFlight(o *orderRow) bool {
	lane := o.Lane()
	for _, other := range a.orders {
		if other.ID == o.ID || other.Lane() != lane {
			continue
		}
		if other.Status == trading.OrderSubmitted || other.Status.InLongDoubt() && !onlyCloses(o) {
			return true
		}
	}
	return false
}

// place keeps or forgets an order after its status changed.
func (t *tx) place(a *account, o *orderRow) {
	i := slices.Index(a.orders, o)
	switch {
	case o.Status.Final() && i >= 0:
		a.orders = slices.Delete(a.orders, i, i+1)
		delete(t.w.mirror.orders, o.ID)
	case !o.Status.Final() && i < 0:
		a.orders = append(a.orders, o)
		t.w.mirror.orders[o.ID] = o
	}
}

const readOrder = `
SELECT ` + orderColumns + `, COALESCE((SELECT s.received_at FROM signals AS s WHERE s.id = o.signal_id), 0)
FROM orders AS o
WHERE o.id = ?`

// order is one order with its account, from memory when it is open. The error is sql.ErrNoRows when there is none.
func (t *tx) order(id trading.OrderID, at time.Time) (*orderRow, *account, error) {
	if o, ok := t.w.mirror.orders[id]; ok {
		return o, t.w.mirror.accounts[o.Account], nil
	}
	o, err := scanOrder(t.row(readOrder, string(id)))
	if err != nil {
		return nil, nil, err
	}
	a, err := t.account(o.Account, at)
	if err != nil {
		return nil, nil, err
	}
	if open, ok := t.w.mirror.orders[id]; ok {
		o = open
	}
	return o, a, nil
}
