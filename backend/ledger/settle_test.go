package ledger_test

import (
	"testing"

	"hoox/backend/ledger"
	"hoox/backend/trading"
)

func TestAFeeInTheCoinThatWasBoughtIsTakenFromThePosition(t *testing.T) {
	bought := trading.Fill{Product: trading.Spot, Symbol: "BTCUSDT", Side: trading.Buy, Qty: trading.MustQty("0.01"), Price: trading.MustPrice("60000"),
		Fee: trading.MustMoney("0.00001"), FeeAsset: "BTC"}

	got := ledger.Settled(bought, "USDT")

	if got.Qty.String() != "0.00999" || got.Fee.String() != "0.6" || got.FeeAsset != "USDT" {
		t.Errorf("had %s with a fee of %s %s, want 0.00999 with 0.6 USDT: a close of 0.01 would be refused for lack of coins", got.Qty, got.Fee, got.FeeAsset)
	}
	p, _ := ledger.Apply(trading.Position{}, got)
	if p.Qty.String() != "0.00999" || p.Cost.String() != "599.4" {
		t.Errorf("position is %s for %s, want 0.00999 for 599.4", p.Qty, p.Cost)
	}
}

func TestOtherFeesLeaveTheFillAsItIs(t *testing.T) {
	fine := trading.Fill{Product: trading.Spot, Symbol: "BTCUSDT", Side: trading.Buy, Qty: trading.MustQty("0.01"), Price: trading.MustPrice("60000"), Fee: trading.MustMoney("0.6"), FeeAsset: "USDT"}
	for name, change := range map[string]func(*trading.Fill){
		"in quote":             func(*trading.Fill) {},
		"in a third coin":      func(f *trading.Fill) { f.FeeAsset = "BNB" },
		"of a perpetual":       func(f *trading.Fill) { f.Product, f.FeeAsset = trading.Linear, "BTC" },
		"of a like-named coin": func(f *trading.Fill) { f.FeeAsset = "TC" },
	} {
		f := fine
		change(&f)
		if got := ledger.Settled(f, "USDT"); got != f {
			t.Errorf("a fee %s changed the fill to %+v", name, got)
		}
	}
}
