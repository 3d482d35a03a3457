package mexc

import (
	"context"
	"errors"
	"strconv"
	"sync"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

// door is one of the two ways into MEXC: an address with its clock and its limits.
type door struct {
	client *wire.Client
	skew   *wire.Skew
	now    func() time.Time
	// address is the limit of the whole address, which a ban closes; the others are kinds of request.
	address *wire.Budget
	budgets map[group]*wire.Budget

	mu sync.Mutex
	// opened tells that the key was good here once, barred that it was refused.
	opened, barred bool
}

// judge notes what an answer to a signed request says about the key and the clock.
func (d *door) judge(c class) {
	if c == clock {
		// The next attempt reads the clock anew, whatever was known.
		d.skew.Forget()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	switch c {
	case done, missing:
		d.opened = true
	case barred:
		d.barred = true
	}
}

// left tells whether a product is left out: its key was never accepted and was refused, while the other one's is good.
func (x *Exchange) left(d *door) bool {
	other := x.spot
	if d == x.spot {
		other = x.futures
	}
	d.mu.Lock()
	refused := d.barred && !d.opened
	d.mu.Unlock()
	other.mu.Lock()
	defer other.mu.Unlock()
	return refused && other.opened
}

// readBoth reads futures and spot; a product that the key is none of is left out, if the key is one of the other.
func (x *Exchange) readBoth(futures, spot func() error) error {
	first, second := futures(), spot()
	leave := func(d *door, err error) bool { return trading.KindOf(err) == trading.Unauthorized && x.left(d) }
	switch {
	case leave(x.futures, first):
		return second
	case leave(x.spot, second) || first != nil:
		return first
	}
	return second
}

// group names requests that share a limit.
type group int

const (
	anything group = iota
	creating
	canceling
	finding
	filling
	listing
	recalling
	holding
	stopping
	trailing
	adjusting
	cataloguing
	accounting
)

// limit is how many requests there may be in a window, and how many of them are kept for what closes or cancels.
type limit struct {
	window        time.Duration
	most, reserve int
}

// futuresLimits follow the documented limits, each of which is one endpoint's: 20 in 2 s where nothing else is said.
var futuresLimits = map[group]limit{
	anything: {2 * time.Second, 200, 20}, creating: {2 * time.Second, 4, 1}, canceling: {2 * time.Second, 20, 0},
	finding: {2 * time.Second, 20, 4}, filling: {2 * time.Second, 20, 4}, listing: {2 * time.Second, 20, 2},
	recalling: {2 * time.Second, 20, 2}, holding: {2 * time.Second, 20, 4}, stopping: {2 * time.Second, 5, 1},
	trailing: {2 * time.Second, 4, 1}, adjusting: {10 * time.Second, 10, 0}, cataloguing: {5 * time.Second, 1, 0},
	accounting: {2 * time.Second, 20, 2},
}

// spotLimits are the lower ones of what documents say: 300 weight in 10 s an address, 12 orders and cancels a second.
var spotLimits = map[group]limit{
	anything: {10 * time.Second, 300, 60}, creating: {time.Second, 12, 4}, holding: {time.Second, 2, 0},
}

// weights are what a spot request costs of the limit of the address; 1 where nothing is said.
var weights = map[group]int{listing: 3, recalling: 10, filling: 10, holding: 10, cataloguing: 10}

func newDoor(origin string, c exchange.Config, limits map[group]limit) (*door, error) {
	client, err := wire.NewClient(wire.ClientConfig{Origin: origin, Proxy: c.Proxy, Deadline: c.Deadline, Dial: c.Dial, Hide: c.Key})
	if err != nil {
		return nil, err
	}
	d := &door{client: client, skew: wire.NewSkew(c.Now), now: c.Now, budgets: map[group]*wire.Budget{}}
	for g, l := range limits {
		b := wire.NewBudget(c.Now, l.window, l.most, l.reserve)
		if g == anything {
			d.address = b
			continue
		}
		d.budgets[g] = b
	}
	if d.budgets[canceling] == nil {
		// Spot counts orders and cancels together.
		d.budgets[canceling] = d.budgets[creating]
	}
	d.address.Ban(c.BannedUntil)
	return d, nil
}

// tightest is what is left of the limit that is nearest to its end.
func (d *door) tightest() (left, limit int) {
	left, limit = d.address.Left()
	for g, b := range d.budgets {
		// A list of everything is read one at a time, which says nothing.
		if l, of := b.Left(); g != cataloguing && l*limit < left*of {
			left, limit = l, of
		}
	}
	return left, limit
}

// charges are the budgets that a request takes from, with how often.
func (d *door) charges(g group, weight int, each func(*wire.Budget) error) error {
	for range max(weight, 1) {
		if err := each(d.address); err != nil {
			return err
		}
	}
	if b := d.budgets[g]; b != nil {
		return each(b)
	}
	return nil
}

// longestTurn is how long what is urgent waits for its turn at most.
const longestTurn = 5 * time.Second

// take takes a request that may change something out of the budgets, or fails with Limited. What is urgent waits for its
// turn while ctx lasts: of ten closes only four may leave at once, and the others must not give up for that.
func (d *door) take(ctx context.Context, g group, urgent bool, what string) error {
	return d.charges(g, 1, func(b *wire.Budget) error {
		for {
			wait, ok := b.Take(urgent)
			if ok {
				return nil
			}
			if !urgent || wait > longestTurn || wire.Pause(ctx, max(wait, time.Millisecond)) != nil {
				return trading.Errorf(trading.Limited, "mexc: %s: the request limit is used up for %s", what, wait.Round(time.Millisecond))
			}
		}
	})
}

// await takes a read out of the budgets as soon as they allow it.
func (d *door) await(ctx context.Context, g group, weight int, what string) error {
	return d.charges(g, weight, func(b *wire.Budget) error {
		if err := b.Await(ctx, false); err != nil {
			return trading.Errorf(trading.Limited, "mexc: %s: wait for the request limit: %w", what, err)
		}
		return nil
	})
}

// The pauses that an exchange that says none is given.
const (
	busyPause = 10 * time.Second
	banPause  = 10 * time.Minute
)

// learn takes what an answer says about limits: silence until then.
func (d *door) learn(a wire.Answer) {
	if a.Status != 429 && a.Status != 418 {
		return
	}
	pause := busyPause
	if a.Status == 418 {
		pause = banPause
	}
	if s, err := strconv.Atoi(a.Header("Retry-After")); err == nil && s >= 0 {
		pause = time.Duration(s) * time.Second
	}
	d.address.Ban(d.now().Add(pause))
}

// turnedAway is what a status alone proves about a request that may have changed something; nil when it proves nothing, or
// when MEXC itself says more.
func turnedAway(what string, a wire.Answer) error {
	switch _, says := open(a); {
	case a.Status == 429 || a.Status == 418:
		return trading.Errorf(trading.Limited, "mexc: %s: too many requests (HTTP %d)", what, a.Status)
	case a.Status == 403 && !says:
		return trading.Errorf(trading.Rejected, "mexc: %s: access refused (HTTP 403): MEXC does not serve this address or region", what)
	}
	return nil
}

// onTime is why nothing may be submitted because of the clocks.
func (x *Exchange) onTime(ctx context.Context, p trading.Product) error {
	return exchange.OnTime(ctx, x.door(p).skew, func(ctx context.Context) error { return x.syncClock(ctx, p) })
}

// clockRead is why nothing may be signed because of the clocks.
func (x *Exchange) clockRead(ctx context.Context, p trading.Product) error {
	return exchange.ClockRead(ctx, x.door(p).skew, func(ctx context.Context) error { return x.syncClock(ctx, p) })
}

func (x *Exchange) door(p trading.Product) *door {
	if p == trading.Spot {
		return x.spot
	}
	return x.futures
}

// SyncClock reads both clocks of MEXC once.
func (x *Exchange) SyncClock(ctx context.Context) error {
	return errors.Join(x.syncClock(ctx, trading.Linear), x.syncClock(ctx, trading.Spot))
}

// syncClock reads one of the two clocks once. It also keeps a connection warm.
func (x *Exchange) syncClock(ctx context.Context, p trading.Product) error {
	d := x.door(p)
	sent := x.cfg.Now()
	var at exchange.Millis
	if p == trading.Spot {
		var answer struct {
			At exchange.Millis `json:"serverTime"`
		}
		if err := x.spotRead(ctx, finding, "read the clock", "/api/v3/time", nil, false, &answer); err != nil {
			return err
		}
		at = answer.At
	} else if _, err := x.futuresRead(ctx, accounting, "read the clock", "/api/v1/contract/ping", nil, false, &at); err != nil {
		return err
	}
	received := x.cfg.Now()
	if at.IsZero() {
		return trading.Errorf(trading.Unavailable, "mexc: read the clock: an answer without a time")
	}
	d.skew.Observe(sent, received, at.Time)
	return nil
}
