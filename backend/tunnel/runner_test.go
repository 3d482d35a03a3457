package tunnel_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"hoox/backend/trading"
	"hoox/backend/tunnel"
)

// rehearse runs a tunnel whose kind the test plays, with simulated time.
func rehearse(t *testing.T, c tunnel.Config, play func(ctx context.Context, a tunnel.Attempt) error, test func(s *stage)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := set(t, c)
		s.parts.Jitter = func(most time.Duration) time.Duration { return most - 1 }
		s.edit = func(r *tunnel.Runner) { r.SetWay(play) }
		test(s)
		s.runner = nil
	})
}

// wait lets simulated time pass.
func wait(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}

var proxied = tunnel.Config{Kind: tunnel.None, Hostname: "hooks.example.com"}

// log keeps when things happened.
type log struct {
	mu sync.Mutex
	at []time.Time
}

func (l *log) note() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.at = append(l.at, time.Now())
	return len(l.at)
}

func (l *log) moments() []time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]time.Time(nil), l.at...)
}

func (l *log) pauses() []time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []time.Duration
	for i := 1; i < len(l.at); i++ {
		out = append(out, l.at[i].Sub(l.at[i-1]).Round(time.Millisecond))
	}
	return out
}

func TestPausesDoubleFromASecondToAMinute(t *testing.T) {
	starts := &log{}
	play := func(context.Context, tunnel.Attempt) error {
		starts.note()
		return errors.New("broke")
	}
	rehearse(t, proxied, play, func(s *stage) {
		defer s.start()()
		wait(5 * time.Minute)

		had, want := starts.pauses(), []time.Duration{2, 4, 8, 16, 32, 60, 60, 60}
		for i := range want {
			if i >= len(had) || had[i] != want[i]*time.Second {
				t.Fatalf("pauses were %v, want %v s: too short hammers the service, too long loses alerts", had, want)
			}
		}
		state := s.runner.State()
		if state.Phase != tunnel.Down || state.Detail != "broke" || state.Restarts != 8 || !state.Next.After(time.Now()) {
			t.Errorf("had %+v, want down, why, 8 restarts and when the next comes", state)
		}
	})
}

func TestPausesAreJitteredWithinTheirBounds(t *testing.T) {
	for name, jitter := range map[string]func(time.Duration) time.Duration{
		"least": func(time.Duration) time.Duration { return 0 }, "random": nil,
	} {
		starts := &log{}
		play := func(context.Context, tunnel.Attempt) error {
			starts.note()
			return errors.New("broke")
		}
		rehearse(t, proxied, play, func(s *stage) {
			s.parts.Jitter = jitter
			defer s.start()()
			wait(10 * time.Minute)

			pauses := starts.pauses()
			if len(pauses) < 10 {
				t.Fatalf("%s: %d pauses in 10 minutes, want at least 10", name, len(pauses))
			}
			for _, p := range pauses {
				if p < time.Second || p > time.Minute {
					t.Errorf("%s: a pause was %s, want 1 s to 60 s", name, p)
				}
			}
		})
	}
}

func TestPauseBeginsAnewAfterAStableMinuteOnly(t *testing.T) {
	for name, c := range map[string]struct {
		life time.Duration
		want time.Duration
	}{
		"stable": {61 * time.Second, 2 * time.Second}, "not yet": {50 * time.Second, 16 * time.Second},
	} {
		var ends, starts log
		play := func(ctx context.Context, a tunnel.Attempt) error {
			if starts.note() == 4 {
				a.Ready("https://hooks.example.com")
				<-time.After(c.life)
				ends.note()
			}
			return errors.New("broke")
		}
		rehearse(t, proxied, play, func(s *stage) {
			defer s.start()()
			wait(3 * time.Minute)

			began := starts.moments()
			if len(began) < 5 {
				t.Fatalf("%s: %d starts, want 5", name, len(began))
			}
			if pause := began[4].Sub(ends.moments()[0]).Round(time.Millisecond); pause != c.want {
				t.Errorf("%s: after %s up it waited %s, want %s", name, c.life, pause, c.want)
			}
		})
	}
}

