package bybitsim_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangesim/bybitsim"
	"hoox/backend/trading"
)

func TestSignaturesAreReadFromTheRawBytes(t *testing.T) {
	w := newWorld(t, bybitsim.Options{})
	// The clock of the exchange is the one of the vectors, so their signatures are the right ones.
	for name, v := range map[string]struct{ method, path, payload, signature string }{
		"get":          {"GET", "/v5/position/list", `category=linear&symbol=BTCUSDT`, "fd4f31228a46109dc6673062328693696df9a96c7ff04e6491a45e7f63a0fdd7"},
		"spaced body":  {"POST", "/v5/order/cancel", `{"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "test-order-1"}`, "2df4a0603d69c08d5dea29ba85b46eb7db64ce9e9ebd34a7802a3d69700cb2a1"},
		"compact body": {"POST", "/v5/order/create", `{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Market","qty":"0.001","orderLinkId":"vec-0001","positionIdx":0}`, "c66e102b9d38a171ed2e5ce864cb5ee2811cc79535046e35493f87de5f5ef144"},
	} {
		send := func(payload, signature string, header ...string) int {
			target, body := v.path, payload
			if v.method == "GET" {
				target, body = v.path+"?"+payload, ""
			}
			resp, raw, err := w.ask(v.method, target, body, signature, header...)
			return w.read(resp, raw, err).Code
		}
		if code := send(v.payload, v.signature); code != 0 && code != 110001 {
			t.Errorf("%s: the vector is answered with %d", name, code)
		}
		for what, c := range map[string]struct {
			want int
			had  int
		}{
			"another byte":    {10004, send(strings.Replace(v.payload, "BTCUSDT", "ETHUSDT", 1), v.signature)},
			"upper case":      {10004, send(v.payload, strings.ToUpper(v.signature))},
			"another key":     {10003, send(v.payload, v.signature, "X-BAPI-API-KEY", "other")},
			"a second ahead":  {10002, send(v.payload, v.signature, "X-BAPI-TIMESTAMP", "1700000001000")},
			"too long ago":    {10002, send(v.payload, v.signature, "X-BAPI-TIMESTAMP", "1699999994999")},
			"no time":         {10002, send(v.payload, v.signature, "X-BAPI-TIMESTAMP", "")},
			"another window":  {10004, send(v.payload, v.signature, "X-BAPI-RECV-WINDOW", "6000")},
			"barely in time":  {10004, send(v.payload, v.signature, "X-BAPI-TIMESTAMP", "1700000000999")},
			"lost its window": {10004, send(v.payload, v.signature, "X-BAPI-RECV-WINDOW", "")},
		} {
			if c.had != c.want {
				t.Errorf("%s, %s: answered %d, want %d", name, what, c.had, c.want)
			}
		}
	}
	if resp, _, err := w.ask("GET", "/v5/position/list?category=linear", "{}", ""); err != nil || resp.StatusCode != http.StatusForbidden {
		t.Errorf("a GET with a body: %v, want 403", resp)
	}
	if resp, _, err := w.ask("GET", "/v5/nowhere", "", ""); err != nil || resp.StatusCode != http.StatusNotFound {
		t.Errorf("a wrong path: %v, want 404", resp)
	}
}

