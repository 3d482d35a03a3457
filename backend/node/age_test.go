package node

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"hoox/backend/trading"
)

const aDay = 24 * time.Hour

func told(day int) int64 { return time.Unix(0, 0).Add(time.Duration(day) * aDay).UnixMilli() }

func TestSignalsAreOldOnlyWhenTimeIsProvenToHavePassed(t *testing.T) {
	for name, c := range map[string]struct {
		marks []mark
		now   mark
		want  int64
	}{
		"nothing is known":                     {nil, mark{Watched: 90 * aDay, Told: told(900)}, 0},
		"the program ran for less":             {[]mark{{Watched: aDay, Signal: 7}}, mark{Watched: 30 * aDay}, 0},
		"the program ran for as long":          {[]mark{{Watched: aDay, Signal: 7}}, mark{Watched: 31 * aDay}, 7},
		"an exchange told the time at the end": {[]mark{{Watched: aDay, Signal: 7}}, mark{Watched: 2 * aDay, Told: told(900)}, 0},
		"an exchange told it at the beginning": {[]mark{{Watched: aDay, Told: told(1), Signal: 7}}, mark{Watched: 2 * aDay}, 0},
		"an exchange told it at both ends":     {[]mark{{Watched: aDay, Told: told(1), Signal: 7}}, mark{Watched: 2 * aDay, Told: told(31)}, 7},
		"it told less":                         {[]mark{{Watched: aDay, Told: told(1), Signal: 7}}, mark{Watched: 2 * aDay, Told: told(30)}, 0},
		"the newest of several that are old":   {[]mark{{Signal: 3}, {Watched: aDay, Signal: 5}, {Watched: 9 * aDay, Signal: 8}}, mark{Watched: 32 * aDay}, 5},
		"the ledger was put back to before":    {[]mark{{Watched: 50 * aDay, Signal: 7}}, mark{Watched: 40 * aDay}, 0},
	} {
		a := ages{Marks: c.marks}
		if had := a.older(30*aDay, c.now); had != c.want {
			t.Errorf("%s: signals up to %d are taken for old, want %d", name, had, c.want)
		}
	}
}

func TestMarksAreFewAndNoneThatIsNeededIsForgotten(t *testing.T) {
	var a ages
	for hour := range 100 * 24 {
		// Signals come for fifty days and then no more.
		now := mark{Watched: time.Duration(hour) * time.Hour, Signal: int64(min(hour, 50*24))}
		a.add(now)
		had := a.older(30*aDay, now)
		want := min(now.Signal, max(int64(hour)-30*24, 0))
		if had > want || had < want-int64(markEvery.Hours()) {
			t.Fatalf("after %d hours signals up to %d are taken for old, want up to %d: at most half a day is lost to the distance of marks", hour, had, want)
		}
		a.prune(had)
	}
	if n := len(a.Marks); n > 2 {
		t.Errorf("had %d marks after weeks in which nothing came, want two at most: they are written every hour", n)
	}
}

func TestFirstTimeThatAnExchangeTellsIsRemembered(t *testing.T) {
	var a ages
	a.add(mark{Signal: 5})
	a.add(mark{Watched: time.Hour, Signal: 5, Told: told(1)})
	if had := a.older(30*aDay, mark{Watched: 2 * time.Hour, Signal: 5, Told: told(31)}); had != 5 {
		t.Errorf("signals up to %d are taken for old, want 5: the time was confirmed at both ends", had)
	}
}

func TestTimeThatPassedIsNotMovedByWhoSetsTheClock(t *testing.T) {
	wall, up := day, time.Duration(0)
	c := newSteady(func() (time.Time, time.Duration) { return wall, up })
	wall, up = day.Add(time.Hour), time.Hour
	if had := c.passed(); had != time.Hour {
		t.Errorf("had %s, want the hour that passed", had)
	}
	// A year ahead, and no time passed.
	wall = wall.Add(365 * aDay)
	if had := c.passed(); had != time.Hour {
		t.Errorf("had %s, want the hour still", had)
	}
	up = -time.Hour
	if had := c.passed(); had != 0 {
		t.Errorf("had %s, want nothing: less than nothing cannot pass", had)
	}
}

