package binancesim_test

import (
	"fmt"
	"testing"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/binancesim"
	"hoox/backend/trading"
)

func TestSpotRulesLookAsDocumented(t *testing.T) {
	w := newSpot(t, binancesim.Options{MarketMaxQty: trading.MustQty("120")})
	a, err := w.send("GET", "/api/v3/exchangeInfo", "symbol=BTCUSDT", "")
	if err != nil {
		t.Fatal(err)
	}

	wants(t, "exchangeInfo", a.row, `{"timezone":"UTC","serverTime":1760000000000,"exchangeFilters":[],"rateLimits":[
		{"rateLimitType":"REQUEST_WEIGHT","interval":"MINUTE","intervalNum":1,"limit":6000},{"rateLimitType":"ORDERS","interval":"SECOND","intervalNum":10,"limit":50},
		{"rateLimitType":"ORDERS","interval":"DAY","intervalNum":1,"limit":160000}]}`)
	symbol, _ := a.row["symbols"].([]any)[0].(map[string]any)
	wants(t, "symbol", symbol, `{"symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC","baseAssetPrecision":8,"quoteAsset":"USDT","quoteAssetPrecision":8,
		"orderTypes":["LIMIT","LIMIT_MAKER","MARKET","STOP_LOSS","STOP_LOSS_LIMIT","TAKE_PROFIT","TAKE_PROFIT_LIMIT"],"quoteOrderQtyMarketAllowed":true,"isSpotTradingAllowed":true}`)
	filters, _ := symbol["filters"].([]any)
	for n, want := range []string{
		`{"filterType":"PRICE_FILTER","minPrice":"0.01000000","maxPrice":"1000000.00000000","tickSize":"0.01000000"}`,
		`{"filterType":"LOT_SIZE","minQty":"0.00001000","maxQty":"9000.00000000","stepSize":"0.00001000"}`,
		`{"filterType":"MARKET_LOT_SIZE","minQty":"0.00000000","maxQty":"120.00000000","stepSize":"0.00000000"}`,
		`{"filterType":"NOTIONAL","minNotional":"5.00000000","applyMinToMarket":true,"maxNotional":"9000000.00000000","applyMaxToMarket":false,"avgPriceMins":5}`,
		`{"filterType":"MAX_NUM_ORDERS","maxNumOrders":200}`,
	} {
		wants(t, "filter", filters[n].(map[string]any), want)
	}
	w.core.SetHalted("BTCUSDT", true)
	a, _ = w.send("GET", "/api/v3/exchangeInfo", "symbol=BTCUSDT", "")
	wants(t, "halted symbol", a.row["symbols"].([]any)[0].(map[string]any), `{"status":"HALT"}`)
}

func TestSpotMarketBuyTellsItsFillsAndPaysInWhatItBought(t *testing.T) {
	w := newSpot(t, binancesim.Options{})
	row := w.good("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=50&newClientOrderId=hx-1-e").row

	wants(t, "answer", row, `{"symbol":"BTCUSDT","orderId":1,"orderListId":-1,"clientOrderId":"hx-1-e","transactTime":1760000000000,"price":"0.00000000","origQty":"0.00076000",
		"executedQty":"0.00076000","origQuoteOrderQty":"50.00000000","cummulativeQuoteQty":"49.40000760","status":"FILLED","timeInForce":"GTC","type":"MARKET","side":"BUY",
		"workingTime":1760000000000,"selfTradePreventionMode":"EXPIRE_MAKER","fills":[{"price":"65000.01000000","qty":"0.00076000","commission":"0.00000076","commissionAsset":"BTC","tradeId":1}]}`)
	wants(t, "query", w.good("GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=hx-1-e").row, `{"symbol":"BTCUSDT","orderId":1,"orderListId":-1,"clientOrderId":"hx-1-e",
		"price":"0.00000000","origQty":"0.00076000","executedQty":"0.00076000","cummulativeQuoteQty":"49.40000760","status":"FILLED","timeInForce":"GTC","type":"MARKET","side":"BUY",
		"stopPrice":"0.00000000","time":1760000000000,"updateTime":1760000000000,"isWorking":true,"workingTime":1760000000000,"origQuoteOrderQty":"50.00000000","selfTradePreventionMode":"EXPIRE_MAKER"}`)
	account := w.good("GET", "/api/v3/account", "omitZeroBalances=true").row
	wants(t, "account", account, `{"makerCommission":10,"takerCommission":10,"canTrade":true,"updateTime":1760000000000,"accountType":"SPOT","permissions":["SPOT"],
		"balances":[{"asset":"BTC","free":"1.00075924","locked":"0.00000000"},{"asset":"USDT","free":"9950.59999240","locked":"0.00000000"}]}`)
	trades := w.good("GET", "/api/v3/myTrades", "symbol=BTCUSDT&orderId=1").list
	wants(t, "trade", trades[0].(map[string]any), `{"symbol":"BTCUSDT","id":1,"orderId":1,"price":"65000.01000000","qty":"0.00076000","quoteQty":"49.40000760",
		"commission":"0.00000076","commissionAsset":"BTC","isBuyer":true,"isMaker":false,"time":1760000000000}`)
	wants(t, "commission", w.good("GET", "/api/v3/account/commission", "symbol=BTCUSDT").row["standardCommission"].(map[string]any), `{"maker":"0.00100000","taker":"0.00100000"}`)
}

