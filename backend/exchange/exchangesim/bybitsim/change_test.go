package bybitsim_test

import (
	"net/http"
	"strconv"
	"testing"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/bybitsim"
	"hoox/backend/trading"
)

func TestModesAndLeverageSayWhenNothingChanges(t *testing.T) {
	w := newWorld(t, bybitsim.Options{})
	code := func(path string, body object, want int) {
		t.Helper()
		if e := w.post(path, body); e.Code != want {
			t.Errorf("%s %v: answered %d %s, want %d", path, body, e.Code, e.Text, want)
		}
	}
	lever := object{"category": "linear", "symbol": "BTCUSDT", "buyLeverage": "6", "sellLeverage": "6"}
	code("/v5/position/set-leverage", lever, 0)
	code("/v5/position/set-leverage", lever, 110043)
	code("/v5/position/set-leverage", object{"category": "linear", "symbol": "BTCUSDT", "buyLeverage": "101", "sellLeverage": "101"}, 110013)
	code("/v5/position/set-leverage", object{"category": "linear", "symbol": "BTCUSDT", "buyLeverage": "5", "sellLeverage": "6"}, 10001)
	code("/v5/account/set-margin-mode", object{"setMarginMode": "ISOLATED_MARGIN"}, 0)
	code("/v5/account/set-margin-mode", object{"setMarginMode": "ISOLATED_MARGIN"}, 110026)
	hedge := object{"category": "linear", "symbol": "BTCUSDT", "mode": 3}
	code("/v5/position/switch-mode", hedge, 0)
	code("/v5/position/switch-mode", hedge, 110025)
	w.must(w.place("long", "positionIdx", 1))
	if rows := w.must(w.get("/v5/position/list", "category=linear&symbol=BTCUSDT")).rows(); len(rows) != 2 || rows[0].(object)["leverage"] != "6" || rows[0].(object)["tradeMode"].(interface{ String() string }).String() != "1" {
		t.Errorf("hedged rows are %v", rows)
	}
	code("/v5/position/switch-mode", object{"category": "linear", "coin": "USDT", "mode": 0}, 110024)
	code("/v5/account/set-margin-mode", object{"setMarginMode": "REGULAR_MARGIN"}, 3400045)
	code("/v5/position/trading-stop", object{"category": "linear", "symbol": "BTCUSDT", "positionIdx": 2, "stopLoss": "65000"}, 10001)
	stop := object{"category": "linear", "symbol": "BTCUSDT", "positionIdx": 1, "tpslMode": "Full", "stopLoss": "55000", "takeProfit": "70000", "trailingStop": "900"}
	code("/v5/position/trading-stop", stop, 0)
	code("/v5/position/trading-stop", stop, 34040)
	code("/v5/position/trading-stop", object{"category": "linear", "symbol": "BTCUSDT", "positionIdx": 1, "stopLoss": "0"}, 0)
	if g := w.core.Position("BTCUSDT", trading.SlotLong).Guard; !g.StopLoss.IsZero() || g.TakeProfit.String() != "70000" || g.Trailing.String() != "900" {
		t.Errorf("guard is %+v: what is not named stays, 0 removes", g)
	}
	code("/v5/position/trading-stop", object{"category": "linear", "symbol": "BTCUSDT", "positionIdx": 1, "stopLoss": "61000"}, 10001)
	partial := object{"category": "linear", "symbol": "BTCUSDT", "positionIdx": 1, "tpslMode": "Partial", "takeProfit": "68000", "tpSize": "0.005", "stopLoss": "57000", "slSize": "0.005"}
	code("/v5/position/trading-stop", partial, 0)
	w.core.SetPrice("BTCUSDT", trading.MustPrice("68000"))
	if p := w.core.Position("BTCUSDT", trading.SlotLong); p.Qty.String() != "0.005" {
		t.Errorf("position is %s after half of it took profit", p.Qty)
	}
	for _, o := range w.core.OpenOrders(trading.Linear, "") {
		if o.StopType == "PartialStopLoss" {
			t.Error("the other side of the pair is still there")
		}
	}
}

