package ledger_test

import (
	"testing"

	"pgregory.net/rapid"

	"hoox/backend/ledger"
	"hoox/backend/trading"
)

func fill(side trading.Side, qty, price string) trading.Fill {
	return trading.Fill{Account: "bybit:paper", Product: trading.Linear, Symbol: "BTCUSDT", Slot: trading.SlotBoth,
		Side: side, Qty: trading.MustQty(qty), Price: trading.MustPrice(price)}
}

func TestPositionsUseAverageCost(t *testing.T) {
	steps := []struct {
		fill                 trading.Fill
		qty, entry, realized string
	}{
		{fill(trading.Buy, "1", "100"), "1", "100", "0"},
		{fill(trading.Buy, "1", "200"), "2", "150", "0"},
		{fill(trading.Sell, "0.5", "170"), "1.5", "150", "10"},
		{fill(trading.Sell, "1.5", "140"), "0", "0", "-15"},
		{fill(trading.Sell, "2", "100"), "-2", "100", "0"},
		{fill(trading.Buy, "1", "90"), "-1", "100", "10"},
		{fill(trading.Buy, "3", "80"), "2", "80", "20"},
	}
	var p trading.Position
	for i, s := range steps {
		var realized trading.Money
		p, realized = ledger.Apply(p, s.fill)
		if p.Qty.String() != s.qty || p.Entry().String() != s.entry || realized.String() != s.realized {
			t.Fatalf("step %d: had qty %s entry %s realized %s, want %s %s %s", i, p.Qty, p.Entry(), realized, s.qty, s.entry, s.realized)
		}
	}
}

func TestNoMoneyAppearsOrVanishes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var p trading.Position
		var realized, cash trading.Money
		for range rapid.IntRange(1, 30).Draw(t, "fills") {
			f := fill(rapid.SampledFrom([]trading.Side{trading.Buy, trading.Sell}).Draw(t, "side"), "1", "1")
			f.Qty = trading.QtyUnits(rapid.Int64Range(1, 5000).Draw(t, "qty"), -3)
			f.Price = trading.PriceUnits(rapid.Int64Range(1, 100000).Draw(t, "price"), -1)
			var r trading.Money
			p, r = ledger.Apply(p, f)
			realized = realized.Add(r)
			worth := trading.Notional(f.Price, f.Qty)
			if f.Side == trading.Buy {
				worth = worth.Neg()
			}
			cash = cash.Add(worth)
		}
		mark := trading.PriceUnits(rapid.Int64Range(1, 100000).Draw(t, "mark"), -1)
		want := cash.Add(trading.Notional(mark, p.Qty))
		have := realized.Add(p.Unrealized(mark))
		// Average cost divides; 18 digits a division leave less than a billionth of a cent over 30 fills.
		if want.Sub(have).Abs().More(trading.MustMoney("0.00000000001")) {
			t.Fatalf("books say %s, cash says %s", have, want)
		}
		if p.Qty.IsZero() && !p.Cost.IsZero() {
			t.Fatalf("a flat position still costs %s", p.Cost)
		}
	})
}
