package bybit_test

import (
	"math/rand"
	"testing"
	"time"

	"hoox/backend/exchange/bybit"
	"hoox/backend/trading"
)

func TestSignaturesMatchTheVectors(t *testing.T) {
	at := time.UnixMilli(1700000000000)
	for _, v := range []struct{ payload, want string }{
		{`category=linear&symbol=BTCUSDT`, "fd4f31228a46109dc6673062328693696df9a96c7ff04e6491a45e7f63a0fdd7"},
		{`{"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "test-order-1"}`, "2df4a0603d69c08d5dea29ba85b46eb7db64ce9e9ebd34a7802a3d69700cb2a1"},
		{`{"category":"linear","symbol":"BTCUSDT","side":"Buy","orderType":"Market","qty":"0.001","orderLinkId":"vec-0001","positionIdx":0}`, "c66e102b9d38a171ed2e5ce864cb5ee2811cc79535046e35493f87de5f5ef144"},
	} {
		had := bybit.SignedHeader("test_api_key", "test_secret", at, 5*time.Second, v.payload)["X-BAPI-SIGN"]
		if had != v.want {
			t.Errorf("signature of %s is %s, want %s: every request would be refused", v.payload, had, v.want)
		}
	}
	if had, want := bybit.SignedLogin("test_secret", at), "bacffe7500499eb829bb58c45d36d1b3e5ac67c14eaeba91df5e99ccee013925"; had != want {
		t.Errorf("login signature is %s, want %s", had, want)
	}
}

func TestDocumentedRowsDecodeExactly(t *testing.T) {
	r, err := bybit.ReadOrder("bybit:testnet",
		`{"orderId":"9aac161b-8ed6-450d-9cab-c5cc67c21784","orderLinkId":"hx-1-e","symbol":"BTCUSDT","side":"Buy","positionIdx":0,"orderType":"Market","timeInForce":"IOC","price":"68260.10","qty":"0.010","orderStatus":"Filled","avgPrice":"65012.3","leavesQty":"0.000","leavesValue":"0","cumExecQty":"0.010","cumExecValue":"650.123","cumExecFee":"0.35756765","cumFeeDetail":{"USDT":"0.35756765"},"cancelType":"UNKNOWN","rejectReason":"EC_NoError","stopOrderType":"","triggerPrice":"","triggerDirection":0,"triggerBy":"","reduceOnly":false,"closeOnTrigger":false,"takeProfit":"72000","stopLoss":"64000","createdTime":"1760000000450","updatedTime":"1760000000456"}`,
		`{"category":"linear","symbol":"BTCUSDT","execId":"0ab1bdf7-4219-438b-b30a-32ec863018f7","orderId":"9aac161b-8ed6-450d-9cab-c5cc67c21784","orderLinkId":"hx-1-e","side":"Buy","execPrice":"65012.3","execQty":"0.010","execValue":"650.123","execFee":"0.35756765","feeCurrency":"USDT","feeRate":"0.00055","execType":"Trade","isMaker":false,"closedSize":"0","leavesQty":"0","orderQty":"0.010","orderType":"Market","stopOrderType":"UNKNOWN","execTime":"1760000000455","seq":140612148849382}`)
	if err != nil {
		t.Fatal(err)
	}
	if r.OrderID != "hx-1-e" || r.ExchangeID != "9aac161b-8ed6-450d-9cab-c5cc67c21784" || r.Status != trading.OrderFilled || r.Filled.String() != "0.01" || r.Reason != "" || r.At.UnixMilli() != 1760000000456 {
		t.Errorf("order is %+v", r)
	}
	f := r.Fills[0]
	if f.ID != "0ab1bdf7-4219-438b-b30a-32ec863018f7" || f.Price.String() != "65012.3" || f.Qty.String() != "0.01" || f.Fee.String() != "0.35756765" || f.FeeAsset != "USDT" || f.Side != trading.Buy || f.Maker || f.At.UnixMilli() != 1760000000455 {
		t.Errorf("fill is %+v", f)
	}
	p, err := bybit.ReadPosition("bybit:testnet", `{"positionIdx":0,"symbol":"BTCUSDT","side":"Buy","size":"0.010","avgPrice":"65012.3","positionValue":"650.123","leverage":"5","markPrice":"65100.00","liqPrice":"","positionIM":"131.2","positionMM":"3.4","takeProfit":"72000.00","stopLoss":"64000.00","trailingStop":"0.00","tpslMode":"Full","unrealisedPnl":"0.877","curRealisedPnl":"-0.357","cumRealisedPnl":"-12.3","positionStatus":"Normal","adlRankIndicator":2,"isReduceOnly":false,"tradeMode":0,"autoAddMargin":0,"seq":8327597863,"createdTime":"1759000000000","updatedTime":"1760000000002"}`)
	if err != nil {
		t.Fatal(err)
	}
	if p.Qty.String() != "0.01" || p.Cost.String() != "650.123" || p.Entry().String() != "65012.3" || p.Leverage != 5 || !p.Liquidation.IsZero() || p.Protection.StopLoss.String() != "64000" || p.Protection.TakeProfit[0].Price.String() != "72000" || p.OpenedAt.UnixMilli() != 1759000000000 {
		t.Errorf("position is %+v", p)
	}
}

