package mexc_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"hoox/backend/exchange/mexc"
	"hoox/backend/trading"
)

func TestSignaturesAreThePublishedOnes(t *testing.T) {
	const spotSecret, futuresSecret = "45d0b3c26f2644f19bfb98b07741b2f5", "mxvectorsecret0001"
	for _, v := range []struct{ name, secret, target, want string }{
		{"M1", spotSecret, "symbol=BTCUSDT&side=BUY&type=LIMIT&quantity=1&price=11&recvWindow=5000&timestamp=1644489390087", "fd3e4e8543c5188531eb7279d68ae7d26a573d0fc5ab0d18eb692451654d837a"},
		{"M2", spotSecret, "symbol=BTCUSDT&side=BUY&type=LIMITquantity=1&price=11&recvWindow=5000&timestamp=1644489390087", "d1a676610ceb39174c8039b3f548357994b2a34139a8addd33baadba65684592"},
		{"M4", futuresSecret, `mxvectorkey00011700000000000{"symbol":"BTC_USDT","price":"60000","vol":"1","leverage":10,"side":1,"type":1,"openType":1,"externalOid":"vec-0001","positionMode":2}`, "7b05feb5fdaef5d30a248c062f8b40d5f72cd38e9f63e17bb86079c3829ca400"},
		{"M5", futuresSecret, "mxvectorkey00011700000000000", "130053c18bcdfac6c2c7c915d493a9e2cf52f9f07fe2192943979f70add53eba"},
		{"M6", futuresSecret, `mxvectorkey00011700000000000["101716841474621953"]`, "ee8cfc49107567f200f2448ec39cdb920c11dc748c6bba8991661594509acc45"},
	} {
		if had := mexc.Sign(v.secret, v.target); had != v.want {
			t.Errorf("%s: signature is %s, want %s: MEXC refuses any other", v.name, had, v.want)
		}
	}
	query := mexc.Sorted("symbol", "BTC_USDT", "page_size", "20", "page_num", "1", "states", "")
	if query != "page_num=1&page_size=20&symbol=BTC_USDT" {
		t.Errorf("query is %q, want it by name and without what is empty", query)
	}
	header := mexc.FuturesHeader("mxvectorkey0001", futuresSecret, time.UnixMilli(1700000000000), query)
	if header["Signature"] != "45cec2fe01a5bad54a6b67ca14d999b207fd3a3c0761559360a9ef1ef3a144ef" || header["Request-Time"] != "1700000000000" {
		t.Errorf("M3: header is %v", header)
	}
	spot := mexc.SpotQuery(spotSecret, time.UnixMilli(1644489390087), 5*time.Second, "symbol", "BTCUSDT", "side", "BUY", "type", "LIMIT", "quantity", "1", "price", "11")
	if !strings.HasSuffix(spot, "&signature=fd3e4e8543c5188531eb7279d68ae7d26a573d0fc5ab0d18eb692451654d837a") {
		t.Errorf("M1: query is %s", spot)
	}
}

