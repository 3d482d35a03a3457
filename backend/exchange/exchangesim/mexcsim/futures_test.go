package mexcsim_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/mexcsim"
	"hoox/backend/trading"
)

// opening is a market order for contracts in hedge mode, with more fields behind.
func opening(oid string, vol int, more string) string {
	return fmt.Sprintf(`{"symbol":"BTC_USDT","vol":%d,"side":1,"type":5,"openType":1,"leverage":10,"positionMode":1,"externalOid":"%s"%s}`, vol, oid, more)
}

func TestContractTellsSizesInContracts(t *testing.T) {
	w := newWorld(t, setting{options: mexcsim.Options{APIClosed: map[string]bool{"BTC_USDT": true}}})
	_, raw, _ := w.send("GET", "/api/v1/contract/detail?symbol=BTC_USDT", "", nil)
	a := read(t, raw)
	for name, want := range map[string]string{
		"symbol": `"BTC_USDT"`, "baseCoin": `"BTC"`, "quoteCoin": `"USDT"`, "settleCoin": `"USDT"`, "contractSize": "0.0001", "minLeverage": "1",
		"maxLeverage": "500", "priceScale": "1", "priceUnit": "0.1", "volScale": "0", "volUnit": "1", "minVol": "1", "maxVol": "1000000",
		"bidLimitPriceRate": "0.1", "askLimitPriceRate": "0.1", "takerFeeRate": "0.0002", "makerFeeRate": "0", "maxNumOrders": "[200,50]",
		"positionOpenType": "3", "state": "0", "apiAllowed": "false", "futureType": "1",
	} {
		a.want(t, want, "data", name)
	}
	w.ask("POST", "order/create", opening("a", 1, "")).want(t, "1002", "code")
}

func TestContractSizeCanDifferFromTheStep(t *testing.T) {
	w := newWorld(t, setting{options: mexcsim.Options{ContractSize: map[string]trading.Qty{"BTC_USDT": trading.MustQty("0.00001")}}})
	w.price("65000")
	_, raw, _ := w.send("GET", "/api/v1/contract/detail", "", nil)
	read(t, raw).want(t, "10", "data", 0, "volUnit")
	w.ask("POST", "order/create", opening("a", 15, "")).want(t, "2015", "code")
	w.ask("POST", "order/create", opening("a", 20, "")).want(t, "true", "success")
	if had := w.perps.Orders()[0].Qty.String(); had != "0.0002" {
		t.Errorf("want 20 contracts of 0.00001 as 0.0002 base, had %s: a wrong contract size trades ten times too much", had)
	}
}

func TestPricesAndCandlesFollowTheMark(t *testing.T) {
	w := newWorld(t, setting{})
	get := func(path string) reply {
		_, raw, err := w.send("GET", "/api/v1/contract/"+path, "", nil)
		if err != nil {
			t.Fatal(err)
		}
		return read(t, raw)
	}
	get("ticker?symbol=BTC_USDT").want(t, "1001", "code")
	w.price("65000")
	w.price("65100.5")
	w.clock.Pass(time.Minute)
	w.price("64900")
	get("ping").want(t, "1700000060000", "data")
	get("ticker?symbol=BTC_USDT").want(t, "64900.1", "data", "ask1")
	get("fair_price/BTC_USDT").want(t, "64900", "data", "fairPrice")
	get("index_price/BTC_USDT").want(t, "64900", "data", "indexPrice")
	get("funding_rate/BTC_USDT").want(t, "1700006400000", "data", "nextSettleTime")
	k := get("kline/BTC_USDT?interval=Min1")
	k.want(t, "[1699999980,1700000040]", "data", "time")
	k.want(t, "[65100.5,64900]", "data", "high")
	k.want(t, "[65100.5,64900]", "data", "close")
	get("kline/BTC_USDT?interval=Min5").want(t, "[64900]", "data", "low")
}

