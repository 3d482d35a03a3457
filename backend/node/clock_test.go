package node

import (
	"testing"
	"time"
)

var day = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

// turned is a machine whose clock is set and whose time passes, each by itself.
type turned struct {
	wall   time.Time
	passed time.Duration
}

func (m *turned) read() (time.Time, time.Duration) { return m.wall, m.passed }

// pass lets time pass on a clock that nobody sets.
func (m *turned) pass(d time.Duration) { m.wall, m.passed = m.wall.Add(d), m.passed+d }

func TestClockThatIsSetBackOpensNoDeadlineAgain(t *testing.T) {
	m := &turned{wall: day}
	c := newSteady(m.read)
	deadline := day.Add(time.Minute)
	m.pass(2 * time.Minute)
	if !c.Now().After(deadline) {
		t.Fatal("want the deadline to be past")
	}
	for _, back := range []time.Duration{time.Second, time.Hour, 365 * 24 * time.Hour} {
		m.wall = day.Add(2 * time.Minute).Add(-back)
		if now := c.Now(); !now.After(deadline) {
			t.Errorf("set back by %s: had %s, want the deadline still past: an old order would fire", back, now)
		}
	}
	if c.doubt() == nil {
		t.Error("want entries to wait while the clock is a year behind")
	}
	m.wall, m.passed = day.Add(3*time.Minute), 3*time.Minute
	if now := c.Now(); !now.Equal(m.wall) || c.doubt() != nil {
		t.Errorf("had %s %v, want the clock of the machine once it is right", now, c.doubt())
	}
}

func TestClockThatIsBehindGoesOnAtHalfTheSpeedHoweverOftenItIsRead(t *testing.T) {
	for _, every := range []time.Duration{time.Nanosecond, 7 * time.Millisecond, time.Second} {
		m := &turned{wall: day}
		c := newSteady(m.read)
		m.wall = day.Add(-time.Hour)
		for range 600 {
			m.pass(every)
			c.Now()
		}
		if went := c.Now().Sub(day); went != 300*every {
			t.Errorf("read every %s: went on by %s in %s, want half of it: a position without its stop waits by this clock", every, went, 600*every)
		}
	}
}

func TestClockGoesOnWhereTheLedgerEnded(t *testing.T) {
	m := &turned{wall: day}
	c := newSteady(m.read)
	var saw time.Time
	c.remember(day.Add(time.Hour), func(at time.Time) { saw = at })
	if now := c.Now(); !now.Equal(day.Add(time.Hour)) {
		t.Errorf("had %s, want the time that the ledger has seen: the clock was set back while the program did not run", now)
	}
	if !saw.IsZero() {
		t.Error("a time that is not the machine's was told to the ledger")
	}
	c.forget()
	if now := c.Now(); !now.Equal(day) || !saw.Equal(day) {
		t.Errorf("had %s, saw %s; want the machine's time once a person looked", now, saw)
	}
}

func TestLeapIsNotBelievedBeforeItIsSettled(t *testing.T) {
	m := &turned{wall: day}
	c := newSteady(m.read)
	told := 0
	c.remember(time.Time{}, func(time.Time) { told++ })
	// The time that passes stands still while a machine sleeps: the reading before is as old as the wall says now.
	m.wall = day.Add(3 * time.Hour)
	if now := c.Now(); !now.Equal(m.wall) {
		t.Errorf("had %s, want the wall: deadlines pass while a lid is closed", now)
	}
	if c.doubt() == nil || told != 0 {
		t.Errorf("had doubt %v and %d times told, want a doubt and none: the clock may be wrong", c.doubt(), told)
	}
	c.believe()
	c.Now()
	if told != 1 || c.doubt() != nil {
		t.Errorf("had doubt %v and %d times told, want it believed", c.doubt(), told)
	}
}
