package execution_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"hoox/backend/execution"
	"hoox/backend/objects"
	"hoox/backend/risk"
	"hoox/backend/sqlite"
	"hoox/backend/trading"
)

// fullDisk is a ledger that cannot write a trading state for a while.
type fullDisk struct {
	*sqlite.DB
	full bool
}

func (f *fullDisk) SetStanding(ctx context.Context, s risk.Standing) (int, []trading.Order, error) {
	if f.full {
		return 0, nil, trading.Errorf(trading.Unavailable, "disk is full")
	}
	return f.DB.SetStanding(ctx, s)
}

func TestHaltThatTheDiskHadNoRoomForIsFinishedLater(t *testing.T) {
	w := newWorld(t)
	w.wire.submit = accepted
	w.wire.cancel = func(o trading.Order) (trading.Report, error) {
		return trading.Report{OrderID: o.ID, Status: trading.OrderCanceled, At: w.clock()}, nil
	}
	resting := w.admit(false)
	w.until(resting, trading.OrderAccepted)
	disk := &fullDisk{DB: w.db, full: true}
	kill := execution.NewSwitch(disk, objects.NewKillFile(t.TempDir()), w.clock, slog.New(slog.NewTextHandler(t.Output(), nil)))
	kill.OnQueue(w.queue.Wake)
	if err := kill.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	halted := risk.Standing{State: risk.Halted, Reason: "panic button", Actor: "me"}
	if err := kill.Set(t.Context(), halted); trading.KindOf(err) != trading.Unavailable || kill.Standing().State != risk.Halted {
		t.Fatalf("had %v in %+v, want it halted in memory and said that the ledger does not know", err, kill.Standing())
	}
	disk.full = false
	if err := kill.CheckFile(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.until(resting, trading.OrderCanceled)
	if s, err := w.db.Standing(t.Context()); err != nil || s.State != risk.Halted || s.Reason != "panic button" || s.Actor != "me" {
		t.Errorf("the row says %+v %v, want the halt as it was pressed", s, err)
	}
	before := kill.Standing().Epoch
	if err := kill.CheckFile(t.Context()); err != nil || kill.Standing().Epoch != before {
		t.Errorf("had %v and epoch %d, want nothing done again", err, kill.Standing().Epoch)
	}
}

func TestAHaltThatTheLedgerNeverHeardOfBlocksTheLineAllTheSameWhenItIsReleased(t *testing.T) {
	w := newWorld(t)
	tried := make(chan struct{}, 1)
	w.wire.submit = func(trading.Order) (trading.Report, error) {
		defer func() { tried <- struct{}{} }()
		return trading.Report{}, trading.Errorf(trading.Unavailable, "no route")
	}
	waits := w.admit(false)
	<-tried
	w.until(waits, trading.OrderCreated)
	disk := &fullDisk{DB: w.db, full: true}
	kill := execution.NewSwitch(disk, objects.NewKillFile(t.TempDir()), w.clock, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if err := kill.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	set := func(s risk.State) error { return kill.Set(t.Context(), risk.Standing{State: s, Actor: "test"}) }
	if err := set(risk.Halted); trading.KindOf(err) != trading.Unavailable {
		t.Fatalf("had %v, want it said that the ledger does not know", err)
	}
	if err := set(risk.Active); err == nil || kill.Standing().State != risk.Halted {
		t.Fatalf("had %v in %+v, want it halted: the ledger takes no release", err, kill.Standing())
	}
	disk.full = false
	if err := set(risk.Active); err != nil || kill.Standing().State != risk.Active {
		t.Fatalf("had %v in %+v, want it released", err, kill.Standing())
	}
	if o, err := w.db.Order(t.Context(), waits); err != nil || o.Status != trading.OrderBlocked {
		t.Errorf("the entry that waited at the halt is %s (%v), want it blocked: it would fire after the release", o.Status, err)
	}
	before := kill.Standing().Epoch
	if err := kill.CheckFile(t.Context()); err != nil || kill.Standing().Epoch != before || kill.Standing().State != risk.Active {
		t.Errorf("had %v in %+v, want it stay released", err, kill.Standing())
	}
}

// slowDisk is a ledger whose disk hangs until it is let go.
type slowDisk struct {
	*sqlite.DB
	// asked gets a word for each write that hangs, until hang is closed.
	asked, hang chan struct{}
}

func (d *slowDisk) SetStanding(ctx context.Context, s risk.Standing) (int, []trading.Order, error) {
	d.asked <- struct{}{}
	<-d.hang
	return d.DB.SetStanding(ctx, s)
}

func TestAHaltIsInForceAtOnceAlsoWhileAnotherChangeWaitsForTheDisk(t *testing.T) {
	for _, first := range []risk.State{risk.Reducing, risk.Halted} {
		w := newWorld(t)
		disk := &slowDisk{w.db, make(chan struct{}, 4), make(chan struct{})}
		kill := execution.NewSwitch(disk, objects.NewKillFile(t.TempDir()), w.clock, slog.New(slog.NewTextHandler(t.Output(), nil)))
		if err := kill.Load(t.Context()); err != nil {
			t.Fatal(err)
		}
		heeded := make(chan risk.State, 8)
		defer kill.Heed(func() { heeded <- kill.Standing().State })()
		done := make(chan error, 2)
		set := func(s risk.State) {
			go func() { done <- kill.Set(t.Context(), risk.Standing{State: s, Actor: "test"}) }()
		}

		set(first)
		<-disk.asked
		if had := <-heeded; had != first {
			t.Fatalf("had %s in force, want %s before the disk has it", had, first)
		}
		set(risk.Halted)
		select {
		case had := <-heeded:
			if had != risk.Halted {
				t.Errorf("had %s, want the halt in force", had)
			}
		case <-time.After(time.Minute):
			t.Fatal("a halt waits for a change before it that waits for the disk: entries go on leaving")
		}
		if _, err := kill.Progress(t.Context()); err != nil {
			t.Errorf("how far it is: had %v, want an answer while the disk hangs: the window shows it", err)
		}

		close(disk.hang)
		for range 2 {
			if err := <-done; err != nil && trading.KindOf(err) != trading.Conflict {
				t.Errorf("had %v, want both told how it ended", err)
			}
		}
		if row, err := w.db.Standing(t.Context()); err != nil || row.State != risk.Halted || kill.Standing().State != risk.Halted {
			t.Errorf("the ledger says %s and memory %s (%v), want both halted whichever came to the disk first", row.State, kill.Standing().State, err)
		}
	}
}

func TestAReleaseThatWaitsForTheDiskDoesNotUndoAHaltThatCameMeanwhile(t *testing.T) {
	w := newWorld(t)
	disk := &slowDisk{w.db, make(chan struct{}, 4), make(chan struct{})}
	file := objects.NewKillFile(t.TempDir())
	kill := execution.NewSwitch(disk, file, w.clock, slog.New(slog.NewTextHandler(t.Output(), nil)))
	if _, _, err := w.db.SetStanding(t.Context(), risk.Standing{State: risk.Halted, Reason: "first", Actor: "test", Since: w.clock()}); err != nil {
		t.Fatal(err)
	}
	if err := kill.Load(t.Context()); err != nil {
		t.Fatal(err)
	}
	heeded := make(chan struct{}, 8)
	defer kill.Heed(func() { heeded <- struct{}{} })()
	released, halted := make(chan error, 1), make(chan error, 1)

	go func() {
		released <- kill.Set(t.Context(), risk.Standing{State: risk.Active, Reason: "all is well", Actor: "test"})
	}()
	<-disk.asked
	go func() {
		halted <- kill.Set(t.Context(), risk.Standing{State: risk.Halted, Reason: "it is not", Actor: "test"})
	}()
	<-heeded
	close(disk.hang)

	if err := <-released; trading.KindOf(err) != trading.Conflict {
		t.Errorf("the release: had %v, want Conflict: somebody halted after it was asked for", err)
	}
	if err := <-halted; err != nil {
		t.Errorf("the halt: had %v", err)
	}
	row, err := w.db.Standing(t.Context())
	kept, there, fileErr := file.Read()
	if err != nil || fileErr != nil || !there || row.State != risk.Halted || kept.State != risk.Halted || kill.Standing().Reason != "it is not" {
		t.Errorf("ledger %+v, file %+v, memory %+v (%v %v), want the second halt everywhere", row, kept, kill.Standing(), err, fileErr)
	}
}
