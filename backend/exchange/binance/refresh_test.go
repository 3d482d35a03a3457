package binance_test

import (
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/exchange/binance"
	"hoox/backend/exchange/exchangesim"
	"hoox/backend/trading"
)

var (
	perpKey = trading.InstrumentKey{Product: trading.Linear, Symbol: "BTCUSDT"}
	coinKey = trading.InstrumentKey{Product: trading.Spot, Symbol: "BTCUSDT"}
)

func (s *stage) prices(t testing.TB) *binance.Prices {
	t.Helper()
	ws := func(origin string) string { return "ws" + strings.TrimPrefix(origin, "http") }
	p, err := binance.NewPrices(exchange.PriceConfig{
		Mode: trading.ModeTestnet, Addresses: exchange.Addresses{RestURL: s.origin, PublicURL: ws(s.origin), SpotRestURL: s.spotOrigin, SpotPublicURL: ws(s.spotOrigin)},
		Now: s.clock.Now, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAQuietMarketIsAskedForAndLooksNew(t *testing.T) {
	s := newStage(t)
	p := s.prices(t)
	for key, ask := range map[trading.InstrumentKey]string{perpKey: "60000.1", coinKey: "60000.01"} {
		for range 2 {
			s.pass(time.Hour)
			if err := p.Refresh(t.Context(), key); err != nil {
				t.Fatalf("%s: %v", key.Product, err)
			}
			q, ok := p.Quote(trading.Binance, key)
			if !ok || q.Bid.String() != "60000" || q.Ask.String() != ask || q.Mark.String() != "60000" || !q.At.Equal(s.clock.Now()) {
				t.Errorf("%s: %+v, %v; want the top of the market as of now", key.Product, q, ok)
			}
		}
	}
	if err := p.Refresh(t.Context(), trading.InstrumentKey{Product: trading.Linear, Symbol: "NONEUSDT"}); trading.KindOf(err) != trading.NotFound {
		t.Errorf("a symbol that there is not: %v, want not found", err)
	}
	if err := p.Refresh(t.Context(), trading.InstrumentKey{Product: "option", Symbol: "BTCUSDT"}); trading.KindOf(err) != trading.Invalid {
		t.Errorf("a product that there is not: %v, want invalid", err)
	}
	other := `{"symbol":"ETHUSDT","bidPrice":"1","askPrice":"2","time":1}`
	s.futures.SetFaults(once("/fapi/v1/ticker/bookTicker", exchangesim.Fault{Body: &other}))
	if err := p.Refresh(t.Context(), perpKey); trading.KindOf(err) != trading.Unavailable {
		t.Errorf("an answer about another symbol: %v, want unavailable", err)
	}
}

func TestAskingForPricesNeverCostsAnAccountItsRequests(t *testing.T) {
	s := newStage(t)
	p := s.prices(t)
	asked, banned := 0, false
	s.futures.SetFaults(func(path, _ string) exchangesim.Fault {
		asked++
		if banned {
			return exchangesim.Fault{Status: 418, RetryAfter: 3 * time.Minute, Refuse: true}
		}
		return exchangesim.Fault{}
	})
	var err error
	for range 2000 {
		if err = p.Refresh(t.Context(), perpKey); err != nil {
			break
		}
	}
	if trading.KindOf(err) != trading.Limited || asked > 1000 {
		t.Errorf("%v after %d requests; want the half of the limit left alone", err, asked)
	}
	s.enter(t, s.order("a"))
	s.pass(time.Minute)
	asked, banned = 0, true
	for range 5 {
		if err := p.Refresh(t.Context(), perpKey); trading.KindOf(err) != trading.Limited {
			t.Errorf("during a ban: %v, want limited", err)
		}
	}
	if asked != 1 {
		t.Errorf("%d requests during a ban, each of which makes it longer; want the one that told of it", asked)
	}
}
