package binance_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"hoox/backend/exchange/binance"
	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/binancesim"
	"hoox/backend/trading"
)

// orders are the plain orders that an exchange ever took.
func orders(c *exchangesim.Core) int {
	n := 0
	for _, o := range c.Orders() {
		if !o.Algo {
			n++
		}
	}
	return n
}

// once makes a fault of the first request to a path.
func once(path string, f exchangesim.Fault) exchangesim.Faults {
	done := false
	return func(p, _ string) exchangesim.Fault {
		if p != path || done {
			return exchangesim.Fault{}
		}
		done = true
		return f
	}
}

func TestALostOrUnclearAnswerIsUnknownAndLookupTellsTheTruth(t *testing.T) {
	cut, empty := `{"orderId":1,"sym`, `{}`
	for name, c := range map[string]struct {
		fault exchangesim.Fault
		lives bool
	}{
		"request lost":         {exchangesim.Fault{LoseRequest: true}, false},
		"answer lost":          {exchangesim.Fault{LoseAnswer: true}, true},
		"503 unknown, done":    {binancesim.Unknown503(true), true},
		"503 unknown, not":     {binancesim.Unknown503(false), false},
		"503 unavailable":      {binancesim.Unavailable503(), false},
		"-1008":                {binancesim.Overloaded503(), false},
		"-1006 done":           {binancesim.MessageBus(true), true},
		"-1007 not":            {binancesim.BackendTimeout(false), false},
		"502 page, done":       {exchangesim.Fault{Status: 502}, true},
		"408 page, not":        {exchangesim.Fault{Status: 408, Refuse: true}, false},
		"cut body":             {exchangesim.Fault{Body: &cut}, true},
		"empty body":           {exchangesim.Fault{Body: &empty}, true},
		"huge body":            {exchangesim.Fault{Huge: true}, true},
		"unknown code, not":    {exchangesim.Fault{Status: 400, Code: -7777, Text: "Whatever.", Refuse: true}, false},
		"duplicate of nothing": {exchangesim.Fault{Status: 400, Code: -4116, Text: "ClientOrderId is duplicated.", Refuse: true}, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStage(t)
			s.futures.SetFaults(once("/fapi/v1/order", c.fault))
			o := s.order("a")
			_, err := s.Submit(t.Context(), o)
			if trading.KindOf(err) != trading.Unknown {
				t.Fatalf("submit: %v (%s), want unknown: nobody can tell from the answer", err, trading.KindOf(err))
			}
			if _, err := s.Submit(t.Context(), o); trading.KindOf(err) != trading.Unknown || s.futures.Creates("hx1a") != 1 {
				t.Errorf("again: %v, the exchange saw the id %d times; want it sent once for ever, Binance fills it again", err, s.futures.Creates("hx1a"))
			}
			var found bool
			var r trading.Report
			for range 3 {
				s.pass(30 * time.Second)
				if r, found, err = s.Lookup(t.Context(), o); err == nil {
					break
				}
			}
			if err != nil || found != c.lives || found && r.Status != trading.OrderFilled {
				t.Errorf("look-up: found %v, %s, %v; want found %v", found, r.Status, err, c.lives)
			}
			if n := orders(s.futures); n != map[bool]int{true: 1, false: 0}[c.lives] {
				t.Errorf("the exchange has %d orders", n)
			}
		})
	}
}

