package execution

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"hoox/backend/trading"
)

// lister is a venue that tells what rests at its exchange, conditional orders too.
type lister interface {
	Open(ctx context.Context) ([]trading.Order, error)
}

// drifts are the rows of what the ledger and the exchanges do not agree on.
type drifts interface {
	comparisons
	fixes
}

type comparisons interface {
	Drifts(ctx context.Context) ([]trading.Drift, error)
	Drift(ctx context.Context, id string) (d trading.Drift, stands bool, err error)
	Reconciled(ctx context.Context, c trading.Comparison) ([]trading.Drift, error)
}

// holdings is what the ledger has open.
type holdings interface {
	Positions(ctx context.Context) ([]trading.Position, error)
	OpenOrders(ctx context.Context, account trading.AccountID) ([]trading.Order, error)
	Balances(ctx context.Context) (map[trading.AccountID]map[string]trading.Money, error)
}

const (
	// comparePause is how often an account is compared with its exchange; confirmPause comes after a first sight of something.
	comparePause = time.Minute
	confirmPause = 5 * time.Second
	// lookPause is how often the engine looks whose turn it is.
	lookPause = 2 * time.Second
	// compareBudget bounds one comparison, so that a slow exchange holds up nothing but itself.
	compareBudget = 15 * time.Second
	// inquiries bounds how many orders are looked up in one comparison.
	inquiries = 10
)

// Look asks for a comparison of an account with its exchange soon: after a stream was away, or because a person wants to
// know. It never blocks.
func (e *Engine) Look(account trading.AccountID) {
	e.mu.Lock()
	if s, ok := e.accounts[account]; ok {
		s.next = time.Time{}
	}
	e.mu.Unlock()
	select {
	case e.look <- struct{}{}:
	default:
	}
}

// ReconciledAt is when the positions of an account were last compared with its exchange, zero when never.
func (e *Engine) ReconciledAt(account trading.AccountID) time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	if s, ok := e.accounts[account]; ok {
		return s.agreed
	}
	return time.Time{}
}

// keepComparing compares each account when its turn comes, each by itself, until ctx ends.
func (e *Engine) keepComparing(ctx context.Context) {
	if e.Drifts == nil || e.Holdings == nil {
		return
	}
	var work sync.WaitGroup
	defer work.Wait()
	again := time.NewTicker(lookPause)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		case <-e.look:
		}
		for _, id := range e.due() {
			work.Go(func() {
				defer func() {
					if p := recover(); p != nil {
						e.Log.Error("comparison panicked", "account", id, "panic", p, "stack", string(debug.Stack()))
					}
				}()
				if err := e.Compare(ctx, id); err != nil && ctx.Err() == nil {
					e.Log.Warn("compare with the exchange", "account", id, "error", err)
				}
			})
		}
	}
}

// due lists the accounts whose turn it is, and gives each its next one, so that none is taken twice.
func (e *Engine) due() []trading.AccountID {
	now := e.Now()
	e.mu.Lock()
	defer e.mu.Unlock()
	var list []trading.AccountID
	for id, s := range e.accounts {
		if s.shut == nil && !s.comparing && !s.next.After(now) {
			s.comparing, s.next = true, now.Add(comparePause)
			list = append(list, id)
		}
	}
	return list
}

// Compare holds the ledger against an account's exchange once, now, and writes down what it finds. An exchange that does not
// answer leaves everything as it is: a failed question is no finding and ends none. An order that the exchange does not list
// is looked up; only the exchange's own word about it settles it.
func (e *Engine) Compare(ctx context.Context, account trading.AccountID) error {
	e.mu.Lock()
	s, ok := e.accounts[account]
	e.mu.Unlock()
	if !ok {
		return trading.Errorf(trading.NotFound, "account %s is not connected", account)
	}
	defer e.rested(s)
	if !s.round.take(ctx) {
		return ctx.Err()
	}
	defer s.round.pass()
	ctx, cancel := context.WithTimeout(ctx, compareBudget)
	defer cancel()
	stand, err := e.compare(ctx, account, s)
	if err == nil {
		// Read anew: a person may have fixed something meanwhile.
		err = e.loadBars(ctx, account, s)
	}
	if slices.ContainsFunc(stand, func(d trading.Drift) bool { return !d.Counts() }) {
		e.again(s, confirmPause)
	}
	if e.watchStops(ctx, account, s) {
		e.again(s, e.guarding().Within)
	}
	return err
}