func TestEveryCodeProvesWhatTheTableSays(t *testing.T) {
	kinds := func(kind func(int) trading.Kind, want trading.Kind, codes ...int) {
		t.Helper()
		for _, code := range codes {
			if had := kind(code); had != want {
				t.Errorf("code %d is %s, want %s", code, had, want)
			}
		}
	}
	kinds(mexc.FuturesKind, trading.Limited, 510, 2037)
	kinds(mexc.FuturesKind, trading.Unknown, 500, 501, 9999, 603, 3016, 513, 2042, 2040, 2041, 987654, -1)
	kinds(mexc.FuturesKind, trading.Rejected, 2005, 2018, 600, 2007, 2011, 2015, 2028, 2003, 2004, 2070, 2029, 2030, 2006, 2019, 2021, 2025, 2031,
		2038, 2013, 2014, 2016, 2034, 2036, 2022, 6001, 6002, 6003, 6004, 6005, 2008, 2009, 2043, 3001, 3002, 3003, 3004, 5001, 5002, 5003, 5004,
		1001, 1002, 8950, 8817, 401, 402, 403, 406, 506, 511, 604, 801, 601, 602, 701, 702, 703, 704, 200005, 200006, 300000, 300001)
	kinds(mexc.SpotKind, trading.Limited, 700003, 10073)
	kinds(mexc.SpotKind, trading.Unknown, 500, 503, 504, -2013, -2011, 30026, 987654)
	kinds(mexc.SpotKind, trading.Rejected, 26, 10098, 604, 801, 11444, 10101, 30004, 30005, 88015, 30002, 30003, 30029, 30010, 30032, 88013, 10095,
		10096, 10097, 10102, 700004, 700008, 33333, 44444, 730002, -1121, 30014, 30016, 30018, 30019, 30021, 30041, 10007, 60005, 730001, 700001,
		700002, 700005, 700006, 700007, 700011, 10072, 30020, 70011)
	if had := mexc.ClockKind("Request time is out of range"); had != trading.Limited {
		t.Errorf("513 about the time is %s, want limited: it was not processed", had)
	}
	if had := mexc.ClockKind("invalid request"); had != trading.Unknown {
		t.Errorf("513 about anything else is %s, want unknown", had)
	}
}

func TestNumbersKeepEveryDigit(t *testing.T) {
	for text, want := range map[string]string{
		"1.0E-4": "0.00010", "1e3": "1000", "-2.5E+1": "-25", "12.345e1": "123.45", "0.1": "0.1", "7E-8": "0.00000007", "null": "",
	} {
		if had, err := mexc.Plain(text); err != nil || had != want {
			t.Errorf("%s reads as %q (%v), want %q", text, had, err, want)
		}
	}
	for _, text := range []string{"1e99", "1ex", "1e"} {
		if had, err := mexc.Plain(text); err == nil {
			t.Errorf("%s reads as %q, want an error", text, had)
		}
	}
}

func TestAcknowledgementsComeInTwoShapes(t *testing.T) {
	for data, want := range map[string]string{
		`{"orderId":"739113577038255616","ts":1761888808839}`: "739113577038255616", `{"orderId":739113577038255616}`: "739113577038255616",
		`"739113577038255616"`: "739113577038255616", `739113577038255616`: "739113577038255616", `null`: "", ``: "", `{}`: "", `[]`: "", `0`: "",
	} {
		if had, code := mexc.CreatedID(data); had != want || code != 0 {
			t.Errorf("%s reads as %q with code %d, want %q", data, had, code, want)
		}
	}
	if _, code := mexc.CreatedID(`{"errorCode":2005}`); code != 2005 {
		t.Errorf("code is %d, want 2005: a success can hold a refusal", code)
	}
}

// same compares two things and their numbers by value.
func same(t *testing.T, what string, had, want any) {
	t.Helper()
	if d := cmp.Diff(want, had, cmp.Comparer(func(a, b trading.Price) bool { return a.Equal(b) }), cmp.Comparer(func(a, b trading.Qty) bool { return a.Equal(b) }),
		cmp.Comparer(func(a, b trading.Money) bool { return a.Equal(b) }), cmp.Comparer(func(a, b trading.Ratio) bool { return a.Equal(b) })); d != "" {
		t.Errorf("%s differs (-want +had):\n%s", what, d)
	}
}

