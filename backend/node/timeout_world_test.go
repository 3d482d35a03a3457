package node_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hoox/backend/admission"
	"hoox/backend/events"
	"hoox/backend/exchange"
	"hoox/backend/exchange/binance"
	"hoox/backend/exchange/bybit"
	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/mexc"
	"hoox/backend/execution"
	"hoox/backend/market"
	"hoox/backend/objects"
	"hoox/backend/queue"
	"hoox/backend/risk"
	"hoox/backend/settings"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

// crossing is one bubble of virtual time: the real desk, engine, queue and ledger, the real adapters of two accounts at one
// exchange, and the exchange itself behind a network that is all in memory.
type crossing struct {
	lots
	*market.Catalogue
	t      testing.TB
	sea    *sea
	set    *settings.Live
	hub    *events.Hub
	db     *sqlite.DB
	engine *execution.Engine
	desk   *admission.Desk
	shores map[trading.AccountID]*shore
	// still is set once nothing goes wrong any more.
	still atomic.Bool

	mu    sync.Mutex
	wrong []string
	// told is what happened to each order on its way, stories that of the orders with which something is wrong.
	told    map[trading.OrderID][]string
	stories []string
	// said is what was answered, by alert.
	said map[string]trading.SignalID
	// ended are the signals that are known to need nobody any more.
	ended map[trading.SignalID]bool
	// struck counts the submits that ended without an answer because of their fate, by its name.
	struck map[string]int
	// ends counts how signals ended, with why where they did not trade.
	ends map[string]int

	stop    context.CancelFunc
	over    chan struct{}
	done    sync.WaitGroup
	closing []func() error
}

// shore is one account at the exchange.
type shore struct {
	*elsewhere
	crossing *crossing
	id       trading.AccountID
	venue    venue
	// deaf tells that no stream of the account comes up.
	deaf bool
	// slowCalls is how long it takes until a new connection for requests is there, in nanoseconds.
	slowCalls atomic.Int64

	// serving lets one request be looked at at a time.
	serving sync.Mutex

	mu sync.Mutex
	// placing tells that the request that is looked at places an order.
	placing bool
	// fates are those of the latest attempts, coming what the exchange does to an order when it arrives.
	fates  map[trading.OrderID]*fate
	coming map[trading.OrderID]exchangesim.Fault
	// left counts how often the bytes of an order left, refused how often the program was told for certain that it was not
	// taken; lost are the orders that the exchange need not have.
	left, refused map[trading.OrderID]int
	lost          map[trading.OrderID]bool
}

// venue is what the engine and the test use of an adapter.
type venue interface {
	execution.Venue
	Open(ctx context.Context) ([]trading.Order, error)
	Protect(ctx context.Context, parent trading.OrderID, want trading.Position) error
	Ping(ctx context.Context) (time.Duration, error)
	Lamp() trading.Lamp
	Serve(ctx context.Context, s exchange.Sink) error
	Close()
}

// passenger is the adapter as the engine has it: every attempt to submit has a fate.
type passenger struct {
	venue
	h *shore
}

func (p passenger) Submit(ctx context.Context, o trading.Order) (trading.Report, error) {
	c := p.h.crossing
	if row, err := c.db.Order(ctx, o.ID); err != nil || row.Status != trading.OrderSubmitted || row.ArmedAt.IsZero() {
		c.violated("I3", "order %s is to leave and the ledger has it as %q (%v)", o.ID, row.Status, err)
	}
	f := c.drawFate(o)
	p.h.mu.Lock()
	p.h.fates[o.ID] = f
	p.h.mu.Unlock()
	c.tell(o.ID, "attempt %d, deadline %s: %s, hidden %s, in %d slices, the rest canceled %t", o.Attempts, o.Deadline.Format(clockFormat), f.name, f.sim.Hide, f.sim.Slices, f.sim.FillOnly)
	if f.dial != "" {
		// A connection that is warm would be used.
		p.venue.Close()
	}
	r, err := p.venue.Submit(context.WithValue(ctx, attempt{}, f), o)
	kind := trading.KindOf(err)
	c.tell(o.ID, "submit brought %q, filled %s, %v", r.Status, r.Filled, err)
	p.h.mu.Lock()
	if kind == trading.Unavailable || kind == trading.Limited {
		p.h.refused[o.ID] = p.h.left[o.ID]
	}
	met := f.met
	p.h.mu.Unlock()
	if met && (kind == trading.Unknown || kind == trading.Unavailable) {
		c.mu.Lock()
		c.struck[f.name]++
		c.mu.Unlock()
	}
	return r, err
}

