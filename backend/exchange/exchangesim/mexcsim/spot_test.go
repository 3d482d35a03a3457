package mexcsim_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"hoox/backend/exchange/exchangesim/mexcsim"
)

func (w *world) public(path string) reply {
	w.t.Helper()
	_, raw, err := w.send("GET", "/api/v3/"+path, "", nil)
	if err != nil {
		w.t.Fatal(err)
	}
	return read(w.t, raw)
}

func TestSpotRulesAndPrices(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65012.29")
	w.public("time").want(t, "1700000000000", "serverTime")
	info := w.public("exchangeInfo?symbol=BTCUSDT")
	for name, want := range map[string]string{
		"symbol": `"BTCUSDT"`, "status": `"1"`, "baseAsset": `"BTC"`, "baseAssetPrecision": "6", "quoteAsset": `"USDT"`, "quotePrecision": "2",
		"isSpotTradingAllowed": "true", "tradeSideType": `"1"`, "baseSizePrecision": `"0.000001"`, "quoteAmountPrecision": `"1"`,
		"quoteAmountPrecisionMarket": `"1"`, "maxQuoteAmount": `"4000000"`, "maxQuoteAmountMarket": `"100000"`, "makerCommission": `"0"`, "takerCommission": `"0.0005"`,
		"filters": `[{"askMultiplierDown":"0.2","bidMultiplierUp":"0.2","filterType":"PERCENT_PRICE_BY_SIDE"}]`,
	} {
		info.want(t, want, "symbols", 0, name)
	}
	w.public("exchangeInfo?symbol=NOUSDT").want(t, "-1121", "code")
	w.public("ticker/price?symbol=BTCUSDT").want(t, `"65012.29"`, "price")
	w.public("ticker/price").want(t, `"65012.29"`, "list", 0, "price")
	w.public("ticker/bookTicker?symbol=BTCUSDT").want(t, `"65012.3"`, "askPrice")
	w.public("klines?symbol=BTCUSDT&interval=1m").want(t, `[1699999980000,"65012.29","65012.29","65012.29","65012.29","0",1700000040000,"0"]`, "list", 0)
	w.public("defaultSymbols").want(t, `["BTCUSDT"]`, "data")
	_, self := w.call("GET", "selfSymbols", "")
	self.want(t, `["BTCUSDT"]`, "data")
	_, fee := w.call("GET", "tradeFee", "symbol=BTCUSDT")
	fee.want(t, "0.0005", "data", "takerCommission")
	_, account := w.call("GET", "account", "")
	account.want(t, "false", "canWithdraw")
	account.want(t, `"10000"`, "balances", 0, "free")
	w.holdings.SetHalted("BTCUSDT", true)
	w.public("exchangeInfo?symbol=BTCUSDT").want(t, `"2"`, "symbols", 0, "status")
	_, no := w.call("POST", "order/test", "quoteOrderQty=50&side=BUY&symbol=BTCUSDT&type=MARKET")
	no.want(t, "30016", "code")
}

