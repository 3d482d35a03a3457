package bybit_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"hoox/backend/exchange"
	"hoox/backend/exchange/bybit"
	"hoox/backend/trading"
)

func TestPricesFollowSnapshotsAndChanges(t *testing.T) {
	more := make(chan string)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		up := websocket.Upgrader{}
		c, err := up.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer c.Close()
		if _, _, err := c.ReadMessage(); err != nil || r.URL.Path != "/v5/public/linear" {
			return
		}
		c.WriteMessage(websocket.TextMessage, []byte(`{"success":true,"ret_msg":"","op":"subscribe"}`))
		for text := range more {
			c.WriteMessage(websocket.TextMessage, []byte(text))
		}
	}))
	defer server.Close()
	defer close(more)
	now := time.UnixMilli(1760000005000).UTC()
	key := trading.InstrumentKey{Product: trading.Linear, Symbol: "BTCUSDT"}
	p, err := bybit.NewPrices(exchange.PriceConfig{
		Addresses: exchange.Addresses{PublicURL: "ws" + strings.TrimPrefix(server.URL, "http")}, Keys: []trading.InstrumentKey{key},
		Now: func() time.Time { return now }, Log: slog.New(slog.NewTextHandler(io.Discard, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- p.Serve(ctx) }()
	for _, step := range []struct{ text, want string }{
		{`{"topic":"orderbook.1.BTCUSDT","type":"snapshot","ts":1760000000100,"data":{"s":"BTCUSDT","b":[["65000.1","0.5"]],"a":[["65000.2","1"]],"u":1,"seq":1}}`, ""},
		{`{"topic":"tickers.BTCUSDT","type":"snapshot","ts":1760000000200,"data":{"symbol":"BTCUSDT","markPrice":"65000.15","lastPrice":"65000.1"}}`, "65000.1 65000.2 65000.15 1760000000200"},
		{`{"topic":"tickers.BTCUSDT","type":"delta","ts":1760000000300,"data":{"symbol":"BTCUSDT","lastPrice":"65001"}}`, "65000.1 65000.2 65000.15 1760000000300"},
		{`{"topic":"orderbook.1.BTCUSDT","type":"delta","ts":1760000009999,"data":{"s":"BTCUSDT","b":[],"a":[["65000.2","0"],["65000.3","2"]],"u":2,"seq":2}}`, "65000.1 65000.3 65000.15 1760000005000"},
	} {
		more <- step.text
		deadline := time.After(5 * time.Second)
		for had := "?"; had != step.want; {
			select {
			case <-deadline:
				t.Fatalf("quote is %q, want %q", had, step.want)
			case <-time.After(time.Millisecond):
			}
			had = ""
			if q, ok := p.Quote(trading.Bybit, key); ok {
				had = q.Bid.String() + " " + q.Ask.String() + " " + q.Mark.String() + " " + trading.RatioUnits(q.At.UnixMilli(), 0).String()
			}
		}
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("serve ended with %v", err)
	}
}
