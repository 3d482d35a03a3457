package exchangetest

import (
	"context"
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

// protector is an adapter that is told about protections when the position is there. The tests call it after the fill of
// an entry that carries a protection, and again when the position changed, as the program does.
type protector interface {
	Protect(ctx context.Context, parent trading.OrderID, want trading.Position) error
}

// What an exchange or a product may lack: keys of World.Lacks. The name of a test is a key too.
const (
	// Hedge is a slot for each direction.
	Hedge = "hedge"
	// Stop, Targets and Trailing are the protections.
	Stop     = "stop"
	Targets  = "targets"
	Trailing = "trailing"
	// Sweep is that the exchange cancels a resting reduce-only order as soon as its position is gone, and not only when
	// the market comes to it.
	Sweep = "sweep"
	// Shown is that Positions tells the protection.
	Shown = "protection shown"
	// Restarts is that a second adapter over the same account can be made.
	Restarts = "restart"
	// Books is that balance and positions can be told from fills and cash alone.
	Books = "books"
)

// World is one account at one exchange, fresh for each test.
type World struct {
	Adapter    Adapter
	Account    trading.AccountID
	Instrument trading.Instrument
	// Deposit is the balance at the start, Start the mark price, Unit an ordinary quantity that is worth a small part of
	// the deposit and fits the top of the book; of a coin, the fee for it is a multiple of the step.
	Deposit trading.Money
	Start   trading.Price
	Unit    trading.Qty
	// Lacks says what the exchange does not have and why; the tests about it are left out, with the reason in the log. What
	// it names must be one of the words above or the name of a test.
	Lacks map[string]string
	// Price sets the mark price (a multiple of the tick; bid at the mark, ask one tick above) and returns when the exchange
	// has acted on it.
	Price func(trading.Price)
	// Pass lets time pass and returns when the exchange has acted on it.
	Pass func(time.Duration)
	Now  func() time.Time
	// Hedge switches the account to hedge mode before anything is open; nil where that is lacking.
	Hedge func()
	// Restart makes a new adapter over what the old one left behind.
	Restart func() Adapter
	// Reports and Cash are what the exchange told by itself, oldest first.
	Reports func() []trading.Report
	Cash    func() []trading.Cash
	// Settle is called before each request; it lets the time pass that request limits and late acknowledgements need.
	// It may be nil.
	Settle func()
	// Await waits until is tells true, or gives up after a few seconds; nil when everything is told at once.
	Await func(is func() bool)
}

// Open makes a fresh world; the test ends it.
type Open func(t testing.TB) *World

// contract is one test and what it is about.
type contract struct {
	name  string
	needs []string
	run   func(*testing.T, *World)
}

func contracts() []contract {
	return []contract{
		{"MarketOrderFillsAndItsFillsAddUp", nil, marketFills},
		{"LimitOrderRestsAndFillsAtItsPrice", nil, limitFills},
		{"LimitOrderThatCrossesFillsAtOnce", nil, limitCrosses},
		{"CancelEndsARestingOrderAndMayBeRepeated", nil, cancelRepeats},
		{"CancelAfterFillAnswersFilled", nil, cancelFilled},
		{"SameIDIsNeverASecondOrder", nil, sameID},
		{"LookupFindsOrProvesAbsent", nil, lookup},
		{"FiltersRejectInWordsAndBookNothing", nil, filters},
		{"ReduceOnlyNeverIncreasesOrOpens", nil, reduceOnly},
		{"ReduceOnlyIsCanceledWhenNothingIsLeft", nil, reduceOnlySwept},
		{"StopLossClosesThePosition", []string{Stop}, stopLoss},
		{"TakeProfitsCloseTheirShares", []string{Targets, Stop}, takeProfits},
		{"TrailingStopFollowsAndCloses", []string{Trailing}, trailing},
		{"ProtectionGoesWithThePosition", []string{Targets, Stop}, protectionGoes},
		{"HedgeSlotsStayApart", []string{Hedge}, hedgeSlots},
		{"RestartKeepsOrdersAndPositions", []string{Restarts, Stop}, restart},
		{"TooLargeAnEntryIsRejectedWithNumbers", nil, tooLarge},
		{"BooksBalanceOverRandomOperations", []string{Books}, nil},
	}
}

// Run runs the contract.
func Run(t *testing.T, open Open) {
	known := map[string]bool{Hedge: true, Stop: true, Targets: true, Trailing: true, Sweep: true, Shown: true, Restarts: true, Books: true}
	for _, c := range contracts() {
		known[c.name] = true
	}
	lacks := open(t).Lacks
	for name, reason := range lacks {
		if !known[name] || reason == "" {
			t.Errorf("the world lacks %q because of %q; want a name that is known, and a reason", name, reason)
		}
	}
	for _, c := range contracts() {
		t.Run(c.name, func(t *testing.T) {
			for _, name := range append([]string{c.name}, c.needs...) {
				if reason, lacking := lacks[name]; lacking {
					t.Logf("left out, %s is lacking: %s", name, reason)
					return
				}
			}
			if c.run == nil {
				booksBalance(t, open)
				return
			}
			c.run(t, open(t))
		})
	}
}

// spot tells whether the world trades the asset itself: no short, no leverage, and a sale is what closes.
func (w *World) spot() bool { return w.Instrument.Product == trading.Spot }

func (w *World) lacks(name string) bool { _, lacking := w.Lacks[name]; return lacking }

func (w *World) settle() {
	if w.Settle != nil {
		w.Settle()
	}
}

// await waits until is tells true and answers what it told last.
func (w *World) await(is func() bool) bool {
	if w.Await == nil || is() {
		return is()
	}
	w.Await(is)
	return is()
}
