package node

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"hoox/backend/events"
	"hoox/backend/exchange"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

const (
	// collectEvery is how often keys are collected whose time has ended, collectLook how often the clock is looked at for that,
	// and keepWatched how much of the time that was watched a crash may take along.
	collectEvery = 24 * time.Hour
	collectLook  = time.Minute
	keepWatched  = time.Hour
	// windowLife is how long a key lives that was only known by a time window, which is 15 minutes at most.
	windowLife = 24 * time.Hour
	// mostKeys is how many keys in use the ledger is made for, and manyKeys from how many on Health says so.
	mostKeys = 200_000
	manyKeys = mostKeys / 10 * 8
	// conflictShown is how long Health shows that a key came with other content.
	conflictShown = 24 * time.Hour
)

// metaAges is the note in which the ledger keeps what is known of the age of its keys.
const metaAges = "key_ages"

// idempotency is the service that lets go of keys whose time has ended, so that they can be used again.
//
// A key that goes too early lets a resend trade twice; one that stays too long costs a few bytes. So a key goes only when its age
// is proven (see ages), its signal was received that long ago by the clock of the house too, everything of its alert has
// ended, that clock is not in doubt, the ledger was not restored lately, and, where an exchange is connected, one has confirmed
// the clock. A clock that is set to next year lets nothing go. Nothing goes before its time to make room either: with more
// keys than the ledger is made for, Health says so, and alerts are taken as before.
type idempotency struct {
	n *Node

	mu sync.Mutex
	// ages are as last stored.
	ages ages
	// before is how long the program had run before this start.
	before time.Duration
	// waits is why keys are not collected although it is time, "" when nothing keeps them; failed why it went wrong.
	waits  string
	failed error
	// conflict is the last signal whose key came with other content, conflicts how many times that happened since the start.
	conflict   trading.SignalID
	conflictAt time.Time
	conflicts  int
}

func (s *idempotency) String() string { return "idempotency keys" }

// load reads what the ledger knows of the age of its keys. What cannot be read is as if it were new: keys then live longer.
func (s *idempotency) load(ctx context.Context) error {
	text, ok, err := s.n.Store.Meta(ctx, metaAges)
	if err != nil || !ok {
		return err
	}
	if err := json.Unmarshal([]byte(text), &s.ages); err != nil {
		s.n.Log.Error("the age of the keys cannot be read and is counted anew", "error", err)
		s.ages = ages{}
	}
	s.before = s.ages.Watched
	return nil
}

// Serve collects once a day until ctx ends.
func (s *idempotency) Serve(ctx context.Context) error {
	look := time.NewTicker(collectLook)
	defer look.Stop()
	for {
		select {
		case <-ctx.Done():
			s.keep(context.WithoutCancel(ctx), 0)
			return ctx.Err()
		case <-look.C:
			s.round(ctx)
		}
	}
}

// round collects when it is time and nothing keeps it.
func (s *idempotency) round(ctx context.Context) {
	s.keep(ctx, keepWatched)
	if s.n.Now().Sub(s.known().Last).Abs() < collectEvery {
		return
	}
	why := s.holds()
	var freed int
	var err error
	if why == "" {
		freed, err = s.collect(ctx)
	}
	if ctx.Err() != nil {
		return
	}
	s.mu.Lock()
	changed := s.waits != why || (s.failed == nil) != (err == nil)
	s.waits, s.failed = why, err
	s.mu.Unlock()
	switch {
	case err != nil:
		s.n.Log.Error("collect keys", "freed", freed, "error", err)
	case why == "":
		s.n.Log.Info("keys collected", "freed", freed)
	case changed:
		s.n.Log.Info("keys are not collected", "why", why)
	}
	if changed || freed > 0 {
		s.n.Hub.Publish(events.Health)
	}
}

// holds is why no key may go at this moment, "" when keys may.
func (s *idempotency) holds() string {
	n := s.n
	switch told := n.clockTold(); {
	case n.clock.doubt() != nil:
		return "the clock of this computer is in doubt"
	case !n.askSince().IsZero():
		return "the ledger was restored within the last seven days"
	case !told && len(n.connected()) > 0:
		return "no exchange that is connected confirms the clock of this computer"
	}
	return ""
}

// clockTold tells whether the clock of an exchange was read just now and agrees with ours, and that of no other differs.
func (n *Node) clockTold() bool {
	told := false
	for _, l := range n.connected() {
		lamp := l.adapter.Lamp()
		if !lamp.SkewKnown || lamp.SkewAge < 0 || lamp.SkewAge > exchange.FreshClock {
			continue
		}
		if lamp.Skew.Abs() > wire.MaxSkew {
			return false
		}
		told = true
	}
	return told
}

