package node_test

import (
	"fmt"
	"strings"

	"hoox/backend/risk"
	"hoox/backend/trading"
)

// check holds the ledger against the exchange and against what was promised, at rest. The numbers are those of the list of
// invariants in the room's description.
func (w *world) check() {
	w.checkPromises()
	w.checkOrders()
	w.checkPositions()
	w.checkLedger()
	w.tell("end\n%s", w.state())
	w.checkRestart()
}

func (w *world) checkPromises() {
	for key, r := range w.said {
		story, err := w.life.db.Signal(w.t.Context(), r.Signal)
		if err != nil {
			w.violated("I2", "alert %s was answered %s and is gone: %v", key, r.Status, err)
			continue
		}
		ended := story.Status.Final() || story.Status == trading.SignalNeedsReview || story.Status == trading.SignalAccepted
		if !ended {
			w.violated("I2", "alert %s is still %s", key, story.Status)
		}
		legs := map[int]bool{}
		for _, o := range story.Orders {
			if legs[o.Leg] {
				w.violated("I19", "alert %s has two orders for leg %d", key, o.Leg)
			}
			legs[o.Leg] = true
			if strings.HasPrefix(string(story.Action), "close") && !o.ReduceOnly {
				w.violated("I13", "the close %s has an order that may open", key)
			}
		}
		w.checkJournal(story)
	}
}

// checkJournal replays the life of each order of a signal.
func (w *world) checkJournal(story trading.SignalRecord) {
	at := map[trading.OrderID]trading.OrderStatus{}
	for _, e := range story.Journal {
		if e.OrderID == "" || e.To == "" {
			continue
		}
		if e.From != at[e.OrderID] {
			w.violated("I15", "order %s goes from %s to %s (%s) and was %s", e.OrderID, e.From, e.To, e.Stage, at[e.OrderID])
		}
		if e.From != e.To && !e.From.May(e.To) {
			w.violated("I8", "order %s goes from %q to %q (%s)", e.OrderID, e.From, e.To, e.Stage)
		}
		at[e.OrderID] = e.To
	}
	for _, o := range story.Orders {
		if at[o.ID] != o.Status {
			w.violated("I15", "order %s is %s and its journal says %s", o.ID, o.Status, at[o.ID])
		}
	}
}

func (w *world) checkOrders() {
	w.mall.mu.Lock()
	defer w.mall.mu.Unlock()
	for id, b := range w.mall.orders {
		if b.placed > 1 {
			w.violated("I1", "order %s is %d orders at the exchange", id, b.placed)
		}
		o, err := w.life.db.Order(w.t.Context(), id)
		if err != nil {
			w.violated("I3", "the exchange has order %s and the ledger has not: %v", id, err)
			continue
		}
		if !o.Filled.Equal(b.filled) {
			w.violated("I6", "order %s is filled with %s at the exchange and %s in the ledger (%s)", id, b.filled, o.Filled, o.Status)
		}
		if b.placed > 0 && o.Status != b.status && o.Status != trading.OrderNeedsReview {
			w.violated("I6", "order %s is %s at the exchange and %s in the ledger", id, b.status, o.Status)
		}
		if b.placed == 0 && o.Status.Resting() {
			w.violated("I6", "order %s rests in the ledger and was never placed", id)
		}
	}
}

func (w *world) checkPositions() {
	list, err := w.life.db.Positions(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	ours := map[string]string{}
	for _, p := range list {
		if !p.Qty.IsZero() {
			ours[p.Symbol] = p.Qty.String()
		}
	}
	theirs := map[string]string{}
	for symbol, q := range w.mall.held {
		if !q.IsZero() {
			theirs[symbol] = q.String()
		}
	}
	if fmt.Sprint(ours) != fmt.Sprint(theirs) {
		w.violated("I6", "the ledger holds %v, the exchange %v", ours, theirs)
	}
}

func (w *world) checkLedger() {
	report, err := w.life.db.Verify(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range report {
		if !f.OK {
			w.violated("I7", "%s: %s", f.Check, f.Detail)
		}
	}
}

// state is all that a restart may not change.
func (w *world) state() string {
	var b strings.Builder
	orders, _, err := w.life.db.Orders(w.t.Context(), trading.Page{Limit: 500})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, o := range orders {
		fmt.Fprintf(&b, "%s %s %s %s\n", o.ID, o.Status, o.Filled, o.Reason)
	}
	positions, err := w.life.db.Positions(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, p := range positions {
		fmt.Fprintf(&b, "%s %s %s\n", p.Symbol, p.Qty, p.Cost)
	}
	return b.String()
}

// checkRestart wants two more recoveries to change nothing, and the switch to stand as it stood.
func (w *world) checkRestart() {
	before, stood := w.state(), w.life.kill.Standing().State
	for range 2 {
		w.again()
		if w.life.absurd {
			// It halts then, as it must, and what rested is canceled.
			stood = risk.Halted
			w.rest()
			before = w.state()
		}
		if after := w.state(); after != before {
			w.violated("I14", "a recovery changed the ledger from\n%sto\n%s", before, after)
		}
		if now := w.life.kill.Standing().State; now != stood {
			w.violated("I5", "the trading state was %s and is %s after a restart", stood, now)
		}
	}
	w.mu.Lock()
	halted := !w.halted.IsZero()
	w.mu.Unlock()
	if halted && stood != risk.Halted {
		w.violated("I5", "trading was halted, and is %s", stood)
	}
}