func TestMarketOrderFillsAndEveryRowSaysSo(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65012.2")
	a := w.ask("POST", "order/create", opening("hx-1", 100, ""))
	a.want(t, `"739113577038255618"`, "data", "orderId")
	a.want(t, "1700000000000", "data", "ts")

	o := w.ask("GET", "order/external/BTC_USDT/hx-1", "")
	for name, want := range map[string]string{
		"orderId": `"739113577038255618"`, "symbol": `"BTC_USDT"`, "vol": "100", "dealVol": "100", "dealAvgPrice": "65012.3", "dealAvgPriceStr": `"65012.3"`,
		"side": "1", "orderType": "5", "category": "1", "openType": "1", "leverage": "10", "state": "3", "externalOid": `"hx-1"`, "errorCode": "0",
		"takerFee": "0.1300246", "makerFee": "0", "feeCurrency": `"USDT"`, "positionMode": "1", "positionId": "1109973831000000001",
	} {
		o.want(t, want, "data", name)
	}
	p := w.ask("GET", "position/open_positions", "symbol=BTC_USDT")
	for name, want := range map[string]string{
		"positionId": "1109973831000000001", "positionType": "1", "openType": "1", "state": "1", "holdVol": "100", "frozenVol": "0", "closeVol": "0",
		"holdAvgPrice": "65012.3", "openAvgPrice": "65012.3", "openAvgPriceFullyScale": `"65012.3"`, "closeAvgPrice": "0", "im": "65.0123", "holdFee": "0",
		"realised": "-0.1300246", "leverage": "10", "autoAddIm": "false", "version": "1", "createTime": "1700000000000",
	} {
		p.want(t, want, "data", 0, name)
	}
	d := w.ask("GET", "order/deal_details/739113577038255618", "")
	for name, want := range map[string]string{
		"id": `"9466823345"`, "symbol": `"BTC_USDT"`, "side": "1", "vol": "100", "price": "65012.3", "fee": "0.1300246", "feeCurrency": `"USDT"`, "profit": "0",
		"category": "1", "orderId": `"739113577038255618"`, "timestamp": "1700000000000", "positionMode": "1", "taker": "true",
	} {
		d.want(t, want, "data", 0, name)
	}
	m := w.ask("GET", "account/assets", "")
	for name, want := range map[string]string{
		"currency": `"USDT"`, "positionMargin": "65.0123", "cashBalance": "9934.8576754", "availableBalance": "9934.8576754", "frozenBalance": "0",
		"unrealized": "-0.001", "equity": "9999.8689754", "bonus": "0",
	} {
		m.want(t, want, "data", 0, name)
	}
	w.ask("GET", "account/asset/USDT", "").want(t, "65.0123", "data", "positionMargin")
	w.ask("GET", "account/tiered_fee_rate/v2", "symbol=BTC_USDT").want(t, "0.0002", "data", "realTakerFee")
}

func TestOrderThatIsNotFoundIsSuccessWithoutData(t *testing.T) {
	w := newWorld(t, setting{})
	for _, path := range []string{"order/external/BTC_USDT/none", "order/get/1"} {
		_, raw, _ := w.try("GET", path, "")
		if raw != `{"success":true,"code":0}` {
			t.Errorf("%s: want success without data, had %s", path, raw)
		}
	}
	w.ask("POST", "order/cancel_with_external", `{"symbol":"BTC_USDT","externalOid":"none"}`).want(t, "2040", "data", "errorCode")
	w.ask("POST", "order/cancel", `["1"]`).want(t, "2040", "data", 0, "errorCode")
	w.ask("POST", "order/cancel_with_external", `[{"symbol":"BTC_USDT","externalOid":"none"}]`).want(t, "600", "code")
}

func TestCancelOfNothingTellsWhetherTheKeyMayTrade(t *testing.T) {
	w := newWorld(t, setting{})
	probe := `{"symbol":"BTC_USDT","externalOid":"probe"}`
	w.ask("POST", "order/cancel_with_external", probe).want(t, "2040", "data", "errorCode")
	w.futures.SetKey(mexcsim.Key{NoTrade: true})
	w.ask("POST", "order/cancel_with_external", probe).want(t, "704", "code")
	w.ask("GET", "account/assets", "").want(t, "true", "success")
	w.futures.SetKey(mexcsim.Key{NoTrade: true, WithCode: 401})
	w.ask("POST", "order/cancel_with_external", probe).want(t, "401", "code")
	if n := len(w.perps.Orders()); n != 0 {
		t.Errorf("want no order by asking, had %d", n)
	}
}

func TestSecondUseOfAnIDIsRefusedOrAnsweredWithTheFirst(t *testing.T) {
	for rule, want := range map[exchangesim.IDRule]string{exchangesim.UniqueForever: "2042", exchangesim.ReturnsFirst: "0"} {
		w := newWorld(t, setting{ids: rule})
		w.price("65000")
		first := w.ask("POST", "order/submit", opening("hx-1", 1, ""))
		first.want(t, `"739113577038255618"`, "data")
		second := w.ask("POST", "order/submit", opening("hx-1", 1, ""))
		second.want(t, want, "code")
		if want == "0" {
			second.want(t, first.at("data"), "data")
		}
		if n, asked := len(w.perps.Orders()), w.perps.Creates("hx-1"); n != 1 || asked != 2 {
			t.Errorf("%s: want one order of two requests, had %d of %d", rule, n, asked)
		}
	}
}

