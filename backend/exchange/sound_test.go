package exchange_test

import (
	"testing"

	"hoox/backend/exchange"
	"hoox/backend/trading"
)

func TestAnInstrumentThatCannotBeTradedIsLeftOut(t *testing.T) {
	good := trading.Instrument{Symbol: "BTCUSDT", TickSize: trading.MustPrice("0.1"), StepSize: trading.MustQty("0.001"), MaxLeverage: 1}
	if !exchange.Sound(good) {
		t.Error("want one without limits listed: an exchange need not tell any")
	}
	for what, spoil := range map[string]func(*trading.Instrument){
		"no name": func(i *trading.Instrument) { i.Symbol = "" }, "no tick": func(i *trading.Instrument) { i.TickSize = trading.Price{} },
		"a tick below zero": func(i *trading.Instrument) { i.TickSize = trading.MustPrice("-0.1") }, "no step": func(i *trading.Instrument) { i.StepSize = trading.Qty{} },
		"a step below zero": func(i *trading.Instrument) { i.StepSize = trading.MustQty("-1") }, "a limit below zero": func(i *trading.Instrument) { i.MaxQty = trading.MustQty("-1") },
		"a smallest quantity below zero": func(i *trading.Instrument) { i.MinQty = trading.MustQty("-1") }, "a worth below zero": func(i *trading.Instrument) { i.MinNotional = trading.MustMoney("-1") },
		"no leverage": func(i *trading.Instrument) { i.MaxLeverage = 0 },
	} {
		i := good
		spoil(&i)
		if exchange.Sound(i) {
			t.Errorf("%s is listed: prices would be rounded the wrong way, or nothing could be sized", what)
		}
	}
}
