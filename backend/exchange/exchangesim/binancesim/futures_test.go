package binancesim_test

import (
	"testing"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/binancesim"
	"hoox/backend/trading"
)

const marketBuy = "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.010&positionSide=BOTH&newClientOrderId="

func TestFuturesRulesLookAsDocumented(t *testing.T) {
	w := newFutures(t, binancesim.Options{MarketMaxQty: trading.MustQty("120")})
	a, err := w.send("GET", "/fapi/v1/exchangeInfo", "", "")
	if err != nil {
		t.Fatal(err)
	}
	symbol := a.row["symbols"].([]any)[0].(map[string]any)
	wants(t, "symbol", symbol, `{"symbol":"BTCUSDT","pair":"BTCUSDT","contractType":"PERPETUAL","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT","marginAsset":"USDT","pricePrecision":2,"quantityPrecision":3,
		"orderTypes":["LIMIT","MARKET","STOP","STOP_MARKET","TAKE_PROFIT","TAKE_PROFIT_MARKET","TRAILING_STOP_MARKET"],"timeInForce":["GTC","IOC","FOK","GTX","GTD"],
		"filters":[{"filterType":"PRICE_FILTER","minPrice":"0.10","maxPrice":"4529764","tickSize":"0.10"},{"filterType":"LOT_SIZE","minQty":"0.001","maxQty":"1000","stepSize":"0.001"},
		{"filterType":"MARKET_LOT_SIZE","minQty":"0.001","maxQty":"120","stepSize":"0.001"},{"filterType":"MAX_NUM_ORDERS","limit":200},{"filterType":"MAX_NUM_ALGO_ORDERS","limit":200},
		{"filterType":"MIN_NOTIONAL","notional":"100"},{"filterType":"PERCENT_PRICE","multiplierUp":"1.0500","multiplierDown":"0.9500","multiplierDecimal":"4"}]}`)
	bracket := w.good("GET", "/fapi/v1/leverageBracket", "symbol=BTCUSDT").list[0].(map[string]any)
	wants(t, "bracket", bracket, `{"symbol":"BTCUSDT","brackets":[{"bracket":1,"initialLeverage":125,"notionalCap":1000000,"notionalFloor":0,"maintMarginRatio":0.0040,"cum":0.0}]}`)
	a, _ = w.send("GET", "/fapi/v1/premiumIndex", "symbol=BTCUSDT", "")
	wants(t, "mark", a.row, `{"symbol":"BTCUSDT","markPrice":"65000.00000000","indexPrice":"65000.00000000","lastFundingRate":"0.00010000","nextFundingTime":1760025600000,"interestRate":"0.00010000","time":1760000000000}`)
	a, _ = w.send("GET", "/fapi/v1/ticker/bookTicker", "symbol=BTCUSDT", "")
	wants(t, "book", a.row, `{"symbol":"BTCUSDT","bidPrice":"65000.00","askPrice":"65000.10"}`)
	a, _ = w.send("GET", "/fapi/v1/klines", "symbol=BTCUSDT&interval=1m&limit=3", "")
	if len(a.list) != 3 {
		t.Errorf("want 3 bars, had %s", a.body)
	}
}

