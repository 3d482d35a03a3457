package execution_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"hoox/backend/execution"
	"hoox/backend/objects"
	"hoox/backend/risk"
	"hoox/backend/trading"
)

func (w *world) state(s risk.State) {
	w.t.Helper()
	if err := w.kill.Set(w.t.Context(), risk.Standing{State: s, Reason: "test", Actor: "test"}); err != nil {
		w.t.Fatal(err)
	}
}

// held makes the exchange take an order in and keep the answer until it is let go; began tells that one is on the wire.
func (w *world) held(answer func(o trading.Order) (trading.Report, error)) (began <-chan struct{}, letGo func()) {
	on, hold := make(chan struct{}, 10), make(chan struct{})
	w.wire.submit = func(o trading.Order) (trading.Report, error) {
		on <- struct{}{}
		<-hold
		return answer(o)
	}
	return on, func() { close(hold) }
}

// tried waits until the one job there is has been put off.
func (w *world) tried() {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.t.Context(), time.Minute)
	defer cancel()
	for {
		jobs, _, _, _, err := w.db.JobList(ctx, trading.Page{})
		if err != nil || len(jobs) != 1 {
			w.t.Fatalf("had %+v %v, want one job still there", jobs, err)
		}
		if jobs[0].Attempts > 0 {
			return
		}
	}
}

func accepted(o trading.Order) (trading.Report, error) {
	return trading.Report{OrderID: o.ID, ExchangeID: "x" + string(o.ID), Status: trading.OrderAccepted, At: o.CreatedAt}, nil
}

func TestEntryOnTheWireAtTheHaltIsCanceledWhenItRests(t *testing.T) {
	w := newWorld(t)
	began, letGo := w.held(accepted)
	w.wire.cancel = func(o trading.Order) (trading.Report, error) {
		return trading.Report{OrderID: o.ID, Status: trading.OrderCanceled, At: w.clock()}, nil
	}
	id := w.admit(false)
	<-began
	w.state(risk.Halted)
	letGo()
	w.until(id, trading.OrderCanceled)
	list, err := w.kill.Progress(t.Context())
	if err != nil || len(list) != 1 || list[0].Asked != 1 || list[0].Confirmed != 1 {
		t.Errorf("had %+v %v, want the late cancel shown with the others", list, err)
	}
}

func TestUnknownEntryFoundRestingUnderAHaltIsCanceled(t *testing.T) {
	w := newWorld(t)
	w.wire.submit = func(trading.Order) (trading.Report, error) {
		return trading.Report{}, trading.Errorf(trading.Unknown, "timeout")
	}
	w.wire.lookup = func(o trading.Order) (trading.Report, bool, error) { r, err := accepted(o); return r, true, err }
	w.wire.cancel = func(o trading.Order) (trading.Report, error) {
		return trading.Report{OrderID: o.ID, Status: trading.OrderCanceled, At: w.clock()}, nil
	}
	id := w.admit(false)
	w.until(id, trading.OrderUnknown)
	w.state(risk.Halted)
	w.pass(time.Second)
	w.until(id, trading.OrderCanceled)
}

func TestEntryThatComesBackUnderAHaltNeverFiresAfterTheRelease(t *testing.T) {
	for name, early := range map[string]bool{"released before it came back": true, "released after it came back": false} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			began, letGo := w.held(func(trading.Order) (trading.Report, error) {
				return trading.Report{}, trading.Errorf(trading.Unavailable, "no route")
			})
			id := w.admit(false)
			<-began
			w.pass(time.Millisecond)
			w.state(risk.Halted)
			if early {
				w.state(risk.Active)
			}
			letGo()
			w.until(id, trading.OrderBlocked)
			if !early {
				w.state(risk.Active)
			}
			w.pass(2 * time.Second)
			w.until(id, trading.OrderBlocked)
			if w.wire.sent() != 1 {
				t.Fatalf("%d submits, want 1: what was in the line at the halt must not fire after the release", w.wire.sent())
			}
		})
	}
}

func TestHaltAndReleaseBetweenIntentAndWireStopTheEntry(t *testing.T) {
	w := newWorld(t)
	order, receipt := w.write(false)
	if len(receipt.Armed) != 1 {
		t.Fatalf("had %+v, want it armed", receipt)
	}
	w.pass(time.Millisecond)
	w.state(risk.Halted)
	w.state(risk.Active)
	w.Take(receipt.Armed)
	w.until(order, trading.OrderBlocked)
	if w.wire.sent() != 0 {
		t.Fatal("an order that was armed before the halt left after it")
	}
	w.pass(time.Millisecond)
	w.until(w.admit(false), trading.OrderFilled) // the next one is new
}

