package mexcsim_test

import (
	"testing"
	"time"

	"hoox/backend/exchange/exchangesim/mexcsim"
)

// The signatures below are the published vectors, not computed here.
const (
	vectorM1 = "fd3e4e8543c5188531eb7279d68ae7d26a573d0fc5ab0d18eb692451654d837a"
	vectorM2 = "d1a676610ceb39174c8039b3f548357994b2a34139a8addd33baadba65684592"
	vectorM3 = "45cec2fe01a5bad54a6b67ca14d999b207fd3a3c0761559360a9ef1ef3a144ef"
	vectorM4 = "7b05feb5fdaef5d30a248c062f8b40d5f72cd38e9f63e17bb86079c3829ca400"
	vectorM5 = "130053c18bcdfac6c2c7c915d493a9e2cf52f9f07fe2192943979f70add53eba"
	vectorM6 = "ee8cfc49107567f200f2448ec39cdb920c11dc748c6bba8991661594509acc45"
)

func futuresHeader(signature string) map[string]string {
	return map[string]string{"ApiKey": futuresKey, "Request-Time": "1700000000000", "Signature": signature, "Content-Type": "application/json"}
}

func TestFuturesAcceptsThePublishedSignatures(t *testing.T) {
	w := newWorld(t, setting{oneWay: true})
	w.price("65000")
	const body = `{"symbol":"BTC_USDT","price":"60000","vol":"1","leverage":10,"side":1,"type":1,"openType":1,"externalOid":"vec-0001","positionMode":2}`
	for name, r := range map[string]struct{ method, path, body, signature string }{
		"M3":          {"GET", "order/list/open_orders?page_num=1&page_size=20&symbol=BTC_USDT", "", vectorM3},
		"M3 unsorted": {"GET", "order/list/open_orders?symbol=BTC_USDT&page_size=20&page_num=1", "", vectorM3},
		"M4":          {"POST", "order/create", body, vectorM4},
		"M5":          {"GET", "position/position_mode", "", vectorM5},
		"M6":          {"POST", "order/cancel", `["101716841474621953"]`, vectorM6},
	} {
		_, raw, err := w.send(r.method, "/api/v1/private/"+r.path, r.body, futuresHeader(r.signature))
		if err != nil {
			t.Fatal(name, err)
		}
		if a := read(t, raw); a.at("success") != "true" {
			t.Errorf("%s: want success, had %s", name, raw)
		}
		_, raw, _ = w.send(r.method, "/api/v1/private/"+r.path, r.body, futuresHeader("0"+r.signature[1:]))
		if a := read(t, raw); r.signature[0] != '0' && a.at("code") != "602" {
			t.Errorf("%s with another signature: want 602, had %s", name, raw)
		}
	}
	_, raw, _ := w.send("POST", "/api/v1/private/order/create", body+" ", futuresHeader(vectorM4))
	read(t, raw).want(t, "602", "code")
}

func TestFuturesRefusesBadKeysAndClocks(t *testing.T) {
	w := newWorld(t, setting{})
	for name, r := range map[string]struct {
		change func(h map[string]string)
		code   string
	}{
		"no key":       {func(h map[string]string) { delete(h, "ApiKey") }, "401"},
		"other key":    {func(h map[string]string) { h["ApiKey"] = "other" }, "401"},
		"no signature": {func(h map[string]string) { delete(h, "Signature") }, "401"},
		"upper case": {func(h map[string]string) {
			h["Signature"] = "130053C18BCDFAC6C2C7C915D493A9E2CF52F9F07FE2192943979F70ADD53EBA"
		}, "602"},
		"old":           {func(h map[string]string) { h["Request-Time"] = "1699999989999" }, "513"},
		"ahead":         {func(h map[string]string) { h["Request-Time"] = "1700000010001" }, "513"},
		"window in ms":  {func(h map[string]string) { h["Recv-Window"] = "5000" }, "513"},
		"still in time": {func(h map[string]string) { h["Recv-Window"] = "60" }, "0"},
	} {
		h := futuresHeader(vectorM5)
		r.change(h)
		_, raw, _ := w.send("GET", "/api/v1/private/position/position_mode", "", h)
		if a := read(t, raw); a.at("code") != r.code {
			t.Errorf("%s: want %s, had %s", name, r.code, raw)
		}
	}
	for name, k := range map[string]mexcsim.Key{"402": {Expired: true}, "406": {WrongIP: true}, "401": {Revoked: true}, "703": {NoRead: true}} {
		w.futures.SetKey(k)
		w.ask("GET", "position/position_mode", "").want(t, name, "code")
	}
	w.futures.SetKey(mexcsim.Key{})
	w.ask("GET", "position/position_mode", "").want(t, "1", "data", "positionMode")
}

