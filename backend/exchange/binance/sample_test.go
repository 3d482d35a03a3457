package binance_test

import (
	"testing"
	"time"

	"hoox/backend/exchange/binance"
	"hoox/backend/trading"
)

const (
	spotSecret    = "NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"
	futuresSecret = "2b5eb11e18796d12d88f13dc27dbbd02c2cc51ff7059765ed9821957d82bb4d9"
	spotKey       = "vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A"
)

func TestSignaturesMatchTheVectors(t *testing.T) {
	for _, v := range []struct{ secret, payload, want string }{
		{spotSecret, "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559", "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"},
		{spotSecret, "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559", "e1353ec6b14d888f1164ae9af8228a3dbd508bc82eb867db8ab6046442f33ef3"},
		{spotSecret, "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTCquantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559", "0fd168b8ddb4876a0358a8d14d0c9f3da0e9b20c5d52b2a00fcf7d1c602f9a77"},
		{futuresSecret, "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=9000&timeInForce=GTC&recvWindow=5000&timestamp=1591702613943", "3c661234138461fcc7a7d8746c6558c9842d4e10870d2ecbedf7777cad694af9"},
	} {
		if had := binance.Sign(v.secret, v.payload); had != v.want {
			t.Errorf("signature of %s is %s, want %s: every request would be refused", v.payload, had, v.want)
		}
	}
	query := binance.SignedQuery(spotSecret, []string{"symbol", "LTCBTC", "side", "BUY", "type", "LIMIT", "timeInForce", "GTC", "quantity", "1", "price", "0.1"},
		time.UnixMilli(1499827319559), 5*time.Second)
	if want := "symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559&signature=c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71"; query != want {
		t.Errorf("the query is %s, want %s", query, want)
	}
	if had, want := binance.Encode("symbol", "１２３４５６", "nothing", "", "side", "BUY"), "symbol=%EF%BC%91%EF%BC%92%EF%BC%93%EF%BC%94%EF%BC%95%EF%BC%96&side=BUY"; had != want {
		t.Errorf("encoded as %s, want %s: what is signed is what is sent", had, want)
	}
	had := binance.SignedParams(spotSecret, map[string]string{"type": "LIMIT", "symbol": "BTCUSDT", "side": "SELL", "price": "52000.00", "quantity": "0.01000000",
		"timeInForce": "GTC", "recvWindow": "100", "timestamp": "1645423376532", "apiKey": spotKey})
	if want := "aa1b5712c094bc4e57c05a1a5c1fd8d88dcd628338ea863fec7b88e59fe2db24"; had != want {
		t.Errorf("signature of the frame is %s, want %s: names are sorted before they are signed", had, want)
	}
}

func TestDocumentedRowsDecodeExactly(t *testing.T) {
	s := newStage(t)
	r, err := s.ReadOrder(trading.Linear,
		`{"orderId":22542179,"symbol":"BTCUSDT","status":"FILLED","clientOrderId":"hx1e","price":"0","avgPrice":"65012.30000","origQty":"0.010","executedQty":"0.010","cumQuote":"650.12300","timeInForce":"GTC","type":"MARKET","reduceOnly":false,"closePosition":false,"side":"BUY","positionSide":"BOTH","stopPrice":"0","workingType":"CONTRACT_PRICE","priceProtect":false,"origType":"MARKET","time":1760000000120,"updateTime":1760000000123}`,
		`{"symbol":"BTCUSDT","id":987654,"orderId":22542179,"side":"BUY","positionSide":"BOTH","price":"65012.3","qty":"0.010","quoteQty":"650.123","realizedPnl":"0","commission":"0.26004920","commissionAsset":"USDT","buyer":true,"maker":false,"time":1760000000123}`)
	if err != nil || len(r.Fills) != 1 {
		t.Fatalf("%+v, %v", r, err)
	}
	if r.OrderID != "hx1e" || r.ExchangeID != "BTCUSDT.P:22542179" || r.Status != trading.OrderFilled || r.Filled.String() != "0.01" || r.At.UnixMilli() != 1760000000123 {
		t.Errorf("order is %+v", r)
	}
	if f := r.Fills[0]; f.ID != "BTCUSDT.P:987654" || f.Price.String() != "65012.3" || f.Qty.String() != "0.01" || f.Fee.String() != "0.2600492" || f.FeeAsset != "USDT" ||
		f.Side != trading.Buy || f.Maker || f.Slot != trading.SlotBoth || f.At.UnixMilli() != 1760000000123 {
		t.Errorf("fill is %+v", f)
	}
	r, err = s.ReadOrder(trading.Spot,
		`{"symbol":"BTCUSDT","orderId":28,"orderListId":-1,"clientOrderId":"hx1e","price":"0.00000000","origQty":"0.00076000","executedQty":"0.00076000","cummulativeQuoteQty":"49.96000000","status":"FILLED","timeInForce":"GTC","type":"MARKET","side":"BUY","stopPrice":"0.00000000","time":1760000000123,"updateTime":1760000000123,"isWorking":true,"workingTime":1760000000123,"origQuoteOrderQty":"50.00000000","selfTradePreventionMode":"EXPIRE_MAKER"}`,
		`{"symbol":"BTCUSDT","id":56,"orderId":28,"price":"65736.8","qty":"0.00076","commission":"0.00000076","commissionAsset":"BTC","isBuyer":true,"isMaker":false,"time":1760000000123}`)
	if err != nil || r.ExchangeID != "BTCUSDT:28" || r.Status != trading.OrderFilled || r.Fills[0].ID != "BTCUSDT:56" || r.Fills[0].Fee.String() != "0.00000076" ||
		r.Fills[0].FeeAsset != "BTC" || r.Fills[0].Side != trading.Buy {
		t.Errorf("spot order is %+v, %v; the fee stays in its asset", r, err)
	}
	p, err := binance.ReadPosition(account, `{"symbol":"BTCUSDT","positionSide":"BOTH","positionAmt":"0.010","entryPrice":"65012.3","breakEvenPrice":"65038.3","markPrice":"65100.00000000","unRealizedProfit":"0.87700000","liquidationPrice":"0","isolatedMargin":"0","notional":"651.00000000","marginAsset":"USDT","updateTime":1760000000126}`)
	if err != nil || p.Qty.String() != "0.01" || p.Cost.String() != "650.123" || !p.Liquidation.IsZero() || p.UpdatedAt.UnixMilli() != 1760000000126 {
		t.Errorf("position is %+v, %v", p, err)
	}
}

