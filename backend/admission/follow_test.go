package admission_test

import (
	"fmt"
	"strings"
	"testing"

	"hoox/backend/strategy"
	"hoox/backend/trading"
)

func (d *desk) resting(id trading.OrderID, side trading.Side, status trading.OrderStatus, mine bool) {
	d.book.Open = append(d.book.Open, trading.Order{ID: id, Account: "bybit:paper", Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth, Side: side,
		Type: trading.Limit, Qty: trading.MustQty("0.01"), Price: trading.MustPrice("59000"), Status: status})
	if mine {
		d.book.Mine = append(d.book.Mine, id)
	}
}

func TestSecondEntryIsWhatTheStrategySays(t *testing.T) {
	for name, c := range map[string]struct {
		rule    strategy.Pyramiding
		held    string
		entries int
		signal  trading.Signal
		want    string
	}{
		"adds":                        {strategy.Pyramiding{}, "0.02", 1, long("0.01"), "buy 0.01"},
		"ignored":                     {strategy.Pyramiding{Mode: strategy.PyramidIgnore}, "0.02", 1, long("0.01"), "no_op"},
		"ignored, but it is flat":     {strategy.Pyramiding{Mode: strategy.PyramidIgnore}, "", 0, long("0.01"), "buy 0.01"},
		"ignored, but it turns round": {strategy.Pyramiding{Mode: strategy.PyramidIgnore}, "-0.01", 1, long("0.03"), "buy 0.01 reduce, buy 0.02"},
		"ignored, but it closes":      {strategy.Pyramiding{Mode: strategy.PyramidIgnore}, "0.02", 1, follows(alert(trading.ActClose, trading.SizeNone, "")), "sell 0.02 reduce"},
		"replaced":                    {strategy.Pyramiding{Mode: strategy.PyramidReplace}, "0.02", 1, long("0.03"), "sell 0.02 reduce, buy 0.03"},
		"second of two adds":          {strategy.Pyramiding{Mode: strategy.PyramidAdd, MaxAdds: 2}, "0.02", 2, long("0.01"), "buy 0.01"},
		"third of two adds":           {strategy.Pyramiding{Mode: strategy.PyramidAdd, MaxAdds: 2}, "0.03", 3, long("0.01"), "refused"},
		"somebody else's position":    {strategy.Pyramiding{Mode: strategy.PyramidAdd, MaxAdds: 1}, "0.03", 0, long("0.01"), "buy 0.01"},
		"position grows, ignored":     {strategy.Pyramiding{Mode: strategy.PyramidIgnore}, "0.02", 1, follows(target(trading.Long, "0.03")), "no_op"},
		"position grows, one too many": {strategy.Pyramiding{Mode: strategy.PyramidAdd, MaxAdds: 1}, "0.02", 2,
			follows(target(trading.Long, "0.03")), "refused"},
		"position shrinks, ignored": {strategy.Pyramiding{Mode: strategy.PyramidIgnore}, "0.03", 1, follows(target(trading.Long, "0.01")), "sell 0.02 reduce"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.stored(func(s *strategy.Strategy) { s.Pyramiding = c.rule }, "bybit:paper")
			d.book.Entries = c.entries
			if c.held != "" {
				d.hold(trading.SlotBoth, c.held)
			}
			if got := d.legs(c.signal); got != c.want {
				t.Errorf("had %q (%s), want %q", got, d.decision.Reason, c.want)
			}
		})
	}
}

func TestReplacedPositionDoesNotCountAgainstTheCap(t *testing.T) {
	d := newDesk(t)
	d.stored(func(s *strategy.Strategy) { s.Pyramiding.Mode = strategy.PyramidReplace }, "bybit:paper")
	d.set.Put("trade:max_position_size", "3000")
	d.hold(trading.SlotBoth, "0.04")
	if got := d.legs(long("0.04")); got != "sell 0.04 reduce, buy 0.04" {
		t.Fatalf("had %s %q, want 2400 of 3000 allowed: the old position is closed first", got, d.decision.Reason)
	}
	d.set.Put("trade:max_position_size", "2000")
	if got := d.legs(long("0.04")); got != "refused" {
		t.Fatalf("had %s, want the new position alone held against the cap", got)
	}
}

func TestRestingEntryCountsAsASecondOne(t *testing.T) {
	d := newDesk(t)
	d.stored(func(s *strategy.Strategy) { s.Pyramiding.Mode = strategy.PyramidIgnore }, "bybit:paper")
	d.resting("old", trading.Buy, trading.OrderAccepted, true)
	if got := d.legs(long("0.01")); got != "no_op" || len(d.cancels) != 0 || !strings.Contains(d.decision.Reason, "one is open") {
		t.Fatalf("had %s %q cancelling %v", got, d.decision.Reason, d.cancels)
	}
}

