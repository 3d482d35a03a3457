package execution_test

import (
	"context"
	"log/slog"
	"testing"

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
