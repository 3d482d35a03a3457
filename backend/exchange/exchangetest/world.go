package exchangetest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"hoox/backend/trading"
)

// Adapter is what every exchange adapter can do; see package exchange for the meaning of its errors.
type Adapter interface {
	Submit(ctx context.Context, o trading.Order) (trading.Report, error)
	Lookup(ctx context.Context, o trading.Order) (trading.Report, bool, error)
	Cancel(ctx context.Context, o trading.Order) (trading.Report, error)
	Positions(ctx context.Context) ([]trading.Position, error)
	Balance(ctx context.Context) (trading.Money, string, error)
}

// World is one account at one exchange, fresh for each test.
type World struct {
	Adapter    Adapter
	Account    trading.AccountID
	Instrument trading.Instrument
	// Deposit is the balance at the start, Start the mark price, Unit an ordinary quantity that is worth a small part of
	// the deposit and fits the top of the book.
	Deposit trading.Money
	Start   trading.Price
	Unit    trading.Qty
	// Price sets the mark price (a multiple of the tick; bid at the mark, ask one tick above) and returns when the exchange
	// has acted on it.
	Price func(trading.Price)
	// Pass lets time pass and returns when the exchange has acted on it.
	Pass func(time.Duration)
	Now  func() time.Time
	// Hedge switches the account to hedge mode before anything is open.
	Hedge func()
	// Restart makes a new adapter over what the old one left behind.
	Restart func() Adapter
	// Reports and Cash are what the exchange told by itself, oldest first.
	Reports func() []trading.Report
	Cash    func() []trading.Cash
}

// Open makes a fresh world; the test ends it.
type Open func(t testing.TB) *World

// Run runs the contract.
func Run(t *testing.T, open Open) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, *World)
	}{
		{"MarketOrderFillsAndItsFillsAddUp", marketFills},
		{"LimitOrderRestsAndFillsAtItsPrice", limitFills},
		{"LimitOrderThatCrossesFillsAtOnce", limitCrosses},
		{"CancelEndsARestingOrderAndMayBeRepeated", cancelRepeats},
		{"CancelAfterFillAnswersFilled", cancelFilled},
		{"SameIDIsNeverASecondOrder", sameID},
		{"LookupFindsOrProvesAbsent", lookup},
		{"FiltersRejectInWordsAndBookNothing", filters},
		{"ReduceOnlyNeverIncreasesOrOpens", reduceOnly},
		{"ReduceOnlyIsCanceledWhenNothingIsLeft", reduceOnlySwept},
		{"StopLossClosesThePosition", stopLoss},
		{"TakeProfitsCloseTheirShares", takeProfits},
		{"TrailingStopFollowsAndCloses", trailing},
		{"ProtectionGoesWithThePosition", protectionGoes},
		{"HedgeSlotsStayApart", hedgeSlots},
		{"RestartKeepsOrdersAndPositions", restart},
		{"TooLargeAnEntryIsRejectedWithNumbers", tooLarge},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
	t.Run("BooksBalanceOverRandomOperations", func(t *testing.T) { booksBalance(t, open) })
}

// order is a market buy of the unit; the caller changes what the test is about.
func (w *World) order(id string) trading.Order {
	return trading.Order{
		ID: trading.OrderID("hx1" + id), SignalID: trading.SignalID("signal-" + id),
		Account: w.Account, Product: w.Instrument.Product, Symbol: w.Instrument.Symbol, Slot: trading.SlotBoth,
		Side: trading.Buy, Type: trading.Market, Qty: w.Unit, Leverage: 10, MarginMode: trading.Isolated,
		Status: trading.OrderSubmitted, CreatedAt: w.Now(), UpdatedAt: w.Now(), ArmedAt: w.Now(),
	}
}

func (w *World) limit(id string, side trading.Side, price trading.Price) trading.Order {
	o := w.order(id)
	o.Type, o.Side, o.Price = trading.Limit, side, price
	return o
}

func (w *World) closer(id string, qty trading.Qty) trading.Order {
	o := w.order(id)
	o.Side, o.ReduceOnly, o.Qty, o.Leverage = trading.Sell, true, qty, 0
	return o
}

// off is the start price moved by parts in a thousand, on the tick.
func (w *World) off(thousandths int64) trading.Price {
	return w.Start.Times(trading.RatioUnits(1000+thousandths, -3)).Floor(w.Instrument.TickSize)
}

func (w *World) submit(t testing.TB, o trading.Order) trading.Report {
	t.Helper()
	r, err := w.Adapter.Submit(t.Context(), o)
	if err != nil {
		t.Fatalf("submit %s %s %s %s: %v", o.ID, o.Type, o.Side, o.Qty, err)
	}
	checkReport(t, o, r)
	return r
}

func (w *World) lookup(t testing.TB, o trading.Order) trading.Report {
	t.Helper()
	r, ok, err := w.Adapter.Lookup(t.Context(), o)
	if err != nil || !ok {
		t.Fatalf("look up %s: found %v, error %v; want the order, or an order in doubt is never settled", o.ID, ok, err)
	}
	checkReport(t, o, r)
	return r
}

