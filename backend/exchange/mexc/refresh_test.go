package mexc_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/exchange/mexc"
	"hoox/backend/trading"
	"hoox/backend/wire"
)

func TestAQuietMarketIsAskedForItsPrice(t *testing.T) {
	s := newStage(t, "0", "0")
	keys := []trading.InstrumentKey{perpetual().Key(), coin().Key()}
	p, err := mexc.NewPrices(exchange.PriceConfig{Addresses: exchange.Addresses{RestURL: s.url, PublicURL: "ws" + strings.TrimPrefix(s.url, "http")}, Keys: keys, Now: s.clock.Now, Log: slog.New(slog.NewTextHandler(s.log, nil)), Stream: wire.StreamConfig{}})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for _, price := range []string{"60000", "61000"} {
		s.price(price)
		s.clock.Pass(time.Hour)
		before := s.clock.Now()
		for _, key := range keys {
			if err := p.Refresh(t.Context(), key); err != nil {
				t.Fatalf("refresh %s: %v", key.Symbol, err)
			}
			q, ok := p.Quote(trading.MEXC, key)
			if !ok || q.At.Before(before) || q.At.After(s.clock.Now()) || !q.Mark.Equal(trading.MustPrice(price)) || !q.Ask.More(q.Bid) {
				t.Errorf("%s: quote is %+v (%v), want %s of %s: a quiet market must not look like an old price", key.Symbol, q, ok, price, before)
			}
		}
	}
	err = p.Refresh(context.Background(), trading.InstrumentKey{Product: trading.Linear, Symbol: "NO_USDT"})
	if err == nil {
		t.Error("a contract that there is not has a price")
	}
}
