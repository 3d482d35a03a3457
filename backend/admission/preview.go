package admission

import (
	"context"
	"time"

	"hoox/backend/trading"
)

// Forecast is what would become of an alert on one account if it came now.
type Forecast struct {
	Account trading.AccountID
	// Instrument is zero where the symbol could not be resolved; Reason says why.
	Instrument trading.Instrument
	// Status is executing when its legs would go, else what the signal would end as.
	Status trading.SignalStatus
	Reason string
	// Legs are the orders with their quantities, prices and protection: those that would go, or those that the gate denies,
	// with status and reason.
	Legs []trading.Order
	// Cancel are open entries that would be cancelled.
	Cancel   []trading.OrderID
	Checks   []trading.Check
	Warnings []string
	Deadline time.Time
}

// Preview is what would become of an alert.
type Preview struct {
	// Strategy is the stored strategy that it would follow, "" for none.
	Strategy string
	// Known is the first signal when the alert's key is on record: nothing would happen then.
	Known trading.SignalID
	// Accounts are where it would go, the one that answers the door first.
	Accounts []Forecast
}

// Preview tells what Admit would do with a signal at this moment. Nothing is stored, sent or armed. It fails as Admit does
// for what names something that does not exist.
func (d *Desk) Preview(ctx context.Context, s trading.Signal) (Preview, error) {
	set := d.Settings.Now()
	f, err := d.read(ctx, s, set)
	if err != nil {
		return Preview{}, err
	}
	receipt, _, err := d.seen(ctx, f)
	if err != nil {
		return Preview{}, err
	}
	d.listen(ctx, f.ways)
	out := Preview{Strategy: f.ways[0].in.Strategy, Known: receipt.Signal}
	for _, w := range f.ways {
		book, err := d.Store.Book(ctx, w.in)
		if err != nil {
			return Preview{}, err
		}
		book.Standing = d.stricter(book.Standing)
		decision := d.decide(w, book, set)
		line := Forecast{Account: w.in.Account, Instrument: w.in.Instrument, Status: decision.Status, Reason: decision.Reason,
			Cancel: decision.Cancel, Checks: decision.Checks, Warnings: w.in.Signal.Warnings, Deadline: w.in.Deadline}
		for _, a := range decision.Approved {
			line.Legs = append(line.Legs, a.Order())
		}
		line.Legs = append(line.Legs, decision.Denied...)
		out.Accounts = append(out.Accounts, line)
	}
	return out, nil
}
