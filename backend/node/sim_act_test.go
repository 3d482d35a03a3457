package node_test

import (
	"fmt"
	"time"

	"hoox/backend/risk"
	"hoox/backend/trading"
)

// alertOf is an alert as a door reads it; the id follows from key and delivery, so that the story does.
func (w *world) alertOf(key string, delivery int, action trading.Action, symbol, qty string) trading.Signal {
	s := trading.Signal{ID: trading.SignalID(fmt.Sprintf("s-%s-%d", key, delivery)), Source: trading.FromWebhook, Credential: "k", Key: key,
		ReceivedAt: w.now(), Exchange: trading.Bybit, Symbol: symbol, Action: action, Type: trading.Market, Leverage: 2}
	if qty != "" {
		s.Size = trading.Size{Mode: trading.SizeBase, Value: trading.MustRatio(qty)}
	}
	return s
}

// post brings an alert to the desk. What is answered is a promise; an alert without an answer is sent again later, as
// TradingView does.
func (w *world) post(s trading.Signal) (answered bool) {
	l := w.life
	l.do(func() {
		receipt, err := l.desk.Admit(w.t.Context(), s)
		// The answer leaves the program only if that still lives.
		l.edge("answer")
		answered = true
		w.heard(s, receipt, err)
	})
	return answered
}

func (w *world) heard(s trading.Signal, r trading.Receipt, err error) {
	if err != nil {
		w.tell("alert %s: %s", s.Key, trading.KindOf(err))
		return
	}
	w.tell("alert %s: %s duplicate %t conflict %t", s.Key, r.Status, r.Duplicate, r.Conflict)
	if r.Conflict {
		return
	}
	first, known := w.said[s.Key]
	switch {
	case known && !r.Duplicate:
		w.violated("I9", "alert %s was taken twice: %s and %s", s.Key, first.Signal, r.Signal)
	case known && first.Signal != r.Signal:
		w.violated("I9", "alert %s was answered as %s and then as %s", s.Key, first.Signal, r.Signal)
	}
	if !known {
		w.said[s.Key] = r
	}
}

// press sets the trading state as a person does, and tells whether that was confirmed.
func (w *world) press(state risk.State) {
	l := w.life
	if state != risk.Halted {
		w.mu.Lock()
		w.halted = time.Time{}
		w.mu.Unlock()
	}
	l.do(func() {
		err := l.kill.Set(w.t.Context(), risk.Standing{State: state, Reason: "a person", Actor: "test"})
		l.edge("pressed")
		w.tell("switch %s: %v", state, err)
		if err == nil && state == risk.Halted {
			w.mu.Lock()
			w.halted = time.Now()
			w.mu.Unlock()
		}
	})
}

// cancelResting cancels the oldest order that has not ended.
func (w *world) cancelResting() {
	l := w.life
	l.do(func() {
		open, err := l.db.OpenOrders(w.t.Context(), simAccount)
		if err != nil || len(open) == 0 {
			return
		}
		_, err = l.engine.Cancel(w.t.Context(), open[0].ID, "test")
		l.edge("cancel asked")
		w.tell("cancel of %s: %s", open[0].ID, trading.KindOf(err))
	})
}

// pass lets the world go on; when the program ends meanwhile it is started again.
func (w *world) pass(d time.Duration) {
	end := time.NewTimer(d)
	defer end.Stop()
	for {
		select {
		case <-w.life.died:
			w.bury()
			w.begin()
		case <-end.C:
			w.revive()
			return
		}
	}
}

// revive starts the program again if it has ended.
func (w *world) revive() {
	for w.life.dead.Load() {
		w.bury()
		w.begin()
	}
}

// rest lets everything end: no more faults, no more crashes, and the clock of the computer is right. A house that is ahead of
// it then goes at half the speed, and asks a person after its ten minutes of silence, so that the wait is long.
func (w *world) rest() {
	w.mall.mu.Lock()
	w.mall.fault, w.mall.force = 0, nil
	w.mall.mu.Unlock()
	w.mu.Lock()
	w.crash, w.acted = nil, w.edges
	w.mu.Unlock()
	w.ahead.Store(w.asleep.Load())
	w.revive()
	w.outside.Wait()
	quiet := 0
	for n := 0; n < 600 && quiet < 3; n++ {
		w.pass(5 * time.Second)
		quiet++
		open, err := w.life.db.OpenOrders(w.t.Context(), simAccount)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, o := range open {
			if !o.Status.Resting() && o.Status != trading.OrderNeedsReview {
				quiet = 0
			}
		}
		if w.stale() {
			quiet = 0
		}
	}
}

// stale tells whether the exchange knows something that the ledger does not.
func (w *world) stale() bool {
	w.mall.mu.Lock()
	defer w.mall.mu.Unlock()
	if len(w.mall.untold) > 0 {
		return true
	}
	for id, b := range w.mall.orders {
		o, err := w.life.db.Order(w.t.Context(), id)
		if b.placed > 0 && (err != nil || !o.Filled.Equal(b.filled)) {
			return true
		}
	}
	return false
}
