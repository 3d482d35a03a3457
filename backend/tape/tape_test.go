package tape_test

import (
	"testing"
	"time"

	"hoox/backend/tape"
	"hoox/backend/trading"
)

var at = time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)

func TestAFillThatWasNotTakenIsToldAgainUntilItIs(t *testing.T) {
	tp := tape.New()
	child := trading.Order{ID: "e-1", ExchangeID: "e-1", Type: trading.Liquidation, Qty: trading.MustQty("1")}
	for name, c := range map[string]struct {
		owner trading.OrderID
		child *trading.Order
	}{"e-1": {"e-1", &child}, "e-2": {"hx1a", nil}} {
		f := trading.Fill{ID: trading.FillID("x-" + name), OrderID: c.owner, Qty: trading.MustQty("1"), Price: trading.MustPrice("100"), At: at}
		if _, news := tp.Fill(name, f, c.child); !news {
			t.Fatalf("%s: the first time is no news", name)
		}
		// Whoever was told could not write it down, and no row of the order ever comes.
		r, news := tp.Fill(name, f, c.child)
		if !news || r.Filled.String() != "1" || len(r.Fills) != 1 {
			t.Fatalf("%s: the second time told %+v, %v; want it again, once: the fill would be lost", name, r, news)
		}
		tp.Told(r)
		if r, news := tp.Fill(name, f, c.child); news {
			t.Errorf("%s: told %+v once more after it was taken", name, r)
		}
	}
}

func TestAnOrderOfWhichNobodyKnowsWhenItWasSentIsNeverAbsent(t *testing.T) {
	a := tape.NewAbsence()
	for range 5 {
		if err := a.Empty("bybit", trading.Order{ID: "hx1a"}, at, time.Minute, nil); trading.KindOf(err) != trading.Unknown {
			t.Fatalf("%v, want unknown: it may have been sent a moment ago", err)
		}
	}
}