func (e *Engine) rested(s *seat) {
	e.mu.Lock()
	s.comparing = false
	e.mu.Unlock()
}

// again brings the next comparison forward.
func (e *Engine) again(s *seat, pause time.Duration) {
	at := e.Now().Add(pause)
	e.mu.Lock()
	if s.next.After(at) {
		s.next = at
	}
	e.mu.Unlock()
}

// compare takes one sight and returns what stands of the account after it.
func (e *Engine) compare(ctx context.Context, account trading.AccountID, at *seat) ([]trading.Drift, error) {
	view, err := e.sight(ctx, account, at.venue)
	if err != nil {
		return nil, err
	}
	known, err := e.Drifts.Drifts(ctx)
	if err != nil {
		return nil, err
	}
	known = slices.DeleteFunc(known, func(d trading.Drift) bool { return d.Account != account })
	out := compare(view)
	e.inquire(ctx, at, &out)
	e.leftovers(ctx, out.left)
	c := trading.Comparison{Account: account, At: e.Now(), Seen: out.seen, Agreed: out.agreed}
	var kept []trading.Drift
	for _, d := range known {
		judged := d.Kind.OfPosition() && view.held || !d.Kind.OfPosition() && view.listed
		switch {
		case slices.ContainsFunc(out.seen, func(x trading.Drift) bool { return x.ID == d.ID }):
		case judged && !out.unjudged[d.ID]:
			c.Ended = append(c.Ended, d.ID)
		default:
			kept = append(kept, d)
		}
	}
	stand, err := e.Drifts.Reconciled(ctx, c)
	if err != nil {
		return nil, err
	}
	for _, d := range stand {
		if d.Rounds == 2 {
			e.alarm(d)
		}
	}
	if view.held {
		e.mu.Lock()
		at.agreed = c.At
		e.mu.Unlock()
	}
	return append(stand, kept...), nil
}

func (e *Engine) alarm(d trading.Drift) {
	tell := e.Log.Error
	if d.Kind == trading.DriftForeign {
		tell = e.Log.Warn
	}
	tell("LEDGER AND EXCHANGE DISAGREE", "account", d.Account, "kind", d.Kind, "symbol", d.Symbol, "slot", d.Slot, "order", d.OrderID,
		"exchange id", d.ExchangeID, "ours", d.Ours, "theirs", d.Theirs)
}

// sight asks both sides. The ledger is read before and after the exchange: a lane in which something happened in between is
// not judged.
func (e *Engine) sight(ctx context.Context, account trading.AccountID, venue Venue) (sight, error) {
	s := sight{account: account, rows: map[trading.OrderID]trading.OrderStatus{}}
	before, err := e.ledgerSide(ctx, account)
	if err != nil {
		return s, err
	}
	s.theirs, err = venue.Positions(ctx)
	if err != nil {
		return s, fmt.Errorf("ask %s for positions: %w", account, err)
	}
	s.held = true
	if l, ok := venue.(lister); ok {
		if s.open, err = l.Open(ctx); err != nil {
			e.Log.Warn("ask for open orders", "account", account, "error", err)
		}
		s.listed = err == nil
	}
	after, err := e.ledgerSide(ctx, account)
	if err != nil {
		return s, err
	}
	s.ours, s.orders, s.fees, s.busy = after.positions, after.orders, after.balances, busyLanes(before, after)
	return s, e.knownRows(ctx, &s)
}

// side is the ledger's side of an account.
type side struct {
	positions []trading.Position
	orders    []trading.Order
	balances  map[string]trading.Money
}

func (e *Engine) ledgerSide(ctx context.Context, account trading.AccountID) (side, error) {
	all, err := e.Holdings.Positions(ctx)
	if err != nil {
		return side{}, err
	}
	orders, err := e.Holdings.OpenOrders(ctx, account)
	if err != nil {
		return side{}, err
	}
	balances, err := e.Holdings.Balances(ctx)
	all = slices.DeleteFunc(all, func(p trading.Position) bool { return p.Account != account })
	return side{all, orders, balances[account]}, err
}

