package execution

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hoox/backend/trading"
)

// fixes is what the ledger does about a drift.
type fixes interface {
	IgnoreDrift(ctx context.Context, id, actor string, at time.Time) error
	AdoptPosition(ctx context.Context, d trading.Drift, theirs trading.Position, actor string, at time.Time) error
	NoteDrift(ctx context.Context, d trading.Drift, stage, actor string, at time.Time) error
}

// stranger is a venue at which a person may cancel an order that is not ours.
type stranger interface {
	CancelForeign(ctx context.Context, o trading.Order) error
}

// Drift lists in what the ledger and the exchanges do not agree, once it was seen often enough to be no matter of timing.
func (e *Engine) Drift(ctx context.Context) ([]trading.Drift, error) {
	if e.Drifts == nil {
		return []trading.Drift{}, nil
	}
	list, err := e.Drifts.Drifts(ctx)
	return slices.DeleteFunc(list, func(d trading.Drift) bool { return !d.Counts() }), err
}

// Fix does what a person asks for about a drift; each fix may be asked for again, and one of a drift that has ended is done
// already. It fails with NotFound for an unknown id, with Refused in words when the fix does not fit the drift, and with
// Conflict when the exchange or the ledger has moved since: look again.
func (e *Engine) Fix(ctx context.Context, id string, what trading.Fix, actor string) error {
	if e.Drifts == nil {
		return trading.Errorf(trading.NotFound, "no such difference")
	}
	d, stands, err := e.Drifts.Drift(ctx, id)
	if err != nil || !stands {
		return err
	}
	switch what {
	case trading.FixAskAgain:
		err = e.Drifts.NoteDrift(ctx, d, "drift asked again", actor, e.Now())
	case trading.FixIgnore:
		err = e.Drifts.IgnoreDrift(ctx, id, actor, e.Now())
	case trading.FixAdopt:
		err = e.adopt(ctx, d, actor)
	case trading.FixCancel:
		err = e.cancelTheirs(ctx, d, actor)
	default:
		return trading.FieldError("fix", "%q is not one of adopt, ignore, ask_again, cancel", what)
	}
	if err != nil {
		return err
	}
	e.mu.Lock()
	s := e.accounts[d.Account]
	e.mu.Unlock()
	if s != nil {
		if err := e.loadBars(ctx, d.Account, s); err != nil {
			return err
		}
	}
	e.Look(d.Account)
	e.wake()
	return nil
}

// adopt makes the ledger what the exchange is.
func (e *Engine) adopt(ctx context.Context, d trading.Drift, actor string) error {
	venue, err := e.venue(d.Account)
	if err != nil {
		return err
	}
	switch d.Kind {
	case trading.DriftSize, trading.DriftExternal, trading.DriftMissing:
		theirs, err := e.theirPosition(ctx, venue, d)
		if err != nil {
			return err
		}
		return e.Drifts.AdoptPosition(ctx, d, theirs, actor, e.Now())
	case trading.DriftRecovered:
		return e.adoptOrder(ctx, venue, d, actor)
	case trading.DriftForeign:
		return trading.Errorf(trading.Refused, "order %s on %s is not ours: cancel it or ignore it", d.ExchangeID, d.Account)
	case trading.DriftLost:
		return trading.Errorf(trading.Refused, "only the exchange can say what became of order %s: ask again", d.OrderID)
	}
	return trading.Errorf(trading.Internal, "no such kind of difference: %q", d.Kind)
}