func TestReportThatTheLedgerRefusesLeavesTheOrderInDoubt(t *testing.T) {
	w := newWorld(t)
	w.wire.submit = func(o trading.Order) (trading.Report, error) {
		r, err := filled(o)
		r.Fills[0].ID = ""
		return r, err
	}
	w.wire.lookup = func(o trading.Order) (trading.Report, bool, error) { r, err := filled(o); return r, true, err }
	id := w.admit(false)
	w.until(id, trading.OrderUnknown)
	w.pass(time.Second)
	w.until(id, trading.OrderFilled)
}

func TestPanicOfAnAdapterLeavesTheOrderInDoubt(t *testing.T) {
	w := newWorld(t)
	w.wire.submit = func(trading.Order) (trading.Report, error) { panic("index out of range") }
	w.wire.lookup = func(o trading.Order) (trading.Report, bool, error) { r, err := filled(o); return r, true, err }
	id := w.admit(false)
	w.until(id, trading.OrderUnknown)
	w.pass(time.Second)
	w.until(id, trading.OrderFilled)
	if w.wire.sent() != 1 {
		t.Fatalf("%d submits, want 1", w.wire.sent())
	}
}

func TestOutcomesThatNobodyCouldClassifyCountAsUnknown(t *testing.T) {
	w := newWorld(t)
	w.wire.submit = func(trading.Order) (trading.Report, error) { return trading.Report{}, errors.New("code 31337") }
	w.wire.lookup = func(trading.Order) (trading.Report, bool, error) { return trading.Report{}, false, nil }
	for range 4 {
		id := w.admit(false)
		w.until(id, trading.OrderUnknown)
		w.pass(time.Second)
		w.until(id, trading.OrderNotPlaced)
	}
	if s := w.kill.Standing(); s.State != risk.Halted {
		t.Fatalf("had %+v, want halted by itself", s)
	}
}

func TestCloseLeavesWhileAnEntryWaitsBehindADoubt(t *testing.T) {
	w := newWorld(t)
	began, letGo := w.held(func(trading.Order) (trading.Report, error) {
		return trading.Report{}, trading.Errorf(trading.Unknown, "timeout")
	})
	w.wire.lookup = func(trading.Order) (trading.Report, bool, error) {
		return trading.Report{}, false, errors.New("silent")
	}
	first := w.admit(false)
	<-began
	waiting, early := w.admit(false), w.admit(true)
	letGo()
	w.until(first, trading.OrderUnknown)
	w.until(early, trading.OrderUnknown) // it left, and this exchange answers nothing
	late := w.admit(true)
	w.until(late, trading.OrderUnknown)
	w.until(waiting, trading.OrderCreated)
}

func TestWaitingOrderWhoseSecondLookFailsIsLookedAtAgain(t *testing.T) {
	w := newWorld(t)
	began, letGo := w.held(filled)
	first := w.admit(false)
	<-began
	second := w.admit(false)
	var broken atomic.Bool
	broken.Store(true)
	w.Limits = func(trading.AccountID) risk.Limits {
		if broken.Load() {
			panic("no limits at hand")
		}
		return risk.Limits{Enabled: true}
	}
	letGo()
	w.until(first, trading.OrderFilled)
	w.tried()
	broken.Store(false)
	w.pass(30 * time.Second)
	w.until(second, trading.OrderFilled)
}

func TestStartUnderAHaltFinishesWhatTheHaltBegan(t *testing.T) {
	w := newWorld(t)
	w.wire.submit = accepted
	w.wire.cancel = func(o trading.Order) (trading.Report, error) {
		return trading.Report{OrderID: o.ID, Status: trading.OrderCanceled, At: w.clock()}, nil
	}
	resting := w.admit(false)
	w.until(resting, trading.OrderAccepted)
	w.wire.submit = func(trading.Order) (trading.Report, error) {
		return trading.Report{}, trading.Errorf(trading.Unavailable, "no route")
	}
	waiting := w.admit(false)
	w.until(waiting, trading.OrderCreated)

	// The program ended after the file was written and before the row was.
	dir := t.TempDir()
	file := objects.NewKillFile(dir)
	if err := file.Write(risk.Standing{State: risk.Halted, Reason: "panic button", Actor: "me", Since: w.clock()}); err != nil {
		t.Fatal(err)
	}
	again := execution.NewSwitch(w.db, file, w.clock, slog.New(slog.NewTextHandler(t.Output(), nil)))
	again.OnQueue(w.queue.Wake)
	if err := again.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := again.Standing(); s.State != risk.Halted || s.Reason != "panic button" {
		t.Errorf("had %+v, want halted with its reason", s)
	}
	w.until(waiting, trading.OrderBlocked)
	w.until(resting, trading.OrderCanceled)
	if s, err := w.db.Standing(t.Context()); err != nil || s.State != risk.Halted {
		t.Errorf("the row says %+v %v in %s, want halted as the file does", s, err, filepath.Base(dir))
	}
}