func TestFuturesSamplesReadExactly(t *testing.T) {
	i, err := mexc.ReadContract(`{"success":true,"code":0,"data":{"symbol":"BTC_USDT","baseCoin":"BTC","quoteCoin":"USDT","settleCoin":"USDT","contractSize":0.0001,"minLeverage":1,"maxLeverage":500,"priceScale":1,"priceUnit":0.1,"volScale":0,"volUnit":1,"minVol":1,"maxVol":1000000,"bidLimitPriceRate":0.1,"askLimitPriceRate":0.1,"takerFeeRate":0.0002,"makerFeeRate":0,"maxNumOrders":[200,50],"positionOpenType":3,"state":0,"apiAllowed":true,"futureType":1}}`)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "contract", i, trading.Instrument{
		Exchange: trading.MEXC, Product: trading.Linear, Symbol: "BTC_USDT", Base: "BTC", Quote: "USDT", TickSize: trading.MustPrice("0.1"),
		StepSize: trading.MustQty("0.0001"), MinQty: trading.MustQty("0.0001"), MaxQty: trading.MustQty("100"), MaxLeverage: 500, TakerFee: trading.MustRatio("0.0002"),
	})
	p, err := mexc.ReadPosition("0.0001", `{"success":true,"code":0,"data":[{"positionId":1109973831,"symbol":"BTC_USDT","positionType":2,"openType":1,"state":1,"holdVol":100,"frozenVol":0,"closeVol":0,"holdAvgPrice":65012.3,"openAvgPrice":65012.3,"openAvgPriceFullyScale":"65012.3","closeAvgPrice":0,"liquidatePrice":58800.1,"oim":65.1,"im":65.1,"holdFee":0,"realised":-0.13,"leverage":10,"marginRatio":0.004,"autoAddIm":false,"version":1,"createTime":1760000000450,"updateTime":1760000000456}]}`)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "position", p, trading.Position{
		Account: account, Product: trading.Linear, Symbol: "BTC_USDT", Slot: trading.SlotBoth, Qty: trading.MustQty("-0.01"), Cost: trading.MustMoney("650.123"),
		Leverage: 10, Liquidation: trading.MustPrice("58800.1"), OpenedAt: time.UnixMilli(1760000000450).UTC(), UpdatedAt: time.UnixMilli(1760000000456).UTC(),
	})
	f, err := mexc.ReadDeal("0.0001", `{"success":true,"code":0,"data":[{"id":"9466823344","symbol":"BTC_USDT","side":1,"vol":100,"price":65012.3,"fee":0.13002460,"feeCurrency":"USDT","profit":0,"category":1,"orderId":"739113577038255616","timestamp":1760000000455,"positionMode":2,"taker":true}]}`)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "fill", f, trading.Fill{
		ID: "9466823344", OrderID: "hx1a", Account: account, Product: trading.Linear, Symbol: "BTC_USDT", Slot: trading.SlotBoth, Side: trading.Buy,
		Qty: trading.MustQty("0.01"), Price: trading.MustPrice("65012.3"), Fee: trading.MustMoney("0.1300246"), FeeAsset: "USDT", At: time.UnixMilli(1760000000455).UTC(),
	})
}

