package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"hoox/backend/events"
	"hoox/backend/queue"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

// Admit writes a signal with its decision, its orders, their jobs and the journal in one transaction, and returns when it
// is on disk. A key that is known gives the first receipt (Duplicate, or Conflict when the content differs) and writes
// nothing. Decide must be pure: it may be called more than once, and also for what turns out to be a duplicate. The first
// approved order is armed at once (see Receipt.Armed) unless the intake asks for the queue, its exchange does not answer, or
// its lane is busy. Unavailable means that nothing was stored; Conflict that one of the orders exists already; Limited that so
// many orders are open that no further entry is taken.
func (db *DB) Admit(ctx context.Context, in trading.Intake, decide func(risk.Book) risk.Decision) (trading.Receipt, error) {
	var receipt trading.Receipt
	err := db.do(ctx, "admit signal "+string(in.Signal.ID), func(t *tx) (err error) {
		receipt, err = t.admit(in, decide)
		return err
	})
	if err != nil {
		return trading.Receipt{}, err
	}
	return receipt, nil
}

func (t *tx) admit(in trading.Intake, decide func(risk.Book) risk.Decision) (trading.Receipt, error) {
	// With a window the row of the first must be looked for; an exact key shows at the insert, which saves a statement.
	if in.Window > 0 {
		first, known, err := t.w.db.first(t.row(findSignal, findArgs(in)...), in)
		if err != nil || known {
			return first, err
		}
	}
	now := t.w.db.o.Now()
	a, err := t.account(in.Account, in.Signal.ReceivedAt)
	if err != nil {
		return trading.Receipt{}, err
	}
	book := t.book(a, in.Instrument.Quote, in.Signal.ReceivedAt)
	if err := kin(t, in, &book); err != nil {
		return trading.Receipt{}, err
	}
	// While no key was ever set free there is nothing to look for.
	if t.head.freed {
		if err := before(t, in, &book); err != nil {
			return trading.Receipt{}, err
		}
	}
	decision := decide(book)
	if err := t.room(decision); err != nil {
		return trading.Receipt{}, err
	}
	orders, err := t.plan(in, decision, book, now)
	if err != nil {
		return trading.Receipt{}, err
	}
	status := decision.Status
	if len(decision.Approved) > 0 {
		status = trading.SignalStatusOf(plain(orders))
	}
	if status == "" {
		status = trading.SignalNoOp
	}
	fresh, err := t.insertSignal(in, status, decision)
	if err != nil {
		return trading.Receipt{}, err
	}
	if !fresh {
		first, known, err := t.w.db.first(t.row(findSignal, findArgs(in)...), in)
		if err == nil && !known {
			err = fmt.Errorf("signal %s is known and cannot be found", in.Signal.ID)
		}
		return first, err
	}
	t.note(trading.Entry{SignalID: in.Signal.ID, Stage: stageOf(status), Detail: decision.Reason, At: now, Since: now.Sub(in.Signal.ReceivedAt)})
	t.changed(events.Signals)
	receipt := trading.Receipt{Signal: in.Signal.ID, Status: status, Reason: decision.Reason, Account: in.Account, Parent: in.Signal.Parent}
	for i, o := range orders {
		if err := t.admitOrder(a, o, now); err != nil {
			return trading.Receipt{}, err
		}
		receipt.Held = receipt.Held || i == 0 && o.Status == trading.OrderCreated && (o.held || a.heldUp(o))
		switch o.Status {
		case trading.OrderSubmitted:
			receipt.Armed = append(receipt.Armed, o.Order)
		case trading.OrderCreated:
			receipt.Created = true
		}
	}
	return receipt, t.cancelAll(decision.Cancel, "signal "+string(in.Signal.ID), now)
}

// mostOpen is how many orders may be open on all accounts together: more than anybody means, and few enough to be looked
// through at every start.
const mostOpen = 10_000

// room refuses entries when too many orders are open already. What closes is always taken.
func (t *tx) room(d risk.Decision) error {
	if len(t.w.mirror.orders) < t.w.db.most || !slices.ContainsFunc(d.Approved, func(a risk.Approved) bool { return !a.Order().ReduceOnly }) {
		return nil
	}
	return trading.Errorf(trading.Limited, "%d orders are open or wait already: no more entries are taken until some have ended", t.w.db.most)
}