func TestReturnCodesOutsideTheTableAreUnknown(t *testing.T) {
	dice := rand.New(rand.NewSource(7))
	for n := 0; n < 1000; {
		code := dice.Intn(4_000_000)
		if bybit.Listed(code) {
			continue
		}
		n++
		if kind := bybit.KindOfCode(code); kind != trading.Unknown {
			t.Fatalf("code %d is %s, want unknown: a new code must never lead to a second order", code, kind)
		}
	}
	for code, want := range map[int]trading.Kind{
		110007: trading.Rejected, 10001: trading.Rejected, 10004: trading.Rejected, 10006: trading.Limited, 10002: trading.Limited,
		110072: trading.Unknown, 170141: trading.Unknown, 10000: trading.Unknown, 10016: trading.Unknown, 170007: trading.Unknown,
	} {
		if had := bybit.KindOfCode(code); had != want {
			t.Errorf("code %d is %s, want %s", code, had, want)
		}
	}
}

func TestEveryReturnCodeMeansWhatIsDocumented(t *testing.T) {
	want := map[int]string{}
	for class, list := range map[string][]int{
		"done":      {0, 110043, 110025, 110026, 110027, 34040, 110001, 170213, 110008, 110010, 170139, 170142},
		"limited":   {10006, 10002, 10429, 170005, 170222},
		"duplicate": {110072, 170141, 10014},
		"rejected": {110004, 110006, 110007, 110012, 110014, 110044, 110045, 110051, 110052, 110053, 110131, 170131, 170033, 170207,
			110017, 110094, 110003, 110120, 110121, 170134, 170137, 170148, 170136, 170140, 170124, 170381, 170382, 170132, 170133, 170192,
			170193, 170194, 170371, 170372, 10001, 110013, 110086, 110090, 110021, 110089, 110036, 110038, 110009, 110020, 110061, 3400045,
			110024, 110028, 110029, 110022, 110023, 110034, 110092, 110093, 170202, 170203, 170204, 110074, 110063, 110066, 110103, 170151,
			170157, 170217, 170121, 10003, 10004, 10005, 10007, 10010, 33004, 10009, 10024, 10029, 110132, 10027, 10028, 110088, 110123,
			110125, 110124},
	} {
		for _, code := range list {
			want[code] = class
		}
	}
	had := bybit.Codes()
	for code, class := range want {
		if had[code] != class {
			t.Errorf("code %d is %q, want %s", code, had[code], class)
		}
	}
	for code, class := range had {
		if want[code] == "" {
			t.Errorf("code %d is %s in the table and not in the list of what is documented", code, class)
		}
	}
	for _, code := range []int{10000, 10016, 10403, 170001, 170007, 170032, 170035, 170146, 170147, 170234, 500000, 10019, 20003, 20006, 110079, 170191, 3400214} {
		if bybit.KindOfCode(code) != trading.Unknown {
			t.Errorf("code %d is %s, want unknown: its wording leaves open whether the order lives", code, bybit.KindOfCode(code))
		}
	}
}

func TestDocumentedWalletDecodesExactly(t *testing.T) {
	m, err := bybit.ReadWallet(`{"accountType":"UNIFIED","totalEquity":"1050.12","totalWalletBalance":"1040.00","coin":[{"coin":"USDT","equity":"1050.20","walletBalance":"1040.08","locked":"0","unrealisedPnl":"10.12","usdValue":"1050.12","availableToWithdraw":"","borrowAmount":"0"}]}`, "USDT")
	if err != nil || m.String() != "1040.08" {
		t.Errorf("balance is %s (%v), want 1040.08: the wallet without open profit", m, err)
	}
}
