package paper_test

import (
	"testing"
	"time"

	"hoox/backend/trading"
)

func TestLongIsLiquidatedAtTheWrittenPrice(t *testing.T) {
	s := newStage()
	s.set("59999.9")
	s.place(t, buy("a")) // 0.1 at 60000: cost 6000, margin 600, maintenance 30, fee 3.3
	if p := s.only(t); p.Liquidation.String() != "54300" {
		t.Fatalf("liquidation price is %s, want 54300 = 60000 × (1 - 1/10 + 0.005)", p.Liquidation)
	}

	s.at(t, "54300.1")
	if p := s.only(t); p.Qty.String() != "0.1" {
		t.Fatalf("position is %s one tick above the liquidation price, want 0.1", p.Qty)
	}
	s.at(t, "54300")

	s.wantFlat(t, "margin 600 - 570 no longer exceeds the maintenance of 30")
	r := s.desk.reports[len(s.desk.reports)-1]
	if r.Child == nil || r.Child.Type != trading.Liquidation || r.Child.Parent != "a" || r.OrderID != "a.l" {
		t.Fatalf("told %+v, want a liquidation made from a", r)
	}
	f := r.Fills[0]
	if f.Price.String() != "54000" || f.RealizedPnL.String() != "-600" || !f.Fee.IsZero() {
		t.Errorf("taken over at %s with %s and fee %s, want 54000 with -600 and 0: the margin and no more", f.Price, f.RealizedPnL, f.Fee)
	}
	s.wantBalance(t, "9396.7", "10000 - 3.3 - 600")
}

func TestShortIsLiquidatedAtTheWrittenPrice(t *testing.T) {
	s := newStage()
	s.place(t, sell("a")) // 0.1 at 60000
	if p := s.only(t); p.Liquidation.String() != "65700" {
		t.Fatalf("liquidation price is %s, want 65700 = 60000 × (1 + 1/10 - 0.005)", p.Liquidation)
	}

	s.at(t, "65699.9")
	s.only(t)
	s.at(t, "80000") // far beyond

	s.wantFlat(t, "it is past the liquidation price")
	s.wantBalance(t, "9396.7", "10000 - 3.3 - 600: a gap takes no more than the margin")
}

func TestLeverageChangeMovesMarginAndLiquidation(t *testing.T) {
	s := newStage()
	s.set("59999.9")
	s.place(t, buy("a"))
	more := buy("b")
	more.Leverage = 20

	s.place(t, more)

	p := s.only(t)
	if p.Leverage != 20 || p.Liquidation.String() != "57300" {
		t.Errorf("position has %dx and liquidation %s, want 20x and 57300 = 60000 × (1 - 1/20 + 0.005)", p.Leverage, p.Liquidation)
	}
}

func TestFundingMovesFromLongToShortEveryEightHours(t *testing.T) {
	s := newStage() // 03:00 UTC
	s.settings.FundingRate = trading.MustRatio("0.0001")
	s.look(t)
	s.place(t, buy("a"))

	s.pass(5*time.Hour - time.Second)
	s.look(t)
	if n := len(s.desk.cash); n != 1 {
		t.Fatalf("told %d movements before 08:00, want the deposit alone", n)
	}
	s.pass(time.Second)
	s.look(t)
	s.look(t)

	if n := len(s.desk.cash); n != 2 {
		t.Fatalf("told %d movements, want deposit and one funding", n)
	}
	c := s.desk.cash[1]
	// 0.1 × 60000 × 0.0001; 2026-11-22 08:00:00 UTC
	if c.Kind != trading.CashFunding || c.Amount.String() != "-0.6" || c.ID != "funding:bybit:paper:BTCUSDT:1795334400" || c.Symbol != "BTCUSDT" {
		t.Errorf("funding is %+v, want -0.6 with its fixed id", c)
	}
	// 10000 - 60000.1×0.1×0.00055 - 0.6
	s.wantBalance(t, "9996.0999945", "funding moves the balance")
}

func TestShortReceivesFundingForEachTimeThatPassed(t *testing.T) {
	s := newStage()
	s.settings.FundingRate = trading.MustRatio("0.0001")
	s.place(t, sell("a"))

	s.pass(24 * time.Hour) // 08:00, 16:00, 00:00
	s.look(t)

	var sum trading.Money
	ids := map[string]bool{}
	for _, c := range s.desk.cash[1:] {
		sum = sum.Add(c.Amount)
		ids[c.ID] = true
	}
	if len(ids) != 3 || sum.String() != "1.8" {
		t.Errorf("received %s in %d movements, want 1.8 in 3", sum, len(ids))
	}
}

func TestFundingIsOffByDefaultAndNotOwedLater(t *testing.T) {
	s := newStage()
	s.place(t, buy("a"))
	s.pass(48 * time.Hour)
	s.look(t)
	s.settings.FundingRate = trading.MustRatio("0.0001")
	s.look(t)
	if n := len(s.desk.cash); n != 1 {
		t.Errorf("told %d movements, want the deposit alone: nothing is owed for the time before", n)
	}
}

func TestPositionOpenedAfterAFundingTimeOwesNothingForIt(t *testing.T) {
	s := newStage() // 03:00 UTC
	s.settings.FundingRate = trading.MustRatio("0.0001")
	s.look(t)
	s.pass(6 * time.Hour)
	s.place(t, buy("a")) // 09:00, and nobody has looked since 08:00
	s.look(t)
	if n := len(s.desk.cash); n != 1 {
		t.Errorf("told %d movements, want the deposit alone: it was not held at 08:00", n)
	}
}

func TestFundingWaitsForAPrice(t *testing.T) {
	s := newStage()
	s.settings.FundingRate = trading.MustRatio("0.0001")
	s.place(t, buy("a"))
	s.stopped = true
	s.pass(6 * time.Hour)
	s.look(t)
	s.stopped = false
	s.look(t)
	if n := len(s.desk.cash); n != 2 {
		t.Errorf("told %d movements, want deposit and funding: a silent feed cancels no debt", n)
	}
}

func TestHedgeFundingHasAnIDForEachSlot(t *testing.T) {
	s := newStage()
	s.mode = trading.Hedge
	s.settings.FundingRate = trading.MustRatio("0.0001")
	long, short := buy("a"), sell("b")
	long.Slot, short.Slot = trading.SlotLong, trading.SlotShort
	s.place(t, long)
	s.place(t, short)

	s.pass(8 * time.Hour)
	s.look(t)

	if n := len(s.desk.cash); n != 3 || s.desk.cash[1].ID == s.desk.cash[2].ID {
		t.Errorf("told %+v, want deposit and two movements with different ids", s.desk.cash)
	}
}

func TestDepositIsToldOnce(t *testing.T) {
	s := newStage()
	s.look(t)
	s.look(t)
	s.shelf.commit()
	s.crash()
	s.look(t)

	if n := len(s.desk.cash); n != 1 {
		t.Fatalf("told %d movements, want one", n)
	}
	if c := s.desk.cash[0]; c.ID != "deposit:bybit:paper" || c.Amount.String() != "10000" || c.Kind != trading.CashDeposit || c.Asset != "USDT" {
		t.Errorf("deposit is %+v", c)
	}
}
