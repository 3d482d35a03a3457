package execution

import (
	"context"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"hoox/backend/queue"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

// Venue is one account at one exchange.
//
// Submit makes exactly one attempt. Its error kinds are: Rejected, a certain no; Unavailable and Limited, provably not
// sent or not processed; anything else counts as unknown. Lookup asks by client order id; false without an error is
// proof that the order does not exist, and an adapter without proof returns an error instead. Cancel may be repeated;
// for a finished order it reports how that one ended.
type Venue interface {
	Submit(ctx context.Context, o trading.Order) (trading.Report, error)
	Lookup(ctx context.Context, o trading.Order) (trading.Report, bool, error)
	Cancel(ctx context.Context, o trading.Order) (trading.Report, error)
	Positions(ctx context.Context) ([]trading.Position, error)
}

// orders is the order side of the ledger.
type orders interface {
	BeginSubmit(ctx context.Context, id trading.OrderID, at time.Time, look func(risk.Book, trading.Order) (trading.OrderStatus, string, bool)) (trading.Order, error)
	Record(ctx context.Context, r trading.Report) (trading.Order, error)
	Doubt(ctx context.Context, id trading.OrderID, reason string, at, resolveAt time.Time) (trading.Order, error)
	Return(ctx context.Context, id trading.OrderID, reason string, at, runAt time.Time) (trading.Order, error)
	Settle(ctx context.Context, id trading.OrderID, to trading.OrderStatus, reason string, at time.Time) (trading.Order, error)
}

// book is what else execution reads and writes.
type book interface {
	Order(ctx context.Context, id trading.OrderID) (trading.Order, error)
	InDoubt(ctx context.Context) ([]trading.Order, error)
	AskCancel(ctx context.Context, id trading.OrderID, actor string, at time.Time) error
	BookCash(ctx context.Context, c trading.Cash) error
}

// Parts is what the engine works with.
type Parts struct {
	Orders orders
	Book   book
	// Venues are the accounts there are at the start; Join and Leave change the set while the program runs.
	Venues map[trading.AccountID]Venue
	Switch *Switch
	// Limits are the caps of an account, for the second look.
	Limits func(trading.AccountID) risk.Limits
	// Guards are the rows of what protects positions, Drifts those of what exchanges do not agree on, Holdings what the ledger
	// has open. Without Guards nothing is protected after its fill, without Drifts and Holdings nothing is compared.
	Guards   guards
	Drifts   drifts
	Holdings holdings
	// Lines are the rows of what waits for an exchange that does not answer; without them nothing is written down about it.
	Lines lines
	// Reviews end orders by a person's word; without them nobody can.
	Reviews reviews
	// Guarding is how long a position may be without what protects it, and what is done then.
	Guarding func() Guarding
	// Quote is the price of an instrument where an account trades, false when there is none; nil is never any.
	Quote func(trading.AccountID, trading.InstrumentKey) (trading.Quote, bool)
	// TripUnknowns is how many unknown outcomes in five minutes an account may have before everything halts; 0 is any.
	TripUnknowns func() int
	// AskSince makes the engine ask the exchange for an order before it sends it, looking back to that moment, because the
	// ledger may have forgotten what was sent since; zero, or nil, when it has not.
	AskSince func() time.Time
	// Believed tells why the clock is not believed, nil when it is; a nil func is always.
	Believed func() error
	// Changed is told when the circuit of an account opens or closes; nil for nobody. It must not wait.
	Changed func(trading.AccountID)
	Now     Clock
	Log     *slog.Logger
}

// Engine carries orders. Serve must run for anything to move.
type Engine struct {
	Parts
	ready chan struct{}

	mu       sync.Mutex
	armed    []trading.Order
	accounts map[trading.AccountID]*seat
	doubts   map[trading.AccountID][]time.Time
	// asked counts the questions in vain about orders in doubt, joins how many times the orders of an account are being asked
	// about together.
	asked map[trading.OrderID]int
	joins map[trading.AccountID]int
	wake  func()
	desk  desk
	// look wakes the comparisons.
	look chan struct{}
}

// Clock tells the time, UTC.
type Clock func() time.Time

// wireBudget bounds one call to an exchange.
const wireBudget = 5 * time.Second

// New makes an engine. Until Recover has looked at an account, that account takes no entries.
func New(p Parts) *Engine {
	e := &Engine{Parts: p, ready: make(chan struct{}, 1), look: make(chan struct{}, 1), accounts: map[trading.AccountID]*seat{},
		doubts: map[trading.AccountID][]time.Time{}, asked: map[trading.OrderID]int{}, joins: map[trading.AccountID]int{}, wake: func() {}}
	for id, venue := range p.Venues {
		e.accounts[id] = newSeat(id, venue)
	}
	return e
}

// Handlers are the queue's hands for the jobs that execution writes. None of them ever gives up: an order that nobody asks
// about any more, or that nobody expires, would stay open for good.
func (e *Engine) Handlers() map[queue.Kind]queue.Handler {
	return map[queue.Kind]queue.Handler{
		queue.Submit: e.lasting(e.submitJob), queue.Resolve: e.lasting(e.resolveJob), queue.Cancel: e.lasting(e.cancelJob),
		queue.Protect: e.lasting(e.protectJob),
	}
}

// lasting makes a panic of a handler a reason to try again.
func (e *Engine) lasting(do queue.Handler) queue.Handler {
	return func(ctx context.Context, j queue.Job) (again time.Time, err error) {
		defer func() {
			if p := recover(); p != nil {
				e.Log.Error("job panicked", "kind", j.Kind, "order", j.OrderID, "panic", p, "stack", string(debug.Stack()))
				again, err = e.Now().Add(ladder(j.Attempts)), trading.Errorf(trading.Internal, "the handler failed: %v", p)
			}
		}()
		return do(ctx, j)
	}
}

// OnQueue tells the engine how to make the queue look; call it before Serve.
func (e *Engine) OnQueue(wake func()) { e.wake = wake }

// OnDesk tells the engine where it asks for the close of a position that cannot be protected; call it before Serve.
func (e *Engine) OnDesk(d desk) { e.desk = d }

// Wake makes the queue look.
func (e *Engine) Wake() { e.wake() }

// Take accepts orders whose intent is on disk; each is submitted once by Serve. It never blocks. What Serve does not get
// to is found in doubt by the next Recover.
func (e *Engine) Take(list []trading.Order) {
	e.mu.Lock()
	e.armed = append(e.armed, list...)
	e.mu.Unlock()
	select {
	case e.ready <- struct{}{}:
	default:
	}
}

func (e *Engine) handedIn() []trading.Order {
	e.mu.Lock()
	defer e.mu.Unlock()
	list := e.armed
	e.armed = nil
	return list
}

// Serve submits armed orders until ctx ends, then waits for the calls under way: a call that has begun is not cut short,
// because that would turn a known outcome into an unknown one.
func (e *Engine) Serve(ctx context.Context) error {
	var work sync.WaitGroup
	defer work.Wait()
	work.Go(func() { e.keepReconciling(ctx) })
	work.Go(func() { e.keepComparing(ctx) })
	work.Go(func() { e.keepProbing(ctx) })
	onWire := context.WithoutCancel(ctx)
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-e.ready:
		}
		for _, o := range e.handedIn() {
			work.Go(func() { e.send(onWire, o) })
		}
	}
}
