package execution

import (
	"context"
	"sync"
	"time"

	"hoox/backend/trading"
)

// seat is one account while it is connected.
type seat struct {
	venue Venue
	// shut tells why the account takes no entries, nil when it does.
	shut error
	// bars tell, for an instrument on whose position the exchange does not agree, why it takes no entries.
	bars map[trading.InstrumentKey]string
	// next is when the account is compared with its exchange again, agreed when the last comparison of positions was.
	next, agreed time.Time
	comparing    bool
	// beyond is since when the price has been past a stop that stands.
	beyond map[trading.OrderID]time.Time
	// round lets one comparison run at a time, asking one probe.
	round, asking turn
	circuit       breaker
}

func newSeat(id trading.AccountID, venue Venue) *seat {
	return &seat{venue: venue, round: newTurn(), asking: newTurn(), beyond: map[trading.OrderID]time.Time{}, shut: trading.Errorf(trading.Unavailable, "account %s is not reconciled with its exchange yet", id)}
}

// Join connects an account, or gives it another way to its exchange. It takes no entries until its exchange has answered:
// Join asks at once, for a few seconds, and returns what Ready tells after that; what stays silent is asked again while Serve
// runs.
func (e *Engine) Join(ctx context.Context, account trading.AccountID, venue Venue) error {
	s := newSeat(account, venue)
	e.mu.Lock()
	e.accounts[account] = s
	e.mu.Unlock()
	e.join(ctx, account, s)
	e.wake()
	return e.shut(s)
}

// Leave disconnects an account: it takes no entries, and what its orders still need waits until it joins again. A call that
// is under way ends by itself.
func (e *Engine) Leave(account trading.AccountID) {
	e.mu.Lock()
	delete(e.accounts, account)
	e.mu.Unlock()
}

// Ready tells why an account takes no entries, nil when it does.
func (e *Engine) Ready(account trading.AccountID) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	s, known := e.accounts[account]
	if !known {
		return trading.Errorf(trading.Refused, "there is no account %s: %s trades in mode %s", account, account.Exchange(), account.Mode())
	}
	return s.shut
}

// Admits tells why an account takes no entries of an instrument, nil when it does: it is not open, or its exchange has another
// position of the instrument than the ledger. Closes need not ask.
func (e *Engine) Admits(account trading.AccountID, key trading.InstrumentKey) error {
	if err := e.Ready(account); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if s, ok := e.accounts[account]; ok && s.bars[key] != "" {
		return trading.Errorf(trading.Refused, "%s", s.bars[key])
	}
	return nil
}

func (e *Engine) seat(account trading.AccountID) (*seat, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	s, ok := e.accounts[account]
	if !ok {
		return nil, trading.Errorf(trading.Unavailable, "account %s is not connected", account)
	}
	return s, nil
}

func (e *Engine) venue(account trading.AccountID) (Venue, error) {
	s, err := e.seat(account)
	if err != nil {
		return nil, err
	}
	return s.venue, nil
}

// seats are the accounts that are connected now.
func (e *Engine) seats() map[trading.AccountID]*seat {
	e.mu.Lock()
	defer e.mu.Unlock()
	all := make(map[trading.AccountID]*seat, len(e.accounts))
	for id, s := range e.accounts {
		all[id] = s
	}
	return all
}

func (e *Engine) shut(s *seat) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return s.shut
}

// setReady notes how the reconciliation of a seat went.
func (e *Engine) setReady(s *seat, err error) {
	e.mu.Lock()
	s.shut = err
	e.mu.Unlock()
}

// atSeats asks accounts at the same time, so that a slow exchange delays nobody else, and waits for all.
func (e *Engine) atSeats(ctx context.Context, wanted func(*seat) bool, ask func(context.Context, trading.AccountID, *seat)) {
	var asking sync.WaitGroup
	defer asking.Wait()
	for id, s := range e.seats() {
		if wanted(s) {
			asking.Go(func() { ask(ctx, id, s) })
		}
	}
}
