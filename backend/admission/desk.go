package admission

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"hoox/backend/risk"
	"hoox/backend/settings"
	"hoox/backend/strategy"
	"hoox/backend/trading"
)

// store remembers. Admit and AdmitAll are one transaction; the others read only.
type store interface {
	Seen(ctx context.Context, in trading.Intake) (trading.Receipt, bool, error)
	Admit(ctx context.Context, in trading.Intake, decide func(risk.Book) risk.Decision) (trading.Receipt, error)
	AdmitAll(ctx context.Context, all []trading.Intake, decide func(n int, book risk.Book) risk.Decision) ([]trading.Receipt, error)
	Book(ctx context.Context, in trading.Intake) (risk.Book, error)
	Strategy(ctx context.Context, name string) (strategy.Record, error)
}

// market knows instruments and prices. Resolve reads a symbol on the venue that mode gives for its exchange; Quote is the
// price that an account would trade at. Await has a price come of what nobody has listened to yet, and returns when there is
// one newer than since, or ctx ends.
type market interface {
	Resolve(exchange trading.Exchange, written string, fallback trading.Product, mode func(trading.Exchange) trading.Mode) (trading.Instrument, []string, error)
	Quote(account trading.AccountID, key trading.InstrumentKey) (trading.Quote, bool)
	Await(ctx context.Context, account trading.AccountID, key trading.InstrumentKey, since time.Time) bool
}

// line carries admitted orders on: Take sends armed ones, Wake makes the queue look.
type line interface {
	Take(orders []trading.Order)
	Wake()
}

// Desk admits signals. Safe for concurrent use.
type Desk struct {
	Parts
	// seed is what client order ids come from; nothing is admitted before it is there.
	seed atomic.Pointer[[]byte]
}

// Parts is what the desk works with.
type Parts struct {
	Store    store
	Market   market
	Line     line
	Settings interface{ Now() settings.Snapshot }
	// Mode tells in which mode an exchange trades; test asks for the place where an order cannot touch real money. Live is
	// no answer to that, and is taken as paper.
	Mode func(exchange trading.Exchange, test bool) trading.Mode
	// PositionMode is how a real account nets opposite positions, as its exchange says; "" while that is not known, and for
	// paper accounts, whose setting tells. It may be nil.
	PositionMode func(trading.AccountID) trading.PositionMode
	// Standing is the kill switch in memory, which may be ahead of the row.
	Standing func() risk.Standing
	// Ready tells why an account takes no entries of an instrument now, nil when it does.
	Ready func(account trading.AccountID, key trading.InstrumentKey) error
	// Held tells why nothing is sent to an account at this moment, "" when it is: its orders then wait in the queue. Nil is
	// never.
	Held func(account trading.AccountID) string
	// InstallKey seeds the client order ids. A desk without one admits nothing until Seed.
	InstallKey []byte
	Now        func() time.Time
}

// New makes the desk.
func New(p Parts) *Desk {
	d := &Desk{Parts: p}
	if len(p.InstallKey) > 0 {
		d.Seed(p.InstallKey)
	}
	return d
}

// Seed gives the desk the key that client order ids come from, once the vault that holds it is open.
func (d *Desk) Seed(installKey []byte) { d.seed.Store(&installKey) }

// key is the seed, nil before there is one.
func (d *Desk) key() []byte {
	if k := d.seed.Load(); k != nil {
		return *k
	}
	return nil
}

const (
	// staleQuote is the age from which a price is not fresh enough to size or value an entry.
	staleQuote = 10 * time.Second
	// firstPrice is how long the first alert of a symbol waits for a price, all its accounts together. The door has more.
	firstPrice = 800 * time.Millisecond
)

