package node_test

import (
	"testing"

	"hoox/backend/market"
	"hoox/backend/node"
	"hoox/backend/trading"
)

// TestPaperTwinsTradeAtLivePublicPrices has every exchange on this computer: a program on live prices listens to all of them.
func TestPaperTwinsTradeAtLivePublicPrices(t *testing.T) {
	at := map[trading.Exchange]*elsewhere{}
	for _, e := range realExchanges() {
		at[e] = openExchange(t, e)
		at[e].mode, at[e].config.Mode = trading.ModePaper, "paper"
	}
	h := runOn(t, at[trading.Bybit], t.TempDir(), func(c *node.Config) {
		c.Paper.Market = "live"
		c.Exchange.Binance, c.Exchange.MEXC = at[trading.Binance].config, at[trading.MEXC].config
	})
	for _, e := range realExchanges() {
		t.Run(string(e), func(t *testing.T) {
			v := &visit{house: h, x: at[e], product: trading.Linear}
			v.written, v.symbol = symbolOf(e, v.product)
			venue := market.Venue{Exchange: e, Mode: trading.ModePaper}
			v.until("the instruments are listed", func() bool { return len(v.Market.Instruments(venue)) > 0 })

			answer := v.say("LONG", `,"quantity":"0.01"`, "Filled")

			if had := answer.json["averagePrice"]; had != "60000.1" {
				t.Errorf("filled at %v, want 60000.1: the ask of the exchange", had)
			}
			for _, core := range v.x.cores() {
				if n := len(core.Orders()); n != 0 {
					t.Errorf("the exchange has %d orders, want none: paper moves nothing there", n)
				}
			}
			v.x.price(v.product, v.symbol, "61000")
			v.until("the price has come", func() bool {
				q, ok := v.Market.Quote(venue, trading.InstrumentKey{Product: trading.Linear, Symbol: v.symbol})
				return ok && q.Mark.Equal(trading.MustPrice("61000"))
			})
			closed := v.say("CLOSE", "", "Filled")
			if had := closed.json["averagePrice"]; had != "61000" {
				t.Errorf("closed at %v, want 61000: the bid of the exchange", had)
			}
		})
	}
}