func TestSpotAnswersAreAsLargeAsAskedFor(t *testing.T) {
	w := newSpot(t, binancesim.Options{})
	limit := "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=60000&newOrderRespType="
	for form, want := range map[string][2]bool{"ACK": {false, false}, "RESULT": {true, false}, "FULL": {true, true}} {
		row := w.good("POST", "/api/v3/order", limit+form).row
		_, state := row["status"]
		_, fills := row["fills"]
		if state != want[0] || fills != want[1] {
			t.Errorf("%s: want state %v and fills %v, had %v", form, want[0], want[1], row)
		}
	}
	if n := len(w.good("GET", "/api/v3/openOrders", "symbol=BTCUSDT").list); n != 3 {
		t.Errorf("want 3 open orders, had %d", n)
	}
	if n := len(w.good("DELETE", "/api/v3/openOrders", "symbol=BTCUSDT").list); n != 3 {
		t.Errorf("want 3 canceled orders, had %d", n)
	}
	w.bad(-2011, "Unknown order sent.", "DELETE", "/api/v3/openOrders", "symbol=BTCUSDT")
	if n := len(w.good("GET", "/api/v3/allOrders", "symbol=BTCUSDT").list); n != 3 {
		t.Errorf("want 3 orders of the past, had %d", n)
	}
}

