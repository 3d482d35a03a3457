package node

import (
	"context"
	"fmt"
	"reflect"
	"sync"
	"time"

	"hoox/backend/events"
	"hoox/backend/market"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

const (
	// tendPause is how often what a link knows is kept and looked at.
	tendPause = time.Minute
	// listingAge is how old the list of instruments may get.
	listingAge = time.Hour
	// againPause is how long after a failed opening the next one is tried.
	againPause = 5 * time.Second
)

// link is one account at a real exchange, connected.
type link struct {
	n       *Node
	id      trading.AccountID
	adapter adapter
	// opened is closed once the account has been opened or the first try failed.
	opened     chan struct{}
	openedOnce sync.Once

	mu     sync.Mutex
	why    error
	listed time.Time
	rights trading.KeyRights
	setup  trading.AccountSetup
	known  bool
	// warned is when a person was last told that the key ends soon.
	warned time.Time
}

// String names the service in the log.
func (l *link) String() string { return "account " + string(l.id) }

// Serve opens the account and runs it until ctx ends.
func (l *link) Serve(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer cancel()
	defer l.n.Engine.Leave(l.id)
	work.Go(func() { l.tend(ctx) })
	return l.n.sleeper.untilAwake(ctx, func(ctx context.Context) error {
		// A call on a connection that died in a sleep would be an order of which nobody knows whether it arrived.
		l.adapter.Close()
		return l.adapter.Serve(ctx, l.n.Engine)
	})
}

// tend opens the account, tries again until it is open, and then looks after it.
func (l *link) tend(ctx context.Context) {
	for {
		err := l.open(ctx)
		l.note(err)
		if err == nil {
			break
		}
		l.n.Log.Warn("account is not open yet", "account", l.id, "error", err)
		if wire.Pause(ctx, againPause) != nil {
			return
		}
	}
	wasLive := l.adapter.Lamp().Live
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	kept, banned := l.n.Now(), l.adapter.Lamp().BannedUntil
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		lamp := l.adapter.Lamp()
		if lamp.Live && !wasLive {
			// What was said while nobody listened has been asked for; positions and orders are compared at once.
			l.n.Engine.Look(l.id)
			l.n.Hub.Publish(events.Health)
		}
		wasLive = lamp.Live
		if !lamp.BannedUntil.Equal(banned) {
			// At once: a program that comes back within the ban must not knock again.
			banned = lamp.BannedUntil
			l.n.Store.NoteAccount(l.id, banned, time.Time{})
			l.n.Hub.Publish(events.Health)
		}
		if now := l.n.Now(); now.Sub(kept) >= tendPause {
			kept = now
			l.keep(ctx, lamp, now)
		}
	}
}

// keep writes down what must outlive the program and refreshes what grows old.
func (l *link) keep(ctx context.Context, lamp trading.Lamp, now time.Time) {
	var complete time.Time
	if lamp.Live {
		complete = now
	}
	l.n.Store.NoteAccount(l.id, lamp.BannedUntil, complete)
	l.mu.Lock()
	stale := now.Sub(l.listed) >= listingAge
	l.mu.Unlock()
	if !stale {
		return
	}
	if err := l.list(ctx); err != nil {
		l.n.Log.Warn("refresh instruments", "account", l.id, "error", err)
	}
	l.police(ctx)
}

// open makes the account ready for entries: instruments listed, key looked at, money known, positions compared.
func (l *link) open(ctx context.Context) error {
	if err := l.list(ctx); err != nil {
		return fmt.Errorf("list instruments: %w", err)
	}
	if err := l.inspect(ctx); err != nil {
		return err
	}
	if err := l.n.firstBalance(ctx, l.id, l.adapter); err != nil {
		return fmt.Errorf("read the balance: %w", err)
	}
	if err := l.n.Engine.Join(ctx, l.id, l.adapter); err != nil {
		return fmt.Errorf("compare with the exchange: %w", err)
	}
	l.n.Hub.Publish(events.Health)
	return nil
}

// inspect asks what the key may and how the account is set up. A key that may withdraw money opens nothing.
func (l *link) inspect(ctx context.Context) error {
	rights, err := l.adapter.Rights(ctx)
	if err != nil {
		return fmt.Errorf("read the key's rights: %w", err)
	}
	l.mu.Lock()
	l.rights = rights
	l.mu.Unlock()
	setup, err := l.adapter.Setup(ctx)
	if err != nil {
		return fmt.Errorf("read the account's setup: %w", err)
	}
	l.mu.Lock()
	l.setup, l.known = setup, true
	l.mu.Unlock()
	if rights.Withdraw == trading.Yes {
		return barred(l.id, rights)
	}
	return nil
}

// list reads the instruments and puts them on the board.
func (l *link) list(ctx context.Context) error {
	list, err := l.adapter.Instruments(ctx)
	if err != nil {
		return err
	}
	if err := l.n.keepInstruments(ctx, market.VenueOf(l.id), list); err != nil {
		return err
	}
	l.mu.Lock()
	l.listed = l.n.Now()
	l.mu.Unlock()
	return nil
}

// keepInstruments lists instruments and stores them when they changed.
func (n *Node) keepInstruments(ctx context.Context, v market.Venue, list []trading.Instrument) error {
	catalogue := market.NewCatalogue(list)
	before := n.Market.Instruments(v)
	n.Market.List(v, catalogue)
	if reflect.DeepEqual(before, catalogue.Instruments(v.Exchange)) {
		return nil
	}
	return n.Store.PutInstruments(ctx, v.Exchange, v.Mode, list, n.Now())
}

func (l *link) note(err error) {
	l.mu.Lock()
	l.why = err
	l.mu.Unlock()
	l.openedOnce.Do(func() { close(l.opened) })
}

// state is why the account is not open, nil when it is, and what is known of its key.
func (l *link) state() (rights trading.KeyRights, setup trading.AccountSetup, known bool, why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.rights, l.setup, l.known, l.why
}