// bareNode is a node that does not run, on a clock that stands still.
func bareNode(t *testing.T) *Node {
	t.Helper()
	c, err := Load(Flags{DataDir: t.TempDir(), GatewayListen: "127.0.0.1:0", ControlListen: "127.0.0.1:0"}, func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	c.Now = func() time.Time { return day }
	n, err := New(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return n
}

func TestKeysStayWhileNoExchangeOfTheConnectedConfirmsTheClock(t *testing.T) {
	const bybit, mexc = trading.AccountID("bybit:live"), trading.AccountID("mexc:live")
	right := trading.Lamp{SkewKnown: true, Skew: 300 * time.Millisecond, SkewAge: 30 * time.Second}
	wrong := trading.Lamp{SkewKnown: true, Skew: -1500 * time.Millisecond, SkewAge: 30 * time.Second}
	unread, old := trading.Lamp{}, right
	old.SkewAge = 3 * time.Minute
	early := right
	early.SkewAge = -time.Second
	for name, c := range map[string]struct {
		lamps       map[trading.AccountID]trading.Lamp
		holds, told bool
	}{
		"only paper":                       {nil, false, false},
		"one agrees":                       {map[trading.AccountID]trading.Lamp{bybit: right}, false, true},
		"one was never read":               {map[trading.AccountID]trading.Lamp{bybit: unread}, true, false},
		"one was read too long ago":        {map[trading.AccountID]trading.Lamp{bybit: old}, true, false},
		"one was read in what is to come":  {map[trading.AccountID]trading.Lamp{bybit: early}, true, false},
		"one differs":                      {map[trading.AccountID]trading.Lamp{bybit: wrong}, true, false},
		"one agrees, one differs":          {map[trading.AccountID]trading.Lamp{bybit: right, mexc: wrong}, true, false},
		"one agrees, one does not answer":  {map[trading.AccountID]trading.Lamp{bybit: unread, mexc: right}, false, true},
		"one differs, one does not answer": {map[trading.AccountID]trading.Lamp{bybit: unread, mexc: wrong}, true, false},
	} {
		n := bareNode(t)
		for id, lamp := range c.lamps {
			n.Hang(id, func() trading.Lamp { return lamp })
		}
		if had := n.clockTold(); had != c.told {
			t.Errorf("%s: the clock is told: %t, want %t", name, had, c.told)
		}
		if why := n.idempotency.holds(); (why != "") != c.holds {
			t.Errorf("%s: keys stay because %q, want that they stay: %t", name, why, c.holds)
		}
	}
}

func TestHealthTellsOfManyKeysAndNothingGoesToMakeRoom(t *testing.T) {
	n := bareNode(t)
	for count, want := range map[int]string{0: StateOK, manyKeys - 1: StateOK, manyKeys: StateDegraded, 3 * mostKeys: StateDegraded} {
		p := n.idempotency.tell(Part{State: StateOK}, count)
		if p.State != want || (p.Fix != "") != (want == StateDegraded) {
			t.Errorf("%d keys: had %+v, want %s", count, p, want)
		}
		if want == StateDegraded && !strings.Contains(p.Fix, "no key goes before its time") {
			t.Errorf("%d keys: had %q, want it said that nothing goes to make room", count, p.Fix)
		}
	}
}

func TestCrashTakesNoMoreThanAnHourOfWhatWasWatched(t *testing.T) {
	n := bareNode(t)
	minute := 0
	n.clock.read = func() (time.Time, time.Duration) {
		passed := time.Duration(minute) * time.Minute
		return day.Add(passed), passed
	}
	for minute = range 10 * 60 {
		n.idempotency.round(t.Context())
		next := &idempotency{n: n} // what a start would know if the program ended here
		if err := next.load(t.Context()); err != nil {
			t.Fatal(err)
		}
		if lost := time.Duration(minute)*time.Minute - next.before; lost < 0 || lost > time.Hour {
			t.Fatalf("after %d minutes %s would be forgotten, want an hour at most: a computer that is never shut down well would keep keys for ever", minute, lost)
		}
	}
	if flushes := n.Store.Flushes(); flushes > 20 {
		t.Errorf("had %d flushes in ten hours, want one an hour", flushes)
	}
}

func TestAgesThatCannotBeReadBeginAnew(t *testing.T) {
	n := bareNode(t)
	if err := n.Store.SetMeta(t.Context(), metaAges, `{"watched":`); err != nil {
		t.Fatal(err)
	}
	if err := n.idempotency.load(t.Context()); err != nil {
		t.Fatalf("had %v, want the program to start: keys then live longer", err)
	}
	if a := n.idempotency.known(); a.Watched != 0 || len(a.Marks) != 0 {
		t.Errorf("had %+v, want nothing known", a)
	}
}