func TestRefusalsHaveMEXCsCodesAndBookNothing(t *testing.T) {
	w := newWorld(t, setting{options: mexcsim.Options{CloseOnly: map[string]bool{}}})
	w.price("65000")
	for name, r := range map[string]struct{ body, code string }{
		"no volume":            {opening("a", 0, ""), "2011"},
		"above the largest":    {opening("a", 1000001, ""), "2028"},
		"no money":             {opening("a", 900000, ""), "2005"},
		"leverage":             {strings.Replace(opening("a", 1, ""), `"leverage":10`, `"leverage":501`, 1), "2006"},
		"no leverage":          {strings.Replace(opening("a", 1, ""), `"leverage":10,`, ``, 1), "600"},
		"long id":              {opening(strings.Repeat("a", 33), 1, ""), "2030"},
		"type":                 {strings.Replace(opening("a", 1, ""), `"type":5`, `"type":6`, 1), "2029"},
		"side":                 {strings.Replace(opening("a", 1, ""), `"side":1`, `"side":5`, 1), "600"},
		"limit without price":  {strings.Replace(opening("a", 1, ""), `"type":5`, `"type":1`, 1), "2007"},
		"off the tick":         {strings.Replace(opening("a", 1, `,"price":60000.05`), `"type":5`, `"type":1`, 1), "2015"},
		"nothing to close":     {strings.Replace(opening("a", 1, ""), `"side":1`, `"side":4`, 1), "2009"},
		"reduceOnly in hedge":  {opening("a", 1, `,"reduceOnly":true`), "600"},
		"stop above the price": {opening("a", 1, `,"stopLossPrice":66000`), "5003"},
		"symbol":               {strings.Replace(opening("a", 1, ""), `BTC_USDT`, `BTCUSDT`, 1), "1001"},
		"no JSON":              {"side=1", "601"},
	} {
		if a := w.ask("POST", "order/create", r.body); a.at("code") != r.code || a.at("success") != "false" {
			t.Errorf("%s: want %s, had %v", name, r.code, a)
		}
	}
	if n := len(w.perps.Orders()); n != 0 {
		t.Errorf("want nothing booked, had %d orders", n)
	}
}

func TestWrongPositionModeIsTakenAndEndsInvalid(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65000")
	w.ask("POST", "order/create", strings.Replace(opening("hx-1", 1, ""), `"positionMode":1`, `"positionMode":2`, 1)).want(t, "true", "success")
	o := w.ask("GET", "order/external/BTC_USDT/hx-1", "")
	o.want(t, "5", "data", "state")
	o.want(t, "9", "data", "errorCode")
	w.ask("GET", "position/position_mode", "").want(t, "1", "data", "positionMode")
	w.ask("POST", "position/change_position_mode", `{"positionMode":2}`).want(t, "true", "success")
	w.ask("POST", "order/create", strings.Replace(opening("hx-2", 2, ""), `"positionMode":1`, `"positionMode":2`, 1)).want(t, "true", "success")
	w.ask("POST", "position/change_position_mode", `{"positionMode":1}`).want(t, "2019", "code")
	w.ask("POST", "order/create", `{"symbol":"BTC_USDT","vol":"5","side":3,"type":5,"openType":1,"leverage":10,"positionMode":2,"externalOid":"hx-3","reduceOnly":true}`).want(t, "true", "success")
	o = w.ask("GET", "order/external/BTC_USDT/hx-3", "")
	o.want(t, "3", "data", "state")
	o.want(t, "2", "data", "dealVol")
	o.want(t, "3", "data", "side")
	o.want(t, "true", "data", "reduceOnly")
	if n := len(w.perps.Positions()); n != 0 {
		t.Errorf("want flat after a reduce-only order for more than there is, had %d positions", n)
	}
}

func TestHedgeClosesWithItsOwnSides(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65000")
	side := func(code int, oid string, vol int) reply {
		return w.ask("POST", "order/create", strings.Replace(opening(oid, vol, ""), `"side":1`, fmt.Sprintf(`"side":%d`, code), 1))
	}
	side(1, "long", 10).want(t, "true", "success")
	side(3, "short", 4).want(t, "true", "success")
	side(2, "too-much", 5).want(t, "2008", "code")
	side(2, "buy-back", 4).want(t, "true", "success")
	side(4, "sell", 3).want(t, "true", "success")
	p := w.ask("GET", "position/open_positions", "")
	p.want(t, "7", "data", 0, "holdVol")
	p.want(t, "absent", "data", 1)
	past := w.ask("GET", "position/list/history_positions", "page_num=1&page_size=20")
	past.want(t, "3", "data", 0, "state")
	past.want(t, "2", "data", 0, "positionType")
	past.want(t, "4", "data", 0, "closeVol")
	past.want(t, "0", "data", 0, "holdVol")
}