// collect lets go of every key whose time has ended and tells how many went. Where it was interrupted the next one goes on.
func (s *idempotency) collect(ctx context.Context) (int, error) {
	n := s.n
	// Before the time is looked at, so that by then these signals had come.
	newest, err := n.Store.NewestSignal(ctx)
	if err != nil {
		return 0, err
	}
	now, here := n.Now(), s.here(newest)
	next := s.known()
	next.add(here)
	life := 24 * time.Hour * time.Duration(n.Settings.Now().Int("idempotency:retention_days"))
	freed := 0
	for _, kind := range []sqlite.Ripe{
		{UpTo: next.older(life, here), Before: now.Add(-life)},
		{UpTo: next.older(windowLife, here), Before: now.Add(-windowLife), Window: true},
	} {
		count, err := s.free(ctx, kind, now)
		freed += count
		if err != nil {
			return freed, err
		}
	}
	next.prune(next.older(life, here))
	next.Watched, next.Last, next.Freed = here.Watched, now, freed
	return freed, s.store(ctx, next)
}

// free takes the steps of one kind of keys.
func (s *idempotency) free(ctx context.Context, ripe sqlite.Ripe, now time.Time) (int, error) {
	freed, after := 0, int64(0)
	for {
		step, err := s.n.Store.FreeKeys(ctx, ripe, after, now)
		freed += step.Keys
		if err != nil || step.Last == 0 {
			return freed, err
		}
		after = step.Last
	}
}

// watched is how long the program has run, over all its starts.
func (s *idempotency) watched() time.Duration { return s.before + s.n.clock.passed() }

// here is the mark of this moment.
func (s *idempotency) here(newest int64) mark {
	m := mark{Watched: s.watched(), Signal: newest}
	if s.n.clockTold() {
		m.Told = s.n.Now().UnixMilli()
	}
	return m
}

// keep stores how long the program has run, once that is more than a span further than what is stored.
func (s *idempotency) keep(ctx context.Context, span time.Duration) {
	next := s.known()
	watched := s.watched()
	if watched-next.Watched <= span {
		return
	}
	next.Watched = watched
	if err := s.store(ctx, next); err != nil {
		s.n.Log.Error("store the age of the keys", "error", err)
	}
}

// known is a copy of the ages as last stored.
func (s *idempotency) known() ages {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.ages
	a.Marks = slices.Clone(a.Marks)
	return a
}

func (s *idempotency) store(ctx context.Context, next ages) error {
	text, err := json.Marshal(next)
	if err != nil {
		return err
	}
	if err := s.n.Store.SetMeta(ctx, metaAges, string(text)); err != nil {
		return err
	}
	s.mu.Lock()
	s.ages = next
	s.mu.Unlock()
	return nil
}

// conflicted notes that the key of a signal came with other content.
func (s *idempotency) conflicted(id trading.SignalID) {
	s.mu.Lock()
	s.conflict, s.conflictAt, s.conflicts = id, s.n.Now(), s.conflicts+1
	s.mu.Unlock()
	s.n.Hub.Publish(events.Health)
}

// health tells how many keys are in use, when they were last collected, and whether one came with other content.
func (s *idempotency) health(ctx context.Context) Part {
	var count int
	p := timed("idempotency", "", "restart; the log says why", func() (err error) {
		count, err = s.n.Store.KeysInUse(ctx)
		return err
	})
	if p.State != StateOK {
		return p
	}
	return s.tell(p, count)
}

// tell fills in what is known of a number of keys.
func (s *idempotency) tell(p Part, count int) Part {
	now := s.n.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	p.Detail = fmt.Sprintf("%d keys in use, %s", count, s.collected(now))
	switch {
	case s.failed != nil:
		p.State, p.Detail = StateDegraded, p.Detail+"; "+s.failed.Error()
		p.Fix = "free disk space; it is tried again every minute"
	case !s.conflictAt.IsZero() && now.Sub(s.conflictAt).Abs() < conflictShown:
		p.State = StateDegraded
		p.Detail += fmt.Sprintf("; the key of alert %s came with other content at %s UTC, which was not executed (%d times since the start)",
			s.conflict, s.conflictAt.UTC().Format("15:04:05"), s.conflicts)
		p.Fix = "give every alert its own idempotencyKey, for example with {{timenow}} in it"
	case count >= manyKeys:
		p.State, p.Detail = StateDegraded, p.Detail+fmt.Sprintf("; the ledger is made for %d", mostKeys)
		p.Fix = "find out who sends so many alerts, or lower idempotency:retention_days; no key goes before its time, and alerts are taken as before"
	}
	return p
}

// collected is in words when keys were last collected.
func (s *idempotency) collected(now time.Time) string {
	words := "not collected yet"
	if !s.ages.Last.IsZero() {
		words = fmt.Sprintf("last collected %s ago: %d set free", now.Sub(s.ages.Last).Abs().Round(time.Minute), s.ages.Freed)
	}
	switch {
	case s.waits != "":
		words += "; now they stay: " + s.waits
	case len(s.n.connected()) == 0:
		words += "; with no exchange to confirm the clock only the time that this program runs counts"
	}
	return words
}
