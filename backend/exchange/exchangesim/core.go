package exchangesim

import (
	"errors"
	"fmt"
	"slices"
	"sync"

	"hoox/backend/trading"
)

// Core is one account with its market. It is safe for concurrent use. Everything that changes it is written to the log
// first and told to the subscribers before the call that caused it returns.
type Core struct {
	cfg Config

	// telling keeps events in order on their way to the subscribers; it is taken before mu, never after.
	telling sync.Mutex

	mu          sync.Mutex
	log         *journal
	bad         error
	faults      Faults
	subscribers map[int]func(Event)
	subscribed  int
	untold      []Event
	seq         int

	instruments []trading.Instrument
	orders      []*Order
	live        []*Order
	byID        map[string]*Order
	byLink      map[string][]*Order
	fills       []Execution
	fundings    []Funding
	lots        map[slotKey]*lot
	balances    map[string]trading.Money
	marks       map[string]trading.Price
	leverage    map[string]int
	margin      map[string]bool
	halted      map[string]bool
	hedge       bool
	isolated    bool
	creates     map[string]int
}

// slotKey is where a position is kept.
type slotKey struct {
	symbol string
	slot   trading.Slot
}

// lot is a position with what it ever earned.
type lot struct {
	trading.Position
	total trading.Money
}

// Open makes the account, or goes on from its log.
func Open(cfg Config) (*Core, error) {
	if cfg.Now == nil || cfg.Log == "" {
		return nil, errors.New("open exchange account: want a clock and the path of a log")
	}
	c := &Core{
		cfg: cfg, faults: func(string, string) Fault { return Fault{} }, subscribers: map[int]func(Event){},
		instruments: slices.Clone(cfg.Instruments), byID: map[string]*Order{}, byLink: map[string][]*Order{}, lots: map[slotKey]*lot{},
		balances: map[string]trading.Money{}, marks: map[string]trading.Price{}, leverage: map[string]int{}, margin: map[string]bool{},
		halted: map[string]bool{}, creates: map[string]int{},
	}
	log, past, err := openJournal(cfg.Log)
	if err != nil {
		return nil, fmt.Errorf("open exchange account: %w", err)
	}
	c.log = log
	for _, e := range past {
		c.apply(e)
		c.seq = e.Seq
	}
	if len(past) == 0 {
		c.deposit()
	}
	return c, errors.Join(c.bad)
}

func (c *Core) deposit() {
	for _, asset := range sorted(c.cfg.Deposit) {
		c.happen(Event{Cash: &Cash{Asset: asset, Kind: "deposit", Amount: c.cfg.Deposit[asset]}})
	}
	c.untold = nil
}

// Close closes the log; it tells what could not be written.
func (c *Core) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return errors.Join(c.bad, c.log.file.Close())
}

// Config is what the account was made of.
func (c *Core) Config() Config { return c.cfg }

// Subscribe calls f for every event from now on, one at a time, in order, after the log has it. f may read the account
// but must not change it. Stop ends that.
func (c *Core) Subscribe(f func(Event)) (stop func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.subscribed++
	n := c.subscribed
	c.subscribers[n] = f
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		delete(c.subscribers, n)
	}
}

// change runs f alone and tells afterwards what happened.
func (c *Core) change(f func()) {
	func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		f()
	}()
	c.telling.Lock()
	defer c.telling.Unlock()
	for {
		c.mu.Lock()
		untold := c.untold
		c.untold = nil
		var to []func(Event)
		for _, n := range sorted(c.subscribers) {
			to = append(to, c.subscribers[n])
		}
		c.mu.Unlock()
		if len(untold) == 0 {
			return
		}
		for _, e := range untold {
			for _, f := range to {
				f(e)
			}
		}
	}
}

// happen writes an event down, lets it take effect and keeps it for the subscribers.
func (c *Core) happen(e Event) {
	c.seq++
	e.Seq = c.seq
	if e.At.IsZero() {
		e.At = c.cfg.Now()
	}
	if err := c.log.add(e); err != nil {
		c.bad = errors.Join(c.bad, err)
	}
	c.apply(e)
	c.attachState(&e)
	c.untold = append(c.untold, e)
}

// attachState notes how things are after the event.
func (c *Core) attachState(e *Event) {
	var o *Order
	switch {
	case e.Placed != nil:
		o = c.byID[e.Placed.ID]
	case e.Changed != nil:
		o = c.byID[e.Changed.ID]
	case e.Filled != nil:
		o = c.byID[e.Filled.OrderID]
	case e.Funding != nil:
		p := c.position(slotKey{e.Funding.Symbol, e.Funding.Slot})
		e.Position = &p
	}
	if o == nil {
		return
	}
	now := o.copy()
	e.Order = &now
	if o.Product == trading.Linear && (e.Filled != nil || o.Guarding()) {
		p := c.position(slotKey{o.Symbol, o.Slot})
		e.Position = &p
	}
}

// SetFaults decides about the requests from now on.
func (c *Core) SetFaults(f Faults) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.faults = f
}

// Fault is what goes wrong with a request; façades ask once per request.
func (c *Core) Fault(path, link string) Fault {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.faults(path, link)
}

// CountCreate notes that a request to place an order with this client id arrived; façades call it before anything else.
func (c *Core) CountCreate(link string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.creates[link]++
}

// Creates is how many requests to place an order with this client id arrived since the account was opened.
func (c *Core) Creates(link string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.creates[link]
}