func TestEachFilterHasItsCode(t *testing.T) {
	w := newWorld(t, bybitsim.Options{}, func(c *exchangesim.Config) { c.Band, c.MaxConditional = trading.MustRatio("0.1"), 1 })
	w.must(w.place("once"))
	w.must(w.place("stop-1", "side", "Sell", "triggerPrice", "59000", "triggerDirection", 2, "reduceOnly", true))
	spot := []any{"category", "spot", "positionIdx", nil, "marketUnit", "baseCoin", "qty", "0.001"}
	for name, c := range map[string]struct {
		code  int
		pairs []any
	}{
		"category":          {10001, []any{"category", "option"}},
		"symbol":            {10001, []any{"symbol", "NOPE"}},
		"link":              {10001, []any{"orderLinkId", "sp ace"}},
		"long link":         {10001, []any{"orderLinkId", strings.Repeat("x", 37)}},
		"step":              {10001, []any{"qty", "0.0105"}},
		"too small":         {110017, []any{"qty", "0.0001"}},
		"too large":         {10001, []any{"qty", "101"}},
		"tick":              {10001, []any{"orderType", "Limit", "price", "59000.05"}},
		"band":              {110003, []any{"orderType", "Limit", "price", "50000"}},
		"notional":          {110094, []any{"symbol", "ETHUSDT", "orderType", "Limit", "price", "100", "qty", "0.01"}},
		"used before":       {110072, []any{"orderLinkId", "once"}},
		"money":             {110007, []any{"qty", "1"}},
		"position index":    {10001, []any{"positionIdx", 1}},
		"nothing to reduce": {110017, []any{"reduceOnly", true}},
		"reduce with stop":  {10001, []any{"side", "Sell", "reduceOnly", true, "stopLoss", "65000"}},
		"stop above":        {10001, []any{"stopLoss", "61000"}},
		"expect rising":     {110092, []any{"triggerPrice", "59000", "triggerDirection", 1}},
		"expect falling":    {110093, []any{"triggerPrice", "61000", "triggerDirection", 2}},
		"no direction":      {10001, []any{"triggerPrice", "61000"}},
		"too many stops":    {110009, []any{"triggerPrice", "61000", "triggerDirection", 1}},
		"spot step":         {170137, append(spot, "qty", "0.0000505")},
		"spot too small":    {170136, append(spot, "qty", "0.000001")},
		"spot too large":    {170124, append(spot, "qty", "51")},
		"spot tick":         {170134, append(spot, "orderType", "Limit", "price", "59000.005")},
		"spot too high":     {170132, append(spot, "orderType", "Limit", "price", "70000")},
		"spot too low":      {170133, append(spot, "side", "Sell", "orderType", "Limit", "price", "50000")},
		"spot value":        {170140, append(spot, "qty", "0.00005")},
		"spot money":        {170131, append(spot, "qty", "1")},
		"spot sells none":   {170131, append(spot, "side", "Sell")},
		"spot used before":  {170141, append(spot, "orderLinkId", "once")},
		"spot market stop":  {10001, append(spot, "stopLoss", "50000")},
		"spot symbol":       {170121, append(spot, "symbol", "NOPE")},
	} {
		before := len(w.core.Orders())
		link := "link-" + strings.ReplaceAll(name, " ", "-")
		if e := w.place(link, c.pairs...); e.Code != c.code {
			t.Errorf("%s: answered %d %s, want %d", name, e.Code, e.Text, c.code)
		}
		if after := len(w.core.Orders()); after != before {
			t.Errorf("%s: %d orders were booked by a refusal", name, after-before)
		}
	}
	w.core.SetHalted("BTCUSDT", true)
	if e := w.place("halted"); e.Code != 110074 {
		t.Errorf("halted: answered %d, want 110074", e.Code)
	}
}

func TestAnOrderIsToldAsTheExchangeTellsIt(t *testing.T) {
	w := newWorld(t, bybitsim.Options{})
	e := w.must(w.place("hx1a", "takeProfit", "66000", "stopLoss", "58000", "tpslMode", "Full"))

	row := w.must(w.get("/v5/order/realtime", "category=linear&symbol=BTCUSDT&orderLinkId=hx1a")).row(0)
	for field, want := range map[string]any{
		"orderId": e.Result["orderId"], "orderStatus": "Filled", "qty": "0.010", "cumExecQty": "0.010", "avgPrice": "60000.1", "leavesQty": "0.000", "side": "Buy",
		"orderType": "Market", "timeInForce": "IOC", "takeProfit": "66000.0", "rejectReason": "EC_NoError", "cancelType": "UNKNOWN", "createdTime": "1700000000000",
	} {
		if row[field] != want {
			t.Errorf("order has %s %v, want %v", field, row[field], want)
		}
	}
	x := w.must(w.get("/v5/execution/list", "category=linear&orderLinkId=hx1a")).row(0)
	if x["execFee"] != "0.33000055" || x["feeCurrency"] != "USDT" || x["execType"] != "Trade" || x["isMaker"] != false || x["execPrice"] != "60000.1" {
		t.Errorf("execution is %v", x)
	}
	p := w.must(w.get("/v5/position/list", "category=linear&symbol=BTCUSDT")).row(0)
	if p["side"] != "Buy" || p["size"] != "0.010" || p["avgPrice"] != "60000.1" || p["stopLoss"] != "58000.0" || p["takeProfit"] != "66000.0" || p["trailingStop"] != "0.00" {
		t.Errorf("position is %v", p)
	}
	flat := w.must(w.get("/v5/position/list", "category=linear&symbol=ETHUSDT")).row(0)
	if flat["side"] != "" || flat["size"] != "0.00" || flat["avgPrice"] != "0" {
		t.Errorf("a flat row is %v", flat)
	}
	guards := w.must(w.get("/v5/order/realtime", "category=linear&settleCoin=USDT"))
	if len(guards.rows()) != 2 || guards.row(0)["orderStatus"] != "Untriggered" || guards.row(0)["parentOrderLinkId"] != "hx1a" || guards.row(0)["orderLinkId"] != "" {
		t.Errorf("protection is listed as %v", guards.rows())
	}
	w.core.SetPrice("BTCUSDT", trading.MustPrice("57990"))
	closed := w.must(w.get("/v5/position/closed-pnl", "category=linear")).row(0)
	if closed["closedSize"] != "0.010" || closed["side"] != "Sell" || closed["avgExitPrice"] != "57990.0" || closed["closedPnl"] != "-20.74994555" {
		t.Errorf("closed profit is %v", closed)
	}
	if wallet := w.must(w.get("/v5/account/wallet-balance", "accountType=UNIFIED")).row(0)["coin"].([]any); len(wallet) != 1 || wallet[0].(object)["walletBalance"] != "9979.25005445" {
		t.Errorf("wallet is %v", wallet)
	}
}

