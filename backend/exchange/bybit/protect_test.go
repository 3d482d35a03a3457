package bybit_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

// bought is a position of 0.02, with targets and a stop that it should have.
func bought(t *testing.T, s *stage, product trading.Product) (trading.Order, trading.Position) {
	t.Helper()
	o := s.order("entry")
	o.Product, o.Qty = product, trading.MustQty("0.02")
	if product == trading.Spot {
		o.Leverage = 0
	}
	if r, err := s.Submit(t.Context(), o); err != nil || r.Status != trading.OrderFilled {
		t.Fatalf("buy: %+v, %v", r, err)
	}
	return o, trading.Position{Account: account, Product: product, Symbol: "BTCUSDT", Slot: trading.SlotBoth, Qty: trading.MustQty("0.0199"),
		Protection: trading.Protection{StopLoss: trading.MustPrice("59000"), TakeProfit: []trading.TakeProfitAt{
			{Price: trading.MustPrice("62000")}, {Price: trading.MustPrice("61000"), Qty: trading.MustQty("0.01")}}}}
}

// standing is what waits at the exchange, as text.
func (s *stage) standing() string {
	var list []string
	for _, o := range s.sim.Orders() {
		if o.Status == exchangesim.Untriggered && !o.External {
			list = append(list, fmt.Sprintf("%s %s", o.TriggerAt(), o.Qty))
		}
	}
	return strings.Join(list, ", ")
}

