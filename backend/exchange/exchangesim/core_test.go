package exchangesim_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

func TestMoneyIsDepositPlusProfitMinusFeesPlusFunding(t *testing.T) {
	w := simple(t)

	w.must(t, linear(trading.Buy, "0.1"))
	w.price("61000")
	w.Funding("BTCUSDT", trading.MustRatio("0.0001"))
	w.must(t, linear(trading.Sell, "0.1"))

	// Bought at 60000.1 and sold at 61000: 99.99 profit, 3.000005 and 3.05 fees, 0.61 funding paid by the long.
	if had := w.total("USDT"); had != "10093.329995" {
		t.Errorf("balance is %s, want 10093.329995", had)
	}
	if had := w.held(); had != "0" {
		t.Errorf("position is %s, want none", had)
	}
}

func TestSpotMovesBothAssetsAndTakesTheFeeWhereItBelongs(t *testing.T) {
	buy := exchangesim.Request{Product: trading.Spot, Symbol: "BTCUSDT", Side: trading.Buy, QuoteQty: trading.MustMoney("600.001")}
	w := simple(t)

	o := w.must(t, buy)

	if o.Filled.String() != "0.01" || w.total("BTC") != "0.00999" || w.total("USDT") != "9399.999" {
		t.Errorf("bought %s, then %s BTC and %s USDT; want 0.01, 0.00999 and 9399.999", o.Filled, w.total("BTC"), w.total("USDT"))
	}
	sell := exchangesim.Request{Product: trading.Spot, Symbol: "BTCUSDT", Side: trading.Sell, Qty: trading.MustQty("0.01")}
	w.wants(t, sell, exchangesim.NoMoney)
	sell.Qty = trading.MustQty("0.00999")
	w.must(t, sell)
	if w.total("BTC") != "0" || w.total("USDT") != "9998.7996" {
		t.Errorf("sold all, then %s BTC and %s USDT; want 0 and 9998.7996", w.total("BTC"), w.total("USDT"))
	}

	quote := simple(t, func(c *exchangesim.Config) { c.OwnSpotFee = false })
	quote.must(t, buy)
	if quote.total("BTC") != "0.01" || quote.total("USDT") != "9399.398999" {
		t.Errorf("with fees in quote: %s BTC and %s USDT; want 0.01 and 9399.398999", quote.total("BTC"), quote.total("USDT"))
	}
}

func TestReduceOnlyNeverFlips(t *testing.T) {
	w := simple(t)
	reduce := linear(trading.Sell, "0.2")
	reduce.ReduceOnly = true

	w.wants(t, reduce, exchangesim.NothingToReduce)
	w.must(t, linear(trading.Buy, "0.1"))
	o := w.must(t, reduce)

	if w.held() != "0" || o.Filled.String() != "0.1" || o.Status != exchangesim.Canceled || o.Reason != exchangesim.ReasonReduceOnly {
		t.Errorf("position %s after %s filled and %s (%s); want flat, 0.1, the rest canceled", w.held(), o.Filled, o.Status, o.Reason)
	}
}

func TestHedgeKeepsBothDirectionsApart(t *testing.T) {
	w := simple(t)
	w.SetLeverage("BTCUSDT", 10)
	if no := w.SetHedge(true); no != nil {
		t.Fatal(no)
	}
	long, short := linear(trading.Buy, "0.1"), linear(trading.Sell, "0.2")
	w.wants(t, long, exchangesim.WrongSlot)
	long.Slot, short.Slot = trading.SlotLong, trading.SlotShort

	w.must(t, long)
	w.must(t, short)
	over := linear(trading.Sell, "0.5")
	over.Slot = trading.SlotLong
	w.must(t, over)

	list := w.Positions()
	if len(list) != 1 || list[0].Slot != trading.SlotShort || list[0].Qty.String() != "-0.2" {
		t.Errorf("positions are %+v; want only the short: selling the long slot never flips it", list)
	}
	if no := w.SetHedge(false); no == nil || no.Why != exchangesim.ModeBlocked || no.Text != "position" {
		t.Errorf("switching with a position: %+v, want it blocked", no)
	}
}

