package binance_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/exchange/binance"
	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangetest"
	"hoox/backend/trading"
)

// The answers that the targets begin with: what Binance says, and what would be believed too easily.
var answers = []string{
	`{"orderId":22542179,"symbol":"BTCUSDT","status":"NEW","clientOrderId":"ID","price":"0","avgPrice":"0.00","origQty":"0.010","executedQty":"0","type":"MARKET","side":"BUY","positionSide":"BOTH","updateTime":1760000000123}`,
	`{"symbol":"BTCUSDT","orderId":28,"orderListId":-1,"clientOrderId":"ID","transactTime":1760000000123,"origQty":"0.01","executedQty":"0.01","status":"FILLED","type":"MARKET","side":"BUY","fills":[{"price":"65736.8","qty":"0.01","commission":"0.00001","commissionAsset":"BTC","tradeId":56}]}`,
	`{"symbol":"BTCUSDT","orderId":28,"clientOrderId":"ID","origQty":"0.01","executedQty":"0.01","status":"FILLED","fills":[{"price":"-1","qty":"0.01","tradeId":56},{"price":"1","qty":"-1","tradeId":57}]}`,
	`{"orderId":1,"symbol":"BTCUSDT","clientOrderId":"hx1other"}`, `{"orderId":1,"symbol":"ETHUSDT"}`, `{"orderId":0,"symbol":"BTCUSDT"}`, `{"orderId":"","symbol":"BTCUSDT"}`, `{"orderId":null,"symbol":"BTCUSDT"}`, `{"symbol":"BTCUSDT"}`, `{}`, `[]`, `null`, `0`, ``, `<html>`,
	`{"code":-2019,"msg":"Margin is insufficient."}`, `{"code":-2010,"msg":"Account has insufficient balance for requested action."}`, `{"code":-2010,"msg":"Duplicate order sent."}`, `{"code":-2010,"msg":"new words"}`, `{"code":-1013,"msg":"Filter failure: LOT_SIZE"}`,
	`{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}`, `{"code":-1003,"msg":"Way too much request weight used; IP banned until 9223372036854775807."}`, `{"code":-1015,"msg":"Too many new orders"}`, `{"code":-4116,"msg":"ClientOrderId is duplicated."}`,
	`{"code":-1000,"msg":"An unknown error occurred while processing the request."}`, `{"code":-1007,"msg":"Timeout waiting for response from backend server."}`, `{"code":-99999,"msg":"new"}`, `{"code":-2015,"msg":"Invalid API-key, IP, or permissions for action."}`, `{"code":"-2019"}`, `{"code":200,"msg":"success"}`,
	`{"code":-2013,"msg":"Order does not exist."}`, `{"code":-2011,"msg":"Unknown order sent."}`, `{"code":-1121,"msg":"Invalid symbol."}`,
	`[{"symbol":"BTCUSDT","id":987654,"orderId":22542179,"side":"BUY","positionSide":"BOTH","price":"65012.3","qty":"0.010","commission":"0.26","commissionAsset":"USDT","time":1760000000123}]`,
	`[{"orderId":22542179,"symbol":"BTCUSDT","clientOrderId":"ID","status":"TELEPORTED","origQty":"0.01"}]`, `[{"orderId":22542179,"symbol":"BTCUSDT","clientOrderId":"ID","status":"FILLED","origQty":"0.01","executedQty":"0.01","updateTime":1760000000123}]`,
}

// fooled is an adapter of its own for each input, so that what it learned from one lie does not stand in the way of the next.
type fooled struct {
	*stage
	liars []*exchangesim.Liar
	n     int
}

func newFooled(f testing.TB) *fooled {
	s := newStage(f)
	return &fooled{stage: s, liars: []*exchangesim.Liar{exchangesim.StartLiar(f, s.perps), exchangesim.StartLiar(f, s.coins)}}
}