func TestASaleThatWaitsForAnotherGivesUpWithItsContext(t *testing.T) {
	s := newStage(t)
	coin := func(id string, side trading.Side, qty string) trading.Order {
		o := s.order(id)
		o.Product, o.Side, o.ReduceOnly, o.Qty = trading.Spot, side, side == trading.Sell, trading.MustQty(qty)
		return o
	}
	s.enter(t, coin("a", trading.Buy, "0.02"))
	arrived, once, first := make(chan struct{}), sync.Once{}, make(chan error, 1)
	s.spot.SetFaults(func(_, link string) exchangesim.Fault {
		if link != "hx1b" {
			return exchangesim.Fault{}
		}
		once.Do(func() { close(arrived) })
		return exchangesim.Fault{Delay: time.Second}
	})
	go func() {
		_, err := s.Submit(t.Context(), coin("b", trading.Sell, "0.005"))
		first <- err
	}()
	<-arrived

	_, err := s.Submit(withTimeout(t, 50*time.Millisecond), coin("c", trading.Sell, "0.005"))

	if len(first) != 0 || trading.KindOf(err) != trading.Unavailable {
		t.Errorf("%v, after the first sale: %t; want it given up, not sent, as soon as its time is over", err, len(first) != 0)
	}
	if err := <-first; err != nil {
		t.Errorf("the first sale: %v", err)
	}
	if r, err := s.Submit(t.Context(), coin("c", trading.Sell, "0.005")); err != nil || r.Status != trading.OrderFilled {
		t.Errorf("sold again later: %+v, %v; want it filled", r, err)
	}
}

func TestAnIDThatMayHaveBeenSentBeforeIsAskedForFirst(t *testing.T) {
	for _, product := range []trading.Product{trading.Linear, trading.Spot} {
		s := newStage(t)
		o := s.order("a")
		o.Product = product
		if r, err := s.Submit(t.Context(), o); err != nil || r.Status != trading.OrderFilled {
			t.Fatalf("%+v, %v", r, err)
		}
		s.pass(time.Minute)
		s.open(t)
		o.Attempts = 2
		o.Deadline = s.clock.Now().Add(time.Minute)
		if _, err := s.Submit(t.Context(), o); trading.KindOf(err) != trading.Unknown || orders(s.futures)+orders(s.spot) != 1 {
			t.Errorf("%s: %v with %d orders; want unknown and one order, a filled id would fill again", product, err, orders(s.futures)+orders(s.spot))
		}
	}
}

func TestRateLimitsAndBansAreKeptAndOutliveARestart(t *testing.T) {
	s := newStage(t)
	if _, err := s.Positions(t.Context()); err != nil {
		t.Fatal(err)
	}
	o := s.order("a")
	o.Leverage = 0
	s.futures.SetFaults(once("/fapi/v1/order", exchangesim.Fault{Status: 418, RetryAfter: 3 * time.Minute, Refuse: true}))
	if _, err := s.Submit(t.Context(), o); trading.KindOf(err) != trading.Limited {
		t.Fatalf("submit: %v (%s), want limited: a banned address is not listened to", err, trading.KindOf(err))
	}
	until := s.Lamp().BannedUntil
	if want := s.clock.Now().Add(3 * time.Minute); !until.Equal(want) {
		t.Errorf("banned until %s, want %s", until, want)
	}
	c := s.config()
	c.BannedUntil = until
	next, err := binance.New(c)
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	had := s.futures.Creates("hx1a")
	if _, err := next.Submit(withTimeout(t, 200*time.Millisecond), o); trading.KindOf(err) != trading.Limited && trading.KindOf(err) != trading.Unavailable || s.futures.Creates("hx1a") != had {
		t.Errorf("after a restart: %v; want nothing sent before the ban is over", err)
	}
	s.pass(3*time.Minute + time.Second)
	o.Deadline = s.clock.Now().Add(time.Minute)
	if r, err := s.Submit(t.Context(), o); err != nil || r.Status != trading.OrderFilled {
		t.Errorf("after the ban: %+v, %v; a limited order may be sent again", r, err)
	}
}

