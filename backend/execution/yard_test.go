package execution_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"hoox/backend/execution"
	"hoox/backend/objects"
	"hoox/backend/queue"
	"hoox/backend/risk"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

const testnet = trading.AccountID("bybit:testnet")

var btc = trading.InstrumentKey{Product: trading.Linear, Symbol: "BTCUSDT"}

// stall is an exchange that has to be told what protects a position. It fills everything at 100.
type stall struct {
	theirs  []trading.Position
	open    []trading.Order
	deaf    error
	deafTo  error
	submit  func(o trading.Order) (trading.Report, error)
	found   map[trading.OrderID]trading.Report
	asked   []trading.OrderID
	refuse  error
	wants   []trading.Position
	touched []string
}

func (s *stall) Submit(_ context.Context, o trading.Order) (trading.Report, error) {
	if s.submit != nil {
		return s.submit(o)
	}
	return at100(o, o.Qty, "1"), nil
}

// at100 is a report of one fill of an order.
func at100(o trading.Order, qty trading.Qty, n string) trading.Report {
	f := trading.Fill{ID: trading.FillID("f" + n + string(o.ID)), Qty: qty, Price: trading.MustPrice("100"), FeeAsset: "USDT", At: o.CreatedAt}
	return trading.Report{OrderID: o.ID, ExchangeID: "x" + string(o.ID), Filled: o.Filled.Add(qty), Fills: []trading.Fill{f}, At: o.CreatedAt}
}

func (s *stall) Lookup(_ context.Context, o trading.Order) (trading.Report, bool, error) {
	s.asked = append(s.asked, o.ID)
	r, ok := s.found[o.ID]
	if !ok {
		return r, false, trading.Errorf(trading.Unknown, "nothing proven")
	}
	return r, true, nil
}

func (s *stall) Cancel(_ context.Context, o trading.Order) (trading.Report, error) {
	return trading.Report{OrderID: o.ID, Status: trading.OrderCanceled, Filled: o.Filled}, nil
}

func (s *stall) Positions(context.Context) ([]trading.Position, error) { return s.theirs, s.deaf }

func (s *stall) Open(context.Context) ([]trading.Order, error) { return s.open, s.deafTo }

func (s *stall) CancelForeign(_ context.Context, o trading.Order) error {
	s.touched = append(s.touched, o.ExchangeID)
	return nil
}

func (s *stall) Protect(_ context.Context, _ trading.OrderID, want trading.Position) error {
	s.wants = append(s.wants, want)
	return s.refuse
}

// want is the last thing the exchange was told to have standing, in words.
func (s *stall) want() string {
	if len(s.wants) == 0 {
		return "nothing"
	}
	w := s.wants[len(s.wants)-1]
	text := w.Qty.String() + " stop " + w.Protection.StopLoss.String()
	for _, t := range w.Protection.TakeProfit {
		text += " " + t.Qty.String() + "@" + t.Price.String()
	}
	return text
}

// yard is an engine on a testnet ledger, worked by hand: nothing happens between two calls.
type yard struct {
	*execution.Engine
	t     *testing.T
	dir   string
	db    *sqlite.DB
	kill  *execution.Switch
	wire  *stall
	rule  execution.Guarding
	mark  trading.Price
	now   time.Time
	n     int
	keys  []string
	spoil func(*execution.Parts)
}

