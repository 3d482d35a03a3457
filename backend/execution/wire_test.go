package execution_test

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hoox/backend/execution"
	"hoox/backend/objects"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

// Each test here asks one of the looks alone that an order is given before it leaves. They stand one behind the other, so an
// order that only the last one stops has passed a look that failed.

func TestPauseDeniesWhatWaitsBeforeItIsArmed(t *testing.T) {
	w := newWorld(t)
	began, letGo := w.held(filled)
	first := w.admit(false)
	<-began
	waiting := w.admit(false)
	w.state(risk.Reducing)
	letGo()
	w.until(first, trading.OrderFilled)
	if o := w.until(waiting, trading.OrderDenied); !o.ArmedAt.IsZero() || !strings.Contains(o.Reason, "paused") {
		t.Errorf("had it armed at %s and ended %q, want it denied before it was armed", o.ArmedAt, o.Reason)
	}
}

func TestHaltThatTheLedgerDoesNotKnowArmsNothing(t *testing.T) {
	w := newWorld(t)
	began, letGo := w.held(filled)
	first := w.admit(false)
	<-began
	waiting := w.admit(false)
	w.kill.Damage("the disk failed")
	letGo()
	w.until(first, trading.OrderFilled)
	if o := w.until(waiting, trading.OrderBlocked); !o.ArmedAt.IsZero() {
		t.Errorf("had it armed at %s, want it blocked before that: the halt in memory is ahead of the row", o.ArmedAt)
	}
}

func TestPauseBetweenIntentAndWireStopsTheEntry(t *testing.T) {
	w := newWorld(t)
	entry, receipt := w.write(false)
	w.state(risk.Reducing)
	w.Take(receipt.Armed)
	w.until(entry, trading.OrderBlocked)
	if w.wire.sent() != 0 {
		t.Fatal("an entry left after entries were paused")
	}
}

func TestOrderWhoseTimeEndsBetweenIntentAndWireNeverLeaves(t *testing.T) {
	w := newWorld(t)
	id, receipt := w.write(false)
	w.pass(2 * time.Minute)
	w.Take(receipt.Armed)
	w.until(id, trading.OrderExpired)
	if w.wire.sent() != 0 {
		t.Fatal("an order left after its deadline: an old price is somebody else's profit")
	}
}

// curious is an exchange at which something happens while it is asked for an order. It has none.
type curious struct {
	*stall
	meanwhile func()
}

func (c curious) Lookup(context.Context, trading.Order) (trading.Report, bool, error) {
	c.meanwhile()
	return trading.Report{}, false, nil
}

func TestWhatHappensWhileARestoredLedgerAsksStopsTheEntry(t *testing.T) {
	for name, c := range map[string]struct {
		meanwhile func(*yard)
		want      trading.OrderStatus
	}{
		"a halt": {func(y *yard) {
			if err := y.kill.Set(y.t.Context(), risk.Standing{State: risk.Halted, Reason: "test", Actor: "test"}); err != nil {
				y.t.Error(err)
			}
		}, trading.OrderBlocked},
		"its deadline": {func(y *yard) { y.now = y.now.Add(2 * time.Minute) }, trading.OrderExpired},
	} {
		t.Run(name, func(t *testing.T) {
			y := newYard(t)
			sent := 0
			y.wire.submit = func(o trading.Order) (trading.Report, error) { sent++; return at100(o, o.Qty, "1"), nil }
			y.spoil = func(p *execution.Parts) {
				p.AskSince = func() time.Time { return y.now.Add(-24 * time.Hour) }
				p.Venues[testnet] = curious{y.wire, func() { c.meanwhile(y) }}
			}
			y.restart()

			o := y.order(trading.Buy, "1", false, trading.Protection{})

			if sent != 0 || o.Status != c.want {
				t.Errorf("had %d sent and order %s, want none sent and %s: asking may take seconds, and nobody looked after it", sent, o.Status, c.want)
			}
		})
	}
}

func TestKillFileThatCannotBeReadStartsHalted(t *testing.T) {
	w := newWorld(t)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "KILL"), []byte("stop!"), 0o600); err != nil {
		t.Fatal(err)
	}
	again := execution.NewSwitch(w.db, objects.NewKillFile(dir), w.clock, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err := again.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := again.Standing(); s.State != risk.Halted || !strings.Contains(s.Reason, "cannot be read") {
		t.Errorf("had %+v, want halted: somebody put the file there to stop trading", s)
	}
}

func TestLedgerThatCannotBeWrittenIsNotReleased(t *testing.T) {
	w := newWorld(t)
	w.kill.Damage("the disk failed")
	err := w.kill.Set(t.Context(), risk.Standing{State: risk.Active, Actor: "test"})
	if s := w.kill.Standing(); trading.KindOf(err) != trading.Conflict || s.State != risk.Halted {
		t.Errorf("had %v and %+v, want Conflict and halted: what is sent now is written down nowhere", err, s)
	}
}

func TestHaltEndsWhatAnAdapterAsksBeforeItSends(t *testing.T) {
	for name, c := range map[string]struct {
		state      risk.State
		reduceOnly bool
		want       trading.OrderStatus
	}{
		"entry under a halt":  {risk.Halted, false, trading.OrderBlocked},
		"entry under a pause": {risk.Reducing, false, trading.OrderDenied},
		"close under a halt":  {risk.Halted, true, trading.OrderFilled},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			asking, answer := make(chan struct{}, 1), make(chan struct{})
			w.wire.before = func(ctx context.Context) error {
				select {
				case asking <- struct{}{}:
				default:
				}
				select {
				case <-answer:
					return nil
				case <-ctx.Done():
					return trading.Errorf(trading.Unavailable, "the leverage could not be read")
				}
			}
			id := w.admit(c.reduceOnly)
			<-asking
			w.state(c.state)
			if c.reduceOnly {
				close(answer)
			}
			w.pass(10 * time.Second)
			o := w.until(id, c.want)
			if sent := w.wire.sent() > 0; sent != (c.want == trading.OrderFilled) {
				t.Errorf("the order ended %s (%s) and left: %t; what the kill switch stops must not leave because its adapter was still asking something", o.Status, o.Reason, sent)
			}
		})
	}
}
