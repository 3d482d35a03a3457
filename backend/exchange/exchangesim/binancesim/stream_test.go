package binancesim_test

import (
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/binancesim"
	"hoox/backend/trading"
)

// listenKey is a fresh key for the user stream of the futures.
func listenKey(w *world) string {
	w.t.Helper()
	a, err := w.send("POST", "/fapi/v1/listenKey", "", "")
	if err != nil || a.status != 200 {
		w.t.Fatalf("listenKey: %d %s %v", a.status, a.body, err)
	}
	return a.row["listenKey"].(string)
}

func TestFuturesUserStreamTellsAFillThreeTimes(t *testing.T) {
	w := newFutures(t, binancesim.Options{})
	key := listenKey(w)
	if again := listenKey(w); again != key {
		t.Errorf("want the same key until it ends, had another")
	}
	s := w.dial("/private/ws?listenKey=" + key)
	eventually(t, "the stream is open", func() bool { return w.sim.Streams() == 1 })

	w.good("POST", "/fapi/v1/order", marketBuy+"hx1")

	accepted := s.next()
	wants(t, "accepted", accepted, `{"e":"ORDER_TRADE_UPDATE","E":1760000000000,"T":1760000000000}`)
	wants(t, "accepted", sub(accepted, "o"), `{"s":"BTCUSDT","c":"hx1","S":"BUY","o":"MARKET","f":"GTC","q":"0.010","p":"0","ap":"0","sp":"0","x":"NEW","X":"NEW","i":1,"l":"0","z":"0","L":"0"}`)
	wants(t, "thin copy", s.next(), `{"e":"TRADE_LITE","s":"BTCUSDT","c":"hx1","L":"65000.1","l":"0.010","t":1,"i":1,"S":"BUY","m":false}`)
	update := s.next()
	wants(t, "account", update, `{"e":"ACCOUNT_UPDATE"}`)
	wants(t, "account", sub(update, "a"), `{"m":"ORDER","B":[{"a":"USDT","wb":"9999.73999960","cw":"9999.73999960","bc":"0"}],
		"P":[{"s":"BTCUSDT","pa":"0.010","ep":"65000.1","bep":"65026.10004","cr":"0","up":"-0.00100000","mt":"cross","iw":"0","ps":"BOTH","ma":"USDT"}]}`)
	wants(t, "filled", sub(s.next(), "o"), `{"x":"TRADE","X":"FILLED","i":1,"l":"0.010","z":"0.010","L":"65000.1","ap":"65000.1","N":"USDT","n":"0.26000040","T":1760000000000,"t":1,"m":false,"R":false,
		"wt":"CONTRACT_PRICE","ot":"MARKET","ps":"BOTH","cp":false,"rp":"0","V":"EXPIRE_MAKER","pm":"NONE","gtd":0,"er":"0"}`)

	w.good("POST", "/fapi/v1/algoOrder", algoStop+"closePosition=true&triggerPrice=64000&clientAlgoId=sl")
	wants(t, "stop", sub(s.next(), "o"), `{"caid":"sl","aid":2,"at":"CONDITIONAL","o":"STOP_MARKET","s":"BTCUSDT","S":"SELL","ps":"BOTH","f":"GTE_GTC","q":"0.000","X":"NEW","ai":"","tp":"64000.00","p":"0","wt":"MARK_PRICE","cp":true,"pP":false,"R":false,"rm":""}`)
	w.core.SetPrice("BTCUSDT", trading.MustPrice("63999"))
	wants(t, "triggering", sub(s.next(), "o"), `{"X":"TRIGGERING","ai":""}`)
	wants(t, "triggered", sub(s.next(), "o"), `{"X":"TRIGGERED","ai":"3"}`)
	wants(t, "real order", sub(s.next(), "o"), `{"i":3,"x":"NEW","c":"sl","ot":"STOP_MARKET","R":true}`)
	wants(t, "real order filled", sub(s.until("ORDER_TRADE_UPDATE"), "o"), `{"i":3,"x":"TRADE","X":"FILLED","rp":"-10.011"}`)
	wants(t, "finished", sub(s.next(), "o"), `{"caid":"sl","X":"FINISHED","ap":"63999.00000","aq":"0.010"}`)

	w.good("POST", "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=60000&newClientOrderId=hx2")
	w.good("PUT", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=hx2&side=BUY&quantity=0.02&price=60000")
	w.good("DELETE", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=hx2")
	for _, want := range []string{`{"x":"NEW","c":"hx2"}`, `{"x":"AMENDMENT","X":"NEW","q":"0.020"}`, `{"x":"CANCELED","X":"CANCELED","c":"hx2"}`} {
		wants(t, "limit order", sub(s.next(), "o"), want)
	}
	w.good("POST", "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=7")
	wants(t, "leverage", s.next(), `{"e":"ACCOUNT_CONFIG_UPDATE","ac":{"s":"BTCUSDT","l":7}}`)
}

func TestFuturesUserStreamHearsOfLiquidationAndFunding(t *testing.T) {
	w := newFutures(t, binancesim.Options{})
	s := w.dial("/private/ws?listenKey=" + listenKey(w) + "&events=ORDER_TRADE_UPDATE/ACCOUNT_UPDATE")
	eventually(t, "the stream is open", func() bool { return w.sim.Streams() == 1 })
	w.good("POST", "/fapi/v1/order", marketBuy+"hx1")
	for _, kind := range []string{"ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "ORDER_TRADE_UPDATE"} {
		wants(t, "without what was left out", s.next(), `{"e":"`+kind+`"}`)
	}
	w.core.Funding("BTCUSDT", trading.MustRatio("0.0001"))
	wants(t, "funding", sub(s.next(), "a"), `{"m":"FUNDING_FEE","B":[{"a":"USDT","wb":"9999.67499960","cw":"9999.67499960","bc":"-0.065"}],"P":[]}`)
	w.core.Liquidate("BTCUSDT", trading.SlotBoth)
	accepted := sub(s.until("ORDER_TRADE_UPDATE"), "o")
	if id, _ := accepted["c"].(string); !strings.HasPrefix(id, "autoclose-") {
		t.Errorf("want a liquidation to have an autoclose- id, had %v", accepted)
	}
	wants(t, "liquidated", sub(s.until("ORDER_TRADE_UPDATE"), "o"), `{"x":"CALCULATED","X":"FILLED","o":"LIQUIDATION"}`)
}

func TestListenKeysEndAfterAnHour(t *testing.T) {
	w := newFutures(t, binancesim.Options{})
	if a, _ := w.send("PUT", "/fapi/v1/listenKey", "", ""); a.code() != -1125 {
		t.Errorf("want -1125 without a key, had %s", a.body)
	}
	key := listenKey(w)
	s := w.dial("/private/ws?listenKey=" + key)
	eventually(t, "the stream is open", func() bool { return w.sim.Streams() == 1 })
	w.clock.add(59 * time.Minute)
	if a, _ := w.send("PUT", "/fapi/v1/listenKey", "", ""); a.status != 200 {
		t.Errorf("want the key extended, had %s", a.body)
	}
	w.clock.add(59 * time.Minute)
	w.sim.Tick()
	if w.sim.Streams() != 1 {
		t.Error("want an extended key to live on")
	}
	w.clock.add(time.Minute)
	w.sim.Tick()
	wants(t, "ended", s.next(), `{"e":"listenKeyExpired","listenKey":"`+key+`"}`)
	if a, _ := w.send("PUT", "/fapi/v1/listenKey", "", ""); a.code() != -1125 {
		t.Errorf("want -1125 after the end, had %s", a.body)
	}
	w.good("POST", "/fapi/v1/order", marketBuy+"hx1")
	s.quiet(50 * time.Millisecond)

	next := listenKey(w)
	if next == key {
		t.Error("want another key after the end of the first")
	}
	w.dial("/private/ws/" + next)
	eventually(t, "the stream is open", func() bool { return w.sim.Streams() == 1 })
	if a, _ := w.send("DELETE", "/fapi/v1/listenKey", "", ""); a.status != 200 {
		t.Errorf("want the key dropped, had %s", a.body)
	}
	eventually(t, "a dropped key takes its stream along", func() bool { return w.sim.Streams() == 0 })
}

func TestOldUserStreamPathSpeaksOnTheTestnetOnly(t *testing.T) {
	for _, testnet := range []bool{false, true} {
		w := newFutures(t, binancesim.Options{Testnet: testnet})
		s := w.dial("/ws/" + listenKey(w))
		want := 0
		if testnet {
			want = 1
		}
		// The answer to a request of its own proves that the stream is open.
		s.say(map[string]any{"method": "LIST_SUBSCRIPTIONS", "id": 1})
		s.next()
		w.good("POST", "/fapi/v1/order", marketBuy+"hx1")
		if had := w.sim.Streams(); had != want {
			t.Errorf("testnet %v: want %d user streams on the old path, had %d", testnet, want, had)
		}
		if testnet {
			s.until("ORDER_TRADE_UPDATE")
		} else {
			s.quiet(50 * time.Millisecond)
		}
	}
}

func TestStreamsOfTheWrongPathAreAcknowledgedAndSilent(t *testing.T) {
	w := newFutures(t, binancesim.Options{})
	book, market := w.dial("/public/ws"), w.dial("/market/ws")
	ask := func(s *stream, names ...string) {
		s.say(map[string]any{"method": "SUBSCRIBE", "params": names, "id": 3})
		wants(t, "acknowledged", s.next(), `{"result":null,"id":3}`)
	}
	ask(book, "btcusdt@bookTicker", "btcusdt@markPrice@1s", "btcusdt@nonsense")
	ask(market, "btcusdt@bookTicker", "btcusdt@markPrice@1s", "BTCUSDT@kline_1m")

	wants(t, "first book", book.next(), `{"e":"bookTicker","s":"BTCUSDT","b":"65000.00","a":"65000.10"}`)
	wants(t, "first mark", market.next(), `{"e":"markPriceUpdate","s":"BTCUSDT","p":"65000.00000000","r":"0.00010000","T":1760025600000}`)
	w.core.SetPrice("BTCUSDT", trading.MustPrice("65001"))
	wants(t, "next book", book.next(), `{"e":"bookTicker","b":"65001.00","a":"65001.10"}`)
	for {
		row := market.next()
		if row["e"] != "markPriceUpdate" {
			t.Fatalf("want marks only, had %v", row)
		}
		if row["p"] == "65001.00000000" {
			break
		}
	}
	if n := w.sim.Topics(); n != 6 {
		t.Errorf("want 6 subscriptions, had %d", n)
	}
	book.say(map[string]any{"method": "UNSUBSCRIBE", "params": []string{"btcusdt@bookTicker"}, "id": 4})
	book.next()
	w.core.SetPrice("BTCUSDT", trading.MustPrice("65002"))
	book.quiet(50 * time.Millisecond)
}

func TestSpotPricesCombineOnOneStream(t *testing.T) {
	w := newSpot(t, binancesim.Options{})
	s := w.dial("/stream?streams=btcusdt@bookTicker/btcusdt@kline_1m/btcusdt@miniTicker")
	seen := map[string]map[string]any{}
	for len(seen) < 3 {
		row := s.next()
		seen[row["stream"].(string)] = sub(row, "data")
	}
	wants(t, "book", seen["btcusdt@bookTicker"], `{"s":"BTCUSDT","b":"65000.00000000","a":"65000.01000000","B":"10.00000000"}`)
	wants(t, "bar", sub(seen["btcusdt@kline_1m"], "k"), `{"i":"1m","x":false,"c":"65000.00000000","t":1759999980000,"T":1760000039999}`)
	wants(t, "ticker", seen["btcusdt@miniTicker"], `{"e":"24hrMiniTicker","c":"65000.00000000"}`)
	w.clock.add(time.Minute)
	w.core.SetPrice("BTCUSDT", trading.MustPrice("65001"))
	for {
		k := sub(s.until("kline"), "k")
		if k["x"] == true {
			wants(t, "closed bar", k, `{"t":1759999980000}`)
			return
		}
	}
}

func TestStreamsThatLeavePingsUnansweredAreCut(t *testing.T) {
	w := newFutures(t, binancesim.Options{Ping: 20 * time.Millisecond})
	key := listenKey(w)
	deaf := w.dial("/private/ws?listenKey=" + key)
	pings := make(chan struct{}, 100)
	deaf.conn.SetPingHandler(func(string) error { pings <- struct{}{}; return nil })
	deaf.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, _, err := deaf.conn.ReadMessage(); err == nil || len(pings) < 3 {
		t.Errorf("want a stream cut that does not answer its pings, had %v after %d pings", err, len(pings))
	}

	polite := w.dial("/private/ws?listenKey=" + key)
	count := 0
	answer := polite.conn.PingHandler()
	polite.conn.SetPingHandler(func(data string) error {
		if count++; count == 8 {
			polite.conn.Close()
		}
		return answer(data)
	})
	polite.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	polite.conn.ReadMessage()
	if count != 8 {
		t.Errorf("want a stream kept that answers its pings, had it cut after %d", count)
	}
}

func TestStreamsCanBeSilentBusyAndRefused(t *testing.T) {
	w := newFutures(t, binancesim.Options{})
	s := w.dial("/private/ws?listenKey=" + listenKey(w))
	eventually(t, "the stream is open", func() bool { return w.sim.Streams() == 1 })
	w.sim.SetSilent(true)
	w.good("POST", "/fapi/v1/order", marketBuy+"hx1")
	if w.sim.Streams() != 1 {
		t.Error("want a silent stream to stay connected")
	}
	w.sim.SetSilent(false)
	w.good("POST", "/fapi/v1/order", marketBuy+"hx2")
	wants(t, "after silence", sub(s.next(), "o"), `{"c":"hx2","x":"NEW"}`)

	busy := w.dial("/public/ws")
	for range 11 {
		busy.conn.WriteJSON(map[string]any{"method": "LIST_SUBSCRIPTIONS", "id": 1})
	}
	busy.conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	var err error
	for err == nil {
		_, _, err = busy.conn.ReadMessage()
	}

	w.core.SetFaults(func(path, link string) exchangesim.Fault { return exchangesim.Fault{Status: 503} })
	conn, answer, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(w.web.URL, "http")+"/public/ws", nil)
	if err == nil {
		conn.Close()
		t.Fatal("want a stream refused, had it open")
	}
	if answer.StatusCode != 503 {
		t.Errorf("want 503, had %d", answer.StatusCode)
	}
}

func TestEventsCanBeLostRepeatedAndMadeUp(t *testing.T) {
	w := newFutures(t, binancesim.Options{})
	s := w.dial("/private/ws?listenKey=" + listenKey(w))
	eventually(t, "the stream is open", func() bool { return w.sim.Streams() == 1 })
	w.sim.SetEvents(func(event map[string]any) []any {
		switch event["e"] {
		case "TRADE_LITE":
			return nil
		case "ACCOUNT_UPDATE":
			return []any{map[string]any{"e": "NEVER_SEEN"}, event, event}
		}
		return []any{event}
	})

	w.good("POST", "/fapi/v1/order", marketBuy+"hx1")

	for _, kind := range []string{"ORDER_TRADE_UPDATE", "NEVER_SEEN", "ACCOUNT_UPDATE", "ACCOUNT_UPDATE", "ORDER_TRADE_UPDATE"} {
		wants(t, "event", s.next(), `{"e":"`+kind+`"}`)
	}
}
