package execution_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"hoox/backend/events"
	"hoox/backend/execution"
	"hoox/backend/objects"
	"hoox/backend/queue"
	"hoox/backend/risk"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

const account = trading.AccountID("bybit:paper")

// script is an exchange whose every answer is written by the test.
type script struct {
	mu      sync.Mutex
	submits []trading.OrderID
	silent  error
	submit  func(o trading.Order) (trading.Report, error)
	// before is what the adapter does before its byte leaves.
	before func(ctx context.Context) error
	lookup func(o trading.Order) (trading.Report, bool, error)
	cancel func(o trading.Order) (trading.Report, error)
}

func (s *script) Submit(ctx context.Context, o trading.Order) (trading.Report, error) {
	if s.before != nil {
		if err := s.before(ctx); err != nil {
			return trading.Report{}, err
		}
	}
	s.mu.Lock()
	s.submits = append(s.submits, o.ID)
	s.mu.Unlock()
	return s.submit(o)
}

func (s *script) Lookup(_ context.Context, o trading.Order) (trading.Report, bool, error) {
	return s.lookup(o)
}

func (s *script) Cancel(_ context.Context, o trading.Order) (trading.Report, error) {
	return s.cancel(o)
}

func (s *script) Positions(context.Context) ([]trading.Position, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return nil, s.silent
}

func (s *script) sent() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.submits)
}

func filled(o trading.Order) (trading.Report, error) {
	f := trading.Fill{ID: trading.FillID("f" + string(o.ID)), OrderID: o.ID, Account: o.Account, Product: o.Product, Symbol: o.Symbol, Slot: o.Slot,
		Side: o.Side, Qty: o.Qty, Price: trading.MustPrice("60000"), FeeAsset: "USDT", At: o.CreatedAt}
	return trading.Report{OrderID: o.ID, ExchangeID: "x" + string(o.ID), Status: trading.OrderFilled, Filled: o.Qty, Fills: []trading.Fill{f}, At: o.CreatedAt}, nil
}

// world is an engine on a real ledger with a clock that the test turns.
type world struct {
	*execution.Engine
	t     *testing.T
	db    *sqlite.DB
	hub   *events.Hub
	wire  *script
	kill  *execution.Switch
	queue *queue.Runner

	mu  sync.Mutex
	now time.Time
	n   int
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	w.now = w.now.Add(d)
	w.mu.Unlock()
	w.queue.Wake()
}

