package alarm_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hoox/backend/alarm"
)

// memory is a store of alarms that keeps them in memory.
type memory struct {
	mu     sync.Mutex
	alarms []*alarm.Alarm
	told   map[string]int64
	at     map[string]time.Time
}

func (m *memory) raise(kind alarm.Kind, subject string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, a := range m.alarms {
		if a.Kind == kind && a.Subject == subject {
			a.Count++
			return
		}
	}
	m.alarms = append(m.alarms, &alarm.Alarm{ID: int64(len(m.alarms) + 1), Kind: kind, Subject: subject, Count: 1})
}

func place(channel string, id int64) string { return fmt.Sprint(channel, " ", id) }

func (m *memory) DueAlarms(_ context.Context, channel string, after time.Time) ([]alarm.Due, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []alarm.Due
	for _, a := range m.alarms {
		at := place(channel, a.ID)
		if fresh := a.Count - m.told[at]; fresh > 0 && !m.at[at].After(after) {
			list = append(list, alarm.Due{Alarm: *a, Fresh: fresh})
		}
	}
	return list, nil
}

func (m *memory) AlarmTold(_ context.Context, channel string, d alarm.Due, at time.Time) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.told[place(channel, d.ID)], m.at[place(channel, d.ID)] = d.Count, at
	return nil
}

// ear is a channel that remembers what it heard.
type ear struct {
	name  string
	mu    sync.Mutex
	heard []string
	tried int
	// down is what happens instead of hearing; nil while the channel is well.
	down func(ctx context.Context) error
}

func (e *ear) Name() string { return e.name }

func (e *ear) Ring(ctx context.Context, d alarm.Due) error {
	e.mu.Lock()
	e.tried++
	down := e.down
	e.mu.Unlock()
	if down != nil {
		return down(ctx)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.heard = append(e.heard, fmt.Sprintf("%s %s %d/%d", d.Kind, d.Subject, d.Fresh, d.Count))
	return nil
}

func (e *ear) set(down func(context.Context) error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.down = down
}

func (e *ear) all() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return strings.Join(e.heard, ", ")
}

// ringing runs a bell over channels until the test ends.
func ringing(t *testing.T, channels ...alarm.Channel) (*alarm.Bell, *memory) {
	m := &memory{told: map[string]int64{}, at: map[string]time.Time{}}
	b := alarm.NewBell(m, time.Now, slog.New(slog.DiscardHandler))
	for _, c := range channels {
		b.Add(c)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Serve(ctx) }()
	synctest.Wait()
	t.Cleanup(func() { cancel(); <-done })
	return b, m
}

// TestAnAlarmReachesEveryChannelAtOnce is item L6.
func TestAnAlarmReachesEveryChannelAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		window, bot := &ear{name: "window"}, &ear{name: "bot"}
		b, m := ringing(t, window, bot)
		m.raise(alarm.Halted, "")
		b.Wake()
		synctest.Wait()
		if window.all() != "halted  1/1" || bot.all() != "halted  1/1" {
			t.Fatalf("had %q and %q, want the alarm on both", window.all(), bot.all())
		}
	})
}

// TestAStormOfOneAlarmIsFoldedAndCounted is item K8: at most one notice in 30 s, and nothing dropped.
func TestAStormOfOneAlarmIsFoldedAndCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bot := &ear{name: "bot"}
		b, m := ringing(t, bot)
		for range 60 {
			for range 100 {
				m.raise(alarm.KeyConflict, "webhook")
			}
			m.raise(alarm.Disk, "data")
			b.Wake()
			synctest.Wait()
			<-time.After(time.Second)
		}
		<-time.After(time.Minute)
		synctest.Wait()
		told, fresh := 0, 0
		for _, h := range strings.Split(bot.all(), ", ") {
			var n, count int
			if _, err := fmt.Sscanf(h, "key_conflict webhook %d/%d", &n, &count); err == nil {
				told, fresh = told+1, fresh+n
			}
		}
		if told > 5 || fresh != 6000 {
			t.Errorf("%d notices told of %d alarms, want at most 5 for all 6000: %s", told, fresh, bot.all())
		}
	})
}

