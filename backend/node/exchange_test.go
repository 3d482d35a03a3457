package node_test

import (
	"fmt"
	"testing"

	"hoox/backend/market"
	"hoox/backend/trading"
)

// symbolOf is how an alert names bitcoin of a product, and how the exchange does.
func symbolOf(e trading.Exchange, p trading.Product) (written, theirs string) {
	theirs = "BTCUSDT"
	if e == trading.MEXC && p == trading.Linear {
		theirs = "BTC_USDT"
	}
	written = trading.Position{Account: trading.MakeAccountID(e, trading.ModeLive), Product: p, Symbol: theirs}.Written()
	return written, theirs
}

// visit is one exchange with a program on it.
type visit struct {
	*house
	x       *elsewhere
	product trading.Product
	written string
	symbol  string
	n       int
}

// say posts an alert about bitcoin and wants a status; more are the fields after the action.
func (v *visit) say(action, more string, want string) reply {
	v.t.Helper()
	v.n++
	r := v.post(fmt.Sprintf(`{"apiKey":"KEY","exchange":"%s","action":"%s","symbol":"%s"%s,"idempotencyKey":"visit-%s-%d"}`, v.x.exchange, action, v.written, more, v.x.exchange, v.n))
	result, _ := r.json["result"].(map[string]any)
	// MEXC takes four orders in two seconds; the next one waits its turn and is answered as enqueued.
	if paced := v.x.exchange == trading.MEXC && r.status == 202; paced {
		v.t.Logf("%s%s waits its turn", action, more)
		return r
	}
	if r.status != 200 || result["status"] != want {
		v.t.Fatalf("%s%s: had %d %s, want %s", action, more, r.status, r.body, want)
	}
	return r
}

// agree wants ledger and exchange to hold the same, and that.
func (v *visit) agree(want string) {
	v.t.Helper()
	v.until(fmt.Sprintf("ledger and exchange hold %s %s", want, v.symbol), func() bool {
		q := trading.MustQty(want)
		if !v.holds(v.x.account(), v.product, v.symbol).Equal(q) {
			return false
		}
		if v.product == trading.Spot {
			total, _ := v.x.spot.Balance("BTC")
			return trading.AsQty(total).Equal(q)
		}
		return v.x.linear.Position(v.symbol, trading.SlotBoth).Qty.Equal(q)
	})
}

func realExchanges() []trading.Exchange {
	return []trading.Exchange{trading.Bybit, trading.Binance, trading.MEXC}
}

func TestEveryActionWorksOnThePerpetualsOfEachExchange(t *testing.T) {
	for _, e := range realExchanges() {
		t.Run(string(e), func(t *testing.T) {
			dir, x := t.TempDir(), openExchange(t, e)
			v := &visit{house: startOn(t, x, dir), x: x, product: trading.Linear}
			v.written, v.symbol = symbolOf(e, v.product)

			v.say("LONG", `,"quantity":"0.01","leverage":5`, "Filled")
			v.agree("0.01")
			v.say("CLOSE_LONG", `,"quantity":"0.004"`, "Filled")
			v.agree("0.006")
			v.say("SHORT", `,"quantity":"0.02"`, "Filled")
			v.agree("-0.014")
			v.say("CLOSE_SHORT", "", "Filled")
			v.agree("0")
			v.say("CLOSE_SHORT", "", "NoOp")
			v.until("the flip is over", func() bool { return len(v.open()) == 0 })

			resting := v.say("LONG", `,"quantity":"0.01","orderType":"limit","price":"59000"`, "Accepted")
			x.price(v.product, v.symbol, "58990")
			v.agree("0.01")
			if id, _ := resting.json["requestId"].(string); id == "" {
				t.Errorf("answer %s names no request", resting.body)
			}

			// The program goes and comes back: what it holds is what the exchange holds, and it trades on.
			v.stop()
			v.house = startOn(t, x, dir)
			v.agree("0.01")
			v.say("CLOSE", "", "Filled")
			v.agree("0")
			v.oneOrderEach()
		})
	}
}