// Admit takes a signal in. After it returned without an error the signal is on disk for ever, with its decision and its
// orders; a repeat gets the first receipt, until the time of its key has ended. An alert of a strategy with several accounts is one signal on
// each, all on disk or none: the receipt is that of the first account, and its children are the others. It fails with
// Invalid or Refused when the alert names something that does not exist, and with Unauthorized when it asks for what its
// credential may not (nothing is stored then), and with Unavailable when it could not be stored or
// the desk has no seed yet.
func (d *Desk) Admit(ctx context.Context, s trading.Signal) (trading.Receipt, error) {
	if d.key() == nil {
		return trading.Receipt{}, trading.Errorf(trading.Unavailable, "nothing can be ordered while the vault is locked: order ids come from a key in it")
	}
	set := d.Settings.Now()
	f, err := d.read(ctx, s, set)
	if err != nil {
		return trading.Receipt{}, err
	}
	if receipt, seen, err := d.seen(ctx, f); err != nil || seen {
		return receipt, err
	}
	d.listen(ctx, f.ways)
	receipts, cancels, err := d.write(ctx, f.ways, set)
	if err != nil || receipts[0].Duplicate || receipts[0].Conflict {
		return first(receipts), err
	}
	for _, r := range receipts {
		// Armed orders are owed their submit whatever else happens.
		if len(r.Armed) > 0 {
			d.Line.Take(r.Armed)
		}
		cancels = cancels || r.Created
	}
	if cancels {
		d.Line.Wake()
	}
	return first(receipts), nil
}

// write has the whole alert written down in one transaction and tells whether it cancels anything.
func (d *Desk) write(ctx context.Context, ways []way, set settings.Snapshot) ([]trading.Receipt, bool, error) {
	cancels := make([]bool, len(ways))
	for n := range ways {
		if d.Held != nil {
			ways[n].in.Held = d.Held(ways[n].in.Account)
		}
	}
	decide := func(n int, book risk.Book) risk.Decision {
		book.Standing = d.stricter(book.Standing)
		decision := d.decide(ways[n], book, set)
		cancels[n] = len(decision.Cancel) > 0
		return decision
	}
	if len(ways) == 1 {
		r, err := d.Store.Admit(ctx, ways[0].in, func(book risk.Book) risk.Decision { return decide(0, book) })
		return []trading.Receipt{r}, cancels[0], err
	}
	all := make([]trading.Intake, 0, len(ways))
	for _, w := range ways {
		all = append(all, w.in)
	}
	receipts, err := d.Store.AdmitAll(ctx, all, decide)
	return receipts, slices.Contains(cancels, true), err
}

// first is the receipt of an alert: that of its first signal, with what became of the others. Their armed orders have been
// taken care of.
func first(receipts []trading.Receipt) trading.Receipt {
	if len(receipts) == 0 {
		return trading.Receipt{}
	}
	r := receipts[0]
	for _, child := range receipts[1:] {
		child.Armed = nil
		r.Children = append(r.Children, child)
	}
	return r
}

// stricter joins the row with the switch in memory: whichever allows less.
func (d *Desk) stricter(row risk.Standing) risk.Standing {
	mem := d.Standing()
	if risk.Stricter(row.State, mem.State) == row.State {
		return row
	}
	return mem
}

// decide is what becomes of a signal on one account, with the notes on how it got there.
func (d *Desk) decide(w way, book risk.Book, set settings.Snapshot) risk.Decision {
	decision := d.judge(w, book, set)
	decision.Checks = append(slices.Clone(w.notes), decision.Checks...)
	return decision
}

// nets is how a real account nets positions, "" when the setting tells.
func (d *Desk) nets(a trading.AccountID) trading.PositionMode {
	if d.PositionMode == nil {
		return ""
	}
	return d.PositionMode(a)
}

func (d *Desk) judge(w way, book risk.Book, set settings.Snapshot) risk.Decision {
	in := w.in
	if w.refuse != "" {
		return risk.End(trading.SignalRefused, w.refuse)
	}
	if in.Signal.Action == trading.ActNone {
		return risk.End(trading.SignalNoOp, "only a notification")
	}
	if now := d.Now(); !in.Deadline.After(now) {
		return risk.End(trading.SignalExpired, fmt.Sprintf("too old: its time ended at %s, %s before it could be sent",
			in.Deadline.UTC().Format("15:04:05"), now.Sub(in.Deadline).Round(time.Second)))
	}
	quote, fresh := d.quote(in.Account, in.Instrument.Key())
	p := planner{in: in, follow: w.follow, shut: w.shut, book: book, set: set, quote: quote, fresh: fresh, mark: d.mark(in.Account), key: d.key(), nets: d.nets(in.Account)}
	legs, notes, err := p.plan()
	if err != nil {
		return risk.Decision{Status: trading.SignalRefused, Reason: err.Error(), Checks: notes}
	}
	if len(legs) == 0 {
		return risk.Decision{Status: trading.SignalNoOp, Reason: p.nothing(), Checks: notes, Cancel: p.superseded()}
	}
	if err := d.entriesReady(in, legs); err != nil {
		return risk.Decision{Status: trading.SignalRefused, Reason: err.Error(), Checks: notes}
	}
	verdict := risk.Decide(w.limits(set, d.Now()), p.judged(), risk.Ask{Instrument: in.Instrument, Legs: legs, Mark: p.mark})
	verdict.Checks = append(notes, verdict.Checks...)
	if len(verdict.Approved) > 0 || !p.opening() {
		verdict.Cancel = p.superseded()
	}
	if direct := directOnly(set, book, in, legs, verdict); direct != "" {
		return risk.Decision{Status: trading.SignalRefused, Reason: direct, Checks: verdict.Checks}
	}
	return verdict
}

