package bybitsim_test

import (
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/bybitsim"
	"hoox/backend/trading"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"), goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

func TestPrivateStreamWantsALoginAndTellsEvents(t *testing.T) {
	w := newWorld(t, bybitsim.Options{})
	s := w.dial("/v5/private")
	s.send(object{"op": "subscribe", "args": []string{"order"}})
	if f := s.next(); f["success"] != false {
		t.Errorf("subscribed without a login: %v", f)
	}
	// The vector expires at the present moment of this exchange, so the signature is right and the time is not.
	vector := []any{"test_api_key", 1700000000000, "bacffe7500499eb829bb58c45d36d1b3e5ac67c14eaeba91df5e99ccee013925"}
	s.send(object{"op": "auth", "args": vector})
	if f := s.next(); f["success"] != false {
		t.Errorf("a login that has expired: %v", f)
	}
	w.clock.Pass(-time.Second)
	s.send(object{"op": "auth", "args": vector})
	if f := s.next(); f["success"] != true {
		t.Errorf("the vector is refused: %v", f)
	}
	s.send(object{"op": "subscribe", "args": []string{"order", "execution.linear"}})
	if f := s.next(); f["success"] != false {
		t.Errorf("mixed topics: %v", f)
	}
	s.send(object{"op": "subscribe", "args": []string{"order", "execution", "position", "wallet"}})
	if f := s.next(); f["success"] != true || w.sim.Streams() != 1 {
		t.Errorf("subscribe: %v, %d streams", f, w.sim.Streams())
	}
	s.send(object{"op": "ping", "req_id": "7"})
	if f := s.next(); f["op"] != "pong" || f["req_id"] != "7" {
		t.Errorf("ping: %v", f)
	}
	w.must(w.place("hx1a"))
	var topics []string
	for range 5 {
		f := s.next()
		row := f["data"].([]any)[0].(object)
		detail := ""
		switch f["topic"] {
		case "order":
			detail = row["orderStatus"].(string)
		case "execution":
			detail = row["execQty"].(string)
		case "position":
			detail = row["size"].(string)
		}
		topics = append(topics, f["topic"].(string)+" "+detail)
	}
	if had := strings.Join(topics, ", "); had != "order New, execution 0.010, order Filled, wallet , position 0.010" {
		t.Errorf("told %q", had)
	}
}

func TestACancelThatLostTheRaceTellsFilledTwice(t *testing.T) {
	w := newWorld(t, bybitsim.Options{})
	w.must(w.place("hx1a", "orderType", "Limit", "price", "59000"))
	s := w.login("order")
	w.core.SetFaults(func(path, _ string) exchangesim.Fault {
		return exchangesim.Fault{FillFirst: path == "/v5/order/cancel"}
	})
	w.must(w.post("/v5/order/cancel", object{"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "hx1a"}))
	for _, want := range []string{"EC_NoError", "EC_OrigClOrdIDDoesNotExist"} {
		if row := s.next()["data"].([]any)[0].(object); row["orderStatus"] != "Filled" || row["rejectReason"] != want {
			t.Errorf("told %v %v, want Filled %s", row["orderStatus"], row["rejectReason"], want)
		}
	}
}

func TestAnswersMayComeBeforeTheMarket(t *testing.T) {
	w := newWorld(t, bybitsim.Options{Async: true})
	s := w.login("order")
	w.core.SetFaults(func(_, link string) exchangesim.Fault { return exchangesim.Fault{RejectLater: link == "bad"} })
	w.must(w.place("hx1a"))
	w.must(w.place("bad"))
	had := map[string]string{}
	for had["hx1a"] != "New New Filled " || had["bad"] != "New New Rejected " {
		row := s.next()["data"].([]any)[0].(object)
		had[row["orderLinkId"].(string)] += row["orderStatus"].(string) + " "
	}
}

func TestStreamsFallSilentAndBreak(t *testing.T) {
	w := newWorld(t, bybitsim.Options{})
	s := w.login("order")
	w.sim.SetSilent(true)
	w.must(w.place("unheard"))
	w.sim.SetSilent(false)
	w.sim.SetTwice(true)
	w.must(w.place("heard", "orderType", "Limit", "price", "50000"))
	for range 2 {
		if row := s.next()["data"].([]any)[0].(object); row["orderLinkId"] != "heard" {
			t.Errorf("told %v after a silence", row)
		}
	}
	w.sim.DropStreams()
	if _, _, err := s.ws.ReadMessage(); err == nil || w.sim.Streams() != 0 {
		t.Error("the stream lives on")
	}
}

func TestPublicStreamsTellSnapshotsThenChanges(t *testing.T) {
	w := newWorld(t, bybitsim.Options{})
	s := w.dial("/v5/public/linear")
	s.send(object{"op": "subscribe", "args": []string{"tickers.NOPE"}})
	if f := s.next(); f["success"] != false {
		t.Errorf("no such symbol: %v", f)
	}
	s.send(object{"op": "subscribe", "args": []string{"tickers.BTCUSDT", "orderbook.1.BTCUSDT", "kline.1.BTCUSDT"}})
	s.next()
	for _, want := range []string{"tickers.BTCUSDT", "orderbook.1.BTCUSDT"} {
		if f := s.next(); f["topic"] != want || f["type"] != "snapshot" {
			t.Errorf("told %v, want the snapshot of %s", f, want)
		}
	}
	w.clock.Pass(time.Minute)
	w.core.SetPrice("BTCUSDT", trading.MustPrice("60100"))
	if f := s.next(); f["type"] != "delta" || f["data"].(object)["markPrice"] != "60100.0" || f["data"].(object)["volume24h"] != nil {
		t.Errorf("ticker is %v", f)
	}
	bids := s.next()["data"].(object)["b"].([]any)
	if len(bids) != 2 || bids[0].([]any)[0] != "60000.0" || bids[0].([]any)[1] != "0" || bids[1].([]any)[0] != "60100.0" {
		t.Errorf("bids are %v: the old level goes, the new one comes", bids)
	}
	for _, confirm := range []bool{true, false} {
		if k := s.next()["data"].([]any)[0].(object); k["confirm"] != confirm {
			t.Errorf("candle is %v, want confirm %t", k, confirm)
		}
	}
	s.send(object{"op": "ping"})
	if f := s.next(); f["ret_msg"] != "pong" {
		t.Errorf("ping: %v", f)
	}
}