// passUntil lets time pass until something happens. It takes many steps, because a step that comes before the queue has
// written down when it will ask again is a step too early.
func (w *world) passUntil(happened <-chan struct{}) {
	w.t.Helper()
	step := time.NewTicker(5 * time.Millisecond)
	defer step.Stop()
	for range 12_000 {
		select {
		case <-happened:
			return
		case <-step.C:
			w.pass(20 * time.Second)
		}
	}
	w.t.Fatal("nothing happened however much time passed")
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, wire: &script{submit: filled}, hub: events.New(), now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
	dir := t.TempDir()
	var err error
	if w.db, err = sqlite.Open(t.Context(), filepath.Join(dir, "core.db"), sqlite.Options{Now: w.clock, Touch: w.hub.Touch}); err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	w.kill = execution.NewSwitch(w.db, objects.NewKillFile(dir), w.clock, log)
	if err := w.kill.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.Engine = execution.New(execution.Parts{Orders: w.db, Book: w.db, Venues: map[trading.AccountID]execution.Venue{account: w.wire}, Switch: w.kill,
		Limits: func(trading.AccountID) risk.Limits { return risk.Limits{Enabled: true} }, TripUnknowns: func() int { return 3 }, Now: w.clock, Log: log})
	w.queue = queue.NewRunner(w.db, w.Handlers(), w.clock, log)
	w.OnQueue(w.queue.Wake)
	w.kill.OnQueue(w.queue.Wake)
	ctx, stop := context.WithCancel(context.Background())
	var served sync.WaitGroup
	served.Go(func() { _ = w.Engine.Serve(ctx) })
	served.Go(func() { _ = w.queue.Serve(ctx) })
	t.Cleanup(func() {
		stop()
		served.Wait()
		if err := w.db.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// admit writes a signal with one order down and hands it to the engine.
func (w *world) admit(reduceOnly bool) trading.OrderID {
	w.t.Helper()
	id, receipt := w.write(reduceOnly)
	w.Take(receipt.Armed)
	w.queue.Wake()
	return id
}

// write writes a signal with one order down, armed unless its lane is busy.
func (w *world) write(reduceOnly bool) (trading.OrderID, trading.Receipt) {
	w.t.Helper()
	w.n++
	at := w.clock()
	id := trading.NewOrderID([]byte("k"), fmt.Sprint(w.n), 0, account)
	o := trading.Order{ID: id, SignalID: trading.NewSignalID(), Account: account, Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth, Side: trading.Buy,
		Type: trading.Market, Qty: trading.MustQty("0.01"), Leverage: 1, ReduceOnly: reduceOnly, Deadline: at.Add(time.Minute), Status: trading.OrderCreated, CreatedAt: at, UpdatedAt: at}
	in := trading.Intake{Signal: trading.Signal{ID: o.SignalID, Source: trading.FromWebhook, ReceivedAt: at, Action: trading.ActLong}, Account: account,
		Instrument: trading.Instrument{Exchange: trading.Bybit, Product: trading.Linear, Symbol: "BTCUSDT", Base: "BTC", Quote: "USDT"}, Deadline: o.Deadline,
		Scope: "test", Key: fmt.Sprint("k:", w.n), Fingerprint: fmt.Sprint(w.n)}
	receipt, err := w.db.Admit(w.t.Context(), in, func(b risk.Book) risk.Decision {
		return risk.Decide(risk.Limits{Enabled: true}, b, risk.Ask{Instrument: in.Instrument, Legs: []trading.Order{o},
			Mark: func(trading.InstrumentKey) (trading.Price, bool) { return trading.MustPrice("60000"), true }})
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return id, receipt
}

// until waits for an order to reach a status.
func (w *world) until(id trading.OrderID, want trading.OrderStatus) trading.Order {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	retry := time.NewTicker(5 * time.Millisecond)
	defer retry.Stop()
	for {
		o, err := w.db.Order(ctx, id)
		if err == nil && o.Status == want {
			return o
		}
		select {
		case <-ctx.Done():
			w.t.Fatalf("order is %s (%s), want %s", o.Status, o.Reason, want)
		case <-retry.C:
		}
	}
}

func TestOutcomeOfASubmitIsWrittenDownForWhatItIs(t *testing.T) {
	for name, c := range map[string]struct {
		err  error
		want trading.OrderStatus
	}{
		"filled":                {nil, trading.OrderFilled},
		"the exchange said no":  {trading.Errorf(trading.Rejected, "not enough balance"), trading.OrderRejected},
		"never sent":            {trading.Errorf(trading.Unavailable, "connection refused"), trading.OrderCreated},
		"too many":              {trading.Errorf(trading.Limited, "slow down"), trading.OrderCreated},
		"no answer":             {trading.Errorf(trading.Unknown, "timeout"), trading.OrderUnknown},
		"an error without kind": {errors.New("strange"), trading.OrderUnknown},
		"a code nobody knows":   {trading.Errorf(trading.Conflict, "code 31337"), trading.OrderUnknown},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.wire.lookup = func(trading.Order) (trading.Report, bool, error) {
				return trading.Report{}, false, errors.New("silent")
			}
			w.wire.submit = func(o trading.Order) (trading.Report, error) {
				r, _ := filled(o)
				return r, c.err
			}
			o := w.until(w.admit(false), c.want)
			if c.err != nil && !strings.Contains(o.Reason, c.err.Error()) {
				t.Errorf("reason %q does not carry the exchange's words %q", o.Reason, c.err)
			}
			if w.wire.sent() != 1 {
				t.Errorf("%d submits, want one", w.wire.sent())
			}
		})
	}
}

func TestUnknownIsAskedAboutAndNeverSentAgain(t *testing.T) {
	w := newWorld(t)
	asked := make(chan struct{}, 100)
	found := make(chan bool, 100)
	w.wire.submit = func(trading.Order) (trading.Report, error) {
		return trading.Report{}, trading.Errorf(trading.Unknown, "timeout")
	}
	w.wire.lookup = func(o trading.Order) (trading.Report, bool, error) {
		asked <- struct{}{}
		if <-found {
			r, err := filled(o)
			return r, true, err
		}
		return trading.Report{}, false, errors.New("silent")
	}
	id := w.admit(false)
	w.until(id, trading.OrderUnknown)
	for range 3 {
		found <- false
		w.passUntil(asked)
	}
	found <- true
	w.passUntil(asked)
	w.until(id, trading.OrderFilled)
	if w.wire.sent() != 1 {
		t.Fatalf("%d submits, want one: a second would be a second position", w.wire.sent())
	}
}

func TestProvenAbsentOrderIsNotPlaced(t *testing.T) {
	w := newWorld(t)
	w.wire.submit = func(trading.Order) (trading.Report, error) {
		return trading.Report{}, trading.Errorf(trading.Unknown, "timeout")
	}
	w.wire.lookup = func(trading.Order) (trading.Report, bool, error) { return trading.Report{}, false, nil }
	id := w.admit(false)
	w.until(id, trading.OrderUnknown)
	w.pass(time.Second)
	w.until(id, trading.OrderNotPlaced)
}

func TestOrderThatNeverLeftIsTriedUntilItsDeadlineOnly(t *testing.T) {
	w := newWorld(t)
	w.wire.submit = func(trading.Order) (trading.Report, error) {
		return trading.Report{}, trading.Errorf(trading.Unavailable, "no route")
	}
	id := w.admit(false)
	w.until(id, trading.OrderCreated)
	for _, pause := range []time.Duration{time.Second, 5 * time.Second} {
		before := w.wire.sent()
		w.pass(pause)
		for w.wire.sent() == before {
			w.until(id, trading.OrderCreated)
		}
		w.until(id, trading.OrderCreated)
	}
	w.pass(time.Hour)
	o := w.until(id, trading.OrderExpired)
	if sent := w.wire.sent(); sent != 3 {
		t.Errorf("%d submits (%s), want 3 and none after the deadline", sent, o.Reason)
	}
}

func TestHaltBetweenIntentAndWireStopsTheOrder(t *testing.T) {
	w := newWorld(t)
	hold := make(chan struct{})
	w.wire.submit = func(o trading.Order) (trading.Report, error) {
		<-hold
		return filled(o)
	}
	first := w.admit(false)
	second := w.admit(false) // waits in its lane
	if err := w.kill.Set(t.Context(), risk.Standing{State: risk.Halted, Reason: "test", Actor: "test"}); err != nil {
		t.Fatal(err)
	}
	close(hold)
	w.until(first, trading.OrderFilled) // it was on the wire: its outcome is a fact
	w.until(second, trading.OrderBlocked)
	if w.wire.sent() != 1 {
		t.Fatalf("%d submits, want 1: nothing may leave after the halt", w.wire.sent())
	}
	if err := w.kill.Set(t.Context(), risk.Standing{State: risk.Active, Reason: "test", Actor: "test"}); err != nil {
		t.Fatal(err)
	}
	w.until(second, trading.OrderBlocked)
	if w.wire.sent() != 1 {
		t.Fatal("a blocked order left after the release")
	}
}

func TestTooManyUnknownOutcomesHaltEverything(t *testing.T) {
	w := newWorld(t)
	w.wire.submit = func(trading.Order) (trading.Report, error) {
		return trading.Report{}, trading.Errorf(trading.Unknown, "timeout")
	}
	w.wire.lookup = func(trading.Order) (trading.Report, bool, error) { return trading.Report{}, false, nil }
	for range 4 {
		id := w.admit(false)
		w.until(id, trading.OrderUnknown)
		w.pass(time.Second)
		w.until(id, trading.OrderNotPlaced)
	}
	if s := w.kill.Standing(); s.State != risk.Halted || !strings.Contains(s.Reason, "unknown outcome") {
		t.Fatalf("had %+v, want halted by itself: something is wrong that money should not find out", s)
	}
}

func TestLostAnswersOfOrdersThatTheStreamToldAboutAreNoUnknownOutcomes(t *testing.T) {
	w := newWorld(t)
	w.wire.submit = func(o trading.Order) (trading.Report, error) {
		told, _ := filled(o)
		if w.wire.sent()%2 == 0 {
			return told, nil // an answer now and then keeps the circuit closed
		}
		if err := w.Record(t.Context(), told); err != nil {
			t.Errorf("record what the stream told: %v", err)
		}
		return trading.Report{}, trading.Errorf(trading.Unknown, "timeout")
	}
	// The sixth lost answer; the fourth would halt.
	for range 12 {
		w.until(w.admit(false), trading.OrderFilled)
	}
	if s := w.kill.Standing(); s.State != risk.Active {
		t.Fatalf("had %+v, want active: the outcome of every order is known", s)
	}
}

func TestRecoveryAsksAboutEveryOrderInFlightBeforeAnAccountOpens(t *testing.T) {
	w := newWorld(t)
	if trading.KindOf(w.Ready(account)) != trading.Unavailable {
		t.Fatal("the account takes entries before anybody asked its exchange")
	}
	at := w.clock()
	lost := trading.Order{ID: "hx1lost", SignalID: trading.NewSignalID(), Account: account, Product: trading.Linear, Symbol: "ETHUSDT", Slot: trading.SlotBoth, Side: trading.Buy,
		Type: trading.Market, Qty: trading.MustQty("1"), Leverage: 1, Deadline: at.Add(time.Minute), Status: trading.OrderCreated, CreatedAt: at, UpdatedAt: at}
	in := trading.Intake{Signal: trading.Signal{ID: lost.SignalID, Source: trading.FromWebhook, ReceivedAt: at, Action: trading.ActLong}, Account: account,
		Instrument: trading.Instrument{Exchange: trading.Bybit, Product: trading.Linear, Symbol: "ETHUSDT"}, Deadline: lost.Deadline, Scope: "test", Key: "k:lost", Fingerprint: "lost"}
	if _, err := w.db.Admit(t.Context(), in, func(b risk.Book) risk.Decision {
		return risk.Decide(risk.Limits{Enabled: true}, b, risk.Ask{Instrument: in.Instrument, Legs: []trading.Order{lost},
			Mark: func(trading.InstrumentKey) (trading.Price, bool) { return trading.MustPrice("3000"), true }})
	}); err != nil {
		t.Fatal(err)
	}
	// Nobody takes the armed order: the program was killed here. The exchange has it.
	w.wire.lookup = func(o trading.Order) (trading.Report, bool, error) {
		r, err := filled(o)
		return r, true, err
	}
	if err := w.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.until("hx1lost", trading.OrderFilled)
	if err := w.Ready(account); err != nil {
		t.Fatalf("the account stays closed: %v", err)
	}
	if w.wire.sent() != 0 {
		t.Fatal("recovery sent an order")
	}
}