func (d *Desk) entriesReady(in trading.Intake, legs []trading.Order) error {
	for _, leg := range legs {
		if !leg.ReduceOnly {
			return d.Ready(in.Account, in.Instrument.Key())
		}
	}
	return nil
}

// directOnly refuses what would have to queue when the trader wants nothing queued.
func directOnly(set settings.Snapshot, book risk.Book, in trading.Intake, legs []trading.Order, verdict risk.Decision) string {
	if set.Text("webhook:queue_mode") != "direct_only" || len(verdict.Approved) == 0 || legs[0].ReduceOnly {
		return ""
	}
	if in.Held != "" {
		return in.Held + ", and webhook:queue_mode is direct_only"
	}
	if book.LaneBusy(legs[0].Lane()) {
		return "another order of " + legs[0].Symbol + " is in flight, and webhook:queue_mode is direct_only"
	}
	return ""
}

func (d *Desk) quote(account trading.AccountID, key trading.InstrumentKey) (trading.Quote, bool) {
	q, ok := d.Market.Quote(account, key)
	return q, ok && d.Now().Sub(q.At) <= staleQuote
}

// listen waits a moment for prices of instruments that nobody has listened to yet. What closes without a size needs none.
func (d *Desk) listen(ctx context.Context, ways []way) {
	wait, stop := context.WithTimeout(ctx, firstPrice)
	defer stop()
	for _, w := range ways {
		s := w.in.Signal
		if w.refuse != "" || s.Action == trading.ActNone || s.Action.Closes() && s.Size.Mode == trading.SizeNone {
			continue
		}
		d.awaitPrice(wait, w.in.Account, w.in.Instrument.Key())
	}
}

func (d *Desk) awaitPrice(ctx context.Context, account trading.AccountID, key trading.InstrumentKey) {
	if _, fresh := d.quote(account, key); !fresh {
		d.Market.Await(ctx, account, key, d.Now().Add(-staleQuote))
	}
}

func (d *Desk) mark(account trading.AccountID) func(trading.InstrumentKey) (trading.Price, bool) {
	return func(key trading.InstrumentKey) (trading.Price, bool) {
		q, fresh := d.quote(account, key)
		return q.Mark, fresh
	}
}

// limits are the caps of the settings, or the route's where those are tighter.
func (w way) limits(set settings.Snapshot, now time.Time) risk.Limits {
	name := "exchange:" + string(w.in.Account.Exchange())
	return risk.Limits{
		Enabled:         set.Bool(name + ":enabled"),
		BlockCloses:     set.Bool("kill.block_closes"),
		KeyMaxOrder:     w.in.Signal.Bounds.MaxOrder,
		MaxOrder:        tighter(set.Money("trade:max_order_size"), w.course.MaxOrder),
		MaxPosition:     tighter(set.Money("trade:max_position_size"), w.course.MaxPosition),
		MaxExposure:     set.Money("trade:max_exposure"),
		MaxLeverage:     set.Int("trade:max_leverage"),
		OrdersPerMinute: set.Int("trade:max_orders_per_minute"),
		Locks:           set.Locks("trade:locked_symbols"),
		At:              now,
	}
}

// tighter is the smaller of two caps, of which zero is none.
func tighter(a, b trading.Money) trading.Money {
	if a.IsZero() || !b.IsZero() && b.Less(a) {
		return b
	}
	return a
}