// busyLanes are lanes with an order whose outcome is not known, or in which the ledger moved between two reads.
func busyLanes(before, after side) map[string]bool {
	busy := map[string]bool{}
	moved := func(a, b side) {
		for _, o := range a.orders {
			same := slices.ContainsFunc(b.orders, func(x trading.Order) bool { return x.ID == o.ID && x.Version == o.Version })
			if o.Status.InDoubt() || !same {
				busy[o.Lane()] = true
			}
		}
		for _, p := range a.positions {
			if !slices.ContainsFunc(b.positions, func(x trading.Position) bool { return placeOf(x) == placeOf(p) && x.Qty.Equal(p.Qty) }) {
				busy[p.Lane()] = true
			}
		}
	}
	moved(before, after)
	moved(after, before)
	return busy
}

// knownRows reads what the ledger knows about orders with our mark that are not open in it.
func (e *Engine) knownRows(ctx context.Context, s *sight) error {
	for _, x := range s.open {
		if _, ok := s.match(x); ok || !marked(x) {
			continue
		}
		o, err := e.Book.Order(ctx, x.ID)
		switch trading.KindOf(err) {
		case "":
			s.rows[x.ID] = o.Status
		case trading.NotFound:
		default:
			return err
		}
	}
	return nil
}

// inquire looks up what a list alone says nothing certain about. An order that its exchange gave account of is no drift.
func (e *Engine) inquire(ctx context.Context, at *seat, out *outlook) {
	left := inquiries
	ask := func(o trading.Order) bool {
		if left--; left < 0 {
			return false
		}
		report, found, err := e.lookUp(ctx, at, o)
		if err == nil && found {
			err = e.Record(ctx, report)
		}
		if err != nil {
			e.Log.Warn("look up an order", "order", o.ID, "account", o.Account, "error", err)
			return false
		}
		after, err := e.Book.Order(ctx, o.ID)
		return err == nil && after.Status.Final()
	}
	for _, o := range out.lost {
		if ask(o) {
			out.seen = slices.DeleteFunc(out.seen, func(d trading.Drift) bool { return d.ID == orderID(o) })
		}
	}
	for _, o := range out.revived {
		row, err := e.Book.Order(ctx, o.ID)
		if err == nil {
			ask(row)
		}
	}
}

// leftovers has protections taken away whose position is gone.
func (e *Engine) leftovers(ctx context.Context, parents []trading.OrderID) {
	if e.Guards == nil {
		return
	}
	slices.Sort(parents)
	for _, id := range slices.Compact(parents) {
		if err := e.Guards.Leftover(ctx, id, e.Now()); err != nil {
			e.Log.Error("have a protection without a position removed", "order", id, "error", err)
		}
	}
	e.wake()
}

// loadBars reads what stood when the account was last compared.
func (e *Engine) loadBars(ctx context.Context, account trading.AccountID, s *seat) error {
	if e.Drifts == nil {
		return nil
	}
	list, err := e.Drifts.Drifts(ctx)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.setBars(s, slices.DeleteFunc(list, func(d trading.Drift) bool { return d.Account != account }))
	return nil
}

// setBars puts what stands in force; the caller holds the lock.
func (e *Engine) setBars(s *seat, stand []trading.Drift) {
	s.bars = map[trading.InstrumentKey]string{}
	for _, d := range stand {
		if d.Bars() {
			s.bars[trading.InstrumentKey{Product: d.Product, Symbol: d.Symbol}] = barInWords(d)
		}
	}
}

func barInWords(d trading.Drift) string {
	return fmt.Sprintf("%s on %s: the exchange holds %s and the ledger %s since %s UTC; no entries until both agree, or a person adopts or ignores it",
		d.Symbol, d.Account, d.Theirs, d.Ours, d.FirstSeen.UTC().Format("15:04:05"))
}

// bar tells why an entry that waited may not go, "" when it may.
func (e *Engine) bar(o trading.Order) string {
	if o.ReduceOnly {
		return ""
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if s, ok := e.accounts[o.Account]; ok {
		return s.bars[trading.InstrumentKey{Product: o.Product, Symbol: o.Symbol}]
	}
	return ""
}
