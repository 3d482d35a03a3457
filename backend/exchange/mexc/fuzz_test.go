package mexc_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"testing"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangetest"
	"hoox/backend/exchange/mexc"
	"hoox/backend/trading"
)

// The answers that the targets begin with: what MEXC says, and what would be believed too easily.
var sayings = []string{
	`{"symbol":"BTCUSDT","orderId":"C02__1","clientOrderId":"hx1other","status":"NEW","origQty":"0.01"}`, `{"symbol":"ETHUSDT","orderId":"C02__1","clientOrderId":"","status":"NEW"}`, `{"success":true,"code":0,"data":{"orderId":"7","symbol":"BTC_USDT","externalOid":"hx1other","state":2,"vol":100,"dealVol":0}}`,
	`{"success":true,"code":0,"data":{"orderId":"739113577038255616","ts":1760000000123}}`, `{"success":true,"code":0,"data":"739113577038255616"}`, `{"success":true,"code":0,"data":739113577038255616}`, `{"success":true,"code":0,"data":0}`,
	`{"success":true,"code":0,"data":{"orderId":"7","errorCode":2005}}`, `{"success":true,"code":0,"data":{"errorCode":2005}}`, `{"success":true,"code":2005}`, `{"success":false,"code":0,"data":"7"}`, `{"success":true,"code":0,"data":null}`, `{"success":true,"code":0,"data":[]}`,
	`{"success":false,"code":2005,"message":"Balance insufficient"}`, `{"success":false,"code":2042,"message":"externalOid repeat"}`, `{"success":false,"code":510,"message":"Excessive frequency of requests"}`, `{"success":false,"code":513,"message":"The request time is invalid"}`, `{"success":false,"code":513,"message":"timed out"}`,
	`{"success":false,"code":500,"message":"internal"}`, `{"success":false,"code":3016,"message":"order timed out"}`, `{"success":false,"code":123456,"message":"new"}`, `{"success":false,"code":"2005"}`, `{"success":false,"code":2005.0}`, `{}`, `[]`, `null`, ``, `<html>`,
	`{"symbol":"BTCUSDT","orderId":"C02__468615423963070464","orderListId":-1,"price":"65012.3","origQty":"0.01","type":"MARKET","side":"BUY","transactTime":1760000000123}`, `{"orderId":"","symbol":"BTCUSDT"}`, `{"orderId":"x","clientOrderId":"hx1other"}`,
	`{"code":30004,"msg":"insufficient position"}`, `{"code":700003,"msg":"Timestamp for this request is outside of the recvWindow."}`, `{"code":-2013,"msg":"Order does not exist."}`, `{"code":30026,"msg":"Invalid order ids"}`, `{"code":700002,"msg":"Signature for this request is not valid."}`,
	`{"symbol":"BTCUSDT","orderId":"C02__1","clientOrderId":"ID","price":"65012.3","origQty":"0.01","executedQty":"0","status":"NEW","type":"LIMIT","side":"BUY","time":1760000000123}`, `{"symbol":"BTCUSDT","orderId":"C02__1","clientOrderId":"hx1other","status":"FILLED","executedQty":"0.01"}`,
	`{"success":true,"code":0,"data":{"orderId":"739113577038255616","symbol":"BTC_USDT","externalOid":"ID","price":0,"vol":100,"side":1,"category":1,"orderType":5,"state":2,"dealVol":0,"leverage":10,"openType":1,"createTime":1760000000123,"updateTime":1760000000124}}`,
	`{"success":true,"code":0,"data":{"orderId":"7","symbol":"BTC_USDT","externalOid":"hx1other","state":3,"vol":100,"dealVol":100}}`, `{"success":true,"code":0,"data":{"orderId":"7","symbol":"BTC_USDT","externalOid":"ID","state":99}}`,
	`[{"symbol":"BTCUSDT","id":"1X1","orderId":"C02__1","price":"65012.3","qty":"0.01","commission":"0.02","commissionAsset":"USDT","time":1760000000125,"isBuyer":true,"clientOrderId":"ID"}]`,
	`{"success":true,"code":0,"data":[{"id":9466823344,"symbol":"BTC_USDT","side":1,"vol":100,"price":65012.3,"fee":0.13,"feeCurrency":"USDT","orderId":"7","externalOid":"ID","timestamp":1760000000125}]}`,
}

// fooled is an adapter of its own for each input, so that what it learned from one lie does not stand in the way of the next.
type fooled struct {
	*stage
	liars []*exchangesim.Liar
	n     int
}

func newFooled(f testing.TB) *fooled {
	s := newStage(f, "100000", "100000")
	return &fooled{stage: s, liars: []*exchangesim.Liar{exchangesim.StartLiar(f, s.futures), exchangesim.StartLiar(f, s.spot)}}
}