func TestACertainNoIsInWordsWithTheCode(t *testing.T) {
	s := newStage(t)
	for name, c := range map[string]struct {
		change func(o *trading.Order)
		want   string
	}{
		"margin":       {func(o *trading.Order) { o.Qty = trading.MustQty("900") }, "-20"},
		"notional":     {func(o *trading.Order) { o.Product, o.Leverage, o.Qty = trading.Spot, 0, trading.MustQty("0.00002") }, "-1013"},
		"hedge":        {func(o *trading.Order) { o.Slot = trading.SlotLong }, "one-way mode"},
		"stranger":     {func(o *trading.Order) { o.Account = "binance:live" }, "account"},
		"product":      {func(o *trading.Order) { o.Product = "option" }, "option"},
		"buy to close": {func(o *trading.Order) { o.Product, o.Leverage, o.ReduceOnly = trading.Spot, 0, true }, "only a sale"},
	} {
		o := s.order(strings.ReplaceAll(name, " ", ""))
		c.change(&o)
		if _, err := s.Submit(t.Context(), o); trading.KindOf(err) != trading.Rejected || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v (%s), want rejected with %q", name, err, trading.KindOf(err), c.want)
		}
	}
	if n := orders(s.futures) + orders(s.spot); n != 0 {
		t.Errorf("the exchange has %d orders, want none", n)
	}
}

func TestLeverageAndMarginModeAreSetBeforeAnEntryAndReadBack(t *testing.T) {
	s := newStage(t)
	o := s.order("a")
	o.Leverage, o.MarginMode = 7, trading.Isolated
	if _, err := s.Submit(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	if s.futures.Leverage("BTCUSDT") != 7 || !s.futures.Margin("BTCUSDT") {
		t.Errorf("leverage %d, isolated %v; want 7 and isolated", s.futures.Leverage("BTCUSDT"), s.futures.Margin("BTCUSDT"))
	}
	o = s.order("b")
	o.MarginMode = trading.Cross
	if _, err := s.Submit(t.Context(), o); trading.KindOf(err) != trading.Rejected || !strings.Contains(err.Error(), "-4048") || s.futures.Creates("hx1b") != 0 {
		t.Errorf("cross with a position that is isolated: %v, want rejected with the exchange's reason and nothing sent", err)
	}
	o = s.order("c")
	o.Leverage = 9
	s.futures.SetFaults(once("/fapi/v1/leverage", exchangesim.Fault{LoseRequest: true}))
	if _, err := s.Submit(t.Context(), o); trading.KindOf(err) != trading.Unavailable || s.futures.Creates("hx1c") != 0 {
		t.Errorf("leverage that may not be set: %v, want unavailable and nothing sent", err)
	}
}

func TestNoSecretIsInAnErrorOrALog(t *testing.T) {
	s := newStage(t)
	stop := s.serve(t)
	s.futures.SetFaults(func(string, string) exchangesim.Fault { return exchangesim.Fault{LoseAnswer: true} })
	s.spot.SetFaults(func(string, string) exchangesim.Fault { return exchangesim.Fault{LoseAnswer: true} })
	s.perps.DropStreams()
	s.coins.DropStreams()
	_, first := s.Submit(t.Context(), s.order("a"))
	_, second := s.Positions(withTimeout(t, 300*time.Millisecond))
	_, third := s.Rights(withTimeout(t, 300*time.Millisecond))
	s.until(t, "the breaks are logged", func() bool { return strings.Contains(s.log.String(), "broke") })
	stop()
	text := fmt.Sprint(first, second, third, s.log)
	for _, secret := range []string{testKey, testSecret, "listenKey=", "signature="} {
		if strings.Contains(text, secret) {
			t.Errorf("%q can be read: %s", secret, text[max(0, strings.Index(text, secret)-200):])
		}
	}
}

func TestAKeyOfFuturesAloneLeavesSpotOut(t *testing.T) {
	s := stageWith(t, "10000", "0", binancesim.Options{})
	s.coins.SetPermissions(binancesim.Permissions{Revoked: true})
	if had, asset, err := s.Balance(t.Context()); err != nil || had.String() != "10000" || asset != "USDT" {
		t.Errorf("balance is %s %s, %v; want what the futures hold", had, asset, err)
	}
	if r, err := s.Rights(t.Context()); err != nil || r.Spot != trading.No || r.Linear != trading.NotTold {
		t.Errorf("rights are %+v, %v", r, err)
	}
	s.perps.SetPermissions(binancesim.Permissions{Revoked: true})
	if _, err := s.Positions(t.Context()); trading.KindOf(err) != trading.Unauthorized {
		t.Errorf("positions with a revoked key: %v; want unauthorized, not an empty list", err)
	}
}
