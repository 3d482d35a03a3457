package paper_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"hoox/backend/exchange/paper"
	"hoox/backend/market"
	"hoox/backend/trading"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestNewsIsToldAgainUntilItIsTaken(t *testing.T) {
	s := newStage()
	s.look(t)
	s.place(t, limited(buy("a"), "59000"))
	s.desk.fail = errors.New("disk full")
	s.set("58000")
	if err := s.Watch(t.Context(), s.desk); err == nil {
		t.Fatal("watch: no error; want the sink's, so that somebody hears of it")
	}

	// The program dies here and comes back.
	s.shelf.commit()
	s.crash()
	s.desk.fail = nil
	s.look(t)

	if n := len(s.desk.reports); n != 1 {
		t.Fatalf("told %d reports, want the fill that was not taken", n)
	}
	r := s.desk.reports[0]
	if r.OrderID != "a" || r.Status != trading.OrderFilled || len(r.Fills) != 1 || r.Fills[0].ID != "a-1" {
		t.Errorf("told %+v, want the fill a-1", r)
	}
	s.look(t)
	if n := len(s.desk.reports); n != 1 {
		t.Errorf("told %d reports, want one: it was taken", n)
	}
}

func TestCrashBeforeTheCommitProvesTheOrderAbsent(t *testing.T) {
	s := newStage()
	s.look(t)
	s.shelf.commit()
	s.place(t, buy("a"))

	s.crash()

	if _, ok, err := s.Lookup(t.Context(), buy("a")); ok || err != nil {
		t.Errorf("look-up finds %v (%v), want proof of absence: the report was lost with the order", ok, err)
	}
	s.wantFlat(t, "nothing of a lost order is left")
	s.wantBalance(t, "10000", "nothing of a lost order is left")
}

func TestServeIsIdleWithoutAnythingToWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage()
		ticks, asked := make(chan time.Time), 0
		s.after = func(time.Duration) <-chan time.Time { asked++; return ticks }
		s.restart()
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error)
		go func() { done <- s.Serve(ctx, s.desk) }()
		synctest.Wait()
		if asked != 0 {
			t.Errorf("asked for %d ticks with an empty account, want none", asked)
		}

		s.place(t, limited(buy("a"), "59000"))
		synctest.Wait()
		if asked != 1 {
			t.Fatalf("asked for %d ticks, want one: a resting order needs watching", asked)
		}
		s.set("58000")
		ticks <- s.clock()
		synctest.Wait()
		if n := len(s.desk.reports); n != 1 {
			t.Errorf("told %d reports after the tick, want the fill", n)
		}
		out := sell("b")
		out.ReduceOnly = true
		s.place(t, out)
		ticks <- s.clock()
		synctest.Wait()
		before := asked
		s.pass(time.Hour)
		synctest.Wait()
		if asked != before || before != 2 {
			t.Errorf("asked for %d ticks, then %d; want 2: a flat account rests", before, asked)
		}

		stop()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("serve ended with %v, want the context's error", err)
		}
	})
}

func TestRequestGivenUpOnItsWayNeverArrived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStage()
		s.settings.Latency = time.Second
		ctx, stop := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer stop()

		_, err := s.Submit(ctx, buy("a"))

		if trading.KindOf(err) != trading.Unavailable {
			t.Errorf("submit: %v (%s), want Unavailable", err, trading.KindOf(err))
		}
		if _, ok, err := s.Lookup(t.Context(), buy("a")); ok || err != nil {
			t.Errorf("look-up finds %v (%v), want proof that it never arrived", ok, err)
		}
	})
}

func TestUnreadableBookIsNoAnswer(t *testing.T) {
	s := newStage()
	s.shelf.fail = errors.New("database is locked")
	if _, err := s.Submit(t.Context(), buy("a")); trading.KindOf(err) != trading.Unavailable {
		t.Errorf("submit: %v (%s), want Unavailable: it was not placed", err, trading.KindOf(err))
	}
	if _, ok, err := s.Lookup(t.Context(), buy("a")); err == nil || ok {
		t.Errorf("look-up answers %v without an error; want an error: absence is not proven", ok)
	}
}

func TestManyPartialClosesSurviveARestart(t *testing.T) {
	s := newStage()
	s.place(t, buy("open"))
	for n := range 60 {
		s.set(fmt.Sprintf("600%02d.7", n%97))
		more := buy(fmt.Sprintf("more%d", n))
		more.Qty = trading.MustQty("0.003")
		s.place(t, more)
		part := sell(fmt.Sprintf("part%d", n))
		part.Qty, part.ReduceOnly = trading.MustQty("0.003"), true
		s.place(t, part)
	}
	before := s.only(t)

	s.shelf.commit()
	s.crash()

	if after := s.only(t); !after.Cost.Equal(before.Cost) {
		t.Errorf("cost is %s after the restart, want %s", after.Cost, before.Cost)
	}
}

func TestEntryThatFillsAgainAfterItsStopIsProtectedAgain(t *testing.T) {
	s := newStage()
	s.level = trading.MustQty("0.002") // 25 levels: half of the order at once
	o := limited(buy("a"), "60002.6")
	o.Protection.StopLoss = trading.MustPrice("59000")
	if r := s.place(t, o); r.Filled.String() != "0.05" {
		t.Fatalf("filled %s at once, want 0.05", r.Filled)
	}

	s.at(t, "59000") // fills the rest at the limit, then stops it all
	s.wantFlat(t, "the stop closes what is there")
	first := len(s.desk.reports)

	if r, _, _ := s.Lookup(t.Context(), o); r.Status != trading.OrderFilled {
		t.Fatalf("entry is %s, want filled", r.Status)
	}
	last := s.desk.reports[first-1]
	if last.OrderID != "a.s" || last.Filled.String() != "0.1" {
		t.Errorf("stop %s closed %s, want a.s and 0.1, deeper than the book though it is", last.OrderID, last.Filled)
	}
}