func TestWhatOnlyAPersonCanChangeIsNotTriedAgainEverySecondButAtOnceWhenAsked(t *testing.T) {
	starts := &log{}
	play := func(context.Context, tunnel.Attempt) error {
		starts.note()
		return tunnel.Refuse("not installed")
	}
	rehearse(t, proxied, play, func(s *stage) {
		defer s.start()()
		wait(59 * time.Second)
		if n := len(starts.pauses()); n != 0 {
			t.Errorf("tried %d times again within a minute: some servers lock out who knocks so often", n)
		}
		if fix := s.runner.State().Fix; fix != "do something" {
			t.Errorf("Fix is %q, want what a person can do", fix)
		}
		s.runner.Again()
		synctest.Wait()
		if n := len(starts.pauses()); n != 1 {
			t.Errorf("had %d starts after a person asked for one, want one more at once", n+1)
		}
	})
}

func TestTunnelThatMayNotCarryLiveRunsOnlyWhileNothingIsLive(t *testing.T) {
	plain := tunnel.Config{Kind: tunnel.None, Hostname: "http://hooks.example.com"}
	starts := &log{}
	play := func(ctx context.Context, a tunnel.Attempt) error {
		starts.note()
		a.Ready("http://hooks.example.com")
		<-ctx.Done()
		return ctx.Err()
	}
	rehearse(t, plain, play, func(s *stage) {
		s.live.set(true)
		defer s.start()()
		wait(5 * time.Second)
		if n := len(starts.moments()); n != 0 {
			t.Errorf("started %d times although an account is live", n)
		}
		state := s.runner.State()
		if state.Phase != tunnel.Down || !strings.Contains(state.Detail, "not encrypted") || state.Fix == "" {
			t.Errorf("had %+v, want down with the reason and what to do", state)
		}
		if err := s.runner.MayCarryLive(); trading.KindOf(err) != trading.Refused {
			t.Errorf("MayCarryLive: had %v, want Refused: going live must be stopped by it", err)
		}

		s.live.set(false)
		s.runner.Again()
		synctest.Wait()
		if state := s.runner.State(); state.Phase != tunnel.Up {
			t.Errorf("had %+v, want up: nothing is live", state)
		}
		s.live.set(true)
		wait(2 * time.Second)
		if state := s.runner.State(); state.Phase != tunnel.Down {
			t.Errorf("had phase %s 2 s after an account went live, want the tunnel stopped", state.Phase)
		}
	})
}

func TestTunnelThatDoesNotConnectOrStaysWithoutConnectionIsStartedAnew(t *testing.T) {
	starts := &log{}
	play := func(ctx context.Context, a tunnel.Attempt) error {
		if starts.note() > 1 {
			a.Ready("https://hooks.example.com")
			a.Lost("no route")
		}
		<-ctx.Done()
		return ctx.Err()
	}
	rehearse(t, proxied, play, func(s *stage) {
		defer s.start()()
		wait(59 * time.Second)
		if state := s.runner.State(); state.Phase != tunnel.Starting {
			t.Errorf("had %s after 59 s, want it to be given a minute to connect", state.Phase)
		}
		wait(2 * time.Second)
		if state := s.runner.State(); state.Phase != tunnel.Down || !strings.Contains(state.Detail, "not connected after 1m") {
			t.Errorf("had %+v after a minute without connection, want down and why", state)
		}
		wait(5 * time.Second)
		if state := s.runner.State(); state.Phase != tunnel.Degraded || state.Detail != "no route" {
			t.Errorf("had %+v, want degraded with the reason", state)
		}
		wait(91 * time.Second)
		if n := len(starts.moments()); n != 3 {
			t.Errorf("had %d starts, want a third after 90 s without connection: some programs never recover", n)
		}
	})
}

func TestShortLossIsShownAndOverWhenItIsOver(t *testing.T) {
	play := func(ctx context.Context, a tunnel.Attempt) error {
		a.Ready("https://hooks.example.com")
		<-time.After(10 * time.Second)
		a.Lost("no route")
		<-time.After(10 * time.Second)
		a.Found()
		<-ctx.Done()
		return ctx.Err()
	}
	rehearse(t, proxied, play, func(s *stage) {
		defer s.start()()
		for _, want := range []tunnel.Phase{tunnel.Up, tunnel.Degraded, tunnel.Up} {
			wait(9 * time.Second)
			if had := s.runner.State().Phase; had != want {
				t.Errorf("had %s, want %s", had, want)
			}
		}
		if n := s.runner.State().Restarts; n != 0 {
			t.Errorf("restarted %d times for a loss that passed by itself", n)
		}
	})
}

// world answers questions through the public address.
type world struct {
	mu   sync.Mutex
	says error
	asks log
}

func (w *world) ask(context.Context, string) error {
	w.asks.note()
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.says
}

