package binance_test

import (
	"slices"
	"testing"

	"hoox/backend/exchange/binance"
	"hoox/backend/trading"
)

func TestEveryCodeProvesWhatTheListSays(t *testing.T) {
	limited := []int{-1003, -1015, -1021, -5028}
	unknown := []int{-4046, -4059, -5027, -4116, -2013, -2011, -1125}
	for _, p := range []trading.Product{trading.Spot, trading.Linear} {
		for _, code := range binance.Codes(p) {
			want := trading.Rejected
			if slices.Contains(limited, code) {
				want = trading.Limited
			}
			if slices.Contains(unknown, code) {
				want = trading.Unknown
			}
			if had := binance.KindOfError(p, code, ""); had != want {
				t.Errorf("%s %d is %s, want %s", p, code, had, want)
			}
		}
		for code := -9999; code <= 200; code++ {
			if !slices.Contains(binance.Codes(p), code) && binance.KindOfError(p, code, "whatever it says") != trading.Unknown {
				t.Errorf("%s %d is %s, want unknown: a code that nobody knows proves nothing", p, code, binance.KindOfError(p, code, "whatever it says"))
			}
		}
		for _, code := range []int{-1000, -1001, -1006, -1007, -1008} {
			if had := binance.KindOfError(p, code, ""); had != trading.Unknown {
				t.Errorf("%s %d is %s, want unknown: the order may live", p, code, had)
			}
		}
	}
}

func TestTwoCodesProveSomethingByTheirTextOnly(t *testing.T) {
	for _, c := range []struct {
		code int
		text string
		want trading.Kind
	}{
		{-2010, "Duplicate order sent.", trading.Unknown},
		{-2010, "Account has insufficient balance for requested action.", trading.Rejected},
		{-2010, "Order would immediately match and take.", trading.Rejected},
		{-2010, "Order would trigger immediately.", trading.Rejected},
		{-2010, "Market is closed.", trading.Rejected},
		{-2010, "This symbol is not permitted for this account.", trading.Rejected},
		{-2010, "Something nobody has read before.", trading.Unknown},
		{-1013, "Filter failure: LOT_SIZE", trading.Rejected},
		{-1013, "Filter failure: NOTIONAL", trading.Rejected},
		{-1013, "Filter failure: PERCENT_PRICE_BY_SIDE", trading.Rejected},
		{-1013, "Market is closed.", trading.Rejected},
		{-1013, "Something nobody has read before.", trading.Unknown},
		{-2028, "", trading.Rejected},
	} {
		if had := binance.KindOfError(trading.Spot, c.code, c.text); had != c.want {
			t.Errorf("%d %q is %s, want %s", c.code, c.text, had, c.want)
		}
	}
}
