package execution

import (
	"context"
	"time"

	"hoox/backend/trading"
)

// firstAnswers bounds how often an exchange is asked about an order before it is sent: one answer more than any exchange
// needs to be sure.
const firstAnswers = 4

// askFirst asks the exchange for an order that the ledger believes was never sent, while the ledger may have forgotten
// something: it was restored from a backup, and the same signal may have led to the same order before. It answers with what
// the exchange has; false without an error when it has nothing, or when nothing has to be asked. What cannot be answered is
// Unavailable, so that an entry waits; a close that only reduces goes all the same.
func (e *Engine) askFirst(ctx context.Context, s *seat, o trading.Order) (trading.Report, bool, error) {
	if e.AskSince == nil {
		return trading.Report{}, false, nil
	}
	since := e.AskSince()
	if since.IsZero() {
		return trading.Report{}, false, nil
	}
	// Whatever is there was sent before this order was armed; the exchange shall look back that far.
	older := o
	if since.Before(older.ArmedAt) {
		older.ArmedAt = since
	}
	var err error
	for range firstAnswers {
		report, found, asking := e.askOnce(ctx, s, older)
		if asking == nil {
			return report, found, nil
		}
		err = asking
		if trading.KindOf(err) != trading.Unknown || ctx.Err() != nil {
			break
		}
	}
	if o.ReduceOnly {
		e.Log.Warn("a close goes although its exchange could not be asked first", "order", o.ID, "error", err)
		return trading.Report{}, false, nil
	}
	return trading.Report{}, false, trading.Errorf(trading.Unavailable, "the ledger was restored, and %s could not say whether it has the order already: %v", o.Account.Exchange(), err)
}

// askOnce is one bare question: while a restored ledger asks, an exchange that is silent is told by the submit that waits.
func (e *Engine) askOnce(ctx context.Context, s *seat, o trading.Order) (trading.Report, bool, error) {
	asked, cancel := context.WithTimeout(ctx, wireBudget)
	defer cancel()
	return s.venue.Lookup(asked, o)
}

// askSpan is how long after a restore exchanges are asked first, and how far back an order may have been forgotten.
const askSpan = 7 * 24 * time.Hour

// AskedUntil is when a restored ledger is trusted like any other again.
func AskedUntil(restored time.Time) time.Time { return restored.Add(askSpan) }