// openCrossing builds everything; nothing runs yet.
func openCrossing(t testing.TB, e trading.Exchange, dir string, ledger []byte, seed uint64) *crossing {
	c := &crossing{lots: lots{seed: seed}, t: t, set: settings.NewLive(), hub: events.New(), shores: map[trading.AccountID]*shore{}, said: map[string]trading.SignalID{},
		told: map[trading.OrderID][]string{}, over: make(chan struct{}), ended: map[trading.SignalID]bool{}, struck: map[string]int{}, ends: map[string]int{}}
	for key, value := range map[string]string{"trade:max_position_size": "0", "trade:max_exposure": "0", "trade:max_order_size": "0",
		"trade:max_orders_per_minute": "0", "kill.trip.unknowns": "0"} {
		c.set.Put(key, value)
	}
	c.sea = newSea(func() time.Duration { return time.Duration(1+c.lot("lag")%30_000) * time.Microsecond })
	c.Catalogue = market.NewCatalogue(listed(e, trading.Linear, trading.Spot))
	file := filepath.Join(dir, "core.db")
	c.must(os.WriteFile(file, ledger, 0o600))
	var err error
	c.db, err = sqlite.Open(t.Context(), file, sqlite.Options{Now: c.now, Touch: c.hub.Touch})
	c.must(err)
	for _, name := range []string{"", "second"} {
		c.raise(e, name, filepath.Join(dir, "exchange"+name))
	}
	c.wire(dir)
	return c
}

func (c *crossing) must(err error) {
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *crossing) now() time.Time { return time.Now().UTC().Round(0) }

// violated notes that an invariant does not hold.
func (c *crossing) violated(invariant, format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.wrong = append(c.wrong, invariant+": "+fmt.Sprintf(format, args...))
}

// tell adds a line to the story of an order.
func (c *crossing) tell(id trading.OrderID, format string, args ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.told[id] = append(c.told[id], "  "+time.Now().Format(clockFormat)+" "+fmt.Sprintf(format, args...))
}

func (c *crossing) log() *slog.Logger {
	if *simLoud {
		return slog.New(slog.NewTextHandler(c.t.Output(), nil))
	}
	return slog.New(slog.DiscardHandler)
}

// raise makes an account: the exchange, its harbours, and the adapter that sails there.
func (c *crossing) raise(e trading.Exchange, name, dir string) {
	c.must(os.MkdirAll(dir, 0o700))
	x, doors := raiseExchange(c.t, e, dir)
	h := &shore{elsewhere: x, crossing: c, id: trading.NamedAccountID(e, x.mode, name), fates: map[trading.OrderID]*fate{},
		coming: map[trading.OrderID]exchangesim.Fault{}, left: map[trading.OrderID]int{}, refused: map[trading.OrderID]int{}, lost: map[trading.OrderID]bool{}}
	h.deaf = c.pick("deaf "+name, 2) == 0
	for _, core := range x.cores() {
		core.SetFaults(h.fault)
	}
	a := exchange.Addresses{}
	for n, door := range doors {
		host := fmt.Sprintf("door%d%s.%s.test:80", n, name, e)
		server := &http.Server{Handler: h.oneAtATime(door), ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
		p := c.sea.listen(host)
		// It ends with Close, which says so.
		c.done.Go(func() { _ = server.Serve(p) })
		c.closing = append(c.closing, server.Close)
		if n == 0 {
			a.RestURL, a.PrivateURL = "http://"+host, "ws://"+host
		} else {
			a.SpotRestURL, a.SpotPrivateURL = "http://"+host, "ws://"+host
		}
	}
	config := exchange.Config{Account: h.id, Addresses: a, Key: func() string { return "key-of-a-test" }, Secret: func() string { return "secret-of-a-test" },
		Now: c.now, Log: c.log().With("account", string(h.id)), Dial: h.dial}
	config.Stream.Dial = h.dialStream
	config.Stream.Jitter = func(most time.Duration) time.Duration { return time.Duration(c.lot("jitter") % uint64(most)) }
	var err error
	switch e {
	case trading.Bybit:
		h.venue, err = bybit.New(config)
	case trading.Binance:
		h.venue, err = binance.New(config)
	case trading.MEXC:
		h.venue, err = mexc.New(config)
	case trading.Paper:
	}
	c.must(err)
	c.shores[h.id] = h
}

// oneAtATime has the exchange look at one request after the other, so that it is known which one places an order. None takes
// any time, and streams are no requests.
func (h *shore) oneAtATime(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		h.serving.Lock()
		defer h.serving.Unlock()
		h.mu.Lock()
		h.placing = creation.MatchString(r.Method + " " + r.URL.Path + " ")
		h.mu.Unlock()
		if h.placing {
			defer h.looked(trading.OrderID(ourLink.Find(append(body, r.URL.RawQuery...))))
		}
		next.ServeHTTP(w, r)
	})
}