func TestConditionalOrdersAmendAndCancelAll(t *testing.T) {
	w := newWorld(t, bybitsim.Options{})
	w.must(w.place("stop", "triggerPrice", "61000", "triggerDirection", 1))
	w.must(w.place("limit", "orderType", "Limit", "price", "59000"))
	w.must(w.post("/v5/order/amend", object{"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "stop", "triggerPrice": "62000"}))
	w.must(w.post("/v5/order/amend", object{"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "limit", "qty": "0.020", "price": "58000"}))
	w.core.SetPrice("BTCUSDT", trading.MustPrice("61500"))
	if o, _ := w.core.Find(trading.Linear, "BTCUSDT", "", "stop"); o.Status != exchangesim.Untriggered {
		t.Errorf("the stop is %s at its old trigger", o.Status)
	}
	w.core.SetPrice("BTCUSDT", trading.MustPrice("62000"))
	row := w.must(w.get("/v5/order/realtime", "category=linear&orderLinkId=stop")).row(0)
	if row["orderStatus"] != "Filled" || row["stopOrderType"] != "Stop" || row["triggerPrice"] != "62000.0" {
		t.Errorf("the stop is %v", row)
	}
	w.must(w.place("later", "triggerPrice", "65000", "triggerDirection", 1))
	if e := w.must(w.post("/v5/order/cancel-all", object{"category": "linear", "settleCoin": "USDT"})); len(e.rows()) != 2 {
		t.Errorf("canceled %v, want the limit and the conditional order", e.rows())
	}
	w.must(w.place("maker", "orderType", "Limit", "price", "63000", "timeInForce", "PostOnly"))
	if row := w.must(w.get("/v5/order/realtime", "category=linear&orderLinkId=maker")).row(0); row["orderStatus"] != "Cancelled" || row["rejectReason"] != "EC_PostOnlyWillTakeLiquidity" {
		t.Errorf("post-only that would take is %v", row)
	}
}

func TestSpotTakesQuoteAndKeepsWhatConditionalOrdersNeed(t *testing.T) {
	w := newWorld(t, bybitsim.Options{})
	spot := []any{"category", "spot", "positionIdx", nil}
	w.must(w.place("buy", append(spot, "qty", "600.0001")...))
	if total, _ := w.core.Balance("BTC"); total.String() != "0.00999" {
		t.Errorf("600 USDT bought %s BTC, want 0.01 less the fee", total)
	}
	w.must(w.place("tpsl", append(spot, "side", "Sell", "qty", "0.009", "orderFilter", "tpslOrder", "triggerPrice", "55000")...))
	if _, free := w.core.Balance("BTC"); free.String() != "0.00099" {
		t.Errorf("free is %s BTC: a tpslOrder keeps what it sells", free)
	}
	w.must(w.place("stop", append(spot, "side", "Sell", "qty", "0.009", "orderFilter", "StopOrder", "triggerPrice", "70000")...))
	if e := w.must(w.post("/v5/order/cancel-all", object{"category": "spot", "symbol": "BTCUSDT"})); len(e.rows()) != 0 {
		t.Errorf("canceled %v: without a filter spot keeps conditional orders", e.rows())
	}
	w.must(w.post("/v5/order/cancel", object{"category": "spot", "symbol": "BTCUSDT", "orderLinkId": "stop"}))
	if row := w.must(w.get("/v5/order/realtime", "category=spot&orderLinkId=stop")).row(0); row["orderStatus"] != "Deactivated" {
		t.Errorf("an untriggered conditional order is %v", row["orderStatus"])
	}
	w.must(w.place("limit", append(spot, "orderType", "Limit", "price", "59000", "qty", "0.01", "takeProfit", "65000", "stopLoss", "56000")...))
	w.core.SetPrice("BTCUSDT", trading.MustPrice("59000"))
	w.core.SetPrice("BTCUSDT", trading.MustPrice("58990"))
	w.core.SetPrice("BTCUSDT", trading.MustPrice("65000"))
	row := w.must(w.get("/v5/order/history", "category=spot&limit=50"))
	kinds := map[any]int{}
	for _, r := range row.rows() {
		if r.(object)["parentOrderLinkId"] == "limit" {
			kinds[r.(object)["orderStatus"]]++
		}
	}
	if kinds["Filled"] != 1 || kinds["Deactivated"] != 1 {
		t.Errorf("the pair behind a spot limit ended %v, want one filled and one deactivated", kinds)
	}
}

func TestLimitsAreCountedAndRefused(t *testing.T) {
	w := newWorld(t, bybitsim.Options{Limits: true})
	for n := range 10 {
		e := w.must(w.place("n-" + strconv.Itoa(n)))
		if had := e.Header.Get("X-Bapi-Limit-Status"); had != strconv.Itoa(9-n) || e.Header.Get("X-Bapi-Limit") != "10" {
			t.Fatalf("after %d: %s of %s left", n+1, had, e.Header.Get("X-Bapi-Limit"))
		}
	}
	if e := w.place("n-10"); e.Code != 10006 || e.Header.Get("X-Bapi-Limit-Reset-Timestamp") != "1700000001000" {
		t.Errorf("the eleventh: %d, reset %s", e.Code, e.Header.Get("X-Bapi-Limit-Reset-Timestamp"))
	}
	if n := len(w.core.Orders()); n != 10 {
		t.Errorf("%d orders: what is above the limit is not carried out", n)
	}
	w.clock.Pass(1e9)
	w.must(w.place("n-11"))
}

func TestFaultsLeaveTheTruthInTheLog(t *testing.T) {
	empty := ""
	for name, c := range map[string]struct {
		fault  exchangesim.Fault
		orders int
	}{
		"request lost": {exchangesim.Fault{LoseRequest: true}, 0}, "answer lost": {exchangesim.Fault{LoseAnswer: true}, 1},
		"502 done": {exchangesim.Fault{Status: 502}, 1}, "503 not done": {exchangesim.Fault{Status: 503, Refuse: true}, 0},
		"10016 done": {exchangesim.Fault{Code: 10016}, 1}, "empty": {exchangesim.Fault{Body: &empty}, 1}, "banned": {exchangesim.Fault{Banned: true}, 0},
		"looked at twice": {exchangesim.Fault{Twice: true}, 1}, "rejected later": {exchangesim.Fault{RejectLater: true}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, bybitsim.Options{})
			w.core.SetFaults(func(path, link string) exchangesim.Fault {
				if path == "/v5/order/create" && link == "hx1a" {
					return c.fault
				}
				return exchangesim.Fault{}
			})
			body := `{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Market","qty":"0.001","orderLinkId":"hx1a","positionIdx":0}`
			resp, raw, err := w.ask("POST", "/v5/order/create", body, sign("1700000000000test_api_key5000"+body))
			if (err != nil) != (c.fault.LoseRequest || c.fault.LoseAnswer) {
				t.Errorf("answered %v %q, %v", resp, raw, err)
			}
			if c.fault.Banned && resp.StatusCode != http.StatusForbidden || c.fault.Status != 0 && resp.StatusCode != c.fault.Status {
				t.Errorf("status is %d", resp.StatusCode)
			}
			if n := len(w.core.Orders()); n != c.orders || w.core.Creates("hx1a") != 1 {
				t.Errorf("%d orders of %d requests, want %d of 1", n, w.core.Creates("hx1a"), c.orders)
			}
		})
	}
}

func TestMarketDataHasItsShapes(t *testing.T) {
	w := newWorld(t, bybitsim.Options{})
	if e := w.must(w.get("/v5/market/time", "")); e.Result["timeNano"] != "1700000000000000000" {
		t.Errorf("time is %v", e.Result)
	}
	linear, spot := w.must(w.get("/v5/market/tickers", "category=linear&symbol=BTCUSDT")).row(0), w.must(w.get("/v5/market/tickers", "category=spot&symbol=BTCUSDT")).row(0)
	if linear["markPrice"] != "60000.0" || linear["ask1Price"] != "60000.1" || spot["markPrice"] != nil || spot["ask1Price"] != "60000.01" {
		t.Errorf("tickers are %v and %v", linear, spot)
	}
	w.clock.Pass(90e9)
	w.core.SetPrice("BTCUSDT", trading.MustPrice("61000"))
	k := w.must(w.get("/v5/market/kline", "category=linear&symbol=BTCUSDT&interval=1&limit=2")).rows()
	// 22:13:20 and 22:14:50 lie in minutes that follow each other.
	if len(k) != 2 || k[0].([]any)[0] != "1700000040000" || k[0].([]any)[1] != "60000.0" || k[0].([]any)[4] != "61000.0" || k[1].([]any)[4] != "60000.0" {
		t.Errorf("candles are %v", k)
	}
	if e := w.must(w.get("/v5/market/price-limit", "category=linear&symbol=BTCUSDT")); e.Result["buyLmt"] != "64050.0" {
		t.Errorf("price limit is %v", e.Result)
	}
	if e := w.must(w.get("/v5/account/fee-rate", "category=linear&symbol=BTCUSDT")); e.row(0)["takerFeeRate"] != "0.00055" {
		t.Errorf("fees are %v", e.rows())
	}
	if e := w.must(w.get("/v5/user/query-api", "")); e.Result["apiKey"] != "test_api_key" {
		t.Errorf("key is %v", e.Result)
	}
	if e := w.must(w.get("/v5/account/info", "")); e.Result["marginMode"] != "REGULAR_MARGIN" {
		t.Errorf("account is %v", e.Result)
	}
}
