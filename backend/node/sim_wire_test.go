package node_test

import (
	"context"
	"slices"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/tape"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// stallAt is the way of one life to the exchange, with an edge before and after every call and one in the middle, when the
// exchange has acted and its answer is not here yet.
type stallAt struct {
	mall *mall
	l    *life
	// skew and absence are those of every adapter.
	skew    *wire.Skew
	absence *tape.Absence
}

func newStall(m *mall, l *life) *stallAt {
	return &stallAt{mall: m, l: l, skew: wire.NewSkew(l.clock.Now), absence: tape.NewAbsence()}
}

// readClock compares the house's clock with the exchange's.
func (s *stallAt) readClock(context.Context) error {
	now := s.l.clock.Now()
	s.skew.Observe(now, now, s.mall.w.truth())
	return nil
}

func (s *stallAt) onTime(ctx context.Context) error { return exchange.OnTime(ctx, s.skew, s.readClock) }

func (s *stallAt) lamp() trading.Lamp {
	offset, age, known := s.skew.Offset()
	return trading.Lamp{Live: true, Skew: offset, SkewAge: age, SkewKnown: known}
}

// stamped is a request with the time at which it was signed, by the exchange's clock as far as that is known, and how long
// it counts from then on.
type stamped struct {
	trading.Order
	at     time.Time
	window time.Duration
}

// longestWindow is how long a request counts; what is late here comes within it.
const longestWindow = 5 * time.Second

func (s *stallAt) stamp(o trading.Order) stamped {
	window := longestWindow
	if !o.Deadline.IsZero() {
		window = min(window, o.Deadline.Sub(s.l.clock.Now()))
	}
	return stamped{o, s.skew.Now(), window}
}

func (s *stallAt) cross(subject string) {
	s.mall.w.wait(subject, 2*time.Millisecond, 60*time.Millisecond)
	s.l.alive()
}

var submitWeather = []string{"request lost", "answer lost", "failed after it was taken", "late", "not sent", "limited", "rejected", "shown late",
	"shown late and answer lost", "partly filled", "in slices", "partly filled and answer lost"}

func (s *stallAt) Submit(ctx context.Context, o trading.Order) (trading.Report, error) {
	s.l.edge("before submit")
	w, id := s.mall.w, string(o.ID)
	s.judge(ctx, o)
	if err := s.onTime(ctx); err != nil {
		s.certain(o)
		return trading.Report{}, trading.Errorf(trading.Unavailable, "not sent: %v", err)
	}
	signed := s.stamp(o)
	how := s.mall.weatherFor("submit "+id, submitWeather...)
	w.tell("submit %s leg %d %s %s %s: %s", id, o.Leg, o.Side, o.Qty, o.Symbol, how)
	switch how {
	case "not sent":
		s.certain(o)
		return trading.Report{}, trading.Errorf(trading.Unavailable, "no connection")
	case "limited":
		s.cross("limited " + id)
		s.certain(o)
		return trading.Report{}, trading.Errorf(trading.Limited, "too many")
	case "rejected":
		s.cross("rejected " + id)
		s.certain(o)
		return trading.Report{}, trading.Errorf(trading.Rejected, "no money")
	case "request lost":
		w.wait("lost "+id, time.Second, time.Second)
		s.l.edge("submit unanswered")
		return trading.Report{}, trading.Errorf(trading.Unknown, "no answer")
	case "late":
		// The bytes wander and come when nobody waits for them any more.
		w.outside.Go(func() {
			w.wait("wanders "+id, 3*time.Second, time.Second)
			_, _ = s.mall.place(signed, "")
		})
		w.wait("late "+id, time.Second, time.Second)
		s.l.edge("submit unanswered")
		return trading.Report{}, trading.Errorf(trading.Unknown, "no answer")
	}
	s.cross("out " + id)
	b, err := s.mall.place(signed, partOf(how))
	if trading.KindOf(err) == trading.Limited {
		s.certain(o)
		s.skew.Forget()
	}
	s.l.edge("submit taken")
	s.cross("back " + id)
	if err == nil && (how == "answer lost" || how == "failed after it was taken" || how == "shown late and answer lost" || how == "partly filled and answer lost") {
		err = trading.Errorf(trading.Unknown, "the answer was lost")
	}
	s.l.edge("submit answered")
	if err != nil {
		return trading.Report{}, err
	}
	s.mall.mu.Lock()
	defer s.mall.mu.Unlock()
	return report(b), nil
}

// partOf is what the exchange itself does of a fault.
func partOf(how string) string {
	switch how {
	case "shown late and answer lost":
		return "shown late"
	case "partly filled and answer lost":
		return "partly filled"
	}
	return how
}

// certain notes that the sender learns for certain that nothing happened.
func (s *stallAt) certain(o trading.Order) {
	s.mall.mu.Lock()
	s.mall.row(o).refused++
	s.mall.mu.Unlock()
}

// judge holds a submit against what must be so when its first byte leaves.
func (s *stallAt) judge(ctx context.Context, o trading.Order) {
	w := s.mall.w
	now := w.now()
	s.mall.mu.Lock()
	b := s.mall.row(o)
	if b.sent > b.refused {
		w.violated("I11", "order %s is sent again after an outcome that nobody knows", o.ID)
	}
	b.sent++
	s.mall.mu.Unlock()
	if o.Deadline.Before(now) {
		w.violated("I4", "order %s leaves %s after its deadline", o.ID, now.Sub(o.Deadline))
	}
	w.mu.Lock()
	halted := w.halted
	w.mu.Unlock()
	if !halted.IsZero() && !o.ReduceOnly && time.Since(halted) > 50*time.Millisecond {
		w.violated("I5", "entry %s leaves %s after trading was halted", o.ID, time.Since(halted))
	}
	row, err := s.l.db.Order(context.WithoutCancel(ctx), o.ID)
	if err != nil || row.Status != trading.OrderSubmitted || row.ArmedAt.IsZero() {
		w.violated("I3", "order %s leaves and the ledger has it as %q (%v)", o.ID, row.Status, err)
		return
	}
	if o.Leg == 0 || o.SignalID == "" {
		return
	}
	story, err := s.l.db.Signal(context.WithoutCancel(ctx), o.SignalID)
	if err != nil || slices.ContainsFunc(story.Orders, func(first trading.Order) bool { return first.Leg < o.Leg && !first.Status.Final() }) {
		w.violated("I12", "leg %d of %s leaves before the leg before it has ended (%v)", o.Leg, o.SignalID, err)
	}
}

func (s *stallAt) Lookup(ctx context.Context, o trading.Order) (trading.Report, bool, error) {
	s.l.edge("before look-up")
	id := string(o.ID)
	how := s.mall.weatherFor("look up "+id, "silent")
	s.cross("look up " + id)
	s.l.edge("after look-up")
	if how == "silent" {
		return trading.Report{}, false, trading.Errorf(trading.Unknown, "no answer")
	}
	s.mall.mu.Lock()
	defer s.mall.mu.Unlock()
	if b, ok := s.mall.orders[o.ID]; ok && b.placed > 0 && !b.visible.After(s.mall.w.truth()) {
		s.absence.Found(o.ID)
		return report(b), true, nil
	}
	return trading.Report{}, false, s.absence.Empty("mall", o, s.l.clock.Now(), mallSettle, s.onTime(ctx))
}

func (s *stallAt) Cancel(_ context.Context, o trading.Order) (trading.Report, error) {
	s.l.edge("before cancel")
	id := string(o.ID)
	how := s.mall.weatherFor("cancel "+id, "cancel lost", "answer lost", "fills first")
	s.cross("cancel " + id)
	if how == "cancel lost" {
		return trading.Report{}, trading.Errorf(trading.Unknown, "no answer")
	}
	s.mall.mu.Lock()
	b := s.mall.orders[o.ID]
	if b != nil && b.placed > 0 && b.status.Resting() {
		if how == "fills first" {
			s.mall.fill(b, b.Qty.Sub(b.filled))
		}
		if b.status.Resting() {
			b.status = trading.OrderCanceled
		}
		s.mall.say(b, "canceled")
	}
	var r trading.Report
	if b != nil {
		r = report(b)
	}
	s.mall.mu.Unlock()
	s.mall.w.tell("cancel %s: %s", id, how)
	s.l.edge("cancel done")
	s.cross("canceled " + id)
	if b == nil || b.placed == 0 || how == "answer lost" {
		return trading.Report{}, trading.Errorf(trading.Unknown, "no answer about %s", id)
	}
	s.l.edge("cancel answered")
	return r, nil
}

func (s *stallAt) Positions(context.Context) ([]trading.Position, error) {
	s.l.edge("before positions")
	s.cross("positions")
	s.mall.mu.Lock()
	defer s.mall.mu.Unlock()
	var list []trading.Position
	for _, symbol := range sortedKeys(s.mall.held) {
		if q := s.mall.held[symbol]; !q.IsZero() {
			list = append(list, trading.Position{Account: simAccount, Product: trading.Linear, Symbol: symbol, Slot: trading.SlotBoth, Qty: q,
				Cost: trading.Notional(s.mall.marks[symbol], q.Abs())})
		}
	}
	return list, nil
}

// Ping is asked under a lock, and so takes no virtual time.
func (s *stallAt) Ping(context.Context) (time.Duration, error) {
	s.l.alive()
	return 0, nil
}

func (s *stallAt) Open(context.Context) ([]trading.Order, error) {
	s.l.edge("before open orders")
	s.cross("open orders")
	s.mall.mu.Lock()
	defer s.mall.mu.Unlock()
	var list []trading.Order
	for _, b := range s.mall.orders {
		if b.placed > 0 && b.status.Resting() && !b.visible.After(s.mall.w.truth()) {
			o := b.Order
			o.Status, o.Filled, o.ExchangeID = b.status, b.filled, "x-"+string(b.ID)
			list = append(list, o)
		}
	}
	slices.SortFunc(list, func(a, b trading.Order) int { return compareText(string(a.ID), string(b.ID)) })
	return list, nil
}

// Protect makes the stops and targets of a position exactly those.
func (s *stallAt) Protect(_ context.Context, parent trading.OrderID, want trading.Position) error {
	s.l.edge("before protect")
	id := string(parent)
	how := s.mall.weatherFor("protect "+id, "silent", "answer lost")
	s.cross("protect " + id)
	if how == "silent" {
		return trading.Errorf(trading.Unknown, "no answer")
	}
	s.mall.mu.Lock()
	if want.Qty.IsZero() {
		delete(s.mall.guards, want.Symbol)
	} else {
		s.mall.guards[want.Symbol] = want
	}
	s.mall.mu.Unlock()
	s.l.edge("protected")
	s.cross("protected " + id)
	if how == "answer lost" {
		return trading.Errorf(trading.Unknown, "no answer")
	}
	return nil
}