// cancelAll asks for the cancel of each order that has not ended.
func (t *tx) cancelAll(ids []trading.OrderID, actor string, now time.Time) error {
	for _, id := range ids {
		o, a, err := t.order(id, now)
		if notFound(err) || err == nil && o.Status.Final() {
			continue
		}
		if err == nil {
			err = t.askCancel(a, o, actor, now)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// stageOf is the word of the journal for what was decided about a signal.
func stageOf(s trading.SignalStatus) string {
	switch s {
	case trading.SignalRefused, trading.SignalBlocked, trading.SignalNoOp, trading.SignalExpired:
		return string(s)
	default:
		return "admitted"
	}
}

func plain(rows []*orderRow) []trading.Order {
	orders := make([]trading.Order, 0, len(rows))
	for _, o := range rows {
		orders = append(orders, o.Order)
	}
	return orders
}

// plan makes the rows of the orders: the first approved one armed when its lane is free, the others waiting, and those that
// were denied with their word.
func (t *tx) plan(in trading.Intake, d risk.Decision, book risk.Book, now time.Time) ([]*orderRow, error) {
	rows := make([]*orderRow, 0, len(d.Approved)+len(d.Denied))
	for i, approved := range d.Approved {
		o := approved.Order()
		o.Status = trading.OrderCreated
		if in.Held != "" {
			o.Reason = in.Held
		} else if i == 0 && !in.Queue && !book.LaneBusy(o.Lane()) {
			o.Status, o.ArmedAt, o.Attempts = trading.OrderSubmitted, stamp(now), 1
		}
		rows = append(rows, &orderRow{Order: o, held: in.Held != ""})
	}
	for _, o := range d.Denied {
		if !o.Status.Final() {
			o.Status = trading.OrderDenied
		}
		rows = append(rows, &orderRow{Order: o})
	}
	quote := in.Instrument.Quote
	if quote == "" {
		quote = quoteOf(in.Instrument.Symbol)
	}
	for _, o := range rows {
		if o.ID == "" || o.Account != in.Account {
			return nil, trading.Errorf(trading.Internal, "plan of signal %s: order %q is for account %q, want an id and account %q", in.Signal.ID, o.ID, o.Account, in.Account)
		}
		o.SignalID, o.Version = in.Signal.ID, 1
		if o.CreatedAt.IsZero() {
			o.CreatedAt = now
		}
		o.CreatedAt, o.UpdatedAt, o.Deadline = stamp(o.CreatedAt), stamp(now), stamp(o.Deadline)
		o.quote, o.received = quote, in.Signal.ReceivedAt
		o.alone, o.jobless = len(rows) == 1, true
	}
	return rows, nil
}

// admitOrder writes a new order with its journal line and, if it waits, its job.
func (t *tx) admitOrder(a *account, o *orderRow, now time.Time) error {
	if err := t.insertOrder(o); err != nil {
		if isTaken(err) {
			return trading.Errorf(trading.Conflict, "order %s exists already: its signal was admitted before", o.ID)
		}
		return err
	}
	if o.Status == trading.OrderSubmitted && !o.ReduceOnly {
		a.arm(o.ArmedAt)
	}
	t.place(a, o)
	t.note(trading.Entry{SignalID: o.SignalID, OrderID: o.ID, Stage: string(o.Status), To: o.Status, Detail: o.Reason, At: now, Since: now.Sub(o.received)})
	t.changed(events.Orders)
	if o.Status == trading.OrderCreated {
		return t.putJob(queue.Submit, a, o, now, now)
	}
	return nil
}

const insertOrder = `
INSERT INTO orders (id, signal_id, leg, account, product, symbol, slot, side, type, reduce_only, closes_all, qty, price,
  leverage, margin_mode, protection, deadline, quote, child, parent, status, reason, exchange_id, filled, booked,
  filled_cost, attempts, version, created_at, updated_at, armed_at, seal)
VALUES (?, NULLIF(?, ''), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`

func (t *tx) insertOrder(o *orderRow) error {
	protection, err := encode(o.Protection, o.Protection.IsZero())
	if err != nil {
		return err
	}
	seal, err := o.seal()
	if err != nil {
		return err
	}
	_, err = t.exec(insertOrder, string(o.ID), string(o.SignalID), o.Leg, string(o.Account), string(o.Product), o.Symbol,
		string(o.Slot), string(o.Side), string(o.Type), o.ReduceOnly, o.ClosesAll, o.Qty.String(), o.Price.String(), o.Leverage,
		string(o.MarginMode), protection, millis(o.Deadline), o.quote, o.child, string(o.Parent), string(o.Status), o.Reason,
		o.ExchangeID, o.Filled.String(), o.booked.String(), o.FilledCost.String(), o.Attempts, o.Version, millis(o.CreatedAt),
		millis(o.UpdatedAt), millis(o.ArmedAt), seal)
	return err
}

const insertSignal = `
INSERT INTO signals (id, scope, key, fingerprint, status, reason, source, received_at, sent_at, deadline, account, product,
  symbol, action, quantity, strategy, comment, warnings, checks, notify, raw, parent)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (scope, key) DO NOTHING`

// insertSignal answers false when the key is known.
func (t *tx) insertSignal(in trading.Intake, status trading.SignalStatus, d risk.Decision) (bool, error) {
	s := in.Signal
	warnings, err := encode(s.Warnings, len(s.Warnings) == 0)
	if err != nil {
		return false, err
	}
	checks, err := encode(d.Checks, len(d.Checks) == 0)
	if err != nil {
		return false, err
	}
	notify, err := encode(s.Notify, s.Notify == nil)
	if err != nil {
		return false, err
	}
	symbol := in.Instrument.Symbol
	if symbol == "" {
		symbol = s.Symbol
	}
	n, err := t.exec(insertSignal, string(s.ID), in.Scope, storedKey(in), in.Fingerprint, string(status), d.Reason, string(s.Source),
		millis(s.ReceivedAt), millis(s.SentAt), millis(in.Deadline), string(in.Account), string(in.Instrument.Product), symbol,
		string(s.Action), sizeInWords(s.Size, in.Instrument), s.Strategy, s.Comment, warnings, checks, notify, s.Raw, string(s.Parent))
	return n == 1, err
}

// sizeInWords is the asked size for a person.
func sizeInWords(s trading.Size, i trading.Instrument) string {
	join := func(word string) string {
		if word == "" {
			return s.Value.String()
		}
		return s.Value.String() + " " + word
	}
	switch s.Mode {
	case trading.SizeBase:
		return join(i.Base)
	case trading.SizeQuote:
		return join(i.Quote)
	case trading.SizePercent:
		return join("%")
	case trading.SizeRisk:
		return join("% risk")
	case trading.SizeNone:
		return ""
	}
	return s.Value.String()
}

// notFound tells whether a read found nothing.
func notFound(err error) bool { return errors.Is(err, sql.ErrNoRows) }