func TestChildIDsOfOneParentNeverCollide(t *testing.T) {
	s := newStage()
	s.level = trading.MustQty("0.001") // 0.025 at a time
	o := limited(buy("a"), "60010")
	o.Protection.StopLoss = trading.MustPrice("59000")
	s.place(t, o)

	s.at(t, "58000")
	s.at(t, "58000")
	s.at(t, "58000")

	ids := map[trading.OrderID]bool{}
	for _, r := range s.desk.reports {
		if r.Child == nil {
			continue
		}
		if ids[r.OrderID] {
			t.Errorf("two orders are called %s: the ledger would drop one", r.OrderID)
		}
		ids[r.OrderID] = true
	}
	if len(ids) < 2 {
		t.Errorf("made %d stops, want one for each time that the entry filled again: %v", len(ids), ids)
	}
	s.wantFlat(t, "each stop closed what there was")
}

func TestShortIsProtectedTheOtherWayRound(t *testing.T) {
	for _, test := range []struct {
		name       string
		protection trading.Protection
		marks      []string
		child      trading.OrderID
		left       string
		pnl        string
	}{
		{"stop", trading.Protection{StopLoss: trading.MustPrice("60600")}, []string{"60599.9", "60600"}, "a.s", "0", "-60.01"},
		{"target", trading.Protection{TakeProfit: []trading.TakeProfitAt{
			{Price: trading.MustPrice("58000"), Qty: trading.MustQty("0.04")},
			{Price: trading.MustPrice("59000"), Qty: trading.MustQty("0.06")},
		}}, []string{"59000.1", "59000"}, "a.t2", "-0.04", "59.994"},
		{"trailing", trading.Protection{TrailingStop: trading.MustPrice("500")}, []string{"59000", "59499.9", "59500"}, "a.r", "0", "49.99"},
	} {
		s := newStage()
		o := sell("a") // 0.1 at 60000
		o.Protection = test.protection
		s.place(t, o)

		for _, mark := range test.marks {
			if len(s.desk.reports) > 0 {
				t.Errorf("%s: triggered before mark %s", test.name, mark)
			}
			s.at(t, mark)
		}

		if len(s.desk.reports) != 1 {
			t.Errorf("%s: told %d reports, want the exit", test.name, len(s.desk.reports))
			continue
		}
		r := s.desk.reports[0]
		if r.OrderID != test.child || r.Child.Side != trading.Buy || r.Fills[0].RealizedPnL.String() != test.pnl {
			t.Errorf("%s: %s %s realized %s, want %s to buy and realize %s", test.name, r.Child.Side, r.OrderID, r.Fills[0].RealizedPnL, test.child, test.pnl)
		}
		list, _ := s.Positions(t.Context())
		if test.left == "0" && len(list) != 0 || test.left != "0" && (len(list) != 1 || list[0].Qty.String() != test.left) {
			t.Errorf("%s: positions are %+v, want %s", test.name, list, test.left)
		}
	}
}

func TestTrailingStopSurvivesACrash(t *testing.T) {
	s := newStage()
	o := buy("a")
	o.Protection.TrailingStop = trading.MustPrice("500")
	s.place(t, o)
	s.at(t, "61000")

	s.shelf.commit()
	s.crash()
	s.at(t, "60500.1")
	s.only(t)
	s.at(t, "60500")

	s.wantFlat(t, "the best price before the crash counts")
}

func TestUnknownRowsOfABookAreNotGuessed(t *testing.T) {
	s := newStage()
	s.look(t)
	s.shelf.SaveBook(account, map[string]string{"live/later": "{}"}, nil)
	s.shelf.commit()
	s.crash()
	if _, err := s.Submit(t.Context(), buy("a")); trading.KindOf(err) != trading.Internal {
		t.Errorf("submit over a newer book: %v (%s), want Internal and nothing done", err, trading.KindOf(err))
	}
}

// TestSameMarketTimesAndOrdersGiveTheSameAccount also proves that the synthetic market fits.
func TestSameMarketTimesAndOrdersGiveTheSameAccount(t *testing.T) {
	run := func() (map[string]string, []trading.Report) {
		now := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
		clock := func() time.Time { return now }
		m, book, sink := market.New(1, clock, market.Standard()), newShelf(), &desk{}
		x := paper.New(paper.Config{Account: account, Instruments: m, Market: m, Book: book, Now: clock})
		for n := range 40 {
			o := buy(fmt.Sprintf("o%d", n))
			if n%2 == 1 {
				o.Side, o.ReduceOnly = trading.Sell, true
			} else {
				o.Qty = trading.MustQty("1.1")
				o.Protection.TrailingStop = trading.MustPrice("5")
			}
			if _, err := x.Submit(t.Context(), o); err != nil && trading.KindOf(err) != trading.Rejected {
				t.Fatal(err)
			}
			for range 200 {
				now = now.Add(250 * time.Millisecond)
				if err := x.Watch(t.Context(), sink); err != nil {
					t.Fatal(err)
				}
			}
		}
		book.commit()
		return book.rows, sink.reports
	}

	rows, reports := run()
	rowsAgain, reportsAgain := run()

	if diff := cmp.Diff(rows, rowsAgain); diff != "" {
		t.Errorf("the second run left another book: %s", diff)
	}
	if len(reports) == 0 || len(reports) != len(reportsAgain) {
		t.Errorf("the runs told %d and %d reports, want the same and some", len(reports), len(reportsAgain))
	}
}
