package exchange_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/tape"
	"hoox/backend/trading"
)

// ledger answers every report with an error of its own.
type ledger struct{ err error }

func (l ledger) Record(context.Context, trading.Report) error { return l.err }
func (l ledger) BookCash(context.Context, trading.Cash) error { return l.err }

func TestOnlyALedgerThatCannotBeWrittenHoldsTheNewsUp(t *testing.T) {
	for _, c := range []struct {
		name  string
		says  error
		holds bool
	}{
		{"taken", nil, false},
		{"somebody else's order", trading.Errorf(trading.NotFound, "no order"), false},
		{"contradicts what is known", trading.Errorf(trading.Conflict, "report fills an order that was never sent"), false},
		{"cannot be read", trading.Errorf(trading.Invalid, "a fill without an id"), false},
		{"a damaged file", trading.Errorf(trading.Internal, "the ledger file may be damaged"), true},
		{"cannot be written now", trading.Errorf(trading.Unavailable, "the disk is full"), true},
		{"an error of no kind", errors.New("torn"), true},
	} {
		news := tape.New()
		r, fresh := news.Row(tape.Row{ExchangeID: "1", OrderID: "hx1a", Status: trading.OrderAccepted, Qty: trading.MustQty("1"), At: time.Unix(1, 0)})
		if !fresh {
			t.Fatal("the tape has no news of an order it never heard of")
		}

		err := exchange.Tell(exchange.Telling(t.Context(), ledger{c.says}), slog.New(slog.DiscardHandler), news, r)

		if (err != nil) != c.holds {
			t.Errorf("%s: had error %v, want one: %v. A stream breaks over it, and one order must not keep away the news of all others", c.name, err, c.holds)
		}
	}
}