func TestSpotAcceptsThePublishedSignatures(t *testing.T) {
	w := newWorld(t, setting{at: 1644489390087})
	w.holdings.SetPrice("BTCUSDT", coin().TickSize)
	header := map[string]string{"X-MEXC-APIKEY": spotKey}
	for name, r := range map[string]struct{ query, body string }{
		"M1": {"symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=11&recvWindow=5000&timestamp=1644489390087&signature=" + vectorM1, ""},
		"M2": {"symbol=BTCUSDT&side=BUY&type=LIMIT", "quantity=1&price=11&recvWindow=5000&timestamp=1644489390087&signature=" + vectorM2},
	} {
		status, raw, err := w.send("POST", "/api/v3/order?"+r.query, r.body, header)
		if err != nil || status != 200 {
			t.Errorf("%s: want an order, had %d %s %v", name, status, raw, err)
		}
	}
	status, raw, _ := w.send("POST", "/api/v3/order?side=BUY&symbol=BTCUSDT&type=LIMIT&quantity=1&price=11&recvWindow=5000&timestamp=1644489390087&signature="+vectorM1, "", header)
	if a := read(t, raw); status != 400 || a.at("code") != "700002" {
		t.Errorf("another order of the same parameters: want 700002, had %d %s", status, raw)
	}
}

func TestSpotRefusesBadKeysAndClocks(t *testing.T) {
	w := newWorld(t, setting{})
	sign := func(params string) string {
		return "/api/v3/account?" + params + "&signature=" + mac(spotSecret, params)
	}
	for name, r := range map[string]struct{ path, key, code string }{
		"no key":        {sign("timestamp=1700000000000"), "", "700001"},
		"other key":     {sign("timestamp=1700000000000"), "other", "10072"},
		"late":          {sign("timestamp=1699999994999"), spotKey, "700003"},
		"ahead":         {sign("timestamp=1700000001000"), spotKey, "700003"},
		"wide window":   {sign("recvWindow=60001&timestamp=1700000000000"), spotKey, "700005"},
		"no time":       {sign("recvWindow=5000"), spotKey, "700004"},
		"no signature":  {"/api/v3/account?timestamp=1700000000000", spotKey, "700004"},
		"bad signature": {"/api/v3/account?timestamp=1700000000000&signature=00", spotKey, "700002"},
	} {
		status, raw, _ := w.send("GET", r.path, "", map[string]string{"X-MEXC-APIKEY": r.key})
		if a := read(t, raw); a.at("code") != r.code || status != 400 {
			t.Errorf("%s: want 400 %s, had %d %s", name, r.code, status, raw)
		}
	}
	for code, k := range map[string]mexcsim.Key{"700006": {WrongIP: true}, "10072": {Revoked: true}, "700007": {NoTrade: true}} {
		w.spot.SetKey(k)
		_, a := w.call("POST", "order/test", "symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=50")
		a.want(t, code, "code")
	}
}

func TestRequestsThatComeTooFastAreCountedAndRefusedOnDemand(t *testing.T) {
	w := newWorld(t, setting{options: mexcsim.Options{Limits: true}})
	for range 4 {
		w.ask("POST", "order/create", `{"symbol":"X_USDT"}`).want(t, "1001", "code")
	}
	w.ask("POST", "order/create", `{"symbol":"X_USDT"}`).want(t, "510", "code")
	w.clock.Pass(2 * time.Second)
	w.ask("POST", "order/create", `{"symbol":"X_USDT"}`).want(t, "1001", "code")
	if n := w.futures.TooFrequent(); n != 1 {
		t.Errorf("want one request counted as too fast, had %d", n)
	}
	for range 2 {
		w.call("GET", "account", "")
	}
	if status, _ := w.call("GET", "account", ""); status != 429 {
		t.Errorf("want 429 for a third look at the account in a second, had %d", status)
	}
}
