package sqlite_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"hoox/backend/risk"
	"hoox/backend/trading"
)

// The writer remembers the open part of an account instead of reading it for every signal. Whatever happened, also after
// units that failed half way, what it remembers must be what the file says.
func TestWhatTheWriterRemembersIsWhatIsStored(t *testing.T) {
	for seed := range uint64(6) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			h := newHouse(t)
			dice := rand.New(rand.NewPCG(seed, 7))
			for n := range 250 {
				h.stir(dice, n)
				if n%10 == 0 {
					h.compareBooks()
				}
			}
			h.compareBooks()
			h.sound()
		})
	}
}

// stir does one thing, legal or not.
func (h *house) stir(dice *rand.Rand, n int) {
	ctx := context.Background()
	side := []trading.Side{trading.Buy, trading.Sell}[dice.IntN(2)]
	orders, _ := h.OpenOrders(ctx, paper)
	switch dice.IntN(10) {
	case 0, 1, 2:
		in := alert(fmt.Sprint(n))
		in.Queue = dice.IntN(3) == 0
		in.Instrument.Symbol = []string{"BTCUSDT", "ETHUSDT"}[dice.IntN(2)]
		legs := []trading.Order{leg(in, 0, side, fmt.Sprint(1+dice.IntN(3)))}
		if dice.IntN(3) == 0 {
			legs[0].ReduceOnly = true
			legs = append(legs, leg(in, 1, side, "1"))
		}
		_, _ = h.Admit(ctx, in, yes(in, legs...))
		return
	case 3:
		_ = h.Exec(ctx, errors.New("half way"), `UPDATE orders SET qty = '99'`, `UPDATE balances SET amount = '1'`)
		return
	case 4:
		state := []risk.State{risk.Active, risk.Active, risk.Reducing, risk.Halted}[dice.IntN(4)]
		_, _, _ = h.SetStanding(ctx, risk.Standing{State: state, Since: noon})
		return
	case 5:
		_ = h.BookCash(ctx, trading.Cash{ID: fmt.Sprint(n), Account: paper, Kind: trading.CashFunding, Asset: "USDT", Amount: trading.MustMoney("-0.01"), At: noon})
		return
	}
	if len(orders) == 0 {
		return
	}
	o := orders[dice.IntN(len(orders))]
	switch dice.IntN(7) {
	case 0, 1:
		_, _ = h.Record(ctx, filled(o, fmt.Sprint(90+dice.IntN(20)), "0.05"))
	case 2:
		f := fill(fmt.Sprint("p", n), "0.5", "100", "0.01")
		_, _ = h.Record(ctx, trading.Report{OrderID: o.ID, Status: trading.OrderPartiallyFilled, Fills: []trading.Fill{f}, At: noon})
	case 3:
		_, _ = h.BeginSubmit(ctx, o.ID, noon.Add(time.Duration(dice.IntN(40))*time.Second), free)
	case 4:
		_, _ = h.Doubt(ctx, o.ID, "silence", noon, noon)
	case 5:
		_, _ = h.Return(ctx, o.ID, "no route", noon, noon)
	case 6:
		to := []trading.OrderStatus{trading.OrderCanceled, trading.OrderNotPlaced, trading.OrderRejected, trading.OrderNeedsReview}[dice.IntN(4)]
		_, _ = h.Settle(ctx, o.ID, to, "test", noon)
	}
}

func (h *house) compareBooks() {
	h.t.Helper()
	remembered, stored, err := h.Books(context.Background(), paper, noon)
	if err != nil {
		h.t.Fatal(err)
	}
	for _, b := range []*risk.Book{&remembered, &stored} {
		slices.SortFunc(b.Open, func(a, c trading.Order) int { return strings.Compare(string(a.ID), string(c.ID)) })
		slices.SortFunc(b.Positions, func(a, c trading.Position) int { return strings.Compare(a.Symbol, c.Symbol) })
		b.Recent = 0 // an order that was sent twice is one row and two sends
	}
	if had, want := fmt.Sprintf("%+v", remembered), fmt.Sprintf("%+v", stored); had != want {
		h.t.Fatalf("want what is stored\n%s\nhad\n%s\nthe gate would decide on a book that does not exist", want, had)
	}
}