func TestSpotMarketBuyByMoneyAndSellByQuantity(t *testing.T) {
	w := newWorld(t, setting{options: mexcsim.Options{CanWithdraw: true}})
	w.price("65012.29")
	status, o := w.call("POST", "order", "newClientOrderId=hx-1-e&quoteOrderQty=50&side=BUY&symbol=BTCUSDT&type=MARKET")
	o.want(t, `"C02__468615423963070466"`, "orderId")
	o.want(t, "absent", "status")
	o.want(t, "-1", "orderListId")
	o.want(t, "1700000000000", "transactTime")
	if status != http.StatusOK {
		t.Errorf("want 200, had %d", status)
	}
	_, q := w.call("GET", "order", "origClientOrderId=hx-1-e&symbol=BTCUSDT")
	for name, want := range map[string]string{
		"symbol": `"BTCUSDT"`, "orderId": `"C02__468615423963070466"`, "orderListId": "-1", "clientOrderId": `"hx-1-e"`, "price": `"65012.3"`,
		"origQty": `"0.000769"`, "executedQty": `"0.000769"`, "cummulativeQuoteQty": `"49.9944587"`, "status": `"FILLED"`, "timeInForce": "absent",
		"type": `"MARKET"`, "side": `"BUY"`, "stopPrice": "absent", "time": "1700000000000", "isWorking": "true", "origQuoteOrderQty": `"50"`,
	} {
		q.want(t, want, name)
	}
	_, x := w.call("GET", "myTrades", "orderId=C02__468615423963070466&symbol=BTCUSDT")
	for name, want := range map[string]string{
		"symbol": `"BTCUSDT"`, "id": `"468615423979847682X1"`, "orderId": `"C02__468615423963070466"`, "price": `"65012.3"`, "qty": `"0.000769"`,
		"quoteQty": `"49.9944587"`, "commission": `"0.02499722935"`, "commissionAsset": `"USDT"`, "isBuyer": "true", "isMaker": "false", "clientOrderId": `"hx-1-e"`,
	} {
		x.want(t, want, "list", 0, name)
	}
	_, account := w.call("GET", "account", "")
	account.want(t, `"0.000769"`, "balances", 0, "free")
	account.want(t, "true", "canWithdraw")
	_, sold := w.call("POST", "order", "newClientOrderId=hx-1-x&quantity=0.000769&side=SELL&symbol=BTCUSDT&type=MARKET")
	sold.want(t, `"C02__468615423963070467"`, "orderId")
	_, over := w.call("POST", "order", "newClientOrderId=hx-1-y&quantity=0.000769&side=SELL&symbol=BTCUSDT&type=MARKET")
	over.want(t, "30005", "code")
}

func TestSpotRefusalsHaveMEXCsCodes(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65000")
	for name, r := range map[string]struct{ params, code string }{
		"id":              {"newClientOrderId=a.b&quoteOrderQty=50&side=BUY&symbol=BTCUSDT&type=MARKET", "700008"},
		"long id":         {"newClientOrderId=" + strings.Repeat("a", 33) + "&quoteOrderQty=50&side=BUY&symbol=BTCUSDT&type=MARKET", "700008"},
		"empty id":        {"newClientOrderId=&quoteOrderQty=50&side=BUY&symbol=BTCUSDT&type=MARKET", "700008"},
		"too little":      {"quoteOrderQty=0.99&side=BUY&symbol=BTCUSDT&type=MARKET", "30002"},
		"buy by quantity": {"quantity=1&side=BUY&symbol=BTCUSDT&type=MARKET", "700004"},
		"sell by money":   {"quoteOrderQty=50&side=SELL&symbol=BTCUSDT&type=MARKET", "700004"},
		"no money":        {"quoteOrderQty=10001&side=BUY&symbol=BTCUSDT&type=MARKET", "30004"},
		"stop":            {"quantity=1&side=SELL&symbol=BTCUSDT&type=STOP_LOSS", "30041"},
		"symbol":          {"quoteOrderQty=50&side=BUY&symbol=BTC_USDT&type=MARKET", "-1121"},
		"off the tick":    {"price=60000.001&quantity=0.001&side=BUY&symbol=BTCUSDT&type=LIMIT", "30010"},
		"off the step":    {"price=60000&quantity=0.0000015&side=BUY&symbol=BTCUSDT&type=LIMIT", "10102"},
	} {
		status, a := w.call("POST", "order", r.params)
		if a.at("code") != r.code || status != http.StatusBadRequest {
			t.Errorf("%s: want 400 %s, had %d %v", name, r.code, status, a)
		}
	}
	status, none := w.call("GET", "order", "origClientOrderId=none&symbol=BTCUSDT")
	if none.at("code") != "-2013" || status != http.StatusBadRequest {
		t.Errorf("not found: want 400 -2013, had %d %v", status, none)
	}
	_, none = w.call("DELETE", "order", "origClientOrderId=none&symbol=BTCUSDT")
	none.want(t, "-2011", "code")
	_, none = w.call("GET", "order", "symbol=BTCUSDT")
	none.want(t, "700004", "code")
	if n := len(w.holdings.Orders()); n != 0 {
		t.Errorf("want nothing booked, had %d orders", n)
	}
}