func TestClientIDRulesDiffer(t *testing.T) {
	for rule, want := range map[exchangesim.IDRule]struct {
		orders  int
		refused bool
	}{
		exchangesim.UniqueForever: {1, true}, exchangesim.UniqueWhileOpen: {2, false}, exchangesim.ReturnsFirst: {1, false}, exchangesim.Free: {2, false},
	} {
		t.Run(string(rule), func(t *testing.T) {
			w := simple(t, func(c *exchangesim.Config) { c.IDs = rule })
			r := linear(trading.Buy, "0.01")
			r.Link = "hx1a"
			first := w.must(t, r)
			again, no := w.Place(r)
			if len(w.Orders()) != want.orders || (no != nil) != want.refused {
				t.Errorf("second use: %d orders, refusal %+v; want %d, refused %t", len(w.Orders()), no, want.orders, want.refused)
			}
			if rule == exchangesim.ReturnsFirst && again.ID != first.ID {
				t.Errorf("second use answered with %s, want %s", again.ID, first.ID)
			}
		})
	}
	w := simple(t, func(c *exchangesim.Config) { c.IDs = exchangesim.UniqueWhileOpen })
	rest := linear(trading.Buy, "0.01")
	rest.Link, rest.Kind, rest.Price = "hx1b", exchangesim.Limit, trading.MustPrice("50000")
	w.must(t, rest)
	w.wants(t, rest, exchangesim.DuplicateID)
}

func TestFiltersRefuseAndBookNothing(t *testing.T) {
	w := simple(t, func(c *exchangesim.Config) { c.Band, c.MaxOpen = trading.MustRatio("0.1"), 1 })
	limit := linear(trading.Buy, "0.01")
	limit.Kind, limit.Price = exchangesim.Limit, trading.MustPrice("59000")
	with := func(f func(*exchangesim.Request)) exchangesim.Request {
		r := limit
		f(&r)
		return r
	}
	for why, r := range map[exchangesim.Why]exchangesim.Request{
		exchangesim.UnknownSymbol: with(func(r *exchangesim.Request) { r.Symbol = "NOPE" }),
		exchangesim.OffStep:       with(func(r *exchangesim.Request) { r.Qty = trading.MustQty("0.0105") }),
		exchangesim.BelowMinQty:   with(func(r *exchangesim.Request) { r.Qty = trading.MustQty("0.0001") }),
		exchangesim.AboveMaxQty:   with(func(r *exchangesim.Request) { r.Qty = trading.MustQty("101") }),
		exchangesim.OffTick:       with(func(r *exchangesim.Request) { r.Price = trading.MustPrice("59000.05") }),
		exchangesim.PriceBand:     with(func(r *exchangesim.Request) { r.Price = trading.MustPrice("50000") }),
		exchangesim.NoMoney:       with(func(r *exchangesim.Request) { r.Qty = trading.MustQty("1") }),
		exchangesim.WouldTake:     with(func(r *exchangesim.Request) { r.TIF, r.Price = exchangesim.PostOnly, trading.MustPrice("60001") }),
		exchangesim.WouldTrigger:  with(func(r *exchangesim.Request) { r.StopLoss = trading.MustPrice("59500") }),
	} {
		t.Run(string(why), func(t *testing.T) { w.wants(t, r, why) })
	}
	w.price("100")
	tiny := linear(trading.Buy, "0.001")
	w.wants(t, tiny, exchangesim.BelowNotional)
	w.price("60000")
	w.must(t, limit)
	w.wants(t, limit, exchangesim.TooManyOrders)
	w.SetHalted("BTCUSDT", true)
	w.wants(t, linear(trading.Buy, "0.01"), exchangesim.Halted)
	if no := w.SetLeverage("BTCUSDT", 101); no == nil || no.Why != exchangesim.LeverageTooHigh {
		t.Errorf("leverage 101 of 100: %+v", no)
	}
	w.SetLeverage("BTCUSDT", 5)
	if no := w.SetLeverage("BTCUSDT", 5); no == nil || no.Why != exchangesim.NotModified {
		t.Errorf("leverage 5 twice: %+v", no)
	}
}