func TestAChannelThatIsDownGetsItsAlarmsLaterAndHoldsUpNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, down := range map[string]func(context.Context) error{
			"refuses": func(context.Context) error { return errors.New("no network") },
			"hangs":   func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
			"panics":  func(context.Context) error { panic("no window") },
		} {
			bot, log := &ear{name: "bot", down: down}, &ear{name: "log"}
			b, m := ringing(t, bot, log)
			m.raise(alarm.Drift, "x")
			m.raise(alarm.Drift, "y")
			b.Wake()
			synctest.Wait()
			if log.all() != "drift x 1/1, drift y 1/1" {
				t.Errorf("%s: the other channel heard %q: one that is down must not hold it up", name, log.all())
			}
			<-time.After(time.Hour)
			synctest.Wait()
			if s := b.States()[0]; s.Failed == nil || s.Since.IsZero() {
				t.Errorf("%s: had %+v, want the channel shown as down", name, s)
			}
			if bot.tried > 30 {
				t.Errorf("%s: tried %d times in an hour, want longer and longer pauses", name, bot.tried)
			}
			bot.set(nil)
			<-time.After(11 * time.Minute)
			synctest.Wait()
			if s := b.States()[0]; bot.all() != "drift x 1/1, drift y 1/1" || s.Failed != nil || s.Told.IsZero() {
				t.Errorf("%s: heard %q (%+v), want both alarms once it is up again", name, bot.all(), s)
			}
		}
	})
}

func TestAShoutNeedsNoStore(t *testing.T) {
	bot, sulks := &ear{name: "bot"}, &ear{name: "sulks", down: func(context.Context) error { return errors.New("no") }}
	b := alarm.NewBell(nil, time.Now, slog.New(slog.DiscardHandler))
	b.Add(sulks)
	b.Add(bot)
	b.Shout(t.Context(), alarm.Alarm{Kind: alarm.Ledger, Subject: "damaged"})
	if bot.all() != "ledger damaged 1/1" || b.States()[0].Failed == nil {
		t.Errorf("heard %q", bot.all())
	}
}

func TestTheLogIsAChannelAtErrorLevel(t *testing.T) {
	var out strings.Builder
	c := alarm.LogChannel{Log: slog.New(slog.NewJSONHandler(&out, nil))}
	err := c.Ring(t.Context(), alarm.Due{Alarm: alarm.Alarm{Kind: alarm.Disk, Subject: "data", Text: "12 MiB free\nforged", Fix: "free space", Count: 3}, Fresh: 2})
	for _, want := range []string{`"level":"ERROR"`, `"kind":"disk"`, `12 MiB free\nforged`, `"times":3`, `"new":2`} {
		if err != nil || !strings.Contains(out.String(), want) {
			t.Errorf("had %v %s, want %s in it", err, out.String(), want)
		}
	}
}

func TestAChannelForWhichNothingWaitsIsNotCalledDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bot := &ear{name: "bot", down: func(context.Context) error { return errors.New("no network") }}
		b, m := ringing(t, bot)
		m.raise(alarm.Drift, "x")
		b.Wake()
		synctest.Wait()
		if s := b.States()[0]; s.Failed == nil {
			t.Fatalf("had %+v, want the channel down", s)
		}
		m.mu.Lock()
		m.alarms = nil // a person has acknowledged it in the window
		m.mu.Unlock()
		<-time.After(11 * time.Minute)
		synctest.Wait()
		if s := b.States()[0]; s.Failed != nil {
			t.Errorf("had %+v: Health would complain of a channel until the next alarm", s)
		}
	})
}

// empty is a channel at whose other end nobody may be.
type empty struct {
	*ear
	nobody bool
}

func (e *empty) Resting() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.nobody
}

func TestAChannelWithNobodyAtItsEndIsNoneUntilSomebodyIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &memory{told: map[string]int64{}, at: map[string]time.Time{}}
		e := &empty{ear: &ear{name: "phone"}, nobody: true}
		b := alarm.NewBell(store, time.Now, slog.New(slog.DiscardHandler))
		b.Add(e)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- b.Serve(ctx) }()
		store.raise(alarm.Disk, "disk")
		b.Wake()
		synctest.Wait()
		if len(e.heard) != 0 || len(b.States()) != 0 {
			t.Errorf("heard %v with the states %v: nobody is there", e.heard, b.States())
		}
		e.mu.Lock()
		e.nobody = false
		e.mu.Unlock()
		<-time.After(time.Minute)
		synctest.Wait()
		if len(e.heard) != 1 || len(b.States()) != 1 {
			t.Errorf("heard %v with the states %v: what is open is told to who came since", e.heard, b.States())
		}
		cancel()
		<-done
	})
}