func TestNextEntryCancelsTheStrategysOwnRestingOnesWhenItGoes(t *testing.T) {
	fresh := func() *desk {
		d := newDesk(t)
		d.stored(func(s *strategy.Strategy) {
			s.CancelPrevious = true
			s.Pyramiding = strategy.Pyramiding{Mode: strategy.PyramidIgnore}
		}, "bybit:paper")
		d.resting("old", trading.Buy, trading.OrderAccepted, true)
		d.resting("turn", trading.Sell, trading.OrderCreated, true)
		d.resting("hand", trading.Buy, trading.OrderAccepted, false)
		return d
	}
	d := fresh()
	if got := d.legs(long("0.01")); got != "buy 0.01" || fmt.Sprint(d.cancels) != "[old turn]" {
		t.Errorf("had %s cancelling %v, want the strategy's own entries gone and nobody else's", got, d.cancels)
	}
	d = fresh()
	if got := d.legs(long("0.5")); got != "refused" || len(d.cancels) != 0 {
		t.Errorf("had %s cancelling %v, want the old entries left while none replaces them", got, d.cancels)
	}
	d = fresh()
	if got := d.legs(follows(alert(trading.ActCloseLong, trading.SizeNone, ""))); got != "no_op" || len(d.cancels) != 0 {
		t.Errorf("had %s cancelling %v, want a close to leave resting entries, as without a strategy", got, d.cancels)
	}
}

func TestEntryThatWaitsAndIsReplacedDoesNotCount(t *testing.T) {
	d := newDesk(t)
	d.stored(func(s *strategy.Strategy) { s.CancelPrevious = true }, "bybit:paper")
	d.set.Put("trade:max_position_size", "1000")
	d.resting("old", trading.Buy, trading.OrderCreated, true)
	if got := d.legs(long("0.01")); got != "buy 0.01" {
		t.Errorf("had %s %q, want it allowed: the waiting one ends in the same moment", got, d.decision.Reason)
	}
	d = newDesk(t)
	d.stored(func(s *strategy.Strategy) { s.CancelPrevious = true }, "bybit:paper")
	d.set.Put("trade:max_position_size", "1000")
	d.resting("old", trading.Buy, trading.OrderAccepted, true)
	if got := d.legs(long("0.01")); got != "refused" {
		t.Errorf("had %s, want it refused: the resting one may fill before its cancel arrives", got)
	}
}

func TestDustIsSweptOnlyWhenAsked(t *testing.T) {
	part := follows(alert(trading.ActClose, trading.SizeBase, "0.0299"))
	part.Symbol, part.Exchange, part.Leverage = "BYBIT:BTCUSDT", trading.Bybit, 0
	for _, c := range []struct {
		dust   bool
		signal trading.Signal
		want   string
	}{
		// 0.0001 BTC is worth 6 USDT, and the smallest order 5.
		{true, part, "sell 0.0299 reduce"},
		{true, follows(alert(trading.ActClose, trading.SizePercent, "99.99")), "sell 0.03 reduce"},
		{false, follows(alert(trading.ActClose, trading.SizePercent, "99.99")), "sell 0.029997 reduce"},
	} {
		d := newDesk(t)
		d.stored(func(s *strategy.Strategy) { s.Dust = c.dust }, "bybit:paper")
		d.hold(trading.SlotBoth, "0.03")
		d.book.Positions[0].Product = trading.Spot
		c.signal.Symbol, c.signal.Leverage = "BYBIT:BTCUSDT", 0
		if got := d.legs(c.signal); got != c.want {
			t.Errorf("had %q, want %q", got, c.want)
		}
	}
}

func TestDefaultStopSizesByRisk(t *testing.T) {
	d := newDesk(t)
	d.stored(func(s *strategy.Strategy) {
		s.StopLoss = trading.Level{Percent: trading.MustRatio("2")}
		s.Routes[0].Size = trading.Size{Mode: trading.SizeRisk, Value: trading.MustRatio("0.5")}
	}, "bybit:paper")
	// 0.5 % of 10000 is 50; 2 % of 60001 is 1200.02; 50 / 1200.02 = 0.0416….
	if got := d.legs(long("1")); got != "buy 0.041" {
		t.Fatalf("had %s %q", got, d.decision.Reason)
	}
}