// looked notes that the exchange has looked at a request for an order. One that it did not take was refused, whatever is told
// of that.
func (h *shore) looked(id trading.OrderID) {
	n := len(h.atExchange(id))
	h.crossing.tell(id, "arrived at the exchange, which has %d of it", n)
	if n > 0 {
		return
	}
	h.mu.Lock()
	h.lost[id] = true
	h.mu.Unlock()
}

// wire makes the program.
func (c *crossing) wire(dir string) {
	kill := execution.NewSwitch(c.db, objects.NewKillFile(dir), c.now, c.log())
	c.must(kill.Load(c.t.Context()))
	venues := map[trading.AccountID]execution.Venue{}
	for id, h := range c.shores {
		venues[id] = passenger{h.venue, h}
	}
	c.engine = execution.New(execution.Parts{Orders: c.db, Book: c.db, Guards: c.db, Drifts: c.db, Holdings: c.db, Lines: c.db, Venues: venues, Switch: kill,
		Limits: func(trading.AccountID) risk.Limits { return risk.Limits{Enabled: true} }, TripUnknowns: func() int { return 0 },
		Quote: c.Quote, Now: c.now, Log: c.log()})
	runner := queue.NewRunner(c.db, c.engine.Handlers(), c.now, c.log())
	c.engine.OnQueue(runner.Wake)
	kill.OnQueue(runner.Wake)
	c.desk = admission.New(admission.Parts{Store: c.db, Market: c, Line: c.engine, Settings: c.set,
		Mode:     func(e trading.Exchange, _ bool) trading.Mode { return c.mode(e) },
		Standing: kill.Standing, Ready: c.engine.Admits, Held: c.engine.Held, InstallKey: []byte("install"), Now: c.now})
	c.engine.OnDesk(c.desk)
	var ctx context.Context
	ctx, c.stop = context.WithCancel(context.WithoutCancel(c.t.Context()))
	// The accounts open in a calm.
	c.still.Store(true)
	c.must(c.engine.Recover(ctx))
	c.still.Store(false)
	c.done.Go(func() { _ = c.engine.Serve(ctx) })
	c.done.Go(func() { _ = runner.Serve(ctx) })
	for _, h := range c.shores {
		c.done.Go(func() { _ = h.venue.Serve(ctx, c.engine) })
	}
}

// pause lets time pass, or everything end.
func (c *crossing) pause(d time.Duration) {
	select {
	case <-time.After(d):
	case <-c.over:
	}
}

// end stops everything and waits for it.
func (c *crossing) end() {
	close(c.over)
	c.stop()
	for _, h := range c.shores {
		h.drop()
	}
	for _, f := range c.closing {
		if err := f(); err != nil {
			c.t.Errorf("close an exchange: %v", err)
		}
	}
	c.done.Wait()
	for _, h := range c.shores {
		h.venue.Close()
		h.close()
	}
	if err := c.db.Close(); err != nil {
		c.t.Errorf("close the ledger: %v", err)
	}
}

func (c *crossing) mode(trading.Exchange) trading.Mode {
	for _, h := range c.shores {
		return h.elsewhere.mode
	}
	return ""
}

// Resolve reads a symbol.
func (c *crossing) Resolve(e trading.Exchange, written string, fallback trading.Product, _ func(trading.Exchange) trading.Mode) (trading.Instrument, []string, error) {
	return c.Catalogue.Resolve(e, written, fallback)
}

// Quote is the price at the exchange of an account.
func (c *crossing) Quote(a trading.AccountID, k trading.InstrumentKey) (trading.Quote, bool) {
	h, ok := c.shores[a]
	if !ok {
		return trading.Quote{}, false
	}
	bid, ask, mark, ok := h.core(k.Product).Quote(k.Product, k.Symbol)
	return trading.Quote{Exchange: a.Exchange(), Product: k.Product, Symbol: k.Symbol, Bid: bid, Ask: ask, Mark: mark, At: c.now()}, ok
}

// Await is never needed: there is always a price.
func (c *crossing) Await(context.Context, trading.AccountID, trading.InstrumentKey, time.Time) bool {
	return true
}