func (x *fooled) fresh(t *testing.T, p trading.Product) (*binance.Exchange, trading.Order) {
	t.Helper()
	// The limits of the exchange are those of a minute.
	x.pass(time.Minute)
	x.n++
	c := x.config()
	c.RestURL, c.SpotRestURL, c.Log, c.Patience = x.liars[0].URL, x.liars[1].URL, slog.New(slog.DiscardHandler), time.Millisecond
	a, err := binance.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	// What is made from now on was never sent before.
	x.pass(time.Second)
	o := x.order(fmt.Sprint("fuzz", x.n))
	if o.Product = p; p == trading.Spot {
		o.Leverage = 1
	}
	return a, o
}

// product and liar are what the first bit of a kind chooses.
func (x *fooled) choose(kind uint8) (trading.Product, *exchangesim.Liar, string) {
	if kind&1 == 0 {
		return trading.Linear, x.liars[0], "/fapi/v1/"
	}
	return trading.Spot, x.liars[1], "/api/v3/"
}

// speaksOf tells whether an answer names an order, or is a canceled one that is just like it.
func speaksOf(answer []byte, o trading.Order) bool {
	var row struct {
		Symbol string      `json:"symbol"`
		Qty    trading.Qty `json:"origQty"`
		Status string      `json:"status"`
	}
	like := json.Unmarshal(answer, &row) == nil && row.Symbol == o.Symbol && row.Qty.Equal(o.Qty) && row.Status == "CANCELED"
	return like || exchangetest.Names(answer, o)
}

// FuzzAnswerToASubmitIsBelievedNoFurtherThanItProves answers a submit with anything.
func FuzzAnswerToASubmitIsBelievedNoFurtherThanItProves(f *testing.F) {
	exchangetest.Seed(f, answers, 0, 1, 10, 11, 24, 25)
	x := newFooled(f)
	f.Fuzz(func(t *testing.T, kind uint8, answer []byte) {
		product, liar, api := x.choose(kind)
		status := exchangetest.Status(kind / 2)
		a, o := x.fresh(t, product)
		answer = exchangetest.Named(answer, o)
		liar.Lie(status, answer, "POST "+api+"order")
		r, err := a.Submit(t.Context(), o)
		if liar.Told() != 1 {
			t.Fatalf("the submit did not come: %v", err)
		}
		var no struct {
			Code int    `json:"code"`
			Text string `json:"msg"`
		}
		var yes struct {
			ID     json.RawMessage `json:"orderId"`
			Symbol string          `json:"symbol"`
			Link   string          `json:"clientOrderId"`
		}
		said := json.Unmarshal(answer, &no) == nil
		p := exchangetest.Proof{Unprocessed: status == 429 || status == 418}
		switch {
		case status < 300:
			_ = json.Unmarshal(answer, &yes)
			p.Taken = len(yes.ID) > 0 && string(yes.ID) != "null" && yes.Symbol == o.Symbol && (yes.Link == "" || yes.Link == string(o.ID))
		case status >= 400 && status < 500 && status != 408 && said:
			kind := binance.KindOfError(product, no.Code, no.Text)
			p.Refused, p.Unprocessed = kind == trading.Rejected, p.Unprocessed || kind == trading.Limited
		}
		p.Refused = p.Refused || status == 403 && no.Code == 0
		exchangetest.CheckSubmit(t, p, r, err, answer)
	})
}

// FuzzAnswerToALookupFindsNoOtherOrder answers every question about an order with anything.
func FuzzAnswerToALookupFindsNoOtherOrder(f *testing.F) {
	exchangetest.Seed(f, answers, 0, 1, 10, 11, 24, 25)
	x := newFooled(f)
	f.Fuzz(func(t *testing.T, kind uint8, answer []byte) {
		product, liar, api := x.choose(kind)
		a, o := x.fresh(t, product)
		answer = exchangetest.Named(answer, o)
		trades := "GET /fapi/v1/userTrades"
		if product == trading.Spot {
			trades = "GET /api/v3/myTrades"
		}
		about := [][]string{{"GET " + api + "order"}, {"GET " + api + "allOrders"}, {trades}, {"GET " + api + "order", "GET " + api + "allOrders", trades}}
		liar.Lie(exchangetest.Status(kind/2), answer, about[int(kind/32)%len(about)]...)
		r, found, err := a.Lookup(t.Context(), o)
		liar.Told()
		exchangetest.CheckLookup(t, o, r, found, err, answer, speaksOf)
	})
}