func TestTheLogGivesTheSameAccountAgain(t *testing.T) {
	w := simple(t)
	w.SetLeverage("BTCUSDT", 10)
	guarded := linear(trading.Buy, "0.1")
	guarded.Link, guarded.StopLoss, guarded.TakeProfit = "hx1a", trading.MustPrice("58000"), trading.MustPrice("66000")
	w.must(t, guarded)
	w.Protect("BTCUSDT", trading.SlotBoth, exchangesim.Guard{StopLoss: trading.MustPrice("58500"), Trailing: trading.MustPrice("500")})
	w.price("60400")
	w.Funding("BTCUSDT", trading.MustRatio("0.0001"))
	w.must(t, exchangesim.Request{Product: trading.Spot, Symbol: "BTCUSDT", Side: trading.Buy, Qty: trading.MustQty("0.01")})
	rest := linear(trading.Buy, "0.01")
	rest.Kind, rest.Price = exchangesim.Limit, trading.MustPrice("59000")
	o := w.must(t, rest)
	w.Amend(o.ID, trading.MustQty("0.02"), trading.MustPrice("59100"))

	// A line that was cut by the end of the machine was told to nobody.
	file, err := os.OpenFile(w.cfg.Log, os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	file.WriteString(`{"Seq":99,"Pla`)
	file.Close()
	again, err := exchangesim.Open(w.cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()

	for name, pair := range map[string][2]any{
		"orders": {w.Orders(), again.Orders()}, "fills": {w.Fills(), again.Fills()}, "positions": {w.Positions(), again.Positions()},
		"balances": {w.Balances(), again.Balances()}, "fundings": {w.Fundings(), again.Fundings()},
	} {
		if d := cmp.Diff(pair[0], pair[1], exact()); d != "" {
			t.Errorf("%s differ after the log was read (-before +after):\n%s", name, d)
		}
	}
	again.SetPrice("BTCUSDT", trading.MustPrice("59900"))
	if p := again.Position("BTCUSDT", trading.SlotBoth); !p.Qty.IsZero() {
		t.Errorf("the trailing stop forgot what it had seen: position is %s", p.Qty)
	}
}

// exact compares numbers by value.
func exact() cmp.Option {
	return cmp.Options{
		cmp.Comparer(func(a, b trading.Price) bool { return a.Equal(b) }), cmp.Comparer(func(a, b trading.Qty) bool { return a.Equal(b) }),
		cmp.Comparer(func(a, b trading.Money) bool { return a.Equal(b) }), cmp.Comparer(func(a, b trading.Ratio) bool { return a.Equal(b) }),
	}
}

func TestHiddenOrdersShowLaterAndScriptsBite(t *testing.T) {
	w := simple(t)
	r := linear(trading.Buy, "0.03").Script(exchangesim.Fault{Hide: 2 * time.Second, Slices: 3})
	r.Link = "hx1a"
	w.must(t, r)
	if _, ok := w.Find(trading.Linear, "BTCUSDT", "", "hx1a"); ok || len(w.ShownFills(trading.Linear)) != 0 {
		t.Error("a hidden order is found")
	}
	if len(w.Fills()) != 3 || w.held() != "0.03" {
		t.Errorf("had %d fills and %s, want 3 and 0.03: hiding is only about lists", len(w.Fills()), w.held())
	}
	w.clock.Pass(2 * time.Second)
	if o, ok := w.Find(trading.Linear, "BTCUSDT", "", "hx1a"); !ok || o.Status != exchangesim.Filled {
		t.Errorf("after two seconds: %+v, %t", o, ok)
	}
	if o := w.must(t, linear(trading.Buy, "0.03").Script(exchangesim.Fault{Slices: 3, FillOnly: true})); o.Filled.String() != "0.01" || o.Status != exchangesim.Expired {
		t.Errorf("fill only: %s filled, %s", o.Filled, o.Status)
	}
	if o := w.must(t, linear(trading.Buy, "0.03").Script(exchangesim.Fault{RejectLater: true})); o.Status != exchangesim.Rejected {
		t.Errorf("reject later: %s", o.Status)
	}
	o := w.must(t, linear(trading.Buy, "0.03").Script(exchangesim.Fault{Hold: true}))
	if o.Status != exchangesim.New || !w.Execute(o.ID, trading.MustQty("0.01")) || w.status(t, o.ID).Status != exchangesim.PartiallyFilled {
		t.Errorf("held order is %+v", w.status(t, o.ID))
	}
}

func TestEventsComeInOrderAfterTheLogHasThem(t *testing.T) {
	w := simple(t)
	var had []string
	stop := w.Subscribe(func(e exchangesim.Event) {
		past, err := exchangesim.ReadLog(w.cfg.Log)
		if err != nil || len(past) == 0 || past[len(past)-1].Seq < e.Seq {
			t.Errorf("event %d is told before the log has it (%v)", e.Seq, err)
		}
		switch {
		case e.Placed != nil:
			had = append(had, "placed")
		case e.Filled != nil:
			had = append(had, "filled "+string(e.Order.Status)+" "+e.Position.Qty.String())
		}
	})
	w.must(t, linear(trading.Buy, "0.02").Script(exchangesim.Fault{Slices: 2}))
	stop()
	w.must(t, linear(trading.Buy, "0.02"))
	if want := "placed, filled PartiallyFilled 0.01, filled Filled 0.02"; strings.Join(had, ", ") != want {
		t.Errorf("told %q, want %q", had, want)
	}
}

func TestNothingTradesBetweenTicks(t *testing.T) {
	w := simple(t)
	w.price("60000.07")
	if o := w.must(t, linear(trading.Buy, "0.01")); o.Average().String() != "60000.1" {
		t.Errorf("bought at %s, want the tick above the bid of 60000", o.Average())
	}
	if o := w.must(t, linear(trading.Sell, "0.01")); o.Average().String() != "60000" {
		t.Errorf("sold at %s, want 60000", o.Average())
	}
}
