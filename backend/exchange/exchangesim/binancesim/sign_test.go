package binancesim_test

import (
	"fmt"
	"strings"
	"testing"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/binancesim"
	"hoox/backend/trading"
)

func ltc(symbol string) trading.Instrument {
	i := spotBTC()
	i.Symbol, i.Base, i.Quote, i.TickSize, i.StepSize, i.MinNotional = symbol, "LTC", "BTC", trading.MustPrice("0.001"), trading.MustQty("0.001"), trading.MustMoney("0.0001")
	return i
}

func vectorSpot(t *testing.T) *world {
	w := newWorld(t, []trading.Instrument{ltc("LTCBTC"), ltc("１２３４５６"), spotBTC()}, map[string]trading.Money{"BTC": trading.MustMoney("10")},
		func(c *exchangesim.Core) facade { return binancesim.NewSpot(c, binancesim.Options{}) })
	w.core.SetPrice("LTCBTC", trading.MustPrice("0.1"))
	w.core.SetPrice("１２３４５６", trading.MustPrice("0.1"))
	w.core.SetPrice("BTCUSDT", trading.MustPrice("51000"))
	w.clock.set(1499827319559)
	return w
}

func TestPublishedSpotSignaturesAreAccepted(t *testing.T) {
	w := vectorSpot(t)
	const rest = "&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559&signature="
	for _, v := range []struct{ name, query, body string }{
		{"N1 in the query", "symbol=LTCBTC" + rest + "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71", ""},
		{"N1 in the body", "", "symbol=LTCBTC" + rest + "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"},
		{"N1 in upper case", "symbol=LTCBTC" + rest + "C8DB56825AE71D6D79447849E617115F4A920FA2ACDCAB2B053C4B2838BD6B71", ""},
		{"N2 percent-encoded", "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96" + rest + "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3", ""},
		{"N3 mixed", "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC", "quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559&signature=0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77"},
	} {
		a, err := w.send("POST", "/api/v3/order/test", v.query, v.body)
		if err != nil || a.status != 200 || a.body != "{}" {
			t.Errorf("%s: want {}, had %d %s %v", v.name, a.status, a.body, err)
		}
	}
}

func TestPublishedFrameSignatureIsAccepted(t *testing.T) {
	w := vectorSpot(t)
	w.clock.set(1645423376532)
	s := w.dial("/ws-api/v3")

	s.say(map[string]any{"id": 7, "method": "order.place", "params": map[string]any{
		"symbol": "BTCUSDT", "side": "SELL", "type": "LIMIT", "timeInForce": "GTC", "quantity": "0.01000000", "price": "52000.00", "recvWindow": 100,
		"timestamp": 1645423376532, "apiKey": testKey, "signature": "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24"}})

	row := s.next()
	wants(t, "N4", row, `{"id":7,"status":200}`)
	wants(t, "N4 order", sub(row, "result"), `{"symbol":"BTCUSDT","status":"NEW","price":"52000.00000000","origQty":"0.01000000"}`)
}

func TestPublishedFuturesSignatureIsAccepted(t *testing.T) {
	w := &world{t: t, clock: &clock{}}
	const key, secret = "dbefbc809e3e83c283a984c3a1459732ea7db1360ca80c5c2c8867408d28cc83", "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
	core, err := exchangesim.Open(exchangesim.Config{Key: key, Secret: secret, Log: t.TempDir() + "/log", Now: w.clock.now, Instruments: []trading.Instrument{linearBTC()}})
	if err != nil {
		t.Fatal(err)
	}
	w = serve(t, core, binancesim.NewFutures(core, binancesim.Options{}), w.clock)
	w.key = key
	w.clock.set(1591702613943)

	a, err := w.send("POST", "/fapi/v1/order/test", "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943&signature=3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9", "")

	if err != nil || a.status != 200 || a.row["symbol"] != "BTCUSDT" {
		t.Errorf("N5: want an order, had %d %s %v", a.status, a.body, err)
	}
}

func TestRequestsThatAreNotSignedAsSentAreRefused(t *testing.T) {
	w := newSpot(t, binancesim.Options{})
	now := w.clock.now().UnixMilli()
	signed := func(payload string) string { return payload + "&signature=" + hexMAC(testSecret, payload) }
	stamp := func(at int64, more string) string { return fmt.Sprintf("timestamp=%d%s", at, more) }
	plain := stamp(now, "")
	for _, c := range []struct {
		name, query string
		code        int
	}{
		{"wrong secret", plain + "&signature=" + hexMAC("other", plain), -1022},
		{"not hex", plain + "&signature=zz", -1022},
		{"changed after signing", strings.Replace(signed(stamp(now, "&recvWindow=5000")), "5000", "6000", 1), -1022},
		{"signature not last", "signature=" + hexMAC(testSecret, plain) + "&" + plain, -1022},
		{"brackets not encoded before signing", signed("symbols=[1]&" + plain), -1022},
		{"no timestamp", signed("recvWindow=5000"), -1102},
		{"no signature", plain, -1102},
		{"too old", signed(stamp(now-5001, "")), -1021},
		{"just young enough", signed(stamp(now-5000, "")), 0},
		{"a second ahead", signed(stamp(now+1000, "")), -1021},
		{"less than a second ahead", signed(stamp(now+999, "")), 0},
		{"older, with a wider window", signed(stamp(now-50000, "&recvWindow=60000")), 0},
		{"window too wide", signed(stamp(now, "&recvWindow=60001")), -1131},
		{"a parameter twice", signed(stamp(now, "&omitZeroBalances=true&omitZeroBalances=true")), -1101},
		{"a parameter nobody reads", signed(stamp(now, "&colour=blue")), -1104},
	} {
		a, err := w.send("GET", "/api/v3/account", c.query, "")
		if err != nil || a.code() != c.code {
			t.Errorf("%s: want %d, had %d %s %v", c.name, c.code, a.status, a.body, err)
		}
	}
}

func TestKeysThatMayNotAreRefused(t *testing.T) {
	sim := func(p binancesim.Permissions) *world { return newSpot(t, binancesim.Options{Permissions: p}) }
	w := sim(binancesim.Permissions{})
	w.key = "short"
	w.bad(-2014, "API-key format invalid.", "GET", "/api/v3/account", "")
	w.key = strings.Repeat("a", 64)
	w.bad(-2015, "Invalid API-key", "GET", "/api/v3/account", "")

	const order = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001"
	sim(binancesim.Permissions{NoTrading: true}).bad(-2015, "permissions", "POST", "/api/v3/order", order)
	sim(binancesim.Permissions{Revoked: true}).bad(-2015, "permissions", "GET", "/api/v3/account", "")
	w = sim(binancesim.Permissions{})
	w.sim.(*binancesim.Spot).SetPermissions(binancesim.Permissions{Expires: w.clock.now()})
	w.bad(-2015, "permissions", "POST", "/api/v3/order", order)
	w.good("GET", "/api/v3/account", "")
	wants(t, "restrictions", w.good("GET", "/sapi/v1/account/apiRestrictions", "").row,
		`{"ipRestrict":false,"enableReading":true,"enableSpotAndMarginTrading":true,"enableFutures":true,"enableWithdrawals":false,"tradingAuthorityExpirationTime":1760000000000}`)
}