// fresh is an adapter that knows the time and, of a lie to come, nothing; its questions end with ctx.
func (x *fooled) fresh(t *testing.T, p trading.Product) (context.Context, *mexc.Exchange, trading.Order) {
	t.Helper()
	x.clock.Pass(time.Minute)
	x.n++
	c := x.config()
	c.RestURL, c.SpotRestURL, c.Log, c.Patience = x.liars[0].URL, x.liars[1].URL, slog.New(slog.DiscardHandler), time.Millisecond
	a, err := mexc.New(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	// An exchange that wants silence is asked again when that is over, which nobody waits for here.
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	t.Cleanup(cancel)
	return ctx, a, x.order(fmt.Sprint("fuzz", x.n), p)
}

func (x *fooled) choose(kind uint8) (trading.Product, *exchangesim.Liar) {
	if kind&1 == 0 {
		return trading.Linear, x.liars[0]
	}
	return trading.Spot, x.liars[1]
}

// proofOf reads an answer to a submit without the adapter.
func proofOf(p trading.Product, o trading.Order, status int, answer []byte) exchangetest.Proof {
	var e struct {
		Success bool            `json:"success"`
		Code    json.RawMessage `json:"code"`
		Message string          `json:"message"`
		Msg     string          `json:"msg"`
		Data    json.RawMessage `json:"data"`
		ID      json.RawMessage `json:"orderId"`
		Link    string          `json:"clientOrderId"`
	}
	_ = json.Unmarshal(answer, &e)
	code, err := strconv.Atoi(strings.Trim(string(e.Code), `"`))
	coded := err == nil
	if p == trading.Spot {
		kind := mexc.SpotKind(code)
		return exchangetest.Proof{Taken: status == 200 && len(e.ID) > 0 && string(e.ID) != "null" && (e.Link == "" || e.Link == string(o.ID)), Refused: status == 403 || coded && kind == trading.Rejected,
			Unprocessed: status == 429 || status == 418 || coded && kind == trading.Limited}
	}
	inner := 0
	var data struct {
		Error int `json:"errorCode"`
	}
	if json.Unmarshal(e.Data, &data) == nil {
		inner = data.Error
	}
	said := e.Message
	if said == "" {
		said = e.Msg
	}
	kinds := map[trading.Kind]bool{mexc.FuturesKind(code): coded && code != 0, mexc.FuturesKind(inner): inner != 0}
	clock := code == 513 && mexc.ClockKind(said) == trading.Limited
	return exchangetest.Proof{Taken: e.Success && coded && code == 0 && len(e.Data) > 0 && inner == 0, Refused: status == 403 || kinds[trading.Rejected],
		Unprocessed: status == 429 || status == 418 || clock || kinds[trading.Limited]}
}

// FuzzAnswerToASubmitIsBelievedNoFurtherThanItProves answers a submit with anything.
func FuzzAnswerToASubmitIsBelievedNoFurtherThanItProves(f *testing.F) {
	exchangetest.Seed(f, sayings, 0, 1, 10, 11, 24, 25)
	x := newFooled(f)
	f.Fuzz(func(t *testing.T, kind uint8, answer []byte) {
		product, liar := x.choose(kind)
		ctx, a, o := x.fresh(t, product)
		answer = exchangetest.Named(answer, o)
		liar.Lie(exchangetest.Status(kind/2), answer, "POST /api/v1/private/order/create", "POST /api/v3/order")
		r, err := a.Submit(ctx, o)
		if told := liar.Told(); told > 1 || told == 0 && trading.KindOf(err) != trading.Unavailable {
			t.Fatalf("%d submits came: %v", told, err)
		} else if told == 1 {
			exchangetest.CheckSubmit(t, proofOf(product, o, exchangetest.Status(kind/2), answer), r, err, answer)
		}
	})
}

var questions = [][]string{
	{"GET /api/v1/private/order/external", "GET /api/v3/order"}, {"GET /api/v1/private/order/list/open_orders", "GET /api/v3/openOrders"},
	{"GET /api/v1/private/order/list/history_orders", "GET /api/v3/allOrders"}, {"GET /api/v1/private/order/list", "GET /api/v1/private/order/deal_details", "GET /api/v3/myTrades"},
}

// FuzzAnswerToALookupFindsNoOtherOrder answers questions about an order with anything.
func FuzzAnswerToALookupFindsNoOtherOrder(f *testing.F) {
	exchangetest.Seed(f, sayings, 0, 1, 10, 11, 24, 25)
	x := newFooled(f)
	f.Fuzz(func(t *testing.T, kind uint8, answer []byte) {
		product, liar := x.choose(kind)
		ctx, a, o := x.fresh(t, product)
		answer = exchangetest.Named(answer, o)
		liar.Lie(exchangetest.Status(kind/2), answer, questions[int(kind/32)%len(questions)]...)
		r, found, err := a.Lookup(ctx, o)
		liar.Told()
		exchangetest.CheckLookup(t, o, r, found, err, answer, speaksOf)
	})
}

// speaksOf tells whether an answer names an order, or no other and one that is just like it, or a canceled one like it.
func speaksOf(answer []byte, o trading.Order) bool {
	var row struct {
		Symbol string `json:"symbol"`
		Side   string `json:"side"`
		Link   string `json:"clientOrderId"`
		Status string `json:"status"`
	}
	like := o.Product == trading.Spot && json.Unmarshal(answer, &row) == nil && row.Symbol == o.Symbol && row.Side == "BUY" && (row.Link == "" || strings.HasSuffix(row.Status, "CANCELED"))
	return like || exchangetest.Names(answer, o)
}

// FuzzAnswerToACancelEndsNoOtherOrder answers a cancel, and the question that follows it, with anything.
func FuzzAnswerToACancelEndsNoOtherOrder(f *testing.F) {
	exchangetest.Seed(f, sayings, 0, 1, 10, 11, 24, 25)
	x := newFooled(f)
	f.Fuzz(func(t *testing.T, kind uint8, answer []byte) {
		product, liar := x.choose(kind)
		ctx, a, o := x.fresh(t, product)
		answer = exchangetest.Named(answer, o)
		about := []string{"POST /api/v1/private/order/cancel_with_external", "DELETE /api/v3/order"}
		if kind >= 128 {
			about = append(about, questions[0]...)
		}
		liar.Lie(exchangetest.Status(kind/2), answer, about...)
		r, err := a.Cancel(ctx, o)
		liar.Told()
		exchangetest.CheckCancel(t, o, r, err, answer, speaksOf)
	})
}

// FuzzRowOfAnAnswerIsUsableOrLeftOut reads the lists that MEXC answers with.
func FuzzRowOfAnAnswerIsUsableOrLeftOut(f *testing.F) {
	for _, row := range []string{
		`{"symbol":"BTC_USDT","baseCoin":"BTC","quoteCoin":"USDT","settleCoin":"USDT","contractSize":0.0001,"maxLeverage":500,"priceScale":1,"priceUnit":0.1,"volScale":0,"volUnit":1,"minVol":1,"maxVol":1000000,"takerFeeRate":0.0002,"makerFeeRate":0,"state":0,"apiAllowed":true}`,
		`{"symbol":"BTC_USDT","contractSize":0,"priceUnit":1e-1,"volUnit":1,"state":0,"apiAllowed":true}`, `{"symbol":"BTC_USDT","contractSize":-1,"priceUnit":0.1,"volUnit":-1,"maxLeverage":1e40,"state":0,"apiAllowed":true}`,
		`{"symbol":"BTCUSDT","status":"1","baseAsset":"BTC","quoteAsset":"USDT","baseAssetPrecision":8,"quotePrecision":2,"baseSizePrecision":"0.000001","quoteAmountPrecision":"1","isSpotTradingAllowed":true,"tradeSideType":1,"orderTypes":["LIMIT","MARKET"]}`,
		`{"symbol":"X","status":"1","baseAssetPrecision":-2147483648,"quotePrecision":2147483647,"isSpotTradingAllowed":true}`, `{"symbol":"X","status":"1","quotePrecision":99999999,"isSpotTradingAllowed":true}`, `null`, `{}`, `1`,
		`{"success":true,"code":0,"data":[{"positionId":1,"symbol":"BTC_USDT","positionType":2,"holdVol":100,"holdAvgPrice":65012.3,"leverage":10,"openType":1}]}`,
	} {
		f.Add(row)
	}
	f.Fuzz(func(t *testing.T, row string) {
		exchangetest.CheckListing(t, mexc.Listed("["+row+"]", "["+row+"]"), []byte(row))
		_, _ = mexc.ReadContract(row)
		_, _ = mexc.ReadPosition("0.0001", row)
		_, _ = mexc.ReadCoin(row)
		if f, err := mexc.ReadDeal("0.0001", row); err == nil && f.ID != "" && (!f.Qty.IsPositive() || !f.Price.IsPositive()) {
			t.Fatalf("%q is the fill %+v", row, f)
		}
		if n, err := mexc.Plain(row); err == nil && len(n) > len(row)+50 {
			t.Fatalf("%q is written as %d digits", row, len(n))
		}
	})
}

// FuzzMessageOfAStreamIsToldOnce hears anything on both private streams, twice: nothing is news a second time.
func FuzzMessageOfAStreamIsToldOnce(f *testing.F) {
	for _, message := range []string{
		`{"channel":"push.personal.order","data":{"orderId":"7","symbol":"BTC_USDT","externalOid":"hx1e","price":0,"vol":100,"side":1,"category":1,"orderType":5,"state":3,"dealVol":100,"updateTime":1760000000124},"ts":1760000000125}`,
		`{"channel":"push.personal.order.deal","data":{"id":9466823344,"symbol":"BTC_USDT","side":1,"vol":100,"price":65012.3,"fee":0.13,"feeCurrency":"USDT","orderId":"7","externalOid":"hx1e","timestamp":1760000000125}}`,
		`{"channel":"push.personal.order","data":{"orderId":"7","symbol":"BTC_USDT","externalOid":"hx1e","state":99}}`, `{"channel":"push.personal.order.deal","data":{"id":1,"symbol":"BTC_USDT","vol":-1,"price":1e3}}`,
		`{"channel":"push.personal.position","data":{"symbol":"BTC_USDT","positionType":1,"leverage":1e99}}`, `{"channel":"push.personal.position.mode","data":{"positionMode":1}}`, `{"channel":"push.personal.stop.planorder","data":{"id":1,"symbol":"BTC_USDT","state":3,"orderId":"8"}}`,
		`{"channel":"pong","data":1760000000125}`, `{"channel":"rs.error","data":"no"}`, `{"code":0,"msg":"spot@private.orders.v3.api.pb"}`, `{"channel":"push.personal.order","data":[]}`,
	} {
		f.Add([]byte(message))
	}
	f.Add(dealFrame())
	f.Add(dealFrame()[:40])
	x := newFooled(f)
	f.Fuzz(func(t *testing.T, message []byte) {
		_, a, _ := x.fresh(t, trading.Linear)
		for _, hear := range []func(*mexc.Exchange, exchange.Sink, []byte) error{mexc.HearFutures, mexc.HearSpot} {
			exchangetest.CheckToldOnce(t, message, func(sink exchange.Sink) error { return hear(a, sink, message) })
		}
	})
}

func TestAnAnswerAboutAnotherOrderIsNoAnswer(t *testing.T) {
	x := newFooled(t)
	for what, c := range map[string]struct {
		product trading.Product
		answer  string
		found   bool
	}{
		"another id":          {trading.Spot, `{"symbol":"BTCUSDT","orderId":"C02__1","clientOrderId":"hx1other","side":"BUY","status":"NEW","origQty":"0.01"}`, false},
		"another symbol":      {trading.Spot, `{"symbol":"ETHUSDT","orderId":"C02__1","clientOrderId":"ID","status":"NEW"}`, false},
		"another size":        {trading.Spot, `{"symbol":"BTCUSDT","orderId":"C02__1","clientOrderId":"","side":"BUY","status":"NEW","origQty":"0.02"}`, false},
		"ours":                {trading.Spot, `{"symbol":"BTCUSDT","orderId":"C02__1","clientOrderId":"ID","status":"NEW"}`, true},
		"ours, by no id":      {trading.Spot, `{"symbol":"BTCUSDT","orderId":"C02__1","side":"BUY","status":"NEW","origQty":"0.01"}`, true},
		"ours, by its cancel": {trading.Spot, `{"symbol":"BTCUSDT","orderId":"C02__1","clientOrderId":"x1","side":"BUY","status":"CANCELED","origQty":"0.01"}`, true},
		"another contract":    {trading.Linear, `{"success":true,"code":0,"data":{"orderId":"7","symbol":"ETH_USDT","externalOid":"ID","state":2,"vol":100}}`, false},
		"another future":      {trading.Linear, `{"success":true,"code":0,"data":{"orderId":"7","symbol":"BTC_USDT","externalOid":"hx1other","state":2,"vol":100}}`, false},
		"our future":          {trading.Linear, `{"success":true,"code":0,"data":{"orderId":"7","symbol":"BTC_USDT","externalOid":"ID","state":2,"vol":100}}`, true},
	} {
		ctx, a, o := x.fresh(t, c.product)
		for _, liar := range x.liars {
			liar.Lie(200, exchangetest.Named([]byte(c.answer), o), questions[0]...)
		}
		if r, found, err := a.Lookup(ctx, o); found != c.found || c.found == (err != nil) {
			t.Errorf("%s: had %+v, found %t, %v; want %t: the order would be given the end of another", what, r, found, err, c.found)
		}
	}
}