func TestAStopAndATargetStandAtEachExchangeAndCloseThePosition(t *testing.T) {
	for _, e := range realExchanges() {
		t.Run(string(e), func(t *testing.T) {
			dir, x := t.TempDir(), openExchange(t, e)
			v := &visit{house: startOn(t, x, dir), x: x, product: trading.Linear}
			v.written, v.symbol = symbolOf(e, v.product)

			v.say("LONG", `,"quantity":"0.01","stopLoss":"59000","takeProfit":"61000"`, "Filled")
			v.until("stop and target stand at the exchange", func() bool { return v.standing() >= 2 })
			x.price(v.product, v.symbol, "58990")
			v.agree("0")
			v.until("nothing of ours is left at the exchange", func() bool { return v.standing() == 0 })

			x.price(v.product, v.symbol, "60000")
			v.until("the program knows the price", func() bool {
				q, ok := v.Market.Quote(market.VenueOf(x.account()), trading.InstrumentKey{Product: v.product, Symbol: v.symbol})
				return ok && q.Mark.Equal(trading.MustPrice("60000"))
			})
			v.say("SHORT", `,"quantity":"0.01","stopLoss":"61000","takeProfit":"59000"`, "Filled")
			v.until("stop and target stand at the exchange", func() bool { return v.standing() >= 2 })
			x.price(v.product, v.symbol, "58990")
			v.agree("0")
			v.until("nothing of ours is left at the exchange", func() bool { return v.standing() == 0 })
		})
	}
}

// open are the orders that have not ended.
func (v *visit) open() []trading.Order {
	v.t.Helper()
	list, err := v.Store.OpenOrders(v.t.Context(), v.x.account())
	if err != nil {
		v.t.Fatal(err)
	}
	return list
}

// standing counts what waits at the exchange to close the position.
func (v *visit) standing() int {
	n := 0
	for _, o := range v.x.core(v.product).OpenOrders(v.product, v.symbol) {
		if o.Guarding() || o.Kind.Conditional() {
			n++
		}
	}
	return n
}

func TestBothSidesStayApartOnAnAccountInHedgeMode(t *testing.T) {
	for _, e := range realExchanges() {
		t.Run(string(e), func(t *testing.T) {
			x := openExchange(t, e)
			if no := x.linear.SetHedge(true); no != nil {
				t.Fatalf("hedge mode: %+v", no)
			}
			v := arrive(t, x, trading.Linear)

			v.say("LONG", `,"quantity":"0.01"`, "Filled")
			v.say("SHORT", `,"quantity":"0.004"`, "Filled")

			v.until("both sides stand", func() bool {
				long, short := x.linear.Position(v.symbol, trading.SlotLong), x.linear.Position(v.symbol, trading.SlotShort)
				return long.Qty.String() == "0.01" && short.Qty.String() == "-0.004" && v.holds(x.account(), v.product, v.symbol).String() == "0.006"
			})
			v.say("CLOSE_LONG", "", "Filled")
			v.say("CLOSE_SHORT", "", "Filled")
			v.until("nothing is held", func() bool {
				return x.linear.Position(v.symbol, trading.SlotLong).Qty.IsZero() && x.linear.Position(v.symbol, trading.SlotShort).Qty.IsZero()
			})
			v.oneOrderEach()
		})
	}
}

func TestBuyingAndSellingWorksOnTheSpotOfEachExchange(t *testing.T) {
	for _, e := range realExchanges() {
		t.Run(string(e), func(t *testing.T) {
			dir, x := t.TempDir(), openExchange(t, e)
			v := &visit{house: startOn(t, x, dir), x: x, product: trading.Spot}
			v.written, v.symbol = symbolOf(e, v.product)

			v.say("BUY", `,"quantity":"0.01"`, "Filled")
			v.say("CLOSE", `,"quantity":"0.004"`, "Filled")
			v.say("BUY", `,"quantity":"0.01","orderType":"limit","price":"59000"`, "Accepted")
			x.price(v.product, v.symbol, "58990")
			v.until("the limit order filled", func() bool {
				return v.holds(x.account(), trading.Spot, v.symbol).More(trading.MustQty("0.014"))
			})
			v.stop()
			v.house = startOn(t, x, dir)
			v.say("CLOSE", "", "Filled")
			v.until("nothing that could be sold is left", func() bool {
				return v.holds(x.account(), trading.Spot, v.symbol).Less(trading.MustQty("0.0001"))
			})
			v.oneOrderEach()
		})
	}
}

// oneOrderEach holds the exchange's own log against the ledger: each client order id of ours is there once.
func (v *visit) oneOrderEach() {
	v.t.Helper()
	seen := map[string]int{}
	for _, core := range v.x.cores() {
		for _, o := range core.Orders() {
			if o.Link != "" {
				seen[o.Link]++
			}
		}
	}
	for link, n := range seen {
		if n != 1 {
			v.t.Errorf("the exchange has %d orders of id %s: one signal became more", n, link)
		}
	}
}