func (w *world) say(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.says = err
}

func upTo(ctx context.Context, a tunnel.Attempt) error {
	a.Ready("https://hooks.example.com")
	<-ctx.Done()
	return ctx.Err()
}

func TestOnlyAnAnswerThroughThePublicAddressCountsAsUp(t *testing.T) {
	w := &world{says: tunnel.Refuse("nobody there")}
	rehearse(t, proxied, upTo, func(s *stage) {
		s.parts.Probe = w.ask
		defer s.start()()
		wait(20 * time.Second)
		if state := s.runner.State(); state.Phase != tunnel.Starting {
			t.Errorf("had %s after 20 s, want starting: a new name takes a while until the world knows it", state.Phase)
		} else if !strings.Contains(state.Detail, "nobody there") || state.Fix != "do something" {
			t.Errorf("had %q, fix %q: want what is wrong so far, for whoever sits in front of it", state.Detail, state.Fix)
		}
		wait(20 * time.Second)
		if state := s.runner.State(); state.Phase != tunnel.Degraded || !strings.Contains(state.Detail, "nobody there") || state.Fix != "do something" {
			t.Errorf("had %+v, want degraded: the tunnel says that it is connected, but nothing comes through", state)
		}

		w.say(nil)
		wait(4 * time.Second)
		state := s.runner.State()
		if state.Phase != tunnel.Up || state.Proved.IsZero() {
			t.Errorf("had %+v, want up once an answer came back", state)
		}
		before := len(w.asks.moments())
		wait(10 * time.Minute)
		if n := len(w.asks.moments()) - before; n < 9 || n > 10 {
			t.Errorf("asked %d times in 10 minutes, want once a minute", n)
		}

		w.say(errors.New("gone"))
		wait(63 * time.Second)
		wait(4 * time.Second)
		if state := s.runner.State(); state.Phase != tunnel.Degraded {
			t.Errorf("had %s, want degraded after two questions without answer", state.Phase)
		}
		if n := s.runner.State().Restarts; n != 0 {
			t.Errorf("restarted %d times: a new start gives a quick tunnel a new address and cures no name server", n)
		}
	})
}

func TestQuestionsThroughNgrokAreRareBecauseTheyAreCounted(t *testing.T) {
	w := &world{}
	rehearse(t, tunnel.Config{Kind: tunnel.Ngrok}, upTo, func(s *stage) {
		s.parts.Probe = w.ask
		defer s.start()()
		wait(24 * time.Hour)
		if n := len(w.asks.moments()); n > 300 {
			t.Errorf("asked %d times in a day: a free account has 20,000 requests a month for everything", n)
		}
	})
}

func TestTunnelThatIsAwayForTenSecondsIsAnAlarmOnceEachTime(t *testing.T) {
	aways := []time.Duration{0, 5, 40, 5, 30}
	var lives log
	play := func(ctx context.Context, a tunnel.Attempt) error {
		n := lives.note()
		if n > len(aways) {
			<-ctx.Done()
			return ctx.Err()
		}
		<-time.After(aways[n-1] * time.Second)
		a.Ready("https://hooks.example.com")
		<-time.After(2 * time.Minute)
		return errors.New("broke")
	}
	rehearse(t, proxied, play, func(s *stage) {
		defer s.start()()
		wait(15 * time.Minute)

		raised := s.alarms.of(tunnel.TunnelDown)
		if len(raised) != 3 {
			t.Fatalf("had %d alarms, want 3: after 40 s, 30 s and the end, however often it is tried again then, and none after 5 s (TradingView tries again for about 15 s)", len(raised))
		}
		for i, life := range []int{3, 5} {
			broke := lives.moments()[life-1].Add(-2 * time.Second)
			if late := raised[i].At.Sub(broke).Round(time.Second); late != 10*time.Second {
				t.Errorf("alarm %d came %s after the break, want 10s", i, late)
			}
		}
	})
}

func TestStopTakesTheTunnelDownAndSaysSo(t *testing.T) {
	rehearse(t, proxied, upTo, func(s *stage) {
		stop := s.start()
		wait(time.Second)
		stop()
		if state := s.runner.State(); state.Phase != tunnel.Off {
			t.Errorf("had %s after a stop, want off", state.Phase)
		}
		if n := len(s.alarms.of(tunnel.TunnelDown)); n != 0 {
			t.Errorf("a stop raised %d alarms", n)
		}
	})
}
