package market_test

import (
	"context"
	"testing"
	"time"

	"hoox/backend/market"
	"hoox/backend/trading"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func at(moment time.Time) func() time.Time { return func() time.Time { return moment } }

func linear(symbol string) trading.InstrumentKey {
	return trading.InstrumentKey{Product: trading.Linear, Symbol: symbol}
}

func TestSeedOneHasTheseQuotesForEver(t *testing.T) {
	m := market.New(1, at(noon), market.Standard())
	for _, test := range []struct {
		exchange       trading.Exchange
		key            trading.InstrumentKey
		after          time.Duration
		bid, ask, mark string
	}{
		{trading.Bybit, linear("BTCUSDT"), 0, "59937.8", "59937.9", "59937.8"},
		{trading.Bybit, linear("BTCUSDT"), time.Second, "59937", "59937.1", "59937"},
		{trading.Bybit, linear("BTCUSDT"), 6 * time.Hour, "59591.1", "59591.2", "59591.1"},
		{trading.Bybit, trading.InstrumentKey{Product: trading.Spot, Symbol: "BTCUSDT"}, 6 * time.Hour, "59591.03", "59591.05", "59591.04"},
		{trading.Bybit, linear("DOGEUSDT"), 6 * time.Hour, "0.15242", "0.15244", "0.15243"},
		{trading.Binance, linear("BTCUSDT"), 0, "59937.6", "59937.7", "59937.6"},
		{trading.MEXC, linear("BTC_USDT"), 6 * time.Hour, "59591", "59591.2", "59591.1"},
		{trading.Paper, linear("BTCUSDT"), time.Second, "59936.8", "59936.9", "59936.8"},
	} {
		q, ok := m.QuoteAt(test.exchange, test.key, noon.Add(test.after))
		if !ok || q.Bid.String() != test.bid || q.Ask.String() != test.ask || q.Mark.String() != test.mark {
			t.Errorf("%s %s after %s: %s/%s mark %s, want %s/%s mark %s: recorded runs depend on it",
				test.exchange, test.key.Symbol, test.after, q.Bid, q.Ask, q.Mark, test.bid, test.ask, test.mark)
		}
	}
}

func TestAnotherSeedIsAnotherMarket(t *testing.T) {
	a, _ := market.New(1, at(noon), market.Standard()).Quote(trading.Bybit, linear("BTCUSDT"))
	b, _ := market.New(2, at(noon), market.Standard()).Quote(trading.Bybit, linear("BTCUSDT"))
	if a.Mark.Equal(b.Mark) {
		t.Errorf("both seeds say %s", a.Mark)
	}
}

func TestQuotesAreSoundAtAnyTime(t *testing.T) {
	m := market.New(7, at(noon), market.Standard())
	for _, i := range market.Standard() {
		two := i.TickSize.Times(trading.RatioUnits(2, 0))
		for n := range 500 {
			moment := noon.Add(time.Duration(n) * 97 * time.Minute)
			q, ok := m.QuoteAt(i.Exchange, i.Key(), moment)
			spread := q.Ask.Sub(q.Bid)
			switch {
			case !ok || !q.Bid.IsPositive() || !q.At.Equal(moment):
				t.Fatalf("%s %s: quote %+v (%v)", i.Exchange, i.Symbol, q, ok)
			case spread.Less(i.TickSize) || spread.More(two):
				t.Fatalf("%s %s: spread is %s, want one or two ticks of %s", i.Exchange, i.Symbol, spread, i.TickSize)
			case q.Mark.Less(q.Bid) || q.Mark.More(q.Ask):
				t.Fatalf("%s %s: mark %s is outside %s and %s", i.Exchange, i.Symbol, q.Mark, q.Bid, q.Ask)
			case !q.Bid.Floor(i.TickSize).Equal(q.Bid) || !q.Mark.Floor(i.TickSize).Equal(q.Mark):
				t.Fatalf("%s %s: %s is not a whole number of ticks of %s", i.Exchange, i.Symbol, q.Bid, i.TickSize)
			}
		}
	}
}

func TestPricesWanderSmoothlyAndStayNearTheirBase(t *testing.T) {
	m := market.New(1, at(noon), market.Standard())
	low, high := trading.MustPrice("56000"), trading.MustPrice("64000")
	var before trading.Price
	for n := range 24 * 60 {
		q, _ := m.QuoteAt(trading.Bybit, linear("BTCUSDT"), noon.Add(time.Duration(n)*time.Minute))
		if q.Mark.Less(low) || q.Mark.More(high) {
			t.Fatalf("mark is %s after %d minutes, want it within 7 %% of 60000", q.Mark, n)
		}
		if step := q.Mark.Sub(before).Abs(); n > 0 && step.More(trading.MustPrice("150")) {
			t.Fatalf("mark moved by %s in a minute, want less than a quarter of a percent", step)
		}
		before = q.Mark
	}
}

func TestExchangesDifferByATickOrTwo(t *testing.T) {
	m := market.New(1, at(noon), market.Standard())
	most, differ := trading.MustPrice("0.4"), false
	for n := range 200 {
		moment := noon.Add(time.Duration(n) * 11 * time.Second)
		a, _ := m.QuoteAt(trading.Bybit, linear("BTCUSDT"), moment)
		b, _ := m.QuoteAt(trading.Binance, linear("BTCUSDT"), moment)
		gap := a.Mark.Sub(b.Mark).Abs()
		if gap.More(most) {
			t.Fatalf("marks are %s and %s, want at most four ticks apart", a.Mark, b.Mark)
		}
		differ = differ || gap.IsPositive()
	}
	if !differ {
		t.Error("the exchanges never differ; want two markets, not one under two names")
	}
}

func TestDepthGetsWorseWithEveryLevelAndHoldsAnOrdinaryOrder(t *testing.T) {
	m := market.New(1, at(noon), market.Standard())
	for _, i := range market.Standard() {
		q, _ := m.Quote(i.Exchange, i.Key())
		for _, side := range []trading.Side{trading.Buy, trading.Sell} {
			levels, last := 0, q.Touch(side)
			for price, qty := range m.Depth(q, side, 20) {
				if levels == 0 && (!price.Equal(q.Touch(side)) || trading.Notional(price, qty).Less(trading.MoneyUnits(20_000, 0))) {
					t.Errorf("%s %s: best %s level is %s at %s, want at least 20000 at %s", i.Exchange, i.Symbol, side, qty, price, q.Touch(side))
				}
				if worse := price.More(last) == (side == trading.Buy); levels > 0 && (!worse || price.Equal(last)) {
					t.Errorf("%s %s: level %d for a %s is at %s after %s, want it worse", i.Exchange, i.Symbol, levels, side, price, last)
				}
				if !i.RoundQty(qty).Equal(qty) || !qty.IsPositive() {
					t.Errorf("%s %s: level holds %s, want whole steps of %s", i.Exchange, i.Symbol, qty, i.StepSize)
				}
				levels, last = levels+1, price
			}
			if levels != 20 {
				t.Errorf("%s %s: %d levels, want 20", i.Exchange, i.Symbol, levels)
			}
		}
	}
}

func TestCandlesJoinAndAgreeWithQuotes(t *testing.T) {
	m := market.New(1, at(noon), market.Standard())
	list, err := m.Candles(t.Context(), trading.Bybit, linear("BTCUSDT"), time.Minute, noon.Add(-time.Hour), noon.Add(time.Hour))
	if err != nil || len(list) != 60 {
		t.Fatalf("%d candles (%v), want 60: nothing is shown of the future", len(list), err)
	}
	for n, c := range list {
		q, _ := m.QuoteAt(trading.Bybit, linear("BTCUSDT"), c.Start)
		switch {
		case !c.Open.Equal(q.Mark):
			t.Errorf("candle at %s opens at %s, the mark was %s", c.Start, c.Open, q.Mark)
		case c.High.Less(c.Open.Max(c.Close)) || c.Low.More(c.Open.Min(c.Close)):
			t.Errorf("candle %+v: high and low do not hold open and close", c)
		case !c.Volume.IsPositive():
			t.Errorf("candle at %s has no volume", c.Start)
		case n > 0 && !c.Open.Equal(list[n-1].Close):
			t.Errorf("candle at %s opens at %s, the one before closed at %s", c.Start, c.Open, list[n-1].Close)
		}
	}
}

func TestCandlesAreAlignedAndTheOpenOneEndsNow(t *testing.T) {
	now := noon.Add(90 * time.Second)
	m := market.New(1, at(now), market.Standard())
	list, err := m.Candles(t.Context(), trading.Bybit, linear("BTCUSDT"), time.Minute, noon.Add(time.Second), now.Add(time.Hour))
	if err != nil || len(list) != 1 || !list[0].Start.Equal(noon.Add(time.Minute)) {
		t.Fatalf("candles are %+v (%v), want the one that starts at 12:01", list, err)
	}
	q, _ := m.Quote(trading.Bybit, linear("BTCUSDT"))
	if !list[0].Close.Equal(q.Mark) {
		t.Errorf("open candle closes at %s, the mark is %s", list[0].Close, q.Mark)
	}
}

func TestCandlesRefuseWhatTheyCannotAnswer(t *testing.T) {
	m := market.New(1, at(noon), market.Standard())
	day := 24 * time.Hour
	if _, err := m.Candles(t.Context(), trading.Bybit, linear("NOSUCHCOIN"), time.Minute, noon.Add(-day), noon); trading.KindOf(err) != trading.NotFound {
		t.Errorf("unknown symbol: %v, want NotFound", err)
	}
	if _, err := m.Candles(t.Context(), trading.Bybit, linear("BTCUSDT"), time.Millisecond, noon.Add(-day), noon); trading.KindOf(err) != trading.Invalid {
		t.Errorf("a millisecond: %v, want Invalid", err)
	}
	if _, err := m.Candles(t.Context(), trading.Bybit, linear("BTCUSDT"), time.Second, noon.Add(-day), noon); trading.KindOf(err) != trading.Invalid {
		t.Errorf("86400 candles: %v, want Invalid", err)
	}
	ended, stop := context.WithCancel(t.Context())
	stop()
	if _, err := m.Candles(ended, trading.Bybit, linear("BTCUSDT"), time.Minute, noon.Add(-time.Hour), noon); err == nil {
		t.Error("an ended context: no error")
	}
}

func TestCatalogueIsSoundAndTradesOneHundredthOfABitcoin(t *testing.T) {
	m := market.New(1, at(noon), market.Standard())
	count := map[string]int{}
	for _, i := range market.Standard() {
		count[string(i.Exchange)+" "+string(i.Product)]++
		q, _ := m.Quote(i.Exchange, i.Key())
		if !i.TickSize.IsPositive() || !i.StepSize.IsPositive() || !i.MinQty.IsPositive() || i.MaxQty.Less(i.MinQty) || !i.RoundQty(i.MinQty).Equal(i.MinQty) {
			t.Errorf("%s %s: filters %+v do not fit together", i.Exchange, i.Symbol, i)
		}
		if i.Product == trading.Spot && (i.MaxLeverage != 1 || !i.Maintenance.IsZero()) {
			t.Errorf("%s %s: spot with leverage", i.Exchange, i.Symbol)
		}
		// At the largest leverage the margin must exceed the maintenance, or an entry is liquidated as it fills.
		if initial := trading.RatioUnits(1, 0).Over(trading.RatioUnits(int64(i.MaxLeverage), 0)); !initial.More(i.Maintenance) {
			t.Errorf("%s %s: margin %s at %dx does not exceed the maintenance %s", i.Exchange, i.Symbol, initial, i.MaxLeverage, i.Maintenance)
		}
		if i.Base == "BTC" {
			qty := trading.MustQty("0.01")
			if err := i.CheckQty(i.RoundQty(qty), q.Ask, false); err != nil || !i.RoundQty(qty).Equal(qty) {
				t.Errorf("%s %s %s: 0.01 BTC is refused: %v", i.Exchange, i.Product, i.Symbol, err)
			}
		}
	}
	for _, e := range trading.Exchanges() {
		for _, p := range []trading.Product{trading.Linear, trading.Spot} {
			if n := count[string(e)+" "+string(p)]; n < 8 {
				t.Errorf("%s %s has %d instruments, want at least 8", e, p, n)
			}
		}
		if len(m.Instruments(e)) != count[string(e)+" linear"]+count[string(e)+" spot"] {
			t.Errorf("%s lists %d instruments, the table has another number", e, len(m.Instruments(e)))
		}
	}
	if i, ok := m.Instrument(trading.MEXC, linear("BTC_USDT")); !ok || i.StepSize.String() != "0.0001" || i.Base != "BTC" || i.Quote != "USDT" {
		t.Errorf("MEXC's BTC_USDT is %+v", i)
	}
}