func TestSpotIDIsNoProtectionAgainstASecondOrder(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65000")
	for range 2 {
		w.call("POST", "order", "newClientOrderId=hx-1&quoteOrderQty=50&side=BUY&symbol=BTCUSDT&type=MARKET")
	}
	if n, asked := len(w.holdings.Orders()), w.holdings.Creates("hx-1"); n != 2 || asked != 2 {
		t.Errorf("want two orders of two requests: MEXC spot does not refuse a second use; had %d of %d", n, asked)
	}
}

func TestSpotLimitOrdersRestAndAreCancelled(t *testing.T) {
	w := newWorld(t, setting{})
	w.price("65000")
	for _, r := range []string{"LIMIT&newClientOrderId=a&price=60000", "LIMIT&newClientOrderId=b&price=61000", "IMMEDIATE_OR_CANCEL&newClientOrderId=c&price=60000", "LIMIT_MAKER&newClientOrderId=d&price=66000"} {
		w.call("POST", "order", "quantity=0.01&side=BUY&symbol=BTCUSDT&type="+r)
	}
	_, open := w.call("GET", "openOrders", "symbol=BTCUSDT")
	open.want(t, `"a"`, "list", 0, "clientOrderId")
	open.want(t, `"b"`, "list", 1, "clientOrderId")
	open.want(t, "absent", "list", 2)
	_, account := w.call("GET", "account", "")
	account.want(t, `"1210"`, "balances", 0, "locked")
	_, gone := w.call("DELETE", "order", "origClientOrderId=a&symbol=BTCUSDT")
	gone.want(t, `"CANCELED"`, "status")
	gone.want(t, `"a"`, "origClientOrderId")
	_, again := w.call("DELETE", "order", "origClientOrderId=a&symbol=BTCUSDT")
	again.want(t, "-2011", "code")
	_, rest := w.call("DELETE", "openOrders", "symbol=BTCUSDT")
	rest.want(t, `"b"`, "list", 0, "clientOrderId")
	_, all := w.call("GET", "allOrders", "symbol=BTCUSDT")
	all.want(t, `"CANCELED"`, "list", 0, "status")
	all.want(t, `"LIMIT_MAKER"`, "list", 0, "type")
}

func TestListenKeyLivesForAnHour(t *testing.T) {
	w := newWorld(t, setting{})
	_, made := w.call("POST", "userDataStream", "")
	key := strings.Trim(made.at("listenKey"), `"`)
	w.clock.Pass(59 * time.Minute)
	_, kept := w.call("PUT", "userDataStream", "listenKey="+key)
	kept.want(t, `"`+key+`"`, "listenKey")
	w.clock.Pass(59 * time.Minute)
	_, list := w.call("GET", "userDataStream", "")
	list.want(t, `["`+key+`"]`, "listenKey")

	c := w.dial("/ws?listenKey=" + key)
	tell(t, c, `{"method":"SUBSCRIPTION","params":["spot@private.orders.v3.api.pb"]}`)
	hear(t, c, "").want(t, `"spot@private.orders.v3.api.pb"`, "msg")
	w.clock.Pass(50 * time.Second)
	tell(t, c, `{"method":"PING"}`)
	hear(t, c, "").want(t, `"PONG"`, "msg")
	w.clock.Pass(11 * time.Second)
	if _, _, err := c.ReadMessage(); err == nil {
		t.Error("want the stream to end with its key")
	}
	_, late := w.call("PUT", "userDataStream", "listenKey="+key)
	late.want(t, "-1125", "code")
	if _, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(w.url, "http")+"/ws?listenKey="+key, nil); err == nil {
		t.Error("want no stream for a key that has ended")
	}
}
