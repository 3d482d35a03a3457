package bybit_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"hoox/backend/exchange/bybit"
	"hoox/backend/trading"
)

func TestMessagesInAnyOrderAndTwiceMakeOneTruth(t *testing.T) {
	type message struct{ kind, text string }
	row := func(status, filled, reason string) message {
		return message{"o", fmt.Sprintf(`{"category":"linear","orderId":"e-1","orderLinkId":"hx1a","symbol":"BTCUSDT","side":"Buy","orderStatus":%q,"qty":"3","cumExecQty":%q,"rejectReason":%q}`, status, filled, reason)}
	}
	execution := func(n int) message {
		return message{"x", fmt.Sprintf(`{"category":"linear","execId":"x-%d","orderId":"e-1","orderLinkId":"hx1a","symbol":"BTCUSDT","side":"Buy","execPrice":"100","execQty":"1","execType":"Trade","execTime":"1760000000455"}`, n)}
	}
	all := []message{row("New", "0", ""), row("PartiallyFilled", "1", ""), execution(1), execution(2), row("PartiallyFilled", "2", ""), execution(3), row("Filled", "3", "EC_NoError"),
		// A cancel that lost the race tells a second time that the order is filled.
		row("Filled", "3", "EC_OrigClOrdIDDoesNotExist"), row("Grown", "3", ""),
		{"x", `{"category":"linear","execId":"f-1","orderId":"","symbol":"BTCUSDT","execPrice":"100","execQty":"1","execType":"Funding"}`}}
	rapid.Check(t, func(t *rapid.T) {
		book := bybit.NewBook("bybit:testnet")
		messages := rapid.Permutation(append(all[:len(all):len(all)], rapid.SliceOfN(rapid.SampledFrom(all), 0, 8).Draw(t, "again")...)).Draw(t, "messages")
		var last trading.Report
		for _, m := range messages {
			r, news, err := book.Hear(m.kind, m.text)
			if err != nil {
				t.Fatal(err)
			}
			if !news {
				continue
			}
			if want := trading.QtyUnits(int64(len(r.Fills)), 0); !r.Filled.Equal(want) || r.Filled.Less(last.Filled) || r.OrderID != "hx1a" || r.ExchangeID != "e-1" {
				t.Fatalf("told %+v after %+v: what is filled is the sum of the fills and never shrinks", r, last)
			}
			if r.Status == trading.OrderFilled && r.Filled.String() != "3" {
				t.Fatalf("told filled with %s of 3", r.Filled)
			}
			last = r
		}
		if last.Status != trading.OrderFilled || last.Filled.String() != "3" {
			t.Fatalf("in the end told %+v, want filled", last)
		}
	})
}