func TestProtectStandsOnceHoweverOftenAnAnswerIsLost(t *testing.T) {
	for product, want := range map[trading.Product][]string{trading.Linear: {"59000", "61000 0.01", "62000 0.01"}, trading.Spot: {"59000 0.0199", "61000 0.01", "62000 0.0099"}} {
		t.Run(string(product), func(t *testing.T) {
			s := newStage(t)
			o, p := bought(t, s, product)
			if product == trading.Linear {
				p.Qty = o.Qty
			}
			foreign, no := s.sim.External(exchangesim.Request{Product: product, Symbol: "BTCUSDT", Side: trading.Sell, Kind: exchangesim.Limit,
				Qty: trading.MustQty("0.005"), Price: trading.MustPrice("70000")})
			if product == trading.Linear && no != nil {
				t.Fatal(no)
			}
			lost := map[string]int{}
			s.sim.SetFaults(func(path, _ string) exchangesim.Fault {
				lost[path]++
				return exchangesim.Fault{LoseAnswer: lost[path]%2 == 1 && (strings.HasSuffix(path, "trading-stop") || strings.HasSuffix(path, "/create") || strings.HasSuffix(path, "/cancel"))}
			})
			protect := func(why string, want ...string) {
				t.Helper()
				err := fmt.Errorf("not asked")
				for n := 0; err != nil && n < 10; n++ {
					s.pass(2 * time.Second)
					if err = s.Protect(t.Context(), o.ID, p); err != nil && trading.KindOf(err) != trading.Unknown {
						t.Fatalf("protect: %v (%s), want unknown after a lost answer", err, trading.KindOf(err))
					}
				}
				had := s.standing()
				for _, part := range want {
					if err != nil || strings.Count(had, part) != 1 || len(strings.Split(had, ", ")) != len(want) {
						t.Errorf("%s: %q stands (%v), want %v once each", why, had, err, want)
						break
					}
				}
				if len(want) == 0 && had != "" {
					t.Errorf("%s: %q stands, want nothing", why, had)
				}
			}
			protect("protected", want...)
			p.Protection.StopLoss, p.Protection.TakeProfit = trading.MustPrice("59500"), p.Protection.TakeProfit[:1]
			protect("moved", "59500", "62000")
			p.Protection.StopLoss = trading.MustPrice("59000")
			protect("and back", "59000", "62000")
			list, err := s.Open(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, had := range list {
				if had.ID != "" || had.ExchangeID == "" || (had.Parent == o.ID) == (had.ExchangeID == foreign.ID) {
					t.Errorf("open is %+v, want protections of the entry and a stranger's order", had)
				}
			}
			if product == trading.Linear {
				// What protects a perpetual goes with it; while it is there only a word about it takes the protection away.
				p.Protection = trading.Protection{}
			} else {
				p.Qty = trading.Qty{}
			}
			protect("removed")
			if again, found := s.sim.Order(foreign.ID); no == nil && (!found || again.Status != exchangesim.New) {
				t.Errorf("the stranger's order is %+v: it was not ours to touch", again)
			}
		})
	}
}

func TestAStopThatTheMarketHasPassedIsRejected(t *testing.T) {
	for _, product := range []trading.Product{trading.Linear, trading.Spot} {
		s := newStage(t)
		o, p := bought(t, s, product)
		p.Protection = trading.Protection{StopLoss: trading.MustPrice("60500")}
		if err := s.Protect(t.Context(), o.ID, p); trading.KindOf(err) != trading.Rejected || s.standing() != "" {
			t.Errorf("%s: %v (%s) and %q stands, want rejected: it would sell at once or never", product, err, trading.KindOf(err), s.standing())
		}
		p.Protection = trading.Protection{TrailingStop: trading.MustPrice("100")}
		if err := s.Protect(t.Context(), o.ID, p); product == trading.Spot && trading.KindOf(err) != trading.Rejected {
			t.Errorf("trailing stop of a coin: %v, want rejected", err)
		}
	}
}

func TestProtectionOfAPositionThatIsNotShownIsAskedForAgain(t *testing.T) {
	s := newStage(t)
	p := trading.Position{Account: account, Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth, Qty: trading.MustQty("0.01"),
		Protection: trading.Protection{StopLoss: trading.MustPrice("59000")}}
	if err := s.Protect(t.Context(), "hx1a", p); trading.KindOf(err) != trading.Unknown {
		t.Errorf("protect: %v (%s), want unknown: the lists may lag", err, trading.KindOf(err))
	}
}

func TestASoldTargetCutsItsSiblings(t *testing.T) {
	s := newStage(t)
	s.serve(t)
	o, p := bought(t, s, trading.Spot)
	if err := s.Protect(t.Context(), o.ID, p); err != nil {
		t.Fatal(err)
	}
	s.sim.SetPrice("BTCUSDT", trading.MustPrice("61500"))
	s.until(t, "the stop is cut to what is left", func() bool {
		s.pass(200 * time.Millisecond)
		had := s.standing()
		return strings.Contains(had, "59000 0.0099") && strings.Contains(had, "62000 0.0099") && strings.Count(had, ",") == 1
	})
	s.sim.SetPrice("BTCUSDT", trading.MustPrice("58000"))
	s.until(t, "the last target goes with the stop", func() bool { s.pass(200 * time.Millisecond); return s.standing() == "" })
	r := s.desk.Last(o.ID)
	if r.Child == nil || r.Child.Type != trading.StopOrder || r.Child.Parent != o.ID || r.Child.Price.String() != "59000" {
		t.Errorf("told last was %+v, want the stop of the entry", r)
	}
}

func TestLiquidationsAndADLAreToldWithTheirSlot(t *testing.T) {
	s := newStage(t)
	if err := s.SetPositionMode(t.Context(), trading.Hedge); err != nil {
		t.Fatal(err)
	}
	s.serve(t)
	long, short := s.order("long"), s.order("short")
	long.Slot, short.Slot, short.Side = trading.SlotLong, trading.SlotShort, trading.Sell
	for _, o := range []trading.Order{long, short} {
		if _, err := s.Submit(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	s.sim.ADL("BTCUSDT", trading.SlotShort, trading.MustQty("0.004"))
	s.sim.Liquidate("BTCUSDT", trading.SlotLong)
	told := func(slot trading.Slot, side trading.Side, qty string) func() bool {
		return func() bool {
			for _, r := range s.desk.Reports() {
				if r.Child != nil && r.Child.Type == trading.Liquidation && r.Child.Slot == slot && r.Child.Side == side && r.Filled.String() == qty && r.Fills[0].Slot == slot {
					return true
				}
			}
			return false
		}
	}
	s.until(t, "the liquidation is told", told(trading.SlotLong, trading.Sell, "0.01"))
	s.until(t, "the deleveraging is told", told(trading.SlotShort, trading.Buy, "0.004"))
	s.sim.Funding("BTCUSDT", trading.MustRatio("0.0001"))
	s.until(t, "funding is booked", func() bool {
		c := s.desk.Cash()
		return len(c) == 1 && c[0].Amount.String() == "0.036" && strings.HasPrefix(c[0].ID, "funding:bybit:testnet:") && c[0].Kind == trading.CashFunding
	})
}