// FuzzAnswerToACancelEndsNoOtherOrder answers a cancel, and the question that follows it, with anything.
func FuzzAnswerToACancelEndsNoOtherOrder(f *testing.F) {
	exchangetest.Seed(f, answers, 0, 1, 10, 11, 24, 25)
	x := newFooled(f)
	f.Fuzz(func(t *testing.T, kind uint8, answer []byte) {
		product, liar, api := x.choose(kind)
		a, o := x.fresh(t, product)
		answer = exchangetest.Named(answer, o)
		about := [][]string{{"DELETE " + api + "order"}, {"DELETE " + api + "order", "GET " + api + "order"}}
		liar.Lie(exchangetest.Status(kind/2), answer, about[int(kind/32)%len(about)]...)
		// What is still open is asked about a few times, with pauses.
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		r, err := a.Cancel(ctx, o)
		liar.Told()
		exchangetest.CheckCancel(t, o, r, err, answer, speaksOf)
	})
}

// FuzzRowOfAnAnswerIsUsableOrLeftOut reads one row of the lists that Binance answers with.
func FuzzRowOfAnAnswerIsUsableOrLeftOut(f *testing.F) {
	for _, row := range []string{
		`{"symbol":"BTCUSDT","contractType":"PERPETUAL","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT","marginAsset":"USDT","filters":[{"filterType":"PRICE_FILTER","tickSize":"0.10"},{"filterType":"LOT_SIZE","minQty":"0.001","maxQty":"1000","stepSize":"0.001"},{"filterType":"MIN_NOTIONAL","notional":"100"}]}`,
		`{"symbol":"BTCUSDT","status":"TRADING","baseAsset":"BTC","quoteAsset":"USDT","isSpotTradingAllowed":true,"filters":[{"filterType":"PRICE_FILTER","tickSize":"0.01"},{"filterType":"LOT_SIZE","minQty":"-1","maxQty":"-9000","stepSize":"0.00001"},{"filterType":"NOTIONAL","minNotional":"-5"}]}`,
		`{"symbol":"BTCUSDT","positionSide":"SHORT","positionAmt":"0.010","entryPrice":"65012.3","updateTime":1760000000126}`, `{"symbol":"BTCUSDT","positionSide":"BOTH","positionAmt":"-1e3"}`, `{"filters":{}}`, `[]`, `null`,
		`{"symbol":"BTCUSDT","orderId":28,"clientOrderId":"hx1e","origQty":"0.1","executedQty":"-0.1","status":"FILLED","id":56,"price":"1","qty":"1"}`,
	} {
		f.Add(row)
	}
	s := newStage(f)
	f.Fuzz(func(t *testing.T, row string) {
		for _, product := range []trading.Product{trading.Linear, trading.Spot} {
			if i, ok, err := binance.ReadInstrument(product, row); ok && err == nil {
				exchangetest.CheckListing(t, []trading.Instrument{i}, []byte(row))
			}
			if r, err := s.ReadOrder(product, row, row); err == nil && r.Filled.IsNegative() {
				t.Fatalf("%q is the order %+v", row, r)
			}
		}
		_, _ = binance.ReadPosition(account, row)
	})
}