func (w *World) absent(t testing.TB, o trading.Order) {
	t.Helper()
	if r, ok, err := w.Adapter.Lookup(t.Context(), o); err != nil || ok {
		t.Errorf("look up %s: found %v (%s), error %v; want proof that it does not exist", o.ID, ok, r.Status, err)
	}
}

// held is the signed quantity in a slot.
func (w *World) held(t testing.TB, slot trading.Slot) trading.Position {
	t.Helper()
	list, err := w.Adapter.Positions(t.Context())
	if err != nil {
		t.Fatalf("positions: %v", err)
	}
	for _, p := range list {
		if p.Qty.IsZero() {
			t.Errorf("positions list a flat one of %s; want only what is held", p.Symbol)
		}
		if p.Symbol == w.Instrument.Symbol && p.Product == w.Instrument.Product && p.Slot == slot {
			return p
		}
	}
	return trading.Position{}
}

func (w *World) wantHeld(t testing.TB, slot trading.Slot, want trading.Qty, why string) {
	t.Helper()
	if had := w.held(t, slot).Qty; !had.Equal(want) {
		t.Errorf("position in %s is %s, want %s: %s", slot, had, want, why)
	}
}

// wantRejected wants a certain no, in words.
func (w *World) wantRejected(t testing.TB, o trading.Order, why string) error {
	t.Helper()
	r, err := w.Adapter.Submit(t.Context(), o)
	if trading.KindOf(err) != trading.Rejected {
		t.Errorf("submit %s: status %q, error %v (%s); want Rejected: %s", o.ID, r.Status, err, trading.KindOf(err), why)
		return err
	}
	if len(err.Error()) < 10 {
		t.Errorf("submit %s: rejected as %q; want words that tell a person what is wrong", o.ID, err.Error())
	}
	return err
}

// child is the order that the exchange made from parent, as it was told.
func (w *World) child(t testing.TB, parent trading.OrderID, kind trading.OrderType) trading.Report {
	t.Helper()
	for _, r := range w.Reports() {
		if r.Child != nil && r.Child.Parent == parent && r.Child.Type == kind {
			checkChild(t, r)
			return r
		}
	}
	t.Fatalf("no report of a %s order made from %s; want one, or the ledger misses the close", kind, parent)
	return trading.Report{}
}

func checkChild(t testing.TB, r trading.Report) {
	t.Helper()
	c := r.Child
	if c.ID != r.OrderID || len(c.ID) > 36 || !c.ReduceOnly || c.Account == "" || c.Symbol == "" || !c.Qty.IsPositive() {
		t.Errorf("child order %+v is not complete: it is all that the ledger will know", *c)
	}
	if !c.Filled.IsZero() || c.Status != trading.OrderAccepted {
		t.Errorf("child order %s comes as %s with %s filled; want accepted with nothing, the report says the rest", c.ID, c.Status, c.Filled)
	}
}

// teller is the part of a test that is needed to complain; rapid's has no more.
type teller interface {
	Helper()
	Errorf(format string, args ...any)
}

// checkReport holds what is true of every report.
func checkReport(t teller, o trading.Order, r trading.Report) {
	t.Helper()
	if r.OrderID != o.ID {
		t.Errorf("report of %s names order %s", o.ID, r.OrderID)
	}
	if r.ExchangeID == "" {
		t.Errorf("report of %s has no exchange id: there is no evidence that the exchange has it", o.ID)
	}
	var sum trading.Qty
	seen := map[trading.FillID]bool{}
	for _, f := range r.Fills {
		if seen[f.ID] {
			t.Errorf("fill %s comes twice in one report", f.ID)
		}
		seen[f.ID] = true
		if f.OrderID != o.ID || f.Account != o.Account || f.Symbol != o.Symbol || f.Slot != o.Slot || f.Side != o.Side {
			t.Errorf("fill %+v does not belong to order %s", f, o.ID)
		}
		if !f.Qty.IsPositive() || !f.Price.IsPositive() || f.FeeAsset == "" || f.At.IsZero() {
			t.Errorf("fill %+v is not complete", f)
		}
		sum = sum.Add(f.Qty)
	}
	if !sum.Equal(r.Filled) {
		t.Errorf("report of %s says %s filled, its fills add up to %s", o.ID, r.Filled, sum)
	}
	if r.Filled.More(o.Qty) {
		t.Errorf("report of %s says %s filled of %s", o.ID, r.Filled, o.Qty)
	}
	if (r.Status == trading.OrderFilled) != r.Filled.Equal(o.Qty) {
		t.Errorf("report of %s is %s with %s of %s filled", o.ID, r.Status, r.Filled, o.Qty)
	}
}

func wantStatus(t testing.TB, r trading.Report, want trading.OrderStatus, why string) {
	t.Helper()
	if r.Status != want {
		t.Errorf("order %s is %s (%s), want %s: %s", r.OrderID, r.Status, r.Reason, want, why)
	}
}

func number(n int) string { return fmt.Sprintf("%04d", n) }
