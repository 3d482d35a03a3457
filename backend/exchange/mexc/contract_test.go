package mexc_test

import (
	"context"
	"testing"
	"time"

	"hoox/backend/exchange/exchangetest"
	"hoox/backend/trading"
)

// calm is the account as a caller that never runs into a request limit sees it: time passes between any two calls.
type calm struct{ *stage }

func (c calm) rest() { c.clock.Pass(3 * time.Second) }

func (c calm) Submit(ctx context.Context, o trading.Order) (trading.Report, error) {
	c.rest()
	return c.Exchange.Submit(ctx, o)
}

func (c calm) Lookup(ctx context.Context, o trading.Order) (trading.Report, bool, error) {
	c.rest()
	return c.Exchange.Lookup(ctx, o)
}

func (c calm) Cancel(ctx context.Context, o trading.Order) (trading.Report, error) {
	c.rest()
	return c.Exchange.Cancel(ctx, o)
}

func (c calm) Positions(ctx context.Context) ([]trading.Position, error) {
	c.rest()
	return c.Exchange.Positions(ctx)
}

func (c calm) Balance(ctx context.Context) (trading.Money, string, error) {
	c.rest()
	return c.Exchange.Balance(ctx)
}

func (c calm) Protect(ctx context.Context, parent trading.OrderID, want trading.Position) error {
	c.rest()
	return c.Exchange.Protect(ctx, parent, want)
}

// world is one product of a fresh account.
func world(t testing.TB, i trading.Instrument, perps, holdings string, lacks map[string]string) *exchangetest.World {
	s := newStage(t, perps, holdings)
	s.serve(t)
	w := &exchangetest.World{
		Adapter: calm{s}, Account: account, Instrument: i, Deposit: trading.MustMoney(perps).Add(trading.MustMoney(holdings)),
		Start: trading.MustPrice("60000"), Unit: trading.MustQty("0.001"), Lacks: lacks, Now: s.clock.Now,
		Price:   func(p trading.Price) { s.price(p.String()) },
		Pass:    s.clock.Pass,
		Settle:  func() { s.clock.Pass(3 * time.Second) },
		Reports: s.desk.Reports,
		Await:   func(is func() bool) { s.until(is) },
		Cash:    s.desk.Cash,
	}
	w.Hedge = func() {
		if no := s.perps.SetHedge(true); no != nil {
			t.Fatal(no)
		}
		if _, err := s.Setup(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	w.Restart = func() exchangetest.Adapter {
		s.stop()
		s.Exchange.Close()
		s.connect(t)
		s.serve(t)
		return calm{s}
	}
	return w
}

func TestFuturesKeepTheContract(t *testing.T) {
	lacks := map[string]string{
		exchangetest.Sweep:    "nothing documents that MEXC cancels what rests to close a position that is gone",
		exchangetest.Trailing: "the simulated exchange has no trailing orders; they are tested against answers of our own",
	}
	exchangetest.Run(t, func(t testing.TB) *exchangetest.World { return world(t, perpetual(), "10000000", "0", lacks) })
}

func TestSpotKeepsTheContract(t *testing.T) {
	lacks := map[string]string{
		exchangetest.Hedge: "spot has no slots", exchangetest.Stop: "spot at MEXC keeps no stop", exchangetest.Targets: "spot at MEXC keeps no target",
		exchangetest.Trailing: "spot at MEXC keeps no stop", exchangetest.Sweep: "spot has no reduce-only",
		"ReduceOnlyIsCanceledWhenNothingIsLeft": "a sale that rests binds the coin, so nothing else can sell it",
		exchangetest.Shown:                      "spot at MEXC keeps no protection",
	}
	exchangetest.Run(t, func(t testing.TB) *exchangetest.World { return world(t, coin(), "0", "10000000", lacks) })
}