func TestSpotRefusesInItsOwnWords(t *testing.T) {
	w := newSpot(t, binancesim.Options{MarketMaxQty: trading.MustQty("0.5")})
	for _, c := range []struct {
		code         int
		text, params string
	}{
		{-1121, "Invalid symbol.", "symbol=NOPE&side=BUY&type=MARKET&quantity=1"},
		{-1102, "'symbol'", "side=BUY&type=MARKET&quantity=1"},
		{-1102, "'quantity' or 'quoteOrderQty'", "symbol=BTCUSDT&side=BUY&type=MARKET"},
		{-1106, "'price'", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1&price=5"},
		{-1102, "'timeInForce'", "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=5"},
		{-1116, "orderType", "symbol=BTCUSDT&side=BUY&type=STOP_MARKET&quantity=1"},
		{-1117, "side", "symbol=BTCUSDT&side=Buy&type=MARKET&quantity=1"},
		{-1115, "timeInForce", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&quantity=1&price=5"},
		{-1100, "newClientOrderId", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newClientOrderId=a.b"},
		{-1100, "newClientOrderId", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newClientOrderId=1234567890123456789012345678901234567"},
		{-1100, "quantity", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1e-2"},
		{-1111, "too much precision", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.123456789"},
		{-1013, "Filter failure: LOT_SIZE", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.000015"},
		{-1013, "Filter failure: LOT_SIZE", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.000001"},
		{-1013, "Filter failure: MARKET_LOT_SIZE", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.6"},
		{-1013, "Filter failure: PRICE_FILTER", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=60000.001"},
		{-1013, "Filter failure: NOTIONAL", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.00007"},
		{-1013, "Filter failure: NOTIONAL", "symbol=BTCUSDT&side=BUY&type=MARKET&quoteOrderQty=4.99"},
		{-2010, "Account has insufficient balance for requested action.", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.4"},
		{-2010, "Account has insufficient balance for requested action.", "symbol=BTCUSDT&side=SELL&type=LIMIT&timeInForce=GTC&price=66000&quantity=1.5"},
		{-2010, "Order would immediately match and take.", "symbol=BTCUSDT&side=BUY&type=LIMIT_MAKER&quantity=0.01&price=66000"},
		{-2010, "Order would trigger immediately.", "symbol=BTCUSDT&side=SELL&type=STOP_LOSS&quantity=0.01&stopPrice=66000"},
		{-1102, "'stopPrice' or 'trailingDelta'", "symbol=BTCUSDT&side=SELL&type=STOP_LOSS&quantity=0.01"},
	} {
		w.bad(c.code, c.text, "POST", "/api/v3/order", c.params)
	}
	if n := len(w.core.Orders()); n != 0 {
		t.Errorf("want nothing booked by refused orders, had %d orders", n)
	}
	w.bad(-2013, "Order does not exist.", "GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=nobody")
	w.bad(-2011, "Unknown order sent.", "DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=nobody")
	w.bad(-1102, "'origClientOrderId' or 'orderId'", "GET", "/api/v3/order", "symbol=BTCUSDT")
	if a := w.call("POST", "/api/v3/userDataStream", ""); a.status != 410 {
		t.Errorf("want listen keys gone (410) on spot, had %d", a.status)
	}
	w.core.SetHalted("BTCUSDT", true)
	w.bad(-1013, "Market is closed.", "POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01")
}

func TestSpotIDIsRefusedWhileOpenAndFreeAfterwards(t *testing.T) {
	w := newSpot(t, binancesim.Options{})
	limit := "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=60000&newClientOrderId=hx1"
	w.good("POST", "/api/v3/order", limit)
	w.bad(-2010, "Duplicate order sent.", "POST", "/api/v3/order", limit)
	w.good("DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=hx1")

	market := "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=hx2"
	w.good("POST", "/api/v3/order", market)
	w.good("POST", "/api/v3/order", market)

	if n := len(w.core.Fills()); n != 2 || w.core.Creates("hx2") != 2 {
		t.Errorf("want a re-sent id of a filled order to buy again (the trap), had %d fills of %d requests", n, w.core.Creates("hx2"))
	}
}

func TestSpotPairEndsTogether(t *testing.T) {
	w := newSpot(t, binancesim.Options{})
	s := w.dial("/ws-api/v3")
	login(w, s)
	const oco = "symbol=BTCUSDT&side=SELL&quantity=0.01&aboveType=LIMIT_MAKER&abovePrice=70000&aboveClientOrderId=tp&belowType=STOP_LOSS&belowStopPrice=60000&belowClientOrderId=sl&listClientOrderId=pair"
	row := w.good("POST", "/api/v3/orderList/oco", oco).row
	wants(t, "oco", row, `{"orderListId":1,"contingencyType":"OCO","listStatusType":"EXEC_STARTED","listOrderStatus":"EXECUTING","listClientOrderId":"pair","symbol":"BTCUSDT",
		"orders":[{"symbol":"BTCUSDT","orderId":1,"clientOrderId":"tp"},{"symbol":"BTCUSDT","orderId":2,"clientOrderId":"sl"}]}`)
	wants(t, "stop leg", w.good("GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=sl").row, `{"status":"NEW","isWorking":false,"orderListId":1,"type":"STOP_LOSS","stopPrice":"60000.00000000"}`)
	wants(t, "list event", s.until("listStatus"), `{"g":1,"c":"OCO","C":"pair"}`)

	w.core.SetPrice("BTCUSDT", trading.MustPrice("59000"))

	wants(t, "stop leg", w.good("GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=sl").row, `{"status":"FILLED"}`)
	wants(t, "target leg", w.good("GET", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=tp").row, `{"status":"EXPIRED"}`)
	wants(t, "list", w.good("GET", "/api/v3/orderList", "orderListId=1").row, `{"listOrderStatus":"ALL_DONE"}`)
	w.bad(-2010, "prices", "POST", "/api/v3/orderList/oco", "symbol=BTCUSDT&side=SELL&quantity=0.01&aboveType=LIMIT_MAKER&abovePrice=50000&belowType=STOP_LOSS&belowStopPrice=40000")
	w.core.SetPrice("BTCUSDT", trading.MustPrice("65000"))
	w.good("POST", "/api/v3/orderList/oco", oco)
	w.good("DELETE", "/api/v3/orderList", "symbol=BTCUSDT&orderListId=2")
	if n := len(w.core.OpenOrders(trading.Spot, "")); n != 0 {
		t.Errorf("want both legs canceled with their list, had %d open", n)
	}
}

func TestSpotPairFollowsItsEntry(t *testing.T) {
	w := newSpot(t, binancesim.Options{})
	row := w.good("POST", "/api/v3/orderList/otoco", "symbol=BTCUSDT&listClientOrderId=trio&workingType=LIMIT&workingSide=BUY&workingTimeInForce=GTC&workingQuantity=0.01&workingPrice=64000&workingClientOrderId=in"+
		"&pendingSide=SELL&pendingQuantity=0.00999&pendingAboveType=LIMIT_MAKER&pendingAbovePrice=70000&pendingAboveClientOrderId=tp&pendingBelowType=STOP_LOSS&pendingBelowStopPrice=60000&pendingBelowClientOrderId=sl").row
	wants(t, "otoco", row, `{"contingencyType":"OTO","listOrderStatus":"EXECUTING"}`)
	if n := len(w.core.Orders()); n != 1 {
		t.Fatalf("want only the entry before it fills, had %d orders", n)
	}

	w.core.SetPrice("BTCUSDT", trading.MustPrice("63999"))

	eventually(t, "the pair is placed once the entry has filled", func() bool { return len(w.core.OpenOrders(trading.Spot, "")) == 2 })
}

// login subscribes a WebSocket of the spot API to the account.
func login(w *world, s *stream) map[string]any {
	w.t.Helper()
	frame := loginFrame(w)
	s.say(frame)
	return s.next()
}

func loginFrame(w *world) map[string]any {
	at := w.clock.now().UnixMilli()
	payload := fmt.Sprintf("apiKey=%s&recvWindow=5000&timestamp=%d", testKey, at)
	return map[string]any{"id": 1, "method": "userDataStream.subscribe.signature", "params": map[string]any{
		"apiKey": testKey, "timestamp": at, "recvWindow": 5000, "signature": hexMAC(testSecret, payload)}}
}

func TestSpotUserStreamWrapsItsEvents(t *testing.T) {
	w := newSpot(t, binancesim.Options{})
	s := w.dial("/ws-api/v3")
	wants(t, "login", login(w, s), `{"id":1,"status":200,"result":{"subscriptionId":0}}`)

	w.good("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001&newClientOrderId=hx1")

	frame := s.next()
	wants(t, "frame", frame, `{"subscriptionId":0}`)
	wants(t, "accepted", sub(frame, "event"), `{"e":"executionReport","s":"BTCUSDT","c":"hx1","C":"","S":"BUY","o":"MARKET","x":"NEW","X":"NEW","r":"NONE","i":1,"z":"0.00000000","t":-1,"N":null}`)
	wants(t, "position", s.until("outboundAccountPosition"), `{"B":[{"a":"BTC","f":"1.00099900","l":"0.00000000"},{"a":"USDT","f":"9934.99999000","l":"0.00000000"}]}`)
	wants(t, "filled", s.until("executionReport"), `{"x":"TRADE","X":"FILLED","i":1,"l":"0.00100000","L":"65000.01000000","z":"0.00100000","Z":"65.00001000","n":"0.00000100","N":"BTC","t":1,"m":false}`)

	w.good("POST", "/api/v3/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.001&price=60000&newClientOrderId=hx2")
	w.good("DELETE", "/api/v3/order", "symbol=BTCUSDT&origClientOrderId=hx2&newClientOrderId=undo")
	wants(t, "open", s.until("executionReport"), `{"c":"hx2","x":"NEW","X":"NEW"}`)
	wants(t, "canceled", s.until("executionReport"), `{"c":"undo","C":"hx2","x":"CANCELED","X":"CANCELED"}`)

	w.core.SetFaults(func(path, link string) exchangesim.Fault { return exchangesim.Fault{Slices: 2, FillOnly: true} })
	w.good("POST", "/api/v3/order", "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.002&newClientOrderId=hx3")
	wants(t, "part", s.until("executionReport"), `{"c":"hx3","X":"NEW"}`)
	wants(t, "part", s.until("executionReport"), `{"X":"PARTIALLY_FILLED","l":"0.00100000","N":"USDT"}`)
	wants(t, "rest", s.until("executionReport"), `{"x":"EXPIRED","X":"EXPIRED","z":"0.00100000"}`)
	w.core.SetFaults(func(path, link string) exchangesim.Fault { return exchangesim.Fault{} })
}

func TestSpotLoginIsSignedAnewEveryTime(t *testing.T) {
	w := newSpot(t, binancesim.Options{})
	frame := loginFrame(w)
	first := w.dial("/ws-api/v3")
	first.say(frame)
	wants(t, "login", first.next(), `{"status":200}`)
	eventually(t, "one stream is logged in", func() bool { return w.sim.Streams() == 1 })
	w.sim.DropStreams()
	eventually(t, "it was cut", func() bool { return w.sim.Streams() == 0 })

	again := w.dial("/ws-api/v3")
	again.say(frame)
	wants(t, "replayed", sub(again.next(), "error"), `{"code":-1021}`)
	bad := loginFrame(w)
	bad["params"].(map[string]any)["signature"] = hexMAC("other", "x")
	again.say(bad)
	wants(t, "badly signed", sub(again.next(), "error"), `{"code":-1022}`)
	again.say(map[string]any{"id": 2, "method": "session.logon", "params": map[string]any{}})
	wants(t, "logon with an HMAC key", sub(again.next(), "error"), `{"code":-1193}`)
	w.clock.add(time.Second)
	wants(t, "signed anew", login(w, again), `{"status":200}`)
}