func TestAccountThatWasSilentAtStartOpensOnceItAnswers(t *testing.T) {
	w := newWorld(t)
	w.wire.silent = errors.New("no route")
	if err := w.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	if w.Ready(account) == nil {
		t.Fatal("the account is open and nobody has seen it")
	}
	w.wire.mu.Lock()
	w.wire.silent = nil
	w.wire.mu.Unlock()
	w.Reconcile(context.WithoutCancel(t.Context()))
	if err := w.Ready(account); err != nil {
		t.Fatalf("had %v, want it open: it answers now", err)
	}
}

func TestPanicWhileAskingIsNotTheEndOfAsking(t *testing.T) {
	w := newWorld(t)
	w.wire.submit = func(trading.Order) (trading.Report, error) {
		return trading.Report{}, trading.Errorf(trading.Unknown, "timeout")
	}
	asked := make(chan bool, 10)
	w.wire.lookup = func(o trading.Order) (trading.Report, bool, error) {
		asked <- true
		if len(asked) == 1 {
			panic("index out of range")
		}
		r, err := filled(o)
		return r, true, err
	}
	id := w.admit(false)
	w.until(id, trading.OrderUnknown)
	w.pass(time.Second)
	w.tried()
	w.pass(2 * time.Minute)
	w.until(id, trading.OrderFilled)
}

func TestRecoveryGoesOnAskingWhatHadBeenGivenUp(t *testing.T) {
	w := newWorld(t)
	silent := func(trading.Order) (trading.Report, bool, error) {
		return trading.Report{}, false, errors.New("silent")
	}
	w.wire.submit = func(trading.Order) (trading.Report, error) {
		return trading.Report{}, trading.Errorf(trading.Unknown, "timeout")
	}
	w.wire.lookup = silent
	id := w.admit(false)
	w.until(id, trading.OrderUnknown)
	jobs, _, _, _, err := w.db.JobList(t.Context(), trading.Page{})
	if err != nil || len(jobs) != 1 {
		t.Fatalf("had %+v %v, want the resolve job", jobs, err)
	}
	if err := w.db.Bury(t.Context(), jobs[0].ID, "given up"); err != nil {
		t.Fatal(err)
	}
	if err := w.Recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.wire.lookup = func(o trading.Order) (trading.Report, bool, error) { r, err := filled(o); return r, true, err }
	w.pass(2 * time.Minute)
	w.until(id, trading.OrderFilled)
}

func TestPanicBeforeTheWireLeavesTheOrderInDoubt(t *testing.T) {
	w := newWorld(t)
	w.wire.lookup = func(trading.Order) (trading.Report, bool, error) { return trading.Report{}, false, nil }
	w.Limits = func(trading.AccountID) risk.Limits { panic("no limits at hand") }
	id := w.admit(false)
	w.until(id, trading.OrderUnknown)
	w.pass(time.Second)
	w.until(id, trading.OrderNotPlaced)
	if w.wire.sent() != 0 {
		t.Fatalf("%d submits, want none", w.wire.sent())
	}
}

func TestEntryThatTheStreamShowsRestingUnderAHaltIsCanceled(t *testing.T) {
	w := newWorld(t)
	w.wire.submit = func(trading.Order) (trading.Report, error) {
		return trading.Report{}, trading.Errorf(trading.Unknown, "timeout")
	}
	w.wire.lookup = func(trading.Order) (trading.Report, bool, error) {
		return trading.Report{}, false, errors.New("silent")
	}
	w.wire.cancel = func(o trading.Order) (trading.Report, error) {
		return trading.Report{OrderID: o.ID, Status: trading.OrderCanceled, At: w.clock()}, nil
	}
	o := w.until(w.admit(false), trading.OrderUnknown)
	w.state(risk.Halted)
	r, _ := accepted(o)
	if err := w.Record(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	w.until(o.ID, trading.OrderCanceled)
}

func TestOrderThatShowsUpAfterItWasProvenAbsentHaltsEverything(t *testing.T) {
	w := newWorld(t)
	w.wire.submit = func(trading.Order) (trading.Report, error) {
		return trading.Report{}, trading.Errorf(trading.Unknown, "timeout")
	}
	w.wire.lookup = func(trading.Order) (trading.Report, bool, error) { return trading.Report{}, false, nil }
	id := w.admit(false)
	w.until(id, trading.OrderUnknown)
	w.pass(time.Second)
	o := w.until(id, trading.OrderNotPlaced)
	r, _ := filled(o)
	if err := w.Record(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if s := w.kill.Standing(); s.State != risk.Halted || s.Actor != "automatic trip" {
		t.Fatalf("had %+v, want halted by itself: the proofs of this exchange are worth nothing", s)
	}
	w.until(id, trading.OrderFilled)
}
