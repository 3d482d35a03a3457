package bybit_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"hoox/backend/exchange"
	"hoox/backend/exchange/bybit"
	"hoox/backend/exchange/exchangesim"
	"hoox/backend/exchange/exchangetest"
	"hoox/backend/trading"
)

// The answers that the targets begin with: what Bybit says, and what would be believed too easily.
var answers = []string{
	`{"retCode":0,"retMsg":"OK","result":{"orderId":"9aac161b","orderLinkId":"ID"},"retExtInfo":{},"time":1760000000456}`, `{"retCode":0,"result":{"orderId":"9aac161b"}}`,
	`{"retCode":0,"result":{}}`, `{"retCode":0,"result":{"orderId":"9aac161b","orderLinkId":"hx1other"}}`, `{"retCode":0}`, `{"retCode":110007,"retMsg":"ab not enough for new order"}`,
	`{"retCode":110072,"retMsg":"OrderLinkedID is duplicate"}`, `{"retCode":10006,"retMsg":"Too many visits!"}`, `{"retCode":10002,"retMsg":"invalid request"}`, `{"retCode":10016,"retMsg":"Server error."}`,
	`{"retCode":999999,"retMsg":"new"}`, `{"retCode":"0","result":{"orderId":"x"}}`, `{"retCode":0.0,"result":{"orderId":"x"}}`, `{"retCode":null}`, `{"ret_code":0}`, `{}`, `[]`, `null`, ``, `<html>502 Bad Gateway</html>`,
	`{"retCode":110007,"retCode":0,"result":{"orderId":"x"}}`, `{"retCode":0,"result":[{"orderId":"x"}]}`, `{"retCode":-1}`, `{"retCode":10004,"retMsg":"error sign! origin_string[1760key]"}`,
	`{"retCode":0,"result":{"list":[{"orderId":"9aac161b","orderLinkId":"ID","symbol":"BTCUSDT","side":"Buy","orderType":"Market","qty":"0.01","orderStatus":"Filled","cumExecQty":"0.01","rejectReason":"EC_NoError","updatedTime":"1760000000456"}],"nextPageCursor":""}}`,
	`{"retCode":0,"result":{"list":[{"orderId":"9aac161b","orderLinkId":"ID","symbol":"BTCUSDT","orderStatus":"Teleported","qty":"0.01"}]}}`, `{"retCode":0,"result":{"list":[]}}`, `{"retCode":0,"result":{"list":null}}`,
	`{"retCode":0,"result":{"list":[{"execId":"0ab1bdf7","orderId":"9aac161b","orderLinkId":"ID","symbol":"BTCUSDT","side":"Buy","execPrice":"65012.3","execQty":"0.010","execFee":"0.35","feeCurrency":"USDT","execType":"Trade","execTime":"1760000000455"}]}}`,
	`{"retCode":0,"result":{"list":[{"symbol":"BTCUSDT","contractType":"LinearPerpetual","status":"Trading","baseCoin":"BTC","quoteCoin":"USDT","priceFilter":{"tickSize":"0.10"},"lotSizeFilter":{"minOrderQty":"0.001","qtyStep":"0.001","maxOrderQty":"1190","minNotionalValue":"5"},"leverageFilter":{"maxLeverage":"100.00"}}],"nextPageCursor":""}}`,
	`{"retCode":0,"result":{"list":[{"symbol":"BTCUSDT","status":"Trading","contractType":"LinearPerpetual","priceFilter":{"tickSize":"-0.1"},"lotSizeFilter":{"qtyStep":"0.001"}}]}}`,
	`{"retCode":0,"result":{"list":[{"positionIdx":0,"symbol":"BTCUSDT","side":"Buy","size":"0.010","avgPrice":"65012.3","positionValue":"650.123","leverage":"5","stopLoss":"64000.00","tpslMode":"Full","createdTime":"1759000000000"}]}}`,
}

// fooled is an adapter of its own for each input, so that what it learned from one lie does not stand in the way of the next.
type fooled struct {
	*stage
	liar *exchangesim.Liar
	n    int
}

func newFooled(f testing.TB) *fooled {
	s := newStage(f)
	return &fooled{stage: s, liar: exchangesim.StartLiar(f, s.server)}
}