func TestFiltersBecomeTheTighterOfBoth(t *testing.T) {
	i, ok, err := binance.ReadInstrument(trading.Spot, `{"symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC","baseAssetPrecision":8,"quoteAsset":"USDT","quoteAssetPrecision":8,"isSpotTradingAllowed":true,"filters":[{"filterType":"PRICE_FILTER","minPrice":"0.01000000","maxPrice":"1000000.00000000","tickSize":"0.01000000"},{"filterType":"LOT_SIZE","minQty":"0.00001000","maxQty":"9000.00000000","stepSize":"0.00001000"},{"filterType":"MARKET_LOT_SIZE","minQty":"0.00000000","maxQty":"120.00000000","stepSize":"0.00000000"},{"filterType":"NOTIONAL","minNotional":"5.00000000","applyMinToMarket":true,"maxNotional":"9000000.00000000","applyMaxToMarket":false,"avgPriceMins":5},{"filterType":"MAX_NUM_ORDERS","maxNumOrders":200}]}`)
	if err != nil || !ok || i.TickSize.String() != "0.01" || i.StepSize.String() != "0.00001" || i.MinQty.String() != "0.00001" || i.MaxQty.String() != "120" ||
		i.MinNotional.String() != "5" || i.Base != "BTC" || i.Quote != "USDT" || i.MaxLeverage != 1 {
		t.Errorf("spot is %+v, %v, %v; a zero in a filter means that the rule is off", i, ok, err)
	}
	linear := `{"symbol":"BTCUSDT","pair":"BTCUSDT","contractType":"PERPETUAL","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT","marginAsset":"USDT","pricePrecision":2,"quantityPrecision":3,"filters":[{"filterType":"PRICE_FILTER","minPrice":"556.80","maxPrice":"4529764","tickSize":"0.10"},{"filterType":"LOT_SIZE","minQty":"0.001","maxQty":"1000","stepSize":"0.001"},{"filterType":"MARKET_LOT_SIZE","minQty":"0.001","maxQty":"120","stepSize":"0.001"},{"filterType":"MAX_NUM_ORDERS","limit":200},{"filterType":"MIN_NOTIONAL","notional":"100"},{"filterType":"PERCENT_PRICE","multiplierUp":"1.0500","multiplierDown":"0.9500","multiplierDecimal":"4"}]}`
	i, ok, err = binance.ReadInstrument(trading.Linear, linear)
	if err != nil || !ok || i.TickSize.String() != "0.1" || i.StepSize.String() != "0.001" || i.MaxQty.String() != "120" || i.MinNotional.String() != "100" {
		t.Errorf("linear is %+v, %v, %v; the precisions are neither tick nor step", i, ok, err)
	}
	for _, text := range []string{`{"symbol":"X","status":"BREAK","filters":[]}`, `{"symbol":"BTCUSDT_251226","contractType":"CURRENT_QUARTER","status":"TRADING","quoteAsset":"USDT","marginAsset":"USDT","filters":[]}`} {
		if _, ok, _ := binance.ReadInstrument(trading.Linear, text); ok {
			t.Errorf("%s is listed; it cannot be traded", text)
		}
	}
}

func TestIDsOfProtectionsSayWhatTheyAreFor(t *testing.T) {
	parent := trading.NewOrderID([]byte("key"), "seed", 0, account)
	seen := map[string]bool{}
	for n := range 432 {
		for _, kind := range []trading.OrderType{trading.StopOrder, trading.TargetOrder} {
			id := binance.ProtectionID(parent, kind, n)
			_, p, k := binance.ParentOf(id)
			if len(id) > 32 || seen[id] || p != parent || k != kind {
				t.Fatalf("%s (%d characters, seen %v) is a %s of %s, want a %s of %s", id, len(id), seen[id], k, p, kind, parent)
			}
			seen[id] = true
		}
	}
	for text, want := range map[string]trading.OrderType{"autoclose-1760000000123": trading.Liquidation, "adl_autoclose": trading.Liquidation, "web_abc": "", "android_x": "", "hx1abc": "", "hx1abc-": "", "hx1abc-000": ""} {
		if _, _, kind := binance.ParentOf(text); kind != want {
			t.Errorf("%s is a %q, want %q", text, kind, want)
		}
	}
	if order, _, _ := binance.ParentOf(string(parent)); order != parent {
		t.Errorf("%s is not taken for an order of ours", parent)
	}
}
