package admission

import (
	"context"
	"fmt"
	"time"

	"hoox/backend/risk"
	"hoox/backend/settings"
	"hoox/backend/trading"
)

// store remembers. Admit is one transaction; Seen reads only.
type store interface {
	Seen(ctx context.Context, in trading.Intake) (trading.Receipt, bool, error)
	Admit(ctx context.Context, in trading.Intake, decide func(risk.Book) risk.Decision) (trading.Receipt, error)
}

// market knows instruments and prices.
type market interface {
	Resolve(exchange trading.Exchange, written string, fallback trading.Product) (trading.Instrument, []string, error)
	Quote(exchange trading.Exchange, key trading.InstrumentKey) (trading.Quote, bool)
}

// line carries admitted orders on: Take sends armed ones, Wake makes the queue look.
type line interface {
	Take(orders []trading.Order)
	Wake()
}

// Desk admits signals. Safe for concurrent use.
type Desk struct {
	Parts
}

// Parts is what the desk works with.
type Parts struct {
	Store    store
	Market   market
	Line     line
	Settings interface{ Now() settings.Snapshot }
	// Mode tells in which mode an exchange trades; test asks for the place where an order cannot touch real money.
	Mode func(exchange trading.Exchange, test bool) trading.Mode
	// Standing is the kill switch in memory, which may be ahead of the row.
	Standing func() risk.Standing
	// Ready tells why an account takes no entries yet, nil when it does.
	Ready func(account trading.AccountID) error
	// InstallKey seeds the client order ids.
	InstallKey []byte
	Now        func() time.Time
}

// New makes the desk.
func New(p Parts) *Desk { return &Desk{p} }

// staleQuote is the age from which a price is not fresh enough to size or value an entry.
const staleQuote = 10 * time.Second

// Admit takes a signal in. After it returned without an error the signal is on disk for ever under its key, with its
// decision and its orders; a repeat gets the first receipt. It fails with Invalid or Refused when the alert names
// something that does not exist (nothing is stored then), and with Unavailable when it could not be stored.
func (d *Desk) Admit(ctx context.Context, s trading.Signal) (trading.Receipt, error) {
	set := d.Settings.Now()
	in, err := d.read(&s, set)
	if err != nil {
		return trading.Receipt{}, err
	}
	if receipt, seen, err := d.Store.Seen(ctx, in); err != nil || seen {
		return receipt, err
	}
	cancels := false
	receipt, err := d.Store.Admit(ctx, in, func(book risk.Book) risk.Decision {
		book.Standing = d.stricter(book.Standing)
		decision := d.decide(in, book, set)
		cancels = len(decision.Cancel) > 0
		return decision
	})
	if err != nil || receipt.Duplicate || receipt.Conflict {
		return receipt, err
	}
	// Armed orders are owed their submit whatever else happens.
	if len(receipt.Armed) > 0 {
		d.Line.Take(receipt.Armed)
	}
	if receipt.Created || cancels {
		d.Line.Wake()
	}
	return receipt, nil
}

// Resolve finds the account and instrument an alert means, without admitting anything.
func (d *Desk) Resolve(exchange trading.Exchange, symbol string, test bool) (trading.AccountID, trading.Instrument, []string, error) {
	s := trading.Signal{Exchange: exchange, Symbol: symbol, Test: test}
	in, err := d.place(&s, d.Settings.Now())
	return in.Account, in.Instrument, s.Warnings, err
}

// stricter joins the row with the switch in memory: whichever allows less.
func (d *Desk) stricter(row risk.Standing) risk.Standing {
	mem := d.Standing()
	if risk.Stricter(row.State, mem.State) == row.State {
		return row
	}
	return mem
}

func (d *Desk) decide(in trading.Intake, book risk.Book, set settings.Snapshot) risk.Decision {
	s := in.Signal
	if s.Action == trading.ActNone {
		return risk.End(trading.SignalNoOp, "only a notification")
	}
	if now := d.Now(); !in.Deadline.After(now) {
		return risk.End(trading.SignalExpired, fmt.Sprintf("too old: its time ended at %s, %s before it could be sent",
			in.Deadline.UTC().Format("15:04:05"), now.Sub(in.Deadline).Round(time.Second)))
	}
	quote, fresh := d.quote(in.Instrument)
	p := planner{in: in, book: book, set: set, quote: quote, fresh: fresh, mark: d.mark(in.Account), key: d.InstallKey}
	legs, notes, err := p.plan()
	if err != nil {
		return risk.Decision{Status: trading.SignalRefused, Reason: err.Error(), Checks: notes}
	}
	if len(legs) == 0 {
		return risk.Decision{Status: trading.SignalNoOp, Reason: p.nothing(), Checks: notes, Cancel: p.superseded()}
	}
	if err := d.entriesReady(in.Account, legs); err != nil {
		return risk.Decision{Status: trading.SignalRefused, Reason: err.Error(), Checks: notes}
	}
	verdict := risk.Decide(limits(set, in.Account.Exchange()), book, risk.Ask{Instrument: in.Instrument, Legs: legs, Mark: p.mark})
	verdict.Checks, verdict.Cancel = append(notes, verdict.Checks...), p.superseded()
	if direct := directOnly(set, book, legs, verdict); direct != "" {
		return risk.Decision{Status: trading.SignalRefused, Reason: direct, Checks: verdict.Checks}
	}
	return verdict
}

func (d *Desk) entriesReady(account trading.AccountID, legs []trading.Order) error {
	for _, leg := range legs {
		if !leg.ReduceOnly {
			return d.Ready(account)
		}
	}
	return nil
}

// directOnly refuses what would have to queue when the trader wants nothing queued.
func directOnly(set settings.Snapshot, book risk.Book, legs []trading.Order, verdict risk.Decision) string {
	if set.Text("webhook:queue_mode") != "direct_only" || len(verdict.Approved) == 0 || legs[0].ReduceOnly {
		return ""
	}
	if book.LaneBusy(legs[0].Lane()) {
		return "another order of " + legs[0].Symbol + " is in flight, and webhook:queue_mode is direct_only"
	}
	return ""
}

func (d *Desk) quote(i trading.Instrument) (trading.Quote, bool) {
	q, ok := d.Market.Quote(i.Exchange, i.Key())
	return q, ok && d.Now().Sub(q.At) <= staleQuote
}

func (d *Desk) mark(account trading.AccountID) func(trading.InstrumentKey) (trading.Price, bool) {
	return func(key trading.InstrumentKey) (trading.Price, bool) {
		q, ok := d.Market.Quote(account.Exchange(), key)
		return q.Mark, ok && d.Now().Sub(q.At) <= staleQuote
	}
}

// limits reads the caps of an exchange from the settings.
func limits(set settings.Snapshot, e trading.Exchange) risk.Limits {
	return risk.Limits{
		Enabled:         set.Bool("exchange:" + string(e) + ":enabled"),
		BlockCloses:     set.Bool("kill.block_closes"),
		MaxOrder:        set.Money("trade:max_order_size"),
		MaxPosition:     set.Money("trade:max_position_size"),
		MaxExposure:     set.Money("trade:max_exposure"),
		MaxLeverage:     set.Int("trade:max_leverage"),
		OrdersPerMinute: set.Int("trade:max_orders_per_minute"),
	}
}