func (x *fooled) fresh(t *testing.T) (*bybit.Exchange, trading.Order) {
	t.Helper()
	x.pass(2 * time.Second)
	x.n++
	a, err := bybit.New(exchange.Config{Account: account, Addresses: exchange.Addresses{RestURL: x.liar.URL, PrivateURL: "ws" + strings.TrimPrefix(x.liar.URL, "http")},
		Key: func() string { return x.key }, Secret: func() string { return x.secret }, Now: x.clock.Now, Log: slog.New(slog.DiscardHandler), Patience: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a, x.order(fmt.Sprint("fuzz", x.n))
}

// FuzzAnswerToASubmitIsBelievedNoFurtherThanItProves answers a submit with anything.
func FuzzAnswerToASubmitIsBelievedNoFurtherThanItProves(f *testing.F) {
	exchangetest.Seed(f, answers, 0, 13)
	x := newFooled(f)
	f.Fuzz(func(t *testing.T, kind uint8, answer []byte) {
		status := exchangetest.Status(kind)
		a, o := x.fresh(t)
		answer = exchangetest.Named(answer, o)
		x.liar.Lie(status, answer, "POST /v5/order/create")
		r, err := a.Submit(t.Context(), o)
		if x.liar.Told() != 1 {
			t.Fatalf("the submit did not come: %v", err)
		}
		var e struct {
			Code   *int            `json:"retCode"`
			Result json.RawMessage `json:"result"`
		}
		var ids struct {
			OrderID string `json:"orderId"`
			Link    string `json:"orderLinkId"`
		}
		p := exchangetest.Proof{Unprocessed: status == 403}
		if json.Unmarshal(answer, &e) == nil && e.Code != nil && status == 200 {
			acked := json.Unmarshal(e.Result, &ids) == nil && ids.OrderID != "" && (ids.Link == "" || ids.Link == string(o.ID))
			p = exchangetest.Proof{Taken: *e.Code == 0 && acked, Refused: bybit.Listed(*e.Code) && bybit.KindOfCode(*e.Code) == trading.Rejected,
				Unprocessed: bybit.Listed(*e.Code) && bybit.KindOfCode(*e.Code) == trading.Limited}
		}
		exchangetest.CheckSubmit(t, p, r, err, answer)
	})
}

// FuzzAnswerToALookupFindsNoOtherOrder answers every question about an order with anything.
func FuzzAnswerToALookupFindsNoOtherOrder(f *testing.F) {
	exchangetest.Seed(f, answers, 0, 13)
	x := newFooled(f)
	f.Fuzz(func(t *testing.T, kind uint8, answer []byte) {
		a, o := x.fresh(t)
		answer = exchangetest.Named(answer, o)
		about := [][]string{{"GET /v5/order/realtime"}, {"GET /v5/order/history"}, {"GET /v5/execution/list"}, {"GET /v5/order/realtime", "GET /v5/order/history", "GET /v5/execution/list"}}
		x.liar.Lie(exchangetest.Status(kind), answer, about[int(kind/16)%len(about)]...)
		r, found, err := a.Lookup(t.Context(), o)
		x.liar.Told()
		exchangetest.CheckLookup(t, o, r, found, err, answer, exchangetest.Names)
	})
}

// FuzzAnswerToACancelEndsNoOtherOrder answers a cancel, and the question that follows it, with anything.
func FuzzAnswerToACancelEndsNoOtherOrder(f *testing.F) {
	exchangetest.Seed(f, answers, 0, 13)
	x := newFooled(f)
	f.Fuzz(func(t *testing.T, kind uint8, answer []byte) {
		a, o := x.fresh(t)
		answer = exchangetest.Named(answer, o)
		about := [][]string{{"POST /v5/order/cancel"}, {"POST /v5/order/cancel", "GET /v5/order/realtime"}}
		x.liar.Lie(exchangetest.Status(kind), answer, about[int(kind/16)%len(about)]...)
		// What is still open is asked about a few times, with pauses.
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		r, err := a.Cancel(ctx, o)
		x.liar.Told()
		exchangetest.CheckCancel(t, o, r, err, answer, exchangetest.Names)
	})
}

// FuzzRowOfAnAnswerIsUsableOrLeftOut reads one row of the lists that Bybit answers with.
func FuzzRowOfAnAnswerIsUsableOrLeftOut(f *testing.F) {
	for _, row := range []string{
		`{"symbol":"BTCUSDT","contractType":"LinearPerpetual","status":"Trading","baseCoin":"BTC","quoteCoin":"USDT","priceFilter":{"tickSize":"0.10"},"lotSizeFilter":{"minOrderQty":"0.001","qtyStep":"0.001","maxOrderQty":"1190","minNotionalValue":"5"},"leverageFilter":{"maxLeverage":"100.00"}}`,
		`{"symbol":"BTCUSDT","status":"Trading","baseCoin":"BTC","quoteCoin":"USDT","priceFilter":{"tickSize":"0.01"},"lotSizeFilter":{"basePrecision":"0.000001","minOrderQty":"0.000048","minOrderAmt":"1","maxLimitOrderQty":"83"}}`,
		`{"symbol":"BTCUSDT","status":"Trading","contractType":"LinearPerpetual","priceFilter":{"tickSize":"-0.1"},"lotSizeFilter":{"qtyStep":"0.001"},"leverageFilter":{"maxLeverage":"10"}}`,
		`{"positionIdx":0,"symbol":"BTCUSDT","side":"Sell","size":"0.010","avgPrice":"65012.3","positionValue":"650.123","leverage":"5","stopLoss":"64000.00","tpslMode":"Full","createdTime":"1759000000000"}`,
		`{"positionIdx":2,"symbol":"","side":"None","size":"-1"}`, `{"coin":[{"coin":"USDT","walletBalance":"1000.5"},{"coin":"USDT","walletBalance":""}]}`, `[]`, `null`, `{"size":{}}`,
		`{"orderId":"1","symbol":"BTCUSDT","orderLinkId":"hx1","orderStatus":"Filled","cumExecQty":"-1","qty":"1e9"}`,
	} {
		f.Add(row)
	}
	f.Fuzz(func(t *testing.T, row string) {
		for _, product := range []trading.Product{trading.Linear, trading.Spot} {
			if i, ok := bybit.ReadInstrument(product, row); ok {
				exchangetest.CheckListing(t, []trading.Instrument{i}, []byte(row))
			}
		}
		if p, err := bybit.ReadPosition(account, row); err == nil && !p.Qty.IsZero() && p.Qty.IsPositive() != (p.Direction() == trading.Long) {
			t.Fatalf("%q is the position %+v", row, p)
		}
		_, _ = bybit.ReadWallet(row, "USDT")
		if r, err := bybit.ReadOrder(account, row, row); err == nil && r.Filled.IsNegative() {
			t.Fatalf("%q is the order %+v", row, r)
		}
	})
}

// FuzzFrameOfAStreamIsToldOnce hears anything on the private stream, twice: nothing is news a second time.
func FuzzFrameOfAStreamIsToldOnce(f *testing.F) {
	for _, row := range []string{
		`{"orderId":"9aac161b","orderLinkId":"hx1-e","category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Market","qty":"0.010","orderStatus":"Filled","cumExecQty":"0.010","updatedTime":"1760000000456"}`,
		`{"orderId":"9aac161b","orderLinkId":"hx1-e","category":"linear","symbol":"BTCUSDT","orderStatus":"Rejected","rejectReason":"EC_NoEnoughMoney"}`,
		`{"category":"linear","symbol":"BTCUSDT","execId":"0ab1","orderId":"9aac161b","orderLinkId":"hx1-e","side":"Buy","execPrice":"65012.3","execQty":"0.010","execFee":"0.3","feeCurrency":"USDT","execType":"Trade","execTime":"1760000000455"}`,
		`{"category":"linear","symbol":"BTCUSDT","execId":"0ab2","execType":"Funding","execQty":"-1"}`, `{"symbol":"BTCUSDT","positionIdx":1,"leverage":"x"}`,
	} {
		for _, topic := range []string{"order", "execution", "position", "order.linear", "wallet"} {
			f.Add([]byte(`{"topic":"` + topic + `","creationTime":1760000000457,"data":[` + row + `,` + row + `]}`))
		}
	}
	f.Add([]byte(`{"op":"pong"}`))
	f.Add([]byte(`{"topic":"order","data":{}}`))
	f.Fuzz(func(t *testing.T, frame []byte) {
		book := bybit.NewBook(account)
		exchangetest.CheckToldOnce(t, frame, func(sink exchange.Sink) error {
			told, err := book.HearAll(frame)
			for _, r := range told {
				if err := sink.Record(t.Context(), r); err != nil {
					return err
				}
			}
			return err
		})
	})
}

// FuzzFrameOfPricesMovesNoOtherPrice hears anything on the stream of prices.
func FuzzFrameOfPricesMovesNoOtherPrice(f *testing.F) {
	f.Add(`{"topic":"tickers.BTCUSDT","ts":1760000000457,"data":{"symbol":"BTCUSDT","markPrice":"65000.1","lastPrice":"65000"}}`)
	f.Add(`{"topic":"orderbook.1.BTCUSDT","ts":1760000000457,"type":"delta","data":{"s":"BTCUSDT","b":[["64999.9","0"],["64999.8","1.5"]],"a":[["65000.2","2"]],"u":1}}`)
	f.Add(`{"topic":"tickers.BTCUSDT","data":{"symbol":"BTCUSDT","markPrice":"-1"}}`)
	f.Add(`{"op":"subscribe","success":false,"ret_msg":"no"}`)
	f.Add(`{"topic":"orderbook.1.X","data":{"s":"X","b":[[]]}}`)
	f.Fuzz(func(t *testing.T, frame string) {
		p, err := bybit.NewPrices(exchange.PriceConfig{Mode: trading.ModeTestnet, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		key := trading.InstrumentKey{Product: trading.Linear, Symbol: "BTCUSDT"}
		if bybit.HearPrice(p, trading.Linear, frame) != nil {
			return
		}
		q, ok := p.Quote(trading.Bybit, key)
		if ok && (q.Mark.IsNegative() || q.Bid.IsNegative() || q.Ask.IsNegative() || !strings.Contains(frame, "BTCUSDT") && !q.Mark.IsZero()) {
			t.Fatalf("%q is the price %+v", frame, q)
		}
	})
}
