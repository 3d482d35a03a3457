package node

import (
	"context"
	"fmt"
	"sync"
	"time"

	"hoox/backend/events"
)

const (
	// standstill is how long the program must have stood still before connections count as gone. What looks alive after that
	// is dead as often as not, and a dead connection takes most of a minute to show.
	standstill = 15 * time.Second
	// settling is how long after a standstill alerts whose time ran out meanwhile are still being found.
	settling = time.Minute
)

// sleeper notices that the program stood still, because the machine slept or it was stopped, and has everything that was
// said meanwhile asked for at once. It compares the wall with the ticks that came: no word of the system is needed, though
// one makes it certain that it was a sleep.
type sleeper struct {
	mu sync.Mutex
	// last is the wall at the newest tick.
	last time.Time
	// from and to are the newest standstill, told whether the system called it a sleep.
	from, to time.Time
	told     bool
	// dozing is set from the system's word that it goes to sleep until the standstill that follows.
	dozing bool
	// expired is how many alerts ran out of time in it.
	expired int
	// woken is closed at the next standstill's end.
	woken chan struct{}
	nudge chan struct{}
}

func newSleeper() *sleeper {
	return &sleeper{woken: make(chan struct{}), nudge: make(chan struct{}, 1)}
}

// tick takes the wall of one look and tells whether the program stood still before it.
func (s *sleeper) tick(wall time.Time) bool {
	wall = wall.UTC().Round(0)
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.last
	s.last = wall
	if last.IsZero() || wall.Sub(last) < standstill {
		return false
	}
	s.from, s.to, s.told, s.dozing, s.expired = last, wall, s.dozing, false, 0
	close(s.woken)
	s.woken = make(chan struct{})
	return true
}

// waking is closed when the program has stood still for the next time.
func (s *sleeper) waking() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.woken
}

// words are what Health says of the newest standstill, "" before the first.
func (s *sleeper) words() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.to.IsZero() {
		return ""
	}
	what := "stood still (asleep, stopped, or its clock was set)"
	if s.told {
		what = "slept"
	}
	alerts := fmt.Sprintf("%d alerts", s.expired)
	if s.expired == 1 {
		alerts = "1 alert"
	}
	return fmt.Sprintf("%s from %s to %s UTC, %s expired meanwhile", what, s.from.Format("2006-01-02 15:04:05"), s.to.Format("15:04:05"), alerts)
}

// Sleeps takes the system's word that the machine goes to sleep (true) or has come back (false). It only makes the look that
// follows sooner and its words certain: what is true is told by the clock.
func (n *Node) Sleeps(down bool) {
	n.sleeper.mu.Lock()
	if down {
		n.sleeper.dozing = true
	}
	n.sleeper.mu.Unlock()
	if !down {
		nudge(n.sleeper.nudge)
	}
}

// lookForSleep is what the clock's service does at every tick. Services that run by untilAwake connect again and with that
// read the exchange's clock and ask for what was said meanwhile; jobs are looked at anew, and none leaves late, because each
// is held against its deadline before it is sent.
func (n *Node) lookForSleep(ctx context.Context, wall time.Time) {
	if n.sleeper.tick(wall) {
		n.Log.Warn("the program " + n.sleeper.words())
		n.lookAnew()
		n.Hub.Publish(events.Health)
	}
	n.countExpired(ctx)
}

// countExpired finds the alerts whose time ran out in the newest standstill, while they may still be found.
func (n *Node) countExpired(ctx context.Context) {
	s := n.sleeper
	s.mu.Lock()
	from, to, last := s.from, s.to, s.last
	s.mu.Unlock()
	if to.IsZero() || last.Sub(to) > settling {
		return
	}
	expired, err := n.Store.ExpiredBetween(ctx, from, to)
	if err != nil {
		n.Log.Warn("count alerts that expired", "error", err)
		return
	}
	s.mu.Lock()
	s.expired = expired
	s.mu.Unlock()
}

// untilAwake runs serve until it ends or ctx does, and anew whenever the program stood still: the connections it had are
// likely dead and would only show it after their silence.
func (s *sleeper) untilAwake(ctx context.Context, serve func(context.Context) error) error {
	for {
		waking := s.waking()
		inner, cancel := context.WithCancel(ctx)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			select {
			case <-waking:
				cancel()
			case <-inner.Done():
			}
		}()
		err := serve(inner)
		cancel()
		<-ended
		select {
		case <-waking:
			if ctx.Err() == nil {
				continue
			}
		default:
		}
		return err
	}
}