func TestListsComeInPages(t *testing.T) {
	w := newWorld(t, bybitsim.Options{Page: 2})
	for _, c := range []struct {
		path, query, field string
		want               int
	}{
		{"/v5/market/instruments-info", "category=linear", "symbol", 3},
		{"/v5/execution/list", "category=linear&limit=2", "execId", 5},
		{"/v5/order/history", "category=linear&limit=2", "orderId", 5},
		{"/v5/account/transaction-log", "accountType=UNIFIED&category=linear&limit=2", "id", 5},
	} {
		if c.path == "/v5/execution/list" {
			for _, link := range []string{"a", "b", "c", "d", "e"} {
				w.must(w.place(link))
			}
		}
		seen, cursor, pages := map[any]bool{}, "", 0
		for first := true; first || cursor != ""; first = false {
			e := w.must(w.get(c.path, c.query+"&cursor="+url.QueryEscape(cursor)))
			for _, row := range e.rows() {
				seen[row.(object)[c.field]] = true
			}
			cursor, _ = e.Result["nextPageCursor"].(string)
			if pages++; len(e.rows()) > 2 || pages > 9 {
				t.Fatalf("%s: page %d has %d rows", c.path, pages, len(e.rows()))
			}
		}
		if len(seen) != c.want {
			t.Errorf("%s: %d rows over all pages, want %d", c.path, len(seen), c.want)
		}
	}
	if e := w.get("/v5/execution/list", "category=linear&startTime=1600000000000&endTime=1700000000000"); e.Code != 10001 {
		t.Errorf("a window above seven days: %d, want 10001", e.Code)
	}
}

func TestRealtimeForgetsAndHistoryLags(t *testing.T) {
	w := newWorld(t, bybitsim.Options{ClosedCache: 2, HistoryLag: 5 * time.Second})
	find := func(list, link string) int {
		return len(w.must(w.get("/v5/order/"+list, "category=linear&symbol=BTCUSDT&orderLinkId="+link)).rows())
	}
	for _, link := range []string{"a", "b", "c"} {
		w.must(w.place(link))
		w.clock.Pass(time.Second)
	}
	if find("realtime", "a") != 0 || find("realtime", "b") != 1 || find("history", "a") != 0 {
		t.Error("realtime remembers two ended orders and history lags five seconds")
	}
	w.clock.Pass(5 * time.Second)
	if find("history", "a") != 1 {
		t.Error("history does not have what ended eight seconds ago")
	}
	w.sim.Restart()
	if find("realtime", "c") != 0 || find("history", "c") != 1 {
		t.Error("a restart clears what realtime remembers, not history")
	}
	w.must(w.place("rest", "orderType", "Limit", "price", "50000"))
	if e := w.must(w.get("/v5/order/realtime", "category=linear&symbol=BTCUSDT")); len(e.rows()) != 1 || e.row(0)["orderStatus"] != "New" {
		t.Errorf("open orders are %v", e.rows())
	}
	w.must(w.post("/v5/order/cancel", object{"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "rest"}))
	if e := w.post("/v5/order/cancel", object{"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "rest"}); e.Code != 110010 {
		t.Errorf("canceled twice: %d, want 110010", e.Code)
	}
	if e := w.post("/v5/order/cancel", object{"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "never"}); e.Code != 110001 {
		t.Errorf("no such order: %d, want 110001", e.Code)
	}
	w.clock.Pass(25 * time.Hour)
	if find("history", "rest") != 0 || find("history", "c") != 1 {
		t.Error("what was canceled without a fill is listed for a day only")
	}
}
