package execution_test

import (
	"testing"
	"time"

	"hoox/backend/execution"
	"hoox/backend/trading"
)

// restored makes the ledger of a yard one that forgot what happened since a moment.
func (y *yard) restored(since time.Time) {
	y.spoil = func(p *execution.Parts) { p.AskSince = func() time.Time { return since } }
	y.restart()
}

func TestRestoredLedgerAdoptsAnOrderThatItForgot(t *testing.T) {
	y := newYard(t)
	sent := 0
	y.wire.submit = func(o trading.Order) (trading.Report, error) { sent++; return at100(o, o.Qty, "1"), nil }
	id := trading.NewOrderID([]byte("k"), "entry 1", 0, testnet)
	y.wire.found = map[trading.OrderID]trading.Report{id: at100(trading.Order{ID: id, CreatedAt: y.now}, trading.MustQty("1"), "1")}
	y.restored(y.now.Add(-24 * time.Hour))

	o := y.order(trading.Buy, "1", false, trading.Protection{})

	if sent != 0 || o.Status != trading.OrderFilled {
		t.Errorf("had %d sent and order %s, want none sent and the fill adopted: it was bought before the restore", sent, o.Status)
	}
	y.verify()
}

func TestRestoredLedgerSendsNoEntryThatItCannotAskAbout(t *testing.T) {
	y := newYard(t)
	sent := 0
	y.wire.submit = func(o trading.Order) (trading.Report, error) { sent++; return at100(o, o.Qty, "1"), nil }
	y.restored(y.now.Add(-24 * time.Hour))

	o := y.order(trading.Buy, "1", false, trading.Protection{})

	if sent != 0 || o.Status.InDoubt() || o.Status.Final() {
		t.Errorf("had %d sent and order %s, want it waiting: the exchange proved nothing, and nothing left", sent, o.Status)
	}
	y.pass(2 * time.Minute)
	if o = y.read(o.ID); sent != 0 || o.Status != trading.OrderExpired {
		t.Errorf("had %d sent and order %s, want it expired at its deadline", sent, o.Status)
	}
}

func TestTrustedLedgerAsksNobodyFirst(t *testing.T) {
	y := newYard(t)
	y.restored(time.Time{})
	y.wire.asked = nil
	if o := y.order(trading.Buy, "1", false, trading.Protection{}); o.Status != trading.OrderFilled || len(y.wire.asked) != 0 {
		t.Errorf("had order %s after %d questions, want it filled without any", o.Status, len(y.wire.asked))
	}
}