func TestSpotSamplesReadExactly(t *testing.T) {
	i, err := mexc.ReadCoin(`{"symbols":[{"symbol":"BTCUSDT","status":"1","baseAsset":"BTC","baseAssetPrecision":8,"quoteAsset":"USDT","quotePrecision":2,"orderTypes":["LIMIT","MARKET","LIMIT_MAKER"],"isSpotTradingAllowed":true,"tradeSideType":"1","baseSizePrecision":"0.000001","quoteAmountPrecision":"1","quoteAmountPrecisionMarket":"1","maxQuoteAmount":"4000000","maxQuoteAmountMarket":"100000","makerCommission":"0","takerCommission":"0.0005"}]}`)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "symbol", i, trading.Instrument{
		Exchange: trading.MEXC, Product: trading.Spot, Symbol: "BTCUSDT", Base: "BTC", Quote: "USDT", TickSize: trading.MustPrice("0.01"),
		StepSize: trading.MustQty("0.000001"), MinQty: trading.MustQty("0.000001"), MinNotional: trading.MustMoney("1"), MaxLeverage: 1, TakerFee: trading.MustRatio("0.0005"),
	})
	status, qty, f, err := mexc.ReadSpot(
		`{"symbol":"BTCUSDT","orderId":"C02__468615423963070464","orderListId":-1,"clientOrderId":"hx1-e","price":"65012.3","origQty":"0.000768","executedQty":"0.000768","cummulativeQuoteQty":"49.929446","status":"FILLED","timeInForce":null,"type":"MARKET","side":"BUY","stopPrice":null,"time":1760000000123,"updateTime":1760000000130,"isWorking":true,"origQuoteOrderQty":"50"}`,
		`[{"symbol":"BTCUSDT","id":"468615423979847680X1","orderId":"C02__468615423963070464","orderListId":-1,"price":"65012.3","qty":"0.000768","quoteQty":"49.929446","commission":"0.024964723","commissionAsset":"USDT","time":1760000000125,"isBuyer":true,"isMaker":false,"isBestMatch":true,"isSelfTrade":false,"clientOrderId":"hx1-e"}]`)
	if err != nil || status != trading.OrderFilled || !qty.Equal(trading.MustQty("0.000768")) {
		t.Errorf("order reads as %s of %s (%v), want filled of 0.000768", status, qty, err)
	}
	want := trading.Fill{
		ID: "468615423979847680X1", OrderID: "hx1-e", Account: account, Product: trading.Spot, Symbol: "BTCUSDT", Slot: trading.SlotBoth, Side: trading.Buy,
		Qty: trading.MustQty("0.000768"), Price: trading.MustPrice("65012.3"), Fee: trading.MustMoney("0.024964723"), FeeAsset: "USDT", At: time.UnixMilli(1760000000125).UTC(),
	}
	same(t, "fill", f, want)
	framed, err := mexc.ReadDealFrame(dealFrame())
	if err != nil {
		t.Fatal(err)
	}
	same(t, "fill from a frame", framed, want)
}

// dealFrame is the same fill as the stream tells it, with fields that nobody knows.
func dealFrame() []byte {
	number := func(b []byte, n uint64) []byte {
		for ; n >= 0x80; n >>= 7 {
			b = append(b, byte(n)|0x80)
		}
		return append(b, byte(n))
	}
	say := func(b []byte, field uint64, text string) []byte {
		return append(number(number(b, field<<3|2), uint64(len(text))), text...)
	}
	count := func(b []byte, field, n uint64) []byte { return number(number(b, field<<3), n) }
	body := say(say(nil, 1, "65012.3"), 2, "0.000768")
	body = count(say(say(say(body, 7, "468615423979847680X1"), 8, "hx1-e"), 9, "C02__468615423963070464"), 4, 1)
	body = count(say(say(body, 10, "0.024964723"), 11, "USDT"), 12, 1760000000125)
	body = append(number(body, 99<<3|1), 1, 2, 3, 4, 5, 6, 7, 8)
	whole := count(say(say(nil, 1, "spot@private.deals.v3.api.pb"), 3, "BTCUSDT"), 6, 1760000000126)
	return append(number(append(number(whole, 77<<3|5), 1, 2, 3, 4), 306<<3|2), append(number(nil, uint64(len(body))), body...)...)
}

func FuzzFramesNeverPanic(f *testing.F) {
	f.Add(dealFrame())
	f.Add([]byte{})
	f.Add([]byte{0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01})
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	f.Add([]byte{0x92, 0x13, 0x02, 0x0a, 0x05})
	f.Fuzz(func(_ *testing.T, raw []byte) { _ = mexc.ReadFrame(raw) })
}

func TestCutFramesAreErrors(t *testing.T) {
	whole := dealFrame()
	for n := 1; n < len(whole); n++ {
		if _, err := mexc.ReadDealFrame(whole[:n]); err != nil {
			return
		}
	}
	t.Error("no cut of a frame is an error: half of a fill would be booked")
}