func newYard(t *testing.T) *yard {
	t.Helper()
	y := &yard{t: t, dir: t.TempDir(), wire: &stall{}, now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
	y.start()
	t.Cleanup(func() {
		if err := y.db.Close(); err != nil {
			t.Error(err)
		}
	})
	return y
}

func (y *yard) clock() time.Time { return y.now }

// start opens the ledger and recovers, as the program does.
func (y *yard) start() {
	y.t.Helper()
	log := slog.New(slog.NewTextHandler(y.t.Output(), nil))
	var err error
	if y.db, err = sqlite.Open(y.t.Context(), filepath.Join(y.dir, "core.db"), sqlite.Options{Now: y.clock}); err != nil {
		y.t.Fatal(err)
	}
	y.kill = execution.NewSwitch(y.db, objects.NewKillFile(y.dir), y.clock, log)
	if err := y.kill.Load(y.t.Context()); err != nil {
		y.t.Fatal(err)
	}
	parts := execution.Parts{Orders: y.db, Book: y.db, Guards: y.db, Drifts: y.db, Holdings: y.db, Lines: y.db, Reviews: y.db, Venues: map[trading.AccountID]execution.Venue{testnet: y.wire},
		Switch: y.kill, Limits: func(trading.AccountID) risk.Limits { return risk.Limits{Enabled: true} }, TripUnknowns: func() int { return 3 },
		Guarding: func() execution.Guarding { return y.rule },
		Quote: func(trading.AccountID, trading.InstrumentKey) (trading.Quote, bool) {
			return trading.Quote{Mark: y.mark, At: y.now}, y.mark.IsPositive()
		},
		Now: y.clock, Log: log}
	if y.spoil != nil {
		y.spoil(&parts)
	}
	y.Engine = execution.New(parts)
	y.OnDesk(y)
	if err := y.Recover(y.t.Context()); err != nil {
		y.t.Fatal(err)
	}
}

// restart ends the program without a word and starts it again on the same ledger.
func (y *yard) restart() {
	y.t.Helper()
	if err := y.db.Close(); err != nil {
		y.t.Fatal(err)
	}
	y.start()
}

// Admit is the desk: it closes all that the ledger holds, once for each key.
func (y *yard) Admit(ctx context.Context, s trading.Signal) (trading.Receipt, error) {
	y.keys = append(y.keys, s.Key)
	in := trading.Intake{Signal: s, Account: s.Account, Instrument: trading.Instrument{Exchange: trading.Bybit, Product: trading.Linear, Symbol: "BTCUSDT", Quote: "USDT"},
		Deadline: y.now.Add(time.Minute), Scope: "test", Key: s.Key, Fingerprint: s.Key, Queue: true}
	if r, seen, err := y.db.Seen(ctx, in); err != nil || seen {
		return r, err
	}
	return y.db.Admit(ctx, in, func(b risk.Book) risk.Decision {
		p := b.Position(btc, trading.SlotBoth)
		o := trading.Order{ID: trading.NewOrderID([]byte("k"), s.Key, 0, s.Account), SignalID: s.ID, Account: s.Account, Product: trading.Linear, Symbol: "BTCUSDT",
			Slot: trading.SlotBoth, Side: p.Direction().Entry().Opposite(), Type: trading.Market, Qty: p.Size(), ReduceOnly: true, ClosesAll: true, Deadline: in.Deadline}
		return risk.Decide(risk.Limits{Enabled: true}, b, risk.Ask{Instrument: in.Instrument, Legs: []trading.Order{o}, Mark: fixedMark})
	})
}

func fixedMark(trading.InstrumentKey) (trading.Price, bool) { return trading.MustPrice("100"), true }

// order writes a signal with one order down and does what is due.
func (y *yard) order(side trading.Side, qty string, reduceOnly bool, p trading.Protection) trading.Order {
	y.t.Helper()
	y.n++
	key := fmt.Sprint("entry ", y.n)
	o := trading.Order{ID: trading.NewOrderID([]byte("k"), key, 0, testnet), SignalID: trading.NewSignalID(), Account: testnet, Product: trading.Linear, Symbol: "BTCUSDT",
		Slot: trading.SlotBoth, Side: side, Type: trading.Market, Qty: trading.MustQty(qty), ReduceOnly: reduceOnly, Leverage: 1, Protection: p,
		Deadline: y.now.Add(time.Minute), Status: trading.OrderCreated, CreatedAt: y.now, UpdatedAt: y.now}
	in := trading.Intake{Signal: trading.Signal{ID: o.SignalID, Source: trading.FromWebhook, ReceivedAt: y.now, Action: trading.ActLong}, Account: testnet,
		Instrument: trading.Instrument{Exchange: trading.Bybit, Product: trading.Linear, Symbol: "BTCUSDT", Quote: "USDT"}, Deadline: o.Deadline,
		Scope: "test", Key: key, Fingerprint: key, Queue: true}
	if _, err := y.db.Admit(y.t.Context(), in, func(b risk.Book) risk.Decision {
		return risk.Decide(risk.Limits{Enabled: true}, b, risk.Ask{Instrument: in.Instrument, Legs: []trading.Order{o}, Mark: fixedMark})
	}); err != nil {
		y.t.Fatal(err)
	}
	y.work()
	return y.read(o.ID)
}

func (y *yard) read(id trading.OrderID) trading.Order {
	y.t.Helper()
	o, err := y.db.Order(y.t.Context(), id)
	if err != nil {
		y.t.Fatal(err)
	}
	return o
}

// work does every job that is due, as the queue would.
func (y *yard) work() {
	y.t.Helper()
	ctx := y.t.Context()
	for range 50 {
		jobs, err := y.db.Due(ctx, y.now, 10)
		if err != nil {
			y.t.Fatal(err)
		}
		if len(jobs) == 0 {
			return
		}
		for _, j := range jobs {
			again, err := y.Handlers()[j.Kind](ctx, j)
			switch {
			case !again.IsZero():
				err = y.db.Postpone(ctx, j.ID, again, fmt.Sprint(err))
			case err == nil:
				err = y.db.Finish(ctx, j.ID)
			}
			if err != nil && err != queue.ErrBusy {
				y.t.Fatalf("job %s: %v", j.Kind, err)
			}
		}
	}
	y.t.Fatal("the queue does not come to rest")
}

// pass lets time pass in steps of half a second, doing what is due.
func (y *yard) pass(d time.Duration) {
	y.t.Helper()
	for end := y.now.Add(d); y.now.Before(end); {
		y.now = y.now.Add(500 * time.Millisecond)
		y.work()
	}
}

func (y *yard) record(r trading.Report) {
	y.t.Helper()
	if r.At.IsZero() {
		r.At = y.now
	}
	if err := y.Record(y.t.Context(), r); err != nil {
		y.t.Fatal(err)
	}
	y.work()
}

func (y *yard) position() trading.Position {
	y.t.Helper()
	list, err := y.db.Positions(y.t.Context())
	if err != nil {
		y.t.Fatal(err)
	}
	if len(list) == 0 {
		return trading.Position{}
	}
	return list[0]
}

func (y *yard) guard(id trading.OrderID) trading.Guard {
	y.t.Helper()
	g, _, err := y.db.Guard(y.t.Context(), id)
	if err != nil {
		y.t.Fatal(err)
	}
	return g
}

// stages is what the journal of a signal says about protections.
func (y *yard) stages(id trading.SignalID) string {
	y.t.Helper()
	s, err := y.db.Signal(y.t.Context(), id)
	if err != nil {
		y.t.Fatal(err)
	}
	var list []string
	for _, e := range s.Journal {
		if strings.HasPrefix(e.Stage, "protect") {
			list = append(list, e.Stage)
		}
	}
	return strings.Join(list, ", ")
}

// verify holds the ledger against itself.
func (y *yard) verify() {
	y.t.Helper()
	list, err := y.db.Verify(y.t.Context())
	if err != nil {
		y.t.Fatal(err)
	}
	if i := slices.IndexFunc(list, func(f sqlite.Finding) bool { return !f.OK }); i >= 0 {
		y.t.Errorf("%s: %s", list[i].Check, list[i].Detail)
	}
}