// theirPosition asks what the exchange holds now. It must still be what the person saw.
func (e *Engine) theirPosition(ctx context.Context, venue Venue, d trading.Drift) (trading.Position, error) {
	asked, cancel := context.WithTimeout(ctx, wireBudget)
	defer cancel()
	list, err := venue.Positions(asked)
	if err != nil {
		return trading.Position{}, fmt.Errorf("ask %s for positions: %w", d.Account, err)
	}
	p := trading.Position{}
	for _, x := range list {
		same := placeOf(x) == place{d.Product, d.Symbol, d.Slot}
		if d.Product == trading.Spot {
			same = x.Product == trading.Spot && coinOf(x.Symbol) == coinOf(d.Symbol)
		}
		if same && !x.Qty.IsZero() {
			p = x
		}
	}
	p.Account, p.Product, p.Symbol, p.Slot = d.Account, d.Product, d.Symbol, d.Slot
	if !p.Qty.Equal(d.Theirs) {
		return p, trading.Errorf(trading.Conflict, "%s on %s is %s at the exchange by now: look again", d.Symbol, d.Account, p.Qty)
	}
	if p.Qty.IsZero() || p.Cost.IsPositive() {
		return p, nil
	}
	price, err := e.entryFor(ctx, d)
	p.Cost = trading.Notional(price, p.Size())
	return p, err
}

// entryFor is the entry of a position whose exchange tells none: what the ledger paid so far, else the price now.
func (e *Engine) entryFor(ctx context.Context, d trading.Drift) (trading.Price, error) {
	held, err := e.Holdings.Positions(ctx)
	if err != nil {
		return trading.Price{}, err
	}
	for _, p := range held {
		if p.Account == d.Account && placeOf(p) == (place{d.Product, d.Symbol, d.Slot}) {
			return p.Entry(), nil
		}
	}
	if e.Quote != nil {
		if q, ok := e.Quote(d.Account, trading.InstrumentKey{Product: d.Product, Symbol: d.Symbol}); ok && q.Mark.IsPositive() {
			return q.Mark, nil
		}
	}
	return trading.Price{}, trading.Errorf(trading.Unavailable, "the exchange tells no entry of %s and there is no price: try again when there is one", d.Symbol)
}

// adoptOrder takes an order with our mark into the ledger, with what the exchange says of it.
func (e *Engine) adoptOrder(ctx context.Context, venue Venue, d trading.Drift, actor string) error {
	o := orderOf(d)
	o.Qty, o.CreatedAt = d.Theirs, e.Now()
	asked, cancel := context.WithTimeout(ctx, wireBudget)
	report, found, err := venue.Lookup(asked, o)
	cancel()
	if err != nil {
		return fmt.Errorf("look up %s: %w", o.ID, err)
	}
	if !found {
		return trading.Errorf(trading.Conflict, "the exchange has no order %s any more: look again", o.ID)
	}
	if err := e.Drifts.NoteDrift(ctx, d, "order adopted", actor, e.Now()); err != nil {
		return err
	}
	o.Qty = d.Theirs.Add(report.Filled)
	report.Child = &o
	return e.Record(ctx, report)
}

// orderOf is the order at the exchange that a drift is about.
func orderOf(d trading.Drift) trading.Order {
	return trading.Order{ID: d.OrderID, ExchangeID: d.ExchangeID, Account: d.Account, Product: d.Product, Symbol: d.Symbol, Slot: d.Slot,
		Side: d.Side, Type: d.Type, Price: d.Price, Qty: d.Theirs, Status: trading.OrderAccepted}
}

// cancelTheirs cancels an order at the exchange that the ledger does not have, because a person says so.
func (e *Engine) cancelTheirs(ctx context.Context, d trading.Drift, actor string) error {
	venue, err := e.venue(d.Account)
	if err != nil {
		return err
	}
	if d.Kind != trading.DriftForeign && d.Kind != trading.DriftRecovered {
		return trading.Errorf(trading.Refused, "there is no order at the exchange to cancel: %s", d.Kind)
	}
	if err := e.Drifts.NoteDrift(ctx, d, "cancel asked", actor, e.Now()); err != nil {
		return err
	}
	asked, cancel := context.WithTimeout(ctx, wireBudget)
	defer cancel()
	if x, ok := venue.(stranger); ok {
		return x.CancelForeign(asked, orderOf(d))
	}
	if d.Kind == trading.DriftRecovered {
		_, err := venue.Cancel(asked, orderOf(d))
		return err
	}
	return trading.Errorf(trading.Refused, "%s has no way to cancel an order that is not ours: cancel it there", d.Account)
}