func TestFuturesAnswerWithoutAverageAndQueriesHaveIt(t *testing.T) {
	w := newFutures(t, binancesim.Options{})
	w.good("POST", "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=5")
	placed := w.good("POST", "/fapi/v1/order", marketBuy+"hx-1-e&newOrderRespType=RESULT").row

	wants(t, "answer", placed, `{"orderId":1,"symbol":"BTCUSDT","status":"NEW","clientOrderId":"hx-1-e","price":"0","origQty":"0.010","executedQty":"0","cumQty":"0","timeInForce":"GTC","type":"MARKET",
		"reduceOnly":false,"closePosition":false,"side":"BUY","positionSide":"BOTH","stopPrice":"0","workingType":"CONTRACT_PRICE","priceProtect":false,"origType":"MARKET","priceMatch":"NONE",
		"selfTradePreventionMode":"EXPIRE_MAKER","goodTillDate":0,"updateTime":1760000000000}`)
	for _, name := range []string{"avgPrice", "cumQuote"} {
		if _, there := placed[name]; there {
			t.Errorf("want no %s in the answer to an order: it was taken away in 2026", name)
		}
	}
	wants(t, "query", w.good("GET", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=hx-1-e").row, `{"orderId":1,"symbol":"BTCUSDT","status":"FILLED","clientOrderId":"hx-1-e","price":"0",
		"avgPrice":"65000.10000","origQty":"0.010","executedQty":"0.010","cumQuote":"650.00100","timeInForce":"GTC","type":"MARKET","reduceOnly":false,"closePosition":false,"side":"BUY",
		"positionSide":"BOTH","stopPrice":"0","workingType":"CONTRACT_PRICE","priceProtect":false,"origType":"MARKET","time":1760000000000,"updateTime":1760000000000}`)
	wants(t, "fill", w.good("GET", "/fapi/v1/userTrades", "symbol=BTCUSDT&orderId=1").list[0].(map[string]any), `{"symbol":"BTCUSDT","id":1,"orderId":1,"side":"BUY","positionSide":"BOTH","price":"65000.1",
		"qty":"0.010","quoteQty":"650.001","realizedPnl":"0","commission":"0.26000040","commissionAsset":"USDT","buyer":true,"maker":false,"time":1760000000000}`)

	w.core.SetPrice("BTCUSDT", trading.MustPrice("65100"))

	wants(t, "position", w.good("GET", "/fapi/v3/positionRisk", "").list[0].(map[string]any), `{"symbol":"BTCUSDT","positionSide":"BOTH","positionAmt":"0.010","entryPrice":"65000.1","breakEvenPrice":"65026.10004",
		"markPrice":"65100.00000000","unRealizedProfit":"0.99900000","isolatedMargin":"0","notional":"651.00000000","marginAsset":"USDT","isolatedWallet":"0","initialMargin":"130.00020000",
		"maintMargin":"2.60400000","positionInitialMargin":"130.00020000","openOrderInitialMargin":"0","adl":2,"bidNotional":"0","askNotional":"0","updateTime":1760000000000}`)
	wants(t, "balance", w.good("GET", "/fapi/v3/balance", "").list[0].(map[string]any), `{"accountAlias":"SgsR","asset":"USDT","balance":"9999.73999960","crossWalletBalance":"9999.73999960",
		"crossUnPnl":"0.99900000","availableBalance":"9870.73879960","maxWithdrawAmount":"9870.73879960","marginAvailable":true,"updateTime":1760000000000}`)
	account := w.good("GET", "/fapi/v3/account", "").row
	wants(t, "account", account, `{"totalWalletBalance":"9999.73999960","totalUnrealizedProfit":"0.99900000","availableBalance":"9870.73879960"}`)
	wants(t, "symbol config", w.good("GET", "/fapi/v1/symbolConfig", "symbol=BTCUSDT").list[0].(map[string]any), `{"symbol":"BTCUSDT","marginType":"CROSSED","isAutoAddMargin":false,"leverage":5,"maxNotionalValue":"1000000"}`)
	wants(t, "account config", w.good("GET", "/fapi/v1/accountConfig", "").row, `{"dualSidePosition":false,"multiAssetsMargin":false,"canTrade":true}`)
	wants(t, "fees", w.good("GET", "/fapi/v1/commissionRate", "symbol=BTCUSDT").row, `{"makerCommissionRate":"0.0002","takerCommissionRate":"0.0004","rpiCommissionRate":"0.00005"}`)

	w.core.Funding("BTCUSDT", trading.MustRatio("0.0001"))
	wants(t, "funding", w.good("GET", "/fapi/v1/income", "incomeType=FUNDING_FEE").list[0].(map[string]any), `{"symbol":"BTCUSDT","incomeType":"FUNDING_FEE","income":"-0.06510000","asset":"USDT","tranId":1,"tradeId":""}`)
	w.core.SetPrice("BTCUSDT", trading.MustPrice("65000"))
	w.good("POST", "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&quantity=0.01&price=60000")
	w.good("POST", "/fapi/v1/order", "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01&reduceOnly=true")
	wants(t, "row of a resting order", w.good("GET", "/fapi/v3/positionRisk", "symbol=BTCUSDT").list[0].(map[string]any), `{"positionAmt":"0.000","entryPrice":"0"}`)
	if n := len(w.good("GET", "/fapi/v1/rateLimit/order", "").list); n != 2 {
		t.Errorf("want 2 order limits, had %d", n)
	}
}

func TestFuturesRefuseInTheirOwnWords(t *testing.T) {
	w := newFutures(t, binancesim.Options{})
	for _, c := range []struct {
		code         int
		text, params string
	}{
		{-1121, "Invalid symbol.", "symbol=NOPE&side=BUY&type=MARKET&quantity=1"},
		{-4120, "Algo Order API", "symbol=BTCUSDT&side=SELL&type=STOP_MARKET&stopPrice=60000&quantity=0.01"},
		{-4120, "Algo Order API", "symbol=BTCUSDT&side=SELL&type=TAKE_PROFIT&stopPrice=70000&price=70000&quantity=0.01"},
		{-4120, "Algo Order API", "symbol=BTCUSDT&side=SELL&type=TRAILING_STOP_MARKET&callbackRate=1&quantity=0.01"},
		{-4061, "position side does not match", "symbol=BTCUSDT&side=BUY&positionSide=LONG&type=MARKET&quantity=0.01"},
		{-2022, "ReduceOnly Order is rejected.", "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01&reduceOnly=true"},
		{-4164, "must be no smaller than 100 (unless you choose reduce only)", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.001"},
		{-1111, "Precision is over the maximum", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.0105"},
		{-1111, "Precision is over the maximum", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=60000.123"},
		{-4014, "tick size", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=60000.05"},
		{-4003, "less than or equal to zero", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0"},
		{-4005, "max quantity", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1001"},
		{-2019, "Margin is insufficient.", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=1"},
		{-5022, "Post Only order will be rejected", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTX&quantity=0.01&price=66000"},
		{-5021, "FOK order has been rejected", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=FOK&quantity=0.01&price=60000"},
		{-4015, "less than 36", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newClientOrderId=1234567890123456789012345678901234567"},
		{-1100, "newClientOrderId", "symbol=BTCUSDT&side=BUY&type=MARKET&quantity=0.01&newClientOrderId=a+b"},
		{-1102, "'quantity'", "symbol=BTCUSDT&side=BUY&type=MARKET"},
		{-1116, "orderType", "symbol=BTCUSDT&side=BUY&type=STOP_LOSS&quantity=1"},
	} {
		w.bad(c.code, c.text, "POST", "/fapi/v1/order", c.params)
	}
	if n := len(w.core.Orders()); n != 0 {
		t.Errorf("want nothing booked by refused orders, had %d orders", n)
	}
	w.bad(-2013, "Order does not exist.", "GET", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=nobody")
	w.bad(-2011, "Unknown order sent.", "DELETE", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=nobody")
}

func TestFuturesIDOfAFilledOrderBuysAgain(t *testing.T) {
	w := newFutures(t, binancesim.Options{})
	limit := "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=60000&newClientOrderId=hx1"
	w.good("POST", "/fapi/v1/order", limit)
	w.bad(-4116, "ClientOrderId is duplicated.", "POST", "/fapi/v1/order", limit)
	wants(t, "all canceled", w.good("DELETE", "/fapi/v1/allOpenOrders", "symbol=BTCUSDT").row, `{"code":200,"msg":"The operation of cancel all open order is done."}`)

	w.good("POST", "/fapi/v1/order", marketBuy+"hx2")
	w.good("POST", "/fapi/v1/order", marketBuy+"hx2")

	if n := len(w.core.Fills()); n != 2 || !w.core.Position("BTCUSDT", trading.SlotBoth).Qty.Equal(trading.MustQty("0.02")) {
		t.Errorf("want a re-sent id of a filled order to double the position (the trap), had %d fills", n)
	}
}

func TestFuturesSettingsTellWhatIsSoAlready(t *testing.T) {
	w := newFutures(t, binancesim.Options{})
	w.bad(-4046, "No need to change margin type.", "POST", "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=CROSSED")
	w.good("POST", "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=ISOLATED")
	w.bad(-4059, "No need to change position side.", "POST", "/fapi/v1/positionSide/dual", "dualSidePosition=false")
	wants(t, "leverage", w.good("POST", "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=21").row, `{"leverage":21,"maxNotionalValue":"1000000","symbol":"BTCUSDT"}`)
	w.good("POST", "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=21")
	w.bad(-4028, "Leverage 126 is not valid", "POST", "/fapi/v1/leverage", "symbol=BTCUSDT&leverage=126")

	w.good("POST", "/fapi/v1/positionSide/dual", "dualSidePosition=true")
	wants(t, "mode", w.good("GET", "/fapi/v1/positionSide/dual", "").row, `{"dualSidePosition":true}`)
	w.bad(-4061, "position side", "POST", "/fapi/v1/order", marketBuy+"a")
	w.bad(-1106, "reduceonly", "POST", "/fapi/v1/order", "symbol=BTCUSDT&side=SELL&positionSide=LONG&type=MARKET&quantity=0.01&reduceOnly=true")
	w.good("POST", "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&positionSide=LONG&type=MARKET&quantity=0.01")
	w.bad(-4068, "exists position", "POST", "/fapi/v1/positionSide/dual", "dualSidePosition=false")
	w.bad(-4048, "exists position", "POST", "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=CROSSED")
	w.good("POST", "/fapi/v1/order", "symbol=BTCUSDT&side=SELL&positionSide=LONG&type=MARKET&quantity=0.01")
	w.good("POST", "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&positionSide=LONG&type=LIMIT&timeInForce=GTC&quantity=0.01&price=60000")
	w.bad(-4067, "exists open orders", "POST", "/fapi/v1/positionSide/dual", "dualSidePosition=false")
	w.bad(-4047, "exists open orders", "POST", "/fapi/v1/marginType", "symbol=BTCUSDT&marginType=CROSSED")
}

func TestFuturesAmendAndCountdown(t *testing.T) {
	w := newFutures(t, binancesim.Options{})
	w.good("POST", "/fapi/v1/order", "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC&quantity=0.01&price=60000&newClientOrderId=hx1")
	w.bad(-5027, "No need to modify", "PUT", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=hx1&side=BUY&quantity=0.01&price=60000")
	wants(t, "changed", w.good("PUT", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=hx1&side=BUY&quantity=0.02&price=61000").row, `{"price":"61000.00","origQty":"0.020","status":"NEW"}`)
	w.good("POST", "/fapi/v1/countdownCancelAll", "symbol=BTCUSDT&countdownTime=5000")
	w.clock.add(4 * time.Second)
	w.good("POST", "/fapi/v1/countdownCancelAll", "symbol=BTCUSDT&countdownTime=5000")
	w.clock.add(4 * time.Second)
	wants(t, "kept", w.good("GET", "/fapi/v1/openOrder", "symbol=BTCUSDT&origClientOrderId=hx1").row, `{"status":"NEW"}`)
	w.clock.add(time.Second)
	wants(t, "run out", w.good("GET", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=hx1").row, `{"status":"CANCELED","avgPrice":"0.00000","cumQuote":"0"}`)
}

const algoStop = "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP_MARKET&workingType=MARK_PRICE&"

func TestConditionalOrderLooksAsDocumentedAndBecomesAnother(t *testing.T) {
	w := newFutures(t, binancesim.Options{})
	w.good("POST", "/fapi/v1/order", marketBuy+"in")
	row := w.good("POST", "/fapi/v1/algoOrder", algoStop+"quantity=0.010&reduceOnly=true&triggerPrice=64000.05&clientAlgoId=stop").row
	wants(t, "algo order", row, `{"algoId":2,"clientAlgoId":"stop","algoType":"CONDITIONAL","orderType":"STOP_MARKET","symbol":"BTCUSDT","side":"SELL","positionSide":"BOTH","timeInForce":"GTC","quantity":"0.010",
		"algoStatus":"NEW","triggerPrice":"64000.05","price":"0","workingType":"MARK_PRICE","closePosition":false,"priceProtect":false,"reduceOnly":true,"createTime":1760000000000,"updateTime":1760000000000,"triggerTime":0,"goodTillDate":0}`)
	w.bad(-4116, "duplicated", "POST", "/fapi/v1/algoOrder", algoStop+"quantity=0.010&reduceOnly=true&triggerPrice=64000&clientAlgoId=stop")
	w.bad(-2013, "Order does not exist.", "GET", "/fapi/v1/order", "symbol=BTCUSDT&origClientOrderId=stop")
	w.bad(-2021, "immediately trigger", "POST", "/fapi/v1/algoOrder", algoStop+"quantity=0.010&triggerPrice=66000")
	w.bad(-2007, "callBack", "POST", "/fapi/v1/algoOrder", "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TRAILING_STOP_MARKET&quantity=0.010&callbackRate=21")
	if n := len(w.good("GET", "/fapi/v1/openAlgoOrders", "").list); n != 1 {
		t.Errorf("want 1 open conditional order, had %d", n)
	}
	if n := len(w.good("GET", "/fapi/v1/openOrders", "").list); n != 0 {
		t.Errorf("want conditional orders outside openOrders, had %d", n)
	}

	w.core.SetPrice("BTCUSDT", trading.MustPrice("63999"))

	wants(t, "finished", w.good("GET", "/fapi/v1/algoOrder", "clientAlgoId=stop").row, `{"algoStatus":"FINISHED","actualOrderId":"3","actualPrice":"63999.00000","triggerTime":1760000000000}`)
	wants(t, "real order", w.good("GET", "/fapi/v1/order", "symbol=BTCUSDT&orderId=3").row, `{"status":"FILLED","type":"MARKET","origType":"STOP_MARKET","stopPrice":"64000.05","reduceOnly":true,"clientOrderId":"stop"}`)
	w.bad(-2011, "Unknown order sent.", "DELETE", "/fapi/v1/algoOrder", "clientAlgoId=stop")
	if n := len(w.good("GET", "/fapi/v1/allAlgoOrders", "symbol=BTCUSDT").list); n != 1 {
		t.Errorf("want 1 conditional order in the past, had %d", n)
	}
}

func TestStopsThatCloseAPositionEndWithIt(t *testing.T) {
	w := newFutures(t, binancesim.Options{})
	closing := algoStop + "closePosition=true&triggerPrice="
	w.bad(-4509, "GTE", "POST", "/fapi/v1/algoOrder", closing+"60000")
	w.good("POST", "/fapi/v1/order", marketBuy+"in")
	wants(t, "stop", w.good("POST", "/fapi/v1/algoOrder", closing+"60000&clientAlgoId=sl").row, `{"closePosition":true,"timeInForce":"GTE_GTC","quantity":"0.000"}`)
	w.bad(-4130, "closePosition in the direction is existing", "POST", "/fapi/v1/algoOrder", closing+"61000")
	w.good("POST", "/fapi/v1/algoOrder", "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=TAKE_PROFIT_MARKET&closePosition=true&triggerPrice=70000&clientAlgoId=tp")
	w.bad(-4137, "Quantity must be zero", "POST", "/fapi/v1/algoOrder", closing+"61000&quantity=0.01")
	w.bad(-1106, "reduceonly", "POST", "/fapi/v1/algoOrder", closing+"61000&reduceOnly=true")
	w.bad(-4136, "closePosition true", "POST", "/fapi/v1/algoOrder", "algoType=CONDITIONAL&symbol=BTCUSDT&side=SELL&type=STOP&price=60000&closePosition=true&triggerPrice=60000")

	w.good("POST", "/fapi/v1/order", "symbol=BTCUSDT&side=SELL&type=MARKET&quantity=0.01&reduceOnly=true")

	for _, id := range []string{"sl", "tp"} {
		wants(t, id, w.good("GET", "/fapi/v1/algoOrder", "clientAlgoId="+id).row, `{"algoStatus":"EXPIRED"}`)
	}
	w.good("POST", "/fapi/v1/order", marketBuy+"again")
	w.good("POST", "/fapi/v1/algoOrder", closing+"60000&clientAlgoId=sl2")
	wants(t, "canceled", w.good("DELETE", "/fapi/v1/algoOrder", "clientAlgoId=sl2").row, `{"clientAlgoId":"sl2","code":"200","msg":"success"}`)
	wants(t, "canceled", w.good("GET", "/fapi/v1/algoOrder", "clientAlgoId=sl2").row, `{"algoStatus":"CANCELED"}`)
	w.good("POST", "/fapi/v1/algoOrder", closing+"60000&clientAlgoId=sl3")
	w.good("DELETE", "/fapi/v1/algoOpenOrders", "symbol=BTCUSDT")
	w.good("POST", "/fapi/v1/algoOrder", closing+"60000&clientAlgoId=sl4")
	w.core.Liquidate("BTCUSDT", trading.SlotBoth)
	eventually(t, "a stop expires with a liquidated position", func() bool { return len(w.core.OpenOrders(trading.Linear, "")) == 0 })
	last := w.core.Orders()[len(w.core.Orders())-1]
	wants(t, "liquidation", w.good("GET", "/fapi/v1/order", "symbol=BTCUSDT&orderId="+last.ID).row, `{"clientOrderId":"autoclose-`+last.ID+`"}`)
}

func TestTheExchangeLogHasTheOrderWhoseAnswerWasLost(t *testing.T) {
	w := newFutures(t, binancesim.Options{})
	w.core.SetFaults(func(path, link string) exchangesim.Fault {
		return exchangesim.Fault{LoseAnswer: link == "hx1", LoseRequest: link == "hx2"}
	})
	for _, id := range []string{"hx1", "hx2"} {
		if a, err := w.trial("POST", "/fapi/v1/order", marketBuy+id); err == nil {
			t.Errorf("%s: want no answer, had %d %s", id, a.status, a.body)
		}
	}
	orders := w.core.Orders()
	if len(orders) != 1 || orders[0].Link != "hx1" || orders[0].Status != exchangesim.Filled {
		t.Errorf("want exactly the order whose answer was lost, had %+v", orders)
	}
	if w.core.Creates("hx1") != 1 || w.core.Creates("hx2") != 1 {
		t.Error("want both requests counted")
	}
	events, err := exchangesim.ReadLog(w.log)
	if err != nil || len(events) == 0 {
		t.Errorf("want the order on disk, had %d events, %v", len(events), err)
	}
}
