package exchange

import (
	"context"
	"fmt"
	"log/slog"

	"hoox/backend/tape"
	"hoox/backend/trading"
)

// sinkKey carries the sink of a Serve to the hooks of its streams.
type sinkKey struct{}

// Telling is ctx with the sink that Tell and Book tell.
func Telling(ctx context.Context, s Sink) context.Context {
	return context.WithValue(ctx, sinkKey{}, s)
}

// Tell hands a report to the sink of ctx and notes on the tape that it was taken. An order that the ledger does not know is
// somebody else's, whatever its id looks like. A report that the ledger contradicts (Conflict) or cannot read (Invalid), and
// will again, is logged and passed over: one order that does not fit must not keep the news of all others away, which a stream
// that breaks over it for ever would do. Any other failure, a damaged ledger's too, is returned: the report is nowhere written
// down, so the stream breaks and the catch-up tells it again.
func Tell(ctx context.Context, log *slog.Logger, t *tape.Tape, r trading.Report) error {
	err := ctx.Value(sinkKey{}).(Sink).Record(ctx, r)
	switch trading.KindOf(err) {
	case "":
	case trading.NotFound:
		log.Info("an order that is not in the ledger", "order", r.OrderID)
	case trading.Conflict, trading.Invalid:
		log.Error("the ledger does not take a report", "order", r.OrderID, "status", r.Status, "filled", r.Filled, "error", err)
		return nil
	default:
		return fmt.Errorf("record order %s: %w", r.OrderID, err)
	}
	t.Told(r)
	return nil
}

// Book hands money that moved without a fill to the sink of ctx.
func Book(ctx context.Context, c trading.Cash) error {
	return ctx.Value(sinkKey{}).(Sink).BookCash(ctx, c)
}