func TestLimitOrdersRestAndCanBeChangedAndCancelled(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65000")
	limit := func(oid string, kind int, price string) reply {
		return w.ask("POST", "order/create", strings.Replace(opening(oid, 10, `,"price":`+price), `"type":5`, fmt.Sprintf(`"type":%d`, kind), 1))
	}
	limit("rest", 1, "60000").want(t, "true", "success")
	limit("post", 2, "66000").want(t, "true", "success")
	limit("ioc", 3, "60000").want(t, "true", "success")
	w.ask("GET", "order/external/BTC_USDT/post", "").want(t, "4", "data", "state")
	w.ask("GET", "order/external/BTC_USDT/ioc", "").want(t, "4", "data", "state")
	open := w.ask("GET", "order/list/open_orders", "page_num=1&page_size=100")
	open.want(t, `"rest"`, "data", 0, "externalOid")
	open.want(t, "2", "data", 0, "state")
	open.want(t, "6", "data", 0, "orderMargin")
	open.want(t, "absent", "data", 1)
	id := strings.Trim(open.at("data", 0, "orderId"), `"`)
	w.ask("POST", "position/change_leverage", `{"symbol":"BTC_USDT","openType":1,"positionType":1,"leverage":20}`).want(t, "2019", "code")
	changed := w.ask("POST", "order/change_limit_order", `{"orderId":"`+id+`","price":61000,"vol":5}`)
	next := strings.Trim(changed.at("data"), `"`)
	if next == id || next == "absent" {
		t.Fatalf("want another id after a change, had %s", next)
	}
	w.ask("GET", "order/get/"+next, "").want(t, "5", "data", "vol")
	w.ask("POST", "order/cancel", `["`+next+`"]`).want(t, "0", "data", 0, "errorCode")
	w.ask("POST", "order/cancel", `["`+next+`"]`).want(t, "2041", "data", 0, "errorCode")
	limit("all", 1, "60000")
	w.ask("POST", "order/cancel_all", `{"symbol":"BTC_USDT"}`).want(t, "true", "success")
	w.ask("GET", "order/external/BTC_USDT/all", "").want(t, "4", "data", "state")
	w.ask("GET", "order/list/history_orders", "page_num=1&page_size=2&states=4").want(t, `"all"`, "data", 0, "externalOid")
}

func TestLeverageIsKeptForEachDirection(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65000")
	_, raw, _ := w.try("POST", "position/change_leverage", `{"symbol":"BTC_USDT","openType":1,"positionType":2,"leverage":25}`)
	if raw != `{"success":true,"code":0}` {
		t.Errorf("want success without data, had %s", raw)
	}
	rows := w.ask("GET", "position/leverage", "symbol=BTC_USDT")
	rows.want(t, "1", "data", 0, "leverage")
	rows.want(t, "25", "data", 2, "leverage")
	w.ask("POST", "position/change_leverage", `{"symbol":"BTC_USDT","openType":1,"positionType":2,"leverage":501}`).want(t, "2006", "code")
	w.ask("POST", "order/create", opening("hx-1", 10, ""))
	w.ask("POST", "order/create", strings.Replace(opening("hx-2", 10, ""), `"leverage":10`, `"leverage":11`, 1)).want(t, "2021", "code")
	w.ask("POST", "position/change_leverage", `{"positionId":1109973831000000001,"leverage":20}`).want(t, "true", "success")
	w.ask("GET", "position/open_positions", "").want(t, "20", "data", 0, "leverage")
}

func TestFundingIsListedWithItsPosition(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65000")
	w.ask("POST", "order/create", opening("hx-1", 10, ""))
	w.clock.Pass(time.Hour)
	w.perps.Funding("BTC_USDT", trading.MustRatio("0.0001"))
	r := w.ask("GET", "position/funding_records", "page_num=1&page_size=20&position_type=1&symbol=BTC_USDT")
	r.want(t, "-0.0065", "data", "resultList", 0, "funding")
	r.want(t, "1109973831000000001", "data", "resultList", 0, "positionId")
	r.want(t, "1700003600000", "data", "resultList", 0, "settleTime")
	w.ask("GET", "position/open_positions", "").want(t, "-0.0065", "data", 0, "holdFee")
}