// FuzzFrameOfAStreamIsToldOnce hears anything on both private streams, twice: nothing is news a second time.
func FuzzFrameOfAStreamIsToldOnce(f *testing.F) {
	for _, frame := range []string{
		`{"e":"ORDER_TRADE_UPDATE","E":1760000000124,"T":1760000000123,"o":{"s":"BTCUSDT","c":"hx1e","S":"BUY","o":"MARKET","q":"0.010","p":"0","ap":"65012.3","sp":"0","x":"TRADE","X":"FILLED","i":22542179,"l":"0.010","z":"0.010","L":"65012.3","N":"USDT","n":"0.26","T":1760000000123,"t":987654,"m":false,"R":false,"ps":"BOTH","rp":"0","ot":"MARKET"}}`,
		`{"e":"ORDER_TRADE_UPDATE","o":{"s":"BTCUSDT","c":"hx1e","x":"NEW","X":"TELEPORTED","i":1}}`, `{"e":"ALGO_UPDATE","o":{"caid":"hx1e-s","aid":1,"s":"BTCUSDT","X":"TRIGGERED","ai":"22542180"}}`,
		`{"e":"ACCOUNT_UPDATE","a":{"m":"FUNDING_FEE"}}`, `{"e":"listenKeyExpired"}`, `{"o":{}}`, `{"e":"ORDER_TRADE_UPDATE","o":[]}`,
		`{"subscriptionId":0,"event":{"e":"executionReport","E":1760000000124,"s":"BTCUSDT","c":"hx1e","S":"BUY","o":"MARKET","q":"0.01","x":"TRADE","X":"FILLED","i":28,"l":"0.01","z":"0.01","L":"65736.8","n":"0.00001","N":"BTC","T":1760000000123,"t":56,"m":false,"C":""}}`,
		`{"event":{"e":"executionReport","s":"BTCUSDT","c":"x","C":"hx1e","x":"CANCELED","X":"CANCELED","i":28,"q":"0.01","z":"-0.01"}}`, `{"event":{"e":"eventStreamTerminated"}}`, `{"event":null}`,
	} {
		f.Add([]byte(frame))
	}
	x := newFooled(f)
	f.Fuzz(func(t *testing.T, frame []byte) {
		a, _ := x.fresh(t, trading.Linear)
		for _, hear := range []func(*binance.Exchange, exchange.Sink, []byte) error{binance.HearFutures, binance.HearSpot} {
			exchangetest.CheckToldOnce(t, frame, func(sink exchange.Sink) error { return hear(a, sink, frame) })
		}
	})
}

func TestAnAnswerAboutAnotherOrderIsNoAnswer(t *testing.T) {
	x := newFooled(t)
	for what, c := range map[string]struct {
		answer string
		found  bool
	}{
		"another id":            {`{"orderId":7,"symbol":"BTCUSDT","clientOrderId":"hx1other","side":"BUY","origQty":"0.01","status":"FILLED"}`, false},
		"no id":                 {`{"orderId":7,"symbol":"BTCUSDT","status":"NEW"}`, false},
		"another symbol":        {`{"orderId":7,"symbol":"ETHUSDT","clientOrderId":"ID","status":"NEW"}`, false},
		"ours":                  {`{"orderId":7,"symbol":"BTCUSDT","clientOrderId":"ID","side":"BUY","origQty":"0.01","status":"NEW"}`, true},
		"ours, by its cancel":   {`{"orderId":7,"symbol":"BTCUSDT","clientOrderId":"xYz12","side":"BUY","origQty":"0.01","status":"CANCELED"}`, true},
		"another, by no cancel": {`{"orderId":7,"symbol":"BTCUSDT","clientOrderId":"xYz12","side":"BUY","origQty":"0.02","status":"CANCELED"}`, false},
	} {
		a, o := x.fresh(t, trading.Spot)
		x.liars[1].Lie(200, exchangetest.Named([]byte(c.answer), o), "GET /api/v3/order")
		if r, found, err := a.Lookup(t.Context(), o); found != c.found || c.found == (err != nil) {
			t.Errorf("%s: had %+v, found %t, %v; want %t: the order would be given the end of another", what, r, found, err, c.found)
		}
	}
}
